//! Torture: `search`, `train` and `profile` are killed with SIGKILL at random moments, their files torn, cut and damaged bit
//! by bit, their disks filled up; then they go on. Each ends as the undisturbed one did, byte for byte, or refuses and names
//! the file, and ends so once that file is put back; no checkpoint that was told of is lost. The first breach stops it all.
//! `cargo xtask torture` runs it for long; every case draws from a stream named by seed and number, so it can be repeated.

#![allow(clippy::print_stdout, reason = "the table is what it is run for")]

mod disturb;
mod job;
mod tmpfs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt;
use random::{Purpose, Stream, stream};

use crate::common::stderr;
use disturb::Disturbance;
use job::{Job, Reference};

/// What came of the cases of one kind.
#[derive(Default)]
struct Tally {
    cases: usize,
    kills: usize,
    refused: usize,
}

/// One job under one kind of disturbance.
struct Case<'a> {
    job: Job,
    disturbance: Disturbance,
    reference: &'a Reference,
    /// Legs of the run that may be killed; the next is left alone.
    legs: usize,
}

#[test]
fn runs_end_as_if_nothing_had_happened() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    match (number("CARS_TORTURE_MINUTES"), number("CARS_TORTURE_SEED")) {
        (Some(minutes), Some(seed)) => {
            let (begun, length) = (Instant::now(), Duration::from_secs(60 * minutes));
            torture(seed, 6, &Job::ALL, |_| begun.elapsed() >= length);
        }
        _ => one_of_each_kind(&[Job::Search, Job::Train]),
    }
}

/// Takes longest by far, so it stands apart.
#[test]
fn measurements_end_as_if_nothing_had_happened() {
    one_of_each_kind(&[Job::Profile]);
}

fn one_of_each_kind(jobs: &[Job]) {
    torture(7, 1, jobs, |case| case >= Job::ALL.len() * Disturbance::ALL.len());
}

/// The cases of these jobs, until one's number says that it is over.
fn torture(seed: u64, legs: usize, jobs: &[Job], is_over: impl Fn(usize) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let references: BTreeMap<Job, Reference> =
        jobs.iter().map(|&job| (job, Reference::new(job, folder.path()))).collect();
    let mut tallies: BTreeMap<(Job, Disturbance), Tally> = BTreeMap::new();
    let kinds = Disturbance::ALL.into_iter().flat_map(|kind| Job::ALL.map(|job| (job, kind)));
    for (number, (job, disturbance)) in kinds.cycle().enumerate() {
        if is_over(number) {
            break;
        }
        let Some(reference) = references.get(&job) else { continue };
        let mut rng = stream(seed, Purpose::Test, 0, number as u64);
        let case = Case { job, disturbance, reference, legs };
        let path = folder.path().join(format!("case-{number}"));
        let tally = tallies.entry((job, disturbance)).or_default();
        if let Err(breach) = case.run(&path, &mut rng, tally) {
            let kept = folder.keep();
            panic!("case {number} of seed {seed}, {job} {disturbance}: {breach}; see {}", kept.display());
        }
        tally.cases += 1;
        fs::remove_dir_all(&path).unwrap();
    }
    println!("{}", table(&tallies));
}

impl Case<'_> {
    fn run(&self, path: &Path, rng: &mut Stream, tally: &mut Tally) -> Result<(), String> {
        let mut disk = None;
        if self.disturbance == Disturbance::FullDisk {
            disk = tmpfs::mount(path);
            if disk.is_none() {
                println!("skipped a full disk: no tmpfs can be mounted here; file size limits stand in");
            }
        }
        let mut promised = 0;
        for _ in 0..self.legs {
            if self.job.is_finished(path) {
                break;
            }
            if let Some(disk) = &disk {
                disk.resize(rng.random_range(200..4000));
            }
            let limit = (self.disturbance == Disturbance::SizeLimit
                || self.disturbance == Disturbance::FullDisk && disk.is_none())
            .then(|| rng.random_range(0..2000));
            let before = self.job.told(path);
            let mut command = self.job.command(path, rng.random_range(1..=2), limit);
            let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let moment = self.reference.time.mul_f64(rng.random_range(0.0..1.1));
            let output = after(child, moment);
            let signal = output.status.signal();
            if let Some(other) = signal.filter(|&signal| signal != 9) {
                return Err(format!("it died of signal {other}: {}", stderr(&output)));
            }
            let was_killed = signal.is_some();
            tally.kills += usize::from(was_killed);
            self.job.check_told(path, &before, &mut promised, 0)?;
            if !was_killed {
                if output.status.success() {
                    break;
                }
                let may_fail = limit.is_some() || disk.is_some();
                refusal(&output, may_fail.then_some("cannot write"))?;
                tally.refused += 1;
            }
            if let Some(damage) = self.disturbance.damage(self.job, path, rng) {
                promised = self.go_on_damaged(path, &damage, tally, promised)?;
            }
        }
        if let Some(disk) = &disk {
            disk.resize(1 << 16);
        }
        self.finish(path, &mut promised)?;
        self.job.compare(self.reference, path)
    }

    /// Goes on after a file was damaged: to the end, or to a refusal that names it; then the file is put back.
    fn go_on_damaged(
        &self,
        path: &Path,
        damage: &disturb::Damage,
        tally: &mut Tally,
        promised: u64,
    ) -> Result<u64, String> {
        let before = self.job.told(path);
        let output = self.job.command(path, 1, None).output().unwrap();
        if output.status.success() {
            // A damaged newest checkpoint, or journal, takes back to the one before.
            let mut promised = promised;
            self.job.check_told(path, &before, &mut promised, 1)?;
            return Ok(promised);
        }
        refusal(&output, Some(&damage.name))?;
        tally.refused += 1;
        damage.undo();
        Ok(promised)
    }

    fn finish(&self, path: &Path, promised: &mut u64) -> Result<(), String> {
        if self.job.is_finished(path) {
            return Ok(());
        }
        let before = self.job.told(path);
        let output = self.job.command(path, 1, None).output().unwrap();
        if !output.status.success() {
            return Err(format!("it does not go on: {}", stderr(&output)));
        }
        self.job.check_told(path, &before, promised, 0)
    }
}

/// The child, killed at this moment unless it has ended.
fn after(mut child: Child, moment: Duration) -> std::process::Output {
    let end = Instant::now() + moment;
    while Instant::now() < end && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    // What has ended cannot be killed, which is fine.
    let _ = child.kill();
    child.wait_with_output().unwrap()
}

/// A refusal is one error, no panic, and names the file.
fn refusal(output: &std::process::Output, name: Option<&str>) -> Result<(), String> {
    let said = stderr(output);
    let is_clear = said.matches("error:").count() == 1 && !said.contains("panicked");
    match name {
        Some(name) if is_clear && said.contains(name) => Ok(()),
        Some(name) => Err(format!("the refusal does not name {name}: {said}")),
        None => Err(format!("it failed without being disturbed: {said}")),
    }
}

fn table(tallies: &BTreeMap<(Job, Disturbance), Tally>) -> String {
    let mut text =
        format!("{:8} {:22} {:>6} {:>6} {:>8}\n", "command", "disturbance", "cases", "kills", "refusals");
    let mut total = Tally::default();
    for ((job, disturbance), tally) in tallies {
        let Tally { cases, kills, refused } = tally;
        let _ = writeln!(text, "{job:8} {disturbance:22} {cases:>6} {kills:>6} {refused:>8}");
        total.cases += tally.cases;
        total.kills += tally.kills;
        total.refused += tally.refused;
    }
    let _ = writeln!(text, "{:31} {:>6} {:>6} {:>8}", "all", total.cases, total.kills, total.refused);
    text + "0 checkpoints lost, 0 bytes differ"
}

/// A command whose files may not grow beyond so many blocks of 512 bytes.
fn limited(command: &Command, blocks: u32) -> Command {
    let mut limited = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    limited.args(["-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    limited
}
