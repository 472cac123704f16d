//! How a run is begun or continued: by one process, or by several, of which rank 0 leads and the others follow; and how all come
//! to the same state. What they do then is the loop of `run.rs`.

use std::sync::atomic::AtomicBool;

use evolution::Search;
use kernels::Opened;
use supernet::{Backend, State};

use super::log::{Entry, Log};
use super::team::Team;
use super::{Hardware, Outcome, Run, RunError};
use crate::config::{Checked as _, CheckedConfig, Config, Layers, Objective, Text};
use crate::observe::Observer;
use crate::run_dir::{RunDir, decode_weights, encode_weights, envelope};

/// Starts a run in a new run directory. It stops at the next step once `stop` is set.
pub fn start(
    run_dir: RunDir,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
) -> Result<Outcome, RunError> {
    lead(Team::alone(), run_dir, Entry::Fresh, hardware, observers, stop)
}

/// Continues a run from its newest whole checkpoint, or from its beginning if it has none.
pub fn resume(
    run_dir: RunDir,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
) -> Result<Outcome, RunError> {
    lead(Team::alone(), run_dir, Entry::Checkpoint, hardware, observers, stop)
}

/// Starts or continues a run as rank 0 of a team; its other ranks [`follow`]. They do the same work at the same time, so an error of
/// any rank is for its caller to end them all with.
pub fn lead(
    team: Team<'_>,
    run_dir: RunDir,
    entry: Entry,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
) -> Result<Outcome, RunError> {
    let config = run_dir.config().clone();
    let latency = config.objectives().contains(&Objective::Latency);
    let table = latency.then(|| run_dir.latency_table()).transpose()?;
    team.broadcast(Some((config.to_toml(), table.clone(), entry)))?;
    let log = Log { directory: Some(run_dir), observers };
    begin(team, config, table.as_deref(), log, entry, hardware, stop)
}

/// Takes part in the run that rank 0 of the team [`lead`]s, as any other rank. The run is told what it is by rank 0, and stops when
/// any rank is asked to.
pub fn follow(team: Team<'_>, hardware: &Hardware, stop: &AtomicBool) -> Result<Outcome, RunError> {
    let (config, table, entry): (String, Option<String>, Entry) = team.broadcast(None)?;
    let text = Text { name: "the config of rank 0", text: &config };
    let config = Layers::<Config>::new(Some(text), &[]).and_then(Layers::check)?;
    let log = Log { directory: None, observers: &mut [] };
    begin(team, config, table.as_deref(), log, entry, hardware, stop)
}

fn begin(
    team: Team<'_>,
    config: CheckedConfig,
    table: Option<&str>,
    log: Log<'_, CheckedConfig>,
    entry: Entry,
    hardware: &Hardware,
    stop: &AtomicBool,
) -> Result<Outcome, RunError> {
    let hardware = hardware.on_rank(config.device, team)?;
    match hardware.open_for(config.device, config.precision, log.observers)? {
        Opened::Cpu(cpu) => Run::new(cpu, config, table, log, team)?.enter(entry, stop),
        Opened::Cuda(cuda) => Run::new(cuda, config, table, log, team)?.enter(entry, stop),
    }
}

impl<B: Backend> Run<'_, B> {
    /// All ranks must have come to the same weights.
    pub(super) fn agree_on(&self, weights: &State) -> Result<(), RunError> {
        if self.team.is_one() {
            return Ok(());
        }
        self.team.agree("weights", &envelope::digest(&encode_weights(weights, None)?))
    }

    /// Every rank goes on from where rank 0 is.
    pub(super) fn start_alike(&mut self) -> Result<(), RunError> {
        if self.team.is_one() {
            return Ok(());
        }
        let leads = self.log.directory.is_some();
        let here = || -> Result<_, RunError> {
            Ok((encode_weights(&self.supernet.state()?, None)?, self.position, self.search.snapshot()))
        };
        let (weights, position, search) = self.team.broadcast(leads.then(here).transpose()?)?;
        self.supernet.load(&decode_weights(&weights)?)?;
        self.search = Search::restore(self.config.search_space().clone(), search)?;
        self.position = position;
        Ok(())
    }
}
