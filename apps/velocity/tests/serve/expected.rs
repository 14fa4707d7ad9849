//! What the partitions hold, read from their files as anybody does, and forecast in one straight run.

use std::collections::BTreeMap;

use vp_lake::Lake;
use vp_lake::tables::{Batch as RowBatch, Layer, Table};
use vp_market::{Instrument, ProductTable, ProductType};
use vp_velocity::tables::{GOLD_OPTION_SURFACE, GOLD_SURFACE, SILVER_BOOK};
use vp_velocity::{Dynamics, Forecaster, SurfaceReader, axis_tick};
use vp_wire::{Batch, Numbers, Surfaces};

/// A table as its columns' values in text, to the last bit.
type Columns = BTreeMap<String, Vec<String>>;

/// A window's surfaces.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Window {
    end_ts_ns: u64,
    spot: Option<i64>,
    surfaces: Surfaces<Columns>,
}

/// Returns a window as it was received.
pub(crate) fn received(batch: &Batch<'_>) -> Window {
    let columns = |name: &str| {
        let named = batch.surfaces.named();
        let (_, table) = named.into_iter().find(|(found, _)| *found == name).unwrap();
        let mut columns = Columns::new();
        for column in table.columns.iter() {
            assert_eq!(column.numbers.len(), table.rows as usize);
            if table.rows > 0 {
                columns.insert(column.name.to_string(), texts(&column.numbers));
            }
        }
        columns
    };
    Window {
        end_ts_ns: batch.window_end_ts_ns,
        spot: batch.spot_ref_price_int,
        surfaces: Surfaces {
            snap: columns("snap"),
            velocity: columns("velocity"),
            options: columns("options"),
            forecast: columns("forecast"),
        },
    }
}

fn texts(numbers: &Numbers<'_>) -> Vec<String> {
    match numbers {
        Numbers::U8(values) => values.iter().map(u8::to_string).collect(),
        Numbers::I32(values) => values.iter().map(i32::to_string).collect(),
        Numbers::I64(values) => values.iter().map(i64::to_string).collect(),
        Numbers::F64(values) => values.iter().copied().map(float).collect(),
        other => panic!("no surface has {:?}", other.dtype()),
    }
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return "null".to_owned();
    }
    format!("{:016x}", value.to_bits())
}

/// What is expected of a date.
pub(crate) struct Session<'a> {
    pub(crate) lake: Lake,
    /// Of a book, not of the options on it.
    pub(crate) product_type: ProductType,
    pub(crate) symbol: &'a str,
    pub(crate) dt: &'a str,
    pub(crate) dynamics: Dynamics,
    pub(crate) horizon_s: u32,
}

impl Session<'_> {
    fn instrument(&self) -> Instrument {
        let products = ProductTable::embedded();
        let found = products.instrument(self.product_type, self.symbol);
        found.unwrap()
    }

    fn options(&self) -> ProductType {
        match self.product_type {
            ProductType::EquityMbo => ProductType::EquityOptionCmbp1,
            _ => ProductType::FutureOptionMbo,
        }
    }

    fn each(
        &self,
        layer: Layer,
        product_type: ProductType,
        table: &Table,
        mut take: impl FnMut(&RowBatch, usize),
    ) {
        let date = self.dt.parse().unwrap();
        let partition = self
            .lake
            .partition(layer, product_type, self.symbol, table.name, date);
        if !partition.is_complete() {
            assert_eq!(product_type, self.options(), "it must be there");
            return;
        }
        let mut reader = partition.open(table, &[]).unwrap();
        while let Some(batch) = reader.next_batch().unwrap() {
            (0..batch.rows()).for_each(|row| take(&batch, row));
        }
    }

    /// Returns every window of the date, in order.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let mut windows = BTreeMap::<i64, Window>::new();
        let book = self.product_type;
        self.each(Layer::Silver, book, &SILVER_BOOK, |batch, row| {
            let end = batch.i64("window_end_ts_ns")[row];
            // Where a price is absent, the wire has 0.
            let spot = batch.option_i64("spot_ref_price_int").nth(row).unwrap();
            let mid = batch.option_f64("mid_price").nth(row).unwrap();
            let window = windows.entry(end).or_default();
            window.end_ts_ns = end.cast_unsigned();
            window.spot = spot;
            let snap = &mut window.surfaces.snap;
            push(snap, "mid_price", float(mid.unwrap_or(0.0)));
            push(snap, "spot_ref_price_int", spot.unwrap_or(0).to_string());
            let valid = u8::from(batch.bool("book_valid")[row]);
            push(snap, "book_valid", valid.to_string());
        });
        self.each(Layer::Gold, book, &GOLD_SURFACE, |batch, row| {
            let window = windows
                .get_mut(&batch.i64("window_end_ts_ns")[row])
                .unwrap();
            let velocity = &mut window.surfaces.velocity;
            push(
                velocity,
                "rel_ticks",
                batch.i32("rel_ticks")[row].to_string(),
            );
            let side = batch.text("side").nth(row).unwrap().as_bytes()[0];
            push(velocity, "side", side.to_string());
            for name in [
                "liquidity_velocity",
                "rho",
                "nu",
                "kappa",
                "pressure_grad",
                "u_wave_energy",
                "Omega",
            ] {
                push(velocity, name, float(batch.f64(name)[row]));
            }
        });
        self.add_options(&mut windows);
        self.add_forecasts(&mut windows);
        windows.into_values().collect()
    }

    fn add_options(&self, windows: &mut BTreeMap<i64, Window>) {
        let names = [
            ("liquidity_velocity", "liquidity_velocity"),
            ("pressure_grad", "pressure_grad_opt"),
            ("u_wave_energy", "u_opt_wave_energy"),
            ("nu", "nu_opt"),
            ("Omega", "Omega_opt"),
        ];
        let mut strikes = BTreeMap::<(i64, i64), (i32, [f64; 5])>::new();
        let options = self.options();
        self.each(Layer::Gold, options, &GOLD_OPTION_SURFACE, |batch, row| {
            let end = batch.i64("window_end_ts_ns")[row];
            let strike = batch.i64("strike_price_int")[row];
            let values = names.map(|(_, name)| batch.f64(name)[row]);
            let rel_ticks = batch.i32("rel_ticks")[row];
            let (_, sums) = strikes
                .entry((end, strike))
                .and_modify(|(_, sums)| {
                    let omega = sums[4].max(values[4]);
                    for (sum, value) in sums.iter_mut().zip(values) {
                        *sum += value;
                    }
                    sums[4] = omega;
                })
                .or_insert((rel_ticks, values));
            assert!(sums.iter().all(|sum| sum.is_finite()));
        });
        for ((end, strike), (rel_ticks, values)) in strikes {
            let Some(window) = windows.get_mut(&end) else {
                continue;
            };
            if window.surfaces.velocity.is_empty() {
                continue;
            }
            let options = &mut window.surfaces.options;
            push(options, "rel_ticks", rel_ticks.to_string());
            push(options, "strike_price_int", strike.to_string());
            for ((name, _), value) in names.into_iter().zip(values) {
                push(options, name, float(value));
            }
        }
    }

    fn add_forecasts(&self, windows: &mut BTreeMap<i64, Window>) {
        let instrument = self.instrument();
        let date = self.dt.parse().unwrap();
        let mut reader = SurfaceReader::open(&self.lake, &instrument, date).unwrap();
        let tick = axis_tick(&instrument);
        let mut forecaster = Forecaster::new(self.dynamics, tick, self.horizon_s);
        while let Some(window) = reader.next_window().unwrap() {
            let forecast = forecaster.forecast(window.spot, window.surface);
            let rows = &mut windows
                .get_mut(&window.end_ts_ns)
                .unwrap()
                .surfaces
                .forecast;
            let nothing = (i64::MIN.to_string(), i32::MIN.to_string());
            push(rows, "horizon_s", "0".into());
            push(rows, "predicted_spot_tick", nothing.0.clone());
            push(rows, "predicted_tick_delta", nothing.0);
            push(rows, "confidence", "null".into());
            push(rows, "RunScore_up", float(forecast.up.score));
            push(rows, "RunScore_down", float(forecast.down.score));
            push(rows, "D_up", forecast.up.wall_ticks.to_string());
            push(rows, "D_down", forecast.down.wall_ticks.to_string());
            for prediction in &forecast.predictions {
                push(rows, "horizon_s", prediction.horizon_s.to_string());
                push(
                    rows,
                    "predicted_spot_tick",
                    prediction.spot_tick.to_string(),
                );
                push(
                    rows,
                    "predicted_tick_delta",
                    prediction.tick_delta.to_string(),
                );
                push(rows, "confidence", float(prediction.confidence));
                for name in ["RunScore_up", "RunScore_down"] {
                    push(rows, name, "null".into());
                }
                for name in ["D_up", "D_down"] {
                    push(rows, name, nothing.1.clone());
                }
            }
        }
    }
}

fn push(columns: &mut Columns, name: &str, value: String) {
    columns.entry(name.to_owned()).or_default().push(value);
}
