//! The frame around the cells: width, depth, where the resolution is halved, stem, image and classes
//! (arXiv 1806.09055, sections 3.1 and 3.2). It does not know what is inside a cell.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How a network begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stem {
    /// One 3x3 convolution to `3 * channels`; both inputs of the first cell are its output.
    Cifar,
    /// Three 3x3 convolutions of stride 2: the first cell reads the second (1/4) and the third (1/8 of the
    /// size).
    ImageNet,
}

/// How often a separable convolution repeats its depthwise-pointwise half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeparableRepeats {
    /// Twice: DARTS, and the published CARS networks.
    Two,
    /// Once, as in Vega since its version 1.2. Vega also moves the rectifier behind the batch-norm, which
    /// changes no parameter and no multiply-add; here it stays in front.
    One,
}

/// The outer shape of a network. Plain numbers: [`MacroPlan::check`] runs when a plan is made of it.
///
/// ```
/// use space::MacroPlan;
///
/// let small = MacroPlan { classes: 100, ..MacroPlan::custom(8, 5) };
/// assert_eq!(small.reductions, [1, 3]);
/// small.check()?;
/// # Ok::<(), space::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacroPlan {
    /// Channels of a node in the first cells; every reduction doubles them.
    pub channels: usize,
    /// Number of cells.
    pub cells: usize,
    /// Which cells are reduction cells, counted from 0, ascending.
    pub reductions: Vec<usize>,
    /// How the network begins.
    pub stem: Stem,
    /// Image height in pixels.
    pub height: usize,
    /// Image width in pixels.
    pub width: usize,
    /// Channels of an image.
    pub input_channels: usize,
    /// Number of classes.
    pub classes: usize,
    /// The form of the separable convolutions.
    pub separable: SeparableRepeats,
}

impl MacroPlan {
    /// The supernet of DARTS and CARS: 16 channels, 8 cells, CIFAR-10.
    pub fn search() -> Self {
        Self::custom(16, 8)
    }

    /// The CIFAR-10 network that is trained from scratch: 36 channels, 20 cells.
    pub fn cifar() -> Self {
        Self::custom(36, 20)
    }

    /// The ImageNet network that is trained from scratch: 48 channels, 14 cells, 224x224 pixels.
    pub fn imagenet() -> Self {
        Self { stem: Stem::ImageNet, height: 224, width: 224, classes: 1000, ..Self::custom(48, 14) }
    }

    /// A CIFAR-like network (32x32x3 pixels, 10 classes) of any width and depth with reductions at one and
    /// two thirds of the depth. Other fields are set by struct update.
    pub fn custom(channels: usize, cells: usize) -> Self {
        let mut reductions = vec![cells / 3, 2 * cells / 3];
        reductions.dedup();
        Self {
            channels,
            cells,
            reductions,
            stem: Stem::Cifar,
            height: 32,
            width: 32,
            input_channels: 3,
            classes: 10,
            separable: SeparableRepeats::Two,
        }
    }

    /// Whether a network can be built: every number in its range, reductions in order, sizes halved exactly.
    /// The ranges also keep every count below 2^64.
    pub fn check(&self) -> Result<(), Error> {
        for (field, found, high) in [
            ("channels", self.channels, 1024),
            ("cells", self.cells, 256),
            ("height", self.height, 1024),
            ("width", self.width, 1024),
            ("input_channels", self.input_channels, 1024),
            ("classes", self.classes, 1 << 20),
        ] {
            if !(1..=high).contains(&found) {
                return Err(Error::OutOfRange { field, found, low: 1, high });
            }
        }
        for (position, &found) in self.reductions.iter().enumerate() {
            let ascends = position == 0 || self.reductions[position - 1] < found;
            if !ascends || found >= self.cells {
                return Err(Error::Reductions { position, found, cells: self.cells });
            }
        }
        let stem_halvings = match self.stem {
            Stem::Cifar => 0,
            Stem::ImageNet => 3,
        };
        if self.stem == Stem::ImageNet && !self.channels.is_multiple_of(2) {
            return Err(Error::OddChannels { channels: self.channels });
        }
        let places = (0..stem_halvings)
            .map(|step| format!("stem convolution {step}"))
            .chain(self.reductions.iter().map(|cell| format!("reduction cell {cell}")));
        let (mut height, mut width) = (self.height, self.width);
        for place in places {
            for (axis, size) in [("height", height), ("width", width)] {
                if !size.is_multiple_of(2) {
                    return Err(Error::DoesNotHalve { axis, size, place });
                }
            }
            (height, width) = (height / 2, width / 2);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(plan: &MacroPlan, message: &str) {
        let error = plan.check().expect_err("must be refused").to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn the_published_plans_are_valid() {
        assert_eq!(MacroPlan::search().reductions, [2, 5]);
        assert_eq!(MacroPlan::cifar().reductions, [6, 13]);
        assert_eq!(MacroPlan::imagenet().reductions, [4, 9]);
        for plan in [MacroPlan::search(), MacroPlan::cifar(), MacroPlan::imagenet(), MacroPlan::custom(1, 1)]
        {
            assert_eq!(plan.check(), Ok(()));
        }
    }

    #[test]
    fn faults_are_named() {
        let base = MacroPlan::search();
        refused(&MacroPlan { channels: 0, ..base.clone() }, "`channels` must be between 1 and 1024, found 0");
        refused(&MacroPlan { cells: 300, ..base.clone() }, "`cells` must be between 1 and 256, found 300");
        refused(&MacroPlan { reductions: vec![2, 2], ..base.clone() }, "`reductions[1]` is 2");
        refused(&MacroPlan { reductions: vec![2, 8], ..base.clone() }, "below `cells` = 8");
        refused(&MacroPlan { height: 34, ..base.clone() }, "height 17 at reduction cell 5");
        refused(&MacroPlan { width: 1, ..base }, "width 1 at reduction cell 2");
        let imagenet = MacroPlan::imagenet();
        refused(&MacroPlan { channels: 47, ..imagenet.clone() }, "even `channels`, found 47");
        refused(&MacroPlan { height: 100, ..imagenet }, "height 25 at stem convolution 2");
    }
}
