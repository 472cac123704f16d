//! `--dry-run` tells time and memory, and leaves nothing behind.

use crate::common::{run, small_search, stderr, stdout};

#[test]
fn a_dry_run_tells_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let output = small_search(&path, &["--dry-run"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!path.exists());
    let said = stdout(&output);
    // 4 epochs of 8 steps; 2 generations of 8 individuals and 8 offspring.
    assert!(said.starts_with("32 steps, 32 evaluations\ntime    "), "{said}");
    assert!(said.contains("memory  ") || !cfg!(target_os = "linux"), "{said}");

    let tiny = [
        "data.train=64",
        "network.channels=4",
        "network.cells=3",
        "training.epochs=50",
        "training.batch_size=16",
    ];
    let mut arguments = vec!["train", "CARS-A", "--dry-run"];
    arguments.extend(tiny.iter().flat_map(|setting| ["--set", *setting]));
    let output = run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("200 steps, 0 evaluations\ntime    "), "{}", stdout(&output));
}
