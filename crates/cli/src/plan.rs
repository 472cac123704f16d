//! `cars plan`: what a search would take on more ranks. The model is the library's; here it gets its numbers, from a shortened run
//! on this machine or, for a GPU that is not here, from the command line.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Result, anyhow};
use cars::config::{CheckedConfig, Device, Precision, TrainingConfig};
use cars::foresee::Amount;
use cars::observe::TimeLeft;
use cars::ranks::{Costs, Floor, Foreseen, Gpu, Link, Load, measure};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cluster::refuse_ranks;
use crate::config::SearchSettings;
use crate::exit::WrongInput;
use crate::hardware::hardware;
use crate::search::use_threads;
use crate::{dry_run, exit, output, stop};

/// Tell what a search would take on several ranks (processes under MPI)
///
/// A few steps and evaluations are timed here, as by `cars search --dry-run`, each rank being taken to be as fast as this
/// process. For a GPU that is not here, say what `cargo xtask gpu-check` has measured there. A model, not a run: see docs/cluster.md.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Plan {
    #[command(flatten)]
    settings: SearchSettings,
    /// A number of ranks, told of besides 1, 2, 8 and 64
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u16).range(1..))]
    ranks: u16,
    /// Threads of each rank [default: all processors of this machine]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Each rank has such a GPU; nothing is timed on one here. A step of several paths comes out too long: the time of each
    /// path contains an optimiser, and a step has but one (docs/cluster.md)
    #[arg(long, value_enum, value_name = "GPU", requires_all = ["step_seconds", "evaluation_seconds"])]
    gpu: Option<Model>,
    /// Seconds of a training step of one path on that GPU, measured with this config's network and batch
    #[arg(long, value_name = "S", requires = "gpu", value_parser = positive)]
    step_seconds: Option<f64>,
    /// Seconds of an evaluation on that GPU, measured with this config's network and images
    #[arg(long, value_name = "S", requires = "gpu", value_parser = positive)]
    evaluation_seconds: Option<f64>,
    /// What lies between the ranks
    #[arg(long, value_enum, default_value_t = Between::Machine)]
    link: Between,
    /// GB/s that a rank receives [default: 5 in a machine, 10 in a cluster]
    #[arg(long, value_name = "GB/S", value_parser = positive)]
    bandwidth: Option<f64>,
    /// Microseconds of an empty message [default: 1 in a machine, 5 in a cluster]
    #[arg(long, value_name = "US", value_parser = positive)]
    latency: Option<f64>,
    /// Write JSON; times in seconds
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cars plan --ranks 2 --threads 1 --set training.paths_per_step=2
  cars plan --ranks 64 --link cluster --config configs/cifar10.toml --data-dir DIR --set training.paths_per_step=64
  cars plan --ranks 8 --gpu h200 --step-seconds S --evaluation-seconds S --config configs/cifar10.toml";

/// GPUs whose peaks are known.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Model {
    H200,
    H100,
    A100,
}

/// Links of which something can be said without knowing them, in round numbers (docs/cluster.md).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Between {
    /// The memory of one machine
    Machine,
    /// A network of 100 Gbit/s
    Cluster,
}

/// What is written; the fields are a promise.
#[derive(Serialize)]
struct Answer {
    /// Version of these fields.
    schema: u32,
    /// The GPU that was stated; without one, all was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    gpu: Option<Stated>,
    load: Load,
    costs: Costs,
    /// Bytes a second.
    bandwidth: f64,
    /// Seconds.
    latency: f64,
    plan: Vec<Foreseen>,
}

#[derive(Serialize)]
struct Stated {
    #[serde(flatten)]
    gpu: Gpu,
    floor: Floor,
}

impl Plan {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        refuse_ranks("a plan")?;
        let stop = stop::on_interrupt()?;
        use_threads(self.threads)?;
        let config = self.settings.layers()?.check()?;
        dry_run::check_known(config.train_images())?;
        let stated = self.gpu.zip(self.step_seconds).zip(self.evaluation_seconds);
        let (gpu, load, costs) = if let Some(((gpu, step), evaluation)) = stated {
            let gpu = gpu.gpu(config.precision);
            let stated = Stated { gpu, floor: gpu.floor(&config)? };
            stated.check(step, evaluation)?;
            let (load, shared) = measure(&config, &hardware(Some(Device::Cpu)))?;
            let costs = Costs::stated(step, evaluation, &load, &shared);
            (Some(stated), load, costs)
        } else {
            check_timed(&config)?;
            let Some(paces) = dry_run::paces_of_search(&config, stop)? else {
                return Ok(exit::interrupted());
            };
            let (load, shared) = measure(&config, &hardware(None))?;
            let costs = Costs::measured(&paces, Amount::of_search(&config), &load, &shared);
            (None, load, costs)
        };
        if stop.load(Ordering::Relaxed) {
            return Ok(exit::interrupted());
        }
        let link = self.link();
        let plan = self.counts().map(|ranks| load.on(ranks, &costs, &link)).collect();
        let Link { bandwidth, latency } = link;
        let answer = Answer { schema: 1, gpu, load, costs, bandwidth, latency, plan };
        output::write(&if self.json {
            serde_json::to_string_pretty(&answer)? + "\n"
        } else {
            answer.text() + &self.who_trains(config.training.paths_per_step)
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn link(&self) -> Link {
        let (bandwidth, latency) = match self.link {
            Between::Machine => (5.0, 1.0),
            Between::Cluster => (10.0, 5.0),
        };
        Link {
            bandwidth: 1e9 * self.bandwidth.unwrap_or(bandwidth),
            latency: 1e-6 * self.latency.unwrap_or(latency),
        }
    }

    /// What the ranks that were asked for do in a step, if not all have paths of their own.
    fn who_trains(&self, paths: usize) -> String {
        let who = match usize::from(self.ranks) {
            ranks if ranks <= paths => return String::new(),
            _ if paths == 1 => "every rank trains the same path; only evaluations are shared out",
            _ => "so many ranks train, the others only evaluate",
        };
        format!("training.paths_per_step = {paths}: {who}\n")
    }

    /// The numbers of ranks that are told of, ascending.
    fn counts(&self) -> impl Iterator<Item = usize> {
        let mut counts = vec![1, 2, 8, 64, usize::from(self.ranks)];
        counts.sort_unstable();
        counts.dedup();
        counts.into_iter()
    }
}

/// The first step of an epoch is not timed, so an epoch needs another.
fn check_timed(config: &CheckedConfig) -> Result<(), WrongInput> {
    let TrainingConfig { batch_size, paths_per_step, .. } = config.training;
    let least = 2 * batch_size * paths_per_step;
    let reason = format!(
        "no step could be timed: an epoch needs two, which take {least} training images (data.train) with \
         training.batch_size = {batch_size} and training.paths_per_step = {paths_per_step}"
    );
    if config.train_images() >= least { Ok(()) } else { Err(WrongInput(anyhow!(reason))) }
}

impl Stated {
    /// Refuses figures that no measurement on this GPU can have had.
    fn check(&self, step: f64, evaluation: f64) -> Result<(), WrongInput> {
        let Self { gpu, floor } = self;
        let figures = [
            ("--step-seconds", step, "a step of one path", floor.step),
            ("--evaluation-seconds", evaluation, "an evaluation", floor.evaluation),
        ];
        let Some((option, figure, what, least)) =
            figures.into_iter().find(|&(_, figure, _, least)| figure < least)
        else {
            return Ok(());
        };
        Err(WrongInput(anyhow!(
            "{option} {figure}: {what} takes no less than {} by the peaks of {}, as a mean over the first population; give \
             seconds, measured with this config's network, batch and images",
            short(least),
            gpu.name,
        )))
    }
}

impl Model {
    fn gpu(self, precision: Precision) -> Gpu {
        let gpu = match self {
            Self::H200 => Gpu::H200,
            Self::H100 => Gpu::H100,
            Self::A100 => Gpu::A100,
        };
        match precision {
            Precision::F32 => gpu,
            Precision::Bf16 => gpu.in_bf16(),
        }
    }
}

impl Answer {
    fn text(&self) -> String {
        let Self { gpu, load, costs, bandwidth, latency, plan, .. } = self;
        let mut text = String::new();
        // Writing to a string cannot fail.
        if let Some(Stated { gpu, floor }) = gpu {
            let _ = writeln!(
                text,
                "{}: a step of {} and an evaluation of {} as stated, not measured here\n\
                 peaks: {:.1} TFLOP/s, {:.2} TB/s ({}); so no less than {} and {}",
                gpu.name,
                short(costs.path),
                short(costs.evaluation),
                gpu.operations / 1e12,
                gpu.bandwidth / 1e12,
                gpu.source,
                short(floor.step),
                short(floor.evaluation),
            );
        }
        let _ = writeln!(
            text,
            "load      {} steps, paths of each: {}; {} generations, evaluations of each: {}\n\
             times     path {}, what all ranks do in a step {}, evaluation {}, start and checkpoints {}\n\
             messages  {:.0} kB a path; {:.1} GB/s, {:.1} us\n",
            load.steps,
            load.paths,
            load.generations,
            load.individuals.len(),
            short(costs.path),
            short(costs.update),
            short(costs.evaluation),
            if gpu.is_some() { "left out".to_owned() } else { short(costs.fixed) },
            load.bytes_per_path / 1e3,
            bandwidth / 1e9,
            1e6 * latency,
        );
        text += " ranks       step   exchange  generation     search  speed-up  efficiency\n";
        for one in plan {
            let _ = writeln!(
                text,
                "{:>6} {:>10} {:>10} {:>11} {:>10} {:>8.2}x {:>9.0} %",
                one.ranks,
                short(one.step),
                short(one.exchange),
                short(one.generation),
                short(one.search),
                one.speed_up,
                100.0 * one.efficiency,
            );
        }
        text
    }
}

/// A time in three digits or so.
fn short(seconds: f64) -> String {
    match seconds {
        0.0 => "0".to_owned(),
        _ if seconds < 1e-3 => format!("{:.1} us", 1e6 * seconds),
        _ if seconds < 1.0 => format!("{:.1} ms", 1e3 * seconds),
        _ if seconds < 100.0 => format!("{seconds:.2} s"),
        _ => Duration::try_from_secs_f64(seconds)
            .map_or_else(|_| format!("{seconds:.0} s"), |time| TimeLeft(time).to_string()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("expected a number above 0".to_owned()),
    }
}
