//! The front as a table of plain text, for the end of a search.

use std::fmt::Write as _;

use crate::front::Front;

/// One line a member, from small to large, under a header with units.
pub fn front_table(front: &Front) -> String {
    let timed = front.members.iter().any(|member| member.latency.is_some());
    let mut table = String::from("  #   accuracy   parameters   multiply-adds");
    table.push_str(if timed { "   predicted ms   measured ms\n" } else { "\n" });
    for (index, member) in front.members.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            table,
            "{:3}    {:5.1} % {:>12} {:>15}",
            index + 1,
            100.0 * member.accuracy,
            grouped(member.parameters),
            grouped(member.multiply_adds)
        );
        if let Some(latency) = member.latency {
            let measured = latency.measured_ms.map_or("-".to_owned(), |measured| format!("{measured:.3}"));
            let _ = write!(table, " {:>14.3} {measured:>13}", latency.predicted_ms);
        }
        table.push('\n');
    }
    if let Some(kendall) = front.latency_kendall {
        let _ = writeln!(table, "order of predicted and measured times: Kendall {kendall:.2}");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::{Generation, Individual};

    #[test]
    fn columns_line_up() {
        let genotype = &space::named::find("cars-a").unwrap().genotype;
        let individual = |id, accuracy, parameters, multiply_adds| Individual {
            id,
            origin: evolution::Origin::Initial,
            accuracy,
            parameters,
            multiply_adds,
            latency: None,
            genotype: space::AnyArchitecture::Darts(genotype.clone()),
        };
        let generation = Generation {
            generation: 1,
            generations: 1,
            epoch: 1,
            evaluated: 2,
            individuals: vec![individual(0, 1.0, 1_234_567, 987_654_321), individual(1, 0.098, 999, 12_345)],
            front: vec![0, 1],
            hypervolume: 0.5,
            reference: vec![1.0, 2e6],
        };
        let front = Front::new(&Config::default().check().unwrap(), &generation);
        let expected = [
            "  #   accuracy   parameters   multiply-adds",
            "  1      9.8 %          999          12,345",
            "  2    100.0 %    1,234,567     987,654,321",
        ];
        assert_eq!(front_table(&front).lines().collect::<Vec<_>>(), expected);
    }
}
