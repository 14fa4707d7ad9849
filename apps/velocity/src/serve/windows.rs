//! The windows of a date as a replay drives them: counted when they pass, read when they are shown.

use std::convert::Infallible;

use bytes::Bytes;
use vp_replay::{Commit, Producer, Stamp};
use vp_velocity::Forecaster;
use vp_velocity::stage::StageError;
use vp_velocity::view::{GoldViewer, Snap};

use super::batch::Batcher;

/// The windows of a date.
pub(super) struct Windows {
    snaps: Vec<Snap>,
    /// The next window.
    next: usize,
    gold: GoldViewer,
    forecaster: Forecaster,
    batcher: Batcher,
}

impl Windows {
    pub(super) fn new(snaps: Vec<Snap>, gold: GoldViewer, forecaster: Forecaster) -> Self {
        Self {
            snaps,
            next: 0,
            gold,
            forecaster,
            batcher: Batcher::default(),
        }
    }

    /// Returns how many windows have passed, and how many there are.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.next, self.snaps.len())
    }

    /// Returns how many values of gold were mended.
    pub(super) fn mended(&self) -> u64 {
        self.gold.mended()
    }

    fn encode(&mut self, stamp: Stamp) -> Result<Bytes, StageError> {
        let snap = self.snaps[self.next - 1];
        let shown = self.gold.window(snap.end_ts_ns)?.map(|gold| {
            // Whatever was shown before, the forecast is the one of a straight run.
            self.forecaster.seek(gold.previous_spot);
            let forecast = self.forecaster.forecast(gold.spot, gold.surface);
            (gold, forecast)
        });
        Ok(self.batcher.encode(stamp, snap, shown))
    }
}

/// Returns the end of a window; nothing was traded before 1970.
fn end_of(snap: &Snap) -> u64 {
    u64::try_from(snap.end_ts_ns).unwrap_or(0)
}

impl Producer for Windows {
    type Output = Result<Bytes, StageError>;
    type Checkpoint = usize;
    type Error = Infallible;

    fn next_ts(&mut self) -> Result<Option<u64>, Infallible> {
        Ok(self.snaps.get(self.next).map(end_of))
    }

    fn commit_before(&mut self) -> Option<Commit> {
        None
    }

    fn apply(&mut self) -> Option<Commit> {
        let ts_ns = end_of(self.snaps.get(self.next)?);
        self.next += 1;
        Some(Commit {
            ts_ns,
            is_break: false,
        })
    }

    fn finish(&mut self) -> Option<Commit> {
        None
    }

    fn output(&mut self, stamp: Stamp) -> Self::Output {
        self.encode(stamp)
    }

    fn checkpoint(&self) -> usize {
        self.next
    }

    fn restore(&mut self, checkpoint: Option<&usize>) -> Result<(), Infallible> {
        self.next = checkpoint.copied().unwrap_or(0);
        Ok(())
    }
}
