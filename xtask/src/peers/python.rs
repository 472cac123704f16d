//! The peers that Python can call, through a script: `SCRIPT sort FILES` times packages on matrices. What is missing is said
//! before the long part begins. Installs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::files::Group;
use super::{output, pinned};

/// Packages that the script times if they are there.
const PACKAGES: [&str; 5] = ["moocore", "pymoo", "pygmo", "optuna", "deap"];

/// Seconds that a peer may take for one sort; the script foresees it from smaller cases and leaves the peer out.
const CAP: &str = "30";

/// An interpreter and a script, both known to be there.
pub(super) struct Python {
    interpreter: PathBuf,
    script: PathBuf,
    only: String,
}

impl Python {
    pub(super) fn find(interpreter: &Path, script: &Path, only: &str) -> Result<Self> {
        ensure!(script.is_file(), "{} is not there; --peers-dir names its folder", script.display());
        let name = interpreter.display();
        let probe = format!(
            "import importlib.util as u; print(*[m for m in ['numpy', {}] if u.find_spec(m) is None])",
            PACKAGES.map(|package| format!("'{package}'")).join(", ")
        );
        let missing = output(Command::new(interpreter).args(["-c", &probe]))
            .with_context(|| format!("`{name}` does not run; name another Python with --python"))?;
        let missing: Vec<&str> = missing.split_whitespace().collect();
        let remedy = format!("{name} -m pip install numpy {}", PACKAGES.join(" "));
        ensure!(!missing.contains(&"numpy"), "`{name}` has no numpy: {remedy}");
        ensure!(missing.len() < PACKAGES.len(), "`{name}` has none of the peers: {remedy}");
        if !missing.is_empty() {
            eprintln!("not timed, because `{name}` lacks them: {}", missing.join(", "));
        }
        Ok(Self { interpreter: interpreter.to_owned(), script: script.to_owned(), only: only.to_owned() })
    }

    /// The matrices in `folder`, or those that its `gen_cases.py` makes in `scratch` (a minute, 230 MB).
    pub(super) fn data(&self, folder: &Path, scratch: &Path) -> Result<PathBuf> {
        let made = scratch.join("python/data");
        for data in [folder.join("data"), made.clone()] {
            if data.is_dir() {
                return Ok(data);
            }
        }
        // The script writes beside itself, so it runs from a copy, and under another name until it is done.
        let unfinished = scratch.join("python-unfinished");
        fs::create_dir_all(&unfinished).with_context(|| format!("cannot make {}", unfinished.display()))?;
        let script = unfinished.join("gen_cases.py");
        fs::copy(folder.join("gen_cases.py"), &script)
            .with_context(|| format!("{} has neither data/ nor gen_cases.py", folder.display()))?;
        eprintln!("making matrices with gen_cases.py (a minute)");
        output(Command::new(&self.interpreter).arg(&script))?;
        let finished = scratch.join("python");
        fs::rename(&unfinished, &finished).with_context(|| format!("cannot make {}", finished.display()))?;
        Ok(made)
    }

    /// The script's lines for the selected files of a group.
    pub(super) fn time(&self, group: &Group, budget: f64) -> Result<String> {
        let mut command = pinned(&self.interpreter);
        command.arg(&self.script).arg("sort").args(&group.all);
        command.args(["--budget", &budget.to_string(), "--cap", CAP]);
        if !self.only.is_empty() {
            command.args(["--only", &self.only]);
        }
        for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"] {
            command.env(threads, "1");
        }
        let text = output(&mut command)?;
        if text.is_empty() {
            bail!("no peer's name holds one of `{}`", self.only);
        }
        let is_selected = |line: &&str| {
            let case = line.split('\t').nth(1);
            group.selected.iter().any(|path| path.file_stem().and_then(|stem| stem.to_str()) == case)
        };
        Ok(text.lines().filter(is_selected).flat_map(|line| [line, "\n"]).collect())
    }
}
