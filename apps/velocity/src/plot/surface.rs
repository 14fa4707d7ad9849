//! Gold of a date, read into as many columns as the picture has.
//!
//! Where a column holds several windows, a price shows their mean.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use vp_lake::Lake;
use vp_lake::tables::Batch;
use vp_market::{Instrument, SessionDate};
use vp_velocity::gold::{Field, GoldReader};

/// What is to be read.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) lake: &'a Lake,
    pub(super) date: SessionDate,
    pub(super) instrument: &'a Instrument,
    pub(super) field: Field,
    /// How far from the spot, in ticks or buckets; all where it is absent.
    pub(super) reach: Option<u32>,
    /// How many columns there is room for.
    pub(super) columns: u32,
}

/// What the picture shows.
#[derive(Debug)]
pub(super) struct PlotSurface {
    date: SessionDate,
    hours: String,
    columns: Vec<PlotColumn>,
    /// The ends of the first window and of the last, nanoseconds since the epoch.
    times: (i64, i64),
    window_count: u64,
}

/// The windows that share a column of the picture.
#[derive(Clone, Debug, Default)]
pub(super) struct PlotColumn {
    values: BTreeMap<i64, Mean>,
    /// The spot of the last window.
    pub(super) spot: Option<i64>,
}

impl PlotColumn {
    /// Returns the mean at each price, by price.
    pub(super) fn means(&self) -> impl Iterator<Item = (i64, f64)> {
        let means = self.values.iter();
        means.map(|(price, mean)| (*price, mean.sum / f64::from(mean.count)))
    }
}

/// The values at one price in the windows of a column.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    /// How many windows had a value there.
    count: u32,
    /// The end of the last of them.
    last_end: i64,
}

impl Mean {
    /// Adds a value; at the spot, a window has one of each side.
    fn add(&mut self, value: f64, end: i64) {
        self.sum += value;
        if self.count == 0 || self.last_end != end {
            self.count += 1;
            self.last_end = end;
        }
    }
}

impl PlotSurface {
    /// Reads the gold.
    pub(super) fn read(request: &Request<'_>) -> anyhow::Result<Self> {
        let name = request.field.name();
        let wanted = [
            "window_end_ts_ns",
            "spot_ref_price_int",
            "rel_ticks",
            "side",
            name,
        ];
        let instrument = request.instrument;
        let reader = GoldReader::open(request.lake, instrument, request.date, &wanted);
        let mut reader = reader.context("the gold cannot be drawn")?;
        let manifest = reader.manifest();
        let (Some(first), Some(last)) = (manifest.min_time_ns, manifest.max_time_ns) else {
            bail!("{} of {} has no window", instrument.symbol, request.date);
        };
        let hours = manifest.settings.get("session").unwrap_or_default();
        let mut surface = Self {
            date: request.date,
            hours: hours.to_owned(),
            columns: Vec::new(),
            times: (first, last),
            window_count: 0,
        };
        let columns = windows_in(first, last).min(request.columns.into());
        surface
            .columns
            .resize_with(usize::try_from(columns)?, PlotColumn::default);
        let mut last_end = None;
        while let Some(batch) = reader.next_batch()? {
            surface.take(&batch, request, &mut last_end);
        }
        Ok(surface)
    }

    pub(super) fn date(&self) -> SessionDate {
        self.date
    }

    pub(super) fn hours(&self) -> &str {
        &self.hours
    }

    pub(super) fn window_count(&self) -> u64 {
        self.window_count
    }

    /// Returns the columns in the order of time.
    pub(super) fn columns(&self) -> &[PlotColumn] {
        &self.columns
    }

    /// Returns when the picture begins and ends: the first window's start, the last one's end.
    pub(super) fn times(&self) -> (i64, i64) {
        (self.times.0.saturating_sub(1_000_000_000), self.times.1)
    }

    /// Returns the lowest and the highest price that has a value, if any has.
    pub(super) fn prices(&self) -> Option<(i64, i64)> {
        let ends = self.columns.iter().filter_map(|column| {
            let (lowest, _) = column.values.first_key_value()?;
            let (highest, _) = column.values.last_key_value()?;
            Some((*lowest, *highest))
        });
        ends.reduce(|(low, high), (lower, higher)| (low.min(lower), high.max(higher)))
    }

    fn take(&mut self, batch: &Batch, request: &Request<'_>, last_end: &mut Option<i64>) {
        let step = request.instrument.product.bucket.nanos();
        let (ends, spots) = (
            batch.i64("window_end_ts_ns"),
            batch.i64("spot_ref_price_int"),
        );
        let (distances, values) = (batch.i32("rel_ticks"), batch.f64(request.field.name()));
        let reach = request.reach.unwrap_or(u32::MAX);
        for (row, side) in batch.text("side").enumerate() {
            let (end, spot, distance) = (ends[row], spots[row], distances[row]);
            let place = self.place(end);
            let column = &mut self.columns[place];
            if *last_end != Some(end) {
                *last_end = Some(end);
                self.window_count += 1;
                column.spot = Some(spot);
            }
            let is_own_side = match side {
                "A" => distance >= 0,
                _ => distance <= 0,
            };
            if is_own_side && distance.unsigned_abs() <= reach {
                let price = spot.saturating_add(i64::from(distance).saturating_mul(step));
                column
                    .values
                    .entry(price)
                    .or_default()
                    .add(values[row], end);
            }
        }
    }

    fn place(&self, end: i64) -> usize {
        let (first, last) = self.times;
        let window = windows_in(first, end) - 1;
        let place = window * self.columns.len() as i128 / windows_in(first, last);
        usize::try_from(place).map_or(0, |place| place.min(self.columns.len() - 1))
    }
}

/// Returns how many windows end from one time to another, both included.
fn windows_in(first: i64, last: i64) -> i128 {
    (i128::from(last) - i128::from(first)) / 1_000_000_000 + 1
}
