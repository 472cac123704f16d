//! Who survives: the told objectives handed to one of the selections of `pareto`. How each selection works,
//! and its sources, are written there.

use pareto::reference::{das_dennis, divisions};
use pareto::{Objectives, ReferencePoints, nsga2, nsga3, pnsga3};
use random::Stream;

use super::speed::speeds;
use crate::individual::Individual;
use crate::settings::{LastStage, Selection, Settings};

/// The indices of the survivors, ascending. Everybody has been told their objectives.
pub(super) fn choose<G>(individuals: &[Individual<G>], settings: &Settings, rng: &mut Stream) -> Vec<usize> {
    let told = Told::new(individuals, settings.objectives);
    let keep = settings.population;
    match settings.selection {
        Selection::Pnsga3Released => told.pnsga3(None, settings, rng),
        Selection::Pnsga3Paper => told.pnsga3(speeds(individuals).as_deref(), settings, rng),
        Selection::Nsga3 => nsga3::select(&told.rows(), keep, &reference_points(settings), rng),
        Selection::Nsga2 => nsga2::select(&told.rows(), keep),
    }
}

/// The most Das-Dennis points that do not outnumber the population.
fn reference_points(settings: &Settings) -> ReferencePoints {
    das_dennis(settings.objectives, divisions(settings.objectives, settings.population))
}

/// The objectives of everybody, by row.
struct Told {
    values: Vec<f64>,
    width: usize,
}

impl Told {
    fn new<G>(individuals: &[Individual<G>], width: usize) -> Self {
        let row =
            |one: &'_ Individual<G>| one.objectives.clone().expect("selection begins when everybody is told");
        Self { values: individuals.iter().flat_map(row).collect(), width }
    }

    fn rows(&self) -> Objectives<'_> {
        Objectives::new(&self.values, self.width).expect("told objectives are finite rows")
    }

    fn column(&self, column: usize) -> Vec<f64> {
        self.values.chunks_exact(self.width).map(|row| row[column]).collect()
    }

    /// The paper's variant with a speed, the released one without.
    fn pnsga3(&self, speed: Option<&[f64]>, settings: &Settings, rng: &mut Stream) -> Vec<usize> {
        let error = self.column(0);
        let sizes: Vec<Vec<f64>> = (1..self.width).map(|column| self.column(column)).collect();
        let sizes: Vec<&[f64]> = sizes.iter().map(Vec::as_slice).collect();
        let variant = if speed.is_some() { pnsga3::Variant::Paper } else { pnsga3::Variant::Released };
        let inputs = pnsga3::Inputs { error: &error, sizes: &sizes, speed };
        let sorts =
            pnsga3::Sorts::new(&inputs, variant).expect("told columns are finite and of equal length");
        let points = reference_points(settings);
        let last = match settings.last_stage {
            LastStage::Niching => pnsga3::LastStage::Niching(&points),
            LastStage::Random => pnsga3::LastStage::Random,
        };
        pnsga3::select(&sorts.primary(), &sorts.objectives(), settings.population, last, rng)
    }
}
