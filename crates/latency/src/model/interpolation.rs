//! The time of a layer that was never measured, between those of layers that compute the same at other sizes. A guess:
//! those who use it say so.

use std::collections::BTreeMap;

use crate::key::LayerKey;
use crate::milliseconds::Milliseconds;
use crate::statistics::median;

/// On a straight line, in logarithms, between the nearest smaller and larger layer of the same kind and stride;
/// beyond the largest or smallest, proportional to the work. `None` if the table has no layer of that kind.
pub(super) fn between(layers: &BTreeMap<LayerKey, Milliseconds>, key: &LayerKey) -> Option<f64> {
    let wanted = key.work();
    let mut points: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (known, time) in layers.iter().filter(|(known, time)| known.kind() == key.kind() && time.get() > 0.0)
    {
        points.entry(known.work()).or_default().push(time.get());
    }
    let below = points.range(..=wanted).next_back().map(|(&work, times)| (work as f64, median(times)));
    let above = points.range(wanted..).next().map(|(&work, times)| (work as f64, median(times)));
    let wanted = wanted as f64;
    match (below, above) {
        (Some((low, time)), Some((high, _))) if low == high => Some(time),
        (Some((low, at_low)), Some((high, at_high))) => {
            let share = (wanted / low).ln() / (high / low).ln();
            Some(at_low * (at_high / at_low).powf(share))
        }
        (Some((work, time)), None) | (None, Some((work, time))) => Some(time * wanted / work),
        (None, None) => None,
    }
}
