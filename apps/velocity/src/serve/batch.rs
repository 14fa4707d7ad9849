//! A window as the message that viewers get.

use std::borrow::Cow;

use bytes::Bytes;
use vp_replay::Stamp;
use vp_velocity::Forecast;
use vp_velocity::view::{GoldView, Snap, StrikeColumns, VelocityColumns};
use vp_wire::{Batch, Field, Numbers, Surfaces, Table};

/// Encodes windows. What it holds is used again.
#[derive(Debug, Default)]
pub(super) struct Batcher {
    forecast: ForecastColumns,
}

impl Batcher {
    /// Encodes a window; one without gold has no rows but that of its book.
    pub(super) fn encode(
        &mut self,
        stamp: Stamp,
        snap: Snap,
        shown: Option<(GoldView<'_>, &Forecast)>,
    ) -> Bytes {
        let forecast = &mut self.forecast;
        forecast.clear();
        let (no_cells, no_strikes) = (VelocityColumns::default(), StrikeColumns::default());
        let (cells, strikes) = match shown {
            None => (&no_cells, &no_strikes),
            Some((gold, made)) => {
                forecast.extend(made);
                (gold.velocity, gold.options)
            }
        };
        let batch = Batch {
            seq: stamp.seq,
            epoch: stamp.epoch,
            window_end_ts_ns: u64::try_from(snap.end_ts_ns).unwrap_or(0),
            spot_ref_price_int: snap.spot_ref_price_int,
            surfaces: Surfaces {
                snap: snap_table(snap),
                velocity: velocity_table(cells),
                options: options_table(strikes),
                forecast: forecast.table(),
            },
        };
        batch.encode().into()
    }
}

/// Returns the book of a window. Where a price is absent the wire has 0; whether the spot is, the
/// batch says.
fn snap_table<'a>(snap: Snap) -> Table<'a> {
    let columns = [
        Numbers::F64(vec![snap.mid_price.unwrap_or(0.0)].into()),
        Numbers::I64(vec![snap.spot_ref_price_int.unwrap_or(0)].into()),
        Numbers::U8(vec![u8::from(snap.book_valid)].into()),
    ];
    Table::of(Field::SNAP, columns)
}

fn velocity_table(cells: &VelocityColumns) -> Table<'_> {
    let [u, rho, nu, kappa, pressure, energy, omega] =
        cells.fields.each_ref().map(|column| floats(column));
    let columns = [
        Numbers::I32(Cow::Borrowed(&cells.rel_ticks)),
        Numbers::U8(Cow::Borrowed(&cells.side)),
        u,
        rho,
        nu,
        kappa,
        pressure,
        energy,
        omega,
    ];
    Table::of(Field::VELOCITY, columns)
}

fn options_table(strikes: &StrikeColumns) -> Table<'_> {
    let [u, pressure, energy, nu, omega] = strikes.fields.each_ref().map(|column| floats(column));
    let columns = [
        Numbers::I32(Cow::Borrowed(&strikes.rel_ticks)),
        Numbers::I64(Cow::Borrowed(&strikes.strike_price_int)),
        u,
        pressure,
        energy,
        nu,
        omega,
    ];
    Table::of(Field::OPTIONS, columns)
}

fn floats(column: &[f64]) -> Numbers<'_> {
    Numbers::F64(Cow::Borrowed(column))
}

/// The rows of a forecast: what the landscape is like, then a row for each horizon.
#[derive(Debug, Default)]
struct ForecastColumns {
    horizon_s: Vec<i32>,
    spot_tick: Vec<i64>,
    tick_delta: Vec<i64>,
    confidence: Vec<f64>,
    run_scores: [Vec<f64>; 2],
    walls: [Vec<i32>; 2],
}

impl ForecastColumns {
    fn clear(&mut self) {
        self.horizon_s.clear();
        self.spot_tick.clear();
        self.tick_delta.clear();
        self.confidence.clear();
        self.run_scores.iter_mut().for_each(Vec::clear);
        self.walls.iter_mut().for_each(Vec::clear);
    }

    fn extend(&mut self, forecast: &Forecast) {
        let runs = [forecast.up, forecast.down];
        self.horizon_s.push(0);
        self.spot_tick.push(i64::MIN);
        self.tick_delta.push(i64::MIN);
        self.confidence.push(f64::NAN);
        for (column, run) in self.run_scores.iter_mut().zip(runs) {
            column.push(run.score);
        }
        for (column, run) in self.walls.iter_mut().zip(runs) {
            column.push(run.wall_ticks.into());
        }
        for prediction in &forecast.predictions {
            let horizon_s = i32::try_from(prediction.horizon_s);
            self.horizon_s
                .push(horizon_s.expect("a query asks for an hour at most"));
            self.spot_tick.push(prediction.spot_tick);
            self.tick_delta.push(prediction.tick_delta);
            self.confidence.push(prediction.confidence);
            self.run_scores.iter_mut().for_each(|c| c.push(f64::NAN));
            self.walls.iter_mut().for_each(|c| c.push(i32::MIN));
        }
    }

    fn table(&self) -> Table<'_> {
        let [score_up, score_down] = self.run_scores.each_ref().map(|column| floats(column));
        let [wall_up, wall_down] = self
            .walls
            .each_ref()
            .map(|column| Numbers::I32(Cow::Borrowed(column)));
        let columns = [
            Numbers::I32(Cow::Borrowed(&self.horizon_s)),
            Numbers::I64(Cow::Borrowed(&self.spot_tick)),
            Numbers::I64(Cow::Borrowed(&self.tick_delta)),
            floats(&self.confidence),
            score_up,
            score_down,
            wall_up,
            wall_down,
        ];
        Table::of(Field::FORECAST, columns)
    }
}

#[cfg(test)]
mod tests {
    use vp_velocity::view::{STRIKE_FIELDS, VELOCITY_FIELDS};

    use super::*;

    /// Checks what is sent of a spot and a mid: the batch's spot, and both in the surface.
    fn check(spot: Option<i64>, mid: Option<f64>, expected: (Option<i64>, i64, f64)) {
        let snap = Snap {
            end_ts_ns: 1_000_000_000,
            mid_price: mid,
            spot_ref_price_int: spot,
            book_valid: true,
        };
        let stamp = Stamp { seq: 1, epoch: 2 };
        let (batch_spot, snap_spot, snap_mid) = expected;
        let columns = [
            Numbers::F64(vec![snap_mid].into()),
            Numbers::I64(vec![snap_spot].into()),
            Numbers::U8(vec![1].into()),
        ];
        let (cells, strikes) = (VelocityColumns::default(), StrikeColumns::default());
        let forecast = ForecastColumns::default();
        let expected = Batch {
            seq: 1,
            epoch: 2,
            window_end_ts_ns: 1_000_000_000,
            spot_ref_price_int: batch_spot,
            surfaces: Surfaces {
                snap: Table::of(Field::SNAP, columns),
                velocity: velocity_table(&cells),
                options: options_table(&strikes),
                forecast: forecast.table(),
            },
        };
        let found = Batcher::default().encode(stamp, snap, None);
        assert_eq!(found, expected.encode());
    }

    #[test]
    fn a_spot_of_zero_is_sent_and_an_absent_one_is_nil() {
        check(Some(0), Some(0.0), (Some(0), 0, 0.0));
        check(Some(-10), Some(-1.0), (Some(-10), -10, -1.0));
        check(None, None, (None, 0, 0.0));
    }

    #[test]
    fn columns_stand_in_the_order_of_the_wire() {
        assert_eq!(
            Field::VELOCITY[2..].iter().map(|f| f.0).collect::<Vec<_>>(),
            VELOCITY_FIELDS
        );
        assert_eq!(
            Field::OPTIONS[2..].iter().map(|f| f.0).collect::<Vec<_>>(),
            STRIKE_FIELDS
        );
    }
}
