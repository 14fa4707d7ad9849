//! Bronze: the very records in order, a partition for each contract, all of them or none.

#![cfg(test)]

mod raw_lake;

use std::fs;

use dbn::MboMsg;
use raw_lake::{DATE, RawLake, dbn_file, read_back, synthetic_messages};
use vp_ingest::{Input, LeftOutRecords, SessionSpec, Source};
use vp_lake::tables::{Layer, Verifier};
use vp_market::{Instrument, ProductTable, ProductType, Record};
use vp_velocity::bronze::BronzeReader;
use vp_velocity::stage::{Outcome, StageError};

fn of(messages: &[MboMsg], id: u32) -> Vec<MboMsg> {
    let own = messages
        .iter()
        .filter(|message| message.hd.instrument_id == id);
    own.cloned().collect()
}

/// Three contracts and a spread, their messages mixed.
fn mixed() -> (Vec<(&'static str, u32)>, Vec<MboMsg>) {
    let mut messages = synthetic_messages(3);
    let cycle = [1, 1, 1, 2, 2, 1, 4, 3];
    for (message, id) in messages.iter_mut().zip(cycle.into_iter().cycle()) {
        message.hd.instrument_id = id;
    }
    let mappings = vec![
        ("ESM6", 2),
        ("ESH6", 1),
        ("ESH7", 3),
        ("ESH6-ESM6", 4),
        ("ESZ6", 5),
    ];
    (mappings, messages)
}

#[test]
fn the_very_messages_come_back_in_order_a_partition_for_each_contract() {
    let lake = RawLake::new();
    let (mappings, mut messages) = mixed();
    // What no venue sends comes back all the same.
    let strange = &mut messages[40];
    strange.order_id = u64::MAX;
    strange.price = i64::MAX;
    strange.size = u32::MAX;
    strange.sequence = u32::MAX;
    strange.ts_in_delta = i32::MIN;
    strange.channel_id = 255;
    strange.hd.ts_event = u64::MAX;
    strange.action = std::ffi::c_char::from_ne_bytes([0xE9]);
    strange.side = std::ffi::c_char::from_ne_bytes([0]);
    lake.write("ES", "es-20260206.dbn", &dbn_file(&mappings, &messages));
    let outcome = lake.bronze("ES").unwrap();
    let built: Vec<_> = outcome
        .manifests()
        .iter()
        .map(|m| m.symbol.as_str())
        .collect();
    assert_eq!(built, ["ESH6", "ESH7", "ESM6"]);
    for (contract, id) in [("ESH6", 1), ("ESM6", 2), ("ESH7", 3)] {
        let (found, symbols) = read_back(&lake.partition(contract));
        assert!(found == of(&messages, id), "{contract} differs");
        assert!(symbols.iter().all(|symbol| symbol == contract));
        assert!(
            Verifier::new(lake.lake())
                .verify(&lake.partition(contract))
                .is_empty()
        );
    }
    assert!(!lake.partition("ESZ6").path().exists());
}

#[test]
fn what_bronze_leaves_out_is_counted_by_symbol() {
    let lake = RawLake::new();
    let (mappings, mut messages) = mixed();
    for message in &mut messages[..3] {
        message.hd.instrument_id = 77;
    }
    let spread = u64::try_from(of(&messages, 4).len()).unwrap();
    lake.write("ES", "es-20260206.dbn", &dbn_file(&mappings, &messages));
    let made = lake.report("ES").unwrap();
    let named = |name: &str, records| LeftOutRecords {
        name: name.into(),
        records,
    };
    let expected = [
        named("ESH6-ESM6", spread),
        named("instrument 77, not mapped", 3),
    ];
    assert_eq!(made.left_out, expected);
    let kept = lake.report("ES").unwrap();
    assert!(matches!(kept.outcome, Outcome::Kept(_)) && kept.left_out.is_empty());
}

fn instrument(symbol: &str) -> Instrument {
    let products = ProductTable::embedded();
    products.instrument(ProductType::FutureMbo, symbol).unwrap()
}

fn bronze_records(lake: &RawLake, symbol: &str) -> Result<Vec<Record>, StageError> {
    let date = DATE.parse().unwrap();
    let mut reader = BronzeReader::open(&lake.lake(), &instrument(symbol), date)?;
    let (mut records, mut batch) = (Vec::new(), Vec::new());
    while reader.next_batch(&mut batch)? {
        records.extend_from_slice(&batch);
    }
    assert_eq!(reader.progress().done, reader.progress().total);
    Ok(records)
}

#[test]
fn bronze_gives_a_book_what_the_file_gives_it() {
    let lake = RawLake::new();
    let (mappings, mut messages) = mixed();
    messages[2000].flags.set_raw(64);
    messages[2001].flags.set_raw(128 | 16);
    messages[2002].action = std::ffi::c_char::from_ne_bytes([b'?']);
    messages[2003].price = i64::MAX;
    messages[2004].hd.ts_event -= 86_400_000_000_000;
    messages[2005].ts_recv -= 86_400_000_000_000;
    lake.write("ES", "es-20260206.dbn", &dbn_file(&mappings, &messages));
    lake.bronze("ES").unwrap();
    for symbol in ["ESH6", "ESM6"] {
        let mut source = Source::open(SessionSpec {
            input: Input::Lake(lake.lake()),
            instrument: instrument(symbol),
            date: DATE.parse().unwrap(),
            instrument_id: None,
            publisher: None,
        })
        .unwrap();
        let (mut expected, mut batch) = (Vec::new(), Vec::new());
        while source.next_batch(&mut batch).unwrap() {
            expected.extend_from_slice(&batch);
        }
        assert!(expected.len() > 1000);
        assert!(
            bronze_records(&lake, symbol).unwrap() == expected,
            "{symbol} differs"
        );
    }
}

#[test]
fn complete_bronze_is_kept_even_without_its_raw_files() {
    let lake = RawLake::new();
    let (mappings, messages) = mixed();
    let path = lake.write("ES", "es-20260206.dbn", &dbn_file(&mappings, &messages));
    let built = lake.bronze("ES").unwrap();
    assert!(matches!(built, Outcome::Built(_)));
    fs::remove_file(path).unwrap();
    assert_eq!(
        lake.bronze("ES").unwrap(),
        Outcome::Kept(built.manifests().to_vec())
    );
    let kept = lake.bronze("ESM6").unwrap();
    assert_eq!(kept, Outcome::Kept(vec![built.manifests()[2].clone()]));
}

#[test]
fn what_a_run_did_not_come_to_publish_is_built_with_the_same_hashes() {
    let lake = RawLake::new();
    let (mappings, messages) = mixed();
    lake.write("ES", "es-20260206.dbn", &dbn_file(&mappings, &messages));
    let built = lake.bronze("ES").unwrap();
    fs::remove_dir_all(lake.partition("ESH7").path()).unwrap();
    assert_eq!(
        lake.bronze("ES").unwrap(),
        Outcome::Built(built.manifests().to_vec())
    );
}

#[test]
fn a_contract_is_read_from_its_own_folder_or_its_roots() {
    let lake = RawLake::new();
    let messages = synthetic_messages(1);
    let id = messages[0].hd.instrument_id;
    lake.write(
        "ESH6",
        "esh6-20260206.dbn",
        &dbn_file(&[("ESH6", id)], &messages),
    );
    let error = lake.bronze("ES").unwrap_err();
    assert!(matches!(error, StageError::Ingest(_)), "{error}");
    let built = lake.bronze("ESH6").unwrap();
    assert_eq!(built.manifests().len(), 1);
    let input = &built.manifests()[0].inputs[0];
    assert!(
        input
            .dataset
            .ends_with("symbol=ESH6/table=market_by_order_dbn/esh6-20260206.dbn")
    );
    // The root has files of its own: that one of its contracts is there says nothing about them.
    lake.write(
        "ES",
        "es-20260206.dbn",
        &dbn_file(&[("ESM6", id)], &messages),
    );
    let built = lake.bronze("ES").unwrap();
    assert_eq!(built.manifests()[0].symbol, "ESM6");
}

/// Checks that a file gives that error and no trace of bronze.
fn check(symbol: &str, bytes: &[u8], message: &str) {
    let lake = RawLake::new();
    lake.write("ES", "es-20260206.dbn", bytes);
    let error = lake.bronze(symbol).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
    let layer = lake.path().join(Layer::Bronze.name());
    let left = fs::read_dir(layer.join("source=databento/product_type=future_mbo"));
    for entry in left.into_iter().flatten() {
        let table = entry.unwrap().path().join("table=mbo");
        assert_eq!(fs::read_dir(table).unwrap().count(), 0);
    }
}

#[test]
fn a_cut_or_corrupt_file_publishes_nothing() {
    let (mappings, messages) = mixed();
    let bytes = dbn_file(&mappings, &messages);
    check(
        "ES",
        &bytes[..bytes.len() - 1],
        "is cut short: 56 bytes expected, 55 found",
    );
    let mut corrupt = bytes;
    let middle = corrupt.len() - 56 * 700;
    corrupt[middle] = 1;
    check("ES", &corrupt, "is corrupt");
}

#[test]
fn a_date_without_records_is_an_error() {
    let (mappings, messages) = mixed();
    check(
        "ESZ6",
        &dbn_file(&mappings, &messages),
        "es-20260206.dbn holds no record of ESZ6 in the session of 2026-02-06; to fetch it again: \
         download futures daemon --start 2026-02-06 --end 2026-02-06 --symbols ES",
    );
    let spreads = of(&messages, 4);
    check(
        "ES",
        &dbn_file(&mappings, &spreads),
        "holds no record of ES in the session",
    );
}

#[test]
fn missing_bronze_names_the_path_and_the_command() {
    let lake = RawLake::new();
    let error = bronze_records(&lake, "ESH6").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "there is no complete partition {}; to make it: velocity run --product-type \
             future_mbo --layer bronze --symbol ES --dt 2026-02-06",
            lake.partition("ESH6").path().display()
        )
    );
}

#[test]
fn prices_off_the_tick_are_refused_by_who_reads_them() {
    let lake = RawLake::new();
    let mut messages = synthetic_messages(1);
    for message in &mut messages {
        message.price -= 1;
    }
    let id = messages[0].hd.instrument_id;
    lake.write(
        "ES",
        "es-20260206.dbn",
        &dbn_file(&[("ESH6", id)], &messages),
    );
    lake.bronze("ES").unwrap();
    let error = bronze_records(&lake, "ESH6").unwrap_err().to_string();
    assert!(error.contains("off its tick 0.25"), "{error}");
}
