//! What the server counts, as Prometheus reads it.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters of the whole server, from its start on.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) grids_encoded: Counter,
    pub(super) grids_sent: Counter,
    pub(super) grids_conflated: Counter,
    pub(super) bytes_sent: Counter,
    pub(super) records: Counter,
    pub(super) events: Counter,
    pub(super) connections_refused: Counter,
    pub(super) closes: Family<u16>,
    pub(super) anomalies: Family<String>,
}

/// What is so at this moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauges {
    pub(super) connections: usize,
    pub(super) replays: usize,
    pub(super) viewers: usize,
    pub(super) behind_seconds: f64,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One counter for each kind.
#[derive(Debug)]
pub(super) struct Family<K>(Mutex<BTreeMap<K, u64>>);

impl<K> Default for Family<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord + Display> Family<K> {
    pub(super) fn add(&self, kind: K, count: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(kind).or_default() += count;
    }
}

impl Metrics {
    /// Returns the text of `/metrics`.
    pub(super) fn render(&self, gauges: Gauges) -> String {
        let mut text = String::new();
        let out = &mut text;
        gauge(out, "connections", "Open connections.", gauges.connections);
        gauge(out, "replays", "Running replays.", gauges.replays);
        gauge(out, "viewers", "Viewers of all replays.", gauges.viewers);
        gauge(
            out,
            "behind_seconds",
            "How late the latest replay is against its schedule.",
            gauges.behind_seconds,
        );
        for (name, help, counter) in [
            ("records", "Records taken in.", &self.records),
            ("events", "Events taken in.", &self.events),
            ("grids_encoded", "Grids encoded.", &self.grids_encoded),
            ("grids_sent", "Grids sent, per viewer.", &self.grids_sent),
            (
                "grids_conflated",
                "Grids left out for slow viewers.",
                &self.grids_conflated,
            ),
            (
                "bytes_sent",
                "Bytes written to websockets.",
                &self.bytes_sent,
            ),
            (
                "connections_refused",
                "Connections beyond the limit, and requests from foreign hosts or origins.",
                &self.connections_refused,
            ),
        ] {
            head(out, &format!("{name}_total"), help, "counter");
            line(out, &format!("{name}_total"), counter.get());
        }
        family(out, "closes", "Websockets closed.", "code", &self.closes);
        family(
            out,
            "anomalies",
            "What was wrong with records.",
            "kind",
            &self.anomalies,
        );
        text
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: impl Display) {
    head(out, name, help, "gauge");
    line(out, name, value);
}

fn family<K: Display>(
    out: &mut String,
    name: &str,
    help: &str,
    label: &str,
    Family(counts): &Family<K>,
) {
    head(out, &format!("{name}_total"), help, "counter");
    let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    for (kind, count) in counts.iter() {
        line(out, &format!("{name}_total{{{label}=\"{kind}\"}}"), count);
    }
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    let _ = write!(
        out,
        "# HELP spymaster_{name} {help}\n# TYPE spymaster_{name} {kind}\n"
    );
}

fn line(out: &mut String, name: &str, value: impl Display) {
    let _ = writeln!(out, "spymaster_{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_help_type_and_value() {
        let metrics = Metrics::default();
        metrics.closes.add(1001, 2);
        metrics.records.add(7);
        let text = metrics.render(Gauges {
            connections: 1,
            replays: 2,
            viewers: 3,
            behind_seconds: 0.25,
        });
        assert!(
            text.contains("# TYPE spymaster_records_total counter\nspymaster_records_total 7\n")
        );
        assert!(text.contains("spymaster_closes_total{code=\"1001\"} 2\n"));
        assert!(text.contains("spymaster_behind_seconds 0.25\n"));
    }
}
