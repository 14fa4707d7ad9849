//! Instants as UTC texts, to the nanosecond.

use std::fmt;

use jiff::Timestamp;

/// An instant in UTC.
///
/// # Examples
/// ```
/// use vp_market::Utc;
///
/// let time = Utc::from_ns(1_703_545_200_000_000_001);
/// assert_eq!(time.to_string(), "2023-12-25T23:00:00.000000001Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc(Timestamp);

impl Utc {
    /// Returns the instant `ts_ns` nanoseconds after the Unix epoch.
    #[expect(clippy::missing_panics_doc, reason = "every u64 is an instant")]
    pub fn from_ns(ts_ns: u64) -> Self {
        let instant = Timestamp::from_nanosecond(i128::from(ts_ns));
        Self(instant.expect("64 bits of nanoseconds end in the year 2554"))
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.9}", self.0))
    }
}
