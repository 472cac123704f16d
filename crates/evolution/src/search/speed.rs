//! The speed of accuracy increase, second axis of the paper's pNSGA-III (arXiv 1909.04977). The
//! paper names it and gives no formula; the one used here is stated at [`speeds`]. How it is sorted by is
//! told in `survivors.rs`.

use crate::individual::{Individual, IndividualId, Origin};

/// The speed of every individual, or `None` while nobody has been evaluated twice.
///
/// - An individual with two evaluations: v = accuracy(now) - accuracy(before), the training between them
///   being one generation's in the CARS loop.
/// - One evaluated once has no history of its own. A mutant takes the speed of its parent, a crossover the
///   mean of its parents' (of one, if only that is known), everybody else the mean of all known speeds.
///
/// `individuals` ascend by name.
pub(super) fn speeds<G>(individuals: &[Individual<G>]) -> Option<Vec<f64>> {
    let own: Vec<Option<f64>> = individuals.iter().map(Individual::speed).collect();
    let mean_of_all = mean(own.iter().copied().flatten())?;
    let of = |id: IndividualId| {
        let at = individuals.binary_search_by_key(&id, |individual| individual.id).ok()?;
        own[at]
    };
    let inherited = |origin| match origin {
        Origin::Mutation { parent } => of(parent),
        Origin::Crossover { parents } => mean(parents.into_iter().filter_map(of)),
        Origin::Initial | Origin::Random => None,
    };
    let all = individuals.iter().zip(&own);
    Some(all.map(|(one, own)| own.or_else(|| inherited(one.origin)).unwrap_or(mean_of_all)).collect())
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::individual::Generation;

    fn individual(id: u64, origin: Origin, errors: &[f64]) -> Individual<()> {
        let (now, before) = match *errors {
            [before, now] => (Some(now), Some(before)),
            [now] => (Some(now), None),
            _ => (None, None),
        };
        Individual {
            id: IndividualId(id),
            genotype: (),
            origin,
            born: Generation(0),
            objectives: now.map(|error| vec![error, 1.0]),
            previous_error: before,
        }
    }

    #[test]
    fn without_history_there_is_no_speed() {
        assert_eq!(
            speeds(&[individual(0, Origin::Initial, &[0.5]), individual(1, Origin::Random, &[0.5])]),
            None
        );
    }

    #[test]
    fn offspring_inherit() {
        let mutant = |parent| Origin::Mutation { parent: IndividualId(parent) };
        let crossed = |a, b| Origin::Crossover { parents: [IndividualId(a), IndividualId(b)] };
        let family = [
            individual(2, Origin::Initial, &[0.75, 0.5]),   // 0.25
            individual(3, Origin::Initial, &[0.5, 0.5625]), // -0.0625
            individual(5, Origin::Initial, &[0.5]),         // mean of all: 0.09375
            individual(7, mutant(2), &[0.9]),
            individual(8, crossed(2, 3), &[0.9]),
            individual(9, crossed(5, 3), &[0.9]), // only one parent has a history
            individual(10, mutant(5), &[0.9]),    // the parent has none
            individual(11, mutant(4), &[0.9]),    // the parent is gone
            individual(12, Origin::Random, &[0.9]),
            individual(13, mutant(2), &[0.5, 0.25]), // its own history comes first
        ];
        let all = (0.25 - 0.0625 + 0.25) / 3.0;
        let expected = [0.25, -0.0625, all, 0.25, 0.09375, -0.0625, all, all, all, 0.25];
        assert_eq!(speeds(&family).unwrap(), expected);
    }
}
