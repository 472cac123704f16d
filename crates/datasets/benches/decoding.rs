//! Images a second out of folders of 2,000 JPEGs in 20 classes, in turn with what the `image` crate decodes of the same files on
//! the same threads and nothing more; the last line of each is the share of that, by the least times of both. The folders are
//! written to the temporary directory first: one with about the bytes a file
//! of ImageNet's training set (138 GB, 1,281,167 files), one with less than half of them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "criterion's macros make undocumented functions; a bench may panic and print, and its files are temporary"
)]

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use datasets::{Augmentation, Corrupt, Folder, FolderOptions, FolderPart, LastBatch, Loader, LoaderConfig};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use rayon::prelude::*;

const CLASSES: usize = 20;
const IMAGES: usize = 100;

/// About the mean size of an image of ImageNet.
const SIZE: (u32, u32) = (500, 375);

/// Names of the groups, and the quality their files are written with, which makes them so large.
const QUALITIES: [(&str, u8); 2] = [("decoding, 47 KB a file", 75), ("decoding, 109 KB a file", 94)];

/// Pictures of waves and noise.
fn picture(class: usize, number: usize) -> RgbImage {
    let mut noise = (class * IMAGES + number) as u32;
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (noise >> 27) as f32;
        let wave = |scale: f32| {
            110.0
                + 90.0 * ((x as f32 + class as f32 * 9.0) / scale).sin() * (y as f32 / (scale + 7.0)).cos()
                + grain
        };
        Rgb([wave(31.0) as u8, wave(47.0) as u8, wave(11.0) as u8])
    })
}

fn write_tree(root: &Path, quality: u8) {
    let all: Vec<(usize, usize)> =
        (0..CLASSES).flat_map(|class| (0..IMAGES).map(move |number| (class, number))).collect();
    all.into_par_iter().for_each(|(class, number)| {
        let folder = root.join(format!("{class:02}"));
        std::fs::create_dir_all(&folder).unwrap();
        let file = File::create(folder.join(format!("{number:03}.jpg"))).unwrap();
        let mut file = BufWriter::new(file);
        JpegEncoder::new_with_quality(&mut file, quality).encode_image(&picture(class, number)).unwrap();
        file.flush().unwrap();
    });
}

fn decoding(criterion: &mut Criterion) {
    for (name, quality) in QUALITIES {
        decoding_of(criterion, name, quality);
    }
}

fn decoding_of(criterion: &mut Criterion, name: &str, quality: u8) {
    let dir = tempfile::tempdir().unwrap();
    write_tree(dir.path(), quality);
    // Tenths are left for a test: the files of a training epoch.
    let open = || {
        let (part, corrupt) = (FolderPart::Train, Corrupt::Refuse);
        Folder::open(dir.path(), FolderOptions { part, size: 224, resize: 256, corrupt }).unwrap()
    };
    let folder = open();
    let files: Vec<PathBuf> = (0..folder.len()).map(|index| folder.path(index)).collect();
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(files.len() as u64));
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(1));
    let alone = || {
        let start = Instant::now();
        black_box(files.par_iter().map(|path| image::open(path).unwrap().width()).sum::<u32>());
        start.elapsed()
    };
    let ways = [
        ("evaluation", Augmentation::NONE),
        ("resized crop", Augmentation { colours: None, ..Augmentation::IMAGE_NET }),
        ("resized crop and colours", Augmentation::IMAGE_NET),
    ];
    for (name, augmentation) in ways {
        let folder = open();
        let indices = (0..folder.len()).collect();
        let training = LoaderConfig::training(64, Folder::normalisation(), 1);
        let config = LoaderConfig { augmentation, last: LastBatch::Keep, ..training };
        let mut loader = Loader::new(folder, indices, config).unwrap();
        let mut number = 0;
        let mut epoch = || {
            let start = Instant::now();
            number += 1;
            let mut epoch = loader.epoch(number, 0).unwrap();
            while let Some(batch) = epoch.next_batch().unwrap() {
                black_box(batch.images[0]);
            }
            start.elapsed()
        };
        let mut least = [Duration::MAX; 2];
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut sum = Duration::ZERO;
                for _ in 0..rounds {
                    let times = [alone(), epoch()];
                    least = [least[0].min(times[0]), least[1].min(times[1])];
                    sum += times[1];
                }
                sum
            });
        });
        if least[1] < Duration::MAX {
            let [alone, loader] = least.map(|time| files.len() as f64 / time.as_secs_f64());
            let share = 100.0 * loader / alone;
            println!("{name}: {loader:.0} images/s at best, {share:.0} % of the image crate's {alone:.0}");
        }
    }
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
