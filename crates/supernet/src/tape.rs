//! The compiled form of one network: block calls in execution order, with every buffer, weight and store decision
//! resolved to a number. Holds no data and knows no backend.

use kernels::{Block, Deferred, GradientSums, Head, Store};

/// Calls in forward order, then the classifiers.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    /// Buffer that takes the images.
    pub(crate) images: usize,
    pub(crate) steps: Vec<Step>,
    /// The main classifier first; of merged programs, that of each.
    pub(crate) heads: Vec<HeadStep>,
}

impl Tape {
    /// The batch-norms that it runs, in order.
    pub(crate) fn batch_norms(&self) -> impl Iterator<Item = usize> + '_ {
        norms(&self.steps).map(|norm| norm.index)
    }

    /// How many steps there are up to the last that reads the images.
    pub(crate) fn steps_on_images(&self) -> usize {
        let reads = |step: &Step| matches!(step, Step::Block(step) if step.inputs.contains(&self.images));
        self.steps.iter().rposition(reads).map_or(0, |last| last + 1)
    }
}

/// The batch-norms of some steps, in order; a tape runs each of them once.
pub(crate) fn norms(steps: &[Step]) -> impl Iterator<Item = &NormStep> + '_ {
    steps.iter().filter_map(|step| match step {
        Step::Block(step) => step.norm.as_ref(),
        Step::Clear { .. } => None,
    })
}

/// One entry of a tape.
#[derive(Debug)]
pub(crate) enum Step {
    Block(Box<BlockStep>),
    /// A node that nothing feeds: `len` zeros a sample.
    Clear {
        output: usize,
        len: usize,
    },
}

/// One block call, forward and backward.
#[derive(Debug)]
pub(crate) struct BlockStep {
    pub(crate) block: Block,
    pub(crate) inputs: Vec<usize>,
    /// Batch-norms that the inputs still need, one entry each.
    pub(crate) deferred: Vec<Option<Deferred>>,
    /// How the inputs' gradients are stored; `None` where nobody needs them.
    pub(crate) input_stores: Option<Vec<Store>>,
    /// Sums for the batch-norms of inputs whose gradients this step completes.
    pub(crate) sums: Vec<GradientSums>,
    pub(crate) parameters: Vec<usize>,
    pub(crate) norm: Option<NormStep>,
    /// The value's buffer, or one of its own until the value's next writer adds it.
    pub(crate) output: usize,
    pub(crate) store: Store,
    /// Gradient buffer of what the output is or becomes part of.
    pub(crate) gradient: usize,
    /// Position among the drop-path masks, if the output can be dropped.
    pub(crate) mask: Option<usize>,
    pub(crate) addend: Option<AddendStep>,
}

impl BlockStep {
    /// Whether the output stays linear, to be normalised by those who read it.
    pub(crate) fn is_deferred(&self) -> bool {
        let saved = self.norm.as_ref().and_then(|norm| norm.saved);
        saved.is_some_and(|saved| saved.linear == self.output)
    }
}

/// The deferred output of an earlier step that a step normalises and adds to its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddendStep {
    pub(crate) value: usize,
    pub(crate) norm: Deferred,
    /// Position among the drop-path masks of the earlier step.
    pub(crate) mask: Option<usize>,
}

/// The batch-norm of a block call.
#[derive(Debug)]
pub(crate) struct NormStep {
    /// Position among the running statistics.
    pub(crate) index: usize,
    /// `None` in evaluation.
    pub(crate) saved: Option<SavedSlots>,
    /// Elements a sample contributes to each channel's statistics.
    pub(crate) elements: usize,
}

/// Buffers of what a batch-norm measures in training.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SavedSlots {
    pub(crate) mean: usize,
    pub(crate) variance: usize,
    /// The linear output: the step's output itself where that stays linear.
    pub(crate) linear: usize,
    /// Gradient buffer of the sums that another step makes.
    pub(crate) sums: Option<usize>,
}

/// One classifier call.
#[derive(Debug)]
pub(crate) struct HeadStep {
    pub(crate) head: Head,
    pub(crate) inputs: Vec<usize>,
    pub(crate) input_stores: Vec<Store>,
    pub(crate) parameters: [usize; 2],
    pub(crate) features: usize,
    pub(crate) logits: usize,
    /// Factor on its loss.
    pub(crate) weight: f64,
    /// Share of each target that is spread over all classes.
    pub(crate) label_smoothing: f64,
}
