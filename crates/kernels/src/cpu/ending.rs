//! What becomes of a linear output on its way to a block's output: the finish of each sample, and a deferred value that is
//! normalised and added.

use super::CpuBuffer;
use super::batch_norm::normalise;
use super::call::{sample_factors, slice};
use super::finish::{Affine, Finish};
use super::scratch::filled;
use super::simd::Simd;
use super::statistics::{affine_len, deferred_norm};
use crate::{Addend, Block, KernelError, Store};

/// The same for all samples of a call, but for their factors.
pub(super) struct Ending<'a> {
    pub(super) simd: Simd,
    pub(super) channels: usize,
    pub(super) affine: Option<Affine<'a>>,
    /// One per sample.
    pub(super) factors: Option<&'a [f32]>,
    pub(super) store: Store,
    pub(super) addition: Option<Addition<'a>>,
}

/// A deferred value on its way into the output.
#[derive(Clone, Copy)]
pub(super) struct Addition<'a> {
    value: &'a [f32],
    image_len: usize,
    affine: Affine<'a>,
    /// One per sample.
    factors: Option<&'a [f32]>,
}

impl<'a> Addition<'a> {
    /// The addend of a call on `n` samples, its buffers checked.
    pub(super) fn of(
        addend: &Addend<'a, CpuBuffer>,
        block: &Block,
        n: usize,
        values: &'a [CpuBuffer],
        weights: &[CpuBuffer],
        memory: &'a mut Vec<f32>,
    ) -> Result<Self, KernelError> {
        let (channels, image_len) = (block.channels_out, block.output_len());
        let memory = filled(memory, affine_len(channels), 0.0);
        Ok(Self {
            value: slice(&values[addend.value], n * image_len, "addend")?,
            image_len,
            affine: deferred_norm(channels, values, weights, &addend.norm, memory)?,
            factors: sample_factors(addend.sample_scale, n)?,
        })
    }
}

impl Ending<'_> {
    /// The finish of one sample.
    pub(super) fn finish(&self, image: usize) -> Finish<'_> {
        finish(self.affine, self.factors, image, self.store)
    }

    /// Adds what there is to add to the rows of a sample, `at` elements from its first, that have just been stored.
    pub(super) fn add(&self, image: usize, at: usize, to: &mut [f32]) {
        if let Some(Addition { value, image_len, affine, factors }) = self.addition {
            let finish = finish(Some(affine), factors, image, Store::Add);
            let from = &value[image * image_len + at..][..to.len()];
            normalise(self.simd, from, self.channels, &finish, to);
        }
    }
}

fn finish<'a>(affine: Option<Affine<'a>>, factors: Option<&[f32]>, image: usize, store: Store) -> Finish<'a> {
    let factor = factors.map_or(1.0, |factors| factors[image]);
    Finish { affine: affine.map(|affine| Affine { factor, ..affine }), store }
}
