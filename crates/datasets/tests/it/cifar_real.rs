//! The real CIFAR-10 files, where `CARS_DATA` names the folder above `cifar-10-batches-bin`.

use datasets::cifar::{Integrity, Limit, Options, TestPart, load_10};
use datasets::{DatasetError, Normalisation};
use md5::{Digest, Md5};
use std::path::PathBuf;

/// The folder, or a loud word that there is none.
#[allow(clippy::print_stderr)]
fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("CARS_DATA");
    if root.is_none() {
        eprintln!("skipped: CARS_DATA is not set (the folder above cifar-10-batches-bin)");
    }
    Some(PathBuf::from(root?).join("cifar-10-batches-bin"))
}

#[test]
fn the_training_images_are_the_published_ones() {
    let Some(dir) = folder() else { return };
    let sets = load_10(&dir, &Options { test: TestPart::Skip, ..Options::ALL }).unwrap();
    let train = sets.train;
    assert_eq!(sets.train_integrity, Integrity::Verified);
    assert_eq!(train.labels[..10], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    assert_eq!(train.class_counts(), [5_000; 10]);
    // The first record's planes, put together again, against the MD5 of its 3,072 bytes in the file.
    let plane = |channel: usize| train.image(0).iter().skip(channel).step_by(3).copied();
    let planes: Vec<u8> = (0..3).flat_map(plane).collect();
    assert_eq!(train.image(0)[0], 59);
    assert_eq!(planes[..3], [59, 43, 50]);
    let md5: [u8; 16] = Md5::digest(&planes).into();
    assert_eq!(u128::from_be_bytes(md5), 0x5649_03fa_acb6_8848_fabc_b0f4_6460_d2b5);
    let first = train.clone().take(10_000);
    assert_eq!(first.class_counts(), [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]);

    let all: Vec<usize> = (0..train.len()).collect();
    let (measured, published) = (Normalisation::of(&train, &all).unwrap(), Normalisation::cifar10());
    for (measured, published) in
        measured.mean.iter().chain(&measured.std).zip(published.mean.iter().chain(&published.std))
    {
        assert!((measured - published).abs() < 2e-5, "{measured} {published}");
    }

    let few = load_10(&dir, &Options::train_only(12_000)).unwrap().train;
    assert_eq!(few.labels, train.labels[..12_000]);
    assert_eq!(few.pixels, train.pixels[..12_000 * 3072]);
}

#[test]
fn the_test_images_are_read_and_called_unverified() {
    let Some(dir) = folder() else { return };
    let options = Options { train: Limit::First(1), test: TestPart::Read(Limit::All), ..Options::ALL };
    let sets = load_10(&dir, &options).unwrap();
    let test = sets.test.unwrap();
    assert_eq!(sets.test_integrity, Some(Integrity::Unknown));
    assert_eq!(test.labels[..10], [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]);
    assert_eq!(test.class_counts(), [1_000; 10]);
}

#[test]
fn one_flipped_bit_is_noticed() {
    let Some(dir) = folder() else { return };
    let mut bytes = std::fs::read(dir.join("data_batch_1.bin")).unwrap();
    bytes[20_000_000] ^= 4;
    let copy = tempfile::tempdir().unwrap();
    std::fs::write(copy.path().join("data_batch_1.bin"), bytes).unwrap();
    let error = load_10(copy.path(), &Options::train_only(10)).unwrap_err();
    assert!(matches!(error, DatasetError::Checksum { .. }), "{error}");
}
