//! Working memory of a network: buffers grouped by size, made once and reused by every tape, so that a step allocates
//! nothing after the first ones. Value and gradient of the same index are of one size and, but for sums, belong together.

use std::collections::BTreeMap;

use kernels::{Backend, KernelError};

/// All buffers that tapes may name by index.
pub(crate) struct Arena<B: Backend> {
    pub(crate) values: Vec<B::Buffer>,
    pub(crate) gradients: Vec<B::Buffer>,
    by_len: BTreeMap<usize, Vec<usize>>,
}

/// Hands out the buffers of an arena to one tape; what is returned can be handed out again.
pub(crate) struct Allotment<'a, B: Backend> {
    backend: &'a B,
    arena: &'a mut Arena<B>,
    free: BTreeMap<usize, Vec<usize>>,
    len_of: BTreeMap<usize, usize>,
}

impl<B: Backend> Arena<B> {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new(), gradients: Vec::new(), by_len: BTreeMap::new() }
    }

    /// Starts a new tape: every buffer is free again.
    pub(crate) fn allot<'a>(&'a mut self, backend: &'a B) -> Allotment<'a, B> {
        let mut free = self.by_len.clone();
        for slots in free.values_mut() {
            slots.reverse();
        }
        Allotment { backend, arena: self, free, len_of: BTreeMap::new() }
    }
}

impl<B: Backend> Allotment<'_, B> {
    /// A buffer of exactly `len` elements.
    pub(crate) fn take(&mut self, len: usize) -> Result<usize, KernelError> {
        let free = self.free.get_mut(&len).and_then(Vec::pop);
        let slot = if let Some(slot) = free { slot } else { self.make(len)? };
        self.len_of.insert(slot, len);
        Ok(slot)
    }

    fn make(&mut self, len: usize) -> Result<usize, KernelError> {
        let slot = self.arena.values.len();
        self.arena.values.push(self.backend.zeros(len)?);
        self.arena.gradients.push(B::Buffer::default());
        self.arena.by_len.entry(len).or_default().push(slot);
        Ok(slot)
    }

    /// As [`Allotment::take`], with a gradient buffer of the same size beside it.
    pub(crate) fn take_with_gradient(&mut self, len: usize) -> Result<usize, KernelError> {
        let slot = self.take(len)?;
        if self.backend.len(&self.arena.gradients[slot]) < len {
            self.arena.gradients[slot] = self.backend.zeros(len)?;
        }
        Ok(slot)
    }

    /// Gives a buffer back to this tape.
    pub(crate) fn give_back(&mut self, slot: usize) {
        if let Some(len) = self.len_of.remove(&slot) {
            self.free.entry(len).or_default().push(slot);
        }
    }
}
