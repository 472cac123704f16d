//! Compiles block calls to a tape: drops calls whose result nobody needs, assigns buffers by life span, resolves names
//! to indices, and decides where gradients are written and where added.

use kernels::{Backend, Store};

use crate::arena::{Allotment, Arena};
use crate::error::SupernetError;
use crate::lower::{Lowered, Program};
use crate::parameters::Parameters;
use crate::statistics::Statistics;
use crate::tape::{BlockStep, HeadStep, NormStep, Step, Tape};

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

/// Value 0 of every plan is the image.
const IMAGE: usize = 0;

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
    let calls = live_calls(program);
    let last_reader = last_readers(program, &calls);
    let mut buffers = Buffers {
        slots: vec![None; program.values.len()],
        lens: &program.values,
        purpose,
        capacity,
        allotment: arena.allot(backend),
    };
    let mut tape = Tape { images: buffers.of(IMAGE)?, ..Tape::default() };
    let mut masks = 0;
    for (position, call) in calls.iter().enumerate() {
        for &input in &call.inputs {
            buffers.clear_if_unwritten(input, &mut tape)?;
        }
        let store = if buffers.slots[call.output].is_some() { Store::Add } else { Store::Write };
        let norm = match &call.batch_norm {
            None => None,
            Some(name) => Some(buffers.norm(call, statistics.index(name)?)?),
        };
        let parameters: Result<Vec<usize>, _> =
            call.weights.iter().map(|name| parameters.index(name)).collect();
        let output = buffers.of(call.output)?;
        let step = BlockStep {
            block: call.block.clone(),
            inputs: call.inputs.iter().filter_map(|&value| buffers.slots[value]).collect(),
            input_stores: None,
            parameters: parameters?,
            norm,
            output,
            store,
            mask: call.droppable.then_some(masks),
        };
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
            inputs: lowered.inputs.iter().filter_map(|&value| buffers.slots[value]).collect(),
            input_stores: Vec::new(),
            parameters: [parameters.index(weight)?, parameters.index(bias)?],
            features: buffers.allotment.take(capacity * lowered.head.total_in())?,
            logits: buffers.allotment.take(capacity * lowered.head.classes)?,
            weight: lowered.loss_weight,
            label_smoothing: lowered.label_smoothing,
            head: lowered.head.clone(),
        });
    }
    if purpose == Use::Train {
        let written = arena.values.len();
        decide_gradient_stores(&mut tape, written);
    }
    Ok(tape)
}

/// The calls that the classifiers depend on, in order. A cell input that no edge reads, for one, is not computed. Without
/// a classifier (one layer alone), the last call is what is wanted.
fn live_calls(program: &Program) -> Vec<&Lowered> {
    let mut needed = vec![false; program.values.len()];
    for &value in program.heads.iter().flat_map(|head| &head.inputs) {
        needed[value] = true;
    }
    if let (true, Some(last)) = (program.heads.is_empty(), program.calls.last()) {
        needed[last.output] = true;
    }
    let mut live: Vec<&Lowered> = Vec::new();
    for call in program.calls.iter().rev() {
        if needed[call.output] {
            call.inputs.iter().for_each(|&value| needed[value] = true);
            live.push(call);
        }
    }
    live.reverse();
    live
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

/// Buffers assigned so far.
struct Buffers<'a, B: Backend> {
    slots: Vec<Option<usize>>,
    lens: &'a [usize],
    purpose: Use,
    capacity: usize,
    allotment: Allotment<'a, B>,
}

impl<B: Backend> Buffers<'_, B> {
    fn of(&mut self, value: usize) -> Result<usize, SupernetError> {
        if let Some(slot) = self.slots[value] {
            return Ok(slot);
        }
        let len = self.capacity * self.lens[value];
        let slot = match self.purpose {
            Use::Train if value != IMAGE => self.allotment.take_with_gradient(len)?,
            _ => self.allotment.take(len)?,
        };
        self.slots[value] = Some(slot);
        Ok(slot)
    }

    /// A node whose edges are all `none` is read before anything wrote it: it is zeros.
    fn clear_if_unwritten(&mut self, value: usize, tape: &mut Tape) -> Result<(), SupernetError> {
        if self.slots[value].is_none() {
            let output = self.of(value)?;
            tape.steps.push(Step::Clear { output, len: self.lens[value] });
        }
        Ok(())
    }

    fn norm(&mut self, call: &Lowered, index: usize) -> Result<NormStep, SupernetError> {
        let channels = call.block.channels_out;
        let saved = match self.purpose {
            Use::Evaluate => None,
            Use::Train | Use::Collect => Some([
                self.allotment.take(channels)?,
                self.allotment.take(channels)?,
                self.allotment.take(self.capacity * call.block.output_len())?,
            ]),
        };
        Ok(NormStep { index, saved, elements: call.block.output_len() / channels })
    }

    /// Where nothing is kept for a backward pass, gives back what has been read for the last time.
    fn release(&mut self, call: &Lowered, step: &BlockStep, position: usize, last_reader: &[usize]) {
        if self.purpose == Use::Train {
            return;
        }
        let read = call.inputs.iter().filter(|&&value| last_reader[value] == position);
        for slot in read.filter_map(|&value| self.slots[value]) {
            self.allotment.give_back(slot);
        }
        // Mean and variance are read once more, after all calls.
        for [_, _, linear] in step.norm.iter().filter_map(|norm| norm.saved) {
            self.allotment.give_back(linear);
        }
    }
}

/// Walks the tape backwards: the first call that writes a value's gradient replaces it, later ones add.
fn decide_gradient_stores(tape: &mut Tape, buffers: usize) {
    let mut written = vec![false; buffers];
    let mut decide = |inputs: &[usize]| -> Vec<Store> {
        inputs
            .iter()
            .map(|&slot| if std::mem::replace(&mut written[slot], true) { Store::Add } else { Store::Write })
            .collect()
    };
    for step in &mut tape.heads {
        step.input_stores = decide(&step.inputs);
    }
    for step in tape.steps.iter_mut().rev() {
        if let Step::Block(step) = step {
            let reads_images = step.inputs.contains(&tape.images);
            step.input_stores = (!reads_images).then(|| decide(&step.inputs));
        }
    }
}
