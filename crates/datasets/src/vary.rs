//! One training image, varied as its stream says: window, colours, then what `prepare` does in its one pass. Keeps to the
//! law that an image depends on seed, epoch and place in the set alone.

use crate::augmentation::Variation;
use crate::folder::Scratch;
use crate::prepare::write_image;
use crate::scale::{Pixels, Room};
use crate::window::Window;
use crate::{Augmentation, Crop, DatasetError, Folder, ImageSet};

/// What all images of an epoch have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vary<'a> {
    pub(crate) augmentation: &'a Augmentation,
    /// Normalised values, one row a channel.
    pub(crate) table: &'a [[f32; 256]],
    pub(crate) seed: u64,
    pub(crate) epoch: u64,
    /// Height and width of what is written.
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Vary<'_> {
    /// Writes an image of a set.
    pub(crate) fn set(&self, set: &ImageSet, index: usize, room: &mut Room, out: &mut [f32]) {
        self.image(set.pixels_of(index), index, room, out);
    }

    /// Decodes and writes an image of a folder.
    pub(crate) fn file(
        &self,
        folder: &Folder,
        index: usize,
        (decoder, room): &mut Scratch,
        out: &mut [f32],
    ) -> Result<(), DatasetError> {
        let image = match self.augmentation.crop {
            Crop::Padded(_) => folder.central(index, decoder)?,
            Crop::Resized => folder.whole(index, decoder)?,
        };
        self.image(image, index, room, out);
        Ok(())
    }

    /// How an image is moved, mirrored and cut out.
    pub(crate) fn variation(&self, index: usize) -> Variation {
        if *self.augmentation == Augmentation::NONE {
            return Variation::NONE;
        }
        let mut rng = Augmentation::stream(self.seed, self.epoch, index);
        self.augmentation.draw(&mut rng, self.height, self.width)
    }

    fn image(&self, image: Pixels<'_>, index: usize, room: &mut Room, out: &mut [f32]) {
        if self.augmentation.is_drawn_whole() {
            return write_image(image, self.table, self.variation(index), out);
        }
        let mut rng = Augmentation::stream(self.seed, self.epoch, index);
        let variation = self.augmentation.draw(&mut rng, self.height, self.width);
        let colours = self.augmentation.colours.map(|jitter| jitter.draw(&mut rng));
        let shown = match self.augmentation.crop {
            Crop::Padded(_) => room.copy(image),
            Crop::Resized => {
                let window = Window::draw(&mut rng, image.height, image.width);
                room.scale(window, image, self.height, self.width)
            }
        };
        if let Some(colours) = colours {
            colours.apply(shown);
        }
        let image = Pixels { bytes: shown, height: self.height, width: self.width, ..image };
        write_image(image, self.table, variation, out);
    }
}
