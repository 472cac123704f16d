//! How a run went along: hypervolume by generation, loss and accuracy by epoch. One quantity a chart.

use crate::event::{Epoch, Generation, Work};

use super::plot::{Ends, Plot, range};
use super::text::point;

const SIZE: (f64, f64) = (320.0, 230.0);

/// Hypervolume by generation, and where each generation lies on the curve: with that, a script can move the dot.
pub(super) fn hypervolume(generations: &[&Generation]) -> (String, Vec<(f64, f64)>) {
    let last = generations.last().map_or(1, |generation| generation.generations.max(1)) as f64;
    let points: Vec<_> =
        generations.iter().map(|generation| (generation.generation as f64, generation.hypervolume)).collect();
    let first = points.first().map_or(0.0, |(generation, _)| *generation);
    let mut plot = Plot::new(
        SIZE,
        Ends::Exact,
        ("Generation", first..=last),
        ("Hypervolume", range(points.iter().map(|(_, volume)| *volume))),
    );
    curve(&mut plot, &points);
    let places = points.iter().map(|&(x, y)| plot.at(x, y)).collect();
    (plot.finish("Hypervolume of the front by generation"), places)
}

/// Training loss by epoch, the warm-up shaded.
pub(super) fn loss(epochs: &[&Epoch], work: Option<&Work>) -> String {
    training(epochs, work, "Training loss (nats)", |epoch| epoch.loss)
}

/// Training accuracy by epoch, the warm-up shaded.
pub(super) fn accuracy(epochs: &[&Epoch], work: Option<&Work>) -> String {
    training(epochs, work, "Training accuracy (%)", |epoch| 100.0 * epoch.accuracy)
}

fn training(epochs: &[&Epoch], work: Option<&Work>, label: &str, value: fn(&Epoch) -> f64) -> String {
    let last = epochs.last().map_or(1, |epoch| epoch.epochs) as f64;
    let points: Vec<_> = epochs.iter().map(|epoch| (epoch.epoch as f64, value(epoch))).collect();
    let mut plot = Plot::new(
        SIZE,
        Ends::Exact,
        ("Epoch", 0.0..=last),
        (label, range(points.iter().map(|(_, value)| *value))),
    );
    if let Some(work) = work.filter(|work| work.warm_up_epochs > 0) {
        plot.shade(work.warm_up_epochs as f64, "warm-up");
    }
    curve(&mut plot, &points);
    plot.finish(&format!("{label} by epoch"))
}

/// A line with a dot at its newest point.
fn curve(plot: &mut Plot, points: &[(f64, f64)]) {
    plot.line("class=curve", points.iter().copied());
    if let Some(&(x, y)) = points.iter().rev().find(|(_, y)| y.is_finite()) {
        let (x, y) = plot.at(x, y);
        plot.add(format_args!("<circle class=newest cx={} cy={} r=3.5 />", point(x), point(y)));
    }
}
