//! A front before and after retraining in the report: a table, both fronts over the number of parameters, and the two
//! accuracies against each other.

use std::fmt::Write as _;

use crate::retrained::{BeforeAfter, Retraining};

use super::plot::{Ends, Plot, range};
use super::text::{escape, grouped, percent, point};

/// The section on retraining.
pub(super) fn section(page: &mut String, retraining: &Retraining) {
    page.push_str(
        "<section><h2>Retraining</h2><p class=key><span><i class=\"swatch before\"></i>with the shared weights of the \
         search</span><span><i class=\"swatch after\"></i>trained alone</span></p><div class=row>",
    );
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<figure>{}</figure><figure>{}</figure></div><p class=note>{}. Trained alone, tested on {}.</p>\
         <div class=scroll><table><thead><tr><th>#<th>Parameters<th>Search<th>Trained alone</thead><tbody>",
        fronts(&retraining.networks),
        ranks(&retraining.networks),
        escape(&retraining.agreement_text()),
        escape(&retraining.data)
    );
    for network in &retraining.networks {
        let _ = write!(
            page,
            "<tr><td><a href=\"#n{0}\">{0}</a><td>{1}<td>{2}<td>{3}",
            network.number,
            grouped(network.parameters),
            percent(network.before),
            percent(network.after)
        );
    }
    page.push_str("</tbody></table></div></section>\n");
}

const SIZE: (f64, f64) = (420.0, 300.0);

/// Accuracy over parameters, twice: each network rises from where the search saw it to where training brought it.
fn fronts(networks: &[BeforeAfter]) -> String {
    let size = |network: &BeforeAfter| network.parameters as f64 / 1000.0;
    let mut plot = Plot::new(
        SIZE,
        Ends::Round,
        ("Parameters at the size of the search (thousand)", range(networks.iter().map(size))),
        ("Accuracy (%)", range(networks.iter().flat_map(|one| [100.0 * one.before, 100.0 * one.after]))),
    );
    for (class, accuracy) in [("before", before as fn(&BeforeAfter) -> f64), ("after", after)] {
        let spots = || networks.iter().map(|network| (size(network), accuracy(network)));
        plot.line(&format!("class=\"line {class}\""), spots());
        dots(&mut plot, class, networks, spots());
    }
    plot.finish("Accuracy of the front over parameters, before and after retraining")
}

/// The accuracy of each network in the search and after.
fn ranks(networks: &[BeforeAfter]) -> String {
    let mut plot = Plot::new(
        SIZE,
        Ends::Round,
        ("Accuracy in the search (%)", range(networks.iter().map(before))),
        ("Accuracy trained alone (%)", range(networks.iter().map(after))),
    );
    dots(&mut plot, "after", networks, networks.iter().map(|network| (before(network), after(network))));
    plot.finish("Accuracy trained alone over accuracy in the search")
}

fn before(network: &BeforeAfter) -> f64 {
    100.0 * network.before
}

fn after(network: &BeforeAfter) -> f64 {
    100.0 * network.after
}

fn dots(plot: &mut Plot, class: &str, networks: &[BeforeAfter], spots: impl Iterator<Item = (f64, f64)>) {
    for (network, (x, y)) in networks.iter().zip(spots) {
        let (x, y) = plot.at(x, y);
        plot.add(format_args!(
            "<circle class=\"spot {class}\" cx={} cy={} r=4><title>{}: {}, then {}</title></circle>",
            point(x),
            point(y),
            network.number,
            percent(network.before),
            percent(network.after)
        ));
    }
}
