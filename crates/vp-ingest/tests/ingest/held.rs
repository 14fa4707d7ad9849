//! Which sessions a file holds, and which of them is taken.

use dbn::Schema;
use vp_ingest::{FileChoice, FileWish, HeldSessions, IngestError};
use vp_market::{ProductTable, ProductType};

use crate::dbn_file::{DAY, DbnFile, ES_ID, Folder, Mbo};
use crate::definitions::{CALL, Listing, definitions_file};

const OTHER_ID: u32 = 18;
const SPREAD_ID: u32 = 19;

fn of(instrument_id: u32, order_id: u64) -> Mbo {
    Mbo {
        instrument_id,
        ..Mbo::add(order_id)
    }
}

/// Two contracts, their spread and an option.
fn whole_parent() -> DbnFile {
    DbnFile {
        mappings: vec![
            ("ESH4", ES_ID, [25, 26]),
            ("ESM4", OTHER_ID, [25, 26]),
            ("ESH4-ESM4", SPREAD_ID, [25, 26]),
            ("E1AZ3 C4800", 20, [25, 26]),
        ],
        ..DbnFile::new()
    }
    .with([
        of(SPREAD_ID, 1),
        of(SPREAD_ID, 2),
        of(SPREAD_ID, 3),
        of(ES_ID, 4),
        of(OTHER_ID, 5),
        of(OTHER_ID, 6),
        of(20, 7),
    ])
}

fn held(file: &DbnFile) -> HeldSessions {
    let folder = Folder::new();
    HeldSessions::of(&folder.write("a.dbn", &file.bytes()), None).unwrap()
}

fn listed(file: &DbnFile) -> String {
    held(file).to_string()
}

fn choose(file: &DbnFile, wish: FileWish<'_>) -> Result<(String, String), String> {
    let folder = Folder::new();
    let path = folder.write("a.dbn", &file.bytes());
    let choice = FileChoice::new(&path, wish, &mut ProductTable::embedded());
    choice
        .map(|choice| (choice.instrument.symbol, choice.date.to_string()))
        .map_err(|error| {
            error
                .to_string()
                .replace(&path.display().to_string(), "FILE")
        })
}

#[test]
fn contracts_are_listed_and_spreads_and_options_are_not() {
    assert_eq!(
        listed(&whole_parent()),
        "ESM4 of 2023-12-25 (2 records), ESH4 of 2023-12-25 (1 records)"
    );
    assert!(held(&whole_parent()).is_whole());
}

#[test]
fn the_busiest_session_that_fits_the_wish_is_chosen() {
    let file = whole_parent();
    let found = |symbol: &str| Ok((symbol.to_owned(), "2023-12-25".to_owned()));
    assert_eq!(choose(&file, FileWish::default()), found("ESM4"));
    let wish = |symbol| FileWish {
        symbol: Some(symbol),
        ..FileWish::default()
    };
    assert_eq!(choose(&file, wish("ESH4")), found("ESH4"));
    assert_eq!(
        choose(&file, wish("ESU4")).unwrap_err(),
        "FILE holds no session of ESU4; it holds ESM4 of 2023-12-25 (2 records), ESH4 of \
         2023-12-25 (1 records)"
    );
}

#[test]
fn records_belong_to_the_day_on_which_they_were_received() {
    let next_day = |order_id| Mbo {
        ts_recv: Mbo::add(order_id).ts_recv + DAY,
        ..Mbo::add(order_id)
    };
    let file = DbnFile {
        mappings: vec![("ESH4", ES_ID, [25, 27])],
        end: Some(DbnFile::new().start + 2 * DAY),
        ..DbnFile::new()
    }
    .with([Mbo::add(1), next_day(2), next_day(3)]);
    assert_eq!(
        listed(&file),
        "ESH4 of 2023-12-26 (2 records), ESH4 of 2023-12-25 (1 records)"
    );
    let wish = FileWish {
        date: "2023-12-25".parse().ok(),
        ..FileWish::default()
    };
    assert_eq!(choose(&file, wish).unwrap().1, "2023-12-25");
}

#[test]
fn a_file_of_one_contract_and_day_is_not_read_to_its_end() {
    let file = DbnFile::new().with((1..5_000).map(Mbo::add));
    let held = held(&file);
    assert_eq!(held.to_string(), "ESH4 of 2023-12-25");
    assert!(!held.is_whole());
    assert!(held.sessions()[0].records < 4_999);
}

#[test]
fn mapping_records_name_contracts() {
    let file = DbnFile {
        mappings: Vec::new(),
        end: None,
        ..DbnFile::new()
    };
    let file = file
        .mapping(ES_ID, "ES.v.0", "ESH4")
        .with([Mbo::add(1), Mbo::add(2)]);
    assert_eq!(listed(&file), "ESH4 of 2023-12-25");
    assert!(held(&file).is_whole());
}

#[test]
fn shares_have_records_outside_their_session() {
    let at_night = Mbo {
        ts_recv: DbnFile::new().start + 1,
        ..Mbo::add(1)
    };
    let file = DbnFile {
        dataset: "XNAS.ITCH",
        mappings: vec![("BRK.B", ES_ID, [25, 26]), ("ARL", OTHER_ID, [25, 26])],
        ..DbnFile::new()
    }
    .with([at_night, Mbo::add(2), of(OTHER_ID, 3), of(OTHER_ID, 4)]);
    let held = held(&file);
    assert_eq!(held.product_type(), ProductType::EquityMbo);
    assert_eq!(
        held.to_string(),
        "ARL of 2023-12-25 (2 records), BRK.B of 2023-12-25 (1 records)"
    );
}

#[test]
fn a_file_that_breaks_holds_what_comes_before() {
    let folder = Folder::new();
    let bytes = whole_parent().bytes();
    let path = folder.write("a.dbn", &bytes[..bytes.len() - 60]);
    let held = HeldSessions::of(&path, None).unwrap();
    assert_eq!(
        held.to_string(),
        "ESH4 of 2023-12-25 (1 records), ESM4 of 2023-12-25 (1 records)"
    );
    assert!(!held.is_whole());
}

#[test]
fn a_file_that_names_no_contract_says_what_to_name() {
    let file = DbnFile {
        mappings: vec![("ES.v.0", ES_ID, [25, 26])],
        ..DbnFile::new()
    }
    .with([Mbo::add(1)]);
    assert_eq!(
        choose(&file, FileWish::default()).unwrap_err(),
        "FILE holds no session; it maps no contract (it maps: ES.v.0): name the contract with \
         `symbol`, the date with `dt`, its id with `instrument_id`"
    );
}

#[test]
fn other_schemas_and_unknown_datasets_are_refused() {
    let folder = Folder::new();
    let file = DbnFile {
        schema: Some(Schema::Trades),
        ..DbnFile::new()
    };
    let path = folder.write("trades.dbn", &file.bytes());
    let error = HeldSessions::of(&path, None).unwrap_err();
    assert!(matches!(error, IngestError::Schema { .. }), "{error}");
    let file = DbnFile {
        dataset: "MARS.ONE",
        ..DbnFile::new()
    }
    .with([Mbo::add(1)]);
    let path = folder.write("mars.dbn", &file.bytes());
    let error = HeldSessions::of(&path, None).unwrap_err();
    assert!(
        matches!(error, IngestError::UnknownDataset { .. }),
        "{error}"
    );
    let held = HeldSessions::of(&path, Some(ProductType::FutureMbo)).unwrap();
    assert_eq!(held.sessions()[0].symbol, "ESH4");
}

/// A contract of a root that no table has.
fn unknown_root() -> DbnFile {
    DbnFile {
        mappings: vec![("XKH4", ES_ID, [25, 26])],
        ..DbnFile::new()
    }
    .with([Mbo::add(1)])
}

#[test]
fn an_unknown_root_is_refused_with_the_lines_to_add() {
    let error = choose(&unknown_root(), FileWish::default()).unwrap_err();
    assert!(error.starts_with("unknown root \"XK\""), "{error}");
    // They are lines that a product table takes.
    let (_, lines) = error.split_once("\n\n").unwrap();
    let embedded = include_str!("../../../vp-market/products.toml");
    let table = ProductTable::parse(&format!("{embedded}\n{lines}\n")).unwrap();
    assert!(table.future("XK").is_ok());
}

#[test]
fn the_tick_of_an_unknown_root_comes_from_the_definition_beside_the_file() {
    let listing = Listing {
        id: ES_ID,
        symbol: "XKH4",
        class: b'F',
        tick: 125_000_000,
        ..CALL
    };
    for version in 1..=3 {
        let folder = Folder::new();
        let path = folder.write("a.dbn", &unknown_root().bytes());
        folder.write(
            "a.definition.dbn.zst",
            &definitions_file(version, &[CALL, listing]).compressed(),
        );
        folder.write("b.definition.dbn", b"no DBN at all");
        let mut products = ProductTable::embedded();
        let choice = FileChoice::new(&path, FileWish::default(), &mut products).unwrap();
        assert_eq!(choice.instrument.product.tick.to_string(), "0.125");
        assert_eq!(choice.instrument.product.multiplier.to_string(), "1");
        assert_eq!(products.future("XK"), Ok(&choice.instrument.product));
    }
}

#[test]
fn a_root_is_answered_by_the_contracts_of_the_file() {
    for (date, when) in [
        (None, ""),
        (Some("2023-12-25".parse().unwrap()), " on 2023-12-25"),
    ] {
        let wish = FileWish {
            symbol: Some("ES.FUT"),
            date,
            ..FileWish::default()
        };
        let error = choose(&whole_parent(), wish).unwrap_err();
        let start = format!(
            "FILE holds no session of ES.FUT (which is no single contract){when}; it holds ESM4 of"
        );
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn a_file_of_another_product_type_is_refused_before_it_is_counted() {
    let wish = FileWish {
        product_type: Some(ProductType::EquityMbo),
        ..FileWish::default()
    };
    let expected = "FILE is of the dataset GLBX.MDP3, which is not equity_mbo: use `product_type` \
                    future_mbo";
    assert_eq!(choose(&whole_parent(), wish), Err(expected.to_owned()));
}
