//! What passes, what is rewritten, and what is counted.

use vp_ingest::{Counters, Input};
use vp_lake::Lake;
use vp_market::{Action, Flags, Price, Side};

use crate::dbn_file::{DbnFile, ES_ID, Folder, Mbo, NOON, es_session, read, read_bytes};

const DAY_START: u64 = 1_703_462_400_000_000_000;
const DAY_END: u64 = 1_703_548_800_000_000_000;
const SNAPSHOT: u8 = 32;

#[test]
fn every_version_plain_and_compressed_gives_the_same_records() {
    let folder = Folder::new();
    for version in 1..=3 {
        let file = DbnFile {
            version,
            ..DbnFile::new()
        };
        let file = file.with((0..3000).map(Mbo::add));
        for bytes in [file.bytes(), file.compressed()] {
            let outcome = read_bytes(&folder, "a.dbn", &bytes);
            assert!(outcome.error.is_none());
            assert_eq!(outcome.order_ids(), (0..3000).collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_field_is_taken_over() {
    let folder = Folder::new();
    let outcome = read_bytes(
        &folder,
        "a.dbn",
        &DbnFile::new().with([Mbo::add(7)]).bytes(),
    );
    let record = outcome.records[0];
    assert_eq!((record.ts_event, record.order_id), (NOON + 7, 7));
    assert_eq!(record.price, Price::from_nanos(4_800_250_000_000));
    assert_eq!((record.size, record.action), (3, Action::Add));
    assert_eq!((record.side, record.flags), (Some(Side::Bid), Flags::LAST));
}

#[test]
fn other_instruments_and_other_records_are_counted_and_skipped() {
    let other = Mbo {
        instrument_id: ES_ID + 1,
        ..Mbo::add(1)
    };
    let mut file = DbnFile::new().with([Mbo::add(0), other]);
    let mut system = vec![80, 0x17];
    system.resize(320, 0);
    file.records.extend(system);
    let outcome = read_bytes(&Folder::new(), "a.dbn", &file.with([Mbo::add(2)]).bytes());
    assert_eq!(outcome.order_ids(), [0, 2]);
    let expected = Counters {
        records: 4,
        other_rtypes: 1,
        other_instruments: 1,
        delivered: 2,
        ..Counters::default()
    };
    assert_eq!(outcome.counters, expected);
}

#[test]
fn the_session_ends_before_its_end_but_clears_and_snapshots_always_pass() {
    let at = |order_id, ts_event| Mbo {
        ts_event,
        ..Mbo::add(order_id)
    };
    let clear = Mbo {
        action: b'R',
        ..at(4, DAY_START - 1)
    };
    let snapshot = Mbo {
        flags: SNAPSHOT,
        ..at(5, DAY_START - 1_000_000)
    };
    let records = [
        at(0, DAY_START - 1),
        at(1, DAY_START),
        at(2, DAY_END - 1),
        at(3, DAY_END),
        clear,
        snapshot,
    ];
    let outcome = read_bytes(
        &Folder::new(),
        "a.dbn",
        &DbnFile::new().with(records).bytes(),
    );
    assert_eq!(outcome.order_ids(), [1, 2, 4, 5]);
    assert_eq!(outcome.counters.outside_window, 2);
    assert_eq!(outcome.counters.snapshot_records, 1);
    // A snapshot record bears the time at which the snapshot was made, a clear its own.
    assert_eq!(outcome.records[2].ts_event, DAY_START - 1);
    assert_eq!(outcome.records[3].ts_event, NOON + 1005);
}

#[test]
fn aggregated_records_and_unknown_actions_become_action_n() {
    let flagged = |flags| Mbo {
        flags,
        ..Mbo::add(0)
    };
    let unknown = Mbo {
        action: b'x',
        ..Mbo::add(0)
    };
    let records = [flagged(64), flagged(16 | 128), unknown, Mbo::add(0)];
    let outcome = read_bytes(
        &Folder::new(),
        "a.dbn",
        &DbnFile::new().with(records).bytes(),
    );
    let actions: Vec<_> = outcome.records.iter().map(|record| record.action).collect();
    assert_eq!(
        actions,
        [Action::None, Action::None, Action::None, Action::Add]
    );
    assert_eq!(outcome.records[1].flags, Flags::MBP | Flags::LAST);
    assert_eq!(outcome.counters.aggregated, 2);
    assert_eq!(outcome.counters.unknown_actions, 1);
}

#[test]
fn an_undefined_price_and_no_side_reach_the_engine() {
    let undefined = Mbo {
        price: i64::MAX,
        side: b'N',
        ..Mbo::add(1)
    };
    let outcome = read_bytes(
        &Folder::new(),
        "a.dbn",
        &DbnFile::new().with([undefined]).bytes(),
    );
    assert_eq!(
        (outcome.records[0].price, outcome.records[0].side),
        (None, None)
    );
}

#[test]
fn file_order_is_kept_even_where_time_goes_back() {
    let late = Mbo {
        ts_event: NOON - 5,
        ..Mbo::add(9)
    };
    let file = DbnFile::new().with([Mbo::add(1), late, Mbo::add(0)]);
    assert_eq!(
        read_bytes(&Folder::new(), "a.dbn", &file.bytes()).order_ids(),
        [1, 9, 0]
    );
}

#[test]
fn all_files_of_the_date_are_read_one_after_the_other() {
    let folder = Folder::new();
    let lake = Lake::new(folder.path());
    let mbo = lake.raw_mbo(vp_market::ProductType::FutureMbo, "ES");
    let name = |name: &str| mbo.path().join(name).display().to_string();
    let other_contract = DbnFile {
        mappings: vec![("ESM4", ES_ID, [25, 26])],
        ..DbnFile::new()
    };
    let other_id = DbnFile {
        mappings: vec![("ESH4", 99, [25, 26])],
        ..DbnFile::new()
    };
    let first = DbnFile::new().with([Mbo::add(1)]);
    let renumbered = Mbo {
        instrument_id: 99,
        ..Mbo::add(3)
    };
    folder.write(&name("a-20231225.dbn.zst"), &first.compressed());
    folder.write(
        &name("b-20231225.dbn"),
        &other_contract.with([Mbo::add(2)]).bytes(),
    );
    folder.write(
        &name("c-20231225.dbn"),
        &other_id.with([renumbered, Mbo::add(4)]).bytes(),
    );
    folder.write(
        &name("d-20231226.dbn"),
        &DbnFile::new().with([Mbo::add(5)]).bytes(),
    );
    let outcome = read(es_session(Input::Lake(lake)));
    assert!(outcome.error.is_none());
    assert_eq!(outcome.order_ids(), [1, 3]);
}

#[test]
fn a_file_without_mappings_is_read_if_it_holds_one_instrument() {
    let unmapped = DbnFile {
        mappings: Vec::new(),
        ..DbnFile::new()
    };
    let outcome = read_bytes(
        &Folder::new(),
        "a.dbn",
        &unmapped.with([Mbo::add(1)]).bytes(),
    );
    assert_eq!(outcome.order_ids(), [1]);
}

#[test]
fn an_instrument_id_chooses_among_several() {
    let folder = Folder::new();
    let unmapped = DbnFile {
        mappings: Vec::new(),
        ..DbnFile::new()
    };
    let other = Mbo {
        instrument_id: 99,
        ..Mbo::add(2)
    };
    let path = folder.write("a.dbn", &unmapped.with([Mbo::add(1), other]).bytes());
    let mut spec = es_session(Input::File(path));
    spec.instrument_id = Some(99);
    assert_eq!(read(spec).order_ids(), [2]);
}
