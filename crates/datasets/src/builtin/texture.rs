//! Two-tone textures of the built-in set as functions of the plane, with random turn, phase and period. They know
//! neither outlines nor colours.

use super::shape::Direction;
use crate::draw;
use rand_core::Rng;

/// The kind of a texture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Stripes,
    Checks,
    Dots,
    Clouds,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Stripes, Self::Checks, Self::Dots, Self::Clouds];
}

/// Cells of the lattice that clouds are interpolated on, a power of two.
const LATTICE: usize = 8;

/// A texture with all its random parameters.
#[derive(Debug, Clone)]
pub(super) struct Texture {
    kind: Kind,
    turn: Direction,
    frequency: f32,
    phase: (f32, f32),
    lattice: [[f32; LATTICE]; LATTICE],
}

impl Texture {
    /// A texture of `kind` whose period is `scale` times its usual one.
    pub(super) fn draw(rng: &mut impl Rng, kind: Kind, scale: f32) -> Self {
        let (low, high) = match kind {
            Kind::Stripes => (3.4, 4.4),
            Kind::Checks => (4.4, 5.2),
            Kind::Dots => (5.6, 6.8),
            Kind::Clouds => (2.4, 3.0),
        };
        let turn = Direction::near_axis(rng, 0.4);
        let frequency = 1.0 / (scale * draw::between(rng, low, high));
        let phase = (draw::unit(rng), draw::unit(rng));
        let mut lattice = [[0.0; LATTICE]; LATTICE];
        lattice.iter_mut().flatten().for_each(|value| *value = draw::between(rng, -1.0, 1.0));
        Self { kind, turn, frequency, phase, lattice }
    }

    /// The tone at a point, from -1 to 1.
    pub(super) fn tone(&self, x: f32, y: f32) -> f32 {
        let (a, b) = self.turn.apply(x, y);
        let (a, b) = (a * self.frequency + self.phase.0, b * self.frequency + self.phase.1);
        match self.kind {
            Kind::Stripes => (1.8 * wave(a)).clamp(-1.0, 1.0),
            Kind::Checks => (3.0 * wave(a) * wave(b)).clamp(-1.0, 1.0),
            Kind::Dots => {
                let (p, q) = (a - a.floor() - 0.5, b - b.floor() - 0.5);
                (8.0 * (0.33 - (p * p + q * q).sqrt())).clamp(-1.0, 1.0)
            }
            Kind::Clouds => (1.9 * self.cloud(a, b)).clamp(-1.0, 1.0),
        }
    }

    /// Smooth noise: lattice values, interpolated.
    fn cloud(&self, a: f32, b: f32) -> f32 {
        let (p, q) = (smooth(a - a.floor()), smooth(b - b.floor()));
        let cell = |value: f32| (value.floor() as i32).rem_euclid(LATTICE as i32) as usize;
        let (row, column) = (cell(b), cell(a));
        let (below, right) = ((row + 1) % LATTICE, (column + 1) % LATTICE);
        let upper = mix(self.lattice[row][column], self.lattice[row][right], p);
        let lower = mix(self.lattice[below][column], self.lattice[below][right], p);
        mix(upper, lower, q)
    }
}

/// A triangle wave of period 1 between -1 and 1.
fn wave(x: f32) -> f32 {
    4.0 * (x - x.floor() - 0.5).abs() - 1.0
}

/// A cubic step from 0 to 1.
fn smooth(x: f32) -> f32 {
    x * x * (3.0 - 2.0 * x)
}

/// From `low` to `high` as `share` goes from 0 to 1.
pub(super) fn mix(low: f32, high: f32, share: f32) -> f32 {
    low + (high - low) * share
}
