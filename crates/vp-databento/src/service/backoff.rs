//! How long to wait before something is tried again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Waits that double from one attempt to the next, with jitter.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The wait after the first attempt.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// How often something is tried altogether.
    pub attempts: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            attempts: 8,
        }
    }
}

impl Backoff {
    /// Returns how long to wait after that many attempts; at least as long as the service asks for.
    pub fn pause(&self, attempt: u32, retry_after: Option<Duration>) -> Duration {
        // A fresh hasher of the standard library begins with random keys.
        let random = RandomState::new().build_hasher().finish();
        self.pause_with(attempt, retry_after, random)
    }

    fn pause_with(&self, attempt: u32, retry_after: Option<Duration>, random: u64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        // Between a half and the whole, so that those who failed together do not return together.
        let part = u32::try_from(random % 501).expect("below 501") + 500;
        let pause = full.saturating_mul(part) / 1000;
        pause.max(retry_after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let most = |attempt| backoff.pause_with(attempt, None, 500).as_secs();
        assert_eq!(
            [most(1), most(2), most(3), most(7), most(99)],
            [1, 2, 4, 60, 60]
        );
        assert_eq!(backoff.pause_with(1, None, 0), Duration::from_millis(500));
    }

    #[test]
    fn the_service_is_given_the_time_it_asks_for() {
        let asked = Duration::from_secs(90);
        assert_eq!(Backoff::default().pause(1, Some(asked)), asked);
    }
}
