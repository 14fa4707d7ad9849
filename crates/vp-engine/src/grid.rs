//! The grid as it is read: a view into the engine that copies nothing.

use vp_book::{Anomalies, Phase};
use vp_market::Price;

use crate::buckets::Bucket;
use crate::column::Column;
use crate::lineage::Mark;
use crate::state::State;

/// The grid after the last commit.
///
/// Phase and anomalies are those of the last record; everything else is that of the last commit,
/// but for the best prices and the mid, which a clear takes away at once.
///
/// # Shape
/// Rows k = −K … +K; row 0 is the spot, row k lies k buckets above it.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    state: &'a State,
}

impl<'a> Grid<'a> {
    #[inline]
    pub(crate) const fn new(state: &'a State) -> Self {
        Self { state }
    }

    /// Returns the time of the last event, in nanoseconds since the Unix epoch, UTC; `None` before the
    /// first. It goes back where the feed's time does.
    #[inline]
    pub const fn ts_ns(self) -> Option<u64> {
        match self.state.event.event_id {
            0 => None,
            _ => Some(self.state.event.ts_ns),
        }
    }

    /// Returns how many events there were. Events are numbered from 1 on.
    pub const fn events(self) -> u64 {
        self.state.event.event_id
    }

    /// Returns the bucket at row 0, in bucket widths; `None` before both sides were first present.
    pub const fn spot_tick(self) -> Option<i64> {
        self.state.frame.spot
    }

    /// Returns the price of row 0; `None` before the first spot, and for one beyond the range of prices.
    #[inline]
    pub const fn spot_price(self) -> Option<Price> {
        self.price_of(0)
    }

    /// Returns the price of row `k`, whether the grid has that row or not; `None` before the first spot,
    /// and beyond the range of prices.
    #[inline]
    pub const fn price_of(self, k: i32) -> Option<Price> {
        let Some(spot) = self.state.frame.spot else {
            return None;
        };
        let bucket = spot.saturating_add(k as i64);
        match bucket.checked_mul(self.state.frame.bucket_size.nanos()) {
            Some(nanos) => Price::from_nanos(nanos),
            None => None,
        }
    }

    /// Returns the highest price at which a bid rests.
    pub const fn best_bid(self) -> Option<Price> {
        self.state.bbo.bid
    }

    /// Returns the lowest price at which an ask rests.
    pub const fn best_ask(self) -> Option<Price> {
        self.state.bbo.ask
    }

    /// Returns the mid in currency units, if both sides are present.
    pub fn mid_price(self) -> Option<f64> {
        let (bid, ask) = self.state.bbo.both()?;
        Some(halved_in_currency(
            i128::from(bid.nanos()) + i128::from(ask.nanos()),
        ))
    }

    /// Returns how far the book can be trusted.
    pub const fn phase(self) -> Phase {
        self.state.book.phase()
    }

    /// Returns whether the book is what the venue's is.
    pub fn is_book_valid(self) -> bool {
        self.phase() == Phase::Live
    }

    /// Returns what was wrong with the records so far.
    pub const fn anomalies(self) -> &'a Anomalies {
        self.state.book.anomalies()
    }

    /// Returns K.
    pub const fn half_width(self) -> u32 {
        self.state.frame.half_width
    }

    /// Returns the rows, −K … +K.
    pub fn rows(self) -> core::ops::RangeInclusive<i32> {
        self.state.frame.rows()
    }

    /// Returns row `k`, or `None` where |k| > K. Before the first spot every row is zero.
    #[inline]
    pub fn bucket(self, k: i32) -> Option<Bucket> {
        if k.unsigned_abs() > self.half_width() {
            return None;
        }
        Some(match self.state.frame.bucket(k) {
            Some(bucket) => self.state.ring.read(bucket),
            None => Bucket::default(),
        })
    }

    /// Returns row `k` as it would be at `ts_ns`, had nothing happened since (the decayed view);
    /// `None` where |k| > K.
    ///
    /// The state is not changed; rows whose last event lies at or after `ts_ns` are as they are.
    pub fn bucket_at(self, k: i32, ts_ns: u64) -> Option<Bucket> {
        if k.unsigned_abs() > self.half_width() {
            return None;
        }
        Some(match self.state.frame.bucket(k) {
            Some(bucket) => self.state.ring.read_at(bucket, ts_ns),
            None => Bucket::default(),
        })
    }

    /// Returns every row, lowest price first.
    pub fn buckets(self) -> impl Iterator<Item = Bucket> + use<'a> {
        self.rows().filter_map(move |k| self.bucket(k))
    }

    /// Returns a mark of this state, to read only what changes from here on.
    #[inline]
    pub(crate) fn mark(self) -> Mark<'a> {
        self.state.mark()
    }

    /// Calls `visit` with every row that changed or came in after that many changes, and its place
    /// from the lowest price up. Every row must hold a bucket.
    #[inline]
    pub(crate) fn each_changed_since(self, changes: u64, visit: impl FnMut(usize, &Bucket)) {
        let State {
            frame,
            ring,
            config,
            ..
        } = self.state;
        if let Some(spot) = frame.whole() {
            let lowest = spot - i64::from(frame.half_width);
            ring.each_changed_since(changes, lowest, config.rows(), visit);
        }
    }

    /// Returns one column, lowest price first.
    pub fn column(self, column: Column) -> impl Iterator<Item = f64> + use<'a> {
        self.buckets().map(move |bucket| column.of(&bucket))
    }
}

/// Half of an amount in nanos, in currency units.
#[expect(
    clippy::cast_precision_loss,
    reason = "a mid is a derived float, never a price again"
)]
fn halved_in_currency(nanos: i128) -> f64 {
    nanos as f64 / 2e9
}
