//! Flow statistics for people: a Markdown table, one column for each flow.

use std::fmt;

use vp_market::Action;

use super::{DEPTH_DISTANCES, FlowStatistics, Histogram, ordinal};

/// Several flows side by side, printed as a Markdown table.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// Name and statistics of each flow, one column each.
    pub flows: &'a [(&'a str, &'a FlowStatistics)],
}

impl fmt::Display for FlowStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Comparison {
            flows: &[("flow", self)],
        }
        .fmt(f)
    }
}

impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| quantity |")?;
        self.flows
            .iter()
            .try_for_each(|(name, _)| write!(f, " {name} |"))?;
        write!(f, "\n| --- |")?;
        self.flows.iter().try_for_each(|_| write!(f, " --- |"))?;
        writeln!(f)?;
        self.rates(f)?;
        self.shapes(f)?;
        self.trades_and_changes(f)
    }
}

impl Comparison<'_> {
    fn rates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(f, "records", |flow| flow.records().to_string())?;
        self.row(f, "events", |flow| flow.events.to_string())?;
        self.row(f, "records per second", |flow| {
            let seconds = real(flow.duration_ns()) / 1e9;
            number(real(flow.records()) / seconds)
        })?;
        self.row(f, "records per event", |flow| {
            number(real(flow.records()) / real(flow.events))
        })?;
        for action in [
            Action::Add,
            Action::Cancel,
            Action::Modify,
            Action::Trade,
            Action::Fill,
        ] {
            let name = format!("share of {action:?}");
            self.row(f, &name, |flow| {
                percent(flow.actions[ordinal(action)], flow.records())
            })?;
        }
        self.quantiles(f, "gap between events", duration, |flow| &flow.gaps_ns)?;
        self.quantiles(f, "lifetime until cancelled", duration, |flow| {
            &flow.cancelled_lifetimes_ns
        })?;
        self.quantiles(f, "lifetime until filled", duration, |flow| {
            &flow.filled_lifetimes_ns
        })
    }

    fn shapes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for action in [Action::Add, Action::Cancel, Action::Modify, Action::Trade] {
            let name = format!("size of {action:?}");
            self.quantiles(f, &name, plain, |flow| &flow.sizes[ordinal(action)])?;
            let name = format!("size of {action:?}, share of 1");
            self.row(f, &name, |flow| share(&flow.sizes[ordinal(action)], 1))?;
        }
        for action in [Action::Add, Action::Cancel, Action::Modify] {
            let name = format!("ticks from the touch, {action:?}");
            self.quantiles(f, &name, plain, |flow| {
                &flow.distances_ticks[ordinal(action)]
            })?;
            let name = format!("{action:?} at the touch or better");
            self.row(f, &name, |flow| {
                share(&flow.distances_ticks[ordinal(action)], 0)
            })?;
        }
        for ticks in 1..=3 {
            let name = format!("spread of {ticks} ticks");
            self.row(f, &name, |flow| share(&flow.spread_ticks, ticks))?;
        }
        self.row(f, "events locked or crossed", |flow| {
            percent(flow.crossed_events, flow.events)
        })?;
        for (index, distance) in DEPTH_DISTANCES.into_iter().enumerate() {
            let name = format!("depth {distance} ticks from the touch");
            self.quantiles(f, &name, plain, |flow| &flow.depth[index])?;
        }
        self.quantiles(f, "resting orders", plain, |flow| &flow.population)
    }

    fn trades_and_changes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.quantiles(f, "size per aggressor", plain, |flow| &flow.traded_sizes)?;
        self.quantiles(f, "fills per aggressor", plain, |flow| {
            &flow.fills_per_trade
        })?;
        for levels in 1..=3 {
            let name = format!("aggressors through {levels} levels");
            self.row(f, &name, |flow| share(&flow.levels_per_trade, levels))?;
        }
        let modifies = |flow: &FlowStatistics| flow.actions[ordinal(Action::Modify)];
        self.row(f, "modifies to another price", |flow| {
            percent(flow.moved, modifies(flow))
        })?;
        self.row(f, "modifies that cut the size", |flow| {
            percent(flow.cut, modifies(flow))
        })?;
        self.row(f, "modifies after a partial fill", |flow| {
            percent(flow.partly_filled, modifies(flow))
        })?;
        self.row(f, "modifies that refresh an iceberg", |flow| {
            percent(flow.refreshed, modifies(flow))
        })?;
        self.quantiles(
            f,
            "move of the mid over 1,024 events, half ticks",
            plain,
            |flow| &flow.moves_half_ticks,
        )
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        value: impl Fn(&FlowStatistics) -> String,
    ) -> fmt::Result {
        write!(f, "| {name} |")?;
        self.flows
            .iter()
            .try_for_each(|(_, flow)| write!(f, " {} |", value(flow)))?;
        writeln!(f)
    }

    /// Writes the 10th, 50th, 90th and 99th percentile.
    fn quantiles(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        show: fn(u64) -> String,
        histogram: impl Fn(&FlowStatistics) -> &Histogram,
    ) -> fmt::Result {
        self.row(f, &format!("{name}, 10 / 50 / 90 / 99 %"), |flow| {
            let quantile = |q| {
                histogram(flow)
                    .quantile(q)
                    .map_or_else(|| "–".to_owned(), show)
            };
            [0.1, 0.5, 0.9, 0.99].map(quantile).join(" / ")
        })
    }
}

fn plain(value: u64) -> String {
    value.to_string()
}

fn duration(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{} µs", number(real(ns) / 1e3)),
        1_000_000..1_000_000_000 => format!("{} ms", number(real(ns) / 1e6)),
        _ => format!("{} s", number(real(ns) / 1e9)),
    }
}

fn share(histogram: &Histogram, value: u64) -> String {
    histogram
        .share(value)
        .map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", real(part) / real(whole) * 100.0)
}

/// Writes three significant digits or so.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers for people to read")]
fn real(value: u64) -> f64 {
    value as f64
}
