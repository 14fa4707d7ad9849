//! Calibration over the lake: which dates, the pass over each, and what comes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;

use vp_lake::tables::{Filter, Input, Layer};
use vp_lake::{Lake, LayoutError};
use vp_market::{Contract, Instrument, Price, ProductTable, ProductType, SessionDate};

use super::metrics::{EvaluatedDay, Evaluation, HORIZONS_S};
use super::parameters::{Baselines, LineageEntry, Metrics, Parameters};
use super::sums::{Sums, TrainingDay};
use crate::forecast::{SurfaceReader, axis_tick, options_input};
use crate::gold::FlowGold;
use crate::gold_input::GoldInput;
use crate::stage::{StageError, check_same_version};
use crate::tables::{GOLD_SURFACE, SILVER_FLOW};
use crate::{Dynamics, Forecaster};

/// What to calibrate, and from how many dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibrationSpec {
    /// Where gold is.
    pub lake: Lake,
    /// A root (ES) or a ticker.
    pub root: String,
    /// How many of the last dates with gold are used.
    pub days: usize,
    /// How many of those, the last, are held out.
    pub holdout: usize,
    /// How many dates are read at once.
    pub workers: usize,
    /// When this is, as a UTC text.
    pub created_at: String,
}

/// What a calibration found, with what it was judged by.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The content of its file.
    pub parameters: Parameters,
    /// The scores on them.
    pub evaluation: Evaluation,
}

/// Why nothing can be calibrated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// The name is neither a root of the table nor a ticker.
    #[error(transparent)]
    Product(#[from] vp_market::ProductError),
    /// The lake cannot be listed.
    #[error("the lake cannot be read")]
    Layout(#[from] LayoutError),
    /// Too few dates have gold.
    #[error(
        "{root} has silver of {found} dates and {wanted} are asked for: make more with `velocity \
         run`, or ask for fewer with `days`"
    )]
    TooFewDates {
        /// The root.
        root: String,
        /// How many dates have gold.
        found: usize,
        /// How many were asked for.
        wanted: usize,
    },
    /// No date is left to fit on, or to judge on.
    #[error(
        "of {days} days {holdout} cannot be held out: at least one has to be fitted on, and one held out"
    )]
    Holdout {
        /// The days.
        days: usize,
        /// Of these held out.
        holdout: usize,
    },
    /// A date's gold cannot be read.
    #[error("the gold of {symbol} on {date} cannot be used")]
    Date {
        /// The contract or ticker.
        symbol: String,
        /// The date.
        date: SessionDate,
        /// Why not.
        source: Box<StageError>,
    },
}

/// Fits the coefficients on the dates to train on, and judges them on those held out.
///
/// Each contract of the root that has gold on a date is a day of its own. Dates are read side by
/// side and added in order, so that equal gold gives equal bits.
///
/// # Errors
/// [`CalibrationError`] if there are too few dates, one cannot be read, or they have different
/// schema versions.
pub fn calibrate(
    products: &ProductTable,
    spec: &CalibrationSpec,
) -> Result<Calibration, CalibrationError> {
    let CalibrationSpec { days, holdout, .. } = *spec;
    if holdout == 0 || holdout >= days {
        return Err(CalibrationError::Holdout { days, holdout });
    }
    let dates = dates_of_root(products, spec)?;
    if dates.len() < days {
        return Err(CalibrationError::TooFewDates {
            root: spec.root.clone(),
            found: dates.len(),
            wanted: days,
        });
    }
    let dates: Vec<_> = dates.into_iter().rev().take(days).collect();
    let (held_out, train): (Vec<_>, Vec<_>) = {
        let (held_out, train) = dates.split_at(holdout);
        (ordered(held_out), ordered(train))
    };

    check_schemas(&spec.lake, train.iter().chain(&held_out))?;
    let trained = side_by_side(spec.workers, &train, |day| train_on(&spec.lake, day))?;
    let mut sums = Sums::default();
    let mut lineage = Vec::new();
    for (day_sums, inputs) in trained {
        sums = sums.plus(day_sums);
        lineage.extend(inputs);
    }
    let dynamics = sums.solve().dynamics();
    let judged = side_by_side(spec.workers, &held_out, |day| {
        judge_on(&spec.lake, day, dynamics)
    })?;
    let mut evaluation = Evaluation::default();
    for (day, (windows, inputs)) in held_out.iter().zip(judged) {
        evaluation.add(&windows, axis_tick(&day.instrument));
        lineage.extend(inputs);
    }
    let names = |days: &[Day]| {
        let mut names: Vec<_> = days.iter().map(|day| day.date.to_string()).collect();
        names.dedup();
        names
    };
    let entry = |input: Input| LineageEntry {
        dataset: input.dataset,
        dt: input.dt.to_string(),
        content_sha256: input.content_sha256,
    };
    Ok(Calibration {
        parameters: Parameters {
            root: spec.root.clone(),
            beta: dynamics.beta(),
            gamma: dynamics.gamma(),
            train_dates: names(&train),
            holdout_dates: names(&held_out),
            train_samples: sums.samples,
            metrics: Metrics::of(&evaluation),
            baselines: Baselines::of(&evaluation),
            lineage: lineage.into_iter().map(entry).collect(),
            created_at: spec.created_at.clone(),
        },
        evaluation,
    })
}

/// The gold of one contract or ticker on one date.
#[derive(Clone, Debug)]
struct Day {
    date: SessionDate,
    instrument: Instrument,
}

/// Returns the days of dates that come last first, in order.
fn ordered(dates: &[(SessionDate, Vec<Instrument>)]) -> Vec<Day> {
    let days = dates.iter().rev().flat_map(|(date, instruments)| {
        instruments.iter().map(|instrument| Day {
            date: *date,
            instrument: instrument.clone(),
        })
    });
    days.collect()
}

/// Returns the dates that have silver of the root, or gold, with the contracts of each.
fn dates_of_root(
    products: &ProductTable,
    spec: &CalibrationSpec,
) -> Result<BTreeMap<SessionDate, Vec<Instrument>>, CalibrationError> {
    let product_type = if products.future(&spec.root).is_ok() {
        ProductType::FutureMbo
    } else {
        // Its error names the roots for a text that is no ticker either.
        products.instrument(ProductType::EquityMbo, &spec.root)?;
        ProductType::EquityMbo
    };
    let is_of_root = |symbol: &str| match product_type {
        ProductType::FutureMbo => Contract::parse(symbol).is_some_and(|c| c.root == spec.root),
        ProductType::EquityMbo | ProductType::FutureOptionMbo | ProductType::EquityOptionCmbp1 => {
            symbol == spec.root
        }
    };
    let filter = Filter {
        product_type: Some(product_type),
        ..Filter::default()
    };
    let mut symbols: BTreeMap<SessionDate, BTreeSet<String>> = BTreeMap::new();
    for entry in spec.lake.partitions(&filter)? {
        let partition = entry.partition;
        let is_read = match partition.layer() {
            Layer::Bronze => false,
            Layer::Silver => partition.table() == SILVER_FLOW.name,
            Layer::Gold => partition.table() == GOLD_SURFACE.name,
        };
        let is_there = is_read && !entry.is_unfinished && is_of_root(partition.symbol());
        if is_there && partition.is_complete() {
            let of_date = symbols.entry(partition.date()).or_default();
            of_date.insert(partition.symbol().to_owned());
        }
    }
    let instruments = symbols.into_iter().map(|(date, symbols)| {
        let of = |symbol: &String| products.instrument(product_type, symbol);
        Ok((date, symbols.iter().map(of).collect::<Result<_, _>>()?))
    });
    instruments.collect()
}

/// Refuses days of which some have an earlier schema version than others.
fn check_schemas<'a>(
    lake: &Lake,
    days: impl Iterator<Item = &'a Day>,
) -> Result<(), CalibrationError> {
    let mut read = Vec::new();
    for day in days {
        let of = |error| day.error(error);
        let gold = GoldInput::<FlowGold>::find(lake, &day.instrument, day.date, &[]);
        let options = options_input(lake, &day.instrument, day.date, &[]).map_err(of)?;
        let inputs = std::iter::once(gold.map_err(of)?.into_read());
        let inputs = inputs.chain(options.map(GoldInput::into_read));
        read.extend(inputs.map(|(partition, manifest)| (day, partition, manifest)));
    }
    let pairs: Vec<_> = read
        .iter()
        .map(|(_, partition, manifest)| (partition, manifest))
        .collect();
    let Err(error) = check_same_version(&pairs) else {
        return Ok(());
    };
    let oldest = read
        .iter()
        .min_by_key(|(.., manifest)| manifest.schema_version);
    let (day, ..) = oldest.expect("partitions of two versions");
    Err(day.error(error))
}

impl Day {
    fn error(&self, source: StageError) -> CalibrationError {
        CalibrationError::Date {
            symbol: self.instrument.symbol.clone(),
            date: self.date,
            source: Box::new(source),
        }
    }
}

fn train_on(lake: &Lake, day: &Day) -> Result<(Sums, Vec<Input>), StageError> {
    let mut training = TrainingDay::default();
    let inputs = each_forecast(lake, day, Dynamics::DRIFT_ONLY, 0, |_, _, forecast| {
        training.push(forecast);
    })?;
    Ok((training.sums(), inputs))
}

fn judge_on(
    lake: &Lake,
    day: &Day,
    dynamics: Dynamics,
) -> Result<(EvaluatedDay, Vec<Input>), StageError> {
    let mut windows = EvaluatedDay::default();
    let horizon_s = HORIZONS_S[HORIZONS_S.len() - 1];
    let inputs = each_forecast(lake, day, dynamics, horizon_s, |end_ns, spot, forecast| {
        windows.push(end_ns, spot, forecast);
    })?;
    Ok((windows, inputs))
}

/// Forecasts every window of a day, and returns the partitions that were read.
fn each_forecast(
    lake: &Lake,
    day: &Day,
    dynamics: Dynamics,
    horizon_s: u32,
    mut each: impl FnMut(i64, Price, &crate::Forecast),
) -> Result<Vec<Input>, StageError> {
    let mut reader = SurfaceReader::open(lake, &day.instrument, day.date)?;
    let mut forecaster = Forecaster::new(dynamics, axis_tick(&day.instrument), horizon_s);
    while let Some(window) = reader.next_window()? {
        let forecast = forecaster.forecast(window.spot, window.surface);
        each(window.end_ts_ns, window.spot, forecast);
    }
    Ok(reader.inputs().to_vec())
}

/// Works on days, some at a time, and returns what came of them in their order; of several that
/// fail the first.
fn side_by_side<T: Send>(
    workers: usize,
    days: &[Day],
    work: impl Fn(&Day) -> Result<T, StageError> + Sync,
) -> Result<Vec<T>, CalibrationError> {
    let waiting = Mutex::new(days.iter().enumerate());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().ok()?.next();
    thread::scope(|scope| {
        for _ in 0..workers.clamp(1, days.len().max(1)) {
            scope.spawn(|| {
                while let Some((index, day)) = next() {
                    let outcome = work(day);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, outcome));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    let outcomes = done
        .into_iter()
        .map(|(index, outcome)| outcome.map_err(|source| days[index].error(source)));
    outcomes.collect()
}
