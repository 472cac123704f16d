//! What a step touches, averages and refuses, and that scoring is the same however memory is reused.

use space::{Genotype, Layer, MacroPlan, Plan};
use supernet::{BatchNormStatistics, Cpu, Reference, Supernet, SupernetError};

use crate::common::{changed, data, genotype, is_statistic, is_weight, paper, plain, tiny};

#[test]
fn only_the_sampled_path_moves() {
    let (images, labels) = data(8, 0);
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 5).unwrap();
    let path = genotype(3);
    let layers = Plan::path(&path, &tiny()).unwrap().layers;
    let own: Vec<String> = layers.iter().flat_map(Layer::weights).map(|weight| weight.name).collect();
    let statistics: Vec<String> =
        layers.iter().flat_map(Layer::batch_norms).map(|batch_norm| batch_norm.name).collect();
    supernet.train_step(&[&genotype(1)], &images, &labels, &paper()).unwrap();
    let before = supernet.state().unwrap();
    supernet.train_step(&[&path], &images, &labels, &paper()).unwrap();
    let moved = changed(&before, &supernet.state().unwrap());
    for name in &moved {
        let owner = name.trim_start_matches("velocity.").to_owned();
        let of = ["mean", "variance"].map(|what| owner.strip_suffix(&format!(".{what}")).map(str::to_owned));
        let in_path = own.contains(&owner) || of.iter().flatten().any(|name| statistics.contains(name));
        assert!(in_path, "{name} moved");
    }
    let moved_weights = moved.iter().filter(|name| is_weight(name)).count();
    assert!(moved_weights > own.len() / 2, "{moved_weights} of {} weights moved", own.len());
}

#[test]
fn a_step_on_two_paths_averages_their_gradients() {
    let (images, labels) = data(6, 1);
    let [one, two] = [genotype(10), genotype(11)];
    let gradient = |paths: &[&Genotype]| {
        let mut supernet = Supernet::new(Reference, &tiny(), 5).unwrap();
        let start = supernet.state().unwrap();
        supernet.train_step(paths, &images, &labels, &plain(1.0)).unwrap();
        let end = supernet.state().unwrap();
        let pairs = start.into_iter().filter(|(name, _)| is_weight(name));
        pairs
            .flat_map(|(name, tensor)| {
                let end = end[&name].values.clone();
                tensor.values.into_iter().zip(end).map(|(start, end)| start - end).collect::<Vec<f32>>()
            })
            .collect::<Vec<f32>>()
    };
    let (both, first, second) = (gradient(&[&one, &two]), gradient(&[&one]), gradient(&[&two]));
    for ((both, first), second) in both.iter().zip(&first).zip(&second) {
        assert!((both - (first + second) / 2.0).abs() < 1e-5);
    }
}

#[test]
fn the_supernet_holds_what_the_plan_counts() {
    let supernet = Supernet::new(Cpu::new(), &MacroPlan::search(), 0).unwrap();
    assert_eq!(supernet.parameters(), Plan::supernet(&MacroPlan::search()).unwrap().parameters());
    assert_eq!(supernet.parameters(), 1_930_618);
}

#[test]
fn a_cell_of_nothing_still_scores() {
    let text = "Genotype(normal=[('none', 0), ('none', 1), ('none', 0), ('none', 1), ('none', 0), ('none', 1), \
                ('skip_connect', 0), ('none', 1)], normal_concat=range(2, 6), reduce=[('none', 0), ('none', 1), \
                ('none', 0), ('none', 1), ('none', 0), ('none', 1), ('sep_conv_3x3', 0), ('none', 1)], \
                reduce_concat=range(2, 6))";
    let path: Genotype = text.parse().unwrap();
    let (images, labels) = data(6, 0);
    let mut slow = Supernet::new(Reference, &tiny(), 3).unwrap();
    let mut fast = Supernet::new(Cpu::new(), &tiny(), 3).unwrap();
    for _ in 0..2 {
        let slow = slow.train_step(&[&path], &images, &labels, &paper()).unwrap();
        let fast = fast.train_step(&[&path], &images, &labels, &paper()).unwrap();
        assert!((slow.loss - fast.loss).abs() < 1e-4, "{slow:?} {fast:?}");
    }
}

#[test]
fn scores_agree_between_backends_batch_sizes_and_statistics() {
    let (images, labels) = data(24, 4);
    let mut slow = Supernet::new(Reference, &tiny(), 9).unwrap();
    let mut fast = Supernet::new(Cpu::new(), &tiny(), 9).unwrap();
    for step in 0..4 {
        let path = genotype(step);
        slow.train_step(&[&path], &images, &labels, &paper()).unwrap();
        fast.train_step(&[&path], &images, &labels, &paper()).unwrap();
    }
    let per_image = images.len() / labels.len();
    for path in (0..4).map(genotype) {
        let whole = &mut [slow.batch(&images, &labels).unwrap()];
        let parts = &mut [0..16, 16..24].map(|range| {
            let images = &images[range.start * per_image..range.end * per_image];
            fast.batch(images, &labels[range]).unwrap()
        });
        let expected = slow.evaluate(&path, whole, BatchNormStatistics::Running).unwrap();
        let got = fast.evaluate(&path, parts, BatchNormStatistics::Running).unwrap();
        assert!((expected.loss - got.loss).abs() < 2e-3 * expected.loss, "{expected:?} {got:?}");
        let (own, fast_own) =
            (&mut [slow.batch(&images, &labels).unwrap()], &mut [fast.batch(&images, &labels).unwrap()]);
        let expected = slow.evaluate(&path, whole, BatchNormStatistics::Recalibrated(own)).unwrap();
        let got = fast.evaluate(&path, parts, BatchNormStatistics::Recalibrated(fast_own)).unwrap();
        assert!((expected.loss - got.loss).abs() < 2e-3 * expected.loss, "{expected:?} {got:?}");
        // On the very batch they were estimated from, fixed statistics reproduce the training loss (but for the
        // unbiased variance).
        let training = slow.train_step(&[&path], &images, &labels, &plain(0.0)).unwrap();
        assert!((training.loss - expected.loss).abs() < 0.02 * training.loss, "{training:?} {expected:?}");
    }
}

#[test]
fn training_learns() {
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 1).unwrap();
    let (images, labels) = data(48, 0);
    let step = |supernet: &mut Supernet<Cpu>, i: u64| {
        supernet.train_step(&[&genotype(i % 5)], &images, &labels, &paper()).unwrap().loss
    };
    let first: f64 = (0..5).map(|i| step(&mut supernet, i)).sum();
    (5..60).for_each(|i| {
        step(&mut supernet, i);
    });
    let last: f64 = (0..5).map(|i| step(&mut supernet, i)).sum();
    assert!(last < 0.5 * first, "loss went from {first} to {last}");
}

#[test]
fn divergence_is_an_error_that_changes_no_weight() {
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 1).unwrap();
    let (mut images, labels) = data(8, 0);
    images[5] = f32::NAN;
    let before = supernet.state().unwrap();
    let error = supernet.train_step(&[&genotype(0)], &images, &labels, &paper()).unwrap_err();
    assert!(matches!(error, SupernetError::Diverged { what: "loss", .. }), "{error}");
    let moved = changed(&before, &supernet.state().unwrap());
    assert!(moved.iter().all(|name| is_statistic(name)), "{moved:?}");
}

#[test]
fn images_of_another_size_are_refused() {
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 1).unwrap();
    let error = supernet.train_step(&[&genotype(0)], &[0.0; 10], &[0, 1], &paper()).unwrap_err();
    assert_eq!(error.to_string(), "a batch of 2 images needs 384 numbers (2 x 192), got 10");
}

#[test]
fn a_recalibrated_state_scores_under_its_running_statistics_as_it_was_scored() {
    let (images, labels) = data(16, 0);
    let path = genotype(3);
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 5).unwrap();
    supernet.train_step(&[&path], &images, &labels, &paper()).unwrap();
    let mut batches = [supernet.batch(&images, &labels).unwrap()];
    let mut recalibration = [supernet.batch(&images, &labels).unwrap()];
    let running = supernet.evaluate(&path, &mut batches, BatchNormStatistics::Running).unwrap();
    let recalibrated = BatchNormStatistics::Recalibrated(&mut recalibration);
    let expected = supernet.evaluate(&path, &mut batches, recalibrated).unwrap();
    assert_ne!(expected, running);
    let state = supernet.recalibrated_state(&path, &mut batches).unwrap();
    supernet.load(&state).unwrap();
    assert_eq!(supernet.evaluate(&path, &mut batches, BatchNormStatistics::Running).unwrap(), expected);
    let logits = supernet.logits(&path, &mut batches[0]).unwrap();
    let rows = logits.chunks_exact(logits.len() / labels.len()).zip(&labels);
    let loss: f64 = rows
        .map(|(row, &label)| {
            let sum: f64 = row.iter().map(|&score| f64::from(score).exp()).sum();
            sum.ln() - f64::from(row[label as usize])
        })
        .sum();
    assert!((loss / labels.len() as f64 - expected.loss).abs() < 1e-5, "{loss} {expected:?}");
}
