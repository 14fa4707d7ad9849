//! Partitions as people read them: with `DuckDB`, Polars, pandas and pyarrow, the folder names as
//! columns.
//!
//! It runs where `python3` (or the program in `SPYMASTER_PYTHON`) has them, and is skipped,
//! visibly, where it has not.

mod binary;

use std::process::{Command, ExitCode};

use binary::{CONTRACT, World};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use vp_lake::tables::Layer;

/// A library, and a script that prints symbol, date, rows and distinct values of a column for each
/// partition below a folder. Its arguments are the folder and the column.
struct Reader {
    module: &'static str,
    script: &'static str,
}

const READERS: [Reader; 4] = [
    Reader {
        module: "duckdb",
        script: r#"
import sys, duckdb
rows = duckdb.execute(f"""
    select symbol, cast(dt as varchar), count(*), count(distinct {sys.argv[2]})
    from read_parquet(?, hive_partitioning = true)
    group by all order by all
""", [sys.argv[1] + "/**/*.parquet"]).fetchall()
for row in rows:
    print(*row)
"#,
    },
    Reader {
        module: "polars",
        script: r#"
import sys, polars as pl
rows = (
    pl.scan_parquet(sys.argv[1] + "/**/*.parquet", hive_partitioning=True)
    .group_by(pl.col("symbol").cast(pl.String), pl.col("dt").cast(pl.String))
    .agg(pl.len(), pl.col(sys.argv[2]).n_unique().alias("distinct"))
    .sort("symbol", "dt")
    .collect()
)
for row in rows.iter_rows():
    print(*row)
"#,
    },
    Reader {
        module: "pandas",
        script: r#"
import sys, pandas as pd
table = pd.read_parquet(sys.argv[1])
for (symbol, dt), rows in table.groupby(["symbol", "dt"], observed=True):
    print(symbol, dt, len(rows), rows[sys.argv[2]].nunique())
"#,
    },
    Reader {
        module: "pyarrow",
        script: r#"
import sys, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
rows = table.group_by(["symbol", "dt"]).aggregate(
    [([], "count_all"), (sys.argv[2], "count_distinct")]
)
for row in sorted(tuple(row.values()) for row in rows.to_pylist()):
    print(*row)
"#,
    },
];

fn main() -> ExitCode {
    let trials = READERS.iter().flat_map(|reader| {
        // Gold is dense: every tick from -200 to 200, in every window, on either side.
        let layers = [(Layer::Bronze, "rtype", 1), (Layer::Gold, "rel_ticks", 401)];
        layers.map(|(layer, column, distinct)| {
            let module = reader.module;
            let name = format!("{module}_reads_{layer}_with_its_folders_as_columns");
            Trial::ignorable_test(name, move || check(reader, layer, column, distinct))
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn python() -> Command {
    Command::new(std::env::var_os("SPYMASTER_PYTHON").unwrap_or_else(|| "python3".into()))
}

fn check(
    Reader { module, script }: &Reader,
    layer: Layer,
    column: &str,
    distinct: u32,
) -> Result<Completion, Failed> {
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
    let run = world.run("bronze,silver,gold", CONTRACT, &more);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    // What a crash leaves must not disturb anybody.
    let mut partitions: Vec<_> = world.entries().into_iter().map(|e| e.partition).collect();
    partitions.retain(|partition| partition.layer() == layer);
    let last = partitions.last().ok_or("no partition")?.path();
    let left = last.with_file_name(".dt=2026-02-04.unfinished");
    std::fs::create_dir(&left)?;
    std::fs::write(left.join("part-00000.parquet.unfinished"), "PAR1")?;

    let folder = world.path().join(layer.name());
    let output = python()
        .args(["-c", script])
        .arg(folder)
        .arg(column)
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected: Vec<String> = partitions
        .iter()
        .map(|partition| {
            let manifest = partition.manifest().expect("sound").expect("complete");
            let (symbol, dt, rows) = (&manifest.symbol, manifest.dt, manifest.row_count);
            format!("{symbol} {dt} {rows} {distinct}\n")
        })
        .collect();
    assert_eq!(expected.len(), dates.len());
    assert_eq!(text, expected.concat());
    Ok(Completion::Completed)
}
