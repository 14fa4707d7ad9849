//! The signals that the page of vacuum and pressure shows, computed in Rust for committed grids.
//!
//! The page computes them in TypeScript; its tests compare with the values that this test keeps
//! (`tests/golden/signals.json`). `SPYMASTER_BLESS=1` rewrites them (`just bless`).

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The rows of a grid on one side of the spot.
#[derive(Clone, Copy)]
enum Side {
    Above,
    Below,
}

#[test]
fn the_signals_of_the_golden_grids_are_the_committed_ones() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let grids = fs::read_to_string(golden.join("synthetic.jsonl")).unwrap();
    let found: Vec<Value> = grids
        .lines()
        .map(|line| signals(&serde_json::from_str(line).unwrap()))
        .collect();
    // Compared as text: a float that is read back may differ in its last bit.
    let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
    let path = golden.join("signals.json");
    if std::env::var_os("SPYMASTER_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(path).unwrap());
    let regimes = |regime: &str| {
        found
            .iter()
            .filter(|found| found["regime"] == regime)
            .count()
    };
    assert!(
        regimes("LIFT") > 0 && regimes("DRAG") > 0,
        "both ways are shown"
    );
}

/// Computes the signals of one grid from its columns.
fn signals(grid: &Value) -> Value {
    let column = |name: &str| -> Vec<f64> {
        let values = grid["columns"][name]
            .as_array()
            .expect("a column is a list");
        let number = |value: &Value| value.as_f64().expect("a column holds numbers");
        values.iter().map(number).collect()
    };
    let positive = |values: Vec<f64>| values.into_iter().map(|value| value.max(0.0)).collect();
    let pressure: Vec<f64> = positive(column("pressure_variant"));
    let vacuum: Vec<f64> = column("v_pull")
        .iter()
        .zip(column("v_add"))
        .map(|(pull, add)| (pull - add).min(0.0))
        .collect();
    let (resistance, depth) = (column("resistance_variant"), column("rest_depth"));
    let net = (sum(&pressure, Side::Below) - sum(&pressure, Side::Above))
        + (sum(&vacuum, Side::Above) - sum(&vacuum, Side::Below));
    let ahead = if net > 0.0 {
        Some(Side::Above)
    } else if net < 0.0 {
        Some(Side::Below)
    } else {
        None
    };
    let either = |values: &[f64], holds: fn(f64) -> bool| {
        holds(sum(values, Side::Above)) || holds(sum(values, Side::Below))
    };
    let (above, below) = (sum(&depth, Side::Above), sum(&depth, Side::Below));
    json!({
        "event_id": grid["event_id"],
        "pressure": sides(&pressure),
        "vacuum": sides(&vacuum),
        "resistance": sides(&resistance),
        "depth": sides(&depth),
        "net": net,
        "direction": match ahead {
            Some(Side::Above) => "up",
            Some(Side::Below) => "down",
            None => "flat",
        },
        "regime": if net > 10.0 { "LIFT" } else if net < -10.0 { "DRAG" } else { "NEUTRAL" },
        "lamps": {
            "vacuum": either(&vacuum, |sum| sum < -1.0),
            "pressure": either(&pressure, |sum| sum > 5.0),
            "resistance": ahead.is_some_and(|side| sum(&resistance, side) < 50.0),
        },
        "imbalance": (above + below > 0.0).then(|| (below - above) / (below + above)),
    })
}

fn sides(values: &[f64]) -> Value {
    json!({ "above": sum(values, Side::Above), "below": sum(values, Side::Below) })
}

/// Adds up one side, lowest price first; the row of the spot belongs to neither.
fn sum(values: &[f64], side: Side) -> f64 {
    let spot = values.len() / 2;
    let rows = match side {
        Side::Above => &values[spot + 1..],
        Side::Below => &values[..spot],
    };
    rows.iter().fold(0.0, |sum, value| sum + value)
}
