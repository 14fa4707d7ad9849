//! G1 to G8 and the naive model over real sessions.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use libtest_mimic::Failed;
use vp_engine::{Engine, Record};
use vp_ingest::{Progress, SessionSpec};
use vp_replay::{Replay, ReplaySettings, Speed, Step};
use vp_session::{GridProducer, Moment, View};
use vp_session::{Records, Session, SessionError, grid_config};
use vp_testkit::naive::NaiveEngine;

use crate::against_naive::check_grid;
use crate::guarantees::{Watched, all_bits};
use crate::session::{Real, read};

pub(crate) fn guarantees_esh4(real: &Real) -> Result<(), Failed> {
    guarantees(&real.esh4()?)
}

pub(crate) fn guarantees_arl(real: &Real) -> Result<(), Failed> {
    guarantees(&real.arl()?)
}

fn guarantees(spec: &SessionSpec) -> Result<(), Failed> {
    let (records, config) = read(spec)?;
    let mut watched = Watched::new(config);
    for record in &records {
        watched.apply(record);
    }
    watched.flush();
    Ok(())
}

/// The naive model walks all orders at every event: in its short form it gets the snapshot and what
/// follows it, the pre-open and the opening auction among it.
pub(crate) fn naive_esh4(real: &Real) -> Result<(), Failed> {
    let is_long = std::env::var_os("SPYMASTER_SOAK").is_some();
    naive(
        &real.esh4()?,
        if is_long { usize::MAX } else { 8_725 + 2_000 },
    )
}

pub(crate) fn naive_arl(real: &Real) -> Result<(), Failed> {
    naive(&real.arl()?, usize::MAX)
}

fn naive(spec: &SessionSpec, most: usize) -> Result<(), Failed> {
    let (records, config) = read(spec)?;
    let mut engine = Engine::new(config);
    let mut naive = NaiveEngine::new(config.bucket().nanos(), config.half_width());
    for record in records.iter().take(most) {
        let applied = engine.apply(record);
        assert_eq!(applied.commits, naive.apply(record));
        if applied.commits > 0 {
            assert_eq!(applied.touched, &naive.touched);
            check_grid(&engine, &naive);
        }
    }
    assert_eq!(u32::from(engine.flush()), naive.flush());
    check_grid(&engine, &naive);
    Ok(())
}

/// G5: the file's own batches, single records, and batches that divide nothing evenly.
pub(crate) fn batches(real: &Real) -> Result<(), Failed> {
    for spec in [real.esh4()?, real.arl()?] {
        let (records, config) = read(&spec)?;
        let mut plain = Engine::new(config);
        for record in &records {
            plain.apply(record);
        }
        plain.flush();
        let whole = run(spec.clone(), &spec)?;
        assert_eq!(whole.last, all_bits(&plain));
        for size in [1, 977, usize::MAX] {
            let records = records.clone();
            assert_eq!(run(Batches { records, size }, &spec)?, whole, "by {size}");
        }
    }
    Ok(())
}

/// Runs a session as the program does.
fn run(session: impl Session, spec: &SessionSpec) -> Result<Bits, Failed> {
    let producer = GridProducer::open(session, grid_config(&spec.instrument), Bits::default())?;
    let settings = ReplaySettings {
        // Only the first commit and the last are emitted.
        throttle_ns: u64::MAX,
        speed: Speed::UNPACED,
        ..ReplaySettings::default()
    };
    let mut replay = Replay::new(producer, settings);
    while replay.poll(Instant::now())? != Step::Ended {}
    Ok(replay.into_producer().into_parts().2)
}

/// What every 50th commit looked like, and the last one bit by bit.
#[derive(Debug, Default, PartialEq)]
struct Bits {
    commits: u64,
    hashes: Vec<u64>,
    last: Vec<u64>,
}

impl View for Bits {
    type Output = ();

    fn commit(&mut self, engine: &Engine) {
        self.commits += 1;
        if self.commits.is_multiple_of(50) {
            let mut hasher = DefaultHasher::new();
            all_bits(engine).hash(&mut hasher);
            self.hashes.push(hasher.finish());
        }
    }

    fn output(&mut self, moment: Moment<'_>) {
        // The last commit of the input is always emitted.
        self.last = all_bits(moment.engine);
    }
}

/// Records from memory, so many at a time.
struct Batches {
    records: Vec<Record>,
    size: usize,
}

struct Rest {
    records: std::vec::IntoIter<Record>,
    size: usize,
}

impl Session for Batches {
    type Records = Rest;

    fn open(&self) -> Result<Rest, SessionError> {
        Ok(Rest {
            records: self.records.clone().into_iter(),
            size: self.size,
        })
    }

    fn reopen(&self, _: &Rest) -> Result<Rest, SessionError> {
        self.open()
    }
}

impl Records for Rest {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, SessionError> {
        batch.clear();
        batch.extend(self.records.by_ref().take(self.size));
        Ok(!batch.is_empty())
    }

    fn progress(&self) -> Option<Progress> {
        None
    }

    fn copy(&self) -> Option<Self> {
        None
    }
}
