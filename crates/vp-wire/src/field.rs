//! The columns of a grid message: names, types, order, and the choice of some of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The type of the numbers of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of the types")]
pub enum DType {
    U8,
    U32,
    U64,
    I32,
    I64,
    F32,
    F64,
}

impl DType {
    /// Returns how many bytes one number takes.
    pub const fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }
}

/// How wide the floats of grids are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Float {
    /// 32 bits: half the bytes, seven digits.
    F32,
    /// 64 bits: as they were computed.
    #[default]
    F64,
}

impl Float {
    /// Returns its name: `f32` or `f64`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// Returns the width of that name: `f32` or `f64`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "f32" => Some(Self::F32),
            "f64" => Some(Self::F64),
            _ => None,
        }
    }
}

/// One column: its name and the type of its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: Cow<'static, str>,
    /// The type of its numbers.
    pub dtype: DType,
}

/// A choice of columns that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// No column has that name.
    #[error("no column is called {name:?}; there are: {}", Field::GRID.map(|(name, _)| name).join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// A column is named twice.
    #[error("the column {name} is named twice")]
    Repeated {
        /// Its name.
        name: String,
    },
}

impl Field {
    /// Every column of a grid, in order; floats are 64 bits wide unless a viewer asks otherwise.
    pub const GRID: [(&'static str, DType); 21] = [
        ("k", DType::I32),
        ("pressure_variant", DType::F64),
        ("vacuum_variant", DType::F64),
        ("resistance_variant", DType::F64),
        ("add_mass", DType::F64),
        ("pull_mass", DType::F64),
        ("fill_mass", DType::F64),
        ("rest_depth", DType::F64),
        ("v_add", DType::F64),
        ("v_pull", DType::F64),
        ("v_fill", DType::F64),
        ("v_rest_depth", DType::F64),
        ("a_add", DType::F64),
        ("a_pull", DType::F64),
        ("a_fill", DType::F64),
        ("a_rest_depth", DType::F64),
        ("j_add", DType::F64),
        ("j_pull", DType::F64),
        ("j_fill", DType::F64),
        ("j_rest_depth", DType::F64),
        ("last_event_id", DType::I64),
    ];

    /// Returns every column of a grid, in order.
    pub fn grid(float: Float) -> Vec<Self> {
        Self::GRID.map(|row| Self::sent(row, float)).into()
    }

    /// Returns the columns of a comma-separated list, in the grid's order.
    ///
    /// # Errors
    /// [`SelectError`] if a name is unknown or occurs twice.
    pub fn select(names: &str, float: Float) -> Result<Vec<Self>, SelectError> {
        let mut is_chosen = [false; Self::GRID.len()];
        for name in names.split(',') {
            let place = Self::GRID.iter().position(|row| row.0 == name);
            let Some(place) = place else {
                return Err(SelectError::Unknown { name: name.into() });
            };
            if std::mem::replace(&mut is_chosen[place], true) {
                return Err(SelectError::Repeated { name: name.into() });
            }
        }
        let rows = Self::GRID.into_iter().zip(is_chosen);
        Ok(rows
            .filter(|(_, is_chosen)| *is_chosen)
            .map(|(row, _)| Self::sent(row, float))
            .collect())
    }

    fn sent((name, dtype): (&'static str, DType), float: Float) -> Self {
        let dtype = match (dtype, float) {
            (DType::F64, Float::F32) => DType::F32,
            _ => dtype,
        };
        Self {
            name: Cow::Borrowed(name),
            dtype,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_columns_keep_the_order_of_the_grid() {
        let chosen = Field::select("last_event_id,k,v_add", Float::F32).unwrap();
        let found: Vec<_> = chosen
            .iter()
            .map(|field| (&*field.name, field.dtype))
            .collect();
        assert_eq!(
            found,
            [
                ("k", DType::I32),
                ("v_add", DType::F32),
                ("last_event_id", DType::I64)
            ]
        );
    }

    #[test]
    fn unknown_empty_and_repeated_columns_are_refused() {
        assert!(Field::select("", Float::F64).is_err());
        assert!(Field::select("k,", Float::F64).is_err());
        let error = Field::select("k,k", Float::F64).unwrap_err();
        assert_eq!(error.to_string(), "the column k is named twice");
    }
}
