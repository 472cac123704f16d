//! The choice of device: one that is not there is an error, `auto` says what it took, and a run may go on elsewhere.

use crate::common::{cars, journal, small_search, stderr};

#[test]
fn a_device_that_is_not_there_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    // No machine has so many; without a driver the error is another one, with the same way out.
    let output = small_search(&run, &["--device", "cuda:4096", "--quiet"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    assert!(said.contains("CUDA") && said.contains("--device cpu"), "{said}");
    assert!(!run.exists(), "a failed start left files");
}

#[test]
fn a_table_of_a_device_that_is_not_there_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.json");
    for (device, code, said_of_it) in [("cuda:4096", 1, "CUDA"), ("my phone", 2, "--import")] {
        let output = cars(&["profile", "--device", device, "-o"]).arg(&table).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.matches("error:").count() == 1 && said.contains(said_of_it), "{said}");
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "a failed start left files");
    }
}

#[test]
fn auto_says_what_it_took_and_the_run_can_be_asked_to_go_on_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let output = small_search(&run, &["--device", "auto", "--precision", "bf16"]).output().unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("device: ").count(), 1, "{said}");
    assert!(journal(&run, &["device"]).is_empty(), "the journal depends on the machine");
    let output = cars(&["resume", "--device", "cpu"]).arg(&run).output().unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("device: the processor, which computes in f32"), "{said}");
}
