//! The service's clock. This machine's may be wrong, and orders are matched by time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::fmt::rfc2822;

use crate::instant::Instant;

/// This machine's clock and how far it is off.
#[derive(Debug, Default)]
pub(super) struct ServiceClock {
    /// The service's seconds less this machine's.
    ahead_s: AtomicI64,
}

impl ServiceClock {
    /// Returns the time by the service's clock.
    pub(super) fn now(&self) -> Instant {
        self.at(local())
    }

    /// Learns from the `Date` of an answer. Differences of seconds are those of travel and rounding.
    pub(super) fn learn(&self, date: &str) {
        let Ok(date) = rfc2822::parse(date) else {
            return;
        };
        let local_s = i64::try_from(local().0 / 1_000_000_000).unwrap_or(i64::MAX);
        let ahead_s = date.timestamp().as_second().saturating_sub(local_s);
        let ahead_s = if ahead_s.abs() <= 2 { 0 } else { ahead_s };
        self.ahead_s.store(ahead_s, Ordering::Relaxed);
    }

    /// Returns how far the service's clock is ahead, in seconds.
    pub(super) fn ahead_s(&self) -> i64 {
        self.ahead_s.load(Ordering::Relaxed)
    }

    fn at(&self, local: Instant) -> Instant {
        let ahead_s = self.ahead_s();
        let apart = Duration::from_secs(ahead_s.unsigned_abs());
        if ahead_s < 0 {
            local.minus(apart)
        } else {
            local.plus(apart)
        }
    }
}

fn local() -> Instant {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Instant(0).plus(since_epoch.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_set_right() {
        let clock = ServiceClock::default();
        clock.learn("Fri, 06 Feb 2026 21:00:00 GMT");
        let apart = clock.now().since(Instant(1_770_411_600_000_000_000));
        assert!(apart < Duration::from_secs(10), "{apart:?}");
        clock.learn("nonsense");
        assert_ne!(clock.ahead_s(), 0);
    }
}
