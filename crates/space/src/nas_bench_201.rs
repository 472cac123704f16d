//! The cell space of NAS-Bench-201 (arXiv 2001.00326): four nodes, one of five operations on each of the six
//! edges, 15,625 cells. The counts are of its CIFAR-10 network (16 channels, 3 x 5 cells). Accuracies are not
//! known here.

use std::fmt;
use std::str::FromStr;

use rand::RngExt;
use rand_core::Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, closest};
use crate::search_space::SearchSpace;

/// An operation of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NasBench201Operation {
    /// Zeros.
    None,
    /// Identity.
    SkipConnect,
    /// Rectifier, 1x1 convolution, batch-norm.
    Conv1x1,
    /// Rectifier, 3x3 convolution, batch-norm.
    Conv3x3,
    /// 3x3 mean pool.
    AvgPool3x3,
}

impl NasBench201Operation {
    /// All five, in the order of the benchmark's code.
    pub const ALL: [Self; 5] =
        [Self::None, Self::SkipConnect, Self::Conv1x1, Self::Conv3x3, Self::AvgPool3x3];

    /// The name in the benchmark.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SkipConnect => "skip_connect",
            Self::Conv1x1 => "nor_conv_1x1",
            Self::Conv3x3 => "nor_conv_3x3",
            Self::AvgPool3x3 => "avg_pool_3x3",
        }
    }
}

impl fmt::Display for NasBench201Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A cell, written `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NasBench201Cell {
    /// The operations of the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3: node by node, each from its earlier nodes in
    /// order.
    pub operations: [NasBench201Operation; 6],
}

/// The input node of each edge, in the order of [`NasBench201Cell::operations`].
const INPUTS: [char; 6] = ['0', '0', '1', '0', '1', '2'];

impl NasBench201Cell {
    /// The number of cells.
    pub const COUNT: usize = 5_usize.pow(6);

    /// All cells in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|number| Self {
            operations: std::array::from_fn(|edge| {
                NasBench201Operation::ALL[number / 5_usize.pow(5 - edge as u32) % 5]
            }),
        })
    }

    /// Its place in [`NasBench201Cell::all`], from 0. (The index that the benchmark gives a cell is another one.)
    pub fn number(&self) -> usize {
        self.operations.iter().fold(0, |number, &operation| 5 * number + operation as usize)
    }

    /// Trainable numbers of the CIFAR-10 network.
    pub fn parameters(&self) -> u64 {
        73_306 + self.sum(28_000, 243_040)
    }

    /// Multiply-adds of the CIFAR-10 network for one image, with the ten additions of the classifier's bias,
    /// as the benchmark counts.
    pub fn multiply_adds(&self) -> u64 {
        7_783_050 + self.sum(3_932_160, 35_389_440)
    }

    fn sum(self, conv_1x1: u64, conv_3x3: u64) -> u64 {
        self.operations
            .iter()
            .map(|operation| match operation {
                NasBench201Operation::Conv1x1 => conv_1x1,
                NasBench201Operation::Conv3x3 => conv_3x3,
                NasBench201Operation::None
                | NasBench201Operation::SkipConnect
                | NasBench201Operation::AvgPool3x3 => 0,
            })
            .sum()
    }
}

impl fmt::Display for NasBench201Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (edge, (operation, input)) in self.operations.iter().zip(INPUTS).enumerate() {
            let start = match (edge, input) {
                (0, _) => "|",
                (_, '0') => "+|",
                _ => "",
            };
            write!(f, "{start}{operation}~{input}|")?;
        }
        Ok(())
    }
}

impl FromStr for NasBench201Cell {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        let mut cursor = Cursor { rest: text.trim(), position: 1 + indent };
        let mut operations = [NasBench201Operation::None; 6];
        for (edge, input) in INPUTS.into_iter().enumerate() {
            if input == '0' {
                cursor.symbols(if edge == 0 { "|" } else { "+|" })?;
            }
            operations[edge] = cursor.operation()?;
            cursor.symbols("~")?;
            cursor.symbols(&input.to_string())?;
            cursor.symbols("|")?;
        }
        if cursor.rest.is_empty() {
            Ok(Self { operations })
        } else {
            Err(cursor.error("the end of the text", None))
        }
    }
}

/// The unread rest of a text, and the position of its first character, counted from 1.
struct Cursor<'a> {
    rest: &'a str,
    position: usize,
}

impl Cursor<'_> {
    fn error(&self, expected: &str, suggestion: Option<&'static str>) -> Error {
        let found = match self.word() {
            "" => self.rest.chars().next().map_or("the end of the text".to_owned(), |c| format!("`{c}`")),
            word => format!("`{word}`"),
        };
        Error::Syntax { position: self.position, expected: expected.to_owned(), found, suggestion }
    }

    fn word(&self) -> &str {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        &self.rest[..end]
    }

    fn symbols(&mut self, symbols: &str) -> Result<(), Error> {
        for symbol in symbols.chars() {
            let Some(rest) = self.rest.strip_prefix(symbol) else {
                return Err(self.error(&format!("`{symbol}`"), None));
            };
            self.rest = rest;
            self.position += 1;
        }
        Ok(())
    }

    fn operation(&mut self) -> Result<NasBench201Operation, Error> {
        let word = self.word();
        let Some(operation) = NasBench201Operation::ALL.into_iter().find(|o| o.name() == word) else {
            let names = NasBench201Operation::ALL.map(NasBench201Operation::name);
            return Err(self.error(&format!("one of {}", names.join(", ")), closest(word, names)));
        };
        let length = word.len();
        self.rest = &self.rest[length..];
        self.position += length;
        Ok(operation)
    }
}

impl Serialize for NasBench201Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NasBench201Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The space of these cells; a gene is an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NasBench201Space;

impl SearchSpace for NasBench201Space {
    type Genotype = NasBench201Cell;

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> NasBench201Cell {
        NasBench201Cell { operations: std::array::from_fn(|_| draw(rng)) }
    }

    fn n_genes(&self) -> usize {
        INPUTS.len()
    }

    fn take_gene(&self, into: &mut NasBench201Cell, from: &NasBench201Cell, gene: usize) {
        into.operations[gene] = from.operations[gene];
    }

    fn resample_gene<R: Rng + ?Sized>(&self, genotype: &mut NasBench201Cell, gene: usize, rng: &mut R) {
        genotype.operations[gene] = draw(rng);
    }
}

fn draw<R: Rng + ?Sized>(rng: &mut R) -> NasBench201Operation {
    NasBench201Operation::ALL[rng.random_range(0..NasBench201Operation::ALL.len() as u32) as usize]
}
