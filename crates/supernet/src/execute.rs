//! Runs tapes: forward (training, collecting statistics, or evaluating), backward, and one optimiser step. Knows nothing
//! of genotypes or plans.

use std::mem::take;

use kernels::{
    Addend, Backend, Backward, Classify, ClassifyBackward, Forward, Gradients, KernelError, Normalise,
    Outcome, Saved, SgdStep, Store,
};

use crate::arena::Arena;
use crate::parameters::Parameters;
use crate::statistics::{Measured, Statistics};
use crate::tape::{BlockStep, HeadStep, NormStep, SavedSlots, Step, Tape, norms};

/// PyTorch's momentum of running statistics: `running = 0.9 * running + 0.1 * batch`.
pub(crate) const RUNNING_MOMENTUM: f64 = 0.1;

/// How batch-norm behaves in a forward pass.
pub(crate) enum Mode<'a, B: Backend> {
    /// The batch's own statistics; running statistics follow them.
    Train(&'a mut Statistics<B>),
    /// The batch's own statistics, averaged into these with this weight (the batch's share of the images so far).
    Collect(&'a mut Statistics<B>, f64),
    /// Fixed statistics.
    Fixed(&'a Statistics<B>),
}

/// Runs block calls of a tape on `n` images.
pub(crate) fn forward<B: Backend>(
    backend: &B,
    steps: &[Step],
    n: usize,
    arena: &mut Arena<B>,
    weights: &[B::Buffer],
    mode: &mut Mode<'_, B>,
    drop_path: Option<&[B::Buffer]>,
) -> Result<(), KernelError> {
    for step in steps {
        match step {
            Step::Clear { output, len } => backend.clear(&mut arena.values[*output], n * len)?,
            Step::Block(step) => {
                block_forward(backend, step, n, &mut arena.values, weights, mode, drop_path)?;
            }
        }
    }
    follow(backend, steps, n, &arena.values, mode)
}

/// The factors that drop-path puts on a step's output.
fn mask_of<M>(mask: Option<usize>, drop_path: Option<&[M]>) -> Option<&M> {
    mask.zip(drop_path).map(|(index, masks)| &masks[index])
}

fn block_forward<B: Backend>(
    backend: &B,
    step: &BlockStep,
    n: usize,
    values: &mut [B::Buffer],
    weights: &[B::Buffer],
    mode: &Mode<'_, B>,
    drop_path: Option<&[B::Buffer]>,
) -> Result<(), KernelError> {
    let slots = step.norm.as_ref().and_then(|norm| norm.saved);
    let mut output = take(&mut values[step.output]);
    let mut saved =
        slots.map(|slots| [slots.mean, slots.variance, slots.linear].map(|slot| take(&mut values[slot])));
    let normalise = match (&step.norm, &mut saved, mode) {
        (None, _, _) => Normalise::None,
        (Some(norm), _, Mode::Fixed(statistics)) => Normalise::Fixed {
            mean: &statistics.mean[norm.index],
            variance: &statistics.variance[norm.index],
        },
        (Some(_), Some([mean, variance, _]), _) if step.is_deferred() => {
            Normalise::Deferred { mean, variance }
        }
        (Some(_), Some([mean, variance, linear]), _) => Normalise::Batch { mean, variance, linear },
        (Some(_), None, _) => unreachable!("a tape compiled for evaluation runs with fixed statistics only"),
    };
    let call = Forward {
        values,
        inputs: &step.inputs,
        deferred: &step.deferred,
        weights,
        parameters: &step.parameters,
        normalise,
        sample_scale: mask_of(step.mask, drop_path),
        output: &mut output,
        store: step.store,
        addend: step.addend.map(|addend| Addend {
            value: addend.value,
            norm: addend.norm,
            sample_scale: mask_of(addend.mask, drop_path),
        }),
    };
    let result = backend.forward(&step.block, n, call);
    if let (Some(slots), Some([mean, variance, linear])) = (slots, saved) {
        values[slots.mean] = mean;
        values[slots.variance] = variance;
        values[slots.linear] = linear;
    }
    // Last: where the output stays linear, both are the same buffer.
    values[step.output] = output;
    result
}

/// Has running statistics follow those of a batch that has just passed, all in one call.
fn follow<B: Backend>(
    backend: &B,
    steps: &[Step],
    n: usize,
    values: &[B::Buffer],
    mode: &mut Mode<'_, B>,
) -> Result<(), KernelError> {
    let (statistics, add) = match mode {
        Mode::Train(statistics) => (statistics, RUNNING_MOMENTUM),
        Mode::Collect(statistics, weight) => (statistics, *weight),
        Mode::Fixed(_) => return Ok(()),
    };
    let measured = |norm: &NormStep| {
        let SavedSlots { mean, variance, .. } = norm.saved?;
        let count = (n * norm.elements) as f64;
        let unbiased = if count > 1.0 { count / (count - 1.0) } else { 1.0 };
        Some(Measured { index: norm.index, mean: &values[mean], variance: &values[variance], unbiased })
    };
    let all: Vec<Measured<'_, B>> = norms(steps).filter_map(measured).collect();
    statistics.mix(backend, add, &all)
}

/// Runs one classifier.
pub(crate) fn classify<B: Backend>(
    backend: &B,
    step: &HeadStep,
    labels: &[u32],
    arena: &mut Arena<B>,
    weights: &[B::Buffer],
) -> Result<Outcome, KernelError> {
    let mut features = take(&mut arena.values[step.features]);
    let mut logits = take(&mut arena.values[step.logits]);
    let call = Classify {
        values: &arena.values,
        inputs: &step.inputs,
        weights,
        parameters: step.parameters,
        labels,
        features: &mut features,
        logits: &mut logits,
    };
    let outcome = backend.classify(&step.head, labels.len(), call)?;
    arena.values[step.features] = features;
    arena.values[step.logits] = logits;
    Ok(outcome)
}

/// Gradients of `loss_scale * (sum over heads of weight * mean cross-entropy)`, after forward and classify.
///
/// A weight's gradient is written by the first call of a step that names it (then marked in `parameters.touched`) and
/// added to by later ones, so several paths can share a step.
pub(crate) fn backward<B: Backend>(
    backend: &B,
    tape: &Tape,
    labels: &[u32],
    arena: &mut Arena<B>,
    parameters: &mut Parameters<B>,
    loss_scale: f64,
    drop_path: Option<&[B::Buffer]>,
) -> Result<(), KernelError> {
    let n = labels.len();
    for step in &tape.heads {
        let stores = step.parameters.map(|index| parameters.touch(index));
        let call = ClassifyBackward {
            values: &arena.values,
            inputs: &step.inputs,
            weights: &parameters.weights,
            parameters: step.parameters,
            labels,
            features: &arena.values[step.features],
            logits: &arena.values[step.logits],
            loss_scale: loss_scale * step.weight,
            label_smoothing: step.label_smoothing,
            input_gradients: Gradients { buffers: &mut arena.gradients, stores: &step.input_stores },
            weight_gradients: Gradients { buffers: &mut parameters.gradients, stores: &stores },
        };
        backend.classify_backward(&step.head, n, call)?;
    }
    for step in tape.steps.iter().rev() {
        if let Step::Block(step) = step {
            block_backward(backend, step, n, arena, parameters, drop_path)?;
        }
    }
    Ok(())
}

/// No block of the space has more weights: two of the linear stage, scale and shift.
const MAX_WEIGHTS: usize = 4;

fn block_backward<B: Backend>(
    backend: &B,
    step: &BlockStep,
    n: usize,
    arena: &mut Arena<B>,
    parameters: &mut Parameters<B>,
    drop_path: Option<&[B::Buffer]>,
) -> Result<(), KernelError> {
    let mut stores = [Store::Write; MAX_WEIGHTS];
    for (store, &index) in stores.iter_mut().zip(&step.parameters) {
        *store = parameters.touch(index);
    }
    let slots = step.norm.as_ref().and_then(|norm| norm.saved);
    // Factors are the writing step's, and unknown to the step that makes the sums.
    let shares_sums = drop_path.is_none();
    let sums_slot = slots.and_then(|slots| slots.sums).filter(|_| shares_sums);
    let output_gradient = take(&mut arena.gradients[step.gradient]);
    let sums = sums_slot.map(|slot| take(&mut arena.gradients[slot]));
    let call = Backward {
        values: &arena.values,
        inputs: &step.inputs,
        deferred: &step.deferred,
        weights: &parameters.weights,
        parameters: &step.parameters,
        saved: slots.map(|slots| Saved {
            mean: &arena.values[slots.mean],
            variance: &arena.values[slots.variance],
            linear: &arena.values[slots.linear],
            sums: sums.as_ref(),
        }),
        sample_scale: mask_of(step.mask, drop_path),
        output_gradient: &output_gradient,
        input_gradients: step
            .input_stores
            .as_ref()
            .map(|stores| Gradients { buffers: &mut arena.gradients, stores }),
        sums: if shares_sums { &step.sums } else { &[] },
        weight_gradients: Gradients {
            buffers: &mut parameters.gradients,
            stores: &stores[..step.parameters.len()],
        },
    };
    let result = backend.backward(&step.block, n, call);
    arena.gradients[step.gradient] = output_gradient;
    for (slot, sums) in sums_slot.into_iter().zip(sums) {
        arena.gradients[slot] = sums;
    }
    result
}

/// Settings of the optimiser: SGD with momentum, weight decay and clipping of the global gradient norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay (L2 coefficient), on every weight the step touches.
    pub weight_decay: f64,
    /// Largest global L2 norm of the gradients of one step; larger ones are scaled down to it.
    pub gradient_clip: f64,
}

/// One optimiser step on the touched weights; the others keep weight and velocity. Returns the gradient norm before
/// clipping; when it is not finite nothing is changed.
pub(crate) fn optimise<B: Backend>(
    backend: &B,
    parameters: &mut Parameters<B>,
    sgd: &Sgd,
) -> Result<f64, KernelError> {
    let touched = parameters.touched_in_order();
    let norm = backend.squared_norm(&parameters.gradients, &touched)?.sqrt();
    if norm.is_finite() {
        let step = SgdStep {
            learning_rate: sgd.learning_rate,
            momentum: sgd.momentum,
            weight_decay: sgd.weight_decay,
            scale: (sgd.gradient_clip / (norm + 1e-6)).min(1.0),
        };
        let Parameters { weights, velocities, gradients, .. } = parameters;
        backend.sgd(step, weights, velocities, gradients, &touched)?;
    }
    parameters.untouch();
    Ok(norm)
}
