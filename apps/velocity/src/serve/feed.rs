//! A replay of a date's windows together with its encoder, as the server runs it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use vp_lake::Lake;
use vp_lake::tables::Filter;
use vp_market::{Instrument, SessionDate, SessionWindow};
use vp_replay::{Replay, ReplaySettings, Step};
use vp_transport::server::{Feed, FeedDetails};
use vp_velocity::stage::StageError;
use vp_velocity::view::Views;
use vp_velocity::{Forecaster, axis_tick};
use vp_wire::{ClientMessage, Error, ErrorCode, RuntimeConfig};

use super::calibration::{Calibration, Warnings};
use super::checks::{Check, Checks};
use super::windows::Windows;
use vp_cli::report;

/// What all feeds share.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    pub(super) lake: Lake,
    pub(super) checks: Checks,
    pub(super) warnings: Warnings,
    pub(super) views: Views,
}

/// What one feed is opened with.
#[derive(Debug)]
pub(super) struct FeedPlan {
    pub(super) instrument: Instrument,
    pub(super) dt: SessionDate,
    pub(super) window: SessionWindow,
    pub(super) settings: ReplaySettings,
    pub(super) calibration: Calibration,
    pub(super) horizon_s: u32,
    pub(super) runtime_config: RuntimeConfig,
}

/// A running replay of windows.
pub(super) struct VelocityFeed {
    replay: Replay<Windows>,
    runtime_config: RuntimeConfig,
    window: SessionWindow,
    check: Check,
    /// What viewers should know of the forecast.
    lack: Option<String>,
}

impl VelocityFeed {
    pub(super) fn open(plan: FeedPlan, sources: &Sources) -> Result<Self, Error> {
        let (lake, instrument, dt) = (&sources.lake, &plan.instrument, plan.dt);
        let opened = sources.views.open(lake, instrument, dt);
        let (snaps, gold) = opened.map_err(|error| failure(lake, instrument, &error))?;
        let check = sources.checks.begin(gold.partitions());
        // Not before: whatever name a query asks for, only roots of the lake are remembered.
        sources.warnings.note(&instrument.root, &plan.calibration);
        let tick = axis_tick(instrument);
        let forecaster = Forecaster::new(plan.calibration.dynamics, tick, plan.horizon_s);
        Ok(Self {
            replay: Replay::new(Windows::new(snaps, gold, forecaster), plan.settings),
            runtime_config: plan.runtime_config,
            window: plan.window,
            check,
            lack: plan.calibration.lack,
        })
    }
}

/// Returns the message for partitions that cannot be read, or are not there.
fn failure(lake: &Lake, instrument: &Instrument, error: &StageError) -> Error {
    let text = report::chain(error);
    if !matches!(error, StageError::MissingInput { .. }) {
        return broken(text);
    }
    let filter = Filter {
        product_type: Some(instrument.product_type),
        symbol: Some(instrument.symbol.clone()),
        ..Filter::default()
    };
    let is_known = lake
        .partitions(&filter)
        .is_ok_and(|found| !found.is_empty());
    let code = if is_known {
        ErrorCode::UnknownDate
    } else {
        ErrorCode::UnknownSymbol
    };
    Error::new(code, text).with_hint("GET /v1/sessions lists what can be streamed")
}

fn broken(text: String) -> Error {
    Error::new(ErrorCode::SourceFailed, text)
        .with_hint("`velocity verify` finds what is damaged, and `velocity run` makes it again")
}

impl Feed for VelocityFeed {
    fn runtime_config(&self) -> RuntimeConfig {
        let mut config = self.runtime_config.clone();
        config.stream.speed = self.replay.status().speed.value();
        config
    }

    fn poll(&mut self, now: Instant) -> Result<Step<Bytes>, Error> {
        if let Some(defect) = self.check.defect() {
            return Err(broken(defect.to_owned()));
        }
        let Ok(step) = self.replay.poll(now).map_err(|never: Infallible| never);
        Ok(match step {
            Step::Output(Ok(batch)) => Step::Output(batch),
            Step::Output(Err(error)) => return Err(broken(report::chain(&error))),
            Step::Restarted => Step::Restarted,
            Step::Working => Step::Working,
            Step::Wait(until) => Step::Wait(until),
            Step::Paused => Step::Paused,
            Step::Ended => Step::Ended,
        })
    }

    fn command(&mut self, command: &ClientMessage) -> Result<(), Error> {
        let command = command.command(self.window)?;
        let Ok(()) = self.replay.command(command);
        Ok(())
    }

    fn status(&self) -> vp_replay::Status {
        self.replay.status()
    }

    fn details(&self) -> FeedDetails {
        let windows = self.replay.producer();
        let mended = windows.mended();
        let mended = (mended > 0).then(|| ("mended_gold_value".to_owned(), mended));
        FeedDetails {
            anomalies: BTreeMap::from_iter(mended),
            progress: progress(windows.progress()),
            notice: self.lack.clone(),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of progress, for display"
)]
fn progress((done, all): (usize, usize)) -> Option<f64> {
    (all > 0).then(|| done as f64 / all as f64)
}
