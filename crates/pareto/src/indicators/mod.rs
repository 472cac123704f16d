//! Quality indicators of a set of objective rows, all minimised: hypervolume, what each row adds to it, and distances to a reference front.

mod archive;
mod ascending;
mod cells;
mod columns;
mod contributions;
mod distance;
mod hypervolume;
mod layers;
mod solid;
mod stairs;
mod volume;

pub use archive::Archive;
pub use contributions::{contributions, gains};
pub use distance::{additive_epsilon, igd, igd_plus};
pub use hypervolume::hypervolume;
