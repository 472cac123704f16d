//! Several runs side by side: the sizes that survive, generation by generation, as a table and as an SVG file of its own.
//! This is how the small-model trap of the CARS paper shows.

use std::fmt::Write as _;

use crate::config::CheckedConfig;
use crate::event::{Event, Generation};

use super::history::History;
use super::plot::{Ends, Plot};
use super::text::{escape, grouped, percent, point};

/// A run to be compared.
#[derive(Debug)]
pub struct Compared {
    /// What to call it: the name of its directory.
    pub name: String,
    /// Its config.
    pub config: CheckedConfig,
    /// Its journal.
    pub events: Vec<Event>,
}

/// Least, upper median and greatest number of parameters in a population.
fn sizes(generation: &Generation) -> [u64; 3] {
    let mut sizes: Vec<u64> = generation.individuals.iter().map(|one| one.parameters).collect();
    sizes.sort_unstable();
    let at = |index: usize| sizes.get(index).copied().unwrap_or_default();
    [at(0), at(sizes.len() / 2), at(sizes.len().saturating_sub(1))]
}

/// One line a run: how it selects, and its last population.
pub fn comparison_table(runs: &[Compared]) -> String {
    let mut table = format!(
        "{:24} {:16} {:>11} {:>12} {:>12} {:>12} {:>8} {:>9} {:>12}\n",
        "run", "selection", "generations", "least", "median", "greatest", "span", "accuracy", "hypervolume"
    );
    for run in runs {
        let history = History::new(&run.events);
        let Some(last) = history.last() else {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{:24} no generation yet", run.name);
            continue;
        };
        let [least, median, greatest] = sizes(last);
        let best = last.individuals.iter().map(|one| one.accuracy).fold(0.0, f64::max);
        let _ = writeln!(
            table,
            "{:24} {:16} {:>11} {:>12} {:>12} {:>12} {:>8.2} {:>9} {:>12.4}",
            run.name,
            run.config.selection.method.name(),
            last.generation,
            grouped(least),
            grouped(median),
            grouped(greatest),
            greatest as f64 / least.max(1) as f64,
            percent(best),
            last.hypervolume
        );
    }
    table
}

/// The colours of the runs, in order; they start again after the last.
const COLOURS: [&str; 6] = ["#d0521b", "#2b5f9e", "#3f8f4f", "#7b4bb3", "#b8660a", "#5b6770"];

const STYLE: &str = "<style>text{font:13px sans-serif;fill:#62625d}.tick{font-size:12px}.grid{stroke:#e4e4df;fill:none}\
.axis{stroke:#62625d;fill:none}.median{fill:none;stroke-width:2.5}.band{fill-opacity:.14;stroke-opacity:.5}</style>";

/// Bands from the smallest to the largest survivor, with the median, by generation.
pub fn comparison_svg(runs: &[Compared]) -> String {
    let histories: Vec<History<'_>> = runs.iter().map(|run| History::new(&run.events)).collect();
    let generations = || histories.iter().flat_map(|history| &history.generations);
    let all = || generations().flat_map(|generation| sizes(generation)).map(thousands);
    let first = generations().map(|generation| generation.generation).min().unwrap_or(0) as f64;
    let last = generations().map(|generation| generation.generation).max().unwrap_or(1) as f64;
    let least = all().fold(f64::INFINITY, f64::min);
    let greatest = all().fold(f64::NEG_INFINITY, f64::max);
    let mut plot = Plot::new(
        (720.0, 400.0),
        Ends::Exact,
        ("Generation", first..=last),
        ("Parameters of the surviving population (thousands)", least..=greatest),
    );
    for (index, (run, history)) in runs.iter().zip(&histories).enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let along = |which: usize| {
            history
                .generations
                .iter()
                .map(move |generation| (generation.generation as f64, thousands(sizes(generation)[which])))
        };
        let outline = along(0).chain(along(2).rev());
        plot.line(&format!("class=\"band\" fill=\"{colour}\" stroke=\"{colour}\""), outline);
        plot.line(&format!("class=\"median\" stroke=\"{colour}\""), along(1));
        let y = point(30.0 + 18.0 * index as f64);
        let method = escape(run.config.selection.method.name());
        plot.add(format_args!(
            "<text x=\"72\" y=\"{y}\"><tspan style=\"fill:{colour}\">&#9632;</tspan> {method} ({})</text>",
            escape(&run.name)
        ));
    }
    let svg = plot.finish("Sizes of the surviving population by generation");
    let (start, rest) = svg.split_once('>').unwrap_or((&svg, ""));
    format!("{start} xmlns=\"http://www.w3.org/2000/svg\">{STYLE}{rest}\n")
}

fn thousands(count: u64) -> f64 {
    count as f64 / 1000.0
}
