//! The front as a table of plain text, for the end of a search.

use std::fmt::Write as _;

use crate::front::Front;

/// One line a member, from small to large, under a header with units.
pub fn front_table(front: &Front) -> String {
    let mut table = String::from("  #   accuracy   parameters   multiply-adds\n");
    for (index, member) in front.members.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{:3}    {:5.1} % {:12} {:15}",
            index + 1,
            100.0 * member.accuracy,
            grouped(member.parameters),
            grouped(member.multiply_adds)
        );
    }
    table
}

/// Digits in groups of three, which are easier to compare down a column.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
