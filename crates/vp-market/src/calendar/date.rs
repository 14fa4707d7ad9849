//! The date that names a session. It is no instant: the window says which instants it holds.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The date of a session, from 1970-01-02 to 2261-12-31.
///
/// Every instant of every session of these dates fits the feed's nanoseconds, as `u64` and as
/// `i64`.
///
/// # Examples
/// ```
/// use vp_market::SessionDate;
///
/// let date: SessionDate = "2023-12-25".parse().unwrap();
/// assert_eq!(date.compact(), "20231225");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionDate(Date);

/// Why a text is not a session date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// Neither of the form YYYY-MM-DD nor of the form YYYYMMDD.
    #[error("{text:?} is not a date of the form YYYY-MM-DD or YYYYMMDD")]
    Form {
        /// The refused text.
        text: String,
    },
    /// No such day, or one outside the years that the feed's times can hold.
    #[error("{text:?} is not a day between 1970-01-02 and 2261-12-31")]
    NoSuchDay {
        /// The refused text.
        text: String,
    },
}

impl SessionDate {
    /// Returns the date of that year, month and day, or `None` where there is no such session
    /// date.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = Date::new(year, month, day).ok()?;
        let is_in_range = (1970..=2261).contains(&year) && date != Date::constant(1970, 1, 1);
        is_in_range.then_some(Self(date))
    }

    /// Returns the UTC day of an instant, in nanoseconds since the Unix epoch; `None` where that is no
    /// session date.
    pub fn of_utc(ts_ns: u64) -> Option<Self> {
        let timestamp = Timestamp::from_nanosecond(ts_ns.into()).ok()?;
        let date = TimeZone::UTC.to_datetime(timestamp).date();
        Self::from_ymd(date.year(), date.month(), date.day())
    }

    /// Returns the date that a compact text such as `20231225` names.
    pub fn from_compact(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, month, day) = (&text[..4], &text[4..6], &text[6..]);
        Self::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// Returns the date as file names have it: `20231225`.
    pub fn compact(self) -> String {
        let date = self.0;
        format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
    }

    /// Returns the year, for example 2023.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Returns the month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Returns the day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// Returns the day of the week, 1 for Monday to 7 for Sunday.
    pub fn iso_weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    /// Returns whether this is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// Returns how many days later `other` is; negative if it is earlier.
    pub fn days_until(self, other: Self) -> i32 {
        // From one day to another there is always a number of days.
        self.0.until(other.0).map_or(0, |span| span.get_days())
    }

    /// Returns the next day, or `None` after the last one.
    pub fn next(self) -> Option<Self> {
        let date = self.0.tomorrow().ok()?;
        Self::from_ymd(date.year(), date.month(), date.day())
    }

    /// Returns the instant at which a clock in `zone` reaches that full hour of this date. An hour
    /// that the clock skips (in New York 02:00 on a Sunday in March) is reached where it jumps.
    pub(super) fn at(self, hour: i8, zone: &TimeZone) -> u64 {
        let zoned = zone.to_zoned(self.0.at(hour, 0, 0, 0));
        let ns = zoned.map(|zoned| zoned.timestamp().as_nanosecond());
        ns.ok()
            .and_then(|ns| u64::try_from(ns).ok())
            .expect("session dates lie well inside the range of instants")
    }

    /// Returns the instant at which the UTC day after this one begins.
    pub(super) fn utc_end(self) -> u64 {
        self.at(0, &TimeZone::UTC) + 86_400 * super::NS_PER_SECOND
    }
}

impl FromStr for SessionDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let is_compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_compact {
            return Self::from_compact(text)
                .ok_or_else(|| DateError::NoSuchDay { text: text.into() });
        }
        let is_form = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_form {
            return Err(DateError::Form { text: text.into() });
        }
        Self::from_compact(&text.replace('-', ""))
            .ok_or_else(|| DateError::NoSuchDay { text: text.into() })
    }
}

impl fmt::Display for SessionDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        f.pad(&format!(
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        ))
    }
}

impl fmt::Debug for SessionDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionDate({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> SessionDate {
        text.parse().unwrap()
    }

    #[test]
    fn both_forms_of_a_date_are_inverse() {
        assert_eq!(date("2024-02-29").to_string(), "2024-02-29");
        assert_eq!(
            SessionDate::from_compact("20240229"),
            Some(date("2024-02-29"))
        );
        assert_eq!(date("2024-02-29").compact(), "20240229");
    }

    #[test]
    fn texts_that_are_no_dates_are_refused() {
        for text in [
            "",
            "2024229",
            "2024-2-29",
            "2024/02/29",
            "+024-02-29",
            "2024-02-2\u{660}",
        ] {
            let error = DateError::Form { text: text.into() };
            assert_eq!(text.parse::<SessionDate>(), Err(error));
        }
        for text in [
            "2023-02-29",
            "20230229",
            "2024-13-01",
            "1970-01-01",
            "2262-01-01",
        ] {
            let error = DateError::NoSuchDay { text: text.into() };
            assert_eq!(text.parse::<SessionDate>(), Err(error));
        }
        assert_eq!("20240229".parse(), Ok(date("2024-02-29")));
        assert_eq!(SessionDate::from_compact("2024022"), None);
        assert_eq!(SessionDate::from_compact("+2024022"), None);
    }

    #[test]
    fn days_follow_each_other_to_the_last() {
        assert_eq!(date("2023-12-31").next(), Some(date("2024-01-01")));
        assert_eq!(date("2261-12-31").next(), None);
        assert_eq!(date("2023-12-25").iso_weekday(), 1);
        assert!(date("2023-12-24").is_weekend());
        assert_eq!(date("2023-12-24").days_until(date("2024-03-01")), 68);
        assert_eq!(date("2023-12-24").days_until(date("2023-12-23")), -1);
        assert_eq!(date("1970-01-02").days_until(date("2261-12-31")), 106_649);
    }
}
