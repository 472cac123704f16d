//! The drawn cells of a network side by side, and the key to their colours. One cell is drawn in `cell.rs`.

use std::fmt::Write as _;

use space::{AnyArchitecture, Cell, Genotype};

use super::cell;
use super::text::escape;

/// The families of primitives: their class in the style sheet and their name.
pub(super) const FAMILIES: [(&str, &str); 4] =
    [("sep", "separable convolution"), ("dil", "dilated convolution"), ("pool", "pooling"), ("skip", "skip")];

/// What the colours mean.
pub(super) fn key(page: &mut String) {
    page.push_str("<p class=key>");
    for (class, name) in FAMILIES {
        // Writing to a string cannot fail.
        let _ = write!(page, "<span><i class=\"swatch {class}\"></i>{name}</span>");
    }
    page.push_str("</p>\n");
}

/// Both cells of a network and its text; `whose` names the network to those who cannot see them. A cell of NAS-Bench-201 is
/// as plain in its text, and not drawn.
pub(super) fn cells(page: &mut String, network: &AnyArchitecture, whose: &str) {
    page.push_str("<div class=cells>");
    for (kind, cell) in network.darts().into_iter().flat_map(both) {
        let name = format!("{kind} cell of {whose}");
        let _ =
            write!(page, "<figure><figcaption>{kind} cell</figcaption>{}</figure>", cell::draw(cell, &name));
    }
    let _ = write!(
        page,
        "</div><details><summary>genotype</summary><code>{}</code></details>",
        escape(&network.to_string())
    );
}

fn both(genotype: &Genotype) -> [(&'static str, &Cell); 2] {
    [("normal", &genotype.normal), ("reduction", &genotype.reduction)]
}
