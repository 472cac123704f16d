//! What the cells of a generation are made of: the share of each operation among the edges of all survivors, beside that of
//! the first generation.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use space::{NasBench201Operation, Primitive};

use crate::check::Operations;
use crate::event::Generation;

use super::cell::family;

/// The operations that occur in some generations, in the order of their names.
pub(super) struct Mixture {
    names: BTreeSet<&'static str>,
    /// The greatest share of any of them, in percent: the length of a bar as wide as there is room.
    full: f64,
}

impl Mixture {
    /// The operations of these generations.
    pub(super) fn new(generations: &[&Generation]) -> Self {
        let shares = || generations.iter().flat_map(|generation| Operations::of(generation).shares);
        let full = shares().map(|(_, share)| 100.0 * share).fold(1.0, f64::max);
        Self { names: shares().map(|(name, _)| name).collect(), full }
    }

    /// Their shares in a generation, in percent, as text.
    pub(super) fn shares(&self, generation: &Generation) -> Vec<String> {
        let shares = Operations::of(generation).shares;
        self.names
            .iter()
            .map(|name| format!("{:.1}", 100.0 * shares.get(name).copied().unwrap_or_default()))
            .collect()
    }

    /// A bar for each share, with a mark where it was at first.
    pub(super) fn draw(&self, first: &Generation, shown: &Generation) -> String {
        let mut table = format!(
            "<table class=bars style=--full:{:.1}><caption>Operations of all survivors (share of edges)</caption><tbody>",
            self.full
        );
        for ((name, then), now) in self.names.iter().zip(self.shares(first)).zip(self.shares(shown)) {
            // Writing to a string cannot fail.
            let _ = write!(
                table,
                "<tr><th scope=row>{name}<td><i class={} style=\"--share:{now}\"></i>\
                 <s style=\"--at:{then}\" title=\"{then} % at first\"></s><td><span>{now}</span> %",
                colour(name)
            );
        }
        let hidden = if collapsed(shown) { "" } else { " hidden" };
        let _ = write!(
            table,
            "</tbody></table><p class=alarm id=collapsed{hidden}>At least half of all edges are skip connections: the \
             supernet may favour paths that train fast over paths that are good.</p>"
        );
        table
    }
}

/// Whether skip connections have taken over.
pub(super) fn collapsed(generation: &Generation) -> bool {
    Operations::of(generation).collapsed
}

/// The colour class of an operation of any space.
fn colour(name: &str) -> &'static str {
    let benchmark = || NasBench201Operation::ALL.into_iter().find(|operation| operation.name() == name);
    match (name.parse::<Primitive>(), benchmark()) {
        (Ok(primitive), _) => family(primitive),
        (_, Some(NasBench201Operation::Conv1x1 | NasBench201Operation::Conv3x3)) => "sep",
        (_, Some(NasBench201Operation::AvgPool3x3)) => "pool",
        (_, Some(NasBench201Operation::None | NasBench201Operation::SkipConnect) | None) => "skip",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_colour() {
        let colours = ["sep_conv_5x5", "dil_conv_3x3", "max_pool_3x3", "skip_connect"].map(colour);
        assert_eq!(colours, ["sep", "dil", "pool", "skip"]);
        assert_eq!(
            ["nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3", "none"].map(colour),
            ["sep", "sep", "pool", "skip"]
        );
    }
}
