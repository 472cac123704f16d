//! Batches that a backend makes from bytes: against the definition, bit for bit.

use kernels::{Backend, Draw, Images, KernelError};

use crate::cases::Numbers;
use crate::run::{round, values};

const SIZE: [usize; 3] = [5, 4, 3];
const IMAGES: usize = 7;

/// Shifts that leave the image on every side, mirror images, holes at edges, empty holes. A backend that makes no batches has
/// none to check.
pub fn check<B: Backend>(backend: &B) -> Result<(), String> {
    let [height, width, channels] = SIZE;
    let pixels: Vec<u8> = (0..IMAGES * height * width * channels).map(|at| (at * 37 % 251) as u8).collect();
    let mut table = Numbers::new(8).vec(256 * channels, 1.0, 0.0);
    round(&mut table, backend.precision());
    let set = Images { pixels: &pixels, height, width, channels, table: &table };
    let Some(gallery) = backend.gallery(&set).unwrap() else { return Ok(()) };
    if (gallery.images(), gallery.image_len()) != (IMAGES, height * width * channels) {
        return Err("a gallery counts its images wrongly".to_owned());
    }
    let draws = draws();
    let mut output = backend.feature_map(draws.len() * set.image_len()).unwrap();
    gallery.batch(backend, &draws, &mut output).unwrap();
    let expected: Vec<f32> = draws.iter().flat_map(|draw| image(&set, draw)).collect();
    if values(backend, &output) != expected {
        return Err("a batch differs from what its draws say".to_owned());
    }
    // A shorter one replaces the start only.
    gallery.batch(backend, &draws[3..4], &mut output).unwrap();
    let expected = [&image(&set, &draws[3])[..], &expected[set.image_len()..]].concat();
    if values(backend, &output) != expected {
        return Err("a batch of one image wrote elsewhere".to_owned());
    }
    let missing = Draw { image: IMAGES, ..draws[0] };
    match gallery.batch(backend, &[draws[0], missing], &mut output) {
        Err(KernelError::Image { index: IMAGES, images: IMAGES }) => {}
        other => return Err(format!("an image that is not there: {other:?}")),
    }
    let mut short = backend.feature_map(set.image_len()).unwrap();
    match gallery.batch(backend, &draws[..2], &mut short) {
        Err(KernelError::Length { what: "batch", .. }) => {}
        other => return Err(format!("a batch that does not fit: {other:?}")),
    }
    match backend.gallery(&Images { pixels: &pixels[1..], ..set }) {
        Err(KernelError::Length { what: "pixels of the images", .. }) => Ok(()),
        other => Err(format!("a broken image: {:?}", other.map(|gallery| gallery.is_some()))),
    }
}

fn draws() -> Vec<Draw> {
    let holes = [[0; 4], [0, 2, 0, 4], [4, 5, 3, 4], [1, 4, 2, 2], [0, 5, 0, 1]];
    let mut draws = Vec::new();
    for (at, (down, right)) in
        [(0, 0), (2, -1), (-3, 3), (4, 2), (-1, -3), (1, 0), (0, 1)].into_iter().enumerate()
    {
        for mirrored in [false, true] {
            let at = 2 * at + usize::from(mirrored);
            draws.push(Draw { image: at * 5 % IMAGES, down, right, mirrored, hole: holes[at % holes.len()] });
        }
    }
    draws
}

/// One image of a batch, by the definition.
fn image(set: &Images<'_>, draw: &Draw) -> Vec<f32> {
    let [height, width, channels] = SIZE;
    let [top, bottom, left, right] = draw.hole.map(|edge| edge as usize);
    let mut image = Vec::new();
    for row in 0..height {
        for column in 0..width {
            let seen = if draw.mirrored { width - 1 - column } else { column };
            let y = row.checked_add_signed(draw.down as isize).filter(|&y| y < height);
            let x = seen.checked_add_signed(draw.right as isize).filter(|&x| x < width);
            let in_hole = (top..bottom).contains(&row) && (left..right).contains(&column);
            for channel in 0..channels {
                let byte = match (y, x) {
                    (Some(y), Some(x)) => {
                        set.pixels[((draw.image * height + y) * width + x) * channels + channel]
                    }
                    _ => 0,
                };
                image.push(if in_hole { 0.0 } else { set.table[256 * channel + usize::from(byte)] });
            }
        }
    }
    image
}
