//! `vp-live inspect`: what a DBN file holds.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value, json};
use vp_ingest::{DbnError, DbnReader, Inspection};

use crate::args::InspectArgs;
use crate::instant::Instant;
use crate::standard_input;
use vp_cli::report::{self, Count};

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
        report::print(&Json(&inspection))?;
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

/// A symbol with its id and how many records it has.
type InstrumentRow<'a> = (&'a str, u32, u64);

/// Returns the instruments, those with most records first.
fn instruments(inspection: &Inspection) -> Vec<InstrumentRow<'_>> {
    let counts = &inspection.by_instrument;
    let symbols = inspection.symbols.iter();
    let mut rows: Vec<InstrumentRow<'_>> = symbols
        .flat_map(|(symbol, ids)| ids.iter().map(move |mapped| (symbol, mapped.id)))
        .map(|(symbol, id)| (symbol, id, counts.get(&id).copied().unwrap_or(0)))
        .collect();
    let mapped: HashSet<u32> = rows.iter().map(|(_, id, _)| *id).collect();
    let unmapped = counts.iter().filter(|(id, _)| !mapped.contains(id));
    rows.extend(unmapped.map(|(id, records)| ("(no symbol)", *id, *records)));
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.cmp(b)));
    rows.dedup();
    rows
}

/// An inspection as JSON. A file may map hundreds of thousands of instruments, which are written
/// one by one.
struct Json<'a>(&'a Inspection);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = '{';
        for (key, value) in head(self.0) {
            write!(f, "{separator}{}:", Value::from(key.as_str()))?;
            separator = ',';
            if key == INSTRUMENTS {
                self.write_instruments(f)?;
            } else {
                write!(f, "{value}")?;
            }
        }
        f.write_str("}")
    }
}

/// The key of the list of instruments.
const INSTRUMENTS: &str = "instruments";

impl Json<'_> {
    fn write_instruments(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, (symbol, id, records)) in instruments(self.0).into_iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            let row = json!({"symbol": symbol, "id": id, "records": records});
            write!(f, "{separator}{row}")?;
        }
        f.write_str("]")
    }
}

/// Returns everything but the instruments, in whose place nothing is.
fn head(inspection: &Inspection) -> Map<String, Value> {
    let fields = [
        ("version", json!(inspection.version)),
        ("dataset", json!(inspection.dataset)),
        ("schema", json!(inspection.schema)),
        ("start_ns", json!(inspection.requested.start_ns)),
        ("end_ns", json!(inspection.requested.end_ns)),
        (
            "first_ts_event_ns",
            json!(inspection.span.map(|span| span.first_ns)),
        ),
        (
            "last_ts_event_ns",
            json!(inspection.span.map(|span| span.last_ns)),
        ),
        ("records", json!(inspection.records)),
        ("by_type", json!(inspection.by_rtype)),
        ("by_action", json!(inspection.mbo.by_action)),
        ("by_flag", json!(inspection.mbo.by_flag)),
        ("snapshot_records", json!(inspection.mbo.snapshot_records)),
        ("anomalies", json!(anomalies(inspection))),
        (INSTRUMENTS, Value::Null),
        (
            "fault",
            json!(inspection.fault.as_ref().map(DbnError::to_string)),
        ),
    ];
    let fields = fields.into_iter();
    fields.map(|(key, value)| (key.to_owned(), value)).collect()
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
