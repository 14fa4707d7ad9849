//! The message of the velocity stream: one window, as four small tables.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::field::{DType, Field};
use super::grid::{Column, serialize_columns};

/// Something for each surface of a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Surfaces<T> {
    /// The book at the window's end: one row.
    pub snap: T,
    /// How liquidity moves at each distance from the spot, for each side.
    pub velocity: T,
    /// The options by strike; no row where there are none.
    pub options: T,
    /// Where the spot may go.
    pub forecast: T,
}

impl<T> Surfaces<T> {
    /// Returns each surface by its name, in order.
    pub fn named(&self) -> [(&'static str, &T); 4] {
        [
            ("snap", &self.snap),
            ("velocity", &self.velocity),
            ("options", &self.options),
            ("forecast", &self.forecast),
        ]
    }
}

impl Surfaces<Vec<Field>> {
    /// Returns the columns of every surface, in order.
    pub fn fields() -> Self {
        let fields = |rows: &[(&'static str, DType)]| rows.iter().copied().map(field).collect();
        Self {
            snap: fields(&Field::SNAP),
            velocity: fields(&Field::VELOCITY),
            options: fields(&Field::OPTIONS),
            forecast: fields(&Field::FORECAST),
        }
    }
}

const fn field((name, dtype): (&'static str, DType)) -> Field {
    Field {
        name: Cow::Borrowed(name),
        dtype,
    }
}

impl Field {
    /// The columns of the surface `snap`.
    pub const SNAP: [(&'static str, DType); 3] = [
        ("mid_price", DType::F64),
        ("spot_ref_price_int", DType::I64),
        ("book_valid", DType::U8),
    ];

    /// The columns of the surface `velocity`. A side is the letter `B` or `A`.
    pub const VELOCITY: [(&'static str, DType); 9] = [
        ("rel_ticks", DType::I32),
        ("side", DType::U8),
        ("liquidity_velocity", DType::F64),
        ("rho", DType::F64),
        ("nu", DType::F64),
        ("kappa", DType::F64),
        ("pressure_grad", DType::F64),
        ("u_wave_energy", DType::F64),
        ("Omega", DType::F64),
    ];

    /// The columns of the surface `options`.
    pub const OPTIONS: [(&'static str, DType); 7] = [
        ("rel_ticks", DType::I32),
        ("strike_price_int", DType::I64),
        ("liquidity_velocity", DType::F64),
        ("pressure_grad", DType::F64),
        ("u_wave_energy", DType::F64),
        ("nu", DType::F64),
        ("Omega", DType::F64),
    ];

    /// The columns of the surface `forecast`.
    pub const FORECAST: [(&'static str, DType); 8] = [
        ("horizon_s", DType::I32),
        ("predicted_spot_tick", DType::I64),
        ("predicted_tick_delta", DType::I64),
        ("confidence", DType::F64),
        ("RunScore_up", DType::F64),
        ("RunScore_down", DType::F64),
        ("D_up", DType::I32),
        ("D_down", DType::I32),
    ];
}

/// One window of the velocity stream.
///
/// # Units
/// `_int` fields are 1e-9 of the currency unit, `_ns` nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "batch")]
pub struct Batch<'a> {
    /// Counts the replay's windows from 1; a gap is what this viewer missed.
    pub seq: u64,
    /// Raised by every seek and restart.
    pub epoch: u64,
    /// When the window ends.
    pub window_end_ts_ns: u64,
    /// The price that distances count from, once there is one.
    pub spot_ref_price_int: Option<i64>,
    /// The window's tables.
    pub surfaces: Surfaces<Table<'a>>,
}

/// A small table. What is absent is NaN among floats and the least number among integers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table<'a> {
    /// How many values each column holds.
    pub rows: u32,
    /// The columns, in the order of the runtime config.
    #[serde(serialize_with = "serialize_columns")]
    pub columns: Cow<'a, [Column<'a>]>,
}

impl Batch<'_> {
    /// Encodes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::named_map(self)
    }

    /// Returns the message as one line of JSON, without the line's end.
    #[expect(clippy::missing_panics_doc, reason = "it cannot happen")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("keys are texts, and numbers are JSON or null")
    }
}

impl<'a> Table<'a> {
    /// Returns a table of these columns, which are of one length.
    ///
    /// # Panics
    /// If there are 2³² rows, or columns of different lengths.
    pub fn new(columns: Vec<Column<'a>>) -> Self {
        let rows = columns.first().map_or(0, |column| column.numbers.len());
        assert!(
            columns.iter().all(|column| column.numbers.len() == rows),
            "the columns of a table are of one length"
        );
        Self {
            rows: u32::try_from(rows).expect("a table of a message has fewer than 2³² rows"),
            columns: columns.into(),
        }
    }

    /// Returns the table with those columns, which hold those numbers.
    ///
    /// # Panics
    /// As [`Table::new`], or if a column is not of its type.
    pub fn of<const N: usize>(
        fields: [(&'static str, DType); N],
        columns: [super::Numbers<'a>; N],
    ) -> Self {
        let columns = fields.into_iter().zip(columns);
        let columns = columns.map(|((name, dtype), numbers)| {
            assert!(numbers.dtype() == dtype, "{name} is a column of {dtype:?}");
            Column::new(name, numbers)
        });
        Self::new(columns.collect())
    }

    /// Returns the column of that name.
    pub fn column(&self, name: &str) -> Option<&super::Numbers<'a>> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.map(|column| &column.numbers)
    }
}
