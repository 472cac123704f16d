//! Programs that are scored together become one, in which whatever several of them compute alike is computed once. No
//! result depends on what a program is merged with, bit for bit. Knows neither architectures nor buffers.

use std::collections::BTreeMap;

use kernels::{Activation, Block};

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
    /// How often each call takes part in values.
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

    /// Values that are one call's result alone, for the convolutions that several values take. What has no weights costs little more
    /// than the addition that this takes.
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
    Lowered::identity([height, width, block.channels_out], Activation::None, vec![from], to)
}

#[cfg(test)]
mod tests {
    use kernels::BlockKind;
    use space::{DartsSpace, Genotype, MacroPlan, Plan, SearchSpace};

    use super::*;
    use crate::lower::{Auxiliary, lower};

    fn program(genotype: &Genotype) -> Program {
        lower(&Plan::path(genotype, &MacroPlan::custom(4, 3)).unwrap(), Auxiliary::Left)
    }

    fn drawn(index: u64) -> Genotype {
        DartsSpace::new().sample(&mut random::stream(1, random::Purpose::Test, 0, index))
    }

    fn nas_bench_201(cell: &str) -> Program {
        let frame = MacroPlan { cells: 1, reductions: Vec::new(), ..MacroPlan::custom(4, 3) };
        lower(&Plan::nas_bench_201_path(&cell.parse().unwrap(), &frame).unwrap(), Auxiliary::Left)
    }

    /// The calls that make a value, in order.
    fn writers(program: &Program, value: Value) -> Vec<&Lowered> {
        program.calls.iter().filter(|call| call.output == value).collect()
    }

    /// The dense convolutions, in order.
    fn windows(program: &Program) -> Vec<&Lowered> {
        let is_dense = |call: &&Lowered| matches!(call.block.kind, BlockKind::Convolution { .. });
        program.calls.iter().filter(is_dense).collect()
    }

    #[test]
    fn one_program_stays_as_it_is_and_twice_the_same_is_once() {
        let one = program(&drawn(0));
        let lone = merge(std::slice::from_ref(&one));
        assert_eq!(lone.calls.len(), one.live_calls().len());
        let twice = merge(&[program(&drawn(0)), one]);
        assert_eq!(twice.calls.len(), lone.calls.len());
        assert_eq!(twice.heads[0].inputs, twice.heads[1].inputs);
    }

    #[test]
    fn a_convolution_in_two_sums_is_computed_once_and_added_to_each() {
        // The same first node; the edge from it to the second node is the same, the other one is not.
        let merged = merge(&[
            nas_bench_201("|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|"),
            nas_bench_201("|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|"),
        ]);
        let windows = windows(&merged);
        // The stem, the first node, the edge from it.
        let [_, first, shared] = windows.as_slice() else { panic!("{} dense convolutions", windows.len()) };
        assert_eq!(shared.inputs, [first.output]);
        assert_eq!(writers(&merged, shared.output).len(), 1);
        let copies: Vec<&Lowered> =
            merged.calls.iter().filter(|call| call.inputs == [shared.output]).collect();
        let [one, other] = copies.as_slice() else { panic!("{} copies", copies.len()) };
        assert_ne!(one.output, other.output);
        for copy in [one, other] {
            assert_eq!(copy.block.kind, BlockKind::Identity);
            // Behind the edge that comes first in the sum.
            let [own, last] = writers(&merged, copy.output)[..] else { panic!("not two terms") };
            assert_eq!((last.inputs.as_slice(), own.inputs.len()), ([shared.output].as_slice(), 1));
            assert_ne!(own.inputs, [shared.output]);
        }
    }

    #[test]
    fn a_convolution_that_is_a_value_alone_needs_no_other_value_to_be_added() {
        let merged = merge(&[
            nas_bench_201("|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|"),
            nas_bench_201("|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|"),
        ]);
        let windows = windows(&merged);
        let [_, _, shared] = windows.as_slice() else { panic!("{} dense convolutions", windows.len()) };
        // The third node of the first cell, and the sum in the second.
        let readers = merged.calls.iter().filter(|call| call.inputs == [shared.output]);
        assert_eq!(readers.count(), 2);
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
