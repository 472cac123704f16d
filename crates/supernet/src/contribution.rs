//! What one path gives to a step that it shares with others (CARS, equation 3), as plain numbers: its gradients, the statistics
//! of its batch and its outcome. It can be made in one process and used in another; who sends it is not known here.

#[cfg(test)]
mod properties;

use std::collections::BTreeMap;

use crate::error::SupernetError;

/// One path's part of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contribution {
    pub(crate) samples: usize,
    pub(crate) correct: usize,
    /// Sum of the cross-entropies of its samples, in nats.
    pub(crate) loss_sum: f64,
    /// Position and length of each weight that the path has touched, ascending, and their gradients one after another. All
    /// other weights have no gradient, which is not the same as a gradient of zero.
    pub(crate) weights: Vec<Part>,
    pub(crate) gradients: Vec<f32>,
    /// Position and channels of each batch-norm, in the order of execution, and their means and unbiased variances.
    pub(crate) batch_norms: Vec<Part>,
    pub(crate) statistics: Vec<f32>,
}

/// Position among its like, and number of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) index: u32,
    pub(crate) len: u32,
}

/// Numbers before the parts: samples, correct ones, two halves of the loss, and four lengths.
const HEAD: usize = 8;

impl Contribution {
    /// Appends it to a message of 32-bit words.
    pub fn write(&self, message: &mut Vec<u32>) {
        let loss = self.loss_sum.to_bits();
        message.extend([self.samples as u32, self.correct as u32, loss as u32, (loss >> 32) as u32]);
        let lens = [self.weights.len(), self.gradients.len(), self.batch_norms.len(), self.statistics.len()];
        message.extend(lens.map(|len| len as u32));
        message.extend(self.weights.iter().chain(&self.batch_norms).flat_map(|part| [part.index, part.len]));
        message.extend(self.gradients.iter().chain(&self.statistics).map(|value| value.to_bits()));
    }

    /// Takes the next one off a message, which [`write`](Self::write) made.
    pub fn read(message: &mut &[u32]) -> Result<Self, SupernetError> {
        let mut take = |len: usize| message.split_off(..len).ok_or(SupernetError::Contribution);
        let head = take(HEAD)?;
        let [weights, gradients, batch_norms, statistics] = [4, 5, 6, 7].map(|at| head[at] as usize);
        let parts =
            |words: &[u32]| words.as_chunks().0.iter().map(|&[index, len]| Part { index, len }).collect();
        let numbers = |words: &[u32]| words.iter().map(|&word| f32::from_bits(word)).collect();
        let one = Self {
            samples: head[0] as usize,
            correct: head[1] as usize,
            loss_sum: f64::from_bits(u64::from(head[2]) | u64::from(head[3]) << 32),
            weights: parts(take(2 * weights)?),
            batch_norms: parts(take(2 * batch_norms)?),
            gradients: numbers(take(gradients)?),
            statistics: numbers(take(statistics)?),
        };
        let total = |parts: &[Part]| parts.iter().map(|part| part.len as usize).sum::<usize>();
        let fits = total(&one.weights) == gradients || gradients == 0;
        if !fits || 2 * total(&one.batch_norms) != statistics {
            return Err(SupernetError::Contribution);
        }
        Ok(one)
    }

    /// Bytes of its message.
    pub fn bytes(&self) -> usize {
        let words = 2 * (self.weights.len() + self.batch_norms.len());
        4 * (HEAD + words + self.gradients.len() + self.statistics.len())
    }

    /// The mean loss of its samples.
    pub(crate) fn loss(&self) -> f64 {
        self.loss_sum / self.samples as f64
    }
}

/// Adds up the gradients of several contributions, in their order: the first sets a weight's sum, the others add to it.
pub(crate) fn sums(contributions: &[Contribution]) -> BTreeMap<u32, Vec<f32>> {
    let mut sums: BTreeMap<u32, Vec<f32>> = BTreeMap::new();
    for contribution in contributions {
        let mut rest = &contribution.gradients[..];
        for Part { index, len } in &contribution.weights {
            let Some(gradient) = rest.split_off(..*len as usize) else { break };
            match sums.get_mut(index) {
                None => drop(sums.insert(*index, gradient.to_vec())),
                Some(sum) => sum.iter_mut().zip(gradient).for_each(|(sum, value)| *sum += value),
            }
        }
    }
    sums
}

/// Gradients of the contributions of several processes, laid out alike in all of them, for a library that adds them up.
pub struct Pool {
    weights: Vec<Part>,
    /// The sums of this process's contributions; to be replaced by those of all.
    pub values: Vec<f32>,
}

impl Pool {
    /// Takes the gradients out of these contributions; without them they go to the other processes.
    pub fn take(own: &mut [Contribution]) -> BTreeMap<u32, Vec<f32>> {
        let sums = sums(own);
        for contribution in own {
            contribution.gradients.clear();
        }
        sums
    }

    /// The layout of all weights that any of the contributions has touched, with what this process has of them.
    pub fn new(all: &[Contribution], own: &BTreeMap<u32, Vec<f32>>) -> Self {
        let parts = all.iter().flat_map(|contribution| &contribution.weights);
        let lens: BTreeMap<u32, u32> = parts.map(|part| (part.index, part.len)).collect();
        let weights = lens.into_iter().map(|(index, len)| Part { index, len }).collect::<Vec<_>>();
        let mut values = Vec::new();
        for Part { index, len } in &weights {
            match own.get(index) {
                Some(sum) => values.extend(sum),
                None => values.resize(values.len() + *len as usize, 0.0),
            }
        }
        Self { weights, values }
    }

    /// Puts the sums into the first of the contributions, in place of the gradients of each.
    pub fn give(self, all: &mut [Contribution]) {
        for contribution in all.iter_mut() {
            contribution.weights.clear();
        }
        if let Some(first) = all.first_mut() {
            (first.weights, first.gradients) = (self.weights, self.values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: u32, len: u32) -> Part {
        Part { index, len }
    }

    fn two() -> [Contribution; 2] {
        let first = Contribution {
            samples: 4,
            correct: 1,
            loss_sum: 5.25,
            weights: vec![part(0, 1), part(3, 2)],
            gradients: vec![-0.0, 1.0, 2.0],
            batch_norms: vec![part(7, 1)],
            statistics: vec![0.5, 2.0],
        };
        let second = Contribution { weights: vec![part(3, 2)], gradients: vec![0.25, 0.5], ..first.clone() };
        [first, second]
    }

    #[test]
    fn a_message_gives_back_what_was_written() {
        let all = two();
        let mut message = Vec::new();
        for one in &all {
            one.write(&mut message);
        }
        assert_eq!(4 * message.len(), all.iter().map(Contribution::bytes).sum::<usize>());
        let mut rest = &message[..];
        assert_eq!([0, 1].map(|_| Contribution::read(&mut rest).unwrap()), all);
        assert!(rest.is_empty());
        for end in 0..message.len() / 2 {
            assert!(Contribution::read(&mut &message[..end]).is_err(), "cut after {end} words");
        }
    }

    #[test]
    fn absent_gradients_are_not_zeros() {
        let sums = sums(&two());
        assert_eq!(sums.keys().copied().collect::<Vec<_>>(), [0, 3]);
        // Added to a zero, it would have lost its sign.
        assert_eq!(sums[&0][0].to_bits(), (-0.0_f32).to_bits());
        assert_eq!(sums[&3], [1.25, 2.5]);
    }

    #[test]
    fn a_pool_holds_the_sums_of_all_touched_weights() {
        let mut all = two();
        let [mut first, mut second] = all.clone();
        let own =
            [Pool::take(std::slice::from_mut(&mut first)), Pool::take(std::slice::from_mut(&mut second))];
        assert!(first.gradients.is_empty());
        let [mut pool, other] = own.map(|own| Pool::new(&all, &own));
        assert_eq!(other.values, [0.0, 0.25, 0.5]);
        pool.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
        let expected = sums(&all);
        pool.give(&mut all);
        assert_eq!(sums(&all), expected);
    }
}
