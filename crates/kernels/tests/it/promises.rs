//! What a caller may rely on beside the values: bits that do not depend on threads, NaN that stays visible, the first of equal
//! maxima, batch-norm of a constant.

use kernels::{
    Activation, Backend, Block, BlockKind, Cpu, CpuBuffer, Forward, Norm, Normalise, SimdLevel, Store,
};

use kernel_suite::cases::{Case, all, kinds};
use kernel_suite::compare::bits;
use kernel_suite::promises::{
    calls_leave_no_trace, equal_maxima_share_nothing, infinities_do_not_panic, nan_is_kept,
};
use kernel_suite::run::{Numbered, run};

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let pools =
        [1, 2, 5].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let cpu = Cpu::new();
    let mut compared = 0;
    for (at, mut case) in all().into_iter().enumerate() {
        if at % 7 != 0 {
            continue;
        }
        case.n = [17, 33][at / 7 % 2];
        let numbers = Numbered::new(&case, at as u64);
        let [one, two, five] =
            pools.each_ref().map(|pool| bits(&pool.install(|| run(&cpu, &case, &numbers))));
        assert_eq!(one, two, "{case:?}");
        assert_eq!(one, five, "{case:?}");
        compared += 1;
    }
    assert!(compared > 100);
}

#[test]
fn results_do_not_depend_on_earlier_calls() {
    calls_leave_no_trace(Cpu::new, 11).unwrap();
}

#[test]
fn nan_goes_where_it_goes_in_the_reference() {
    nan_is_kept(&Cpu::new(), 5).unwrap();
}

#[test]
fn infinities_give_results() {
    infinities_do_not_panic(&Cpu::new(), 5);
}

#[test]
fn the_first_of_equal_maxima_gets_the_gradient() {
    for cpu in SimdLevel::ALL.into_iter().filter_map(Cpu::with_level) {
        equal_maxima_share_nothing(&cpu).unwrap();
    }
}

#[test]
fn batch_norm_of_a_constant_is_its_shift() {
    for (kind, [height, width]) in kinds() {
        let channels_in = vec![20];
        let block = Block {
            kind,
            activation: Activation::None,
            norm: Norm::Affine,
            height,
            width,
            channels_in,
            channels_out: 20,
        };
        let case = Case { block, n: 2, store: Store::Write, scaled: false };
        let mut numbers = Numbered::new(&case, 0);
        numbers.inputs[0].fill(0.0);
        let results = run(&Cpu::new(), &case, &numbers);
        let shift = numbers.weights.last().unwrap();
        let (name, output) = &results[0];
        assert_eq!(name, "output");
        for (at, value) in output[..output.len() - 3].iter().enumerate() {
            assert_eq!(*value, shift[at % 20], "{kind:?}");
        }
        for (name, values) in &results {
            assert!(values.iter().all(|value| value.is_finite()), "{name} of {kind:?}");
        }
    }
}

#[test]
fn fixed_statistics_are_not_touched_and_need_no_linear_output() {
    let block = Block {
        kind: BlockKind::Identity,
        activation: Activation::Relu,
        norm: Norm::Plain,
        height: 1,
        width: 2,
        channels_in: vec![1],
        channels_out: 1,
    };
    let mut output = CpuBuffer::zeros(2);
    let call = Forward {
        values: &[vec![3.0, -3.0].into()],
        inputs: &[0],
        deferred: &[],
        weights: &[],
        parameters: &[],
        normalise: Normalise::Fixed { mean: &vec![1.0].into(), variance: &vec![4.0 - 1e-5].into() },
        sample_scale: None,
        output: &mut output,
        store: Store::Write,
        addend: None,
    };
    Cpu::new().forward(&block, 1, call).unwrap();
    assert!((output[0] - 1.0).abs() < 1e-6 && (output[1] + 0.5).abs() < 1e-6, "{output:?}");
}
