//! Definitions: what the instrument ids of a date's futures options stand for.
//!
//! Only listed calls and puts that expire on the date are of interest; everything else is known
//! well enough to be told apart from a mistake.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dbn::{RecordRef, rtype, v1, v2, v3};
use vp_lake::Lake;
use vp_market::{EasternTime, Price, Right, SessionDate};

use crate::{DbnReader, IngestError};

/// What an option is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionDefinition {
    /// Its symbol, as the venue writes it.
    pub symbol: String,
    /// The contract that it is on.
    pub underlying: String,
    /// What it gives.
    pub right: Right,
    /// At which price.
    pub strike: Price,
    /// When it expires, nanoseconds since the Unix epoch.
    pub expiration_ns: u64,
}

/// What the definition files of a date say of instrument ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    by_id: BTreeMap<u32, Definition>,
    paths: Vec<PathBuf>,
}

/// What an instrument id stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// An option that expires on the date.
    Option(OptionDefinition),
    /// An option that expires on another day.
    OtherDay,
    /// A spread, a strategy that users made up, a future: no single option.
    NoOption,
}

impl Definitions {
    /// Reads the definitions of a date: the last one of every instrument id. Files of other
    /// datasets than `dataset` are left out, because ids are a venue's own.
    ///
    /// # Errors
    /// [`IngestError::NoDefinitions`] if there is no file, others if one cannot be read.
    pub fn read(lake: &Lake, dataset: &str, date: SessionDate) -> Result<Self, IngestError> {
        let mut found = Self::default();
        for path in lake.definition_files(date)? {
            let reader = DbnReader::open(&path)?;
            if reader.metadata().dataset == dataset {
                found.add(reader, date)?;
                found.paths.push(path);
            }
        }
        if found.paths.is_empty() {
            return Err(IngestError::NoDefinitions {
                pattern: lake.definition_pattern(date),
                dataset: dataset.into(),
            });
        }
        Ok(found)
    }

    /// Returns what each instrument id stands for, by id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Definition)> {
        self.by_id.iter().map(|(id, definition)| (*id, definition))
    }

    /// Returns the files that were read.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    fn add(&mut self, mut reader: DbnReader, date: SessionDate) -> Result<(), IngestError> {
        let version = reader.metadata().version;
        while reader.read(|record| {
            if let Some((id, definition)) = define(record, version, date) {
                self.by_id.insert(id, definition);
            }
        })? {}
        Ok(())
    }
}

/// Returns what a record defines, if it is a definition that holds together.
fn define(record: RecordRef<'_>, version: u8, date: SessionDate) -> Option<(u32, Definition)> {
    if record.header().rtype != rtype::INSTRUMENT_DEF {
        return None;
    }
    // The versions differ in the length of their texts. A record too short for its version is none.
    macro_rules! fields {
        ($message:ty) => {{
            let message = record.try_get::<$message>().ok()?;
            Fields {
                symbol: message.raw_symbol().ok()?,
                underlying: message.underlying().ok()?,
                class: message.instrument_class.to_ne_bytes()[0],
                strike: Price::from_nanos(message.strike_price),
                expiration_ns: message.expiration,
            }
        }};
    }
    let fields = match version {
        1 => fields!(v1::InstrumentDefMsg),
        2 => fields!(v2::InstrumentDefMsg),
        _ => fields!(v3::InstrumentDefMsg),
    };
    Some((record.header().instrument_id, fields.definition(date)))
}

struct Fields<'a> {
    symbol: &'a str,
    underlying: &'a str,
    class: u8,
    strike: Option<Price>,
    expiration_ns: u64,
}

impl Fields<'_> {
    fn definition(&self, date: SessionDate) -> Definition {
        let is_outright = !self.symbol.starts_with("UD:") && !self.symbol.contains('-');
        let right = Right::from_letter(self.class).filter(|_| is_outright);
        let Some((right, strike)) = right.zip(self.strike) else {
            return Definition::NoOption;
        };
        if EasternTime::from_ns(self.expiration_ns).session_date() != Some(date) {
            return Definition::OtherDay;
        }
        Definition::Option(OptionDefinition {
            symbol: self.symbol.into(),
            underlying: self.underlying.into(),
            right,
            strike,
            expiration_ns: self.expiration_ns,
        })
    }
}
