//! Inputs half as wide as a vector, as the nodes of a narrow cell are: two of them side by side fill the vectors of one block of
//! planes, without a detour through memory.

use super::entry::Entry;
use super::finish::Affine;
use super::planes::{InputGradients, Inputs, Move, each_pixel};
use super::vector::{Vector, prefetch};
use crate::{Activation, Store};

/// Whether the inputs are halves of vectors and come in pairs.
#[inline(always)]
pub(super) fn are_all<const L: usize>(inputs: &Inputs<'_>) -> bool {
    inputs.channels.len().is_multiple_of(2) && inputs.channels.iter().all(|channels| 2 * channels == L)
}

/// Loads pairs of inputs, as `planes::load` does.
#[inline(always)]
pub(super) fn load<V: Vector<L>, const L: usize>(inputs: &Inputs<'_>, movement: Move, to: &mut [[f32; L]]) {
    let half = L / 2;
    let ahead = movement.ahead(half);
    for (first, to) in pairs(inputs).zip(to.chunks_mut(movement.planes.plane)) {
        let [low, high] = [first, first + 1].map(|input| inputs.image(input, movement.image));
        let entry = entry::<V, L>(inputs, first);
        each_pixel!(movement, dense, planes, {
            let at = dense * half;
            prefetch(low, at + ahead);
            prefetch(high, at + ahead);
            to[planes] = entry.of(V::load_halves(&low[at..], &high[at..])).to_array();
        });
    }
}

/// Stores the gradients of pairs of inputs, as `planes::store_gradient` does.
#[inline(always)]
pub(super) fn store_gradient<V: Vector<L>, const L: usize>(
    inputs: &Inputs<'_>,
    movement: Move,
    from: &[[f32; L]],
    gradients: &mut InputGradients<'_, '_>,
) {
    let half = L / 2;
    let InputGradients { slices, within, stores } = gradients;
    let image = *within * inputs.pixels * half;
    for (first, from) in pairs(inputs).zip(from.chunks(movement.planes.plane)) {
        let [low_values, high_values] = [first, first + 1].map(|input| inputs.image(input, movement.image));
        let entry = entry::<V, L>(inputs, first);
        let (head, tail) = slices.split_at_mut(first + 1);
        let (low, high) = (&mut head[first][image..], &mut tail[0][image..]);
        let stores = [stores[first], stores[first + 1]];
        each_pixel!(movement, dense, planes, {
            let at = dense * half;
            let (low, high) = (&mut low[at..], &mut high[at..]);
            let values = V::load_halves(&low_values[at..], &high_values[at..]);
            let gradient = entry.back(V::from_array(from[planes]), values);
            let before = match stores {
                [Store::Write, Store::Write] => V::splat(0.0),
                [Store::Write, Store::Add] => V::load_halves(&[0.0; L], high),
                [Store::Add, Store::Write] => V::load_halves(low, &[0.0; L]),
                [Store::Add, Store::Add] => V::load_halves(low, high),
            };
            gradient.add(before).store_halves(low, high);
        });
    }
}

/// The first input of each pair.
#[inline(always)]
fn pairs(inputs: &Inputs<'_>) -> impl Iterator<Item = usize> + use<> {
    (0..inputs.channels.len()).step_by(2)
}

/// What a pair of inputs still needs.
#[inline(always)]
fn entry<V: Vector<L>, const L: usize>(inputs: &Inputs<'_>, first: usize) -> Entry<V> {
    let zeros: &[f32] = &[0.0; L];
    let ones: &[f32] = &[1.0; L];
    let norms = [inputs.norms[first], inputs.norms[first + 1]];
    let [low, high] = norms.map(|norm| match norm {
        Some(Affine { mean, scale, shift, .. }) => [mean, scale, shift],
        None => [zeros, ones, zeros],
    });
    let norm =
        [V::load_halves(low[0], high[0]), V::load_halves(low[1], high[1]), V::load_halves(low[2], high[2])];
    let is_needed = norms.iter().any(Option::is_some);
    Entry { norm: is_needed.then_some(norm), relu: inputs.activation == Activation::Relu }
}
