//! A server process, and viewers of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use vp_transport::{Client, ClientError};
use vp_wire::{Batch, ClientMessage, Error, RuntimeConfig, ServerMessage, Status};

use crate::binary::World;

/// Nothing here takes longer, short of a hang.
const PATIENCE: Duration = Duration::from_mins(10);

/// A running `velocity serve`, killed when dropped.
pub(crate) struct Running {
    process: Child,
    address: String,
}

impl Running {
    pub(crate) fn start(world: &World) -> Self {
        Self::start_with(world, &["--log-level", "off"])
    }

    pub(crate) fn start_with(world: &World, arguments: &[&str]) -> Self {
        let mut process = world
            .program("serve")
            .args(["--port", "0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .map(Result::unwrap)
            .find_map(|line| {
                let url = line.strip_prefix("stream  ws://")?;
                Some(url.split('/').next()?.to_owned())
            })
            .expect("the server prints its addresses");
        Self { process, address }
    }

    /// Sends SIGTERM, waits for the end, and returns how it ended and what stands on standard error.
    pub(crate) fn terminate(mut self) -> (Option<i32>, String) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
        let mut stderr = String::new();
        let mut pipe = self.process.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        (self.process.wait().unwrap().code(), stderr)
    }

    pub(crate) async fn connect(&self, query: &str) -> Viewer {
        let url = format!("ws://{}/v1/velocity/stream?{query}", self.address);
        Viewer {
            client: Client::connect(&url).await.unwrap(),
        }
    }

    /// Asks for a path and returns status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        (status.parse().unwrap(), body.to_owned())
    }

    pub(crate) fn get_json(&self, path: &str) -> serde_json::Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
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
    client: Client,
}

impl Viewer {
    pub(crate) async fn next(&mut self) -> ServerMessage {
        let message = self.client.next().await.unwrap();
        message.expect("the stream goes on")
    }

    pub(crate) async fn say(&mut self, message: ClientMessage) {
        self.client.send(&message).await.unwrap();
    }

    pub(crate) async fn config(&mut self) -> RuntimeConfig {
        loop {
            if let ServerMessage::RuntimeConfig(config) = self.next().await {
                return *config;
            }
        }
    }

    pub(crate) async fn batch(&mut self) -> Batch<'static> {
        loop {
            if let ServerMessage::Batch(batch) = self.next().await {
                return batch;
            }
        }
    }

    /// Waits for a status of which that is true.
    pub(crate) async fn status(&mut self, is_wanted: impl Fn(&Status) -> bool) -> Status {
        loop {
            if let ServerMessage::Status(status) = self.next().await
                && is_wanted(&status)
            {
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

    /// Returns the error that ends the stream, and the close code.
    pub(crate) async fn refusal(mut self) -> (Error, u16) {
        let error = self.error().await;
        let (_, code, _) = self.rest().await;
        (error, code)
    }

    /// Returns every batch to the end of the stream, the close code, and the last status.
    pub(crate) async fn rest(&mut self) -> (Vec<Batch<'static>>, u16, Option<Status>) {
        let (mut batches, mut last) = (Vec::new(), None);
        loop {
            match self.client.next().await {
                Ok(Some(ServerMessage::Batch(batch))) => batches.push(batch),
                Ok(Some(ServerMessage::Status(status))) => last = Some(status),
                Ok(Some(_)) => {}
                Ok(None) => return (batches, 1000, last),
                Err(ClientError::Closed { code, .. }) => return (batches, code, last),
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

pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ended = tokio::time::timeout(PATIENCE, test).await;
        ended.expect("the test hangs");
    });
}
