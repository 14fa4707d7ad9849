//! Options: definitions of every version, and what passes of a day's messages.

use dbn::{Cmbp1Msg, Schema, v1, v2, v3};
use vp_ingest::MboMsg;
use vp_ingest::{Definition, Definitions, IngestError, OptionCounters, OptionDay, RawDaySpec};
use vp_lake::Lake;
use vp_market::{ProductType, Right};

use crate::dbn_file::{DbnFile, Folder, Mbo, NOON};

const SECOND: u64 = 1_000_000_000;
const DEFINITIONS: &str =
    "raw/source=databento/dataset=definition/venue=glbx/glbx-20231225.definition.dbn.zst";
const ORDERS: &str = "raw/source=databento/product_type=future_option_mbo/symbol=ES/\
                      table=market_by_order_dbn/glbx-20231225.mbo.dbn";
const QUOTES: &str = "raw/source=databento/product_type=equity_option_cmbp_1/symbol=QQQ/\
                      table=cmbp_1/opra-20231225.cmbp-1.dbn";

/// One definition.
#[derive(Clone, Copy)]
struct Defined {
    id: u32,
    symbol: &'static str,
    class: u8,
    strike: i64,
    expiration: u64,
}

/// 2023-12-25 21:00 UTC, the close in New York.
const EVENING: u64 = NOON + 3 * 3600 * SECOND;

const CALL: Defined = Defined {
    id: 7,
    symbol: "E1AZ3 C4800",
    class: b'C',
    strike: 4_800_000_000_000,
    expiration: EVENING,
};

fn text<const N: usize>(text: &str) -> [std::ffi::c_char; N] {
    let mut bytes = [0; N];
    for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
        *byte = std::ffi::c_char::from_ne_bytes([letter]);
    }
    bytes
}

/// Lays a definition out as that version has it.
fn bytes(version: u8, defined: Defined) -> Vec<u8> {
    macro_rules! lay_out {
        ($message:ty) => {{
            let mut message = <$message>::default();
            message.hd.instrument_id = defined.id;
            message.raw_symbol = text(defined.symbol);
            message.underlying = text("ESH4");
            message.instrument_class = std::ffi::c_char::from_ne_bytes([defined.class]);
            message.strike_price = defined.strike;
            message.expiration = defined.expiration;
            message.as_ref().to_vec()
        }};
    }
    match version {
        1 => lay_out!(v1::InstrumentDefMsg),
        2 => lay_out!(v2::InstrumentDefMsg),
        _ => lay_out!(v3::InstrumentDefMsg),
    }
}

fn definitions_file(version: u8, defined: &[Defined]) -> DbnFile {
    DbnFile {
        version,
        schema: Some(Schema::Definition),
        records: defined
            .iter()
            .flat_map(|one| bytes(version, *one))
            .collect(),
        ..DbnFile::new()
    }
}

fn spec(folder: &Folder, product_type: ProductType, symbol: &str, root: &str) -> RawDaySpec {
    RawDaySpec {
        lake: Lake::new(folder.path()),
        product_type,
        symbol: symbol.into(),
        root: root.into(),
        date: "2023-12-25".parse().unwrap(),
    }
}

fn futures_options(folder: &Folder) -> Result<OptionDay, IngestError> {
    OptionDay::open(&spec(folder, ProductType::FutureOptionMbo, "ES", "ES"))
}

fn read(folder: &Folder) -> Definitions {
    let lake = Lake::new(folder.path());
    Definitions::read(&lake, "GLBX.MDP3", "2023-12-25".parse().unwrap()).unwrap()
}

#[test]
fn definitions_of_every_version_are_read() {
    for version in 1..=3 {
        let folder = Folder::new();
        let later = NOON + 24 * 3600 * SECOND;
        let file = definitions_file(
            version,
            &[
                Defined {
                    id: 1,
                    class: b'P',
                    ..CALL
                },
                Defined {
                    id: 2,
                    expiration: later,
                    ..CALL
                },
                Defined {
                    id: 3,
                    symbol: "UD:1V: GN 123",
                    ..CALL
                },
                Defined {
                    id: 4,
                    symbol: "E1AZ3 C4800-C4850",
                    ..CALL
                },
                Defined {
                    id: 5,
                    class: b'F',
                    ..CALL
                },
                Defined {
                    id: 6,
                    strike: i64::MAX,
                    ..CALL
                },
                // The last definition of an id counts.
                Defined {
                    class: b'F',
                    ..CALL
                },
                CALL,
                // After midnight in London it is still the day before in New York.
                Defined {
                    id: 8,
                    expiration: EVENING + 7 * 3600 * SECOND,
                    ..CALL
                },
            ],
        );
        folder.write(DEFINITIONS, &file.compressed());
        let found = read(&folder);
        let options: Vec<_> = found
            .iter()
            .filter_map(|(id, definition)| match definition {
                Definition::Option(option) => Some((id, option.right)),
                Definition::OtherDay | Definition::NoOption => None,
            })
            .collect();
        let expected = [(1, Right::Put), (7, Right::Call), (8, Right::Call)];
        assert_eq!(options, expected, "version {version}");
        let of = |wanted: u32| found.iter().find(|(id, _)| *id == wanted).unwrap().1;
        assert_eq!(*of(2), Definition::OtherDay);
        for id in 3..=6 {
            assert_eq!(*of(id), Definition::NoOption, "{id}");
        }
        let Definition::Option(call) = of(7) else {
            panic!("a call is an option");
        };
        assert_eq!((&*call.symbol, &*call.underlying), (CALL.symbol, "ESH4"));
        assert_eq!(
            (call.strike.nanos(), call.expiration_ns),
            (CALL.strike, EVENING)
        );
    }
}

#[test]
fn a_record_too_short_for_its_version_defines_nothing() {
    let folder = Folder::new();
    let mut file = definitions_file(1, &[CALL]);
    file.version = 3;
    folder.write(DEFINITIONS, &file.bytes());
    assert_eq!(read(&folder).iter().count(), 0);
}

#[test]
fn orders_pass_whose_instrument_is_an_option_of_the_day() {
    let folder = Folder::new();
    let file = definitions_file(
        3,
        &[
            CALL,
            Defined {
                id: 8,
                class: b'P',
                ..CALL
            },
            Defined {
                id: 9,
                symbol: "UD:1V",
                ..CALL
            },
            Defined {
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
        ts_event: NOON - 24 * 3600 * SECOND,
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
    let quote = |id: u32, bid: i64| {
        let mut message = Cmbp1Msg::default_for_schema(Schema::Cmbp1);
        message.hd.instrument_id = id;
        message.hd.ts_event = NOON;
        message.levels[0].bid_px = bid;
        message.as_ref().to_vec()
    };
    let file = DbnFile {
        schema: Some(Schema::Cmbp1),
        mappings: vec![
            ("QQQ   231225C00410000", 1, [25, 26]),
            ("QQQ   231226C00410000", 2, [25, 26]),
            ("QQQ1  231225C00410000", 3, [25, 26]),
            ("QQQ   231225P00410500", 4, [25, 26]),
        ],
        records: (1..=5).flat_map(|id| quote(id, 1_000)).collect(),
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
            counters.undefined
        ),
        (1, 1, 1)
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
