//! What an image of the built-in set shows: the objects that make its class, and everything that varies freely.
//! All draws but the pixel noise are made here; `paint` turns a scene into bytes.

use super::shape::{Direction, Shape};
use super::texture::{Kind, Texture};
use crate::draw;
use rand_core::Rng;

/// What makes a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A large object of this shape and texture.
    Single(Shape, Kind),
    /// Two like objects of any shape and texture, next to each other as told.
    Pair(Relation),
}

/// How the objects of a pair lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Beside,
    Above,
}

/// The classes in label order.
pub(super) const CLASSES: [(&str, Class); 10] = [
    ("striped disc", Class::Single(Shape::Disc, Kind::Stripes)),
    ("checked disc", Class::Single(Shape::Disc, Kind::Checks)),
    ("checked square", Class::Single(Shape::Square, Kind::Checks)),
    ("dotted square", Class::Single(Shape::Square, Kind::Dots)),
    ("dotted triangle", Class::Single(Shape::Triangle, Kind::Dots)),
    ("clouded triangle", Class::Single(Shape::Triangle, Kind::Clouds)),
    ("clouded cross", Class::Single(Shape::Cross, Kind::Clouds)),
    ("striped cross", Class::Single(Shape::Cross, Kind::Stripes)),
    ("pair side by side", Class::Pair(Relation::Beside)),
    ("pair one above the other", Class::Pair(Relation::Above)),
];

/// Red, green and blue, nominally from 0 to 255; values outside are clipped when painted.
pub(super) type Colour = [f32; 3];

/// A textured object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) shape: Shape,
    pub(super) centre: (f32, f32),
    pub(super) size: f32,
    pub(super) turn: Direction,
    pub(super) texture: Texture,
    pub(super) colour: Colour,
    /// Added for tone 1, subtracted for tone -1.
    pub(super) contrast: Colour,
}

/// A straight bar across the image that hides what lies under it.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) turn: Direction,
    pub(super) centre: (f32, f32),
    pub(super) half_width: f32,
    pub(super) colour: Colour,
}

/// Everything an image shows, back to front.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) ground: Colour,
    pub(super) ground_contrast: Colour,
    pub(super) ground_texture: Texture,
    pub(super) objects: Vec<Object>,
    pub(super) bar: Option<Bar>,
    /// Direction and strength of the lighting: brightness changes by this share from the centre to an edge.
    pub(super) light: (Direction, f32),
    /// Standard deviation of the pixel noise, in steps of a byte.
    pub(super) noise: f32,
}

impl Scene {
    /// Draws a scene of `class`.
    pub(super) fn draw(rng: &mut impl Rng, class: Class) -> Self {
        let ground = colour(rng);
        let ground_kind = pick(rng, &Kind::ALL);
        let ground_scale = draw::between(rng, 0.9, 2.2);
        let ground_texture = Texture::draw(rng, ground_kind, ground_scale);
        let ground_strength = draw::between(rng, 0.0, 24.0);
        let ground_contrast = contrast(rng, ground_strength);
        let mut objects = Vec::with_capacity(5);
        match class {
            Class::Single(shape, kind) => {
                for _ in 0..=draw::below(rng, 2) {
                    objects.push(clutter(rng));
                }
                let centre = (draw::between(rng, 11.0, 21.0), draw::between(rng, 11.0, 21.0));
                let size = draw::between(rng, 8.5, 12.5);
                objects.push(object(rng, shape, kind, centre, size));
            }
            Class::Pair(relation) => {
                for _ in 0..draw::below(rng, 2) {
                    objects.push(clutter(rng));
                }
                let (shape, kind) = (pick(rng, &Shape::ALL), pick(rng, &Kind::ALL));
                let apart = draw::between(rng, 6.5, 8.0);
                let (along, across) = (draw::between(rng, 14.0, 18.0), draw::between(rng, 10.0, 22.0));
                let (paint, difference) = (colour(rng), draw::between(rng, 22.0, 62.0));
                let contrast = contrast(rng, difference);
                for along in [along - apart, along + apart] {
                    let across = across + draw::between(rng, -2.5, 2.5);
                    let centre = match relation {
                        Relation::Beside => (along, across),
                        Relation::Above => (across, along),
                    };
                    let size = draw::between(rng, 5.5, 7.5);
                    objects.push(Object {
                        colour: paint,
                        contrast,
                        ..object(rng, shape, kind, centre, size)
                    });
                }
            }
        }
        let bar = (draw::below(rng, 5) < 2).then(|| Bar {
            turn: Direction::any(rng),
            centre: (draw::between(rng, 4.0, 28.0), draw::between(rng, 4.0, 28.0)),
            half_width: draw::between(rng, 1.0, 2.2),
            colour: colour(rng),
        });
        let light = (Direction::any(rng), draw::between(rng, -0.4, 0.4));
        let noise = draw::between(rng, 4.0, 18.0);
        Self { ground, ground_contrast, ground_texture, objects, bar, light, noise }
    }
}

fn pick<T: Copy>(rng: &mut impl Rng, items: &[T]) -> T {
    items[draw::below(rng, items.len() as u32) as usize]
}

/// A small object of any kind anywhere.
fn clutter(rng: &mut impl Rng) -> Object {
    let (shape, kind) = (pick(rng, &Shape::ALL), pick(rng, &Kind::ALL));
    let centre = (draw::between(rng, 2.0, 30.0), draw::between(rng, 2.0, 30.0));
    let size = draw::between(rng, 3.0, 5.0);
    object(rng, shape, kind, centre, size)
}

fn object(rng: &mut impl Rng, shape: Shape, kind: Kind, centre: (f32, f32), size: f32) -> Object {
    let turn = Direction::near_axis(rng, 0.22);
    let scale = draw::between(rng, 0.9, 1.1);
    let texture = Texture::draw(rng, kind, scale);
    let strength = draw::between(rng, 22.0, 62.0);
    Object { shape, centre, size, turn, texture, colour: colour(rng), contrast: contrast(rng, strength) }
}

fn colour(rng: &mut impl Rng) -> Colour {
    [(); 3].map(|()| draw::between(rng, 40.0, 215.0))
}

/// A difference of colours, about `strength` in each channel, that may change hue but always changes brightness.
fn contrast(rng: &mut impl Rng, strength: f32) -> Colour {
    [(); 3].map(|()| strength * draw::between(rng, 0.4, 1.3))
}
