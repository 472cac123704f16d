//! Programs that are scored together become one, in which whatever several of them compute alike is computed once. No
//! result depends on what a program is merged with, bit for bit. Knows neither architectures nor buffers.

use std::collections::BTreeMap;

use kernels::{Activation, Block, BlockKind, Norm};

use crate::lower::{IMAGE, Lowered, LoweredHead, Program, Value};

/// One program with the classifiers of all, in their order.
pub(crate) fn merge(programs: &[Program]) -> Program {
    let mut distinct = Distinct { sums: vec![Sum::default()], ..Distinct::default() };
    let heads = programs.iter().flat_map(|program| distinct.take_in(program)).collect();
    let own = distinct.own_values();
    let values = distinct.sums.len();
    let mut merged = Merged { own, is_made: vec![false; values], calls: Vec::new() };
    for value in 1..values {
        merged.make(value, &distinct);
    }
    Program { values: distinct.sums.iter().map(|sum| sum.len).collect(), calls: merged.calls, heads }
}

/// Position among the distinct calls.
type Call = usize;

/// A call by all that its result depends on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CallKey<'a> {
    block: &'a Block,
    inputs: Vec<Value>,
    weights: &'a [String],
    batch_norm: Option<&'a str>,
}

/// A value by all that it depends on: the calls whose results it is the sum of, in their order.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Sum {
    /// Elements of one sample.
    len: usize,
    calls: Vec<Call>,
}

/// What is different in the programs taken in so far. Whatever a call or value depends on comes before it.
#[derive(Default)]
struct Distinct<'a> {
    calls: Vec<Lowered>,
    call_of: BTreeMap<CallKey<'a>, Call>,
    /// By value; the first is the image, which no call writes.
    sums: Vec<Sum>,
    value_of: BTreeMap<Sum, Value>,
    /// In how many values each call takes part.
    uses: Vec<usize>,
}

impl<'a> Distinct<'a> {
    /// Takes in what a program's classifiers depend on; returns them, reading distinct values.
    fn take_in(&mut self, program: &'a Program) -> Vec<LoweredHead> {
        self.sums[IMAGE].len = program.values[IMAGE];
        let mut sums: Vec<Sum> = program.values.iter().map(|&len| Sum { len, calls: Vec::new() }).collect();
        for call in program.live_calls() {
            let inputs = self.values(&call.inputs, &sums);
            sums[call.output].calls.push(self.call(call, inputs));
        }
        let head =
            |head: &LoweredHead| LoweredHead { inputs: self.values(&head.inputs, &sums), ..head.clone() };
        program.heads.iter().map(head).collect()
    }

    /// Which distinct values a program's values are; they are whole by now.
    fn values(&mut self, values: &[Value], sums: &[Sum]) -> Vec<Value> {
        let distinct = |&value: &Value| if value == IMAGE { IMAGE } else { self.value(&sums[value]) };
        values.iter().map(distinct).collect()
    }

    fn value(&mut self, sum: &Sum) -> Value {
        if let Some(&value) = self.value_of.get(sum) {
            return value;
        }
        sum.calls.iter().for_each(|&call| self.uses[call] += 1);
        let value = self.sums.len();
        self.sums.push(sum.clone());
        self.value_of.insert(sum.clone(), value);
        value
    }

    fn call(&mut self, call: &'a Lowered, inputs: Vec<Value>) -> Call {
        let Lowered { block, weights, batch_norm, .. } = call;
        let key = CallKey { block, inputs, weights, batch_norm: batch_norm.as_deref() };
        if let Some(&known) = self.call_of.get(&key) {
            return known;
        }
        let new = self.calls.len();
        self.calls.push(Lowered { inputs: key.inputs.clone(), ..call.clone() });
        self.uses.push(0);
        self.call_of.insert(key, new);
        new
    }

    /// Values that are one call's result alone, for the calls that several values take and that are dearer than an addition.
    fn own_values(&mut self) -> Vec<Option<Value>> {
        let own = |call: Call| {
            let Lowered { block, weights, .. } = &self.calls[call];
            let sum = Sum { len: block.output_len(), calls: vec![call] };
            let is_shared = self.uses[call] > 1 && !weights.is_empty();
            is_shared.then_some(sum)
        };
        let sums: Vec<Option<Sum>> = (0..self.calls.len()).map(own).collect();
        sums.iter().map(|sum| sum.as_ref().map(|sum| self.value(sum))).collect()
    }
}

/// Calls of the merged program.
struct Merged {
    /// By distinct call: the value it has for itself.
    own: Vec<Option<Value>>,
    /// By value.
    is_made: Vec<bool>,
    calls: Vec<Lowered>,
}

impl Merged {
    /// The calls that make a value, all that it depends on being made.
    fn make(&mut self, value: Value, distinct: &Distinct<'_>) {
        if std::mem::replace(&mut self.is_made[value], true) {
            return;
        }
        for &call in &distinct.sums[value].calls {
            let lowered = &distinct.calls[call];
            let addition = self.own[call].filter(|&own| own != value);
            if let Some(own) = addition {
                self.make(own, distinct);
            }
            self.calls.push(match addition {
                Some(own) => copy(&lowered.block, own, value),
                None => Lowered { output: value, ..lowered.clone() },
            });
        }
    }
}

/// The call that takes a block's result from its own value to another.
fn copy(block: &Block, from: Value, to: Value) -> Lowered {
    let [height, width] = block.output_size();
    let channels = block.channels_out;
    Lowered {
        block: Block {
            kind: BlockKind::Identity,
            activation: Activation::None,
            norm: Norm::None,
            height,
            width,
            channels_in: vec![channels],
            channels_out: channels,
        },
        inputs: vec![from],
        output: to,
        weights: Vec::new(),
        batch_norm: None,
        droppable: false,
    }
}

#[cfg(test)]
mod tests {
    use space::{DartsSpace, Genotype, MacroPlan, Plan, SearchSpace};

    use super::*;
    use crate::lower::{Auxiliary, lower};

    fn program(genotype: &Genotype) -> Program {
        lower(&Plan::path(genotype, &MacroPlan::custom(4, 3)).unwrap(), Auxiliary::Left)
    }

    fn drawn(index: u64) -> Genotype {
        DartsSpace::new().sample(&mut random::stream(1, random::Purpose::Test, 0, index))
    }

    fn weighty(calls: &[Lowered]) -> usize {
        calls.iter().filter(|call| !call.weights.is_empty()).count()
    }

    #[test]
    fn what_is_alike_is_computed_once() {
        let [one, two] = [0, 1].map(|index| program(&drawn(index)));
        let lone = merge(std::slice::from_ref(&one));
        assert_eq!(lone.calls.len(), one.live_calls().len());
        let twice = merge(&[one.clone(), one.clone()]);
        assert_eq!(twice.calls.len(), lone.calls.len());
        assert_eq!(twice.heads[0].inputs, twice.heads[1].inputs);
        let both = merge(&[one.clone(), two.clone()]);
        let mut distinct: Vec<(&[String], Vec<Value>)> = Vec::new();
        for call in both.calls.iter().filter(|call| !call.weights.is_empty()) {
            distinct.push((&call.weights, call.inputs.clone()));
        }
        let all = distinct.len();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all, "no weights twice on the same inputs");
        // The stem and the preprocessings that read nothing but it, at least.
        let apart = weighty(&one.calls) + weighty(&two.calls);
        assert!(weighty(&both.calls) <= apart - 4, "{} of {apart}", weighty(&both.calls));
    }

    #[test]
    fn every_value_is_whole_before_it_is_read() {
        let programs: Vec<Program> = (0..6).map(|index| program(&drawn(index))).collect();
        let merged = merge(&programs);
        let last_write = |value: Value| merged.calls.iter().rposition(|call| call.output == value);
        for (at, call) in merged.calls.iter().enumerate() {
            for &input in &call.inputs {
                assert!(last_write(input).is_none_or(|write| write < at), "value {input} at call {at}");
            }
        }
    }
}
