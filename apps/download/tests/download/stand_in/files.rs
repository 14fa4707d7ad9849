//! Files of what was ordered, made with the encoder that the vendor publishes.

use std::ffi::c_char;
use std::num::NonZeroU64;
use std::time::Duration;

use dbn::encode::dbn::Encoder;
use dbn::encode::{DbnEncodable, EncodeRecord};
use dbn::{
    Cmbp1Msg, InstrumentDefMsg, MappingInterval, MboMsg, Metadata, RecordHeader, SType, Schema,
    StatMsg, SymbolMapping, rtype,
};
use vp_synth::{Compression, SynthConfig, write_dbn};

use super::world::{DAY_NS, Instrument, World};

/// What a file is of.
#[derive(Clone, Debug)]
pub(crate) struct Ordered<'a> {
    pub(crate) dataset: &'a str,
    pub(crate) schema: &'a str,
    pub(crate) stype_in: &'a str,
    pub(crate) symbols: Vec<&'a str>,
    pub(crate) start_ns: u64,
}

impl Ordered<'_> {
    /// Returns the symbols that mean nothing.
    pub(crate) fn not_found(&self, world: &World) -> Vec<String> {
        let missing = self
            .symbols
            .iter()
            .filter(|symbol| world.find(self.stype_in, symbol).is_empty());
        missing.map(|symbol| (*symbol).to_owned()).collect()
    }

    /// Returns the compressed file.
    pub(crate) fn file(&self, world: &World) -> Vec<u8> {
        if self.schema == "mbo"
            && let [symbol] = self.symbols[..]
            && let Ok(preset) = SynthConfig::preset(symbol)
        {
            // A minute from 09:30 in New York on.
            let start = self.start_ns + 52_200_000_000_000;
            let config = preset.with_start_ns(start).unwrap();
            let mut bytes = Vec::new();
            let length = Duration::from_mins(1);
            write_dbn(&mut bytes, &config, length, Compression::Zstd).unwrap();
            return bytes;
        }
        let found: Vec<&Instrument> = self
            .symbols
            .iter()
            .flat_map(|symbol| world.find(self.stype_in, symbol))
            .collect();
        match self.schema {
            "definition" => self.encode(world, &found, |id, found| InstrumentDefMsg {
                hd: self.header::<InstrumentDefMsg>(rtype::INSTRUMENT_DEF, id),
                ts_recv: self.start_ns,
                raw_symbol: text(&found.symbol),
                underlying: text(&found.underlying),
                instrument_class: letter(found.class),
                expiration: found.expiration_ns,
                strike_price: 21_000_000_000_000,
                ..InstrumentDefMsg::default()
            }),
            "statistics" => self.encode(world, &found, |id, _| StatMsg {
                hd: self.header::<StatMsg>(rtype::STATISTICS, id),
                ts_recv: self.start_ns,
                ..StatMsg::default()
            }),
            "cmbp-1" => self.encode(world, &found, |id, _| Cmbp1Msg {
                hd: self.header::<Cmbp1Msg>(rtype::CMBP_1, id),
                ts_recv: self.start_ns,
                ..Cmbp1Msg::default_for_schema(Schema::Cmbp1)
            }),
            _ => self.encode(world, &found, |id, _| MboMsg {
                hd: self.header::<MboMsg>(rtype::MBO, id),
                ts_recv: self.start_ns,
                action: letter('A'),
                side: letter('B'),
                size: 1,
                price: 1_000_000_000,
                ..MboMsg::default()
            }),
        }
    }

    fn header<R: dbn::HasRType>(&self, rtype: u8, id: u32) -> RecordHeader {
        RecordHeader::new::<R>(rtype, 1, id, self.start_ns)
    }

    fn encode<R: DbnEncodable>(
        &self,
        world: &World,
        found: &[&Instrument],
        record: impl Fn(u32, &Instrument) -> R,
    ) -> Vec<u8> {
        let schema: Schema = self.schema.parse().unwrap();
        let mut metadata = Metadata::builder()
            .dataset(self.dataset.to_owned())
            .schema(Some(schema))
            .start(self.start_ns)
            .end(NonZeroU64::new(self.start_ns + DAY_NS))
            .stype_in(Some(self.stype_in.parse::<SType>().unwrap()))
            .stype_out(SType::InstrumentId)
            .symbols(
                self.symbols
                    .iter()
                    .map(|symbol| (*symbol).to_owned())
                    .collect(),
            )
            .not_found(self.not_found(world))
            .build();
        let interval = |found: &Instrument| MappingInterval {
            start_date: metadata.start().date(),
            end_date: metadata.end().unwrap().date(),
            symbol: found.id.to_string(),
        };
        let mapping = |found: &&Instrument| SymbolMapping {
            raw_symbol: found.symbol.clone(),
            intervals: vec![interval(found)],
        };
        let mappings = found.iter().map(mapping).collect();
        metadata.mappings = mappings;
        let mut zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
        zstd.include_checksum(true).unwrap();
        let mut encoder = Encoder::new(&mut zstd, &metadata).unwrap();
        for instrument in found {
            encoder
                .encode_record(&record(instrument.id, instrument))
                .unwrap();
        }
        zstd.finish().unwrap()
    }
}

fn text<const N: usize>(text: &str) -> [c_char; N] {
    let mut letters = [0; N];
    for (place, byte) in letters.iter_mut().zip(text.bytes()) {
        *place = byte.cast_signed();
    }
    letters
}

fn letter(letter: char) -> c_char {
    c_char::try_from(u32::from(letter)).unwrap()
}
