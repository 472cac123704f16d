//! The divergence guard, by injection: weights are made NaN in the middle of a run.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use supernet::Cpu;

use super::*;
use crate::config::Config;
use crate::run_dir::RunDir;

/// The config of a run of a second.
pub(super) fn small() -> Config {
    let mut config = Config::default();
    config.data.train = 32;
    config.data.validation = 8;
    config.network.channels = 4;
    config.network.cells = 3;
    config.training.epochs = 3;
    config.training.warm_up_epochs = 1;
    config.training.batch_size = 8;
    config.evolution.population = 2;
    config.evolution.interval = 1;
    config.evaluation.recalibration_images = 8;
    config
}

fn with_run(check: impl FnOnce(&mut Run<'_, Cpu>, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let config = small().check().unwrap();
    let directory = RunDir::create(&path, &config).unwrap();
    let log = Log { directory: Some(directory), observers: &mut [] };
    let mut run = Run::new(Cpu::new(), config, None, log, Team::alone()).unwrap();
    check(&mut run, &path);
}

/// Makes every weight of the supernet NaN, as a step that blew up would.
fn poisoned(mut weights: supernet::State) -> supernet::State {
    for tensor in weights.values_mut() {
        tensor.values.fill(f32::NAN);
    }
    weights
}

fn poison(run: &mut Run<'_, Cpu>) {
    let weights = poisoned(run.supernet.state().unwrap());
    run.supernet.load(&weights).unwrap();
}

fn rolled_back(run: &Run<'_, Cpu>) -> Vec<crate::event::RolledBack> {
    let events = run.log.directory.as_ref().unwrap().events().unwrap();
    events
        .into_iter()
        .filter_map(|event| if let Event::RolledBack(one) = event { Some(one) } else { None })
        .collect()
}

#[test]
fn a_run_that_diverges_goes_back_and_on_with_half_the_learning_rate() {
    with_run(|run, _| {
        let stop = AtomicBool::new(false);
        run.tell_started().unwrap();
        run.keep().unwrap();
        assert!(run.advance(&stop).unwrap() == Progress::Done);
        poison(run);
        assert!(matches!(run.carry_on(&stop).unwrap(), Outcome::Finished(_)));
        let told = rolled_back(run);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].epoch, told[0].back_to, told[0].learning_rate_factor), (2, 1, 0.5));
        guard::check(&run.supernet.state().unwrap()).unwrap();
        let rates: Vec<f64> = run
            .log
            .directory
            .as_ref()
            .unwrap()
            .events()
            .unwrap()
            .into_iter()
            .filter_map(
                |event| if let Event::Epoch(epoch) = event { Some(epoch.learning_rate) } else { None },
            )
            .collect();
        let scheduled: Vec<f64> =
            (0..3).map(|epoch| run.config.training.descent().sgd(epoch).learning_rate).collect();
        assert_eq!(rates, [scheduled[0], 0.5 * scheduled[1], 0.5 * scheduled[2]]);
    });
}

#[test]
fn weights_that_are_no_numbers_are_never_saved() {
    with_run(|run, path| {
        run.tell_started().unwrap();
        poison(run);
        let error = run.checkpoint().unwrap_err();
        assert!(matches!(error, RunError::NotFinite { .. }), "{error}");
        assert_eq!(std::fs::read_dir(path.join("checkpoints")).unwrap().count(), 0);
    });
}

#[test]
fn a_run_that_keeps_diverging_stops_after_three() {
    with_run(|run, _| {
        let stop = AtomicBool::new(false);
        run.tell_started().unwrap();
        poison(run);
        // What it goes back to diverges, too.
        run.keep().unwrap();
        let error = run.carry_on(&stop).unwrap_err();
        assert!(matches!(error, RunError::KeepsDiverging { times: 3, .. }), "{error}");
        let factors: Vec<f64> = rolled_back(run).iter().map(|one| one.learning_rate_factor).collect();
        assert_eq!(factors, [0.5, 0.25, 0.125]);
    });
}
