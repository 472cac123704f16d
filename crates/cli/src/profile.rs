//! `cars profile`: a latency table of this device, or of another one that has timed the layers. The choice of what is timed,
//! and the timing, are in the library; here are files, threads and the loop that can be stopped.

mod host;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow};
use cars::config::{Device, Layered, Text};
use cars::latency::{Conditions, LatencyModel, Precision, Table};
use cars::observe::Progress;
use cars::profile::{self, Entry, Log, Place, ROUNDS, Scope, Target, WARM_UP};
use cars::run_dir::replace_file;
use clap::Args;
use space::{MacroPlan, Primitive, Style};

pub(crate) use host::processor;

use crate::exit::WrongInput;
use crate::hardware::hardware;
use crate::{exit, output, stop};

/// Measure a device: a table that predicts the latency of any network
///
/// Times every distinct layer that networks of the plan can have, and sixty whole networks, in rounds that take turns, so
/// that what disturbs the machine for a while disturbs all of them alike. The table says under which conditions it was made
/// and how wrong its predictions were on networks that they had not been fitted to. Stopped at any time, the same command
/// goes on where it was.
///
/// For a phone or a board, write the layers as ONNX files (--export-layers), time them with its runtime's benchmark tool, and
/// fill in the column `ms` of the index (--import).
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Profile {
    /// What to measure: cpu, cuda, cuda:N or auto; with --import, what the device is called
    #[arg(long, default_value = "cpu", value_name = "DEVICE")]
    device: String,
    /// The size of the networks: search, cifar, imagenet, or the config of a search
    #[arg(long, default_value = "search", value_name = "PLAN|CONFIG.toml")]
    plan: String,
    /// The table to write: JSON, or CSV if the name ends in .csv; must not exist
    #[arg(short, long, value_name = "TABLE", required_unless_present = "export_layers")]
    output: Option<PathBuf>,
    /// Images a batch
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    batch: u32,
    /// Threads to use
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Write every layer as an ONNX file into this new folder, with index.csv, and measure nothing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["import", "output"])]
    export_layers: Option<PathBuf>,
    /// Make the table of times measured elsewhere: the index with its column `ms` filled in
    #[arg(long, value_name = "CSV")]
    import: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cars profile --plan search -o cpu-search.json
  cars profile --plan configs/cifar10-small.toml -o cpu-small.json
  cars search --objectives accuracy,latency --latency-table cpu-small.json --config configs/cifar10-small.toml
  cars profile --plan imagenet --export-layers layers
  cars profile --plan imagenet --device \"my phone\" --import layers/index.csv -o phone.json";

impl Profile {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let scope = self.scope()?;
        if let Some(folder) = &self.export_layers {
            return export(&scope, folder);
        }
        let output = self.output.as_deref().context("no --output")?;
        if output.exists() {
            let message = "is there already; choose another name, or move it away";
            return Err(WrongInput(anyhow!("{} {message}", output.display())).into());
        }
        let table = match &self.import {
            Some(path) => Some(self.imported(&scope, path)?),
            None => self.measured(&scope, output)?,
        };
        let Some(table) = table else { return Ok(exit::interrupted()) };
        let text = if is_csv(output) { table.to_csv() } else { table.to_json() };
        replace_file(output, text.as_bytes())?;
        // The table holds all that the log of measurements did.
        let _ = fs::remove_file(log_path(output));
        output::write(&summary(&table, output))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The plan by its name, or that of a config with its primitives.
    fn scope(&self) -> Result<Scope> {
        let named = |frame| Scope { frame, primitives: Primitive::DARTS[1..].to_vec() };
        match self.plan.as_str() {
            "search" => Ok(named(MacroPlan::search())),
            "cifar" => Ok(named(MacroPlan::cifar())),
            "imagenet" => Ok(named(MacroPlan::imagenet())),
            path => {
                let text = fs::read_to_string(path).with_context(|| {
                    format!("--plan is none of search, cifar, imagenet, and cannot read the config {path}")
                });
                let text = text.map_err(WrongInput)?;
                let config = Layered::new(Some(Text { name: path, text: &text }), &[])?.config;
                let frame = config.macro_plan();
                frame.check().map_err(|error| WrongInput(error.into()))?;
                Ok(Scope { frame, primitives: config.evolution.primitives })
            }
        }
    }

    fn conditions(&self, scope: &Scope, device: String, software: String, repeats: u32) -> Conditions {
        Conditions {
            device,
            threads: self.threads,
            batch: self.batch,
            precision: Precision::F32,
            warm_up: WARM_UP,
            repeats,
            network: Style::StandAlone,
            frame: scope.frame.clone(),
            software,
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        }
    }

    fn imported(&self, scope: &Scope, path: &Path) -> Result<Table> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        let text = text.map_err(WrongInput)?;
        let software = format!("measured elsewhere, imported by cars {}", env!("CARGO_PKG_VERSION"));
        let conditions = self.conditions(scope, self.device.clone(), software, 1);
        let table = Table::from_measured(&text, conditions).with_context(|| path.display().to_string());
        Ok(table.map_err(WrongInput)?)
    }

    /// `None` if it was stopped; what was measured is in the log.
    fn measured(&self, scope: &Scope, output: &Path) -> Result<Option<Table>> {
        let device = self.device.parse::<Device>().map_err(|error| {
            let hint = "for a device that cars does not run on, see --export-layers and --import";
            WrongInput(anyhow!("--device: {error}; {hint}"))
        })?;
        let place = Place::open(&hardware(Some(device)))?;
        let targets = scope.targets().map_err(|error| WrongInput(error.into()))?;
        let name = place.name()?.unwrap_or_else(processor);
        let conditions = self.conditions(scope, name, place.software(), ROUNDS as u32);
        let stop = stop::on_interrupt()?;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads as usize).build()?;
        let mut journal = Journal::open(output, &conditions, &targets)?;
        let batch = self.batch as usize;
        let visit = |target: &Target| pool.install(|| place.visit(target, batch));
        let finished = journal.complete(&targets, stop, |target| Ok(visit(target)?.get()))?;
        if !finished {
            output::note("stopped: the same command goes on from here");
            return Ok(None);
        }
        Ok(Some(profile::table(conditions, &targets, &Entry::times(&journal.entries))))
    }
}

/// What was measured so far, in memory and in a file beside the table.
struct Journal {
    path: PathBuf,
    file: fs::File,
    entries: Vec<Entry>,
}

impl Journal {
    fn open(output: &Path, conditions: &Conditions, targets: &[Target]) -> Result<Self> {
        let path = log_path(output);
        let log = Log {
            version: Log::VERSION,
            device: conditions.device.clone(),
            software: conditions.software.clone(),
            threads: conditions.threads,
            batch: conditions.batch,
            frame: conditions.frame.clone(),
        };
        let cannot = || format!("cannot write {}", path.display());
        let file =
            OpenOptions::new().read(true).create(true).append(true).open(&path).with_context(cannot)?;
        // What is no text is no whole line either, and the log says which.
        let text = String::from_utf8_lossy(&fs::read(&path).with_context(cannot)?).into_owned();
        let (entries, whole) =
            log.read(&text, targets).with_context(|| path.display().to_string()).map_err(WrongInput)?;
        file.set_len(whole as u64).with_context(cannot)?;
        let mut journal = Self { path, file, entries };
        if whole == 0 {
            journal.write(&log.line())?;
        } else {
            let count = journal.entries.len();
            output::note(&format!("going on with {}: {count} measurements", journal.path.display()));
        }
        Ok(journal)
    }

    fn write(&mut self, line: &str) -> Result<()> {
        let written = self.file.write_all(line.as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Makes the visits that are missing; false if asked to stop before the last.
    fn complete(
        &mut self,
        targets: &[Target],
        stop: &AtomicBool,
        visit: impl Fn(&Target) -> Result<f64>,
    ) -> Result<bool> {
        let mut progress = Progress::new("measurement", ROUNDS * targets.len(), self.entries.len());
        for round in 0..ROUNDS {
            for place in profile::round(round, targets.len()) {
                let target = targets[place].name();
                if self.entries.iter().any(|entry| entry.round == round && entry.target == target) {
                    continue;
                }
                if stop.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                let entry = Entry { round, target, ms: visit(&targets[place])? };
                self.write(&entry.line())?;
                self.entries.push(entry);
                progress.step();
            }
        }
        Ok(true)
    }
}

/// The log of the measurements for a table.
fn log_path(table: &Path) -> PathBuf {
    let mut name = table.as_os_str().to_owned();
    name.push(".measuring");
    PathBuf::from(name)
}

fn export(scope: &Scope, folder: &Path) -> Result<ExitCode> {
    let cannot = || format!("cannot make the folder {}", folder.display());
    fs::create_dir(folder).with_context(cannot).map_err(WrongInput)?;
    let files = profile::layer_files(scope)?;
    for file in &files {
        replace_file(&folder.join(&file.name), &file.bytes)?;
    }
    let index = folder.join("index.csv");
    replace_file(&index, profile::index(&files).as_bytes())?;
    output::write(&format!(
        "{} layers in {}: time each, fill in the column `ms` of {}, then\n  cars profile --import {} --device NAME -o TABLE\n",
        files.len(),
        folder.display(),
        index.display(),
        index.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

fn summary(table: &Table, path: &Path) -> String {
    let head = format!(
        "{}: {} layers, {} networks on {}",
        path.display(),
        table.layers.len(),
        table.networks.len(),
        table.conditions.device
    );
    let model = LatencyModel::fit(table);
    match model.as_ref().ok().and_then(LatencyModel::fitted) {
        Some(fit) => format!(
            "{head}\npredictions: {}\nwhole networks take {:.2} times the sum of their layers (quartiles {:.1} % apart)\n",
            fit.report,
            fit.additivity.ratio,
            100.0 * fit.additivity.spread
        ),
        None => format!("{head}\npredictions: sums of layers; nothing says how wrong they are\n"),
    }
}
