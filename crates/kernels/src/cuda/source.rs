//! The kernels' source text: one translation unit, in the order in which each file needs those before it.

/// Threads of a block, in every kernel.
pub const THREADS: u32 = 256;

/// Most input buffers of a kernel.
pub(super) const MAX_INPUTS: usize = 16;

/// The whole text, as NVRTC takes it.
pub const SOURCE: &str = concat!(
    include_str!("prelude.cu"),
    include_str!("value.cu"),
    include_str!("map.cu"),
    include_str!("reduction.cu"),
    include_str!("product.cu"),
    include_str!("tensor_product.cu"),
    include_str!("linear.cu"),
    include_str!("pool.cu"),
    include_str!("gradient.cu"),
    include_str!("backward.cu"),
    include_str!("classifier.cu"),
    include_str!("optimiser.cu"),
    include_str!("gallery.cu"),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_those_of_the_kernels() {
        assert!(SOURCE.contains(&format!("constexpr int THREADS = {THREADS};")));
        assert!(SOURCE.contains(&format!("constexpr int MAX_INPUTS = {MAX_INPUTS};")));
        assert!(SOURCE.contains("constexpr float EPSILON = 1e-5f;"));
        assert_eq!(crate::BATCH_NORM_EPSILON, 1e-5);
    }

    #[test]
    fn sums_have_a_fixed_order() {
        let atomics: Vec<&str> = SOURCE.lines().filter(|line| line.contains("atomic")).collect();
        assert_eq!(atomics.len(), 1, "{atomics:?}");
        assert!(atomics[0].contains("atomicAdd(ticket, 1u)"));
    }
}
