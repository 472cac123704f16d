//! Batch-norms folded into the convolutions in front of them. In inference a batch-norm multiplies each channel by a number
//! and adds another; both can as well be done by the convolution's kernel and a bias. One behind a pool has nothing to fold
//! into, and stays.

use std::collections::BTreeMap;

use space::{BatchNorm, Layer, OpKind, Weight, Window};

use crate::export::{Arrays, EPSILON, statistics};

/// `scale * x + shift` for each output channel.
pub(crate) struct Affine {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

/// What is folded in a layer.
#[derive(Default)]
pub(crate) struct Folds {
    /// What kernels take up, by their names.
    pub(crate) kernels: BTreeMap<String, Affine>,
    /// The batch-norms that are gone.
    pub(crate) norms: Vec<String>,
}

impl Folds {
    /// All batch-norms of a layer that follow a convolution, or the two halves of a factorized reduction.
    pub(crate) fn of(layer: &Layer, arrays: &Arrays<'_>) -> Self {
        let mut folds = Self::default();
        let mut weights = layer.weights().into_iter();
        let mut norms = layer.batch_norms().into_iter();
        // The kernels whose output the next operation reads, and how many channels each writes.
        let mut kernels: Vec<(Weight, usize)> = Vec::new();
        for op in layer.ops() {
            match op.kind {
                OpKind::Conv(conv) => {
                    if conv.window != Window::OddHalf {
                        kernels.clear();
                    }
                    kernels.extend(weights.next().map(|weight| (weight, op.output.channels)));
                }
                OpKind::BatchNorm { affine } => {
                    let scale = affine.then(|| weights.next().zip(weights.next())).flatten();
                    let norm = norms.next().expect("a batch-norm has statistics");
                    if !kernels.is_empty() {
                        let mut affine = Affine::of(&norm, scale.as_ref(), arrays);
                        for (kernel, channels) in kernels.drain(..) {
                            folds.kernels.insert(kernel.name, affine.split_off(channels));
                        }
                        folds.norms.push(norm.name);
                    }
                }
                _ => kernels.clear(),
            }
        }
        folds
    }
}

impl Affine {
    fn of(norm: &BatchNorm, affine: Option<&(Weight, Weight)>, arrays: &Arrays<'_>) -> Self {
        let [mean, variance] = statistics(norm).map(|name| arrays[&name]);
        let learned = affine.map(|(scale, shift)| (arrays[&scale.name], arrays[&shift.name]));
        let channel = |index: usize| {
            let (scale, shift) = learned.map_or((1.0, 0.0), |(scale, shift)| (scale[index], shift[index]));
            let scale = f64::from(scale) / (f64::from(variance[index]) + f64::from(EPSILON)).sqrt();
            (scale, f64::from(shift) - f64::from(mean[index]) * scale)
        };
        let (scale, shift) = (0..norm.channels).map(channel).unzip();
        Self { scale, shift }
    }

    /// Takes the first channels away.
    fn split_off(&mut self, channels: usize) -> Self {
        Self { scale: self.scale.drain(..channels).collect(), shift: self.shift.drain(..channels).collect() }
    }

    /// A kernel `[rows, outputs]` with each output scaled.
    pub(crate) fn scaled(&self, kernel: &[f32]) -> Vec<f32> {
        let scale = self.scale.iter().cycle();
        kernel.iter().zip(scale).map(|(&value, scale)| (f64::from(value) * scale) as f32).collect()
    }

    /// What is added to each output.
    pub(crate) fn bias(&self) -> Vec<f32> {
        self.shift.iter().map(|&shift| shift as f32).collect()
    }
}
