//! What must hold for any bytes in the place of a file of CIFAR: as many images as asked for, each with a label of the set, or
//! an error that names the file. Shared with the fuzz target in `fuzz/`.

use std::path::Path;

use datasets::cifar::{Checksums, Limit, Options, TestPart, load_10, load_100};

/// Reads the bytes as the first file of both sets in this folder; the first byte says how many images are wanted.
pub(crate) fn check(folder: &Path, bytes: &[u8]) {
    let wanted = 1 + usize::from(bytes.first().copied().unwrap_or(0) % 4);
    let some = Options { train: Limit::First(wanted), test: TestPart::Skip, checksums: Checksums::Skip };
    let checked = Options::train_only(wanted);
    for (name, classes, load) in
        [("data_batch_1.bin", 10, load_10 as fn(_, _) -> _), ("train.bin", 100, load_100)]
    {
        let file = folder.join(name);
        std::fs::write(&file, bytes.get(1..).unwrap_or_default()).unwrap();
        match load(folder, &some) {
            Ok(sets) => {
                sets.train.check().unwrap();
                assert_eq!(sets.train.len(), wanted);
                assert!(sets.train.labels.iter().all(|&label| usize::from(label) < classes));
            }
            Err(error) => assert!(error.to_string().contains(name), "{error}"),
        }
        // Nothing that a fuzzer makes up has the published checksum.
        assert!(load(folder, &checked).is_err());
        std::fs::remove_file(&file).unwrap();
    }
}
