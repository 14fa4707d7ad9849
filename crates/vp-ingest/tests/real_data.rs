//! The rules of reading, on real market data. Skipped, and counted as such, where it is absent.

#[path = "real_data/cases.rs"]
mod cases;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use vp_ingest::{Counters, Defined, Definitions, Input, Inspection, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{Action, ProductTable, ProductType, Record, Right, SessionDate};

fn main() -> ExitCode {
    let shared = std::env::var_os("SPYMASTER_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let is_absent = !shared.join("data").is_dir();
    let trial = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let data = shared.join("data");
        Trial::test(name, move || test(&data)).with_ignored_flag(is_absent)
    };
    let trials = vec![
        trial("the_es_session_is_delivered_whole", es_session),
        trial("a_day_without_flow_is_its_snapshot", es_snapshot),
        trial("an_equity_session_ends_at_its_window", arl_session),
        trial("mbo_of_every_version_decodes", every_version),
        trial("other_schemas_are_refused", other_schemas),
        trial("a_live_capture_of_one_instrument_is_read", live_capture),
        trial("every_file_can_be_inspected", inspections),
        trial("definitions_name_the_options_of_their_day", definitions),
    ];
    let cases = shared.join("cases");
    let case = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let (cases, is_absent) = (cases.clone(), !cases.is_dir());
        Trial::test(name, move || test(&cases)).with_ignored_flag(is_absent)
    };
    let of_cases = [
        case("a_day_of_a_file_of_several_days", cases::several_days),
        case("a_record_across_midnight", cases::across_midnight),
        case("two_publishers_of_one_share", cases::two_publishers),
        case("a_skippable_frame_comes_first", cases::skippable_frame),
        case("a_file_of_a_continuous_symbol", cases::continuous_symbol),
        case("mappings_within_a_stream", cases::mappings_in_the_stream),
        case("a_file_of_another_schema_beside", cases::other_schema),
        case("symbols_of_shares_with_signs", cases::symbols_of_shares),
    ];
    let trials = trials.into_iter().chain(of_cases).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn spec(
    input: Input,
    product_type: ProductType,
    symbol: &str,
    date: &str,
) -> Result<SessionSpec, Failed> {
    Ok(SessionSpec {
        input,
        instrument: ProductTable::embedded().instrument(product_type, symbol)?,
        date: date.parse()?,
        instrument_id: None,
        publisher: None,
    })
}

fn read(spec: SessionSpec) -> Result<(Vec<Record>, Counters), Failed> {
    let mut source = Source::open(spec)?;
    let (mut records, mut batch) = (Vec::new(), Vec::new());
    while source.next_batch(&mut batch)? {
        records.extend_from_slice(&batch);
    }
    let progress = source.progress();
    assert_eq!(progress.bytes_read, progress.bytes_total);
    assert_eq!(source.counters().delivered, records.len() as u64);
    Ok((records, *source.counters()))
}

fn es_session(data: &Path) -> Result<(), Failed> {
    let lake = Input::Lake(Lake::new(data.join("lake")));
    let (records, counters) = read(spec(lake, ProductType::FutureMbo, "ESH4", "2023-12-25")?)?;
    let expected = Counters {
        records: 68_792,
        delivered: 68_792,
        snapshot_records: 8_725,
        ..Counters::default()
    };
    assert_eq!(counters, expected);
    let snapshot = &records[..8_725];
    assert!(snapshot.iter().all(Record::is_snapshot));
    // When the snapshot was made, not when its orders were placed.
    let made = snapshot[0].ts_event;
    assert!(snapshot.iter().all(|record| record.ts_event == made));
    assert!(
        records[8_725..]
            .iter()
            .all(|record| record.ts_event >= made)
    );
    Ok(())
}

/// Reads a file of definitions as one of that date.
fn defined_on(file: &Path, date: &str) -> Result<Definitions, Failed> {
    let folder = tempfile::tempdir()?;
    let date: SessionDate = date.parse()?;
    let definitions = folder
        .path()
        .join("raw/source=databento/dataset=definition");
    std::fs::create_dir_all(&definitions)?;
    let name = format!("{}.definition.dbn.zst", date.compact());
    std::fs::hard_link(file, definitions.join(&name))
        .or_else(|_| std::fs::copy(file, definitions.join(name)).map(|_| ()))?;
    Ok(Definitions::read(
        &Lake::new(folder.path()),
        "GLBX.MDP3",
        date,
    )?)
}

fn definitions(data: &Path) -> Result<(), Failed> {
    let file = data.join("decode/es-opt-20240509.definition.dbn.zst");
    let found = defined_on(&file, "2024-05-09")?;
    assert!(found.iter().all(|(_, of)| *of == Defined::OtherDay));
    let found = defined_on(&file, "2024-06-21")?;
    let mut strikes = Vec::new();
    for (_, definition) in found.iter() {
        let Defined::Option(option) = definition else {
            return Err(format!("{definition:?} is no option").into());
        };
        assert_eq!((&*option.underlying, option.right), ("ESM4", Right::Put));
        strikes.push(option.strike.to_string());
    }
    strikes.sort();
    assert_eq!(strikes, ["5230", "5250"]);
    Ok(())
}

fn es_snapshot(data: &Path) -> Result<(), Failed> {
    let lake = Input::Lake(Lake::new(data.join("lake")));
    let (records, counters) = read(spec(lake, ProductType::FutureMbo, "ESH4", "2023-12-24")?)?;
    assert!(records.iter().all(Record::is_snapshot));
    assert_eq!(counters.snapshot_records, counters.records);
    Ok(())
}

fn arl_session(data: &Path) -> Result<(), Failed> {
    let lake = Input::Lake(Lake::new(data.join("lake")));
    let (records, counters) = read(spec(lake, ProductType::EquityMbo, "ARL", "2025-07-17")?)?;
    let expected = Counters {
        records: 5_886,
        outside_window: 139,
        delivered: 5_747,
        ..Counters::default()
    };
    assert_eq!(counters, expected);
    assert_eq!(records[0].action, Action::Clear);
    Ok(())
}

fn every_version(data: &Path) -> Result<(), Failed> {
    let mut sessions = Vec::new();
    for (name, version) in [
        ("test_data.mbo.v1.dbn.zst", 1),
        ("test_data.mbo.v2.dbn.zst", 2),
        ("test_data.mbo.v3.dbn.zst", 3),
        ("test_data.mbo.v3.dbn", 3),
    ] {
        let file = Input::File(data.join("decode").join(name));
        let spec = spec(file, ProductType::FutureMbo, "ESH1", "2020-12-28")?;
        assert_eq!(Source::open(spec.clone())?.files()[0].version, version);
        sessions.push(read(spec)?);
    }
    assert!(!sessions[0].0.is_empty());
    assert!(sessions.iter().all(|session| *session == sessions[0]));
    Ok(())
}

fn other_schemas(data: &Path) -> Result<(), Failed> {
    for (name, schema) in [
        ("es-opt.definition.dbn.zst", "definition"),
        ("test_data.cmbp-1.v3.dbn.zst", "cmbp-1"),
        ("test_data.definition.v1.dbn.zst", "definition"),
        ("test_data.definition.v3.dbn.zst", "definition"),
        ("test_data.mbp-10.v3.dbn.zst", "mbp-10"),
        ("test_data.statistics.v3.dbn.zst", "statistics"),
    ] {
        let path = data.join("decode").join(name);
        let file = Input::File(path.clone());
        let spec = spec(file, ProductType::FutureMbo, "ESH1", "2020-12-28")?;
        let error = Source::open(spec).err().map(|error| error.to_string());
        let path = path.display();
        let expected = format!("{path} holds records of the schema {schema}, expected mbo");
        assert_eq!(error, Some(expected));
    }
    Ok(())
}

/// It has no mappings in its metadata, and many records that are no orders.
fn live_capture(data: &Path) -> Result<(), Failed> {
    let file = Input::File(data.join("decode/test_data.live.dbn.zst"));
    let (records, counters) = read(spec(file, ProductType::FutureMbo, "ESZ4", "2023-11-19")?)?;
    assert_eq!(records.len(), 5);
    assert_eq!(counters.records, 46);
    assert_eq!(counters.other_rtypes, 41);
    Ok(())
}

fn inspections(data: &Path) -> Result<(), Failed> {
    let mut inspected = 0;
    for entry in data.join("decode").read_dir()? {
        let found = Inspection::of(&entry?.path())?;
        assert!(found.fault.is_none());
        assert!(found.records > 0);
        assert_eq!(found.by_rtype.values().sum::<u64>(), found.records);
        assert_eq!(found.by_instrument.values().sum::<u64>(), found.records);
        inspected += 1;
    }
    assert!(inspected >= 13);
    let es = data.join("lake/raw/source=databento/product_type=future_mbo/symbol=ES");
    let es = es.join("table=market_by_order_dbn/glbx-mdp3-20231225.mbo.dbn.zst");
    let found = Inspection::of(&es)?;
    assert_eq!((found.version, found.schema), (1, Some("mbo")));
    assert_eq!((found.records, found.mbo.snapshot_records), (68_792, 8_725));
    assert_eq!(found.mbo.by_flag["SNAPSHOT"], 8_725);
    assert_eq!(found.mbo.anomalies.unknown_action, 0);
    assert_eq!(found.mbo.anomalies.ts_recv_went_back, 0);
    let span = found.span.ok_or("no time at all")?;
    assert!(span.first_ns < span.last_ns);
    assert_eq!(found.symbols.ids_on("ESH4", "2023-12-25".parse()?).len(), 1);
    Ok(())
}
