//! Bronze of real sessions. Skipped, and counted as such, where the data is absent.

mod raw_lake;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use raw_lake::read_back;
use vp_ingest::{RawDay, RawDaySpec};
use vp_lake::Lake;
use vp_lake::tables::Existing;
use vp_market::{ProductTable, ProductType};
use vp_velocity::bronze::{self, RawSymbol};
use vp_velocity::stage::Task;

/// A session of the shared data: kind, symbol, root, date, records in its window.
type Session = (ProductType, &'static str, &'static str, &'static str, usize);

const SESSIONS: [Session; 2] = [
    (ProductType::FutureMbo, "ESH4", "ES", "2023-12-25", 68_792),
    (ProductType::EquityMbo, "ARL", "ARL", "2025-07-17", 5_747),
];

fn main() -> ExitCode {
    let trial = |session: Session| {
        let name = format!("bronze_of_{}_is_its_file", session.1.to_lowercase());
        Trial::ignorable_test(name, move || {
            match vp_testkit::shared::path("data/lake/raw") {
                Some(raw) => check(session, &raw).map(|()| Completion::Completed),
                None => Ok(Completion::ignored_with(
                    "the folder of SPYMASTER_SHARED is not there",
                )),
            }
        })
    };
    let trials = SESSIONS.into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn check(session: Session, raw: &std::path::Path) -> Result<(), Failed> {
    let (product_type, symbol, root, date, count) = session;
    let folder = tempfile::tempdir()?;
    std::os::unix::fs::symlink(raw, folder.path().join("raw"))?;
    let lake = Lake::new(folder.path());
    let mut day = RawDay::open(&RawDaySpec {
        lake: lake.clone(),
        product_type,
        symbol: symbol.into(),
        root: root.into(),
        date: date.parse()?,
        instrument_id: None,
        publisher: None,
    })?;
    let mut expected = Vec::new();
    while day.read(|_, message| expected.push(message.clone()))? {}
    assert_eq!(expected.len(), count);

    let task = Task {
        lake: lake.clone(),
        date: date.parse()?,
        existing: Existing::Keep,
        tool_version: "test 0".into(),
        created_at: "2026-02-07T00:00:00Z".into(),
    };
    let source = RawSymbol::new(&ProductTable::embedded(), product_type, root)?;
    let outcome = bronze::build(&task, &source, &mut |_| {})?;
    assert_eq!(outcome.manifests().len(), 1);
    let partition = bronze::partition(&lake, product_type, symbol, date.parse()?);
    let (found, symbols) = read_back(&partition);
    assert!(found == expected, "bronze differs from the file");
    assert!(symbols.iter().all(|found| found == symbol));
    Ok(())
}
