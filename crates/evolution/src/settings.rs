//! The settings of a search, raw and checked. The defaults are those of the CARS paper and its released code
//! (arXiv 1909.04977). Training, and what the objectives are, is set elsewhere.

use serde::{Deserialize, Serialize};

use crate::error::EvolutionError;

/// Settings as written by a person; [`Settings::check`] turns them into something that can run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// How many individuals survive a generation (N of the paper).
    pub population: usize,
    /// Offspring a generation, as a multiple of the population (t of the paper).
    pub offspring_ratio: f64,
    /// How offspring come about.
    pub mix: Mix,
    /// The probability with which variation replaces a gene (a node of the cells).
    pub gene_probability: f64,
    /// How many objectives an individual has: the error, then one or more sizes.
    pub objectives: usize,
    /// How survivors are chosen.
    pub selection: Selection,
    /// How the stage that does not fit is cut; pNSGA-III only, the others fix it themselves.
    pub last_stage: LastStage,
}

/// The shares of offspring that mutation and crossover make; the rest are fresh random individuals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mix {
    /// The share of mutants.
    pub mutation: f64,
    /// The share of crossovers.
    pub crossover: f64,
}

/// A survivor selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// pNSGA-III as the authors released it: fronts of (low error, small) and of (low error, large), merged
    /// stage by stage.
    Pnsga3Released,
    /// pNSGA-III as the paper words it: the second fronts are of (fast increase of accuracy, large). While no
    /// individual has been evaluated twice there is no speed, and the released selection stands in.
    Pnsga3Paper,
    /// NSGA-III (Deb & Jain 2014) on the objectives as told.
    Nsga3,
    /// NSGA-II (Deb et al. 2002) on the objectives as told.
    Nsga2,
}

/// How pNSGA-III cuts the first stage that does not fit whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastStage {
    /// By niches around reference points, as in NSGA-III.
    Niching,
    /// Uniformly at random, as in the released code.
    Random,
}

impl Selection {
    /// The name in configs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pnsga3Released => "pnsga3-released",
            Self::Pnsga3Paper => "pnsga3-paper",
            Self::Nsga3 => "nsga3",
            Self::Nsga2 => "nsga2",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            population: 128,
            offspring_ratio: 1.0,
            mix: Mix::default(),
            gene_probability: 0.5,
            objectives: 2,
            selection: Selection::Pnsga3Released,
            last_stage: LastStage::Niching,
        }
    }
}

impl Default for Mix {
    fn default() -> Self {
        Self { mutation: 0.25, crossover: 0.25 }
    }
}

impl Settings {
    /// Checks every field and names the first that is out of range.
    pub fn check(self) -> Result<CheckedSettings, EvolutionError> {
        let fault = |field, found: f64, expected| Err(EvolutionError::Setting { field, found, expected });
        let share = 0.0..=1.0;
        if self.population == 0 {
            return fault("population", 0.0, "at least 1");
        }
        if !(self.offspring_ratio > 0.0 && self.offspring_ratio <= MOST_OFFSPRING) {
            return fault("offspring-ratio", self.offspring_ratio, "above 0 and at most 1000");
        }
        if !share.contains(&self.mix.mutation) {
            return fault("mix.mutation", self.mix.mutation, "between 0 and 1");
        }
        if !share.contains(&self.mix.crossover) {
            return fault("mix.crossover", self.mix.crossover, "between 0 and 1");
        }
        if self.mix.mutation + self.mix.crossover > 1.0 {
            return fault(
                "mix",
                self.mix.mutation + self.mix.crossover,
                "mutation and crossover together at most 1",
            );
        }
        if !share.contains(&self.gene_probability) {
            return fault("gene-probability", self.gene_probability, "between 0 and 1");
        }
        if self.objectives < 2 {
            return fault("objectives", self.objectives as f64, "at least 2: the error and one size");
        }
        let offspring = (self.population as f64 * self.offspring_ratio).round().max(1.0) as usize;
        Ok(CheckedSettings { settings: self, offspring })
    }
}

/// A thousand times the population is far beyond any published setting, and catches a slipped decimal point.
const MOST_OFFSPRING: f64 = 1000.0;

/// Settings that passed [`Settings::check`]: the only ones a search runs with.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSettings {
    settings: Settings,
    offspring: usize,
}

impl CheckedSettings {
    /// The settings as they were given.
    pub const fn raw(&self) -> &Settings {
        &self.settings
    }

    /// How many offspring a generation has: the ratio times the population, rounded, at least 1.
    pub const fn offspring(&self) -> usize {
        self.offspring
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_papers() {
        let checked = Settings::default().check().unwrap();
        assert_eq!((checked.raw().population, checked.offspring()), (128, 128));
    }

    #[test]
    fn each_fault_names_its_field() {
        let check = |settings: Settings, expected: &str| {
            let message = settings.check().unwrap_err().to_string();
            assert!(message.contains(&format!("`{expected}`")), "{message}");
        };
        let default = Settings::default;
        check(Settings { population: 0, ..default() }, "population");
        check(Settings { offspring_ratio: 0.0, ..default() }, "offspring-ratio");
        check(Settings { offspring_ratio: f64::NAN, ..default() }, "offspring-ratio");
        check(Settings { offspring_ratio: f64::INFINITY, ..default() }, "offspring-ratio");
        check(Settings { mix: Mix { mutation: -0.1, crossover: 0.2 }, ..default() }, "mix.mutation");
        check(Settings { mix: Mix { mutation: 0.1, crossover: f64::NAN }, ..default() }, "mix.crossover");
        check(Settings { mix: Mix { mutation: 0.6, crossover: 0.6 }, ..default() }, "mix");
        check(Settings { gene_probability: 1.5, ..default() }, "gene-probability");
        check(Settings { objectives: 1, ..default() }, "objectives");
    }

    #[test]
    fn a_small_ratio_still_breeds() {
        let settings = Settings { population: 3, offspring_ratio: 0.1, ..Settings::default() };
        assert_eq!(settings.check().unwrap().offspring(), 1);
    }
}
