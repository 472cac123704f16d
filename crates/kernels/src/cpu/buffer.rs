//! Buffers of the [`super::Cpu`] backend: memory that begins at a cache line, so that no vector lies across two, and at another
//! line of a page than the buffers made before it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::scratch::{LINE, to_line};

/// Cache lines of a page.
const PAGE: usize = 64;

/// Lines from the start of one buffer to that of the next, in a page: shares no divisor with [`PAGE`]. Where two buffers are passed over
/// side by side, a load must not meet the low twelve bits of the addresses of stores that are under way, or it waits for them.
const STRIDE: usize = 37;

/// Numbers in single precision.
#[derive(Default)]
pub struct CpuBuffer {
    memory: Vec<f32>,
    first: usize,
    len: usize,
}

impl CpuBuffer {
    /// This many zeros.
    pub fn zeros(len: usize) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let line = MADE.fetch_add(1, Ordering::Relaxed).wrapping_mul(STRIDE) % PAGE;
        // Small ones fit the cache wherever they are.
        let line = if len < PAGE * LINE { 0 } else { line };
        let memory = vec![0.0; len + (line + 1) * LINE];
        let first = to_line(&memory) + line * LINE;
        Self { memory, first, len }
    }
}

impl Deref for CpuBuffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[self.first..][..self.len]
    }
}

impl DerefMut for CpuBuffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[self.first..][..self.len]
    }
}

/// Takes the memory as it is, wherever it begins.
impl From<Vec<f32>> for CpuBuffer {
    fn from(memory: Vec<f32>) -> Self {
        Self { first: 0, len: memory.len(), memory }
    }
}

/// Copies only where the buffer does not begin with its memory.
impl From<CpuBuffer> for Vec<f32> {
    fn from(mut buffer: CpuBuffer) -> Self {
        if buffer.first > 0 {
            return buffer.to_vec();
        }
        buffer.memory.truncate(buffer.len);
        buffer.memory
    }
}

impl fmt::Debug for CpuBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_begin_at_lines_and_large_ones_at_different_ones() {
        let buffers: Vec<CpuBuffer> = (0..8).map(|_| CpuBuffer::zeros(5000)).collect();
        let places: Vec<usize> = buffers.iter().map(|buffer| buffer.as_ptr().addr() % 4096).collect();
        assert!(places.iter().all(|place| place % 64 == 0), "{places:?}");
        assert!(
            buffers.iter().all(|buffer| buffer.len() == 5000 && buffer.iter().all(|&value| value == 0.0))
        );
    }

    #[test]
    fn numbers_go_in_and_come_out() {
        let numbers = vec![1.0, 2.0, 3.0];
        assert_eq!(Vec::from(CpuBuffer::from(numbers.clone())), numbers);
        let mut buffer = CpuBuffer::zeros(3);
        buffer.copy_from_slice(&numbers);
        assert_eq!(Vec::from(buffer), numbers);
        assert!(CpuBuffer::default().is_empty());
    }
}
