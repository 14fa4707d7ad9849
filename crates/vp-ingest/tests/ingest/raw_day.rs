//! All contracts of a date: which messages pass, untouched, and what is refused.

use dbn::MboMsg;
use vp_ingest::{Counters, RawDay, RawDaySpec};
use vp_lake::Lake;
use vp_market::ProductType;

use crate::dbn_file::{DAY_START, DbnFile, Folder, Mbo};

const DATE: &str = "2023-12-25";

/// The messages of a day by contract, as their bytes.
#[derive(Debug, Default)]
struct Day {
    symbols: Vec<String>,
    messages: Vec<(usize, MboMsg)>,
    counters: Counters,
    error: Option<String>,
}

/// Reads the files, all of 2023-12-25, as the day of that symbol.
fn read(symbol: &str, files: &[&DbnFile]) -> Day {
    let folder = Folder::new();
    let lake = Lake::new(folder.path());
    let raw = lake.raw_mbo(ProductType::FutureMbo, "ES");
    std::fs::create_dir_all(raw.path()).unwrap();
    for (number, file) in files.iter().enumerate() {
        let path = raw.path().join(format!("{number}-20231225.mbo.dbn"));
        std::fs::write(path, file.bytes()).unwrap();
    }
    let mut read = Day::default();
    let opened = RawDay::open(&RawDaySpec {
        lake,
        product_type: ProductType::FutureMbo,
        symbol: symbol.into(),
        root: "ES".into(),
        date: DATE.parse().unwrap(),
        instrument_id: None,
        publisher: None,
    });
    let result = opened.and_then(|mut day| {
        read.symbols = day.symbols().to_vec();
        while day.read(|symbol, message| read.messages.push((symbol, message.clone())))? {}
        read.counters = *day.counters();
        let progress = day.progress();
        assert_eq!(progress.bytes_read, progress.bytes_total);
        Ok(())
    });
    let shown = |path: &str| path.replace(&format!("{}/", raw.path().display()), "");
    read.error = result.err().map(|error| shown(&error.to_string()));
    read
}

fn of(instrument_id: u32, order_id: u64) -> Mbo {
    Mbo {
        instrument_id,
        ..Mbo::add(order_id)
    }
}

fn mapping(mappings: &[(&'static str, u32)]) -> DbnFile {
    DbnFile {
        mappings: mappings
            .iter()
            .map(|&(name, id)| (name, id, [25, 26]))
            .collect(),
        ..DbnFile::new()
    }
}

#[test]
fn every_outright_contract_is_told_apart_and_spreads_are_dropped() {
    let file = mapping(&[
        ("ESM4", 2),
        ("ESH4", 1),
        ("ESH4-ESM4", 3),
        ("ES:BF H4-M4-U4", 4),
        ("ESZ4", 5),
    ]);
    let ids = [1, 1, 2, 3, 2, 1, 4, 77];
    let file = file.with(ids.into_iter().zip(0..).map(|(id, order)| of(id, order)));
    for symbol in ["ES", "ESH4"] {
        let day = read(symbol, &[&file]);
        assert_eq!(day.symbols, ["ESH4", "ESM4", "ESZ4"]);
        let found: Vec<_> = day
            .messages
            .iter()
            .map(|(symbol, message)| (*symbol, message.order_id))
            .collect();
        assert_eq!(found, [(0, 0), (0, 1), (1, 2), (1, 4), (0, 5)]);
        let expected = Counters {
            records: 8,
            other_instruments: 3,
            delivered: 5,
            ..Counters::default()
        };
        assert_eq!(day.counters, expected);
    }
}

#[test]
fn an_id_is_another_contract_in_another_file() {
    let first = mapping(&[("ESH4", 1)]).with([of(1, 0), of(2, 1)]);
    let second = mapping(&[("ESM4", 1), ("ESH4", 2)]).with([of(1, 2), of(2, 3)]);
    let day = read("ES", &[&first, &second]);
    let found: Vec<_> = day
        .messages
        .iter()
        .map(|(symbol, message)| (day.symbols[*symbol].as_str(), message.order_id))
        .collect();
    assert_eq!(found, [("ESH4", 0), ("ESM4", 2), ("ESH4", 3)]);
}

#[test]
fn messages_pass_as_the_feed_sent_them() {
    let snapshot = Mbo {
        ts_event: 5,
        ts_recv: DAY_START,
        flags: 32 | 8,
        action: b'?',
        price: i64::MAX,
        size: u32::MAX,
        order_id: u64::MAX,
        ..of(17, 0)
    };
    let aggregated = Mbo {
        flags: 64,
        ..of(17, 1)
    };
    let clear = Mbo {
        action: b'R',
        ts_event: 6,
        ..of(17, 2)
    };
    let kept = [snapshot, aggregated, clear];
    let tomorrow = kept.map(|message| Mbo {
        ts_recv: message.ts_recv + 86_400_000_000_000,
        ..message
    });
    let day = read("ES", &[&DbnFile::new().with(kept).with(tomorrow)]);
    let bytes: Vec<u8> = day
        .messages
        .iter()
        .flat_map(|(_, message)| AsRef::<[u8]>::as_ref(message).to_vec())
        .collect();
    assert_eq!(bytes, kept.map(Mbo::bytes).concat());
    assert_eq!(day.counters.outside_window, 3);
}

/// Checks what is said of a symbol that a file does not give.
fn check(symbol: &str, file: &DbnFile, message: &str) {
    let day = read(symbol, &[file]);
    assert_eq!(day.error.as_deref(), Some(message));
}

#[test]
fn what_is_not_mapped_is_refused() {
    let file = mapping(&[("ESH4", 1), ("ESH4-ESM4", 2)]).with([of(1, 0)]);
    check(
        "ESM4",
        &file,
        "0-20231225.mbo.dbn does not map ESM4; it maps: ESH4, ESH4-ESM4",
    );
    let spreads = mapping(&[("ESH4-ESM4", 2)]);
    check(
        "ES",
        &spreads,
        "0-20231225.mbo.dbn maps no outright contract on 2023-12-25; it maps: ESH4-ESM4",
    );
    check(
        "ES",
        &mapping(&[("ESH4", 1), ("ESM4", 1)]),
        "0-20231225.mbo.dbn maps the instrument 1 to ESH4 and to ESM4 on one date",
    );
}

#[test]
fn a_file_without_mappings_needs_the_contract() {
    let file = mapping(&[]).with([of(1, 0), of(1, 1)]);
    check(
        "ES",
        &file,
        "0-20231225.mbo.dbn maps no symbols, so that the contract of its records is unknown: ask \
         for the contract instead of the root ES",
    );
    let day = read("ESH4", &[&file]);
    assert_eq!((day.symbols.len(), day.messages.len()), (1, 2));
}

#[test]
fn a_cut_file_gives_all_before_the_cut_and_then_an_error() {
    let mut file = DbnFile::new().with((0..3000).map(Mbo::add));
    file.records.truncate(2000 * 56 + 7);
    let day = read("ES", &[&file]);
    assert_eq!(day.messages.len(), 2000);
    let error = day.error.unwrap();
    assert!(error.starts_with("record 2000 at byte"), "{error}");
}
