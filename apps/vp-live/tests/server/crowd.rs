//! Many viewers, slow viewers, and the end of the day.

use std::time::Instant;

use libtest_mimic::Trial;
use tokio::task::JoinSet;
use vp_transport::ClientError;

use super::running::{Running, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("soak_a_stalled_viewer_holds_nobody_up", stalled_viewer),
        trial("two_hundred_viewers_see_the_same_grids", two_hundred),
        trial("a_late_joiner_gets_the_current_grid_first", late_joiner),
        trial("a_stopping_server_tells_everybody_and_exits_well", stopping),
        trial(
            "viewers_that_vanish_take_their_replays_with_them",
            vanishing,
        ),
    ]
}

/// How many grids a viewer stalls for; in the long form more than 25 s of them.
fn stall() -> u64 {
    if is_soak() { 5_000 } else { 800 }
}

fn is_soak() -> bool {
    std::env::var_os("SPYMASTER_SOAK").is_some()
}

async fn stalled_viewer() {
    let server = Running::start(&[]);
    // Two hundred grids a second: enough to fill the buffers of a viewer that stalls, and few
    // enough for one that does not.
    let query = "shared=1&speed=5";
    let mut stalled = server.connect(query).await;
    let mut steady = server.connect(query).await;
    let before = stalled.grid().await;
    steady.grid().await;
    let memory = server.memory_kib();
    let first = steady.grid().await.seq;
    let (mut seen, mut last) = (0, first);
    // Behind a viewer that holds it up, this one would get no further than the buffers of that one.
    while last < first + stall() {
        last = steady.grid().await.seq;
        seen += 1;
    }
    let missed = last - first - seen;
    assert!(
        !is_soak() || missed * 10 < seen,
        "the steady viewer saw {seen} and missed {missed}"
    );
    // The kernel's buffers and a few queued grids come first, then what is newest.
    let mut after = before.seq;
    while after <= last {
        after = stalled.grid().await.seq;
    }
    let conflated = stalled.status().await.conflated_total;
    assert!(
        conflated > missed,
        "{conflated} grids were left out for the stalled viewer, {missed} for the steady one"
    );
    let grown = server.memory_kib().saturating_sub(memory);
    assert!(grown < 16 << 10, "memory grew by {grown} KiB");
}

async fn two_hundred() {
    let server = Running::start(&[]);
    let query = "shared=1&speed=1&throttle_ms=100&fields=k,rest_depth,last_event_id";
    // The session has to be long enough for all to join it, which takes as long as this machine
    // needs: the first ones only show how long that is.
    let begun = Instant::now();
    let mut others = Vec::new();
    for _ in 0..200 {
        others.push(server.connect(&format!("{query}&start_time=09:45")).await);
    }
    drop(others);
    let seconds = 20 + 5 * begun.elapsed().as_secs();
    let end = format!("09:{}:{:02}", 30 + seconds / 60, seconds % 60);
    let query = &format!("{query}&end_time={end}");
    let mut viewers = JoinSet::new();
    for _ in 0..200 {
        let mut viewer = server.connect(query).await;
        viewers.spawn(async move { viewer.all_grids().await });
    }
    // Joining takes a moment; each look asks the server once more.
    while !server.get("/v1/replays").1.contains("\"viewers\":200") {
        tokio::task::yield_now().await;
    }
    let mut last = None;
    while let Some(seen) = viewers.join_next().await {
        let (grids, code) = seen.unwrap();
        assert_eq!(code, 1000);
        let grid = grids.last().unwrap().clone();
        // All are shown the very same end, whatever they missed on the way.
        assert_eq!(*last.get_or_insert_with(|| grid.clone()), grid);
    }
}

async fn late_joiner() {
    let server = Running::start(&[]);
    let query = "shared=1&speed=1&throttle_ms=100";
    let mut first = server.connect(query).await;
    let seen = loop {
        let grid = first.grid().await;
        if grid.seq > 20 {
            break grid.seq;
        }
    };
    let mut late = server.connect(query).await;
    let config = late.config().await;
    assert!(config.stream.shared);
    let grid = late.grid().await;
    assert!(
        grid.seq >= seen,
        "the late joiner begins at {} instead of {seen}",
        grid.seq
    );
    // The next grid is the very next one, but for those that a busy machine makes it miss.
    let next = late.grid().await.seq;
    let conflated = late.status().await.conflated_total;
    assert!(next > grid.seq && next - grid.seq - 1 <= conflated);
}

async fn stopping() {
    let server = Running::start(&[]);
    let mut viewers = Vec::new();
    for query in ["", "shared=1", "speed=0&lossless=1"] {
        let mut viewer = server.connect(query).await;
        viewer.grid().await;
        viewers.push(viewer);
    }
    let closed = tokio::spawn(async move {
        let mut codes = Vec::new();
        for mut viewer in viewers {
            codes.push(viewer.all_grids().await.1);
        }
        codes
    });
    let status = tokio::task::spawn_blocking(|| server.terminate())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(closed.await.unwrap(), [1001, 1001, 1001]);
}

async fn vanishing() {
    let server = Running::start(&["--max-replays", "2"]);
    for _ in 0..20 {
        let mut viewer = server.connect("speed=0").await;
        // Two at a time are allowed: each must be gone soon after its viewer.
        loop {
            match viewer.client.next().await {
                Ok(Some(vp_wire::ServerMessage::GridUpdate(_))) => break,
                Ok(_) => {}
                Err(ClientError::Closed { code, .. }) => {
                    assert_eq!(code, 1013);
                    viewer = server.connect("speed=0").await;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        drop(viewer);
    }
}
