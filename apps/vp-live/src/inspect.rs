//! `vp-live inspect`: what a DBN file holds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use vp_ingest::{DbnError, DbnReader, Inspection};

use crate::args::InspectArgs;
use crate::report::{self, Count, Instant};
use crate::standard_input;

/// More instruments than this are counted, not listed.
const MOST_LISTED: usize = 20;

/// Inspects a file and prints what it holds.
///
/// # Errors
/// If its head cannot be read, or it breaks off: what came before is printed all the same.
pub fn inspect(args: &InspectArgs) -> anyhow::Result<()> {
    let (path, inspection) = if standard_input::is_named(&args.file) {
        let path = Path::new(standard_input::NAME);
        let reader = DbnReader::from_input(path, standard_input::open()?)?;
        (path, Inspection::of_reader(reader))
    } else {
        (args.file.as_path(), Inspection::of(&args.file)?)
    };
    if args.json {
        report::print(&json(&inspection))?;
    } else {
        report::print(&Table {
            path,
            inspection: &inspection,
        })?;
    }
    match inspection.fault {
        Some(fault) => Err(fault).with_context(|| format!("{} is not whole", path.display())),
        None => Ok(()),
    }
}

fn anomalies(inspection: &Inspection) -> BTreeMap<&'static str, u64> {
    let found = &inspection.mbo.anomalies;
    BTreeMap::from([
        ("unknown_action", found.unknown_action),
        ("unknown_side", found.unknown_side),
        ("undefined_price", found.undefined_price),
        ("undefined_ts_event", found.undefined_ts_event),
        ("ts_recv_went_back", found.ts_recv_went_back),
        ("aggregated", found.aggregated),
    ])
}

/// Symbols with their ids and how many records each has, most first.
fn instruments(inspection: &Inspection) -> Vec<(String, u32, u64)> {
    let counts = &inspection.by_instrument;
    let mut rows: Vec<_> = inspection
        .symbols
        .iter()
        .flat_map(|(symbol, ids)| ids.iter().map(move |mapped| (symbol, mapped.id)))
        .map(|(symbol, id)| (symbol.to_owned(), id, counts.get(&id).copied().unwrap_or(0)))
        .collect();
    let unmapped = counts
        .iter()
        .filter(|(id, _)| rows.iter().all(|(_, known, _)| known != *id));
    let unmapped: Vec<_> = unmapped
        .map(|(id, n)| ("(no symbol)".to_owned(), *id, *n))
        .collect();
    rows.extend(unmapped);
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.cmp(b)));
    rows.dedup();
    rows
}

fn json(inspection: &Inspection) -> Value {
    let instruments: Vec<_> = instruments(inspection)
        .into_iter()
        .map(|(symbol, id, records)| json!({"symbol": symbol, "id": id, "records": records}))
        .collect();
    json!({
        "version": inspection.version,
        "dataset": inspection.dataset,
        "schema": inspection.schema,
        "start_ns": inspection.requested.start_ns,
        "end_ns": inspection.requested.end_ns,
        "first_ts_event_ns": inspection.span.map(|span| span.first_ns),
        "last_ts_event_ns": inspection.span.map(|span| span.last_ns),
        "records": inspection.records,
        "by_type": inspection.by_rtype,
        "by_action": inspection.mbo.by_action,
        "by_flag": inspection.mbo.by_flag,
        "snapshot_records": inspection.mbo.snapshot_records,
        "anomalies": anomalies(inspection),
        "instruments": instruments,
        "fault": inspection.fault.as_ref().map(DbnError::to_string),
    })
}

struct Table<'a> {
    path: &'a Path,
    inspection: &'a Inspection,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.inspection;
        writeln!(f, "file        {}", self.path.display())?;
        let schema = found.schema.unwrap_or("several");
        writeln!(
            f,
            "encoding    DBN v{}, {}, schema {schema}",
            found.version, found.dataset
        )?;
        let start = Instant(found.requested.start_ns);
        match found.requested.end_ns {
            Some(end_ns) => writeln!(f, "requested   {start} to {}", Instant(end_ns))?,
            None => writeln!(f, "requested   from {start}")?,
        }
        if let Some(span) = found.span {
            writeln!(f, "first event {}", Instant(span.first_ns))?;
            writeln!(f, "last event  {}", Instant(span.last_ns))?;
        }
        writeln!(f, "records     {}", Count(found.records))?;
        let mbo = &found.mbo;
        counts(f, "by type", found.by_rtype.iter())?;
        counts(f, "by action", mbo.by_action.iter())?;
        counts(f, "by flag", mbo.by_flag.iter())?;
        writeln!(f, "snapshot    {} records", Count(mbo.snapshot_records))?;
        let anomalies = anomalies(found);
        if anomalies.values().all(|count| *count == 0) {
            writeln!(f, "anomalies   none")?;
        }
        counts(
            f,
            "anomalies",
            anomalies.iter().filter(|(_, count)| **count > 0),
        )?;
        let instruments = instruments(found);
        write!(f, "instruments {}", Count(instruments.len() as u64))?;
        for (symbol, id, records) in instruments.iter().take(MOST_LISTED) {
            write!(
                f,
                "\n            {symbol} (id {id}): {} records",
                Count(*records)
            )?;
        }
        match instruments.len().checked_sub(MOST_LISTED) {
            None | Some(0) => Ok(()),
            Some(more) => write!(
                f,
                "\n            and {} more (--json lists all)",
                Count(more as u64)
            ),
        }
    }
}

fn counts<'a, K: fmt::Display + 'a>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    counts: impl Iterator<Item = (K, &'a u64)>,
) -> fmt::Result {
    let texts: Vec<_> = counts
        .map(|(kind, count)| format!("{kind} {}", Count(*count)))
        .collect();
    if texts.is_empty() {
        Ok(())
    } else {
        writeln!(f, "{name:<12}{}", texts.join(", "))
    }
}
