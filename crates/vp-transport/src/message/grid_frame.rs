//! Encoded grids, one after the other: only what changed is written anew.

use std::ops::Range;

use super::field::Float;
use super::grid::{Column, GridUpdate, Rest};

/// The frame of a stream's last grid, to be brought to the next one.
///
/// Most rows of most grids are those of the grid before. The columns stay where they are, and what
/// comes before them, whose length varies, is put right in front of them.
#[derive(Clone, Debug)]
pub struct GridFrame {
    float: Float,
    /// Room for a head, which ends where the columns begin, and the columns.
    bytes: Vec<u8>,
    columns_at: usize,
    /// Where the numbers of each column are.
    numbers_at: Vec<Range<usize>>,
    head: Vec<u8>,
}

/// Room for a head with a few trades; a longer one is made room for when it comes.
const HEAD: usize = 1024;

/// Room for what comes right before the columns.
const COLUMNS_HEAD: usize = 16;

impl GridFrame {
    /// Returns an empty frame, for floats of that width.
    pub const fn new(float: Float) -> Self {
        Self {
            float,
            bytes: Vec::new(),
            columns_at: HEAD,
            numbers_at: Vec::new(),
            head: Vec::new(),
        }
    }

    /// Encodes a grid, whose own columns must be empty, with these columns. Once the frame has the
    /// size, nothing is allocated.
    ///
    /// `changed` names the rows that differ from those of the grid before, which had columns of the
    /// same names; `None` if any may.
    ///
    /// # Panics
    /// If there is no such row, or a name or column is 4 GiB long.
    pub fn encode<'a>(
        &mut self,
        grid: &GridUpdate<'_>,
        columns: impl Iterator<Item = Column<'a>> + Clone,
        changed: Option<&[usize]>,
    ) -> &[u8] {
        debug_assert!(grid.columns.is_empty(), "columns are given apart");
        grid.encode_head(&mut self.head);
        let has_room = self.head.len() <= self.columns_at;
        if !has_room {
            self.columns_at = self.head.len().next_power_of_two();
        }
        let is_patched = has_room && changed.is_some_and(|rows| self.patch(columns.clone(), rows));
        if !is_patched {
            self.write_columns(columns);
        }
        let start = self.columns_at - self.head.len();
        self.bytes[start..self.columns_at].copy_from_slice(&self.head);
        &self.bytes[start..]
    }

    /// Writes the numbers of some rows; returns whether the columns are shaped as they were.
    fn patch<'a>(
        &mut self,
        columns: impl Iterator<Item = Column<'a>> + Clone,
        rows: &[usize],
    ) -> bool {
        if self.bytes.is_empty() || columns.clone().count() != self.numbers_at.len() {
            return false;
        }
        columns.zip(&self.numbers_at).all(|(column, at)| {
            let narrows = column.numbers.is_narrowed(self.float);
            let place = &mut self.bytes[at.clone()];
            column.numbers.write_rows(narrows, rows, place)
        })
    }

    fn write_columns<'a>(&mut self, columns: impl Iterator<Item = Column<'a>> + Clone) {
        let of_columns: usize = columns.clone().map(|column| column.bound()).sum();
        let bound = self.columns_at + COLUMNS_HEAD + of_columns;
        self.bytes.resize(bound, 0);
        self.numbers_at.clear();
        let mut rest = Rest(&mut self.bytes[self.columns_at..]);
        rest.columns(columns.clone().count());
        for column in columns {
            let length = rest.column(&column, self.float);
            let end = bound - rest.0.len();
            self.numbers_at.push(end - length..end);
        }
        let unused = rest.0.len();
        self.bytes.truncate(bound - unused);
    }
}
