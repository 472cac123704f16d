//! The CIFAR readers on small files written here: right content, and one clear error for each kind of bad input.

use datasets::DatasetError;
use datasets::cifar::{Checksums, CifarSets, Integrity, Limit, Options, TestPart, load_10, load_100};
use std::path::Path;
use tempfile::TempDir;

/// Altered files are welcome, the first `train` images, no test images.
fn unchecked(train: usize) -> Options {
    Options { train: Limit::First(train), test: TestPart::Skip, checksums: Checksums::Skip }
}

/// A record whose pixel `p` of channel `c` is `seed + 3 * p + 7 * c`, wrapped.
fn record(labels: &[u8], seed: u8) -> Vec<u8> {
    let planes = (0..3_usize).flat_map(|c| (0..1024_usize).map(move |p| (3 * p + 7 * c) as u8));
    labels.iter().copied().chain(planes.map(|byte| byte.wrapping_add(seed))).collect()
}

/// The same pixels in the order they are wanted.
fn pixels(seed: u8) -> Vec<u8> {
    let pixel = |p: usize| (0..3_usize).map(move |c| ((3 * p + 7 * c) as u8).wrapping_add(seed));
    (0..1024).flat_map(pixel).collect()
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) {
    std::fs::write(dir.path().join(name), bytes).unwrap();
}

/// A file of `n` records with labels 0, 1, 2 ... below ten.
fn batch_file(n: usize, seed: u8) -> Vec<u8> {
    (0..n).flat_map(|i| record(&[(i % 10) as u8], seed.wrapping_add(i as u8))).collect()
}

fn ten(dir: &TempDir, options: &Options) -> Result<CifarSets, DatasetError> {
    load_10(dir.path(), options)
}

/// The message, without the folder's name.
fn message(dir: &Path, error: &DatasetError) -> String {
    error.to_string().replace(&format!("{}", dir.display()), "DIR")
}

#[test]
fn planes_become_pixels() {
    let dir = TempDir::new().unwrap();
    write(&dir, "data_batch_1.bin", &batch_file(3, 11));
    let sets = ten(&dir, &unchecked(3)).unwrap();
    sets.train.check().unwrap();
    assert_eq!((sets.train.height, sets.train.width, sets.train.channels), (32, 32, 3));
    assert_eq!(sets.train.labels, [0, 1, 2]);
    for index in 0..3 {
        assert_eq!(sets.train.image(index), pixels(11 + index as u8));
    }
    assert_eq!(sets.train.class_names[9], "truck");
    assert_eq!((sets.train_integrity, sets.test, sets.test_integrity), (Integrity::NotChecked, None, None));
}

#[test]
fn only_the_files_asked_for_are_opened() {
    let dir = TempDir::new().unwrap();
    write(&dir, "data_batch_1.bin", &batch_file(10_000, 0));
    write(&dir, "data_batch_2.bin", &batch_file(5, 100));
    write(&dir, "test_batch.bin", &batch_file(2, 200));
    let test = TestPart::Read(Limit::First(2));
    let sets = ten(&dir, &Options { test, ..unchecked(10_005) }).unwrap();
    assert_eq!(sets.train.len(), 10_005);
    assert_eq!(sets.train.image(10_004), pixels(104));
    assert_eq!(sets.test.unwrap().image(1), pixels(201));
    let error = ten(&dir, &unchecked(20_001)).unwrap_err();
    assert!(
        matches!(&error, DatasetError::Truncated { path, record: 5, .. } if path.ends_with("data_batch_2.bin"))
    );
}

#[test]
fn fine_labels_count_and_coarse_ones_are_checked() {
    let dir = TempDir::new().unwrap();
    write(&dir, "train.bin", &[record(&[19, 99], 1), record(&[0, 3], 2)].concat());
    let train = load_100(dir.path(), &unchecked(2)).unwrap().train;
    assert_eq!((&train.labels[..], train.classes()), (&[99, 3][..], 100));
    assert_eq!(train.class_names[99], "worm");
    assert_eq!(train.image(1), pixels(2));

    write(&dir, "train.bin", &[record(&[19, 99], 1), record(&[20, 3], 2)].concat());
    let error = load_100(dir.path(), &unchecked(2)).unwrap_err();
    assert!(
        message(dir.path(), &error).starts_with(
            "DIR/train.bin, record 1: coarse label 20 is out of range, labels go from 0 to 19: "
        )
    );
    write(&dir, "train.bin", &record(&[1, 100], 1));
    let error = load_100(dir.path(), &unchecked(1)).unwrap_err();
    assert!(matches!(error, DatasetError::Label { record: 0, kind: "fine", label: 100, classes: 100, .. }));
}

#[test]
fn a_missing_folder_says_where_to_get_it() {
    let dir = TempDir::new().unwrap();
    let absent = dir.path().join("nowhere");
    let error = load_10(&absent, &Options::ALL).unwrap_err();
    let text = message(dir.path(), &error);
    assert!(text.starts_with("no data folder at DIR/nowhere: unpack cifar-10-binary.tar.gz ("), "{text}");
    assert!(text.ends_with("or use the built-in set"), "{text}");
    write(&dir, "file", b"");
    let error = load_100(&dir.path().join("file"), &Options::ALL).unwrap_err();
    let text = message(dir.path(), &error);
    assert_eq!(
        text,
        "no data folder at DIR/file: that is not a folder; give the folder that holds train.bin"
    );
}

#[test]
fn a_missing_file_is_named_and_its_likely_cause_too() {
    let dir = TempDir::new().unwrap();
    let text = |error: DatasetError| message(dir.path(), &error);
    let plain = text(ten(&dir, &Options::ALL).unwrap_err());
    assert!(plain.starts_with("DIR/data_batch_1.bin is missing: unpack cifar-10-binary.tar.gz"), "{plain}");
    write(&dir, "data_batch_1", b"pickle");
    let pickled = text(ten(&dir, &Options::ALL).unwrap_err());
    assert!(pickled.contains("pickled Python edition"), "{pickled}");
    std::fs::create_dir(dir.path().join("cifar-10-batches-bin")).unwrap();
    let above = text(ten(&dir, &Options::ALL).unwrap_err());
    assert_eq!(above, "DIR/data_batch_1.bin is missing: give the folder DIR/cifar-10-batches-bin inside it");

    write(&dir, "data_batch_1.bin", &batch_file(1, 0));
    let options = Options { test: TestPart::Read(Limit::First(1)), ..unchecked(1) };
    assert!(
        matches!(ten(&dir, &options), Err(DatasetError::MissingFile { path, .. }) if path.ends_with("test_batch.bin"))
    );
}

#[test]
fn a_truncated_file_is_measured() {
    let dir = TempDir::new().unwrap();
    write(&dir, "data_batch_1.bin", &batch_file(5, 0)[..4 * 3073 + 9]);
    let error = ten(&dir, &unchecked(5)).unwrap_err();
    assert_eq!(
        message(dir.path(), &error),
        "DIR/data_batch_1.bin is truncated: expected 15365 bytes, found 12301, so record 4 is incomplete; ask for \
         fewer images, or unpack cifar-10-binary.tar.gz (https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz) \
         and give its folder cifar-10-batches-bin"
    );
    assert_eq!(ten(&dir, &unchecked(4)).unwrap().train.len(), 4);
    // To be verified a file must be whole, however few of its images are wanted.
    let error = ten(&dir, &Options::train_only(4)).unwrap_err();
    assert!(matches!(error, DatasetError::Truncated { expected: 30_730_000, found: 12_301, record: 4, .. }));
}

#[test]
fn a_file_too_long_is_refused() {
    let dir = TempDir::new().unwrap();
    write(&dir, "data_batch_1.bin", &vec![0; 30_730_001]);
    for options in [unchecked(1), Options::train_only(1)] {
        let error = ten(&dir, &options).unwrap_err();
        assert!(
            matches!(error, DatasetError::TooLong { expected: 30_730_000, found: 30_730_001, .. }),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_checksum_names_both_and_can_be_allowed() {
    let dir = TempDir::new().unwrap();
    write(&dir, "data_batch_1.bin", &vec![0; 30_730_000]);
    let error = ten(&dir, &Options::train_only(1)).unwrap_err();
    let text = message(dir.path(), &error);
    // The MD5 of 30,730,000 zero bytes, by md5sum.
    assert!(
        text.starts_with(
            "DIR/data_batch_1.bin has MD5 229a4f9bbbc879e7371f2391ac1f4775, expected 5dd7e06a14cb22eb9f671a540d1b7c25: the file is damaged \
             or altered; "
        ),
        "{text}"
    );
    assert_eq!(ten(&dir, &unchecked(10_000)).unwrap().train.len(), 10_000);
}

#[test]
fn files_without_a_known_checksum_say_so() {
    let dir = TempDir::new().unwrap();
    let bytes: Vec<u8> = (0..50_000).flat_map(|i| record(&[0, (i % 100) as u8], i as u8)).collect();
    write(&dir, "train.bin", &bytes);
    let sets = load_100(dir.path(), &Options::train_only(3)).unwrap();
    assert_eq!((sets.train_integrity, sets.train.len()), (Integrity::Unknown, 3));
}

#[test]
fn a_label_out_of_range_names_file_and_record() {
    let dir = TempDir::new().unwrap();
    let mut bytes = batch_file(4, 0);
    bytes[2 * 3073] = 10;
    write(&dir, "data_batch_1.bin", &bytes);
    let error = ten(&dir, &unchecked(4)).unwrap_err();
    let text = message(dir.path(), &error);
    assert!(
        text.starts_with(
            "DIR/data_batch_1.bin, record 2: class label 10 is out of range, labels go from 0 to 9: "
        ),
        "{text}"
    );
    assert_eq!(ten(&dir, &unchecked(2)).unwrap().train.len(), 2);
}

#[test]
fn impossible_limits_are_refused() {
    let dir = TempDir::new().unwrap();
    for images in [0, 50_001] {
        let error = ten(&dir, &unchecked(images)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{images} images of cifar10 train asked for: give a number from 1 to 50000")
        );
    }
}
