//! Turns a scene of the built-in set into bytes: background, objects back to front with soft edges, lighting,
//! noise. Additions, multiplications, divisions and square roots only, which every machine rounds alike.

use super::scene::{Bar, Colour, Object, Paint, Scene};
use super::texture::mix;
use rand_core::Rng;

pub(super) const SIDE: usize = 32;
pub(super) const CHANNELS: usize = 3;
/// Bytes of an image.
pub(super) const BYTES: usize = SIDE * SIDE * CHANNELS;

/// An image before it is rounded.
type Canvas = [[Colour; SIDE]; SIDE];

impl Scene {
    /// Paints the scene, drawing the pixel noise from `rng`.
    pub(super) fn paint(&self, rng: &mut impl Rng, image: &mut [u8]) {
        let mut canvas: Canvas = [[self.ground.colour; SIDE]; SIDE];
        each_pixel(&mut canvas, |pixel, x, y| *pixel = self.ground.toned(self.ground_texture.tone(x, y)));
        for object in &self.objects {
            paint_object(&mut canvas, object);
        }
        if let Some(bar) = &self.bar {
            paint_bar(&mut canvas, bar);
        }
        let (direction, strength) = self.light;
        let middle = SIDE as f32 / 2.0;
        each_pixel(&mut canvas, |pixel, x, y| {
            let light = 1.0 + strength * direction.apply(x - middle, y - middle).0 / middle;
            *pixel = pixel.map(|value| value * light);
        });
        // The sum of four uniform bytes, centred, has a standard deviation of 147.8: close to a normal draw.
        let scale = self.noise / 147.8;
        for (byte, value) in image.iter_mut().zip(canvas.as_flattened().as_flattened()) {
            let sum: i32 = rng.next_u32().to_le_bytes().map(i32::from).iter().sum();
            // The cast rounds half up after the shift, and clips to 0..=255.
            *byte = (value + scale * (sum - 510) as f32 + 0.5) as u8;
        }
    }
}

/// Calls `change` with each pixel and the place of its centre.
fn each_pixel(canvas: &mut Canvas, mut change: impl FnMut(&mut Colour, f32, f32)) {
    for (y, row) in canvas.iter_mut().enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            change(pixel, x as f32 + 0.5, y as f32 + 0.5);
        }
    }
}

impl Paint {
    /// The colour at a tone from -1 to 1.
    fn toned(&self, tone: f32) -> Colour {
        std::array::from_fn(|channel| self.colour[channel] + tone * self.contrast[channel])
    }
}

/// Blends `colour` in where `distance` is negative, over one pixel around 0.
fn cover(pixel: &mut Colour, colour: Colour, distance: f32) {
    let share = (0.5 - distance).clamp(0.0, 1.0);
    *pixel = std::array::from_fn(|channel| mix(pixel[channel], colour[channel], share));
}

fn paint_object(canvas: &mut Canvas, object: &Object) {
    each_pixel(canvas, |pixel, x, y| {
        let (x, y) = (x - object.centre.0, y - object.centre.1);
        let (u, v) = object.turn.apply(x, y);
        let distance = object.shape.distance(object.size, u, v);
        if distance < 0.5 {
            cover(pixel, object.paint.toned(object.texture.tone(x, y)), distance);
        }
    });
}

fn paint_bar(canvas: &mut Canvas, bar: &Bar) {
    each_pixel(canvas, |pixel, x, y| {
        let (across, _) = bar.turn.apply(x - bar.centre.0, y - bar.centre.1);
        cover(pixel, bar.colour, across.abs() - bar.half_width);
    });
}
