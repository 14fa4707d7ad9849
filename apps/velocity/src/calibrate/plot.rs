//! A calibration in two pictures: what was predicted against what came, and what confidence is
//! worth.

use std::fmt::Write as _;

use vp_velocity::calibration::{Calibration, HORIZONS_S};

const SIZE: f64 = 360.0;
const MARGIN: f64 = 56.0;
const WIDTH: f64 = 2.0 * (SIZE + MARGIN) + MARGIN;
const HEIGHT: f64 = SIZE + 2.0 * MARGIN;
/// Changes beyond that many ticks are drawn at the edge.
const REACH_TICKS: f64 = 20.0;
const COLOURS: [&str; HORIZONS_S.len()] = [
    "#332288", "#4477aa", "#44aa99", "#ddaa33", "#cc6677", "#882255",
];

/// Returns the picture.
pub(super) fn svg(calibration: &Calibration) -> String {
    let mut svg = String::new();
    let parameters = &calibration.parameters;
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Calibration of {}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
        parameters.root
    );
    predictions(&mut svg, calibration);
    reliability(&mut svg, calibration);
    svg.push_str("</svg>\n");
    svg
}

/// Draws, for each predicted change of each horizon, the mean of what came.
fn predictions(svg: &mut String, calibration: &Calibration) {
    let left = MARGIN;
    frame(
        svg,
        left,
        "predicted change, ticks",
        "mean actual change, ticks",
    );
    let place = |ticks: f64| 0.5 + ticks.clamp(-REACH_TICKS, REACH_TICKS) / (2.0 * REACH_TICKS);
    for ticks in [-20, -10, 0, 10, 20] {
        let at = place(f64::from(ticks));
        label(svg, left, at, &ticks.to_string());
    }
    line(svg, left, (0.0, 0.0), (1.0, 1.0));
    for (horizon, (horizon_s, colour)) in HORIZONS_S.into_iter().zip(COLOURS).enumerate() {
        for point in calibration.evaluation.predicted(horizon) {
            let radius = 1.5 + count(point.count).log10();
            dot(
                svg,
                left,
                (place(point.predicted), place(point.mean_actual)),
                radius,
                colour,
            );
        }
        let (x, y) = (left + 10.0, MARGIN + 18.0 + 16.0 * count(horizon as u64));
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{}\" r=\"4\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{y}\">{horizon_s} s</text>",
            y - 4.0,
            x + 10.0
        );
    }
}

/// Draws the share of signs that were hit by confidence.
fn reliability(svg: &mut String, calibration: &Calibration) {
    let left = SIZE + 2.0 * MARGIN;
    frame(svg, left, "bin of confidence, the least first", "signs hit");
    for percent in [0, 25, 50, 75, 100] {
        let at = f64::from(percent) / 100.0;
        let y = MARGIN + SIZE * (1.0 - at) + 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{percent} %</text>",
            left - 6.0
        );
    }
    let bins = &calibration.parameters.metrics.confidence.bins;
    let width = SIZE / count(bins.len().max(1) as u64);
    for (index, bin) in bins.iter().enumerate() {
        let (x, height) = (left + width * count(index as u64), SIZE * bin.hit_rate);
        let y = MARGIN + SIZE - height;
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" \
             fill=\"#4477aa\"><title>confidence {:.3e} to {:.3e}, {} samples, {:.1} % hit\
             </title></rect>",
            x + 2.0,
            width - 4.0,
            bin.min_conf,
            bin.max_conf,
            bin.count,
            bin.hit_rate * 100.0
        );
    }
}

fn frame(svg: &mut String, left: f64, below: &str, beside: &str) {
    let (middle, bottom) = (left + SIZE / 2.0, HEIGHT - MARGIN / 4.0);
    let (x, y) = (left - MARGIN * 0.85, MARGIN + SIZE / 2.0);
    let _ = writeln!(
        svg,
        "<rect x=\"{left}\" y=\"{MARGIN}\" width=\"{SIZE}\" height=\"{SIZE}\" fill=\"none\" \
         stroke=\"#999999\"/>\n\
         <text x=\"{middle}\" y=\"{bottom}\" text-anchor=\"middle\">{below}</text>\n\
         <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">\
         {beside}</text>"
    );
}

/// Writes a number at both axes of a square.
fn label(svg: &mut String, left: f64, at: f64, text: &str) {
    let (x, y) = (left + SIZE * at, MARGIN + SIZE * (1.0 - at) + 4.0);
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{text}</text>\
         <text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{text}</text>",
        MARGIN + SIZE + 16.0,
        left - 6.0
    );
}

fn line(svg: &mut String, left: f64, from: (f64, f64), to: (f64, f64)) {
    let x = |at: f64| left + SIZE * at;
    let y = |at: f64| MARGIN + SIZE * (1.0 - at);
    let _ = writeln!(
        svg,
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#cccccc\"/>",
        x(from.0),
        y(from.1),
        x(to.0),
        y(to.1)
    );
}

fn dot(svg: &mut String, left: f64, (x, y): (f64, f64), radius: f64, colour: &str) {
    let (x, y) = (left + SIZE * x, MARGIN + SIZE * (1.0 - y));
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" \
         fill-opacity=\"0.7\"/>"
    );
}

#[expect(clippy::cast_precision_loss, reason = "a count, to be drawn")]
fn count(count: u64) -> f64 {
    count as f64
}
