//! Per-channel standardisation of bytes, as a table of 256 values a channel. The CIFAR-10 constants are those of
//! the published CARS and DARTS code. It does not touch images; `prepare` looks the values up.

use crate::{DatasetError, ImageSet};

/// Mean and standard deviation of each channel, on the scale where a byte of 255 is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    /// One mean a channel.
    pub mean: Vec<f32>,
    /// One standard deviation a channel, positive.
    pub std: Vec<f32>,
}

impl Normalisation {
    /// The constants of the 50,000 CIFAR-10 training images.
    pub fn cifar10() -> Self {
        Self {
            mean: vec![0.491_399_68, 0.482_158_27, 0.446_531_24],
            std: vec![0.247_032_33, 0.243_485_05, 0.261_587_68],
        }
    }

    /// Measures the images at `indices`. Sums are exact integers, so their order does not matter.
    ///
    /// # Errors
    /// If there are no images, an index is out of range, or a channel is constant.
    pub fn of(set: &ImageSet, indices: &[usize]) -> Result<Self, DatasetError> {
        if indices.is_empty() {
            return Err(DatasetError::Empty { what: "a normalisation" });
        }
        let mut sum = vec![0_u64; set.channels];
        let mut squares = vec![0_u64; set.channels];
        for &index in indices {
            set.check_index(index)?;
            for pixel in set.image(index).chunks_exact(set.channels) {
                for ((sum, squares), &byte) in sum.iter_mut().zip(&mut squares).zip(pixel) {
                    *sum += u64::from(byte);
                    *squares += u64::from(byte) * u64::from(byte);
                }
            }
        }
        let count = (indices.len() * set.height * set.width) as f64;
        let mean = sum.iter().map(|&sum| sum as f64 / count);
        let std = mean.clone().zip(&squares).map(|(mean, &squares)| {
            let variance = squares as f64 / count - mean * mean;
            variance.max(0.0).sqrt()
        });
        let normalisation = Self {
            mean: mean.clone().map(|mean| (mean / 255.0) as f32).collect(),
            std: std.map(|std| (std / 255.0) as f32).collect(),
        };
        normalisation.check(set.channels)?;
        Ok(normalisation)
    }

    /// Checks that there is a mean and a positive, finite deviation for each of `channels` channels.
    pub(crate) fn check(&self, channels: usize) -> Result<(), DatasetError> {
        for found in [self.mean.len(), self.std.len()] {
            if found != channels {
                return Err(DatasetError::Channels { expected: channels, found });
            }
        }
        match self.std.iter().position(|&std| !(std > 0.0 && std.is_finite())) {
            Some(channel) => Err(DatasetError::Deviation { channel, std: self.std[channel] }),
            None => Ok(()),
        }
    }

    /// The normalised value of every byte, one row of 256 a channel: `(byte / 255 - mean) / std` in `f32`.
    pub fn table(&self) -> Vec<[f32; 256]> {
        let row =
            |(&mean, &std): (&f32, &f32)| std::array::from_fn(|byte| (byte as f32 / 255.0 - mean) / std);
        self.mean.iter().zip(&self.std).map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn two_pixels(pixels: Vec<u8>) -> ImageSet {
        let class_names = vec!["only".to_owned()];
        let name = "two pixels".to_owned();
        ImageSet { name, height: 1, width: 2, channels: 2, class_names, pixels, labels: vec![0] }
    }

    #[test]
    fn constants_are_measured_per_channel() {
        let measured = Normalisation::of(&two_pixels(vec![0, 51, 255, 153]), &[0]).unwrap();
        assert_eq!((measured.mean, measured.std), (vec![0.5, 0.4], vec![0.5, 0.2]));
    }

    #[test]
    fn unusable_constants_are_refused() {
        let set = two_pixels(vec![0, 9, 255, 9]);
        assert_eq!(
            Normalisation::of(&set, &[0]).unwrap_err().to_string(),
            "channel 1 has standard deviation 0: only a positive finite one can be divided by"
        );
        assert!(matches!(Normalisation::of(&set, &[]), Err(DatasetError::Empty { .. })));
        assert!(matches!(Normalisation::of(&set, &[1]), Err(DatasetError::Index { index: 1, images: 1 })));
        assert!(matches!(
            Normalisation::cifar10().check(2),
            Err(DatasetError::Channels { expected: 2, found: 3 })
        ));
    }

    #[test]
    fn the_table_standardises() {
        let table = Normalisation { mean: vec![0.5], std: vec![0.25] }.table();
        assert_eq!((table[0][0], table[0][255]), (-2.0, 2.0));
    }
}
