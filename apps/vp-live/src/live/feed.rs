//! A replay of a session together with its encoder, as the server runs it.

use std::ops::Range;
use std::time::Instant;

use bytes::Bytes;
use vp_engine::Engine;
use vp_market::SessionWindow;
use vp_replay::{Phase, Replay, ReplaySettings, Step};
use vp_transport::server::{Feed, FeedDetails};
use vp_wire::{ClientMessage, Error, Field, RuntimeConfig};

use super::failure;
use crate::encode::{Aging, FrameEncoder};
use vp_session::{AnySession, Records};
use vp_session::{GridProducer, Moment, View};

/// How grids are shown to viewers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) aging: Aging,
    /// The columns, in the order of the wire.
    pub(super) fields: Vec<Field>,
}

/// Encodes each emitted grid.
#[derive(Debug)]
struct WireView(FrameEncoder);

impl View for WireView {
    type Output = Bytes;

    fn commit(&mut self, _: &Engine) {}

    fn output(&mut self, moment: Moment<'_>) -> Bytes {
        Bytes::copy_from_slice(self.0.encode(moment))
    }
}

/// Everything that a feed is opened with.
#[derive(Clone, Debug)]
pub(super) struct FeedPlan {
    pub(super) session: AnySession,
    pub(super) window: SessionWindow,
    pub(super) grid: vp_engine::GridConfig,
    pub(super) settings: ReplaySettings,
    pub(super) look: Look,
    pub(super) runtime_config: RuntimeConfig,
}

/// A running replay of grids.
pub(super) struct LiveFeed {
    replay: Replay<GridProducer<AnySession, WireView>>,
    runtime_config: RuntimeConfig,
    window: SessionWindow,
    /// What progress in time is measured against.
    span: Range<u64>,
}

impl LiveFeed {
    pub(super) fn open(plan: FeedPlan) -> Result<Self, Error> {
        let FeedPlan {
            session,
            window,
            grid,
            settings,
            look,
            runtime_config,
        } = plan;
        let first_ns = session.first_ns().unwrap_or(window.start_ns());
        let view = WireView(FrameEncoder::new(look.aging, look.fields));
        let producer =
            GridProducer::open(session, grid, view).map_err(|error| failure::of_opening(&error))?;
        let span =
            settings.start_ns.unwrap_or(first_ns)..settings.end_ns.unwrap_or(window.end_ns());
        Ok(Self {
            replay: Replay::new(producer, settings),
            runtime_config,
            window,
            span,
        })
    }

    /// Returns how much of the session is done, from 0 to 1: of its files, or else of its time.
    fn progress(&self) -> Option<f64> {
        let status = self.replay.status();
        if status.phase == Phase::Ended {
            return Some(1.0);
        }
        let of_files = self.replay.producer().records().progress();
        let (done, all) = if let Some(progress) = of_files {
            (progress.bytes_read, progress.bytes_total)
        } else {
            let Range { start, end } = self.span;
            (
                status.ts_ns.saturating_sub(start),
                end.saturating_sub(start),
            )
        };
        (all > 0).then(|| (as_float(done) / as_float(all)).min(1.0))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of progress, for display"
)]
fn as_float(count: u64) -> f64 {
    count as f64
}

impl Feed for LiveFeed {
    fn runtime_config(&self) -> RuntimeConfig {
        let mut config = self.runtime_config.clone();
        config.stream.speed = self.replay.status().speed.value();
        config
    }

    fn poll(&mut self, now: Instant) -> Result<Step<Bytes>, Error> {
        self.replay
            .poll(now)
            .map_err(|error| failure::of_running(&error))
    }

    fn command(&mut self, command: &ClientMessage) -> Result<(), Error> {
        let command = command.command(self.window)?;
        self.replay
            .command(command)
            .map_err(|error| failure::of_running(&error))
    }

    fn status(&self) -> vp_replay::Status {
        self.replay.status()
    }

    fn details(&self) -> FeedDetails {
        let anomalies = self.replay.producer().engine().grid().anomalies().iter();
        let anomalies = anomalies
            .map(|(kind, count)| (kind.name().to_owned(), count))
            .collect();
        FeedDetails {
            anomalies,
            progress: self.progress(),
            notice: None,
        }
    }
}
