//! What every kind of layer is made of (`operations.py` and `model.py` of DARTS). This is the only list of
//! it: counts and weights are derived from it.

use crate::macro_plan::SeparableRepeats;
use crate::plan::{Conv, ConvForm, Layer, LayerKind, Op, OpKind, Pool, Shape, Site, Style, Window};
use crate::primitive::Primitive;

impl Layer {
    /// The elementary operations in order, with shapes. Empty for an identity and for [`Primitive::None`].
    pub fn ops(&self) -> Vec<Op> {
        let mut chain = Chain { ops: Vec::new(), shape: self.input_shape, affine: self.affine() };
        let channels = self.output_shape.channels;
        match self.kind {
            LayerKind::StemConv { relu, stride } => {
                if relu {
                    chain.relu();
                }
                chain.dense("conv", channels, [3, 3], [stride, stride], [1, 1]).batch_norm("bn");
            }
            LayerKind::ReluConvBn => {
                chain.relu().pointwise("pointwise", channels).batch_norm("bn");
            }
            LayerKind::FactorizedReduce => chain.factorized_reduce(channels),
            LayerKind::ReluConv3x3Bn { stride } => {
                chain.relu().dense("conv", channels, [3, 3], [stride, stride], [1, 1]).batch_norm("bn");
            }
            LayerKind::MeanPool3x3 => {
                chain.push("", OpKind::AvgPool(Pool { kernel: 3, stride: 1, padding: 1 }), self.output_shape);
            }
            LayerKind::PoolProject => {
                let pooled = Shape { channels: self.input_shape.channels, ..self.output_shape };
                chain.push("", OpKind::AvgPool(Pool { kernel: 2, stride: 2, padding: 0 }), pooled);
                chain.pointwise("pointwise", channels);
            }
            LayerKind::BnRelu => {
                chain.batch_norm("bn").relu();
            }
            LayerKind::Primitive { primitive, stride, separable } => {
                self.primitive(&mut chain, primitive, stride, separable);
            }
            LayerKind::GlobalPoolClassifier => {
                chain.push("", OpKind::GlobalAvgPool, Shape { height: 1, width: 1, ..self.input_shape });
                chain.push("", OpKind::Linear, self.output_shape);
            }
            LayerKind::AuxiliaryPool { stride } => {
                let pool = Pool { kernel: 5, stride, padding: 0 };
                chain.relu().push("", OpKind::AvgPool(pool), self.output_shape);
            }
            LayerKind::AuxiliaryPointwise => {
                chain.pointwise("pointwise", channels).batch_norm("bn").relu();
            }
            LayerKind::AuxiliaryConv { batch_norm } => {
                chain.dense("conv", channels, [2, 2], [1, 1], [0, 0]);
                if batch_norm {
                    chain.batch_norm("bn");
                }
                chain.relu();
            }
            LayerKind::AuxiliaryClassifier => {
                chain.push("", OpKind::Linear, self.output_shape);
            }
        }
        chain.ops
    }

    /// Whether batch-norms of this layer have scale and shift: everywhere but inside the supernet's cells.
    fn affine(&self) -> bool {
        let in_cell = matches!(self.site, Site::Preprocess { .. } | Site::Edge { .. });
        self.style == Style::StandAlone || !in_cell
    }

    fn primitive(&self, chain: &mut Chain, primitive: Primitive, stride: usize, separable: SeparableRepeats) {
        let pool = Pool { kernel: 3, stride, padding: 1 };
        match primitive {
            Primitive::None => {}
            Primitive::MaxPool3x3 => self.pool(chain, OpKind::MaxPool(pool)),
            Primitive::AvgPool3x3 => self.pool(chain, OpKind::AvgPool(pool)),
            Primitive::SkipConnect if stride == 1 => {}
            Primitive::SkipConnect => chain.factorized_reduce(self.output_shape.channels),
            Primitive::SepConv3x3 => chain.separable(3, stride, separable),
            Primitive::SepConv5x5 => chain.separable(5, stride, separable),
            Primitive::SepConv7x7 => chain.separable(7, stride, separable),
            Primitive::DilConv3x3 => chain.depthwise_block(["depthwise", "pointwise", "bn"], 3, stride, 2),
            Primitive::DilConv5x5 => chain.depthwise_block(["depthwise", "pointwise", "bn"], 5, stride, 2),
            Primitive::Conv7x1And1x7 => {
                let channels = self.output_shape.channels;
                chain
                    .relu()
                    .dense("conv1x7", channels, [1, 7], [1, stride], [0, 3])
                    .dense("conv7x1", channels, [7, 1], [stride, 1], [3, 0])
                    .batch_norm("bn");
            }
        }
    }

    fn pool(&self, chain: &mut Chain, pool: OpKind) {
        chain.push("", pool, self.output_shape);
        match self.style {
            Style::StandAlone => {}
            Style::Shared => {
                chain.batch_norm("bn");
            }
        }
    }
}

/// Operations put one behind the other.
struct Chain {
    ops: Vec<Op>,
    shape: Shape,
    affine: bool,
}

impl Chain {
    fn push(&mut self, part: &'static str, kind: OpKind, output: Shape) -> &mut Self {
        self.ops.push(Op { part, kind, input: self.shape, output });
        self.shape = output;
        self
    }

    fn relu(&mut self) -> &mut Self {
        self.push("", OpKind::Relu, self.shape)
    }

    fn batch_norm(&mut self, part: &'static str) -> &mut Self {
        self.push(part, OpKind::BatchNorm { affine: self.affine }, self.shape)
    }

    fn conv(&mut self, part: &'static str, conv: Conv, channels: usize) -> &mut Self {
        let size = |axis: usize, size: usize| {
            let reach = conv.dilation * (conv.kernel[axis] - 1) + 1;
            (size + 2 * conv.padding[axis] - reach) / conv.stride[axis] + 1
        };
        let output = Shape { channels, height: size(0, self.shape.height), width: size(1, self.shape.width) };
        self.push(part, OpKind::Conv(conv), output)
    }

    fn dense(
        &mut self,
        part: &'static str,
        channels: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
    ) -> &mut Self {
        let conv =
            Conv { form: ConvForm::Dense, kernel, stride, padding, dilation: 1, window: Window::Whole };
        self.conv(part, conv, channels)
    }

    fn pointwise(&mut self, part: &'static str, channels: usize) -> &mut Self {
        self.conv(part, one_by_one(1, Window::Whole), channels)
    }

    fn factorized_reduce(&mut self, channels: usize) {
        self.relu();
        let whole = self.shape;
        self.conv("pointwise_even", one_by_one(2, Window::EvenHalf), channels / 2);
        let half = self.shape;
        self.shape = whole;
        self.push("pointwise_odd", OpKind::Conv(one_by_one(2, Window::OddHalf)), half);
        self.shape.channels = channels;
        self.batch_norm("bn");
    }

    fn separable(&mut self, kernel: usize, stride: usize, repeats: SeparableRepeats) {
        self.depthwise_block(["depthwise1", "pointwise1", "bn1"], kernel, stride, 1);
        match repeats {
            SeparableRepeats::One => {}
            SeparableRepeats::Two => {
                self.depthwise_block(["depthwise2", "pointwise2", "bn2"], kernel, 1, 1);
            }
        }
    }

    /// Rectifier, depthwise convolution that keeps the size at stride 1, pointwise convolution, batch-norm.
    fn depthwise_block(&mut self, parts: [&'static str; 3], kernel: usize, stride: usize, dilation: usize) {
        let channels = self.shape.channels;
        let padding = dilation * (kernel / 2);
        let depthwise = Conv {
            form: ConvForm::Depthwise,
            kernel: [kernel, kernel],
            stride: [stride, stride],
            padding: [padding, padding],
            dilation,
            window: Window::Whole,
        };
        self.relu().conv(parts[0], depthwise, channels).pointwise(parts[1], channels).batch_norm(parts[2]);
    }
}

const fn one_by_one(stride: usize, window: Window) -> Conv {
    Conv {
        form: ConvForm::Pointwise,
        kernel: [1, 1],
        stride: [stride, stride],
        padding: [0, 0],
        dilation: 1,
        window,
    }
}
