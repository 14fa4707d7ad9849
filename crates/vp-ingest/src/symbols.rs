//! Which instrument ids a file's metadata gives to a symbol, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dbn::{Metadata, SType};
use vp_market::SessionDate;

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

/// An instrument id, and the days on which it is a symbol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappedId {
    /// The instrument id.
    pub id: u32,
    /// The first day.
    first: Civil,
    /// The day after the last.
    end: Civil,
}

/// A day of the proleptic calendar; metadata may name days that no session can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Civil {
    year: i32,
    month: u8,
    day: u8,
}

impl MappedId {
    /// Returns whether the id is the symbol's on that date.
    pub fn holds_on(self, date: SessionDate) -> bool {
        let day = Civil {
            year: date.year().into(),
            month: date.month().unsigned_abs(),
            day: date.day().unsigned_abs(),
        };
        self.first <= day && day < self.end
    }
}

impl fmt::Display for MappedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day } = self.first;
        write!(f, "{} from {year:04}-{month:02}-{day:02}", self.id)?;
        let Civil { year, month, day } = self.end;
        write!(f, " until {year:04}-{month:02}-{day:02} (exclusive)")
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
                let mapped = MappedId {
                    id,
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
                by_symbol.entry(symbol.clone()).or_default().push(mapped);
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

    pub(crate) fn extend(&mut self, other: Self) {
        for (symbol, ids) in other.by_symbol {
            self.by_symbol.entry(symbol).or_default().extend(ids);
        }
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
