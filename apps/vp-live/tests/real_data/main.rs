//! The engine and the program on real sessions and on reported cases. Skipped, and counted as such,
//! where the data is absent.

#[path = "../../../../crates/vp-engine/tests/against_naive/mod.rs"]
mod against_naive;
#[path = "../binary/mod.rs"]
mod binary;
#[path = "../../../../crates/vp-engine/tests/guarantees/mod.rs"]
mod guarantees;

mod acceptance;
mod cases;
mod engine;
mod queues;
mod session;
mod tape;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use session::Real;

/// A test over the real data.
type Test = fn(&Real) -> Result<(), Failed>;

const TESTS: [(&str, Test); 16] = [
    (
        "tables_are_small_and_lines_are_read",
        acceptance::tables_and_lines,
    ),
    ("bare_files_tell_their_sessions", acceptance::bare_files),
    ("every_guarantee_holds_over_esh4", engine::guarantees_esh4),
    ("every_guarantee_holds_over_arl", engine::guarantees_arl),
    ("soak_the_naive_model_agrees_over_esh4", engine::naive_esh4),
    ("the_naive_model_agrees_over_arl", engine::naive_arl),
    ("batches_of_any_size_give_equal_bits", engine::batches),
    ("a_run_of_esh4_counts_what_is_there", acceptance::run_esh4),
    ("a_run_of_arl_counts_what_is_there", acceptance::run_arl),
    ("every_mark_of_esh4", tape::esh4),
    ("every_mark_of_arl", tape::arl),
    ("every_queue_of_esh4", queues::esh4),
    ("ten_levels_of_arl_after_every_record", queues::arl),
    (
        "best_prices_of_esh4_at_known_times",
        acceptance::best_prices,
    ),
    (
        "a_start_time_shows_the_grids_of_the_whole_run",
        acceptance::start_time,
    ),
    (
        "frames_hold_what_the_lines_hold",
        acceptance::frames_and_lines,
    ),
];

fn main() -> ExitCode {
    let trial = |(name, test): (&str, Test)| {
        Trial::ignorable_test(name, move || match Real::find() {
            Some(real) => test(&real).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(
                "the folder of SPYMASTER_SHARED is not there",
            )),
        })
    };
    let trials = TESTS.into_iter().map(trial).chain(cases::trials());
    let trials = trials.collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
