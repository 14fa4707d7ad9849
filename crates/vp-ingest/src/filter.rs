//! From feed messages to a session's records: what passes, what is rewritten, what is counted.
//!
//! Order is kept and nothing is judged: a defect of the instrument's own records goes through to
//! the book, which counts it.

use dbn::{MboMsg, RecordRef};
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

    /// Returns what is passed on of a feed record, if anything is.
    #[inline]
    pub(crate) fn pass(&mut self, record: RecordRef<'_>) -> Option<Record> {
        self.counters.records += 1;
        // The reader has checked that a record that claims to be MBO is long enough to be one.
        let Some(message) = record.get::<MboMsg>() else {
            self.counters.other_rtypes += 1;
            return None;
        };
        if !self.instrument_ids.contains(&message.hd.instrument_id) {
            self.counters.other_instruments += 1;
            return None;
        }
        let flags = Flags(message.flags.raw());
        let letter = message.action.to_ne_bytes()[0];
        let mut action = Action::from_letter(letter).unwrap_or_else(|| {
            self.counters.unknown_actions += 1;
            Action::None
        });
        let is_snapshot = flags.contains(Flags::SNAPSHOT);
        let ts_event = if is_snapshot {
            message.ts_recv
        } else {
            message.hd.ts_event
        };
        let is_kept = is_snapshot || action == Action::Clear;
        if !is_kept && !self.window.contains(ts_event) {
            self.counters.outside_window += 1;
            return None;
        }
        if flags.intersects(Flags::TOB | Flags::MBP) {
            self.count_aggregated();
            action = Action::None;
        }
        self.counters.snapshot_records += u64::from(is_snapshot);
        self.counters.delivered += 1;
        Some(Record {
            ts_event,
            order_id: message.order_id,
            price: Price::from_nanos(message.price),
            size: message.size,
            action,
            side: Side::from_letter(message.side.to_ne_bytes()[0]),
            flags,
        })
    }

    #[cold]
    fn count_aggregated(&mut self) {
        if self.counters.aggregated == 0 {
            tracing::warn!(
                "the file holds top-of-book or aggregated records, which are no orders: they are \
                 passed on as action N and counted"
            );
        }
        self.counters.aggregated += 1;
    }
}
