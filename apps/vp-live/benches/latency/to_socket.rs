//! A synthetic market in real time, every event emitted, over loopback to one viewer.
//!
//! The server, the replay, the producer and the encoder are those of the program; only the feed
//! that joins them is made here, because it must tell when each grid was encoded. Viewer and
//! server share a process, so that they share a clock.

use std::collections::HashMap;
use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use vp_engine::Engine;
use vp_live::encode::{Aging, FrameEncoder};
use vp_live::live::STREAM_PATH;
use vp_market::{Instrument, ProductTable, ProductType, RuntimeConfig};
use vp_replay::{Replay, ReplaySettings, Step};
use vp_session::{GridProducer, Moment, View};
use vp_session::{SyntheticSession, grid_config};
use vp_synth::SynthConfig;
use vp_transport::Client;
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, FeedDetails, Query, Server, Service, SessionEntry,
    Settings, StreamPlan,
};
use vp_wire::{ClientMessage, Field, Float, ServerMessage, StreamConfig};

use super::{Latencies, empty};

/// Event time that is measured, and wall time that it takes.
const SPAN: Duration = Duration::from_secs(30);
/// The beginning that is left out: the snapshot, and what is cold.
const WARM_UP: Duration = Duration::from_secs(2);

/// What the way to a viewer takes.
pub(super) struct ToSocket {
    pub(super) to_encoded: Latencies,
    pub(super) to_viewer: Latencies,
    pub(super) whole: Latencies,
    pub(super) conflated: usize,
}

/// When a grid left the encoder, and when it was due.
struct Encoded {
    seq: u64,
    due: Instant,
    at: Instant,
}

pub(super) fn measure() -> Result<ToSocket, Box<dyn Error>> {
    let (log, encoded) = channel();
    let market = Market::new(log)?;
    // As many workers as the program has.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let _entered = runtime.enter();
    let settings = Settings::new("127.0.0.1:0".parse()?);
    let server = Server::bind(settings, Arc::new(market), Vec::new())?;
    let url = format!("ws://{}{STREAM_PATH}", server.local_addr());
    runtime.spawn(server.run(std::future::pending()));
    let viewer = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let arrivals = viewer.block_on(watch(&url))?;
    Ok(compare(&encoded, &arrivals))
}

/// Watches to the end, and returns when each grid arrived.
async fn watch(url: &str) -> Result<HashMap<u64, Instant>, vp_transport::ClientError> {
    let mut client = Client::connect(url).await?;
    let mut decoder = vp_wire::Decoder::default();
    let mut arrivals = HashMap::with_capacity(100_000);
    while let Some(frame) = client.next_frame().await? {
        let at = Instant::now();
        if let ServerMessage::GridUpdate(grid) = decoder.decode(&frame)? {
            arrivals.insert(grid.seq, at);
        }
    }
    Ok(arrivals)
}

fn compare(encoded: &Receiver<Encoded>, arrivals: &HashMap<u64, Instant>) -> ToSocket {
    let (mut to_encoded, mut to_viewer, mut whole) = (empty(), empty(), empty());
    let (mut conflated, mut begun) = (0, None);
    for Encoded { seq, due, at } in encoded.try_iter() {
        if due.duration_since(*begun.get_or_insert(due)) < WARM_UP {
            continue;
        }
        record(&mut to_encoded, at - due);
        match arrivals.get(&seq) {
            Some(arrival) => {
                record(&mut to_viewer, *arrival - at);
                record(&mut whole, *arrival - due);
            }
            None => conflated += 1,
        }
    }
    ToSocket {
        to_encoded,
        to_viewer,
        whole,
        conflated,
    }
}

fn record(latencies: &mut Latencies, elapsed: Duration) {
    latencies.saturating_record(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX).max(1));
}

/// A backend with one session, for one viewer.
struct Market {
    config: SynthConfig,
    instrument: Instrument,
    products: ProductTable,
    log: Mutex<Sender<Encoded>>,
}

impl Market {
    fn new(log: Sender<Encoded>) -> Result<Self, Box<dyn Error>> {
        let (config, products) = (SynthConfig::default(), ProductTable::embedded());
        let instrument = products.instrument(ProductType::FutureMbo, config.symbol())?;
        Ok(Self {
            config,
            instrument,
            products,
            log: Mutex::new(log),
        })
    }
}

impl Backend for Market {
    fn service(&self) -> Service {
        Service {
            name: "latency",
            version: env!("CARGO_PKG_VERSION"),
            stream_path: STREAM_PATH,
        }
    }

    fn health(&self) -> Result<(), String> {
        Ok(())
    }

    fn sessions(&self, _: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        Ok(Vec::new())
    }

    fn products(&self) -> &ProductTable {
        &self.products
    }

    fn open(&self, _: Query) -> Result<StreamPlan, vp_wire::Error> {
        let start_ns = self.config.start_ns();
        let span_ns = u64::try_from(SPAN.as_nanos()).expect("a span of seconds");
        let session = SyntheticSession::new(self.config.clone(), start_ns + span_ns);
        let grid = grid_config(&self.instrument);
        let stream = StreamConfig {
            source: "synthetic".to_owned(),
            dt: "2026-02-06".to_owned(),
            speed: 1.0,
            start_time: None,
            end_time: None,
            throttle_ms: 0,
            view: Aging::Frozen.name().to_owned(),
            shared: false,
        };
        let runtime_config = vp_wire::RuntimeConfig::dense_grid(
            &RuntimeConfig::new(&self.instrument, grid.half_width()),
            stream,
            Field::grid(Float::F64),
        );
        let log = self
            .log
            .lock()
            .expect("no thread panics while it holds it")
            .clone();
        Ok(StreamPlan {
            shared: false,
            lossless: false,
            key: String::new(),
            open: Box::new(move || {
                let view = Wire {
                    frames: FrameEncoder::new(Aging::Frozen, Field::grid(Float::F64)),
                    shown: (0, 0),
                };
                let producer = GridProducer::open(session, grid, view)
                    .expect("a synthetic session has nothing to fail at");
                let settings = ReplaySettings {
                    throttle_ns: 0,
                    ..ReplaySettings::default()
                };
                Ok(Box::new(Timed {
                    replay: Replay::new(producer, settings),
                    runtime_config,
                    start_ns,
                    started: None,
                    log,
                }))
            }),
        })
    }
}

/// Encodes as the program does, and remembers what it showed last.
struct Wire {
    frames: FrameEncoder,
    /// Number and event time of the grid.
    shown: (u64, u64),
}

impl View for Wire {
    type Output = Bytes;

    fn commit(&mut self, _: &Engine) {}

    fn output(&mut self, moment: Moment<'_>) -> Bytes {
        self.shown = (moment.stamp.seq, moment.ts_ns());
        Bytes::copy_from_slice(self.frames.encode(moment))
    }
}

/// A feed that logs when its grids were due, and when they were ready.
struct Timed {
    replay: Replay<GridProducer<SyntheticSession, Wire>>,
    runtime_config: vp_wire::RuntimeConfig,
    start_ns: u64,
    /// When the first record, which is at `start_ns`, was due.
    started: Option<Instant>,
    log: Sender<Encoded>,
}

impl Feed for Timed {
    fn runtime_config(&self) -> vp_wire::RuntimeConfig {
        self.runtime_config.clone()
    }

    fn poll(&mut self, now: Instant) -> Result<Step<Bytes>, vp_wire::Error> {
        // The pace begins with the first record, which is due when it is first asked for.
        let started = *self.started.get_or_insert(now);
        let step = self.replay.poll(now).expect("the market has no end");
        if matches!(step, Step::Output(_)) {
            let at = Instant::now();
            let (seq, ts_ns) = self.replay.producer().view().shown;
            let due = started + Duration::from_nanos(ts_ns - self.start_ns);
            let _ = self.log.send(Encoded { seq, due, at });
        }
        Ok(step)
    }

    fn command(&mut self, _: &ClientMessage) -> Result<(), vp_wire::Error> {
        Ok(())
    }

    fn status(&self) -> vp_replay::Status {
        self.replay.status()
    }

    fn details(&self) -> FeedDetails {
        FeedDetails::default()
    }
}
