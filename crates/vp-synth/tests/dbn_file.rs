//! The file that `write_dbn` makes, read by the official decoder.

use std::io::{self, Write};
use std::time::Duration;

use dbn::decode::dbn::Decoder;
use dbn::decode::{DbnMetadata, DecodeRecord};
use dbn::{MboMsg, SType, Schema};
use vp_market::{Action, Flags, Price, Record, Side};
use vp_synth::{Compression, SynthConfig, SyntheticMarket, WriteDbnError, write_dbn};

const LENGTH: Duration = Duration::from_secs(20);

fn file(config: &SynthConfig, compression: Compression) -> (Vec<u8>, u64) {
    let mut bytes = Vec::new();
    let records = write_dbn(&mut bytes, config, LENGTH, compression).expect("memory takes it");
    (bytes, records)
}

fn messages(bytes: &[u8]) -> Vec<MboMsg> {
    let mut decoder = Decoder::new(bytes).expect("metadata");
    let mut messages = Vec::new();
    while let Some(message) = decoder.decode_record().expect("whole records") {
        messages.push(MboMsg::clone(message));
    }
    messages
}

/// Reads a message as the rules for files have it: a snapshot's time is that of its making.
fn record(message: &MboMsg) -> Record {
    let flags = Flags(message.flags.raw());
    let is_snapshot = flags.contains(Flags::SNAPSHOT);
    Record {
        ts_event: if is_snapshot {
            message.ts_recv
        } else {
            message.hd.ts_event
        },
        order_id: message.order_id,
        price: Price::from_nanos(message.price),
        size: message.size,
        action: Action::from_letter(message.action().expect("known").into()).expect("known"),
        side: Side::from_letter(message.side().expect("known").into()),
        flags,
    }
}

#[test]
fn the_records_of_a_file_are_those_of_the_stream() {
    for symbol in SynthConfig::presets() {
        let config = SynthConfig::preset(symbol).unwrap();
        let (bytes, count) = file(&config, Compression::None);
        let found: Vec<_> = messages(&bytes).iter().map(record).collect();
        assert_eq!(found.len() as u64, count);
        assert!(
            found.last().unwrap().is_last(),
            "{symbol} ends inside an event"
        );
        let expected: Vec<_> = SyntheticMarket::new(&config)
            .into_records()
            .take(found.len())
            .collect();
        assert!(found == expected, "{symbol} differs");
    }
}

#[test]
fn metadata_names_the_product_and_maps_it_on_the_date() {
    let config = SynthConfig::default();
    let (bytes, _) = file(&config, Compression::None);
    let decoder = Decoder::new(bytes.as_slice()).unwrap();
    let metadata = decoder.metadata();
    assert_eq!(metadata.version, 3);
    assert_eq!(metadata.dataset, "GLBX.MDP3");
    assert_eq!(metadata.schema, Some(Schema::Mbo));
    assert_eq!(metadata.stype_in, Some(SType::RawSymbol));
    assert_eq!(metadata.start, config.start_ns());
    let symbols = metadata
        .symbol_map_for_date(metadata.start().date())
        .unwrap();
    assert_eq!(
        symbols.get(config.instrument_id()).map(String::as_str),
        Some("MNQH6")
    );
    assert_eq!(
        metadata.mappings[0].intervals[0].start_date.to_string(),
        "2026-02-06"
    );
    assert_eq!(
        metadata.mappings[0].intervals[0].end_date.to_string(),
        "2026-02-07"
    );
}

#[test]
fn headers_and_receive_times_are_those_of_a_feed() {
    let config = SynthConfig::preset("QQQ").unwrap();
    let messages = messages(&file(&config, Compression::None).0);
    for pair in messages.windows(2) {
        assert!(pair[0].ts_recv <= pair[1].ts_recv);
        assert!(pair[0].sequence <= pair[1].sequence);
    }
    for message in &messages {
        assert_eq!(message.hd.publisher_id, 2);
        assert_eq!(message.hd.instrument_id, config.instrument_id());
        let is_snapshot = message.flags.raw() & Flags::SNAPSHOT.0 != 0;
        let age_ns = message.ts_recv - message.hd.ts_event;
        if is_snapshot {
            assert_eq!(message.ts_recv, config.start_ns());
        } else {
            assert!((88_000..10_000_000).contains(&age_ns), "{age_ns}");
            assert!((13_000..=18_500).contains(&message.ts_in_delta));
        }
    }
}

#[test]
fn a_compressed_file_holds_the_same_bytes() {
    let config = SynthConfig::default();
    let (plain, count) = file(&config, Compression::None);
    let (compressed, same_count) = file(&config, Compression::Zstd);
    assert_eq!(count, same_count);
    assert!(compressed.len() < plain.len() / 2);
    assert!(zstd::decode_all(compressed.as_slice()).unwrap() == plain);
}

#[test]
fn a_session_beyond_the_calendar_is_refused() {
    let found = write_dbn(
        io::sink(),
        &SynthConfig::default(),
        Duration::MAX,
        Compression::None,
    );
    assert!(
        matches!(found, Err(WriteDbnError::Duration { .. })),
        "{found:?}"
    );
}

/// A disk that is full after some bytes.
struct FullDisk(usize);

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let written = bytes.len().min(self.0);
        self.0 -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_at_every_stage() {
    for compression in [Compression::None, Compression::Zstd] {
        for room in [0, 100, 70_000, 1_000_000] {
            let disk = FullDisk(room);
            let length = Duration::from_mins(1);
            let found = write_dbn(disk, &SynthConfig::default(), length, compression);
            // A minute compresses to less than a megabyte.
            let fits = compression == Compression::Zstd && room == 1_000_000;
            assert!(
                found.is_err() || fits,
                "{compression:?} with room for {room}: {found:?}"
            );
        }
    }
}
