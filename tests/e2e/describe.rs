//! `cars describe`: counts for people, and one JSON object a line for programs.

use std::io::Write as _;
use std::process::Stdio;

use crate::common::{cars, run, stderr, stdout};

#[test]
fn a_named_network_has_its_published_counts() {
    let output = run(&["describe", "CARS_I", "--net", "imagenet", "--json"]);
    let counts: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(counts["parameters"], 5_082_784);
    assert_eq!(counts["parameters_with_auxiliary"], 6_343_560);
    assert_eq!(counts["multiply_adds"], 566_151_168);
    assert_eq!(counts["thop_ops"], 590_717_144);
    let text = stdout(&run(&["describe", "darts-v2"]));
    assert!(text.contains("3349342") && text.contains("528359040"), "{text}");
}

#[test]
fn every_line_of_standard_input_is_answered() {
    let genotype: serde_json::Value =
        serde_json::from_str(&stdout(&run(&["describe", "DARTS_V2", "--json"]))).unwrap();
    let mut child = cars(&["describe", "-", "--net", "search"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!("CARS_A\n{}\nCARS_Z\n", genotype["genotype"].as_str().unwrap());
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let counts: Vec<serde_json::Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(counts[0]["parameters"], 198_298);
    assert_eq!(counts[1]["parameters"], 246_106);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("line 3"), "{}", stderr(&output));
}
