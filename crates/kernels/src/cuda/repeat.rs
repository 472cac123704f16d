//! Calls that come again with the same buffers: made the first time, recorded the second, replayed from then on. A device then
//! gets one order for all their launches. Knows nothing of what is launched.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::{Cuda, Machine};
use crate::KernelError;

/// The calls that came last.
pub(super) enum Last<M: Machine> {
    /// None that could come again.
    Nothing,
    /// Made once.
    Made(u64),
    /// Recorded, with addresses of areas that have grown this often.
    Recorded { round: u64, growths: u64, recording: M::Recording },
    /// The machine cannot record; results do not depend on it.
    Refused,
}

impl<M: Machine> Cuda<M> {
    /// `Backend::repeated`.
    pub(super) fn repeat(
        &self,
        round: u64,
        calls: &mut dyn FnMut() -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let growths = self.with(|launcher| launcher.workspace.growths());
        match &*last {
            Last::Refused => return calls(),
            Last::Recorded { round: recorded, growths: then, recording }
                if (*recorded, *then) == (round, growths) =>
            {
                self.launches.fetch_add(1, Ordering::Relaxed);
                return self.machine.replay(recording);
            }
            Last::Made(made) if *made == round => {}
            _ => {
                *last = Last::Nothing;
                calls()?;
                *last = Last::Made(round);
                return Ok(());
            }
        }
        let Ok(recording) = self.record(calls) else {
            // Nothing has been made yet; an error of the calls themselves comes again.
            *last = Last::Refused;
            return calls();
        };
        self.launches.fetch_add(1, Ordering::Relaxed);
        self.machine.replay(&recording)?;
        *last = Last::Recorded { round, growths, recording };
        Ok(())
    }

    /// Recorded calls; their launches are not counted, as they are not made.
    fn record(
        &self,
        calls: &mut dyn FnMut() -> Result<(), KernelError>,
    ) -> Result<M::Recording, KernelError> {
        let launches = self.launches();
        self.machine.begin_recording()?;
        let made = calls();
        let recording = self.machine.end_recording();
        self.launches.store(launches, Ordering::Relaxed);
        made.and(recording)
    }
}
