//! The frame of a chart: two linear scales, grid lines at round numbers, and labelled axes, as SVG. What is drawn inside
//! comes from the callers.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use super::text::{escape, point};

/// A chart under construction: scales, and the SVG so far.
pub(super) struct Plot {
    x: Scale,
    y: Scale,
    width: f64,
    height: f64,
    svg: String,
}

/// Where the horizontal axis ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// At the next round numbers: for measured values.
    Round,
    /// At the range itself: for counted time.
    Exact,
}

/// A value's way to a coordinate.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    decimals: usize,
}

const LEFT: f64 = 58.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 46.0;

impl Plot {
    /// A frame of this size for these ranges.
    pub(super) fn new(
        (width, height): (f64, f64),
        ends: Ends,
        (x_label, x): (&str, RangeInclusive<f64>),
        (y_label, y): (&str, RangeInclusive<f64>),
    ) -> Self {
        let x = Scale::new(x, ends, (LEFT, width - RIGHT), (width / 90.0) as usize);
        let y = Scale::new(y, Ends::Round, (height - BOTTOM, TOP), (height / 55.0) as usize);
        let mut svg = String::new();
        for &tick in &y.ticks {
            let at = point(y.at(tick));
            push(
                &mut svg,
                format_args!("<path class=\"grid\" d=\"M{LEFT} {at}H{}\"/>", point(width - RIGHT)),
            );
            let text = y.text(tick);
            push(
                &mut svg,
                format_args!(
                    "<text class=\"tick\" x=\"{}\" y=\"{at}\" dy=\"4\" text-anchor=\"end\">{text}</text>",
                    LEFT - 8.0
                ),
            );
        }
        for &tick in &x.ticks {
            let (at, base) = (point(x.at(tick)), height - BOTTOM);
            push(&mut svg, format_args!("<path class=\"grid\" d=\"M{at} {base}v5\"/>"));
            let text = x.text(tick);
            push(
                &mut svg,
                format_args!(
                    "<text class=\"tick\" x=\"{at}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
                    base + 18.0
                ),
            );
        }
        let (middle, center) = (point((LEFT + width - RIGHT) / 2.0), point((TOP + height - BOTTOM) / 2.0));
        push(
            &mut svg,
            format_args!("<path class=\"axis\" d=\"M{LEFT} {}H{}\"/>", height - BOTTOM, point(width - RIGHT)),
        );
        push(
            &mut svg,
            format_args!(
                "<text class=\"label\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                height - 8.0,
                escape(x_label)
            ),
        );
        push(
            &mut svg,
            format_args!(
                "<text class=\"label\" transform=\"translate(14 {center})rotate(-90)\" text-anchor=\"middle\">{}</text>",
                escape(y_label)
            ),
        );
        Self { x, y, width, height, svg }
    }

    /// The coordinates of a point.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }

    /// Adds SVG.
    pub(super) fn add(&mut self, svg: std::fmt::Arguments<'_>) {
        push(&mut self.svg, svg);
    }

    /// Shades the part of the chart up to `x` and names it.
    pub(super) fn shade(&mut self, up_to: f64, name: &str) {
        let width = self.x.at(up_to) - LEFT;
        let (height, baseline) = (self.height - TOP - BOTTOM, TOP + 14.0);
        let shade = format!(
            "<rect class=\"shade\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{height}\"/>",
            point(width)
        );
        self.svg.insert_str(0, &shade);
        self.add(format_args!(
            "<text class=\"tick\" x=\"{}\" y=\"{baseline}\">{}</text>",
            LEFT + 6.0,
            escape(name)
        ));
    }

    /// A line through points.
    pub(super) fn line(&mut self, attributes: &str, points: impl Iterator<Item = (f64, f64)>) {
        let path = self.path(points);
        self.add(format_args!("<path {attributes} d=\"{path}\"/>"));
    }

    /// The same line as the data of a path.
    pub(super) fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (x, y) in points.filter(|(_, y)| y.is_finite()) {
            let (x, y) = self.at(x, y);
            let command = if path.is_empty() { 'M' } else { 'L' };
            push(&mut path, format_args!("{command}{} {}", point(x), point(y)));
        }
        path
    }

    /// Dots as one path, which is a tenth of the size of one circle each: every dot is a line of no length with round
    /// ends.
    pub(super) fn dots(&mut self, attributes: &str, points: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in points {
            let (x, y) = self.at(x, y);
            push(&mut path, format_args!("M{} {}h0", point(x), point(y)));
        }
        self.add(format_args!("<path {attributes} d=\"{path}\"/>"));
    }

    /// The whole chart; `title` is read aloud in place of it.
    pub(super) fn finish(self, title: &str) -> String {
        self.close("img", title)
    }

    /// The whole chart, with points that can be reached and read one by one.
    pub(super) fn finish_with_points(self, title: &str) -> String {
        self.close("group", title)
    }

    fn close(self, role: &str, title: &str) -> String {
        let (width, height, svg) = (self.width, self.height, self.svg);
        let title = escape(title);
        format!("<svg viewBox=\"0 0 {width} {height}\" role=\"{role}\" aria-label=\"{title}\">{svg}</svg>")
    }
}

impl Scale {
    fn new(range: RangeInclusive<f64>, ends: Ends, (from, to): (f64, f64), ticks: usize) -> Self {
        let (low, high) = (*range.start(), *range.end());
        // One value, or none, still needs an axis.
        let (low, high) = match high - low {
            span if span.is_finite() && span > 1e-9 * high.abs().max(1e-3) => (low, high),
            _ if low.is_finite() && low != 0.0 => (low - 0.1 * low.abs(), low + 0.1 * low.abs()),
            _ => (0.0, 1.0),
        };
        let step = round_step((high - low) / ticks.max(2) as f64);
        let (first, last) = match ends {
            Ends::Round => ((low / step).floor(), (high / step).ceil()),
            Ends::Exact => ((low / step).ceil(), (high / step).floor()),
        };
        let ticks = (first as i64..=last as i64).map(|tick| tick as f64 * step).collect();
        let decimals = (-(step + step * 1e-9).log10().floor()).max(0.0) as usize;
        let (low, high) = match ends {
            Ends::Round => (first * step, last * step),
            Ends::Exact => (low, high),
        };
        Self { low, high, from, to, ticks, decimals }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * (value - self.low) / (self.high - self.low)
    }

    fn text(&self, tick: f64) -> String {
        format!("{tick:.*}", self.decimals)
    }
}

/// The least and the greatest of the values that are finite.
pub(super) fn range(values: impl Iterator<Item = f64> + Clone) -> RangeInclusive<f64> {
    let finite = values.filter(|value| value.is_finite());
    finite.clone().fold(f64::INFINITY, f64::min)..=finite.fold(f64::NEG_INFINITY, f64::max)
}

/// The next 1, 2 or 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least * 0.999)
        .unwrap_or(10.0 * power)
}

fn push(svg: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(range: RangeInclusive<f64>, count: usize) -> Vec<String> {
        let scale = Scale::new(range, Ends::Round, (0.0, 100.0), count);
        scale.ticks.iter().map(|tick| scale.text(*tick)).collect()
    }

    #[test]
    fn ticks_are_round_and_enclose_the_range() {
        assert_eq!(ticks(41.3..=58.9, 4), ["40", "45", "50", "55", "60"]);
        assert_eq!(ticks(0.32..=0.41, 4), ["0.30", "0.35", "0.40", "0.45"]);
        assert_eq!(ticks(0.0..=30.0, 5), ["0", "10", "20", "30"]);
    }

    #[test]
    fn counted_time_ends_where_it_ends() {
        let scale = Scale::new(0.0..=45.0, Ends::Exact, (0.0, 90.0), 3);
        assert_eq!((scale.ticks, scale.high), (vec![0.0, 20.0, 40.0], 45.0));
    }

    #[test]
    fn one_value_and_no_value_have_an_axis() {
        assert_eq!(ticks(50.0..=50.0, 3), ["45", "50", "55"]);
        assert_eq!(ticks(f64::INFINITY..=f64::NEG_INFINITY, 2), ["0.0", "0.5", "1.0"]);
    }
}
