//! Tests of the flow statistics on hand-made events.

use vp_market::{Flags, Price};

use super::*;

const TICK: i64 = 250_000_000;

fn record(
    ts_event: u64,
    action: Action,
    side: Side,
    ticks: i64,
    size: u32,
    order_id: u64,
) -> Record {
    Record {
        ts_event,
        order_id,
        price: Price::from_nanos(ticks * TICK),
        size,
        action,
        side: Some(side),
        flags: Flags::LAST,
    }
}

fn flow(records: &[Record]) -> FlowStatistics {
    let mut flow = FlowStatistics::new(TickSize::from_nanos(TICK).unwrap());
    for record in records {
        flow.observe(record);
    }
    flow
}

fn within_event(record: Record) -> Record {
    Record {
        flags: Flags::NONE,
        ..record
    }
}

#[test]
fn lifetimes_tell_cancels_from_fills() {
    let flow = flow(&[
        record(10, Action::Add, Side::Bid, 100, 2, 1),
        record(20, Action::Add, Side::Ask, 103, 2, 2),
        record(50, Action::Cancel, Side::Bid, 100, 2, 1),
        within_event(record(60, Action::Trade, Side::Bid, 103, 2, 9)),
        within_event(record(60, Action::Fill, Side::Ask, 103, 2, 2)),
        record(60, Action::Cancel, Side::Ask, 103, 2, 2),
    ]);
    assert_eq!(flow.cancelled_lifetimes_ns.quantile(1.0), Some(40));
    assert_eq!(flow.filled_lifetimes_ns.quantile(1.0), Some(40));
    assert_eq!(flow.events, 4);
    assert_eq!(flow.spread_ticks.quantile(1.0), Some(3));
    assert_eq!(flow.traded_sizes.quantile(1.0), Some(2));
}

#[test]
fn a_refreshed_iceberg_is_told_from_a_partial_fill() {
    let flow = flow(&[
        record(1, Action::Add, Side::Ask, 103, 5, 1),
        within_event(record(2, Action::Fill, Side::Ask, 103, 5, 1)),
        record(2, Action::Modify, Side::Ask, 103, 5, 1),
        within_event(record(3, Action::Fill, Side::Ask, 103, 2, 1)),
        record(3, Action::Modify, Side::Ask, 103, 3, 1),
        record(4, Action::Modify, Side::Ask, 104, 3, 1),
        record(5, Action::Modify, Side::Ask, 104, 1, 1),
    ]);
    assert_eq!(
        (flow.refreshed, flow.partly_filled, flow.moved, flow.cut),
        (1, 1, 1, 1)
    );
}

#[test]
fn a_snapshot_is_no_flow() {
    let snapshot = Record {
        flags: Flags::SNAPSHOT,
        ..record(1, Action::Add, Side::Bid, 100, 1, 1)
    };
    let flow = flow(&[snapshot, record(5, Action::Cancel, Side::Bid, 100, 1, 1)]);
    assert_eq!(flow.records(), 1);
    assert_eq!(flow.cancelled_lifetimes_ns.count(), 0);
}

#[test]
fn contradictory_records_do_no_harm() {
    let odd = Record {
        price: None,
        side: None,
        ..record(9, Action::Add, Side::Bid, 0, u32::MAX, 3)
    };
    let flow = flow(&[
        record(5, Action::Cancel, Side::Bid, 100, 7, 42),
        record(4, Action::Modify, Side::Ask, i64::MAX / TICK, u32::MAX, 2),
        record(3, Action::Add, Side::Bid, i64::MIN / TICK, u32::MAX, 1),
        record(3, Action::Cancel, Side::Bid, 100, u32::MAX, 1),
        odd,
    ]);
    assert_eq!(flow.records(), 5);
    assert!(flow.to_string().contains("| records | 5 |"));
}
