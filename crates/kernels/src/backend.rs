//! The one interface behind which all kernels live. A call names buffers by their index in slices that the caller
//! owns, so a compiled tape holds plain numbers and a step allocates nothing.

use crate::{Addend, Block, Deferred, Gallery, GradientSums, Head, Images, KernelError, Outcome, Precision};

/// Whether a result replaces what a buffer holds or is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Replace.
    Write,
    /// Add.
    Add,
}

/// Where the mean and variance of a batch-norm come from.
#[derive(Debug)]
pub enum Normalise<'a, B> {
    /// From this batch, per channel over `batch * height * width` elements; both are written for the backward pass and
    /// for running statistics. The variance is the biased one (divided by the number of elements).
    Batch {
        /// Mean, `[channels_out]`.
        mean: &'a mut B,
        /// Biased variance, `[channels_out]`.
        variance: &'a mut B,
        /// The linear output before normalisation, `[n, height, width, channels_out]`, kept for the backward pass.
        linear: &'a mut B,
    },
    /// Fixed values, as in evaluation.
    Fixed {
        /// Mean, `[channels_out]`.
        mean: &'a B,
        /// Variance, `[channels_out]`.
        variance: &'a B,
    },
    /// From this batch, as with [`Normalise::Batch`], but only measured: the output is the linear output, and those who read it
    /// normalise it ([`Deferred`]). The output is written, whatever the call's store; factors do not apply, and there is no
    /// addend ([`Cpu`](crate::Cpu) panics if there is).
    Deferred {
        /// Mean, `[channels_out]`.
        mean: &'a mut B,
        /// Biased variance, `[channels_out]`.
        variance: &'a mut B,
    },
    /// The block has no batch-norm.
    None,
}

/// What the forward pass of a batch-norm left for the backward pass.
#[derive(Debug)]
pub struct Saved<'a, B> {
    /// Mean of the batch, `[channels_out]`.
    pub mean: &'a B,
    /// Biased variance, `[channels_out]`.
    pub variance: &'a B,
    /// Linear output, `[n, height, width, channels_out]`.
    pub linear: &'a B,
    /// Sums that another call made ([`GradientSums`]); without them the call makes them itself.
    pub sums: Option<&'a B>,
}

/// Arguments of [`Backend::forward`].
#[derive(Debug)]
pub struct Forward<'a, B> {
    /// Buffers that `inputs` indexes.
    pub values: &'a [B],
    /// The block's inputs, one per entry of `Block::channels_in`; `[n, height, width, channels]` each.
    pub inputs: &'a [usize],
    /// Batch-norms that the inputs still need, one entry for each; may be empty where none does.
    pub deferred: &'a [Option<Deferred>],
    /// Buffers that `parameters` indexes.
    pub weights: &'a [B],
    /// The block's weights in the order of `Block::weight_lens`.
    pub parameters: &'a [usize],
    /// Statistics of the batch-norm.
    pub normalise: Normalise<'a, B>,
    /// One factor per sample on the block's output (drop-path), `[n]`.
    pub sample_scale: Option<&'a B>,
    /// The output, `[n, height, width, channels_out]`.
    pub output: &'a mut B,
    /// Whether `output` is replaced or added to.
    pub store: Store,
    /// Added to the output as well.
    pub addend: Option<Addend<'a, B>>,
}

/// Gradient buffers and, for each index in use, whether it is replaced or added to.
#[derive(Debug)]
pub struct Gradients<'a, B> {
    /// Buffers, indexed like the values or weights they belong to.
    pub buffers: &'a mut [B],
    /// One entry per index named in the call, in the same order.
    pub stores: &'a [Store],
}

/// Arguments of [`Backend::backward`]: those of the forward call, and the gradients.
#[derive(Debug)]
pub struct Backward<'a, B> {
    /// Buffers that `inputs` indexes.
    pub values: &'a [B],
    /// As in the forward call.
    pub inputs: &'a [usize],
    /// As in the forward call.
    pub deferred: &'a [Option<Deferred>],
    /// Buffers that `parameters` indexes.
    pub weights: &'a [B],
    /// As in the forward call.
    pub parameters: &'a [usize],
    /// What the forward call left; `None` for a block without batch-norm.
    pub saved: Option<Saved<'a, B>>,
    /// As in the forward call.
    pub sample_scale: Option<&'a B>,
    /// Gradient of the loss by the output, `[n, height, width, channels_out]`.
    pub output_gradient: &'a B,
    /// Gradients by the inputs, indexed by `inputs`; `None` where nobody needs them (the images).
    pub input_gradients: Option<Gradients<'a, B>>,
    /// Sums to make of input gradients that this call completes; none without input gradients ([`Cpu`](crate::Cpu) panics if
    /// there are).
    pub sums: &'a [GradientSums],
    /// Gradients by the weights, indexed by `parameters`.
    pub weight_gradients: Gradients<'a, B>,
}

/// Arguments of [`Backend::classify`].
#[derive(Debug)]
pub struct Classify<'a, B> {
    /// Buffers that `inputs` indexes.
    pub values: &'a [B],
    /// The inputs, one per entry of `Head::channels_in`.
    pub inputs: &'a [usize],
    /// Buffers that `parameters` indexes.
    pub weights: &'a [B],
    /// Linear weight `[channels, classes]` and bias `[classes]`.
    pub parameters: [usize; 2],
    /// One class per sample.
    pub labels: &'a [u32],
    /// Pooled features, written: `[n, channels]`.
    pub features: &'a mut B,
    /// Logits, written: `[n, classes]`.
    pub logits: &'a mut B,
}

/// Arguments of [`Backend::classify_backward`].
#[derive(Debug)]
pub struct ClassifyBackward<'a, B> {
    /// Buffers that `inputs` indexes.
    pub values: &'a [B],
    /// As in the forward call.
    pub inputs: &'a [usize],
    /// Buffers that `parameters` indexes.
    pub weights: &'a [B],
    /// As in the forward call.
    pub parameters: [usize; 2],
    /// As in the forward call.
    pub labels: &'a [u32],
    /// As the forward call wrote them.
    pub features: &'a B,
    /// As the forward call wrote them.
    pub logits: &'a B,
    /// Factor on the mean loss over the batch (an auxiliary head's weight, one over the number of paths).
    pub loss_scale: f64,
    /// Share of each target that is spread evenly over all classes, in `[0, 1]` (label smoothing; Szegedy et al. 2016,
    /// arXiv 1512.00567).
    pub label_smoothing: f64,
    /// Gradients by the inputs, indexed by `inputs`.
    pub input_gradients: Gradients<'a, B>,
    /// Gradients by weight and bias, indexed by `parameters`.
    pub weight_gradients: Gradients<'a, B>,
}

/// One step of stochastic gradient descent with momentum, as PyTorch defines it (no dampening, no Nesterov):
/// `g = scale * gradient + weight_decay * w; v = momentum * v + g; w = w - learning_rate * v`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdStep {
    /// Learning rate.
    pub learning_rate: f64,
    /// Momentum.
    pub momentum: f64,
    /// Weight decay (L2 coefficient).
    pub weight_decay: f64,
    /// Factor on the gradient (global-norm clipping).
    pub scale: f64,
}

/// `into = keep * into + add * from`, element by element (running statistics).
#[derive(Debug)]
pub struct Blend<'a, B> {
    /// What is changed.
    pub into: &'a mut B,
    /// Factor on what is there; with 0 whatever it was, a NaN included, is replaced.
    pub keep: f64,
    /// What is mixed in; at least as long as `into`.
    pub from: &'a B,
    /// Factor on it.
    pub add: f64,
}

/// A place where blocks run. `n` is the number of samples of a call; buffers may be longer than the call needs.
///
/// Results do not depend on the number of threads. Buffers a call writes are distinct from those it reads.
pub trait Backend: Send + Sync {
    /// A dense buffer of real numbers; the default is empty.
    type Buffer: Default + Send + Sync;

    /// Runs several calls together: what it costs to get to where the backend computes is paid once.
    fn together<R: Send>(&self, calls: impl FnOnce() -> R + Send) -> R {
        calls()
    }

    /// Does something with each item, several at a time where the backend can; how many at most is
    /// [`Backend::at_a_time`].
    fn each<T: Send>(&self, items: &mut [T], run: impl Fn(&mut T) + Send + Sync) {
        items.iter_mut().for_each(run);
    }

    /// Items that [`Backend::each`] can work on at the same time.
    fn at_a_time(&self) -> usize {
        1
    }

    /// Samples that forward passes with fixed statistics had best take together; `None` for as many as there are.
    fn preferred_samples(&self) -> Option<usize> {
        None
    }

    /// Runs calls that take the same buffers and numbers as all others of this `round` (contents of buffers may differ), and
    /// that neither bring anything from the host nor take anything to it. A backend may keep a recording and replay it, so
    /// the buffers live until the last call of the round.
    fn repeated(
        &self,
        round: u64,
        mut calls: impl FnMut() -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let _ = round;
        calls()
    }

    /// Whether blocks read deferred values, add them and make sums for others ([`Deferred`], [`Addend`], [`GradientSums`]): where
    /// passes over memory are what a step costs.
    fn defers(&self) -> bool {
        false
    }

    /// How feature maps are kept.
    fn precision(&self) -> Precision {
        Precision::F32
    }

    /// A buffer of `len` zeros in single precision (or better): for weights and their gradients, statistics, factors of samples,
    /// features and logits.
    fn zeros(&self, len: usize) -> Result<Self::Buffer, KernelError>;

    /// A buffer of `len` zeros in [`Backend::precision`]: for images, inputs and outputs of blocks, linear outputs, and the
    /// gradients by all these.
    fn feature_map(&self, len: usize) -> Result<Self::Buffer, KernelError> {
        self.zeros(len)
    }

    /// Number of elements.
    fn len(&self, buffer: &Self::Buffer) -> usize;

    /// Copies `from` to the start of `to`, rounded to its precision.
    fn upload(&self, from: &[f32], to: &mut Self::Buffer) -> Result<(), KernelError>;

    /// Copies the first `to.len()` elements of `from`, rounded to single precision.
    fn download(&self, from: &Self::Buffer, to: &mut [f32]) -> Result<(), KernelError>;

    /// Takes a set of images to where the backend computes, if that is not in the host's own memory: batches are then made
    /// there. `None` where the host makes them as well, or
    /// the set does not fit.
    fn gallery(&self, images: &Images<'_>) -> Result<Option<Box<dyn Gallery<Self>>>, KernelError>
    where
        Self: Sized,
    {
        let _ = images;
        Ok(None)
    }

    /// Runs a block.
    fn forward(&self, block: &Block, n: usize, call: Forward<'_, Self::Buffer>) -> Result<(), KernelError>;

    /// Gradients of a block that ran forward with the batch's statistics (or has no batch-norm).
    fn backward(&self, block: &Block, n: usize, call: Backward<'_, Self::Buffer>) -> Result<(), KernelError>;

    /// Runs a classifier and compares it with the labels.
    fn classify(
        &self,
        head: &Head,
        n: usize,
        call: Classify<'_, Self::Buffer>,
    ) -> Result<Outcome, KernelError>;

    /// Gradients of `loss_scale * mean cross-entropy`, to smoothed labels, by the classifier's inputs and weights.
    fn classify_backward(
        &self,
        head: &Head,
        n: usize,
        call: ClassifyBackward<'_, Self::Buffer>,
    ) -> Result<(), KernelError>;

    /// Sets the first `len` elements to zero (the value of a node that nothing feeds).
    fn clear(&self, buffer: &mut Self::Buffer, len: usize) -> Result<(), KernelError>;

    /// All of these blends, as one call; their buffers are distinct.
    fn blend(&self, blends: Vec<Blend<'_, Self::Buffer>>) -> Result<(), KernelError>;

    /// Sum of the squares of the gradients named by `touched`, in that order.
    fn squared_norm(&self, gradients: &[Self::Buffer], touched: &[usize]) -> Result<f64, KernelError>;

    /// One optimiser step on the weights named by `touched`; all others stay as they are.
    fn sgd(
        &self,
        step: SgdStep,
        weights: &mut [Self::Buffer],
        velocities: &mut [Self::Buffer],
        gradients: &[Self::Buffer],
        touched: &[usize],
    ) -> Result<(), KernelError>;
}
