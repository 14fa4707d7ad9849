//! The records of one contract or ticker straight from the raw files, under the rules of bronze.

use std::path::PathBuf;

use vp_ingest::{
    Counters, DownloadCommand, IngestError, OffTick, RawDay, RawDaySpec, TickCheck, normalize,
};
use vp_market::{Instrument, Record};

use super::partition::Records;
use crate::stage::{Advance, StageError};

/// The records of one instrument, in file order.
#[derive(Debug)]
pub(crate) struct RawRecords {
    spec: RawDaySpec,
    day: RawDay,
    instrument: Instrument,
    /// The instrument's number among the contracts of the files.
    contract: Option<usize>,
    /// Until the prices have been judged.
    check: Option<TickCheck>,
    counters: Counters,
    is_at_end: bool,
}

impl RawRecords {
    /// Opens the raw files of a date.
    ///
    /// # Errors
    /// [`StageError::Ingest`] if they are missing, cannot be read, or do not map the instrument.
    pub(crate) fn open(spec: &RawDaySpec, instrument: &Instrument) -> Result<Self, StageError> {
        let day = RawDay::open(spec)?;
        let is_it = |symbol: &String| *symbol == instrument.symbol;
        Ok(Self {
            spec: spec.clone(),
            contract: day.symbols().iter().position(is_it),
            day,
            check: Some(TickCheck::new(instrument)),
            instrument: instrument.clone(),
            counters: Counters::default(),
            is_at_end: false,
        })
    }

    /// Returns the files.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        self.day.paths()
    }

    /// Refuses prices that are not the product's, once.
    fn judge(&mut self) -> Result<(), StageError> {
        let Some(check) = self.check.take() else {
            return Ok(());
        };
        let off_tick = |OffTick { seen, off, example }| IngestError::OffTick {
            path: self.day.paths().first().cloned().unwrap_or_default(),
            symbol: self.instrument.symbol.clone(),
            tick: self.instrument.product.tick,
            seen,
            off,
            example,
        };
        Ok(check.judge().map_err(off_tick)?)
    }
}

impl Records for RawRecords {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, StageError> {
        batch.clear();
        let (contract, counters) = (self.contract, &mut self.counters);
        let more = self.day.read(|of, message| {
            if contract == Some(of) {
                batch.push(normalize(message, counters));
            }
        })?;
        self.is_at_end = !more;
        if let Some(check) = &mut self.check {
            for record in &*batch {
                check.see(record);
            }
            if check.is_decided() || !more {
                self.judge()?;
            }
        }
        Ok(more || !batch.is_empty())
    }

    fn progress(&self) -> Advance {
        let progress = self.day.progress();
        Advance {
            done: progress.bytes_read,
            total: progress.bytes_total,
        }
    }

    fn end(self) -> Result<(), StageError> {
        // What was hashed is what was read.
        self.day.check_unchanged()?;
        if self.is_at_end && self.counters.delivered == 0 {
            return Err(StageError::NoRecords {
                path: self.day.paths().first().cloned().unwrap_or_default(),
                symbol: self.instrument.symbol.clone(),
                date: self.spec.date,
                download: DownloadCommand {
                    product_type: self.spec.product_type,
                    root: self.spec.root,
                    date: self.spec.date,
                },
            });
        }
        Ok(())
    }
}
