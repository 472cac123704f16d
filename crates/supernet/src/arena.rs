//! Working memory of a network: buffers grouped by kind and size, made once and reused by every tape, so that a step allocates
//! nothing after the first ones. Value and gradient of the same index are of one kind and size and, but for sums, belong together.

use std::collections::BTreeMap;

use kernels::{Backend, KernelError};

/// All buffers that tapes may name by index.
pub(crate) struct Arena<B: Backend> {
    pub(crate) values: Vec<B::Buffer>,
    pub(crate) gradients: Vec<B::Buffer>,
    alike: BTreeMap<Room, Vec<usize>>,
}

/// Kind and elements of a buffer.
type Room = (Kind, usize);

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A feature map, in the backend's precision.
    FeatureMap,
    /// Numbers in single precision.
    Numbers,
}

/// Hands out the buffers of an arena to one tape; what is returned can be handed out again.
pub(crate) struct Allotment<'a, B: Backend> {
    backend: &'a B,
    arena: &'a mut Arena<B>,
    free: BTreeMap<Room, Vec<usize>>,
    room_of: BTreeMap<usize, Room>,
}

impl<B: Backend> Arena<B> {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new(), gradients: Vec::new(), alike: BTreeMap::new() }
    }

    /// Starts a new tape: every buffer is free again.
    pub(crate) fn allot<'a>(&'a mut self, backend: &'a B) -> Allotment<'a, B> {
        let mut free = self.alike.clone();
        for slots in free.values_mut() {
            slots.reverse();
        }
        Allotment { backend, arena: self, free, room_of: BTreeMap::new() }
    }
}

impl<B: Backend> Allotment<'_, B> {
    /// A buffer of exactly `len` elements.
    pub(crate) fn take(&mut self, kind: Kind, len: usize) -> Result<usize, KernelError> {
        let room = (kind, len);
        let free = self.free.get_mut(&room).and_then(Vec::pop);
        let slot = if let Some(slot) = free { slot } else { self.add(room)? };
        self.room_of.insert(slot, room);
        Ok(slot)
    }

    fn add(&mut self, room: Room) -> Result<usize, KernelError> {
        let slot = self.arena.values.len();
        let value = self.make(room)?;
        self.arena.values.push(value);
        self.arena.gradients.push(B::Buffer::default());
        self.arena.alike.entry(room).or_default().push(slot);
        Ok(slot)
    }

    fn make(&self, (kind, len): Room) -> Result<B::Buffer, KernelError> {
        match kind {
            Kind::FeatureMap => self.backend.feature_map(len),
            Kind::Numbers => self.backend.zeros(len),
        }
    }

    /// As [`Allotment::take`], with a gradient buffer of the same kind and size beside it.
    pub(crate) fn take_with_gradient(&mut self, kind: Kind, len: usize) -> Result<usize, KernelError> {
        let slot = self.take(kind, len)?;
        if self.backend.len(&self.arena.gradients[slot]) < len {
            self.arena.gradients[slot] = self.make((kind, len))?;
        }
        Ok(slot)
    }

    /// Gives a buffer back to this tape.
    pub(crate) fn give_back(&mut self, slot: usize) {
        if let Some(room) = self.room_of.remove(&slot) {
            self.free.entry(room).or_default().push(slot);
        }
    }
}
