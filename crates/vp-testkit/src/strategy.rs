//! Random records for property tests: order flow that mostly makes sense, with everything that
//! can be wrong mixed in.

use proptest::collection::vec;
use proptest::prelude::*;
use vp_market::{Action, Flags, Price, Record, Side};

use crate::records::TICK_NANOS;

/// Returns streams of up to `most` records, at quarter-tick prices around 20,000 ticks.
pub fn any_records(most: usize) -> impl Strategy<Value = Vec<Record>> {
    vec((any_gap(), any_record()), 1..most).prop_map(|steps| {
        let mut ts: u64 = 1_700_000_000_000_000_000;
        let stamp = |(gap, record): (i64, Record)| {
            ts = ts.saturating_add_signed(gap);
            Record {
                ts_event: ts,
                ..record
            }
        };
        steps.into_iter().map(stamp).collect()
    })
}

fn any_gap() -> impl Strategy<Value = i64> {
    prop_oneof![
        10 => Just(0),
        3 => 1..100i64,
        10 => 1..50_000_000i64,
        4 => 1..100_000_000_000i64,
        1 => -2_000_000_000..0i64,
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX)],
    ]
}

fn any_record() -> impl Strategy<Value = Record> {
    let action = prop_oneof![
        10 => Just(Action::Add),
        8 => Just(Action::Cancel),
        6 => Just(Action::Modify),
        4 => Just(Action::Fill),
        2 => Just(Action::Trade),
        1 => Just(Action::None),
        1 => prop_oneof![3 => Just(Action::None), 1 => Just(Action::Clear)],
    ];
    let order_id = prop_oneof![20 => 0..40u64, 1 => any::<u64>()];
    let size = prop_oneof![20 => 1..50u32, 1 => Just(0), 1 => any::<u32>(), 1 => Just(u32::MAX)];
    let side = prop_oneof![
        20 => Just(Some(Side::Bid)), 20 => Just(Some(Side::Ask)), 1 => Just(None)
    ];
    let flags = prop_oneof![
        30 => Just(Flags::LAST),
        12 => Just(Flags::NONE),
        2 => Just(Flags::SNAPSHOT),
        1 => Just(Flags::SNAPSHOT | Flags::LAST),
        1 => Just(Flags::MAYBE_BAD_BOOK),
        1 => any::<u8>().prop_map(Flags),
    ];
    (action, order_id, any_price(), size, side, flags).prop_map(
        |(action, order_id, price, size, side, flags)| {
            // Bids mostly below, asks mostly above, so that a market with two sides comes about.
            let shift = match side {
                Some(Side::Bid) => -4,
                Some(Side::Ask) => 4,
                None => 0,
            };
            let price = price.and_then(|price| {
                Price::from_nanos(price.nanos().saturating_add(shift * TICK_NANOS))
            });
            Record {
                ts_event: 0,
                order_id,
                price,
                size,
                action,
                side,
                flags,
            }
        },
    )
}

fn any_price() -> impl Strategy<Value = Option<Price>> {
    let nanos = prop_oneof![
        30 => (-6..6i64).prop_map(|tick| (20_000 + tick) * TICK_NANOS),
        6 => (-90..90i64).prop_map(|tick| (20_000 + tick) * TICK_NANOS),
        2 => (-90..90i64).prop_map(|part| 20_000 * TICK_NANOS + part * TICK_NANOS / 7),
        1 => any::<i64>(),
        1 => prop_oneof![Just(i64::MAX), Just(i64::MAX - 1), Just(i64::MIN), Just(0), Just(-1)],
    ];
    nanos.prop_map(Price::from_nanos)
}
