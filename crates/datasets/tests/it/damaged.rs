//! The readers of CIFAR on files of any length and content.

use proptest::prelude::*;

use crate::bytes::check;

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
}
