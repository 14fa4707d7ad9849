//! A lake with raw files, and what bronze makes of them.

#![allow(dead_code, reason = "not every test target uses all of it")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use dbn::decode::DecodeRecord;
use dbn::decode::dbn::Decoder;
use dbn::encode::EncodeRecord;
use dbn::encode::dbn::Encoder;
use dbn::{MappingInterval, MboMsg, Metadata, SType, Schema, SymbolMapping};
use tempfile::TempDir;
use vp_lake::Lake;
use vp_lake::tables::{Existing, Partition};
use vp_market::{ProductTable, ProductType};
use vp_synth::{Compression, SynthConfig, write_dbn};
use vp_velocity::bronze::{self, Bronze, RawSymbol};
use vp_velocity::stage::{Outcome, StageError, Task};
use vp_velocity::tables::BRONZE_MBO;

/// The date of the synthetic session.
pub(crate) const DATE: &str = "2026-02-06";

/// A lake in a folder of its own.
pub(crate) struct RawLake {
    folder: TempDir,
}

impl RawLake {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    pub(crate) fn lake(&self) -> Lake {
        Lake::new(self.folder.path())
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a raw file of a future's root or contract.
    pub(crate) fn write(&self, symbol: &str, name: &str, bytes: &[u8]) -> PathBuf {
        let folder = self.lake().raw_mbo(ProductType::FutureMbo, symbol);
        std::fs::create_dir_all(folder.path()).expect("the folder is writable");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the folder is writable");
        path
    }

    pub(crate) fn bronze(&self, symbol: &str) -> Result<Outcome, StageError> {
        self.report(symbol).map(|made| made.outcome)
    }

    pub(crate) fn report(&self, symbol: &str) -> Result<Bronze, StageError> {
        let task = Task {
            lake: self.lake(),
            date: DATE.parse().expect("a date"),
            existing: Existing::Keep,
            tool_version: "test 0".into(),
            created_at: "2026-02-07T00:00:00Z".into(),
        };
        let products = ProductTable::embedded();
        let symbol = RawSymbol::new(&products, ProductType::FutureMbo, symbol);
        bronze::build_reporting(&task, &symbol.expect("a symbol"), &mut |_| {})
    }

    pub(crate) fn partition(&self, contract: &str) -> Partition {
        let date = DATE.parse().expect("a date");
        bronze::partition(&self.lake(), ProductType::FutureMbo, contract, date)
    }
}

/// Returns the first seconds of the synthetic session as messages.
pub(crate) fn synthetic_messages(seconds: u64) -> Vec<MboMsg> {
    let config = SynthConfig::preset("ESH6").expect("a preset").with_seed(5);
    let mut bytes = Vec::new();
    let length = Duration::from_secs(seconds);
    write_dbn(&mut bytes, &config, length, Compression::None).expect("memory takes it");
    let mut decoder = Decoder::new(bytes.as_slice()).expect("metadata");
    let mut messages = Vec::new();
    while let Some(message) = decoder.decode_record::<MboMsg>().expect("whole records") {
        messages.push(message.clone());
    }
    messages
}

/// Returns a DBN file of those messages that maps those ids on the date.
pub(crate) fn dbn_file(mappings: &[(&str, u32)], messages: &[MboMsg]) -> Vec<u8> {
    let mut metadata = Metadata::builder()
        .dataset("GLBX.MDP3")
        .schema(Some(Schema::Mbo))
        .start(messages[0].ts_recv)
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
    for message in messages {
        encoder.encode_record(message).expect("memory takes it");
    }
    bytes
}

/// Reads a partition back, every column of it, as messages and the symbols beside them.
pub(crate) fn read_back(partition: &Partition) -> (Vec<MboMsg>, Vec<String>) {
    let mut reader = partition.open(&BRONZE_MBO, &[]).expect("a partition");
    let (mut messages, mut symbols) = (Vec::new(), Vec::new());
    while let Some(batch) = reader.next_batch().expect("whole rows") {
        let column = |name: &str, row: usize| batch.i64(name)[row];
        let letter = |text: &str| {
            let letter = text.chars().next().expect("a letter");
            let letter = u8::try_from(letter).expect("a letter of the feed");
            std::ffi::c_char::from_ne_bytes([letter])
        };
        let letters = batch.text("action").zip(batch.text("side"));
        for (row, (action, side)) in letters.enumerate() {
            let mut message = MboMsg::default();
            message.hd.rtype = column("rtype", row).try_into().expect("8 bits");
            message.hd.publisher_id = column("publisher_id", row).try_into().expect("16 bits");
            message.hd.instrument_id = column("instrument_id", row).try_into().expect("32 bits");
            message.hd.ts_event = column("ts_event", row).cast_unsigned();
            message.order_id = column("order_id", row).cast_unsigned();
            message.price = column("price", row);
            message.size = column("size", row).try_into().expect("32 bits");
            let flags = column("flags", row).try_into().expect("8 bits");
            message.flags.set_raw(flags);
            message.channel_id = column("channel_id", row).try_into().expect("8 bits");
            message.action = letter(action);
            message.side = letter(side);
            message.ts_recv = column("ts_recv", row).cast_unsigned();
            message.ts_in_delta = column("ts_in_delta", row).try_into().expect("32 bits");
            message.sequence = column("sequence", row).try_into().expect("32 bits");
            messages.push(message);
        }
        symbols.extend(batch.text("symbol").map(str::to_owned));
    }
    (messages, symbols)
}
