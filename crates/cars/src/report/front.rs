//! The newest front in the report: its table, and the drawn cells of each member. The chart of it is in `scatter.rs`.

use std::fmt::Write as _;

use space::{Genotype, Primitive};

use crate::event::Generation;

use super::cell::{self, family};
use super::members;
use super::text::{escape, grouped, percent};

/// One row a member: number, accuracy, sizes, and how many edges of each family it has.
pub(super) fn table(page: &mut String, generation: &Generation) {
    page.push_str(
        "<section><h2>Front</h2><div class=scroll><table><thead><tr><th>#<th>Accuracy<th>Parameters\
         <th>Multiply-adds<th class=text>Edges</thead><tbody>",
    );
    for (number, member) in members(generation) {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<tr><td><a href=\"#n{number}\">{number}</a><td>{}<td>{}<td>{}<td class=text>{}",
            percent(member.accuracy),
            grouped(member.parameters),
            grouped(member.multiply_adds),
            mix(&member.genotype)
        );
    }
    page.push_str("</tbody></table></div></section>\n");
}

/// One card a member: both cells and the genotype as text.
pub(super) fn cells(page: &mut String, generation: &Generation) {
    page.push_str("<section><h2>Cells</h2><p class=key>");
    for (class, name) in FAMILIES {
        let _ = write!(page, "<i class=\"swatch {class}\"></i><span>{name}</span>");
    }
    page.push_str("</p>\n");
    for (number, member) in members(generation) {
        let _ = write!(
            page,
            "<article id=n{number}><h3><b>{number}</b> {} <span>{} parameters · {} multiply-adds</span></h3><div class=cells>",
            percent(member.accuracy),
            grouped(member.parameters),
            grouped(member.multiply_adds),
        );
        for (kind, cell) in [("normal", &member.genotype.normal), ("reduction", &member.genotype.reduction)] {
            let name = format!("{kind} cell of network {number}");
            let _ = write!(
                page,
                "<figure><figcaption>{kind} cell</figcaption>{}</figure>",
                cell::draw(cell, &name)
            );
        }
        let _ = writeln!(
            page,
            "</div><details><summary>genotype</summary><code>{}</code></details></article>",
            escape(&member.genotype.to_string())
        );
    }
    page.push_str("</section>\n");
}

const FAMILIES: [(&str, &str); 4] =
    [("sep", "separable convolution"), ("dil", "dilated convolution"), ("pool", "pooling"), ("skip", "skip")];

/// A bar of the edges of both cells by family.
fn mix(genotype: &Genotype) -> String {
    let edges = || genotype.normal.edges().chain(genotype.reduction.edges()).map(|(_, edge)| edge.primitive);
    let total = edges().count().max(1);
    let mut bar = String::from("<span class=mix>");
    for (class, name) in FAMILIES {
        let count = edges().filter(|primitive: &Primitive| family(*primitive) == class).count();
        if count > 0 {
            let share = 100.0 * count as f64 / total as f64;
            let _ =
                write!(bar, "<i class=\"{class}\" style=\"width:{share:.1}%\" title=\"{count} {name}\"></i>");
        }
    }
    bar + "</span>"
}
