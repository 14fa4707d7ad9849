//! A server as a process: how it ends, whatever is blocked, and what it logs. The test program is
//! the server, too: it serves if the environment says so.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

mod process_server;
mod toy;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use process_server::{PRIVATE_FOLDER, SERVE};
use tokio_tungstenite::tungstenite::{self, Message};
use vp_wire::{Decoder, Error, ErrorCode, ServerMessage};

/// Nothing here takes longer, short of a hang.
const PATIENCE: Duration = Duration::from_mins(10);

fn main() -> ExitCode {
    if std::env::var_os(SERVE).is_some() {
        return process_server::serve();
    }
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let trials = vec![
        trial("what_is_blocked_keeps_no_process_from_ending", blocked),
        trial("a_second_signal_ends_the_process_at_once", second_signal),
        trial("a_hangup_does_not_end_the_process", hangup),
        trial("health_says_that_the_data_does_not_answer", stuck_health),
        trial("a_listing_ends_with_the_client_that_asked", cancelled),
        trial("threads_that_nobody_watches_count_until_they_end", threads),
        trial("queries_that_block_count_until_they_end", openings),
        trial("whatever_is_refused_is_a_line_of_the_log", refusals),
        trial("whatever_ends_a_stream_is_a_line_of_the_log", ends),
        trial("lines_of_a_kind_are_limited_and_counted", limited_lines),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A server in a process of its own, killed when dropped.
struct Served {
    process: Child,
    address: String,
    /// What it writes to standard error.
    lines: mpsc::Receiver<String>,
    /// Those that were read.
    log: String,
}

impl Served {
    /// Starts a server with these settings.
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .env(SERVE, "1")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self {
            process,
            address: address.trim().to_owned(),
            lines,
            log: String::new(),
        }
    }

    /// Waits for a line that holds all these words, and returns it.
    fn line(&mut self, words: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no line {words:?} in {}", self.log));
            writeln!(self.log, "{line}").unwrap();
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the process to end; returns its exit status and its whole log.
    fn end(mut self) -> (Option<i32>, String) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => writeln!(self.log, "{line}").unwrap(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {}", self.log),
            }
        }
        let log = std::mem::take(&mut self.log);
        (self.process.wait().unwrap().code(), log)
    }

    /// Sends a request, and returns the connection.
    fn request(&self, path: &str, headers: &str) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = &self.address;
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        socket
    }

    /// Returns the whole answer to a request.
    fn get(&self, path: &str, headers: &str) -> String {
        let mut answer = String::new();
        let mut socket = self.request(path, headers);
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    fn connect(&self, query: &str) -> Viewer {
        let socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://{}{}?{query}", self.address, toy::PATH);
        let (socket, _) = tungstenite::client(url, socket).unwrap();
        Viewer {
            socket,
            decoder: Decoder::default(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection that reads only when it is asked to.
struct Viewer {
    socket: tungstenite::WebSocket<TcpStream>,
    decoder: Decoder,
}

/// What a viewer reads.
enum Read {
    Message(ServerMessage),
    Closed(u16),
}

impl Viewer {
    /// The viewer as the log names it.
    fn name(&self) -> String {
        format!("peer={}", self.socket.get_ref().local_addr().unwrap())
    }

    fn read(&mut self) -> Read {
        loop {
            match self.socket.read().unwrap() {
                Message::Binary(bytes) => {
                    return Read::Message(self.decoder.decode(&bytes).unwrap());
                }
                Message::Close(frame) => return Read::Closed(frame.unwrap().code.into()),
                _ => {}
            }
        }
    }

    /// Returns the error that ends the stream, and the close code.
    fn refusal(mut self) -> (Error, u16) {
        let mut refusal = None;
        loop {
            match self.read() {
                Read::Message(ServerMessage::Error(error)) => refusal = Some(error),
                Read::Message(_) => {}
                Read::Closed(code) => return (refusal.unwrap(), code),
            }
        }
    }

    /// Reads to the first grid.
    fn grid(&mut self) {
        while !matches!(self.read(), Read::Message(ServerMessage::GridUpdate(_))) {}
    }
}

fn blocked() {
    let mut server = Served::start(&[("BLOCKS", "sessions health")]);
    let _sessions = server.request("/v1/sessions", "");
    server.line(&["blocked", "sessions"]);
    let _health = server.request("/health", "");
    server.line(&["blocked", "health"]);
    let _query = server.connect("open=blocked");
    server.line(&["blocked", "open"]);
    let _feed = server.connect("feed=blocked");
    server.line(&["blocked", "feed"]);
    server.signal("-TERM");
    let (status, log) = server.end();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("stopped"), "{log}");
}

fn second_signal() {
    for (signal, status) in [("-TERM", 143), ("-INT", 130)] {
        let mut server = Served::start(&[("CLOSE_SECONDS", "3600")]);
        let mut viewer = server.connect("count=1000000");
        viewer.grid();
        server.signal("-TERM");
        // It waits for the viewer, who does not answer the close.
        server.line(&["stopping"]);
        server.signal(signal);
        let (found, log) = server.end();
        assert_eq!(found, Some(status), "{log}");
        assert!(!log.contains("stopped"), "{log}");
    }
}

fn hangup() {
    let mut server = Served::start(&[]);
    server.signal("-HUP");
    server.line(&["SIGHUP"]);
    assert!(server.get("/health", "").starts_with("HTTP/1.1 200"));
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));
}

fn stuck_health() {
    let server = Served::start(&[("BLOCKS", "health"), ("HEALTH_SECONDS", "0.05")]);
    for _ in 0..20 {
        let answer = server.get("/health", "");
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(answer.contains("did not answer within 0.05 s"), "{answer}");
    }
    let threads = std::fs::read_dir(format!("/proc/{}/task", server.process.id()));
    // Two workers, the main thread, and one that is blocked for all of them; more would grow.
    assert!(threads.unwrap().count() <= 8);
    let server = Served::start(&[("UNHEALTHY", "1")]);
    let answer = server.get("/health", "");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("the folder raw is gone"), "{answer}");
}

fn cancelled() {
    let mut server = Served::start(&[("BLOCKS", "listing")]);
    let sessions = server.request("/v1/sessions", "");
    server.line(&["blocked", "listing"]);
    drop(sessions);
    server.line(&["cancelled", "listing"]);
}

fn threads() {
    let settings = [("REPLAYS", "2"), ("CLOSE_SECONDS", "0.1")];
    let mut server = Served::start(&settings);
    for _ in 0..2 {
        let viewer = server.connect("feed=blocked");
        server.line(&["blocked", "feed"]);
        drop(viewer);
    }
    while !server.get("/v1/replays", "").contains("\"replays\":[]") {
        thread::yield_now();
    }
    let (error, code) = server.connect("count=1").refusal();
    assert_eq!((error.code, code), (ErrorCode::ReplayLimit, 1013));
    server.line(&["WARN", "replay_limit", "peer=127.0.0.1:"]);
    // A thread that has ended makes room.
    std::fs::write(release_file(&server), "").unwrap();
    let is_refused = |error: &Read| matches!(error, Read::Message(ServerMessage::Error(_)));
    while is_refused(&server.connect("count=1000000").read()) {
        thread::yield_now();
    }
    std::fs::remove_file(release_file(&server)).unwrap();
}

fn openings() {
    let settings = [("REPLAYS", "2"), ("CLOSE_SECONDS", "0.1")];
    let mut server = Served::start(&settings);
    for _ in 0..2 {
        let viewer = server.connect("open=blocked");
        server.line(&["blocked", "open"]);
        drop(viewer);
    }
    for _ in 0..3 {
        let (error, code) = server.connect("open=blocked").refusal();
        assert_eq!((error.code, code), (ErrorCode::ReplayLimit, 1013));
    }
}

fn release_file(server: &Served) -> std::path::PathBuf {
    process_server::release_file(server.process.id())
}

fn refusals() {
    let mut server = Served::start(&[]);
    server.get("/health", "Origin: http://evil.example\r\n");
    server.line(&["WARN", "peer=127.0.0.1:", "http://evil.example", "origin"]);
    let mut socket = TcpStream::connect(&server.address).unwrap();
    write!(socket, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").unwrap();
    let peer = format!("peer={}", socket.local_addr().unwrap());
    server.line(&["WARN", &peer, "Host: evil.example"]);

    let mut socket = TcpStream::connect(&server.address).unwrap();
    write!(socket, "no request\r\n\r\n").unwrap();
    let peer = format!("peer={}", socket.local_addr().unwrap());
    server.line(&["INFO", &peer, "connection dropped"]);

    let mut server = Served::start(&[("CONNECTIONS", "1")]);
    let _first = TcpStream::connect(&server.address).unwrap();
    let mut second = TcpStream::connect(&server.address).unwrap();
    let host = &server.address;
    write!(second, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let peer = format!("peer={}", second.local_addr().unwrap());
    server.line(&["WARN", &peer, "connection limit"]);
}

fn ends() {
    let mut server = Served::start(&[]);
    let viewer = server.connect("fails=open");
    let name = viewer.name();
    let (error, code) = viewer.refusal();
    assert_eq!((error.code, code), (ErrorCode::SourceFailed, 1011));
    // The client gets no path of the server, the log the whole one.
    assert_eq!(error.message, "raw/a.dbn is cut short");
    let whole = format!("{PRIVATE_FOLDER}/raw/a.dbn is cut short");
    server.line(&["ERROR", &name, "source_failed", &whole]);

    let viewer = server.connect("fails=feed");
    let name = viewer.name();
    assert_eq!(viewer.refusal().0.message, "raw/a.dbn is cut short");
    server.line(&["ERROR", &name, "source_failed", &whole]);

    let viewer = server.connect("fails=panic");
    let name = viewer.name();
    assert_eq!(viewer.refusal().0.code, ErrorCode::Internal);
    server.line(&["ERROR", "a replay panicked", "as the test asked"]);
    server.line(&["ERROR", &name, "internal"]);

    let viewer = server.connect("what=%0Aforged");
    let name = viewer.name();
    assert_eq!(viewer.refusal().0.code, ErrorCode::BadParameter);
    let line = server.line(&["INFO", &name, "bad_parameter", "what"]);
    assert!(!line.starts_with("forged"), "{line}");

    let mut viewer = server.connect("count=1000000");
    let name = viewer.name();
    viewer.grid();
    viewer.socket.send(Message::binary(vec![0; 5000])).unwrap();
    server.line(&["WARN", &name, "too_large"]);

    // It reads nothing, and does not even answer pings.
    let mut server = Served::start(&[("SLOW_SECONDS", "0.2")]);
    let viewer = server.connect("count=100000000&speed=0");
    server.line(&["WARN", &viewer.name(), "too_slow"]);
}

fn limited_lines() {
    let server = Served::start(&[]);
    for _ in 0..300 {
        server.get("/health", "Origin: http://evil.example\r\n");
    }
    server.signal("-TERM");
    let (status, log) = server.end();
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(log.matches("http://evil.example").count(), 10, "{log}");
    assert!(log.contains("suppressed=290"), "{log}");
}
