//! A stand-in of the service: real HTTP on loopback, jobs that move through their states, files made
//! for what was ordered, and switches to misbehave.

mod answers;
mod files;
mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Instant, SystemTime};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) use world::{DAY_NS, World};

/// The key that it accepts, and how the header has it.
pub(crate) const KEY: &str = "db-test0123456789ABCDEFGHIJKLMNO";
const AUTHORIZATION: &str = "Basic ZGItdGVzdDAxMjM0NTY3ODlBQkNERUZHSElKS0xNTk86";

/// How a call goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is answered with that status, these headers and that body, and has no effect.
    Status(u16, &'static [(&'static str, &'static str)], String),
    /// It has no effect, and is never answered; the connection stays open.
    Silent,
    /// It has its effect, and the connection ends without an answer.
    AnswerLost,
    /// It has no effect, and the connection ends without an answer.
    CallLost,
    /// The body breaks off after so many bytes.
    Cut(usize),
    /// The range that was asked for is ignored.
    NoRange,
    /// The bytes are others, as many.
    Corrupt,
    /// The program is killed before the call has an effect.
    KillBefore,
    /// The program is killed after the call has had its effect, before the answer.
    KillAfter,
    /// The program is killed while the body is on its way.
    KillWithin,
}

/// A fault of the next calls of a kind.
#[derive(Debug)]
struct Switch {
    /// The last part of the path, or of the file's name.
    call: String,
    /// What the path, the query or the form holds, decoded.
    within: String,
    fault: Fault,
    times: u32,
}

/// A job that was ordered.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) received_ns: u64,
    /// How often the job has been listed: it moves on each time.
    listed: u32,
    /// How many lists it is missing from yet.
    pub(crate) late: u32,
    files: Vec<(String, Arc<Vec<u8>>)>,
}

impl Job {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    pub(crate) fn symbols(&self) -> Vec<&str> {
        self.get("symbols").split(',').collect()
    }
}

/// What the stand-in knows and has seen.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) jobs: Vec<Job>,
    /// The last part of each path that was called, with the range that was asked for, in order.
    pub(crate) calls: Vec<String>,
    /// When each of them came.
    pub(crate) times: Vec<Instant>,
    /// States of jobs in place of those they would have, by the order in which they were submitted,
    /// and how often they are listed so.
    pub(crate) states: BTreeMap<usize, (&'static str, u32)>,
    /// How many lists the jobs that are ordered from now on are missing from.
    pub(crate) late: u32,
    /// How far its clock is ahead.
    pub(crate) ahead_s: i64,
    /// The process that it kills.
    pub(crate) victim: Option<u32>,
    switches: Vec<Switch>,
    /// The fault of the call after so many others.
    at_call: Option<(usize, Fault)>,
}

impl State {
    fn now_ns(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let ns =
            i128::try_from(since.as_nanos()).unwrap() + i128::from(self.ahead_s) * 1_000_000_000;
        u64::try_from(ns).unwrap()
    }

    /// Takes the fault of a call, if it is to have one.
    fn fault(&mut self, call: &str, request: &str) -> Option<Fault> {
        if let Some((left, fault)) = &mut self.at_call {
            if *left == 0 {
                let fault = fault.clone();
                self.at_call = None;
                return Some(fault);
            }
            *left -= 1;
        }
        let switch = self
            .switches
            .iter_mut()
            .find(|s| s.times > 0 && call.contains(&s.call) && request.contains(&s.within))?;
        switch.times -= 1;
        Some(switch.fault.clone())
    }

    fn kill(&mut self) {
        kill(self.victim.take());
    }
}

/// Kills a process, if it is not gone already.
fn kill(process: Option<u32>) {
    if let Some(process) = process {
        let killed = std::process::Command::new("kill")
            .args(["-9", &process.to_string()])
            .status();
        assert!(killed.unwrap().success());
    }
}

/// A running stand-in; it ends when dropped.
pub(crate) struct StandIn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    _end: oneshot::Sender<()>,
}

impl StandIn {
    pub(crate) fn start(world: World) -> Self {
        let state = Arc::new(Mutex::new(State {
            world,
            ..State::default()
        }));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = serve(listener, shared) => {}
                    _ = ended => {}
                }
            });
        });
        Self {
            address,
            state,
            _end: end,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Makes the next calls whose name contains `call` go wrong.
    pub(crate) fn misbehave(&self, call: &str, fault: Fault, times: u32) {
        self.misbehave_for(call, "", fault, times);
    }

    /// Makes the next calls go wrong whose name contains `call` and whose request contains `within`.
    pub(crate) fn misbehave_for(&self, call: &str, within: &str, fault: Fault, times: u32) {
        self.state().switches.push(Switch {
            call: call.to_owned(),
            within: within.to_owned(),
            fault,
            times,
        });
    }

    /// Makes the call after so many others go wrong.
    pub(crate) fn misbehave_after(&self, calls: usize, fault: Fault) {
        self.state().at_call = Some((calls, fault));
    }

    /// Makes everything go well from now on.
    pub(crate) fn behave(&self) {
        let mut state = self.state();
        state.switches.clear();
        state.at_call = None;
        state.victim = None;
    }

    /// The jobs that were ordered.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.state().jobs.clone()
    }

    /// How often a call was made.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|made| made.contains(call))
            .count()
    }

    /// The bytes of every file of every job, by name and job.
    pub(crate) fn files(&self) -> Vec<(String, Arc<Vec<u8>>)> {
        self.state()
            .jobs
            .iter()
            .flat_map(|job| job.files.clone())
            .collect()
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answers::answer(Arc::clone(&state), request));
            // A connection that ends early is what many tests are about.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}
