//! The latency of a described network: predicted from a table, with how far to trust it. Nothing is measured.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use cars::latency::{COVERAGE, LatencyModel, Milliseconds, Table};
use serde::Serialize;
use space::Plan;

use crate::exit::WrongInput;

/// A table, ready to be asked.
pub(super) struct Predictor {
    model: LatencyModel,
    strict: bool,
    conditions: String,
}

/// What is known of a network's latency; the fields are a promise.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    predicted_ms: f64,
    interval_ms: Option<[f64; 2]>,
    interpolated_layers: Vec<String>,
    #[serde(skip)]
    conditions: String,
}

impl Predictor {
    pub(super) fn read(path: &Path, strict: bool) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        let table = text.and_then(|text| {
            let table = Table::read(&text).with_context(|| path.display().to_string())?;
            let model = LatencyModel::fit(&table).with_context(|| path.display().to_string())?;
            Ok((table, model))
        });
        let (table, model) = table.map_err(WrongInput)?;
        let conditions = &table.conditions;
        let threads = if conditions.threads == 1 { "thread" } else { "threads" };
        let conditions =
            format!("{}, batch {}, {} {threads}", conditions.device, conditions.batch, conditions.threads);
        Ok(Self { model, strict, conditions })
    }

    pub(super) fn answer(&self, plan: &Plan) -> Result<Answer> {
        let prediction =
            if self.strict { self.model.predict(plan) } else { self.model.predict_with_gaps(plan) };
        let prediction = prediction.map_err(|error| WrongInput(error.into()))?;
        Ok(Answer {
            predicted_ms: prediction.time.get(),
            interval_ms: prediction.interval.map(|interval| interval.map(Milliseconds::get)),
            interpolated_layers: prediction.interpolated.iter().map(ToString::to_string).collect(),
            conditions: self.conditions.clone(),
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:32} {:>14.3}", "latency in ms, predicted", self.predicted_ms)?;
        match self.interval_ms {
            Some([low, high]) => {
                write!(f, "  ({low:.3} to {high:.3} for {:.0} % of networks)", 100.0 * COVERAGE)?;
            }
            None => f.write_str("  (a sum of layers; the table has no whole networks to judge it by)")?,
        }
        write!(f, "\n{:32} {}", "", self.conditions)?;
        match self.interpolated_layers.len() {
            0 => Ok(()),
            guessed => {
                let list = self.interpolated_layers.join(", ");
                write!(
                    f,
                    "\na guess: the table lacks {guessed} layers, whose times were interpolated: {list}"
                )
            }
        }
    }
}
