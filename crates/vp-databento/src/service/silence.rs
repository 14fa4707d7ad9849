//! How long the service has not answered: a log line while a call waits, and an end to waiting. It
//! does not decide what is called, or what is retried.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::ServiceError;

/// How long a call waits before the first log line, and between two of them.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// How often a waiting call looks for progress.
const TICK: Duration = Duration::from_secs(1);

/// The time since the service's last answer, over all calls of this process.
#[derive(Debug)]
pub(crate) struct Silence {
    host: String,
    /// How long a silence may last.
    longest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the first call began that has had no answer, unless a later one was answered.
    since: Option<Instant>,
    /// When the last log line was written.
    last_line: Option<Instant>,
    has_answered: bool,
    /// Whether a call has failed because of this silence.
    is_reported: bool,
}

impl Silence {
    pub(super) fn new(host: String, longest: Duration) -> Self {
        Self {
            host,
            longest,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the service has answered anything since this process began.
    pub(super) fn has_answered(&self) -> bool {
        self.state().has_answered
    }

    /// Notes an answer, or part of one.
    fn end(&self) {
        let mut state = self.state();
        state.since = None;
        state.is_reported = false;
        state.has_answered = true;
    }

    /// Begins a call. A program that goes on after a reported silence waits for a new one.
    fn begin(&self, now: Instant) {
        let mut state = self.state();
        if std::mem::take(&mut state.is_reported) {
            state.since = None;
        }
        state.since.get_or_insert(now);
    }

    /// Returns how much longer the silence may last.
    pub(super) fn left(&self) -> Duration {
        let since = self.state().since;
        self.longest
            .saturating_sub(since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    /// Waits for one call. It fails as [`ServiceError::Unreachable`] after `limit`, if there is
    /// one, and as [`ServiceError::Silent`] when the silence has lasted too long. `progress` returns
    /// whether part of the answer has arrived since it was last called.
    ///
    /// # Errors
    /// [`ServiceError`] of the call, or those two.
    ///
    /// # Cancel safety
    /// Cancelling cancels the call.
    pub(super) async fn watch<T>(
        &self,
        call: &str,
        limit: Option<Duration>,
        mut progress: impl FnMut() -> bool,
        work: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        let begun = Instant::now();
        self.begin(begun);
        let mut last = begun;
        let mut work = pin!(work);
        loop {
            let left = limit.map_or(TICK, |limit| limit.saturating_sub(begun.elapsed()));
            let step = TICK.min(left).min(self.left());
            let message = match timeout(step, work.as_mut()).await {
                Ok(Err(ServiceError::Unreachable { message })) => message,
                Ok(result) => {
                    self.end();
                    return result;
                }
                Err(_) => {
                    if progress() {
                        last = Instant::now();
                        self.end();
                        self.state().since = Some(last);
                    }
                    let is_late = limit.is_some_and(|limit| begun.elapsed() >= limit);
                    if !is_late && !self.left().is_zero() {
                        self.say(call, last);
                        continue;
                    }
                    format!("no answer within {:.1} s", begun.elapsed().as_secs_f64())
                }
            };
            return Err(if self.left().is_zero() {
                self.state().is_reported = true;
                ServiceError::Silent {
                    host: self.host.clone(),
                    call: call.to_owned(),
                    silent: self.longest,
                    message,
                }
            } else {
                ServiceError::Unreachable { message }
            });
        }
    }

    /// Logs that a call waits, once for all calls that wait at the same time.
    fn say(&self, call: &str, last: Instant) {
        let waited = last.elapsed();
        let mut state = self.state();
        let is_recent = state
            .last_line
            .is_some_and(|line| line.elapsed() < BETWEEN_LINES);
        if waited < BETWEEN_LINES || is_recent {
            return;
        }
        state.last_line = Some(Instant::now());
        let silent = state
            .since
            .map_or(Duration::ZERO, |since| since.elapsed())
            .as_secs();
        drop(state);
        tracing::warn!(
            "waiting for the service: {} has not answered {call} for {} s; the command ends after \
             {} s without any answer ({silent} s so far)",
            self.host,
            waited.as_secs(),
            self.longest.as_secs(),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn silence() -> Silence {
        Silence::new("host".into(), 3 * MINUTE)
    }

    async fn call(silence: &Silence, limit: Option<Duration>) -> Result<(), ServiceError> {
        silence.watch("call", limit, || false, pending()).await
    }

    #[tokio::test(start_paused = true)]
    async fn calls_without_answers_end_together_after_the_longest_silence() {
        let (silence, start) = (silence(), Instant::now());
        for limit in [Some(MINUTE), Some(MINUTE)] {
            let error = call(&silence, limit).await.unwrap_err();
            assert!(matches!(error, ServiceError::Unreachable { .. }), "{error}");
        }
        // A pause counts, too, and the last call is cut short.
        sleep(MINUTE / 2).await;
        let error = call(&silence, None).await.unwrap_err();
        assert!(matches!(error, ServiceError::Silent { .. }), "{error}");
        assert_eq!(start.elapsed().as_secs(), 180);
        assert!(!silence.has_answered());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_after_a_reported_silence_is_given_its_time() {
        let silence = silence();
        let error = call(&silence, None).await.unwrap_err();
        assert!(matches!(error, ServiceError::Silent { .. }), "{error}");
        let late = async {
            sleep(MINUTE / 2).await;
            Ok(())
        };
        let result = silence.watch("call", Some(MINUTE), || false, late).await;
        assert_eq!(result, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_ends_the_silence_even_if_it_is_an_error() {
        let silence = silence();
        assert!(call(&silence, Some(2 * MINUTE)).await.is_err());
        let refusal = ServiceError::Payment {
            message: String::new(),
        };
        let refused = async { Err::<(), _>(refusal.clone()) };
        let result = silence.watch("call", None, || false, refused).await;
        assert_eq!(result, Err(refusal));
        assert!(silence.has_answered());
        assert_eq!(silence.left(), 3 * MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn progress_keeps_a_long_answer_alive() {
        let silence = silence();
        let long = async {
            sleep(60 * MINUTE).await;
            Ok(())
        };
        let result = silence.watch("call", None, || true, long).await;
        assert_eq!(result, Ok(()));
    }
}
