//! Bronze as records, under the same rules as a file's.

use vp_ingest::{Counters, IngestError, OffTick, TickCheck, normalize};
use vp_lake::Lake;
use vp_lake::tables::{Input, Manifest, Partition, PartitionError, PartitionReader};
use vp_market::{Instrument, Record, SessionDate};

use super::columns::{WANTED, messages};
use crate::stage::{Advance, StageError, open_input};
use crate::tables::BRONZE_MBO;

/// The records of one contract's bronze, in file order.
#[derive(Debug)]
pub struct BronzeReader {
    partition: Partition,
    instrument: Instrument,
    reader: PartitionReader,
    /// Until the prices have been judged.
    check: Option<TickCheck>,
    counters: Counters,
}

impl BronzeReader {
    /// Opens the bronze of a contract or ticker.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if it is not complete, [`StageError::Partition`] if it cannot
    /// be read.
    pub fn open(
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
    ) -> Result<Self, StageError> {
        let product_type = instrument.product_type;
        let partition = super::partition(lake, product_type, &instrument.symbol, date);
        let reader = open_input(&partition, &BRONZE_MBO, &WANTED, &instrument.root)?;
        Ok(Self {
            partition,
            check: Some(TickCheck::new(instrument)),
            instrument: instrument.clone(),
            reader,
            counters: Counters::default(),
        })
    }

    /// Returns the partition.
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// Returns the partition's manifest.
    pub fn manifest(&self) -> &Manifest {
        self.reader.manifest()
    }

    /// Returns the partition as the input of another.
    pub fn as_input(&self) -> Input {
        self.reader.as_input()
    }

    /// Returns what came of the messages so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Returns how many rows have been read, and how many there are.
    pub fn progress(&self) -> Advance {
        Advance {
            done: self.reader.rows_read(),
            total: self.manifest().row_count,
        }
    }

    /// Replaces the contents of `batch` by the next records, at least one; returns `false`, with
    /// `batch` empty, at the end.
    ///
    /// # Errors
    /// [`StageError::Partition`] where the partition is broken; [`StageError::Ingest`] if most of
    /// the first 1,024 prices of a future are off its tick.
    pub fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, StageError> {
        batch.clear();
        let Some(rows) = self.reader.next_batch()? else {
            self.judge()?;
            return Ok(false);
        };
        let counters = &mut self.counters;
        counters.records += rows.rows() as u64;
        let taken = messages(&rows, |message| batch.push(normalize(message, counters)));
        taken.map_err(|error| PartitionError::Read {
            path: self.partition.path(),
            source: error.into(),
        })?;
        if let Some(check) = &mut self.check {
            for record in &*batch {
                check.see(record);
            }
            if check.is_decided() {
                self.judge()?;
            }
        }
        Ok(true)
    }

    /// Refuses prices that are not the product's, once.
    fn judge(&mut self) -> Result<(), StageError> {
        let Some(check) = self.check.take() else {
            return Ok(());
        };
        let off_tick = |OffTick { seen, off, example }| IngestError::OffTick {
            path: self.partition.path(),
            symbol: self.instrument.symbol.clone(),
            tick: self.instrument.product.tick,
            seen,
            off,
            example,
        };
        Ok(check.judge().map_err(off_tick)?)
    }
}
