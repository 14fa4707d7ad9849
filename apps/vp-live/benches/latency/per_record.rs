//! Every record timed on its own, by a clock that is read once between two.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use vp_engine::{Engine, GridConfig, Record};
use vp_synth::{SynthConfig, SyntheticMarket};

use super::{Latencies, empty};

const RECORDS: usize = 2_000_000;

/// What a record takes, and what of it is the clock's.
pub(super) struct PerRecord {
    pub(super) record: Latencies,
    pub(super) clock: Latencies,
}

pub(super) fn measure() -> Result<PerRecord, Box<dyn Error>> {
    let config = SynthConfig::preset("ESH6")?;
    let records: Vec<_> = SyntheticMarket::new(&config)
        .into_records()
        .take(RECORDS)
        .collect();
    let mut engine = Engine::new(GridConfig::new(config.tick()));
    let record = timed(&records, |record| {
        black_box(engine.apply(record));
    });
    let clock = timed(&records, |record| {
        black_box(record);
    });
    Ok(PerRecord { record, clock })
}

fn timed(records: &[Record], mut work: impl FnMut(&Record)) -> Latencies {
    let mut latencies = empty();
    for record in records {
        let before = Instant::now();
        work(record);
        let nanos = before.elapsed().as_nanos();
        latencies.saturating_record(u64::try_from(nanos).unwrap_or(u64::MAX).max(1));
    }
    latencies
}
