//! Why a session cannot be opened, or not be read to its end.

use std::fmt;
use std::path::PathBuf;

use vp_lake::LayoutError;
use vp_market::{Price, ProductType, SessionDate, TickSize};

use crate::{DbnError, SymbolMap};

/// Why a session cannot be opened, or not be read to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The lake has no folder for the symbol.
    #[error(
        "the lake has no raw files of {symbol}: there is no folder {}; {known}; to fetch it: {download}",
        folder.display()
    )]
    NoFolder {
        /// The symbol that was asked for.
        symbol: String,
        /// The folder that is not there.
        folder: PathBuf,
        /// The symbols that the lake has.
        known: Known<String>,
        /// The command that fetches the date.
        download: DownloadCommand,
    },
    /// The symbol's folder has no file of the date.
    #[error(
        "{} has no file of {date}; {known}; to fetch it: {download}", folder.display()
    )]
    NoDate {
        /// The date that was asked for.
        date: SessionDate,
        /// The symbol's folder.
        folder: PathBuf,
        /// The dates that it has.
        known: Known<SessionDate>,
        /// The command that fetches the date.
        download: DownloadCommand,
    },
    /// A folder of the lake cannot be listed.
    #[error("the lake cannot be read")]
    Layout(#[from] LayoutError),
    /// A file cannot be read, or not further.
    #[error(transparent)]
    Dbn(DbnError),
    /// A file of the session is not what it was when the session was opened.
    #[error(
        "{} was replaced or changed while it was being replayed; open the session again",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file of another schema.
    #[error("{} holds records of the schema {schema}, expected {expected}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema that is read here.
        expected: &'static str,
        /// The schema that its metadata names.
        schema: String,
    },
    /// No file says what the instrument ids of options stand for.
    #[error(
        "there are no definitions of {dataset} for the date: no such file as {}; they come with \
         the options' download", pattern.display()
    )]
    NoDefinitions {
        /// Where they are looked for.
        pattern: PathBuf,
        /// The dataset of the options.
        dataset: String,
    },
    /// No file maps the symbol.
    #[error("{} does not map {symbol}; it maps: {mapped}", path.display())]
    UnknownSymbol {
        /// The first file that was looked into.
        path: PathBuf,
        /// The symbol that was asked for.
        symbol: String,
        /// The symbols of all files of the date.
        mapped: SymbolMap,
    },
    /// The symbol is mapped, but on other dates.
    #[error("{} maps {symbol} on other dates than {date}: to {mapped}", path.display())]
    NotMappedOnDate {
        /// The first file that was looked into.
        path: PathBuf,
        /// The symbol that was asked for.
        symbol: String,
        /// The date that was asked for.
        date: SessionDate,
        /// The ids it is mapped to, and when.
        mapped: String,
    },
    /// A file without mappings holds several instruments.
    #[error(
        "{} maps no symbols and holds more than one instrument ({first}, {second}, ...); choose \
         one with --instrument-id", path.display()
    )]
    SeveralInstruments {
        /// The file.
        path: PathBuf,
        /// The id of the first record.
        first: u32,
        /// The first id that differs.
        second: u32,
    },
    /// A file without mappings does not say of which contract it is.
    #[error(
        "{} maps no symbols, so that the contract of its records is unknown: ask for the contract \
         instead of the root {symbol}", path.display()
    )]
    NoMappings {
        /// The file.
        path: PathBuf,
        /// The root that was asked for.
        symbol: String,
    },
    /// No file maps an outright contract on the date.
    #[error("{} maps no outright contract on {date}; it maps: {mapped}", path.display())]
    NoContracts {
        /// The first file that was looked into.
        path: PathBuf,
        /// The date that was asked for.
        date: SessionDate,
        /// The symbols of all files of the date.
        mapped: SymbolMap,
    },
    /// An instrument id of a file is two contracts at once.
    #[error("{} maps the instrument {id} to {first} and to {second} on one date", path.display())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// The id.
        id: u32,
        /// One of its symbols.
        first: String,
        /// The other.
        second: String,
    },
    /// The prices of a file do not fit the product.
    #[error(
        "{} does not hold prices of {symbol}: {off} of the first {seen} prices are off its tick \
         {tick}, such as {example}; check the symbol, or the tick in the product table",
        path.display()
    )]
    OffTick {
        /// The file.
        path: PathBuf,
        /// The symbol that was asked for.
        symbol: String,
        /// The product's tick.
        tick: TickSize,
        /// How many prices were looked at.
        seen: u32,
        /// How many of them are off the tick.
        off: u32,
        /// The first of those.
        example: Price,
    },
}

impl From<DbnError> for IngestError {
    fn from(error: DbnError) -> Self {
        match error {
            DbnError::Changed { path } => Self::Changed { path },
            other => Self::Dbn(other),
        }
    }
}

/// What there is instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<T>(pub Vec<T>);

impl<T: fmt::Display> fmt::Display for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("there are none at all");
        }
        let names: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "there are: {}", names.join(", "))
    }
}

/// The command that fetches a session's raw files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadCommand {
    /// The kind of instrument.
    pub product_type: ProductType,
    /// The root of a contract, or the ticker.
    pub root: String,
    /// The session's date.
    pub date: SessionDate,
}

impl fmt::Display for DownloadCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, date, .. } = self;
        let (kind, ending) = match self.product_type {
            ProductType::FutureMbo => ("futures", " --include-futures"),
            ProductType::FutureOptionMbo => ("futures", ""),
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => ("equities", ""),
        };
        write!(
            f,
            "download {kind} daemon --start {date} --end {date} --symbols {root}{ending}"
        )
    }
}
