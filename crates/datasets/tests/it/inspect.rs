//! What `cars data check` says of each kind of folder.

use crate::files::tree;
use datasets::inspect::inspect;
use std::fs;

#[test]
fn a_folder_of_images_is_counted_measured_and_its_bad_files_named() {
    let dir = tempfile::tempdir().unwrap();
    tree(&dir.path().join("train"), 2, 5);
    tree(&dir.path().join("val"), 2, 2);
    fs::write(dir.path().join("train/class1/zero.png"), "").unwrap();
    fs::write(dir.path().join("train/class1/text.png"), "text").unwrap();
    let report = inspect(dir.path()).unwrap();
    assert_eq!((report.kind, report.parts.len(), report.faults.len()), ("folder", 2, 2));
    let [train, val] = &report.parts[..] else { panic!("two parts") };
    assert_eq!(train.classes, [("class0".to_owned(), 5), ("class1".to_owned(), 5)]);
    assert_eq!(val.classes.iter().map(|class| class.1).sum::<usize>(), 4);
    assert_eq!(
        train.sizes.keys().copied().collect::<Vec<_>>(),
        [30, 31, 32, 33, 34].map(|height| (height, 36))
    );
    // Red is 20 in one class and 80 in the other, of equally many pixels.
    assert!((train.mean[0] - 50.0 / 255.0).abs() < 0.002 && (train.std[0] - 30.0 / 255.0).abs() < 0.002);
    let text = report.to_string();
    for words in
        ["10 images in 2 classes", "30..34 x 36..36, 5 sizes", "2 unreadable files", "zero.png", "text.png"]
    {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
}

#[test]
fn fashion_mnist_has_the_published_mean() {
    let Some(data) = std::env::var_os("CARS_DATA") else {
        eprintln!("skipped: CARS_DATA names no folder with fashion-mnist");
        return;
    };
    let report = inspect(&std::path::Path::new(&data).join("fashion-mnist")).unwrap();
    assert_eq!((report.kind, report.parts.len()), ("idx", 2));
    // Of the first 20,000; those of all 60,000 are 0.28604 and 0.35302.
    assert!((report.parts[0].mean[0] - 0.28604).abs() < 0.002, "{:?}", report.parts[0].mean);
    assert!((report.parts[0].std[0] - 0.35302).abs() < 0.002, "{:?}", report.parts[0].std);
}
