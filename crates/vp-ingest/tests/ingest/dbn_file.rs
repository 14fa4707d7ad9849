//! Builds DBN files, good and bad, with the `dbn` crate's own metadata encoder.

use std::ffi::c_char;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use dbn::encode::dbn::MetadataEncoder;
use dbn::{MboMsg, Metadata, SType, Schema, v1, v2, v3};
use tempfile::TempDir;
use vp_ingest::{Counters, IngestError, Input, SessionSpec, Source};
use vp_market::{ProductTable, ProductType, Record};

/// 2023-12-25 18:00 UTC, inside both kinds of session.
pub(crate) const NOON: u64 = 1_703_527_200_000_000_000;
/// 2023-12-25 00:00 UTC.
pub(crate) const DAY_START: u64 = 1_703_462_400_000_000_000;
/// 2023-12-26 00:00 UTC.
pub(crate) const DAY_END: u64 = DAY_START + DAY;
/// Nanoseconds of a day.
pub(crate) const DAY: u64 = 86_400_000_000_000;
/// The instrument id of ESH4 in these files.
pub(crate) const ES_ID: u32 = 17;

/// A DBN file in the making.
#[derive(Clone, Debug)]
pub(crate) struct DbnFile {
    pub(crate) version: u8,
    pub(crate) dataset: &'static str,
    pub(crate) schema: Option<Schema>,
    /// The span that the metadata cover; without an end they are those of a recorded stream.
    pub(crate) start: u64,
    pub(crate) end: Option<u64>,
    pub(crate) mappings: Vec<(&'static str, u32, [u8; 2])>,
    pub(crate) records: Vec<u8>,
}

impl DbnFile {
    /// An MBO file that maps ESH4 on 2023-12-25.
    pub(crate) fn new() -> Self {
        Self {
            version: 3,
            dataset: "GLBX.MDP3",
            schema: Some(Schema::Mbo),
            start: DAY_START,
            end: Some(DAY_END),
            mappings: vec![("ESH4", ES_ID, [25, 26])],
            records: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, records: impl IntoIterator<Item = Mbo>) -> Self {
        for record in records {
            self.records.extend(record.bytes());
        }
        self
    }

    /// Adds a record that maps an instrument id to a symbol, as the file's version has it.
    pub(crate) fn mapping(mut self, id: u32, requested: &str, resolved: &str) -> Self {
        macro_rules! lay_out {
            ($message:ty) => {{
                let mut message = <$message>::default();
                message.hd.instrument_id = id;
                message.stype_in_symbol = text(requested);
                message.stype_out_symbol = text(resolved);
                message.start_ts = u64::MAX;
                message.end_ts = u64::MAX;
                message.as_ref().to_vec()
            }};
        }
        let bytes = match self.version {
            1 => lay_out!(v1::SymbolMappingMsg),
            2 => lay_out!(v2::SymbolMappingMsg),
            _ => lay_out!(v3::SymbolMappingMsg),
        };
        self.records.extend(bytes);
        self
    }

    /// The length of everything before the first record.
    pub(crate) fn head_length(&self) -> usize {
        self.bytes().len() - self.records.len()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut metadata = Metadata::builder()
            .version(self.version)
            .dataset(self.dataset)
            .schema(self.schema)
            .start(self.start)
            .end(self.end.and_then(NonZeroU64::new))
            .stype_in(Some(SType::RawSymbol))
            .stype_out(SType::InstrumentId)
            .build();
        // The days are those of a date that the crate knows how to make from an instant.
        let december = Metadata::builder().dataset("").schema(None).start(NOON);
        let december = december
            .stype_in(None)
            .stype_out(SType::InstrumentId)
            .build();
        let first_of_month = december.start().date().replace_day(1).unwrap();
        let day = |day: u8| first_of_month.replace_day(day).unwrap();
        metadata.mappings = self
            .mappings
            .iter()
            .map(|&(symbol, id, [first, end])| dbn::SymbolMapping {
                raw_symbol: symbol.into(),
                intervals: vec![dbn::MappingInterval {
                    start_date: day(first),
                    end_date: day(end),
                    symbol: id.to_string(),
                }],
            })
            .collect();
        let mut bytes = Vec::new();
        MetadataEncoder::new(&mut bytes).encode(&metadata).unwrap();
        bytes.extend(&self.records);
        bytes
    }

    pub(crate) fn compressed(&self) -> Vec<u8> {
        zstd::encode_all(self.bytes().as_slice(), 1).unwrap()
    }
}

/// One MBO record: an add of 3 at 4800.25, unless changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mbo {
    pub(crate) publisher: u16,
    pub(crate) instrument_id: u32,
    pub(crate) ts_event: u64,
    pub(crate) ts_recv: u64,
    pub(crate) action: u8,
    pub(crate) side: u8,
    pub(crate) price: i64,
    pub(crate) size: u32,
    pub(crate) order_id: u64,
    pub(crate) flags: u8,
}

impl Mbo {
    pub(crate) const fn add(order_id: u64) -> Self {
        Self {
            publisher: 1,
            instrument_id: ES_ID,
            ts_event: NOON + order_id,
            ts_recv: NOON + order_id + 1000,
            action: b'A',
            side: b'B',
            price: 4_800_250_000_000,
            size: 3,
            order_id,
            flags: 128,
        }
    }

    /// Lays the record out as the DBN specification has it.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = vec![14, 0xA0];
        bytes.extend(self.publisher.to_le_bytes());
        bytes.extend(self.instrument_id.to_le_bytes());
        bytes.extend(self.ts_event.to_le_bytes());
        bytes.extend(self.order_id.to_le_bytes());
        bytes.extend(self.price.to_le_bytes());
        bytes.extend(self.size.to_le_bytes());
        bytes.extend([self.flags, 0, self.action, self.side]);
        bytes.extend(self.ts_recv.to_le_bytes());
        bytes.extend([0; 8]);
        assert_eq!(bytes.len(), size_of::<MboMsg>());
        bytes
    }
}

/// Returns a text as records have it, filled up with zeros.
pub(crate) fn text<const N: usize>(text: &str) -> [c_char; N] {
    let mut bytes = [0; N];
    for (byte, letter) in bytes.iter_mut().zip(text.bytes()) {
        *byte = c_char::from_ne_bytes([letter]);
    }
    bytes
}

/// A folder that goes away with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// The session of ESH4 on 2023-12-25.
pub(crate) fn es_session(input: Input) -> SessionSpec {
    SessionSpec {
        input,
        instrument: ProductTable::embedded()
            .instrument(ProductType::FutureMbo, "ESH4")
            .unwrap(),
        date: "2023-12-25".parse().unwrap(),
        instrument_id: None,
        publisher: None,
    }
}

/// What came of reading a session to its end or its defect.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) records: Vec<Record>,
    pub(crate) counters: Counters,
    pub(crate) error: Option<IngestError>,
}

impl Outcome {
    pub(crate) fn order_ids(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.order_id).collect()
    }

    /// The error with its sources, without the folder of the test.
    pub(crate) fn message(&self, folder: &Folder) -> String {
        let mut text = String::new();
        let mut next = self
            .error
            .as_ref()
            .map(|error| error as &dyn std::error::Error);
        while let Some(error) = next {
            let separator = if text.is_empty() { "" } else { ": " };
            text = format!("{text}{separator}{error}");
            next = error.source();
        }
        text.replace(&format!("{}/", folder.path().display()), "")
    }
}

pub(crate) fn read(spec: SessionSpec) -> Outcome {
    let mut source = match Source::open(spec) {
        Ok(source) => source,
        Err(error) => {
            return Outcome {
                records: Vec::new(),
                counters: Counters::default(),
                error: Some(error),
            };
        }
    };
    let (mut records, mut batch) = (Vec::new(), Vec::new());
    let error = loop {
        match source.next_batch(&mut batch) {
            Ok(true) => records.extend_from_slice(&batch),
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    // After its end or its defect a source stays at its end.
    assert!(!source.next_batch(&mut batch).unwrap() && batch.is_empty());
    Outcome {
        counters: *source.counters(),
        records,
        error,
    }
}

/// Reads bytes as the session of ESH4, from a file of that name.
pub(crate) fn read_bytes(folder: &Folder, name: &str, bytes: &[u8]) -> Outcome {
    read(es_session(Input::File(folder.write(name, bytes))))
}
