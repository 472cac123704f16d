//! `cars export`: what leaves, by each way of naming a network, and what is refused. What runtimes make of it is in
//! `onnx_runtime`.

use std::fs;

use safetensors::SafeTensors;

use crate::common::{cars, finished_search, run, stderr, stdout};

#[test]
fn a_trained_network_leaves_with_its_facts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let [trained, model, folded, weights] = ["trained", "a.onnx", "b.onnx", "a.safetensors"].map(path);
    let settings = ["data.train=64", "network.channels=4", "training.epochs=1"];
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    let output = cars(&["train", "CARS-A", "-q", "-o", &trained]).args(settings).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));

    for (file, more) in [(&model, &[][..]), (&folded, &["--fold"]), (&weights, &[])] {
        let output = cars(&["export", &trained, "-o", file]).args(more).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains("weights trained for 1 epoch\n"), "{}", stdout(&output));
        assert!(fs::metadata(file).unwrap().len() > 1000);
    }
    // Scale, shift, mean and variance of a channel become a bias.
    assert!(fs::metadata(&folded).unwrap().len() < fs::metadata(&model).unwrap().len());
    let bytes = fs::read(&weights).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let facts = header.metadata().as_ref().unwrap()["cars"].clone();
    let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
    assert!(facts["genotype"].as_str().unwrap().starts_with("Genotype("));
    assert_eq!(facts["classes"].as_array().unwrap().len(), 10);
    assert_eq!((facts["mean"].as_array().unwrap().len(), facts["std"].as_array().unwrap().len()), (3, 3));
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    assert!(tensors.tensor("stem.0.bn.variance").is_ok());
    assert!(
        !tensors.names().iter().any(|name| name.starts_with("velocity.") || name.starts_with("auxiliary."))
    );

    let output = run(&["export", &trained, "-o", &model]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is there already"), "{}", stderr(&output));
}

#[test]
fn a_member_of_a_front_leaves_with_the_weights_that_all_share() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let search = folder.path().join("search");
    finished_search(&search, &[]);
    let member = format!("{}:1", search.display());
    let output = run(&["export", &member, "-o", &path("member.onnx")]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("shared by the supernet"), "{}", stdout(&output));
    let output = run(&["export", &member, "-o", &path("member.genotype")]);
    assert!(output.status.success(), "{}", stderr(&output));
    let genotype = fs::read_to_string(path("member.genotype")).unwrap();
    assert!(genotype.starts_with("Genotype(") && genotype.ends_with(")\n"), "{genotype}");
    let output = run(&["export", search.to_str().unwrap(), "-o", &path("whole.onnx")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("name a member of its front"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_exported_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (network, file, more, word) in [
        ("CARS-A", "a.onnx", &[][..], "has no weights"),
        ("CARS-Z", "a.onnx", &["--fresh", "1"], "CARS-Z"),
        ("|nor_conv_3x3~0|", "a.onnx", &["--fresh", "1"], "character 17"),
        ("CARS-A", "a.bin", &["--fresh", "1"], ".safetensors"),
        ("CARS-A", "a.safetensors", &["--fresh", "1", "--fold"], "--fold"),
        ("CARS-A", "a.onnx", &["--fresh", "1", "--verify", "--python", "no-such-python"], "--python"),
    ] {
        let output = cars(&["export", network, "-o", &path(file)]).args(more).output().unwrap();
        assert!(!output.status.success(), "{network} {more:?}");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
