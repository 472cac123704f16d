//! What makes two layers take the same time: kind, stride, and the shapes read and written. Where in the
//! network a layer stands, and its weights, do not matter.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use space::{Layer, LayerKind, Op, Plan, Primitive, SeparableRepeats, Shape, Site, Style, ValueId};

use crate::error::LatencyError;

/// The name of a layer in a latency table, written `sep_conv_3x3/s2/32x32x16/16x16x16`: kind, stride (where
/// the kind has a choice), then height, width and channels read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayerKey {
    kind: LayerKind,
    input: Shape,
    output: Shape,
}

impl LayerKey {
    /// The key of a layer; `None` for an edge with [`Primitive::None`], which does nothing and takes no time.
    /// (An identity has a key: it is at least an addition.)
    pub fn of(layer: &Layer) -> Option<Self> {
        let kind = match layer.kind {
            LayerKind::Primitive { primitive: Primitive::None, .. } => return None,
            LayerKind::Primitive { primitive, stride, .. } if !is_separable(primitive) => {
                LayerKind::Primitive { primitive, stride, separable: SeparableRepeats::Two }
            }
            kind => kind,
        };
        Some(Self { kind, input: layer.input_shape, output: layer.output_shape })
    }

    /// What the layer computes.
    pub const fn kind(&self) -> LayerKind {
        self.kind
    }

    /// The shape read.
    pub const fn input(&self) -> Shape {
        self.input
    }

    /// The shape written.
    pub const fn output(&self) -> Shape {
        self.output
    }

    /// A layer of this key that stands alone: value 0 in, value 1 out.
    pub fn layer(&self) -> Layer {
        Layer {
            site: Site::Stem(0),
            kind: self.kind,
            inputs: vec![ValueId(0)],
            output: ValueId(1),
            input_shape: self.input,
            output_shape: self.output,
            style: Style::StandAlone,
        }
    }

    /// Multiply-adds and elements moved, for one image: a measure of size to compare layers of one kind by.
    pub(crate) fn work(&self) -> u64 {
        let multiply_adds: u64 = self.layer().ops().iter().map(Op::multiply_adds).sum();
        multiply_adds + (self.input.elements() + self.output.elements()) as u64
    }
}

/// The layers that a table needs for these plans, each once, with one layer to time it by; ordered by key.
/// Auxiliary heads are left out, because they are gone when a network is used.
pub fn distinct_layers<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> BTreeMap<LayerKey, &'a Layer> {
    let mut layers = BTreeMap::new();
    for layer in plans.into_iter().flat_map(|plan| &plan.layers) {
        if let Some(key) = LayerKey::of(layer) {
            layers.entry(key).or_insert(layer);
        }
    }
    layers
}

const fn is_separable(primitive: Primitive) -> bool {
    matches!(primitive, Primitive::SepConv3x3 | Primitive::SepConv5x5 | Primitive::SepConv7x7)
}

impl fmt::Display for LayerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kind(f, self.kind)?;
        for Shape { channels, height, width } in [self.input, self.output] {
            write!(f, "/{height}x{width}x{channels}")?;
        }
        Ok(())
    }
}

fn write_kind(f: &mut impl fmt::Write, kind: LayerKind) -> fmt::Result {
    match kind {
        LayerKind::StemConv { relu: false, stride } => write!(f, "stem_conv/s{stride}"),
        LayerKind::StemConv { relu: true, stride } => write!(f, "relu_stem_conv/s{stride}"),
        LayerKind::ReluConvBn => f.write_str("relu_conv_bn"),
        LayerKind::FactorizedReduce => f.write_str("factorized_reduce"),
        LayerKind::Primitive { primitive, stride, separable } => {
            let once = match separable {
                SeparableRepeats::Two => "",
                SeparableRepeats::One => "_once",
            };
            write!(f, "{primitive}{once}/s{stride}")
        }
        LayerKind::ReluConv3x3Bn { stride } => write!(f, "relu_conv_3x3_bn/s{stride}"),
        LayerKind::MeanPool3x3 => f.write_str("mean_pool_3x3"),
        LayerKind::PoolProject => f.write_str("pool_project"),
        LayerKind::BnRelu => f.write_str("bn_relu"),
        LayerKind::GlobalPoolClassifier => f.write_str("global_pool_classifier"),
        LayerKind::AuxiliaryPool { stride } => write!(f, "auxiliary_pool/s{stride}"),
        LayerKind::AuxiliaryPointwise => f.write_str("auxiliary_pointwise"),
        LayerKind::AuxiliaryConv { batch_norm: true } => f.write_str("auxiliary_conv_bn"),
        LayerKind::AuxiliaryConv { batch_norm: false } => f.write_str("auxiliary_conv"),
        LayerKind::AuxiliaryClassifier => f.write_str("auxiliary_classifier"),
    }
}

/// Every kind a key can have.
fn kinds() -> Vec<LayerKind> {
    let mut kinds = vec![
        LayerKind::ReluConvBn,
        LayerKind::FactorizedReduce,
        LayerKind::ReluConv3x3Bn { stride: 1 },
        LayerKind::ReluConv3x3Bn { stride: 2 },
        LayerKind::MeanPool3x3,
        LayerKind::PoolProject,
        LayerKind::BnRelu,
        LayerKind::GlobalPoolClassifier,
        LayerKind::AuxiliaryPointwise,
        LayerKind::AuxiliaryConv { batch_norm: true },
        LayerKind::AuxiliaryConv { batch_norm: false },
        LayerKind::AuxiliaryClassifier,
        LayerKind::AuxiliaryPool { stride: 3 },
        LayerKind::AuxiliaryPool { stride: 2 },
    ];
    for stride in [1, 2] {
        kinds.extend([false, true].map(|relu| LayerKind::StemConv { relu, stride }));
        for primitive in Primitive::ALL.into_iter().filter(|&primitive| primitive != Primitive::None) {
            kinds.push(LayerKind::Primitive { primitive, stride, separable: SeparableRepeats::Two });
            if is_separable(primitive) {
                kinds.push(LayerKind::Primitive { primitive, stride, separable: SeparableRepeats::One });
            }
        }
    }
    kinds
}

impl FromStr for LayerKey {
    type Err = LatencyError;

    fn from_str(text: &str) -> Result<Self, LatencyError> {
        let fault = |expected: &'static str| LatencyError::Key { found: text.to_owned(), expected };
        let mut parts = text.rsplitn(3, '/');
        let shape = |part: Option<&str>| part.and_then(parse_shape);
        let output =
            shape(parts.next()).ok_or_else(|| fault("the shape written, as in 16x16x32, at the end"))?;
        let input =
            shape(parts.next()).ok_or_else(|| fault("the shape read, as in 32x32x16, last but one"))?;
        let name = parts.next().ok_or_else(|| fault("a kind of layer at the beginning"))?;
        let kind = kinds().into_iter().find(|&kind| {
            let mut written = String::new();
            write_kind(&mut written, kind).is_ok() && written == name
        });
        let kind =
            kind.ok_or_else(|| fault("a kind of layer with its stride, as in sep_conv_3x3/s1, in front"))?;
        Ok(Self { kind, input, output })
    }
}

/// Height, width, channels; each a positive number in its plain form.
fn parse_shape(text: &str) -> Option<Shape> {
    let mut sizes = text.split('x').map(|size| {
        let plain = size.bytes().all(|byte| byte.is_ascii_digit()) && !size.starts_with('0');
        plain.then(|| size.parse::<usize>().ok()).flatten()
    });
    let mut next = || sizes.next().flatten();
    let shape = Shape { height: next()?, width: next()?, channels: next()? };
    sizes.next().is_none().then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_written_and_read() {
        let shape = Shape { channels: 16, height: 32, width: 8 };
        for kind in kinds() {
            let key = LayerKey { kind, input: shape, output: Shape { channels: 3, ..shape } };
            assert_eq!(key.to_string().parse::<LayerKey>(), Ok(key));
        }
    }

    #[test]
    fn a_bad_key_is_told_what_it_lacks() {
        let check = |text: &str, expected: &str| {
            let error = text.parse::<LayerKey>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")) && error.contains(expected), "{error}");
        };
        check("", "the shape written");
        check("sep_conv_3x3/s1/32x32x16/16x16", "the shape written");
        check("sep_conv_3x3/s1/32x32x16/16x16x0", "the shape written");
        check("sep_conv_3x3/s1/32x32x16/16x16x+3", "the shape written");
        check("sep_conv_3x3/s1/32x32x16x2/16x16x3", "the shape read");
        check("32x32x16/16x16x3", "a kind of layer at the beginning");
        check("sep_conv_3x3/32x32x16/16x16x3", "with its stride");
        check("sep_conv_3x3/s3/32x32x16/16x16x3", "with its stride");
        check("none/s1/32x32x16/32x32x16", "with its stride");
    }
}
