//! The running replays: who watches which, how many there may be.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, Semaphore};

use super::backend::StreamPlan;
use super::journal::Journal;
use super::metrics::Metrics;
use super::outbox::Outbox;
use super::replay_thread::{ReplayThread, Request};
use vp_wire::{ClientMessage, Error, ErrorCode};

/// Every running replay.
#[derive(Debug)]
pub(super) struct Replays {
    running: Mutex<Running>,
    most: usize,
    status_every: Duration,
    /// Threads that have not ended, of listed replays and of those without viewers. A
    /// thread whose file does not open stays for as long as that takes.
    threads: AtomicUsize,
    thread_ended: Notify,
    /// For each query that the app reads, which may block as well: as many as replays may run.
    pub(super) openings: Arc<Semaphore>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) journal: Arc<Journal>,
}

/// Counts a replay's thread until it ends.
#[derive(Debug)]
pub(super) struct ThreadCount(Arc<Replays>);

impl Drop for ThreadCount {
    fn drop(&mut self) {
        self.0.threads.fetch_sub(1, Ordering::AcqRel);
        self.0.thread_ended.notify_waiters();
    }
}

#[derive(Debug, Default)]
struct Running {
    last_id: u64,
    replays: BTreeMap<u64, Replay>,
}

#[derive(Debug)]
struct Replay {
    key: String,
    is_shared: bool,
    viewers: usize,
    mailbox: Sender<Request>,
    position: Arc<Mutex<Position>>,
}

/// The position of a replay at its last status.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Position {
    pub(super) phase: &'static str,
    pub(super) records: u64,
    pub(super) events: u64,
    pub(super) ts_ns: u64,
    pub(super) behind_ms: f64,
    pub(super) progress: Option<f64>,
}

/// A replay as `/v1/replays` lists it.
#[derive(Debug, Serialize)]
pub(super) struct ReplayEntry {
    id: u64,
    key: String,
    shared: bool,
    viewers: usize,
    #[serde(flatten)]
    pub(super) position: Position,
}

/// A viewer's place in a replay, which ends with its last.
#[derive(Debug)]
pub(super) struct Subscription {
    replays: Arc<Replays>,
    id: u64,
    is_shared: bool,
    mailbox: Sender<Request>,
    outbox: Arc<Outbox>,
}

impl Replays {
    pub(super) fn new(
        most: usize,
        status_every: Duration,
        metrics: Arc<Metrics>,
        journal: Arc<Journal>,
    ) -> Self {
        Self {
            running: Mutex::default(),
            most,
            status_every,
            threads: AtomicUsize::new(0),
            thread_ended: Notify::new(),
            openings: Arc::new(Semaphore::new(most)),
            metrics,
            journal,
        }
    }

    /// Waits as long as a new replay would be refused although fewer run than may, because threads
    /// of replays without viewers are still ending. One that joins the shared replay of
    /// that key needs no room.
    pub(super) async fn wait_for_room(&self, shared_key: Option<&str>) {
        loop {
            let ended = self.thread_ended.notified();
            if !self.is_full_of_ending(shared_key) {
                return;
            }
            ended.await;
        }
    }

    /// Returns the error of one replay too many.
    pub(super) fn limit_reached(&self) -> Error {
        let message = format!(
            "the limit of {} replays is reached; replays that are still opening or ending count",
            self.most
        );
        Error::new(ErrorCode::ReplayLimit, message)
            .with_hint("try again later, or watch a shared replay with shared=1")
    }

    fn is_full_of_ending(&self, shared_key: Option<&str>) -> bool {
        let running = self.lock();
        let mut replays = running.replays.values();
        running.replays.len() < self.most
            && self.threads.load(Ordering::Acquire) >= self.most
            && !replays.any(|replay| replay.is_joined_by(shared_key))
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the shared replay of that plan, or starts one.
    ///
    /// # Errors
    /// `bad_parameter` for a plan at odds with itself, `replay_limit` if no further replay may run.
    pub(super) fn join(
        self: &Arc<Self>,
        plan: StreamPlan,
        outbox: &Arc<Outbox>,
    ) -> Result<Subscription, Error> {
        if plan.shared && plan.lossless {
            return Err(Error::new(
                ErrorCode::BadParameter,
                "shared=1 and lossless=1 exclude each other",
            )
            .with_hint(
                "a shared replay does not wait for slow clients: leave out shared, or lossless",
            ));
        }
        let mut running = self.lock();
        let shared_key = plan.shared.then_some(&*plan.key);
        let mut replays = running.replays.iter_mut();
        if let Some((&id, replay)) = replays.find(|(_, replay)| replay.is_joined_by(shared_key)) {
            replay.join(outbox);
            return Ok(self.subscription(id, replay, outbox));
        }
        self.start(&mut running, plan, outbox)
    }

    /// Starts a replay, for the one who watches it first.
    fn start(
        self: &Arc<Self>,
        running: &mut Running,
        plan: StreamPlan,
        outbox: &Arc<Outbox>,
    ) -> Result<Subscription, Error> {
        // Threads are started under the lock that is held here, so that there are never more.
        if self.threads.load(Ordering::Acquire) >= self.most {
            return Err(self.limit_reached());
        }
        running.last_id += 1;
        let id = running.last_id;
        let (mailbox, requests) = mpsc::channel();
        let mut replay = Replay {
            key: plan.key,
            is_shared: plan.shared,
            viewers: 0,
            mailbox,
            position: Arc::default(),
        };
        // Before the thread starts: otherwise the first grids would have no viewer.
        replay.join(outbox);
        self.threads.fetch_add(1, Ordering::AcqRel);
        let count = ThreadCount(Arc::clone(self));
        let thread = ReplayThread {
            id,
            replays: Arc::clone(self),
            requests,
            position: Arc::clone(&replay.position),
            status_every: self.status_every,
            is_lossless: plan.lossless,
        };
        thread::Builder::new()
            .name(format!("replay-{id}"))
            .spawn(move || {
                thread.run(plan.open);
                drop(count);
            })
            .map_err(|error| {
                Error::new(
                    ErrorCode::Internal,
                    format!("cannot start a replay: {error}"),
                )
            })?;
        let subscription = self.subscription(id, &replay, outbox);
        running.replays.insert(id, replay);
        Ok(subscription)
    }

    fn subscription(
        self: &Arc<Self>,
        id: u64,
        replay: &Replay,
        outbox: &Arc<Outbox>,
    ) -> Subscription {
        Subscription {
            replays: Arc::clone(self),
            id,
            is_shared: replay.is_shared,
            mailbox: replay.mailbox.clone(),
            outbox: Arc::clone(outbox),
        }
    }

    /// Takes a replay off the list: no viewer can join it any more.
    pub(super) fn remove(&self, id: u64) {
        self.lock().replays.remove(&id);
    }

    /// Returns the running replays, oldest first.
    pub(super) fn list(&self) -> Vec<ReplayEntry> {
        let running = self.lock();
        let entry = |(&id, replay): (&u64, &Replay)| ReplayEntry {
            id,
            key: replay.key.clone(),
            shared: replay.is_shared,
            viewers: replay.viewers,
            position: replay
                .position
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        };
        running.replays.iter().map(entry).collect()
    }
}

impl Replay {
    /// Returns whether one who asks for the shared replay of that key joins this one.
    fn is_joined_by(&self, shared_key: Option<&str>) -> bool {
        self.is_shared && shared_key == Some(&*self.key)
    }

    /// Counts a viewer, and has the thread show it what there is.
    fn join(&mut self, outbox: &Arc<Outbox>) {
        self.viewers += 1;
        // A thread takes itself off the list, under its lock, before it looks for the last requests.
        let _ = self.mailbox.send(Request::Join(Arc::clone(outbox)));
    }
}

impl ReplayEntry {
    pub(super) const fn viewers(&self) -> usize {
        self.viewers
    }
}

impl Subscription {
    /// Hands a command to the replay.
    ///
    /// # Errors
    /// `shared_replay` if it is shared, `bad_message` if too many commands wait.
    pub(super) fn say(&self, message: ClientMessage) -> Result<(), Error> {
        if self.is_shared {
            return Err(Error::new(
                ErrorCode::SharedReplay,
                "shared replays cannot be controlled",
            )
            .with_hint("open a replay of your own with shared=0"));
        }
        if !self.outbox.begin_command() {
            return Err(Error::new(
                ErrorCode::BadMessage,
                "commands come faster than the replay carries them out",
            ));
        }
        let _ = self.mailbox.send(Request::Say(message));
        Ok(())
    }

    /// Tells the replay that there is room for a grid again.
    pub(super) fn tell_room(&self) {
        let _ = self.mailbox.send(Request::Room);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut running = self.replays.lock();
        if let Some(replay) = running.replays.get_mut(&self.id) {
            replay.viewers -= 1;
            if replay.viewers == 0 {
                // With the last sender the thread's mailbox closes, and it ends.
                running.replays.remove(&self.id);
            } else {
                let _ = self.mailbox.send(Request::Leave(Arc::clone(&self.outbox)));
            }
        }
    }
}
