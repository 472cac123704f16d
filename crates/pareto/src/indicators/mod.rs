//! Quality indicators of a set of objective rows, all minimised: hypervolume, and distances to a reference front.

mod columns;
mod distance;
mod hypervolume;
mod layers;
mod solid;
mod stairs;
mod volume;

pub use distance::{additive_epsilon, igd, igd_plus};
pub use hypervolume::hypervolume;
