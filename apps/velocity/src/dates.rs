//! The dates of a run: named one by one, or a range of them.

use std::collections::BTreeSet;
use std::str::FromStr;

use anyhow::{Context, bail};
use vp_market::SessionDate;

/// The dates of a run, in one of three ways.
#[derive(Clone, Debug, clap::Args)]
pub struct DateArgs {
    /// One date.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["dates", "start_date"],
          required_unless_present_any = ["file", "dates", "start_date"])]
    pub dt: Option<SessionDate>,
    /// A list A,B,C or a range A:B, both ends included.
    #[arg(long, value_name = "A,B|A:B", conflicts_with_all = ["start_date", "file"])]
    pub dates: Option<Dates>,
    /// First date of a range.
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        requires = "end_date",
        conflicts_with = "file"
    )]
    pub start_date: Option<SessionDate>,
    /// Last date of a range.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "start_date")]
    pub end_date: Option<SessionDate>,
}

/// The dates of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dates {
    /// These dates, each of which must be there.
    Named(BTreeSet<SessionDate>),
    /// Every date from the first to the last, of which some may not be there.
    Range(SessionDate, SessionDate),
}

impl Dates {
    /// Returns the dates that the arguments name.
    ///
    /// # Errors
    /// If a range ends before it begins.
    pub fn from_args(args: &DateArgs) -> anyhow::Result<Self> {
        let dates = match (args.dt, &args.dates, args.start_date, args.end_date) {
            (Some(date), ..) => Self::Named(BTreeSet::from([date])),
            (None, Some(dates), ..) => dates.clone(),
            (None, None, Some(first), Some(last)) => Self::Range(first, last),
            _ => bail!("no date is named: --dt, --dates or --start-date with --end-date"),
        };
        if let Self::Range(first, last) = dates
            && last < first
        {
            bail!("the range of dates ends on {last}, before it begins on {first}");
        }
        Ok(dates)
    }

    /// Returns the dates, in order.
    pub fn days(&self) -> Box<dyn Iterator<Item = SessionDate> + Send + '_> {
        match self {
            Self::Named(dates) => Box::new(dates.iter().copied()),
            Self::Range(first, last) => {
                let days = std::iter::successors(Some(*first), |date| date.next());
                Box::new(days.take_while(move |date| date <= last))
            }
        }
    }

    /// Returns whether a date without input is no failure.
    pub fn may_be_absent(&self) -> bool {
        matches!(self, Self::Range(..))
    }
}

impl FromStr for Dates {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let date = |text: &str| {
            let text = text.trim();
            text.parse::<SessionDate>().context("expected A,B,C or A:B")
        };
        match text.split_once(':') {
            Some((first, last)) => Ok(Self::Range(date(first)?, date(last)?)),
            None => Ok(Self::Named(
                text.split(',').map(date).collect::<Result<_, _>>()?,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str) -> Vec<String> {
        let dates: Dates = text.parse().unwrap();
        dates.days().map(|date| date.to_string()).collect()
    }

    #[test]
    fn lists_are_put_in_order_and_ranges_hold_both_ends() {
        assert_eq!(dates("2024-01-02"), ["2024-01-02"]);
        assert_eq!(
            dates("2024-01-02, 2023-12-25,2024-01-02"),
            ["2023-12-25", "2024-01-02"]
        );
        assert_eq!(
            dates("2024-02-28:2024-03-01"),
            ["2024-02-28", "2024-02-29", "2024-03-01"]
        );
    }

    #[test]
    fn texts_that_name_no_dates_are_refused() {
        for text in [
            "",
            "2024-01-02,",
            "2024-01-02:",
            "2024012",
            "2024-01-02:2024-01-03:x",
        ] {
            let error = text.parse::<Dates>().unwrap_err();
            assert!(format!("{error:#}").contains("is not a date"), "{error:#}");
        }
    }
}
