//! Definitions of every version, and what they say of a date.

use dbn::{Schema, v1, v2, v3};
use vp_ingest::{DbnReader, Defined, Definition, Definitions, OptionDefinition};
use vp_lake::Lake;
use vp_market::{Expiration, Price, Right, TickSize};

use crate::dbn_file::{DbnFile, Folder, NOON, text};

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;
pub(crate) const DEFINITIONS: &str =
    "raw/source=databento/dataset=definition/venue=glbx/glbx-20231225.definition.dbn.zst";

/// The fields of a definition.
#[derive(Clone, Copy)]
pub(crate) struct Listing {
    pub(crate) id: u32,
    pub(crate) symbol: &'static str,
    pub(crate) class: u8,
    pub(crate) strike: i64,
    pub(crate) expiration: u64,
    pub(crate) tick: i64,
}

/// 2023-12-25 21:00 UTC, the close in New York.
const EVENING: u64 = NOON + 3 * HOUR;

pub(crate) const CALL: Listing = Listing {
    id: 7,
    symbol: "E1AZ3 C4800",
    class: b'C',
    strike: 4_800_000_000_000,
    expiration: EVENING,
    tick: 50_000_000,
};

/// Lays it out as that version has it.
fn bytes(version: u8, listing: Listing) -> Vec<u8> {
    macro_rules! lay_out {
        ($message:ty) => {{
            let mut message = <$message>::default();
            message.hd.instrument_id = listing.id;
            message.raw_symbol = text(listing.symbol);
            message.underlying = text("ESH4");
            message.instrument_class = std::ffi::c_char::from_ne_bytes([listing.class]);
            message.strike_price = listing.strike;
            message.expiration = listing.expiration;
            message.min_price_increment = listing.tick;
            message.as_ref().to_vec()
        }};
    }
    match version {
        1 => lay_out!(v1::InstrumentDefMsg),
        2 => lay_out!(v2::InstrumentDefMsg),
        _ => lay_out!(v3::InstrumentDefMsg),
    }
}

pub(crate) fn definitions_file(version: u8, listings: &[Listing]) -> DbnFile {
    DbnFile {
        version,
        schema: Some(Schema::Definition),
        records: listings
            .iter()
            .flat_map(|one| bytes(version, *one))
            .collect(),
        ..DbnFile::new()
    }
}

/// Reads definitions as those of 2023-12-25.
fn read(file: &DbnFile) -> Definitions {
    let folder = Folder::new();
    folder.write(DEFINITIONS, &file.compressed());
    let lake = Lake::new(folder.path());
    Definitions::read(&lake, "GLBX.MDP3", "2023-12-25".parse().unwrap()).unwrap()
}

fn check(listing: Listing, expected: &Defined) {
    for version in 1..=3 {
        let found = read(&definitions_file(version, &[listing]));
        let found: Vec<_> = found.iter().collect();
        assert_eq!(found, [(listing.id, expected)], "version {version}");
    }
}

fn option(expiration_ns: u64) -> Defined {
    Defined::Option(OptionDefinition {
        symbol: CALL.symbol.into(),
        underlying: "ESH4".into(),
        right: Right::Call,
        strike: Price::from_nanos(CALL.strike).unwrap(),
        expiration_ns,
    })
}

#[test]
fn every_version_says_the_same() {
    for version in 1..=3 {
        let folder = Folder::new();
        let never = Listing {
            id: 8,
            class: b'K',
            strike: i64::MAX,
            expiration: u64::MAX,
            ..CALL
        };
        let file = definitions_file(version, &[CALL, never]);
        let reader = DbnReader::open(&folder.write("file.dbn", &file.bytes())).unwrap();
        let mut read = 0;
        Definition::read_all(reader, |found| {
            let is_call = found.instrument_id == CALL.id;
            let expected = Definition {
                instrument_id: if is_call { 7 } else { 8 },
                symbol: CALL.symbol,
                underlying: "ESH4",
                right: is_call.then_some(Right::Call),
                strike: Price::from_nanos(CALL.strike).filter(|_| is_call),
                expiration: is_call.then_some(Expiration::from_ns(EVENING)),
                tick: TickSize::from_nanos(CALL.tick).ok(),
                unit_quantity: None,
            };
            assert_eq!(found, expected, "version {version}");
            read += 1;
        })
        .unwrap();
        assert_eq!(read, 2);
    }
}

#[test]
fn an_option_of_the_date_expires_on_it_in_new_york() {
    let midnight = EVENING - 21 * HOUR;
    // The close, 23:00, and the day alone.
    for expiration in [EVENING, EVENING + 7 * HOUR, midnight] {
        check(Listing { expiration, ..CALL }, &option(expiration));
    }
    // The next day's close, the next day alone, the evening before, and none at all.
    for expiration in [EVENING + DAY, midnight + DAY, midnight + 1, u64::MAX] {
        check(Listing { expiration, ..CALL }, &Defined::OtherDay);
    }
}

#[test]
fn spreads_strategies_and_futures_are_no_options() {
    for symbol in ["UD:1V: GN 123", "E1AZ3 C4800-C4850"] {
        check(Listing { symbol, ..CALL }, &Defined::NoOption);
    }
    let class = b'F';
    check(Listing { class, ..CALL }, &Defined::NoOption);
    let strike = i64::MAX;
    check(Listing { strike, ..CALL }, &Defined::NoOption);
}

#[test]
fn the_last_definition_of_an_id_counts() {
    let future = Listing {
        class: b'F',
        ..CALL
    };
    for (listings, expected) in [
        ([future, CALL], option(EVENING)),
        ([CALL, future], Defined::NoOption),
    ] {
        let found = read(&definitions_file(3, &listings));
        let found: Vec<_> = found.iter().collect();
        assert_eq!(found, [(CALL.id, &expected)]);
    }
}

#[test]
fn a_record_too_short_for_its_version_defines_nothing() {
    let mut file = definitions_file(1, &[CALL]);
    file.version = 3;
    assert_eq!(read(&file).iter().count(), 0);
}
