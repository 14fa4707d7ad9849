//! The part of a day that silver and gold are made for.

use std::fmt;
use std::str::FromStr;

use vp_market::{
    ProductType, SessionDate, SessionWindow, Stretch, StretchError, WallClock, WallClockError,
};

/// Nanoseconds in a window.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// The windows of 1 s whose ends lie in a stretch of time; its end does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    start_ns: u64,
    end_ns: u64,
}

impl Session {
    /// Returns the session from `start_ns` to `end_ns`, nanoseconds since the Unix epoch, UTC.
    pub const fn new(start_ns: u64, end_ns: u64) -> Self {
        Self { start_ns, end_ns }
    }

    /// Returns the first instant.
    pub const fn start_ns(self) -> u64 {
        self.start_ns
    }

    /// Returns the first instant after it.
    pub const fn end_ns(self) -> u64 {
        self.end_ns
    }

    /// Returns how many windows it has.
    pub const fn window_count(self) -> u64 {
        self.end_second().saturating_sub(self.first_second())
    }

    /// Returns the second in which its first window begins.
    pub(crate) const fn first_second(self) -> u64 {
        self.start_ns.div_ceil(SECOND_NS).saturating_sub(1)
    }

    /// Returns the first second after it whose window no longer belongs to it.
    pub(crate) const fn end_second(self) -> u64 {
        self.end_ns.div_ceil(SECOND_NS).saturating_sub(1)
    }

    /// Returns whether the window that begins with `second` belongs to it.
    #[inline]
    pub(crate) const fn contains_second(self, second: u64) -> bool {
        self.first_second() <= second && second < self.end_second()
    }
}

/// The hours of a session on clocks in New York, whatever the date.
///
/// # Examples
/// ```
/// use vp_market::ProductType;
/// use vp_velocity::SessionHours;
///
/// let hours: SessionHours = "17:00-19:00".parse().unwrap();
/// let session = hours.on(ProductType::FutureMbo, "2023-12-25".parse().unwrap()).unwrap();
/// assert_eq!(session.window_count(), 7_200);
/// assert_eq!(SessionHours::default().to_string(), "09:30-12:30");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionHours {
    start: WallClock,
    end: WallClock,
}

/// Why a text gives no hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionHoursError {
    /// Not two times with a hyphen between them.
    #[error("{text:?} is not a session of the form HH:MM-HH:MM, such as 09:30-12:30")]
    Form {
        /// The refused text.
        text: String,
    },
    /// One of the times is invalid.
    #[error("the session {text:?} cannot be read")]
    Clock {
        /// The refused text.
        text: String,
        /// The invalid time.
        source: WallClockError,
    },
}

impl SessionHours {
    /// Returns the session on a date: from the first instant of the venue's session that shows the
    /// start, to the first one after it that shows the end.
    ///
    /// # Errors
    /// [`StretchError`] where the venue's session does not have them.
    pub fn on(self, product_type: ProductType, date: SessionDate) -> Result<Session, StretchError> {
        let window = SessionWindow::new(product_type, date);
        let Stretch { start_ns, end_ns } = window.stretch(Some(self.start), Some(self.end))?;
        Ok(Session::new(
            start_ns.unwrap_or(window.start_ns()),
            end_ns.unwrap_or(window.end_ns()),
        ))
    }
}

impl Default for SessionHours {
    /// Returns the first three hours of the day's main session, 09:30 to 12:30.
    fn default() -> Self {
        "09:30-12:30".parse().expect("a test reads the default")
    }
}

impl FromStr for SessionHours {
    type Err = SessionHoursError;

    fn from_str(text: &str) -> Result<Self, SessionHoursError> {
        let form = || SessionHoursError::Form { text: text.into() };
        let (start, end) = text.split_once('-').ok_or_else(form)?;
        let clock = |part: &str| {
            part.parse().map_err(|source| SessionHoursError::Clock {
                text: text.into(),
                source,
            })
        };
        let (start, end) = (clock(start)?, clock(end)?);
        Ok(Self { start, end })
    }
}

impl fmt::Display for SessionHours {
    /// Writes both times, with seconds only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |clock: WallClock| {
            let text = clock.to_string();
            text.strip_suffix(":00").map(str::to_owned).unwrap_or(text)
        };
        f.pad(&format!("{}-{}", short(self.start), short(self.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_belongs_to_the_session_that_holds_its_end() {
        let session = Session::new(10 * SECOND_NS, 12 * SECOND_NS);
        let inside: Vec<_> = (0..20).filter(|&s| session.contains_second(s)).collect();
        assert_eq!(inside, [9, 10]);
        assert_eq!(session.window_count(), 2);
    }

    #[test]
    fn ends_between_two_seconds_count_from_the_next() {
        let session = Session::new(10 * SECOND_NS + 1, 12 * SECOND_NS + 1);
        let inside: Vec<_> = (0..20).filter(|&s| session.contains_second(s)).collect();
        assert_eq!(inside, [10, 11]);
    }

    #[test]
    fn hours_are_read_and_written() {
        for text in ["09:30-12:30", "17:00-19:00", "09:30:15-09:31"] {
            assert_eq!(text.parse::<SessionHours>().unwrap().to_string(), text);
        }
        assert_eq!(
            SessionHours::default(),
            "09:30:00-12:30:00".parse().unwrap()
        );
    }

    #[test]
    fn texts_that_are_no_hours_say_what_is_wrong() {
        let error = |text: &str| text.parse::<SessionHours>().unwrap_err();
        assert!(matches!(error("09:30"), SessionHoursError::Form { .. }));
        assert!(matches!(error("9-12:30"), SessionHoursError::Clock { .. }));
        assert!(matches!(error("09:30-"), SessionHoursError::Clock { .. }));
    }

    #[test]
    fn hours_that_a_date_does_not_have_are_refused() {
        let date = "2025-07-17".parse().unwrap();
        for text in ["01:00-10:00", "09:30-17:00", "12:30-09:30", "10:00-10:00"] {
            let hours: SessionHours = text.parse().unwrap();
            assert!(hours.on(ProductType::EquityMbo, date).is_err(), "{text}");
        }
        let hours: SessionHours = "09:30-16:00".parse().unwrap();
        let session = hours.on(ProductType::EquityMbo, date).unwrap();
        assert_eq!(session.window_count(), 23_400);
    }

    #[test]
    fn a_session_that_ends_before_it_starts_has_no_window() {
        assert_eq!(Session::new(5 * SECOND_NS, 3 * SECOND_NS).window_count(), 0);
    }
}
