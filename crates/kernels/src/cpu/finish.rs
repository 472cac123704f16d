//! What happens to a value between a kernel's registers and a dense buffer: normalisation, drop-path factor, write or
//! add. Knows no geometry.

use super::vector::Vector;
use crate::Store;

/// `((value - mean) * scale + shift) * factor`, per channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affine<'a> {
    /// Padded to whole vectors, as are the other two. For blocks that run row by row as long as a row: each channel's number
    /// again for each pixel.
    pub(super) mean: &'a [f32],
    pub(super) scale: &'a [f32],
    pub(super) shift: &'a [f32],
    /// One sample's factor.
    pub(super) factor: f32,
}

impl Affine<'_> {
    /// Mean, scale and shift of the channels from `channel` on, in registers.
    #[inline(always)]
    pub(super) fn of_channels<V: Vector<L>, const L: usize>(&self, channel: usize) -> [V; 3] {
        [self.mean, self.scale, self.shift].map(|coefficients| V::load(coefficients, channel))
    }
}

/// The last step of a kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Finish<'a> {
    pub(super) affine: Option<Affine<'a>>,
    pub(super) store: Store,
}

impl Finish<'_> {
    /// Values as they are.
    pub(super) const WRITE: Self = Self { affine: None, store: Store::Write };

    /// The coefficients of the channels from `channel` on, in registers.
    #[inline(always)]
    pub(super) fn of_channels<V: Vector<L>, const L: usize>(&self, channel: usize) -> Ready<V> {
        let affine = self.affine.map(|affine| {
            let [mean, scale, shift] = affine.of_channels(channel);
            [mean, scale, shift, V::splat(affine.factor)]
        });
        Ready { affine, store: self.store }
    }
}

/// A finish for one vector of channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready<V> {
    affine: Option<[V; 4]>,
    store: Store,
}

impl<V> Ready<V> {
    /// Takes vectors to `to[at..]` each, of which `lanes` exist.
    #[inline(always)]
    pub(super) fn put_all<const L: usize>(
        &self,
        values: impl Iterator<Item = V>,
        to: &mut [f32],
        at: impl Iterator<Item = usize>,
        lanes: usize,
    ) where
        V: Vector<L>,
    {
        // What is the same for all is decided once. Loops, not closures, which might not be compiled for the instruction set.
        match (self.affine, self.store) {
            (None, Store::Write) if lanes >= L => {
                for (value, at) in values.zip(at) {
                    value.store(to, at);
                }
            }
            (None, store) => {
                for (value, at) in values.zip(at) {
                    put(value, store, to, at, lanes);
                }
            }
            (Some(affine), Store::Write) if lanes >= L => {
                for (value, at) in values.zip(at) {
                    normal(value, affine).store(to, at);
                }
            }
            (Some(affine), store) => {
                for (value, at) in values.zip(at) {
                    put(normal(value, affine), store, to, at, lanes);
                }
            }
        }
    }
}

#[inline(always)]
fn normal<V: Vector<L>, const L: usize>(value: V, [mean, scale, shift, factor]: [V; 4]) -> V {
    value.sub(mean).mul_add(scale, shift).mul(factor)
}

/// Writes or adds the first `lanes` lanes.
#[inline(always)]
pub(super) fn put<V: Vector<L>, const L: usize>(
    value: V,
    store: Store,
    to: &mut [f32],
    at: usize,
    lanes: usize,
) {
    let value = match store {
        Store::Write => value,
        Store::Add if lanes >= L => V::load(to, at).add(value),
        Store::Add => V::load_up_to(&to[..at + lanes], at).add(value),
    };
    value.store_some(to, at, lanes);
}
