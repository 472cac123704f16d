//! Evolutionary search by ask and tell, as CARS evolves architectures on shared weights (arXiv 1909.04977,
//! CVPR 2020, algorithm 1): variation of genotypes over any search space, and survivor selection. This crate
//! does not know tensors, training, files or clocks, nor how an objective is measured.
//!
//! One generation of the continuous loop, with `measure` standing for whatever evaluates a genotype:
//!
//! ```
//! use evolution::{Search, Settings};
//! use space::{DartsSpace, Genotype, MacroPlan, Plan};
//!
//! fn measure(genotype: &Genotype) -> Result<Vec<f64>, space::Error> {
//!     let parameters = Plan::stand_alone(genotype, &MacroPlan::search())?.parameters() as f64;
//!     Ok(vec![1e4 / parameters, parameters]) // error, size: both minimised
//! }
//!
//! let settings = Settings { population: 8, ..Settings::default() }.check()?;
//! let mut search = Search::new(DartsSpace::default(), settings, 1)?;
//! for _ in 0..3 {
//!     search.invalidate(); // the shared weights were trained: what was told before is out of date
//!     search.breed()?;
//!     for (index, genotype) in search.ask() {
//!         search.tell(index, measure(&genotype)?)?;
//!     }
//!     search.select()?;
//! }
//! assert_eq!(search.population().len(), 8);
//! assert!(!search.front().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod settings;

pub mod variation;

mod individual;
mod search;
mod snapshot;

mod error;

pub use error::{EvolutionError, SnapshotProblem};
pub use individual::{Generation, Individual, IndividualId, Origin};
pub use search::{Brood, Search};
pub use settings::{CheckedSettings, LastStage, Mix, Selection, Settings};
pub use snapshot::Snapshot;
