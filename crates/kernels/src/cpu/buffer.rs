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
        if len < PAGE * LINE {
            // Fits the cache wherever it is.
            return Self::behind(len, 1, 0);
        }
        Self::behind(len, PAGE, MADE.fetch_add(1, Ordering::Relaxed).wrapping_mul(STRIDE) % PAGE)
    }

    /// Zeros that begin `skipped` lines behind a multiple of this many.
    fn behind(len: usize, lines: usize, skipped: usize) -> Self {
        let memory = vec![0.0; len + (lines + skipped) * LINE];
        let first = to_line(&memory, lines) + skipped * LINE;
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
    fn buffers_begin_at_lines_and_large_ones_where_they_are_told() {
        let place = |buffer: &CpuBuffer| buffer.as_ptr().addr() % 4096;
        assert_eq!(place(&CpuBuffer::zeros(20)) % 64, 0);
        assert_eq!(place(&CpuBuffer::zeros(5000)) % 64, 0);
        for skipped in [0, 1, 37, 63] {
            assert_eq!(place(&CpuBuffer::behind(5000, PAGE, skipped)), 64 * skipped);
        }
        assert!(CpuBuffer::zeros(5000).iter().all(|&value| value == 0.0));
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
