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
    pub(super) refusals: Family<&'static str>,
    pub(super) closes: Family<&'static str>,
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

/// One counter for each kind, of a bounded number of kinds: each is a series that the server keeps,
/// and that everybody who scrapes it keeps.
#[derive(Debug)]
pub(super) struct Family<K>(Mutex<BTreeMap<K, u64>>);

/// Kinds of a family; what further ones count goes to [`OTHER`].
const MOST_KINDS: usize = 64;

/// The kind of what has none of its own.
const OTHER: &str = "other";

impl<K> Default for Family<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord + From<&'static str>> Family<K> {
    pub(super) fn add(&self, kind: K, count: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = counts.len() >= MOST_KINDS && !counts.contains_key(&kind);
        let kind = if is_full { OTHER.into() } else { kind };
        *counts.entry(kind).or_default() += count;
    }
}

/// Returns the label of a close code: those that RFC 6455 and its registry define. A client can
/// close with any of thousands of others.
pub(super) const fn close_label(code: u16) -> &'static str {
    match code {
        1000 => "1000",
        1001 => "1001",
        1002 => "1002",
        1003 => "1003",
        1005 => "1005",
        1006 => "1006",
        1007 => "1007",
        1008 => "1008",
        1009 => "1009",
        1010 => "1010",
        1011 => "1011",
        1012 => "1012",
        1013 => "1013",
        1014 => "1014",
        1015 => "1015",
        _ => OTHER,
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
        family(
            out,
            "refusals",
            "Requests and connections refused.",
            "reason",
            &self.refusals,
        );
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
        metrics.closes.add(close_label(1001), 2);
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

    #[test]
    fn no_client_makes_up_a_series() {
        let metrics = Metrics::default();
        for code in 0..=u16::MAX {
            metrics.closes.add(close_label(code), 1);
        }
        for kind in 0..1000 {
            metrics.anomalies.add(kind.to_string(), 1);
        }
        let counts = |family: &Family<String>| family.0.lock().unwrap().clone();
        let anomalies = counts(&metrics.anomalies);
        assert_eq!(anomalies.len(), MOST_KINDS + 1);
        assert_eq!(anomalies.values().sum::<u64>(), 1000);
        let closes = metrics.closes.0.lock().unwrap();
        assert_eq!(closes.len(), 16);
        assert_eq!(closes.values().sum::<u64>(), 1 << 16);
    }
}
