//! A genotype as JSON: `{"normal": [["sep_conv_3x3", 0], ...], "normal_concat": [2, ...], "reduce": ...,
//! "reduce_concat": ...}`, the fields of the DARTS notation. Files are the caller's business.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{CellProblem, Error};
use crate::genotype::{Cell, CellKind, Edge, Genotype, NodeIndex};
use crate::primitive::Primitive;

/// The JSON object, before its cells are checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    normal: Vec<(Primitive, NodeIndex)>,
    normal_concat: Vec<NodeIndex>,
    reduce: Vec<(Primitive, NodeIndex)>,
    reduce_concat: Vec<NodeIndex>,
}

impl Serialize for Genotype {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = |cell: &Cell| cell.edges().map(|(_, edge)| (edge.primitive, edge.input)).collect();
        Record {
            normal: pairs(&self.normal),
            normal_concat: self.normal.concat.clone(),
            reduce: pairs(&self.reduction),
            reduce_concat: self.reduction.concat.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Genotype {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Record::deserialize(deserializer)?.check().map_err(serde::de::Error::custom)
    }
}

impl Record {
    fn check(self) -> Result<Genotype, Error> {
        let cell = |kind, pairs: Vec<(Primitive, NodeIndex)>, concat| {
            let edges: Vec<Edge> =
                pairs.into_iter().map(|(primitive, input)| Edge { primitive, input }).collect();
            Cell::from_edges(&edges, concat)
                .map_err(|problem: CellProblem| Error::Cell { cell: kind, problem })
        };
        Ok(Genotype {
            normal: cell(CellKind::Normal, self.normal, self.normal_concat)?,
            reduction: cell(CellKind::Reduction, self.reduce, self.reduce_concat)?,
        })
    }
}

/// Reads a JSON object, with typed errors that the serde interface cannot carry.
pub(crate) fn parse(text: &str) -> Result<Genotype, Error> {
    let record: Record = serde_json::from_str(text).map_err(|error| {
        // serde_json counts bytes of a line from 1 (0: before the first); people count characters of the
        // text.
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let byte = (line_start + error.column().saturating_sub(1)).min(text.len());
        let position = text.char_indices().take_while(|(at, _)| *at < byte).count() + 1;
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head).to_owned();
        Error::Json { position, message }
    })?;
    record.check()
}
