//! IDX files, written byte by byte, plain and gzipped; one test for each kind of damage.

use datasets::cifar::Limit;
use datasets::idx::{Part, load};
use std::fs;
use std::io::Write;
use std::path::Path;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

/// Three images of 2 x 3 pixels in classes 0, 2, 1.
fn good() -> [Vec<u8>; 2] {
    let head = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3];
    let images = head.into_iter().chain(0..18).collect();
    [images, vec![0, 0, 8, 1, 0, 0, 0, 3, 0, 2, 1]]
}

fn write(dir: &Path, [images, labels]: &[Vec<u8>; 2]) {
    fs::write(dir.join(IMAGES), images).unwrap();
    fs::write(dir.join(LABELS), labels).unwrap();
}

#[test]
fn images_and_labels_are_read_plain_and_gzipped() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &good());
    let set = load(dir.path(), Part::Train, Limit::All).unwrap();
    assert_eq!((set.height, set.width, set.channels), (2, 3, 1));
    assert_eq!(
        (set.classes(), &set.labels[..], set.image(1)),
        (3, &[0, 2, 1][..], &[6, 7, 8, 9, 10, 11][..])
    );
    for (name, bytes) in [(IMAGES, &good()[0]), (LABELS, &good()[1])] {
        fs::remove_file(dir.path().join(name)).unwrap();
        let file = fs::File::create(dir.path().join(format!("{name}.gz"))).unwrap();
        flate2::write::GzEncoder::new(file, flate2::Compression::fast()).write_all(bytes).unwrap();
    }
    assert_eq!(load(dir.path(), Part::Train, Limit::All).unwrap(), set);
    assert_eq!(load(dir.path(), Part::Train, Limit::First(2)).unwrap().classes(), 3, "of the whole part");
    assert!(load(dir.path(), Part::Train, Limit::First(4)).is_err());
    let error = load(dir.path(), Part::Test, Limit::All).unwrap_err().to_string();
    assert!(error.contains("t10k-labels-idx1-ubyte is missing"), "{error}");
}

#[test]
fn damage_is_named() {
    let check = |change: fn(&mut [Vec<u8>; 2]), words: [&str; 2]| {
        let dir = tempfile::tempdir().unwrap();
        let mut files = good();
        change(&mut files);
        write(dir.path(), &files);
        let error = load(dir.path(), Part::Train, Limit::All).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    check(|[images, _]| images[3] = 1, [IMAGES, "magic number [0, 0, 8, 3], found [0, 0, 8, 1]"]);
    check(|[_, labels]| labels[2] = 13, [LABELS, "found [0, 0, 13, 1]"]);
    check(
        |[images, _]| images.truncate(33),
        [IMAGES, "expected 18 bytes after the head, found 17: the file is cut off"],
    );
    check(|[images, _]| images.truncate(9), [IMAGES, "its end within the head"]);
    check(|[images, _]| images.push(0), [IMAGES, "18 bytes after the head, found more"]);
    check(|[_, labels]| *labels = vec![0, 0, 8, 1, 0, 0, 0, 2, 0, 1], [IMAGES, "expected 2 images"]);
    check(|[images, _]| images[8] = 255, [IMAGES, "at most 16 GiB"]);
    check(|[images, _]| images[11] = 0, [IMAGES, "sizes above 0"]);
}

#[test]
fn fashion_mnist_is_what_it_is_said_to_be() {
    let Some(data) = std::env::var_os("CARS_DATA") else {
        eprintln!("skipped: CARS_DATA names no folder with fashion-mnist");
        return;
    };
    let dir = Path::new(&data).join("fashion-mnist");
    let train = load(&dir, Part::Train, Limit::All).unwrap();
    assert_eq!((train.len(), train.height, train.width, train.classes()), (20_000, 28, 28, 10));
    assert_eq!(train.class_counts(), [1935, 2025, 1982, 2011, 1967, 2010, 2068, 2003, 1971, 2028]);
    let test = load(&dir, Part::Test, Limit::All).unwrap();
    assert_eq!(test.class_counts(), [1_000; 10]);
}
