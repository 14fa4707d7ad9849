//! `velocity forecast`: where the spot may be, from every window of a date.

mod table;

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, bail};
use vp_cli::Stdout;
use vp_lake::tables::TableWriter;
use vp_lake::{Lake, read_regular_text};
use vp_velocity::calibration::Parameters;
use vp_velocity::{Dynamics, Forecaster, SurfaceReader, axis_tick};

use crate::args::ForecastArgs;
use crate::output::publish;
use crate::{Verdict, lake};
use table::{FORECAST, Rows};

/// Forecasts a date.
///
/// # Errors
/// If there is no gold of it, the calibration cannot be used, or the output cannot be written.
pub fn forecast(args: &ForecastArgs) -> anyhow::Result<Verdict> {
    let products = vp_cli::products(args.products.as_deref())?;
    let by_symbol = || products.product_type_of(&args.symbol);
    let product_type = args.product_type.unwrap_or_else(by_symbol);
    if product_type.underlying().is_some() {
        bail!("options are forecast with what they are on: name that product type");
    }
    let instrument = products.instrument(product_type, &args.symbol)?;
    let lake = lake::existing(args.lake.as_ref())?;
    let dynamics = if let Some(parameters) = parameters(&lake, &instrument.root)? {
        parameters.dynamics()?
    } else {
        say(&format!(
            "note: {0} is not calibrated: its forecasts continue the last move; to calibrate it: \
             velocity calibrate --root {0}",
            instrument.root
        ));
        Dynamics::DRIFT_ONLY
    };
    let mut reader = SurfaceReader::open(&lake, &instrument, args.dt)?;
    let tick = axis_tick(&instrument);
    let mut forecaster = Forecaster::new(dynamics, tick, args.horizon.into());
    let mut run = |out: &mut dyn Output| {
        let mut rows = Rows::default();
        while let Some(window) = reader.next_window()? {
            let forecast = forecaster.forecast(window.spot, window.surface);
            if rows.push(window.end_ts_ns, forecast) {
                out.write(&mut rows)?;
                if out.is_closed() {
                    break;
                }
            }
        }
        out.write(&mut rows)
    };
    match args.out.as_deref() {
        None => run(&mut Terminal(Stdout::lock()))?,
        Some(path) => match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => publish(path, |file| run(&mut Lines(file)))?,
            Some("parquet") => publish(path, |file| {
                let group = FORECAST.row_group_rows;
                let mut table = TableWriter::new(file, FORECAST.columns, group)?;
                run(&mut Parquet(&mut table))?;
                table.finish()?;
                Ok(())
            })?,
            _ => bail!("{} must end in .parquet or .jsonl", path.display()),
        },
    }
    if reader.mended() > 0 {
        say(&format!(
            "note: {} values of the gold were no numbers or out of all bounds, and were mended; \
             see `velocity verify`",
            reader.mended()
        ));
    }
    Ok(Verdict::Good)
}

/// A calibration is never longer.
const MAX_PARAMETERS_BYTES: u64 = 16 << 20;

/// Returns the calibration of a root, if there is one.
///
/// # Errors
/// If the file is there and cannot be used.
pub fn parameters(lake: &Lake, root: &str) -> anyhow::Result<Option<Parameters>> {
    let path = lake.physics_parameters(root);
    let cannot = || format!("the calibration {} cannot be used", path.display());
    match read_regular_text(&path, MAX_PARAMETERS_BYTES) {
        Ok(text) => Ok(Some(Parameters::from_json(&text).with_context(cannot)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(cannot),
    }
}

/// Where rows go.
trait Output {
    /// Writes the rows and forgets them.
    fn write(&mut self, rows: &mut Rows) -> anyhow::Result<()>;

    /// Returns whether the reader has closed the output.
    fn is_closed(&self) -> bool {
        false
    }
}

struct Terminal(Stdout);

impl Output for Terminal {
    fn write(&mut self, rows: &mut Rows) -> anyhow::Result<()> {
        Lines(&mut self.0).write(rows)
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

struct Lines<W>(W);

impl<W: Write> Output for Lines<W> {
    fn write(&mut self, rows: &mut Rows) -> anyhow::Result<()> {
        rows.write_lines(&mut self.0)
            .context("the forecast cannot be written")
    }
}

struct Parquet<'a, W: Write + Send>(&'a mut TableWriter<W>);

impl<W: Write + Send> Output for Parquet<'_, W> {
    fn write(&mut self, rows: &mut Rows) -> anyhow::Result<()> {
        Ok(self.0.append(rows.take_columns())?)
    }
}

/// Says something on standard error.
fn say(text: &str) {
    // Nothing is left to be done where even standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
}
