//! A server process, and viewers of it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use libtest_mimic::{Completion, Trial};
use vp_transport::Client;
use vp_transport::ClientError;
use vp_wire::{Error, GridUpdate, RuntimeConfig, ServerMessage, Status};

/// Nothing here takes longer, short of a hang.
const PATIENCE: Duration = Duration::from_mins(10);

/// A running `vp-live`, killed when dropped.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: String,
    pub(crate) printed: String,
}

impl Running {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let level = if arguments.contains(&"--log-level") {
            &[][..]
        } else {
            &["--log-level", "warn"]
        };
        let mut process = Command::new(env!("CARGO_BIN_EXE_vp-live"))
            .args(["--port", "0"])
            .args(level)
            .args(arguments)
            .env_remove("SPYMASTER_LAKE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        let address = loop {
            let line = lines
                .next()
                .expect("the server prints its addresses")
                .unwrap();
            printed += &format!("{line}\n");
            if let Some(url) = line.strip_prefix("stream  ws://") {
                break url.split('/').next().unwrap().to_owned();
            }
        };
        Self {
            process,
            address,
            printed,
        }
    }

    pub(crate) fn url(&self, query: &str) -> String {
        format!("ws://{}/v1/vacuum-pressure/stream?{query}", self.address)
    }

    pub(crate) async fn connect(&self, query: &str) -> Viewer {
        Viewer {
            client: Client::connect(&self.url(query)).await.unwrap(),
        }
    }

    /// Asks for a path and returns status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        use std::io::{Read, Write};
        let mut socket = std::net::TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.process.wait().unwrap()
    }

    /// Resident memory in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection.
pub(crate) struct Viewer {
    pub(crate) client: Client,
}

impl Viewer {
    pub(crate) async fn next(&mut self) -> ServerMessage {
        self.client
            .next()
            .await
            .unwrap()
            .expect("the stream goes on")
    }

    pub(crate) async fn config(&mut self) -> RuntimeConfig {
        loop {
            if let ServerMessage::RuntimeConfig(config) = self.next().await {
                return *config;
            }
        }
    }

    pub(crate) async fn grid(&mut self) -> GridUpdate<'static> {
        loop {
            if let ServerMessage::GridUpdate(grid) = self.next().await {
                return grid;
            }
        }
    }

    pub(crate) async fn status(&mut self) -> Status {
        loop {
            if let ServerMessage::Status(status) = self.next().await {
                return status;
            }
        }
    }

    pub(crate) async fn error(&mut self) -> Error {
        loop {
            if let ServerMessage::Error(error) = self.next().await {
                return error;
            }
        }
    }

    /// Returns every grid to the end of the stream, and the close code.
    pub(crate) async fn all_grids(&mut self) -> (Vec<GridUpdate<'static>>, u16) {
        let mut grids = Vec::new();
        loop {
            match self.client.next().await {
                Ok(Some(ServerMessage::GridUpdate(grid))) => grids.push(grid),
                Ok(Some(_)) => {}
                Ok(None) => return (grids, 1000),
                Err(ClientError::Closed { code, .. }) => return (grids, code),
                Err(error) => panic!("the stream broke: {error:?}"),
            }
        }
    }
}

/// Returns a test that runs on a runtime of its own, within reason.
pub(crate) fn trial<F>(name: &str, test: impl FnOnce() -> F + Send + 'static) -> Trial
where
    F: Future<Output = ()>,
{
    Trial::test(name, move || {
        run(test());
        Ok(())
    })
}

/// Returns a test over a lake of real data, skipped where that is not there.
pub(crate) fn trial_on_real_data<F>(
    name: &str,
    test: impl FnOnce(PathBuf) -> F + Send + 'static,
) -> Trial
where
    F: Future<Output = ()>,
{
    Trial::ignorable_test(name, move || match vp_testkit::shared::path("data/lake") {
        Some(lake) => {
            run(test(lake));
            Ok(Completion::Completed)
        }
        None => Ok(Completion::ignored_with(
            "the folder of SPYMASTER_SHARED is not there",
        )),
    })
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, test)
            .await
            .expect("the test hangs");
    });
}

/// Returns the arguments that name a lake.
pub(crate) fn lake(path: &Path) -> [&str; 2] {
    ["--lake", path.to_str().unwrap()]
}
