//! The loader: every image once an epoch, the same batches wherever one starts and however one reads, buffers that
//! go round, a thread that ends when nobody listens.

use datasets::{
    Augmentation, Batch, Crop, DatasetError, Flip, ImageSet, LastBatch, Loader, LoaderConfig, Normalisation,
    Order, Share,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Images of 4 x 4 x 1, all pixels of image `i` being `i`.
fn numbered(images: usize) -> Arc<ImageSet> {
    Arc::new(ImageSet {
        name: "numbered".into(),
        height: 4,
        width: 4,
        channels: 1,
        class_names: (0..10).map(|class| class.to_string()).collect(),
        pixels: (0..images).flat_map(|image| [image as u8; 16]).collect(),
        labels: (0..images).map(|image| (image % 10) as u8).collect(),
    })
}

/// A byte becomes its own value.
fn plain() -> Normalisation {
    Normalisation { mean: vec![0.0], std: vec![1.0 / 255.0] }
}

fn shuffled(batch: usize, last: LastBatch) -> LoaderConfig {
    LoaderConfig { last, augmentation: Augmentation::NONE, ..LoaderConfig::training(batch, plain(), 5) }
}

fn loader(images: usize, config: LoaderConfig) -> Loader {
    Loader::new(numbered(images), (0..images).collect(), config).unwrap()
}

fn read(loader: &mut Loader, epoch: u64, first_step: usize) -> Vec<Batch> {
    read_share(loader, epoch, first_step, &Share::ALL)
}

fn read_share(loader: &mut Loader, epoch: u64, first_step: usize, share: &Share) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut epoch = loader.share_of_epoch(epoch, first_step, share).unwrap();
    while let Some(batch) = epoch.next_batch().unwrap() {
        batches.push(batch.clone());
    }
    assert!(epoch.next_batch().unwrap().is_none(), "the end stays the end");
    batches
}

/// The image numbers, by their pixels.
fn images(batches: &[Batch]) -> Vec<usize> {
    batches.iter().flat_map(|batch| batch.images.chunks(16).map(|image| image[0].round() as usize)).collect()
}

#[test]
fn each_image_comes_once_with_its_label_in_an_order_of_its_own_each_epoch() {
    let mut loader = loader(103, shuffled(10, LastBatch::Keep));
    assert_eq!((loader.steps(), loader.images()), (11, 103));
    let first = read(&mut loader, 0, 0);
    assert_eq!(first.last().unwrap().n, 3);
    let order = images(&first);
    assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..103).collect());
    let labels: Vec<usize> =
        first.iter().flat_map(|batch| &batch.labels).map(|&label| label as usize).collect();
    assert_eq!(labels, order.iter().map(|image| image % 10).collect::<Vec<_>>());
    assert_ne!(order, (0..103).collect::<Vec<_>>());
    assert_eq!(read(&mut loader, 0, 0), first);
    assert_ne!(images(&read(&mut loader, 1, 0)), order);
}

#[test]
fn batches_of_draws_are_those_of_images_without_the_images() {
    let augmentation = Augmentation { crop: Crop::Padded(1), ..Augmentation::STANDARD };
    let config = LoaderConfig { augmentation, ..LoaderConfig::training(10, plain(), 5) };
    let mut full = loader(23, config.clone());
    let mut lean = Loader::of_draws(numbered(23), (0..23).collect(), config).unwrap();
    let full = read(&mut full, 4, 0);
    let draws = full.iter().flat_map(|batch| &batch.draws);
    assert!(
        draws.clone().any(|draw| draw.variation.down != 0)
            && draws.clone().any(|draw| draw.variation.mirrored)
    );
    assert_eq!(draws.map(|draw| draw.image).collect::<BTreeSet<_>>(), (0..23).collect());
    let expected: Vec<Batch> =
        full.iter().map(|batch| Batch { images: Vec::new(), ..batch.clone() }).collect();
    assert_eq!(read(&mut lean, 4, 0), expected);
    let config =
        LoaderConfig { augmentation: Augmentation::IMAGE_NET, ..LoaderConfig::training(10, plain(), 5) };
    let refused = Loader::of_draws(numbered(23), (0..23).collect(), config).unwrap_err();
    assert!(matches!(refused, DatasetError::MoreThanDraws), "{refused}");
}

#[test]
fn the_shares_of_several_readers_are_the_epoch() {
    let mut loader = loader(103, shuffled(10, LastBatch::Keep));
    let whole = read(&mut loader, 1, 3);
    let shares = [0..2, 2..2, 2..3].map(|own| read_share(&mut loader, 1, 3, &Share::of_rows(3, own)));
    let steps = shares.each_ref().map(|share| share.iter().map(|batch| batch.step).collect::<Vec<_>>());
    assert_eq!(steps, [vec![3, 4, 6, 7], vec![], vec![5, 8]], "a row of two is nobody's");
    let mut together = shares.concat();
    together.sort_by_key(|batch| batch.step);
    assert_eq!(together, whole[..6]);
}

#[test]
fn a_short_last_batch_is_dropped_on_request() {
    let mut loader = loader(103, shuffled(10, LastBatch::Drop));
    assert_eq!((loader.steps(), loader.images()), (10, 100));
    let batches = read(&mut loader, 0, 0);
    assert!(batches.len() == 10 && batches.iter().all(|batch| batch.n == 10));
}

#[test]
fn evaluation_keeps_the_given_order() {
    let indices = vec![7, 3, 3, 9, 0];
    let mut loader =
        Loader::new(numbered(10), indices.clone(), LoaderConfig::evaluation(2, plain())).unwrap();
    let batches = read(&mut loader, 0, 0);
    assert_eq!(images(&batches), indices);
    assert_eq!(batches, read(&mut loader, 9, 0));
    assert_eq!(
        batches.iter().map(|batch| (batch.step, batch.n)).collect::<Vec<_>>(),
        [(0, 2), (1, 2), (2, 1)]
    );
    let (set, table) = (numbered(10), plain().table());
    let normalised: Vec<f32> =
        indices.iter().flat_map(|&index| set.image(index)).map(|&byte| table[0][usize::from(byte)]).collect();
    assert_eq!(batches.iter().flat_map(|batch| batch.images.clone()).collect::<Vec<_>>(), normalised);
    let refused = |indices: &[usize], batch, normalisation| {
        Loader::new(numbered(10), indices.to_vec(), LoaderConfig::evaluation(batch, normalisation)).is_err()
    };
    assert!(refused(&[10], 2, plain()) && refused(&[0], 0, plain()));
    assert!(refused(&[0], 1, Normalisation { mean: vec![0.0; 2], std: vec![1.0; 2] }));
}

#[test]
fn an_augmented_image_is_the_same_in_any_batch() {
    let augmentation =
        Augmentation { crop: Crop::Padded(2), colours: None, flip: Flip::Horizontal, cutout: Some(2) };
    let config = |batch, order| LoaderConfig { augmentation, order, ..shuffled(batch, LastBatch::Keep) };
    let by_image = |mut loader: Loader| {
        let batches = read(&mut loader, 3, 0);
        let mut found: Vec<(u32, Vec<u32>)> = batches
            .iter()
            .flat_map(|batch| batch.labels.iter().zip(batch.images.chunks(16)))
            .map(|(&label, image)| (label, image.iter().map(|value| value.to_bits()).collect()))
            .collect();
        found.sort();
        found
    };
    let small = by_image(loader(60, config(4, Order::Shuffled)));
    assert_eq!(small, by_image(loader(60, config(60, Order::Shuffled))));
    assert_eq!(small, by_image(loader(60, config(7, Order::AsGiven))));
    assert_ne!(small, by_image(loader(60, shuffled(4, LastBatch::Keep))));
}

#[test]
fn three_buffers_go_round_for_ever() {
    let mut loader = loader(90, shuffled(3, LastBatch::Keep));
    let mut buffers = BTreeSet::new();
    for round in 0..4 {
        let mut epoch = loader.epoch(round, 0).unwrap();
        while let Some(batch) = epoch.next_batch().unwrap() {
            buffers.insert((batch.images.as_ptr() as usize, batch.labels.as_ptr() as usize));
            if round == 1 && batch.step == 10 {
                break;
            }
        }
    }
    assert!(buffers.len() <= 3, "{} buffers for 101 steps", buffers.len());
}

#[test]
fn an_abandoned_epoch_ends_at_once_and_frees_the_set() {
    let set = numbered(200);
    let mut loader = Loader::new(Arc::clone(&set), (0..200).collect(), shuffled(1, LastBatch::Keep)).unwrap();
    for first in [0, 150, 200] {
        let mut epoch = loader.epoch(0, first).unwrap();
        assert_eq!(epoch.remaining(), 200 - first);
        epoch.next_batch().unwrap();
    }
    drop(loader.epoch(1, 0).unwrap());
    drop(loader);
    assert_eq!(Arc::strong_count(&set), 1, "no thread holds the set any more");
}

#[test]
fn bad_input_is_refused_before_anything_starts() {
    let new =
        |indices: Vec<usize>, config| Loader::new(numbered(10), indices, config).map(|_| ()).unwrap_err();
    let keep = || shuffled(4, LastBatch::Keep);
    assert!(matches!(new(vec![0, 10], keep()), DatasetError::Index { index: 10, images: 10 }));
    assert!(matches!(new(vec![], keep()), DatasetError::Empty { .. }));
    assert!(matches!(
        new(vec![1], shuffled(0, LastBatch::Keep)),
        DatasetError::BatchSize { batch: 0, images: 1 }
    ));
    assert!(matches!(
        new(vec![1], shuffled(2, LastBatch::Drop)),
        DatasetError::BatchSize { batch: 2, images: 1 }
    ));
    let colour = LoaderConfig { normalisation: Normalisation::cifar10(), ..keep() };
    assert!(matches!(new(vec![1], colour), DatasetError::Channels { expected: 1, found: 3 }));
    let wide = Augmentation { crop: Crop::Padded(4), ..Augmentation::NONE };
    assert!(matches!(
        new(vec![1], LoaderConfig { augmentation: wide, ..keep() }),
        DatasetError::Augmentation { what: "padding", size: 4, .. }
    ));
    let flat = LoaderConfig { normalisation: Normalisation { mean: vec![0.0], std: vec![0.0] }, ..keep() };
    assert!(matches!(new(vec![1], flat), DatasetError::Deviation { channel: 0, .. }));
    let stray = ImageSet { labels: vec![10; 10], ..(*numbered(10)).clone() };
    assert!(matches!(
        Loader::new(Arc::new(stray), vec![0], keep()),
        Err(DatasetError::LabelInMemory { index: 0, label: 10, classes: 10, .. })
    ));
    let mut loader = loader(10, keep());
    assert!(matches!(loader.epoch(0, 4), Err(DatasetError::Step { step: 4, steps: 3 })));
    assert!(read(&mut loader, 0, 3).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resuming_at_any_step_changes_nothing(images in 1_usize..60, batch in 1_usize..20, epoch: u64, cut in 0.0..1.0) {
        let mut loader = Loader::new(
            numbered(images), (0..images).collect(),
            LoaderConfig { augmentation: Augmentation { crop: Crop::Padded(1), ..Augmentation::STANDARD }, ..shuffled(batch, LastBatch::Keep) },
        ).unwrap();
        let whole = read(&mut loader, epoch, 0);
        let step = (cut * loader.steps() as f64) as usize;
        prop_assert_eq!(&read(&mut loader, epoch, step)[..], &whole[step..]);
    }
}
