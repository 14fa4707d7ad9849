//! Blocking work that several requests may wait for: one call at a time, on a thread of its own,
//! with one result for all of them. What the work does is not known here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use tokio::sync::watch;

/// Tells work that its result is no longer needed.
#[derive(Clone, Debug)]
pub struct Cancellation {
    waiters: Arc<AtomicUsize>,
    is_stopping: Arc<AtomicBool>,
}

/// The work was abandoned, because no caller waits for its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled: no request waits for the result")]
pub struct Cancelled;

impl Cancellation {
    /// Returns one that never cancels.
    pub fn never() -> Self {
        Self {
            waiters: Arc::new(AtomicUsize::new(1)),
            is_stopping: Arc::default(),
        }
    }

    /// Returns an error once the work is to be given up. Long work asks between its steps.
    ///
    /// # Errors
    /// [`Cancelled`] if no caller waits for the result any more, or the server stops.
    pub fn check(&self) -> Result<(), Cancelled> {
        let is_wanted = self.waiters.load(Ordering::Acquire) > 0;
        if is_wanted && !self.is_stopping.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(Cancelled)
        }
    }
}

/// Why there is no result.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum FlightError {
    #[error("the server is stopping")]
    Stopping,
    #[error("the work panicked")]
    Panicked,
    #[error("cannot start a thread")]
    Spawn(#[source] Arc<io::Error>),
}

type Work<T> = Box<dyn Fn(&Cancellation) -> Result<T, Cancelled> + Send + Sync>;
type Outcome<T> = Result<T, FlightError>;

/// Work that is done at most once at a time.
pub(super) struct Flight<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    /// The name of the thread.
    name: &'static str,
    work: Work<T>,
    is_stopping: Arc<AtomicBool>,
    running: Mutex<Option<Arc<Call<T>>>>,
}

/// A call of the work that has not ended.
struct Call<T> {
    cancellation: Cancellation,
    outcome: watch::Sender<Option<Outcome<T>>>,
}

/// Somebody who waits for a call.
struct Waiter(Arc<AtomicUsize>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    pub(super) fn new(
        name: &'static str,
        work: impl Fn(&Cancellation) -> Result<T, Cancelled> + Send + Sync + 'static,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                name,
                work: Box::new(work),
                is_stopping: Arc::default(),
                running: Mutex::default(),
            }),
        }
    }

    /// Returns the result of the running call, or of a new one if none is running.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the call to the others who wait for it. If there are no others,
    /// the call is cancelled.
    pub(super) async fn result(&self) -> Outcome<T> {
        let (mut outcome, _waiter) = self.join()?;
        let outcome = outcome.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or(Err(FlightError::Panicked))
    }

    /// Cancels the running call and all later ones.
    pub(super) fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Release);
    }

    #[expect(clippy::type_complexity, reason = "it is used once, right above")]
    fn join(&self) -> Result<(watch::Receiver<Option<Outcome<T>>>, Waiter), FlightError> {
        let mut running = self.shared.lock();
        if let Some(call) = &*running {
            return Ok((call.outcome.subscribe(), call.wait()));
        }
        let call = Arc::new(Call {
            cancellation: Cancellation {
                waiters: Arc::default(),
                is_stopping: Arc::clone(&self.shared.is_stopping),
            },
            outcome: watch::Sender::new(None),
        });
        let waiter = call.wait();
        let outcome = call.outcome.subscribe();
        let (shared, started) = (Arc::clone(&self.shared), Arc::clone(&call));
        thread::Builder::new()
            .name(self.shared.name.to_owned())
            .spawn(move || shared.carry_out(&started))
            .map_err(|error| FlightError::Spawn(Arc::new(error)))?;
        *running = Some(call);
        Ok((outcome, waiter))
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Call<T>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the work, on its own thread.
    fn carry_out(&self, call: &Call<T>) {
        loop {
            let result = catch_unwind(AssertUnwindSafe(|| (self.work)(&call.cancellation)));
            // While the lock is held no caller joins.
            let mut running = self.lock();
            let outcome = match result {
                Ok(Ok(value)) => Ok(value),
                // Somebody joined after the work had been given up.
                Ok(Err(Cancelled)) if call.cancellation.check().is_ok() => continue,
                Ok(Err(Cancelled)) => Err(FlightError::Stopping),
                Err(_) => Err(FlightError::Panicked),
            };
            *running = None;
            call.outcome.send_replace(Some(outcome));
            return;
        }
    }
}

impl<T> Call<T> {
    fn wait(&self) -> Waiter {
        let waiters = &self.cancellation.waiters;
        waiters.fetch_add(1, Ordering::AcqRel);
        Waiter(Arc::clone(waiters))
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use super::*;

    /// Runs a test on this thread.
    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(test);
    }

    /// Polls a future once; returns whether it waits.
    fn waits<F: Future>(future: &mut Pin<Box<F>>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        future.as_mut().poll(&mut context).is_pending()
    }

    #[test]
    fn a_second_request_waits_for_the_call_of_the_first() {
        let (go, gate) = mpsc::channel::<()>();
        let (gate, calls) = (Mutex::new(gate), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&calls);
        let flight = Flight::new("test", move |_| {
            gate.lock().unwrap().recv().unwrap();
            Ok(counted.fetch_add(1, Ordering::SeqCst) + 1)
        });
        run(async {
            let [mut first, mut second] = [(); 2].map(|()| Box::pin(flight.result()));
            assert!(waits(&mut first) && waits(&mut second));
            go.send(()).unwrap();
            assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 1));
            // A later request gets a call of its own.
            go.send(()).unwrap();
            assert_eq!(flight.result().await.unwrap(), 2);
        });
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    /// Returns work that goes on until it is cancelled, and what it says of its end.
    fn endless() -> (Flight<()>, mpsc::Receiver<()>) {
        let (ended, end) = mpsc::channel();
        let ended = Mutex::new(ended);
        let flight = Flight::new("test", move |cancellation| {
            loop {
                if let Err(cancelled) = cancellation.check() {
                    ended.lock().unwrap().send(()).unwrap();
                    return Err(cancelled);
                }
                thread::yield_now();
            }
        });
        (flight, end)
    }

    #[test]
    fn a_call_is_cancelled_with_the_last_who_waits_for_it() {
        let (flight, end) = endless();
        run(async {
            let [mut first, mut second] = [(); 2].map(|()| Box::pin(flight.result()));
            assert!(waits(&mut first) && waits(&mut second));
            drop(first);
            assert!(end.try_recv().is_err(), "one still waits");
            drop(second);
            end.recv().unwrap();
        });
    }

    #[test]
    fn a_call_is_cancelled_when_the_server_stops() {
        let (flight, end) = endless();
        run(async {
            let mut result = Box::pin(flight.result());
            assert!(waits(&mut result));
            flight.stop();
            assert!(matches!(result.await, Err(FlightError::Stopping)));
            end.recv().unwrap();
        });
    }

    #[test]
    fn work_that_panics_is_an_error_and_can_be_asked_for_again() {
        let flight = Flight::<()>::new("test", |_| panic!("as it should"));
        run(async {
            for _ in 0..2 {
                let result = flight.result().await;
                assert!(matches!(result, Err(FlightError::Panicked)));
            }
        });
    }
}
