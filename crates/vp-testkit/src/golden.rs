//! Readers of the golden vectors of the engine, and the tolerance at which floats are compared.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vp_market::{Action, Flags, Price, Record, Side};

/// One case: records (its own, or those of a file) and the grids expected after some of them.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the vectors")]
pub struct Case {
    pub says: String,
    pub half_width: u32,
    pub tick_int: i64,
    #[serde(default)]
    records: Vec<(u64, char, char, i64, u32, u64, u8)>,
    pub file: Option<String>,
    pub file_sha256: Option<String>,
    pub records_total: Option<u64>,
    pub events_total: Option<u64>,
    #[serde(default)]
    pub checkpoints: Vec<Checkpoint>,
    #[serde(default)]
    pub views: Vec<View>,
}

/// The grid right after the record with that index, or after `flush` where the index is one past
/// the last.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the vectors")]
pub struct Checkpoint {
    pub record_index: u64,
    pub phase: String,
    pub anomalies: BTreeMap<String, u64>,
    #[serde(flatten)]
    pub grid: ExpectedGrid,
}

/// The grid after all records, seen at a time.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the vectors")]
pub struct View {
    pub at: u64,
    #[serde(flatten)]
    pub grid: ExpectedGrid,
}

/// A grid as the vectors write it.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the vectors")]
pub struct ExpectedGrid {
    pub ts_ns: u64,
    pub event_id: u64,
    pub spot_ref_price_int: i64,
    pub best_bid_price_int: i64,
    pub best_ask_price_int: i64,
    pub mid_price: f64,
    pub book_valid: bool,
    pub columns: BTreeMap<String, Vec<f64>>,
}

impl Case {
    /// Reads a case.
    ///
    /// # Panics
    /// If the file is not a golden vector.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the golden vector is readable");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Returns the records that the case itself holds.
    ///
    /// # Panics
    /// If an action has an unknown letter.
    pub fn records(&self) -> Vec<Record> {
        let record = |&(ts_event, action, side, price, size, order_id, flags): &_| Record {
            ts_event,
            order_id,
            price: Price::from_nanos(price),
            size,
            action: letter(action)
                .and_then(Action::from_letter)
                .expect("an action"),
            side: letter(side).and_then(Side::from_letter),
            flags: Flags(flags),
        };
        self.records.iter().map(record).collect()
    }
}

fn letter(char: char) -> Option<u8> {
    u8::try_from(char).ok()
}

/// Returns whether two floats agree as the vectors ask: 1e-6 relative or 1e-9 absolute, whichever
/// is looser.
pub fn is_close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= (1e-6 * expected.abs()).max(1e-9)
}
