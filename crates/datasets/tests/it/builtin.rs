//! The built-in set: the same bytes everywhere, balanced classes, and hard in the way it is meant to be.

use crate::tiny_models::{Convolution, Linear, Model, accuracy, train};
use datasets::builtin::{Part, Settings, generate};
use datasets::{Augmentation, Batch, ImageSet, LastBatch, Loader, LoaderConfig, Normalisation, Split};
use std::sync::Arc;

fn draw(images: usize, part: Part, seed: u64) -> ImageSet {
    generate(&Settings { images, part, seed })
}

#[test]
fn the_first_images_are_pinned() {
    // Released results depend on this value: a change here is a breaking change.
    assert_eq!(
        draw(50, Part::Train, 0).sha256(),
        "8c5afc32364b128f59403e4d09a96a15f5383570d8c10ad71885b7d5484656d7"
    );
}

#[test]
fn an_image_depends_on_seed_part_and_index_only() {
    let set = draw(40, Part::Train, 3);
    set.check().unwrap();
    assert_eq!(set.class_counts(), [4; 10]);
    assert_eq!(draw(100, Part::Train, 3).take(40), set);
    assert_ne!(draw(40, Part::Train, 4).pixels, set.pixels);
    assert_ne!(draw(40, Part::Test, 3).pixels, set.pixels);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(threads.install(|| draw(40, Part::Train, 3)), set);
    assert!(draw(0, Part::Train, 3).is_empty());
    for index in 1..40 {
        assert_ne!(set.image(index), set.image(index - 1));
    }
}

/// The best of a few learning rates, each trained for `epochs` on 4,000 of 5,000 images without augmentation and
/// measured on the others.
fn held_out_accuracy<M: Model>(
    set: &Arc<ImageSet>,
    fresh: impl Fn() -> M,
    rates: &[f32],
    epochs: u64,
) -> f64 {
    let split = Split::counts(set.len(), 4_000, 1_000).unwrap();
    let normalisation = Normalisation::of(set, &split.train).unwrap();
    let in_order = LoaderConfig::evaluation(100, normalisation.clone());
    let mut evaluation = Loader::new(Arc::clone(set), split.validation, in_order).unwrap();
    let mut held_out: Vec<Batch> = Vec::new();
    let mut batches = evaluation.epoch(0, 0).unwrap();
    while let Some(batch) = batches.next_batch().unwrap() {
        held_out.push(batch.clone());
    }
    let config = LoaderConfig {
        last: LastBatch::Drop,
        augmentation: Augmentation::NONE,
        ..LoaderConfig::training(32, normalisation, 1)
    };
    let mut loader = Loader::new(Arc::clone(set), split.train, config).unwrap();
    let mut trained = |rate: f32| {
        let (mut model, mut velocity) = (fresh(), Vec::new());
        for epoch in 0..epochs {
            let now = rate * (1.0 - epoch as f32 / epochs as f32);
            train(&mut model, &mut velocity, loader.epoch(epoch, 0).unwrap(), now);
        }
        accuracy(&model, &held_out)
    };
    rates.iter().map(|&rate| trained(rate)).fold(0.0, f64::max)
}

#[test]
fn neither_pixels_nor_colours_tell_the_classes_but_convolutions_do() {
    let set = Arc::new(draw(5_000, Part::Train, 1));
    let linear = held_out_accuracy(&set, || Linear::new(32 * 32 * 3), &[0.001, 0.0001], 8);
    assert!(linear < 0.35, "linear softmax on pixels: {linear}");
    let colours = held_out_accuracy(&Arc::new(histograms(&set)), || Linear::new(512), &[0.1, 0.01], 20);
    assert!(colours < 0.35, "linear softmax on colour histograms: {colours}");
    let convolution = held_out_accuracy(&set, || Convolution::new(32, 1), &[0.02], 12);
    assert!(convolution > linear + 0.15, "one convolution: {convolution}, linear softmax: {linear}");
    assert!(convolution < 0.75, "one convolution must leave room for larger networks: {convolution}");
}

/// The same set with each image replaced by how often each of 8 x 8 x 8 colours occurs in it.
fn histograms(set: &ImageSet) -> ImageSet {
    let mut pixels = vec![0_u8; set.len() * 512];
    for (index, counts) in pixels.chunks_exact_mut(512).enumerate() {
        for pixel in set.image(index).chunks_exact(3) {
            let bin = pixel.iter().fold(0, |bin, &byte| 8 * bin + usize::from(byte / 32));
            counts[bin] = counts[bin].saturating_add(1);
        }
    }
    ImageSet { height: 1, width: 512, channels: 1, pixels, ..set.clone() }
}
