//! Lines on two logarithmic axes as SVG text. Readable on white and on black pages: it brings its own ground.
//! Knows nothing of where the numbers come from.

use std::fmt::Write;

/// Points a second over n.
pub(super) struct Line {
    pub(super) m: usize,
    pub(super) is_ours: bool,
    /// By ascending n.
    pub(super) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 500.0;
/// The plot's edges.
const LEFT: f64 = 70.0;
const RIGHT: f64 = 730.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 410.0;
/// The least distance between two labels.
const LABEL: f64 = 15.0;

/// Tell each other apart on white, also in print and for the colour-blind (after Okabe and Ito).
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#a07800", "#404040"];

const STYLE: &str = "text{font:13px sans-serif;fill:#404040}.title{font-size:15px;font-weight:bold}.note{font-size:11px}\
                     .label{paint-order:stroke;stroke:#fff;stroke-width:4px}.grid{stroke:#e2e2e2}.line{fill:none;stroke-width:2.2}.peer{stroke-width:1.4;stroke-dasharray:5 4}";

/// The whole figure, with `note` below it.
pub(super) fn draw(lines: &[Line], note: &str) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let x = Axis::over(points().map(|point| point.0), LEFT, RIGHT);
    let y = Axis::over(points().map(|point| point.1), BOTTOM, TOP);
    let mut text = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Points sorted a second over their number\" \
         xmlns=\"http://www.w3.org/2000/svg\"><style>{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"24\">Non-dominated sorting: points a second, by number of objectives m</text>\n"
    );
    grid(&mut text, &x, &y);
    let mut objectives: Vec<usize> = lines.iter().map(|line| line.m).collect();
    objectives.dedup();
    for line in lines {
        let colour = objectives.iter().position(|&m| m == line.m).unwrap_or(0) % COLOURS.len();
        path(&mut text, line, COLOURS[colour], &x, &y);
    }
    labels(&mut text, lines, &objectives, &x, &y);
    for (row, part) in wrap(note, 125).iter().enumerate() {
        let _ = writeln!(
            text,
            "<text class=\"note\" x=\"{LEFT}\" y=\"{}\">{}</text>",
            BOTTOM + 58.0 + 15.0 * row as f64,
            escape(part)
        );
    }
    text.push_str("</svg>\n");
    text
}

/// Whole powers of ten over a stretch of pixels.
struct Axis {
    first: i32,
    last: i32,
    start: f64,
    end: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (least, most) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| (least.min(x), most.max(x)));
        let first = least.log10().floor() as i32;
        Self { first, last: (most.log10().ceil() as i32).max(first + 1), start, end }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - f64::from(self.first)) / f64::from(self.last - self.first);
        self.start + share * (self.end - self.start)
    }
}

fn grid(text: &mut String, x: &Axis, y: &Axis) {
    for power in x.first..=x.last {
        let at = x.place(10_f64.powi(power));
        let _ = writeln!(
            text,
            "<path class=\"grid\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 20.0,
            thousands(power)
        );
    }
    for power in y.first..=y.last {
        let at = y.place(10_f64.powi(power));
        let _ = writeln!(
            text,
            "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/><text x=\"{}\" y=\"{at:.1}\" dy=\"4\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            short(power)
        );
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = writeln!(
        text,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">number of points n</text>",
        BOTTOM + 38.0
    );
}

fn path(text: &mut String, line: &Line, colour: &str, x: &Axis, y: &Axis) {
    let places: Vec<(f64, f64)> = line.points.iter().map(|&(n, rate)| (x.place(n), y.place(rate))).collect();
    let steps: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    let class = if line.is_ours { "line" } else { "line peer" };
    let _ = writeln!(text, "<path class=\"{class}\" stroke=\"{colour}\" d=\"M{}\"/>", steps.join("L"));
    let radius = if line.is_ours { 3.2 } else { 2.0 };
    for (x, y) in places {
        let _ = writeln!(text, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"/>");
    }
}

/// A label at the end of each of our lines; those that end at the same n keep clear of each other.
fn labels(text: &mut String, lines: &[Line], objectives: &[usize], x: &Axis, y: &Axis) {
    let end = |line: &Line| line.points.last().map(|&(n, rate)| (x.place(n), y.place(rate), line.m));
    let mut ends: Vec<(f64, f64, usize)> = lines.iter().filter(|line| line.is_ours).filter_map(end).collect();
    ends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut column = (f64::NEG_INFINITY, TOP);
    for (x, y, m) in ends {
        let at = if x > column.0 { y } else { y.max(column.1) };
        column = (x, at + LABEL);
        let colour = objectives.iter().position(|&other| other == m).unwrap_or(0) % COLOURS.len();
        let _ = writeln!(
            text,
            "<text class=\"label\" x=\"{:.1}\" y=\"{at:.1}\" dy=\"4\" style=\"fill:{}\">m = {m}</text>",
            x + 10.0,
            COLOURS[colour]
        );
    }
}

/// 1000 as `1,000`.
fn thousands(power: i32) -> String {
    let digits = format!("{}", 10_u64.pow(power.max(0) as u32));
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// 10^7 as `10 M`.
fn short(power: i32) -> String {
    let unit = ["", " k", " M", " G"].get((power / 3) as usize).copied().unwrap_or(" ?");
    format!("{}{unit}", 10_u64.pow((power % 3).max(0) as u32))
}

fn wrap(note: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in note.split(' ') {
        let full = rows.last().is_some_and(|row| !row.is_empty() && row.len() + word.len() >= width);
        if full {
            rows.push(String::new());
        }
        if let Some(row) = rows.last_mut() {
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
    }
    rows
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_logarithmic_and_numbers_readable() {
        let axis = Axis::over([200.0, 50_000.0].into_iter(), 0.0, 300.0);
        let close = |value: f64, place: f64| (axis.place(value) - place).abs() < 1e-9;
        assert!(close(100.0, 0.0) && close(1_000.0, 100.0) && close(100_000.0, 300.0));
        assert_eq!([2, 3, 6].map(thousands), ["100", "1,000", "1,000,000"]);
        assert_eq!([4, 6, 8].map(short), ["10 k", "1 M", "100 M"]);
        assert_eq!(wrap("aa bb cc", 6), ["aa bb", "cc"]);
    }

    #[test]
    fn labels_keep_clear_of_each_other() {
        let line = |m, rate| Line { m, is_ours: true, points: vec![(100.0, rate), (1000.0, rate)] };
        let text = draw(&[line(2, 1e6), line(3, 1.01e6), line(4, 1e7)], "a < b & c");
        let places: Vec<f64> = text
            .lines()
            .filter(|line| line.contains(">m = "))
            .filter_map(|line| line.split(" y=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert_eq!(places.len(), 3);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= LABEL - 0.1), "{places:?}");
        assert!(text.contains("a &lt; b &amp; c"));
    }
}
