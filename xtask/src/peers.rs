//! `cargo xtask peers`: times our sort and the peers' on the same files, and prints how many times faster ours is. The Rust
//! peers are called by the package in benches/peers, those of Python by the script beside it or one that is handed in; all
//! print the same columns. Both run on one core, kind by kind and in turn, ours before and after the script.

mod files;
mod python;
mod ratios;
pub(crate) mod results;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::workspace;
use files::Group;
use python::Python;
use results::{OURS, Row};

/// Time our sort and its peers on the same files, and print ratios.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask peers                           the Rust peers\n  \
                  cargo xtask peers unif_n1000                only the cases whose names hold this text\n  \
                  cargo xtask peers --python VENV/bin/python  also those of Python")]
pub(crate) struct Arguments {
    /// Only cases whose file names hold this text
    filter: Option<String>,
    /// A Python with numpy and the peers' packages; python3 if there is a --peers-dir
    #[arg(long)]
    python: Option<PathBuf>,
    /// Folder of other scripts than ours: peers_bench.py, and data/ or the gen_cases.py that makes it
    #[arg(long, value_name = "DIR")]
    peers_dir: Option<PathBuf>,
    /// Peers of the script, by parts of their names; some others are very slow
    #[arg(long, value_name = "NAMES", default_value = "moocore,pymoo.NDS")]
    python_peers: String,
    /// Seconds for each peer and case
    #[arg(long, default_value_t = 0.4)]
    budget: f64,
    /// How often all are timed, in turn; the least of a peer's medians counts
    #[arg(long, default_value_t = 2)]
    rounds: u32,
    /// Where the measured rows go, for `cargo xtask chart`
    #[arg(long, value_name = "FILE", default_value = results::DEFAULT)]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let root = workspace::root();
    let scratch = root.join("target/peers");
    // What can be missing is looked for before anything long begins.
    let script = match &arguments.peers_dir {
        Some(folder) => folder.join("peers_bench.py"),
        None => root.join("benches/peers/python_peers.py"),
    };
    let python = match (&arguments.python, &arguments.peers_dir) {
        (None, None) => None,
        (interpreter, _) => {
            let interpreter = interpreter.as_deref().unwrap_or("python3".as_ref());
            Some(Python::find(interpreter, &script, &arguments.python_peers)?)
        }
    };
    let binary = build(&root, &scratch)?;
    let data = match (&python, &arguments.peers_dir) {
        (Some(python), Some(folder)) => python.data(folder, &scratch)?,
        _ => generate(&binary, &scratch)?,
    };
    let filter = arguments.filter.as_deref().unwrap_or("");
    let groups = files::groups(&data, filter)?;
    if groups.is_empty() {
        bail!("no file in {} has `{filter}` in its name", data.display());
    }

    let out = root.join(&arguments.out);
    let mut file = create(&out)?;
    writeln!(file, "# {}", machine())?;
    writeln!(file, "# peer\tcase\tn\tm\tmin_ms\tmedian_ms\truns\tfronts\twrong")?;
    let mut rows = Vec::new();
    let start = now();
    for (index, group) in groups.iter().enumerate() {
        eprintln!("[{}/{}] {group} ({:.0} s so far)", index + 1, groups.len(), start.elapsed().as_secs_f64());
        for _ in 0..arguments.rounds {
            let text = measure(group, &binary, python.as_ref(), arguments.budget)?;
            file.write_all(text.as_bytes())?;
            rows.extend(text.lines().filter_map(Row::parse));
        }
    }
    println!("{}; one thread; medians in ms; rows in {}\n", machine(), arguments.out.display());
    print!("{}", ratios::report(&rows, &results::published()));

    let wrong: Vec<&str> =
        rows.iter().filter(|row| row.peer == OURS && row.wrong > 0).map(|row| row.case.as_str()).collect();
    if !wrong.is_empty() {
        bail!("our ranks are not the peers' in {}", wrong.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}

/// One round over the cases of a group.
fn measure(group: &Group, binary: &Path, python: Option<&Python>, budget: f64) -> Result<String> {
    let mut command = pinned(binary);
    let mut text = output(command.args(["time", "--budget", &budget.to_string()]).args(&group.selected))?;
    match python.map(|python| python.time(group, budget)) {
        Some(Ok(lines)) => text += &lines,
        // One peer that crashes must not lose an hour of others.
        Some(Err(error)) => eprintln!("  left out, the script failed: {error:#}"),
        None => {}
    }
    Ok(text)
}

fn build(root: &Path, scratch: &Path) -> Result<PathBuf> {
    eprintln!("building benches/peers (minutes, the first time)");
    let status = Command::new(workspace::cargo())
        .args(["build", "--quiet", "--release", "--manifest-path"])
        .arg(root.join("benches/peers/Cargo.toml"))
        .arg("--target-dir")
        .arg(scratch)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("benches/peers does not build: {status}");
    }
    Ok(scratch.join("release").join(format!("cars-peers{}", std::env::consts::EXE_SUFFIX)))
}

fn generate(binary: &Path, scratch: &Path) -> Result<PathBuf> {
    let folder = scratch.join("data");
    output(Command::new(binary).arg("generate").arg(&folder))?;
    Ok(folder)
}

/// A command on the last core, where the tool that pins it is there; on any core elsewhere.
fn pinned(program: &Path) -> Command {
    let core = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1).to_string();
    let can_pin = |core: &str| {
        let probe = Command::new("taskset").args(["-c", core, "true"]).output();
        probe.is_ok_and(|probe| probe.status.success())
    };
    if can_pin(&core) {
        let mut command = Command::new("taskset");
        command.args(["-c", &core]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// What the command prints, or an error with the end of what it complained of.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let end: Vec<&str> = complaint.lines().rev().take(5).collect();
        bail!("{name}: {}\n{}", output.status, end.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed no text"))
}

/// Rows are written as they come: what an interrupted run has measured stays.
#[allow(clippy::disallowed_methods, reason = "a developer tool writes where it is told to")]
fn create(path: &Path) -> Result<fs::File> {
    fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// The processor, for headings.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    format!("{} ({})", model.unwrap_or("unknown processor"), std::env::consts::ARCH)
}

#[allow(clippy::disallowed_methods, reason = "a developer tool may tell how long it has been running")]
fn now() -> Instant {
    Instant::now()
}
