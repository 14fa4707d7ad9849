//! Once warm, nothing is allocated: by a record of a real session in book and engine, and by a
//! grid on its way to the wire. Real sessions are skipped, visibly, where the data is absent.

#[path = "real_data/session.rs"]
#[allow(dead_code, reason = "not every test target uses all of it")]
mod session;
#[path = "../../../crates/vp-engine/tests/warm_flow/mod.rs"]
mod warm_flow;

use std::process::ExitCode;

use allocation_counter::measure;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use session::Real;
use vp_engine::{Action, Engine, GridConfig, Record};
use vp_live::encode::{Aging, FrameEncoder};
use vp_replay::Stamp;
use vp_session::{Moment, Tape};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_wire::{Field, Float};

/// Counts the allocations of a warm flow.
type Count = fn(&[Record], GridConfig) -> u64;

fn main() -> ExitCode {
    let trials = vec![
        real(
            "a_record_of_esh4_allocates_nothing_in_a_warm_book",
            warm_flow::in_book,
        ),
        real(
            "a_record_of_esh4_allocates_nothing_in_a_warm_engine",
            warm_flow::in_engine,
        ),
        Trial::test("a_grid_of_all_columns_allocates_nothing", move || {
            emission(Aging::Frozen, Field::grid(Float::F64))
        }),
        Trial::test("a_grid_of_short_floats_allocates_nothing", move || {
            emission(Aging::Frozen, Field::grid(Float::F32))
        }),
        Trial::test("a_decayed_grid_allocates_nothing", move || {
            emission(Aging::Decayed, Field::grid(Float::F64))
        }),
        Trial::test("a_grid_of_chosen_columns_allocates_nothing", move || {
            emission(
                Aging::Frozen,
                Field::select("k,rest_depth,last_event_id", Float::F64)?,
            )
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn real(name: &str, count: Count) -> Trial {
    Trial::ignorable_test(name, move || {
        let Some(real) = Real::find() else {
            return Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            ));
        };
        let (records, config) = session::read(&real.esh4()?)?;
        none(count(&records, config), records.len())
    })
}

fn none(allocations: u64, of: usize) -> Result<Completion, Failed> {
    match allocations {
        0 => Ok(Completion::Completed),
        count => Err(format!("{count} allocations in {of}").into()),
    }
}

/// Encodes the grid of every event of a synthetic flow, twice over: the first time makes room for
/// the largest, the second must find it.
fn emission(aging: Aging, fields: Vec<Field>) -> Result<(), Failed> {
    let mut frames = FrameEncoder::new(aging, fields);
    encode_flow(&mut frames)?;
    let (allocations, count) = encode_flow(&mut frames)?;
    assert!(count > 10_000, "only {count} grids");
    none(allocations, count).map(drop)
}

/// Returns how often encoding allocated, and how many grids there were.
fn encode_flow(frames: &mut FrameEncoder) -> Result<(u64, usize), Failed> {
    let config = SynthConfig::preset("MNQH6")?;
    let mut engine = Engine::new(GridConfig::new(config.tick()));
    let mut tape = Tape::new();
    let (mut allocations, mut count) = (0, 0);
    for record in SyntheticMarket::new(&config).into_records().take(30_000) {
        if record.action == Action::Trade {
            tape.print(&record);
        }
        if engine.apply(&record).commits == 0 {
            continue;
        }
        count += 1;
        let moment = Moment {
            stamp: Stamp { seq: 1, epoch: 0 },
            engine: &engine,
            tape: &tape,
        };
        allocations += measure(|| _ = frames.encode(moment)).count_total;
        tape.tear_off();
    }
    Ok((allocations, count))
}
