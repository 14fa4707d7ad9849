//! The rows of the options on one contract or ticker straight from the raw files, under the rules of
//! bronze.

use std::path::PathBuf;

use vp_ingest::{Counters, DownloadCommand, OptionDay, OptionDefinition, RawDaySpec};
use vp_market::Instrument;

use super::silver_stage::OptionRows;
use crate::bronze::{OptionBronze, OptionRow};
use crate::stage::{Advance, StageError};

/// The rows of the options on one underlying, in file order.
#[derive(Debug)]
pub(crate) struct RawRows {
    spec: RawDaySpec,
    day: OptionDay,
    options: Vec<OptionDefinition>,
    /// Of each option of the files, whether it is on the underlying.
    is_on: Vec<bool>,
    counters: Counters,
    is_at_end: bool,
}

impl RawRows {
    /// Opens the raw files of a date.
    ///
    /// # Errors
    /// [`StageError::Ingest`] if they are missing or cannot be read.
    pub(crate) fn open(spec: &RawDaySpec, options: &Instrument) -> Result<Self, StageError> {
        let day = OptionDay::open(spec)?;
        let is_on = day.options().iter();
        let is_on = is_on.map(|option| option.underlying == options.symbol);
        Ok(Self {
            spec: spec.clone(),
            is_on: is_on.collect(),
            options: day.options().to_vec(),
            day,
            counters: Counters::default(),
            is_at_end: false,
        })
    }

    /// Returns the files, those of the definitions included.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        self.day.inputs()
    }
}

impl<B: OptionBronze> OptionRows<B> for RawRows {
    fn read(&mut self, mut each: impl FnMut(OptionRow<B::Input>)) -> Result<bool, StageError> {
        let Self {
            day,
            options,
            is_on,
            counters,
            ..
        } = self;
        let more = day.read(|number, message: &B::Message| {
            if is_on[number] {
                each(B::row(&options[number], message, counters));
            }
        })?;
        self.is_at_end = !more;
        Ok(more)
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
                path: self.day.inputs().first().cloned().unwrap_or_default(),
                symbol: self.spec.symbol,
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
