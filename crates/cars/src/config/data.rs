//! The images that a config names, in one form for searching and for training: what a network is made for, how images in
//! files are made one size, and how all are varied. Reads no files; whether these agree is found out when they are loaded.

use std::path::Path;

use datasets::{Augmentation, ColourJitter, Corrupt, Crop, Flip, KEPT_BYTES};
use serde::{Deserialize, Serialize};
use space::MacroPlan;

use super::rules::{MANY, files, within};
use super::{ConfigError, DataConfig, NetworkConfig, RecipeData, Source};

/// Which part of a training image is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CropKind {
    /// A window of the image's own size, moved by up to `data.padding` pixels.
    Pad,
    /// A window of 8 to 100 % of the area, scaled to `data.size`: for images larger than the network takes.
    Resized,
}

/// About what the listing of a folder takes for a file, in bytes.
const LISTED: usize = 60;

/// The keys of `[data]` that every kind of run has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageSettings<'a> {
    pub(crate) source: Source,
    pub(crate) dir: Option<&'a Path>,
    classes: usize,
    size: usize,
    resize: usize,
    crop: CropKind,
    padding: usize,
    flip: bool,
    colour_jitter: f64,
    cutout: usize,
    skip_corrupt: bool,
}

impl DataConfig {
    pub(crate) fn images(&self) -> ImageSettings<'_> {
        let &Self { source, classes, size, resize, crop, padding, flip, colour_jitter, skip_corrupt, .. } =
            self;
        let (dir, cutout) = (self.dir.as_deref(), 0);
        ImageSettings {
            source,
            dir,
            classes,
            size,
            resize,
            crop,
            padding,
            flip,
            colour_jitter,
            cutout,
            skip_corrupt,
        }
    }
}

impl RecipeData {
    pub(crate) fn images(&self) -> ImageSettings<'_> {
        let &Self { source, classes, size, resize, crop, padding, flip, colour_jitter, skip_corrupt, .. } =
            self;
        let (dir, cutout) = (self.dir.as_deref(), self.cutout);
        ImageSettings {
            source,
            dir,
            classes,
            size,
            resize,
            crop,
            padding,
            flip,
            colour_jitter,
            cutout,
            skip_corrupt,
        }
    }
}

impl ImageSettings<'_> {
    /// Side of an image that the network takes.
    pub(crate) fn size(&self) -> usize {
        match (self.size, self.source) {
            (0, Source::BuiltIn | Source::Cifar10 | Source::Cifar100) => 32,
            (0, Source::Idx) => 28,
            (0, Source::Folder) => 224,
            (size, _) => size,
        }
    }

    /// Pixels of the shorter side of an evaluated image before its centre is cut.
    pub(crate) fn resize(&self) -> usize {
        match (self.resize, self.crop) {
            (0, CropKind::Pad) => self.size(),
            // The ratio of ImageNet evaluations: 256 for 224.
            (0, CropKind::Resized) => self.size() * 8 / 7,
            (resize, _) => resize,
        }
    }

    fn channels(&self) -> usize {
        if self.source == Source::Idx { 1 } else { 3 }
    }

    pub(crate) fn classes(&self) -> usize {
        match (self.classes, self.source) {
            (0, Source::BuiltIn | Source::Cifar10 | Source::Idx) => 10,
            (0, Source::Cifar100) => 100,
            (classes, _) => classes,
        }
    }

    pub(crate) fn corrupt(&self) -> Corrupt {
        if self.skip_corrupt { Corrupt::Skip } else { Corrupt::Refuse }
    }

    /// Whether training reads the same pixels of a file in every epoch, so that they are worth keeping.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.crop == CropKind::Pad
    }

    /// Bytes that so many training images take in memory, beside what batches take.
    pub(crate) fn memory(&self, images: usize) -> usize {
        let [pixels, label_and_place] = [self.size() * self.size() * self.channels(), 1 + 8];
        let is_streamed =
            self.source == Source::Folder && !(self.is_worth_keeping() && images * pixels <= KEPT_BYTES);
        images * if is_streamed { LISTED } else { pixels + label_and_place }
    }

    /// The frame of a network for these images, not yet checked.
    pub(crate) fn frame(&self, network: &NetworkConfig) -> MacroPlan {
        MacroPlan {
            stem: network.stem,
            height: self.size(),
            width: self.size(),
            input_channels: self.channels(),
            classes: self.classes(),
            ..MacroPlan::custom(network.channels, network.cells)
        }
    }

    /// How training images are varied.
    pub(crate) fn augmentation(&self) -> Augmentation {
        Augmentation {
            crop: match self.crop {
                CropKind::Pad => Crop::Padded(self.padding),
                CropKind::Resized => Crop::Resized,
            },
            colours: (self.colour_jitter > 0.0)
                .then_some(ColourJitter { strength: self.colour_jitter as f32 }),
            flip: if self.flip { Flip::Horizontal } else { Flip::Never },
            cutout: (self.cutout > 0).then_some(self.cutout),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        files(self.source, self.dir)?;
        let fixed = |key: &str, given: usize, is: usize| {
            let name = self.source.name();
            let reason = format!("the images of data.source = \"{name}\" have {is}; leave it out");
            within(key, given, is..=is, &reason)
        };
        match self.source {
            Source::BuiltIn | Source::Cifar10 | Source::Cifar100 => {
                fixed("data.size", self.size(), 32)?;
                let classes = if self.source == Source::Cifar100 { 100 } else { 10 };
                fixed("data.classes", self.classes(), classes)?;
            }
            Source::Idx => within("data.classes", self.classes(), 2..=256, "expected 2 to 256")?,
            Source::Folder => {
                let reason = "expected the number of folders of classes, at least 2; `cars data check DIR` counts them";
                within("data.classes", self.classes(), 2..=1 << 20, reason)?;
            }
        }
        let size = self.size();
        within("data.size", size, 2..=1024, "expected 2 to 1024")?;
        let reason = format!("expected data.size = {size} to 4096");
        within("data.resize", self.resize(), size..=4096, &reason)?;
        let reason = format!("expected at most {}, one less than the image's side", size - 1);
        within("data.padding", self.padding, ..size, &reason)?;
        let reason = format!("expected at most {}, twice the image's side", 2 * size);
        within("data.cutout", self.cutout, ..=2 * size, &reason)?;
        let jitter = self.colour_jitter;
        within("data.colour_jitter", jitter, 0.0..=1.0, "expected 0 (none) to 1; DARTS has 0.4 on ImageNet")?;
        if jitter > 0.0 && self.channels() != 3 {
            return Err(ConfigError::invalid(
                "data.colour_jitter",
                jitter,
                "grey images have no colours; expected 0",
            ));
        }
        Ok(())
    }

    /// Checks a number of images asked for of a part that has `there`, if that is known before its files are read.
    pub(crate) fn check_count(
        &self,
        key: &str,
        asked: usize,
        there: Option<usize>,
    ) -> Result<(), ConfigError> {
        match (self.source, there) {
            (Source::BuiltIn, _) => {
                within(key, asked, 1..=MANY, "expected 1 to 10000000 (only files have a whole to take)")
            }
            (_, None) => within(key, asked, ..=MANY, "expected at most 10000000"),
            (_, Some(there)) => within(key, asked, ..=there, &format!("expected at most {there}")),
        }
    }
}
