//! Which instrument ids a file gives to a symbol, and when: in its metadata, or in mapping records
//! within its stream.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU64;

use dbn::{Metadata, SType};
use vp_market::{ProductType, SessionDate, SessionWindow, Utc};

use crate::mapping::Mapping;

/// How many symbols an error lists.
const LISTED: usize = 20;

/// The symbols of a file, each with its instrument ids.
///
/// A spread (a `-` in the symbol of a future) is listed like any other; no contract matches it,
/// because symbols are compared whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolMap {
    by_symbol: BTreeMap<String, Vec<MappedId>>,
}

/// An instrument id, and when it is a symbol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MappedId {
    /// The instrument id.
    pub id: u32,
    span: Span,
}

/// When an id is a symbol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Span {
    /// On the days from the first to before the end, as metadata say it.
    Days {
        /// The first day.
        first: Civil,
        /// The day after the last.
        end: Civil,
    },
    /// From the first instant to before the second, as a mapping record says it. Either may be
    /// open.
    Instants {
        start_ns: Option<NonZeroU64>,
        end_ns: Option<NonZeroU64>,
    },
}

/// A day of the proleptic calendar; metadata may name days that no session can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Civil {
    year: i32,
    month: u8,
    day: u8,
}

impl MappedId {
    /// Returns whether the id is the symbol's on that date, or on a part of it.
    pub fn holds_on(self, date: SessionDate) -> bool {
        match self.span {
            Span::Days { first, end } => {
                let day = Civil {
                    year: date.year().into(),
                    month: date.month().unsigned_abs(),
                    day: date.day().unsigned_abs(),
                };
                first <= day && day < end
            }
            Span::Instants { start_ns, end_ns } => {
                // That of a future is the UTC day.
                let day = SessionWindow::new(ProductType::FutureMbo, date);
                start_ns.is_none_or(|start_ns| start_ns.get() < day.end_ns())
                    && end_ns.is_none_or(|end_ns| day.start_ns() < end_ns.get())
            }
        }
    }
}

impl fmt::Display for MappedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        match self.span {
            Span::Days { first, end } => {
                let Civil { year, month, day } = first;
                write!(f, " from {year:04}-{month:02}-{day:02}")?;
                let Civil { year, month, day } = end;
                write!(f, " until {year:04}-{month:02}-{day:02} (exclusive)")
            }
            Span::Instants { start_ns, end_ns } => {
                if let Some(start_ns) = start_ns {
                    write!(f, " from {}", Utc::from_ns(start_ns.get()))?;
                }
                match end_ns {
                    Some(end_ns) => write!(f, " until {} (exclusive)", Utc::from_ns(end_ns.get())),
                    None => Ok(()),
                }
            }
        }
    }
}

impl SymbolMap {
    /// Reads the mappings of a file's metadata. Those that do not lead to an instrument id are
    /// left out: a symbol that could not be resolved has an empty one.
    pub fn new(metadata: &Metadata) -> Self {
        let is_inverse = metadata.stype_in == Some(SType::InstrumentId)
            && metadata.stype_out != SType::InstrumentId;
        let mut by_symbol: BTreeMap<String, Vec<MappedId>> = BTreeMap::new();
        for mapping in &metadata.mappings {
            for interval in &mapping.intervals {
                let (symbol, id) = if is_inverse {
                    (&interval.symbol, &mapping.raw_symbol)
                } else {
                    (&mapping.raw_symbol, &interval.symbol)
                };
                let Ok(id) = id.parse() else { continue };
                let (first, end) = (interval.start_date, interval.end_date);
                let span = Span::Days {
                    first: Civil {
                        year: first.year(),
                        month: first.month().into(),
                        day: first.day(),
                    },
                    end: Civil {
                        year: end.year(),
                        month: end.month().into(),
                        day: end.day(),
                    },
                };
                let mapped = MappedId { id, span };
                // Most symbols have one id, and there may be hundreds of thousands of them.
                match by_symbol.get_mut(symbol) {
                    Some(ids) => ids.push(mapped),
                    None => {
                        by_symbol.insert(symbol.clone(), vec![mapped]);
                    }
                }
            }
        }
        Self { by_symbol }
    }

    /// Returns whether the file maps no symbol at all.
    pub fn is_empty(&self) -> bool {
        self.by_symbol.is_empty()
    }

    /// Returns every symbol with its ids, in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[MappedId])> {
        let symbols = self.by_symbol.iter();
        symbols.map(|(symbol, ids)| (symbol.as_str(), ids.as_slice()))
    }

    /// Returns every id of a symbol, whenever it holds.
    pub fn ids(&self, symbol: &str) -> &[MappedId] {
        self.by_symbol.get(symbol).map_or(&[], Vec::as_slice)
    }

    /// Returns the ids that a symbol has on that date.
    pub fn ids_on(&self, symbol: &str, date: SessionDate) -> BTreeSet<u32> {
        let held = self
            .ids(symbol)
            .iter()
            .filter(|mapped| mapped.holds_on(date));
        held.map(|mapped| mapped.id).collect()
    }

    /// Returns the symbols of an id on that date, in name order.
    pub fn symbols_of(&self, id: u32, date: SessionDate) -> impl Iterator<Item = &str> {
        let is_held = move |ids: &[MappedId]| {
            ids.iter()
                .any(|mapped| mapped.id == id && mapped.holds_on(date))
        };
        self.iter()
            .filter_map(move |(symbol, ids)| is_held(ids).then_some(symbol))
    }

    /// Adds what a mapping record says: the symbol that was resolved, or the requested one where the
    /// resolved one is empty or a number.
    fn push(&mut self, mapping: &Mapping<'_>) {
        let names = [mapping.resolved, mapping.requested];
        let is_name = |name: &&str| !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit());
        let Some(symbol) = names.into_iter().find(is_name) else {
            return;
        };
        let span = Span::Instants {
            start_ns: mapping.start_ns.and_then(NonZeroU64::new),
            end_ns: mapping.end_ns.and_then(NonZeroU64::new),
        };
        let mapped = MappedId {
            id: mapping.id,
            span,
        };
        match self.by_symbol.get_mut(symbol) {
            Some(ids) => ids.push(mapped),
            None => {
                self.by_symbol.insert(symbol.to_owned(), vec![mapped]);
            }
        }
    }

    /// Drops what is there twice; returns how many ids of symbols are left.
    fn dedup(&mut self) -> usize {
        let mut count = 0;
        for ids in self.by_symbol.values_mut() {
            ids.sort_unstable();
            ids.dedup();
            count += ids.len();
        }
        count
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (symbol, ids) in other.by_symbol {
            self.by_symbol.entry(symbol).or_default().extend(ids);
        }
    }
}

/// What the mapping records of a stream say. A stream may say the same again and again.
#[derive(Debug, Default)]
pub(crate) struct Mappings {
    symbols: SymbolMap,
    pushed: usize,
    is_full: bool,
}

impl Mappings {
    /// Different mappings that are kept at most: more than any venue lists, in less than 200 MiB.
    pub(crate) const MAX: usize = 1 << 20;

    /// Adds the mapping of a record.
    ///
    /// # Errors
    /// [`Full`] if there are too many different ones; it is not added then.
    pub(crate) fn push(&mut self, mapping: &Mapping<'_>) -> Result<(), Full> {
        if self.pushed >= 2 * Self::MAX && !self.is_full {
            self.pushed = self.symbols.dedup();
            self.is_full = self.pushed > Self::MAX;
        }
        if self.is_full {
            return Err(Full);
        }
        self.symbols.push(mapping);
        self.pushed += 1;
        Ok(())
    }

    /// Returns them, each once.
    pub(crate) fn finish(mut self) -> SymbolMap {
        self.symbols.dedup();
        self.symbols
    }
}

/// There are more mappings than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl SymbolMap {
    /// Returns the mapping of a single record.
    pub(crate) fn of(mapping: &Mapping<'_>) -> Self {
        let mut symbols = Self::default();
        symbols.push(mapping);
        symbols
    }
}

impl fmt::Display for SymbolMap {
    /// Lists the symbols, the first of them where there are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: Vec<&str> = self
            .by_symbol
            .keys()
            .take(LISTED)
            .map(String::as_str)
            .collect();
        f.write_str(&first.join(", "))?;
        match self.by_symbol.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
