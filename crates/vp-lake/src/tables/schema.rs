//! Whether rows or a file have the columns that a table asks for; what differs names the column.

use std::fmt;

use arrow_schema::Fields;

use super::column::Column;
use super::values::Values;

/// Rows or a file whose columns are not those of the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the column {column:?} {fault}")]
pub struct SchemaError {
    /// The first column that differs.
    pub column: String,
    /// How it does.
    pub fault: SchemaFault,
}

/// How a column differs from the one that was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaFault {
    /// It is not there.
    Missing,
    /// The table has no such column.
    Extra,
    /// It is in the place of another column.
    Order {
        /// The column that belongs there.
        expected: String,
    },
    /// It is of another type.
    Type {
        /// The type that it should have.
        expected: &'static str,
        /// The type that it has.
        found: String,
    },
    /// It holds more or fewer values than the first column.
    Rows {
        /// The rows of the first column.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// It holds nulls, which its type does not have.
    Nulls,
    /// A value is invalid for the column.
    Value {
        /// The value, as text.
        found: String,
    },
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::Extra => f.write_str("does not belong to the table"),
            Self::Order { expected } => write!(f, "stands where {expected:?} belongs"),
            Self::Type { expected, found } => write!(f, "is of type {found}, expected {expected}"),
            Self::Rows { expected, found } => {
                write!(f, "has {found} rows, where the first column has {expected}")
            }
            Self::Nulls => f.write_str("holds nulls"),
            Self::Value { found } => write!(f, "holds the impossible value {found}"),
        }
    }
}

impl SchemaError {
    /// Returns the error of that column.
    pub fn new(column: &str, fault: SchemaFault) -> Self {
        Self {
            column: column.into(),
            fault,
        }
    }
}

/// Checks rows that are to be written: one column each, in order, of one length.
pub(super) fn check_values(columns: &[Column], values: &[Values]) -> Result<(), SchemaError> {
    let rows = values.first().map_or(0, Values::len);
    for (column, values) in columns.iter().zip(values) {
        let (kind, found) = (values.kind(), values.len());
        if kind != column.kind {
            let (expected, found) = (column.kind.name(), kind.name().into());
            return Err(SchemaError::new(
                column.name,
                SchemaFault::Type { expected, found },
            ));
        }
        if found != rows {
            let expected = rows;
            return Err(SchemaError::new(
                column.name,
                SchemaFault::Rows { expected, found },
            ));
        }
    }
    if let Some(column) = columns.get(values.len()) {
        return Err(SchemaError::new(column.name, SchemaFault::Missing));
    }
    if values.len() > columns.len() {
        let name = format!("number {}", columns.len());
        return Err(SchemaError::new(&name, SchemaFault::Extra));
    }
    Ok(())
}

/// Checks the columns of a file.
pub(super) fn check_fields(columns: &[Column], fields: &Fields) -> Result<(), SchemaError> {
    let has = |name: &str| fields.iter().any(|field| field.name() == name);
    let knows = |name: &str| columns.iter().any(|column| column.name == name);
    if let Some(column) = columns.iter().find(|column| !has(column.name)) {
        return Err(SchemaError::new(column.name, SchemaFault::Missing));
    }
    if let Some(field) = fields.iter().find(|field| !knows(field.name())) {
        return Err(SchemaError::new(field.name(), SchemaFault::Extra));
    }
    // A name that comes twice is what is left to be extra.
    if let Some(field) = fields.get(columns.len()) {
        return Err(SchemaError::new(field.name(), SchemaFault::Extra));
    }
    for (column, field) in columns.iter().zip(fields) {
        if field.name() != column.name {
            let expected = column.name.into();
            return Err(SchemaError::new(
                field.name(),
                SchemaFault::Order { expected },
            ));
        }
        if *field.data_type() != column.kind.data_type() {
            let (expected, found) = (column.kind.name(), field.data_type().to_string());
            return Err(SchemaError::new(
                column.name,
                SchemaFault::Type { expected, found },
            ));
        }
    }
    Ok(())
}
