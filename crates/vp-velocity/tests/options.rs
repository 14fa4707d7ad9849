//! What holds for silver and gold of options, whatever the records.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use vp_book::{Book, Change};
use vp_market::{Price, Record, Right, Side, TickSize};
use vp_testkit::records::TICK_NANOS;
use vp_testkit::strategy::any_records;
use vp_velocity::gold::Field;
use vp_velocity::options::{
    OptionBook, OptionContract, OptionGold, OptionQuote, OptionSilver, OptionWindow, Quote,
    SideSums, SpotWindow, StrikeFlow, StrikeGrid,
};

const SECOND: u64 = 1_000_000_000;
const POINT: i64 = 1_000_000_000;
/// The second in which the records of `any_records` begin.
const START: u64 = 1_700_000_000;

/// Four ticks to a strike, two strikes to either side.
fn grid() -> StrikeGrid {
    StrikeGrid {
        step: TickSize::from_nanos(POINT).expect("positive"),
        max_offsets: 2,
        tick: tick(),
    }
}

fn tick() -> TickSize {
    TickSize::from_nanos(TICK_NANOS).expect("positive")
}

/// Consecutive windows from `START` on, with these spots in ticks.
fn spots(ticks: &[Option<i64>]) -> Vec<SpotWindow> {
    let ends = (START + 1..).map(|second| (second * SECOND).cast_signed());
    ends.zip(ticks)
        .map(|(window_end_ts_ns, ticks)| SpotWindow {
            window_end_ts_ns,
            spot_ref_price_int: ticks.map(|ticks| ticks * TICK_NANOS),
            book_valid: true,
        })
        .collect()
}

fn contract(id: u32) -> OptionContract {
    let right = Right::BOTH[id as usize % 2];
    // The last is off the grid.
    let strikes = [
        99 * POINT,
        100 * POINT,
        101 * POINT,
        100 * POINT + POINT / 2,
    ];
    let strike = Price::from_nanos(strikes[id as usize / 2 % 4]).expect("a price");
    OptionContract { right, strike }
}

/// One instrument, as plainly as it can be put: every order's arrival, every level's flow.
struct Naive {
    book: Book,
    arrivals: BTreeMap<u64, u64>,
    flows: BTreeMap<(Side, Price), [u64; 3]>,
}

impl Naive {
    fn apply(&mut self, record: &Record) {
        let before = self.book.order(record.order_id);
        let change = self.book.apply(record);
        if change != Change::Rebuilt {
            for flow in change.flows() {
                let sums = self.flows.entry((flow.side, flow.price)).or_default();
                for (sum, part) in sums.iter_mut().zip([flow.add, flow.pull, flow.fill]) {
                    *sum += u64::from(part);
                }
            }
        }
        let live: BTreeMap<u64, _> = self.book.orders().map(|o| (o.order_id, o)).collect();
        self.arrivals.retain(|id, _| live.contains_key(id));
        if let Some(now) = live.get(&record.order_id) {
            let is_same = before.is_some_and(|b| (b.side, b.price) == (now.side, now.price));
            if !is_same {
                self.arrivals.insert(record.order_id, record.ts_event);
            }
        }
    }

    fn sums(&self, side: Side, end_ns: u64) -> SideSums {
        let mut sums = SideSums::default();
        let mut levels: BTreeMap<Price, u64> = BTreeMap::new();
        for level in self.book.levels(side) {
            levels.insert(level.price, level.depth);
        }
        for ((_, price), _) in self.flows.iter().filter(|((of, _), _)| *of == side) {
            levels.entry(*price).or_default();
        }
        for (price, end) in levels {
            let [add, pull, fill] = self.flows.get(&(side, price)).copied().unwrap_or_default();
            sums.start += (end + pull + fill).saturating_sub(add);
            sums.end += end;
            sums.add += add;
            sums.pull += pull;
            sums.fill += fill;
        }
        for order in self.book.orders().filter(|order| order.side == side) {
            let rests = end_ns.saturating_sub(self.arrivals[&order.order_id]) >= SECOND / 2;
            sums.rest += if rests { u64::from(order.size) } else { 0 };
        }
        sums
    }
}

/// Silver of all windows, computed at each window's end from nothing but the books.
fn naive_silver(records: &[(u32, Record)], spots: &[SpotWindow]) -> Vec<StrikeFlow> {
    let mut instruments: BTreeMap<u32, Naive> = BTreeMap::new();
    let mut left = records.iter().peekable();
    let mut flows = Vec::new();
    for spot in spots {
        let end_ns = spot.window_end_ts_ns.cast_unsigned();
        let mut latest = 0;
        for instrument in instruments.values_mut() {
            instrument.flows.clear();
        }
        while let Some((id, record)) = left.next_if(|(_, record)| record.ts_event < end_ns) {
            let instrument = instruments.entry(*id).or_insert_with(|| Naive {
                book: Book::new(tick()),
                arrivals: BTreeMap::new(),
                flows: BTreeMap::new(),
            });
            instrument.apply(record);
            latest = latest.max(record.ts_event);
            // Before the first window nothing flows; any other record belongs to a window.
            if flows.is_empty() && latest < end_ns - SECOND {
                for instrument in instruments.values_mut() {
                    instrument.flows.clear();
                }
            }
        }
        let mut flow = StrikeFlow::default();
        if let Some(price) = spot.spot_ref_price_int.and_then(Price::from_nanos) {
            let center = (price.nanos() + POINT / 2).div_euclid(POINT) * POINT;
            for strike in (-2..=2).map(|offset| center + offset * POINT) {
                for right in Right::BOTH {
                    for side in [Side::Ask, Side::Bid] {
                        let mut sums = SideSums::default();
                        for (id, instrument) in &instruments {
                            let of = contract(*id);
                            if (of.strike.nanos(), of.right) == (strike, right) {
                                let more = instrument.sums(side, end_ns);
                                sums.start += more.start;
                                sums.end += more.end;
                                sums.add += more.add;
                                sums.pull += more.pull;
                                sums.fill += more.fill;
                                sums.rest += more.rest;
                            }
                        }
                        let ticks = (strike - price.nanos()) / TICK_NANOS;
                        flow.strike_price_int.push(strike);
                        flow.right.push(right);
                        flow.side.push(side);
                        flow.rel_ticks.push(i32::try_from(ticks).expect("near"));
                        flow.sums.push(sums);
                    }
                }
            }
        }
        flows.push(flow);
    }
    flows
}

fn silver(records: &[(u32, Record)], spots: Vec<SpotWindow>) -> Vec<OptionWindow> {
    let mut silver = OptionSilver::<OptionBook>::new(grid(), tick(), spots);
    let mut windows = Vec::new();
    let mut keep = |window: &OptionWindow| {
        windows.push(window.clone());
        Ok::<(), ()>(())
    };
    for (id, record) in records {
        let applied = silver.apply(*id, contract(*id), record.ts_event, record, &mut keep);
        applied.expect("nothing refuses a window");
    }
    silver.finish(&mut keep).expect("nothing refuses a window");
    windows
}

fn any_flow() -> impl Strategy<Value = Vec<(u32, Record)>> {
    (any_records(150), vec(0..8u32, 150)).prop_map(|(records, ids)| {
        let first = records.first().map_or(0, |record| record.ts_event);
        let shifted = records.into_iter().zip(ids).map(|(record, id)| {
            // Into the windows, at a few records a second.
            let offset = record.ts_event.wrapping_sub(first) % (25 * SECOND);
            let ts_event = START * SECOND - SECOND / 2 + offset;
            (id, Record { ts_event, ..record })
        });
        shifted.collect()
    })
}

fn any_spots() -> impl Strategy<Value = Vec<Option<i64>>> {
    let spot = prop_oneof![8 => 392..410i64, 1 => -2..3i64];
    vec(
        prop_oneof![9 => spot.prop_map(Some), 1 => Just(None)],
        1..25,
    )
}

/// A window of options that is whatever it is.
fn any_sums() -> impl Strategy<Value = SideSums> {
    (0..40u64, 0..40u64, 0..20u64, 0..20u64, 0..9u64).prop_map(|(start, end, add, pull, fill)| {
        SideSums {
            start,
            end,
            add,
            pull,
            fill,
            rest: end / 2,
        }
    })
}

/// The cell of one strike, right and side, by the formulas alone.
#[derive(Default)]
struct NaiveCell {
    emas: Option<[f64; 4]>,
    du_dt: f64,
}

impl NaiveCell {
    #[expect(clippy::cast_precision_loss, reason = "a few contracts")]
    fn advance(&mut self, sums: SideSums) -> [f64; 4] {
        let (start, end) = (sums.start as f64 + 1.0, sums.end as f64);
        let u = sums.add as f64 / start - sums.pull as f64 / start - sums.fill as f64 / start;
        let mut emas = self.emas.unwrap_or([u; 4]);
        let before = emas[0];
        for (ema, n) in emas.iter_mut().zip([2.0, 8.0, 32.0, 128.0]) {
            *ema += (1.0 - f64::exp(-1.0 / n)) * (u - *ema);
        }
        self.emas = Some(emas);
        let du_dt = emas[0] - before;
        let d2u_dt2 = du_dt - self.du_dt;
        self.du_dt = du_dt;
        let phi = sums.rest as f64 / (end + 1.0);
        let omega = (1.0 + end).ln() * (0.5 + 0.5 * phi) * (1.0 + (phi * emas[2]).max(0.0));
        [u, emas[3], d2u_dt2, omega]
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn silver_of_books_equals_the_naive_model(records in any_flow(), ticks in any_spots()) {
        let spots = spots(&ticks);
        let expected = naive_silver(&records, &spots);
        let found = silver(&records, spots.clone());
        prop_assert_eq!(found.len(), spots.len());
        for ((found, expected), spot) in found.iter().zip(&expected).zip(&spots) {
            prop_assert_eq!(&found.flow, expected, "window {}", spot.window_end_ts_ns);
            prop_assert_eq!(&found.spot, spot);
            let ids: Vec<_> = found.snapshots.iter().map(|row| row.instrument_id).collect();
            prop_assert!(ids.is_sorted());
            prop_assert!(found.snapshots.iter().all(|row| row.bid < row.ask));
        }
    }

    #[test]
    fn silver_knows_nothing_of_what_comes_after(
        records in any_flow(), ticks in any_spots(), cut in 0..150usize,
    ) {
        let cut = cut.min(records.len());
        let whole = silver(&records, spots(&ticks));
        let short = silver(&records[..cut], spots(&ticks));
        let known = records[cut..].iter().map(|(_, record)| record.ts_event).min();
        for (whole, short) in whole.iter().zip(&short) {
            if known.is_none_or(|known| whole.spot.window_end_ts_ns.cast_unsigned() <= known) {
                prop_assert_eq!(whole, short);
            }
        }
    }

    #[test]
    fn a_strike_keeps_its_past_while_the_spot_is_elsewhere(
        windows in vec((392..410i64, vec(any_sums(), 20)), 1..40),
    ) {
        let mut gold = OptionGold::new(grid(), 8);
        let mut cells: BTreeMap<(i64, Right, Side), NaiveCell> = BTreeMap::new();
        for (spot, (ticks, sums)) in spots(&vec![Some(1); windows.len()]).into_iter().zip(windows) {
            let spot = SpotWindow { spot_ref_price_int: Some(ticks * TICK_NANOS), ..spot };
            // Silver without records has the rows; their sums are put in.
            let mut flow = silver(&[], vec![spot]).remove(0).flow;
            flow.sums = sums;
            let found = gold.apply(spot, &flow).expect("a window with rows");
            for row in 0..flow.len() {
                let (strike, right, side) =
                    (flow.strike_price_int[row], flow.right[row], flow.side[row]);
                let cell = cells.entry((strike, right, side)).or_default();
                let expected = cell.advance(flow.sums[row]);
                let fields = [Field::LiquidityVelocity, Field::UEma128, Field::D2uDt2, Field::Omega];
                for (field, expected) in fields.into_iter().zip(expected) {
                    let found = found.column(field, right, side)[row / 4];
                    prop_assert!((found - expected).abs() < 1e-9, "{field:?} {found} {expected}");
                }
            }
        }
    }
}

fn quote(ticks: i64, size: u32) -> Option<Quote> {
    let price = Price::from_nanos(ticks * TICK_NANOS)?;
    Some(Quote { price, size })
}

/// Checks the bids of a call at the spot after these quotes in one window, at its end.
fn check_bids(before: Option<Quote>, quotes: &[Option<Quote>], expected: SideSums) {
    let mut silver =
        OptionSilver::<OptionQuote>::new(grid(), tick(), spots(&[Some(400), Some(400)]));
    let mut last = None;
    let mut keep = |window: &OptionWindow| {
        last = Some(window.clone());
        Ok::<(), ()>(())
    };
    let call = contract(2);
    let mut ts_ns = START * SECOND;
    silver
        .apply(2, call, ts_ns, &[before, None], &mut keep)
        .expect("nothing refuses a window");
    ts_ns += SECOND;
    for quote in quotes {
        silver
            .apply(2, call, ts_ns, &[*quote, None], &mut keep)
            .expect("nothing refuses a window");
    }
    silver.finish(&mut keep).expect("nothing refuses a window");
    let window = last.expect("two windows");
    let flow = window.flow;
    let at = |right, side| {
        let row = (0..flow.len()).find(|&row| {
            (flow.rel_ticks[row], flow.right[row], flow.side[row]) == (0, right, side)
        });
        flow.sums[row.expect("the strike at the spot")]
    };
    assert_eq!(at(Right::Call, Side::Bid), expected);
    assert_eq!(at(Right::Call, Side::Ask), SideSums::default());
    assert_eq!(at(Right::Put, Side::Bid), SideSums::default());
    assert!(window.snapshots.is_empty(), "one side is no market");
}

#[test]
fn a_quote_at_the_same_price_adds_or_pulls_the_difference() {
    let expected = SideSums {
        start: 10,
        end: 8,
        add: 5,
        pull: 7,
        ..SideSums::default()
    };
    check_bids(quote(4, 10), &[quote(4, 15), quote(4, 8)], expected);
}

#[test]
fn a_quote_at_another_price_pulls_all_of_the_old_and_adds_all_of_the_new() {
    let expected = SideSums {
        start: 10,
        end: 3,
        add: 3,
        pull: 10,
        ..SideSums::default()
    };
    check_bids(quote(4, 10), &[quote(5, 3)], expected);
}

#[test]
fn a_quote_that_goes_is_pulled() {
    let gone = SideSums {
        start: 10,
        pull: 10,
        ..SideSums::default()
    };
    check_bids(quote(4, 10), &[None], gone);
    let still = SideSums {
        start: 10,
        end: 10,
        ..SideSums::default()
    };
    check_bids(quote(4, 10), &[], still);
    check_bids(quote(4, 10), &[quote(4, 10)], still);
}

#[test]
fn a_market_with_both_sides_is_in_the_snapshots() {
    let mut silver = OptionSilver::<OptionQuote>::new(grid(), tick(), spots(&[Some(400)]));
    let mut seen = Vec::new();
    // The strike is off the grid: it has a snapshot and no row.
    let both = [quote(4, 1), quote(7, 1)];
    silver
        .apply(6, contract(6), START * SECOND, &both, |_| Ok::<(), ()>(()))
        .expect("nothing refuses a window");
    assert_eq!(silver.off_grid(), 1);
    silver
        .finish(|window| {
            seen.extend(window.snapshots.clone());
            assert!(window.flow.sums.iter().all(|sums| sums.end == 0));
            Ok::<(), ()>(())
        })
        .expect("nothing refuses a window");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].mid_price_int(), 11 * TICK_NANOS / 2);
    assert!(silver.is_complete());
}
