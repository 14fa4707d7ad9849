//! Once warm, a window allocates nothing, neither in silver nor in gold.

#![cfg(test)]

use std::convert::Infallible;

use allocation_counter::measure;
use vp_market::{Action, Flags, ProductTable, ProductType, Record};
use vp_synth::{SynthConfig, SyntheticMarket};
use vp_velocity::Session;
use vp_velocity::gold::Gold;
use vp_velocity::silver::{Lattice, Silver, SilverConfig, SilverWindow};

const RECORDS: usize = 40_000;
const SECOND_NS: u64 = 1_000_000_000;

/// Returns the same flow somewhat later, behind the clear of a snapshot.
fn again(records: &[Record], later_ns: u64) -> Vec<Record> {
    let clear = Record {
        order_id: 0,
        price: None,
        size: 0,
        action: Action::Clear,
        side: None,
        flags: Flags::SNAPSHOT,
        ..records[0]
    };
    let all = std::iter::once(&clear).chain(records);
    let later = all.map(|record| Record {
        ts_event: record.ts_event + later_ns,
        ..*record
    });
    later.collect()
}

#[test]
fn a_window_allocates_nothing_in_warm_silver_and_gold() {
    for (product_type, symbol) in [
        (ProductType::FutureMbo, "ESH6"),
        (ProductType::FutureMbo, "MNQH6"),
        (ProductType::EquityMbo, "QQQ"),
    ] {
        let products = ProductTable::embedded();
        let instrument = products.instrument(product_type, symbol).unwrap();
        let market = SyntheticMarket::new(&SynthConfig::preset(symbol).unwrap());
        let records: Vec<_> = market.into_records().take(RECORDS).collect();
        let (start_ns, end_ns) = (records[0].ts_event, records[RECORDS - 1].ts_event);
        let span_ns = end_ns - start_ns + 2 * SECOND_NS;
        let mut silver = Silver::new(SilverConfig {
            tick: instrument.product.tick,
            lattice: Lattice::of(&instrument),
            session: Session::new(start_ns, end_ns + span_ns),
        });
        let mut gold = Gold::new(Gold::half_width_of(&instrument));
        let mut windows = 0;
        let mut take = |window: &SilverWindow| {
            windows += u64::from(gold.apply(&window.rows).is_some());
            Ok::<(), Infallible>(())
        };
        let later = again(&records, span_ns);
        let cold = measure(|| {
            for record in &records {
                let Ok(()) = silver.apply(record, &mut take);
            }
        });
        assert!(
            cold.count_total > 0,
            "{symbol}: tables grow, and are seen to"
        );
        let warm = measure(|| {
            for record in &later {
                let Ok(()) = silver.apply(record, &mut take);
            }
        });
        assert_eq!(warm.count_total, 0, "{symbol}");
        assert!(
            windows > 2 * (end_ns - start_ns) / SECOND_NS - 4,
            "{symbol}"
        );
    }
}
