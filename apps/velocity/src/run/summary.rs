//! What a run has made: a row for each partition, and for each date that failed.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use vp_ingest::LeftOutRecords;
use vp_lake::tables::{Layer, Manifest};
use vp_market::SessionDate;

use crate::Verdict;
use vp_cli::report::{Count, TextTable};

/// How many names a line lists of what bronze leaves out.
const LISTED: usize = 20;

/// What a run has made.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) made: Made,
    pub(super) elapsed: Duration,
}

/// What was made of one or several dates.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) rows: Vec<Row>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Records of a date's raw files that are of no partition of bronze.
#[derive(Debug)]
pub(super) struct LeftOut {
    /// The root, contract or ticker that was asked for.
    pub(super) symbol: String,
    pub(super) date: SessionDate,
    /// By name, most records first.
    pub(super) records: Vec<LeftOutRecords>,
}

impl LeftOut {
    fn total(&self) -> u64 {
        self.records.iter().map(|of| of.records).sum()
    }

    fn json(&self) -> Value {
        let names = self.records.iter();
        let names: Vec<_> = names
            .map(|of| json!({"name": of.name, "records": of.records}))
            .collect();
        json!({
            "symbol": self.symbol,
            "dt": self.date.to_string(),
            "records": self.total(),
            "by_name": names,
        })
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.records.iter().take(LISTED);
        let names: Vec<_> = names
            .map(|of| format!("{} ({})", of.name, Count(of.records)))
            .collect();
        write!(
            f,
            "bronze of {} on {} leaves out {} records: {}",
            self.symbol,
            self.date,
            Count(self.total()),
            names.join(", ")
        )?;
        match self.records.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more (--json lists all)"),
        }
    }
}

/// A partition that was made or kept, or a layer of a date that was not.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) layer: Layer,
    pub(super) symbol: String,
    pub(super) date: SessionDate,
    pub(super) end: End,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was built, with what was built beside it in so long.
    Built {
        manifest: Manifest,
        elapsed: Duration,
    },
    /// It was complete.
    Kept { manifest: Manifest },
    /// A date of a range has no input.
    Absent(anyhow::Error),
    /// It could not be made.
    Failed(anyhow::Error),
}

impl End {
    const fn name(&self) -> &'static str {
        match self {
            Self::Built { .. } => "built",
            Self::Kept { .. } => "kept",
            Self::Absent(_) => "absent",
            Self::Failed(_) => "failed",
        }
    }

    const fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Built { manifest, .. } | Self::Kept { manifest } => Some(manifest),
            Self::Absent(_) | Self::Failed(_) => None,
        }
    }

    const fn error(&self) -> Option<&anyhow::Error> {
        match self {
            Self::Absent(error) | Self::Failed(error) => Some(error),
            Self::Built { .. } | Self::Kept { .. } => None,
        }
    }
}

impl Row {
    /// Returns the name of the partition's table.
    fn table(&self) -> &str {
        let dataset = self.end.manifest().map(|manifest| &manifest.dataset);
        let table = dataset.and_then(|dataset| dataset.rsplit_once("table="));
        table.map_or("", |(_, table)| table)
    }

    fn bytes(manifest: &Manifest) -> u64 {
        manifest.files.iter().map(|file| file.bytes).sum()
    }

    fn json(&self) -> Value {
        let Self {
            layer,
            symbol,
            date,
            end,
        } = self;
        let mut row = json!({
            "layer": layer.name(),
            "symbol": symbol,
            "dt": date.to_string(),
            "state": end.name(),
        });
        if let Some(manifest) = end.manifest() {
            row["dataset"] = json!(manifest.dataset);
            row["rows"] = json!(manifest.row_count);
            row["bytes"] = json!(Self::bytes(manifest));
            row["content_sha256"] = json!(manifest.content_sha256);
        }
        if let End::Built { elapsed, .. } = end {
            row["seconds"] = json!(elapsed.as_secs_f64());
        }
        if let Some(error) = end.error() {
            row["error"] = json!(format!("{error:#}"));
        }
        row
    }
}

impl Summary {
    /// Returns whether something was made, and nothing failed.
    pub(super) fn verdict(&self) -> Verdict {
        let is_made = |row: &Row| row.end.manifest().is_some();
        let is_failed = |row: &Row| matches!(row.end, End::Failed(_));
        if self.made.rows.iter().any(is_made) && !self.made.rows.iter().any(is_failed) {
            Verdict::Good
        } else {
            Verdict::Bad
        }
    }

    /// Returns why what failed did; where nothing was made, why all is absent as well.
    pub(super) fn errors(&self) -> impl Iterator<Item = &anyhow::Error> {
        let is_all_absent = self
            .made
            .rows
            .iter()
            .all(|row| matches!(row.end, End::Absent(_)));
        let told = self
            .made
            .rows
            .iter()
            .filter(move |row| is_all_absent || matches!(row.end, End::Failed(_)));
        told.filter_map(|row| row.end.error())
    }

    pub(super) fn json(&self) -> Value {
        let rows: Vec<Value> = self.made.rows.iter().map(Row::json).collect();
        json!({
            "partitions": rows,
            "left_out": self.made.left_out.iter().map(LeftOut::json).collect::<Vec<_>>(),
            "is_good": self.verdict() == Verdict::Good,
            "seconds": self.elapsed.as_secs_f64(),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = TextTable::new([
            "layer", "symbol", "date", "table", "state", "#rows", "#bytes", "#seconds",
        ]);
        for row in &self.made.rows {
            let manifest = row.end.manifest();
            let number = |number: fn(&Manifest) -> u64| {
                manifest.map_or(String::new(), |manifest| {
                    Count(number(manifest)).to_string()
                })
            };
            let seconds = match &row.end {
                End::Built { elapsed, .. } => format!("{:.2}", elapsed.as_secs_f64()),
                End::Kept { .. } | End::Absent(_) | End::Failed(_) => String::new(),
            };
            table.push([
                row.layer.to_string(),
                row.symbol.clone(),
                row.date.to_string(),
                row.table().to_owned(),
                row.end.name().to_owned(),
                number(|manifest| manifest.row_count),
                number(Row::bytes),
                seconds,
            ]);
        }
        write!(f, "{table}")?;
        for left_out in &self.made.left_out {
            writeln!(f, "{left_out}")?;
        }
        let of = |name: &str| {
            self.made
                .rows
                .iter()
                .filter(|row| row.end.name() == name)
                .count()
        };
        let told = ["built", "kept", "absent", "failed"].map(|name| (of(name), name));
        let told = told.iter().filter(|(number, _)| *number > 0);
        let told: Vec<_> = told
            .map(|(number, name)| format!("{number} {name}"))
            .collect();
        writeln!(
            f,
            "{} in {:.2} s",
            told.join(", "),
            self.elapsed.as_secs_f64()
        )
    }
}
