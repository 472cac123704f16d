//! How many times faster ours is: case by case, then as geometric mean and least over groups of cases. Against the peers timed
//! here, and against the published medians of all languages, which come from another machine: as they stand, and scaled
//! by how much slower or faster the same peers ran here.

use std::fmt::Write;

use super::results::{Medians, OURS, Row, Shape, fastest, medians};

/// Ours against the fastest of others in one case.
struct Case<'a> {
    shape: &'a Shape,
    ours: f64,
    here: Option<(&'a str, f64)>,
    published: Option<(&'a str, f64)>,
}

impl Case<'_> {
    fn ratio(&self, peer: Option<(&str, f64)>) -> Option<f64> {
        peer.map(|(_, median)| median / self.ours)
    }
}

pub(super) fn report(rows: &[Row], published: &Medians) -> String {
    let measured = medians(rows);
    let cases: Vec<Case<'_>> = measured
        .iter()
        .filter_map(|(shape, peers)| {
            let published = published.get(shape).and_then(fastest);
            Some(Case { shape, ours: *peers.get(OURS)?, here: fastest(peers), published })
        })
        .collect();
    let speed = speed(rows, published);
    let mut text = String::new();
    text += &by_case(&cases);
    text += &by_group(&cases, speed);
    text += &by_peer(&measured);
    text += &doubts(rows);
    text
}

fn by_case(cases: &[Case<'_>]) -> String {
    let mut text = format!(
        "{:>3} {:>7} {:<7} {:>10} {:>11}   {:<24} {:>10} {:>7}   {:<26} {:>9} {:>7}\n",
        "m",
        "n",
        "kind",
        "ours",
        "points/s",
        "fastest peer here",
        "ms",
        "ratio",
        "fastest published",
        "ms",
        "ratio"
    );
    for case in cases {
        let Shape { m, n, kind } = case.shape;
        let _ = write!(
            text,
            "{m:>3} {n:>7} {kind:<7} {:>10.4} {:>11.3e}",
            case.ours,
            *n as f64 / case.ours * 1e3
        );
        for (peer, name, number) in [(case.here, 24, 10), (case.published, 26, 9)] {
            let _ = match peer {
                Some((peer, median)) => {
                    write!(text, "   {peer:<name$} {median:>number$.4} {:>7.2}", median / case.ours)
                }
                None => write!(text, "   {:<name$} {:>number$} {:>7}", "", "", ""),
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Geometric means and least ratios over groups of cases.
fn by_group(cases: &[Case<'_>], speed: Option<Speed>) -> String {
    let mut objectives: Vec<usize> = cases.iter().map(|case| case.shape.m).collect();
    objectives.dedup();
    let mut text =
        String::from("\nTimes faster than the fastest peer: geometric mean, and least (its case)\n");
    if let Some(Speed { factor, cases }) = speed {
        let _ = writeln!(
            text,
            "The same peers take {factor:.2} times as long here as on the published machine (median over {cases} of their cases); \
             `scaled` takes that out."
        );
    }
    let _ = writeln!(text, "{:<24} {:>5}   {:<32} {:<32} scaled", "", "cases", "here", "published");
    let mut line = |name: String, wanted: &dyn Fn(&Shape) -> bool| {
        let group: Vec<&Case<'_>> = cases.iter().filter(|case| wanted(case.shape)).collect();
        if group.is_empty() {
            return;
        }
        let here = summary(&group, |case| case.ratio(case.here));
        let published = summary(&group, |case| case.ratio(case.published));
        let scaled = speed.map_or(String::new(), |speed| {
            summary(&group, |case| case.ratio(case.published).map(|ratio| ratio * speed.factor))
        });
        let line = format!("{name:<24} {:>5}   {here:<32} {published:<32} {scaled}", group.len());
        let _ = writeln!(text, "{}", line.trim_end());
    };
    for m in objectives {
        line(format!("m = {m}"), &|shape| shape.m == m);
    }
    line("m >= 3".to_owned(), &|shape| shape.m >= 3);
    line("m >= 3, n = 100,000".to_owned(), &|shape| shape.m >= 3 && shape.n == 100_000);
    text
}

fn summary(cases: &[&Case<'_>], ratio: impl Fn(&Case<'_>) -> Option<f64>) -> String {
    let ratios: Vec<(f64, &Shape)> =
        cases.iter().filter_map(|case| ratio(case).map(|ratio| (ratio, case.shape))).collect();
    let Some((least, shape)) = ratios.iter().min_by(|a, b| a.0.total_cmp(&b.0)) else { return String::new() };
    let mean = geometric_mean(ratios.iter().map(|(ratio, _)| *ratio));
    format!("{mean:.2}, {least:.2} ({}_n{}_m{})", shape.kind, shape.n, shape.m)
}

/// Each peer alone, by size.
fn by_peer(measured: &Medians) -> String {
    let mut peers: Vec<&String> = measured.values().flat_map(|peers| peers.keys()).collect();
    peers.sort_unstable();
    peers.dedup();
    let mut sizes: Vec<usize> = measured.keys().map(|shape| shape.n).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut text = String::from("\nTimes faster than each peer here, by n: geometric mean, and least\n");
    let _ = write!(text, "{:<24}", "");
    for n in &sizes {
        let _ = write!(text, " {:>16}", format!("n = {n}"));
    }
    text.push('\n');
    for peer in peers.into_iter().filter(|peer| *peer != OURS) {
        let _ = write!(text, "{peer:<24}");
        for n in &sizes {
            let of_size = measured.iter().filter(|(shape, _)| shape.n == *n);
            let ratios: Vec<f64> =
                of_size.filter_map(|(_, peers)| Some(peers.get(peer)? / peers.get(OURS)?)).collect();
            let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let cell = if ratios.is_empty() {
                String::new()
            } else {
                format!("{:.1}, {least:.1}", geometric_mean(ratios.into_iter()))
            };
            let _ = write!(text, " {cell:>16}");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// What should make a reader look twice: rounds of ours far apart, or peers with other fronts.
fn doubts(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut seen: Vec<&str> = Vec::new();
    for row in rows.iter().filter(|row| row.peer == OURS) {
        if seen.contains(&row.case.as_str()) {
            continue;
        }
        seen.push(&row.case);
        let rounds = || rows.iter().filter(|other| other.case == row.case);
        let ours = || rounds().filter(|other| other.peer == OURS).map(|other| other.median);
        let (least, most) = (ours().fold(f64::INFINITY, f64::min), ours().fold(0.0, f64::max));
        if most > 1.2 * least {
            let _ = writeln!(text, "noisy: {}, ours {least:.4} to {most:.4} ms", row.case);
        }
        // Of files in rotation, programs count the fronts of different matrices.
        let rotates = row.case.contains("_x");
        for other in rounds().filter(|other| !rotates && other.fronts != row.fronts) {
            let _ =
                writeln!(text, "{}: {} fronts, {} finds {}", row.case, row.fronts, other.peer, other.fronts);
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// How many times longer the same peers took here than where the table was measured.
#[derive(Clone, Copy)]
struct Speed {
    factor: f64,
    cases: usize,
}

/// The median over all peers and cases that both have. Least times here against medians there: on a busy machine slow peers
/// are interrupted in most of their calls, and a machine must not seem slow for that.
fn speed(rows: &[Row], published: &Medians) -> Option<Speed> {
    let there = |row: &Row| published.get(&row.shape).and_then(|peers| peers.get(&row.peer)).copied();
    let mut factors: Vec<f64> = rows.iter().filter_map(|row| Some(row.least / there(row)?)).collect();
    factors.sort_unstable_by(f64::total_cmp);
    let cases = factors.len();
    factors.get(cases / 2).map(|&factor| Speed { factor, cases })
}

fn geometric_mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    (values.map(f64::ln).sum::<f64>() / n).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(peer: &str, case: &str, median: f64, fronts: u32) -> Row {
        Row::parse(&format!("{peer}\t{case}\t0\t0\t{median}\t{median}\t1\t{fronts}\t-1")).unwrap()
    }

    #[test]
    fn ratios_and_means_are_those_of_the_medians() {
        let rows = [
            row(OURS, "unif_n1000_m5_x64", 0.01, 7),
            row("moors", "unif_n1000_m5_x64", 18.628, 7),
            row(OURS, "evo_n1000_m5_x64", 0.02, 7),
            row("moors", "evo_n1000_m5_x64", 16.922, 7),
        ];
        let text = report(&rows, &super::super::results::published());
        // moors took twice its published 9.314 and 8.461 ms, and the fastest published are 0.244 ms both times.
        for part in
            ["1862.80", "24.40", "12.20", "17.25, 12.20 (evo_n1000_m5)", "2.00 times as long", "34.51, 24.40"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("noisy"), "{text}");
    }

    #[test]
    fn noise_and_disagreement_are_told() {
        let case = "unif_n10000_m3";
        let rows = [row(OURS, case, 1.0, 7), row("moors", case, 9.0, 8), row(OURS, case, 1.3, 7)];
        let text = report(&rows, &Medians::new());
        assert!(text.contains("noisy: unif_n10000_m3, ours 1.0000 to 1.3000 ms"), "{text}");
        assert!(text.contains("7 fronts, moors finds 8"), "{text}");
    }
}
