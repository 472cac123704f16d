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

/// The two colours of a texture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) colour: Colour,
    /// Added to the colour for tone 1, subtracted for tone -1.
    pub(super) contrast: Colour,
}

/// A textured object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) shape: Shape,
    pub(super) centre: (f32, f32),
    pub(super) size: f32,
    pub(super) turn: Direction,
    pub(super) texture: Texture,
    pub(super) paint: Paint,
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
    pub(super) ground: Paint,
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
        let brightness = draw::between(rng, 55.0, 200.0);
        let ground_kind = pick(rng, &Kind::ALL);
        let ground_scale = draw::between(rng, 0.9, 2.2);
        let ground_texture = Texture::draw(rng, ground_kind, ground_scale);
        let ground_strength = draw::between(rng, 0.0, 8.0);
        let ground = Paint { colour: colour(rng, brightness), contrast: contrast(rng, ground_strength) };
        let mut objects = Vec::with_capacity(4);
        for _ in 0..draw::below(rng, 3) {
            objects.push(clutter(rng, brightness));
        }
        let paint = Paint::draw(rng, brightness);
        match class {
            Class::Single(shape, kind) => {
                let centre = (draw::between(rng, 12.0, 20.0), draw::between(rng, 12.0, 20.0));
                let size = draw::between(rng, 10.5, 14.0);
                objects.push(Object::draw(rng, shape, kind, centre, size, paint));
            }
            Class::Pair(relation) => {
                let (shape, kind) = (pick(rng, &Shape::ALL), pick(rng, &Kind::ALL));
                let apart = draw::between(rng, 6.5, 8.0);
                let (along, across) = (draw::between(rng, 14.0, 18.0), draw::between(rng, 10.0, 22.0));
                for along in [along - apart, along + apart] {
                    let across = across + draw::between(rng, -2.5, 2.5);
                    let centre = match relation {
                        Relation::Beside => (along, across),
                        Relation::Above => (across, along),
                    };
                    let size = draw::between(rng, 5.5, 7.5);
                    objects.push(Object::draw(rng, shape, kind, centre, size, paint));
                }
            }
        }
        let bar = (draw::below(rng, 5) == 0).then(|| Bar::draw(rng));
        let light = (Direction::any(rng), draw::between(rng, -0.25, 0.25));
        let noise = draw::between(rng, 2.0, 7.0);
        Self { ground, ground_texture, objects, bar, light, noise }
    }
}

impl Paint {
    /// Colours that stand out from a ground of this brightness.
    fn draw(rng: &mut impl Rng, ground: f32) -> Self {
        let apart = draw::between(rng, 50.0, 110.0);
        let brightness = if ground > 127.5 { ground - apart } else { ground + apart };
        let strength = draw::between(rng, 42.0, 66.0);
        Self { colour: colour(rng, brightness), contrast: contrast(rng, strength) }
    }
}

impl Object {
    fn draw(
        rng: &mut impl Rng,
        shape: Shape,
        kind: Kind,
        centre: (f32, f32),
        size: f32,
        paint: Paint,
    ) -> Self {
        let turn = Direction::near_axis(rng, 0.16);
        let scale = draw::between(rng, 0.9, 1.1);
        let texture = Texture::draw(rng, kind, scale);
        Self { shape, centre, size, turn, texture, paint }
    }
}

impl Bar {
    fn draw(rng: &mut impl Rng) -> Self {
        let turn = Direction::any(rng);
        let centre = (draw::between(rng, 4.0, 28.0), draw::between(rng, 4.0, 28.0));
        let half_width = draw::between(rng, 1.0, 2.2);
        let brightness = draw::between(rng, 55.0, 200.0);
        Self { turn, centre, half_width, colour: colour(rng, brightness) }
    }
}

/// A small object of any kind anywhere.
fn clutter(rng: &mut impl Rng, ground: f32) -> Object {
    let (shape, kind) = (pick(rng, &Shape::ALL), pick(rng, &Kind::ALL));
    let centre = (draw::between(rng, 2.0, 30.0), draw::between(rng, 2.0, 30.0));
    let size = draw::between(rng, 2.5, 4.5);
    let paint = Paint::draw(rng, ground);
    Object::draw(rng, shape, kind, centre, size, paint)
}

fn pick<T: Copy>(rng: &mut impl Rng, items: &[T]) -> T {
    items[draw::below(rng, items.len() as u32) as usize]
}

/// A colour of about this brightness and of any, seldom strong, hue.
fn colour(rng: &mut impl Rng, brightness: f32) -> Colour {
    [(); 3].map(|()| brightness + draw::between(rng, -35.0, 35.0))
}

/// A difference of colours of about `strength` in each channel: it may change hue but always changes brightness.
fn contrast(rng: &mut impl Rng, strength: f32) -> Colour {
    [(); 3].map(|()| strength * draw::between(rng, 0.6, 1.2))
}
