//! The population over accuracy and a size, generation by generation: old ones pale, new ones dark, the newest front on
//! top. Says nothing about architectures.

use crate::config::Objective;
use crate::event::{Generation, Individual};

use super::plot::{Ends, Plot};
use super::text::{percent, point, short};

/// The chart of accuracy against one size.
pub(super) fn draw(generations: &[&Generation], size: Objective) -> String {
    let Some(last) = generations.last() else { return String::new() };
    let value = |individual: &Individual| match size {
        Objective::MultiplyAdds => individual.multiply_adds as f64,
        Objective::Latency => individual.latency.map_or(f64::NAN, |latency| latency.predicted_ms),
        Objective::Parameters | Objective::Accuracy => individual.parameters as f64,
    };
    let all = || generations.iter().flat_map(|generation| &generation.individuals);
    let largest = all().map(value).fold(0.0, f64::max);
    let (divisor, unit) = match size {
        Objective::Latency => (1.0, "milliseconds"),
        _ if largest >= 1e6 => (1e6, "million"),
        _ => (1e3, "thousand"),
    };
    let name = match size {
        Objective::MultiplyAdds => "Multiply-adds an image",
        Objective::Latency => "Latency",
        Objective::Parameters | Objective::Accuracy => "Parameters",
    };
    let shown = |value: f64| match size {
        Objective::Latency => format!("{value:.3} ms"),
        _ => short(value as u64),
    };
    let spot = |individual: &Individual| (value(individual) / divisor, 100.0 * individual.accuracy);
    let range = |pick: &dyn Fn(&Individual) -> f64| {
        let low = all().map(pick).fold(f64::INFINITY, f64::min);
        low..=all().map(pick).fold(f64::NEG_INFINITY, f64::max)
    };

    let mut plot = Plot::new(
        (920.0, 480.0),
        Ends::Round,
        (&format!("{name} ({unit})"), range(&|individual| spot(individual).0)),
        ("Accuracy on validation images (%)", range(&|individual| spot(individual).1)),
    );
    let count = generations.len();
    for (index, generation) in generations.iter().enumerate() {
        let age = if count > 1 { 100 * index / (count - 1) } else { 100 };
        let attributes = format!("class=dots style=--t:{age}%");
        plot.dots(&attributes, generation.individuals.iter().map(spot));
    }
    for (index, generation) in generations.iter().enumerate().filter(|(index, _)| has_line(*index, count)) {
        let attributes = format!("class=past style=--t:{}%", 100 * index / (count - 1));
        steps(&mut plot, &attributes, generation, &spot);
    }
    steps(&mut plot, "class=border", last, &spot);
    let members = super::members(last);
    let mut labels: Vec<(f64, f64)> = Vec::new();
    for (number, individual) in &members {
        let (x, y) = spot(individual);
        let (x, y) = plot.at(x, y);
        plot.add(format_args!(
            "<circle class=front cx={} cy={} r=5><title>{number}: {}, {} {}</title></circle>",
            point(x),
            point(y),
            percent(individual.accuracy),
            shown(value(individual)),
            name.to_lowercase(),
        ));
        // A number that would lie on another is left out; the table has them all.
        if labels.iter().all(|(left, top)| (x - left).abs() > 16.0 || (y - top).abs() > 14.0) {
            labels.push((x, y));
            plot.add(format_args!(
                "<text class=number x={} y={}>{number}</text>",
                point(x - 8.0),
                point(y - 8.0)
            ));
        }
    }
    plot.finish(&format!(
        "Accuracy against {} of all generations; front of generation {}",
        name.to_lowercase(),
        last.generation
    ))
}

/// Whether an earlier front gets a line: some, evenly spread, so that they stay apart.
fn has_line(index: usize, count: usize) -> bool {
    index + 1 < count && index.is_multiple_of(count.div_ceil(LINES))
}

const LINES: usize = 6;

/// The border of what a front dominates, as steps. With more than two objectives, members may lie inside of it.
fn steps(
    plot: &mut Plot,
    attributes: &str,
    generation: &Generation,
    spot: &dyn Fn(&Individual) -> (f64, f64),
) {
    let mut spots: Vec<_> =
        super::members(generation).into_iter().map(|(_, individual)| spot(individual)).collect();
    spots.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for (x, y) in spots {
        match corners.last() {
            Some(&(_, best)) if y <= best => {}
            Some(&(_, best)) => corners.extend([(x, best), (x, y)]),
            None => corners.push((x, y)),
        }
    }
    plot.line(attributes, corners.into_iter());
}
