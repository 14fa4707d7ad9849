//! Dates on which no session is held: weekends, and the holidays that are known for sure.
//!
//! Shares: the holidays of NYSE and Nasdaq, by NYSE Rule 7.2 (a holiday on a Saturday is kept on the
//! Friday before, one on a Sunday on the Monday after; New Year's Day on a Saturday is not kept), and
//! the days on which both were closed for another reason. Futures: the holidays of CME Globex on
//! which no part of the UTC day is traded. A shortened session is a session.
//!
//! Sources: nyse.com/markets/hours-calendars, cmegroup.com/trading-hours. The rules hold from 1998 on;
//! before, only weekends are known.

use std::fmt;

use super::SessionDate;
use crate::ProductType;

/// The first year for which the holidays are known.
const FIRST_YEAR: i16 = 1998;

/// From this year on Juneteenth is a holiday.
const FIRST_JUNETEENTH: i16 = 2022;

const THURSDAY: i8 = 4;
const FRIDAY: i8 = 5;
const SATURDAY: i8 = 6;
const SUNDAY: i8 = 7;
const MONDAY: i8 = 1;

/// Days on which NYSE and Nasdaq were closed beside their holidays.
const CLOSURES: [(i16, i8, i8, &str); 10] = [
    (2001, 9, 11, "the attacks of 11 September"),
    (2001, 9, 12, "the attacks of 11 September"),
    (2001, 9, 13, "the attacks of 11 September"),
    (2001, 9, 14, "the attacks of 11 September"),
    (2004, 6, 11, "the mourning for Ronald Reagan"),
    (2007, 1, 2, "the mourning for Gerald Ford"),
    (2012, 10, 29, "Hurricane Sandy"),
    (2012, 10, 30, "Hurricane Sandy"),
    (2018, 12, 5, "the mourning for George H. W. Bush"),
    (2025, 1, 9, "the mourning for Jimmy Carter"),
];

/// Why no session is held on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// A Saturday; for shares a Sunday, too.
    Weekend,
    /// A holiday, or another closure of the whole day.
    Holiday(&'static str),
}

impl Closed {
    /// Returns why there is no session of that type on a date; `None` where there is one, as far as
    /// is known. Options have the sessions of what they are on.
    pub fn on(product_type: ProductType, date: SessionDate) -> Option<Self> {
        match product_type {
            ProductType::FutureMbo | ProductType::FutureOptionMbo => futures(date),
            ProductType::EquityMbo | ProductType::EquityOptionCmbp1 => shares(date),
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weekend => "weekend",
            Self::Holiday(name) => name,
        })
    }
}

/// Globex opens on the evening of Sundays, Christmas and New Year's Day, except where the holiday is a
/// Friday, or a Sunday that is kept on the Monday. On other days its hours differ from product to
/// product and year to year (Good Friday, the Sunday or Friday before a holiday): those are left to
/// the venue's files.
fn futures(date: SessionDate) -> Option<Closed> {
    let weekday = date.iso_weekday();
    if weekday == SATURDAY {
        return Some(Closed::Weekend);
    }
    let name = match (date.month(), date.day()) {
        (1, 1) => "New Year's Day",
        (12, 25) => "Christmas Day",
        _ => return None,
    };
    let is_whole_day = matches!(weekday, FRIDAY | SUNDAY) && date.year() >= FIRST_YEAR;
    is_whole_day.then_some(Closed::Holiday(name))
}

fn shares(date: SessionDate) -> Option<Closed> {
    if date.is_weekend() {
        return Some(Closed::Weekend);
    }
    if date.year() < FIRST_YEAR {
        return None;
    }
    let ymd = (date.year(), date.month(), date.day());
    let closure = CLOSURES
        .iter()
        .find(|(year, month, day, _)| (*year, *month, *day) == ymd);
    let name = closure.map(|(.., name)| *name);
    name.or_else(|| holiday(date)).map(Closed::Holiday)
}

/// Returns the holiday that is kept on a weekday.
fn holiday(date: SessionDate) -> Option<&'static str> {
    let (weekday, day) = (date.iso_weekday(), date.day());
    let is_nth = |wanted: i8, n: i8| weekday == wanted && (day - 1) / 7 + 1 == n;
    match date.month() {
        1 if is_nth(MONDAY, 3) => return Some("Martin Luther King Jr. Day"),
        2 if is_nth(MONDAY, 3) => return Some("Washington's Birthday"),
        5 if weekday == MONDAY && day > 24 => return Some("Memorial Day"),
        9 if is_nth(MONDAY, 1) => return Some("Labor Day"),
        11 if is_nth(THURSDAY, 4) => return Some("Thanksgiving Day"),
        _ => {}
    }
    if weekday == FRIDAY && is_good_friday(date) {
        return Some("Good Friday");
    }
    let is_kept = |month: i8, of: i8| {
        date.month() == month
            && (day == of
                || weekday == MONDAY && day == of + 1
                || weekday == FRIDAY && day == of - 1)
    };
    // On a Saturday it is not kept: the Friday before ends the year.
    if is_kept(1, 1) {
        return Some("New Year's Day");
    }
    if is_kept(6, 19) && date.year() >= FIRST_JUNETEENTH {
        return Some("Juneteenth");
    }
    if is_kept(7, 4) {
        return Some("Independence Day");
    }
    is_kept(12, 25).then_some("Christmas Day")
}

/// Returns whether a Friday is that before Easter.
fn is_good_friday(date: SessionDate) -> bool {
    let (month, day) = easter(i32::from(date.year()));
    let sunday = SessionDate::from_ymd(date.year(), month, day);
    sunday.is_some_and(|sunday| date.days_until(sunday) == 2)
}

/// Returns month and day of Easter Sunday in the Gregorian calendar.
///
/// Source: the anonymous algorithm of Nature, 20 April 1876, as Meeus gives it in Astronomical
/// Algorithms, chapter 8.
#[expect(clippy::many_single_char_names, reason = "the names of the source")]
fn easter(year: i32) -> (i8, i8) {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let day_and_month = |n: i32| i8::try_from(n).expect("a month or a day of it");
    (day_and_month(n / 31), day_and_month(n % 31 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the holidays of shares in a year, each as month and day.
    fn of_shares(year: i16) -> String {
        let first = SessionDate::from_ymd(year, 1, 1).unwrap();
        let holidays: Vec<_> = std::iter::successors(Some(first), |date| date.next())
            .take_while(|date| date.year() == year)
            .filter(|date| {
                let closed = Closed::on(ProductType::EquityMbo, *date);
                matches!(closed, Some(Closed::Holiday(_)))
            })
            .map(|date| format!("{}.{}", date.month(), date.day()))
            .collect();
        holidays.join(" ")
    }

    /// The calendars that the exchanges published.
    #[test]
    fn the_holidays_of_shares_are_those_that_were_published() {
        for (year, expected) in [
            (
                2012,
                "1.2 1.16 2.20 4.6 5.28 7.4 9.3 10.29 10.30 11.22 12.25",
            ),
            (2018, "1.1 1.15 2.19 3.30 5.28 7.4 9.3 11.22 12.5 12.25"),
            // Independence Day on a Saturday.
            (2020, "1.1 1.20 2.17 4.10 5.25 7.3 9.7 11.26 12.25"),
            // Christmas on a Saturday; no Juneteenth yet.
            (2021, "1.1 1.18 2.15 4.2 5.31 7.5 9.6 11.25 12.24"),
            // New Year's Day on a Saturday, Juneteenth and Christmas on Sundays.
            (2022, "1.17 2.21 4.15 5.30 6.20 7.4 9.5 11.24 12.26"),
            (2023, "1.2 1.16 2.20 4.7 5.29 6.19 7.4 9.4 11.23 12.25"),
            (2025, "1.1 1.9 1.20 2.17 4.18 5.26 6.19 7.4 9.1 11.27 12.25"),
            (2026, "1.1 1.19 2.16 4.3 5.25 6.19 7.3 9.7 11.26 12.25"),
        ] {
            assert_eq!(of_shares(year), expected, "{year}");
        }
    }

    #[test]
    fn futures_have_a_session_in_the_evening_of_most_holidays() {
        let closed = |text: &str| Closed::on(ProductType::FutureMbo, text.parse().unwrap());
        for text in [
            "2023-12-25",
            "2024-01-01",
            "2025-12-25",
            "2026-11-26",
            "2024-12-31",
        ] {
            assert_eq!(closed(text), None, "{text}");
        }
        assert_eq!(closed("2020-12-25"), Some(Closed::Holiday("Christmas Day")));
        assert_eq!(
            closed("2021-01-01"),
            Some(Closed::Holiday("New Year's Day"))
        );
        assert_eq!(closed("2022-12-25"), Some(Closed::Holiday("Christmas Day")));
        assert_eq!(closed("2023-12-23"), Some(Closed::Weekend));
    }

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, expected) in [
            (1999, (4, 4)),
            (2000, (4, 23)),
            (2008, (3, 23)),
            (2024, (3, 31)),
            (2038, (4, 25)),
        ] {
            assert_eq!(easter(year), expected, "{year}");
        }
    }

    #[test]
    fn a_year_of_shares_has_249_to_253_sessions() {
        for year in 2002..2262 {
            let first = SessionDate::from_ymd(year, 1, 1).unwrap();
            let days = std::iter::successors(Some(first), |date| date.next());
            let open = days
                .take_while(|date| date.year() == year)
                .filter(|date| Closed::on(ProductType::EquityMbo, *date).is_none())
                .count();
            assert!((249..=253).contains(&open), "{year}: {open}");
        }
    }

    proptest::proptest! {
        /// A date is read in both its forms. Where shares have a session futures have one, too, and what
        /// is a weekend of futures is one of shares.
        #[test]
        fn shares_have_no_session_without_one_of_futures(year in 1998i16..2262, day in 0i32..365) {
            let first = SessionDate::from_ymd(year, 1, 1).unwrap();
            let mut date = first;
            for _ in 0..day {
                date = date.next().unwrap();
            }
            let of_shares = Closed::on(ProductType::EquityMbo, date);
            let of_futures = Closed::on(ProductType::FutureMbo, date);
            let text = date.to_string();
            proptest::prop_assert_eq!(text.parse(), Ok(date));
            proptest::prop_assert_eq!(text.replace('-', "").parse(), Ok(date));
            if of_futures == Some(Closed::Weekend) {
                proptest::prop_assert_eq!(of_shares, Some(Closed::Weekend));
            }
            if of_shares.is_none() {
                proptest::prop_assert_eq!(of_futures, None);
            }
        }
    }
}
