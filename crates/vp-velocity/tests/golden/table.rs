//! A whole vector in memory, column by column.

use std::fs::File;
use std::path::Path;

use libtest_mimic::Failed;
use vp_lake::tables::{Batch, Table, TableReader};

/// The rows of a file.
pub(crate) struct Vector(Vec<Batch>);

impl Vector {
    /// Reads a file that has the columns of `table`.
    pub(crate) fn read(path: &Path, table: &Table) -> Result<Self, Failed> {
        let mut reader = TableReader::open(File::open(path)?, table.columns, &[])?;
        let mut batches = Vec::new();
        while let Some(batch) = reader.next_batch()? {
            batches.push(batch);
        }
        Ok(Self(batches))
    }

    pub(crate) fn i64(&self, name: &str) -> Vec<i64> {
        self.0
            .iter()
            .flat_map(|batch| batch.i64(name))
            .copied()
            .collect()
    }

    pub(crate) fn i32(&self, name: &str) -> Vec<i32> {
        self.0
            .iter()
            .flat_map(|batch| batch.i32(name))
            .copied()
            .collect()
    }

    pub(crate) fn f64(&self, name: &str) -> Vec<f64> {
        self.0
            .iter()
            .flat_map(|batch| batch.f64(name))
            .copied()
            .collect()
    }

    pub(crate) fn bool(&self, name: &str) -> Vec<bool> {
        self.0.iter().flat_map(|batch| batch.bool(name)).collect()
    }

    pub(crate) fn text(&self, name: &str) -> Vec<&str> {
        self.0.iter().flat_map(|batch| batch.text(name)).collect()
    }

    /// Returns the batches, one by one.
    pub(crate) fn into_batches(self) -> impl IntoIterator<Item = Batch> {
        self.0
    }
}

/// Returns a price of the vectors, which write 0 for an absent one.
pub(crate) fn present(price: i64) -> Option<i64> {
    (price != 0).then_some(price)
}
