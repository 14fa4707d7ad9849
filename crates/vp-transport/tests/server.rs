//! A real server, real sockets, and replays that count.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may stop at what it did not expect"
)]

mod toy;

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use toy::{Running, get, metric};
use vp_replay::Phase;
use vp_transport::{Client, ClientError};
use vp_wire::{ClientMessage, Error, ErrorCode, GridUpdate, ServerMessage, Status};

/// How long an event may take before it counts as one that never comes.
const PATIENCE: Duration = Duration::from_mins(10);

async fn next(client: &mut Client) -> ServerMessage {
    client.next().await.unwrap().expect("the stream goes on")
}

async fn next_grid(client: &mut Client) -> GridUpdate<'static> {
    loop {
        if let ServerMessage::GridUpdate(grid) = next(client).await {
            return grid;
        }
    }
}

async fn next_status(client: &mut Client) -> Status {
    loop {
        if let ServerMessage::Status(status) = next(client).await {
            return status;
        }
    }
}

async fn next_error(client: &mut Client) -> Error {
    loop {
        if let ServerMessage::Error(error) = next(client).await {
            return error;
        }
    }
}

async fn next_config_and_grid(client: &mut Client) -> GridUpdate<'static> {
    while !matches!(next(client).await, ServerMessage::RuntimeConfig(_)) {}
    next_grid(client).await
}

/// Waits for the stream's end and returns the close code.
async fn close_code(client: &mut Client) -> u16 {
    loop {
        match client.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return 1000,
            Err(ClientError::Closed { code, .. }) => return code,
            Err(error) => panic!("the stream broke: {error:?}"),
        }
    }
}

async fn raw(server: &Running, query: &str) -> WebSocketStream<TcpStream> {
    let socket = TcpStream::connect(server.address).await.unwrap();
    client_async(server.url(query), socket).await.unwrap().0
}

#[tokio::test]
async fn a_stream_has_its_config_then_every_grid_then_its_end() {
    let server = Running::start(|_| {});
    let mut client = server
        .connect("count=100&speed=0&lossless=1")
        .await
        .unwrap();
    let ServerMessage::RuntimeConfig(config) = next(&mut client).await else {
        panic!("the first message is the runtime config");
    };
    assert_eq!(
        (config.protocol, config.grids().unwrap().grid_rows),
        (1, 101)
    );
    let (mut seqs, mut phase) = (Vec::new(), None);
    while let Some(message) = client.next().await.unwrap() {
        match message {
            ServerMessage::GridUpdate(grid) => seqs.push(grid.seq),
            ServerMessage::Status(status) => phase = Some(status.phase),
            other => panic!("unexpected: {other:?}"),
        }
    }
    assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    assert_eq!(phase, Some(Phase::Ended));
    server.stop().await;
}

#[tokio::test]
async fn no_replay_begins_before_its_viewer_is_there() {
    let server = Running::start(|_| {});
    for _ in 0..200 {
        let mut client = server.connect("count=20&speed=0&lossless=1").await.unwrap();
        assert_eq!(next_grid(&mut client).await.seq, 1);
    }
}

#[tokio::test]
async fn pause_stops_and_resume_goes_on_where_it_was() {
    let server = Running::start(|_| {});
    let mut client = server.connect("lossless=1").await.unwrap();
    next_grid(&mut client).await;
    client.send(&ClientMessage::Pause {}).await.unwrap();
    let mut last = 1;
    loop {
        match next(&mut client).await {
            ServerMessage::GridUpdate(grid) => last = grid.seq,
            ServerMessage::Status(status) if status.phase == Phase::Paused => break,
            _ => {}
        }
    }
    // The next status comes a second later; a grid before it would be the pause's failure.
    let ServerMessage::Status(status) = next(&mut client).await else {
        panic!("a paused replay sends statuses only");
    };
    assert_eq!((status.phase, status.events), (Phase::Paused, last));
    client.send(&ClientMessage::Resume {}).await.unwrap();
    assert_eq!(next_grid(&mut client).await.seq, last + 1);
}

#[tokio::test]
async fn restart_and_seek_begin_a_new_epoch_behind_a_new_config() {
    let server = Running::start(|_| {});
    let mut client = server
        .connect("lossless=1&step_us=1000000&speed=0")
        .await
        .unwrap();
    let first = next_grid(&mut client).await;
    client.send(&ClientMessage::Restart {}).await.unwrap();
    while !matches!(next(&mut client).await, ServerMessage::RuntimeConfig(_)) {}
    let again = next_grid(&mut client).await;
    assert_eq!((again.event_id, again.epoch), (1, first.epoch + 1));
    let seek = ClientMessage::Seek {
        start_time: "00:30".into(),
    };
    client.send(&seek).await.unwrap();
    let there = next_config_and_grid(&mut client).await;
    assert_eq!(there.ts_ns, 30 * 60_000_000_000);
    assert_eq!(there.epoch, again.epoch + 1);
}

#[tokio::test]
async fn speed_changes_while_the_replay_runs() {
    let server = Running::start(|_| {});
    // An hour between two grids, until the speed is taken away.
    let mut client = server
        .connect("step_us=3600000000&lossless=1")
        .await
        .unwrap();
    assert_eq!(next_grid(&mut client).await.seq, 1);
    client
        .send(&ClientMessage::Speed { value: 0.0 })
        .await
        .unwrap();
    for seq in 2..50 {
        assert_eq!(next_grid(&mut client).await.seq, seq);
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_answered_and_the_stream_goes_on() {
    let server = Running::start(|_| {});
    let mut client = server.connect("lossless=1").await.unwrap();
    for message in [
        ClientMessage::Speed { value: -1.0 },
        ClientMessage::Seek {
            start_time: "25:00".into(),
        },
    ] {
        client.send(&message).await.unwrap();
        assert_eq!(next_error(&mut client).await.code, ErrorCode::BadMessage);
    }
    next_grid(&mut client).await;
}

#[tokio::test]
async fn viewers_of_a_shared_replay_get_the_same_bytes_and_late_ones_the_current_grid() {
    let server = Running::start(|_| {});
    let mut early = server.connect("shared=1").await.unwrap();
    let seen = next_grid(&mut early).await;
    let mut late = server.connect("shared=1").await.unwrap();
    let mut other = next_config_and_grid(&mut late).await;
    assert!(other.seq >= seen.seq);
    assert_eq!(server.opened.load(Ordering::SeqCst), 1);
    // Either may miss some; the next that both have seen is the same.
    let mut grid = seen;
    while grid.seq != other.seq {
        let is_behind = grid.seq < other.seq;
        let (client, grid) = if is_behind {
            (&mut early, &mut grid)
        } else {
            (&mut late, &mut other)
        };
        *grid = next_grid(client).await;
    }
    assert_eq!(grid, other);
    late.send(&ClientMessage::Pause {}).await.unwrap();
    assert_eq!(next_error(&mut late).await.code, ErrorCode::SharedReplay);
    next_grid(&mut late).await;
}

#[tokio::test]
async fn a_shared_replay_ends_with_its_last_viewer() {
    let server = Running::start(|_| {});
    let mut client = server.connect("shared=1").await.unwrap();
    next_grid(&mut client).await;
    client.close().await.unwrap();
    while metric(&server, "replays").await > 0 {
        tokio::task::yield_now().await;
    }
    next_grid(&mut server.connect("shared=1").await.unwrap()).await;
    assert_eq!(server.opened.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_a_stalled_viewer_holds_nobody_up_and_misses_what_it_did_not_take() {
    // A second's worth: on a machine that is not busy the viewer that reads misses none.
    let server = Running::start(|settings| settings.limits.queued_grids = 250);
    let mut stalled = server.connect("shared=1&step_us=4000").await.unwrap();
    let mut brisk = server.connect("shared=1&step_us=4000").await.unwrap();
    next_grid(&mut stalled).await;
    // Sockets hold some megabytes; this is far more.
    let mut grid = next_grid(&mut brisk).await;
    let is_soak = std::env::var_os("SPYMASTER_SOAK").is_some();
    let seconds = if is_soak { 25 } else { 6 };
    let (first, mut brisk_missed) = (grid.seq, 0);
    while grid.seq < first + seconds * 250 {
        let after = next_grid(&mut brisk).await;
        brisk_missed += after.seq - grid.seq - 1;
        grid = after;
    }
    assert!(metric(&server, "grids_conflated_total").await > 0);
    let (mut missed, mut before) = (0, first);
    loop {
        match next(&mut stalled).await {
            ServerMessage::GridUpdate(late) => {
                missed += late.seq.saturating_sub(before.max(1) + 1);
                before = late.seq;
                if late.seq > grid.seq {
                    break;
                }
            }
            ServerMessage::Status(_) => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
    // A machine that is busy for longer than a second makes the other one miss some, too.
    assert!(missed > brisk_missed, "{missed} and {brisk_missed}");
    assert!(!is_soak || brisk_missed == 0, "{brisk_missed}");
    assert!(next_status(&mut stalled).await.conflated_total >= missed);
}

#[tokio::test]
async fn a_lossless_replay_waits_and_still_executes_commands() {
    let server = Running::start(|_| {});
    let mut client = server.connect("lossless=1&speed=0").await.unwrap();
    next_grid(&mut client).await;
    // Nothing is read meanwhile: the replay stands still once everything between is full.
    let (mut before, mut now) = (0, 1);
    while now != before {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (before, now) = (now, metric(&server, "grids_encoded_total").await);
    }
    client.send(&ClientMessage::Pause {}).await.unwrap();
    let (mut last, mut is_paused) = (1, false);
    while !is_paused {
        match next(&mut client).await {
            ServerMessage::GridUpdate(grid) => {
                assert_eq!(grid.seq, last + 1);
                last = grid.seq;
            }
            ServerMessage::Status(status) => is_paused = status.phase == Phase::Paused,
            other => panic!("unexpected: {other:?}"),
        }
    }
    // The pause is reported after the last grid.
    let ServerMessage::Status(status) = next(&mut client).await else {
        panic!("a paused replay sends statuses only");
    };
    assert_eq!((status.phase, status.events), (Phase::Paused, last));
}

#[tokio::test]
async fn garbage_is_answered_and_the_stream_goes_on() {
    let server = Running::start(|_| {});
    let mut socket = raw(&server, "").await;
    for message in [
        Message::binary(vec![0xc1; 100]),
        Message::text("{\"type\":\"fly\"}"),
        Message::binary(Vec::new()),
        Message::text("[1,2,3]"),
    ] {
        socket.send(message).await.unwrap();
        loop {
            let answer = socket.next().await.unwrap().unwrap().into_data();
            if answer.starts_with(b"\x84\xa4type\xa5error\xa4code\xabbad_message") {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_message_too_large_ends_the_stream() {
    let server = Running::start(|_| {});
    let mut socket = raw(&server, "").await;
    socket.send(Message::binary(vec![0; 5000])).await.unwrap();
    assert_eq!(end_of(&mut socket).await, Some((1008, "too_large".into())));
}

/// Reads to the close frame.
async fn end_of(socket: &mut WebSocketStream<TcpStream>) -> Option<(u16, String)> {
    while let Some(message) = socket.next().await {
        if let Message::Close(Some(frame)) = message.ok()? {
            return Some((frame.code.into(), frame.reason.to_string()));
        }
    }
    None
}

#[tokio::test]
async fn a_flood_of_bad_messages_ends_the_stream() {
    let server = Running::start(|_| {});
    let socket = raw(&server, "").await;
    let (mut sink, mut stream) = socket.split();
    let flood = async { while sink.send(Message::text("nonsense")).await.is_ok() {} };
    let end = async {
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Close(Some(frame)) = message {
                return Some(u16::from(frame.code));
            }
        }
        None
    };
    let ((), code) = tokio::join!(flood, end);
    assert_eq!(code, Some(1008));
}

#[tokio::test]
async fn a_client_that_vanishes_frees_its_replay() {
    let server = Running::start(|_| {});
    let mut client = server.connect("").await.unwrap();
    next_grid(&mut client).await;
    drop(client);
    while metric(&server, "replays").await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_closed_as_too_slow() {
    let server = Running::start(|settings| {
        settings.deadlines.too_slow = Duration::from_millis(300);
        settings.deadlines.ping_every = Duration::from_millis(100);
        settings.deadlines.close_within = PATIENCE;
    });
    let mut client = server.connect("speed=0").await.unwrap();
    // A counter, which does not go back: the replay may be gone before anybody looks.
    while metric(&server, "grids_encoded_total").await == 0 {
        tokio::task::yield_now().await;
    }
    while metric(&server, "replays").await > 0 {
        tokio::task::yield_now().await;
    }
    // The goodbye stands behind what the sockets hold.
    assert_eq!(close_code(&mut client).await, 1008);
}

#[tokio::test]
async fn a_client_that_reads_is_kept_however_long_nothing_happens() {
    let server = Running::start(|settings| {
        settings.deadlines.too_slow = Duration::from_secs(1);
        settings.deadlines.ping_every = Duration::from_millis(50);
        settings.deadlines.status_every = Duration::from_secs(1);
    });
    let mut client = server.connect("").await.unwrap();
    client.send(&ClientMessage::Pause {}).await.unwrap();
    while next_status(&mut client).await.phase != Phase::Paused {}
    assert_eq!(next_status(&mut client).await.phase, Phase::Paused);
    // Server and client share this thread: for both it is as if the machine had slept.
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(next_status(&mut client).await.phase, Phase::Paused);
    assert_eq!(next_status(&mut client).await.phase, Phase::Paused);
}

#[tokio::test]
async fn a_bad_query_is_told_and_closed() {
    let server = Running::start(|_| {});
    for query in [
        "speed=1&speed=2",
        "sped=1",
        "shared=2",
        "shared=1&lossless=1",
        "count=%zz",
    ] {
        let mut client = server.connect(query).await.unwrap();
        let error = next_error(&mut client).await;
        assert_eq!(error.code, ErrorCode::BadParameter, "{query}");
        assert_eq!(close_code(&mut client).await, 1008, "{query}");
    }
}

#[tokio::test]
async fn a_source_that_breaks_is_told_after_the_grids_before() {
    let server = Running::start(|_| {});
    let mut client = server
        .connect("fails_at=5&speed=0&lossless=1")
        .await
        .unwrap();
    let mut seqs = Vec::new();
    let error = loop {
        match next(&mut client).await {
            ServerMessage::GridUpdate(grid) => seqs.push(grid.seq),
            ServerMessage::Error(error) => break error,
            _ => {}
        }
    };
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
    assert_eq!(error.code, ErrorCode::SourceFailed);
    assert_eq!(close_code(&mut client).await, 1011);
}

#[tokio::test]
async fn a_feed_that_breaks_down_takes_nobody_with_it() {
    let server = Running::start(|_| {});
    let mut client = server.connect("breaks=1").await.unwrap();
    assert_eq!(next_error(&mut client).await.code, ErrorCode::Internal);
    assert_eq!(close_code(&mut client).await, 1011);
    next_grid(&mut server.connect("").await.unwrap()).await;
}

#[tokio::test]
async fn beyond_the_limit_no_replay_starts_but_a_shared_one_is_joined() {
    let server = Running::start(|settings| settings.limits.replays = 1);
    let mut first = server.connect("shared=1").await.unwrap();
    next_grid(&mut first).await;
    let mut second = server.connect("").await.unwrap();
    assert_eq!(next_error(&mut second).await.code, ErrorCode::ReplayLimit);
    assert_eq!(close_code(&mut second).await, 1013);
    next_grid(&mut server.connect("shared=1").await.unwrap()).await;
}

#[tokio::test]
async fn beyond_the_limit_connections_are_answered_with_503() {
    let server = Running::start(|settings| settings.limits.connections = 1);
    let mut first = server.connect("").await.unwrap();
    next_grid(&mut first).await;
    let refused = server.connect("").await.unwrap_err();
    assert!(matches!(refused, ClientError::Refused { status: 503 }));
}

#[tokio::test]
async fn stopping_tells_every_client_and_does_not_wait_for_a_deaf_one() {
    let server = Running::start(|_| {});
    let mut private = server.connect("").await.unwrap();
    let mut shared = server.connect("shared=1").await.unwrap();
    next_grid(&mut private).await;
    next_grid(&mut shared).await;
    // A client that neither reads nor answers.
    let _deaf = raw(&server, "speed=0").await;
    let address = server.address;
    let codes = async {
        (
            close_code(&mut private).await,
            close_code(&mut shared).await,
        )
    };
    let stop = tokio::time::timeout(PATIENCE, server.stop());
    let (stopped, codes) = tokio::join!(stop, codes);
    stopped.expect("the server stops without the client that does not read");
    assert_eq!(codes, (1001, 1001));
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn running_replays_are_listed_and_counted() {
    let server = Running::start(|settings| {
        settings.deadlines.status_every = Duration::from_millis(20);
    });
    let mut client = server.connect("shared=1").await.unwrap();
    while next_status(&mut client).await.events == 0 {}
    let list = get(&server, "/v1/replays", "").await;
    assert!(
        list.contains(r#""phase":"live""#) && list.contains(r#""viewers":1"#),
        "{list}"
    );
    assert!(metric(&server, "grids_sent_total").await > 0);
    assert!(metric(&server, "events_total").await > 0);
    assert!(metric(&server, "bytes_sent_total").await > 0);
    assert_eq!(metric(&server, "anomalies_total{kind=\"toy\"}").await, 1);
}
