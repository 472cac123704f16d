//! One layer of a plan on its own, through the same lowering and kernels as in a network: for those who want to know how
//! long it takes. Its weights are fresh and its input is whatever it is given.

use kernels::Backend;
use space::{Layer, Plan};

use crate::error::SupernetError;
use crate::lower::{Auxiliary, lower};
use crate::model::{Batch, Model};
use crate::state::State;
use crate::tape::Tape;

/// A layer that can be run again and again on one batch.
pub struct SingleLayer<B: Backend> {
    model: Model<B>,
    tape: Tape,
    batch: Batch<B>,
}

impl<B: Backend> SingleLayer<B> {
    /// The layer, reading one map of its input shape in place of the several that it may read in a network, for a batch
    /// of so many samples of ones.
    pub fn new(backend: B, layer: &Layer, samples: usize) -> Result<Self, SupernetError> {
        let plan = Plan::of_layer(layer);
        let program = lower(&plan, Auxiliary::Left);
        let elements = layer.input_shape.elements();
        let mut model = Model::new(backend, plan.layers.iter(), elements, 0)?;
        let batch = model.batch(&vec![1.0; samples * elements], &vec![0; samples])?;
        let tape = model.prepare(&program, samples)?;
        Ok(Self { model, tape, batch })
    }

    /// Its weights and statistics by name.
    pub fn state(&self) -> Result<State, SupernetError> {
        self.model.state()
    }

    /// Runs the layer once, to its end.
    pub fn run(&mut self) -> Result<(), SupernetError> {
        self.model.run(&self.tape, &mut self.batch)?;
        self.model.wait(&self.batch)
    }
}
