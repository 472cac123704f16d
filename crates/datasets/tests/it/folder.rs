//! Folders of images: the same batches on any number of threads, kept or streamed; and one clear error for each kind of bad
//! file.

use crate::files::{animated_png, cmyk_jpeg, jpeg, png, tree};
use datasets::{
    Augmentation, Batch, Corrupt, Crop, DatasetError, Folder, FolderOptions, FolderPart, LastBatch, Loader,
    LoaderConfig,
};
use image::ExtendedColorType;
use std::fs;
use std::path::Path;

const OPTIONS: FolderOptions =
    FolderOptions { part: FolderPart::Train, size: 24, resize: 28, corrupt: Corrupt::Refuse };

fn read(folder: Folder, config: LoaderConfig, epoch: u64) -> Result<Vec<Batch>, DatasetError> {
    let indices = (0..folder.len()).collect();
    let mut loader = Loader::new(folder, indices, config)?;
    let mut epoch = loader.epoch(epoch, 0)?;
    let mut batches = Vec::new();
    while let Some(batch) = epoch.next_batch()? {
        batches.push(batch.clone());
    }
    Ok(batches)
}

fn training(augmentation: Augmentation, batch: usize) -> LoaderConfig {
    LoaderConfig {
        augmentation,
        last: LastBatch::Keep,
        ..LoaderConfig::training(batch, Folder::normalisation(), 3)
    }
}

/// Labels and pixels in the order of the images, whatever the batches.
fn flat(batches: &[Batch]) -> (Vec<u32>, Vec<f32>) {
    let labels = batches.iter().flat_map(|batch| batch.labels.clone()).collect();
    (labels, batches.iter().flat_map(|batch| batch.images.clone()).collect())
}

#[test]
fn batches_depend_on_their_name_alone() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 3, 9);
    for augmentation in [Augmentation::IMAGE_NET, Augmentation::STANDARD, Augmentation::NONE] {
        let on_threads = |threads: usize, batch| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let folder = pool.install(|| Folder::open(dir.path(), OPTIONS).unwrap());
            flat(&read(folder, training(augmentation, batch), 2).unwrap())
        };
        let one = on_threads(1, 5);
        assert_eq!((one.0.len(), one.1.len()), (27, 27 * 24 * 24 * 3));
        assert!(one == on_threads(4, 5), "threads change {augmentation:?}");
        assert!(one == on_threads(2, 27), "the batch size changes {augmentation:?}");
        let folder = Folder::open(dir.path(), OPTIONS).unwrap();
        let other = flat(&read(folder, training(augmentation, 5), 3).unwrap());
        assert!(one != other, "every epoch has its order");
    }
}

#[test]
fn kept_images_are_those_of_the_files() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 2, 7);
    for augmentation in [Augmentation::STANDARD, Augmentation::NONE] {
        let streamed = Folder::open(dir.path(), OPTIONS).unwrap();
        let kept = Folder::open(dir.path(), OPTIONS).unwrap().keep().unwrap();
        assert_eq!(streamed.sha256(), kept.sha256());
        let [streamed, kept] =
            [streamed, kept].map(|folder| read(folder, training(augmentation, 4), 0).unwrap());
        assert!(streamed == kept);
    }
}

#[test]
fn labels_follow_the_sorted_folders_and_pixels_their_files() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 3, 1);
    let folder = Folder::open(dir.path(), OPTIONS).unwrap();
    assert_eq!(folder.class_names(), ["class0", "class1", "class2"]);
    let plain = datasets::Normalisation { mean: vec![0.0; 3], std: vec![1.0 / 255.0; 3] };
    let batches = read(folder, LoaderConfig::evaluation(3, plain), 0).unwrap();
    assert_eq!(batches[0].labels, [0, 1, 2]);
    let reds = batches[0].images.chunks(24 * 24 * 3).map(|image| image[0].round());
    assert_eq!(reds.collect::<Vec<_>>(), [20.0, 80.0, 140.0]);
}

#[test]
fn parts_are_folders_or_tenths() {
    let dir = tempfile::tempdir().unwrap();
    let test = FolderOptions { part: FolderPart::Test, ..OPTIONS };
    tree(&dir.path().join("one"), 2, 21);
    let one = dir.path().join("one");
    assert_eq!(
        (Folder::open(&one, OPTIONS).unwrap().len(), Folder::open(&one, test).unwrap().len()),
        (38, 4)
    );
    tree(&dir.path().join("two/train"), 2, 5);
    tree(&dir.path().join("two/val"), 2, 3);
    let two = dir.path().join("two");
    assert_eq!(
        (Folder::open(&two, OPTIONS).unwrap().len(), Folder::open(&two, test).unwrap().len()),
        (10, 6)
    );
    tree(&dir.path().join("two/val"), 3, 3);
    let error = Folder::open(&two, OPTIONS).unwrap_err().to_string();
    assert!(error.contains("\"class2\"") && error.contains("both need the same folders"), "{error}");
}

/// One bad file among good ones: the error names it and says what is wrong; skipping leaves out just it.
#[track_caller]
fn check(name: &str, bytes: &[u8], fault: &str) {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 2, 4);
    let path = dir.path().join("class1").join(name);
    fs::write(&path, bytes).unwrap();
    let read = |corrupt| {
        let folder = Folder::open(dir.path(), FolderOptions { corrupt, ..OPTIONS })?;
        read(folder, LoaderConfig::evaluation(3, Folder::normalisation()), 0)
    };
    let error = read(Corrupt::Refuse).unwrap_err().to_string();
    assert!(error.contains(fault) && error.starts_with(&path.display().to_string()), "{error}");
    let batches = read(Corrupt::Skip).unwrap();
    assert_eq!(batches.iter().map(|batch| batch.n).sum::<usize>(), 8);
    assert!(batches.iter().all(|batch| batch.images.len() == batch.n * 24 * 24 * 3));
    let options = FolderOptions { corrupt: Corrupt::Skip, ..OPTIONS };
    let kept = Folder::open(dir.path(), options).unwrap().keep().unwrap();
    assert_eq!((kept.len(), kept.skipped()), (8, vec![path]));
}

#[test]
fn bad_files_are_named_and_skipped_on_request() {
    let whole = jpeg();
    check("a.jpg", b"", "0 bytes");
    check("a.jpg", b"just some text", "no known kind of image");
    check("notes.txt", b"just some text", "no file of a name that ends in .jpg");
    check("a.png", b"GIF89a and more", "a GIF");
    check("a.jpg", &whole[..whole.len() / 2], "the file ends early");
    check("a.jpg", &whole[..20], "damaged");
    check("a.jpg", &cmyk_jpeg(), "a CMYK JPEG");
    check("a.png", &png(ExtendedColorType::Rgb16), "16 bits a channel");
    check("a.png", &png(ExtendedColorType::L16), "16 bits a channel");
    check("a.png", &animated_png(), "an animated PNG");
    let whole = png(ExtendedColorType::Rgb8);
    check("a.png", &whole[..whole.len() - 20], "damaged");
}

#[test]
fn grey_and_transparent_images_become_rgb() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("only")).unwrap();
    for kind in
        [ExtendedColorType::L8, ExtendedColorType::La8, ExtendedColorType::Rgb8, ExtendedColorType::Rgba8]
    {
        fs::write(dir.path().join("only").join(format!("{kind:?}.png")), png(kind)).unwrap();
    }
    let plain = datasets::Normalisation { mean: vec![0.0; 3], std: vec![1.0 / 255.0; 3] };
    let folder = Folder::open(dir.path(), OPTIONS).unwrap();
    let batches = read(folder, LoaderConfig::evaluation(4, plain), 0).unwrap();
    assert!(batches[0].images.iter().all(|value| value.round() == 100.0));
}

#[test]
fn folders_that_cannot_be_used_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: &Path| Folder::open(path, OPTIONS).unwrap_err().to_string();
    assert!(open(&dir.path().join("none")).contains("no data folder at"));
    assert!(open(dir.path()).contains("holds no folders of classes"));
    tree(dir.path(), 2, 2);
    fs::create_dir(dir.path().join("class9")).unwrap();
    let error = open(dir.path());
    assert!(error.contains("class9 holds no image"), "{error}");
    let small = FolderOptions { size: 30, resize: 24, ..OPTIONS };
    assert!(matches!(Folder::open(dir.path(), small), Err(DatasetError::Resize { resize: 24, size: 30 })));
}

#[test]
fn a_batch_without_a_good_image_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 1, 2);
    for number in 2..6 {
        fs::write(dir.path().join(format!("class0/{number:03}.jpg")), "no image").unwrap();
    }
    let folder = Folder::open(dir.path(), FolderOptions { corrupt: Corrupt::Skip, ..OPTIONS }).unwrap();
    let error =
        read(folder, LoaderConfig::evaluation(3, Folder::normalisation()), 0).unwrap_err().to_string();
    assert!(error.contains("all 3 images of step 1 are corrupt") && error.contains("003.jpg"), "{error}");
}

#[test]
fn another_shape_or_number_of_classes_is_told() {
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 3, 1);
    let images = datasets::Images::from(Folder::open(dir.path(), OPTIONS).unwrap());
    assert!(images.expect(24, 24, 3, 3).is_ok());
    let error = images.expect(24, 24, 3, 10).unwrap_err().to_string();
    assert!(
        error.contains("24 x 24 x 3 in 3 classes") && error.contains("tells 10 classes apart"),
        "{error}"
    );
}

#[test]
fn random_resized_crops_need_no_padding() {
    let resized = Augmentation { crop: Crop::Resized, ..Augmentation::NONE };
    let dir = tempfile::tempdir().unwrap();
    tree(dir.path(), 1, 3);
    let folder = Folder::open(dir.path(), OPTIONS).unwrap();
    let batches = read(folder, training(resized, 3), 0).unwrap();
    // Red is the same in all of a picture, wherever a window is cut.
    let red = (20.0 / 255.0 - 0.485) / 0.229;
    let mut reds = batches[0].images.iter().step_by(3);
    assert!(reds.all(|value| (value - red).abs() < 0.1), "padding would be black");
}
