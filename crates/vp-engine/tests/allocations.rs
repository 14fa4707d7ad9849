//! Once warm, a record allocates nothing: neither in the book nor in the engine. A session of real
//! records is held to the same where files can be read: in `apps/vp-live`.

mod warm_flow;

use vp_engine::{GridConfig, Record};
use vp_synth::{SynthConfig, SyntheticMarket};

const RECORDS: usize = 200_000;

/// The beginning of every preset's session, and the grid of its product.
fn sessions() -> impl Iterator<Item = (Vec<Record>, GridConfig)> {
    SynthConfig::presets().map(|symbol| {
        let config = SynthConfig::preset(symbol).expect("its own preset");
        let records = SyntheticMarket::new(&config).into_records();
        (
            records.take(RECORDS).collect(),
            GridConfig::new(config.tick()),
        )
    })
}

#[test]
fn a_record_allocates_nothing_in_a_warm_book() {
    for (records, config) in sessions() {
        assert_eq!(warm_flow::in_book(&records, config), 0);
    }
}

#[test]
fn a_record_allocates_nothing_in_warm_queues() {
    for (records, config) in sessions() {
        assert_eq!(warm_flow::in_queues(&records, config), 0);
    }
}

#[test]
fn a_record_allocates_nothing_in_a_warm_engine() {
    for (records, config) in sessions() {
        assert_eq!(warm_flow::in_engine(&records, config), 0);
    }
}

#[test]
fn a_cold_engine_allocates_and_is_seen_to() {
    let (records, config) = sessions().next().expect("there are presets");
    assert!(warm_flow::in_cold_engine(&records, config) > 0);
}
