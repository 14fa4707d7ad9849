//! The driver: one input after the other, outputs when they are due, commands in between.

use std::time::{Duration, Instant};

use crate::checkpoints::{Checkpoints, Place};
use crate::pace::{Due, Pace, Speed};
use crate::producer::{Commit, Producer, Stamp};
use crate::throttle::Throttle;

/// How a session is replayed.
#[derive(Clone, Copy, Debug)]
pub struct ReplaySettings {
    /// Emission begins with the first commit at or after this event time; `None`: with the first.
    pub start_ns: Option<u64>,
    /// The input ends before the first record at or after this event time.
    pub end_ns: Option<u64>,
    /// At least this much event time lies between two outputs; 0 emits every commit.
    pub throttle_ns: u64,
    /// How fast event time runs.
    pub speed: Speed,
    /// Whether long waits are kept as they are.
    pub keeps_gaps: bool,
}

impl Default for ReplaySettings {
    /// Real time, from the first event to the last, outputs at least 25 ms apart.
    fn default() -> Self {
        Self {
            start_ns: None,
            end_ns: None,
            throttle_ns: 25_000_000,
            speed: Speed::REAL_TIME,
            keeps_gaps: false,
        }
    }
}

/// What a viewer may ask of a running replay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Stop event time.
    Pause,
    /// Let it run on.
    Resume,
    /// Start over at the start time.
    Restart,
    /// Change the speed.
    Speed(Speed),
    /// Go on from another event time, forwards or backwards.
    Seek(
        /// Nanoseconds since the Unix epoch.
        u64,
    ),
}

/// What a replay is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Silent, as fast as it goes, up to the start time.
    FastForward,
    /// Emitting.
    Live,
    /// Stopped by a viewer.
    Paused,
    /// At the end of the input.
    Ended,
}

impl Phase {
    /// Returns the phase's name as it appears in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FastForward => "fast_forward",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

/// The position of a replay.
#[derive(Clone, Copy, Debug)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Inputs taken in since the beginning of the session.
    pub inputs: u64,
    /// Commits since the beginning of the session.
    pub commits: u64,
    /// The highest event time so far, 0 before the first.
    pub ts_ns: u64,
    /// How late the last input was against the schedule.
    pub behind: Duration,
    /// The last gap that was shortened, if any since the last restart or seek.
    pub shortened: Option<Duration>,
    /// How fast event time runs.
    pub speed: Speed,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<O> {
    /// Send this on.
    Output(O),
    /// The picture starts anew: a restart or a seek was carried out.
    Restarted,
    /// A stretch of work is done, more is at hand: look for commands, then come again.
    Working,
    /// Nothing is due before that instant.
    Wait(Instant),
    /// Nothing happens until a command comes.
    Paused,
    /// The input has ended; a restart or a seek may bring it back.
    Ended,
}

/// What a viewer sees after a restart or seek, which shows its first output even when paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Picture {
    /// The restart is still to be told.
    Restarted,
    /// Told, but nothing was emitted since.
    Awaited,
    /// The last output is what the viewer sees.
    Shown,
}

/// Whether there is input left.
#[derive(Debug)]
enum Run<E> {
    Running,
    /// The input broke off; what was open is emitted before the error is returned.
    Failing(E),
    Ended,
}

/// Inputs taken in before commands are looked for again: well under a millisecond of work.
const STRETCH: u32 = 4096;

/// A running replay of one session.
#[derive(Debug)]
pub struct Replay<P: Producer> {
    producer: P,
    settings: ReplaySettings,
    throttle: Throttle,
    pace: Pace,
    stamp: Stamp,
    checkpoints: Checkpoints<P::Checkpoint>,
    /// Commits before this event time are silent.
    live_from_ns: u64,
    /// No input at or after that time has been seen.
    is_silent: bool,
    place: Place,
    run: Run<P::Error>,
    is_paused: bool,
    picture: Picture,
    behind: Duration,
    shortened: Option<Duration>,
}

impl<P: Producer> Replay<P> {
    /// Returns a replay at the beginning of its input.
    pub fn new(producer: P, settings: ReplaySettings) -> Self {
        Self {
            producer,
            throttle: Throttle::new(settings.throttle_ns),
            pace: Pace::new(settings.speed, settings.keeps_gaps),
            stamp: Stamp { seq: 0, epoch: 1 },
            checkpoints: Checkpoints::new(),
            live_from_ns: settings.start_ns.unwrap_or(0),
            settings,
            is_silent: true,
            place: Place::default(),
            run: Run::Running,
            is_paused: false,
            picture: Picture::Shown,
            behind: Duration::ZERO,
            shortened: None,
        }
    }

    /// Returns the producer.
    pub const fn producer(&self) -> &P {
        &self.producer
    }

    /// Ends the replay and returns the producer.
    pub fn into_producer(self) -> P {
        self.producer
    }

    /// Returns the position of the replay.
    pub fn status(&self) -> Status {
        Status {
            phase: self.phase(),
            inputs: self.place.inputs,
            commits: self.place.commits,
            ts_ns: self.place.ts_ns,
            behind: self.behind,
            shortened: self.shortened,
            speed: self.pace.speed(),
        }
    }

    fn phase(&self) -> Phase {
        if matches!(self.run, Run::Ended) {
            Phase::Ended
        } else if self.is_paused {
            Phase::Paused
        } else if self.place.ts_ns < self.live_from_ns {
            Phase::FastForward
        } else {
            Phase::Live
        }
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// If the input cannot be opened again.
    pub fn command(&mut self, command: Command) -> Result<(), P::Error> {
        match command {
            Command::Pause => self.is_paused = true,
            Command::Resume => {
                self.is_paused = false;
                self.pace.release();
            }
            Command::Speed(speed) => self.pace.set_speed(speed),
            Command::Restart => {
                let start_ns = self.settings.start_ns.unwrap_or(0);
                self.go_to(start_ns)?;
            }
            Command::Seek(ts_ns) => self.go_to(ts_ns)?,
        }
        Ok(())
    }

    /// Does what is due at `now`, and returns what to do next.
    ///
    /// # Errors
    /// If the input broke off. Everything before that has been emitted.
    pub fn poll(&mut self, now: Instant) -> Result<Step<P::Output>, P::Error> {
        if self.picture == Picture::Restarted {
            self.picture = Picture::Awaited;
            return Ok(Step::Restarted);
        }
        if matches!(self.run, Run::Ended) {
            return Ok(Step::Ended);
        }
        if self.is_paused && self.picture == Picture::Shown {
            return Ok(Step::Paused);
        }
        for _ in 0..STRETCH {
            let next = match self.run {
                Run::Running => self.producer.next_ts(),
                Run::Failing(_) | Run::Ended => Ok(None),
            };
            let step = match next {
                Ok(Some(ts_ns)) if self.settings.end_ns.is_none_or(|end_ns| ts_ns < end_ns) => {
                    self.step(ts_ns, now)
                }
                Ok(_) => return self.end(),
                Err(error) => {
                    self.run = Run::Failing(error);
                    None
                }
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
        Ok(Step::Working)
    }

    /// Takes the next input in, which has that event time, or returns why it cannot yet.
    #[inline]
    fn step(&mut self, ts_ns: u64, now: Instant) -> Option<Step<P::Output>> {
        let commit = self.producer.commit_before();
        if let Some(output) = commit.and_then(|commit| self.take(commit)) {
            return Some(output);
        }
        if ts_ns.max(self.place.ts_ns) >= self.live_from_ns {
            if std::mem::take(&mut self.is_silent) {
                self.producer.go_live();
            }
            // What waits goes out at its own time, before the next input.
            let deadline = self
                .throttle
                .deadline_ns()
                .filter(|deadline| *deadline <= ts_ns);
            if let Some(wait) = self.wait_for(deadline.unwrap_or(ts_ns), now) {
                return Some(wait);
            }
            if self.throttle.reach(ts_ns) {
                return Some(self.emit());
            }
        }
        self.place.ts_ns = self.place.ts_ns.max(ts_ns);
        self.place.inputs += 1;
        let commit = self.producer.apply();
        let output = commit.and_then(|commit| self.take(commit));
        if self.checkpoints.wants(self.place.inputs) {
            self.checkpoints
                .keep(self.place, self.producer.checkpoint());
        }
        output
    }

    #[inline]
    fn wait_for(&mut self, ts_ns: u64, now: Instant) -> Option<Step<P::Output>> {
        let (due, shortened) = self.pace.due(ts_ns, now);
        self.shortened = shortened.or(self.shortened);
        match due {
            Due::Now { late } => {
                self.behind = late;
                None
            }
            Due::At(at) => Some(Step::Wait(at)),
        }
    }

    /// Takes a commit in; emits it if it is time.
    #[inline]
    fn take(&mut self, commit: Commit) -> Option<Step<P::Output>> {
        self.place.commits += 1;
        if commit.ts_ns < self.live_from_ns {
            return None;
        }
        self.stamp.epoch += u64::from(commit.is_break);
        self.throttle.commit(commit.ts_ns).then(|| self.emit())
    }

    fn emit(&mut self) -> Step<P::Output> {
        self.stamp.seq += 1;
        self.picture = Picture::Shown;
        Step::Output(self.producer.output(self.stamp))
    }

    fn end(&mut self) -> Result<Step<P::Output>, P::Error> {
        if let Some(output) = self.producer.finish().and_then(|commit| self.take(commit)) {
            return Ok(output);
        }
        if self.throttle.finish() {
            return Ok(self.emit());
        }
        match std::mem::replace(&mut self.run, Run::Ended) {
            Run::Failing(error) => Err(error),
            Run::Running | Run::Ended => Ok(Step::Ended),
        }
    }

    fn go_to(&mut self, ts_ns: u64) -> Result<(), P::Error> {
        let kept = self.checkpoints.before(ts_ns);
        // Going on from here is right only if nothing at or after the target was taken in yet, and
        // wise only if no checkpoint is nearer.
        let is_ahead = matches!(self.run, Run::Running) && ts_ns > self.place.ts_ns;
        let is_nearest = kept.is_none_or(|(place, _)| place.inputs <= self.place.inputs);
        if !(is_ahead && is_nearest) {
            self.producer.restore(kept.map(|(_, state)| state))?;
            self.place = kept.map_or_else(Place::default, |(place, _)| place);
        }
        self.live_from_ns = ts_ns;
        self.is_silent = true;
        self.throttle = Throttle::new(self.settings.throttle_ns);
        self.pace.release();
        self.stamp.epoch += 1;
        self.shortened = None;
        self.run = Run::Running;
        self.picture = Picture::Restarted;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
