//! What must hold for any bytes in the place of the two files of an IDX set: whole images with labels of the set, or an error
//! that names one of the files. Shared with the fuzz target in `fuzz/`.

use std::path::Path;

use datasets::cifar::Limit;
use datasets::idx::{Part, load};

/// Reads the bytes as labels and images in this folder. The first byte says how many are labels, and its lowest bit whether both
/// files are gzipped.
pub(crate) fn check(folder: &Path, bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else { return };
    let (labels, images) = rest.split_at(rest.len().min(usize::from(first)));
    let ending = if first.is_multiple_of(2) { "" } else { ".gz" };
    let files = [("train-labels-idx1-ubyte", labels), ("train-images-idx3-ubyte", images)];
    let paths = files.map(|(name, bytes)| {
        let path = folder.join(format!("{name}{ending}"));
        std::fs::write(&path, bytes).unwrap();
        path
    });
    for limit in [Limit::All, Limit::First(2)] {
        match load(folder, Part::Train, limit) {
            Ok(set) => set.check().unwrap(),
            Err(error) => {
                let told = error.to_string();
                assert!(
                    files.iter().any(|(name, _)| told.contains(name)) || limit == Limit::First(2),
                    "{told}"
                );
            }
        }
    }
    for path in paths {
        std::fs::remove_file(path).unwrap();
    }
}
