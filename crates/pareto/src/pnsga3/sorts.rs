//! The sorts that pNSGA-III merges, built from plain columns: error, size-like objectives and the speed of accuracy
//! increase. It holds the numbers; `pnsga3::select` sorts them.

use crate::error::ColumnsError;
use crate::objectives::Objectives;

/// Which second sort protects the large networks. Both merge it with (max accuracy, min size).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// What the authors released: (max accuracy, max size). The accuracy reached so far stands in for the speed, since
    /// all individuals have had equally many steps.
    Released,
    /// What the paper describes: (max speed of accuracy increase, max size).
    Paper,
}

/// One column per quantity, one entry per individual.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// 1 − accuracy (any scale; smaller is better).
    pub error: &'a [f64],
    /// Size-like objectives, such as parameters, multiply-adds or latency (smaller is cheaper).
    pub sizes: &'a [&'a [f64]],
    /// Increase of accuracy per generation; needed by [`Variant::Paper`].
    pub speed: Option<&'a [f64]>,
}

/// The matrices of one selection: the primary objectives and, for each size, two sorts.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorts {
    primary: Vec<f64>,
    width: usize,
    pairs: Vec<Vec<f64>>,
}

impl Sorts {
    /// Builds the sorts of `variant`: for each size, (error, size) and then the variant's second sort.
    ///
    /// # Errors
    ///
    /// [`ColumnsError`] if there is no size, a column is too short or too long, a value is NaN, or [`Variant::Paper`]
    /// lacks the speed.
    pub fn new(inputs: &Inputs<'_>, variant: Variant) -> Result<Self, ColumnsError> {
        check(inputs)?;
        let promise = match variant {
            Variant::Released => inputs.error.to_vec(),
            Variant::Paper => inputs.speed.ok_or(ColumnsError::NoSpeed)?.iter().map(|speed| -speed).collect(),
        };
        let zip = |a: &[f64], b: &[f64], sign: f64| -> Vec<f64> {
            a.iter().zip(b).flat_map(|(&x, &y)| [x, sign * y]).collect()
        };
        let pairs =
            inputs.sizes.iter().flat_map(|size| [zip(inputs.error, size, 1.0), zip(&promise, size, -1.0)]);
        let row =
            |i: usize| std::iter::once(inputs.error[i]).chain(inputs.sizes.iter().map(move |size| size[i]));
        Ok(Self {
            primary: (0..inputs.error.len()).flat_map(row).collect(),
            width: 1 + inputs.sizes.len(),
            pairs: pairs.collect(),
        })
    }

    /// The rows (error, size 0, size 1, ...), all minimised: where niching spreads the survivors, and what a front of
    /// the search is a front of.
    pub fn primary(&self) -> Objectives<'_> {
        Objectives::from_checked(&self.primary, self.width)
    }

    /// All sorts to merge, two for each size.
    pub fn objectives(&self) -> Vec<Objectives<'_>> {
        self.pairs.iter().map(|pair| Objectives::from_checked(pair, 2)).collect()
    }
}

fn check(inputs: &Inputs<'_>) -> Result<(), ColumnsError> {
    if inputs.sizes.is_empty() {
        return Err(ColumnsError::NoSizes);
    }
    let sizes = inputs.sizes.iter().enumerate().map(|(k, size)| (format!("size {k}"), *size));
    let speed = inputs.speed.map(|speed| ("speed".to_owned(), speed));
    for (column, values) in std::iter::once(("error".to_owned(), inputs.error)).chain(sizes).chain(speed) {
        let (expected, got) = (inputs.error.len(), values.len());
        if got != expected {
            return Err(ColumnsError::Length { column, expected, got });
        }
        if let Some(row) = values.iter().position(|value| value.is_nan()) {
            return Err(ColumnsError::NotANumber { column, row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_gets_two_sorts() {
        let inputs =
            Inputs { error: &[0.5, 0.25], sizes: &[&[1.0, 2.0], &[8.0, 4.0]], speed: Some(&[0.1, 0.2]) };
        let released = Sorts::new(&inputs, Variant::Released).unwrap();
        assert_eq!(released.primary().values(), [0.5, 1.0, 8.0, 0.25, 2.0, 4.0]);
        let values = |sorts: &Sorts| -> Vec<Vec<f64>> {
            sorts.objectives().iter().map(|sort| sort.values().to_vec()).collect()
        };
        assert_eq!(values(&released)[..2], [[0.5, 1.0, 0.25, 2.0], [0.5, -1.0, 0.25, -2.0]]);
        let paper = Sorts::new(&inputs, Variant::Paper).unwrap();
        assert_eq!(values(&paper)[2..], [[0.5, 8.0, 0.25, 4.0], [-0.1, -8.0, -0.2, -4.0]]);
    }

    #[test]
    fn bad_columns_are_named() {
        let error = |inputs: Inputs<'_>| Sorts::new(&inputs, Variant::Paper).unwrap_err();
        let size: &[f64] = &[1.0, 2.0];
        let good = Inputs { error: &[0.5, 0.25], sizes: &[size], speed: Some(&[0.1, 0.2]) };
        assert_eq!(error(Inputs { sizes: &[], ..good }), ColumnsError::NoSizes);
        assert_eq!(error(Inputs { speed: None, ..good }), ColumnsError::NoSpeed);
        let column = "size 1".to_owned();
        let sizes: [&[f64]; 2] = [size, &[1.0]];
        assert_eq!(
            error(Inputs { sizes: &sizes, ..good }),
            ColumnsError::Length { column, expected: 2, got: 1 }
        );
        let column = "speed".to_owned();
        let speed = Some(&[0.1, f64::NAN][..]);
        assert_eq!(error(Inputs { speed, ..good }), ColumnsError::NotANumber { column, row: 1 });
    }
}
