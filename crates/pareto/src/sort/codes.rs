//! The values of a block squeezed into bytes that keep their order: on a linear scale, or on fitted levels where most values
//! of an objective crowd in a small part of its width, as where some are far out.

use super::levels::{Levels, SAMPLE};
use super::rows::Rows;
use super::scale::{Scale, higher, lower};
use crate::simd::{SET, Word, word};

/// An objective is crowded if more than half of a sample are in one of so many parts of its width.
const PARTS: usize = 8;
/// Values of that sample.
const GLANCE: usize = 32;

/// The buffers of a block, by sets, objective by objective.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    pub(super) bytes: Vec<[u8; SET]>,
    /// The same as words.
    pub(super) words: Vec<[Word; SET]>,
    fitted: Levels,
    sample: Vec<f64>,
}

impl Codes {
    /// Encodes `n_sets` sets of rows, from set `first` on.
    #[inline(always)]
    pub(super) fn fill(&mut self, rows: &Rows, first: usize, n_sets: usize) {
        let width = rows.width();
        self.bytes.resize(n_sets * width, [0; SET]);
        self.words.resize(n_sets * width, [0; SET]);
        for j in 0..width {
            let (low, high) = extent((first..first + n_sets).map(|set| &rows.set(set)[j]));
            let parts = Scale::between(low, high, PARTS as u32 - 1);
            let is_crowded = low < high && is_crowded(sample(rows, first, n_sets, j, GLANCE), parts);
            if is_crowded {
                self.sample.clear();
                self.sample.extend(sample(rows, first, n_sets, j, SAMPLE));
                self.fitted.fit(&self.sample);
            }
            let scale = Scale::between(low, high, u32::from(u8::MAX));
            for set in 0..n_sets {
                let values = &rows.set(first + set)[j];
                let bytes = &mut self.bytes[set * width + j];
                if is_crowded {
                    self.fitted.encode(values, bytes);
                } else {
                    for (byte, value) in bytes.iter_mut().zip(values) {
                        *byte = scale.place(*value) as u8;
                    }
                }
                for (word_of, &byte) in self.words[set * width + j].iter_mut().zip(&*bytes) {
                    *word_of = word(byte);
                }
            }
        }
    }
}

/// About `size` values of objective `j`.
#[inline(always)]
fn sample(rows: &Rows, first: usize, n_sets: usize, j: usize, size: usize) -> impl Iterator<Item = f64> {
    let step = (n_sets * SET).div_ceil(size);
    let sets = first..first + n_sets;
    let values = sets.flat_map(move |set| rows.set(set)[j].iter().step_by(step));
    values.copied().filter(|value| !value.is_nan())
}

/// Whether most values are in one part of a scale.
#[inline(always)]
fn is_crowded(sample: impl Iterator<Item = f64>, parts: Scale) -> bool {
    let mut counts = [0; PARTS];
    for value in sample {
        counts[parts.place(value) as usize % PARTS] += 1;
    }
    let (all, fullest) =
        counts.iter().fold((0, 0), |(all, fullest), &count| (all + count, count.max(fullest)));
    2 * fullest > all
}

/// The least and the greatest finite value; a NaN is behind the last row.
#[inline(always)]
fn extent<'a>(columns: impl Iterator<Item = &'a [f64; SET]>) -> (f64, f64) {
    let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    for column in columns {
        for values in column.as_chunks::<8>().0 {
            for ((&value, low), high) in values.iter().zip(&mut low).zip(&mut high) {
                (*low, *high) = (lower(*low, value), higher(*high, value));
            }
        }
    }
    (low.into_iter().fold(f64::INFINITY, f64::min), high.into_iter().fold(f64::NEG_INFINITY, f64::max))
}
