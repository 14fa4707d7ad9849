//! The values of a column in a stretch of rows.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray, StringArray,
    UInt32Array, UInt64Array,
};
use arrow_buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::column::{ColumnType, list_item};

/// The values of one column in a stretch of rows.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names are the types; those with `Option` may hold nulls"
)]
pub enum Values {
    Bool(Vec<bool>),
    F64(Vec<f64>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    Text(Text),
    OptionF64(Vec<Option<f64>>),
    OptionI32(Vec<Option<i32>>),
    OptionI64(Vec<Option<i64>>),
    ListF64(Lists<f64>),
    ListI32(Lists<i32>),
    ListI64(Lists<i64>),
}

impl Values {
    /// Returns their type.
    pub const fn kind(&self) -> ColumnType {
        match self {
            Self::Bool(_) => ColumnType::Bool,
            Self::F64(_) => ColumnType::F64,
            Self::I32(_) => ColumnType::I32,
            Self::I64(_) => ColumnType::I64,
            Self::U32(_) => ColumnType::U32,
            Self::U64(_) => ColumnType::U64,
            Self::Text(_) => ColumnType::Text,
            Self::OptionF64(_) => ColumnType::OptionF64,
            Self::OptionI32(_) => ColumnType::OptionI32,
            Self::OptionI64(_) => ColumnType::OptionI64,
            Self::ListF64(_) => ColumnType::ListF64,
            Self::ListI32(_) => ColumnType::ListI32,
            Self::ListI64(_) => ColumnType::ListI64,
        }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::U64(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::OptionF64(values) => values.len(),
            Self::OptionI32(values) => values.len(),
            Self::OptionI64(values) => values.len(),
            Self::ListF64(lists) => lists.len(),
            Self::ListI32(lists) => lists.len(),
            Self::ListI64(lists) => lists.len(),
        }
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn into_array(self) -> ArrayRef {
        match self {
            Self::Bool(values) => Arc::new(BooleanArray::from(values)),
            Self::F64(values) => Arc::new(Float64Array::from(values)),
            Self::I32(values) => Arc::new(Int32Array::from(values)),
            Self::I64(values) => Arc::new(Int64Array::from(values)),
            Self::U32(values) => Arc::new(UInt32Array::from(values)),
            Self::U64(values) => Arc::new(UInt64Array::from(values)),
            Self::Text(values) => Arc::new(values.into_array()),
            Self::OptionF64(values) => Arc::new(Float64Array::from(values)),
            Self::OptionI32(values) => Arc::new(Int32Array::from(values)),
            Self::OptionI64(values) => Arc::new(Int64Array::from(values)),
            Self::ListF64(lists) => lists.into_array(DataType::Float64, Float64Array::from),
            Self::ListI32(lists) => lists.into_array(DataType::Int32, Int32Array::from),
            Self::ListI64(lists) => lists.into_array(DataType::Int64, Int64Array::from),
        }
    }
}

/// Lists of numbers, one after the other in one buffer; each row has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists<T> {
    /// How long each list is.
    lengths: Vec<usize>,
    values: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            lengths: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Clone> Lists<T> {
    /// Appends a list.
    pub fn push(&mut self, list: &[T]) {
        self.lengths.push(list.len());
        self.values.extend_from_slice(list);
    }

    /// Returns how many lists there are.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    fn into_array<A: Array + 'static>(
        self,
        item: DataType,
        array: impl FnOnce(Vec<T>) -> A,
    ) -> ArrayRef {
        let ends = OffsetBuffer::from_lengths(self.lengths);
        let values = Arc::new(array(self.values));
        Arc::new(ListArray::new(list_item(item), ends, values, None))
    }
}

/// Texts, one after the other in one buffer.
///
/// # Examples
/// ```
/// use vp_lake::tables::Text;
///
/// let sides: Text = ["B", "A", "A"].into_iter().collect();
/// assert_eq!(sides.len(), 3);
/// assert_eq!(Text::repeated("B", 2), ["B", "B"].into_iter().collect());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Where each text ends, behind a leading 0.
    ends: Vec<i32>,
    bytes: String,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            ends: vec![0],
            bytes: String::new(),
        }
    }
}

impl Text {
    /// Returns no text, with room for `rows` texts of one letter.
    pub fn with_capacity(rows: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self {
            ends,
            bytes: String::with_capacity(rows),
        }
    }

    /// Returns the same text `rows` times.
    pub fn repeated(text: &str, rows: usize) -> Self {
        std::iter::repeat_n(text, rows).collect()
    }

    /// Appends a text.
    ///
    /// # Panics
    /// If the texts together take more than 2 GiB: a stretch of rows is far smaller.
    #[inline]
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        let end = i32::try_from(self.bytes.len()).expect("a stretch of rows is below 2 GiB");
        self.ends.push(end);
    }

    /// Returns how many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn into_array(self) -> StringArray {
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        let bytes = Buffer::from_vec(self.bytes.into_bytes());
        StringArray::new(ends, bytes, None)
    }
}

impl<'a> FromIterator<&'a str> for Text {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut collected = Self::default();
        texts.into_iter().for_each(|text| collected.push(text));
        collected
    }
}
