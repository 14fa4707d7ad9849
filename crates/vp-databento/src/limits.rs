//! The service's limits on how often it may be called.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Lets at most so many calls begin in any span of time.
#[derive(Debug)]
pub(crate) struct RateLimit {
    most: usize,
    span: Duration,
    /// When each of the last calls began, or will, oldest first.
    begun: Mutex<VecDeque<Instant>>,
}

impl RateLimit {
    pub(crate) fn new(most: usize, span: Duration) -> Self {
        Self {
            most,
            span,
            begun: Mutex::new(VecDeque::with_capacity(most)),
        }
    }

    /// Waits until a call may begin.
    ///
    /// # Cancel safety
    /// A wait that is given up gives its turn up.
    pub(crate) async fn wait(&self) {
        let mut begun = self.begun.lock().await;
        if begun.len() >= self.most
            && let Some(first) = begun.front()
        {
            // Nobody else may begin before this one, so the others wait for the lock meanwhile.
            sleep_until(*first + self.span).await;
            begun.pop_front();
        }
        begun.push_back(Instant::now());
    }

    /// Counts calls that an earlier process began that long ago.
    pub(crate) async fn remember(&self, ages: impl IntoIterator<Item = Duration>) {
        let mut begun = self.begun.lock().await;
        let now = Instant::now();
        let earlier = ages.into_iter().filter_map(|age| now.checked_sub(age));
        begun.extend(earlier);
        begun.make_contiguous().sort();
        let surplus = begun.len().saturating_sub(self.most);
        begun.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of `calls` calls began, in seconds.
    async fn begin(limit: &RateLimit, calls: usize) -> Vec<f64> {
        let start = Instant::now();
        let mut begun = Vec::new();
        for _ in 0..calls {
            limit.wait().await;
            begun.push(start.elapsed().as_secs_f64());
        }
        begun
    }

    #[tokio::test(start_paused = true)]
    async fn no_span_holds_more_calls_than_are_allowed() {
        let limit = RateLimit::new(20, Duration::from_mins(1));
        let begun = begin(&limit, 65).await;
        for (first, later) in begun.iter().zip(&begun[20..]) {
            assert!(later - first >= 60.0, "{first} {later}");
        }
        assert!(begun[19] < 1.0);
        assert!((180.0..181.0).contains(&begun[64]));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_at_once_keep_the_limit_together() {
        let limit = RateLimit::new(2, Duration::from_secs(1));
        let start = Instant::now();
        let calls = (0..6).map(|_| async {
            limit.wait().await;
            start.elapsed().as_secs()
        });
        let mut begun = futures_util::future::join_all(calls).await;
        begun.sort_unstable();
        assert_eq!(begun, [0, 0, 1, 1, 2, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_of_an_earlier_process_count() {
        tokio::time::advance(Duration::from_secs(100)).await;
        let limit = RateLimit::new(2, Duration::from_mins(1));
        let ages = [10, 50, 55].map(Duration::from_secs);
        limit.remember(ages).await;
        let begun = begin(&limit, 2).await;
        assert!((begun[0] - 10.0).abs() < 0.1, "{begun:?}");
        assert!((begun[1] - 50.0).abs() < 0.1, "{begun:?}");
    }
}
