//! `--dry-run`: how long a run would take and how much memory it would need, from a shortened run in a temporary folder. What
//! is shortened and how it is multiplied, the library says; here are the folder and the memory of this process.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow};
use cars::config::{CheckedConfig, CheckedRecipe, Settings as _};
use cars::foresee::{
    Amount, Paces, Timer, images_of_search, images_of_training, shortened_search, shortened_training,
};
use cars::observe::{Observer, TimeLeft};
use cars::run::{self, Outcome};
use cars::run_dir::{RunDir, TrainingDir};
use cars::train;

use crate::exit::WrongInput;
use crate::hardware::hardware;
use crate::{doctor, exit, output};

/// Foresees a search.
pub(crate) fn search(config: &CheckedConfig, stop: &AtomicBool) -> Result<ExitCode> {
    let more = images_of_search(config).saturating_sub(images_of_search(&shortened_search(config).check()?));
    told(Amount::of_search(config), more, paces_of_search(config, stop)?)
}

/// The paces of a search, from a shortened one; none if it was asked to stop.
pub(crate) fn paces_of_search(config: &CheckedConfig, stop: &AtomicBool) -> Result<Option<Paces>> {
    check_known(config.train_images())?;
    let short = shortened_search(config).check()?;
    timed(|path, observers| {
        Ok(run::start(RunDir::create(path, &short)?, &hardware(None), observers, stop)?
            == Outcome::Interrupted)
    })
}

/// Foresees the training of a network.
pub(crate) fn training(recipe: &CheckedRecipe, stop: &AtomicBool) -> Result<ExitCode> {
    check_known(recipe.train_images())?;
    let short = shortened_training(recipe).check()?;
    let more = images_of_training(recipe).saturating_sub(images_of_training(&short));
    let paces = timed(|path, observers| {
        let outcome = train::start(TrainingDir::create(path, &short)?, &hardware(None), observers, stop)?;
        Ok(outcome == Outcome::Interrupted)
    })?;
    told(Amount::of_training(recipe), more, paces)
}

/// How many images files hold is not known before they are read.
pub(crate) fn check_known(images: usize) -> Result<(), WrongInput> {
    let reason = "data.train = 0 takes what the files hold, which this command does not count; `cars data check DIR` does: give \
                  the number with --set data.train=N";
    if images > 0 { Ok(()) } else { Err(WrongInput(anyhow!(reason))) }
}

/// Runs what is short, which says whether it was asked to stop, in a temporary folder.
fn timed(run: impl FnOnce(&Path, &mut [Box<dyn Observer>]) -> Result<bool>) -> Result<Option<Paces>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let timer = Timer::start();
    let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(timer.clone())];
    let stopped = run(&folder.path().join("run"), &mut observers)?;
    Ok((!stopped).then(|| timer.paces()))
}

/// Tells what the whole takes. `more` bytes are those of the images that it reads in addition.
fn told(amount: Amount, more: usize, paces: Option<Paces>) -> Result<ExitCode> {
    let Some(paces) = paces else { return Ok(exit::interrupted()) };
    let Amount { warm_up, training, evaluations, .. } = amount;
    let time = paces.time(amount);
    let mut text =
        format!("{} steps, {evaluations} evaluations\ntime    {}\n", warm_up + training, TimeLeft(time));
    if let Some(peak) = peak_memory() {
        let peak = mebibytes(peak + more as u64);
        let free =
            doctor::available_memory().map_or(String::new(), |free| format!(" of {} free", mebibytes(free)));
        let _ = writeln!(text, "memory  {peak}{free}");
    }
    output::write(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

/// The most memory this process has had, where Linux says so.
fn peak_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
