//! What a table's columns are called, of which types they are, and how they are laid out.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use parquet::basic;
use parquet::schema::types::ColumnPath;

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "the names are the types; those with `Option` may hold nulls, those with `List` hold \
              as many values as they like in each row"
)]
pub enum ColumnType {
    Bool,
    F64,
    I32,
    I64,
    U32,
    U64,
    Text,
    OptionF64,
    OptionI32,
    OptionI64,
    ListF64,
    ListI32,
    ListI64,
}

impl ColumnType {
    /// Returns the name that manifests and messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::F64 => "f64",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::Text => "string",
            Self::OptionF64 => "f64?",
            Self::OptionI32 => "i32?",
            Self::OptionI64 => "i64?",
            Self::ListF64 => "[f64]",
            Self::ListI32 => "[i32]",
            Self::ListI64 => "[i64]",
        }
    }

    /// Returns the type of the values that Arrow has as that, with nulls or without. Lists are
    /// written and not read.
    pub(super) fn of(data_type: &DataType, is_nullable: bool) -> Option<Self> {
        const ALL: [ColumnType; 10] = [
            ColumnType::Bool,
            ColumnType::F64,
            ColumnType::I32,
            ColumnType::I64,
            ColumnType::U32,
            ColumnType::U64,
            ColumnType::Text,
            ColumnType::OptionF64,
            ColumnType::OptionI32,
            ColumnType::OptionI64,
        ];
        let mut all = ALL.into_iter();
        all.find(|kind| kind.data_type() == *data_type && kind.is_nullable() == is_nullable)
    }

    pub(super) const fn is_nullable(self) -> bool {
        matches!(self, Self::OptionF64 | Self::OptionI32 | Self::OptionI64)
    }

    pub(super) fn data_type(self) -> DataType {
        let list = |of| DataType::List(list_item(of));
        match self {
            Self::Bool => DataType::Boolean,
            Self::F64 | Self::OptionF64 => DataType::Float64,
            Self::I32 | Self::OptionI32 => DataType::Int32,
            Self::I64 | Self::OptionI64 => DataType::Int64,
            Self::U32 => DataType::UInt32,
            Self::U64 => DataType::UInt64,
            Self::Text => DataType::Utf8,
            Self::ListF64 => list(DataType::Float64),
            Self::ListI32 => list(DataType::Int32),
            Self::ListI64 => list(DataType::Int64),
        }
    }
}

/// Returns what Arrow calls the values of a list: as Parquet does, so that a path leads to them.
pub(super) fn list_item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", of, false))
}

/// How a column's values are laid out before they are compressed. The values are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Each distinct value once, as long as there are few of them: for columns that repeat.
    #[default]
    Dictionary,
    /// As they are.
    Plain,
    /// Differences of neighbours: for integers that grow, such as times.
    Delta,
    /// The first bytes of all values, then the second ones: for floats.
    ByteStreamSplit,
}

impl Encoding {
    /// Returns the layout of Parquet, or `None` for the dictionary, which is not one of them.
    pub(super) const fn layout(self) -> Option<basic::Encoding> {
        match self {
            Self::Dictionary => None,
            Self::Plain => Some(basic::Encoding::PLAIN),
            Self::Delta => Some(basic::Encoding::DELTA_BINARY_PACKED),
            Self::ByteStreamSplit => Some(basic::Encoding::BYTE_STREAM_SPLIT),
        }
    }
}

/// A column: its name, its type, and how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub kind: ColumnType,
    /// The layout. Readers ignore it.
    pub encoding: Encoding,
}

impl Column {
    /// Returns the column of that name and type, laid out as a dictionary.
    pub const fn new(name: &'static str, kind: ColumnType) -> Self {
        let encoding = Encoding::Dictionary;
        Self {
            name,
            kind,
            encoding,
        }
    }

    /// Returns a column of flags.
    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, ColumnType::Bool)
    }

    /// Returns a column of floats.
    pub const fn f64(name: &'static str) -> Self {
        Self::new(name, ColumnType::F64)
    }

    /// Returns a column of 32-bit integers.
    pub const fn i32(name: &'static str) -> Self {
        Self::new(name, ColumnType::I32)
    }

    /// Returns a column of 64-bit integers.
    pub const fn i64(name: &'static str) -> Self {
        Self::new(name, ColumnType::I64)
    }

    /// Returns a column of texts.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, ColumnType::Text)
    }

    /// Returns where Parquet has its values.
    pub(super) fn path(&self) -> ColumnPath {
        if let DataType::List(item) = self.kind.data_type() {
            let parts = [self.name, "list", item.name()];
            return ColumnPath::new(parts.map(str::to_owned).into());
        }
        ColumnPath::from(self.name)
    }

    /// Returns the same column in another layout.
    #[must_use]
    pub const fn encoded(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }
}

/// A table: what each of its partitions looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name used in its folders.
    pub name: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
    /// The columns of earlier schema versions that can still be read, from version 1 on.
    pub earlier: &'static [&'static [Column]],
    /// The 64-bit column whose least and greatest values a manifest names, in nanoseconds since the
    /// Unix epoch.
    pub time: &'static str,
    /// How many rows are gathered in memory, compressed, before they go to the file.
    pub row_group_rows: usize,
}

impl Table {
    /// Returns the schema version that is written: 1, and 1 more with each change of the columns or
    /// of what they mean.
    #[expect(clippy::cast_possible_truncation, reason = "a handful of versions")]
    pub const fn version(&self) -> u32 {
        self.earlier.len() as u32 + 1
    }

    /// Returns the columns of a schema version, or `None` for one that is not known.
    pub fn columns_of(&self, version: u32) -> Option<&'static [Column]> {
        if version == self.version() {
            return Some(self.columns);
        }
        let place = usize::try_from(version.checked_sub(1)?).ok()?;
        self.earlier.get(place).copied()
    }
}

/// Returns the columns as Arrow has them.
pub(super) fn arrow_schema(columns: &[Column]) -> Schema {
    let fields: Vec<_> = columns
        .iter()
        .map(|column| {
            let kind = column.kind;
            Field::new(column.name, kind.data_type(), kind.is_nullable())
        })
        .collect();
    Schema::new(fields)
}
