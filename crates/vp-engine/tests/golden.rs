//! The golden vectors that hold their own records. Those over real files are tested where files
//! can be read: in `apps/vp-live`.

mod golden_case;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use vp_engine::{GridConfig, TickSize};
use vp_testkit::golden::Case;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match vp_testkit::shared::path("golden/engine") {
        Some(folder) => trials(&folder),
        None => vec![Trial::ignorable_test(
            "golden_vectors_of_the_engine",
            || {
                Ok(Completion::ignored_with(
                    "the folder of SPYMASTER_SHARED is not there",
                ))
            },
        )],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(folder: &Path) -> Vec<Trial> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the golden folder is readable")
        .map(|entry| entry.expect("its entries are readable").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    let trial = |path: std::path::PathBuf| {
        let case = Case::read(&path);
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        case.file
            .is_none()
            .then(|| Trial::test(name, move || check_case(&case)))
    };
    paths.into_iter().filter_map(trial).collect()
}

fn check_case(case: &Case) -> Result<(), Failed> {
    let tick = TickSize::from_nanos(case.tick_int)?;
    let config = GridConfig::new(tick).with_half_width(case.half_width)?;
    golden_case::check(case, config, &case.records())
}
