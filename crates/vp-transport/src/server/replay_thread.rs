//! The thread of one replay: polls its feed, and hands what comes out to the viewers.

use std::collections::BTreeMap;
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use vp_replay::{Phase, Step};

use super::backend::{Feed, FeedDetails, OpenFeed};
use super::metrics::Metrics;
use super::outbox::Outbox;
use super::replays::{Position, Replays};
use vp_wire::{ClientMessage, Error, ErrorCode, Status};

/// A message to a replay's thread.
#[derive(Debug)]
pub(super) enum Request {
    /// Somebody watches from now on.
    Join(Arc<Outbox>),
    /// Somebody does not any more.
    Leave(Arc<Outbox>),
    /// The only viewer commands.
    Say(ClientMessage),
    /// The only viewer has room for a grid again.
    Room,
}

/// What a thread starts with.
#[derive(Debug)]
pub(super) struct ReplayThread {
    pub(super) id: u64,
    pub(super) replays: Arc<Replays>,
    pub(super) requests: Receiver<Request>,
    pub(super) position: Arc<Mutex<Position>>,
    pub(super) status_every: Duration,
    pub(super) is_lossless: bool,
}

/// No viewer is left.
struct Abandoned;

/// How a replay ends while somebody watches.
enum End {
    /// The input has ended.
    Ended,
    /// It cannot go on.
    Failed(Error),
    /// No viewer is left.
    Abandoned,
}

impl From<Abandoned> for End {
    fn from(Abandoned: Abandoned) -> Self {
        Self::Abandoned
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl ReplayThread {
    /// Runs the replay to its end.
    pub(super) fn run(self, open: OpenFeed) {
        wake_on_time();
        let mut subscribers = Subscribers::default();
        let end = catch_unwind(AssertUnwindSafe(|| match open() {
            Ok(feed) => self.replay(feed, &mut subscribers),
            Err(error) => End::Failed(error),
        }));
        let end = end.unwrap_or_else(|payload| {
            self.replays.journal.panicked("a replay", &*payload);
            let message = "internal error during the replay";
            End::Failed(Error::new(ErrorCode::Internal, message))
        });
        // From here on no client joins; the last one that did is in the mailbox.
        self.replays.remove(self.id);
        for request in self.requests.try_iter() {
            if let Request::Join(outbox) = request {
                subscribers.join(outbox);
            }
        }
        for outbox in &subscribers.outboxes {
            match &end {
                End::Ended => outbox.close(1000, "ended"),
                End::Failed(error) => outbox.fail(error),
                End::Abandoned => {}
            }
        }
    }

    fn replay(&self, feed: Box<dyn Feed>, subscribers: &mut Subscribers) -> End {
        subscribers.config = feed.runtime_config().encode().into();
        let reporter = Reporter::new(self.status_every, &*feed);
        let mut stage = Stage {
            thread: self,
            feed,
            subscribers,
            reporter,
        };
        stage.tell(Instant::now());
        match stage.play() {
            Ok(()) => {
                stage.tell(Instant::now());
                End::Ended
            }
            Err(end) => end,
        }
    }
}

/// A replay while it runs.
struct Stage<'a> {
    thread: &'a ReplayThread,
    feed: Box<dyn Feed>,
    subscribers: &'a mut Subscribers,
    reporter: Reporter,
}

impl Stage<'_> {
    /// Plays until the input ends.
    fn play(&mut self) -> Result<(), End> {
        loop {
            self.take_letters()?;
            let now = Instant::now();
            match self.feed.poll(now)? {
                Step::Output(grid) => self.publish(grid)?,
                Step::Restarted => {
                    let config: Bytes = self.feed.runtime_config().encode().into();
                    self.subscribers.restart(config);
                    self.tell(now);
                }
                Step::Working => {}
                Step::Wait(until) => {
                    self.tell_if_due(now);
                    self.await_letter(until.min(self.reporter.next_at))?;
                }
                Step::Paused => {
                    self.tell_if_due(now);
                    self.await_letter(self.reporter.next_at)?;
                }
                Step::Ended => return Ok(()),
            }
            self.tell_if_due(now);
        }
    }

    fn publish(&mut self, grid: Bytes) -> Result<(), End> {
        let metrics = &self.thread.replays.metrics;
        metrics.grids_encoded.add(1);
        metrics.grids_conflated.add(self.subscribers.put(&grid));
        self.subscribers.last_grid = Some(grid);
        // Room for the next one is waited for behind this one, not before: messages that arrive meanwhile
        // a pause for example, comes after the grids that it counts.
        while self.thread.is_lossless && !self.subscribers.has_room() {
            self.await_letter(self.reporter.next_at)?;
            self.tell_if_due(Instant::now());
        }
        Ok(())
    }

    fn take_letters(&mut self) -> Result<(), End> {
        loop {
            match self.thread.requests.try_recv() {
                Ok(request) => self.take(request)?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(End::Abandoned),
            }
        }
    }

    /// Waits for a request, or until then.
    fn await_letter(&mut self, until: Instant) -> Result<(), End> {
        let wait = until.saturating_duration_since(Instant::now());
        match self.thread.requests.recv_timeout(wait) {
            Ok(request) => self.take(request),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => Err(End::Abandoned),
        }
    }

    fn take(&mut self, request: Request) -> Result<(), End> {
        match request {
            Request::Join(outbox) => self.subscribers.join(outbox),
            Request::Leave(outbox) => self.subscribers.leave(&outbox),
            Request::Say(command) => {
                let metrics = &self.thread.replays.metrics;
                self.reporter
                    .count_work(&self.feed.status(), &self.feed.details(), metrics);
                let result = self.feed.command(&command);
                self.reporter.jump(&self.feed.status(), self.feed.details());
                self.subscribers.end_command();
                match result {
                    Err(error) if error.code.close_code() == 1011 => return Err(error.into()),
                    Err(error) => self.subscribers.answer(&error),
                    Ok(()) => self.tell(Instant::now()),
                }
            }
            Request::Room => {}
        }
        Ok(())
    }

    fn tell_if_due(&mut self, now: Instant) {
        let standing = self.feed.status();
        let has_changed =
            standing.phase != self.reporter.phase || standing.shortened != self.reporter.shortened;
        if has_changed || now >= self.reporter.next_at {
            self.tell(now);
        }
    }

    fn tell(&mut self, now: Instant) {
        let (standing, details) = (self.feed.status(), self.feed.details());
        self.reporter.count(&standing, &details, now, self.thread);
        let notice = details.notice.as_deref();
        let notice = notice.map(|notice| self.thread.replays.journal.public_text(notice));
        let status = self
            .reporter
            .status(standing, FeedDetails { notice, ..details });
        self.subscribers.tell(status);
    }
}

/// Asks the kernel to end this thread's waits on time. By default it may let them last 50 µs longer,
/// to wake several threads at once; without that a grid in the middle reaches its viewer in 0.1 ms
/// instead of 0.15 (`cargo bench --package vp-live --bench latency`).
fn wake_on_time() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::set_current_timer_slack(Some(NonZeroU64::MIN)) {
        tracing::debug!(%error, "replays wake late: the timer slack stays as it is");
    }
}

/// The viewers, and what one who joins must know.
#[derive(Debug, Default)]
struct Subscribers {
    outboxes: Vec<Arc<Outbox>>,
    config: Bytes,
    last_grid: Option<Bytes>,
    last_status: Option<Status>,
}

impl Subscribers {
    fn join(&mut self, outbox: Arc<Outbox>) {
        if !self.config.is_empty() {
            outbox.put_config(self.config.clone());
        }
        if let Some(grid) = &self.last_grid {
            outbox.put_grid(grid.clone());
        }
        if let Some(status) = &self.last_status {
            outbox.put_status(status.clone());
        }
        self.outboxes.push(outbox);
    }

    fn leave(&mut self, outbox: &Arc<Outbox>) {
        self.outboxes.retain(|other| !Arc::ptr_eq(other, outbox));
    }

    fn restart(&mut self, config: Bytes) {
        self.last_grid = None;
        for outbox in &self.outboxes {
            outbox.put_config(config.clone());
        }
        self.config = config;
    }

    fn tell(&mut self, status: Status) {
        for outbox in &self.outboxes {
            outbox.put_status(status.clone());
        }
        self.last_status = Some(status);
    }

    /// Hands a grid to everybody; returns how many viewers lost an older one.
    fn put(&self, grid: &Bytes) -> u64 {
        let outboxes = self.outboxes.iter();
        outboxes
            .map(|outbox| u64::from(outbox.put_grid(grid.clone())))
            .sum()
    }

    /// Returns whether everybody has room for a grid.
    fn has_room(&self) -> bool {
        self.outboxes.iter().all(|outbox| outbox.has_room())
    }

    fn answer(&self, error: &Error) {
        for outbox in &self.outboxes {
            outbox.put_error(error);
        }
    }

    fn end_command(&self) {
        for outbox in &self.outboxes {
            outbox.end_command();
        }
    }
}

/// When the next status is due, and the counts at the last one.
#[derive(Debug)]
struct Reporter {
    every: Duration,
    next_at: Instant,
    phase: Phase,
    shortened: Option<Duration>,
    told_at: Instant,
    records: u64,
    events: u64,
    /// Events that were counted since viewers were told.
    untold_events: u64,
    event_rate: f64,
    anomalies: BTreeMap<String, u64>,
}

impl Reporter {
    fn new(every: Duration, feed: &dyn Feed) -> Self {
        let now = Instant::now();
        Self {
            every,
            next_at: now + every,
            phase: feed.status().phase,
            shortened: None,
            told_at: now,
            records: 0,
            events: 0,
            untold_events: 0,
            event_rate: 0.0,
            anomalies: BTreeMap::new(),
        }
    }

    /// Adds to the metrics what the replay took in since it was last looked at. Metrics count
    /// work: a record counts each time that it is taken in.
    fn count_work(
        &mut self,
        standing: &vp_replay::Status,
        details: &FeedDetails,
        metrics: &Metrics,
    ) {
        metrics.records.add(since(self.records, standing.inputs));
        let events = since(self.events, standing.commits);
        metrics.events.add(events);
        self.untold_events += events;
        for (kind, &count) in &details.anomalies {
            let before = self.anomalies.get(kind).copied().unwrap_or(0);
            if let count @ 1.. = since(before, count) {
                metrics.anomalies.add(kind.clone(), count);
            }
        }
        (self.records, self.events) = (standing.inputs, standing.commits);
        self.anomalies.clone_from(&details.anomalies);
    }

    /// Goes on from where a command has put the replay. Records that a seek or restart passes over
    /// are no work: a checkpoint holds what they built up.
    fn jump(&mut self, standing: &vp_replay::Status, details: FeedDetails) {
        (self.records, self.events) = (standing.inputs, standing.commits);
        self.anomalies = details.anomalies;
    }

    /// Counts what is new since the last time.
    fn count(
        &mut self,
        standing: &vp_replay::Status,
        details: &FeedDetails,
        now: Instant,
        thread: &ReplayThread,
    ) {
        self.count_work(standing, details, &thread.replays.metrics);
        let events = std::mem::take(&mut self.untold_events);
        if now >= self.next_at {
            self.event_rate = per_second(events, now - self.told_at);
        }
        (self.phase, self.shortened) = (standing.phase, standing.shortened);
        self.told_at = now;
        self.next_at = now + self.every;
        let mut position = thread
            .position
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *position = Position {
            phase: standing.phase.name(),
            records: standing.inputs,
            events: standing.commits,
            ts_ns: standing.ts_ns,
            behind_ms: standing.behind.as_secs_f64() * 1e3,
            progress: details.progress,
        };
    }

    fn status(&self, standing: vp_replay::Status, details: FeedDetails) -> Status {
        let shortened = |gap: Duration| {
            let seconds = gap.as_secs();
            format!("a gap of {seconds} s was shortened; `keep_gaps` keeps it")
        };
        Status {
            phase: standing.phase,
            records: standing.inputs,
            events: standing.commits,
            event_rate: self.event_rate,
            behind_ms: standing.behind.as_secs_f64() * 1e3,
            conflated_total: 0,
            anomalies: details.anomalies,
            progress: details.progress,
            notice: details.notice.or_else(|| standing.shortened.map(shortened)),
        }
    }
}

/// Returns how far a count has grown. It falls only when a command moves the replay, and
/// [`Reporter::jump`] takes that into account.
fn since(before: u64, now: u64) -> u64 {
    now.saturating_sub(before)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is for show")]
fn per_second(count: u64, span: Duration) -> f64 {
    count as f64 / span.as_secs_f64().max(1e-3)
}

#[cfg(test)]
mod tests;
