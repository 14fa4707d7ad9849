//! A copy of the grid in a layout of one's own, kept up to date at the cost of what changed: the
//! depth at rest as 32-bit floats, and how many rows were written.
//!
//! `cargo run -p vp-engine --example custom_copy`

#![expect(clippy::print_stdout, reason = "an example prints what it finds")]

use std::ops::Range;

use vp_engine::{Column, Engine, Follower, GridConfig, GridCopy, Row};
use vp_synth::{SynthConfig, SyntheticMarket};

#[derive(Default)]
struct Depths {
    depths: Vec<f32>,
    rows_written: u64,
}

impl GridCopy for Depths {
    fn resize(&mut self, half_width: u32) {
        self.depths.resize(2 * half_width as usize + 1, 0.0);
    }

    fn move_rows(&mut self, from: Range<usize>, to: usize) {
        self.depths.copy_within(from, to);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a depth to look at")]
    fn set_row(&mut self, place: usize, row: &Row) {
        self.depths[place] = row[Column::RestDepth] as f32;
        self.rows_written += 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let session = SynthConfig::preset("ESH6")?;
    let mut engine = Engine::new(GridConfig::new(session.tick()));
    let mut copy = Follower::new(Depths::default());
    for record in SyntheticMarket::new(&session).into_records().take(50_000) {
        if engine.apply(&record).commits > 0 {
            copy.follow(engine.grid());
        }
    }
    let (
        grid,
        Depths {
            depths,
            rows_written,
        },
    ) = (engine.grid(), copy.copy());
    println!(
        "{} events, {rows_written} rows written of {} shown; depth from k = -3 to +3: {:?}",
        grid.events(),
        grid.events() * depths.len() as u64,
        &depths[depths.len() / 2 - 3..=depths.len() / 2 + 3]
    );
    Ok(())
}
