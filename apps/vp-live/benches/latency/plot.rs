//! The histograms as curves: the share of cases along the bottom, by its nines, and the time that
//! they stay below up the side, both logarithmic.

use std::fmt::Write;
use std::io;
use std::path::Path;

use super::Latencies;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 40.0;
/// From 10 ns to 100 ms.
const DECADES: [f64; 2] = [1.0, 8.0];
/// From nothing to 99.99 %.
const NINES: f64 = 4.0;
const STEPS: u32 = 200;
const COLOURS: [&str; 3] = ["#4477aa", "#ccbb44", "#cc3311"];
const SHARES: [(f64, &str); 6] = [
    (0.0, "0"),
    (0.5, "p50"),
    (0.9, "p90"),
    (0.99, "p99"),
    (0.999, "p99.9"),
    (0.9999, "p99.99"),
];
const TIMES: [&str; 8] = [
    "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms",
];

fn x(quantile: f64) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * -(1.0 - quantile).log10() / NINES
}

fn y(nanos: f64) -> f64 {
    let [lowest, highest] = DECADES;
    let decade = nanos.log10().clamp(lowest, highest);
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (decade - lowest) / (highest - lowest)
}

/// Draws one curve for each histogram.
pub(super) fn write(path: &Path, curves: &[(&str, &Latencies)]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, svg(curves).expect("a string takes everything"))
}

fn svg(curves: &[(&str, &Latencies)]) -> Result<String, std::fmt::Error> {
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Latency of a synthetic session, by share of cases</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    )?;
    axes(&mut svg)?;
    for (place, ((name, latencies), colour)) in curves.iter().zip(COLOURS).enumerate() {
        curve(&mut svg, latencies, colour)?;
        let line = TOP + 16.0 + 18.0 * f64::from(u32::try_from(place).unwrap_or(0));
        writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{line:.0}\" fill=\"{colour}\">{name}</text>",
            LEFT + 10.0
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn axes(svg: &mut String) -> std::fmt::Result {
    let (floor, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    for (share, name) in SHARES {
        let x = x(share);
        writeln!(
            svg,
            "<path d=\"M{x:.1} {TOP}V{floor}\" stroke=\"#dddddd\"/>\
             <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{name}</text>",
            floor + 18.0
        )?;
    }
    let mut nanos = 10.0;
    for name in TIMES {
        let y = y(nanos);
        writeln!(
            svg,
            "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            LEFT - 6.0,
            y + 4.0
        )?;
        nanos *= 10.0;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "drawn to a tenth of a pixel")]
fn curve(svg: &mut String, latencies: &Latencies, colour: &str) -> std::fmt::Result {
    write!(
        svg,
        "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\""
    )?;
    for step in 0..=STEPS {
        let quantile = 1.0 - 10_f64.powf(-NINES * f64::from(step) / f64::from(STEPS));
        let nanos = latencies.value_at_quantile(quantile) as f64;
        write!(svg, "{:.1},{:.1} ", x(quantile), y(nanos))?;
    }
    writeln!(svg, "\"/>")
}
