//! Eastern time: always the `America/New_York` zone with its clock changes, never a fixed offset.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::SessionDate;

/// The zone of Eastern time.
pub(super) static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("America/New_York").expect("the zone rules are bundled with the binary")
});

/// An instant as a clock in New York shows it.
///
/// # Examples
/// ```
/// use vp_market::EasternTime;
///
/// let time = EasternTime::from_ns(1_703_545_200_000_000_000);
/// assert_eq!(time.to_string(), "2023-12-25 18:00:00 EST");
/// assert_eq!(time.clock().to_string(), "18:00:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EasternTime {
    reading: DateTime,
    offset: Offset,
}

impl EasternTime {
    /// Returns what the clock shows at `ts_ns`, nanoseconds since the Unix epoch, UTC.
    #[expect(clippy::missing_panics_doc, reason = "every u64 is an instant")]
    pub fn from_ns(ts_ns: u64) -> Self {
        let instant = Timestamp::from_nanosecond(i128::from(ts_ns))
            .expect("64 bits of nanoseconds end in the year 2554");
        let offset = ZONE.to_offset(instant);
        Self {
            reading: offset.to_datetime(instant),
            offset,
        }
    }

    /// Returns the time of day, cut to the second.
    pub fn clock(self) -> WallClock {
        let time = self.reading.time();
        WallClock(Time::constant(time.hour(), time.minute(), time.second(), 0))
    }

    /// Returns the date that the calendar shows; `None` before the first session date and after
    /// the last.
    pub fn session_date(self) -> Option<SessionDate> {
        let date = self.date();
        SessionDate::from_ymd(date.year(), date.month(), date.day())
    }

    /// Returns the civil date.
    pub(super) fn date(self) -> Date {
        self.reading.date()
    }
}

impl fmt::Display for EasternTime {
    /// Writes date, time to the second, and which of the two offsets holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_standard = self.offset == jiff::tz::offset(-5);
        let name = if is_standard { "EST" } else { "EDT" };
        f.pad(&format!("{} {} {name}", self.date(), self.clock()))
    }
}

/// A time of day on a clock in New York, to the second.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WallClock(Time);

/// A text that is no time of day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time of day of the form HH:MM or HH:MM:SS")]
pub struct WallClockError {
    /// The refused text.
    pub text: String,
}

impl WallClock {
    /// Returns the instants on `date` at which the clock shows this time: none in the hour that
    /// spring skips, two in the one that autumn repeats.
    pub(super) fn instants_on(self, date: Date) -> impl Iterator<Item = u64> {
        let reading = date.to_datetime(self.0);
        let offsets = match ZONE.to_ambiguous_timestamp(reading).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            AmbiguousOffset::Gap { .. } => [None, None],
            AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
        };
        offsets.into_iter().flatten().filter_map(move |offset| {
            let instant = offset.to_timestamp(reading).ok()?;
            u64::try_from(instant.as_nanosecond()).ok()
        })
    }
}

impl FromStr for WallClock {
    type Err = WallClockError;

    fn from_str(text: &str) -> Result<Self, WallClockError> {
        let parse = || {
            let mut parts = [0i8; 3];
            let texts: Vec<&str> = text.split(':').collect();
            if !(2..=3).contains(&texts.len()) {
                return None;
            }
            for (place, digits) in texts.into_iter().enumerate() {
                // `9:30` has one meaning, `9:3` may have two.
                let is_long = digits.len() == 2 || (place == 0 && digits.len() == 1);
                if !is_long || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                parts[place] = digits.parse().ok()?;
            }
            Time::new(parts[0], parts[1], parts[2], 0).ok()
        };
        parse()
            .map(Self)
            .ok_or_else(|| WallClockError { text: text.into() })
    }
}

impl fmt::Display for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.0;
        f.pad(&format!(
            "{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        ))
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WallClock({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_with_and_without_seconds() {
        for (text, shown) in [
            ("09:30", "09:30:00"),
            ("9:30", "09:30:00"),
            ("23:59:59", "23:59:59"),
        ] {
            assert_eq!(text.parse::<WallClock>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn texts_that_are_no_times_are_refused() {
        for text in [
            "",
            "9:3",
            "0930",
            "24:00",
            "09:60",
            "09:30:60",
            "09:30:00:00",
            "+9:30",
        ] {
            assert_eq!(
                text.parse::<WallClock>(),
                Err(WallClockError { text: text.into() })
            );
        }
    }

    #[test]
    fn an_instant_is_shown_with_its_offset() {
        for (ts_ns, shown) in [
            (1_703_545_200_999_999_999, "2023-12-25 18:00:00 EST"),
            (1_752_753_600_000_000_000, "2025-07-17 08:00:00 EDT"),
            // The two halves of the hour that was repeated on 2024-11-03.
            (1_730_611_800_000_000_000, "2024-11-03 01:30:00 EDT"),
            (1_730_615_400_000_000_000, "2024-11-03 01:30:00 EST"),
            (0, "1969-12-31 19:00:00 EST"),
            (u64::MAX, "2554-07-21 19:34:33 EDT"),
        ] {
            assert_eq!(EasternTime::from_ns(ts_ns).to_string(), shown);
        }
    }

    #[test]
    fn the_date_is_the_one_in_new_york() {
        let date = |ts_ns| EasternTime::from_ns(ts_ns).session_date();
        // 21:00 UTC and 02:00 UTC the day after are the same evening in New York.
        assert_eq!(date(1_703_538_000_000_000_000), "2023-12-25".parse().ok());
        assert_eq!(date(1_703_556_000_000_000_000), "2023-12-25".parse().ok());
        assert_eq!((date(0), date(u64::MAX)), (None, None));
    }
}
