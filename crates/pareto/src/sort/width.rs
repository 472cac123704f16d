//! Work that is compiled for the number of values of a row: a copy each for 3, 4, 5, 8, 10 and 15 objectives (one value less,
//! since rows come in the order of their first), one for all others.

use crate::simd::{self, Available, Unit};

/// Something to do with rows of a known width.
pub(super) trait Task {
    /// Does it for rows of `W` values, or of as many as they have where `W` is 0. Must be inlined, to be compiled for the
    /// unit.
    fn run<U: Unit, const W: usize>(self);
}

/// Runs `task` for rows of `width` values.
pub(super) fn run(unit: Available, width: usize, task: impl Task) {
    match width {
        2 => unit.run(Wide::<_, 2>(task)),
        3 => unit.run(Wide::<_, 3>(task)),
        4 => unit.run(Wide::<_, 4>(task)),
        7 => unit.run(Wide::<_, 7>(task)),
        9 => unit.run(Wide::<_, 9>(task)),
        14 => unit.run(Wide::<_, 14>(task)),
        _ => unit.run(Wide::<_, 0>(task)),
    }
}

/// A task for rows of `W` values.
struct Wide<T, const W: usize>(T);

impl<T: Task, const W: usize> simd::Task for Wide<T, W> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        self.0.run::<U, W>();
    }
}
