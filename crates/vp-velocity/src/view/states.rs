//! The state of gold every so many windows of a date, so that gold can be computed from any window
//! on. They are made once, by a thread, for all viewers of a date.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use vp_lake::tables::{Batch, HeldPartition, PartitionError};
use vp_market::Price;

use crate::derived::Transform;

/// How far two states are apart, in nanoseconds, at least.
const STEP_NS: i64 = 128_000_000_000;

/// Rows of silver that are taken in at once.
const SLICE_ROWS: usize = 256;

/// The columns that are gathered: the spot of the last window.
const KEYS: [&str; 2] = ["window_end_ts_ns", "spot_ref_price_int"];

/// Gold before a row of silver.
#[derive(Clone, Debug)]
pub(super) struct State<T> {
    /// What has taken in all rows before.
    pub(super) transform: T,
    /// The next row of silver.
    pub(super) row: u64,
    /// The end of the window that is open; that of none has been handed out from there on.
    open_end_ns: i64,
    /// The spot of the last window that has gold.
    pub(super) spot: Option<Price>,
}

/// The states of one date.
#[derive(Debug)]
pub(super) struct States<T> {
    made: Mutex<Made<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Made<T> {
    /// By time; the first is that before the first row.
    states: Vec<State<T>>,
    is_complete: bool,
}

/// The states of all dates that are being viewed, by the content hash of silver.
#[derive(Debug)]
pub(super) struct Registry<T>(Mutex<BTreeMap<String, Weak<States<T>>>>);

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Transform> Registry<T> {
    /// Returns the states of a date, and starts to make them for the first viewer.
    pub(super) fn states(&self, silver: &Arc<HeldPartition>, transform: &T) -> Arc<States<T>> {
        let mut dates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dates.retain(|_, states| states.strong_count() > 0);
        let hash = &silver.manifest().content_sha256;
        if let Some(states) = dates.get(hash).and_then(Weak::upgrade) {
            return states;
        }
        let states = States::begin(Arc::clone(silver), transform.clone());
        dates.insert(hash.clone(), Arc::downgrade(&states));
        states
    }
}

impl<T: Transform> States<T> {
    fn begin(silver: Arc<HeldPartition>, mut transform: T) -> Arc<Self> {
        transform.gather(&KEYS);
        let first = State {
            transform,
            row: 0,
            open_end_ns: i64::MIN,
            spot: None,
        };
        let states = Arc::new(Self {
            made: Mutex::new(Made {
                states: vec![first.clone()],
                is_complete: false,
            }),
            changed: Condvar::new(),
        });
        let weak = Arc::downgrade(&states);
        let spawned = thread::Builder::new().name("gold".into()).spawn(move || {
            // Where silver is broken, who reads on from the last state finds the error.
            let _ = make(&weak, &silver, first);
            if let Some(states) = weak.upgrade() {
                states.complete();
            }
        });
        if let Err(error) = spawned {
            tracing::warn!("seeking will be slow: a thread cannot be started: {error}");
            states.complete();
        }
        states
    }

    fn lock(&self) -> MutexGuard<'_, Made<T>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn complete(&self) {
        self.lock().is_complete = true;
        self.changed.notify_all();
    }

    fn add(&self, state: State<T>) {
        self.lock().states.push(state);
        self.changed.notify_all();
    }

    /// Returns the last state before a window, as soon as it is known to be that.
    pub(super) fn before(&self, end_ts_ns: i64) -> State<T> {
        let is_open = |made: &mut Made<T>| {
            let last = made.states.last();
            !made.is_complete && last.is_some_and(|last| last.open_end_ns <= end_ts_ns)
        };
        let made = self.changed.wait_while(self.lock(), is_open);
        let made = made.unwrap_or_else(PoisonError::into_inner);
        let after = made
            .states
            .partition_point(|state| state.open_end_ns <= end_ts_ns);
        made.states[after.saturating_sub(1)].clone()
    }
}

/// Makes the states of a date, as long as it has a viewer.
fn make<T: Transform>(
    states: &Weak<States<T>>,
    silver: &HeldPartition,
    first: State<T>,
) -> Result<(), PartitionError> {
    let State {
        mut transform,
        mut spot,
        open_end_ns: mut last_end_ns,
        ..
    } = first;
    let mut reader = silver.read_from_row(0)?;
    while let Some(batch) = reader.next_batch()? {
        let Some(states) = states.upgrade() else {
            return Ok(());
        };
        let open_end_ns = batch.i64("window_end_ts_ns").last().copied();
        let mut rest = Some(batch);
        while let Some(batch) = rest {
            let (slice, more) = batch.split_at(SLICE_ROWS);
            rest = more;
            if transform.push(&slice).is_err() {
                return Ok(());
            }
            if transform.gathered() > 0
                && let Ok(gold) = Batch::of(&transform.columns(), transform.take())
            {
                let spot_int = gold.i64("spot_ref_price_int").last().copied();
                spot = spot_int.and_then(Price::from_nanos).or(spot);
            }
        }
        if let Some(open_end_ns) = open_end_ns
            && open_end_ns.saturating_sub(last_end_ns) >= STEP_NS
        {
            last_end_ns = open_end_ns;
            states.add(State {
                transform: transform.clone(),
                row: reader.rows_read(),
                open_end_ns,
                spot,
            });
        }
    }
    Ok(())
}
