//! From feed messages to a session's records: what passes, what is rewritten, what is counted.
//!
//! Order is kept and nothing is judged: a defect of the instrument's own records goes through to
//! the book, which counts it.

use std::path::{Path, PathBuf};

use dbn::MboMsg;
use vp_market::{Action, Flags, Instrument, Record, SessionDate, SessionWindow};

use crate::candidates::Query;
use crate::mapping::Mapping;
use crate::{IngestError, Publishers, SymbolMap};

/// What came of the records of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records in the files, of any kind.
    pub records: u64,
    /// Records of other kinds than market by order, skipped.
    pub other_rtypes: u64,
    /// Records of other instruments, skipped.
    pub other_instruments: u64,
    /// Records of the instrument outside the session window, skipped.
    pub outside_window: u64,
    /// Records of the instrument from other publishers than the chosen one, skipped.
    pub other_publishers: u64,
    /// Top-of-book and aggregated records, passed on as action N.
    pub aggregated: u64,
    /// Records whose action letter is unknown, passed on as action N.
    pub unknown_actions: u64,
    /// Snapshot records that were passed on.
    pub snapshot_records: u64,
    /// Records that were passed on.
    pub delivered: u64,
}

/// Chooses the records of one instrument, from one publisher, in one session.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Instrument and publisher of the last record that passed: most are like the one before.
    last: Key,
    instrument_ids: Vec<u32>,
    window: SessionWindow,
    /// The publisher that was chosen, else that of the first record.
    publisher: Option<u16>,
    is_chosen: bool,
    /// The publishers of the records that were skipped for theirs.
    other_publishers: Publishers,
    /// What ends the session: after it nothing passes.
    fault: Option<IngestError>,
    counters: Counters,
    instrument: Instrument,
    date: SessionDate,
    /// The file that is read, for errors.
    path: PathBuf,
}

/// An instrument and a publisher, compared at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key(u64);

impl Key {
    /// That of no message.
    const NONE: Self = Self(u64::MAX);

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "else the whole message is laid out in memory"
    )]
    const fn of(message: &MboMsg) -> Self {
        let (publisher, id) = (message.hd.publisher_id, message.hd.instrument_id);
        Self((publisher as u64) << 32 | id as u64)
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is made of these two")]
    const fn parts(self) -> (u16, u32) {
        ((self.0 >> 32) as u16, self.0 as u32)
    }
}

impl Filter {
    pub(crate) fn new(instrument: Instrument, date: SessionDate, publisher: Option<u16>) -> Self {
        Self {
            last: Key::NONE,
            instrument_ids: Vec::new(),
            window: SessionWindow::new(instrument.product_type, date),
            publisher,
            is_chosen: publisher.is_some(),
            other_publishers: Publishers::default(),
            fault: None,
            counters: Counters::default(),
            instrument,
            date,
            path: PathBuf::new(),
        }
    }

    /// Chooses these instruments of a file from now on: ids are a file's own.
    pub(crate) fn choose(&mut self, path: &Path, instrument_ids: impl IntoIterator<Item = u32>) {
        self.path = path.into();
        self.last = Key::NONE;
        self.instrument_ids.clear();
        self.instrument_ids.extend(instrument_ids);
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns the publishers of the records that were skipped for theirs.
    pub(crate) fn other_publishers(&self) -> &Publishers {
        &self.other_publishers
    }

    pub(crate) const fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// Returns what has ended the session, once.
    pub(crate) fn take_fault(&mut self) -> Option<IngestError> {
        self.fault.take()
    }

    /// Returns what is passed on of a feed record, if anything is: of an MBO message, or of the bytes
    /// of another record.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "4 of 12 ns a record")]
    pub(crate) fn pass(&mut self, message: Option<&MboMsg>, bytes: &[u8]) -> Option<Record> {
        self.counters.records += 1;
        let Some(message) = message else {
            self.see_other(bytes);
            return None;
        };
        let key = Key::of(message);
        if key != self.last && !self.admits(key, message.ts_recv) {
            return None;
        }
        if !is_in_session(message, self.window) {
            self.counters.outside_window += 1;
            return None;
        }
        Some(normalize(message, &mut self.counters))
    }

    /// Decides about a message whose instrument or publisher is not that of the last one.
    #[inline(never)]
    fn admits(&mut self, key: Key, ts_recv: u64) -> bool {
        let (publisher, id) = key.parts();
        if !self.instrument_ids.contains(&id) {
            self.counters.other_instruments += 1;
            return false;
        }
        if !self.window.contains(ts_recv) {
            self.counters.outside_window += 1;
            return false;
        }
        let known = *self.publisher.get_or_insert(publisher);
        if known == publisher {
            self.last = key;
            return true;
        }
        if self.is_chosen {
            self.counters.other_publishers += 1;
            self.other_publishers.insert(publisher);
        } else {
            self.end(IngestError::SeveralPublishers {
                path: self.path.clone(),
                symbol: self.instrument.symbol.clone(),
                publishers: [known, publisher].into_iter().collect(),
            });
        }
        false
    }

    /// Looks at a record of another kind: it may say what an instrument is.
    #[cold]
    fn see_other(&mut self, record: &[u8]) {
        self.counters.other_rtypes += 1;
        let mapping = Mapping::parse(record);
        let Some(mapping) = mapping.filter(|of| self.instrument_ids.contains(&of.id)) else {
            return;
        };
        let symbols = SymbolMap::of(&mapping);
        let query = Query {
            product_type: self.instrument.product_type,
            symbol: &self.instrument.symbol,
            root: &self.instrument.root,
            date: self.date,
        };
        if let Err(error) = query.check_ids(&self.path, &symbols, [&mapping.id]) {
            self.end(error);
        }
    }

    fn end(&mut self, fault: IngestError) {
        self.last = Key::NONE;
        self.instrument_ids.clear();
        self.fault.get_or_insert(fault);
    }
}

/// Returns whether a message belongs to a session: by the time at which it was received, snapshots
/// and clears included.
///
/// Files are cut by that time. A record that the venue stamped just before midnight and that was
/// received after it belongs to the new day, whose snapshot does not know of it; the snapshot and
/// the clear of another day belong to that day.
#[inline]
pub(crate) const fn is_in_session(message: &MboMsg, window: SessionWindow) -> bool {
    window.contains(message.ts_recv)
}

/// Turns a message as the feed sent it into the record that a book takes, and counts what is odd
/// about it.
///
/// The record itself is [`Record::from`] the message.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "only inlined do unused fields cost nothing"
)]
pub fn normalize(message: &MboMsg, counters: &mut Counters) -> Record {
    let record = Record::from(message);
    if record.action == Action::None {
        counters.count_none(message.action.to_ne_bytes()[0], record.flags);
    }
    counters.snapshot_records += u64::from(record.is_snapshot());
    counters.delivered += 1;
    record
}

impl Counters {
    /// Counts a record that changes no book, if the feed's letter is not the reason.
    #[cold]
    fn count_none(&mut self, letter: u8, flags: Flags) {
        self.unknown_actions += u64::from(Action::from_letter(letter).is_none());
        if flags.intersects(Flags::TOB | Flags::MBP) {
            self.count_aggregated();
        }
    }

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
