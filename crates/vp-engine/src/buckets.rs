//! The state of every bucket, in a ring keyed by absolute bucket number.
//!
//! A bucket belongs to its price. Its slot in the ring follows from its number alone, so a spot
//! that moves copies nothing: buckets that leave the frame are overwritten when others enter.
//! State is kept quantity by quantity, and in each the four flows side by side, so that one update
//! is a handful of four-lane operations. The frame itself is kept elsewhere.

use alloc::boxed::Box;
use alloc::vec;
use core::num::NonZeroU64;

use crate::decay::{Decay, count};

/// Add, pull, fill and depth at rest, side by side.
pub(crate) type Lanes = [f64; 4];

const ADD: usize = 0;
const PULL: usize = 1;
const FILL: usize = 2;
const REST: usize = 3;

/// What one event did in one bucket.
///
/// # Units
/// Contracts or shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) add: u64,
    pub(crate) pull: u64,
    pub(crate) fill: u64,
}

/// The masses and chains of one bucket.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    /// Decayed masses; the lane of depth at rest is not used.
    mass: Lanes,
    velocity: Lanes,
    acceleration: Lanes,
    jerk: Lanes,
}

/// One bucket, side by side: an update finds all of it with one look.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    chain: Chain,
    rest_depth: u64,
    /// 0 where no event has touched the bucket since it entered the frame.
    last_event_id: u64,
    /// Means nothing where no event has touched the bucket.
    last_ts: u64,
    /// The number of its last change, 0 before the first.
    changed_at: u64,
}

#[expect(
    clippy::needless_range_loop,
    reason = "several arrays advance in step, lane by lane"
)]
impl Chain {
    /// Advances by one event: `delta` joins the masses, `rest_change` the depth at rest.
    #[inline]
    fn advance(&mut self, dt_ns: u64, delta: Lanes, rest_change: f64) {
        match Decay::over(dt_ns) {
            Some(decay) => self.advance_over(&decay, delta, rest_change),
            None => self.advance_at_once(delta, rest_change),
        }
    }

    #[inline]
    fn advance_over(&mut self, decay: &Decay, delta: Lanes, rest_change: f64) {
        let mut change = [0.0; 4];
        for lane in 0..4 {
            change[lane] = self.mass[lane] * decay.mass_gain + delta[lane];
            self.mass[lane] = self.mass[lane] * decay.mass_kept + delta[lane];
        }
        change[REST] = rest_change;
        for lane in 0..4 {
            // Each gain needs the one before, so all else is multiplied out ahead of it.
            let v_gain = decay.velocity * (change[lane] * decay.rate - self.velocity[lane]);
            let a_gain =
                decay.acceleration_rate * v_gain - decay.acceleration * self.acceleration[lane];
            let j_gain = decay.jerk_rate * a_gain - decay.jerk * self.jerk[lane];
            self.velocity[lane] += v_gain;
            self.acceleration[lane] += a_gain;
            self.jerk[lane] += j_gain;
        }
    }

    /// The limit of [`advance_over`](Self::advance_over) as the span goes to zero.
    #[inline]
    fn advance_at_once(&mut self, delta: Lanes, rest_change: f64) {
        let mut change = delta;
        for lane in 0..4 {
            self.mass[lane] += delta[lane];
        }
        change[REST] = rest_change;
        for lane in 0..4 {
            let v_gain = change[lane] / 2.0;
            let a_gain = v_gain / 5.0;
            self.velocity[lane] += v_gain;
            self.acceleration[lane] += a_gain;
            self.jerk[lane] += a_gain / 10.0;
        }
    }
}

/// One bucket of the grid, as it is read.
///
/// # Units
/// Masses and depth in contracts or shares, velocities per second, accelerations per second²,
/// jerks per second³.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[expect(
    missing_docs,
    reason = "the fields are the quantity and the flow that their names say"
)]
#[non_exhaustive]
pub struct Bucket {
    pub add_mass: f64,
    pub pull_mass: f64,
    pub fill_mass: f64,
    /// Size resting in the bucket now, bids and asks together.
    pub rest_depth: u64,
    pub v_add: f64,
    pub v_pull: f64,
    pub v_fill: f64,
    pub v_rest_depth: f64,
    pub a_add: f64,
    pub a_pull: f64,
    pub a_fill: f64,
    pub a_rest_depth: f64,
    pub j_add: f64,
    pub j_pull: f64,
    pub j_fill: f64,
    pub j_rest_depth: f64,
    /// The number of the last event that touched the bucket; `None` if none did since it entered the
    /// frame. Events are numbered from 1 on.
    pub last_event_id: Option<NonZeroU64>,
    /// The latest time of the events that touched it, in nanoseconds since the Unix epoch.
    pub last_ts_ns: Option<u64>,
}

impl Bucket {
    /// Returns where liquidity builds: positive while orders arrive or trade and resting size
    /// stops shrinking, negative while they are pulled.
    pub fn pressure(&self) -> f64 {
        // Written out: which zero `f64::max` returns is not the same on every machine.
        let slowing = if self.a_rest_depth < 0.0 {
            -self.a_rest_depth
        } else {
            0.0
        };
        1.0 * self.v_add + 1.5 * self.v_fill - 1.0 * self.v_pull
            + 0.5 * slowing
            + 0.3 * (self.j_add - self.j_pull + self.j_fill)
    }

    /// Returns where liquidity drains: positive while more is pulled than added.
    pub fn vacuum(&self) -> f64 {
        self.v_pull - self.v_add
    }

    /// Returns what stands in the way: ln(1 + depth at rest).
    pub fn resistance(&self) -> f64 {
        libm::log1p(count(self.rest_depth))
    }
}

/// Bucket states in a ring.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    states: Box<[State]>,
    /// The number of the next change. A bucket changes when an event touches it, when its depth is
    /// reset and when it comes into the frame.
    next_change: u64,
    /// The slots that the last changes were made in, each at its number's place: readers who come
    /// often find what is new without a look at every bucket.
    recent: [usize; RECENT],
}

/// Changes that a reader may have missed and still be told one by one. It is a power of two, and
/// above it so many buckets have changed that looking at all of them costs no more.
const RECENT: usize = 64;

impl Ring {
    /// Returns a ring in which `rows` successive buckets have slots of their own.
    pub(crate) fn new(rows: usize) -> Self {
        let slots = rows.next_power_of_two();
        Self {
            states: vec![State::default(); slots].into_boxed_slice(),
            next_change: 1,
            recent: [0; RECENT],
        }
    }

    /// Returns a number that all changes so far are below, and all later ones are not.
    #[inline]
    pub(crate) const fn changes(&self) -> u64 {
        self.next_change
    }

    /// Makes a bucket that enters the frame: no flow, and the depth that the book has there.
    pub(crate) fn enter(&mut self, bucket: i64, rest_depth: u64) {
        let state = self.change(bucket);
        *state = State {
            rest_depth,
            changed_at: state.changed_at,
            ..State::default()
        };
    }

    /// Sets the depth at rest without flow, after a clear or a snapshot.
    pub(crate) fn reset_depth(&mut self, bucket: i64, rest_depth: u64) {
        self.change(bucket).rest_depth = rest_depth;
    }

    /// Takes note of a change, and returns the state to make it in.
    #[inline]
    fn change(&mut self, bucket: i64) -> &mut State {
        let slot = self.slot(bucket);
        let number = self.next_change;
        self.next_change += 1;
        self.recent[place(number)] = slot;
        let state = &mut self.states[slot];
        state.changed_at = number;
        state
    }

    /// Advances a touched bucket to the event. `is_depth_reset` says that its depth at rest is
    /// the book's already and has jumped without flow.
    #[inline]
    pub(crate) fn touch(
        &mut self,
        bucket: i64,
        event: EventStamp,
        flow: Flow,
        is_depth_reset: bool,
    ) {
        let state = self.change(bucket);
        let Flow { add, pull, fill } = flow;
        let delta = [count(add), count(pull), count(fill), 0.0];
        let rest_change = if is_depth_reset {
            0.0
        } else {
            state.rest_depth = state.rest_depth + add - pull - fill;
            delta[ADD] - delta[PULL] - delta[FILL]
        };
        let last_ts = if state.last_event_id == 0 {
            event.ts_ns
        } else {
            state.last_ts
        };
        state
            .chain
            .advance(event.ts_ns.saturating_sub(last_ts), delta, rest_change);
        state.last_ts = last_ts.max(event.ts_ns);
        state.last_event_id = event.event_id;
    }

    /// Calls `visit` with every one of `rows` buckets from `lowest` on whose last change is numbered
    /// `first` or above, and its place among them.
    #[inline]
    pub(crate) fn each_changed_since(
        &self,
        first: u64,
        lowest: i64,
        rows: usize,
        mut visit: impl FnMut(usize, &Bucket),
    ) {
        let mask = self.states.len() - 1;
        let start = self.slot(lowest);
        if self.next_change - first <= RECENT as u64 {
            for number in first..self.next_change {
                let slot = self.recent[place(number)];
                let row = slot.wrapping_sub(start) & mask;
                let state = &self.states[slot];
                // A bucket that changed again is visited then.
                if state.changed_at == number && row < rows {
                    visit(row, &state.describe());
                }
            }
        } else {
            for row in 0..rows {
                let state = &self.states[(start + row) & mask];
                if state.changed_at >= first {
                    visit(row, &state.describe());
                }
            }
        }
    }

    /// Returns the state of a bucket that is in the frame.
    #[inline]
    pub(crate) fn read(&self, bucket: i64) -> Bucket {
        self.states[self.slot(bucket)].describe()
    }

    /// Returns the state that a bucket in the frame would have at `ts_ns`, had nothing happened.
    pub(crate) fn read_at(&self, bucket: i64, ts_ns: u64) -> Bucket {
        let mut state = self.states[self.slot(bucket)];
        if state.last_event_id != 0 && state.last_ts < ts_ns {
            state.chain.advance(ts_ns - state.last_ts, [0.0; 4], 0.0);
        }
        state.describe()
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the ring has a power of two slots: only the low bits matter"
    )]
    fn slot(&self, bucket: i64) -> usize {
        bucket.cast_unsigned() as usize & (self.states.len() - 1)
    }
}

/// Returns where the change of that number is kept.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "only the low bits matter")]
const fn place(number: u64) -> usize {
    number as usize % RECENT
}

impl State {
    #[inline]
    fn describe(&self) -> Bucket {
        let Chain {
            mass,
            velocity,
            acceleration,
            jerk,
        } = &self.chain;
        Bucket {
            add_mass: mass[ADD],
            pull_mass: mass[PULL],
            fill_mass: mass[FILL],
            rest_depth: self.rest_depth,
            v_add: velocity[ADD],
            v_pull: velocity[PULL],
            v_fill: velocity[FILL],
            v_rest_depth: velocity[REST],
            a_add: acceleration[ADD],
            a_pull: acceleration[PULL],
            a_fill: acceleration[FILL],
            a_rest_depth: acceleration[REST],
            j_add: jerk[ADD],
            j_pull: jerk[PULL],
            j_fill: jerk[FILL],
            j_rest_depth: jerk[REST],
            last_event_id: NonZeroU64::new(self.last_event_id),
            last_ts_ns: (self.last_event_id != 0).then_some(self.last_ts),
        }
    }
}

/// Which event, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventStamp {
    pub(crate) ts_ns: u64,
    pub(crate) event_id: u64,
}
