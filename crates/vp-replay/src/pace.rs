//! When event time is due on the wall clock: a line through an anchor, never a sum of sleeps.

use std::time::{Duration, Instant};

/// How fast event time runs: 1 is real time, 0 as fast as the reader takes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(f64);

/// A speed that is negative, too large or no number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("speed must be 0 (as fast as it goes) or from 0.001 to 100000, found {0}")]
pub struct SpeedError(f64);

impl Speed {
    /// Real time.
    pub const REAL_TIME: Self = Self(1.0);
    /// As fast as the reader takes it.
    pub const UNPACED: Self = Self(0.0);

    /// Returns that speed.
    ///
    /// # Errors
    /// [`SpeedError`] if it is neither 0 nor within 0.001 to 100,000.
    pub fn new(value: f64) -> Result<Self, SpeedError> {
        if value == 0.0 || (0.001..=100_000.0).contains(&value) {
            Ok(Self(value.abs()))
        } else {
            Err(SpeedError(value))
        }
    }

    /// Returns the factor.
    pub const fn value(self) -> f64 {
        self.0
    }

    fn is_paced(self) -> bool {
        self.0 > 0.0
    }
}

/// A wait longer than this is shortened to it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The line that event time follows on the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    speed: Speed,
    keeps_gaps: bool,
    /// Event time and the instant it was due; `None` until the first is known.
    anchor: Option<(u64, Instant)>,
}

/// How long to wait for an event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// It is due, or late by that much.
    Now { late: Duration },
    /// It is due then.
    At(Instant),
}

impl Pace {
    pub(crate) const fn new(speed: Speed, keeps_gaps: bool) -> Self {
        Self {
            speed,
            keeps_gaps,
            anchor: None,
        }
    }

    pub(crate) const fn speed(&self) -> Speed {
        self.speed
    }

    /// Changes the speed; event time goes on from `ts_ns`, which is due at once.
    pub(crate) fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
        self.anchor = None;
    }

    /// Forgets the line, after a pause, seek or restart: the next event time asked for is due at
    /// once.
    pub(crate) fn release(&mut self) {
        self.anchor = None;
    }

    /// Returns when `ts_ns` is due, and how much of a gap was cut if the wait was shortened.
    pub(crate) fn due(&mut self, ts_ns: u64, now: Instant) -> (Due, Option<Duration>) {
        if !self.speed.is_paced() {
            return (
                Due::Now {
                    late: Duration::ZERO,
                },
                None,
            );
        }
        let (anchor_ts, anchor_at) = *self.anchor.get_or_insert((ts_ns, now));
        let elapsed = scaled(ts_ns.saturating_sub(anchor_ts), self.speed);
        let gap = elapsed.saturating_sub(now.saturating_duration_since(anchor_at));
        if gap > LONGEST_WAIT && !self.keeps_gaps {
            let at = now + LONGEST_WAIT;
            self.anchor = Some((ts_ns, at));
            return (Due::At(at), Some(gap));
        }
        if gap.is_zero() {
            let late = now
                .saturating_duration_since(anchor_at)
                .saturating_sub(elapsed);
            return (Due::Now { late }, None);
        }
        // Far future instants may not exist: an hour is looked at again when it has passed.
        (Due::At(now + gap.min(Duration::from_hours(1))), None)
    }
}

/// Wall time for a span of event time.
fn scaled(span_ns: u64, speed: Speed) -> Duration {
    let span = Duration::from_nanos(span_ns);
    Duration::try_from_secs_f64(span.as_secs_f64() / speed.0).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn time_is_due_on_a_line_and_does_not_drift() {
        let start = Instant::now();
        let mut pace = Pace::new(Speed::new(10.0).unwrap(), false);
        assert_eq!(
            pace.due(7 * SECOND, start).0,
            Due::Now {
                late: Duration::ZERO
            }
        );
        for step in 1..100 {
            // However late each look is, the next instant is on the line.
            let now = start + Duration::from_millis(100 * (step - 1) + 37);
            let due = pace.due((7 + step) * SECOND, now).0;
            assert_eq!(due, Due::At(start + Duration::from_millis(100 * step)));
        }
    }

    #[test]
    fn a_long_gap_is_cut_to_five_seconds() {
        let start = Instant::now();
        let mut pace = Pace::new(Speed::REAL_TIME, false);
        pace.due(0, start);
        let (due, cut) = pace.due(3600 * SECOND, start);
        assert_eq!(due, Due::At(start + LONGEST_WAIT));
        assert_eq!(cut, Some(Duration::from_hours(1)));
        let (due, cut) = pace.due(3601 * SECOND, start + LONGEST_WAIT);
        assert_eq!(due, Due::At(start + Duration::from_secs(6)));
        assert_eq!(cut, None);
    }

    #[test]
    fn gaps_are_kept_where_asked() {
        let start = Instant::now();
        let mut pace = Pace::new(Speed::REAL_TIME, true);
        pace.due(0, start);
        assert_eq!(
            pace.due(60 * SECOND, start).0,
            Due::At(start + Duration::from_mins(1))
        );
    }

    #[test]
    fn speeds_that_are_none_are_refused() {
        for value in [-1.0, f64::NAN, f64::INFINITY, 1e-9, 1e9] {
            assert!(Speed::new(value).is_err(), "{value}");
        }
        assert_eq!(Speed::new(-0.0), Ok(Speed::UNPACED));
    }
}
