//! The layers of a scope as ONNX files, for devices that this program does not run on, and the index that says which file is
//! which layer. Bytes only; files are the caller's.

use std::fmt::Write as _;

use latency::LayerKey;
use onnx::{OnnxError, export_layer};
use supernet::{Cpu, SingleLayer, State, SupernetError};
use thiserror::Error;

use super::Scope;

/// A layer as a file.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFile {
    /// The name of the file.
    pub name: String,
    /// The layer.
    pub key: LayerKey,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// What can go wrong while a layer becomes a file.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The scope has no plan.
    #[error(transparent)]
    Plan(#[from] space::Error),
    /// The layer has no weights.
    #[error(transparent)]
    Weights(#[from] SupernetError),
    /// The layer is no model.
    #[error(transparent)]
    Model(#[from] OnnxError),
}

/// Every distinct layer, with fresh weights.
pub fn layer_files(scope: &Scope) -> Result<Vec<LayerFile>, ExportError> {
    let mut files = Vec::new();
    for (key, layer) in scope.layers()? {
        let state: State = SingleLayer::new(Cpu::new(), &key.layer(), 1)?.state()?;
        let layer = space::Layer { site: key.layer().site, ..layer };
        let bytes = export_layer(&layer, |name| state.get(name).map(|tensor| tensor.values.as_slice()))?;
        files.push(LayerFile { name: format!("{:03}.onnx", files.len() + 1), key, bytes });
    }
    Ok(files)
}

/// The index of the files: one row each, with the column `ms` left to be filled in.
pub fn index(files: &[LayerFile]) -> String {
    let mut text = "file,layer,ms\n".to_owned();
    for file in files {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},", file.name, file.key);
    }
    text
}
