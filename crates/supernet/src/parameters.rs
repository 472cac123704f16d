//! The named weights of a network, with the momentum and gradient beside each, in one fixed order.

use std::collections::BTreeMap;

use kernels::{Backend, KernelError, Store};
use rand::RngExt;
use random::{Purpose, stream};
use space::{Weight, WeightRole};

use crate::contribution::Part;
use crate::error::SupernetError;
use crate::state::{State, StoredTensor};

/// Weights, momenta and gradients, indexed alike.
pub(crate) struct Parameters<B: Backend> {
    names: BTreeMap<String, usize>,
    shapes: Vec<Vec<usize>>,
    pub(crate) weights: Vec<B::Buffer>,
    pub(crate) velocities: Vec<B::Buffer>,
    pub(crate) gradients: Vec<B::Buffer>,
    touched: Vec<bool>,
}

impl<B: Backend> Parameters<B> {
    /// Fresh weights: uniform in `±1 / sqrt(fan in)` for kernels and the classifier (PyTorch's default), scale 1 and
    /// shift 0 for batch-norms. The stream of a weight is named by its position in `weights`.
    pub(crate) fn initialise(backend: &B, weights: &[Weight], seed: u64) -> Result<Self, KernelError> {
        let mut all = Self {
            names: BTreeMap::new(),
            shapes: Vec::new(),
            weights: Vec::new(),
            velocities: Vec::new(),
            gradients: Vec::new(),
            touched: vec![false; weights.len()],
        };
        for (index, weight) in weights.iter().enumerate() {
            let len = weight.shape.iter().product();
            let mut buffer = backend.zeros(len)?;
            backend.upload(&initial_values(weight, len, seed, index), &mut buffer)?;
            let previous = all.names.insert(weight.name.clone(), index);
            assert!(previous.is_none(), "a plan names each weight once, {} came twice", weight.name);
            all.shapes.push(weight.shape.clone());
            all.weights.push(buffer);
            all.velocities.push(backend.zeros(len)?);
            all.gradients.push(backend.zeros(len)?);
        }
        Ok(all)
    }

    pub(crate) fn index(&self, name: &str) -> Result<usize, SupernetError> {
        self.names.get(name).copied().ok_or_else(|| SupernetError::UnknownParameter { name: name.to_owned() })
    }

    /// Total number of scalars.
    pub(crate) fn count(&self) -> u64 {
        self.shapes.iter().map(|shape| shape.iter().product::<usize>() as u64).sum()
    }

    /// Marks a weight as used by this step; the first use replaces its gradient, later ones add.
    pub(crate) fn touch(&mut self, index: usize) -> Store {
        if std::mem::replace(&mut self.touched[index], true) { Store::Add } else { Store::Write }
    }

    /// Indices of the weights used by this step, ascending.
    pub(crate) fn touched_in_order(&self) -> Vec<usize> {
        (0..self.touched.len()).filter(|&index| self.touched[index]).collect()
    }

    /// Copies out the gradients of the weights used by this step, one after another, and ends it.
    pub(crate) fn take_gradients(&mut self, backend: &B) -> Result<(Vec<Part>, Vec<f32>), KernelError> {
        let (mut parts, mut gradients) = (Vec::new(), Vec::new());
        for index in self.touched_in_order() {
            let len = self.shapes[index].iter().product::<usize>();
            let start = gradients.len();
            gradients.resize(start + len, 0.0);
            backend.download(&self.gradients[index], &mut gradients[start..])?;
            parts.push(Part { index: index as u32, len: len as u32 });
        }
        self.untouch();
        Ok((parts, gradients))
    }

    /// Marks a weight as used by this step, with this gradient.
    pub(crate) fn set_gradient(
        &mut self,
        backend: &B,
        index: usize,
        gradient: &[f32],
    ) -> Result<(), SupernetError> {
        let into = self.gradients.get_mut(index).ok_or(SupernetError::Contribution)?;
        backend.upload(gradient, into)?;
        self.touched[index] = true;
        Ok(())
    }

    /// Ends a step.
    pub(crate) fn untouch(&mut self) {
        self.touched.fill(false);
    }

    /// Copies weights, and momenta under `velocity.`, into a state.
    pub(crate) fn save(&self, backend: &B, state: &mut State) -> Result<(), KernelError> {
        for (name, &index) in &self.names {
            let shape = &self.shapes[index];
            state.insert(name.clone(), StoredTensor::read(backend, &self.weights[index], shape)?);
            let velocity = StoredTensor::read(backend, &self.velocities[index], shape)?;
            state.insert(velocity_name(name), velocity);
        }
        Ok(())
    }

    /// Reads back what [`Parameters::save`] wrote.
    pub(crate) fn load(&mut self, backend: &B, state: &State) -> Result<(), SupernetError> {
        for (name, &index) in &self.names {
            StoredTensor::write(state, name, backend, &mut self.weights[index])?;
            StoredTensor::write(state, &velocity_name(name), backend, &mut self.velocities[index])?;
        }
        Ok(())
    }
}

fn velocity_name(name: &str) -> String {
    format!("velocity.{name}")
}

fn initial_values(weight: &Weight, len: usize, seed: u64, index: usize) -> Vec<f32> {
    match weight.role {
        WeightRole::BnScale => vec![1.0; len],
        WeightRole::BnShift => vec![0.0; len],
        _ => {
            let bound = 1.0 / (weight.fan_in as f32).sqrt();
            let mut stream = stream(seed, Purpose::Weights, 0, index as u64);
            (0..len).map(|_| stream.random_range(-bound..=bound)).collect()
        }
    }
}
