//! How many survivors of a generation have which number of parameters, and how many of those are on the front: a histogram
//! with the same bins and the same height for all generations, so that they can be compared.

use std::fmt::Write as _;

use crate::event::{Generation, Individual};

use super::plot::{Ends, Plot, range};
use super::text::point;

const BINS: usize = 24;

/// Scales and bins for some generations.
pub(super) struct Sizes {
    plot: Plot,
    least: f64,
    width: f64,
}

impl Sizes {
    /// A histogram that has room for these generations.
    pub(super) fn new(generations: &[&Generation]) -> Self {
        let all = || generations.iter().flat_map(|generation| &generation.individuals).map(thousands);
        let (least, greatest) = range(all()).into_inner();
        // One size only still makes a bin.
        let width = if greatest > least { (greatest - least) / BINS as f64 } else { 1.0 };
        let highest = generations
            .iter()
            .flat_map(|generation| counts(least, width, generation.individuals.iter()))
            .max()
            .unwrap_or(1);
        let plot = Plot::new(
            (320.0, 230.0),
            Ends::Round,
            ("Parameters (thousand)", least..=least + BINS as f64 * width),
            ("Survivors", 0.0..=highest as f64),
        );
        Self { plot, least, width }
    }

    /// The bars of a generation as data of two paths: of all survivors, and of those on the front.
    pub(super) fn bars(&self, generation: &Generation) -> [String; 2] {
        let front = generation.front.iter().filter_map(|&index| generation.individuals.get(index));
        [
            self.path(counts(self.least, self.width, generation.individuals.iter())),
            self.path(counts(self.least, self.width, front)),
        ]
    }

    /// The histogram of a generation.
    pub(super) fn draw(mut self, generation: &Generation) -> String {
        let [all, front] = self.bars(generation);
        self.plot
            .add(format_args!("<path class=bar d=\"{all}\"/><path class=\"bar on-front\" d=\"{front}\"/>"));
        self.plot.finish("Survivors by number of parameters")
    }

    fn path(&self, counts: [usize; BINS]) -> String {
        let mut path = String::new();
        for (bin, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let left = self.least + bin as f64 * self.width;
            let (from, base) = self.plot.at(left, 0.0);
            let (to, top) = self.plot.at(left + self.width, count as f64);
            // Writing to a string cannot fail. Half a pixel is left free between neighbours.
            let _ = write!(
                path,
                "M{} {}V{}H{}V{}z",
                point(from + 0.5),
                point(base),
                point(top),
                point(to - 0.5),
                point(base)
            );
        }
        path
    }
}

fn counts<'a>(least: f64, width: f64, individuals: impl Iterator<Item = &'a Individual>) -> [usize; BINS] {
    let mut counts = [0; BINS];
    for individual in individuals {
        let bin = ((thousands(individual) - least) / width) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    counts
}

fn thousands(individual: &Individual) -> f64 {
    individual.parameters as f64 / 1000.0
}
