//! Prices in the summary of a run: as text, all in one form.

use serde_json::json;
use vp_market::SessionWindow;

use crate::binary::{Ran, vp_live};
use crate::dbn_file::{Instrument, SECOND_NS, dbn_file, nanos};

/// Runs a session of those bids and asks, of one lot each.
fn run(session: [&str; 3], bids: &[String], asks: &[String], more: &[&str]) -> Ran {
    let [product_type, symbol, date] = session;
    let kind = product_type.parse().unwrap();
    let start_ns = SessionWindow::new(kind, date.parse().unwrap()).start_ns();
    let only = Instrument { id: 7 };
    let orders = bids.iter().map(|price| ('B', price));
    let orders = orders.chain(asks.iter().map(|price| ('A', price))).zip(1..);
    let mut records = vec![only.clear(start_ns)];
    records.extend(orders.map(|((side, price), id)| {
        only.add(start_ns + id * SECOND_NS, side, (id, nanos(price), 1))
    }));
    let dataset = if product_type == "equity_mbo" {
        "XNAS.ITCH"
    } else {
        "GLBX.MDP3"
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.dbn");
    std::fs::write(&file, dbn_file(dataset, date, &[(symbol, 7)], &records)).unwrap();
    let named = [
        "--product-type",
        product_type,
        "--symbol",
        symbol,
        "--dt",
        date,
    ];
    let place = ["--file", file.to_str().unwrap()];
    vp_live([&["run"], &named[..], &place, more].concat()).good()
}

/// Returns prices from one on, so far apart, in ten-thousandths.
fn prices(first: i64, step: i64, count: i64) -> Vec<String> {
    let price = |place| {
        let value = first + place * step;
        format!("{}.{:04}", value / 10_000, value % 10_000)
    };
    (0..count).map(price).collect()
}

#[test]
fn a_whole_price_has_the_decimals_of_its_product() {
    let session = ["future_mbo", "ESH6", "2026-02-06"];
    let (bids, asks) = (prices(48_100_000, -2500, 5), prices(48_102_500, 2500, 5));
    let summary = run(session, &bids, &asks, &["--json"]).json();
    assert_eq!(summary["best_bid"], json!("4810.00"));
    assert_eq!(summary["best_ask"], json!("4810.25"));
    let text = run(session, &bids, &asks, &[]).stdout;
    assert!(text.contains("best        4810.00 x 4810.25,"), "{text}");
}

#[test]
fn a_share_below_a_dollar_is_not_refused_for_its_tick() {
    // Two thousand prices, none of them whole cents: more than any check looks at.
    let (bids, asks) = (prices(1523, -10, 120), prices(1525, 10, 1900));
    let session = ["equity_mbo", "ZVZZT", "2025-07-17"];
    let summary = run(session, &bids, &asks, &["--json"]).json();
    assert_eq!(summary["best_bid"], json!("0.1523"));
    assert_eq!(summary["best_ask"], json!("0.1525"));
    assert_eq!(summary["mid_price"], json!(0.1524));
    assert_eq!(summary["records"], json!(2021));
    assert_eq!(summary["resting_orders"], json!(2020));
    let text = run(session, &bids, &asks, &[]).stdout;
    assert!(text.contains("best        0.1523 x 0.1525,"), "{text}");
}
