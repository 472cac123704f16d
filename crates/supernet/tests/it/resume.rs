//! A state is complete, and results do not depend on the number of threads.

use supernet::{BatchNormStatistics, Cpu, State, StoredTensor, Supernet, SupernetError};

use crate::common::{changed, data, genotype, paper, tiny};

fn train(supernet: &mut Supernet<Cpu>, steps: std::ops::Range<u64>) -> State {
    for step in steps {
        let (images, labels) = data(19, step);
        supernet.train_step(&[&genotype(step)], &images, &labels, &paper()).unwrap();
    }
    supernet.state().unwrap()
}

#[test]
fn a_restored_supernet_continues_bit_for_bit() {
    let mut undisturbed = Supernet::new(Cpu::new(), &tiny(), 4).unwrap();
    let middle = train(&mut undisturbed, 0..5);
    let end = train(&mut undisturbed, 5..9);
    let mut restored = Supernet::new(Cpu::new(), &tiny(), 99).unwrap();
    restored.load(&middle).unwrap();
    assert_eq!(changed(&train(&mut restored, 5..9), &end), [""; 0]);
}

#[test]
fn bits_do_not_depend_on_threads() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| train(&mut Supernet::new(Cpu::new(), &tiny(), 4).unwrap(), 0..4))
    };
    let one = run(1);
    for threads in [2, 5] {
        assert_eq!(changed(&one, &run(threads)), [""; 0], "{threads} threads");
    }
}

#[test]
fn scores_do_not_depend_on_threads() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut supernet = Supernet::new(Cpu::new(), &tiny(), 4).unwrap();
            train(&mut supernet, 0..2);
            let mut batches: Vec<_> = (0..7)
                .map(|at| data(5 + at as usize, 20 + at))
                .map(|(images, labels)| supernet.batch(&images, &labels).unwrap())
                .collect();
            // Twice: memory that the first evaluation made serves the second.
            [0, 1].map(|path| {
                supernet.evaluate(&genotype(path), &mut batches, BatchNormStatistics::Running).unwrap()
            })
        })
    };
    let one = run(1);
    assert_ne!(one[0], one[1]);
    for threads in [2, 5] {
        assert_eq!(one, run(threads), "{threads} threads");
    }
}

#[test]
fn missing_and_misshapen_tensors_are_named() {
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 4).unwrap();
    let mut state = supernet.state().unwrap();
    let tensor = state.remove("classifier.bias").unwrap();
    assert_eq!(tensor.shape, [3]);
    let error = supernet.load(&state).unwrap_err();
    assert!(matches!(&error, SupernetError::MissingTensor { name } if name == "classifier.bias"), "{error}");
    state.insert("classifier.bias".to_owned(), StoredTensor { shape: vec![2], values: vec![0.0; 2] });
    let error = supernet.load(&state).unwrap_err();
    assert_eq!(error.to_string(), "stored tensor \"classifier.bias\" has 2 numbers, this network needs 3");
}

#[test]
fn tensors_pass_through_candle_unchanged() {
    let state = Supernet::new(Cpu::new(), &tiny(), 4).unwrap().state().unwrap();
    for tensor in state.values() {
        assert_eq!(&StoredTensor::from_candle(&tensor.to_candle().unwrap()).unwrap(), tensor);
    }
}
