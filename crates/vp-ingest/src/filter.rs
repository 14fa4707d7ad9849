//! From feed messages to a session's records: what passes, what is rewritten, what is counted.
//!
//! Order is kept and nothing is judged: a defect of the instrument's own records goes through to
//! the book, which counts it.

use dbn::MboMsg;
use vp_market::{Action, Flags, Price, Record, SessionWindow, Side};

/// What came of the records of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records in the files, of any kind.
    pub records: u64,
    /// Records that are no market-by-order record, skipped.
    pub other_rtypes: u64,
    /// Records of other instruments, skipped.
    pub other_instruments: u64,
    /// Records of the instrument outside the session window, skipped.
    pub outside_window: u64,
    /// Top-of-book and aggregated records, passed on as action N.
    pub aggregated: u64,
    /// Records whose action letter is unknown, passed on as action N.
    pub unknown_actions: u64,
    /// Snapshot records that were passed on.
    pub snapshot_records: u64,
    /// Records that were passed on.
    pub delivered: u64,
}

/// Chooses the records of one instrument in one session.
#[derive(Debug)]
pub(crate) struct Filter {
    instrument_ids: Vec<u32>,
    window: SessionWindow,
    counters: Counters,
}

impl Filter {
    pub(crate) fn new(window: SessionWindow) -> Self {
        Self {
            instrument_ids: Vec::new(),
            window,
            counters: Counters::default(),
        }
    }

    /// Chooses these instruments from now on: ids are a file's own.
    pub(crate) fn choose(&mut self, instrument_ids: impl IntoIterator<Item = u32>) {
        self.instrument_ids.clear();
        self.instrument_ids.extend(instrument_ids);
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns what is passed on of a feed record, `None` if it is no MBO message, if anything is.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "4 of 12 ns a record")]
    pub(crate) fn pass(&mut self, message: Option<&MboMsg>) -> Option<Record> {
        self.counters.records += 1;
        let Some(message) = message else {
            self.counters.other_rtypes += 1;
            return None;
        };
        if !self.instrument_ids.contains(&message.hd.instrument_id) {
            self.counters.other_instruments += 1;
            return None;
        }
        if !is_in_session(message, self.window) {
            self.counters.outside_window += 1;
            return None;
        }
        Some(normalize(message, &mut self.counters))
    }
}

/// Returns whether a message belongs to a session: by its `ts_event`, but those of a snapshot and
/// clears always do.
#[inline]
pub(crate) fn is_in_session(message: &MboMsg, window: SessionWindow) -> bool {
    window.contains(message.hd.ts_event)
        || Flags(message.flags.raw()).contains(Flags::SNAPSHOT)
        || message.action.to_ne_bytes()[0] == Action::Clear as u8
}

/// Turns a message as the feed sent it into the record that a book takes, and counts what is odd
/// about it.
///
/// A snapshot's `ts_event` says when its order was placed, hours or days back: the time of the
/// snapshot, `ts_recv`, takes its place. What is no order (top of book, aggregated levels) becomes
/// action N, and so does an unknown action.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "only inlined do unused fields cost nothing"
)]
pub fn normalize(message: &MboMsg, counters: &mut Counters) -> Record {
    let flags = Flags(message.flags.raw());
    let letter = message.action.to_ne_bytes()[0];
    let mut action = Action::from_letter(letter).unwrap_or_else(|| {
        counters.unknown_actions += 1;
        Action::None
    });
    if flags.intersects(Flags::TOB | Flags::MBP) {
        counters.count_aggregated();
        action = Action::None;
    }
    let is_snapshot = flags.contains(Flags::SNAPSHOT);
    counters.snapshot_records += u64::from(is_snapshot);
    counters.delivered += 1;
    Record {
        ts_event: if is_snapshot {
            message.ts_recv
        } else {
            message.hd.ts_event
        },
        order_id: message.order_id,
        price: Price::from_nanos(message.price),
        size: message.size,
        action,
        side: Side::from_letter(message.side.to_ne_bytes()[0]),
        flags,
    }
}

impl Counters {
    #[cold]
    fn count_aggregated(&mut self) {
        if self.aggregated == 0 {
            tracing::warn!(
                "the input holds top-of-book or aggregated records, which are no orders: they are \
                 passed on as action N and counted"
            );
        }
        self.aggregated += 1;
    }
}
