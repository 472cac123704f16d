//! A plan and its weights as an ONNX model (onnx.ai, opset 17, IR version 8), so that a network found here
//! runs in any runtime. The model is for inference: the auxiliary head and the dropping of paths stay behind,
//! batch-norm uses its running statistics, or is folded into the convolutions. No file is written and no operator outside the standard is used.

mod export;
mod fold;
mod graph;
mod layout;
mod proto;

mod error;

pub use error::OnnxError;
pub use export::{Options, export, export_layer};
pub use graph::OPSET;

#[cfg(test)]
mod tests;
