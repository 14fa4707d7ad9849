//! What the metrics count when a replay is moved.

use vp_replay::Speed;

use super::*;
use crate::server::metrics::Gauges;

/// A replay at that place: records, events, anomalies.
fn place(records: u64, events: u64, anomalies: u64) -> (vp_replay::Status, FeedDetails) {
    let status = vp_replay::Status {
        phase: Phase::Live,
        inputs: records,
        commits: events,
        ts_ns: records,
        behind: Duration::ZERO,
        shortened: None,
        speed: Speed::UNPACED,
    };
    let details = FeedDetails {
        anomalies: BTreeMap::from([("unknown_order".to_owned(), anomalies)]),
        ..FeedDetails::default()
    };
    (status, details)
}

/// Works up to a place, then moves to another, and so on; returns what the metrics say.
fn counted(steps: &[[(u64, u64, u64); 2]]) -> [u64; 3] {
    let metrics = Metrics::default();
    let mut reporter = Reporter {
        every: Duration::from_secs(1),
        next_at: Instant::now(),
        phase: Phase::Live,
        shortened: None,
        told_at: Instant::now(),
        records: 0,
        events: 0,
        untold_events: 0,
        event_rate: 0.0,
        anomalies: BTreeMap::new(),
    };
    for [(records, events, anomalies), moved_to] in steps {
        let (status, details) = place(*records, *events, *anomalies);
        reporter.count_work(&status, &details, &metrics);
        let (status, details) = place(moved_to.0, moved_to.1, moved_to.2);
        reporter.jump(&status, details);
    }
    let text = metrics.render(Gauges {
        connections: 0,
        replays: 0,
        viewers: 0,
        behind_seconds: 0.0,
    });
    [
        "records_total ",
        "events_total ",
        "anomalies_total{kind=\"unknown_order\"} ",
    ]
    .map(|name| {
        let name = format!("spymaster_{name}");
        let value = text.lines().find_map(|line| line.strip_prefix(&name));
        value.map_or(0, |value| value.parse().unwrap())
    })
}

#[test]
fn work_is_counted_and_jumps_are_not() {
    let end = (2_500, 900, 7);
    assert_eq!(counted(&[[end, end]]), [2_500, 900, 7]);
    // Back to a checkpoint: what is taken in after it counts once more.
    let checkpoint = (2_000, 800, 5);
    assert_eq!(
        counted(&[[end, checkpoint], [(2_400, 880, 6), (0, 0, 0)]]),
        [2_900, 980, 8]
    );
    // Forwards to one that was kept on the way.
    assert_eq!(
        counted(&[[end, (0, 0, 0)], [(10, 4, 1), checkpoint], [end, end]]),
        [3_010, 1_004, 10]
    );
    // A command that moves nothing.
    assert_eq!(counted(&[[end, end], [end, end]]), [2_500, 900, 7]);
}
