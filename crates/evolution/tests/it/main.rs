//! Properties of the search as its drivers see them: on the DARTS space, on NAS-Bench-201 cells and on a toy
//! space of digits. Nothing is trained here.
#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used)]

mod errors;
mod progress;
mod selections;
mod snapshots;
mod toy;
mod variation;
