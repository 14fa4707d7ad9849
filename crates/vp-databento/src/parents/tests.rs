//! Every root over a whole year, the special days by hand.

use std::collections::BTreeMap;

use super::*;

const ROOTS: [&str; 9] = ["ES", "NQ", "MES", "MNQ", "GC", "SI", "CL", "6E", "ZN"];

fn date(text: &str) -> SessionDate {
    text.parse().unwrap()
}

/// Checks the parents of a root on a date; `.OPT` is left out of the texts.
fn check(root: &str, day: &str, expected: &str) {
    let codes: Vec<_> = expected.split_whitespace().map(parent).collect();
    assert_eq!(parents(root, date(day)), codes, "{root} on {day}");
}

#[test]
fn third_fridays_of_a_quarter() {
    for day in ["2026-03-20", "2026-06-19", "2026-09-18", "2026-12-18"] {
        check("ES", day, "EW3 ES");
        check("NQ", day, "QN3 NQ");
        check("MES", day, "EX3 MES");
        check("MNQ", day, "MQ3 MNQ");
        check("GC", day, "OG3 OG");
        check("SI", day, "SO3 SO");
        check("CL", day, "LO3 LO");
        check("6E", day, "3EU EUU");
        check("ZN", day, "ZN");
    }
}

#[test]
fn third_fridays_of_other_months_have_nothing_but_their_code() {
    for day in [
        "2026-01-16",
        "2026-02-20",
        "2026-04-17",
        "2026-05-15",
        "2026-07-17",
        "2026-08-21",
        "2026-10-16",
        "2026-11-20",
    ] {
        check("MNQ", day, "MQ3");
        check("GC", day, "OG3");
        check("6E", day, "3EU");
    }
}

#[test]
fn fifth_fridays_end_their_month() {
    for day in ["2026-01-30", "2026-05-29", "2026-07-31", "2026-10-30"] {
        check("ES", day, "EW");
        check("NQ", day, "QNE");
        check("MES", day, "EX");
        check("MNQ", day, "MQE");
        check("GC", day, "OG5 OG");
        check("SI", day, "SO5 SO");
        check("CL", day, "LO5 LO");
        check("6E", day, "5EU EUU");
    }
}

#[test]
fn last_weekdays_of_a_month_have_the_monthly_code() {
    for (day, es, mnq, gc, si, cl, euro) in [
        (
            "2026-02-27",
            "EW4 EW",
            "MQ4 MQE",
            "OG4 OG",
            "SO4 SO",
            "LO4 LO",
            "4EU EUU",
        ),
        (
            "2026-03-31",
            "E5B EW",
            "D5B MQE",
            "G5T OG",
            "S5T SO",
            "NL5 LO",
            "TU5 EUU",
        ),
        (
            "2026-04-30",
            "E5D EW",
            "D5D MQE",
            "G5R OG",
            "R5S SO",
            "XL5 LO",
            "SU5 EUU",
        ),
        (
            "2026-06-30",
            "E5B EW",
            "D5B MQE",
            "G5T OG",
            "S5T SO",
            "NL5 LO",
            "TU5 EUU",
        ),
        (
            "2026-08-31",
            "E5A EW",
            "D5A MQE",
            "G5M OG",
            "M5S SO",
            "ML5 LO",
            "MO5 EUU",
        ),
        (
            "2026-09-30",
            "E5C EW",
            "D5C MQE",
            "G5W OG",
            "W5S SO",
            "WL5 LO",
            "WE5 EUU",
        ),
        (
            "2026-11-30",
            "E5A EW",
            "D5A MQE",
            "G5M OG",
            "M5S SO",
            "ML5 LO",
            "MO5 EUU",
        ),
        (
            "2026-12-31",
            "E5D EW",
            "D5D MQE",
            "G5R OG",
            "R5S SO",
            "XL5 LO",
            "SU5 EUU",
        ),
    ] {
        check("ES", day, es);
        check("MNQ", day, mnq);
        check("GC", day, gc);
        check("SI", day, si);
        check("CL", day, cl);
        check("6E", day, euro);
    }
}

#[test]
fn an_ordinary_week() {
    for (day, es, nq, mes, mnq, gc, si, cl, euro) in [
        (
            "2026-02-09",
            "E2A",
            "Q2A",
            "X2A",
            "D2A",
            "G2M",
            "M2S",
            "ML2",
            "MO2",
        ),
        (
            "2026-02-10",
            "E2B",
            "Q2B",
            "X2B",
            "D2B",
            "G2T",
            "S2T",
            "NL2",
            "TU2",
        ),
        (
            "2026-02-11",
            "E2C",
            "Q2C",
            "X2C",
            "D2C",
            "G2W",
            "W2S",
            "WL2",
            "WE2",
        ),
        (
            "2026-02-12",
            "E2D",
            "Q2D",
            "X2D",
            "D2D",
            "G2R",
            "R2S",
            "XL2",
            "SU2",
        ),
        (
            "2026-02-13",
            "EW2",
            "QN2",
            "EX2",
            "MQ2",
            "OG2",
            "SO2",
            "LO2",
            "2EU",
        ),
        ("2026-02-14", "", "", "", "", "", "", "", ""),
        ("2026-02-15", "", "", "", "", "", "", "", ""),
    ] {
        let roots = [
            ("ES", es),
            ("NQ", nq),
            ("MES", mes),
            ("MNQ", mnq),
            ("GC", gc),
            ("SI", si),
            ("CL", cl),
            ("6E", euro),
        ];
        for (root, expected) in roots {
            check(root, day, expected);
        }
    }
}

/// Weekly codes of Monday to Friday with `#` for the number, the fifth Friday's, the monthly and
/// the quarterly code.
fn table(
    root: &str,
) -> (
    [&'static str; 5],
    Option<&'static str>,
    &'static str,
    Option<&'static str>,
) {
    match root {
        "ES" => (["E#A", "E#B", "E#C", "E#D", "EW#"], None, "EW", Some("ES")),
        "NQ" => (["Q#A", "Q#B", "Q#C", "Q#D", "QN#"], None, "QNE", Some("NQ")),
        "MES" => (["X#A", "X#B", "X#C", "X#D", "EX#"], None, "EX", Some("MES")),
        "MNQ" => (
            ["D#A", "D#B", "D#C", "D#D", "MQ#"],
            None,
            "MQE",
            Some("MNQ"),
        ),
        "GC" => (["G#M", "G#T", "G#W", "G#R", "OG#"], Some("OG5"), "OG", None),
        "SI" => (["M#S", "S#T", "W#S", "R#S", "SO#"], Some("SO5"), "SO", None),
        "CL" => (["ML#", "NL#", "WL#", "XL#", "LO#"], Some("LO5"), "LO", None),
        _ => (
            ["MO#", "TU#", "WE#", "SU#", "#EU"],
            Some("5EU"),
            "EUU",
            None,
        ),
    }
}

/// Walks through a year and counts the weekdays of each month.
#[test]
fn a_whole_year_of_every_root() {
    let year: Vec<_> = std::iter::successors(Some(date("2026-01-01")), |day| day.next())
        .take_while(|day| day.year() == 2026)
        .collect();
    assert_eq!(year.len(), 365);
    for root in &ROOTS[..8] {
        let (weekly, fifth_friday, monthly, quarterly) = table(root);
        let mut seen: BTreeMap<(i8, i8), usize> = BTreeMap::new();
        for (index, day) in year.iter().enumerate() {
            let weekday = day.iso_weekday();
            let count = seen.entry((day.month(), weekday)).or_default();
            *count += 1;
            let mut expected = String::new();
            if weekday <= 5 {
                let is_fifth_friday = weekday == 5 && *count == 5;
                let code =
                    weekly[usize::try_from(weekday - 1).unwrap()].replace('#', &count.to_string());
                expected += if is_fifth_friday {
                    fifth_friday.unwrap_or("")
                } else {
                    &code
                };
                let is_quarterly =
                    weekday == 5 && *count == 3 && [3, 6, 9, 12].contains(&day.month());
                if is_quarterly {
                    expected = format!("{expected} {}", quarterly.unwrap_or(monthly));
                }
                let rest = year[index + 1..]
                    .iter()
                    .take_while(|later| later.month() == day.month());
                if rest.into_iter().all(|later| later.iso_weekday() > 5) {
                    expected = format!("{expected} {monthly}");
                }
            }
            check(root, &day.to_string(), &expected);
        }
    }
}

#[test]
fn candidates_are_the_date_the_next_seven_days_and_the_monthly() {
    let shown = |root: &str, day: &str| -> Vec<String> {
        let list = candidates(root, date(day));
        list.iter()
            .map(|found| format!("{} {}", found.reason, found.parent))
            .collect()
    };
    assert_eq!(
        shown("MNQ", "2026-02-05"),
        [
            "0dte D1D.OPT",
            "1dte_Fri MQ1.OPT",
            "4dte_Mon D2A.OPT",
            "5dte_Tue D2B.OPT",
            "6dte_Wed D2C.OPT",
            "7dte_Thu D2D.OPT",
            "monthly MQE.OPT",
        ]
    );
    // A Sunday has no options of its own.
    assert_eq!(
        shown("ES", "2026-03-15")[..2],
        ["1dte_Mon E3A.OPT", "2dte_Tue E3B.OPT"]
    );
    assert_eq!(
        shown("ES", "2026-03-15")[4..7],
        ["5dte_Fri EW3.OPT", "5dte_Fri ES.OPT", "monthly EW.OPT"]
    );
    assert!(
        shown("ZN", "2026-02-05")
            .iter()
            .all(|text| text.ends_with(" ZN.OPT"))
    );
}

#[test]
fn the_last_date_of_all_has_candidates() {
    for root in ROOTS {
        assert!(!candidates(root, date("2261-12-31")).is_empty());
    }
}
