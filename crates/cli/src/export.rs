//! `cars export`: a network as a file for other programs. Where its weights come from is found here; the forms are the
//! library's.

mod verify;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use cars::export::{Exported, OPSET};
use cars::run_dir::{Kind, RunDir, TrainingDir, kind, replace_file};
use clap::{Args, ValueEnum};
use space::{Genotype, MacroPlan, NasBench201Cell, Plan};

use crate::describe::Net;
use crate::exit::WrongInput;
use crate::output;
use crate::train::network;

/// Write a network as an ONNX model, as safetensors or as its genotype
///
/// The directory of a training run gives the trained weights. RUN:3 gives the third member of a search's front with the
/// weights that all of its members share, and the batch-norm statistics it was scored with. A name or a genotype has no
/// weights: --fresh SEED draws untrained ones, for those who want to time a network or to train it elsewhere.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Export {
    /// The directory of a training run, RUN:NUMBER, a name such as CARS-I, or a genotype
    #[arg(value_name = "DIR|RUN:N|NAME|GENOTYPE")]
    network: String,
    /// The file to write; must not exist
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The form [default: by the name of the file: .onnx, .safetensors, .genotype or .txt]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Fold batch-norms into the convolutions in front of them (ONNX)
    #[arg(long)]
    fold: bool,
    /// Draw untrained weights from this seed
    #[arg(long, value_name = "SEED")]
    fresh: Option<u64>,
    /// The frame around the cells of a network with untrained weights
    #[arg(long, value_enum, default_value_t = Net::Cifar, requires = "fresh")]
    net: Net,
    /// Run the model in ONNX Runtime on so many inputs (256) and compare it with our own evaluation; if they disagree,
    /// nothing is written
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "256", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    verify: Option<u32>,
    /// The Python whose onnxruntime --verify uses
    #[arg(long, value_name = "PYTHON", default_value = "python3", requires = "verify")]
    python: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  cars export third -o third.onnx --fold --verify
  cars export third -o third.safetensors
  cars export runs/20261124-101500-quick:3 -o member.onnx
  cars export CARS-I --fresh 1 --net imagenet -o untrained.onnx
  cars export CARS-I -o cars-i.genotype";

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A model for ONNX runtimes
    Onnx,
    /// Weights and statistics under their names
    Safetensors,
    /// The architecture alone, in the DARTS notation
    Genotype,
}

/// What the first argument names.
enum Named {
    Training(Box<TrainingDir>),
    Member(Box<RunDir>, Genotype),
    Architecture(Genotype),
    NasBench201(NasBench201Cell),
}

impl Export {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let format = self.checked_format().map_err(WrongInput)?;
        if self.verify.is_some() {
            verify::find(&self.python)?;
        }
        let (bytes, told) = match format {
            Format::Genotype => (format!("{}\n", self.named()?.text()).into_bytes(), String::new()),
            Format::Safetensors => {
                let exported = self.exported()?;
                (exported.safetensors()?, format!("weights {}", exported.facts().weights))
            }
            Format::Onnx => self.model()?,
        };
        replace_file(&self.output, &bytes)?;
        let what = if told.is_empty() { String::new() } else { format!("; {told}") };
        output::write(&format!("{}: {} bytes{what}\n", self.output.display(), bytes.len()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// The form, which the other arguments must fit.
    fn checked_format(&self) -> Result<Format> {
        let output = self.output.display();
        if self.output.exists() {
            bail!("{output} is there already; choose another name, or move it away");
        }
        let extension = self.output.extension().map(OsStr::to_ascii_lowercase);
        let by_name = match extension.as_deref().and_then(|extension| extension.to_str()) {
            Some("onnx") => Some(Format::Onnx),
            Some("safetensors") => Some(Format::Safetensors),
            Some("genotype" | "txt") => Some(Format::Genotype),
            _ => None,
        };
        let format = self.format.or(by_name).with_context(|| {
            format!("{output} says no form: end it in .onnx, .safetensors or .genotype, or give --format")
        })?;
        if format != Format::Onnx && (self.fold || self.verify.is_some()) {
            bail!("--fold and --verify are for ONNX models, and {output} will be none");
        }
        Ok(format)
    }

    fn named(&self) -> Result<Named> {
        let path = Path::new(&self.network);
        if path.is_dir() {
            if kind(path)? == Kind::Training {
                return Ok(Named::Training(Box::new(TrainingDir::open(path)?)));
            }
            let members = RunDir::front(path)?.members.len();
            let text =
                format!("{0} is a search: name a member of its front, {0}:1 to {0}:{members}", self.network);
            return Err(WrongInput(anyhow!(text)).into());
        }
        if self.network.starts_with('|') {
            let cell = self.network.parse().context("not a NAS-Bench-201 cell").map_err(WrongInput)?;
            return Ok(Named::NasBench201(cell));
        }
        let genotype = network(&self.network).map_err(WrongInput)?;
        match self.network.rsplit_once(':') {
            Some((run, _)) if self.fresh.is_none() && Path::new(run).is_dir() => {
                Ok(Named::Member(Box::new(RunDir::open(Path::new(run))?), genotype))
            }
            _ => Ok(Named::Architecture(genotype)),
        }
    }

    fn exported(&self) -> Result<Exported> {
        match (self.named()?, self.fresh) {
            (Named::Architecture(genotype), Some(seed)) => {
                let plan = Plan::stand_alone(&genotype, &self.net.frame());
                let plan = plan.map_err(|error| WrongInput(error.into()))?;
                Ok(Exported::fresh(&genotype, plan, seed)?)
            }
            (Named::NasBench201(cell), Some(seed)) => {
                Ok(Exported::fresh(&cell, Plan::nas_bench_201(&cell, &MacroPlan::custom(16, 17))?, seed)?)
            }
            (Named::Architecture(_) | Named::NasBench201(_), None) => Err(WrongInput(anyhow!(
                "{0} is an architecture and has no weights: train it with `cars train`, and export the directory of that \
                 run, or export untrained weights with --fresh SEED",
                self.network
            ))
            .into()),
            (Named::Training(directory), None) => Ok(Exported::trained(&directory)?),
            (Named::Training(_), Some(_)) => Err(WrongInput(anyhow!(
                "{} has trained weights; leave out --fresh, or name the architecture",
                self.network
            ))
            .into()),
            (Named::Member(directory, genotype), _) => Ok(Exported::shared(&directory, &genotype)?),
        }
    }

    /// The model, verified if wished for, and what there is to tell of it.
    fn model(&self) -> Result<(Vec<u8>, String)> {
        let exported = self.exported()?;
        let model = exported.onnx(self.fold)?;
        let parameters = exported.plan().parameters();
        let folded = if self.fold { " before folding" } else { "" };
        let mut told =
            format!("opset {OPSET}, {parameters} parameters{folded}; weights {}", exported.facts().weights);
        if let Some(samples) = self.verify {
            let samples = samples as usize;
            let found = verify::verify(&self.python, &model, &exported.expected(samples)?, samples)?;
            told = format!("{told}\n{found}");
        }
        Ok((model, told))
    }
}

impl Named {
    fn text(&self) -> String {
        match self {
            Self::Training(directory) => directory.config().genotype().to_string(),
            Self::Member(_, genotype) | Self::Architecture(genotype) => genotype.to_string(),
            Self::NasBench201(cell) => cell.to_string(),
        }
    }
}
