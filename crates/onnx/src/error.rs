//! Why a plan cannot be exported, by the name of the array at fault. This module finds nothing wrong itself.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OnnxError {
    /// The look-up lacks arrays of the plan.
    #[error("{} arrays of the plan are missing: {}; export with the state of a network of the same plan", names.len(), names.join(", "))]
    Missing {
        /// All that are missing, in the order of the plan.
        names: Vec<String>,
    },
    /// An array has the wrong number of elements.
    #[error(
        "array `{name}` has {found} elements, the plan needs {expected}; export with the state of a network of the same plan"
    )]
    Length {
        /// The array.
        name: String,
        /// The elements that the plan needs.
        expected: usize,
        /// The elements found.
        found: usize,
    },
    /// An array holds a NaN or an infinity.
    #[error("element {index} of array `{name}` is {found}; a model with it computes nothing")]
    NotFinite {
        /// The array.
        name: String,
        /// The first such element.
        index: usize,
        /// Its value, as text.
        found: String,
    },
    /// The model exceeds the 2 GiB that a message of protocol buffers can have.
    #[error("the model takes {bytes} bytes, an ONNX file at most {}; choose a narrower macro plan", i32::MAX)]
    TooLarge {
        /// The size of the model.
        bytes: usize,
    },
}
