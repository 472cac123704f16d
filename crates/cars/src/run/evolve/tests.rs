//! A stop in the middle of a generation that ranks share.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::config::CheckedConfig;
use crate::observe::Observer;
use crate::run::team::threads::together;
use crate::run::tests::small;
use crate::run::{Entry, Hardware, Outcome, Reduction, Team, follow, lead, start};
use crate::run_dir::RunDir;

/// So many individuals that a rank scores its share in more than one group.
fn config() -> CheckedConfig {
    let mut config = small();
    config.training.paths_per_step = 2;
    config.evolution.population = 70;
    config.check().unwrap()
}

/// Asks for a stop as soon as it hears that some of a generation are evaluated.
struct Impatient(Arc<AtomicBool>);

impl Observer for Impatient {
    fn event(&mut self, event: &Event) {
        if matches!(event, Event::Evaluating(Evaluating { done, total }) if done < total) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Two ranks on the run in this directory; rank 0 is impatient if it is `to_stop`.
fn with_two(path: &Path, entry: Entry, to_stop: bool) -> Vec<Outcome> {
    together(2, |cluster| {
        let team = Team::new(cluster, Reduction::Fixed);
        let stop = Arc::new(AtomicBool::new(false));
        if cluster.rank() != 0 {
            return follow(team, &Hardware::default(), &stop).unwrap();
        }
        let mut observers: Vec<Box<dyn Observer>> = Vec::new();
        if to_stop {
            observers.push(Box::new(Impatient(Arc::clone(&stop))));
        }
        lead(team, RunDir::open(path).unwrap(), entry, &Hardware::default(), &mut observers, &stop).unwrap()
    })
}

#[test]
fn ranks_stop_together_within_a_generation_and_go_on_to_the_undisturbed_end() {
    let folder = tempfile::tempdir().unwrap();
    let directory = |name: &str| RunDir::create(&folder.path().join(name), &config()).unwrap();
    let stop = AtomicBool::new(false);
    let undisturbed = start(directory("alone"), &Hardware::default(), &mut [], &stop).unwrap();
    drop(directory("shared"));
    let shared = folder.path().join("shared");
    assert_eq!(with_two(&shared, Entry::Fresh, true), [Outcome::Interrupted, Outcome::Interrupted]);
    let evaluated = |event: &Event| matches!(event, Event::Generation(_));
    let events = RunDir::open(&shared).unwrap().events().unwrap();
    assert!(!events.iter().any(evaluated), "the first generation was not ended");
    assert_eq!(with_two(&shared, Entry::Checkpoint, false), [undisturbed.clone(), undisturbed]);
}
