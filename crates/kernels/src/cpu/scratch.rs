//! Memory that calls reuse: per thread for one image at a time, per backend for what a whole call shares. Grown to the
//! largest need and kept.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

/// Elements of a cache line; slices start at one.
pub(super) const LINE: usize = 16;

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Lends `N` aligned slices of this thread's scratch, holding anything. A call within the call gets memory of its own.
pub(super) fn with_scratch<const N: usize>(lens: [usize; N], run: impl FnOnce([&mut [f32]; N])) {
    let mut memory = SCRATCH.take();
    let total: usize = lens.iter().map(|len| len.next_multiple_of(LINE)).sum();
    if memory.len() < total + LINE {
        memory = vec![0.0; total + LINE];
    }
    let mut rest = aligned(&mut memory, total);
    run(lens.map(|len| {
        let (part, behind) = std::mem::take(&mut rest).split_at_mut(len.next_multiple_of(LINE));
        rest = behind;
        &mut part[..len]
    }));
    SCRATCH.set(memory);
}

/// `len` elements from the first cache line on.
fn aligned(memory: &mut [f32], len: usize) -> &mut [f32] {
    let first = to_line(memory, 1);
    &mut memory[first..first + len]
}

/// Elements up to the first whose address is a multiple of this many cache lines (a power of two); at most as many as they have.
pub(super) fn to_line(memory: &[f32], lines: usize) -> usize {
    // No offset is known to const evaluation only; misalignment costs time, not correctness.
    memory.as_ptr().align_offset(lines * LINE * size_of::<f32>()).min(lines * LINE)
}

/// What the threads of one call share.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// Repacked weights.
    pub(super) packed: Vec<f32>,
    /// One weight gradient per chunk.
    pub(super) partial: Vec<f32>,
    /// Pairs of sums per chunk, and totals.
    pub(super) sums: Vec<f64>,
    /// Per-channel coefficients.
    pub(super) channels: Vec<f32>,
    /// Those of batch-norms that inputs still need.
    pub(super) norms: Vec<f32>,
    /// Those of an addend's batch-norm, or the means of those that sums are made for.
    pub(super) others: Vec<f32>,
    /// Per-pixel factors of an average pool.
    pub(super) pixels: Vec<f32>,
    /// Coefficients along a row of pixels.
    pub(super) along: Vec<f32>,
}

/// Workspaces at rest.
#[derive(Debug, Default)]
pub(super) struct Workspaces(Mutex<Vec<Workspace>>);

impl Workspaces {
    /// Runs with a workspace that nobody else uses.
    pub(super) fn with<R>(&self, run: impl FnOnce(&mut Workspace) -> R) -> R {
        let mut workspace = self.lock().pop().unwrap_or_default();
        let result = run(&mut workspace);
        self.lock().push(workspace);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first `len` elements, all `value`.
pub(super) fn filled<T: Copy>(memory: &mut Vec<T>, len: usize, value: T) -> &mut [T] {
    memory.clear();
    memory.resize(len, value);
    memory
}

/// The first `len` elements from a cache line on, all zero.
pub(super) fn zeros_at_line(memory: &mut Vec<f32>, len: usize) -> &mut [f32] {
    aligned(filled(memory, len + LINE, 0.0), len)
}
