//! How well the latency model did: predicted against measured times of the last front's networks, where they were measured.

use std::fmt::Write as _;

use crate::event::{Generation, Latency, Measured};

use super::plot::{Ends, Plot, range};
use super::scatter::spot;
use super::text::point;

/// The section, or nothing if nothing was measured.
pub(super) fn section(page: &mut String, generation: &Generation, measured: &Measured) {
    let networks: Vec<Timed> = super::members(generation)
        .into_iter()
        .filter_map(|(number, member)| {
            let latency = measured.networks.iter().find(|(id, _)| *id == member.id)?.1;
            Some(Timed { number, id: member.id, latency, measured_ms: latency.measured_ms? })
        })
        .collect();
    if networks.is_empty() {
        return;
    }
    let errors = networks.iter().map(|one| (one.latency.predicted_ms / one.measured_ms - 1.0).abs());
    let error = 100.0 * errors.sum::<f64>() / networks.len() as f64;
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<section><h2>Latency, predicted and measured</h2><figure class=square id=fit>{}</figure>\
         <p class=note>On the line, prediction and measurement agree. Predictions are off by {error:.1} % in the mean",
        draw(&networks)
    );
    if let Some(kendall) = measured.kendall {
        let _ = write!(page, "; in order, the two agree with Kendall's tau {kendall:.2} (1: the same order)");
    }
    page.push_str(
        ". Bars: the predicted interval for nine of ten networks, and the distance of the quartiles of the measured \
         times, at the end of the search.</p></section>\n",
    );
}

struct Timed {
    number: usize,
    id: u64,
    latency: Latency,
    measured_ms: f64,
}

impl Timed {
    fn interval(&self) -> [f64; 2] {
        self.latency.interval_ms.unwrap_or([self.latency.predicted_ms; 2])
    }

    fn quartiles(&self) -> [f64; 2] {
        let half = self.latency.spread_ms.unwrap_or(0.0) / 2.0;
        [self.measured_ms - half, self.measured_ms + half]
    }
}

fn draw(networks: &[Timed]) -> String {
    let values = networks.iter().flat_map(|one| [one.interval(), one.quartiles()]).flatten();
    let (low, high) = range(values).into_inner();
    let mut plot =
        Plot::new((460.0, 400.0), Ends::Round, ("Predicted (ms)", low..=high), ("Measured (ms)", low..=high));
    plot.line("class=ideal", [low, high].into_iter().map(|value| (value, value)));
    let mut spots = String::from("<g>");
    for one in networks {
        let (x, y) = (one.latency.predicted_ms, one.measured_ms);
        plot.line("class=error", one.interval().into_iter().map(|x| (x, y)));
        plot.line("class=error", one.quartiles().into_iter().map(|y| (x, y)));
        let told = format!("{}: predicted {x:.3} ms, measured {y:.3} ms", one.number);
        spots.push_str(&spot(one.number, one.id, plot.at(x, y), &told));
    }
    let (_, top) = plot.at(high, high);
    let (right, _) = plot.at(high, low);
    plot.add(format_args!(
        "{spots}</g><text class=tick x={} y={} text-anchor=end>as predicted</text>",
        point(right - 14.0),
        point(top + 4.0)
    ));
    plot.finish_with_points("Measured against predicted latency of the last front")
}
