//! What happens to a value between a dense buffer and a kernel's registers: deferred batch-norm and activation; and the way
//! back of its gradient. Knows no geometry.

use super::finish::Affine;
use super::vector::Vector;

/// What the values of one input still need.
#[derive(Debug, Clone, Copy)]
pub(super) struct InputNorm<'a> {
    /// A deferred batch-norm.
    pub(super) affine: Option<Affine<'a>>,
    pub(super) relu: bool,
}

impl InputNorm<'_> {
    /// Whether values are what the block sees.
    pub(super) fn is_neutral(&self) -> bool {
        self.affine.is_none() && !self.relu
    }

    /// For the coefficients from `channel` on, in registers.
    #[inline(always)]
    pub(super) fn of_channels<V: Vector<L>, const L: usize>(&self, channel: usize) -> Entry<V> {
        Entry { norm: self.affine.map(|affine| affine.of_channels(channel)), relu: self.relu }
    }
}

/// From a value in memory to the value that the block sees, for one vector of channels.
#[derive(Clone, Copy)]
pub(super) struct Entry<V> {
    /// Mean, scale and shift of a deferred batch-norm.
    pub(super) norm: Option<[V; 3]>,
    pub(super) relu: bool,
}

impl<V> Entry<V> {
    /// Normalised.
    #[inline(always)]
    fn normal<const L: usize>(self, value: V) -> V
    where
        V: Vector<L>,
    {
        match self.norm {
            Some([mean, scale, shift]) => value.sub(mean).mul_add(scale, shift),
            None => value,
        }
    }

    /// Normalised and activated.
    #[inline(always)]
    pub(super) fn of<const L: usize>(self, value: V) -> V
    where
        V: Vector<L>,
    {
        let value = self.normal(value);
        if self.relu { value.relu() } else { value }
    }

    /// The gradient by the normalised value.
    #[inline(always)]
    pub(super) fn back<const L: usize>(self, gradient: V, value: V) -> V
    where
        V: Vector<L>,
    {
        if self.relu { gradient.where_positive(self.normal(value)) } else { gradient }
    }
}
