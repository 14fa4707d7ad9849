//! The synthetic market as a DBN version 3 file, like the ones a data vendor delivers.
//!
//! Streams: memory does not grow with the file. What the market itself does not know (receive times,
//! sequence numbers, when the orders of the snapshot were placed) is made up here from the seed.

use std::ffi::c_char;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroU64;
use std::time::Duration;

use dbn::encode::EncodeRecord;
use dbn::encode::dbn::Encoder;
use dbn::{
    FlagSet, MappingInterval, MboMsg, Metadata, Publisher, RecordHeader, SType, Schema,
    SymbolMapping, rtype,
};
use thiserror::Error;
use vp_market::{Action, Price, Record, Side};

use crate::character::Character;
use crate::config::SynthConfig;
use crate::dice::Dice;
use crate::market::SyntheticMarket;

/// Whether a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Plain `.dbn`.
    None,
    /// `.dbn.zst`.
    Zstd,
}

/// Why a synthetic file could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteDbnError {
    /// The session would end beyond the range of timestamps.
    #[error(
        "a session of {duration:?} from {start_ns} ns ends beyond the range of timestamps; ask for less"
    )]
    Duration {
        /// The session's start, in nanoseconds since the Unix epoch, UTC.
        start_ns: u64,
        /// The duration asked for.
        duration: Duration,
    },
    /// The DBN encoder failed, most often because the output did.
    #[error("the synthetic session could not be encoded after {records} records")]
    Encode {
        /// Records written before.
        records: u64,
        /// The error of the encoder.
        #[source]
        source: dbn::Error,
    },
    /// The output failed.
    #[error("the synthetic session could not be completed")]
    Io(#[from] io::Error),
}

/// Writes the first `duration` of a market to `writer` as a DBN v3 file; returns the number of
/// records.
///
/// The records are those of [`SyntheticMarket`], in order, whole events only. The records of the
/// snapshot have the time their order was placed in `ts_event`, and in `ts_recv` the time the snapshot was
/// made, as the vendor's do.
///
/// # Errors
/// [`WriteDbnError`] if the output fails or `duration` is beyond the range of timestamps.
pub fn write_dbn(
    writer: impl Write,
    config: &SynthConfig,
    duration: Duration,
    compression: Compression,
) -> Result<u64, WriteDbnError> {
    let end_ns = end_of(config, duration)?;
    to_output(writer, compression, |writer| {
        write_session(writer, config, end_ns)
    })
}

/// Returns when the first `duration` of a market ends.
pub(crate) fn end_of(
    config: &SynthConfig,
    duration: Duration,
) -> Result<NonZeroU64, WriteDbnError> {
    u64::try_from(duration.as_nanos())
        .ok()
        .and_then(|length_ns| config.start_ns().checked_add(length_ns))
        .and_then(NonZeroU64::new)
        .filter(|end_ns| end_ns.get() < FARTHEST_NS)
        .ok_or(WriteDbnError::Duration {
            start_ns: config.start_ns(),
            duration,
        })
}

/// Hands `write` an output that compresses as asked, and completes it.
pub(crate) fn to_output<W: Write>(
    writer: W,
    compression: Compression,
    write: impl FnOnce(&mut dyn Write) -> Result<u64, WriteDbnError>,
) -> Result<u64, WriteDbnError> {
    match compression {
        Compression::None => {
            let mut writer = BufWriter::with_capacity(BUFFER, writer);
            let records = write(&mut writer)?;
            writer.flush()?;
            Ok(records)
        }
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(writer, zstd::DEFAULT_COMPRESSION_LEVEL)?;
            encoder.include_checksum(true)?;
            let mut writer = BufWriter::with_capacity(BUFFER, encoder);
            let records = write(&mut writer)?;
            let encoder = writer
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            encoder.finish()?.flush()?;
            Ok(records)
        }
    }
}

/// Bytes gathered before they are compressed or written.
const BUFFER: usize = 1 << 16;

/// 2200-01-01: calendars still agree on dates up to there.
const FARTHEST_NS: u64 = 7_258_118_400_000_000_000;

fn write_session(
    writer: &mut dyn Write,
    config: &SynthConfig,
    end_ns: NonZeroU64,
) -> Result<u64, WriteDbnError> {
    let mut records = 0;
    let failed = |records, source| WriteDbnError::Encode { records, source };
    let mut encoder =
        Encoder::new(writer, &metadata(config, end_ns)).map_err(|source| failed(0, source))?;
    let mut market = SyntheticMarket::new(config);
    let mut envelope = Envelope::new(config);
    let mut event = Vec::new();
    loop {
        event.clear();
        market.next_event(&mut event);
        if event[0].ts_event >= end_ns.get() {
            return Ok(records);
        }
        envelope.open(&event);
        for record in &event {
            let message = envelope.wrap(record);
            encoder
                .encode_record(&message)
                .map_err(|source| failed(records, source))?;
            records += 1;
        }
    }
}

fn publisher(character: Character) -> Publisher {
    match character {
        Character::DeepFuture | Character::FastFuture => Publisher::GlbxMdp3Glbx,
        Character::Equity => Publisher::XnasItchXnas,
    }
}

fn metadata(config: &SynthConfig, end_ns: NonZeroU64) -> Metadata {
    let dataset = publisher(config.character()).dataset();
    let symbol = (config.symbol().to_owned(), config.instrument_id());
    file_metadata(config, dataset, Schema::Mbo, end_ns, [symbol])
}

/// Returns the metadata of a file that maps those symbols on every day of the market.
pub(crate) fn file_metadata(
    config: &SynthConfig,
    dataset: dbn::Dataset,
    schema: Schema,
    end_ns: NonZeroU64,
    symbols: impl IntoIterator<Item = (String, u32)>,
) -> Metadata {
    let mut metadata = Metadata::builder()
        .version(3)
        .dataset(dataset)
        .schema(Some(schema))
        .start(config.start_ns())
        .end(Some(end_ns))
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .build();
    let first = metadata.start().date();
    let last = metadata.end().unwrap_or(metadata.start()).date();
    let mapping = |(raw_symbol, id): (String, u32)| SymbolMapping {
        raw_symbol,
        intervals: vec![MappingInterval {
            start_date: first,
            end_date: last.next_day().unwrap_or(last),
            symbol: id.to_string(),
        }],
    };
    metadata.mappings = symbols.into_iter().map(mapping).collect();
    metadata.symbols = metadata
        .mappings
        .iter()
        .map(|mapping| mapping.raw_symbol.clone())
        .collect();
    metadata
}

/// What the feed puts around a record: header, receive time, sequence number.
pub(crate) struct Envelope {
    publisher_id: u16,
    pub(crate) instrument_id: u32,
    dice: Dice,
    ts_recv: u64,
    ts_in_delta: i32,
    sequence: u32,
    /// The newest order of the snapshot.
    newest_id: u64,
    /// Whether the packet at hand reports a trade: what follows from it comes in the next one.
    is_trade_packet: bool,
}

/// Time from the venue's gateway to the capture, in nanoseconds.
const LATENCY_NS: (u32, u32) = (88_000, 118_000);
/// Time from sending to receiving, in nanoseconds.
const SEND_NS: (u32, u32) = (13_000, 18_500);
/// Time between two order ids before the session, in nanoseconds.
const ID_GAP_NS: u64 = 25_000_000;

impl Envelope {
    pub(crate) fn new(config: &SynthConfig) -> Self {
        Self {
            publisher_id: u16::from(publisher(config.character())),
            instrument_id: config.instrument_id(),
            // A stream apart from the market's, which must not depend on being written.
            dice: Dice::new(!config.seed()),
            ts_recv: config.start_ns(),
            ts_in_delta: 0,
            sequence: 0,
            newest_id: 0,
            is_trade_packet: false,
        }
    }

    /// Begins an event.
    pub(crate) fn open(&mut self, event: &[Record]) {
        if event[0].is_snapshot() {
            self.newest_id = event
                .iter()
                .map(|record| record.order_id)
                .max()
                .unwrap_or(0);
        } else {
            self.next_packet(event[0].ts_event);
        }
        self.is_trade_packet = event[0].action == Action::Trade;
    }

    fn next_packet(&mut self, ts_event: u64) {
        let latency = self.dice.between(LATENCY_NS.0, LATENCY_NS.1);
        self.ts_recv = self.ts_recv.max(ts_event + u64::from(latency));
        self.ts_in_delta = self.dice.between(SEND_NS.0, SEND_NS.1).cast_signed();
        self.sequence = self.sequence.wrapping_add(1);
    }

    pub(crate) fn wrap(&mut self, record: &Record) -> MboMsg {
        let is_trade = matches!(record.action, Action::Trade | Action::Fill);
        if self.is_trade_packet && !is_trade {
            self.is_trade_packet = false;
            self.next_packet(record.ts_event);
        }
        MboMsg {
            hd: RecordHeader::new::<MboMsg>(
                rtype::MBO,
                self.publisher_id,
                self.instrument_id,
                self.placed_ns(record),
            ),
            order_id: record.order_id,
            price: Price::to_feed(record.price),
            size: record.size,
            flags: FlagSet::new(record.flags.0),
            channel_id: 0,
            action: letter(record.action.letter()),
            side: letter(record.side.map_or('N', Side::letter)),
            ts_recv: self.ts_recv,
            ts_in_delta: self.ts_in_delta,
            sequence: self.sequence,
        }
    }

    /// Returns when the venue acted; for an order of the snapshot: when it was placed.
    fn placed_ns(&self, record: &Record) -> u64 {
        if !record.is_snapshot() || record.action == Action::Clear {
            return record.ts_event;
        }
        let age = (self.newest_id - record.order_id + 1).saturating_mul(ID_GAP_NS);
        record.ts_event.saturating_sub(age)
    }
}

/// Turns an ASCII letter into C's character type, whose signedness depends on the machine.
pub(crate) fn letter(letter: char) -> c_char {
    c_char::try_from(u32::from(letter)).expect("the feed's letters are ASCII")
}
