//! Why a session cannot be opened, or not be read to its end.

use std::fmt;
use std::path::PathBuf;

use vp_lake::LayoutError;
use vp_market::{Price, ProductType, SessionDate, TickSize};

use crate::{DbnError, HeldSessions, Publishers, SymbolMap};

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
    /// A file of another schema, or several where none is of the one that is read.
    #[error(
        "{} holds records of the schema {schema}, expected {expected}{}",
        path.display(), OtherSchemas(others)
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema that is read here.
        expected: &'static str,
        /// The schema that its metadata names.
        schema: String,
        /// The other files of the date, each with its schema.
        others: Vec<(PathBuf, String)>,
    },
    /// A file of a dataset that is of another product type.
    #[error(
        "{} is of the dataset {dataset}, which is not {found}: use `product_type` {expected}",
        path.display()
    )]
    WrongProductType {
        /// The file.
        path: PathBuf,
        /// Its dataset.
        dataset: String,
        /// The product type that was asked for.
        found: ProductType,
        /// The product type of the dataset.
        expected: ProductType,
    },
    /// A file of a dataset whose product type is unknown.
    #[error(
        "{} is of the dataset {dataset}, whose kind of instrument is not known here: name it with \
         --product-type", path.display()
    )]
    UnknownDataset {
        /// The file.
        path: PathBuf,
        /// Its dataset.
        dataset: String,
    },
    /// A file holds no session of what was asked for.
    #[error("{} holds no session{wish}; {}", path.display(), Holds(held))]
    NotHeld {
        /// The file.
        path: PathBuf,
        /// The symbol and the date, as far as they were given, such as ` of ESM4 on 2023-12-25`.
        wish: String,
        /// What it holds.
        held: Box<HeldSessions>,
    },
    /// A future whose root is in no product table, and no definition beside the file says its tick.
    #[error(
        "unknown root {root:?}: no product table has it, and no definition of {symbol} lies beside \
         the file. Add these lines to a copy of the product table (crates/vp-market/products.toml), \
         with the values of the contract's specification, and name it with --products:\n\n\
         [futures.{root}]\n\
         tick = \"0.25\"          # the smallest price increment\n\
         grid_max_ticks = 200\n\
         multiplier = \"50\"      # the currency value of one point"
    )]
    NoTick {
        /// The root.
        root: String,
        /// The contract.
        symbol: String,
    },
    /// No file says what the instrument ids of options mean.
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
    /// The id that was chosen is another instrument's.
    #[error(
        "{} maps the instrument {id} to {name}, not to {symbol}: ask for {name}, or choose another \
         --instrument-id", path.display()
    )]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// The id that was chosen.
        id: u32,
        /// The symbol that the file maps it to.
        name: String,
        /// The symbol that was asked for.
        symbol: String,
    },
    /// A file whose mappings name no contract holds several instruments.
    #[error(
        "{} {} and holds more than one instrument ({first}, {second}, ...); choose one with \
         --instrument-id", path.display(), NoContract(mapped)
    )]
    SeveralInstruments {
        /// The file.
        path: PathBuf,
        /// What it maps instead of contracts.
        mapped: SymbolMap,
        /// The id of the first record.
        first: u32,
        /// The first id that differs.
        second: u32,
    },
    /// More instruments, or mappings of them, than are kept in memory.
    #[error(
        "{} holds more than {limit} instruments: order fewer symbols, or choose one instrument with \
         --instrument-id", path.display()
    )]
    TooManyInstruments {
        /// The file.
        path: PathBuf,
        /// How many are kept.
        limit: usize,
    },
    /// One instrument's records come from several publishers.
    #[error(
        "{} holds records of {symbol} from more than one publisher: {publishers}; order ids and \
         clears are each publisher's own: choose one with --publisher", path.display()
    )]
    SeveralPublishers {
        /// The file, the last one where the publishers are of several files.
        path: PathBuf,
        /// The symbol.
        symbol: String,
        /// The publishers.
        publishers: Publishers,
    },
    /// The publisher that was chosen has no record of the instrument.
    #[error(
        "{} holds no record of {symbol} from the publisher {publisher} in this session; it holds \
         records of: {found}", path.display()
    )]
    NoPublisher {
        /// The last file.
        path: PathBuf,
        /// The symbol.
        symbol: String,
        /// The publisher that was chosen.
        publisher: u16,
        /// The publishers of the records.
        found: Publishers,
    },
    /// The instrument id that was chosen has no record.
    #[error(
        "{} holds no record of the instrument {id} in this session; of instruments with records, \
         {found}", path.display()
    )]
    NoInstrument {
        /// The last file.
        path: PathBuf,
        /// The id that was chosen.
        id: u32,
        /// The instrument ids that have records.
        found: Known<u32>,
    },
    /// A file whose mappings name no contract does not say of which contract it is.
    #[error(
        "{} {}, so that the contract of its records is unknown: ask for the contract instead of \
         the root {symbol}", path.display(), NoContract(mapped)
    )]
    NoMappings {
        /// The file.
        path: PathBuf,
        /// The root that was asked for.
        symbol: String,
        /// What it maps instead of contracts.
        mapped: SymbolMap,
    },
    /// An id was chosen for a root, whose contract it is then is unknown.
    #[error(
        "an `instrument_id` selects one contract: ask for the contract instead of the root {symbol}"
    )]
    IdOfRoot {
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
        if let DbnError::Changed { path } = error {
            return Self::Changed { path };
        }
        Self::Dbn(error)
    }
}

/// Lists further files of other schemas.
struct OtherSchemas<'a>(&'a [(PathBuf, String)]);

impl fmt::Display for OtherSchemas<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, schema) in self.0 {
            write!(f, "; {} holds {schema}", path.display())?;
        }
        Ok(())
    }
}

/// Says what a file maps that names no contract.
struct NoContract<'a>(&'a SymbolMap);

impl fmt::Display for NoContract<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("maps no symbols")
        } else {
            write!(f, "maps no contract (it maps: {})", self.0)
        }
    }
}

/// Says what a file holds, or maps where it holds no contract.
struct Holds<'a>(&'a HeldSessions);

impl fmt::Display for Holds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.0;
        if !held.sessions().is_empty() {
            return write!(f, "it holds {held}");
        }
        write!(f, "it {}", NoContract(held.symbols()))?;
        f.write_str(
            ": name the contract with `symbol`, the date with `dt`, its id with `instrument_id`",
        )
    }
}

/// How many names or dates an error lists.
const LISTED: usize = 60;

/// What there is instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<T>(pub Vec<T>);

impl<T: fmt::Display> fmt::Display for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("there are none at all");
        }
        let names = self.0.iter().take(LISTED).map(ToString::to_string);
        write!(f, "there are: {}", names.collect::<Vec<_>>().join(", "))?;
        match self.0.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
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
        let root = ShellWord(root);
        write!(
            f,
            "download {kind} daemon --start {date} --end {date} --symbols {root}{ending}"
        )
    }
}

/// Writes a text as one word of a command line, in quotes where a shell needs them.
#[derive(Clone, Copy, Debug)]
pub struct ShellWord<'a>(
    /// The text.
    pub &'a str,
);

impl fmt::Display for ShellWord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./,:+=@%".contains(&byte);
        if !self.0.is_empty() && self.0.bytes().all(is_plain) {
            f.write_str(self.0)
        } else {
            write!(f, "'{}'", self.0.replace('\'', r"'\''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let shown = Known((0..62).collect::<Vec<_>>()).to_string();
        assert!(shown.starts_with("there are: 0, 1, "), "{shown}");
        assert!(shown.ends_with(", 59 and 2 more"), "{shown}");
    }

    #[test]
    fn words_of_a_command_line_are_quoted_where_a_shell_needs_it() {
        let shown = |text| ShellWord(text).to_string();
        assert_eq!(shown("BRK.B"), "BRK.B");
        assert_eq!(shown("AAC+"), "AAC+");
        assert_eq!(shown("BRK B"), "'BRK B'");
        assert_eq!(shown("ACP^"), "'ACP^'");
        assert_eq!(shown("it's"), r"'it'\''s'");
        assert_eq!(shown(""), "''");
    }
}
