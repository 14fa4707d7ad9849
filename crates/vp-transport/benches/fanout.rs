//! One grid to every viewer: through the server, and by a bare write of the same bytes.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark may stop at what it did not expect"
)]

#[path = "../tests/toy/mod.rs"]
mod toy;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::client_async;
use vp_market::ProductTable;
use vp_replay::{Phase, Speed, Step};
use vp_transport::server::{
    Backend, Cancellation, Cancelled, Feed, FeedDetails, Query, Server, Service, SessionEntry,
    Settings, StreamPlan,
};
use vp_wire::{ClientMessage, Error, RuntimeConfig};

/// As long as a grid of every column.
const GRID: usize = 17_000;

/// Emits a grid whenever the benchmark says so.
struct Gated {
    gate: Receiver<()>,
    grid: Bytes,
    config: RuntimeConfig,
}

impl Feed for Gated {
    fn runtime_config(&self) -> RuntimeConfig {
        self.config.clone()
    }

    fn poll(&mut self, _now: Instant) -> Result<Step<Bytes>, Error> {
        match self.gate.recv_timeout(Duration::from_millis(5)) {
            Ok(()) => Ok(Step::Output(self.grid.clone())),
            Err(RecvTimeoutError::Timeout) => Ok(Step::Working),
            Err(RecvTimeoutError::Disconnected) => Ok(Step::Ended),
        }
    }

    fn command(&mut self, _command: &ClientMessage) -> Result<(), Error> {
        Ok(())
    }

    fn status(&self) -> vp_replay::Status {
        vp_replay::Status {
            phase: Phase::Live,
            inputs: 0,
            commits: 0,
            ts_ns: 0,
            behind: Duration::ZERO,
            shortened: None,
            speed: Speed::REAL_TIME,
        }
    }

    fn details(&self) -> FeedDetails {
        FeedDetails::default()
    }
}

struct Gates {
    gate: Mutex<Option<Receiver<()>>>,
    products: ProductTable,
}

impl Backend for Gates {
    fn service(&self) -> Service {
        Service {
            name: "bench",
            version: "0",
            stream_path: toy::PATH,
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

    fn open(&self, _query: Query) -> Result<StreamPlan, Error> {
        let gate = self.gate.lock().unwrap().take();
        Ok(StreamPlan {
            shared: true,
            lossless: false,
            key: String::new(),
            open: Box::new(move || {
                Ok(Box::new(Gated {
                    gate: gate.unwrap(),
                    grid: Bytes::from(vec![0; GRID]),
                    config: toy::runtime_config(1.0, true),
                }))
            }),
        })
    }
}

/// Sockets through the server, past the first messages, and what emits a grid.
async fn served(viewers: usize) -> (Vec<TcpStream>, Sender<()>) {
    let (emit, gate) = channel();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap());
    settings.deadlines.status_every = Duration::from_hours(1);
    settings.deadlines.ping_every = Duration::from_hours(1);
    settings.deadlines.too_slow = Duration::from_hours(1);
    let gates = Gates {
        gate: Mutex::new(Some(gate)),
        products: ProductTable::embedded(),
    };
    let server = Server::bind(settings, Arc::new(gates), Vec::new()).unwrap();
    let address = server.local_addr();
    tokio::spawn(server.run(std::future::pending()));
    let mut sockets = Vec::new();
    for _ in 0..viewers {
        let socket = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}{}", toy::PATH);
        let (mut socket, _) = client_async(url, socket).await.unwrap();
        // The runtime config and the status.
        for _ in 0..2 {
            socket.next().await.unwrap().unwrap();
        }
        sockets.push(socket.into_inner());
    }
    (sockets, emit)
}

/// Sockets that are written to one after the other.
async fn bare(viewers: usize) -> (Vec<TcpStream>, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for _ in 0..viewers {
        near.push(TcpStream::connect(address).await.unwrap());
        far.push(listener.accept().await.unwrap().0);
    }
    let (emit, gate) = channel::<()>();
    let (wake, mut woken) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || gate.iter().all(|()| wake.send(()).is_ok()));
    let bytes = vec![0; GRID + 4];
    tokio::spawn(async move {
        while woken.recv().await.is_some() {
            for socket in &mut far {
                socket.write_all(&bytes).await.unwrap();
            }
        }
    });
    (near, emit)
}

/// Reads on tasks; the receiver gets a unit whenever a socket has taken a whole grid.
fn read_all(sockets: Vec<TcpStream>) -> Receiver<()> {
    let (done, whole) = channel();
    for mut socket in sockets {
        let done = done.clone();
        tokio::spawn(async move {
            // A grid and the four bytes that a websocket puts before it.
            let mut frame = vec![0; GRID + 4];
            while socket.read_exact(&mut frame).await.is_ok() {
                let _ = done.send(());
            }
        });
    }
    whole
}

fn fan_out(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("fan_out");
    for viewers in [1, 10, 100, 1_000] {
        for is_served in [true, false] {
            let (whole, emit) = runtime.block_on(async {
                let (sockets, emit) = if is_served {
                    served(viewers).await
                } else {
                    bare(viewers).await
                };
                (read_all(sockets), emit)
            });
            let name = if is_served { "served" } else { "bare" };
            group.bench_function(format!("{name}/{viewers}"), |bencher| {
                bencher.iter(|| {
                    emit.send(()).unwrap();
                    for _ in 0..viewers {
                        whole.recv().unwrap();
                    }
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
