//! A backend whose grids count: input `i` is at `i` steps of event time, and is grid `i + 1`.

#![allow(
    dead_code,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "each test and benchmark uses its part, and may stop at what it did not expect"
)]

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vp_market::{ProductTable, ProductType};
use vp_replay::{Command, Commit, Producer, Replay, ReplaySettings, Speed, Stamp, Step};
use vp_transport::server::{
    Backend, Cancellation, Cancelled, ContentCoding, Feed, FeedDetails, Page, Query, Server,
    Service, SessionEntry, Settings, StreamPlan,
};
use vp_transport::{Client, ClientError};
use vp_wire::{
    ClientMessage, Column, DType, Error, ErrorCode, Field, Float, GridUpdate, Numbers,
    RuntimeConfig, StreamConfig,
};

pub(crate) const PATH: &str = "/v1/vacuum-pressure/stream";
/// The path of a large script.
pub(crate) const SCRIPT: &str = "/assets/toy-0a1b2c3d.js";
const MINUTE: u64 = 60_000_000_000;

/// Counts what is opened.
#[derive(Debug, Default)]
pub(crate) struct Toy {
    pub(crate) opened: Arc<AtomicUsize>,
    products: Option<ProductTable>,
}

impl Toy {
    pub(crate) fn new() -> Self {
        Self {
            opened: Arc::default(),
            products: Some(ProductTable::embedded()),
        }
    }
}

impl Backend for Toy {
    fn service(&self) -> Service {
        Service {
            name: "toy",
            version: "1.2.3",
            stream_path: PATH,
        }
    }

    fn health(&self) -> Result<(), String> {
        Ok(())
    }

    fn sessions(&self, _: &Cancellation) -> Result<Vec<SessionEntry>, Cancelled> {
        Ok(vec![SessionEntry {
            product_type: "future_mbo".into(),
            symbol: "MNQH6".into(),
            dt: "2026-02-06".into(),
            source: "synthetic".into(),
            ready: true,
            missing: Vec::new(),
        }])
    }

    fn products(&self) -> &ProductTable {
        self.products.as_ref().unwrap()
    }

    fn open(&self, mut query: Query) -> Result<StreamPlan, Error> {
        let number = |text: Option<String>, default: u64| match text {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| Error::new(ErrorCode::BadParameter, "not a number")),
        };
        let key = format!("{query:?}");
        let count = number(query.take("count"), u64::MAX)?;
        let step_us = number(query.take("step_us"), 1000)?;
        let speed = number(query.take("speed"), 1)?;
        let fails_at = query.take("fails_at");
        let fails_at = fails_at.map(|text| number(Some(text), 0)).transpose()?;
        let shared = query.take_flag("shared")?;
        let lossless = query.take_flag("lossless")?;
        let breaks = query.take_flag("breaks")?;
        query.finish()?;
        let opened = Arc::clone(&self.opened);
        Ok(StreamPlan {
            shared,
            lossless,
            key,
            open: Box::new(move || {
                opened.fetch_add(1, Ordering::SeqCst);
                assert!(!breaks, "this feed breaks down");
                let counter = Counter::new(count, step_us * 1000, fails_at);
                let settings = ReplaySettings {
                    throttle_ns: 0,
                    speed: Speed::new(speed as f64).unwrap(),
                    ..ReplaySettings::default()
                };
                let replay = Replay::new(counter, settings);
                Ok(Box::new(ToyFeed { replay, shared }) as Box<dyn Feed>)
            }),
        })
    }
}

struct ToyFeed {
    replay: Replay<Counter>,
    shared: bool,
}

impl Feed for ToyFeed {
    fn runtime_config(&self) -> RuntimeConfig {
        runtime_config(self.replay.status().speed.value(), self.shared)
    }

    fn poll(&mut self, now: Instant) -> Result<Step<Bytes>, Error> {
        self.replay.poll(now)
    }

    fn command(&mut self, command: &ClientMessage) -> Result<(), Error> {
        let bad = |message: &str| Error::new(ErrorCode::BadMessage, message);
        self.replay.command(match command {
            ClientMessage::Pause {} => Command::Pause,
            ClientMessage::Resume {} => Command::Resume,
            ClientMessage::Restart {} => Command::Restart,
            ClientMessage::Speed { value } => {
                Command::Speed(Speed::new(*value).map_err(|error| bad(&error.to_string()))?)
            }
            ClientMessage::Seek { start_time } => {
                let minutes = start_time.strip_prefix("00:").and_then(|m| m.parse().ok());
                let minutes: u64 = minutes.ok_or_else(|| bad("outside the session"))?;
                Command::Seek(minutes * MINUTE)
            }
        })
    }

    fn status(&self) -> vp_replay::Status {
        self.replay.status()
    }

    fn details(&self) -> FeedDetails {
        FeedDetails {
            anomalies: BTreeMap::from([("toy".into(), 1)]),
            ..FeedDetails::default()
        }
    }
}

pub(crate) fn runtime_config(speed: f64, shared: bool) -> RuntimeConfig {
    let table = ProductTable::embedded();
    let instrument = table.instrument(ProductType::FutureMbo, "MNQH6").unwrap();
    RuntimeConfig::dense_grid(
        &vp_market::RuntimeConfig::new(&instrument, 50),
        StreamConfig {
            source: "synthetic".into(),
            dt: "2026-02-06".into(),
            speed,
            start_time: None,
            end_time: None,
            throttle_ms: 0,
            view: "frozen".into(),
            shared,
        },
        Field::grid(Float::F64),
    )
}

struct Counter {
    count: u64,
    step_ns: u64,
    fails_at: Option<u64>,
    next: u64,
    columns: Vec<Column<'static>>,
    frame: Vec<u8>,
}

impl Counter {
    fn new(count: u64, step_ns: u64, fails_at: Option<u64>) -> Self {
        let ks = -50..=50;
        let columns = Field::GRID.map(|(name, dtype)| {
            let numbers = match dtype {
                DType::I32 => Numbers::I32(ks.clone().collect()),
                DType::I64 => Numbers::I64(ks.clone().map(i64::from).collect()),
                _ => Numbers::F64(ks.clone().map(f64::from).collect()),
            };
            Column::new(name, numbers)
        });
        Self {
            count,
            step_ns,
            fails_at,
            next: 0,
            columns: columns.into(),
            frame: Vec::new(),
        }
    }
}

impl Producer for Counter {
    type Output = Bytes;
    type Checkpoint = u64;
    type Error = Error;

    fn next_ts(&mut self) -> Result<Option<u64>, Error> {
        if self.fails_at == Some(self.next) {
            let broken = format!("record {} is cut short", self.next);
            return Err(Error::new(ErrorCode::SourceFailed, broken));
        }
        Ok((self.next < self.count).then(|| self.next * self.step_ns))
    }

    fn commit_before(&mut self) -> Option<Commit> {
        None
    }

    fn apply(&mut self) -> Option<Commit> {
        let ts_ns = self.next * self.step_ns;
        self.next += 1;
        Some(Commit {
            ts_ns,
            is_break: false,
        })
    }

    fn finish(&mut self) -> Option<Commit> {
        None
    }

    fn output(&mut self, stamp: Stamp) -> Bytes {
        let grid = GridUpdate {
            seq: stamp.seq,
            epoch: stamp.epoch,
            ts_ns: (self.next - 1) * self.step_ns,
            event_id: self.next,
            columns: (&self.columns[..]).into(),
            ..GridUpdate::default()
        };
        grid.encode(Float::F64, &mut self.frame);
        Bytes::copy_from_slice(&self.frame)
    }

    fn checkpoint(&self) -> u64 {
        self.next
    }

    fn restore(&mut self, checkpoint: Option<&u64>) -> Result<(), Error> {
        self.next = checkpoint.copied().unwrap_or(0);
        Ok(())
    }
}

/// A server on a free port of the loopback.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) opened: Arc<AtomicUsize>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(adjust: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new("127.0.0.1:0".parse().unwrap());
        adjust(&mut settings);
        let toy = Toy::new();
        let opened = Arc::clone(&toy.opened);
        let page = Page {
            path: "/".into(),
            content_type: "text/html; charset=utf-8",
            bytes: Bytes::from_static(b"<title>toy</title>"),
            compressed: vec![(ContentCoding::Gzip, Bytes::from_static(b"zipped toy"))],
            is_immutable: false,
        };
        // More than the sockets of a connection hold.
        let script = Page {
            path: SCRIPT.into(),
            content_type: "text/javascript; charset=utf-8",
            bytes: vec![b'/'; 16 << 20].into(),
            compressed: Vec::new(),
            is_immutable: true,
        };
        let server = Server::bind(settings, Arc::new(toy), vec![page, script]).unwrap();
        let address = server.local_addr();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            opened,
            stop,
            task,
        }
    }

    pub(crate) fn url(&self, query: &str) -> String {
        format!("ws://{}{PATH}?{query}", self.address)
    }

    pub(crate) fn connect(
        &self,
        query: &str,
    ) -> impl Future<Output = Result<Client, ClientError>> + use<> {
        let url = self.url(query);
        async move { Client::connect(&url).await }
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// Sends a request as it is and returns the whole answer, as far as it is text.
pub(crate) async fn ask(server: &Running, request: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    rest(&mut socket).await
}

/// Reads to the end of a connection, however it ends.
pub(crate) async fn rest(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) async fn get(server: &Running, path: &str, header: &str) -> String {
    let host = server.address;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\r\n");
    ask(server, &request).await
}

/// Returns the status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or_else(|| panic!("no answer of HTTP: {answer:?}"))
}

/// Returns the value of a header of an answer.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

pub(crate) async fn metric(server: &Running, name: &str) -> u64 {
    let text = get(server, "/metrics", "").await;
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("spymaster_{name} ")));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}
