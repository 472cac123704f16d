//! Measured rows, ours and published: who sorted what in how many milliseconds. Only reads; what the numbers mean is for
//! the ratios and the chart.

use std::collections::BTreeMap;

use super::files::shape;

/// Our name in the rows.
pub(crate) const OURS: &str = "cars-pareto";

/// Where measured rows are kept, from the root of the repository.
pub(crate) const DEFAULT: &str = "target/peers/results.tsv";

/// One line of a timing program: one peer on one case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) peer: String,
    pub(crate) case: String,
    pub(crate) shape: Shape,
    /// Milliseconds, as the median.
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) fronts: u32,
    /// Rows with a wrong rank; −1 if not checked.
    pub(crate) wrong: i64,
}

/// What a case is like, apart from its numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) kind: String,
}

impl Row {
    /// `None` for comments, and for peers that failed on the case (`ERR` instead of a time).
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [peer, case, _, _, least, median, _, fronts, wrong] = columns[..] else { return None };
        let (kind, n, m) = shape(case)?;
        Some(Self {
            peer: peer.to_owned(),
            case: case.to_owned(),
            shape: Shape { m, n, kind: kind.to_owned() },
            least: least.parse().ok()?,
            median: median.parse().ok()?,
            fronts: fronts.parse().ok()?,
            wrong: wrong.parse().ok()?,
        })
    }
}

/// Milliseconds by shape and peer.
pub(crate) type Medians = BTreeMap<Shape, BTreeMap<String, f64>>;

/// Of a peer's rounds on a case, the one with the least median counts: noise only adds.
pub(crate) fn medians(rows: &[Row]) -> Medians {
    let mut medians = Medians::new();
    for row in rows {
        let peers = medians.entry(row.shape.clone()).or_default();
        let median = peers.entry(row.peer.clone()).or_insert(row.median);
        *median = median.min(row.median);
    }
    medians
}

/// The published table, which lies beside the Rust peers.
pub(crate) fn published() -> Medians {
    let text = include_str!("../../../benches/peers/published.tsv");
    let mut medians = Medians::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        if let [n, m, kind, peer, median] = columns[..]
            && let (Ok(n), Ok(m), Ok(median)) = (n.parse(), m.parse(), median.parse())
        {
            let shape = Shape { m, n, kind: kind.to_owned() };
            medians.entry(shape).or_default().insert(peer.to_owned(), median);
        }
    }
    medians
}

/// The fastest of `peers` that is not ours.
pub(crate) fn fastest(peers: &BTreeMap<String, f64>) -> Option<(&str, f64)> {
    let others = peers.iter().filter(|(peer, _)| *peer != OURS);
    others.map(|(peer, &median)| (peer.as_str(), median)).min_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_row_unless_the_peer_failed() {
        let row = Row::parse("moors\tunif_n256_m3_x256\t256\t3\t0.5\t0.625\t9\t17\t0").unwrap();
        assert_eq!((row.peer.as_str(), row.median, row.fronts, row.wrong), ("moors", 0.625, 17, 0));
        assert_eq!(row.shape, Shape { m: 3, n: 256, kind: "unif".to_owned() });
        for line in ["# peer", "", "moors\tunif_n256_m3\t256\t3\tERR\tMemoryError\t0\t0\t-1"] {
            assert_eq!(Row::parse(line), None, "{line}");
        }
    }

    #[test]
    fn the_best_round_counts() {
        let line =
            |median: &str| Row::parse(&format!("cars-pareto\ta_n9_m2\t9\t2\t0\t{median}\t1\t1\t-1")).unwrap();
        let medians = medians(&[line("3"), line("2"), line("4")]);
        assert_eq!(medians.values().next().unwrap()[OURS], 2.0);
    }

    #[test]
    fn the_published_table_is_whole() {
        let published = published();
        assert_eq!(published.len(), 120);
        let shape = Shape { m: 5, n: 100_000, kind: "unif".to_owned() };
        assert_eq!(fastest(&published[&shape]), Some(("mbuzdalov ENS-NDT (Java)", 392.2)));
        assert!(published.values().flatten().all(|(_, &median)| median > 0.0));
    }
}
