//! Feeds a DBN file through the `dbn` crate: the grid at the end of the file.
//!
//! `cargo run -p vp-engine --example from_dbn -- FILE.dbn 0.25`
//!
//! Without a file it makes ten seconds of a synthetic session in memory. A compressed file needs the
//! feature `zstd` of `dbn` and its `DynDecoder`. The example takes every record of the file: choosing
//! the instrument, the publisher and the session is the work of `vp-ingest`.

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::env;
use std::io::Cursor;
use std::time::Duration;

use dbn::MboMsg;
use dbn::decode::{DbnDecoder, DecodeRecord};
use vp_engine::{Engine, GridConfig, Price, Record, TickSize};
use vp_synth::{Compression, SynthConfig, write_dbn};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let (bytes, tick) = match args.as_slice() {
        [file, tick] => (std::fs::read(file)?, tick.parse::<Price>()?.nanos()),
        [] => (synthetic()?, 250_000_000),
        _ => return Err("expected a file and its tick, such as 0.25".into()),
    };
    let mut engine = Engine::new(GridConfig::new(TickSize::from_nanos(tick)?));
    let mut decoder = DbnDecoder::new(Cursor::new(bytes))?;
    let mut batch = Vec::with_capacity(1024);
    let mut commits = 0_u64;
    loop {
        batch.clear();
        while batch.len() < batch.capacity()
            && let Some(message) = decoder.decode_record::<MboMsg>()?
        {
            batch.push(Record::from(message));
        }
        if batch.is_empty() {
            break;
        }
        engine.apply_batch(&batch, |_grid| commits += 1);
    }
    commits += u64::from(engine.flush());

    let grid = engine.grid();
    let price = |price: Option<Price>| price.map_or("none".into(), |price| price.to_string());
    println!(
        "{commits} events, best bid {}, best ask {}, anomalies {}",
        price(grid.best_bid()),
        price(grid.best_ask()),
        grid.anomalies().total()
    );
    Ok(())
}

fn synthetic() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    let session = SynthConfig::preset("ESH6")?;
    write_dbn(
        &mut bytes,
        &session,
        Duration::from_secs(10),
        Compression::None,
    )?;
    Ok(bytes)
}
