//! Ctrl-C and its like: the first asks the run to save its state and end, the second ends the process at once. The run
//! directory is whole either way.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

use crate::output;

static STOP: AtomicBool = AtomicBool::new(false);

/// Whether another process tells what happens.
static SILENT: AtomicBool = AtomicBool::new(false);

/// From now on, an interrupt sets the flag that is returned.
pub(crate) fn on_interrupt() -> Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            leave();
        }
        if !SILENT.load(Ordering::Relaxed) {
            output::note("\nstopping as soon as nothing is lost by it (once more to stop at once)");
        }
    })
    .context("cannot take over Ctrl-C")?;
    Ok(&STOP)
}

/// The flag that an interrupt sets.
pub(crate) fn flag() -> &'static AtomicBool {
    &STOP
}

/// From now on, an interrupt sets the flag and says nothing.
pub(crate) fn be_silent() {
    SILENT.store(true, Ordering::Relaxed);
}

#[allow(clippy::exit, reason = "the user asked twice to be out of here at once")]
fn leave() -> ! {
    std::process::exit(130)
}
