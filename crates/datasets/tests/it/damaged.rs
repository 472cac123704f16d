//! The readers of CIFAR and IDX on files of any length and content.

use proptest::prelude::*;

use crate::bytes::check;
use crate::idx_bytes;

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
