//! DBN files that tests write record by record. What a record means is not known here.

#![allow(dead_code, reason = "not every test target uses all of it")]

use dbn::encode::EncodeRecord;
use dbn::encode::dbn::Encoder;
use dbn::{
    FlagSet, MappingInterval, MboMsg, Metadata, RecordHeader, SType, Schema, SymbolMapping,
    UNDEF_PRICE, flags, rtype,
};
use vp_market::{Price, ProductType, SessionDate, SessionWindow, WallClock};

/// The publisher of GLBX.MDP3, which the records here are from unless they say otherwise.
const GLBX: u16 = 1;

/// One second in nanoseconds.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Returns the first instant of a window that shows that Eastern time.
pub(crate) fn instant(window: SessionWindow, clock: &str) -> u64 {
    let clock: WallClock = clock.parse().expect("a time of day");
    window.first_instant(clock).expect("a time of the session")
}

/// Returns a price as the feed has it.
pub(crate) fn nanos(price: &str) -> i64 {
    price.parse::<Price>().expect("a price").nanos()
}

/// Builds records of one instrument, each an event of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instrument {
    pub(crate) id: u32,
}

impl Instrument {
    /// Returns a record that empties the book.
    pub(crate) fn clear(self, ts_ns: u64) -> MboMsg {
        self.record(ts_ns, 'R', 'N', (0, UNDEF_PRICE, 0))
    }

    /// Returns a record that adds an order to the bids (`B`) or asks (`A`).
    pub(crate) fn add(self, ts_ns: u64, side: char, order: (u64, i64, u32)) -> MboMsg {
        self.record(ts_ns, 'A', side, order)
    }

    /// Returns a record that prints a trade.
    pub(crate) fn trade(self, ts_ns: u64, aggressor: char, price: i64, size: u32) -> MboMsg {
        self.record(ts_ns, 'T', aggressor, (0, price, size))
    }

    fn record(
        self,
        ts_ns: u64,
        action: char,
        side: char,
        (order_id, price, size): (u64, i64, u32),
    ) -> MboMsg {
        let letter = |letter: char| {
            std::ffi::c_char::try_from(letter as u32).expect("actions and sides are ASCII")
        };
        MboMsg {
            hd: RecordHeader::new::<MboMsg>(rtype::MBO, GLBX, self.id, ts_ns),
            order_id,
            price,
            size,
            flags: FlagSet::new(flags::LAST),
            channel_id: 0,
            action: letter(action),
            side: letter(side),
            ts_recv: ts_ns,
            ts_in_delta: 0,
            sequence: 0,
        }
    }
}

/// Returns a file of those records that maps those symbols on the date, or none at all.
pub(crate) fn dbn_file(
    dataset: &str,
    date: &str,
    mappings: &[(&str, u32)],
    records: &[MboMsg],
) -> Vec<u8> {
    let date: SessionDate = date.parse().expect("a date");
    let mut metadata = Metadata::builder()
        .dataset(dataset)
        .schema(Some(Schema::Mbo))
        .start(SessionWindow::new(ProductType::FutureMbo, date).start_ns())
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .build();
    let day = metadata.start().date();
    let mapping = |&(symbol, id): &(&str, u32)| SymbolMapping {
        raw_symbol: symbol.to_owned(),
        intervals: vec![MappingInterval {
            start_date: day,
            end_date: day.next_day().expect("it is not the last"),
            symbol: id.to_string(),
        }],
    };
    metadata.mappings = mappings.iter().map(mapping).collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, &metadata).expect("memory takes it");
    for record in records {
        encoder.encode_record(record).expect("memory takes it");
    }
    bytes
}
