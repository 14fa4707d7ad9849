//! Bronze of options: one partition for all options on a contract or ticker.

use std::collections::BTreeSet;

use vp_ingest::{Cmbp1Msg, MboMsg, OptionDay};
use vp_lake::tables::Build;
use vp_market::ProductType;

use super::option_columns::{Numbered, Row, option_columns};
use super::pending::Pending;
use super::{RawSymbol, check_found, partition};
use crate::stage::{Advance, OnAdvance, StageError, Task};

/// Reads the files to their end.
pub(super) fn read_into(
    build: Build,
    day: &mut OptionDay,
    task: &Task,
    source: &RawSymbol,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError> {
    match source.product_type {
        ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => {
            read::<Cmbp1Msg>(build, day, task, source, on_advance)
        }
        ProductType::FutureMbo | ProductType::FutureOptionMbo => {
            read::<MboMsg>(build, day, task, source, on_advance)
        }
    }
}

fn read<M: Row>(
    build: Build,
    day: &mut OptionDay,
    task: &Task,
    source: &RawSymbol,
    on_advance: OnAdvance<'_>,
) -> Result<Build, StageError> {
    let options = day.options().to_vec();
    let underlyings: BTreeSet<&str> = options.iter().map(|of| &*of.underlying).collect();
    let underlyings: Vec<&str> = underlyings.into_iter().collect();
    let numbers: Vec<usize> = options
        .iter()
        .map(|of| underlyings.partition_point(|name| *name < &*of.underlying))
        .collect();
    let partitions = underlyings
        .iter()
        .map(|name| partition(&task.lake, source.product_type, name, task.date));
    let mut pending = Pending::new(build, M::TABLE, partitions, |rows: &[Numbered<M>], _| {
        option_columns(rows, &options)
    });
    let mut overflow = Ok(());
    loop {
        let more = day.read(|option, message: &M| {
            if overflow.is_ok() {
                let message = message.clone();
                overflow = pending.push(numbers[option], &Numbered { option, message });
            }
        })?;
        std::mem::replace(&mut overflow, Ok(()))?;
        if !more {
            break;
        }
        let progress = day.progress();
        on_advance(Advance {
            done: progress.bytes_read,
            total: progress.bytes_total,
        });
    }
    let counters = day.counters();
    if counters.undefined > 0 {
        tracing::warn!(
            "{} of {} records are of instruments that no definition names",
            counters.undefined,
            counters.records
        );
    }
    check_found(pending.found(), day.inputs(), task, source)?;
    Ok(pending.finish()?)
}
