//! Calls with deferred batch-norms that cannot be answered: short buffers are named, and a backend that does not defer refuses.

use kernels::{
    Activation, Addend, Backend, Backward, Block, BlockKind, Deferred, Forward, GradientSums, Gradients,
    KernelError, Norm, Normalise, Saved, Store,
};

use crate::run::{self, buffer, feature_map};

/// Lengths of the buffers that deferral brings into a call, and of its list of batch-norms.
#[derive(Debug, Clone)]
struct Lens {
    statistics: [usize; 2],
    addend: usize,
    factors: usize,
    list: usize,
    kept: usize,
    linear: usize,
    mean: usize,
    sums: usize,
}

/// Two images of 2x2 pixels, of two channels in and three out.
const RIGHT: Lens =
    Lens { statistics: [2, 2], addend: 24, factors: 2, list: 1, kept: 6, linear: 16, mean: 2, sums: 4 };

/// Each of them in turn is too short, or the list too long: the call says so and leaves gradients as they were.
pub fn short_buffers_are_named<B: Backend>(backend: &B) -> Result<(), String> {
    let edits: [fn(&mut Lens) -> &mut usize; 8] = [
        |lens| &mut lens.statistics[0],
        |lens| &mut lens.statistics[1],
        |lens| &mut lens.addend,
        |lens| &mut lens.factors,
        |lens| &mut lens.kept,
        |lens| &mut lens.linear,
        |lens| &mut lens.mean,
        |lens| &mut lens.sums,
    ];
    lens_in_calls(backend, &RIGHT).map_err(|error| error.to_string())?;
    let mut wrong = vec![Lens { list: 2, ..RIGHT }];
    for edit in edits {
        let mut lens = RIGHT;
        *edit(&mut lens) -= 1;
        wrong.push(lens);
    }
    for lens in wrong {
        match lens_in_calls(backend, &lens) {
            Err(KernelError::Length { .. }) => {}
            other => return Err(format!("{lens:?} gave {other:?}")),
        }
    }
    Ok(())
}

/// A forward and a backward call with buffers of these lengths.
fn lens_in_calls<B: Backend>(backend: &B, lens: &Lens) -> Result<(), KernelError> {
    let block = Block {
        kind: BlockKind::Pointwise,
        activation: Activation::Relu,
        norm: Norm::Plain,
        height: 2,
        width: 2,
        channels_in: vec![2],
        channels_out: 3,
    };
    let of = |len: usize| -> Result<B::Buffer, KernelError> {
        let mut buffer = backend.zeros(len)?;
        backend.upload(&vec![1.0; len], &mut buffer)?;
        Ok(buffer)
    };
    let [mean, variance] = lens.statistics;
    let values = [
        of(16)?,
        of(mean)?,
        of(variance)?,
        of(lens.addend)?,
        of(3)?,
        of(3)?,
        of(lens.linear)?,
        of(lens.mean)?,
    ];
    let deferred = vec![Some(Deferred { statistics: [1, 2], learned: None }); lens.list];
    let weights = [of(6)?];
    let [mut mean, mut variance, mut linear, mut output] = [of(3)?, of(3)?, of(24)?, of(24)?];
    let factors = of(lens.factors)?;
    let norm = Deferred { statistics: [4, 5], learned: None };
    let call = Forward {
        values: &values,
        inputs: &[0],
        deferred: &deferred,
        weights: &weights,
        parameters: &[0],
        normalise: Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear },
        sample_scale: None,
        output: &mut output,
        store: Store::Write,
        addend: Some(Addend { value: 3, norm, sample_scale: Some(&factors) }),
    };
    backend.forward(&block, 2, call)?;
    let kept = of(lens.kept)?;
    let mut gradients = [of(16)?, of(lens.sums)?];
    let mut weight_gradients = [of(6)?];
    let call = Backward {
        values: &values,
        inputs: &[0],
        deferred: &deferred,
        weights: &weights,
        parameters: &[0],
        saved: Some(Saved { mean: &mean, variance: &variance, linear: &linear, sums: Some(&kept) }),
        sample_scale: None,
        output_gradient: &output,
        input_gradients: Some(Gradients { buffers: &mut gradients, stores: &[Store::Add] }),
        sums: &[GradientSums { input: 0, linear: 6, mean: 7, to: 1 }],
        weight_gradients: Gradients { buffers: &mut weight_gradients, stores: &[Store::Add] },
    };
    let result = backend.backward(&block, 2, call);
    let is_changed = |buffer: &B::Buffer| run::values(backend, buffer).iter().any(|&value| value != 1.0);
    assert!(result.is_ok() || !is_changed(&gradients[0]) && !is_changed(&weight_gradients[0]), "{lens:?}");
    result
}

/// Everything that can be asked for with a deferred batch-norm is refused.
pub fn refusals<B: Backend>(backend: &B) -> Result<(), String> {
    let block = Block {
        kind: BlockKind::Identity,
        activation: Activation::None,
        norm: Norm::Plain,
        height: 1,
        width: 1,
        channels_in: vec![1],
        channels_out: 1,
    };
    let one = || buffer(backend, &[1.0]);
    let map = || feature_map(backend, &[1.0]);
    let (values, linear) = ([map(), one(), one()], map());
    let norm = Deferred { statistics: [1, 2], learned: None };
    let forward = |deferred: &[Option<Deferred>], leaves: bool, addend| {
        let (mut mean, mut variance, mut linear) = (one(), one(), map());
        let normalise = if leaves {
            Normalise::Deferred { mean: &mut mean, variance: &mut variance }
        } else {
            Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear }
        };
        let call = Forward {
            values: &values,
            inputs: &[0],
            deferred,
            weights: &[],
            parameters: &[],
            normalise,
            sample_scale: None,
            output: &mut map(),
            store: Store::Write,
            addend,
        };
        backend.forward(&block, 1, call)
    };
    let backward = |deferred: &[Option<Deferred>], sums: &[GradientSums], kept: bool| {
        let made = buffer(backend, &[0.0, 0.0]);
        let [_, mean, variance] = &values;
        let mut gradients = [map(), buffer(backend, &[0.0, 0.0])];
        let call = Backward {
            values: &values,
            inputs: &[0],
            deferred,
            weights: &[],
            parameters: &[],
            saved: Some(Saved { mean, variance, linear: &linear, sums: kept.then_some(&made) }),
            sample_scale: None,
            output_gradient: &map(),
            input_gradients: Some(Gradients { buffers: &mut gradients, stores: &[Store::Write] }),
            sums,
            weight_gradients: Gradients { buffers: &mut [], stores: &[] },
        };
        backend.backward(&block, 1, call)
    };
    forward(&[None], false, None).map_err(|error| error.to_string())?;
    backward(&[None], &[], false).map_err(|error| error.to_string())?;
    let refused = [
        forward(&[Some(norm)], false, None),
        forward(&[], true, None),
        forward(&[], false, Some(Addend { value: 0, norm, sample_scale: None })),
        backward(&[Some(norm)], &[], false),
        backward(&[], &[GradientSums { input: 0, linear: 0, mean: 1, to: 1 }], false),
        backward(&[], &[], true),
    ];
    for (at, result) in refused.into_iter().enumerate() {
        if !matches!(result, Err(KernelError::Deferred)) {
            return Err(format!("deferral in way {at} gave {result:?}"));
        }
    }
    Ok(())
}
