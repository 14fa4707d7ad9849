//! Ten seconds of a synthetic market: the spot and the row under the strongest pressure, once a
//! second of event time, from a snapshot that is filled again and again.
//!
//! `cargo run -p vp-engine --example snapshot_stream`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use vp_engine::{Column, Engine, GridConfig, GridSnapshot, Price};
use vp_synth::{SynthConfig, SyntheticMarket};

const SECOND_NS: u64 = 1_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = SynthConfig::preset("ESH6")?.with_seed(7);
    let mut engine = Engine::new(GridConfig::new(session.tick()));
    let mut snapshot = GridSnapshot::of(engine.grid());
    let mut due_ns = session.start_ns() + SECOND_NS;

    println!("second     spot      bid      ask | strongest pressure");
    for record in SyntheticMarket::new(&session).into_records() {
        // The first record at or after a full second shows the grid as it was until then.
        if record.ts_event >= due_ns {
            engine.commit_before(&record);
            snapshot.fill(engine.grid());
            let second = (due_ns - session.start_ns()) / SECOND_NS;
            print(second, &snapshot, session.tick().nanos());
            if second == 10 {
                break;
            }
            due_ns += SECOND_NS;
        }
        engine.apply(&record);
    }
    Ok(())
}

fn print(second: u64, snapshot: &GridSnapshot, tick_nanos: i64) {
    let price = |nanos: Option<i64>| {
        let price = nanos.and_then(Price::from_nanos);
        price.map_or("none".into(), |price| price.to_string())
    };
    let pressure = snapshot.column(Column::Pressure);
    let rows = snapshot.ks().iter().zip(pressure);
    let Some((k, strongest)) = rows.max_by(|a, b| a.1.total_cmp(b.1)) else {
        return;
    };
    println!(
        "{second:>6} {:>8} {:>8} {:>8} | {strongest:>8.2} at {} (k = {k:+})",
        price(snapshot.spot_ref_price_int),
        price(snapshot.best_bid_price_int),
        price(snapshot.best_ask_price_int),
        price(
            snapshot
                .spot_ref_price_int
                .map(|spot| spot + i64::from(*k) * tick_nanos)
        ),
    );
}
