//! What passes, what is rewritten, and what is counted.

use vp_ingest::{Counters, Input};
use vp_lake::Lake;
use vp_market::{Action, Flags, Price, ProductTable, ProductType, Side};

use crate::dbn_file::{
    DAY_END, DAY_START, DbnFile, ES_ID, Folder, Mbo, NOON, es_session, read, read_bytes,
};

const HOUR: u64 = 3_600_000_000_000;
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
fn a_compressed_file_may_begin_with_frames_that_are_skipped() {
    let file = DbnFile::new().with((0..3000).map(Mbo::add));
    for nibble in 0..16u32 {
        let skipped = |length: u32| {
            let magic = (0x184D_2A50 + nibble).to_le_bytes();
            let bytes = vec![7; usize::try_from(length).unwrap()];
            [&magic[..], &length.to_le_bytes(), &bytes].concat()
        };
        // As pzstd writes its frames' lengths, and longer than any block; several before the first.
        for frames in [skipped(4), [skipped(0), skipped(300_000)].concat()] {
            let bytes = [frames, file.compressed()].concat();
            let outcome = read_bytes(&Folder::new(), "a.dbn.zst", &bytes);
            assert!(outcome.error.is_none());
            assert_eq!(outcome.records.len(), 3000);
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

/// A record that was received at `ts_recv`, and stamped long before.
fn received(order_id: u64, ts_recv: u64) -> Mbo {
    Mbo {
        ts_event: DAY_START - 86_400_000_000_000,
        ts_recv,
        ..Mbo::add(order_id)
    }
}

#[test]
fn a_record_belongs_to_the_day_on_which_it_was_received() {
    let times = [DAY_START - 1, DAY_START, DAY_END - 1, DAY_END];
    let clear = |record: Mbo| Mbo {
        action: b'R',
        ..record
    };
    let snapshot = |record: Mbo| Mbo {
        flags: SNAPSHOT,
        ..record
    };
    let kinds: [&dyn Fn(Mbo) -> Mbo; 4] = [&|record| record, &clear, &snapshot, &|record| {
        clear(snapshot(record))
    }];
    for kind in kinds {
        let records = (0..).zip(times).map(|(id, time)| kind(received(id, time)));
        let outcome = read_bytes(
            &Folder::new(),
            "a.dbn",
            &DbnFile::new().with(records).bytes(),
        );
        assert_eq!(outcome.order_ids(), [1, 2]);
        assert_eq!(outcome.counters.outside_window, 2);
    }
}

#[test]
fn a_snapshot_record_takes_the_time_at_which_the_snapshot_was_made() {
    let snapshot = Mbo {
        flags: SNAPSHOT,
        ..received(0, DAY_START + 5)
    };
    let bytes = DbnFile::new()
        .with([snapshot, received(1, DAY_START + 6)])
        .bytes();
    let outcome = read_bytes(&Folder::new(), "a.dbn", &bytes);
    let times: Vec<_> = outcome
        .records
        .iter()
        .map(|record| record.ts_event)
        .collect();
    assert_eq!(times, [DAY_START + 5, DAY_START - 86_400_000_000_000]);
    assert_eq!(outcome.counters.snapshot_records, 1);
}

#[test]
fn the_session_of_a_share_goes_by_the_time_of_receipt_too() {
    // 02:00 and 16:00 in New York, 07:00 and 21:00 UTC.
    let (start, end) = (DAY_START + 7 * HOUR, DAY_START + 21 * HOUR);
    let clear = |record: Mbo| Mbo {
        action: b'R',
        ..record
    };
    let records = [
        clear(received(0, start - 1)),
        clear(received(1, start)),
        received(2, end - 1),
        received(3, end),
        clear(received(4, start + 24 * HOUR)),
    ];
    let file = DbnFile {
        dataset: "XNAS.ITCH",
        mappings: vec![("ARL", ES_ID, [25, 26])],
        ..DbnFile::new()
    };
    let folder = Folder::new();
    let path = folder.write("a.dbn", &file.with(records).bytes());
    let mut spec = es_session(Input::File(path));
    spec.instrument = ProductTable::embedded()
        .instrument(ProductType::EquityMbo, "ARL")
        .unwrap();
    assert_eq!(read(spec).order_ids(), [1, 2]);
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
