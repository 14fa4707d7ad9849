//! Silver: the book and its flow, second by second.
//!
//! [`Silver`] takes records one by one, drives the book of `vp-book`, and hands out a window when
//! time leaves it. It knows no files, and no window but the current one: memory follows the book,
//! not the day.

mod arrivals;
#[cfg(feature = "lake")]
mod columns;
#[cfg(feature = "lake")]
mod flow_windows;
mod flows;
mod lattice;
#[cfg(feature = "lake")]
mod partition;
#[cfg(feature = "lake")]
mod raw_records;
mod rows;
mod spot;
mod window;

#[cfg(feature = "lake")]
pub use flow_windows::FlowWindows;
pub use lattice::Lattice;
#[cfg(feature = "lake")]
pub use partition::{build, partition};
pub use window::{BookSnapshot, DepthAndFlow, SilverWindow};

use vp_book::{Book, Change, LevelFlow, Phase, RestingOrder};
use vp_market::{Action, Price, Record, Side, TickSize};

use crate::session::{SECOND_NS, Session};
use arrivals::Arrivals;
use flows::SideFlows;
use rows::RowWriter;
use spot::Opening;

/// How long an order has to stay to count as resting.
const REST_NS: u64 = 500_000_000;

/// What silver is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilverConfig {
    /// The product's tick, at whose multiples the book is fast.
    pub tick: TickSize,
    /// The prices that get rows.
    pub lattice: Lattice,
    /// The windows that are written.
    pub session: Session,
}

/// The state machine from records to windows.
///
/// Windows are handed to a closure as they end: all of the session, those without records too, in
/// order. A record belongs to the window of its time, and to the current one if it is older.
#[derive(Clone, Debug)]
pub struct Silver {
    config: SilverConfig,
    book: Book,
    arrivals: Arrivals,
    last_trade: Option<Price>,
    /// The time of the snapshot that is being taken in, or was last.
    snapshot_ns: u64,
    /// The current window's start, in seconds since the epoch.
    second: u64,
    /// The book when the current window began.
    opening: Opening,
    /// The current window saw a clear or a snapshot record.
    is_rebuilt: bool,
    /// The current window's, bids and asks.
    flows: [SideFlows; 2],
    rows: RowWriter,
    window: SilverWindow,
}

impl Silver {
    /// Returns the machine before the first record.
    pub fn new(config: SilverConfig) -> Self {
        Self {
            config,
            book: Book::new(config.tick),
            arrivals: Arrivals::default(),
            last_trade: None,
            snapshot_ns: 0,
            second: 0,
            opening: Opening::default(),
            is_rebuilt: false,
            flows: Default::default(),
            rows: RowWriter::default(),
            window: SilverWindow::default(),
        }
    }

    /// Takes one record in, after handing out the windows that end before it.
    ///
    /// # Errors
    /// What `each` returns; the record has not been taken in then.
    pub fn apply<E>(
        &mut self,
        record: &Record,
        each: impl FnMut(&SilverWindow) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.book.begins_snapshot(record) {
            self.snapshot_ns = record.ts_event;
        }
        let ts_ns = if record.is_snapshot() {
            self.snapshot_ns
        } else {
            record.ts_event
        };
        if ts_ns / SECOND_NS > self.second {
            self.advance_to(ts_ns / SECOND_NS, each)?;
        }
        self.change_book(record, ts_ns);
        if record.action == Action::Trade && record.price.is_some() {
            self.last_trade = record.price;
        }
        Ok(())
    }

    /// Takes records in, one after the other, as [`apply`](Self::apply) does each of them; those that come
    /// next are brought into the caches while one is worked on.
    ///
    /// # Errors
    /// What `each` returns.
    pub fn apply_batch<E>(
        &mut self,
        records: &[Record],
        mut each: impl FnMut(&SilverWindow) -> Result<(), E>,
    ) -> Result<(), E> {
        for ahead in records.chunks(Book::PREFETCH) {
            self.book.prefetch(ahead);
            for record in ahead {
                self.apply(record, &mut each)?;
            }
        }
        Ok(())
    }

    /// Hands out the windows that the session still has.
    ///
    /// # Errors
    /// What `each` returns.
    pub fn finish<E>(&mut self, each: impl FnMut(&SilverWindow) -> Result<(), E>) -> Result<(), E> {
        self.advance_to(self.config.session.end_second(), each)
    }

    /// Returns whether every window of the session has been handed out, so that no record changes
    /// anything any more.
    pub fn is_complete(&self) -> bool {
        self.second >= self.config.session.end_second()
    }

    /// Returns the book after the last record.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Ends windows until the one that starts at `second` is the current one.
    fn advance_to<E>(
        &mut self,
        second: u64,
        mut each: impl FnMut(&SilverWindow) -> Result<(), E>,
    ) -> Result<(), E> {
        let session = self.config.session;
        while self.second < second {
            let now = Opening::of(&self.book, self.last_trade, self.config.lattice);
            if session.contains_second(self.second) {
                self.end_window(now);
                each(&self.window)?;
                self.second += 1;
            } else if self.second < session.first_second() {
                self.second = second.min(session.first_second());
            } else {
                self.second = second;
            }
            self.opening = now;
            self.is_rebuilt = false;
            self.flows.iter_mut().for_each(SideFlows::clear);
        }
        Ok(())
    }

    fn change_book(&mut self, record: &Record, ts_ns: u64) {
        let order_count = self.book.order_count();
        let change = if record.is_snapshot() && record.action != Action::Clear {
            self.is_rebuilt = true;
            let before = self.book.order(record.order_id);
            self.book.apply(record);
            difference(before, self.book.order(record.order_id))
        } else {
            self.book.apply(record)
        };
        let is_flow = !record.is_snapshot();
        match change {
            Change::Touched(flow) => {
                let arrived_ns = if self.book.order_count() < order_count {
                    self.arrivals.remove(record.order_id, ts_ns)
                } else {
                    self.arrivals.first(record.order_id, ts_ns)
                };
                self.note(flow, arrived_ns, ts_ns, is_flow);
            }
            Change::Moved { from, to } => {
                let arrived_ns = self.arrivals.restart(record.order_id, ts_ns);
                self.note(from, arrived_ns, ts_ns, is_flow);
                self.note(to, ts_ns, ts_ns, is_flow);
            }
            Change::Rebuilt => {
                self.is_rebuilt = true;
                self.arrivals.clear();
                self.flows.iter_mut().for_each(SideFlows::clear_young);
            }
            Change::Nothing => {}
        }
    }

    /// Books what happened at one level to an order that arrived at `arrived_ns`.
    #[inline]
    fn note(&mut self, flow: LevelFlow, arrived_ns: u64, ts_ns: u64, is_flow: bool) {
        if !self.config.session.contains_second(self.second) {
            return;
        }
        let cell = self.config.lattice.cell(flow.price);
        let sums = self.flows[usize::from(flow.side == Side::Ask)].at(cell);
        if is_flow {
            sums.add(flow, ts_ns.saturating_sub(arrived_ns) >= REST_NS);
        }
        // Only an order that arrived in this window's last half second will not have rested when
        // it ends: what came in an earlier window is older.
        if arrived_ns > self.second * SECOND_NS + (SECOND_NS - REST_NS) {
            sums.follow_young(flow);
        }
    }

    fn end_window(&mut self, now: Opening) {
        let lattice = self.config.lattice;
        let start_ns = self.second * SECOND_NS;
        let spot = self.opening.spot.or(now.spot);
        let spot_ref = spot.map(|spot| lattice.price_of(spot));
        let snapshot = BookSnapshot {
            window_start_ts_ns: start_ns.cast_signed(),
            window_end_ts_ns: (start_ns + SECOND_NS).cast_signed(),
            spot_ref_price_int: spot_ref,
            book_valid: self.book.phase() == Phase::Live,
            ..BookSnapshot::of(&self.book, self.last_trade)
        };
        let rows = &mut self.window.rows;
        rows.clear();
        rows.window_start_ts_ns = snapshot.window_start_ts_ns;
        rows.window_end_ts_ns = snapshot.window_end_ts_ns;
        rows.spot_ref_price_int = spot_ref;
        rows.window_valid = snapshot.book_valid && !self.is_rebuilt;
        self.window.snapshot = snapshot;
        if let Some(spot) = spot {
            let range = lattice.around(spot, self.opening.bests.or(now.bests));
            self.rows.write(&self.book, &mut self.flows, range, rows);
        }
    }
}

/// Returns what a record of a snapshot did to an order, in terms of flow, although it is not flow.
fn difference(before: Option<RestingOrder>, after: Option<RestingOrder>) -> Change {
    let flow = |order: RestingOrder, add, pull| LevelFlow {
        side: order.side,
        price: order.price,
        add,
        pull,
        fill: 0,
    };
    match (before, after) {
        (None, None) => Change::Nothing,
        (None, Some(new)) => Change::Touched(flow(new, new.size, 0)),
        (Some(old), None) => Change::Touched(flow(old, 0, old.size)),
        (Some(old), Some(new)) if (old.side, old.price) == (new.side, new.price) => {
            let (add, pull) = (
                new.size.saturating_sub(old.size),
                old.size.saturating_sub(new.size),
            );
            Change::Touched(flow(new, add, pull))
        }
        (Some(old), Some(new)) => Change::Moved {
            from: flow(old, 0, old.size),
            to: flow(new, new.size, 0),
        },
    }
}
