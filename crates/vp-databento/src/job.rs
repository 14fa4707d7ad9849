//! One batch job: what it is of, and what identifies it. How it is ordered is not known here.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;

use dbn::{SType, Schema};
use sha2::{Digest, Sha256};
use vp_lake::RawTable;
use vp_market::SessionDate;

/// The most symbols that one request may name.
pub const MOST_SYMBOLS: usize = 2_000;

/// A batch job that is wanted: one schema of some symbols on one date, as a file of DBN compressed
/// with zstd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRequest {
    /// Where its file belongs.
    pub table: RawTable,
    /// The root or ticker that its file is filed under.
    pub symbol: String,
    /// The date.
    pub date: SessionDate,
    /// What is ordered, sorted and without repetition, at most [`MOST_SYMBOLS`].
    pub symbols: BTreeSet<String>,
    /// What kind of symbols those are.
    pub stype_in: SType,
}

impl JobRequest {
    /// Returns the dataset that sells it.
    pub fn dataset(&self) -> &'static str {
        match self.table {
            RawTable::FutureMbo
            | RawTable::FutureOptionMbo
            | RawTable::FutureOptionStatistics
            | RawTable::FutureOptionDefinition => "GLBX.MDP3",
            RawTable::EquityMbo | RawTable::EquityDefinition => "XNAS.ITCH",
            RawTable::EquityOptionCmbp1
            | RawTable::EquityOptionStatistics
            | RawTable::EquityOptionDefinition => "OPRA.PILLAR",
        }
    }

    /// Returns the schema.
    pub fn schema(&self) -> Schema {
        match self.table {
            RawTable::FutureMbo | RawTable::FutureOptionMbo | RawTable::EquityMbo => Schema::Mbo,
            RawTable::EquityOptionCmbp1 => Schema::Cmbp1,
            RawTable::FutureOptionStatistics | RawTable::EquityOptionStatistics => {
                Schema::Statistics
            }
            RawTable::FutureOptionDefinition
            | RawTable::EquityDefinition
            | RawTable::EquityOptionDefinition => Schema::Definition,
        }
    }

    /// Returns what the tracker knows the job by.
    pub fn key(&self) -> JobKey {
        JobKey {
            table: self.table,
            dataset: self.dataset().to_owned(),
            schema: self.schema().as_str().to_owned(),
            symbol: self.symbol.clone(),
            date: self.date,
        }
    }

    /// Returns the SHA-256 of the sorted symbols, in hexadecimal.
    pub fn symbols_digest(&self) -> String {
        symbols_digest(&self.symbols)
    }
}

/// Returns the SHA-256 of sorted symbols, one a line, in hexadecimal.
pub(crate) fn symbols_digest(symbols: &BTreeSet<String>) -> String {
    let mut hasher = Sha256::new();
    for symbol in symbols {
        hasher.update(symbol);
        hasher.update("\n");
    }
    hex(&hasher.finalize())
}

/// Writes bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

/// What the tracker knows a job by: `dataset|schema|symbol|date|product_type`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobKey {
    date: SessionDate,
    symbol: String,
    dataset: String,
    schema: String,
    table: RawTable,
}

impl JobKey {
    /// Reads a key, or returns `None` for a text that this program did not write.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('|').collect();
        let &[_, _, symbol, date, _] = parts.as_slice() else {
            return None;
        };
        let date = date.parse().ok()?;
        // A symbol becomes part of a path.
        let is_symbol = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
        if symbol.is_empty() || symbol.starts_with('.') || !symbol.bytes().all(is_symbol) {
            return None;
        }
        RawTable::ALL.into_iter().find_map(|table| {
            let request = JobRequest {
                table,
                symbol: symbol.to_owned(),
                date,
                symbols: BTreeSet::new(),
                stype_in: SType::RawSymbol,
            };
            Some(request.key()).filter(|key| key.to_string() == text)
        })
    }

    /// Returns where the job's file belongs.
    pub fn table(&self) -> RawTable {
        self.table
    }

    /// Returns the root or ticker.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Returns the date.
    pub fn date(&self) -> SessionDate {
        self.date
    }

    /// Returns the dataset.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Returns the schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            date,
            symbol,
            dataset,
            schema,
            table,
        } = self;
        let product_type = table.product_type();
        f.pad(&format!(
            "{dataset}|{schema}|{symbol}|{date}|{product_type}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(table: RawTable, symbols: &[&str]) -> JobRequest {
        JobRequest {
            table,
            symbol: "MNQ".into(),
            date: "2026-02-06".parse().unwrap(),
            symbols: symbols.iter().map(|symbol| (*symbol).to_owned()).collect(),
            stype_in: SType::RawSymbol,
        }
    }

    #[test]
    fn keys_and_texts_are_inverse() {
        for table in RawTable::ALL {
            let key = request(table, &[]).key();
            assert_eq!(JobKey::parse(&key.to_string()), Some(key));
        }
        let key = request(RawTable::FutureMbo, &[]).key();
        assert_eq!(key.to_string(), "GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo");
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "GLBX.MDP3|mbo|MNQ|2026-02-06|equity_mbo",
            "GLBX.MDP3|mbo|../MNQ|2026-02-06|future_mbo",
            "GLBX.MDP3|mbo|a/b|2026-02-06|future_mbo",
            "GLBX.MDP3|mbo|MNQ|2026-02-30|future_mbo",
            "GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo|",
        ] {
            assert_eq!(JobKey::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_digest_is_of_the_symbols_whatever_their_order() {
        let digest = |symbols: &[&str]| request(RawTable::FutureMbo, symbols).symbols_digest();
        assert_eq!(digest(&["a", "b"]), digest(&["b", "a", "a"]));
        assert_ne!(digest(&["ab"]), digest(&["a", "b"]));
        // printf 'MNQH6\n' | sha256sum
        assert_eq!(
            digest(&["MNQH6"]),
            "f10340d689be75d42d2a283730fbf43a6b5e290813f62eb3b253ba6be37045ac"
        );
    }
}
