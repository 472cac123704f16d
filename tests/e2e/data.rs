//! Sets of images named by the config alone: IDX files and folders of PNGs are searched on, trained on and tested on; what
//! does not fit is one clear error; `cars data` looks and fetches.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{cars, checkpoint_files, journal, resume, run, small_search, stderr, stdout};

/// `images` PNGs of 20 x 24 pixels in each class: stripes along, across, and both ways.
fn folder(root: &Path, images: usize) {
    for class in 0..3 {
        let folder = root.join(["along", "across", "both"][class]);
        fs::create_dir_all(&folder).unwrap();
        for number in 0..images {
            let picture = image::RgbImage::from_fn(24, 20, |x, y| {
                let bits = [x / 3 % 2, y / 3 % 2, (x / 3 + y / 3) % 2][class] as usize;
                image::Rgb([(200 * bits + number) as u8, (180 * bits) as u8, 60])
            });
            picture.save(folder.join(format!("{number:03}.png"))).unwrap();
        }
    }
}

/// IDX files of 8 x 8 pixels: a bright half, upper or lower, is the class.
fn idx(root: &Path, images: usize) {
    fs::create_dir_all(root).unwrap();
    for stem in ["train", "t10k"] {
        let count = (images as u32).to_be_bytes();
        let side = 8_u32.to_be_bytes();
        let mut pixels = [&[0, 0, 8, 3][..], &count, &side, &side].concat();
        let mut labels = [&[0, 0, 8, 1][..], &count].concat();
        for image in 0..images {
            labels.push((image % 2) as u8);
            pixels
                .extend((0..64).map(|at| if (at / 32) % 2 == image % 2 { 200 } else { (image % 50) as u8 }));
        }
        fs::write(root.join(format!("{stem}-images-idx3-ubyte")), pixels).unwrap();
        fs::write(root.join(format!("{stem}-labels-idx1-ubyte")), labels).unwrap();
    }
}

fn sets<'a>(settings: &[&'a str]) -> Vec<&'a str> {
    settings.iter().flat_map(|setting| ["--set", setting]).collect()
}

#[track_caller]
fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", stderr(output));
    stdout(output)
}

/// Searches, trains and tests on a set; returns what the test says.
#[track_caller]
fn check(root: &Path, data: &Path, settings: &[&str], train: &[&str]) -> String {
    let [search, trained] = ["search", "trained"].map(|name| root.join(name));
    let dir = ["--data-dir", data.to_str().unwrap()];
    let mut command = small_search(&search, &["--quiet"]);
    good(&command.args(dir).args(sets(settings)).output().unwrap());
    let mut command = cars(&["train", "CARS-A", "--quiet", "--output"]);
    let small = ["network.channels=4", "training.epochs=4", "training.batch_size=16"];
    command.arg(&trained).args(dir).args(sets(settings.split_at(1).0)).args(sets(&small)).args(sets(train));
    good(&command.output().unwrap());
    good(&cars(&["evaluate"]).arg(&trained).output().unwrap())
}

#[test]
fn a_folder_of_pngs_trains_by_config_alone() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    folder(&data, 60);
    let shape = ["data.classes=3", "data.size=16", "data.train=0", "data.padding=2"];
    let search = [&["data.source=folder", "data.validation=0"][..], &shape].concat();
    let train = [&["data.test=0", "data.cutout=4"][..], &shape].concat();
    let said = check(root.path(), &data, &search, &train);
    assert!(said.contains("18 images, 4 epochs") && said.contains("across"), "{said}");
    let started = journal(&root.path().join("search"), &["started"]).remove(0);
    assert!(started.contains("\"train_images\":81,\"validation_images\":81"), "{started}");
}

#[test]
fn resized_crops_and_colours_stream_and_resume() {
    let root = tempfile::tempdir().unwrap();
    folder(&root.path().join("data/train"), 30);
    folder(&root.path().join("data/val"), 5);
    fs::write(root.path().join("data/train/both/zz.png"), "no image").unwrap();
    let data = root.path().join("data");
    let train = |name: &str, epochs: &str, more: &[&str]| {
        let mut command = cars(&["train", "CARS-A", "--quiet", "--data-dir", data.to_str().unwrap()]);
        command.arg("--output").arg(root.path().join(name)).args(sets(&[
            "data.source=folder",
            "data.classes=3",
            "data.size=16",
            "data.crop=resized",
            "data.colour_jitter=0.4",
            "data.train=0",
            "data.test=0",
            "network.channels=4",
            "training.batch_size=16",
            epochs,
        ]));
        command.args(more);
        command
    };
    let output = train("refused", "training.epochs=1", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("zz.png") && stderr(&output).contains("data.skip_corrupt"),
        "{}",
        stderr(&output)
    );
    let [skipped, killed] = ["skipped", "killed"].map(|name| root.path().join(name));
    good(&train("skipped", "training.epochs=4", &["--skip-corrupt", "--threads", "1"]).output().unwrap());
    let warnings = journal(&skipped, &["warning"]);
    assert!(warnings.len() == 1 && warnings[0].contains("zz.png"), "{warnings:?}");
    let said = good(&cars(&["evaluate"]).arg(&skipped).output().unwrap());
    assert!(said.contains("15 images, 4 epochs"), "{said}");
    let mut child = train("killed", "training.epochs=4", &["--skip-corrupt", "--threads", "2"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while journal(&killed, &["epoch"]).len() < 2 && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    resume(&killed);
    let weights = |run| fs::read(checkpoint_files(run, "safetensors").pop().unwrap()).unwrap();
    assert!(weights(&skipped) == weights(&killed), "two threads and a kill change the weights");
}

#[test]
fn idx_files_of_one_channel_train_by_config_alone() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    idx(&data, 400);
    let shape = ["data.classes=2", "data.size=8", "data.flip=false", "data.padding=1"];
    let search = [&["data.source=idx", "data.train=200", "data.validation=0"][..], &shape].concat();
    let train = [&["data.train=0", "data.test=100"][..], &shape].concat();
    let said = check(root.path(), &data, &search, &train);
    assert!(said.contains("100 images, 4 epochs"), "{said}");
}

#[test]
fn fashion_mnist_trains_by_config_alone() {
    let Some(data) = std::env::var_os("CARS_DATA") else {
        eprintln!("skipped: CARS_DATA names no folder with fashion-mnist");
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let few = ["data.source=idx", "data.train=256", "data.validation=128"];
    let said = check(
        root.path(),
        &Path::new(&data).join("fashion-mnist"),
        &few,
        &["data.train=512", "data.test=200"],
    );
    assert!(said.contains("200 images, 4 epochs"), "{said}");
}

#[test]
fn the_split_of_nas_bench_201_is_read_from_its_file() {
    let Some(data) = std::env::var_os("CARS_DATA") else {
        eprintln!("skipped: CARS_DATA names no folder with cifar-10-batches-bin");
        return;
    };
    let (root, data) = (tempfile::tempdir().unwrap(), Path::new(&data));
    let split = data.join("cifar-10-extras/nas-bench-201-cifar-split.json");
    let split = format!("data.split={}", split.display());
    let mut command = small_search(&root.path().join("run"), &["--quiet", "--data-dir"]);
    command.arg(data.join("cifar-10-batches-bin")).args(sets(&["data.source=cifar-10", &split]));
    good(&command.output().unwrap());
    let started = journal(&root.path().join("run"), &["started"]).remove(0);
    assert!(started.contains(", split sha256 "), "{started}");
}

#[test]
fn what_does_not_fit_the_network_is_told() {
    let root = tempfile::tempdir().unwrap();
    let [data, grey, run] = ["data", "grey", "run"].map(|name| root.path().join(name));
    folder(&data, 20);
    idx(&grey, 64);
    let refused = |data: &Path, settings: &[&str], code: i32, words: &[&str]| {
        let mut command = cars(&["search", "--quiet", "--run-dir", run.to_str().unwrap(), "--data-dir"]);
        let output = command.arg(data).args(sets(settings)).output().unwrap();
        let said = stderr(&output);
        assert_eq!((output.status.code(), said.matches("error:").count()), (Some(code), 1), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    };
    let few = ["data.train=32", "data.validation=20"];
    let with = |more: &[&'static str]| [more, &few].concat();
    let folder = "data.source=folder";
    refused(&data, &with(&[folder]), 2, &["data.classes", "cars data check"]);
    refused(&data, &with(&[folder, "data.classes=4", "data.size=16"]), 1, &["in 3 classes", "4 classes"]);
    refused(&data, &with(&[folder, "data.classes=3", "data.size=15"]), 2, &["15"]);
    refused(&grey, &with(&["data.source=idx"]), 1, &["8 x 8 x 1 in 2 classes", "28 x 28 x 1", "10 classes"]);
    refused(&grey, &with(&["data.source=idx", "data.colour_jitter=0.4"]), 2, &["data.colour_jitter"]);
    refused(&grey, &with(&["data.source=cifar-10", "data.size=28"]), 2, &["data.size"]);
    refused(
        &data.join("none"),
        &with(&[folder, "data.classes=3", "data.size=16"]),
        1,
        &["no data folder at"],
    );
    fs::write(data.join("along/bad.png"), "").unwrap();
    refused(&data, &with(&[folder, "data.classes=3", "data.size=16"]), 1, &["bad.png", "0 bytes"]);
}

#[test]
fn data_check_says_what_is_there() {
    let root = tempfile::tempdir().unwrap();
    folder(root.path(), 20);
    let check = || run(&["data", "check", root.path().to_str().unwrap()]);
    let said = good(&check());
    assert!(said.contains("data.source = \"folder\"") && said.contains("54 images in 3 classes"), "{said}");
    fs::write(root.path().join("both/zero.png"), "").unwrap();
    let output = check();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("zero.png"), "{}", stdout(&output));
}

#[test]
fn data_fetch_knows_its_sets_and_stays_offline_when_told() {
    let cache = tempfile::tempdir().unwrap();
    let output = run(&["data", "fetch", "cifar-11"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cifar-10, cifar-100, fashion-mnist"), "{}", stderr(&output));
    let there = cache.path().join("cars/datasets/cifar-10");
    let offline = || {
        cars(&["data", "fetch", "cifar-10", "--offline"])
            .env("XDG_CACHE_HOME", cache.path())
            .output()
            .unwrap()
    };
    let output = offline();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cifar-10 is not in") && !there.exists(), "{}", stderr(&output));
    fs::create_dir_all(&there).unwrap();
    assert_eq!(good(&offline()).trim_end(), there.to_str().unwrap());
}
