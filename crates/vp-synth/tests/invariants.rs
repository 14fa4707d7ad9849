//! What holds in every synthetic market, whatever its seed, rate and kind.

#[path = "invariants/venue.rs"]
mod venue;

use proptest::prelude::*;
use venue::Venue;
use vp_market::{Action, Price, Record, TickSize};
use vp_synth::{Character, MAX_RATE, SynthConfig, SyntheticMarket};

const SYMBOLS: [&str; 3] = ["MNQH6", "ESH6", "QQQ"];

fn any_product() -> impl Strategy<Value = SynthConfig> {
    let character = prop_oneof![
        Just(Character::DeepFuture),
        Just(Character::FastFuture),
        Just(Character::Equity),
    ];
    let market = (character, 1..100_000_000_000_000i64, 8_193..50_000i64);
    let own = market.prop_map(|(character, tick, ticks)| {
        let opening = Price::from_nanos(tick * ticks).expect("below the undefined price");
        let tick = TickSize::from_nanos(tick).expect("positive");
        SynthConfig::new("ANY", character, tick, opening).expect("in range")
    });
    let preset = (0..SYMBOLS.len())
        .prop_map(|symbol| SynthConfig::preset(SYMBOLS[symbol]).expect("a preset"));
    prop_oneof![preset, own]
}

fn any_config() -> impl Strategy<Value = SynthConfig> {
    (any_product(), any::<u64>(), 1..=MAX_RATE).prop_map(|(config, seed, rate)| {
        config
            .with_seed(seed)
            .with_rate(rate)
            .expect("a legal rate")
    })
}

/// Runs a market past the naive venue for some events.
fn check(config: &SynthConfig, events: usize) -> Venue {
    let (mut market, mut venue, mut event) =
        (SyntheticMarket::new(config), Venue::default(), Vec::new());
    for _ in 0..events {
        event.clear();
        market.next_event(&mut event);
        venue.take(&event);
    }
    venue
}

fn records(config: &SynthConfig, count: usize) -> Vec<Record> {
    SyntheticMarket::new(config)
        .into_records()
        .take(count)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_venue_could_have_sent_every_event(config in any_config()) {
        let venue = check(&config, 4_000);
        prop_assert_eq!(venue.seen.events, 4_000);
        prop_assert!(venue.seen.trades > 40);
        prop_assert!((1_500..25_000).contains(&venue.orders()));
    }

    #[test]
    fn the_same_seed_gives_the_same_records(config in any_config(), other in any::<u64>()) {
        let first = records(&config, 20_000);
        prop_assert_eq!(&first, &records(&config, 20_000));
        if other != config.seed() {
            prop_assert_ne!(&first, &records(&config.with_seed(other), 20_000));
        }
    }
}

#[test]
fn a_long_session_holds_every_kind_of_event() {
    for symbol in SYMBOLS {
        let venue = check(&SynthConfig::preset(symbol).unwrap(), 60_000);
        assert!(venue.seen.partial_fills > 100, "{symbol}: {:?}", venue.seen);
        assert!(venue.seen.sweeps > 20, "{symbol}: {:?}", venue.seen);
        let is_globex = symbol != "QQQ";
        assert_eq!(
            venue.seen.refreshes > 0,
            is_globex,
            "{symbol}: {:?}",
            venue.seen
        );
        assert_eq!(
            venue.seen.moves > 1_000,
            is_globex,
            "{symbol}: {:?}",
            venue.seen
        );
    }
}

#[test]
fn the_session_opens_with_a_snapshot_and_then_has_none() {
    let mut market = SyntheticMarket::new(&SynthConfig::default());
    let mut event = Vec::new();
    market.next_event(&mut event);
    assert_eq!(event[0].action, Action::Clear);
    assert!(event.len() > 1_000);
    assert!(event.iter().all(Record::is_snapshot));
    assert!(event[1..].iter().all(|record| record.action == Action::Add));
    for _ in 0..10_000 {
        event.clear();
        market.next_event(&mut event);
        assert!(event.iter().all(|record| !record.is_snapshot()));
    }
}

#[test]
fn records_come_at_the_rate_asked_for() {
    for symbol in SYMBOLS {
        for rate in [1_000, 1_000_000] {
            let config = SynthConfig::preset(symbol)
                .unwrap()
                .with_rate(rate)
                .unwrap();
            let flow: Vec<_> = records(&config, 3_000_000);
            let flow: Vec<_> = flow.iter().filter(|record| !record.is_snapshot()).collect();
            let span_ns = flow[flow.len() - 1].ts_event - config.start_ns();
            let seconds = std::time::Duration::from_nanos(span_ns).as_secs_f64();
            let count = f64::from(u32::try_from(flow.len()).unwrap());
            let found = count / seconds / f64::from(rate);
            assert!(
                (0.85..1.15).contains(&found),
                "{symbol} at {rate}/s: {found} of it"
            );
        }
    }
}

#[test]
fn the_population_stays_in_equilibrium() {
    let config = SynthConfig::preset("MNQH6").unwrap();
    let (mut market, mut event) = (SyntheticMarket::new(&config), Vec::new());
    let mut resting = 0i64;
    let (mut fewest, mut most) = (i64::MAX, 0);
    // On Globex a resting order ends with a cancel of its whole size: adds less cancels are what rests.
    for _ in 0..2_000_000 {
        event.clear();
        market.next_event(&mut event);
        for record in &event {
            match record.action {
                Action::Add => resting += 1,
                Action::Cancel => resting -= 1,
                Action::Clear | Action::Modify | Action::Trade | Action::Fill | Action::None => {}
            }
        }
        fewest = fewest.min(resting);
        most = most.max(resting);
    }
    assert!(
        fewest > 1_000 && most < 4 * fewest,
        "{fewest} to {most} orders"
    );
}
