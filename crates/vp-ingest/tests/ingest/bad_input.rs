//! What is refused, with which words, and what has been delivered by then.

use dbn::Schema;
use vp_ingest::{Input, Inspection};
use vp_lake::Lake;
use vp_market::ProductType;

use crate::dbn_file::{DbnFile, Folder, Mbo, es_session, read, read_bytes};

/// Checks the message of reading `bytes` as ESH4, and how many records came before it.
fn check(bytes: &[u8], delivered: usize, message: &str) {
    let folder = Folder::new();
    let outcome = read_bytes(&folder, "a.dbn", bytes);
    assert_eq!(outcome.message(&folder), message);
    assert_eq!(outcome.records.len(), delivered);
}

#[test]
fn files_that_are_no_dbn_are_refused() {
    check(
        b"",
        0,
        "a.dbn ends within its head: 0 bytes found; download it again",
    );
    check(
        b"DBN\x03",
        0,
        "a.dbn ends within its head: 4 bytes found; download it again",
    );
    check(b"hello", 0, "a.dbn is not a DBN file");
    check(b"hello, world", 0, "a.dbn is not a DBN file");
    check(
        &zstd::encode_all(&b"hello, world"[..], 1).unwrap(),
        0,
        "a.dbn is not a DBN file",
    );
    let whole = DbnFile::new().bytes();
    check(
        &whole[..100],
        0,
        "a.dbn ends within its head: 100 bytes found; download it again",
    );
}

#[test]
fn other_versions_and_absurd_metadata_are_refused() {
    let mut bytes = DbnFile::new().bytes();
    bytes[3] = 4;
    check(
        &bytes,
        0,
        "a.dbn is of DBN version 4, versions 1 to 3 can be read",
    );
    bytes[3] = 3;
    bytes[4..8].fill(0xFF);
    check(
        &bytes,
        0,
        "the metadata of a.dbn are 4294967295 bytes long, more than the 25165824 that are read; \
         order fewer symbols in one file",
    );
    // The longest that are read are then looked for, and are not there.
    bytes[4..8].copy_from_slice(&25_165_824u32.to_le_bytes());
    let found = bytes.len();
    check(
        &bytes,
        0,
        &format!("a.dbn ends within its head: {found} bytes found; download it again"),
    );
    let mut bytes = DbnFile::new().bytes();
    bytes[53..55].copy_from_slice(&1u16.to_le_bytes());
    check(
        &bytes,
        0,
        "the metadata of a.dbn are corrupt: symbols of 1 bytes; download it again",
    );
}

#[test]
fn another_schema_is_refused() {
    let file = DbnFile {
        schema: Some(Schema::Trades),
        ..DbnFile::new()
    };
    check(
        &file.bytes(),
        0,
        "a.dbn holds records of the schema trades, expected mbo",
    );
}

#[test]
fn a_file_cut_within_a_record_is_delivered_up_to_it() {
    let file = DbnFile::new().with((0..5000).map(Mbo::add));
    let mut bytes = file.bytes();
    bytes.truncate(bytes.len() - 20);
    let offset = file.head_length() + 4999 * 56;
    let message = format!(
        "record 4999 at byte {offset} of a.dbn is cut short: 56 bytes expected, 36 found; \
         download it again"
    );
    check(&bytes, 4999, &message);
    check(&zstd::encode_all(&bytes[..], 1).unwrap(), 4999, &message);
}

#[test]
fn a_cut_compressed_file_is_delivered_up_to_the_cut() {
    let folder = Folder::new();
    let file = DbnFile::new().with((0..20_000).map(Mbo::add));
    let mut bytes = file.compressed();
    bytes.truncate(bytes.len() / 2);
    let outcome = read_bytes(&folder, "a.dbn.zst", &bytes);
    let delivered = outcome.records.len();
    assert!(delivered > 1000, "{delivered}");
    assert_eq!(
        outcome.order_ids(),
        (0..delivered as u64).collect::<Vec<_>>()
    );
    let offset = file.head_length() + delivered * 56;
    assert_eq!(
        outcome.message(&folder),
        format!(
            "record {delivered} at byte {offset} of a.dbn.zst cannot be read: the compressed data \
             is cut short"
        )
    );
}

#[test]
fn a_corrupt_compressed_file_is_delivered_up_to_the_defect() {
    let folder = Folder::new();
    let file = DbnFile::new().with((0..20_000).map(Mbo::add));
    // An invalid second frame.
    let bytes = [file.compressed(), b"not a frame".to_vec()].concat();
    let outcome = read_bytes(&folder, "a.dbn.zst", &bytes);
    assert_eq!(outcome.records.len(), 20_000);
    let offset = file.head_length() + 20_000 * 56;
    let message = outcome.message(&folder);
    let start = format!("record 20000 at byte {offset} of a.dbn.zst cannot be read: ");
    assert!(message.starts_with(&start), "{message}");
}

#[test]
fn a_corrupt_record_is_reported_after_those_before_it() {
    for (header, rtype, length) in [
        ([0, 0xA0], "0xa0", 0),
        ([13, 0xA0], "0xa0", 52),
        ([5, 0x17], "0x17", 20),
    ] {
        let mut file = DbnFile::new().with((0..3).map(Mbo::add));
        let at = file.records.len();
        let mut file_after = DbnFile::new().with([Mbo::add(3), Mbo::add(4)]);
        file_after.records[..2].copy_from_slice(&header);
        file.records.extend(file_after.records);
        let offset = file.head_length() + at;
        check(
            &file.bytes(),
            3,
            &format!(
                "record 3 at byte {offset} of a.dbn is corrupt: rtype {rtype} with a length of \
                 {length} bytes; download it again"
            ),
        );
    }
}

#[test]
fn a_symbol_that_is_not_mapped_lists_those_that_are() {
    let file = DbnFile {
        mappings: vec![("ESM4", 1, [25, 26]), ("ESH4-ESM4", 2, [25, 26])],
        ..DbnFile::new()
    };
    check(
        &file.bytes(),
        0,
        "a.dbn does not map ESH4; it maps: ESH4-ESM4, ESM4",
    );
}

#[test]
fn a_symbol_that_is_mapped_on_other_dates_says_so() {
    let file = DbnFile {
        mappings: vec![("ESH4", 17, [24, 25])],
        ..DbnFile::new()
    };
    check(
        &file.bytes(),
        0,
        "a.dbn maps ESH4 on other dates than 2023-12-25: to 17 from 2023-12-24 until 2023-12-25 \
         (exclusive)",
    );
}

#[test]
fn two_instruments_without_mappings_are_refused() {
    let file = DbnFile {
        mappings: Vec::new(),
        ..DbnFile::new()
    };
    let other = Mbo {
        instrument_id: 99,
        ..Mbo::add(1)
    };
    let records = (0..3000).map(Mbo::add).chain([other]);
    check(
        &file.with(records).bytes(),
        0,
        "a.dbn maps no symbols and holds more than one instrument (17, 99, ...); choose one with \
         --instrument-id",
    );
}

#[test]
fn prices_off_the_tick_refuse_the_file_before_anything_is_delivered() {
    let off = |order_id| Mbo {
        price: 4_800_300_000_000,
        ..Mbo::add(order_id)
    };
    check(
        &DbnFile::new().with((0..3000).map(off)).bytes(),
        0,
        "a.dbn does not hold prices of ESH4: 1024 of the first 1024 prices are off its tick 0.25, \
         such as 4800.3; check the symbol, or the tick in the product table",
    );
    // A minority is the book's business.
    let some = (0..4).map(Mbo::add).chain((4..8).map(off));
    check(&DbnFile::new().with(some).bytes(), 8, "");
}

#[test]
fn a_missing_folder_names_the_command_that_fetches_it() {
    let folder = Folder::new();
    folder.write(
        "raw/source=databento/product_type=future_mbo/symbol=NQ/x",
        b"",
    );
    let outcome = read(es_session(Input::Lake(Lake::new(folder.path()))));
    assert_eq!(
        outcome.message(&folder),
        "the lake has no raw files of ESH4: there is no folder raw/source=databento/\
         product_type=future_mbo/symbol=ES/table=market_by_order_dbn; there are: NQ; to fetch it: \
         download futures daemon --start 2023-12-25 --end 2023-12-25 --symbols ES --include-futures"
    );
}

#[test]
fn a_missing_date_lists_the_dates_there_are() {
    let folder = Folder::new();
    let lake = Lake::new(folder.path());
    let mbo = lake.raw_mbo(ProductType::EquityMbo, "ARL");
    for date in ["20231221", "20231222"] {
        let name = mbo.path().join(format!("xnas-itch-{date}.mbo.dbn.zst"));
        folder.write(name.to_str().unwrap(), b"");
    }
    let mut spec = es_session(Input::Lake(lake));
    let table = vp_market::ProductTable::embedded();
    spec.instrument = table.instrument(ProductType::EquityMbo, "ARL").unwrap();
    assert_eq!(
        read(spec).message(&folder),
        "raw/source=databento/product_type=equity_mbo/symbol=ARL/table=market_by_order_dbn has no \
         file of 2023-12-25; there are: 2023-12-21, 2023-12-22; to fetch it: download equities \
         daemon --start 2023-12-25 --end 2023-12-25 --symbols ARL"
    );
}

#[test]
fn a_missing_file_is_an_error() {
    let folder = Folder::new();
    let outcome = read(es_session(Input::File(folder.path().join("none.dbn"))));
    let message = outcome.message(&folder);
    assert!(
        message.starts_with("the head of none.dbn cannot be read: "),
        "{message}"
    );
}

#[test]
fn a_broken_file_is_inspected_up_to_its_defect() {
    let folder = Folder::new();
    let mut bytes = DbnFile::new().with((0..10).map(Mbo::add)).bytes();
    bytes.truncate(bytes.len() - 1);
    let found = Inspection::of(&folder.write("a.dbn", &bytes)).unwrap();
    assert_eq!(found.records, 9);
    assert_eq!(found.mbo.by_action[&'A'], 9);
    assert_eq!(found.by_rtype["mbo"], 9);
    assert!(found.fault.is_some());
}
