//! Several instruments at once: an engine each, by instrument id, and all grids at one time.
//!
//! `cargo run -p vp-engine --example several_instruments`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::collections::BTreeMap;

use vp_engine::{Engine, GridConfig, Record};
use vp_synth::{SynthConfig, SyntheticMarket};

const SECOND_NS: u64 = 1_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = ["ESH6", "MNQH6"].map(SynthConfig::preset);
    let sessions = sessions.into_iter().collect::<Result<Vec<_>, _>>()?;
    let until = sessions[0].start_ns() + 5 * SECOND_NS;

    // One feed: the records of all instruments in the order of their times, each with its id.
    let mut feed: Vec<(u32, Record)> = Vec::new();
    for session in &sessions {
        let records = SyntheticMarket::new(session).into_records();
        let first = records.take_while(|record| record.ts_event < until);
        feed.extend(first.map(|record| (session.instrument_id(), record)));
    }
    feed.sort_by_key(|(_, record)| record.ts_event);

    let mut engines: BTreeMap<u32, Engine> = sessions
        .iter()
        .map(|session| {
            (
                session.instrument_id(),
                Engine::new(GridConfig::new(session.tick())),
            )
        })
        .collect();
    for (instrument_id, record) in &feed {
        if let Some(engine) = engines.get_mut(instrument_id) {
            engine.apply(record);
        }
    }

    // Grids of different instruments have their last events at different times: the decayed view
    // brings them to one.
    for session in &sessions {
        let grid = engines[&session.instrument_id()].grid();
        let at_spot = grid.bucket_at(0, until).ok_or("row 0 is always there")?;
        println!(
            "{}: {} events, mid {:?}, pressure at the spot {:.3}",
            session.symbol(),
            grid.events(),
            grid.mid_price(),
            at_spot.pressure()
        );
    }
    Ok(())
}
