//! `velocity sweep`: removes gold that silver can make.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, bail};
use vp_lake::tables::{Entry, Layer, Partition};
use vp_velocity::tables::silver_of;

use crate::args::SweepArgs;
use crate::{Verdict, lake};
use vp_cli::report;
use vp_cli::report::Bytes;

/// Removes the partitions of gold that are not needed, after asking.
///
/// # Errors
/// If there is no lake, its folders cannot be listed, there is no terminal to ask at, or a partition
/// cannot be removed.
pub fn sweep(args: &SweepArgs) -> anyhow::Result<Verdict> {
    let lake = lake::existing(args.of.lake.as_ref())?;
    let entries = lake.partitions(&args.of.filter(Some(Layer::Gold)));
    let entries = entries.context("the lake cannot be read")?;
    let swept: Vec<Swept> = entries.into_iter().filter_map(Swept::of).collect();
    let total = swept.iter().map(|swept| swept.bytes).sum();
    for Swept { partition, bytes } in &swept {
        report::print(&format_args!(
            "{} {}\n",
            partition.path().display(),
            Bytes(*bytes)
        ))?;
    }
    let what = format!("{} partitions of gold, {}", swept.len(), Bytes(total));
    if swept.is_empty() {
        report::print(&"no partition of gold can be made from silver: nothing to remove\n")?;
        return Ok(Verdict::Good);
    }
    if args.dry_run {
        report::print(&format_args!("{what}, would be removed\n"))?;
        return Ok(Verdict::Good);
    }
    if !args.yes && !is_agreed(&format!("Remove {what}? [y/N] "))? {
        report::print(&"nothing was removed\n")?;
        return Ok(Verdict::Good);
    }
    for Swept { partition, .. } in &swept {
        partition
            .remove()
            .with_context(|| format!("{} cannot be removed", partition.path().display()))?;
    }
    report::print(&format_args!("{what}, removed\n"))?;
    Ok(Verdict::Good)
}

/// A partition of gold whose silver is complete.
struct Swept {
    partition: Partition,
    bytes: u64,
}

impl Swept {
    fn of(entry: Entry) -> Option<Self> {
        let partition = entry.partition;
        if entry.is_unfinished || !is_redundant(&partition) {
            return None;
        }
        Some(Self {
            bytes: partition.size(),
            partition,
        })
    }
}

/// Returns whether a partition is gold that silver can make.
pub(crate) fn is_redundant(partition: &Partition) -> bool {
    partition.layer() == Layer::Gold
        && silver_of(partition).is_some_and(|silver| silver.is_complete())
}

fn is_agreed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nothing was removed: there is no terminal to ask at; give --yes");
    }
    report::print_aside(&question);
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.context("the answer cannot be read from standard input")?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}
