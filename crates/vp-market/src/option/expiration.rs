//! When an instrument expires, and which date that is. Whether anybody cares about the date is not
//! known here.

use crate::{EasternTime, SessionDate};

/// Nanoseconds in one day.
const DAY_NS: u64 = 86_400_000_000_000;

/// The instant of an expiration, as an instrument definition states it.
///
/// This is the one place that says which date an expiration names:
///
/// | instant | date |
/// | --- | --- |
/// | midnight UTC, to the nanosecond | that date in UTC |
/// | any other | the date that the calendar in New York shows at it |
///
/// Publishers that know the day alone, as options on shares have it, state midnight UTC. In New
/// York that is the evening before, 19:00 or 20:00, at which nothing listed there or on Globex
/// expires; so an instant at midnight UTC never means the evening.
///
/// # Examples
/// ```
/// use vp_market::Expiration;
///
/// let date = |ns| Expiration::from_ns(ns).date().unwrap().to_string();
/// // 16:00 in New York, the evening of the same day, and the day alone.
/// assert_eq!(date(1_770_411_600_000_000_000), "2026-02-06");
/// assert_eq!(date(1_770_426_000_000_000_000), "2026-02-06");
/// assert_eq!(date(1_770_336_000_000_000_000), "2026-02-06");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiration(u64);

impl Expiration {
    /// Takes an instant, nanoseconds since the Unix epoch, UTC.
    pub const fn from_ns(ts_ns: u64) -> Self {
        Self(ts_ns)
    }

    /// Returns the instant, nanoseconds since the Unix epoch, UTC.
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// Returns the date that it names; `None` before the first session date and after the last.
    pub fn date(self) -> Option<SessionDate> {
        let ns = if self.0.is_multiple_of(DAY_NS) {
            // At noon UTC it is the same date in New York.
            self.0.checked_add(DAY_NS / 2)?
        } else {
            self.0
        };
        EasternTime::from_ns(ns).session_date()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Utc;

    fn check(ns: u64, date: Option<&str>) {
        let found = Expiration::from_ns(ns).date().map(|date| date.to_string());
        assert_eq!(found.as_deref(), date, "{ns}");
    }

    #[test]
    fn an_instant_names_the_date_in_new_york() {
        // 2024-06-21 09:30 and 2026-01-09 16:00, as Globex states them.
        check(1_718_976_600_000_000_000, Some("2024-06-21"));
        check(1_767_992_400_000_000_000, Some("2026-01-09"));
        // The first and the last nanosecond of 2026-02-06 in New York.
        check(1_770_354_000_000_000_000, Some("2026-02-06"));
        check(1_770_353_999_999_999_999, Some("2026-02-05"));
        check(1_770_440_399_999_999_999, Some("2026-02-06"));
        check(1_770_440_400_000_000_000, Some("2026-02-07"));
    }

    #[test]
    fn midnight_utc_names_its_own_date_and_its_neighbours_do_not() {
        let midnight = 1_770_336_000_000_000_000;
        check(midnight, Some("2026-02-06"));
        check(midnight - 1, Some("2026-02-05"));
        check(midnight + 1, Some("2026-02-05"));
        // While New York keeps daylight time, and on the days on which its clocks change.
        check(1_718_928_000_000_000_000, Some("2024-06-21"));
        check(1_710_028_800_000_000_000, Some("2024-03-10"));
        check(1_730_592_000_000_000_000, Some("2024-11-03"));
    }

    #[test]
    fn what_lies_outside_the_calendar_names_no_date() {
        check(0, None);
        check(1, None);
        check(DAY_NS, Some("1970-01-02"));
        check(u64::MAX, None);
        // The last midnight that 64 bits hold is too late for a noon.
        check(u64::MAX / DAY_NS * DAY_NS, None);
    }

    proptest! {
        #[test]
        fn midnight_names_the_date_that_a_utc_calendar_shows(day in 1_u64..106_000) {
            let ns = day * DAY_NS;
            let shown = Utc::from_ns(ns).to_string();
            let date = Expiration::from_ns(ns).date().unwrap().to_string();
            prop_assert_eq!(date.as_str(), &shown[..10]);
        }

        #[test]
        fn any_other_instant_names_the_date_that_a_clock_in_new_york_shows(ns in any::<u64>()) {
            prop_assume!(ns % DAY_NS != 0);
            let shown = EasternTime::from_ns(ns).session_date();
            prop_assert_eq!(Expiration::from_ns(ns).date(), shown);
        }
    }
}
