//! What a record costs from file to `Record`: plain on one thread, and compressed against zstd
//! alone.
//!
//! Input is ESH4 of 2023-12-25 where the real data is, else a synthetic file of as many records;
//! either is laid end to end 16 times, so that opening it does not count.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dbn::encode::dbn::MetadataEncoder;
use dbn::{Metadata, SType, Schema};
use vp_ingest::{Input, SessionSpec, Source};
use vp_market::{ProductTable, ProductType};

/// How often the records are repeated.
const REPEATS: usize = 16;
/// Bytes of an MBO record.
const RECORD_BYTES: usize = 56;

/// A session, uncompressed.
struct Session {
    head: Vec<u8>,
    records: Vec<u8>,
    instrument_id: Option<u32>,
}

fn session() -> Result<Session, Box<dyn Error>> {
    let shared = std::env::var_os("SPYMASTER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = shared
        .join("data/lake/raw/source=databento/product_type=future_mbo/symbol=ES")
        .join("table=market_by_order_dbn/glbx-mdp3-20231225.mbo.dbn.zst");
    if !file.exists() {
        return synthetic();
    }
    let mut bytes = zstd::decode_all(File::open(file)?)?;
    let metadata = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let records = bytes.split_off(8 + usize::try_from(metadata)?);
    Ok(Session {
        head: bytes,
        records,
        instrument_id: None,
    })
}

fn synthetic() -> Result<Session, Box<dyn Error>> {
    let start: u64 = 1_703_527_200_000_000_000;
    let metadata = Metadata::builder()
        .dataset("GLBX.MDP3")
        .schema(Some(Schema::Mbo))
        .start(start)
        .stype_in(Some(SType::RawSymbol))
        .stype_out(SType::InstrumentId)
        .build();
    let mut head = Vec::new();
    MetadataEncoder::new(&mut head).encode(&metadata)?;
    let mut records = Vec::new();
    for index in 0..68_792u64 {
        let noise = index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        records.extend([14, 0xA0, 1, 0, 17, 0, 0, 0]);
        records.extend((start + index * 50_000 + noise).to_le_bytes());
        records.extend((index / 2).to_le_bytes());
        records.extend((4_800_000_000_000 + (noise % 64) * 250_000_000).to_le_bytes());
        records.extend([3, 0, 0, 0, 128, 0, b"AC"[usize::from(index % 2 == 1)], b'B']);
        records.extend((start + index * 50_000 + noise + 9_000).to_le_bytes());
        records.extend([0; 8]);
    }
    Ok(Session {
        head,
        records,
        instrument_id: Some(17),
    })
}

fn read(path: &Path, instrument_id: Option<u32>) -> Result<u64, Box<dyn Error>> {
    let mut source = Source::open(SessionSpec {
        input: Input::File(path.into()),
        instrument: ProductTable::embedded().instrument(ProductType::FutureMbo, "ESH4")?,
        date: "2023-12-25".parse()?,
        // The synthetic file has no mappings, and would be read twice for it.
        instrument_id,
        publisher: None,
    })?;
    let mut batch = Vec::new();
    while source.next_batch(&mut batch)? {
        black_box(&batch);
    }
    Ok(source.counters().delivered)
}

fn inflate(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut decoder = zstd::Decoder::with_buffer(BufReader::new(File::open(path)?))?;
    let mut space = vec![0; 128 * 1024];
    while decoder.read(&mut space)? > 0 {
        black_box(&space);
    }
    Ok(())
}

fn decode(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let Session {
        head: mut bytes,
        records,
        instrument_id,
    } = session()?;
    for _ in 0..REPEATS {
        bytes.extend(&records);
    }
    let folder = tempfile::tempdir()?;
    let (plain, compressed) = (folder.path().join("a.dbn"), folder.path().join("a.dbn.zst"));
    std::fs::write(&compressed, zstd::encode_all(bytes.as_slice(), 3)?)?;
    std::fs::write(&plain, bytes)?;
    let count = (REPEATS * records.len() / RECORD_BYTES) as u64;
    assert_eq!(
        read(&plain, instrument_id)?,
        count,
        "the whole session is delivered"
    );
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(count));
    group.bench_function("plain", |bench| {
        bench.iter(|| read(&plain, instrument_id).expect("the file has been read before"));
    });
    group.bench_function("zstd", |bench| {
        bench.iter(|| read(&compressed, instrument_id).expect("the file has been read before"));
    });
    group.bench_function("zstd_alone", |bench| {
        bench.iter(|| inflate(&compressed).expect("the file has been read before"));
    });
    group.finish();
    Ok(())
}

fn benches(criterion: &mut Criterion) {
    decode(criterion).expect("the input can be written and read");
}

criterion_group!(all, benches);
criterion_main!(all);
