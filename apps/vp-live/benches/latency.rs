//! Latency, as histograms: of a record through book and engine, and of an event from the moment it
//! is due at real-time pace to the socket of a viewer.
//!
//! `-- --plot` also draws `docs/images/latency.svg`. All input is synthetic. Throughput is not
//! measured here.

#[path = "latency/per_record.rs"]
mod per_record;
#[path = "latency/plot.rs"]
mod plot;
#[path = "latency/to_socket.rs"]
mod to_socket;

use std::error::Error;
use std::path::Path;

use hdrhistogram::Histogram;

/// Latencies in nanoseconds, to three digits.
type Latencies = Histogram<u64>;

/// Longer delays than a minute are not distinguished.
const LONGEST_NS: u64 = 60_000_000_000;

fn empty() -> Latencies {
    Latencies::new_with_bounds(1, LONGEST_NS, 3).expect("the bounds are in order")
}

fn main() -> Result<(), Box<dyn Error>> {
    let engine = per_record::measure()?;
    let paced = to_socket::measure()?;
    let rows = [
        ("a clock read twice, nothing between", &engine.clock),
        ("a record through book and engine", &engine.record),
        ("from due to encoded grid", &paced.to_encoded),
        ("from encoded grid to viewer", &paced.to_viewer),
        ("from due to viewer", &paced.whole),
    ];
    say(
        "what                                        count       p50       p99     p99.9       max",
    );
    for (name, latencies) in rows {
        let at = |quantile| in_words(latencies.value_at_quantile(quantile));
        say(&format!(
            "{name:<38} {:>10} {:>9} {:>9} {:>9} {:>9}",
            latencies.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            in_words(latencies.max())
        ));
    }
    say(&format!("{} grids gave way to newer ones", paced.conflated));
    if std::env::args().any(|argument| argument == "--plot") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images/latency.svg");
        let curves = [rows[1], rows[2], rows[4]];
        plot::write(Path::new(path), &curves)?;
    }
    Ok(())
}

/// Returns a time with its unit.
#[expect(clippy::cast_precision_loss, reason = "printed to three digits")]
fn in_words(nanos: u64) -> String {
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        _ => format!("{:.2} ms", nanos as f64 / 1e6),
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark reports to its terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}
