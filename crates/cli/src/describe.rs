//! `cars describe`: the exact counts of a network, for people or programs, one or one a line. The counting itself is in
//! `space`.

mod latency;

use std::fmt::Write as _;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};
use serde::Serialize;
use space::{Genotype, LayerKind, MacroPlan, Plan, named};

use self::latency::Predictor;
use crate::exit::WrongInput;
use crate::output::{self, Reader};

/// Count the parameters and operations of a network
///
/// A network is given by the name of a published one or by its genotype, in the DARTS notation or as JSON. With `-`, one
/// is read from each line of standard input, and one JSON object is written for each.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Describe {
    /// A name such as CARS-I, a genotype, or `-` for standard input
    #[arg(value_name = "NAME|GENOTYPE|-", allow_hyphen_values = true)]
    network: String,
    /// The frame around the cells
    #[arg(long, value_enum, default_value_t = Net::Cifar)]
    net: Net,
    /// Predict the latency from this table, as `cars profile` writes it
    #[arg(long, value_name = "TABLE")]
    latency: Option<PathBuf>,
    /// Whether a layer that the table lacks is an error; if not, its time is interpolated, and the answer says so
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set, requires = "latency")]
    strict: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cars describe CARS-I
  cars describe darts-v2 --net imagenet --json
  cars describe CARS_I --net imagenet --latency table.json
  cars describe - --net search < genotypes.txt";

/// The frames that networks of the field are put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Net {
    /// 16 channels, 8 cells, 32x32 pixels: the size of the supernet
    Search,
    /// 36 channels, 20 cells, 32x32 pixels
    Cifar,
    /// 48 channels, 14 cells, 224x224 pixels
    Imagenet,
}

/// What is written for a network; the fields are a promise.
#[derive(Debug, Serialize)]
struct Counts {
    genotype: String,
    parameters: u64,
    parameters_with_auxiliary: u64,
    multiply_adds: u64,
    thop_ops: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<latency::Answer>,
}

impl Describe {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let frame = self.net.frame();
        let predictor = self.latency.as_deref().map(|path| Predictor::read(path, self.strict)).transpose()?;
        let counts = |genotype: &Genotype, plan: &Plan| {
            let latency = predictor.as_ref().map(|predictor| predictor.answer(plan)).transpose()?;
            Ok(Counts { latency, ..Counts::new(genotype, plan) })
        };
        if self.network == "-" {
            return every_line(&frame, counts);
        }
        let genotype = find(&self.network).map_err(WrongInput)?;
        let plan = Plan::stand_alone(&genotype, &frame).map_err(anyhow::Error::from).map_err(WrongInput)?;
        let counts = counts(&genotype, &plan)?;
        output::write(&if self.json { line(&counts)? } else { self.text(&genotype, &plan, &counts) })?;
        Ok(ExitCode::SUCCESS)
    }

    fn text(&self, genotype: &Genotype, plan: &Plan, counts: &Counts) -> String {
        let name = named::find(&self.network).map_or("network", |named| named.name);
        let frame = &plan.macro_plan;
        let image = format!("{}x{}x{}", frame.height, frame.width, frame.input_channels);
        let mut text = format!(
            "{name}: {} channels, {} cells, {image} images, {} classes\n\n",
            frame.channels, frame.cells, frame.classes
        );
        for (name, count) in [
            ("parameters", counts.parameters),
            ("parameters with auxiliary head", counts.parameters_with_auxiliary),
            ("multiply-adds", counts.multiply_adds),
            ("operations as thop 0.0.22 counts", counts.thop_ops),
        ] {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:32} {count:>14}");
        }
        if let Some(latency) = &counts.latency {
            let _ = writeln!(text, "{latency}");
        }
        let _ = writeln!(text, "\n{}\n{genotype}", layers(plan));
        text
    }
}

impl Net {
    pub(crate) fn frame(self) -> MacroPlan {
        match self {
            Self::Search => MacroPlan::search(),
            Self::Cifar => MacroPlan::cifar(),
            Self::Imagenet => MacroPlan::imagenet(),
        }
    }
}

impl Counts {
    fn new(genotype: &Genotype, plan: &Plan) -> Self {
        Self {
            genotype: genotype.to_string(),
            parameters: plan.parameters(),
            parameters_with_auxiliary: plan.parameters_with_auxiliary(),
            multiply_adds: plan.multiply_adds(),
            thop_ops: plan.thop_ops(),
            latency: None,
        }
    }
}

/// Describes standard input line by line; the first bad line ends it and is named.
fn every_line(frame: &MacroPlan, counts: impl Fn(&Genotype, &Plan) -> Result<Counts>) -> Result<ExitCode> {
    for (index, text) in std::io::stdin().lock().lines().enumerate() {
        let text = text.context("cannot read standard input").map_err(WrongInput)?;
        if text.trim().is_empty() {
            continue;
        }
        let counted = find(&text).and_then(|genotype| {
            let plan = Plan::stand_alone(&genotype, frame)?;
            line(&counts(&genotype, &plan)?)
        });
        let counted = counted.map_err(|error| WrongInput(error.context(format!("line {}", index + 1))))?;
        if output::write(&counted)? == Reader::Gone {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(counts: &Counts) -> Result<String> {
    Ok(serde_json::to_string(counts)? + "\n")
}

/// A published network by its name, or what the text describes.
pub(crate) fn find(text: &str) -> Result<Genotype> {
    if let Some(named) = named::find(text) {
        return Ok(named.genotype.clone());
    }
    if text.contains(['(', '{', '[']) {
        return text.parse().context("not a genotype");
    }
    let hint = named::closest(text).map_or_else(
        || "expected a name such as CARS-I, or Genotype(...)".to_owned(),
        |name| format!("did you mean {name}?"),
    );
    Err(anyhow!("no published network is called `{}`; {hint}", text.trim()))
}

/// One line a kind of layer, in the order in which they first come: how many there are, and what they cost.
fn layers(plan: &Plan) -> String {
    let mut kinds: Vec<(String, [u64; 3])> = Vec::new();
    for layer in &plan.layers {
        let ops = layer.ops();
        let costs =
            [1, ops.iter().map(space::Op::parameters).sum(), ops.iter().map(space::Op::multiply_adds).sum()];
        let name = layer_name(&layer.kind);
        match kinds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sums)) => sums.iter_mut().zip(costs).for_each(|(sum, cost)| *sum += cost),
            None => kinds.push((name, costs)),
        }
    }
    let mut text = format!("{:32} {:>6} {:>14} {:>14}\n", "layers", "count", "parameters", "multiply-adds");
    for (name, [count, parameters, multiply_adds]) in kinds {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:32} {count:>6} {parameters:>14} {multiply_adds:>14}");
    }
    text
}

fn layer_name(kind: &LayerKind) -> String {
    match kind {
        LayerKind::StemConv { stride, .. } => format!("stem convolution, stride {stride}"),
        LayerKind::ReluConvBn => "1x1 convolution".to_owned(),
        LayerKind::FactorizedReduce => "factorized reduction".to_owned(),
        LayerKind::Primitive { primitive, stride: 1, .. } => primitive.to_string(),
        LayerKind::Primitive { primitive, stride, .. } => format!("{primitive}, stride {stride}"),
        LayerKind::ReluConv3x3Bn { stride } => format!("3x3 convolution, stride {stride}"),
        LayerKind::MeanPool3x3 => "3x3 mean pool".to_owned(),
        LayerKind::PoolProject => "2x2 mean pool and 1x1 convolution".to_owned(),
        LayerKind::BnRelu => "batch-norm".to_owned(),
        LayerKind::GlobalPoolClassifier => "pool and classifier".to_owned(),
        LayerKind::AuxiliaryPool { .. }
        | LayerKind::AuxiliaryPointwise
        | LayerKind::AuxiliaryConv { .. }
        | LayerKind::AuxiliaryClassifier => "auxiliary head".to_owned(),
    }
}
