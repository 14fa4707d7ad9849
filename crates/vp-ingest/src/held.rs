//! Which sessions a raw file holds: the contracts or tickers, the dates, how many records of each.
//!
//! Which of them is read is for the caller to choose; [`FileChoice`](crate::FileChoice) offers the
//! usual way.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use dbn::{Metadata, Schema};
use vp_market::{Contract, ProductType, SessionDate, SessionWindow, is_equity_symbol};

use crate::candidates::{check_dataset, product_type_of};
use crate::mapping::Mapping;
use crate::symbols::Mappings;
use crate::{DbnReader, IngestError, MappedId, SymbolMap};

/// More records than this are not looked at: some seconds of work, and more than most days have.
const MAX_RECORDS: u64 = 1 << 27;
/// Sessions that are counted at most.
const MAX_SESSIONS: usize = Mappings::MAX;
/// Sessions that a text lists at most.
const LISTED: usize = 20;
const NS_PER_DAY: u64 = 86_400_000_000_000;

/// One session of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSession {
    /// The contract or ticker.
    pub symbol: String,
    /// The session's date.
    pub date: SessionDate,
    /// Its records, of those that were looked at.
    pub records: u64,
}

/// The sessions of a file of market-by-order records.
///
/// Spreads, options and symbols that mean another one (`ES.v.0`) are no contracts and are not
/// listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldSessions {
    path: PathBuf,
    product_type: ProductType,
    sessions: Vec<HeldSession>,
    symbols: SymbolMap,
    is_whole: bool,
}

impl HeldSessions {
    /// Reads a file to its end, or where it breaks: what comes before counts, and the defect is
    /// reported when the session is read. A file whose metadata name one contract and one day is
    /// read up to the first record of that session.
    ///
    /// Without a product type it is that of the dataset.
    ///
    /// # Errors
    /// [`IngestError`] for a file that cannot be opened, is of another schema, of a dataset whose
    /// product type is unknown, or holds more instruments than any venue lists.
    pub fn of(path: &Path, product_type: Option<ProductType>) -> Result<Self, IngestError> {
        let reader = DbnReader::open(path)?;
        let metadata = reader.metadata();
        if let Some(schema) = metadata.schema.filter(|schema| *schema != Schema::Mbo) {
            return Err(IngestError::Schema {
                path: path.into(),
                expected: Schema::Mbo.as_str(),
                schema: schema.to_string(),
                others: Vec::new(),
            });
        }
        let product_type = match product_type {
            Some(product_type) => {
                check_dataset(&reader, product_type)?;
                product_type
            }
            None => {
                product_type_of(&metadata.dataset).ok_or_else(|| IngestError::UnknownDataset {
                    path: path.into(),
                    dataset: metadata.dataset.clone(),
                })?
            }
        };
        let symbols = SymbolMap::new(metadata);
        let is_single = is_of_one_day(metadata) && names(&symbols, product_type).count() == 1;
        let mut count = Count::new(product_type);
        let is_whole = count.read(reader, is_single)?;
        let mut found = Self {
            path: path.into(),
            product_type,
            sessions: Vec::new(),
            symbols,
            is_whole,
        };
        found.symbols.extend(count.mappings.finish());
        found.sessions = named(&found.symbols, product_type, &count.by_id);
        Ok(found)
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the kind of instrument.
    pub const fn product_type(&self) -> ProductType {
        self.product_type
    }

    /// Returns the sessions, those with most records first.
    pub fn sessions(&self) -> &[HeldSession] {
        &self.sessions
    }

    /// Returns every symbol that the file maps, contracts or not.
    pub const fn symbols(&self) -> &SymbolMap {
        &self.symbols
    }

    /// Returns whether every record of the file was counted.
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Returns the sessions of the symbol and of the date, where either is given, those with most
    /// records first.
    pub fn fitting<'a>(
        &'a self,
        symbol: Option<&'a str>,
        date: Option<SessionDate>,
    ) -> impl Iterator<Item = &'a HeldSession> {
        self.sessions.iter().filter(move |session| {
            symbol.is_none_or(|symbol| session.symbol == symbol)
                && date.is_none_or(|date| session.date == date)
        })
    }
}

impl fmt::Display for HeldSessions {
    /// Lists the sessions, the busiest where there are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, session) in self.sessions.iter().take(LISTED).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let HeldSession {
                symbol,
                date,
                records,
            } = session;
            write!(f, "{separator}{symbol} of {date}")?;
            // Of a single one not all may have been counted.
            if self.sessions.len() > 1 {
                write!(f, " ({records} records)")?;
            }
        }
        match self.sessions.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Returns whether metadata cover no more than one UTC day.
fn is_of_one_day(metadata: &Metadata) -> bool {
    let start_ns = metadata.start;
    metadata
        .end
        .is_some_and(|end_ns| end_ns.get().saturating_sub(1) / NS_PER_DAY == start_ns / NS_PER_DAY)
}

/// Returns the symbols that are one contract or ticker.
fn names(
    symbols: &SymbolMap,
    product_type: ProductType,
) -> impl Iterator<Item = (&str, &[MappedId])> {
    let is_name = move |symbol: &str| match product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo => Contract::parse(symbol).is_some(),
        ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => is_equity_symbol(symbol),
    };
    symbols.iter().filter(move |(symbol, _)| is_name(symbol))
}

/// Records by instrument id and date, while a file is read.
struct Count {
    product_type: ProductType,
    by_id: HashMap<(u32, SessionDate), u64>,
    mappings: Mappings,
    /// The UTC day of the last record with what its session is: most records repeat it.
    day: Option<(u64, SessionDate, SessionWindow)>,
    is_full: bool,
}

impl Count {
    fn new(product_type: ProductType) -> Self {
        Self {
            product_type,
            by_id: HashMap::new(),
            mappings: Mappings::default(),
            day: None,
            is_full: false,
        }
    }

    /// Reads a file; returns whether every record of it was counted.
    fn read(&mut self, mut reader: DbnReader, stops_at_first: bool) -> Result<bool, IngestError> {
        let mut records = 0;
        loop {
            let more = reader.read_mbo(|message, bytes| {
                records += 1;
                match message {
                    Some(message) => self.see(message.hd.instrument_id, message.ts_recv),
                    None => {
                        if let Some(mapping) = Mapping::parse(bytes) {
                            self.is_full |= self.mappings.push(&mapping).is_err();
                        }
                    }
                }
            });
            if self.is_full {
                return Err(IngestError::TooManyInstruments {
                    path: reader.path().into(),
                    limit: MAX_SESSIONS,
                });
            }
            match more {
                Ok(true) if stops_at_first && !self.by_id.is_empty() => return Ok(false),
                Ok(true) if records >= MAX_RECORDS => return Ok(false),
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(_) => return Ok(false),
            }
        }
    }

    /// Counts a record for the session in which it was received.
    fn see(&mut self, id: u32, ts_recv: u64) {
        let day = ts_recv / NS_PER_DAY;
        if self.day.is_none_or(|(last, ..)| last != day) {
            // The window of either kind of session lies within one UTC day.
            self.day = SessionDate::of_utc(ts_recv)
                .map(|date| (day, date, SessionWindow::new(self.product_type, date)));
        }
        let Some((_, date, window)) = self.day else {
            return;
        };
        if window.contains(ts_recv) {
            *self.by_id.entry((id, date)).or_default() += 1;
            self.is_full |= self.by_id.len() > MAX_SESSIONS;
        }
    }
}

/// Returns the sessions that have a name, the busiest first, else by name and date.
fn named(
    symbols: &SymbolMap,
    product_type: ProductType,
    by_id: &HashMap<(u32, SessionDate), u64>,
) -> Vec<HeldSession> {
    let mut names_of: HashMap<u32, Vec<(&str, MappedId)>> = HashMap::new();
    for (symbol, ids) in names(symbols, product_type) {
        for mapped in ids {
            let names = names_of.entry(mapped.id).or_default();
            names.push((symbol, *mapped));
        }
    }
    let mut records: HashMap<(&str, SessionDate), u64> = HashMap::new();
    for (&(id, date), count) in by_id {
        let held = names_of.get(&id).into_iter().flatten();
        // Metadata and mapping records may say the same.
        if let Some((symbol, _)) = held.into_iter().find(|(_, mapped)| mapped.holds_on(date)) {
            *records.entry((symbol, date)).or_default() += count;
        }
    }
    let mut sessions: Vec<_> = records
        .into_iter()
        .map(|((symbol, date), records)| HeldSession {
            symbol: symbol.into(),
            date,
            records,
        })
        .collect();
    sessions.sort_by(|a, b| {
        let order = b.records.cmp(&a.records);
        order.then_with(|| (&a.symbol, a.date).cmp(&(&b.symbol, b.date)))
    });
    sessions
}
