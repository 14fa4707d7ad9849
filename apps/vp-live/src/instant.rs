//! Times as people read them.

use std::fmt;

use vp_market::EasternTime;

/// Writes an instant as UTC to the nanosecond, and what a clock in New York shows.
#[derive(Clone, Copy, Debug)]
pub struct Instant(
    /// Nanoseconds since the Unix epoch.
    pub u64,
);

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = vp_market::Utc::from_ns(self.0);
        write!(f, "{utc} ({})", EasternTime::from_ns(self.0))
    }
}
