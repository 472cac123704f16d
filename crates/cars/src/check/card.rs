//! The report card as data, as JSON and as text that reads as Markdown. Nothing is computed here but means.

use std::fmt::Write as _;

use serde::Serialize;
use space::AnyArchitecture;

use super::agreement::{Agreement, Interval};
use super::operations::Operations;
use crate::config::CheckedConfig;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportCard {
    /// The version of this form.
    pub schema: u32,
    /// The digest of the run's config.
    pub config: String,
    /// The comparison with the truth, if there is one.
    pub ranking: Option<Ranking>,
    /// The operations of each generation's survivors.
    pub operations: Vec<Operations>,
}

/// The supernet's order of some networks beside the true one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// What the truth is.
    pub truth: String,
    /// With batch-norm statistics measured anew for each network.
    pub recalibrated: Agreement,
    /// With the running statistics that all networks share.
    pub running: Agreement,
    /// The networks.
    pub networks: Vec<Network>,
}

/// One network of a ranking; accuracies are shares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Network {
    /// The architecture, in the notation of its space.
    pub genotype: String,
    /// Its accuracy in the supernet, recalibrated.
    pub recalibrated: f64,
    /// Its accuracy in the supernet, with running statistics.
    pub running: f64,
    /// Its true accuracy.
    pub truth: f64,
}

impl Ranking {
    pub(super) fn new(
        seed: u64,
        truth: String,
        architectures: &[AnyArchitecture],
        scores: Vec<[f64; 2]>,
        truths: Vec<f64>,
    ) -> Self {
        let column = |which: usize| scores.iter().map(|score| score[which]).collect::<Vec<f64>>();
        let agreement = |which| Agreement::of(&column(which), &truths, seed);
        let (recalibrated, running) = (agreement(0), agreement(1));
        let rows = architectures.iter().zip(scores).zip(truths);
        let networks = rows.map(|((architecture, [recalibrated, running]), truth)| Network {
            genotype: architecture.to_string(),
            recalibrated,
            running,
            truth,
        });
        Self { truth, recalibrated, running, networks: networks.collect() }
    }
}

impl ReportCard {
    pub(super) fn new(config: &CheckedConfig, ranking: Option<Ranking>, operations: Vec<Operations>) -> Self {
        Self { schema: 1, config: config.digest(), ranking, operations }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        match serde_json::to_string_pretty(self) {
            Ok(text) => text + "\n",
            Err(error) => unreachable!("a report card is no JSON: {error}"),
        }
    }

    /// As tables for people.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        if let Some(ranking) = &self.ranking {
            ranking.write(&mut text);
        }
        self.write_operations(&mut text);
        text
    }

    fn write_operations(&self, text: &mut String) {
        let Some(last) = self.operations.last() else {
            text.push_str("No generation yet.\n");
            return;
        };
        let names: Vec<&str> = last.shares.keys().copied().collect();
        text.push_str("## Operations of the survivors, % of all edges\n\n| generation |");
        for name in &names {
            let _ = write!(text, " {name} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(names.len()));
        for generation in &self.operations {
            let _ = write!(text, "| {} |", generation.generation);
            for name in &names {
                let share = generation.shares.get(name).copied().unwrap_or(0.0);
                let _ = write!(text, " {:.1} |", 100.0 * share);
            }
            text.push('\n');
        }
        let collapsed = self.operations.iter().find(|generation| generation.collapsed);
        match collapsed {
            Some(first) => {
                let _ = writeln!(
                    text,
                    "\nALARM: from generation {} on at least half of all edges are skip connections",
                    first.generation
                );
            }
            None => {
                text.push_str(
                    "\nNo collapse into skip connections: they are fewer than half of all edges.\n",
                );
            }
        }
    }
}

impl Ranking {
    fn write(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "## Ranking of {} networks against {}\n\n| batch-norm | Kendall's tau (95 %) | Spearman (95 %) | mean accuracy |\n|---|---|---|---|",
            self.networks.len(),
            self.truth
        );
        let mean = |value: fn(&Network) -> f64| {
            100.0 * self.networks.iter().map(value).sum::<f64>() / self.networks.len().max(1) as f64
        };
        let rows = [
            ("recalibrated", self.recalibrated, mean(|network| network.recalibrated)),
            ("running", self.running, mean(|network| network.running)),
        ];
        for (name, Agreement { kendall, spearman }, accuracy) in rows {
            let _ = writeln!(text, "| {name} | {} | {} | {accuracy:.1} % |", shown(kendall), shown(spearman));
        }
        let _ = writeln!(text, "| truth | | | {:.1} % |\n", mean(|network| network.truth));
    }
}

fn shown(Interval { value, low, high }: Interval) -> String {
    if value.is_nan() { "none: all equal".to_owned() } else { format!("{value:.3} ({low:.3} to {high:.3})") }
}
