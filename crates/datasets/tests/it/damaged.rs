//! The readers of CIFAR and IDX on files of any length and content.

use std::fs;

use datasets::cifar::{Checksums, Limit, Options, TestPart, load_10};
use datasets::idx;
use proptest::prelude::*;

use crate::bytes::check;
use crate::idx_bytes;

#[test]
fn the_seeds_of_the_fuzzer_are_good() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("data_batch_1.bin", &include_bytes!("../../fuzz/seeds/cifar/one-image")[1..]);
    let one = Options { train: Limit::First(1), test: TestPart::Skip, checksums: Checksums::Skip };
    assert_eq!(load_10(folder.path(), &one).unwrap().train.len(), 1);
    for (seed, ending, images) in [
        (&include_bytes!("../../fuzz/seeds/idx/plain")[..], "", 4),
        (include_bytes!("../../fuzz/seeds/idx/compressed"), ".gz", 5),
    ] {
        let (labels, pixels) = seed[1..].split_at(usize::from(seed[0]));
        let [labels_name, pixels_name] =
            ["labels-idx1", "images-idx3"].map(|name| format!("train-{name}-ubyte{ending}"));
        write(&labels_name, labels);
        write(&pixels_name, pixels);
        assert_eq!(idx::load(folder.path(), idx::Part::Train, Limit::All).unwrap().len(), images);
        fs::remove_file(folder.path().join(labels_name)).unwrap();
        fs::remove_file(folder.path().join(pixels_name)).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_file_is_read_or_named(length in 0_usize..10_000, label in any::<u8>(), at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![0; length + 1];
        let at = at.index(bytes.len());
        bytes[at] = label;
        check(folder.path(), &bytes);
        check(folder.path(), &[3; 1 + 3 * 3074][..=length.min(3 * 3074)]);
    }

    #[test]
    fn any_idx_files_are_read_or_named(change in any::<prop::sample::Index>(), to in any::<u8>(), length in 0_usize..50, packed in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let labels = [0, 0, 8, 1, 0, 0, 0, 3, 0, 2, 1];
        let images = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3].into_iter().chain(0..18);
        // The length of the labels: 11 says gzipped, so one byte more says plain.
        let mut bytes: Vec<u8> = [11 + u8::from(packed)].into_iter().chain(labels).chain(images).collect();
        let change = change.index(bytes.len());
        bytes[change] = to;
        idx_bytes::check(folder.path(), &bytes[..length.min(bytes.len())]);
        idx_bytes::check(folder.path(), &bytes);
    }
}
