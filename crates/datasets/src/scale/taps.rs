//! The pixels along one axis that each place of a scaled image is a weighted mean of. Touches no pixels.

use std::ops::Range;

/// What the weights of a place add up to.
pub(super) const ONE: u16 = 1 << 15;

/// Taps of all places along an axis.
#[derive(Debug, Default)]
pub(super) struct Taps {
    /// First pixel of each place.
    first: Vec<usize>,
    /// Where the weights of each place begin, and at last where they end.
    begin: Vec<usize>,
    /// The weights of each place, from its first pixel on; the last is not 0.
    weights: Vec<u16>,
    exact: Vec<f64>,
}

impl Taps {
    /// The taps for `places` that share out `len` pixels from `start` on, of the `pixels` there are. The weights are a triangle
    /// as wide as two places, or as two pixels where there are more places than pixels.
    pub(super) fn set(&mut self, start: f64, len: f64, pixels: usize, places: usize) {
        let scale = len / places as f64;
        let support = scale.max(1.0);
        let slope = support.recip();
        self.first.clear();
        self.weights.clear();
        self.begin.clear();
        self.begin.push(0);
        for place in 0..places {
            let centre = start + (place as f64 + 0.5) * scale;
            // Pixels whose centres lie under the triangle.
            let first = (centre - support + 0.5) as usize;
            let end = ((centre + support + 0.5) as usize).min(pixels);
            let weight = |pixel| 1.0 - (pixel as f64 + 0.5 - centre).abs() * slope;
            self.exact.clear();
            self.exact.extend((first..end).map(|pixel| weight(pixel).max(0.0)));
            self.first.push(first);
            self.push_rounded();
        }
    }

    /// Adds the weights of a place, rounded so that they add up to [`ONE`].
    fn push_rounded(&mut self) {
        let begin = self.weights.len();
        let unit = f64::from(ONE) / self.exact.iter().sum::<f64>();
        let (mut left, mut largest) = (i32::from(ONE), begin);
        for &weight in &self.exact {
            let weight = (weight * unit + 0.5) as u16;
            left -= i32::from(weight);
            self.weights.push(weight);
            if weight > self.weights[largest] {
                largest = self.weights.len() - 1;
            }
        }
        self.weights[largest] = (i32::from(self.weights[largest]) + left) as u16;
        while self.weights.last() == Some(&0) {
            self.weights.pop();
        }
        self.begin.push(self.weights.len());
    }

    /// First pixel of a place, and its weights.
    pub(super) fn of(&self, place: usize) -> (usize, &[u16]) {
        (self.first[place], &self.weights[self.begin[place]..self.begin[place + 1]])
    }

    /// Number of places.
    pub(super) fn places(&self) -> usize {
        self.first.len()
    }

    /// The pixels that any place needs.
    pub(super) fn span(&self) -> Range<usize> {
        let Some(last) = self.first.len().checked_sub(1) else { return 0..0 };
        let (first, weights) = self.of(last);
        self.first[0]..first + weights.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_a_triangle_that_adds_up_to_one() {
        let mut taps = Taps::default();
        taps.set(0.0, 8.0, 8, 4);
        assert_eq!((taps.places(), taps.span()), (4, 0..8));
        // Twice as wide as a place: 1/8, 3/8, 3/8, 1/8 in the middle, and what is left of them at the edges.
        let eighth = ONE / 8;
        assert_eq!(taps.of(1), (1, &[eighth, 3 * eighth, 3 * eighth, eighth][..]));
        assert_eq!(taps.of(0), (0, &[14_044, 14_043, 4_681][..]));
        // As many places as pixels: each its own.
        taps.set(2.0, 3.0, 8, 3);
        assert_eq!(taps.of(0), (2, &[ONE][..]));
        // Any window: what is left by rounding is shared out.
        for (start, len, pixels, places) in [(0.3, 5.2, 6, 4), (10.0, 700.0, 900, 3), (1.5, 1.0, 4, 9)] {
            taps.set(start, len, pixels, places);
            for place in 0..places {
                let (first, weights) = taps.of(place);
                assert_eq!(weights.iter().map(|&weight| u32::from(weight)).sum::<u32>(), u32::from(ONE));
                assert!(first + weights.len() <= pixels && weights.last() != Some(&0));
            }
        }
    }
}
