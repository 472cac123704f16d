//! Outlines of the built-in set's objects, as approximate signed distances in pixels, and plane directions without
//! trigonometry. Outlines know neither colour nor texture.

use crate::draw;
use rand_core::Rng;

/// The outline of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Disc,
    Square,
    Triangle,
    Cross,
}

impl Shape {
    pub(super) const ALL: [Self; 4] = [Self::Disc, Self::Square, Self::Triangle, Self::Cross];

    /// Distance of `(u, v)` from the outline of a shape of about `size` pixels from its centre to its corners;
    /// negative inside. The factors give all shapes about the same area at the same size.
    pub(super) fn distance(self, size: f32, u: f32, v: f32) -> f32 {
        match self {
            Self::Disc => (u * u + v * v).sqrt() - 0.86 * size,
            Self::Square => u.abs().max(v.abs()) - 0.77 * size,
            Self::Triangle => (0.5 * v + 0.866 * u.abs()).max(-v) - 0.58 * size,
            Self::Cross => {
                let (long, short) = (u.abs().max(v.abs()), u.abs().min(v.abs()));
                (long - 1.02 * size).max(short - 0.36 * size)
            }
        }
    }
}

/// A unit vector; `apply` turns plane coordinates so that it becomes the first axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Direction {
    x: f32,
    y: f32,
}

impl Direction {
    /// Within `turn` (the tangent of half the largest angle) of the first axis.
    pub(super) fn near_axis(rng: &mut impl Rng, turn: f32) -> Self {
        let t = draw::between(rng, -turn, turn);
        let norm = 1.0 + t * t;
        Self { x: (1.0 - t * t) / norm, y: 2.0 * t / norm }
    }

    /// Any direction, up to sign.
    pub(super) fn any(rng: &mut impl Rng) -> Self {
        Self::near_axis(rng, 1.0)
    }

    pub(super) fn apply(self, x: f32, y: f32) -> (f32, f32) {
        (self.x * x + self.y * y, self.x * y - self.y * x)
    }
}
