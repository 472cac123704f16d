//! A background thread that fills the batches of some steps of an epoch, and its buffers. Decides neither which steps nor what
//! is in a batch.

use super::plan::Plan;
use crate::scale::Room;
use crate::{Batch, DatasetError};
use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// A background thread and its buffers: at most one is lent, the others are ready or in work.
#[derive(Debug)]
pub(super) struct Worker {
    give: Option<SyncSender<Batch>>,
    pub(super) take: Receiver<Result<Batch, DatasetError>>,
    thread: Option<JoinHandle<Receiver<Batch>>>,
}

impl Worker {
    pub(super) fn start(task: Task, buffers: usize, spare: &mut Vec<Batch>) -> Result<Self, DatasetError> {
        let (give, empty) = sync_channel(buffers);
        let (full, take) = sync_channel(buffers);
        for _ in 0..buffers {
            // The channel holds exactly this many, and its other end is in scope: the sending cannot fail.
            let _ = give.send(spare.pop().unwrap_or_default());
        }
        let thread = thread::Builder::new()
            .name("batches".to_owned())
            .spawn(move || task.run(empty, &full))
            .map_err(|source| DatasetError::Thread { source })?;
        Ok(Self { give: Some(give), take, thread: Some(thread) })
    }

    /// Returns a buffer, or keeps it out if the thread takes no more.
    pub(super) fn give_back(&self, batch: Batch) -> Option<Batch> {
        match &self.give {
            Some(give) => give.send(batch).err().map(|refused| refused.0),
            None => Some(batch),
        }
    }

    /// Waits for the thread, which was told to stop, and collects the buffers; its last words if it panicked.
    pub(super) fn end(&mut self, spare: &mut Vec<Batch>) -> Option<String> {
        self.give = None;
        let ended = self.thread.take()?.join();
        spare.extend(self.take.try_iter().flatten());
        match ended {
            Ok(empty) => {
                spare.extend(empty.try_iter());
                None
            }
            Err(panic) => Some(last_words(panic.as_ref())),
        }
    }
}

/// What a background thread does.
pub(super) struct Task {
    pub(super) plan: Arc<Plan>,
    pub(super) epoch: u64,
    pub(super) steps: Vec<usize>,
    /// The order of the epoch's images, made by whoever needs it first.
    pub(super) order: Arc<OnceLock<Vec<usize>>>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Task {
    /// Fills the buffers that come back until there are no more steps or no reader, and returns the channel with whatever
    /// buffers are left in it.
    fn run(self, empty: Receiver<Batch>, full: &SyncSender<Result<Batch, DatasetError>>) -> Receiver<Batch> {
        let Self { plan, epoch, steps, order, stop } = self;
        let order = order.get_or_init(|| plan.order(epoch));
        let mut room = Room::default();
        for step in steps {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let Ok(mut batch) = empty.recv() else { break };
            let (_, rest) = order.split_at(step * plan.config.batch);
            let indices = &rest[..rest.len().min(plan.config.batch)];
            let filled = plan.fill(&mut batch, &mut room, epoch, step, indices);
            let failed = filled.is_err();
            if full.send(filled.map(|()| batch)).is_err() || failed {
                break;
            }
        }
        empty
    }
}

/// The message of a panic.
fn last_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
