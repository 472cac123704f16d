//! Sums over the pixels of many images. All are whole numbers, so that threads cannot change a digit.

use crate::folder::{Decoder, Folder};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Sums of values and of their squares, one a channel.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pixels: u64,
    values: Vec<u64>,
    squares: Vec<u64>,
}

impl Sums {
    pub(super) fn add(&mut self, bytes: &[u8], channels: usize) {
        self.values.resize(channels, 0);
        self.squares.resize(channels, 0);
        self.pixels += (bytes.len() / channels.max(1)) as u64;
        for pixel in bytes.chunks_exact(channels) {
            for ((sum, square), &byte) in self.values.iter_mut().zip(&mut self.squares).zip(pixel) {
                *sum += u64::from(byte);
                *square += u64::from(byte) * u64::from(byte);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.pixels += other.pixels;
        for (mine, theirs) in [(&mut self.values, &other.values), (&mut self.squares, &other.squares)] {
            mine.resize(mine.len().max(theirs.len()), 0);
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
    }

    /// Means and standard deviations, where a byte of 255 is 1.
    pub(super) fn moments(&self) -> (Vec<f64>, Vec<f64>) {
        let count = self.pixels as f64;
        let moments = self.values.iter().zip(&self.squares).map(|(&sum, &square)| {
            let mean = sum as f64 / count;
            (mean / 255.0, (square as f64 / count - mean * mean).max(0.0).sqrt() / 255.0)
        });
        moments.unzip()
    }
}

/// What all files of a folder hold.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Readable images of each class.
    pub(super) counts: Vec<usize>,
    pub(super) sizes: BTreeMap<(usize, usize), usize>,
    pub(super) sums: Sums,
    pub(super) faults: Vec<String>,
}

/// Decodes every file, a chunk of files a thread.
pub(super) fn look(folder: &Folder) -> Looked {
    let indices: Vec<usize> = (0..folder.len()).collect();
    let chunks: Vec<Looked> =
        folder.threads().install(|| indices.par_chunks(CHUNK).map(|chunk| look_at(folder, chunk)).collect());
    chunks.into_iter().fold(Looked { counts: vec![0; folder.class_names().len()], ..Looked::default() }, add)
}

const CHUNK: usize = 64;

fn look_at(folder: &Folder, indices: &[usize]) -> Looked {
    let mut looked = Looked { counts: vec![0; folder.class_names().len()], ..Looked::default() };
    let mut decoder = Decoder::default();
    for &index in indices {
        match folder.whole(index, &mut decoder) {
            Ok(image) => {
                looked.counts[folder.label(index) as usize] += 1;
                *looked.sizes.entry((image.height, image.width)).or_default() += 1;
                looked.sums.add(image.bytes, image.channels);
            }
            Err(fault) => looked.faults.push(fault.to_string()),
        }
    }
    looked
}

fn add(mut all: Looked, one: Looked) -> Looked {
    for (all, one) in all.counts.iter_mut().zip(one.counts) {
        *all += one;
    }
    for (size, count) in one.sizes {
        *all.sizes.entry(size).or_default() += count;
    }
    all.sums.merge(&one.sums);
    all.faults.extend(one.faults);
    all
}
