//! What passes of a day's options.

use dbn::{Cmbp1Msg, Schema};
use vp_ingest::{IngestError, MboMsg, OptionCounters, OptionDay, RawDaySpec};
use vp_lake::Lake;
use vp_market::{ProductType, Right};

use crate::dbn_file::{DbnFile, Folder, Mbo, NOON};
use crate::definitions::{CALL, DEFINITIONS, Listing, definitions_file};

const SECOND: u64 = 1_000_000_000;
const ORDERS: &str = "raw/source=databento/product_type=future_option_mbo/symbol=ES/\
                      table=market_by_order_dbn/glbx-20231225.mbo.dbn";
const QUOTES: &str = "raw/source=databento/product_type=equity_option_cmbp_1/symbol=QQQ/\
                      table=cmbp_1/opra-20231225.cmbp-1.dbn";

fn spec(folder: &Folder, product_type: ProductType, symbol: &str, root: &str) -> RawDaySpec {
    RawDaySpec {
        lake: Lake::new(folder.path()),
        product_type,
        symbol: symbol.into(),
        root: root.into(),
        date: "2023-12-25".parse().unwrap(),
        instrument_id: None,
        publisher: None,
    }
}

fn futures_options(folder: &Folder) -> Result<OptionDay, IngestError> {
    OptionDay::open(&spec(folder, ProductType::FutureOptionMbo, "ES", "ES"))
}

#[test]
fn orders_pass_whose_instrument_is_an_option_of_the_day() {
    let folder = Folder::new();
    let file = definitions_file(
        3,
        &[
            CALL,
            Listing {
                id: 8,
                class: b'P',
                ..CALL
            },
            Listing {
                id: 9,
                symbol: "UD:1V",
                ..CALL
            },
            Listing {
                id: 10,
                expiration: NOON + 48 * 3600 * SECOND,
                ..CALL
            },
        ],
    );
    folder.write(DEFINITIONS, &file.bytes());
    let of = |instrument_id, order_id| Mbo {
        instrument_id,
        ..Mbo::add(order_id)
    };
    let early = Mbo {
        ts_recv: NOON - 24 * 3600 * SECOND,
        ..of(7, 6)
    };
    let orders = DbnFile::new().with([
        of(8, 1),
        of(7, 2),
        of(9, 3),
        of(10, 4),
        of(11, 5),
        early,
        of(7, 7),
    ]);
    folder.write(ORDERS, &orders.bytes());

    let mut day = futures_options(&folder).unwrap();
    let rights: Vec<_> = day.options().iter().map(|option| option.right).collect();
    let mut passed = Vec::new();
    while day
        .read(|option, message: &MboMsg| passed.push((rights[option], message.order_id)))
        .unwrap()
    {}
    assert_eq!(
        passed,
        [(Right::Put, 1), (Right::Call, 2), (Right::Call, 7)]
    );
    let expected = OptionCounters {
        records: 7,
        undefined: 1,
        no_options: 1,
        other_expirations: 1,
        outside_window: 1,
        delivered: 3,
        ..OptionCounters::default()
    };
    assert_eq!(*day.counters(), expected);
    assert_eq!(day.inputs().len(), 2);
    assert_eq!(day.progress().bytes_read, day.progress().bytes_total);
}

#[test]
fn missing_definitions_are_told_with_the_pattern() {
    let folder = Folder::new();
    folder.write(ORDERS, &DbnFile::new().with([Mbo::add(1)]).bytes());
    let error = futures_options(&folder).unwrap_err();
    assert!(matches!(error, IngestError::NoDefinitions { .. }));
    let text = error.to_string();
    assert!(
        text.contains("dataset=definition/**/*20231225*.dbn*"),
        "{text}"
    );
}

#[test]
fn quotes_pass_whose_symbol_is_an_option_of_the_day() {
    let folder = Folder::new();
    let quote = |id: u32, ts_recv: u64| {
        let mut message = Cmbp1Msg::default_for_schema(Schema::Cmbp1);
        message.hd.instrument_id = id;
        // Quotes of one instrument come from many venues.
        message.hd.publisher_id = 20 + u16::try_from(id).unwrap();
        message.hd.ts_event = NOON;
        message.ts_recv = ts_recv;
        message.levels[0].bid_px = 1_000;
        message.as_ref().to_vec()
    };
    let of_today = (1..=5).map(|id| quote(id, NOON));
    let of_tomorrow = quote(1, NOON + 86_400 * SECOND);
    let file = DbnFile {
        dataset: "OPRA.PILLAR",
        schema: Some(Schema::Cmbp1),
        mappings: vec![
            ("QQQ   231225C00410000", 1, [25, 26]),
            ("QQQ   231226C00410000", 2, [25, 26]),
            ("QQQ1  231225C00410000", 3, [25, 26]),
            ("QQQ   231225P00410500", 4, [25, 26]),
        ],
        records: of_today.chain([of_tomorrow]).flatten().collect(),
        ..DbnFile::new()
    };
    folder.write(QUOTES, &file.bytes());
    let spec = spec(&folder, ProductType::EquityOptionCmbp1, "QQQ", "QQQ");
    let mut day = OptionDay::open(&spec).unwrap();
    let strikes: Vec<_> = day
        .options()
        .iter()
        .map(|option| option.strike.to_string())
        .collect();
    let mut passed = Vec::new();
    while day
        .read(|option, message: &Cmbp1Msg| {
            passed.push((strikes[option].clone(), message.levels[0].bid_px));
        })
        .unwrap()
    {}
    assert_eq!(passed, [("410".into(), 1_000), ("410.5".into(), 1_000)]);
    let counters = *day.counters();
    assert_eq!(
        (
            counters.other_expirations,
            counters.no_options,
            counters.undefined,
            counters.outside_window
        ),
        (1, 1, 1, 1)
    );
    // The last moment of an option whose symbol says only the day.
    assert_eq!(day.options()[0].expiration_ns, NOON + 3 * 3600 * SECOND);
}

#[test]
fn a_quote_too_short_to_be_one_is_a_corrupt_file() {
    let folder = Folder::new();
    let mut record = Mbo::add(1).bytes();
    record[1] = 0xB1;
    let file = DbnFile {
        dataset: "OPRA.PILLAR",
        schema: Some(Schema::Cmbp1),
        mappings: vec![("QQQ   231225C00410000", 17, [25, 26])],
        records: record,
        ..DbnFile::new()
    };
    folder.write(QUOTES, &file.bytes());
    let spec = spec(&folder, ProductType::EquityOptionCmbp1, "QQQ", "QQQ");
    let mut day = OptionDay::open(&spec).unwrap();
    let error = loop {
        match day.read(|_, _: &Cmbp1Msg| panic!("no quote")) {
            Ok(more) => assert!(more, "the record is no quote"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("record 0"), "{error}");
}
