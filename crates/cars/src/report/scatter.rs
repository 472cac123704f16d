//! The population over accuracy and a size, generation by generation: old ones pale, new ones dark, one front on top. Says
//! nothing about architectures.

use std::fmt::Write as _;

use crate::config::Objective;
use crate::event::{Generation, Individual};

use super::plot::{Ends, Plot, range};
use super::text::{escape, percent, point, short};

/// A chart of accuracy against one size, with scales for some generations.
pub(super) struct Scatter {
    size: Objective,
    divisor: f64,
    plot: Plot,
}

/// The size of every chart of this kind, so that an accuracy is at the same height in all of them.
pub(super) const SIZE: (f64, f64) = (920.0, 460.0);

impl Scatter {
    /// An empty chart that has room for these generations.
    pub(super) fn new(generations: &[&Generation], size: Objective) -> Self {
        let all = || generations.iter().flat_map(|generation| &generation.individuals);
        let largest = all().map(|individual| value(individual, size)).fold(0.0, f64::max);
        let (divisor, unit) = unit(size, largest);
        let plot = Plot::new(
            SIZE,
            Ends::Round,
            (
                &format!("{} ({unit})", name(size)),
                range(all().map(|individual| value(individual, size) / divisor)),
            ),
            ("Accuracy on validation images (%)", range(all().map(|individual| 100.0 * individual.accuracy))),
        );
        Self { size, divisor, plot }
    }

    /// What accuracy is drawn against.
    pub(super) fn size(&self) -> Objective {
        self.size
    }

    /// Where an individual lies.
    pub(super) fn at(&self, individual: &Individual) -> (f64, f64) {
        let (x, y) = self.spot(individual);
        self.plot.at(x, y)
    }

    /// The border of what a front dominates, as steps; the data of a path. With more than two objectives, members may lie
    /// inside of it.
    pub(super) fn border(&self, generation: &Generation) -> String {
        let spots = super::members(generation).into_iter().map(|(_, individual)| self.spot(individual));
        self.plot.path(steps(spots.collect()).into_iter())
    }

    /// All generations, and the front of the last. Each part says which generation it is of, and each member of the front
    /// which network it is, for the script of the page.
    pub(super) fn draw(mut self, generations: &[&Generation]) -> String {
        let Some(last) = generations.last() else { return String::new() };
        let count = generations.len();
        let age = |index: usize| if count > 1 { 100 * index / (count - 1) } else { 100 };
        for (index, generation) in generations.iter().enumerate() {
            let attributes = format!("class=dots data-generation={index} style=--t:{}%", age(index));
            let spots: Vec<_> =
                generation.individuals.iter().map(|individual| self.spot(individual)).collect();
            self.plot.dots(&attributes, spots.into_iter());
        }
        for (index, generation) in generations.iter().enumerate().filter(|(index, _)| has_line(*index, count))
        {
            let border = self.border(generation);
            let age = age(index);
            self.plot.add(format_args!(
                "<path class=past data-generation={index} style=--t:{age}% d=\"{border}\"/>"
            ));
        }
        let front = self.front(last);
        self.plot.add(format_args!("{front}"));
        let size = name(self.size).to_lowercase();
        self.plot.finish_with_points(&format!("Accuracy against {size}, generation by generation"))
    }

    /// The front of a generation: its border, its members as links to their cells, and their numbers.
    fn front(&self, generation: &Generation) -> String {
        let mut front = format!("<g class=now><path class=border d=\"{}\"/>", self.border(generation));
        let mut labels: Vec<(f64, f64)> = Vec::new();
        for (number, individual) in super::members(generation) {
            let (x, y) = self.at(individual);
            let size = told(self.size, value(individual, self.size));
            let told = format!("{number}: {}, {size}", percent(individual.accuracy));
            front.push_str(&spot(number, individual.id, (x, y), &told));
            // A number that would lie on another is left out; the table has them all.
            if labels.iter().all(|(left, top)| (x - left).abs() > 16.0 || (y - top).abs() > 14.0) {
                labels.push((x, y));
                let (x, y) = (point(x - 8.0), point(y - 8.0));
                // Writing to a string cannot fail.
                let _ = write!(front, "<text class=number x={x} y={y}>{number}</text>");
            }
        }
        front + "</g>"
    }

    fn spot(&self, individual: &Individual) -> (f64, f64) {
        (value(individual, self.size) / self.divisor, 100.0 * individual.accuracy)
    }
}

/// A member of a front in any chart: a link to its cells with room around it for a pointer. `told` is what it is called.
pub(super) fn spot(number: usize, id: u64, (x, y): (f64, f64), told: &str) -> String {
    let (x, y) = (point(x), point(y));
    format!(
        "<a href=\"#n{number}\" data-network={id}><title>{}</title><path class=hit d=\"M{x} {y}h0\"/>\
         <circle class=front cx={x} cy={y} r=5 /></a>",
        escape(told)
    )
}

/// The border of what points dominate, as the corners of steps; `y` is better the greater it is.
pub(super) fn steps(mut spots: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    spots.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (x, y) in spots {
        match corners.last() {
            Some(&(_, best)) if y <= best => {}
            Some(&(_, best)) => corners.extend([(x, best), (x, y)]),
            None => corners.push((x, y)),
        }
    }
    corners
}

/// What an axis counts in, for sizes up to `largest`, and what that is called.
pub(super) fn unit(size: Objective, largest: f64) -> (f64, &'static str) {
    match size {
        Objective::Latency => (1.0, "milliseconds"),
        _ if largest >= 1e6 => (1e6, "million"),
        _ => (1e3, "thousand"),
    }
}

/// A size in words.
pub(super) fn told(size: Objective, value: f64) -> String {
    match size {
        Objective::Latency => format!("{value:.3} ms"),
        size => format!("{} {}", short(value as u64), name(size).to_lowercase()),
    }
}

/// What a size is called in a chart.
pub(super) const fn name(size: Objective) -> &'static str {
    match size {
        Objective::MultiplyAdds => "Multiply-adds an image",
        Objective::Latency => "Predicted latency",
        Objective::Parameters | Objective::Accuracy => "Parameters",
    }
}

/// The size of an individual; latency in milliseconds.
pub(super) fn value(individual: &Individual, size: Objective) -> f64 {
    match size {
        Objective::MultiplyAdds => individual.multiply_adds as f64,
        Objective::Latency => individual.latency.map_or(f64::NAN, |latency| latency.predicted_ms),
        Objective::Parameters | Objective::Accuracy => individual.parameters as f64,
    }
}

/// Whether an earlier front gets a line: some, evenly spread, so that they stay apart.
fn has_line(index: usize, count: usize) -> bool {
    index + 1 < count && index.is_multiple_of(count.div_ceil(LINES))
}

const LINES: usize = 6;
