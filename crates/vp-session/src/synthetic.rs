//! The synthetic market as a session: it ends with the venue's day.

use vp_ingest::Progress;
use vp_market::Record;
use vp_synth::{SynthConfig, SyntheticMarket};

use crate::{Records, Session, SessionError};

/// Records that are made at once: enough to spread the cost of a call, few enough to be made in
/// no time.
const BATCH: usize = 512;

/// A session made from a seed.
#[derive(Clone, Debug)]
pub struct SyntheticSession {
    config: SynthConfig,
    end_ns: u64,
}

impl SyntheticSession {
    /// The date on which every market starts that is given no other.
    pub const DATE: &str = "2026-02-06";

    /// Returns a session of that market which ends before `end_ns`.
    pub const fn new(config: SynthConfig, end_ns: u64) -> Self {
        Self { config, end_ns }
    }

    /// Returns the market.
    pub const fn config(&self) -> &SynthConfig {
        &self.config
    }
}

impl Session for SyntheticSession {
    type Records = SyntheticRecords;

    fn open(&self) -> Result<SyntheticRecords, SessionError> {
        Ok(SyntheticRecords {
            market: SyntheticMarket::new(&self.config),
            end_ns: self.end_ns,
        })
    }

    fn reopen(&self, _: &SyntheticRecords) -> Result<SyntheticRecords, SessionError> {
        self.open()
    }
}

/// The records of a synthetic session.
#[derive(Clone, Debug)]
pub struct SyntheticRecords {
    market: SyntheticMarket,
    end_ns: u64,
}

impl Records for SyntheticRecords {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, SessionError> {
        batch.clear();
        while batch.len() < BATCH {
            let kept = batch.len();
            self.market.next_event(batch);
            // The market goes on for ever; time does not go back in it.
            if batch[kept..]
                .iter()
                .any(|record| record.ts_event >= self.end_ns)
            {
                batch.truncate(kept);
                self.end_ns = 0;
                break;
            }
        }
        Ok(!batch.is_empty())
    }

    fn progress(&self) -> Option<Progress> {
        None
    }

    fn copy(&self) -> Option<Self> {
        Some(self.clone())
    }
}
