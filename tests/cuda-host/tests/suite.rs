//! The kernels' numerical suite on the emulated device. Without a C++ compiler nothing is tested, and the build says so.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use cuda_host::{Host, Order};
use kernel_suite::cases::all;
use kernel_suite::compare::bits;
use kernel_suite::run::{Numbered, run};
use kernel_suite::{agreement, classifier, deferred, errors, gallery, optimiser, promises};
use kernels::{Cuda, Precision};

/// Every so many cases: emulation is slow, and neighbours differ in little. Coprime to the number of channel mixes and norms,
/// so that all of them take turns.
const STEP: usize = 1;

/// The same in bfloat16, where each tile of a product costs its threads two barriers.
const BF16_STEP: usize = 5;

fn host() -> Cuda<Host> {
    Cuda::on(Host::new(Order::Upwards))
}

fn agree(first: usize) {
    let worst = agreement::check(&host(), first, 2 * STEP).unwrap();
    eprintln!("largest relative error {worst:e}");
}

#[test]
fn blocks_agree_with_the_reference() {
    agree(0);
}

#[test]
fn other_blocks_agree_with_the_reference() {
    agree(STEP);
}

#[test]
fn batch_norms_are_not_left_to_others() {
    deferred::check(&host(), 0, 7).unwrap();
}

#[test]
fn classifiers_agree_with_the_reference() {
    classifier::check(&host()).unwrap();
}

#[test]
fn passes_agree_with_the_reference() {
    optimiser::check(&host()).unwrap();
}

#[test]
fn batches_are_made_as_their_draws_say() {
    gallery::check(&host()).unwrap();
}

#[test]
fn calls_that_cannot_be_answered_say_why_and_change_nothing() {
    errors::check(&host()).unwrap();
}

#[test]
fn nan_goes_where_it_goes_in_the_reference() {
    promises::nan_is_kept(&host(), 41).unwrap();
}

#[test]
fn the_first_of_equal_maxima_gets_the_gradient() {
    promises::equal_maxima_share_nothing(&host()).unwrap();
}

#[test]
fn results_do_not_depend_on_earlier_calls() {
    promises::calls_leave_no_trace(host, 53).unwrap();
}

#[test]
fn infinities_give_results() {
    promises::infinities_do_not_panic(&host(), 61);
}

/// Every so many cases have the same bits.
fn same_in_either_order(device: impl Fn(Order) -> Cuda<Host>, step: usize) {
    let [upwards, downwards] = [Order::Upwards, Order::Downwards].map(device);
    for (at, case) in all().into_iter().enumerate().step_by(step) {
        let numbers = Numbered::new(&case, at as u64);
        assert_eq!(
            bits(&run(&upwards, &case, &numbers)),
            bits(&run(&downwards, &case, &numbers)),
            "{case:?}"
        );
    }
}

/// A missing barrier shows as other bits when the threads take their turns the other way round.
#[test]
fn results_do_not_depend_on_the_order_of_threads() {
    same_in_either_order(|order| Cuda::on(Host::new(order)), 37);
    let downwards = Cuda::on(Host::new(Order::Downwards));
    classifier::check(&downwards).unwrap();
    optimiser::check(&downwards).unwrap();
}

fn in_bf16(order: Order) -> Cuda<Host> {
    Cuda::on(Host::new(order).in_precision(Precision::Bf16))
}

#[test]
fn in_bf16_blocks_agree_with_the_reference() {
    let worst = agreement::check(&in_bf16(Order::Upwards), 0, BF16_STEP).unwrap();
    eprintln!("largest relative error {worst:e}");
}

#[test]
fn in_bf16_all_else_is_as_in_single_precision() {
    let cuda = in_bf16(Order::Upwards);
    classifier::check(&cuda).unwrap();
    optimiser::check(&cuda).unwrap();
    gallery::check(&cuda).unwrap();
    errors::check(&cuda).unwrap();
    deferred::check(&cuda, 0, 7).unwrap();
    promises::nan_is_kept(&cuda, 41).unwrap();
    promises::equal_maxima_share_nothing(&cuda).unwrap();
    promises::infinities_do_not_panic(&cuda, 61);
    promises::calls_leave_no_trace(|| in_bf16(Order::Upwards), 103).unwrap();
    same_in_either_order(in_bf16, 97);
}
