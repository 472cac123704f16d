//! Passes over whole weight buffers: squared norm, optimiser step, blend.

use super::simd::kernel;
use super::vector::Vector;
use crate::SgdStep;

kernel! {
    /// One optimiser step on one buffer, as [`SgdStep`] defines it.
    fn sgd(step: SgdStep, weights: &mut [f32], velocities: &mut [f32], gradients: &[f32]) = sgd_body
}

#[inline(always)]
fn sgd_body<V: Vector<L>, const L: usize>(
    step: SgdStep,
    weights: &mut [f32],
    velocities: &mut [f32],
    gradients: &[f32],
) {
    let (momentum, rate) = (step.momentum as f32, step.learning_rate as f32);
    let (scale, decay) = (step.scale as f32, step.weight_decay as f32);
    for ((w, v), g) in weights.iter_mut().zip(velocities).zip(gradients) {
        *v = momentum * *v + (scale * g + decay * *w);
        *w -= rate * *v;
    }
}

kernel! {
    /// `into = keep * into + add * from`; with `keep` 0, whatever `into` held is gone.
    fn blend(into: &mut [f32], keep: f32, from: &[f32], add: f32) = blend_body
}

#[inline(always)]
fn blend_body<V: Vector<L>, const L: usize>(into: &mut [f32], keep: f32, from: &[f32], add: f32) {
    for (into, from) in into.iter_mut().zip(from) {
        // Not 0 * into, which would keep a NaN.
        *into = if keep == 0.0 { add * from } else { keep * *into + add * from };
    }
}

/// Sum of squares in double precision, in sixteen interleaved sums: the same on every instruction set.
pub(super) fn squared_norm(values: &[f32]) -> f64 {
    let (lines, rest) = values.as_chunks::<16>();
    let mut sums = [0.0f64; 16];
    for line in lines {
        for (sum, &value) in sums.iter_mut().zip(line) {
            *sum += f64::from(value) * f64::from(value);
        }
    }
    let rest: f64 = rest.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
    sums.iter().sum::<f64>() + rest
}
