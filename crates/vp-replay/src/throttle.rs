//! Which commits are emitted: at least an interval of event time apart, and the last one always.

/// The emission rule.
///
/// A commit is emitted at once if the interval has passed since the last emission. Otherwise it
/// waits: when event time reaches the last emission plus the interval, the newest commit that
/// waits is emitted, and that instant is its emission time.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    interval_ns: u64,
    /// When the next emission may be.
    due_ns: u64,
    is_waiting: bool,
}

impl Throttle {
    /// Returns a rule with that interval of event time; 0 emits every commit.
    pub const fn new(interval_ns: u64) -> Self {
        Self {
            interval_ns,
            due_ns: 0,
            is_waiting: false,
        }
    }

    /// Takes a commit at `ts_ns` in and returns whether it is to be emitted now.
    #[inline]
    pub fn commit(&mut self, ts_ns: u64) -> bool {
        let is_due = self.interval_ns == 0 || ts_ns >= self.due_ns;
        self.is_waiting = !is_due;
        if is_due {
            self.due_ns = ts_ns.saturating_add(self.interval_ns);
        }
        is_due
    }

    /// Returns the event time at which the commit that waits is to be emitted, if one waits.
    #[inline]
    pub fn deadline_ns(&self) -> Option<u64> {
        self.is_waiting.then_some(self.due_ns)
    }

    /// Takes note that event time has reached `ts_ns`; returns whether the commit that waits is to
    /// be emitted now.
    #[inline]
    pub fn reach(&mut self, ts_ns: u64) -> bool {
        let is_due = self.is_waiting && ts_ns >= self.due_ns;
        if is_due {
            self.is_waiting = false;
            self.due_ns = self.due_ns.saturating_add(self.interval_ns);
        }
        is_due
    }

    /// Ends the input; returns whether a commit that waits is to be emitted.
    pub fn finish(&mut self) -> bool {
        std::mem::take(&mut self.is_waiting)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Emission times and the commits emitted at them.
    fn emitted(interval: u64, commits: &[u64]) -> Vec<(u64, u64)> {
        let mut throttle = Throttle::new(interval);
        let (mut found, mut newest) = (Vec::new(), 0);
        for &ts in commits {
            let deadline = throttle.deadline_ns();
            if throttle.reach(ts) {
                found.push((deadline.unwrap(), newest));
            }
            newest = ts;
            if throttle.commit(ts) {
                found.push((ts, ts));
            }
        }
        if throttle.finish() {
            found.push((u64::MAX, newest));
        }
        found
    }

    #[test]
    fn a_commit_that_waits_goes_out_when_its_time_has_come() {
        let found = emitted(25, &[0, 10, 12, 100, 110, 130, 131]);
        assert_eq!(
            found,
            [(0, 0), (25, 12), (100, 100), (125, 110), (u64::MAX, 131)]
        );
    }

    proptest! {
        #[test]
        fn emissions_are_an_interval_apart_and_none_is_lost(
            interval in 0..50u64,
            gaps in proptest::collection::vec(0..60u64, 1..100),
        ) {
            let commits: Vec<_> = gaps.iter().scan(0, |ts, gap| { *ts += gap; Some(*ts) }).collect();
            let found = emitted(interval, &commits);
            for pair in found.windows(2) {
                prop_assert!(pair[1].0 - pair[0].0 >= interval);
            }
            prop_assert_eq!(found.last().map(|(_, ts)| ts), commits.last());
            if interval == 0 {
                prop_assert_eq!(found.len(), commits.len());
            }
        }
    }
}
