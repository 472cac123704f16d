//! Training batches on their way to the backend: as numbers that the loader has made, or, where the backend holds the set
//! itself, as the draws that they are made from. Both give the same bits.

use std::sync::Arc;

use datasets::{Batch, Hole, Loader, LoaderConfig, Variation};
use supernet::{Backend, Draw, Gallery, Images, Pixels, SupernetError};

use super::RunError;

/// A set on the backend, if it holds one.
pub(crate) type Held<B> = Option<Box<dyn Gallery<B>>>;

/// The loader of the images at `indices`, and the set where `hold` has taken it. It is only asked to take one in memory, of
/// which draws say all.
pub(crate) fn open<B: Backend>(
    set: datasets::Images,
    indices: Vec<usize>,
    config: LoaderConfig,
    hold: impl FnOnce(&Images<'_>) -> Result<Held<B>, SupernetError>,
) -> Result<(Loader, Held<B>), RunError> {
    if let datasets::Images::Memory(set) = &set
        && config.augmentation.is_drawn_whole()
    {
        let table = config.normalisation.table().concat();
        let (pixels, [height, width, channels]) = (&set.pixels, [set.height, set.width, set.channels]);
        let held = hold(&Images { pixels, height, width, channels, table: &table })?;
        if held.is_some() {
            return Ok((Loader::of_draws(Arc::clone(set), indices, config)?, held));
        }
    }
    Ok((Loader::new(set, indices, config)?, None))
}

/// The draws of a batch as a backend takes them.
pub(crate) fn draws(batch: &Batch) -> Vec<Draw> {
    let draw = |drawn: &datasets::Draw| {
        let Variation { down, right, mirrored, hole } = drawn.variation;
        let hole =
            hole.map(|Hole { top, bottom, left, right }| [top, bottom, left, right].map(|edge| edge as u32));
        Draw {
            image: drawn.image,
            down: down as i32,
            right: right as i32,
            mirrored,
            hole: hole.unwrap_or_default(),
        }
    };
    batch.draws.iter().map(draw).collect()
}

/// What a training step reads.
pub(crate) fn pixels<'a, B: Backend>(
    held: Option<&'a dyn Gallery<B>>,
    batch: &'a Batch,
    draws: &'a [Draw],
) -> Pixels<'a, B> {
    match held {
        Some(gallery) => Pixels::Drawn(gallery, draws),
        None => Pixels::Host(&batch.images),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_goes_to_the_backend_whole() {
        let hole = Some(Hole { top: 1, bottom: 2, left: 3, right: 4 });
        let variation = Variation { down: -3, right: 2, mirrored: true, hole };
        let plain = datasets::Draw { image: 0, variation: Variation::NONE };
        let batch = Batch { draws: vec![datasets::Draw { image: 9, variation }, plain], ..Batch::default() };
        let expected = Draw { image: 9, down: -3, right: 2, mirrored: true, hole: [1, 2, 3, 4] };
        let unvaried = Draw { image: 0, down: 0, right: 0, mirrored: false, hole: [0; 4] };
        assert_eq!(draws(&batch), [expected, unvaried]);
    }
}
