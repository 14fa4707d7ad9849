//! What is decided about a wanted job, and what becomes of a record that is broken.

use std::collections::BTreeSet;

use dbn::SType;
use proptest::prelude::*;
use vp_lake::RawTable;

use super::*;
use crate::instant::Instant;
use crate::job::JobRequest;

fn request(symbols: &[&str]) -> JobRequest {
    JobRequest {
        table: RawTable::FutureMbo,
        symbol: "MNQ".into(),
        date: "2026-02-06".parse().unwrap(),
        symbols: symbols
            .iter()
            .map(|symbol| (*symbol).to_owned())
            .collect::<BTreeSet<_>>(),
        stype_in: SType::RawSymbol,
    }
}

fn entry(request: &JobRequest, state: JobState) -> Entry {
    let now = Instant(1_770_400_000_000_000_000);
    let cost = "0.25".parse().ok();
    Entry {
        state,
        ..Entry::submitting(request, now, cost, None)
    }
}

/// What is decided about a job that is tracked in that state.
fn decide(state: JobState, wanted: &[&str], is_on_disk: bool) -> Decision {
    let tracked = entry(&request(&["MNQH6"]), state);
    Decision::new(Some(&tracked), &request(wanted), |_| is_on_disk)
}

#[test]
fn a_job_with_the_same_payload_is_not_ordered_again() {
    for (state, expected) in [
        (JobState::Submitting, Decision::Ask),
        (JobState::Submitted, Decision::Reuse),
        (JobState::Queued, Decision::Reuse),
        (JobState::Processing, Decision::Reuse),
        (JobState::Unknown("paused".into()), Decision::Reuse),
        (JobState::Done, Decision::Skip),
        (JobState::Downloaded, Decision::Skip),
        (JobState::Expired, Decision::Expired),
        (JobState::Error, Decision::Order),
    ] {
        assert_eq!(decide(state.clone(), &["MNQH6"], true), expected, "{state}");
        assert_eq!(decide(state, &["MNQM6"], true), Decision::Order);
    }
}

#[test]
fn a_downloaded_file_that_is_gone_is_fetched_again_without_an_order() {
    assert_eq!(
        decide(JobState::Downloaded, &["MNQH6"], false),
        Decision::FetchAgain
    );
    let folder = tempfile::tempdir().unwrap();
    let mut tracker = Tracker::open(&Lake::new(folder.path()), Market::Futures).unwrap();
    let request = request(&["MNQH6"]);
    tracker
        .put(request.key(), entry(&request, JobState::Downloaded))
        .unwrap();
    tracker.fetch_again(&[request.key()]).unwrap();
    assert_eq!(tracker.entries()[&request.key()].state, JobState::Done);
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::new(folder.path());
    let request = request(&["MNQH6"]);
    let mut full = entry(&request, JobState::Unknown("paused".into()));
    full.job_id = Some("GLBX-1".into());
    full.downloaded_at = Some(Instant(1));
    full.files = vec![FileEntry {
        name: "a".into(),
        size: 1,
        sha256: "b".into(),
    }];
    full.error = Some("c".into());
    let mut tracker = Tracker::open(&lake, Market::Futures).unwrap();
    tracker.put(request.key(), full.clone()).unwrap();
    drop(tracker);
    let tracker = Tracker::open(&lake, Market::Futures).unwrap();
    assert_eq!(tracker.entries()[&request.key()], full);
    let text = std::fs::read_to_string(lake.jobs("futures")).unwrap();
    assert!(
        text.contains("\"GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo\""),
        "{text}"
    );
}

#[test]
fn a_second_process_is_kept_out_and_told_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::new(folder.path());
    let first = Tracker::open(&lake, Market::Futures).unwrap();
    let error = Tracker::open(&lake, Market::Futures)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&format!("locked by process {}", std::process::id())),
        "{error}"
    );
    Tracker::open(&lake, Market::Equities).unwrap();
    drop(first);
    Tracker::open(&lake, Market::Futures).unwrap();
}

#[test]
fn a_record_that_cannot_be_written_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::new(folder.path());
    let request = request(&["MNQH6"]);
    let mut tracker = Tracker::open(&lake, Market::Futures).unwrap();
    std::fs::create_dir(lake.jobs("futures")).unwrap();
    let error = tracker
        .put(request.key(), entry(&request, JobState::Submitting))
        .unwrap_err();
    assert!(matches!(error, TrackerError::Write { .. }));
    assert!(tracker.entries().is_empty());
}

#[test]
fn a_broken_record_is_refused() {
    for text in [
        "",
        "[]",
        "{\"a\": 1}",
        "{\"GLBX.MDP3|mbo|MNQ|2026-02-06|future_mbo\": {}}",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::new(folder.path());
    drop(Tracker::open(&lake, Market::Futures).unwrap());
    std::fs::write(lake.jobs("futures"), "{").unwrap();
    let error = Tracker::open(&lake, Market::Futures).unwrap_err();
    assert!(error.to_string().contains("is corrupt"), "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".*") {
        let _ = parse(&text);
    }

    #[test]
    fn no_change_to_a_record_makes_the_reader_panic(at in 0usize..600, byte in any::<u8>()) {
        let request = request(&["MNQH6"]);
        let key = request.key().to_string();
        let one = BTreeMap::from([(key, entry(&request, JobState::Done))]);
        let mut text = serde_json::to_vec(&one).unwrap();
        let at = at % text.len();
        text[at] = byte;
        let _ = parse(&String::from_utf8_lossy(&text));
    }
}
