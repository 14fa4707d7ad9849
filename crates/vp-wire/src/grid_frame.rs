//! The frames of a stream's grids, one after the other: only what changed is written anew.

use std::ops::Range;

use super::field::{DType, Field};
use super::grid::{GridUpdate, Rest};
use super::numbers::narrowed;

/// The frame of a stream's last grid, to be brought to the next one.
///
/// Most rows of most grids are those of the grid before. The columns stay where they are, and what
/// comes before them, whose length varies, is put right in front of them.
///
/// # Shape
/// Rows are counted from the lowest price up, from 0 to 2K.
#[derive(Clone, Debug)]
pub struct GridFrame {
    fields: Vec<Field>,
    /// The offsets of the columns, except that of k, which never changes.
    columns: Vec<ColumnPlace>,
    rows: usize,
    /// Room for a head, which ends where the columns begin, and the columns.
    bytes: Vec<u8>,
    columns_at: usize,
}

/// Where the numbers of a column come from and go to.
#[derive(Clone, Copy, Debug)]
struct ColumnPlace {
    /// Its place among the numbers of a row.
    source: usize,
    is_narrow: bool,
    /// Where its first number is, from where the columns begin.
    at: usize,
}

impl ColumnPlace {
    const fn size(self) -> usize {
        if self.is_narrow { 4 } else { 8 }
    }
}

/// How many columns of a grid hold floats: all but the first and the last.
const FLOATS: usize = Field::GRID.len() - 2;

/// Room for what comes before the columns, and for what comes before each but its name.
const COLUMNS_HEAD: usize = 16;
const COLUMN_HEAD: usize = 10;

/// Room for a head with a few trades; a longer one is made room for when it comes.
const HEAD: usize = 1024;

impl GridFrame {
    /// Returns a frame of some [columns of a grid](Field::GRID), without rows as yet. A field that
    /// no grid has is left out.
    pub fn new(mut fields: Vec<Field>) -> Self {
        fields.retain(|field| place(field).is_some());
        Self {
            fields,
            columns: Vec::new(),
            rows: 0,
            bytes: Vec::new(),
            columns_at: HEAD,
        }
    }

    /// Makes room for rows −K … +K, K = `half_width`, which are yet to be [set](Self::set_row).
    ///
    /// # Panics
    /// If a row number is no `i32`, or a column is 4 GiB long.
    pub fn resize(&mut self, half_width: u32) {
        let half = i32::try_from(half_width).expect("a row number is an i32");
        let rows = 2 * half_width as usize + 1;
        if rows == self.rows {
            return;
        }
        self.rows = rows;
        self.columns.clear();
        let bounds = self
            .fields
            .iter()
            .map(|field| COLUMN_HEAD + field.name.len() + rows * 8);
        let bound = COLUMNS_HEAD + bounds.sum::<usize>();
        self.bytes.resize(self.columns_at + bound, 0);
        let mut rest = Rest(&mut self.bytes[self.columns_at..]);
        rest.columns(self.fields.len());
        for field in &self.fields {
            // The first column of a grid, k, is the one without a place among a row's numbers.
            let source = place(field).and_then(|place| place.checked_sub(1));
            let is_narrow = source.is_none() || field.dtype == DType::F32;
            let length = rows * if is_narrow { 4 } else { 8 };
            rest.column_head(&field.name, length);
            let at = bound - rest.0.len();
            let numbers = rest.advance(length);
            match source {
                Some(source) => self.columns.push(ColumnPlace {
                    source,
                    is_narrow,
                    at,
                }),
                None => {
                    for (place, k) in numbers.as_chunks_mut().0.iter_mut().zip(-half..=half) {
                        *place = k.to_le_bytes();
                    }
                }
            }
        }
        let unused = rest.0.len();
        self.bytes.truncate(self.columns_at + bound - unused);
    }

    /// Moves the numbers of the rows `from`, so that the first of them is at `to`; all others are
    /// yet to be set.
    ///
    /// # Panics
    /// If there are no such rows.
    pub fn move_rows(&mut self, from: Range<usize>, to: usize) {
        assert!(
            from.end.max(to + from.len()) <= self.rows,
            "there are {} rows",
            self.rows
        );
        let bytes = &mut self.bytes[self.columns_at..];
        for column in &self.columns {
            let place = |row: usize| column.at + row * column.size();
            bytes.copy_within(place(from.start)..place(from.end), place(to));
        }
    }

    /// Sets the numbers of a row: its floats in the order of the grid's columns, whether they are
    /// shown or not, and its last event.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn set_row(&mut self, row: usize, floats: &[f64; FLOATS], last_event_id: i64) {
        assert!(row < self.rows, "there is no row {row}");
        let mut numbers = [last_event_id.cast_unsigned(); FLOATS + 1];
        for (number, float) in numbers.iter_mut().zip(floats) {
            *number = float.to_bits();
        }
        let bytes = &mut self.bytes[self.columns_at..];
        for column in &self.columns {
            let number = numbers[column.source];
            let place = &mut bytes[column.at + row * column.size()..];
            if column.is_narrow {
                put(place, narrowed(f64::from_bits(number)).to_le_bytes());
            } else {
                put(place, number.to_le_bytes());
            }
        }
    }

    /// Returns the frame of a grid, whose own columns must be empty: its rows are those that were
    /// set. Once the frame has the size, nothing is allocated.
    pub fn encode(&mut self, grid: &GridUpdate<'_>) -> &[u8] {
        debug_assert!(grid.columns.is_empty(), "columns are set by rows");
        let bound = grid.head_bound();
        if bound > self.columns_at {
            let wider = bound.next_power_of_two();
            let more = wider - self.columns_at;
            self.bytes.splice(..0, std::iter::repeat_n(0, more));
            self.columns_at = wider;
        }
        let length = grid.encode_head(&mut self.bytes[..self.columns_at]);
        let start = self.columns_at - length;
        self.bytes.copy_within(..length, start);
        &self.bytes[start..]
    }
}

/// Returns a field's place among the columns of a grid.
fn place(field: &Field) -> Option<usize> {
    Field::GRID.iter().position(|row| row.0 == field.name)
}

#[inline]
fn put<const N: usize>(place: &mut [u8], number: [u8; N]) {
    place[..N].copy_from_slice(&number);
}
