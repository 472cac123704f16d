//! What the script of a search's page knows: of each generation that is shown, its front and where that lies in the charts,
//! and of each network on one of these fronts its figures and cells. Coordinates and texts are made here, so that the
//! script places and writes but neither scales nor formats.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::event::{Generation, Individual, Measured};

use super::kept::DRAWINGS;
use super::operations::{Mixture, collapsed};
use super::scatter::Scatter;
use super::sizes::Sizes;
use super::text::{percent, tenth};
use super::{drawings, front, members};

/// All of it; one JSON element of the page.
#[derive(Debug, Serialize)]
pub(super) struct Live {
    /// What the figures of a network are called.
    columns: Vec<&'static str>,
    /// Classes and names of the parts of a bar of edges.
    families: [(&'static str, &'static str); 4],
    generations: Vec<Shown>,
    /// By their number in the search.
    networks: BTreeMap<u64, Network>,
    /// How many networks have drawings.
    drawings: usize,
}

/// A generation.
#[derive(Debug, Serialize)]
struct Shown {
    number: usize,
    summary: String,
    /// The place on the curve of hypervolume.
    volume: (f64, f64),
    /// The members from small to large: number in the search, height in the charts, accuracy.
    front: Vec<(u64, f64, String)>,
    /// The data of a path in each chart.
    borders: Vec<String>,
    /// The data of the two paths of the histogram.
    bars: [String; 2],
    /// In percent, in the order of the table.
    operations: Vec<String>,
    collapsed: bool,
}

/// A network, as far as it is the same in all generations.
#[derive(Debug, Serialize)]
struct Network {
    /// The place in each chart.
    x: Vec<f64>,
    figures: Vec<String>,
    mix: front::Mix,
    origin: String,
    /// Markup; none where the page has the drawings of the network elsewhere, or no room for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    cells: Option<String>,
}

/// The drawn parts of a page whose scales the script needs to know.
pub(super) struct Charts {
    pub(super) scatters: Vec<Scatter>,
    pub(super) volume: Vec<(f64, f64)>,
    pub(super) sizes: Sizes,
    pub(super) mixture: Mixture,
}

impl Live {
    /// What there is to know of these generations.
    pub(super) fn new(generations: &[&Generation], charts: &Charts, measured: Option<&Measured>) -> Self {
        let shown = generations.iter().zip(&charts.volume);
        let mut live = Self {
            columns: generations.last().map_or_else(Vec::new, |last| front::columns(last)),
            families: drawings::FAMILIES,
            generations: shown.map(|(generation, &volume)| Shown::new(generation, volume, charts)).collect(),
            networks: BTreeMap::new(),
            drawings: DRAWINGS,
        };
        let newest: BTreeSet<u64> = generations
            .last()
            .map_or_else(BTreeSet::new, |last| members(last).iter().map(|(_, member)| member.id).collect());
        let mut room = DRAWINGS.saturating_sub(newest.len());
        for (_, member) in generations.iter().rev().flat_map(|generation| members(generation)) {
            live.networks.entry(member.id).or_insert_with(|| {
                let draws = room > 0 && !newest.contains(&member.id);
                room -= usize::from(draws);
                Network::new(member, charts, measured, draws)
            });
        }
        live
    }
}

impl Shown {
    fn new(generation: &Generation, (x, y): (f64, f64), charts: &Charts) -> Self {
        let height =
            |member: &Individual| charts.scatters.first().map_or(0.0, |chart| tenth(chart.at(member).1));
        let members = members(generation);
        Self {
            number: generation.generation,
            summary: front::summary(generation),
            volume: (tenth(x), tenth(y)),
            front: members
                .into_iter()
                .map(|(_, member)| (member.id, height(member), percent(member.accuracy)))
                .collect(),
            borders: charts.scatters.iter().map(|chart| chart.border(generation)).collect(),
            bars: charts.sizes.bars(generation),
            operations: charts.mixture.shares(generation),
            collapsed: collapsed(generation),
        }
    }
}

impl Network {
    fn new(member: &Individual, charts: &Charts, measured: Option<&Measured>, draws: bool) -> Self {
        let cells = || {
            let mut cells = String::new();
            drawings::cells(&mut cells, &member.genotype, &format!("individual {}", member.id));
            cells
        };
        Self {
            x: charts.scatters.iter().map(|chart| tenth(chart.at(member).0)).collect(),
            figures: front::figures(member, measured),
            mix: front::mix(&member.genotype),
            origin: front::origin(member),
            cells: draws.then(cells),
        }
    }
}
