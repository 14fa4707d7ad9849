//! Clients that mean harm: they take slots and memory, and give nothing back. Each of them is bounded,
//! and no other client notices.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

mod toy;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use toy::{PATH, Running, SCRIPT, ask, get, header, metric, rest, status};

const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

fn request(server: &Running, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address)
}

async fn connect(server: &Running, bytes: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    socket
}

/// Reads the head of an answer, and nothing behind it.
async fn head(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap()
}

/// Takes a connection for as long as the socket lives.
async fn occupy(server: &Running) -> TcpStream {
    let mut socket = connect(server, request(server, "/health").as_bytes()).await;
    assert_eq!(status(&head(&mut socket).await), 200);
    socket
}

/// Opens a websocket whose frames the test writes and reads itself.
async fn open(server: &Running, query: &str) -> TcpStream {
    let request = format!(
        "GET {PATH}?{query} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        server.address
    );
    let mut socket = connect(server, request.as_bytes()).await;
    let answer = head(&mut socket).await;
    assert_eq!(status(&answer), 101);
    assert_eq!(header(&answer, "Sec-WebSocket-Extensions"), None);
    socket
}

/// Returns a frame of a client, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

/// Reads a frame of the server: its first byte and its payload.
async fn next_frame(socket: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let first = socket.read_u8().await?;
    let length = match socket.read_u8().await? {
        126 => u64::from(socket.read_u16().await?),
        127 => socket.read_u64().await?,
        short => short.into(),
    };
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    socket.read_exact(&mut payload).await?;
    Ok((first, payload))
}

/// Reads to the close frame, and returns its code and reason.
async fn end_of(socket: &mut TcpStream) -> (u16, String) {
    loop {
        let (first, payload) = next_frame(socket).await.unwrap();
        if first == CLOSE {
            let (code, reason) = payload.split_at(2);
            let code = u16::from_be_bytes(code.try_into().unwrap());
            return (code, String::from_utf8(reason.to_vec()).unwrap());
        }
    }
}

/// Waits until the server has no replay any more.
async fn no_replay(server: &Running) {
    while metric(server, "replays").await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn clients_that_never_read_lose_their_connections() {
    const SLOTS: usize = 8;
    let server = Running::start(|settings| {
        settings.limits.connections = SLOTS;
        settings.deadlines.answer_within = Duration::from_millis(500);
    });
    let requests = request(&server, SCRIPT).repeat(20);
    let mut idle = Vec::new();
    for _ in 0..SLOTS {
        idle.push(connect(&server, requests.as_bytes()).await);
    }
    // Refused until the deadline, unless it has passed already.
    while status(&get(&server, "/metrics", "").await) == 503 {
        tokio::task::yield_now().await;
    }
    let dropped = "refusals_total{reason=\"too_slow\"}";
    while metric(&server, dropped).await < SLOTS as u64 {
        tokio::task::yield_now().await;
    }
    // Of each answer as much came as the kernel held: the rest was forgotten with the connection.
    for mut socket in idle {
        assert!(rest(&mut socket).await.len() < 16 << 20);
    }
}

#[tokio::test]
async fn an_answer_that_is_taken_arrives_whole() {
    let server = Running::start(|_| {});
    let answer = get(&server, SCRIPT, "").await;
    assert_eq!(answer.split("\r\n\r\n").nth(1).unwrap().len(), 16 << 20);
}

#[tokio::test]
async fn health_is_answered_while_the_connection_limit_is_reached() {
    let server = Running::start(|settings| settings.limits.connections = 1);
    let _taken = occupy(&server).await;
    // Silent ones must not take its place either.
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(connect(&server, b"").await);
    }
    let health = get(&server, "/health", "").await;
    assert_eq!(status(&health), 200);
    assert!(health.contains(r#""status":"ok""#), "{health}");
    for path in ["/v1/sessions", "/", PATH, "/nothing"] {
        let answer = get(&server, path, "").await;
        assert_eq!(status(&answer), 503, "{path}");
        assert_eq!(header(&answer, "Connection"), Some("close"), "{path}");
    }
    let foreign = "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    assert_eq!(status(&ask(&server, foreign).await), 403);
    // One answer each: the connection does not stay.
    let twice = request(&server, "/health").repeat(2);
    assert_eq!(ask(&server, &twice).await.matches("HTTP/1.1 ").count(), 1);
}

#[tokio::test]
async fn requests_that_come_at_once_are_bounded() {
    let server = Running::start(|_| {});
    let answers = ask(&server, &request(&server, "/health").repeat(40)).await;
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 16);
    assert_eq!(answers.matches("connection: close").count(), 1);
    // One after the other, more are answered.
    let mut socket = connect(&server, b"").await;
    for _ in 0..40 {
        let asked = request(&server, "/health").replace("GET", "HEAD");
        socket.write_all(asked.as_bytes()).await.unwrap();
        assert_eq!(status(&head(&mut socket).await), 200);
    }
}

#[tokio::test]
async fn connections_that_say_nothing_or_little_end() {
    let server = Running::start(|settings| {
        settings.deadlines.request_within = Duration::from_secs(1);
    });
    let mut silent = connect(&server, b"").await;
    assert_eq!(rest(&mut silent).await, "");
    let mut idle = occupy(&server).await;
    rest(&mut idle).await;
    let socket = connect(&server, b"GET /health HTTP/1.1\r\n").await;
    let (mut read, mut write) = socket.into_split();
    let trickle = async {
        while write.write_all(b"X-Slow: 1\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let mut answer = Vec::new();
    let ((), _) = tokio::join!(trickle, read.read_to_end(&mut answer));
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn heads_beyond_every_measure_are_refused() {
    let server = Running::start(|_| {});
    let host = format!("Host: {}\r\n", server.address);
    let long = "x".repeat(20_000);
    for (request, expected) in [
        (
            format!("GET /{long} HTTP/1.1\r\n{host}\r\n"),
            &[414, 431][..],
        ),
        (
            format!("GET /health HTTP/1.1\r\n{host}X: {long}\r\n\r\n"),
            &[431],
        ),
        (
            format!(
                "GET /health HTTP/1.1\r\n{host}{}\r\n",
                "X: 1\r\n".repeat(200)
            ),
            &[431],
        ),
        (format!("GET /health\r\n{host}\r\n"), &[400]),
        (
            format!("GET /health HTTP/1.1\r\n{host} folded\r\n\r\n"),
            &[400, 403],
        ),
        (format!("GET /health HTTP/1.1\r\nHost : {host}\r\n"), &[400]),
        (
            format!("GET /health HTTP/1.1\r\n{host}X: \0\r\n\r\n"),
            &[400],
        ),
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
            &[400, 403, 405, 505],
        ),
        (
            format!("CONNECT evil.example:80 HTTP/1.1\r\n{host}\r\n"),
            &[403, 405],
        ),
        (
            format!("GET * HTTP/1.1\r\n{host}Connection: close\r\n\r\n"),
            &[404],
        ),
    ] {
        let start: String = request.chars().take(60).collect();
        let request = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let found = status(&ask(&server, &request).await);
        assert!(expected.contains(&found), "{found}: {start:?}");
    }
}

/// What the server takes for a body, a proxy in front may take for the next request, or the other way
/// round.
#[tokio::test]
async fn a_request_with_a_body_is_refused_and_nothing_after_it_is_answered() {
    let server = Running::start(|_| {});
    let host = format!("Host: {}\r\n", server.address);
    let smuggled = request(&server, "/metrics");
    let length = smuggled.len();
    for headers in [
        format!("Content-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nExpect: 100-continue\r\n"),
        "Transfer-Encoding: chunked\r\n".into(),
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n".into(),
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n".into(),
        "Transfer-Encoding: gzip\r\n".into(),
        "Transfer-Encoding: chunked, identity\r\n".into(),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
    ] {
        for path in ["/health", PATH] {
            let text = format!("GET {path} HTTP/1.1\r\n{host}{headers}\r\n0\r\n\r\n{smuggled}");
            let answers = ask(&server, &text).await;
            assert_eq!(status(&answers), 400, "{headers}");
            assert_eq!(
                answers.matches("HTTP/1.1 ").count(),
                1,
                "{headers}: {answers}"
            );
        }
    }
    // None at all is no body, however it is written.
    let empty = get(&server, "/health", "Content-Length: 0\r\n").await;
    assert_eq!(status(&empty), 200);
}

#[tokio::test]
async fn a_client_that_reads_is_kept_though_it_answers_no_ping() {
    let server = Running::start(|settings| {
        settings.deadlines.too_slow = Duration::from_millis(400);
        settings.deadlines.ping_every = Duration::from_millis(100);
    });
    let mut socket = open(&server, "").await;
    let mut pings = 0;
    while pings < 30 {
        let (first, payload) = next_frame(&mut socket).await.unwrap();
        assert_ne!(first, CLOSE, "{payload:?}");
        pings += u32::from(first == PING);
    }
}

#[tokio::test]
async fn a_flood_of_pings_ends_the_stream() {
    let server = Running::start(|_| {});
    let ping = frame(PING, b"").repeat(1000);
    let (code, reason) = flooded(&server, &ping).await;
    assert_eq!((code, &*reason), (1008, "bad_message"));
}

#[tokio::test]
async fn a_flood_of_fragments_ends_the_stream() {
    let server = Running::start(|_| {});
    let mut socket = open(&server, "speed=1").await;
    // A message that begins and never ends.
    socket.write_all(&frame(0x01, b"{")).await.unwrap();
    let (code, reason) = flood(socket, &frame(0x00, b"").repeat(1000)).await;
    assert_eq!((code, &*reason), (1008, "bad_message"));
}

async fn flooded(server: &Running, bytes: &[u8]) -> (u16, String) {
    flood(open(server, "speed=1").await, bytes).await
}

/// Sends the same bytes until the connection ends, and returns how the stream was closed.
async fn flood(socket: TcpStream, bytes: &[u8]) -> (u16, String) {
    let (mut read, mut write) = socket.into_split();
    let send = async { while write.write_all(bytes).await.is_ok() {} };
    let receive = async {
        let mut all = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            // The close frame is short, and the last: what comes before it need not be kept.
            match read.read(&mut buffer).await {
                Ok(count) if count > 0 => all.extend_from_slice(&buffer[..count]),
                Ok(_) | Err(_) => return all,
            }
        }
    };
    let ((), received) = tokio::join!(send, receive);
    let mut rest = &received[..];
    while let [first, length, ..] = *rest {
        let (start, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes([rest[2], rest[3]]))),
            short => (2, short.into()),
        };
        let payload = &rest[start..start + length];
        if first == CLOSE {
            let reason = String::from_utf8(payload[2..].to_vec()).unwrap();
            return (u16::from_be_bytes([payload[0], payload[1]]), reason);
        }
        rest = &rest[start + length..];
    }
    panic!("the stream was not closed");
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_stream() {
    let server = Running::start(|_| {});
    let fragment = |first| frame(first, &[b' '; 120]);
    let large: Vec<u8> = [fragment(0x01)]
        .into_iter()
        .chain((0..40).map(|_| fragment(0x00)))
        .flatten()
        .collect();
    for (bytes, reason) in [
        (large, "too_large"),
        // As long as a length can say.
        (
            vec![
                0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0,
            ],
            "too_large",
        ),
        // Compressed, though no extension was agreed on.
        (frame(0xc2, b"\x00"), "bad_message"),
        // Not masked.
        (vec![0x82, 0x01, 0x80], "bad_message"),
        // A continuation of nothing.
        (frame(0x80, b"x"), "bad_message"),
        // A ping in fragments, and an opcode that is not assigned.
        (frame(0x09, b""), "bad_message"),
        (frame(0x83, b""), "bad_message"),
        // A text that is not UTF-8.
        (frame(0x81, b"\xff"), "bad_message"),
    ] {
        let mut socket = open(&server, "lossless=1").await;
        socket.write_all(&bytes).await.unwrap();
        assert_eq!(
            end_of(&mut socket).await,
            (1008, reason.into()),
            "{bytes:?}"
        );
    }
    no_replay(&server).await;
}

#[tokio::test]
async fn a_close_that_is_left_half_done_holds_no_replay() {
    let server = Running::start(|_| {});
    let mut closing = open(&server, "").await;
    closing
        .write_all(&frame(CLOSE, &1000_u16.to_be_bytes()))
        .await
        .unwrap();
    let mut silent = open(&server, "").await;
    silent.shutdown().await.unwrap();
    no_replay(&server).await;
    assert_eq!(end_of(&mut closing).await.0, 1000);
}

#[tokio::test]
async fn close_codes_of_clients_make_no_metric() {
    const CLIENTS: u16 = 300;
    let server = Running::start(|_| {});
    for code in 3000..3000 + CLIENTS {
        let mut socket = open(&server, "step_us=1000000").await;
        socket
            .write_all(&frame(CLOSE, &code.to_be_bytes()))
            .await
            .unwrap();
        end_of(&mut socket).await;
    }
    let others = "closes_total{code=\"other\"}";
    while metric(&server, others).await < CLIENTS.into() {
        tokio::task::yield_now().await;
    }
    let metrics = get(&server, "/metrics", "").await;
    assert_eq!(metrics.matches("\nspymaster_closes_total{").count(), 1);
}
