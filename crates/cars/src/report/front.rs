//! The newest front in the report: its table, and the drawn cells of each member. The chart of it is in `scatter.rs`.

use std::fmt::Write as _;

use space::{AnyArchitecture, Primitive};

use crate::event::{Generation, Individual, Latency, Measured};

use super::cell::family;
use super::drawings::{self, FAMILIES};
use super::members;
use super::text::{escape, grouped, percent};

/// One row a member: number, accuracy, sizes, and how many edges of each family it has.
///
/// Where latency is an objective: as predicted with its interval, and as measured at the end.
pub(super) fn table(page: &mut String, generation: &Generation, measured: Option<&Measured>) {
    page.push_str(
        "<section><h2>Front</h2><div class=scroll><table><thead><tr><th>#<th>Accuracy<th>Parameters\
         <th>Multiply-adds",
    );
    if generation.individuals.iter().any(|individual| individual.latency.is_some()) {
        page.push_str("<th>Predicted ms<th>Measured ms");
    }
    page.push_str("<th class=text>Edges</thead><tbody>");
    for (number, member) in members(generation) {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<tr><td><a href=\"#n{number}\">{number}</a><td>{}<td>{}<td>{}{}<td class=text>{}",
            percent(member.accuracy),
            grouped(member.parameters),
            grouped(member.multiply_adds),
            latency(member, measured),
            mix(&member.genotype)
        );
    }
    page.push_str("</tbody></table></div>");
    if let Some(kendall) = measured.and_then(|measured| measured.kendall) {
        let _ = write!(
            page,
            "<p class=note>Predicted and measured latencies of the front agree in order with Kendall's tau {kendall:.2} \
             (1: the same order). Measured: median and distance of quartiles, at the end of the search.</p>"
        );
    }
    page.push_str("</section>\n");
}

/// Two fields of a row, or nothing where latency is no objective.
fn latency(member: &Individual, measured: Option<&Measured>) -> String {
    let timed = measured.and_then(|measured| measured.networks.iter().find(|(id, _)| *id == member.id));
    let Some(latency) = timed.map(|(_, latency)| *latency).or(member.latency) else { return String::new() };
    let Latency { predicted_ms, interval_ms, interpolated_layers, measured_ms, spread_ms } = latency;
    let mut text = format!("<td>{predicted_ms:.3}");
    if let Some([low, high]) = interval_ms {
        let _ = write!(text, " ({low:.3} – {high:.3})");
    }
    if interpolated_layers > 0 {
        let _ = write!(text, ", {interpolated_layers} layers guessed");
    }
    match measured_ms.zip(spread_ms) {
        Some((measured, spread)) => _ = write!(text, "<td>{measured:.3} ± {spread:.3}"),
        None => text.push_str("<td>–"),
    }
    text
}

/// One card a member: both cells and the genotype as text.
pub(super) fn cells(page: &mut String, generation: &Generation) {
    page.push_str("<section><h2>Cells</h2>");
    drawings::key(page);
    for (number, member) in members(generation) {
        let _ = write!(
            page,
            "<article id=n{number}><h3><b>{number}</b> {} <span>{} parameters · {} multiply-adds</span></h3>",
            percent(member.accuracy),
            grouped(member.parameters),
            grouped(member.multiply_adds),
        );
        drawings::cells(page, &member.genotype, &format!("network {number}"));
        page.push_str("</article>\n");
    }
    page.push_str("</section>\n");
}

/// A bar of the edges of both cells by family; a cell of NAS-Bench-201 is short enough to stand there itself.
fn mix(architecture: &AnyArchitecture) -> String {
    let Some(genotype) = architecture.darts() else { return escape(&architecture.to_string()) };
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
