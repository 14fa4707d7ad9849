//! The state machine: records in, one commit for each event.

use alloc::vec::Vec;
use vp_book::{Bbo, Book, Change};
use vp_market::{Action, Record};

use crate::buckets::EventStamp;
use crate::config::GridConfig;
use crate::grid::Grid;
use crate::open_event::OpenEvent;
use crate::state::{NO_ROWS, State};

/// What a record did to the grid.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// How many events the record committed: an open one that it ended by coming, its own, both,
    /// or none.
    pub commits: u32,
    /// The buckets that the last commit touched, as rows of the frame after it, ascending; empty
    /// if nothing was committed.
    pub touched: &'a [i32],
}

/// The order book and the grid of one instrument.
///
/// Records change the book at once; the grid changes once for each event, which the record with
/// the last-in-event flag commits.
///
/// # Examples
/// See the [crate's front page](crate).
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
    open: OpenEvent,
    /// The time of the open event, if one is open.
    open_ts: Option<u64>,
    /// The open event has a clear or snapshot records: depth is read from the book again.
    is_rebuilt: bool,
    /// The time of the snapshot that is being taken in: that of its first record.
    snapshot_ts: u64,
    touched: Vec<i32>,
}

impl Engine {
    /// Returns an engine with an empty book and no spot.
    pub fn new(config: GridConfig) -> Self {
        Self {
            state: State::new(config),
            open: OpenEvent::new(),
            open_ts: None,
            is_rebuilt: false,
            snapshot_ts: 0,
            touched: Vec::with_capacity(config.rows()),
        }
    }

    /// Takes one record in.
    #[inline]
    pub fn apply(&mut self, record: &Record) -> Applied<'_> {
        let mut commits = u32::from(self.commit_before(record));
        let ts = self.time_of(record);
        self.open_ts = Some(ts);
        match self.state.book.apply(record) {
            Change::Nothing => {}
            Change::Touched(flow) => self.open.push(self.state.frame.bucket_size, flow),
            Change::Moved { from, to } => {
                self.open.push(self.state.frame.bucket_size, from);
                self.open.push(self.state.frame.bucket_size, to);
            }
            Change::Rebuilt => {
                self.is_rebuilt = true;
                if record.action == Action::Clear {
                    self.open.clear();
                    // An empty book has no best prices, even before its event is committed.
                    self.state.bbo = Bbo::default();
                }
            }
        }
        if record.is_last() {
            self.commit(ts);
            commits += 1;
        }
        Applied {
            commits,
            touched: if commits == 0 { &[] } else { &self.touched },
        }
    }

    /// Takes records in, one after the other, and calls `committed` with the grid after every commit.
    ///
    /// It is the quickest way through many records: those that come next are brought into the caches
    /// while one is worked on. The grids are the same as of [`apply`](Self::apply), one record at a time.
    /// An event that the last record leaves open stays open: the next batch goes on with it, and
    /// [`flush`](Self::flush) ends it.
    ///
    /// # Examples
    /// ```
    /// use vp_engine::{Engine, GridConfig, Record, TickSize};
    ///
    /// fn count_crossed(records: &[Record]) -> Result<usize, vp_engine::TickSizeError> {
    ///     let mut engine = Engine::new(GridConfig::new(TickSize::from_nanos(250_000_000)?));
    ///     let mut crossed = 0;
    ///     engine.apply_batch(records, |grid| {
    ///         let both = grid.best_bid().zip(grid.best_ask());
    ///         crossed += usize::from(both.is_some_and(|(bid, ask)| bid > ask));
    ///     });
    ///     Ok(crossed)
    /// }
    /// # assert_eq!(count_crossed(&[])?, 0);
    /// # Ok::<(), vp_engine::TickSizeError>(())
    /// ```
    pub fn apply_batch(&mut self, records: &[Record], mut committed: impl FnMut(Grid<'_>)) {
        for ahead in records.chunks(Book::PREFETCH) {
            self.state.book.prefetch(ahead);
            for record in ahead {
                if self.commit_before(record) {
                    committed(self.grid());
                }
                if self.apply(record).commits > 0 {
                    committed(self.grid());
                }
            }
        }
    }

    /// Commits the open event if `record`, by coming next, ends it; returns whether it did.
    ///
    /// [`apply`](Self::apply) does this, too. Call it first where the grid of every single
    /// commit must be seen, also of those that fall on one record.
    #[inline]
    pub fn commit_before(&mut self, record: &Record) -> bool {
        let Some(open_ts) = self.open_ts else {
            return false;
        };
        let is_ended = if record.is_snapshot() {
            self.state.book.begins_snapshot(record)
        } else {
            record.ts_event != open_ts || self.state.book.ends_snapshot_before(record)
        };
        if is_ended {
            self.commit(open_ts);
        }
        is_ended
    }

    /// Commits the event that is open at the end of the input; returns whether one was.
    pub fn flush(&mut self) -> bool {
        let open_ts = self.open_ts;
        if let Some(ts) = open_ts {
            self.commit(ts);
        }
        open_ts.is_some()
    }

    /// Returns the time of `record` as the engine takes it: all records of a snapshot have that
    /// of its first.
    fn time_of(&mut self, record: &Record) -> u64 {
        if !record.is_snapshot() {
            return record.ts_event;
        }
        if self.state.book.begins_snapshot(record) {
            self.snapshot_ts = record.ts_event;
        }
        self.snapshot_ts
    }

    /// Returns the grid after the last commit.
    #[inline]
    pub const fn grid(&self) -> Grid<'_> {
        Grid::new(&self.state)
    }

    /// Returns the order book, with the records of an open event already applied.
    pub const fn book(&self) -> &Book {
        &self.state.book
    }

    /// Returns the shape of the grid.
    pub const fn config(&self) -> &GridConfig {
        &self.state.config
    }

    /// Returns the rows that the last commit touched, ascending.
    pub fn touched(&self) -> &[i32] {
        &self.touched
    }

    #[inline]
    fn commit(&mut self, ts_ns: u64) {
        self.open_ts = None;
        self.state.event = EventStamp {
            ts_ns,
            event_id: self.state.event.event_id + 1,
        };
        let bbo = self.state.book.bbo();
        let entered = if bbo == self.state.bbo {
            NO_ROWS
        } else {
            self.state.move_to(bbo)
        };
        if self.is_rebuilt {
            self.state.reset_depth();
        }
        self.touched.clear();
        for touch in self.open.merged() {
            let Some(k) = self.state.frame.k(touch.bucket) else {
                continue;
            };
            self.touched.push(k);
            let is_depth_reset = self.is_rebuilt || entered.contains(&k);
            self.state
                .ring
                .touch(touch.bucket, self.state.event, touch.flow, is_depth_reset);
        }
        self.open.clear();
        self.is_rebuilt = false;
    }
}
