//! The driver over a made-up producer and a clock that the tests turn.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Command, Phase, Replay, ReplaySettings, Step};
use crate::{Commit, Producer, Speed, Stamp};

/// Event times; the output of a commit is its time and how many inputs came before.
#[derive(Clone, Debug)]
struct Times {
    at: Vec<u64>,
    next: usize,
    live_at: Vec<u64>,
    breaks_off_at: Option<usize>,
}

impl Times {
    fn new(times: &[u64]) -> Self {
        Self {
            at: times.to_vec(),
            next: 0,
            live_at: Vec::new(),
            breaks_off_at: None,
        }
    }
}

impl Producer for Times {
    type Output = (u64, Stamp);
    type Checkpoint = usize;
    type Error = String;

    fn next_ts(&mut self) -> Result<Option<u64>, String> {
        if self.breaks_off_at == Some(self.next) {
            return Err(format!("broken at {}", self.next));
        }
        Ok(self.at.get(self.next).copied())
    }

    fn commit_before(&mut self) -> Option<Commit> {
        None
    }

    fn apply(&mut self) -> Option<Commit> {
        self.next += 1;
        Some(Commit {
            ts_ns: self.at[self.next - 1],
            is_break: false,
        })
    }

    fn finish(&mut self) -> Option<Commit> {
        None
    }

    fn go_live(&mut self) {
        self.live_at.push(self.at[self.next]);
    }

    fn output(&mut self, stamp: Stamp) -> (u64, Stamp) {
        (self.at[self.next - 1], stamp)
    }

    fn checkpoint(&self) -> usize {
        self.next
    }

    fn restore(&mut self, checkpoint: Option<&usize>) -> Result<(), String> {
        self.next = checkpoint.copied().unwrap_or(0);
        Ok(())
    }
}

fn settings(throttle_ns: u64, speed: f64) -> ReplaySettings {
    ReplaySettings {
        throttle_ns,
        speed: Speed::new(speed).unwrap(),
        ..ReplaySettings::default()
    }
}

/// Runs to the end of the input; returns each output with the time on the clock, and the error if
/// the input broke off.
fn run(replay: &mut Replay<Times>) -> (Vec<(Duration, u64)>, Option<String>) {
    let start = Instant::now();
    let (mut now, mut outputs) = (start, Vec::new());
    loop {
        match replay.poll(now) {
            Ok(Step::Output((ts, _))) => outputs.push((now - start, ts)),
            Ok(Step::Wait(until)) => now = until,
            Ok(Step::Working | Step::Restarted) => {}
            Ok(Step::Paused) => panic!("no pause was asked for"),
            Ok(Step::Ended) => return (outputs, None),
            Err(error) => return (outputs, Some(error)),
        }
    }
}

fn times_of(outputs: &[(Duration, u64)]) -> Vec<u64> {
    outputs.iter().map(|(_, ts)| *ts).collect()
}

const MS: u64 = 1_000_000;

#[test]
fn outputs_go_out_at_the_wall_time_that_corresponds() {
    let times = [100 * MS, 110 * MS, 112 * MS, 200 * MS];
    let mut replay = Replay::new(Times::new(&times), settings(25 * MS, 2.0));
    let (outputs, _) = run(&mut replay);
    let at = |ms: u64| Duration::from_micros(ms * 500);
    // The commit at 112 ms waited for 125 ms.
    assert_eq!(
        outputs,
        [(at(0), 100 * MS), (at(25), 112 * MS), (at(100), 200 * MS)]
    );
}

#[test]
fn a_broken_input_still_emits_what_waited() {
    let mut times = Times::new(&[0, 1, 2, 3]);
    times.breaks_off_at = Some(3);
    let (outputs, error) = run(&mut Replay::new(times, settings(25, 0.0)));
    assert_eq!(times_of(&outputs), [0, 2]);
    assert_eq!(error.as_deref(), Some("broken at 3"));
}

#[test]
fn a_paused_replay_stands_still_and_shows_where_a_seek_led() {
    let times: Vec<_> = (0..100).map(|n| n * 1000 * MS).collect();
    let mut replay = Replay::new(Times::new(&times), settings(0, 1.0));
    let now = Instant::now();
    assert!(matches!(replay.poll(now), Ok(Step::Output((0, _)))));
    replay.command(Command::Pause).unwrap();
    assert_eq!(replay.poll(now), Ok(Step::Paused));
    assert_eq!(replay.status().phase, Phase::Paused);
    for target in [50_000 * MS, 20_000 * MS] {
        replay.command(Command::Seek(target)).unwrap();
        assert_eq!(replay.poll(now), Ok(Step::Restarted));
        assert!(matches!(replay.poll(now), Ok(Step::Output((ts, _))) if ts == target));
        assert_eq!(replay.poll(now), Ok(Step::Paused));
    }
    replay.command(Command::Resume).unwrap();
    // The next one is due at once, the one after it a second later.
    assert!(matches!(replay.poll(now), Ok(Step::Output((ts, _))) if ts == 21_000 * MS));
    assert_eq!(
        replay.poll(now),
        Ok(Step::Wait(now + Duration::from_secs(1)))
    );
}

#[test]
fn restart_and_seek_raise_the_epoch_and_go_on_counting() {
    let mut replay = Replay::new(Times::new(&[1, 2, 3]), settings(0, 0.0));
    run(&mut replay);
    replay.command(Command::Restart).unwrap();
    assert_eq!(replay.poll(Instant::now()), Ok(Step::Restarted));
    let Ok(Step::Output((ts, stamp))) = replay.poll(Instant::now()) else {
        panic!("no output")
    };
    assert_eq!((ts, stamp), (1, Stamp { seq: 4, epoch: 2 }));
}

#[test]
fn a_seek_starts_from_the_nearest_checkpoint_either_way() {
    let times: Vec<_> = (0..3_500_000).collect();
    let emits_seldom = ReplaySettings {
        throttle_ns: u64::MAX,
        ..settings(0, 0.0)
    };
    let mut replay = Replay::new(Times::new(&times), emits_seldom);
    run(&mut replay);
    for (target, checkpoint) in [(1_200_000, 1_000_000), (3_400_000, 3_000_000), (700, 0)] {
        replay.command(Command::Seek(target)).unwrap();
        assert_eq!(replay.status().inputs, checkpoint);
        assert_eq!(replay.poll(Instant::now()), Ok(Step::Restarted));
    }
}

#[test]
fn start_and_end_frame_what_is_emitted() {
    let times: Vec<_> = (0..10).collect();
    let framed = ReplaySettings {
        start_ns: Some(3),
        end_ns: Some(7),
        ..settings(0, 0.0)
    };
    let mut replay = Replay::new(Times::new(&times), framed);
    assert_eq!(times_of(&run(&mut replay).0), [3, 4, 5, 6]);
    assert_eq!(replay.producer().live_at, [3]);
    assert_eq!(replay.status().inputs, 7);
}

proptest! {
    #[test]
    fn the_sequence_is_the_same_at_every_speed(
        gaps in proptest::collection::vec(0..20_000 * MS, 1..60),
        throttle in prop_oneof![Just(0), 1..5000 * MS],
        start in prop_oneof![Just(None), (0..200_000 * MS).prop_map(Some)],
        speed in prop_oneof![Just(0.25), Just(1.0), Just(50.0)],
    ) {
        let times: Vec<_> = gaps.iter().scan(0, |ts, gap| { *ts += gap; Some(*ts) }).collect();
        let at = |speed| {
            let settings = ReplaySettings { start_ns: start, ..settings(throttle, speed) };
            times_of(&run(&mut Replay::new(Times::new(&times), settings)).0)
        };
        prop_assert_eq!(at(speed), at(0.0));
    }

    #[test]
    fn a_seek_shows_what_a_start_there_would(
        times in proptest::collection::vec(0..1000u64, 1..60),
        first in 0..1000u64,
        target in 0..1000u64,
        throttle in prop_oneof![Just(0), 1..50u64],
    ) {
        let started = |at| ReplaySettings { start_ns: Some(at), ..settings(throttle, 0.0) };
        let mut sought = Replay::new(Times::new(&times), started(first));
        let _ = sought.poll(Instant::now());
        sought.command(Command::Seek(target)).unwrap();
        let mut fresh = Replay::new(Times::new(&times), started(target));
        prop_assert_eq!(times_of(&run(&mut sought).0), times_of(&run(&mut fresh).0));
    }
}
