//! What the instrument ids of a date's futures options mean, by the definitions of the date.
//!
//! Only listed calls and puts that expire on the date are of interest; everything else is known
//! well enough to be told apart from a mistake.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vp_lake::Lake;
use vp_market::{Price, Right, SessionDate};

use crate::{DbnReader, Definition, IngestError};

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
    by_id: BTreeMap<u32, Defined>,
    paths: Vec<PathBuf>,
}

/// What an instrument id means on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defined {
    /// An option that expires on the date.
    Option(OptionDefinition),
    /// An option that expires on another day, or never.
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
                Definition::read_all(reader, |definition| {
                    let defined = Defined::on(date, &definition);
                    found.by_id.insert(definition.instrument_id, defined);
                })?;
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

    /// Returns what each instrument id means, by id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Defined)> {
        self.by_id.iter().map(|(id, defined)| (*id, defined))
    }

    /// Returns the files that were read.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

impl Defined {
    fn on(date: SessionDate, definition: &Definition<'_>) -> Self {
        let is_outright = !definition.symbol.starts_with("UD:") && !definition.symbol.contains('-');
        let right = definition.right.filter(|_| is_outright);
        let Some((right, strike)) = right.zip(definition.strike) else {
            return Self::NoOption;
        };
        match definition.expiration {
            Some(expiration) if expiration.date() == Some(date) => Self::Option(OptionDefinition {
                symbol: definition.symbol.into(),
                underlying: definition.underlying.into(),
                right,
                strike,
                expiration_ns: expiration.ns(),
            }),
            _ => Self::OtherDay,
        }
    }
}
