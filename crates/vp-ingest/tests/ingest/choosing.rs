//! Which records of a file are the session's: by what its metadata or its mapping records say of
//! instrument ids, by what was chosen, and by publisher.

use vp_ingest::{IngestError, Input, Inspection, RawDay, RawDaySpec, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{ProductTable, ProductType};

use crate::dbn_file::{DAY, DbnFile, ES_ID, Folder, Mbo, Outcome, es_session, read};

/// The session of a symbol in a file.
fn session(
    folder: &Folder,
    file: &DbnFile,
    product_type: ProductType,
    symbol: &str,
) -> SessionSpec {
    let path = folder.write("a.dbn", &file.bytes());
    SessionSpec {
        instrument: ProductTable::embedded()
            .instrument(product_type, symbol)
            .unwrap(),
        ..es_session(Input::File(path))
    }
}

/// Reads a file as a futures contract; returns the order ids, or the error.
fn read_as(file: &DbnFile, symbol: &str, instrument_id: Option<u32>) -> Result<Vec<u64>, String> {
    let folder = Folder::new();
    let spec = session(&folder, file, ProductType::FutureMbo, symbol);
    let outcome = read(SessionSpec {
        instrument_id,
        ..spec
    });
    match outcome.error {
        None => Ok(outcome.order_ids()),
        Some(_) => Err(outcome.message(&folder)),
    }
}

fn of(instrument_id: u32, order_id: u64) -> Mbo {
    Mbo {
        instrument_id,
        ..Mbo::add(order_id)
    }
}

/// A recorded stream: nothing in the metadata, all in the records.
fn stream(version: u8) -> DbnFile {
    DbnFile {
        version,
        mappings: Vec::new(),
        end: None,
        ..DbnFile::new()
    }
}

#[test]
fn mapping_records_count_like_metadata() {
    for version in 1..=3 {
        let file = stream(version)
            .mapping(1, "ES.FUT", "ESH4")
            .mapping(2, "ESM4", "ESM4")
            .with([of(1, 10), of(2, 20), of(3, 30), of(1, 11)]);
        assert_eq!(read_as(&file, "ESH4", None), Ok(vec![10, 11]));
        assert_eq!(read_as(&file, "ESM4", None), Ok(vec![20]));
        let error = read_as(&file, "NQH4", None).unwrap_err();
        assert_eq!(error, "a.dbn does not map NQH4; it maps: ESH4, ESM4");
    }
}

#[test]
fn a_mapping_that_comes_late_counts_for_the_whole_stream() {
    let file = stream(3)
        .with((0..2000).map(|order| of(1, order)))
        .mapping(1, "ESH4", "ESH4");
    assert_eq!(read_as(&file, "ESH4", None).unwrap().len(), 2000);
    assert!(read_as(&file, "ESM4", None).is_err());
}

#[test]
fn a_mapping_says_when_it_holds() {
    let mut file = stream(3).mapping(1, "ESH4", "ESH4").with([of(1, 0)]);
    let ends = |file: &mut DbnFile, end: u64| {
        file.records[168..176].copy_from_slice(&end.to_le_bytes());
    };
    ends(&mut file, crate::dbn_file::DAY_START);
    let error = read_as(&file, "ESH4", None).unwrap_err();
    assert_eq!(
        error,
        "a.dbn maps ESH4 on other dates than 2023-12-25: to 1 until \
         2023-12-25T00:00:00.000000000Z (exclusive)"
    );
    ends(&mut file, crate::dbn_file::DAY_START + 1);
    assert_eq!(read_as(&file, "ESH4", None), Ok(vec![0]));
}

#[test]
fn a_stream_of_one_instrument_is_not_read_as_another_contract() {
    let file = stream(2).mapping(1, "ESH4", "ESH4").with([of(1, 0)]);
    let error = read_as(&file, "NQH4", None).unwrap_err();
    assert_eq!(error, "a.dbn does not map NQH4; it maps: ESH4");
    // Nor where its id is chosen.
    let error = read_as(&file, "NQH4", Some(1)).unwrap_err();
    assert_eq!(
        error,
        "a.dbn maps the instrument 1 to ESH4, not to NQH4: ask for ESH4, or choose another \
         --instrument-id"
    );
}

#[test]
fn an_instrument_that_becomes_another_contract_ends_the_session_there() {
    let file = stream(3)
        .mapping(1, "ESH4", "ESH4")
        .with((0..3000).map(|order| of(1, order)))
        .mapping(1, "ESM4", "ESM4")
        .with([of(1, 9000)]);
    let folder = Folder::new();
    let mut spec = session(&folder, &file, ProductType::FutureMbo, "ESH4");
    assert!(
        read(spec.clone())
            .message(&folder)
            .contains("maps the instrument 1 to ESM4")
    );
    // Chosen by its id the records are not read ahead.
    spec.instrument_id = Some(1);
    let outcome = read(spec);
    assert_eq!(outcome.records.len(), 3000);
    assert!(
        outcome
            .message(&folder)
            .contains("maps the instrument 1 to ESM4")
    );
}

#[test]
fn an_inspection_names_what_mapping_records_name() {
    let folder = Folder::new();
    for version in 1..=3 {
        let file = stream(version)
            .mapping(1, "ESH4", "ESH4")
            .mapping(2, "ESM4", "ESM4")
            .mapping(1, "ESH4", "ESH4")
            .with([of(1, 0), of(2, 1)]);
        let found = Inspection::of(&folder.write("a.dbn", &file.bytes())).unwrap();
        let date = "2023-12-25".parse().unwrap();
        assert_eq!(
            found.symbols.symbols_of(1, date).collect::<Vec<_>>(),
            ["ESH4"]
        );
        assert_eq!(
            found.symbols.symbols_of(2, date).collect::<Vec<_>>(),
            ["ESM4"]
        );
        assert_eq!(found.symbols.ids("ESH4").len(), 1);
    }
}

/// A file that was ordered by a rule: its metadata map that, not the contract.
fn ordered_by(rule: &'static str) -> DbnFile {
    DbnFile {
        mappings: vec![(rule, 1, [25, 26])],
        ..DbnFile::new()
    }
}

#[test]
fn a_file_that_names_no_contract_is_read_if_it_holds_one_instrument_or_one_is_chosen() {
    for rule in ["ES.v.0", "ES.c.0", "ES.FUT", "1"] {
        let one = ordered_by(rule).with([of(1, 0), of(1, 1)]);
        assert_eq!(read_as(&one, "ESH4", None), Ok(vec![0, 1]), "{rule}");
        let two = one.with([of(2, 2)]);
        assert_eq!(
            read_as(&two, "ESH4", None).unwrap_err(),
            format!(
                "a.dbn maps no contract (it maps: {rule}) and holds more than one instrument (1, \
                 2, ...); choose one with --instrument-id"
            )
        );
        assert_eq!(read_as(&two, "ESH4", Some(2)), Ok(vec![2]), "{rule}");
    }
}

#[test]
fn a_rule_of_another_root_contradicts_a_contract() {
    let file = ordered_by("NQ.v.0").with([of(1, 0)]);
    for id in [None, Some(1)] {
        let error = read_as(&file, "ESH4", id).unwrap_err();
        assert!(
            error.contains("maps the instrument 1 to NQ.v.0, not to ESH4"),
            "{error}"
        );
    }
}

#[test]
fn a_spread_is_no_contract_even_alone_and_chosen() {
    let file = ordered_by("ESH4-ESM4").with([of(1, 0)]);
    let error = read_as(&file, "ESH4", None).unwrap_err();
    assert_eq!(error, "a.dbn does not map ESH4; it maps: ESH4-ESM4");
    assert!(read_as(&file, "ESH4", Some(1)).is_err());
}

#[test]
fn a_share_is_read_by_its_id_under_another_spelling() {
    let file = DbnFile {
        dataset: "XNAS.ITCH",
        mappings: vec![("AAC+", 1, [25, 26]), ("AAC=", 2, [25, 26])],
        ..DbnFile::new()
    };
    let folder = Folder::new();
    let file = file.with([of(1, 0), of(2, 1)]);
    let mut spec = session(&folder, &file, ProductType::EquityMbo, "AAC");
    spec.instrument_id = Some(2);
    assert_eq!(read(spec).order_ids(), [1]);
    for (symbol, order_id) in [("AAC+", 0), ("AAC=", 1)] {
        let spec = session(&folder, &file, ProductType::EquityMbo, symbol);
        assert_eq!(read(spec).order_ids(), [order_id]);
    }
}

#[test]
fn a_dataset_of_another_product_type_is_refused() {
    let folder = Folder::new();
    let futures = DbnFile::new().with([Mbo::add(0)]);
    let spec = session(&folder, &futures, ProductType::EquityMbo, "ESH4");
    assert_eq!(
        read(spec).message(&folder),
        "a.dbn is of the dataset GLBX.MDP3, which is not equity_mbo: use `product_type` future_mbo"
    );
    for dataset in ["XNAS.ITCH", "XNAS.BASIC"] {
        let shares = DbnFile {
            dataset,
            ..futures.clone()
        };
        let spec = session(&folder, &shares, ProductType::FutureMbo, "ESH4");
        let text = read(spec).message(&folder);
        assert!(
            text.ends_with("is not future_mbo: use `product_type` equity_mbo"),
            "{text}"
        );
    }
    let unknown = DbnFile {
        dataset: "SELF.MADE",
        ..futures
    };
    let spec = session(&folder, &unknown, ProductType::FutureMbo, "ESH4");
    assert_eq!(read(spec).order_ids(), [0]);
}

/// A record of a publisher.
fn from(publisher: u16, order_id: u64) -> Mbo {
    Mbo {
        publisher,
        ..Mbo::add(order_id)
    }
}

/// Reads a file of that dataset as ESH4, of a publisher.
fn read_publishers(
    dataset: &'static str,
    records: impl IntoIterator<Item = Mbo>,
    publisher: Option<u16>,
) -> (Outcome, String) {
    let folder = Folder::new();
    let file = DbnFile {
        dataset,
        ..DbnFile::new()
    };
    let mut spec = session(&folder, &file.with(records), ProductType::FutureMbo, "ESH4");
    spec.publisher = publisher;
    let outcome = read(spec);
    let message = outcome.message(&folder);
    (outcome, message)
}

#[test]
fn several_publishers_of_an_instrument_are_refused_at_opening() {
    // The second and third come late, and in between there are other instruments.
    let records = || {
        let first = (0..5000).map(|order| from(39, order));
        let other = Mbo {
            instrument_id: ES_ID + 1,
            ..from(40, 1)
        };
        first.chain([other, from(41, 5000), from(60_000, 5001)])
    };
    for dataset in ["DBEQ.BASIC", "SELF.MADE"] {
        let (outcome, message) = read_publishers(dataset, records(), None);
        assert_eq!(outcome.records.len(), 0);
        assert!(
            message.starts_with("a.dbn holds records of ESH4 from more than one publisher: 39 ("),
            "{message}"
        );
        assert!(
            message.contains(", 41 (") && message.contains(", 60000; "),
            "{message}"
        );
        assert!(!message.contains("40 ("), "{message}");
        assert!(
            message.ends_with("choose one with --publisher"),
            "{message}"
        );
    }
}

#[test]
fn a_publisher_that_is_chosen_is_read_alone() {
    let records = [from(39, 0), from(41, 1), from(39, 2)];
    for (publisher, expected) in [(39, vec![0, 2]), (41, vec![1])] {
        let (outcome, message) = read_publishers("DBEQ.BASIC", records, Some(publisher));
        assert_eq!(message, "");
        assert_eq!(outcome.order_ids(), expected);
        let skipped = 3 - u64::try_from(expected.len()).unwrap();
        assert_eq!(outcome.counters.other_publishers, skipped);
    }
    let (outcome, message) = read_publishers("DBEQ.BASIC", records, Some(7));
    assert_eq!(outcome.records.len(), 0);
    assert!(
        message.starts_with(
            "a.dbn holds no record of ESH4 from the publisher 7 in this session; it holds records \
             of: 39 ("
        ),
        "{message}"
    );
}

#[test]
fn publishers_of_other_days_do_not_matter() {
    let yesterday = Mbo {
        ts_recv: crate::dbn_file::DAY_START - DAY,
        ..from(39, 0)
    };
    let (outcome, message) = read_publishers("DBEQ.BASIC", [yesterday, from(41, 1)], None);
    assert_eq!((message.as_str(), outcome.order_ids()), ("", vec![1]));
}

#[test]
fn a_dataset_of_one_venue_that_holds_a_second_publisher_ends_there() {
    let records =
        (0..3000)
            .map(|order| from(1, order))
            .chain([from(2, 3000), from(1, 3001), from(3, 3002)]);
    let (outcome, message) = read_publishers("GLBX.MDP3", records, None);
    assert_eq!(outcome.order_ids(), (0..3000).collect::<Vec<_>>());
    assert!(
        message.contains("more than one publisher: 1 (GLBX.MDP3.GLBX), 2 (XNAS.ITCH.XNAS), 3 ("),
        "{message}"
    );
    // Nothing is delivered of a file that begins so.
    let (outcome, message) = read_publishers("GLBX.MDP3", [from(1, 0), from(2, 1)], None);
    assert!(outcome.records.len() <= 1);
    assert!(message.contains("more than one publisher"), "{message}");
}

/// A lake with two files of the date, of those datasets and publishers.
fn two_feeds(folder: &Folder, feeds: [(&'static str, u16); 2]) -> Lake {
    let lake = Lake::new(folder.path());
    let raw = lake.raw_mbo(ProductType::FutureMbo, "ES");
    for (number, (dataset, publisher)) in feeds.into_iter().enumerate() {
        let file = DbnFile {
            dataset,
            ..DbnFile::new()
        };
        let path = raw.path().join(format!("{number}-20231225.mbo.dbn"));
        let bytes = file.with([from(publisher, number as u64)]).bytes();
        folder.write(path.to_str().unwrap(), &bytes);
    }
    lake
}

#[test]
fn publishers_are_compared_across_the_files_of_a_session() {
    for feeds in [
        [("GLBX.MDP3", 1), ("SELF.MADE", 2)],
        [("SELF.MADE", 1), ("OTHER", 2)],
        [("GLBX.MDP3", 1), ("GLBX.MDP3", 2)],
    ] {
        let folder = Folder::new();
        let lake = two_feeds(&folder, feeds);
        let mut spec = es_session(Input::Lake(lake));
        let message = read(spec.clone()).message(&folder);
        assert!(
            message.contains("more than one publisher: 1 ("),
            "{message}"
        );
        spec.publisher = Some(2);
        assert_eq!(read(spec).order_ids(), [1]);
    }
}

/// Opens and reads the raw day of a symbol.
fn read_day(
    folder: &Folder,
    symbol: &str,
    choice: (Option<u32>, Option<u16>),
) -> Result<Vec<(String, u64)>, IngestError> {
    let (instrument_id, publisher) = choice;
    let mut day = RawDay::open(&RawDaySpec {
        lake: Lake::new(folder.path()),
        product_type: ProductType::FutureMbo,
        symbol: symbol.into(),
        root: "ES".into(),
        date: "2023-12-25".parse().unwrap(),
        instrument_id,
        publisher,
    })?;
    let (symbols, mut found) = (day.symbols().to_vec(), Vec::new());
    while day.read(|contract, message| {
        found.push((symbols[contract].clone(), message.order_id));
    })? {}
    Ok(found)
}

fn in_lake(file: &DbnFile) -> Folder {
    let folder = Folder::new();
    let raw = Lake::new(folder.path()).raw_mbo(ProductType::FutureMbo, "ES");
    let path = raw.path().join("a-20231225.mbo.dbn");
    folder.write(path.to_str().unwrap(), &file.bytes());
    folder
}

#[test]
fn a_raw_day_refuses_several_publishers_of_one_contract() {
    let file = DbnFile {
        mappings: vec![("ESH4", 1, [25, 26]), ("ESM4", 2, [25, 26])],
        ..DbnFile::new()
    };
    let of = |id, publisher, order_id| Mbo {
        publisher,
        ..of(id, order_id)
    };
    // Each contract has one.
    let folder = in_lake(&file.clone().with([of(1, 39, 0), of(2, 41, 1)]));
    assert_eq!(read_day(&folder, "ES", (None, None)).unwrap().len(), 2);
    let folder = in_lake(&file.with([of(1, 39, 0), of(2, 41, 1), of(1, 41, 2)]));
    let error = read_day(&folder, "ES", (None, None))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("records of ESH4 from more than one publisher: 39 ("),
        "{error}"
    );
    let found = read_day(&folder, "ES", (None, Some(41))).unwrap();
    assert_eq!(found, [("ESM4".into(), 1), ("ESH4".into(), 2)]);
    let error = read_day(&folder, "ES", (None, Some(7)))
        .unwrap_err()
        .to_string();
    assert!(error.contains("from the publisher 7"), "{error}");
}

#[test]
fn a_raw_day_takes_mapping_records_and_an_instrument_id() {
    let file = stream(3)
        .mapping(1, "ESH4", "ESH4")
        .mapping(2, "ESM4", "ESM4")
        .with([of(1, 0), of(2, 1)]);
    let found = read_day(&in_lake(&file), "ES", (None, None)).unwrap();
    assert_eq!(found, [("ESH4".into(), 0), ("ESM4".into(), 1)]);

    let folder = in_lake(&ordered_by("ES.v.0").with([of(1, 0), of(2, 1)]));
    let error = read_day(&folder, "ES", (None, None))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("maps no contract (it maps: ES.v.0), so that the contract"),
        "{error}"
    );
    let error = read_day(&folder, "ESH4", (None, None))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("choose one with --instrument-id"),
        "{error}"
    );
    let found = read_day(&folder, "ESH4", (Some(2), None)).unwrap();
    assert_eq!(found, [("ESH4".into(), 1)]);
    let error = read_day(&folder, "ES", (Some(2), None))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("ask for the contract instead of the root ES"),
        "{error}"
    );
}

#[test]
fn a_raw_day_ends_where_an_instrument_becomes_another_contract() {
    let file = DbnFile::new()
        .with((0..2000).map(Mbo::add))
        .mapping(ES_ID, "ESH4", "ESH4")
        .mapping(ES_ID, "ESM4", "ESM4");
    let error = read_day(&in_lake(&file), "ES", (None, None))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("maps the instrument 17 to ESM4, not to ESH4"),
        "{error}"
    );
}

#[test]
fn a_session_that_is_opened_again_keeps_to_its_choice() {
    let folder = Folder::new();
    let file = DbnFile {
        dataset: "DBEQ.BASIC",
        ..DbnFile::new()
    };
    let file = file.with([from(39, 0), from(41, 1)]);
    let mut spec = session(&folder, &file, ProductType::FutureMbo, "ESH4");
    spec.publisher = Some(41);
    let files = Source::open(spec.clone()).unwrap().files().to_vec();
    let mut again = Source::reopen(spec, files).unwrap();
    let mut batch = Vec::new();
    assert!(again.next_batch(&mut batch).unwrap());
    assert_eq!(batch.len(), 1);
}
