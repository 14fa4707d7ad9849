//! What any DBN file holds, whatever its schema: counts and spans, for a person to look at.
//!
//! Nothing is filtered here and nothing is printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::Path;

use dbn::{MboMsg, RType, RecordRef, UNDEF_TIMESTAMP};
use vp_market::{Action, Flags, Price, Side};

use crate::mapping::Mapping;
use crate::symbols::Mappings;
use crate::{DbnError, DbnReader, SymbolMap};

/// What a DBN file holds.
#[derive(Debug)]
pub struct Inspection {
    /// The version of its encoding.
    pub version: u8,
    /// The dataset it is from, such as GLBX.MDP3.
    pub dataset: String,
    /// Its schema; `None` for a file that may hold several.
    pub schema: Option<&'static str>,
    /// The span that was asked for, in nanoseconds since the Unix epoch, UTC.
    pub requested: Requested,
    /// The symbols with their instrument ids, of the metadata and of mapping records.
    pub symbols: SymbolMap,
    /// The records, of every kind.
    pub records: u64,
    /// The least and the greatest `ts_event`; `None` where no record has a time.
    pub span: Option<Span>,
    /// Records by kind, named as its schema (`mbo`, `definition`), or by its number.
    pub by_rtype: BTreeMap<Cow<'static, str>, u64>,
    /// Records by instrument id.
    pub by_instrument: BTreeMap<u32, u64>,
    /// What only market-by-order records have.
    pub mbo: MboCounts,
    /// Where the file breaks, if it does; the counts are those of the records before.
    pub fault: Option<DbnError>,
}

/// The span that a file's request named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Its start.
    pub start_ns: u64,
    /// Its end, which does not belong to it.
    pub end_ns: Option<u64>,
}

/// A span of event time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The least time.
    pub first_ns: u64,
    /// The greatest time.
    pub last_ns: u64,
}

/// Counts of market-by-order records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MboCounts {
    /// Records by the letter of their action, as the file has it.
    pub by_action: BTreeMap<char, u64>,
    /// Records by flag; a record with several counts for each.
    pub by_flag: BTreeMap<&'static str, u64>,
    /// Records of snapshots.
    pub snapshot_records: u64,
    /// What a decoder stumbles over.
    pub anomalies: DecodeAnomalies,
}

/// What a decoder stumbles over, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeAnomalies {
    /// Action letters outside `ACMRTFN`.
    pub unknown_action: u64,
    /// Side letters outside `BAN`.
    pub unknown_side: u64,
    /// Orders (A, M) without a price.
    pub undefined_price: u64,
    /// Records without a time.
    pub undefined_ts_event: u64,
    /// Receive times before that of the record ahead.
    pub ts_recv_went_back: u64,
    /// Top-of-book or aggregated records.
    pub aggregated: u64,
}

impl Inspection {
    /// Reads a whole file.
    ///
    /// # Errors
    /// [`DbnError`] for a file whose head cannot be read. One that breaks later is inspected up to
    /// there.
    pub fn of(path: &Path) -> Result<Self, DbnError> {
        DbnReader::open(path).map(Self::of_reader)
    }

    /// Reads all that is left of a reader.
    pub fn of_reader(mut reader: DbnReader) -> Self {
        let metadata = reader.metadata();
        let mut found = Self {
            version: metadata.version,
            dataset: metadata.dataset.clone(),
            schema: metadata.schema.map(|schema| schema.as_str()),
            requested: Requested {
                start_ns: metadata.start,
                end_ns: metadata.end.map(NonZeroU64::get),
            },
            symbols: SymbolMap::new(metadata),
            records: 0,
            span: None,
            by_rtype: BTreeMap::new(),
            by_instrument: BTreeMap::new(),
            mbo: MboCounts::default(),
            fault: None,
        };
        let (mut last_ts_recv, mut mappings) = (0, Mappings::default());
        found.fault = loop {
            let more = reader.read(|record| {
                found.count(record, &mut last_ts_recv);
                if let Some(mapping) = Mapping::parse(record.as_ref()) {
                    // Those beyond the limit have no symbol here.
                    let _ = mappings.push(&mapping);
                }
            });
            match more {
                Ok(true) => {}
                Ok(false) => break None,
                Err(fault) => break Some(fault),
            }
        };
        found.symbols.extend(mappings.finish());
        found
    }

    fn count(&mut self, record: RecordRef<'_>, last_ts_recv: &mut u64) {
        let header = record.header();
        self.records += 1;
        *self.by_rtype.entry(rtype_name(header.rtype)).or_default() += 1;
        *self.by_instrument.entry(header.instrument_id).or_default() += 1;
        if header.ts_event != UNDEF_TIMESTAMP {
            let ts_event = header.ts_event;
            let span = self.span.get_or_insert(Span {
                first_ns: ts_event,
                last_ns: ts_event,
            });
            span.first_ns = span.first_ns.min(ts_event);
            span.last_ns = span.last_ns.max(ts_event);
        }
        if let Some(message) = record.get::<MboMsg>() {
            self.mbo.count(message);
            self.mbo.anomalies.ts_recv_went_back += u64::from(message.ts_recv < *last_ts_recv);
            *last_ts_recv = message.ts_recv;
        }
    }
}

impl MboCounts {
    fn count(&mut self, message: &MboMsg) {
        let (flags, letters) = (Flags(message.flags.raw()), [message.action, message.side]);
        let [action, side] = letters.map(|letter| letter.to_ne_bytes()[0]);
        *self.by_action.entry(char::from(action)).or_default() += 1;
        for (flag, name) in Flags::NAMES {
            if flags.contains(flag) {
                *self.by_flag.entry(name).or_default() += 1;
            }
        }
        self.snapshot_records += u64::from(flags.contains(Flags::SNAPSHOT));
        let kind = Action::from_letter(action);
        let is_order = matches!(kind, Some(Action::Add | Action::Modify));
        let found = &mut self.anomalies;
        found.unknown_action += u64::from(kind.is_none());
        found.unknown_side += u64::from(Side::from_letter(side).is_none() && side != b'N');
        found.undefined_price += u64::from(is_order && Price::from_nanos(message.price).is_none());
        found.undefined_ts_event += u64::from(message.hd.ts_event == UNDEF_TIMESTAMP);
        found.aggregated += u64::from(flags.intersects(Flags::TOB | Flags::MBP));
    }
}

/// Returns the name of a kind of record, or its number where it has none.
fn rtype_name(rtype: u8) -> Cow<'static, str> {
    let Ok(known) = RType::try_from(rtype) else {
        return Cow::Owned(format!("{rtype:#04x}"));
    };
    let schema = RType::try_into_schema(rtype.into());
    Cow::Borrowed(match schema {
        Some(schema) => schema.as_str(),
        None if known == RType::Error => "error",
        None if known == RType::SymbolMapping => "symbol-mapping",
        None if known == RType::System => "system",
        None => "other",
    })
}
