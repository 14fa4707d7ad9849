//! `velocity verify`: whether the partitions are what their manifests say, back to the raw files.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use vp_lake::tables::{Defect, Entry, Filter, Verifier};
use vp_velocity::tables::table_of;

use crate::args::LookArgs;
use crate::{Verdict, lake};
use vp_cli::report;

/// Checks partitions against their manifests, walks their lineage, and prints the defects.
///
/// # Errors
/// If there is no lake, its folders cannot be listed, or it has no partition of those that are
/// named. Defects are part of what is printed.
pub fn verify(args: &LookArgs) -> anyhow::Result<Verdict> {
    let lake = lake::existing(args.of.lake.as_ref())?;
    let entries = lake.partitions(&args.filter());
    let mut entries = entries.context("the lake cannot be read")?;
    // A run that is going on has folders like one that was interrupted: neither counts.
    entries.retain(|entry| !entry.is_unfinished);
    if entries.is_empty() && args.filter() != Filter::default() {
        let root = lake.root().display();
        bail!("the lake {root} has no such partition: nothing was verified");
    }
    let bar = progress_bar(entries.len() as u64);
    let mut verifier = Verifier::new(lake).knowing(table_of);
    let checked: Vec<(Entry, Vec<Defect>)> = entries
        .into_iter()
        .map(|entry| {
            let defects = verifier.verify(&entry.partition);
            bar.inc(1);
            (entry, defects)
        })
        .collect();
    bar.finish_and_clear();
    let defective = checked.iter().filter(|(_, defects)| !defects.is_empty());
    if args.json {
        let lines: Vec<Value> = checked.iter().map(json).collect();
        report::print(&format_args!("{:#}\n", json!({ "partitions": lines })))?;
    } else {
        for (entry, defects) in defective.clone() {
            let path = entry.partition.path();
            report::print(&format_args!("{}\n", path.display()))?;
            for defect in defects {
                report::print(&format_args!("  {defect}\n"))?;
            }
        }
        let (all, bad) = (checked.len(), defective.clone().count());
        report::print(&format_args!(
            "{all} partitions verified, {bad} with defects\n"
        ))?;
    }
    Ok(if defective.count() == 0 {
        Verdict::Good
    } else {
        Verdict::Bad
    })
}

fn json((entry, defects): &(Entry, Vec<Defect>)) -> Value {
    let partition = &entry.partition;
    json!({
        "dataset": partition.dataset(),
        "dt": partition.date().to_string(),
        "path": partition.path(),
        "defects": defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn progress_bar(partitions: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} partitions, {eta} left");
    ProgressBar::new(partitions).with_style(style.expect("the template is well formed"))
}
