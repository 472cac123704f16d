//! Compiles block calls to a tape: assigns buffers by life span, resolves names to indices, and decides who applies each batch-norm, who makes its gradient's sums, and where gradients are written and where
//! added.

use std::collections::BTreeMap;

use kernels::{Backend, Block, Deferred, GradientSums, KernelError, Norm, Store};

use crate::arena::{Allotment, Arena, Kind};
use crate::error::SupernetError;
use crate::lower::{IMAGE, Lowered, Program};
use crate::parameters::Parameters;
use crate::statistics::Statistics;
use crate::tape::{AddendStep, BlockStep, HeadStep, NormStep, SavedSlots, Step, Tape};

/// What a tape is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Forward and backward: every value is kept, with a gradient beside it.
    Train,
    /// Forward with the batch's statistics; buffers are reused as soon as their last reader has run.
    Collect,
    /// Forward with fixed statistics; buffers are reused likewise.
    Evaluate,
}

/// Compiles a program for batches of up to `capacity` samples.
pub(crate) fn compile<B: Backend>(
    program: &Program,
    purpose: Use,
    capacity: usize,
    backend: &B,
    arena: &mut Arena<B>,
    parameters: &Parameters<B>,
    statistics: &Statistics<B>,
) -> Result<Tape, SupernetError> {
    let calls = program.live_calls();
    let last_reader = last_readers(program, &calls);
    let mut buffers = Buffers {
        values: program.values.iter().map(|&len| Value { len, ..Value::default() }).collect(),
        purpose,
        capacity,
        defers: purpose != Use::Evaluate && backend.defers(),
        allotment: arena.allot(backend),
    };
    for call in &calls {
        buffers.values[call.output].writers_left += 1;
    }
    for &value in program.heads.iter().flat_map(|head| &head.inputs) {
        buffers.values[value].is_classified = true;
    }
    let mut tape = Tape { images: buffers.of(IMAGE)?, ..Tape::default() };
    let mut masks = 0;
    for (position, call) in calls.iter().enumerate() {
        for &input in &call.inputs {
            buffers.clear_if_unwritten(input, &mut tape)?;
        }
        let norm = call.batch_norm.as_ref().map(|name| statistics.index(name)).transpose()?;
        let parameters: Result<Vec<usize>, _> =
            call.weights.iter().map(|name| parameters.index(name)).collect();
        let step = buffers.step(call, norm, parameters?, call.droppable.then_some(masks))?;
        step.block.check()?;
        masks += usize::from(call.droppable);
        buffers.release(call, &step, position, &last_reader);
        tape.steps.push(Step::Block(Box::new(step)));
    }
    for lowered in &program.heads {
        for &input in &lowered.inputs {
            buffers.clear_if_unwritten(input, &mut tape)?;
        }
        let [weight, bias] = [0, 1].map(|i| lowered.weights.get(i).map_or("", String::as_str));
        tape.heads.push(HeadStep {
            inputs: lowered.inputs.iter().filter_map(|&value| buffers.values[value].slot).collect(),
            input_stores: Vec::new(),
            parameters: [parameters.index(weight)?, parameters.index(bias)?],
            features: buffers.allotment.take(Kind::Numbers, capacity * lowered.head.total_in())?,
            logits: buffers.allotment.take(Kind::Numbers, capacity * lowered.head.classes)?,
            weight: lowered.loss_weight,
            label_smoothing: lowered.label_smoothing,
            head: lowered.head.clone(),
        });
    }
    if purpose == Use::Train {
        decide_gradients(&mut tape, &mut buffers)?;
    }
    Ok(tape)
}

/// Position of the last call that reads each value; the classifiers read after all calls.
fn last_readers(program: &Program, calls: &[&Lowered]) -> Vec<usize> {
    let mut last = vec![0; program.values.len()];
    for (position, call) in calls.iter().enumerate() {
        call.inputs.iter().for_each(|&value| last[value] = position);
    }
    for &value in program.heads.iter().flat_map(|head| &head.inputs) {
        last[value] = usize::MAX;
    }
    last[IMAGE] = usize::MAX;
    last
}

/// A value of the program and where it is.
#[derive(Debug, Clone, Default)]
struct Value {
    /// Elements of one sample.
    len: usize,
    slot: Option<usize>,
    is_written: bool,
    /// Steps yet to come that write or add to it.
    writers_left: usize,
    /// Whether a classifier reads it.
    is_classified: bool,
    /// The batch-norm that its readers apply.
    norm: Option<Deferred>,
    /// What its next writer adds.
    pending: Option<AddendStep>,
}

/// Who applies the batch-norm of a step, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Applies {
    /// The step itself.
    Itself,
    /// Those who read the value.
    Readers,
    /// The next step that writes the value, which is a sum.
    NextWriter,
}

/// Buffers assigned so far.
struct Buffers<'a, B: Backend> {
    values: Vec<Value>,
    purpose: Use,
    capacity: usize,
    /// Whether batch-norms may be left to others.
    defers: bool,
    allotment: Allotment<'a, B>,
}

impl<B: Backend> Buffers<'_, B> {
    fn of(&mut self, value: usize) -> Result<usize, SupernetError> {
        if let Some(slot) = self.values[value].slot {
            return Ok(slot);
        }
        let len = self.capacity * self.values[value].len;
        let slot = match self.purpose {
            Use::Train if value != IMAGE => self.allotment.take_with_gradient(Kind::FeatureMap, len)?,
            _ => self.allotment.take(Kind::FeatureMap, len)?,
        };
        self.values[value].slot = Some(slot);
        Ok(slot)
    }

    /// A node whose edges are all `none` is read before anything wrote it: it is zeros.
    fn clear_if_unwritten(&mut self, value: usize, tape: &mut Tape) -> Result<(), SupernetError> {
        if self.values[value].slot.is_none() {
            let output = self.of(value)?;
            tape.steps.push(Step::Clear { output, len: self.values[value].len });
        }
        Ok(())
    }

    /// The step of a call, with its batch-norm, weights and mask as numbers.
    fn step(
        &mut self,
        call: &Lowered,
        norm: Option<usize>,
        parameters: Vec<usize>,
        mask: Option<usize>,
    ) -> Result<BlockStep, SupernetError> {
        debug_assert!(
            call.inputs.iter().all(|&input| self.values[input].writers_left == 0),
            "read before it is whole"
        );
        let slot = self.of(call.output)?;
        let value = &mut self.values[call.output];
        value.writers_left -= 1;
        let addend = value.pending.take();
        let applies = match norm {
            Some(_) if self.defers => who_applies(value, addend.is_some(), mask.is_some()),
            _ => Applies::Itself,
        };
        let store = if value.is_written { Store::Add } else { Store::Write };
        value.is_written |= applies != Applies::NextWriter;
        let output = match applies {
            Applies::NextWriter => {
                self.allotment.take(Kind::FeatureMap, self.capacity * call.block.output_len())?
            }
            Applies::Itself | Applies::Readers => slot,
        };
        let deferred_to = (applies != Applies::Itself).then_some(output);
        let norm = norm.map(|index| self.norm(call, index, deferred_to)).transpose()?;
        if let Some(saved) = norm.as_ref().and_then(|norm| norm.saved) {
            let norm = deferred(&call.block, saved, &parameters);
            let value = &mut self.values[call.output];
            match applies {
                Applies::Itself => {}
                Applies::Readers => value.norm = Some(norm),
                Applies::NextWriter => value.pending = Some(AddendStep { value: output, norm, mask }),
            }
        }
        Ok(BlockStep {
            block: call.block.clone(),
            inputs: call.inputs.iter().filter_map(|&value| self.values[value].slot).collect(),
            deferred: call.inputs.iter().map(|&value| self.values[value].norm).collect(),
            input_stores: None,
            sums: Vec::new(),
            parameters,
            norm,
            output,
            store,
            gradient: slot,
            mask,
            addend,
        })
    }

    /// The batch-norm of a call; `deferred_to` is the call's output if that stays linear.
    fn norm(
        &mut self,
        call: &Lowered,
        index: usize,
        deferred_to: Option<usize>,
    ) -> Result<NormStep, SupernetError> {
        let channels = call.block.channels_out;
        let saved = match self.purpose {
            Use::Evaluate => None,
            Use::Train | Use::Collect => Some(SavedSlots {
                mean: self.allotment.take(Kind::Numbers, channels)?,
                variance: self.allotment.take(Kind::Numbers, channels)?,
                linear: match deferred_to {
                    Some(output) => output,
                    None => self.allotment.take(Kind::FeatureMap, self.capacity * call.block.output_len())?,
                },
                sums: None,
            }),
        };
        Ok(NormStep { index, saved, elements: call.block.output_len() / channels })
    }

    /// Where nothing is kept for a backward pass, gives back what has been read for the last time.
    fn release(&mut self, call: &Lowered, step: &BlockStep, position: usize, last_reader: &[usize]) {
        if self.purpose == Use::Train {
            return;
        }
        let read = call.inputs.iter().filter(|&&value| last_reader[value] == position);
        for slot in read.filter_map(|&value| self.values[value].slot) {
            self.allotment.give_back(slot);
        }
        if let Some(addend) = &step.addend {
            self.allotment.give_back(addend.value);
        }
        // Mean and variance are read once more, after all calls.
        for saved in step.norm.iter().filter_map(|norm| norm.saved).filter(|_| !step.is_deferred()) {
            self.allotment.give_back(saved.linear);
        }
    }
}

/// Who applies the batch-norm of a step that writes this value, now that its turn has come.
fn who_applies(value: &Value, adds: bool, may_be_dropped: bool) -> Applies {
    let is_alone = !value.is_written && !adds && value.writers_left == 0;
    if value.writers_left > 0 && !adds {
        Applies::NextWriter
    } else if is_alone && !may_be_dropped && !value.is_classified {
        // What may be dropped has factors, which readers do not know.
        Applies::Readers
    } else {
        Applies::Itself
    }
}

/// A step's batch-norm for those who apply it in its place.
fn deferred(block: &Block, saved: SavedSlots, parameters: &[usize]) -> Deferred {
    let learned = match (block.norm, parameters) {
        (Norm::Affine, &[.., scale, shift]) => Some([scale, shift]),
        _ => None,
    };
    Deferred { statistics: [saved.mean, saved.variance], learned }
}

/// Walks the tape backwards: the first call that touches a value's gradient replaces it, later ones add. The last completes it,
/// and makes the sums for the batch-norms whose outputs the value is made of.
fn decide_gradients<B: Backend>(tape: &mut Tape, buffers: &mut Buffers<'_, B>) -> Result<(), KernelError> {
    // By slot: the step that touched it last and which of its inputs it is; `None` for a classifier.
    let mut touched: BTreeMap<usize, Option<(usize, usize)>> = BTreeMap::new();
    let mut decide = |step: Option<usize>, inputs: &[usize]| -> Vec<Store> {
        let touch =
            |(input, &slot): (usize, &usize)| match touched.insert(slot, step.map(|step| (step, input))) {
                Some(_) => Store::Add,
                None => Store::Write,
            };
        inputs.iter().enumerate().map(touch).collect()
    };
    for step in &mut tape.heads {
        step.input_stores = decide(None, &step.inputs);
    }
    for (at, step) in tape.steps.iter_mut().enumerate().rev() {
        if let Step::Block(step) = step {
            let reads_images = step.inputs.contains(&tape.images);
            step.input_stores = (!reads_images).then(|| decide(Some(at), &step.inputs));
        }
    }
    if !buffers.defers {
        return Ok(());
    }
    for writer in 0..tape.steps.len() {
        let Step::Block(step) = &mut tape.steps[writer] else { continue };
        let channels = step.block.channels_out;
        let Some(saved) = step.norm.as_mut().and_then(|norm| norm.saved.as_mut()) else { continue };
        let Some(&Some((last, input))) = touched.get(&step.gradient) else { continue };
        let to = buffers.allotment.take_with_gradient(Kind::Numbers, 2 * channels)?;
        saved.sums = Some(to);
        let sums = GradientSums { input, linear: saved.linear, mean: saved.mean, to };
        if let Step::Block(step) = &mut tape.steps[last] {
            step.sums.push(sums);
        }
    }
    Ok(())
}
