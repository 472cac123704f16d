//! `cargo xtask ci`: the one list of what continuous integration checks, in order, stopping at the first failure.
//! Installs nothing and sets up no environment: `.ci/run` does that.

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;
use xshell::{Shell, cmd};

use crate::{tidy, workspace};

/// Run what continuous integration runs.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Steps to run, in this order (all when absent)
    #[arg(value_name = "STEP")]
    steps: Vec<Step>,
}

/// One check; the order here is the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Formatting
    Format,
    /// The house rules
    Tidy,
    /// Clippy, warnings denied
    Lints,
    /// All tests
    Tests,
    /// The tests of several ranks, where MPI is installed
    Ranks,
    /// Documentation, broken links denied
    Docs,
    /// The benchmarks compile
    Benches,
    /// A small search with the release binary
    Search,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Format => "format",
            Step::Tidy => "tidy",
            Step::Lints => "lints",
            Step::Tests => "tests",
            Step::Ranks => "ranks",
            Step::Docs => "docs",
            Step::Benches => "benches",
            Step::Search => "search",
        })
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let steps = if arguments.steps.is_empty() { Step::value_variants() } else { &arguments.steps };
    let shell = Shell::new()?;
    shell.change_dir(workspace::root());

    let mut times = Vec::new();
    for (index, &step) in steps.iter().enumerate() {
        println!("\n==> {}/{} {step}", index + 1, steps.len());
        let start = now();
        let outcome = run_step(&shell, step);
        let taken = start.elapsed();
        times.push((step, taken));
        if let Err(error) = outcome {
            print_times(&times);
            bail!("step `{step}` failed ({error:#}); run it alone with `cargo xtask ci {step}`");
        }
    }
    print_times(&times);
    println!("all {} steps passed", steps.len());
    Ok(ExitCode::SUCCESS)
}

fn run_step(shell: &Shell, step: Step) -> Result<()> {
    let cargo = workspace::cargo();
    match step {
        Step::Format => cmd!(shell, "{cargo} fmt --all --check").run()?,
        Step::Tidy => {
            if tidy::run()? != ExitCode::SUCCESS {
                bail!("house rules broken, see above");
            }
        }
        Step::Lints => {
            cmd!(shell, "{cargo} clippy --workspace --all-targets -- --deny warnings").run()?;
        }
        Step::Tests => cmd!(shell, "{cargo} test --workspace").env_remove("UPDATE_EXPECT").run()?,
        Step::Ranks => {
            let present =
                |program| cmd!(shell, "{program} --version").quiet().ignore_stdout().ignore_stderr().run();
            if ["mpicc", "mpirun"].into_iter().any(|program| present(program).is_err()) {
                println!("SKIPPED: there is no MPI; docs/cluster.md says what it needs");
                return Ok(());
            }
            // With the whole workspace: of what it depends on, more has the features that it was built with before.
            let mpi = ["--workspace", "--features", "cars-cli/mpi"];
            cmd!(shell, "{cargo} clippy {mpi...} --all-targets -- --deny warnings").run()?;
            cmd!(shell, "{cargo} test {mpi...} --test e2e ranks").run()?;
        }
        Step::Docs => {
            cmd!(shell, "{cargo} doc --workspace --no-deps").env("RUSTDOCFLAGS", "--deny warnings").run()?;
        }
        // In the profile of the tests, for which everything they need is built already.
        Step::Benches => {
            cmd!(shell, "{cargo} bench --workspace --bench * --profile dev --no-run").run()?;
        }
        Step::Search => {
            let folder = shell.create_temp_dir()?;
            let run_dir = folder.path().join("run");
            cmd!(shell, "{cargo} xtask search --config configs/smoke.toml --quiet --run-dir {run_dir}")
                .run()?;
        }
    }
    Ok(())
}

fn print_times(times: &[(Step, Duration)]) {
    println!();
    for (step, taken) in times {
        println!("{:<8} {:>7.1} s", step.to_string(), taken.as_secs_f64());
    }
}

#[allow(clippy::disallowed_methods, reason = "a developer tool may time its steps")]
fn now() -> Instant {
    Instant::now()
}
