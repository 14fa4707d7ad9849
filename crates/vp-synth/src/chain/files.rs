//! A chain as DBN files: definitions, orders of futures options, best quotes of equity options.

use std::ffi::c_char;
use std::io::Write;
use std::num::NonZeroU64;
use std::time::Duration;

use dbn::encode::EncodeRecord;
use dbn::encode::dbn::Encoder;
use dbn::{
    Cmbp1Msg, Dataset, InstrumentDefMsg, Metadata, Publisher, RecordHeader, SType, Schema,
    UNDEF_PRICE, rtype,
};
use vp_market::Price;

use super::maker::{Moment, OptionFlow, Pulse};
use super::{Listed, OptionChain};
use crate::dbn_file::{
    Compression, Envelope, WriteDbnError, end_of, file_metadata, letter, to_output,
};

/// From an event to its capture, nanoseconds.
const LATENCY_NS: u64 = 100_000;

/// A day, nanoseconds.
const DAY_NS: u64 = 86_400_000_000_000;

/// Writes the definitions of a chain to `writer` as a DBN v3 file; returns the number of records.
///
/// Beside the options it defines what such files hold too: the options of the next day, a spread
/// and a strategy made up by users.
///
/// # Errors
/// [`WriteDbnError`] if the output fails.
pub fn write_option_definitions(
    writer: impl Write,
    chain: &OptionChain,
    compression: Compression,
) -> Result<u64, WriteDbnError> {
    let end_ns = end_of(chain.underlying(), Duration::from_secs(1))?;
    let metadata = metadata(chain, Schema::Definition, end_ns, symbol);
    let defined = (0..chain.option_count()).map(|number| Defined {
        option: chain.listed(number),
        symbol: symbol(chain, chain.listed(number)),
        class: chain.listed(number).right.letter(),
        expiration_ns: chain.expiration_ns(),
    });
    let first = chain.listed(0);
    let beside = |number: u32, symbol: &str, class, expiration_ns| Defined {
        option: Listed {
            instrument_id: first
                .instrument_id
                .wrapping_add(chain.option_count() + number),
            ..first
        },
        symbol: symbol.to_owned(),
        class,
        expiration_ns,
    };
    let tomorrow = chain.expiration_ns() + DAY_NS;
    let later = symbol(chain, first) + "T";
    let others = [
        beside(0, &later, first.right.letter(), tomorrow),
        beside(1, "UD:1V: GN 2106", 'C', chain.expiration_ns()),
        beside(2, &format!("{later}-{later}"), 'C', chain.expiration_ns()),
        beside(3, chain.underlying().symbol(), 'F', tomorrow),
    ];
    to_output(writer, compression, |writer| {
        let mut file = File::begin(writer, &metadata)?;
        for defined in defined.chain(others) {
            file.write(&definition(chain, &defined))?;
        }
        Ok(file.records)
    })
}

/// Writes the first `duration` of the order flow of a future's options to `writer` as a DBN v3
/// file; returns the number of records. Each option begins with a snapshot of its book.
///
/// # Errors
/// [`WriteDbnError`] if the output fails or `duration` is beyond the range of timestamps.
pub fn write_option_orders(
    writer: impl Write,
    chain: &OptionChain,
    duration: Duration,
    compression: Compression,
) -> Result<u64, WriteDbnError> {
    let end_ns = end_of(chain.underlying(), duration)?;
    let metadata = metadata(chain, Schema::Mbo, end_ns, symbol);
    to_output(writer, compression, |writer| {
        let mut file = File::begin(writer, &metadata)?;
        let mut envelope = Envelope::new(chain.underlying());
        let mut flow = OptionFlow::new(chain);
        let mut event = Vec::new();
        for number in 0..chain.option_count() {
            event.clear();
            flow.snapshot(number, &mut event);
            envelope.instrument_id = chain.listed(number).instrument_id;
            envelope.open(&event);
            for record in &event {
                file.write(&envelope.wrap(record))?;
            }
        }
        loop {
            event.clear();
            let option = flow.next_event(&mut event);
            if event[0].ts_event >= end_ns.get() {
                return Ok(file.records);
            }
            envelope.instrument_id = option.instrument_id;
            envelope.open(&event);
            for record in &event {
                file.write(&envelope.wrap(record))?;
            }
        }
    })
}

/// Writes the first `duration` of the best quotes of a share's options to `writer` as a DBN v3
/// file of OPRA; returns the number of records. A side without a bidder has no price.
///
/// # Errors
/// [`WriteDbnError`] if the output fails or `duration` is beyond the range of timestamps.
pub fn write_option_quotes(
    writer: impl Write,
    chain: &OptionChain,
    duration: Duration,
    compression: Compression,
) -> Result<u64, WriteDbnError> {
    let end_ns = end_of(chain.underlying(), duration)?;
    let metadata = metadata(chain, Schema::Cmbp1, end_ns, occ_symbol);
    to_output(writer, compression, |writer| {
        let mut file = File::begin(writer, &metadata)?;
        let mut pulse = Pulse::new(chain);
        for number in 0..chain.option_count() {
            let moment = pulse.moment(number);
            file.write(&quote(chain, &mut pulse, moment))?;
        }
        loop {
            let moment = pulse.next_moment();
            if moment.ts_ns >= end_ns.get() {
                return Ok(file.records);
            }
            file.write(&quote(chain, &mut pulse, moment))?;
        }
    })
}

/// A DBN file that is being written.
struct File<'a> {
    encoder: Encoder<&'a mut dyn Write>,
    records: u64,
}

impl<'a> File<'a> {
    fn begin(writer: &'a mut dyn Write, metadata: &Metadata) -> Result<Self, WriteDbnError> {
        let encoder = Encoder::new(writer, metadata)
            .map_err(|source| WriteDbnError::Encode { records: 0, source })?;
        Ok(Self {
            encoder,
            records: 0,
        })
    }

    fn write<R: dbn::encode::DbnEncodable>(&mut self, record: &R) -> Result<(), WriteDbnError> {
        let records = self.records;
        let encoded = self.encoder.encode_record(record);
        encoded.map_err(|source| WriteDbnError::Encode { records, source })?;
        self.records += 1;
        Ok(())
    }
}

/// The fields of a definition.
struct Defined {
    option: Listed,
    symbol: String,
    class: char,
    expiration_ns: u64,
}

fn definition(chain: &OptionChain, defined: &Defined) -> InstrumentDefMsg {
    let ts_ns = chain.underlying().start_ns() / DAY_NS * DAY_NS;
    let mut message = InstrumentDefMsg {
        hd: RecordHeader::new::<InstrumentDefMsg>(
            rtype::INSTRUMENT_DEF,
            u16::from(Publisher::GlbxMdp3Glbx),
            defined.option.instrument_id,
            ts_ns,
        ),
        ts_recv: ts_ns + LATENCY_NS,
        strike_price: defined.option.strike,
        expiration: defined.expiration_ns,
        instrument_class: letter(defined.class),
        min_price_increment: chain.premium_tick.nanos(),
        ..InstrumentDefMsg::default()
    };
    put(&mut message.raw_symbol, &defined.symbol);
    put(&mut message.underlying, chain.underlying().symbol());
    put(&mut message.security_type, "OOF");
    put(&mut message.exchange, "XCME");
    message
}

fn quote(chain: &OptionChain, pulse: &mut Pulse<'_>, moment: Moment) -> Cmbp1Msg {
    let mut message = Cmbp1Msg::default_for_schema(Schema::Cmbp1);
    message.hd = RecordHeader::new::<Cmbp1Msg>(
        rtype::CMBP_1,
        u16::from(Publisher::OpraPillarXcbo),
        moment.option.instrument_id,
        moment.ts_ns,
    );
    message.ts_recv = moment.ts_ns + LATENCY_NS;
    message.action = letter('A');
    message.side = letter('N');
    let half_spread = moment.half_spread + i64::from(pulse.dice.below(3));
    let bid_ticks = moment.value - half_spread;
    let ask_ticks = moment.value.max(0) + half_spread;
    let tick = chain.premium_tick.nanos();
    let level = &mut message.levels[0];
    level.ask_px = ask_ticks * tick;
    level.ask_sz = pulse.dice.between(1, 250);
    let bid_sz = pulse.dice.between(1, 250);
    (level.bid_px, level.bid_sz) = if bid_ticks > 0 {
        (bid_ticks * tick, bid_sz)
    } else {
        (UNDEF_PRICE, 0)
    };
    message
}

/// Returns the metadata of a file of the chain in which options have the symbols of `symbol`.
fn metadata(
    chain: &OptionChain,
    schema: Schema,
    end_ns: NonZeroU64,
    symbol: fn(&OptionChain, Listed) -> String,
) -> Metadata {
    let dataset = if schema == Schema::Cmbp1 {
        Dataset::OpraPillar
    } else {
        Dataset::GlbxMdp3
    };
    let symbols = (0..chain.option_count()).map(|number| {
        let option = chain.listed(number);
        (symbol(chain, option), option.instrument_id)
    });
    file_metadata(chain.underlying(), dataset, schema, end_ns, symbols)
}

/// Returns a symbol such as `ESH6 C6905`.
fn symbol(chain: &OptionChain, option: Listed) -> String {
    let strike = Price::from_nanos(option.strike).map_or_else(String::new, |s| s.to_string());
    let right = option.right.letter();
    format!("{} {right}{strike}", chain.underlying().symbol())
}

/// Returns a symbol such as `QQQ   260206C00611000`.
fn occ_symbol(chain: &OptionChain, option: Listed) -> String {
    let expiration = Metadata::builder()
        .dataset(Dataset::OpraPillar)
        .schema(None)
        .start(chain.expiration_ns())
        .stype_in(None)
        .stype_out(SType::InstrumentId)
        .build();
    let day = expiration.start().date();
    format!(
        "{:6}{:02}{:02}{:02}{}{:08}",
        chain.underlying().symbol(),
        day.year() % 100,
        u8::from(day.month()),
        day.day(),
        option.right.letter(),
        option.strike / 1_000_000
    )
}

/// Writes a text into a field of fixed length, which keeps a zero at its end.
fn put(field: &mut [c_char], text: &str) {
    let last = field.len() - 1;
    for (character, byte) in field[..last].iter_mut().zip(text.bytes()) {
        *character = letter(char::from(byte));
    }
}
