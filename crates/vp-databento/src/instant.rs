//! Instants as the service and the tracker write them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use vp_market::Utc;

/// An instant, in nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(
    /// The nanoseconds.
    pub u64,
);

impl Instant {
    /// Reads ISO 8601 with `T` or a space; without an offset it is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let instant = text.parse::<Timestamp>().ok().or_else(|| {
            let reading = text.parse::<DateTime>().ok()?;
            TimeZone::UTC.to_timestamp(reading).ok()
        })?;
        u64::try_from(instant.as_nanosecond()).ok().map(Self)
    }

    /// Returns the instant that much later.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(ns(time)))
    }

    /// Returns the instant that much earlier.
    #[must_use]
    pub fn minus(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(ns(time)))
    }

    /// Returns the time since an earlier instant, or zero.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Utc::from_ns(self.0).fmt(f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom(format_args!("{text:?} is not an ISO 8601 time")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_service_is_read() {
        for text in [
            "2023-06-14T00:00:00.000000000Z",
            "2023-06-14T00:00:00",
            "2023-06-14 00:00:00+00:00",
            "2023-06-14 00:00:00.000000",
            "2023-06-14",
        ] {
            assert_eq!(
                Instant::parse(text),
                Some(Instant(1_686_700_800_000_000_000)),
                "{text}"
            );
        }
        assert_eq!(Instant::parse("yesterday"), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let instant = Instant(1_686_700_800_000_000_001);
        assert_eq!(Instant::parse(&instant.to_string()), Some(instant));
    }
}
