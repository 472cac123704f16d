//! What happens to a value between a kernel's registers and a dense buffer: normalisation, drop-path factor, write or
//! add. Knows no geometry.

use super::vector::Vector;
use crate::Store;

/// `((value - mean) * scale + shift) * factor`, per channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affine<'a> {
    /// Padded to whole vectors, as are the other two.
    pub(super) mean: &'a [f32],
    pub(super) scale: &'a [f32],
    pub(super) shift: &'a [f32],
    /// One sample's factor.
    pub(super) factor: f32,
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

    /// Takes the vector of channels from `channel` on to `to[at..]`, of which `lanes` exist.
    #[inline(always)]
    pub(super) fn put<V: Vector<L>, const L: usize>(
        &self,
        value: V,
        channel: usize,
        to: &mut [f32],
        at: usize,
        lanes: usize,
    ) {
        let value = match &self.affine {
            None => value,
            Some(affine) => value
                .sub(V::load(affine.mean, channel))
                .mul_add(V::load(affine.scale, channel), V::load(affine.shift, channel))
                .mul(V::splat(affine.factor)),
        };
        put(value, self.store, to, at, lanes);
    }
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
