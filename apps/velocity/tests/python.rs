//! Partitions as people read them: with `DuckDB` and with Polars, the folder names as columns.
//!
//! It runs where `python3` (or the program in `SPYMASTER_PYTHON`) has them, and is skipped,
//! visibly, where it has not.

mod binary;

use std::process::{Command, ExitCode};

use binary::{CONTRACT, World};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// Counts rows and distinct ticks by partition, through `DuckDB`.
const DUCKDB: &str = r#"
import sys, duckdb
rows = duckdb.execute("""
    select symbol, cast(dt as varchar), count(*), count(distinct rel_ticks)
    from read_parquet(?, hive_partitioning = true)
    group by all order by all
""", [sys.argv[1]]).fetchall()
for row in rows:
    print(*row)
"#;

/// The same through Polars.
const POLARS: &str = r#"
import sys, polars as pl
rows = (
    pl.scan_parquet(sys.argv[1], hive_partitioning=True)
    .group_by("symbol", pl.col("dt").cast(pl.String))
    .agg(pl.len(), pl.col("rel_ticks").n_unique().alias("ticks"))
    .sort("symbol", "dt")
    .collect()
)
for row in rows.iter_rows():
    print(*row)
"#;

fn main() -> ExitCode {
    let trial = |module: &'static str, script: &'static str| {
        let name = format!("{module}_reads_partitions_with_their_folders_as_columns");
        Trial::ignorable_test(name, move || check(module, script))
    };
    let trials = vec![trial("duckdb", DUCKDB), trial("polars", POLARS)];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn python() -> Command {
    Command::new(std::env::var_os("SPYMASTER_PYTHON").unwrap_or_else(|| "python3".into()))
}

fn check(module: &str, script: &str) -> Result<Completion, Failed> {
    let import = format!("import {module}");
    let imported = python().args(["-c", &import]).output();
    if !imported.is_ok_and(|output| output.status.success()) {
        return Ok(Completion::ignored_with(format!(
            "python3 has not {module}"
        )));
    }
    let world = World::new();
    let dates = ["2026-02-05", "2026-02-06"];
    for date in dates {
        world.synthesize(date, "09:30", 2);
    }
    let more = [
        "--dates",
        "2026-02-05,2026-02-06",
        "--session",
        "09:30-09:31",
    ];
    let run = world.run("all", CONTRACT, &more);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    // What a crash leaves must not disturb anybody.
    let gold = world
        .entries()
        .pop()
        .ok_or("no partition")?
        .partition
        .path();
    let left = gold.with_file_name(".dt=2026-02-04.unfinished");
    std::fs::create_dir(&left)?;
    std::fs::write(left.join("part-00000.parquet.unfinished"), "PAR1")?;

    let everything = world.path().join("gold/**/*.parquet");
    let output = python().args(["-c", script]).arg(everything).output()?;
    let text = String::from_utf8(output.stdout)?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected: Vec<String> = world
        .entries()
        .iter()
        .filter(|entry| entry.partition.layer().name() == "gold" && !entry.is_unfinished)
        .map(|entry| {
            let manifest = entry
                .partition
                .manifest()
                .expect("sound")
                .expect("complete");
            // Gold is dense: every tick from -200 to 200, in every window, on either side.
            format!(
                "{} {} {} 401\n",
                manifest.symbol, manifest.dt, manifest.row_count
            )
        })
        .collect();
    assert_eq!(expected.len(), dates.len());
    assert_eq!(text, expected.concat());
    Ok(Completion::Completed)
}
