//! A client's commands are executed, and a shared replay accepts none.

use std::time::Instant;

use libtest_mimic::Trial;
use vp_replay::Phase;
use vp_wire::{ClientMessage, ErrorCode};

use crate::binary::{CONTRACT, DATE};
use crate::expected::received;
use crate::running::{Running, trial};
use crate::streams::{SECONDS, query, session, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("a_seek_shows_what_a_straight_run_does", seeks),
        trial("pause_stops_and_resume_goes_on", pauses),
        trial("times_of_the_query_cut_the_session", times),
        trial("a_shared_replay_is_one_and_accepts_no_commands", shared),
        trial("who_is_slow_misses_windows_and_is_told_how_many", slow),
    ]
}

fn seek(start_time: &str) -> ClientMessage {
    ClientMessage::Seek {
        start_time: start_time.into(),
    }
}

async fn seeks() {
    let world = world();
    let expected = session(&world).windows();
    let server = Running::start(&world);
    // So slow that nothing but the first window after a seek comes.
    let mut viewer = server.connect(&query("speed=0.01")).await;
    assert!(received(&viewer.batch().await) == expected[0]);
    let mut epoch = 1;
    for second in [15, 3, 18, 0, 7, 8] {
        viewer.say(seek(&format!("09:30:{second:02}"))).await;
        viewer.config().await;
        let batch = viewer.batch().await;
        assert!(
            received(&batch) == expected[second],
            "second {second} differs"
        );
        assert!(batch.epoch > epoch);
        epoch = batch.epoch;
    }
    viewer.say(ClientMessage::Restart {}).await;
    viewer.config().await;
    assert!(received(&viewer.batch().await) == expected[0]);
    viewer.say(seek("nine")).await;
    assert_eq!(viewer.error().await.code, ErrorCode::BadMessage);
    viewer.say(ClientMessage::Speed { value: 0.0 }).await;
    let (rest, code, _) = viewer.rest().await;
    assert_eq!(code, 1000);
    assert!(received(rest.last().unwrap()) == expected[SECONDS - 1]);
}

async fn pauses() {
    let world = world();
    let server = Running::start(&world);
    // So slow that the pause comes before the end on any machine.
    let mut viewer = server.connect(&query("speed=0.01&lossless=1")).await;
    let first = viewer.batch().await;
    viewer.say(ClientMessage::Pause {}).await;
    viewer.status(|status| status.phase == Phase::Paused).await;
    // As fast as it goes, and yet the next message is another status of the pause.
    viewer.say(ClientMessage::Speed { value: 0.0 }).await;
    let message = viewer.next().await;
    assert!(
        matches!(&message, vp_wire::ServerMessage::Status(s) if s.phase == Phase::Paused),
        "{message:?}"
    );
    viewer.say(ClientMessage::Resume {}).await;
    let (rest, code, _) = viewer.rest().await;
    assert_eq!(code, 1000);
    assert_eq!((first.seq, rest.last().unwrap().seq), (1, SECONDS as u64));
}

async fn times() {
    let world = world();
    let expected = session(&world).windows();
    let server = Running::start(&world);
    let rest = "speed=0&lossless=1&start_time=09:30:05&end_time=09:30:11";
    let mut viewer = server.connect(&query(rest)).await;
    let config = viewer.config().await;
    assert_eq!(config.stream.start_time.as_deref(), Some("09:30:05"));
    let (batches, code, _) = viewer.rest().await;
    assert_eq!(code, 1000);
    let found: Vec<_> = batches.iter().map(received).collect();
    assert!(found == expected[5..11]);
}

async fn shared() {
    let world = world();
    let server = Running::start(&world);
    // Both have to join before the session ends, which takes as long as this machine needs.
    let begun = Instant::now();
    server.connect(&query("")).await.batch().await;
    let length_s = begun.elapsed().mul_f64(20.0).as_secs_f64().max(2.0);
    let running = || {
        server.get_json("/v1/replays")["replays"]
            .as_array()
            .unwrap()
            .len()
    };
    while running() > 0 {
        tokio::task::yield_now().await;
    }
    let seconds = u32::try_from(SECONDS).unwrap();
    let rest = &format!("shared=1&speed={:.3}", f64::from(seconds) / length_s);
    let mut one = server.connect(&query(rest)).await;
    one.batch().await;
    let mut other = server.connect(&query(rest)).await;
    other.batch().await;
    let replays = server.get_json("/v1/replays");
    assert_eq!(replays["replays"].as_array().unwrap().len(), 1);
    assert_eq!(replays["replays"][0]["viewers"], 2);
    let key = replays["replays"][0]["key"].as_str().unwrap();
    let expected =
        format!("product_type=future_mbo&symbol={CONTRACT}&dt={DATE}&speed=10&horizon_s=30&beta=");
    assert!(key.starts_with(&expected), "{key}");
    other.say(ClientMessage::Pause {}).await;
    assert_eq!(other.error().await.code, ErrorCode::SharedReplay);
    let ((one, _, _), (other, _, _)) = (one.rest().await, other.rest().await);
    let last = |batches: &[_]| received(batches.last().unwrap());
    assert!(last(&one) == last(&other));
    let refused = server.connect(&query("shared=1&lossless=1")).await;
    assert_eq!(refused.refusal().await.0.code, ErrorCode::BadParameter);
}

async fn slow() {
    let world = world();
    let server = Running::start(&world);
    // It takes nothing while a lossless viewer takes everything.
    let mut slow = server.connect(&query("speed=0")).await;
    let mut quick = server.connect(&query("speed=0&lossless=1")).await;
    let (all, _, _) = quick.rest().await;
    assert_eq!(all.len(), SECONDS);
    let (taken, code, status) = slow.rest().await;
    assert_eq!(code, 1000);
    let seqs: Vec<u64> = taken.iter().map(|batch| batch.seq).collect();
    assert!(seqs.is_sorted_by(|one, next| one < next));
    assert_eq!(seqs.last(), Some(&(SECONDS as u64)));
    let missed = SECONDS - taken.len();
    assert_eq!(status.unwrap().conflated_total, missed as u64);
}
