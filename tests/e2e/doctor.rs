//! `cars doctor` names what a run can use, and says of what is missing what to do.

use crate::common::{run, stdout};

#[test]
fn each_line_has_an_answer() {
    let output = run(&["doctor"]);
    assert!(output.status.success());
    let said = stdout(&output);
    let line = |name: &str| {
        said.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {said}"))
    };
    assert!(line("cars").ends_with(env!("CARGO_PKG_VERSION")), "{said}");
    let threads: usize = line("threads").rsplit(' ').next().unwrap().parse().unwrap();
    assert!(threads > 0);
    if cfg!(target_os = "linux") {
        for name in ["free memory", "free disk"] {
            let gibibytes: f64 = line(name).split_whitespace().nth(2).unwrap().parse().unwrap();
            assert!(gibibytes > 0.0, "{said}");
        }
    }
    assert!(!line("vector unit").ends_with(' ') && !line("CUDA device").ends_with(' '), "{said}");
}
