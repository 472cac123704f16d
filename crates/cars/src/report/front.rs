//! The newest front in the report: its table, and the drawn cells of each member. The chart of it is in `scatter.rs`.

use std::fmt::Write as _;

use evolution::Origin;
use serde::Serialize;
use space::{AnyArchitecture, Primitive};

use crate::event::{Generation, Individual, Latency, Measured};

use super::cell::family;
use super::drawings::{self, FAMILIES};
use super::kept::DRAWINGS;
use super::members;
use super::text::{escape, grouped, percent};

/// What the operations of a network are shown as.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Mix {
    /// A bar: edges of both cells by family.
    Edges([usize; 4]),
    /// The network itself, where it is short enough.
    Text(String),
}

/// A generation in a few words.
pub(super) fn summary(generation: &Generation) -> String {
    format!(
        "epoch {} · {} on the front · hypervolume {:.4}",
        generation.epoch,
        members(generation).len(),
        generation.hypervolume
    )
}

/// What the figures of a network are called.
pub(super) fn columns(generation: &Generation) -> Vec<&'static str> {
    let mut columns = vec!["Parameters", "Multiply-adds"];
    if generation.individuals.iter().any(|individual| individual.latency.is_some()) {
        columns.extend(["Predicted ms", "Measured ms"]);
    }
    columns
}

/// The figures of a network that do not change from generation to generation, as text; latency as predicted with its
/// interval, and as measured at the end.
pub(super) fn figures(member: &Individual, measured: Option<&Measured>) -> Vec<String> {
    let mut figures = vec![grouped(member.parameters), grouped(member.multiply_adds)];
    let timed = measured.and_then(|measured| measured.networks.iter().find(|(id, _)| *id == member.id));
    let Some(latency) = timed.map(|(_, latency)| *latency).or(member.latency) else { return figures };
    let Latency { predicted_ms, interval_ms, interpolated_layers, measured_ms, spread_ms } = latency;
    let mut predicted = format!("{predicted_ms:.3}");
    if let Some([low, high]) = interval_ms {
        // Writing to a string cannot fail.
        let _ = write!(predicted, " ({low:.3} – {high:.3})");
    }
    if interpolated_layers > 0 {
        let _ = write!(predicted, ", {interpolated_layers} layers guessed");
    }
    let times = measured_ms.zip(spread_ms);
    let measured =
        times.map_or_else(|| "–".to_owned(), |(median, spread)| format!("{median:.3} ± {spread:.3}"));
    figures.extend([predicted, measured]);
    figures
}

/// How a network came about, in a few words.
pub(super) fn origin(member: &Individual) -> String {
    match member.origin {
        Origin::Initial => "drawn at first".to_owned(),
        Origin::Random => "drawn at random".to_owned(),
        Origin::Mutation { parent } => format!("mutation of {parent}"),
        Origin::Crossover { parents: [one, other] } => format!("crossover of {one} and {other}"),
    }
}

/// One row a member: number, accuracy, figures, and how many edges of each family it has.
pub(super) fn table(page: &mut String, generation: &Generation, measured: Option<&Measured>) {
    page.push_str("<div class=scroll><table id=front><thead><tr><th>#<th>Accuracy");
    for column in columns(generation) {
        let _ = write!(page, "<th>{column}");
    }
    page.push_str("<th class=text>Edges</thead><tbody>");
    for (number, member) in members(generation) {
        let id = member.id;
        let _ = write!(
            page,
            "<tr data-network={id}><td><a href=\"#n{number}\" data-network={id}>{number}</a><td>{}",
            percent(member.accuracy)
        );
        for figure in figures(member, measured) {
            let _ = write!(page, "<td>{figure}");
        }
        let _ = write!(page, "<td class=text>{}", edges(&mix(&member.genotype)));
    }
    page.push_str("</tbody></table></div>\n");
}

/// One card a member: both cells and the genotype as text.
pub(super) fn cells(page: &mut String, generation: &Generation) {
    page.push_str("<section><h2>Cells</h2>");
    drawings::key(page);
    let members = members(generation);
    for (number, member) in members.iter().take(DRAWINGS) {
        let _ = write!(
            page,
            "<article id=n{number} data-network={}><h3><b>{number}</b> {} <span>{} parameters · {} multiply-adds</span></h3>",
            member.id,
            percent(member.accuracy),
            grouped(member.parameters),
            grouped(member.multiply_adds),
        );
        drawings::cells(page, &member.genotype, &format!("network {number}"));
        page.push_str("</article>\n");
    }
    if members.len() > DRAWINGS {
        let _ = write!(
            page,
            "<p class=note>The cells of the {} larger networks are in front.json.</p>",
            members.len() - DRAWINGS
        );
    }
    page.push_str("</section>\n");
}

/// What a network is made of, in a table.
pub(super) fn mix(architecture: &AnyArchitecture) -> Mix {
    let Some(genotype) = architecture.darts() else { return Mix::Text(architecture.to_string()) };
    let edges = || genotype.normal.edges().chain(genotype.reduction.edges()).map(|(_, edge)| edge.primitive);
    Mix::Edges(FAMILIES.map(|(class, _)| edges().filter(|one: &Primitive| family(*one) == class).count()))
}

fn edges(mix: &Mix) -> String {
    let counts = match mix {
        Mix::Edges(counts) => counts,
        Mix::Text(text) => return escape(text),
    };
    let mut bar = String::from("<span class=mix>");
    for ((class, name), count) in FAMILIES.iter().zip(counts).filter(|(_, count)| **count > 0) {
        let _ = write!(bar, "<i class={class} style=\"flex-grow:{count}\" title=\"{count} {name}\"></i>");
    }
    bar + "</span>"
}
