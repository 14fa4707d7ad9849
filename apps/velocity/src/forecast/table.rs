//! Forecasts as rows: one for the window itself (horizon 0), one for each second ahead.

use std::io::{self, Write};

use serde_json::json;
use vp_lake::tables::{Column, ColumnType, Table, Values};
use vp_velocity::Forecast;

/// Rows that are gathered before they are handed on.
const ENOUGH_ROWS: usize = 16_384;

/// The table of a forecast's file.
pub(super) const FORECAST: Table = Table {
    name: "forecast",
    columns: &[
        Column::i64("window_end_ts_ns"),
        Column::i32("horizon_s"),
        Column::new("predicted_spot_tick", ColumnType::OptionI64),
        Column::new("predicted_tick_delta", ColumnType::OptionI64),
        Column::new("confidence", ColumnType::OptionF64),
        Column::new("RunScore_up", ColumnType::OptionF64),
        Column::new("RunScore_down", ColumnType::OptionF64),
        Column::new("D_up", ColumnType::OptionI32),
        Column::new("D_down", ColumnType::OptionI32),
    ],
    earlier: &[],
    time: "window_end_ts_ns",
    row_group_rows: 1 << 18,
};

/// One row.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    window_end_ts_ns: i64,
    horizon_s: i32,
    spot_tick: Option<i64>,
    tick_delta: Option<i64>,
    confidence: Option<f64>,
    score_up: Option<f64>,
    score_down: Option<f64>,
    wall_up: Option<i32>,
    wall_down: Option<i32>,
}

/// Rows that have not been written.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<Row>);

impl Rows {
    /// Appends the forecast of a window, and returns whether there is enough to be written.
    pub(super) fn push(&mut self, window_end_ts_ns: i64, forecast: &Forecast) -> bool {
        self.0.push(Row {
            window_end_ts_ns,
            score_up: Some(forecast.up.score),
            score_down: Some(forecast.down.score),
            wall_up: Some(forecast.up.wall_ticks.into()),
            wall_down: Some(forecast.down.wall_ticks.into()),
            ..Row::default()
        });
        self.0
            .extend(forecast.predictions.iter().map(|prediction| Row {
                window_end_ts_ns,
                horizon_s: i32::try_from(prediction.horizon_s).unwrap_or(i32::MAX),
                spot_tick: Some(prediction.spot_tick),
                tick_delta: Some(prediction.tick_delta),
                confidence: Some(prediction.confidence),
                ..Row::default()
            }));
        self.0.len() >= ENOUGH_ROWS
    }

    /// Writes the rows as JSON, one object a line, and forgets them.
    pub(super) fn write_lines(&mut self, out: &mut impl Write) -> io::Result<()> {
        for row in self.0.drain(..) {
            let line = json!({
                "window_end_ts_ns": row.window_end_ts_ns,
                "horizon_s": row.horizon_s,
                "predicted_spot_tick": row.spot_tick,
                "predicted_tick_delta": row.tick_delta,
                "confidence": row.confidence,
                "RunScore_up": row.score_up,
                "RunScore_down": row.score_down,
                "D_up": row.wall_up,
                "D_down": row.wall_down,
            });
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Returns the rows column by column, and forgets them.
    pub(super) fn take_columns(&mut self) -> Vec<Values> {
        let rows = std::mem::take(&mut self.0);
        vec![
            Values::I64(rows.iter().map(|row| row.window_end_ts_ns).collect()),
            Values::I32(rows.iter().map(|row| row.horizon_s).collect()),
            Values::OptionI64(rows.iter().map(|row| row.spot_tick).collect()),
            Values::OptionI64(rows.iter().map(|row| row.tick_delta).collect()),
            Values::OptionF64(rows.iter().map(|row| row.confidence).collect()),
            Values::OptionF64(rows.iter().map(|row| row.score_up).collect()),
            Values::OptionF64(rows.iter().map(|row| row.score_down).collect()),
            Values::OptionI32(rows.iter().map(|row| row.wall_up).collect()),
            Values::OptionI32(rows.iter().map(|row| row.wall_down).collect()),
        ]
    }
}
