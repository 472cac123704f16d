//! What every counting sort needs of its counts.

/// `n` counts of 0.
#[inline(always)]
pub(super) fn zeroed(counts: &mut Vec<u32>, n: usize) -> &mut [u32] {
    counts.clear();
    counts.resize(n, 0);
    counts
}

/// Turns counts into the places where they begin.
#[inline(always)]
pub(super) fn accumulate(counts: &mut [u32]) {
    let mut start = 0;
    for count in counts {
        start += std::mem::replace(count, start);
    }
}
