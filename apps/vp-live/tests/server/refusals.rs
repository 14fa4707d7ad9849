//! What is refused, and in which words: queries, sessions, messages, strangers, limits.

use std::process::Command;

use libtest_mimic::Trial;
use vp_synth::{Compression, SynthConfig, write_dbn};
use vp_transport::ClientError;
use vp_wire::{ErrorCode, ServerMessage};

use super::running::{Running, lake, trial, trial_on_real_data};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("a_query_that_is_wrong_is_told_so", wrong_queries),
        trial("sessions_that_are_not_there_are_told_so", unknown_sessions),
        trial_on_real_data(
            "a_date_that_is_not_there_lists_those_that_are",
            async |path| {
                let server = Running::start(&lake(&path));
                let query = "source=file&product_type=future_mbo&symbol=ESH4&dt=2023-12-26";
                let text = refusal(&server, query, ErrorCode::UnknownDate).await;
                assert!(text.contains("2023-12-25"), "{text}");
                assert!(text.contains("download futures"), "{text}");
                let query = "source=file&product_type=future_mbo&symbol=ESM4&dt=2023-12-25";
                let text = refusal(&server, query, ErrorCode::UnknownSymbol).await;
                assert!(text.contains("ESH4"), "{text}");
                assert!(server.get("/v1/sessions").1.contains("\"ESH4\""));
            },
        ),
        trial("a_file_that_breaks_is_streamed_to_the_break", broken_file),
        trial("as_many_connections_and_replays_as_are_allowed", limits),
        trial("a_port_in_use_is_told_and_fails", port_in_use),
        trial("strangers_are_kept_out", strangers),
        trial("the_printed_address_answers", printed_addresses),
    ]
}

/// Connects, expects to be refused with that code and close code 1008, and returns the message and
/// its hint.
async fn refusal(server: &Running, query: &str, code: ErrorCode) -> String {
    let mut viewer = server.connect(query).await;
    let error = loop {
        match viewer.next().await {
            ServerMessage::Error(error) => break error,
            other => assert!(
                !matches!(other, ServerMessage::GridUpdate(_)),
                "{query}: {other:?}"
            ),
        }
    };
    assert_eq!(error.code, code, "{query}: {}", error.message);
    match viewer.client.next().await {
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1008, "{query}"),
        other => panic!("{query}: {other:?}"),
    }
    format!("{} {}", error.message, error.hint.unwrap_or_default())
}

async fn wrong_queries() {
    let server = Running::start(&[]);
    for (query, part) in [
        ("speeed=2", "speeed"),
        ("speed=1&speed=2", "twice"),
        ("speed=fast", "speed"),
        ("speed=-1", "speed"),
        ("start_time=9h30", "start_time"),
        ("start_time=25:00", "start_time"),
        ("start_time=09:31&end_time=09:30", "end"),
        ("throttle_ms=-1", "throttle_ms"),
        ("throttle_ms=99999999999", "throttle_ms"),
        ("bucket=0.3", "whole multiple of the tick 0.25"),
        ("bucket=wide", "bucket"),
        ("view=blurred", "frozen or decayed"),
        ("float=f16", "f32 or f64"),
        ("fields=k,wobble", "wobble"),
        ("shared=2", "0 or 1"),
        ("shared=1&lossless=1", "lossless"),
        ("source=cloud", "file or synthetic"),
        ("dt=2026-13-01", "dt"),
        ("product_type=bond", "future_mbo"),
        ("source=file", "product_type"),
    ] {
        let text = refusal(&server, query, ErrorCode::BadParameter).await;
        assert!(text.contains(part), "{query}: {text}");
    }
}

async fn unknown_sessions() {
    let server = Running::start(&["--lake", "/nonexistent"]);
    for (query, code, part) in [
        ("symbol=ESH6", ErrorCode::UnknownSymbol, "source=file"),
        ("dt=2026-02-07", ErrorCode::UnknownDate, "2026-02-06"),
        (
            "source=file&product_type=future_option_mbo&symbol=ESH6&dt=2026-02-06",
            ErrorCode::BadParameter,
            "no book of its own",
        ),
        (
            "source=file&product_type=future_mbo&symbol=QQQH6&dt=2026-02-06",
            ErrorCode::UnknownSymbol,
            "known are",
        ),
        (
            "source=file&product_type=future_mbo&symbol=ESH6&dt=2026-02-06",
            ErrorCode::UnknownSymbol,
            "there is no folder",
        ),
    ] {
        let text = refusal(&server, query, code).await;
        assert!(text.contains(part), "{query}: {text}");
    }
}

async fn broken_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.mbo.dbn");
    let mut bytes = Vec::new();
    let config = SynthConfig::default();
    let span = std::time::Duration::from_secs(3);
    write_dbn(&mut bytes, &config, span, Compression::None).unwrap();
    bytes.truncate(bytes.len() - 30);
    std::fs::write(&path, bytes).unwrap();
    let session = ["--symbol", "MNQH6", "--dt", "2026-02-06", "--speed", "0"];
    let server = Running::start(&[&session[..], &["--file", path.to_str().unwrap()]].concat());
    let mut viewer = server.connect("lossless=1").await;
    let mut grids = 0;
    let error = loop {
        match viewer.next().await {
            ServerMessage::GridUpdate(_) => grids += 1,
            ServerMessage::Error(error) => break error,
            _ => {}
        }
    };
    assert!(grids > 50, "only {grids} grids came before the break");
    assert_eq!(error.code, ErrorCode::SourceFailed);
    assert!(error.message.contains("record"), "{}", error.message);
    match viewer.client.next().await {
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1011),
        other => panic!("{other:?}"),
    }
    // The server stays up.
    assert_eq!(server.get("/health").0, 200);
}

async fn limits() {
    let server = Running::start(&["--max-replays", "1", "--max-connections", "3"]);
    let mut first = server.connect("").await;
    first.grid().await;
    let mut second = server.connect("").await;
    assert_eq!(second.error().await.code, ErrorCode::ReplayLimit);
    match second.client.next().await {
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1013),
        other => panic!("{other:?}"),
    }
    drop(second);
    // Two more connections that say nothing fill the server up; the next is refused, but is still
    // answered whether the server is well.
    let _silent: Vec<_> = (0..2)
        .map(|_| std::net::TcpStream::connect(&server.address).unwrap())
        .collect();
    while server.get("/v1/products").0 != 503 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.get("/health").0, 200);
    first.grid().await;
}

async fn port_in_use() {
    let server = Running::start(&[]);
    let port = server.address.rsplit(':').next().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vp-live"))
        .args(["--port", port])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(port) && text.contains("another server"),
        "{text}"
    );
}

async fn strangers() {
    use std::io::{Read, Write};
    let server = Running::start(&["--allow-origin", "HTTP://Desk.example:80/"]);
    let ask = |host: &str, origin: &str| {
        let mut socket = std::net::TcpStream::connect(&server.address).unwrap();
        write!(
            socket,
            "GET /health HTTP/1.1\r\nHost: {host}\r\n{origin}Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let host = server.address.clone();
    let port = host.rsplit(':').next().unwrap();
    assert_eq!(ask(&host, ""), "200");
    assert_eq!(ask(&format!("localhost:{port}"), ""), "200");
    assert_eq!(ask("evil.example", ""), "403");
    assert_eq!(ask(&host, "Origin: http://evil.example\r\n"), "403");
    assert_eq!(ask(&host, &format!("Origin: http://{host}\r\n")), "200");
    assert_eq!(ask(&host, "Origin: http://desk.example\r\n"), "200");
}

async fn printed_addresses() {
    for host in ["127.0.0.1", "127.0.0.2"] {
        let server = Running::start(&["--host", host]);
        assert!(server.address.starts_with(host), "{}", server.address);
        assert_eq!(server.get("/health").0, 200, "{host}");
    }
}
