//! Which part of an image of any size is shown: the random one of training and the central one of an evaluation. Touches no
//! pixels; `scale` does.

use crate::draw;
use rand_core::Rng;

/// A rectangle of an image, in pixels and parts of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Share of the area, and logarithm of width over height, of random windows.
const AREA: (f32, f32) = (0.08, 1.0);
const RATIO: f64 = 4.0 / 3.0;

/// Draws of a window before the central one is taken.
const ATTEMPTS: usize = 10;

impl Window {
    /// What is left of an image after its shorter side is scaled to `resize` pixels and the central square of `size`
    /// pixels is cut.
    pub(crate) fn centre(height: usize, width: usize, size: usize, resize: usize) -> Self {
        let side = height.min(width) as f64 * size as f64 / resize as f64;
        Self::centred(height, width, side, side)
    }

    /// A window of random area, ratio and place; the largest central one of a near ratio if ten do not fit.
    pub(crate) fn draw(rng: &mut impl Rng, height: usize, width: usize) -> Self {
        let whole = (height * width) as f64;
        for _ in 0..ATTEMPTS {
            let area = whole * f64::from(draw::between(rng, AREA.0, AREA.1));
            let ratio = RATIO.powf(f64::from(draw::between(rng, -1.0, 1.0)));
            let (across, down) = ((area * ratio).sqrt().round(), (area / ratio).sqrt().round());
            if (1.0..=width as f64).contains(&across) && (1.0..=height as f64).contains(&down) {
                let left = draw::below(rng, (width - across as usize) as u32 + 1);
                let top = draw::below(rng, (height - down as usize) as u32 + 1);
                return Self { left: left.into(), top: top.into(), width: across, height: down };
            }
        }
        let (across, down) = (width as f64, height as f64);
        Self::centred(height, width, down.min(across / RATIO), across.min(down * RATIO))
    }

    /// On a grid of 1/1024 pixel, so that no sum is rounded over the edge of the image.
    fn centred(height: usize, width: usize, down: f64, across: f64) -> Self {
        let snap = |value: f64| (value * 1024.0).floor() / 1024.0;
        let (down, across) = (snap(down), snap(across));
        let (left, top) = (snap((width as f64 - across) / 2.0), snap((height as f64 - down) / 2.0));
        Self { left, top, width: across, height: down }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    #[test]
    fn the_centre_is_what_resizing_and_cropping_leaves() {
        let window = Window::centre(256, 512, 224, 256);
        assert_eq!(window, Window { left: 144.0, top: 16.0, width: 224.0, height: 224.0 });
        let window = Window::centre(500, 400, 32, 32);
        assert_eq!(window, Window { left: 0.0, top: 50.0, width: 400.0, height: 400.0 });
    }

    #[test]
    fn random_windows_lie_inside_and_vary_in_area_and_ratio() {
        let (mut areas, mut ratios) = (Vec::new(), Vec::new());
        for index in 0..2_000 {
            let window = Window::draw(&mut stream(1, Purpose::Test, 0, index), 300, 400);
            assert!(window.left >= 0.0 && window.left + window.width <= 400.0, "{window:?}");
            assert!(window.top >= 0.0 && window.top + window.height <= 300.0, "{window:?}");
            areas.push(window.width * window.height / 120_000.0);
            ratios.push(window.width / window.height);
        }
        areas.sort_by(f64::total_cmp);
        ratios.sort_by(f64::total_cmp);
        assert!(areas[0] < 0.1 && areas[0] > 0.07 && areas[1_999] > 0.9, "{} {}", areas[0], areas[1_999]);
        assert!(ratios[0] > 0.73 && ratios[0] < 0.8 && ratios[1_999] > 1.25 && ratios[1_999] < 1.37);
        let square = |index| Window::draw(&mut stream(1, Purpose::Test, 1, index), 400, 400);
        let wide = (0..2_000).map(square).filter(|window| window.width > window.height).count();
        assert!(wide.abs_diff(1_000) < 120, "wide and tall windows are as frequent: {wide}");
    }

    #[test]
    fn a_strip_has_a_central_window() {
        let window = Window::draw(&mut stream(1, Purpose::Test, 0, 0), 1, 1_000);
        assert_eq!((window.height, window.top), (1.0, 0.0));
        assert!((window.width - 4.0 / 3.0).abs() < 1e-3 && (window.left - 499.333).abs() < 2e-3);
    }
}
