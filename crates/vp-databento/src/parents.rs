//! Which parent symbols of options on a future to look into on a date, in order of preference.
//!
//! Whether such a parent exists, and what it holds, is the service's to say.

use std::fmt;

use vp_market::SessionDate;

/// A family of options that may hold those of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Why it is a candidate.
    pub reason: Reason,
    /// The parent symbol, such as `E1A.OPT`.
    pub parent: String,
}

/// Why a parent is a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its options expire on the date itself.
    SameDay,
    /// Its options expire that many days later.
    Later {
        /// How many days, 1 to 7.
        days: u8,
        /// The day of the week, 1 for Monday to 5 for Friday.
        iso_weekday: i8,
    },
    /// It is the monthly family.
    Monthly,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SameDay => f.write_str("0dte"),
            Self::Later { days, iso_weekday } => {
                let day = match iso_weekday {
                    1 => "Mon",
                    2 => "Tue",
                    3 => "Wed",
                    4 => "Thu",
                    5 => "Fri",
                    6 => "Sat",
                    _ => "Sun",
                };
                write!(f, "{days}dte_{day}")
            }
            Self::Monthly => f.write_str("monthly"),
        }
    }
}

/// Returns the candidates of a root on a date, best first.
pub fn candidates(root: &str, date: SessionDate) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut add = |reason, parents: Vec<String>| {
        found.extend(
            parents
                .into_iter()
                .map(|parent| Candidate { reason, parent }),
        );
    };
    add(Reason::SameDay, parents(root, date));
    let mut day = date;
    for days in 1..=7 {
        let Some(next) = day.next() else { break };
        day = next;
        if !day.is_weekend() {
            let iso_weekday = day.iso_weekday();
            add(Reason::Later { days, iso_weekday }, parents(root, day));
        }
    }
    add(Reason::Monthly, vec![monthly(root)]);
    found
}

/// Returns the parents whose options expire on a date, best first.
pub fn parents(root: &str, date: SessionDate) -> Vec<String> {
    let Some(codes) = codes(root) else {
        return vec![parent(root)];
    };
    // The n-th Monday of a month is the Monday among its days 7n-6 to 7n.
    let occurrence = (date.day() + 6) / 7;
    let is_third_friday = date.iso_weekday() == 5 && occurrence == 3;
    let is_quarterly = is_third_friday && date.month() % 3 == 0;
    let mut found = Vec::new();
    let weekday = usize::from(date.iso_weekday().unsigned_abs()) - 1;
    if let Some(weekly) = codes.weekly.get(weekday) {
        found.extend(weekly.code(occurrence));
    }
    if is_quarterly {
        found.extend(codes.quarterly.map(parent));
    }
    if is_last_weekday(date) || is_quarterly && codes.quarterly.is_none() {
        found.push(parent(codes.monthly));
    }
    found
}

fn monthly(root: &str) -> String {
    parent(codes(root).map_or(root, |codes| codes.monthly))
}

fn parent(code: &str) -> String {
    format!("{code}.OPT")
}

/// Returns whether no weekday of the month is left after this one.
fn is_last_weekday(date: SessionDate) -> bool {
    let mut later = std::iter::successors(date.next(), |day| day.next());
    let next_weekday = later.find(|day| !day.is_weekend());
    !date.is_weekend() && next_weekday.is_none_or(|day| day.month() != date.month())
}

/// The codes of one root's families of options.
struct Codes {
    quarterly: Option<&'static str>,
    monthly: &'static str,
    /// Monday to Friday.
    weekly: [Weekly; 5],
}

/// The codes of one weekday: a number between two texts.
#[derive(Clone, Copy)]
struct Weekly {
    before: &'static str,
    after: &'static str,
    /// The last occurrence in a month that has a code.
    last: i8,
}

impl Weekly {
    fn code(self, occurrence: i8) -> Option<String> {
        let Self {
            before,
            after,
            last,
        } = self;
        (occurrence <= last).then(|| parent(&format!("{before}{occurrence}{after}")))
    }
}

const fn weekly(before: &'static str, after: &'static str) -> Weekly {
    Weekly {
        before,
        after,
        last: 5,
    }
}

/// The families of an index future: its Fridays have four codes, as the fifth is the month's end.
const fn index(
    quarterly: &'static str,
    monthly: &'static str,
    friday: &'static str,
    other: &'static str,
) -> Codes {
    Codes {
        quarterly: Some(quarterly),
        monthly,
        weekly: [
            weekly(other, "A"),
            weekly(other, "B"),
            weekly(other, "C"),
            weekly(other, "D"),
            Weekly {
                before: friday,
                after: "",
                last: 4,
            },
        ],
    }
}

fn codes(root: &str) -> Option<Codes> {
    let without_quarterly = |monthly, weekly| Codes {
        quarterly: None,
        monthly,
        weekly,
    };
    Some(match root {
        "ES" => index("ES", "EW", "EW", "E"),
        "NQ" => index("NQ", "QNE", "QN", "Q"),
        "MES" => index("MES", "EX", "EX", "X"),
        "MNQ" => index("MNQ", "MQE", "MQ", "D"),
        "GC" => without_quarterly(
            "OG",
            [
                weekly("G", "M"),
                weekly("G", "T"),
                weekly("G", "W"),
                weekly("G", "R"),
                weekly("OG", ""),
            ],
        ),
        "SI" => without_quarterly(
            "SO",
            [
                weekly("M", "S"),
                weekly("S", "T"),
                weekly("W", "S"),
                weekly("R", "S"),
                weekly("SO", ""),
            ],
        ),
        "CL" => without_quarterly(
            "LO",
            [
                weekly("ML", ""),
                weekly("NL", ""),
                weekly("WL", ""),
                weekly("XL", ""),
                weekly("LO", ""),
            ],
        ),
        "6E" => without_quarterly(
            "EUU",
            [
                weekly("MO", ""),
                weekly("TU", ""),
                weekly("WE", ""),
                weekly("SU", ""),
                weekly("", "EU"),
            ],
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
