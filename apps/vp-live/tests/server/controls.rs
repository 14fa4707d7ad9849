//! Pause, resume, speed, seek and restart, as a viewer's hand on a player.

use libtest_mimic::Trial;
use vp_market::{EasternTime, SessionWindow};
use vp_replay::Phase;
use vp_wire::{ClientMessage, ErrorCode, GridUpdate, ServerMessage, Status};

use super::running::{Running, Viewer, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "a_paused_replay_stands_still_until_it_is_resumed",
            pause_and_resume,
        ),
        trial(
            "a_seek_lands_forwards_and_backwards_and_raises_the_epoch",
            seek,
        ),
        trial("a_restart_shows_the_same_grids_again", restart),
        trial("speed_changes_the_pace", speed),
        trial("a_seek_anywhere_in_a_busy_session_is_quick", quick_seek),
        trial("a_shared_replay_accepts_no_commands", shared),
        trial("progress_goes_from_0_to_1", progress),
        trial("metrics_count_work_and_no_jumps", counted_work),
    ]
}

async fn say(viewer: &mut Viewer, message: &ClientMessage) {
    viewer.client.send(message).await.unwrap();
}

async fn seek_to(viewer: &mut Viewer, start_time: &str) -> GridUpdate<'static> {
    say(
        viewer,
        &ClientMessage::Seek {
            start_time: start_time.to_owned(),
        },
    )
    .await;
    viewer.config().await;
    viewer.grid().await
}

async fn wait_for(viewer: &mut Viewer, phase: Phase) {
    while viewer.status().await.phase != phase {}
}

fn clock(grid: &GridUpdate<'_>) -> String {
    EasternTime::from_ns(grid.ts_ns).clock().to_string()
}

async fn pause_and_resume() {
    let server = Running::start(&[]);
    let mut viewer = server.connect("speed=5").await;
    viewer.grid().await;
    say(&mut viewer, &ClientMessage::Pause {}).await;
    wait_for(&mut viewer, Phase::Paused).await;
    // Whatever was under way has come; from here on there are only statuses.
    for _ in 0..3 {
        match viewer.next().await {
            ServerMessage::Status(status) => assert_eq!(status.phase, Phase::Paused),
            other => panic!("a paused replay sent {other:?}"),
        }
    }
    say(&mut viewer, &ClientMessage::Resume {}).await;
    viewer.grid().await;
}

async fn seek() {
    let server = Running::start(&[]);
    let mut viewer = server.connect("speed=1").await;
    let first = viewer.grid().await;
    let ahead = seek_to(&mut viewer, "09:32").await;
    assert!(ahead.epoch > first.epoch);
    assert_eq!(clock(&ahead), "09:32:00");
    let back = seek_to(&mut viewer, "09:31").await;
    assert!(back.epoch > ahead.epoch);
    assert_eq!(clock(&back), "09:31:00");
    assert!(back.seq > ahead.seq, "seq goes on");
    // What a seek shows is what a start there shows.
    let mut fresh = server.connect("speed=1&start_time=09:31").await;
    let started = fresh.grid().await;
    assert_eq!(
        (back.ts_ns, back.event_id),
        (started.ts_ns, started.event_id)
    );
    assert_eq!(back.columns, started.columns);
    // What is no time is refused, and the stream goes on.
    let message = ClientMessage::Seek {
        start_time: "9h30".to_owned(),
    };
    say(&mut viewer, &message).await;
    let error = viewer.error().await;
    assert_eq!(error.code, ErrorCode::BadMessage);
    assert!(error.message.contains("9h30"), "{}", error.message);
    viewer.grid().await;
}

async fn restart() {
    let server = Running::start(&[]);
    let mut viewer = server
        .connect("speed=0&lossless=1&start_time=09:30:01")
        .await;
    let mut first = Vec::new();
    for _ in 0..20 {
        first.push(viewer.grid().await);
    }
    say(&mut viewer, &ClientMessage::Restart {}).await;
    viewer.config().await;
    for before in &first {
        let again = viewer.grid().await;
        assert!(again.epoch > before.epoch);
        assert_eq!(
            (again.ts_ns, &again.columns),
            (before.ts_ns, &before.columns)
        );
    }
}

async fn speed() {
    let server = Running::start(&[]);
    let mut viewer = server.connect("speed=0.01").await;
    let from = viewer.grid().await.ts_ns;
    say(&mut viewer, &ClientMessage::Speed { value: 50.0 }).await;
    // Ten seconds of the market would take a thousand at the first speed: more than the patience
    // of these tests.
    while viewer.grid().await.ts_ns < from + 10_000_000_000 {}
    say(&mut viewer, &ClientMessage::Speed { value: -3.0 }).await;
    assert_eq!(viewer.error().await.code, ErrorCode::BadMessage);
}

async fn quick_seek() {
    // Checkpoints are kept every million records: two hours of the market are seven of them.
    let server = Running::start(&[]);
    let mut viewer = server
        .connect("speed=0&throttle_ms=3600000&start_time=11:30")
        .await;
    viewer.grid().await;
    for target in ["11:10", "09:40", "10:59:30"] {
        let grid = seek_to(&mut viewer, target).await;
        assert!(clock(&grid).starts_with(target));
    }
    let window = SessionWindow::new(
        vp_market::ProductType::FutureMbo,
        "2026-02-06".parse().unwrap(),
    );
    assert!(window.contains(viewer.grid().await.ts_ns));
}

async fn shared() {
    let server = Running::start(&[]);
    let mut viewer = server.connect("shared=1").await;
    viewer.grid().await;
    say(&mut viewer, &ClientMessage::Pause {}).await;
    assert_eq!(viewer.error().await.code, ErrorCode::SharedReplay);
    viewer.grid().await;
}

async fn progress() {
    let server = Running::start(&[]);
    // The market opens many hours into the venue's day.
    let mut viewer = server.connect("").await;
    assert_eq!(viewer.status().await.progress, Some(0.0));
    viewer.grid().await;
    let begun = viewer.status().await.progress.unwrap();
    assert!((0.0..0.01).contains(&begun), "{begun}");
    // One that ends before its session does is done, too.
    let query = "speed=0&lossless=1&end_time=09:30:05";
    let mut viewer = server.connect(query).await;
    let mut seen = Vec::new();
    while let Ok(Some(message)) = viewer.client.next().await {
        if let ServerMessage::Status(status) = message {
            seen.push(status.progress.unwrap());
        }
    }
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!((seen.first(), seen.last()), (Some(&0.0), Some(&1.0)));
}

/// Returns a counter of the server.
fn counter(server: &Running, name: &str) -> u64 {
    let (_, metrics) = server.get("/metrics");
    let name = format!("spymaster_{name} ");
    let value = metrics.lines().find_map(|line| line.strip_prefix(&name));
    value.unwrap().parse().unwrap()
}

async fn counted_work() {
    let server = Running::start(&[]);
    let mut viewer = server
        .connect("speed=0&throttle_ms=3600000&start_time=09:55")
        .await;
    viewer.grid().await;
    say(&mut viewer, &ClientMessage::Pause {}).await;
    let first = paused(&mut viewer).await;
    assert_eq!(counter(&server, "records_total"), first.records);
    assert_eq!(counter(&server, "events_total"), first.events);
    // Back, from a checkpoint: one is kept after each million records.
    seek_to(&mut viewer, "09:54").await;
    let second = paused(&mut viewer).await;
    let work = counter(&server, "records_total") - first.records;
    let checkpoint = second.records - work;
    assert!(
        checkpoint > 0 && checkpoint.is_multiple_of(1_000_000),
        "{checkpoint}"
    );
    // Forwards from here.
    seek_to(&mut viewer, "09:54:30").await;
    let third = paused(&mut viewer).await;
    let all = first.records + work + third.records - second.records;
    assert_eq!(counter(&server, "records_total"), all);
}

/// Returns where a replay is that pauses once it has shown a grid.
async fn paused(viewer: &mut Viewer) -> Status {
    wait_for(viewer, Phase::Paused).await;
    // The first may be from before the grid; the next is not.
    viewer.status().await
}
