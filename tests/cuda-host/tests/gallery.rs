//! A set that lies on the emulated device: batches made there have the bits of the loader's, and training does not notice.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use cuda_host::{Host, Order};
use datasets::{Augmentation, Batch, Crop, ImageSet, Loader, LoaderConfig, Normalisation};
use kernels::{Backend, Cuda};
use random::{Purpose, stream};
use space::{DartsSpace, MacroPlan, SearchSpace};
use supernet::{Draw, Images, Pixels, Sgd, Supernet};

const SGD: Sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };

fn set() -> ImageSet {
    ImageSet {
        name: "stripes".into(),
        height: 8,
        width: 8,
        channels: 3,
        class_names: vec!["first".into(), "second".into()],
        pixels: (0..10 * 192).map(|at| (at * 89 % 256) as u8).collect(),
        labels: (0..10).map(|image| image % 2).collect(),
    }
}

fn config() -> LoaderConfig {
    let augmentation = Augmentation { cutout: Some(4), crop: Crop::Padded(2), ..Augmentation::STANDARD };
    LoaderConfig { augmentation, ..LoaderConfig::training(5, Normalisation::cifar10(), 3) }
}

fn supernet() -> Supernet<Cuda<Host>> {
    let plan = MacroPlan { height: 8, width: 8, classes: 2, ..MacroPlan::custom(4, 3) };
    Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan, 1).unwrap()
}

fn draws(batch: &Batch) -> Vec<Draw> {
    let draw = |draw: &datasets::Draw| {
        let variation = draw.variation;
        let hole = variation.hole.unwrap();
        Draw {
            image: draw.image,
            down: variation.down as i32,
            right: variation.right as i32,
            mirrored: variation.mirrored,
            hole: [hole.top, hole.bottom, hole.left, hole.right].map(|edge| edge as u32),
        }
    };
    batch.draws.iter().map(draw).collect()
}

#[test]
fn batches_made_on_the_device_are_the_loaders() {
    let set = set();
    let table = config().normalisation.table().concat();
    let (mut uploaded, mut drawn) = (supernet(), supernet());
    let images = Images { pixels: &set.pixels, height: 8, width: 8, channels: 3, table: &table };
    let gallery = drawn.gallery(&images).unwrap().unwrap();
    let mut loader = Loader::new(Arc::new(set), (0..10).collect(), config()).unwrap();
    let path = DartsSpace::new().sample(&mut stream(1, Purpose::Test, 0, 0));
    for epoch in 0..2 {
        let mut batches = loader.epoch(epoch, 0).unwrap();
        while let Some(batch) = batches.next_batch().unwrap() {
            let draws = draws(batch);
            let mut made = drawn.backend().feature_map(batch.images.len()).unwrap();
            gallery.batch(drawn.backend(), &draws, &mut made).unwrap();
            let mut read = vec![0.0; batch.images.len()];
            drawn.backend().download(&made, &mut read).unwrap();
            assert_eq!(read, batch.images);

            let pixels = Pixels::Drawn(gallery.as_ref(), &draws);
            let got = drawn.train_step(&[&path], pixels, &batch.labels, &SGD).unwrap();
            assert_eq!(got, uploaded.train_step(&[&path], &batch.images, &batch.labels, &SGD).unwrap());
        }
    }
    assert!(drawn.state().unwrap() == uploaded.state().unwrap());
}
