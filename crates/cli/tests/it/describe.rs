//! `cars describe`.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{cars, cars_with, fails, text};

const ONE_NODE: &str = "Genotype(normal=[('skip_connect', 0), ('skip_connect', 1)], normal_concat=[2], \
                        reduce=[('skip_connect', 0), ('skip_connect', 1)], reduce_concat=[2])";

#[test]
fn a_published_network_is_counted() {
    let output = cars(&["describe", "cars-i", "--json"]);
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts["parameters"], 3_594_718);
    assert_eq!(counts["parameters_with_auxiliary"], 4_071_144);
    assert_eq!(counts["multiply_adds"], 564_743_808);
    let output = cars(&["describe", "CARS_I", "--net", "imagenet", "--json"]);
    let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts["thop_ops"], 590_717_144);
}

#[test]
fn people_get_a_table() {
    let output = cars(&["describe", "darts-v2"]);
    let table = text(&output.stdout);
    for part in ["DARTS_V2: 36 channels, 20 cells", "3349342", "sep_conv_3x3", "Genotype(normal="] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let sum: u64 = table
        .lines()
        .skip_while(|line| !line.starts_with("layers"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().rev().nth(1).unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(sum, 3_349_342, "the layers add up to the whole");
}

#[test]
fn lines_of_input_become_lines_of_json() {
    let json = cars(&["describe", ONE_NODE, "--json", "--net", "search"]);
    let genotype = serde_json::from_slice::<Value>(&json.stdout).unwrap()["genotype"].clone();
    let output = cars_with(&["describe", "-", "--net", "search"], &format!("CARS-A\n\n{ONE_NODE}\r\n"));
    assert!(output.status.success());
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["parameters"], 198_298);
    assert_eq!(lines[1]["genotype"], genotype);
}

#[test]
fn a_bad_line_is_named_with_its_position() {
    let output = cars_with(&["describe", "-"], "CARS-A\nGenotype(normal=[('sepp', 0)])\nCARS-B\n");
    assert_eq!(text(&output.stdout).lines().count(), 1, "good lines before it are counted");
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.starts_with("error: line 2: not a genotype: character 19: expected a primitive"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
    let output = cars_with(&["describe", "-"], "\nCARS-Z\n");
    fails(&output, 2, "line 2: no published network is called `CARS-Z`; did you mean CARS_A?");
}

#[test]
fn a_bad_argument_is_named() {
    fails(
        &cars(&["describe", "resnet"]),
        2,
        "no published network is called `resnet`; expected a name such as CARS-I, or Genotype(...)",
    );
    let output = cars(&["describe", "Genotype(normal=[('skip_connect', 7)"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: not a genotype: "));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cars"))
        .args(["describe", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    std::thread::spawn(move || std::io::Write::write_all(&mut stdin, "CARS-A\n".repeat(100).as_bytes()));
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert!(child.wait().unwrap().success(), "{error}");
    assert_eq!(error, "");
}
