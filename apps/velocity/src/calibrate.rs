//! `velocity calibrate`: the forecast's coefficients, and whether it beats those who know nothing.

mod plot;

use std::fmt;
use std::fs;
use std::io::Write;

use anyhow::Context;
use vp_velocity::calibration::{
    self, BinMetrics, CalibrationSpec, HORIZONS_S, HorizonMetrics, Parameters,
};

use crate::args::{self, CalibrateArgs};
use crate::output::publish;
use crate::{Verdict, lake};
use vp_cli::report;
use vp_cli::report::{Count, TextTable};

/// Fits, judges, writes the parameters, and prints the result.
///
/// # Errors
/// If there are too few dates with gold, one cannot be read, or a file cannot be written.
pub fn calibrate(args: &CalibrateArgs) -> anyhow::Result<Verdict> {
    let products = vp_cli::products(args.products.as_deref())?;
    let spec = CalibrationSpec {
        lake: lake::existing(args.lake.as_ref())?,
        root: args.root.clone(),
        days: args.days,
        holdout: args.holdout,
        workers: args::workers(args.workers),
        created_at: args::now(),
    };
    let calibration = calibration::calibrate(&products, &spec)?;
    let parameters = &calibration.parameters;
    let text = parameters.to_json();
    let path = spec.lake.physics_parameters(&spec.root);
    if let Some(folder) = path.parent() {
        let cannot = || format!("the folder {} cannot be made", folder.display());
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    publish(&path, |file| Ok(file.write_all(text.as_bytes())?))?;
    if let Some(path) = &args.plot {
        let picture = plot::svg(&calibration);
        publish(path, |file| Ok(file.write_all(picture.as_bytes())?))?;
    }
    if args.json {
        report::print(&text)?;
    } else {
        report::print(&Summary(parameters))?;
    }
    Ok(Verdict::Good)
}

/// What a calibration found, for a person.
struct Summary<'a>(&'a Parameters);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = self.0;
        let span = |dates: &[String]| match dates {
            [] => "no date".to_owned(),
            [only] => only.clone(),
            [first, .., last] => format!("{} dates, {first} to {last}", dates.len()),
        };
        writeln!(
            f,
            "{}: beta {:.6}, gamma {:.6}",
            parameters.root, parameters.beta, parameters.gamma
        )?;
        writeln!(
            f,
            "fitted on {} ({} windows), judged on {}\n",
            span(&parameters.train_dates),
            Count(parameters.train_samples),
            span(&parameters.holdout_dates)
        )?;
        let mut table = TextTable::new([
            "#horizon",
            "#windows",
            "#mae: forecast",
            "#no change",
            "#last velocity",
            "#signs hit: forecast",
            "#no change",
            "#last velocity",
            "forecast beats",
        ]);
        for horizon_s in HORIZONS_S {
            let [forecast, no_change, last] = scores(parameters, horizon_s);
            table.push([
                format!("{horizon_s} s"),
                Count(forecast.map_or(0, |score| score.samples)).to_string(),
                ticks(forecast),
                ticks(no_change),
                ticks(last),
                percent(forecast),
                percent(no_change),
                percent(last),
                beaten(forecast, no_change, last),
            ]);
        }
        writeln!(f, "{table}")?;
        let mut bins =
            TextTable::new(["#confidence from", "#to", "#mean", "#signs hit", "#samples"]);
        let confidence = &parameters.metrics.confidence;
        for BinMetrics {
            min_conf,
            max_conf,
            mean_conf,
            hit_rate,
            count: samples,
        } in &confidence.bins
        {
            bins.push([
                format!("{min_conf:.3e}"),
                format!("{max_conf:.3e}"),
                format!("{mean_conf:.3e}"),
                format!("{:.1} %", hit_rate * 100.0),
                Count(*samples).to_string(),
            ]);
        }
        writeln!(f, "{bins}")?;
        let is_monotonic = if confidence.monotonic {
            "more confidence means more hits"
        } else {
            "more confidence does not always mean more hits"
        };
        writeln!(f, "{is_monotonic}\n{}", verdict(parameters))
    }
}

type Score = Option<HorizonMetrics>;

/// Returns the scores of the forecast, of no change and of the last velocity.
fn scores(parameters: &Parameters, horizon_s: u32) -> [Score; 3] {
    let baselines = &parameters.baselines;
    [
        &parameters.metrics.horizons,
        &baselines.no_change,
        &baselines.last_velocity,
    ]
    .map(|scores| scores.get(&horizon_s).copied())
}

fn ticks(score: Score) -> String {
    let mae = score.and_then(|score| score.mae_ticks);
    mae.map_or_else(|| "–".into(), |mae| format!("{mae:.4}"))
}

fn percent(score: Score) -> String {
    let rate = score.and_then(|score| score.sign_hit_rate);
    rate.map_or_else(|| "–".into(), |rate| format!("{:.1} %", rate * 100.0))
}

/// Returns whether one forecast misses by fewer ticks than another.
fn is_better(forecast: Score, other: Score) -> bool {
    let mae = |score: Score| score.and_then(|score| score.mae_ticks);
    mae(forecast)
        .zip(mae(other))
        .is_some_and(|(mine, other)| mine < other)
}

fn beaten(forecast: Score, no_change: Score, last: Score) -> String {
    let text = match (is_better(forecast, no_change), is_better(forecast, last)) {
        (true, true) => "both",
        (true, false) => "no change",
        (false, true) => "last velocity",
        (false, false) => "neither",
    };
    text.into()
}

/// Says plainly at which horizons the forecast is worth anything.
fn verdict(parameters: &Parameters) -> String {
    let horizons = |is_won: fn([Score; 3]) -> bool| {
        let won = HORIZONS_S
            .into_iter()
            .filter(|h| is_won(scores(parameters, *h)));
        let won: Vec<_> = won.map(|horizon_s| format!("{horizon_s} s")).collect();
        if won.is_empty() {
            "at no horizon".to_owned()
        } else {
            format!("at {}", won.join(", "))
        }
    };
    format!(
        "by mean error, the forecast beats no change {}; it beats last velocity {}",
        horizons(|[forecast, no_change, _]| is_better(forecast, no_change)),
        horizons(|[forecast, _, last]| is_better(forecast, last)),
    )
}
