//! What a run came to, for people and for machines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use vp_engine::{Engine, Price};
use vp_ingest::{Counters, LeftOut, SourceFile};
use vp_market::{Instrument, SessionDate};
use vp_replay::Status;
use vp_tape::{Mark, Volumes, Vwap};

use crate::instant::Instant;
use vp_cli::report::Count;

/// Events after which the best bid was above the best ask.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Crossed {
    events: u64,
    first_ns: u64,
    last_ns: u64,
}

impl Crossed {
    #[cold]
    pub(super) fn note(&mut self, ts_ns: u64) {
        if self.events == 0 {
            self.first_ns = ts_ns;
        }
        self.events += 1;
        self.last_ns = ts_ns;
    }
}

/// How many marks of each kind there were.
#[derive(Clone, Debug, Default)]
pub(super) struct MarkCounts(BTreeMap<&'static str, u64>);

impl MarkCounts {
    pub(super) fn count(&mut self, mark: &Mark) {
        *self.0.entry(mark.kind.name()).or_default() += 1;
    }
}

impl fmt::Display for MarkCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let counts = self.0.iter();
        let counts = counts.map(|(kind, count)| format!("{} {kind}", Count(*count)));
        f.write_str(&counts.collect::<Vec<_>>().join(", "))
    }
}

/// A finished run.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    pub(super) instrument: &'a Instrument,
    pub(super) date: SessionDate,
    pub(super) files: &'a [SourceFile],
    pub(super) left_out: &'a [LeftOut],
    pub(super) counters: Counters,
    pub(super) status: Status,
    pub(super) engine: &'a Engine,
    pub(super) volumes: &'a Volumes,
    pub(super) marks: MarkCounts,
    pub(super) crossed: Crossed,
    pub(super) grids: u64,
    pub(super) elapsed: Duration,
}

impl Summary<'_> {
    /// Returns a price as text: with the decimals that the product is shown with, and more where
    /// the price has more.
    fn price(&self, price: Option<Price>) -> Option<String> {
        let decimals = self.instrument.product.price_decimals() as usize;
        price.map(|price| format!("{price:.decimals$}"))
    }

    fn fmt_volumes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = self.volumes.sum();
        writeln!(
            f,
            "volume      {} in {} trades: {} bought, {} sold, {} unknown, delta {:+}",
            Count(sum.total()),
            Count(self.volumes.trades()),
            Count(sum.bought),
            Count(sum.sold),
            Count(sum.unknown),
            self.volumes.delta()
        )?;
        let (Some(vwap), Some(area)) = (self.volumes.vwap(), self.volumes.value_area()) else {
            return Ok(());
        };
        let price = |price| self.price(price).unwrap_or_default();
        writeln!(
            f,
            "vwap        {:.decimals$}, point of control {}, value area {} to {}",
            vwap.value(),
            price(self.volumes.point_of_control()),
            price(Some(area.low)),
            price(Some(area.high)),
            decimals = self.instrument.product.price_decimals() as usize + 1,
        )
    }

    fn records_per_second(&self) -> f64 {
        let records = u32::try_from(self.status.inputs).map_or(f64::from(u32::MAX), f64::from);
        records / self.elapsed.as_secs_f64().max(1e-9)
    }

    pub(super) fn json(&self) -> Value {
        let grid = self.engine.grid();
        let anomalies: serde_json::Map<_, _> = grid
            .anomalies()
            .iter()
            .map(|(kind, n)| (kind.name().into(), n.into()))
            .collect();
        json!({
            "product_type": self.instrument.product_type.name(),
            "symbol": self.instrument.symbol,
            "dt": self.date.to_string(),
            "files": self.files.iter().map(|file| file.path.display().to_string()).collect::<Vec<_>>(),
            "left_out_files": self.left_out.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "records_in_files": self.counters.records,
            "records": self.status.inputs,
            "snapshot_records": self.counters.snapshot_records,
            "skipped": {
                "other_rtypes": self.counters.other_rtypes,
                "other_instruments": self.counters.other_instruments,
                "outside_window": self.counters.outside_window,
            },
            "other_publishers": self.counters.other_publishers,
            "aggregated": self.counters.aggregated,
            "unknown_actions": self.counters.unknown_actions,
            "events": self.status.commits,
            "grids": self.grids,
            "anomalies": anomalies,
            "phase": grid.phase().name(),
            "best_bid": self.price(grid.best_bid()),
            "best_ask": self.price(grid.best_ask()),
            "mid_price": grid.mid_price(),
            "last_event_ts_ns": self.engine.grid().ts_ns(),
            "crossed_events": self.crossed.events,
            "last_crossed_ts_ns": (self.crossed.events > 0).then_some(self.crossed.last_ns),
            "trades": self.volumes.trades(),
            "volume": self.volumes.sum().total(),
            "bought": self.volumes.sum().bought,
            "sold": self.volumes.sum().sold,
            "unknown": self.volumes.sum().unknown,
            "delta": i64::try_from(self.volumes.delta()).ok(),
            "vwap": self.volumes.vwap().map(Vwap::value),
            "point_of_control": self.price(self.volumes.point_of_control()),
            "value_area": self.volumes.value_area().map(|area| json!({
                "low": self.price(Some(area.low)),
                "high": self.price(Some(area.high)),
            })),
            "marks": self.marks.0,
            "resting_orders": self.engine.book().order_count(),
            "seconds": self.elapsed.as_secs_f64(),
            "records_per_second": self.records_per_second(),
        })
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (grid, counters) = (self.engine.grid(), &self.counters);
        let price = |price| self.price(price).unwrap_or_else(|| "none".to_owned());
        let (symbol, kind) = (&self.instrument.symbol, self.instrument.product_type);
        writeln!(f, "{symbol} {} ({kind})", self.date)?;
        for file in self.files {
            writeln!(
                f,
                "file        {} (DBN v{}, {})",
                file.path.display(),
                file.version,
                file.dataset
            )?;
        }
        let (taken, all) = (Count(self.status.inputs), Count(counters.records));
        writeln!(f, "records     {taken} of {all} read")?;
        for (name, count) in [
            ("of other kinds", counters.other_rtypes),
            ("of other instruments", counters.other_instruments),
            ("outside the session", counters.outside_window),
            ("of other publishers", counters.other_publishers),
        ] {
            if count > 0 {
                writeln!(f, "            {} skipped: {name}", Count(count))?;
            }
        }
        if counters.aggregated > 0 {
            writeln!(
                f,
                "            {} aggregated, no orders",
                Count(counters.aggregated)
            )?;
        }
        if counters.unknown_actions > 0 {
            writeln!(
                f,
                "            {} of unknown action",
                Count(counters.unknown_actions)
            )?;
        }
        writeln!(
            f,
            "snapshot    {} records",
            Count(counters.snapshot_records)
        )?;
        writeln!(
            f,
            "events      {}, {} grids emitted",
            Count(self.status.commits),
            Count(self.grids)
        )?;
        let seen: Vec<_> = grid
            .anomalies()
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| format!("{} {kind}", Count(count)))
            .collect();
        let anomalies = if seen.is_empty() {
            "none".to_owned()
        } else {
            seen.join(", ")
        };
        writeln!(f, "anomalies   {anomalies}")?;
        self.fmt_volumes(f)?;
        writeln!(f, "marks       {}", self.marks)?;
        if self.crossed.events > 0 {
            writeln!(
                f,
                "crossed     after {} events, from {} to {}",
                Count(self.crossed.events),
                Instant(self.crossed.first_ns),
                Instant(self.crossed.last_ns)
            )?;
        }
        match self.engine.grid().ts_ns() {
            Some(ts_ns) => writeln!(f, "last event  {}", Instant(ts_ns))?,
            None => writeln!(f, "last event  none")?,
        }
        let (bid, ask) = (price(grid.best_bid()), price(grid.best_ask()));
        writeln!(f, "best        {bid} x {ask}, book {}", grid.phase())?;
        writeln!(
            f,
            "resting     {} orders",
            Count(self.engine.book().order_count() as u64)
        )?;
        let (seconds, rate) = (self.elapsed.as_secs_f64(), self.records_per_second());
        write!(
            f,
            "speed       {:.2} million records/s, {seconds:.3} s",
            rate / 1e6
        )
    }
}
