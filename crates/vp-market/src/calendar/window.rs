//! The instants that belong to a session.

use std::fmt;

use jiff::tz::TimeZone;

use super::SessionDate;
use super::eastern::{EasternTime, WallClock, ZONE};
use crate::ProductType;

/// The span of event time that belongs to a session; the end does not belong to it.
///
/// Futures: the UTC day. Equities: 02:00 to 16:00 Eastern time.
///
/// # Units
/// Nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionWindow {
    start_ns: u64,
    end_ns: u64,
}

/// A part of a session.
///
/// # Units
/// Nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The first instant; `None` where the session begins.
    pub start_ns: Option<u64>,
    /// The first instant after it; `None` where the session ends.
    pub end_ns: Option<u64>,
}

/// Why two times of day name no part of a session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StretchError {
    /// The clock does not show the start within the session.
    #[error(transparent)]
    Start(#[from] OutsideWindow),
    /// The clock does not show the end after the start.
    #[error(
        "{clock} does not come after {after} within the session, which runs from {window}; the \
         end of the session may be named"
    )]
    End {
        /// The refused time of day.
        clock: WallClock,
        /// Where the part begins.
        after: EasternTime,
        /// The session's window.
        window: SessionWindow,
    },
}

/// A time of day that the clock does not show inside a session window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{clock} is outside the session, which runs from {window}")]
pub struct OutsideWindow {
    /// The refused time of day.
    pub clock: WallClock,
    /// The session's window.
    pub window: SessionWindow,
}

impl SessionWindow {
    /// Returns the window of the session of that type on that date.
    pub fn new(product_type: ProductType, date: SessionDate) -> Self {
        match product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => Self {
                start_ns: date.at(0, &TimeZone::UTC),
                end_ns: date.utc_end(),
            },
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => Self {
                start_ns: date.at(2, &ZONE),
                end_ns: date.at(16, &ZONE),
            },
        }
    }

    /// Returns the first instant.
    #[inline]
    pub const fn start_ns(self) -> u64 {
        self.start_ns
    }

    /// Returns the first instant that no longer belongs to the session.
    #[inline]
    pub const fn end_ns(self) -> u64 {
        self.end_ns
    }

    /// Returns whether `ts_ns` belongs to the session.
    #[inline]
    pub const fn contains(self, ts_ns: u64) -> bool {
        self.start_ns <= ts_ns && ts_ns < self.end_ns
    }

    /// Returns the first instant of the session at which the clock in New York shows `clock`.
    ///
    /// # Errors
    /// [`OutsideWindow`] where it shows that time at none.
    pub fn first_instant(self, clock: WallClock) -> Result<u64, OutsideWindow> {
        self.instants(clock)
            .find(|&instant| self.contains(instant))
            .ok_or(OutsideWindow {
                clock,
                window: self,
            })
    }

    /// Returns the part of the session between two times of day in New York. It begins with the
    /// first instant that shows `start`, and ends with the first instant after that which shows
    /// `end`; that may be the end of the session. Without `start`, `end` comes after the session's
    /// first instant.
    ///
    /// # Errors
    /// [`StretchError`] if the clock does not show `start` within the session, or does not show
    /// `end` after it.
    pub fn stretch(
        self,
        start: Option<WallClock>,
        end: Option<WallClock>,
    ) -> Result<Stretch, StretchError> {
        let start_ns = start.map(|clock| self.first_instant(clock)).transpose()?;
        let after_ns = start_ns.unwrap_or(self.start_ns);
        let end_ns = end
            .map(|clock| self.end_instant(after_ns, clock))
            .transpose()?;
        Ok(Stretch { start_ns, end_ns })
    }

    /// Returns the first instant after `after_ns`, up to the end of the session, at which the clock
    /// in New York shows `clock`.
    fn end_instant(self, after_ns: u64, clock: WallClock) -> Result<u64, StretchError> {
        self.instants(clock)
            .find(|&instant| after_ns < instant && instant <= self.end_ns)
            .ok_or(StretchError::End {
                clock,
                after: EasternTime::from_ns(after_ns),
                window: self,
            })
    }

    /// Returns the instants around the session at which the clock in New York shows `clock`.
    fn instants(self, clock: WallClock) -> impl Iterator<Item = u64> {
        let first = EasternTime::from_ns(self.start_ns).date();
        let last = EasternTime::from_ns(self.end_ns).date();
        first
            .series(jiff::Span::new().days(1))
            .take_while(move |date| *date <= last)
            .flat_map(move |date| clock.instants_on(date))
    }
}

impl fmt::Display for SessionWindow {
    /// Writes both ends in Eastern time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start_ns, self.end_ns);
        let (start, end) = (EasternTime::from_ns(start), EasternTime::from_ns(end));
        write!(f, "{start} to {end} (exclusive)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(product_type: ProductType, date: &str) -> SessionWindow {
        SessionWindow::new(product_type, date.parse().unwrap())
    }

    /// Checks the first instant of the session that shows `clock`: how it reads, and how many
    /// seconds of the session have passed by then.
    fn check(product_type: ProductType, date: &str, clock: &str, expected: Option<(&str, u64)>) {
        let window = window(product_type, date);
        let found = window.first_instant(clock.parse().unwrap()).ok();
        let found = found.map(|ns| {
            let seconds = (ns - window.start_ns()) / 1_000_000_000;
            (EasternTime::from_ns(ns).to_string(), seconds)
        });
        assert_eq!(
            found,
            expected.map(|(text, seconds)| (text.into(), seconds))
        );
    }

    #[test]
    fn a_futures_session_is_the_utc_day() {
        let window = window(ProductType::FutureMbo, "2023-12-25");
        assert_eq!(window.start_ns(), 1_703_462_400_000_000_000);
        assert_eq!(window.end_ns(), 1_703_548_800_000_000_000);
        assert!(window.contains(window.start_ns()));
        assert!(!window.contains(window.end_ns()));
        assert_eq!(
            window.to_string(),
            "2023-12-24 19:00:00 EST to 2023-12-25 19:00:00 EST (exclusive)"
        );
    }

    #[test]
    fn an_equities_session_follows_eastern_time() {
        for (date, start_ns) in [
            ("2025-01-17", 1_737_097_200_000_000_000),
            ("2025-07-17", 1_752_732_000_000_000_000),
        ] {
            let window = window(ProductType::EquityMbo, date);
            assert_eq!(window.start_ns(), start_ns, "{date}");
            assert_eq!(
                window.end_ns() - window.start_ns(),
                14 * 3600 * 1_000_000_000
            );
        }
    }

    #[test]
    fn evening_of_the_day_before_belongs_to_a_futures_session() {
        let day = "2023-12-25";
        check(
            ProductType::FutureMbo,
            day,
            "19:00",
            Some(("2023-12-24 19:00:00 EST", 0)),
        );
        check(
            ProductType::FutureMbo,
            day,
            "18:00",
            Some(("2023-12-25 18:00:00 EST", 82_800)),
        );
    }

    #[test]
    fn on_the_day_the_clock_goes_forward_an_hour_is_missing_and_an_evening_hour_comes_twice() {
        let day = "2024-03-10";
        check(ProductType::FutureMbo, day, "02:30", None);
        check(
            ProductType::FutureMbo,
            day,
            "03:00",
            Some(("2024-03-10 03:00:00 EDT", 25_200)),
        );
        check(
            ProductType::FutureMbo,
            day,
            "19:30",
            Some(("2024-03-09 19:30:00 EST", 1_800)),
        );
        check(
            ProductType::EquityMbo,
            day,
            "09:30",
            Some(("2024-03-10 09:30:00 EDT", 23_400)),
        );
    }

    #[test]
    fn on_the_day_the_clock_goes_back_an_hour_comes_twice_and_an_evening_hour_is_missing() {
        let day = "2024-11-03";
        check(
            ProductType::FutureMbo,
            day,
            "01:30",
            Some(("2024-11-03 01:30:00 EDT", 19_800)),
        );
        check(ProductType::FutureMbo, day, "19:30", None);
        check(
            ProductType::FutureMbo,
            day,
            "20:00",
            Some(("2024-11-02 20:00:00 EDT", 0)),
        );
        // Eastern time has already gone back when the equities session begins.
        check(
            ProductType::EquityMbo,
            day,
            "02:00",
            Some(("2024-11-03 02:00:00 EST", 0)),
        );
        check(ProductType::EquityMbo, day, "01:59:59", None);
    }

    /// Checks a stretch of a session, written as its two ends in Eastern time.
    fn check_stretch(
        (product_type, date): (ProductType, &str),
        (start, end): (&str, &str),
        expected: Option<(&str, &str)>,
    ) {
        let clock = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let found = window(product_type, date).stretch(clock(start), clock(end));
        let text = |ns: Option<u64>| {
            ns.map_or_else(String::new, |ns| EasternTime::from_ns(ns).to_string())
        };
        let found = found
            .ok()
            .map(|found| (text(found.start_ns), text(found.end_ns)));
        let expected = expected.map(|(start, end)| (start.to_owned(), end.to_owned()));
        assert_eq!(found, expected, "{start:?} to {end:?} of {date}");
    }

    #[test]
    fn a_stretch_ends_with_the_first_such_time_after_its_start() {
        let share = (ProductType::EquityMbo, "2025-07-17");
        let (start, end) = ("2025-07-17 09:30:00 EDT", "2025-07-17 16:00:00 EDT");
        check_stretch(share, ("09:30", "16:00"), Some((start, end)));
        check_stretch(share, ("", "16:00"), Some(("", end)));
        check_stretch(share, ("09:30", ""), Some((start, "")));
        check_stretch(share, ("09:30", "16:00:01"), None);
        check_stretch(share, ("09:30", "09:30"), None);
        check_stretch(share, ("", "02:00"), None);
        check_stretch(share, ("16:00", ""), None);
        // This session begins at 19:00 of the day before and ends at 19:00.
        let future = (ProductType::FutureMbo, "2023-12-26");
        let (start, end) = ("2023-12-26 18:00:00 EST", "2023-12-26 19:00:00 EST");
        check_stretch(future, ("18:00", "19:00"), Some((start, end)));
        check_stretch(future, ("18:00", "17:00"), None);
        check_stretch(future, ("18:00", "18:00"), None);
        check_stretch(future, ("", "19:00"), Some(("", end)));
        check_stretch(
            future,
            ("19:00", "18:00"),
            Some(("2023-12-25 19:00:00 EST", start)),
        );
        // The clock goes forward: 19:30 comes twice, first on Saturday.
        let forward = (ProductType::FutureMbo, "2025-03-09");
        let (start, end) = ("2025-03-09 18:00:00 EDT", "2025-03-09 19:30:00 EDT");
        check_stretch(forward, ("18:00", "19:30"), Some((start, end)));
        check_stretch(
            forward,
            ("", "19:30"),
            Some(("", "2025-03-08 19:30:00 EST")),
        );
        // The clock goes back: 01:30 comes twice within the session.
        let back = (ProductType::FutureMbo, "2024-11-03");
        let (start, end) = ("2024-11-03 01:30:00 EDT", "2024-11-03 01:30:00 EST");
        check_stretch(back, ("01:30", "01:30"), Some((start, end)));
    }

    #[test]
    fn an_end_that_does_not_come_is_refused_with_the_start_and_the_window() {
        let window = window(ProductType::EquityMbo, "2025-07-17");
        let clock = |text: &str| Some(text.parse().unwrap());
        let error = window.stretch(clock("09:30"), clock("09:00")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "09:00:00 does not come after 2025-07-17 09:30:00 EDT within the session, which runs \
             from 2025-07-17 02:00:00 EDT to 2025-07-17 16:00:00 EDT (exclusive); the end of the \
             session may be named"
        );
    }

    #[test]
    fn a_time_outside_the_session_is_refused_with_the_window_in_eastern_time() {
        let window = window(ProductType::EquityMbo, "2025-07-17");
        let error = window.first_instant("16:00".parse().unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "16:00:00 is outside the session, which runs from 2025-07-17 02:00:00 EDT to \
             2025-07-17 16:00:00 EDT (exclusive)"
        );
    }
}
