//! What the grid is read from.

use core::ops::Range;

use vp_book::{Bbo, Book};
use vp_market::{Price, Side};

use crate::buckets::{EventStamp, Ring};
use crate::config::GridConfig;
use crate::frame::Frame;
use crate::lineage::{Lineage, Mark};

/// The book, the frame and the buckets after the last commit.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The book with the records of an open event.
    pub(crate) book: Book,
    pub(crate) frame: Frame,
    pub(crate) ring: Ring,
    /// The last commit.
    pub(crate) event: EventStamp,
    /// Best prices at the last commit; a clear since then took them away.
    pub(crate) bbo: Bbo,
    pub(crate) config: GridConfig,
    lineage: Lineage,
}

impl State {
    pub(crate) fn new(config: GridConfig) -> Self {
        Self {
            book: Book::new(config.price_tick()),
            frame: Frame {
                bucket_size: config.bucket(),
                half_width: config.half_width(),
                spot: None,
            },
            ring: Ring::new(config.rows()),
            event: EventStamp {
                ts_ns: 0,
                event_id: 0,
            },
            bbo: Bbo::default(),
            config,
            lineage: Lineage::new(),
        }
    }

    /// Returns a mark of the state after the last commit.
    #[inline]
    pub(crate) fn mark(&self) -> Mark<'_> {
        Mark {
            lineage: &self.lineage,
            changes: self.ring.changes(),
            spot: self.frame.whole(),
        }
    }

    /// Takes new best prices in: moves the frame if the spot moved, and lets buckets enter.
    /// Returns the rows that entered.
    pub(crate) fn move_to(&mut self, bbo: Bbo) -> Range<i32> {
        self.bbo = bbo;
        let Some((bid, ask)) = bbo.both() else {
            return NO_ROWS;
        };
        let entered = self.frame.move_to(self.frame.spot_between(bid, ask));
        for bucket in entered.clone().filter_map(|k| self.frame.bucket(k)) {
            let depth = depth_of(&self.book, &self.frame, bucket);
            self.ring.enter(bucket, depth);
        }
        entered
    }

    #[cold]
    pub(crate) fn reset_depth(&mut self) {
        for bucket in self.frame.buckets() {
            let depth = depth_of(&self.book, &self.frame, bucket);
            self.ring.reset_depth(bucket, depth);
        }
    }
}

pub(crate) const NO_ROWS: Range<i32> = 0..0;

/// Returns the size that rests in a bucket, both sides together.
fn depth_of(book: &Book, frame: &Frame, bucket: i64) -> u64 {
    let depth = |(lowest, highest): (Price, Price)| -> u64 {
        Side::BOTH
            .into_iter()
            .map(|side| book.depth_between(side, lowest, highest))
            .sum()
    };
    frame.prices(bucket).map_or(0, depth)
}
