//! The classifier: one launch forward, which brings loss and successes back; two backward.

use super::call::{countable, listed};
use super::launcher::Launcher;
use super::records::{Address, Inputs};
use super::workspace::Area;
use super::{CudaBuffer, Machine};
use crate::{Classify, ClassifyBackward, Head, KernelError, Outcome, Store};

/// Weights of a block of the gradient's kernel.
const WEIGHTS: usize = 16;

/// What both directions read.
struct Call {
    inputs: Inputs,
    weight: Address,
    bias: Address,
    labels: Address,
    /// Pixels, channels, classes.
    sizes: [i32; 3],
}

/// `Backend::classify`.
pub(super) fn classify<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    head: &Head,
    n: usize,
    call: &Classify<'_, CudaBuffer<M::Memory>>,
) -> Result<Outcome, KernelError> {
    let Classify { values, inputs, weights, parameters, labels, .. } = *call;
    let features = launcher.checked(call.features, n * head.total_in(), "features")?;
    let logits = launcher.checked(call.logits, n * head.classes, "logits")?;
    let Call { inputs, weight, bias, labels, sizes: [pixels, channels, classes] } =
        prepare(launcher, head, n, values, inputs, weights, parameters, labels)?;
    let outcomes = launcher.area(Area::Outcomes, 16 * n)?;
    let tickets = launcher.area(Area::Tickets, 4)?;
    let total = launcher.area(Area::Total, 16)?;
    launcher.launch(
        "classify",
        [n, 1, 1],
        &[
            &inputs, &pixels, &channels, &classes, &weight, &bias, &labels, &features, &logits, &outcomes,
            &tickets, &total,
        ],
    )?;
    let mut sums = [0.0f64; 2];
    launcher.workspace.read(launcher.machine, Area::Total, bytemuck::cast_slice_mut(&mut sums))?;
    let [loss_sum, correct] = sums;
    Ok(Outcome { loss_sum, correct: correct as usize })
}

/// `Backend::classify_backward`.
pub(super) fn classify_backward<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    head: &Head,
    n: usize,
    call: &ClassifyBackward<'_, CudaBuffer<M::Memory>>,
) -> Result<(), KernelError> {
    let ClassifyBackward { values, inputs: indices, weights, parameters, labels, .. } = *call;
    let features = launcher.checked(call.features, n * head.total_in(), "features")?;
    let logits = launcher.checked(call.logits, n * head.classes, "logits")?;
    let image = head.height * head.width;
    let to = launcher.input_gradients(&head.channels_in, n * image, indices, &call.input_gradients)?;
    listed(call.weight_gradients.stores.len(), 2, "stores of the classifier gradients")?;
    let gradient = |at: usize, len| {
        launcher.checked(&call.weight_gradients.buffers[parameters[at]], len, "classifier gradient")
    };
    let weight_gradient = gradient(0, head.total_in() * head.classes)?;
    let bias_gradient = gradient(1, head.classes)?;
    let [add_weight, add_bias] = [0, 1].map(|at| i32::from(call.weight_gradients.stores[at] == Store::Add));
    let Call { inputs, weight, labels, sizes: [pixels, channels, classes], .. } =
        prepare(launcher, head, n, values, indices, weights, parameters, labels)?;
    let logit_gradients = launcher.area(Area::Logits, 4 * n * head.classes)?;
    let factor = (call.loss_scale / n as f64) as f32;
    let spread = call.label_smoothing / head.classes as f64;
    let [spread, target] = [spread, 1.0 - call.label_smoothing + spread].map(|target| target as f32);
    launcher.launch(
        "classify_gradient",
        [n, 1, 1],
        &[
            &inputs,
            &pixels,
            &channels,
            &classes,
            &weight,
            &labels,
            &logits,
            &factor,
            &target,
            &spread,
            &logit_gradients,
            &to,
        ],
    )?;
    let samples = n as i32;
    launcher.launch(
        "classify_weights",
        [((head.total_in() + 1) * head.classes).div_ceil(WEIGHTS), 1, 1],
        &[
            &samples,
            &channels,
            &classes,
            &features,
            &logit_gradients,
            &weight_gradient,
            &bias_gradient,
            &add_weight,
            &add_bias,
        ],
    )
}

/// Checks what both directions read, and copies the labels to the device.
#[allow(clippy::too_many_arguments, reason = "the fields that two calls share")]
fn prepare<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    head: &Head,
    n: usize,
    values: &[CudaBuffer<M::Memory>],
    indices: &[usize],
    weights: &[CudaBuffer<M::Memory>],
    parameters: [usize; 2],
    labels: &[u32],
) -> Result<Call, KernelError> {
    let (image, classes) = (head.height * head.width, head.classes);
    let labels =
        labels.get(..n).ok_or(KernelError::Length { what: "labels", expected: n, got: labels.len() })?;
    if let Some(sample) = labels.iter().position(|&label| label as usize >= classes) {
        return Err(KernelError::Label { sample, label: labels[sample], classes });
    }
    countable((head.total_in() + 1) * classes)?;
    let [weight, bias] = parameters.map(|index| &weights[index]);
    Ok(Call {
        inputs: launcher.inputs(&head.channels_in, n * image, head.activation, values, indices)?,
        weight: launcher.checked(weight, head.total_in() * classes, "classifier weight")?,
        bias: launcher.checked(bias, classes, "classifier bias")?,
        labels: launcher.workspace.filled(launcher.machine, Area::Labels, bytemuck::cast_slice(labels))?,
        sizes: [image, head.total_in(), classes].map(|size| size as i32),
    })
}
