//! Bad input: one clear error that names what is at fault, and the right exit code.

use std::fs;
use std::path::Path;

use crate::common::{cars, finished_search, run, stderr};

/// Runs `cars` and checks exit code, that there is one error, and that it names what it must.
#[track_caller]
fn refused(arguments: &[&str], code: i32, names: &[&str]) {
    let output = run(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    for name in names {
        assert!(said.contains(name), "{name:?} is missing in: {said}");
    }
}

/// Arguments of a CIFAR-10 search on a folder.
fn cifar<'a>(folder: &'a Path, run: &'a Path) -> Vec<&'a str> {
    let paths = ["--data-dir", folder.to_str().unwrap(), "--run-dir", run.to_str().unwrap()];
    let settings = ["--set", "data.source=cifar-10", "--set", "data.train=64", "--set", "data.validation=64"];
    [&["search", "--quiet"], &paths[..], &settings[..]].concat()
}

#[test]
fn flags_and_keys() {
    refused(&["search", "--sed", "1"], 2, &["--sed", "--seed"]);
    refused(&["search", "--set", "training.epoch=3"], 2, &["training.epoch", "training.epochs"]);
    refused(&["search", "--set", "training.epochs=many"], 2, &["training.epochs"]);
    refused(&["search", "--set", "training.epochs=0"], 2, &["training.epochs"]);
    refused(&["search", "--objectives", "accuracy,params"], 2, &["params", "parameters"]);
    refused(&["search", "--device", "gpu"], 2, &["--device", "cuda:N"]);
    refused(&["search", "--set", "device=gpu"], 2, &["device", "cuda:N"]);
    refused(&["search", "--precision", "fp16"], 2, &["--precision", "f32 or bf16"]);
    refused(&["search", "--precision", "bf16"], 2, &["precision", "device = \"cpu\"", "CUDA"]);
    refused(&["train", "CARS_I", "--precision", "bf16"], 2, &["precision", "CUDA"]);
    refused(&["search", "--config", "no/such.toml"], 2, &["no/such.toml"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    fs::write(&file, "seed = 3\n\n[network]\nchanels = 8\n").unwrap();
    let path = file.to_str().unwrap();
    refused(&["search", "--config", path], 2, &["bad.toml", ":4", "network.chanels", "channels"]);
}

#[test]
fn image_folders() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let data = folder.path().join("data");
    refused(&cifar(&data, &run), 1, &["data"]);
    fs::create_dir(&data).unwrap();
    refused(&cifar(&data, &run), 1, &["data_batch_1.bin"]);
    let file = data.join("data_batch_1.bin");
    fs::write(&file, vec![0; 5000]).unwrap();
    refused(&cifar(&data, &run), 1, &["data_batch_1.bin", "30730000", "5000"]);
    fs::write(&file, vec![0; 30_730_000]).unwrap();
    refused(&cifar(&data, &run), 1, &["data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25"]);
    assert!(!run.exists() || fs::read_dir(&run).unwrap().next().is_none(), "a failed start left files");
}

#[test]
fn genotypes() {
    refused(&["describe", "CARS-Q"], 2, &["CARS-Q", "did you mean"]);
    let text = "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_4x4', 1)]";
    refused(&["describe", text], 2, &["sep_conv_4x4", "character"]);
}

#[test]
fn run_directories() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = path.to_str().unwrap();
    refused(&["resume", run], 1, &["run"]);
    finished_search(&path, &[]);
    let front = fs::read(path.join("front.json")).unwrap();
    refused(&["search", "--run-dir", run], 1, &["run"]);
    assert_eq!(fs::read(path.join("front.json")).unwrap(), front);
    // No directory can be made below a file: not even by root, whom permissions do not stop.
    let below = path.join("front.json").join("run");
    refused(&["search", "--run-dir", below.to_str().unwrap()], 1, &["front.json"]);
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    // Results that cannot be written are an error, not a success with half a table.
    let output =
        cars(&["describe", "CARS-A"]).stdout(fs::File::options().write(true).open(full).unwrap()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("No space left"), "{}", stderr(&output));
}
