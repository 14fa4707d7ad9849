//! `velocity status`: which partitions the lake has.

use std::fmt;

use anyhow::Context;
use serde_json::{Value, json};
use vp_lake::tables::{Entry, Filter, Manifest, Partition, PartitionError};

use crate::args::LookArgs;
use crate::sweep::is_redundant;
use crate::{Verdict, lake};
use vp_cli::report;
use vp_cli::report::{Bytes, Count, TextTable};

/// Prints the partitions of the lake.
///
/// # Errors
/// If there is no lake, or its folders cannot be listed.
pub fn status(args: &LookArgs) -> anyhow::Result<Verdict> {
    let lake = lake::existing(args.of.lake.as_ref())?;
    let entries = lake.partitions(&args.filter());
    let entries = entries.context("the lake cannot be read")?;
    let status = Status(entries.into_iter().map(Line::of).collect());
    if args.json {
        let lines: Vec<Value> = status.0.iter().map(Line::json).collect();
        report::print(&format_args!("{:#}\n", json!({ "partitions": lines })))?;
    } else if status.0.is_empty() {
        let root = lake.root().display();
        let none = if args.filter() == Filter::default() {
            "no partition"
        } else {
            "no such partition"
        };
        report::print(&format_args!("the lake {root} has {none}\n"))?;
    } else {
        report::print(&status)?;
    }
    Ok(Verdict::Good)
}

/// The partitions of a lake.
struct Status(Vec<Line>);

/// One of them.
struct Line {
    entry: Entry,
    state: State,
    /// It is gold that silver can make.
    is_redundant: bool,
}

/// What it is.
enum State {
    Complete(Box<Manifest>),
    /// The folder is there, the mark of completeness is not.
    Incomplete,
    /// A run is going on, or was interrupted.
    Unfinished,
    /// The manifest cannot be used, or a file is not there with its length.
    Damaged(anyhow::Error),
}

impl Line {
    fn of(entry: Entry) -> Self {
        let state = if entry.is_unfinished {
            State::Unfinished
        } else {
            match checked(&entry.partition) {
                Ok(Some(manifest)) => State::Complete(Box::new(manifest)),
                Ok(None) => State::Incomplete,
                Err(error) => State::Damaged(error.into()),
            }
        };
        let is_redundant = is_redundant(&entry.partition);
        Self {
            entry,
            state,
            is_redundant,
        }
    }

    fn state(&self) -> &'static str {
        match self.state {
            State::Complete(_) if self.is_redundant => "complete, not needed",
            State::Complete(_) => "complete",
            State::Incomplete => "incomplete",
            State::Unfinished => "unfinished",
            State::Damaged(_) => "damaged",
        }
    }

    fn json(&self) -> Value {
        let partition = &self.entry.partition;
        let mut line = json!({
            "layer": partition.layer().name(),
            "product_type": partition.product_type().name(),
            "symbol": partition.symbol(),
            "table": partition.table(),
            "dt": partition.date().to_string(),
            "path": partition.path(),
            "state": self.state().split(',').next(),
            "needed": !self.is_redundant,
        });
        match &self.state {
            State::Complete(manifest) => line["manifest"] = json!(manifest),
            State::Damaged(error) => line["error"] = json!(format!("{error:#}")),
            State::Incomplete | State::Unfinished => {}
        }
        line
    }
}

/// Returns the manifest of a complete partition whose files are there with their lengths.
fn checked(partition: &Partition) -> Result<Option<Manifest>, PartitionError> {
    let manifest = partition.manifest()?;
    if let Some(manifest) = &manifest {
        partition.check_files(manifest)?;
    }
    Ok(manifest)
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = TextTable::new([
            "layer",
            "product type",
            "symbol",
            "date",
            "table",
            "state",
            "#schema",
            "#rows",
            "#bytes",
            "session",
            "made at",
        ]);
        for line in &self.0 {
            let partition = &line.entry.partition;
            let [schema, rows, bytes, session, made_at] = match &line.state {
                State::Complete(manifest) => [
                    manifest.schema_version.to_string(),
                    Count(manifest.row_count).to_string(),
                    Count(manifest.files.iter().map(|file| file.bytes).sum()).to_string(),
                    manifest.settings.get("session").unwrap_or_default().into(),
                    manifest.created_at.chars().take(19).collect(),
                ],
                State::Incomplete | State::Unfinished | State::Damaged(_) => Default::default(),
            };
            table.push([
                partition.layer().to_string(),
                partition.product_type().to_string(),
                partition.symbol().to_owned(),
                partition.date().to_string(),
                partition.table().to_owned(),
                line.state().to_owned(),
                schema,
                rows,
                bytes,
                session,
                made_at,
            ]);
        }
        write!(f, "{table}")?;
        let redundant = self.0.iter().filter(|line| line.is_redundant);
        let bytes = redundant.clone().map(|line| line.entry.partition.size());
        match redundant.clone().count() {
            0 => Ok(()),
            count => write!(
                f,
                "\n{count} partitions of gold, {}, can be made from silver: velocity sweep removes \
                 them\n",
                Bytes(bytes.sum())
            ),
        }
    }
}
