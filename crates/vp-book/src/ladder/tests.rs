//! The ladder against an ordered map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vp_market::{Price, Side, TickSize};

use super::{BitSet, Ladder, WINDOW_LEVELS, offset_of};

fn price(nanos: i64) -> Price {
    Price::from_nanos(nanos).unwrap()
}

fn any_nanos(tick: i64) -> impl Strategy<Value = i64> {
    let window = tick * offset_of(WINDOW_LEVELS);
    prop_oneof![
        8 => (-40..40i64).prop_map(move |n| n * tick),
        2 => (-40..40i64).prop_map(move |n| n * tick + tick / 3),
        2 => (-3..3i64, -3..3i64).prop_map(move |(far, near)| far * (window / 4) + near * tick),
        1 => prop_oneof![Just(i64::MIN), Just(i64::MAX - 1), i64::MIN..i64::MAX],
    ]
}

fn any_steps() -> impl Strategy<Value = (i64, Vec<(i64, u32, bool)>)> {
    prop_oneof![
        Just(1),
        Just(3),
        Just(10_000_000),
        Just(250_000_000),
        Just(i64::MAX)
    ]
    .prop_flat_map(|tick| {
        let near = tick.min(1 << 40);
        let step = (any_nanos(near), 1..1000u32, any::<bool>());
        (Just(tick), proptest::collection::vec(step, 1..900))
    })
}

proptest! {
    #[test]
    fn behaves_like_an_ordered_map((tick, steps) in any_steps(), bids in any::<bool>()) {
        let side = if bids { Side::Bid } else { Side::Ask };
        let mut ladder = Ladder::new(side, TickSize::from_nanos(tick).unwrap());
        let mut model: BTreeMap<i64, u64> = BTreeMap::new();
        for (nanos, size, is_add) in steps {
            if is_add {
                ladder.add(price(nanos), size);
                *model.entry(nanos).or_default() += u64::from(size);
            } else if let Some((&nanos, &depth)) = model.range(nanos..).next() {
                let taken = u32::try_from(depth).map_or(size, |depth| size.min(depth));
                ladder.remove(price(nanos), taken);
                model.insert(nanos, depth - u64::from(taken));
                model.retain(|_, depth| *depth > 0);
            }
            let best = if bids { model.last_key_value() } else { model.first_key_value() };
            prop_assert_eq!(ladder.best().map(Price::nanos), best.map(|(nanos, _)| *nanos));
            prop_assert_eq!(ladder.level_count(), model.len());
            prop_assert_eq!(ladder.depth(price(nanos)), model.get(&nanos).copied().unwrap_or(0));
            let (low, high) = (nanos.saturating_sub(tick), nanos.saturating_add(tick).min(i64::MAX - 1));
            prop_assert_eq!(
                ladder.depth_between(price(low), price(high)),
                model.range(low..=high).map(|(_, depth)| depth).sum::<u64>()
            );
        }
        let mut levels: Vec<_> = model.into_iter().collect();
        if bids {
            levels.reverse();
        }
        let found: Vec<_> = ladder.levels().map(|(price, depth)| (price.nanos(), depth)).collect();
        prop_assert_eq!(found, levels);
        ladder.clear();
        prop_assert_eq!(ladder.best(), None);
        prop_assert_eq!(ladder.levels().count(), 0);
    }

    #[test]
    fn the_bit_set_finds_the_next_smaller_member(
        members in proptest::collection::btree_set(0..8192usize, 0..40),
        removed in proptest::collection::btree_set(0..8192usize, 0..40),
        bound in 0..8192usize,
    ) {
        let mut bits = BitSet::new(8192);
        for member in &members {
            bits.insert(*member);
        }
        for member in &removed {
            bits.remove(*member);
        }
        let left: Vec<_> = members.difference(&removed).copied().collect();
        let expected = left.iter().rev().copied().find(|member| *member <= bound);
        prop_assert_eq!(bits.last_up_to(bound), expected);
        prop_assert_eq!(bits.iter_down().collect::<Vec<_>>(), left.into_iter().rev().collect::<Vec<_>>());
    }
}

#[test]
fn a_market_that_runs_away_takes_the_window_with_it() {
    let tick = 250_000_000;
    let mut ladder = Ladder::new(Side::Ask, TickSize::from_nanos(tick).unwrap());
    let window = offset_of(WINDOW_LEVELS);
    for step in 0..4 * window {
        ladder.add(price(step * tick), 1);
        if step >= 100 {
            ladder.remove(price((step - 100) * tick), 1);
        }
    }
    assert_eq!(
        ladder.best().map(Price::nanos),
        Some((4 * window - 100) * tick)
    );
    assert!(
        ladder.overflow.len() < 100,
        "{} levels were left behind",
        ladder.overflow.len()
    );
}
