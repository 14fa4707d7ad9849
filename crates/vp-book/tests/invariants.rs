//! What holds of the book whatever the records, and the book against a plain map of orders.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vp_book::{Anomaly, Bbo, Book, Change, Level, LevelFlow, Phase, PhaseInput, RestingOrder};
use vp_market::{Action, Flags, Price, Record, Side, TickSize};
use vp_testkit::records::{At, TICK_NANOS, WithFlags, ticks};
use vp_testkit::strategy::any_records;

const NOW: At = At(1_700_000_000_000_000_000);

fn book() -> Book {
    Book::new(TickSize::from_nanos(TICK_NANOS).expect("a quarter is positive"))
}

fn book_after(records: &[Record]) -> Book {
    let mut book = book();
    for record in records {
        book.apply(record);
    }
    book
}

/// Depth by side and price.
type Depth = BTreeMap<(Side, i64), u64>;

fn depth_of_levels(book: &Book) -> Depth {
    let levels = |side| {
        book.levels(side)
            .map(move |level| ((side, level.price.nanos()), level.depth))
    };
    Side::BOTH.into_iter().flat_map(levels).collect()
}

fn depth_of_orders<'a>(orders: impl IntoIterator<Item = &'a RestingOrder>) -> Depth {
    let mut depth = Depth::new();
    for order in orders {
        *depth.entry((order.side, order.price.nanos())).or_default() += u64::from(order.size);
    }
    depth
}

fn orders_by_id(book: &Book) -> BTreeMap<u64, RestingOrder> {
    book.orders().map(|order| (order.order_id, order)).collect()
}

/// The book as the specification's table of actions reads: one map, and no depth but by summing.
#[derive(Default)]
struct NaiveBook {
    orders: BTreeMap<u64, RestingOrder>,
    anomalies: BTreeMap<Anomaly, u64>,
}

impl NaiveBook {
    fn apply(&mut self, record: &Record) -> Change {
        let change = match record.action {
            Action::Trade | Action::None => Change::Nothing,
            Action::Clear => {
                self.orders.clear();
                Change::Rebuilt
            }
            Action::Fill => self.fill(record),
            Action::Cancel => self.cancel(record),
            Action::Add | Action::Modify => self.place(record),
        };
        // Records of a snapshot change the book in the same way, but are no flow.
        if record.is_snapshot() && change != Change::Nothing {
            Change::Rebuilt
        } else {
            change
        }
    }

    fn ignore(&mut self, kind: Anomaly) -> Change {
        self.note(kind);
        Change::Nothing
    }

    fn note(&mut self, kind: Anomaly) {
        *self.anomalies.entry(kind).or_default() += 1;
    }

    fn fill(&mut self, record: &Record) -> Change {
        let Some(order) = self.orders.get_mut(&record.order_id) else {
            return self.ignore(Anomaly::UnknownOrder);
        };
        let pending = u64::from(order.pending_fill) + u64::from(record.size);
        order.pending_fill = u32::try_from(pending.min(order.size.into())).expect("a size");
        Change::Nothing
    }

    fn cancel(&mut self, record: &Record) -> Change {
        let Some(mut order) = self.orders.remove(&record.order_id) else {
            return self.ignore(Anomaly::UnknownOrder);
        };
        if record.size > order.size {
            self.note(Anomaly::OverCancel);
        }
        let cut = record.size.min(order.size);
        let fill = cut.min(order.pending_fill);
        order.size -= cut;
        order.pending_fill -= fill;
        if order.size > 0 {
            self.orders.insert(order.order_id, order);
        }
        Change::Touched(flow(order.side, order.price, [0, cut - fill, fill]))
    }

    fn place(&mut self, record: &Record) -> Change {
        let Some(price) = record.price else {
            return self.ignore(Anomaly::UndefinedPrice);
        };
        let Some(side) = record.side else {
            return self.ignore(Anomaly::BadSide);
        };
        if record.size == 0 {
            return self.ignore(Anomaly::ZeroSize);
        }
        let new = RestingOrder {
            order_id: record.order_id,
            price,
            size: record.size,
            pending_fill: 0,
            side,
        };
        let old = self.orders.insert(new.order_id, new);
        match (record.action, old) {
            (Action::Add, Some(_)) => self.note(Anomaly::DuplicateAdd),
            (Action::Modify, None) => self.note(Anomaly::UnknownOrder),
            _ => {}
        }
        let arrival = flow(side, price, [new.size, 0, 0]);
        let Some(old) = old else {
            return Change::Touched(arrival);
        };
        let (fill, base) = (old.pending_fill, old.size - old.pending_fill);
        if (old.side, old.price) == (side, price) {
            let (add, pull) = (new.size.saturating_sub(base), base.saturating_sub(new.size));
            return Change::Touched(flow(side, price, [add, pull, fill]));
        }
        Change::Moved {
            from: flow(old.side, old.price, [0, base, fill]),
            to: arrival,
        }
    }
}

fn flow(side: Side, price: Price, [add, pull, fill]: [u32; 3]) -> LevelFlow {
    LevelFlow {
        side,
        price,
        add,
        pull,
        fill,
    }
}

/// Queues as the specification's table reads: a list of ids for each level, front first.
#[derive(Default)]
struct NaiveQueues {
    levels: BTreeMap<(Side, i64), Vec<u64>>,
    /// When each order got its place, and when it was first seen.
    times: BTreeMap<u64, (u64, u64)>,
}

impl NaiveQueues {
    fn take_out(&mut self, order_id: u64) {
        self.levels
            .values_mut()
            .for_each(|ids| ids.retain(|id| *id != order_id));
        self.levels.retain(|_, ids| !ids.is_empty());
    }

    fn join_back(&mut self, order: RestingOrder, ts: u64) {
        self.take_out(order.order_id);
        let level = self.levels.entry((order.side, order.price.nanos()));
        level.or_default().push(order.order_id);
        let times = self.times.entry(order.order_id).or_insert((ts, ts));
        times.0 = ts;
    }

    /// Takes in what a record did to its order.
    fn apply(&mut self, record: &Record, old: Option<RestingOrder>, new: Option<RestingOrder>) {
        match (record.action, old, new) {
            (Action::Clear, ..) => *self = Self::default(),
            (_, Some(_), None) => {
                self.take_out(record.order_id);
                self.times.remove(&record.order_id);
            }
            (_, None, Some(new)) => self.join_back(new, record.ts_event),
            (Action::Add | Action::Modify, Some(old), Some(new))
                if record.price.is_some() && record.side.is_some() && record.size > 0 =>
            {
                let is_same = (old.side, old.price) == (new.side, new.price);
                if !is_same || new.size > old.size - old.pending_fill {
                    self.join_back(new, record.ts_event);
                }
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn the_queues_equal_plain_lists(records in any_records(300)) {
        let tick = TickSize::from_nanos(TICK_NANOS).expect("a quarter is positive");
        let (mut book, mut plain) = (Book::with_queues(tick), book());
        let mut naive = NaiveQueues::default();
        for record in &records {
            let old = book.order(record.order_id);
            prop_assert_eq!(book.apply(record), plain.apply(record), "the books are the same");
            naive.apply(record, old, book.order(record.order_id));

            let mut found = BTreeMap::new();
            for side in Side::BOTH {
                for level in book.queued_levels(side) {
                    let queue: Vec<_> = book.queue(side, level.price).collect();
                    let (mut orders, mut size) = (0, 0);
                    for queued in &queue {
                        prop_assert_eq!((queued.orders_ahead, queued.size_ahead), (orders, size));
                        prop_assert_eq!((queued.level_orders, queued.level_size), (level.orders, level.size));
                        prop_assert_eq!(book.queued(queued.order.order_id), Some(*queued));
                        prop_assert_eq!(
                            (queued.arrived_ns, queued.first_seen_ns),
                            naive.times[&queued.order.order_id]
                        );
                        orders += 1;
                        size += u64::from(queued.order.size);
                    }
                    prop_assert_eq!((orders, size), (level.orders, level.size));
                    prop_assert_eq!(size, plain.depth(side, level.price));
                    let ids = queue.iter().map(|queued| queued.order.order_id).collect::<Vec<_>>();
                    found.insert((side, level.price.nanos()), ids);
                }
            }
            prop_assert_eq!(&found, &naive.levels);
        }
    }

    #[test]
    fn the_book_equals_a_plain_map_of_orders(records in any_records(300)) {
        let (mut book, mut naive) = (book(), NaiveBook::default());
        for record in &records {
            prop_assert_eq!(book.apply(record), naive.apply(record));
            prop_assert_eq!(orders_by_id(&book), naive.orders.clone());
            prop_assert_eq!(book.order_count(), naive.orders.len());
            prop_assert_eq!(book.order(record.order_id), naive.orders.get(&record.order_id).copied());
            prop_assert_eq!(depth_of_levels(&book), depth_of_orders(naive.orders.values()));
            for (kind, count) in book.anomalies().iter() {
                prop_assert_eq!(count, naive.anomalies.get(&kind).copied().unwrap_or(0), "{}", kind);
            }
            prop_assert_eq!(book.anomalies().total(), naive.anomalies.values().sum::<u64>());
        }
    }

    #[test]
    fn level_depth_is_the_sum_of_its_resting_orders(records in any_records(300)) {
        let mut book = book();
        for record in &records {
            book.apply(record);
            let orders: Vec<_> = book.orders().collect();
            prop_assert!(orders.iter().all(|order| order.size > 0));
            prop_assert!(orders.iter().all(|order| order.pending_fill <= order.size));
            let expected = depth_of_orders(&orders);
            prop_assert_eq!(depth_of_levels(&book), expected.clone());
            for order in &orders {
                let at_level = expected[&(order.side, order.price.nanos())];
                prop_assert_eq!(book.depth(order.side, order.price), at_level);
            }
        }
    }

    #[test]
    fn levels_come_best_first(records in any_records(300)) {
        let mut book = book();
        for record in &records {
            book.apply(record);
            let bids: Vec<Level> = book.levels(Side::Bid).collect();
            let asks: Vec<Level> = book.levels(Side::Ask).collect();
            prop_assert!(bids.is_sorted_by(|better, worse| better.price > worse.price));
            prop_assert!(asks.is_sorted_by(|better, worse| better.price < worse.price));
            prop_assert_eq!(book.level_count(Side::Bid), bids.len());
            prop_assert_eq!(book.level_count(Side::Ask), asks.len());
            let best = |levels: &[Level]| levels.first().map(|level| level.price);
            prop_assert_eq!(book.bbo(), Bbo { bid: best(&bids), ask: best(&asks) });
        }
    }

    #[test]
    fn depth_between_is_the_sum_of_the_levels_there(
        records in any_records(300),
        ends in (-120..120i64, 0..240i64),
        off_tick in 0..TICK_NANOS,
    ) {
        let book = book_after(&records);
        let lowest = (20_000 + ends.0) * TICK_NANOS + off_tick;
        let highest = lowest + ends.1 * TICK_NANOS;
        let price = |nanos| Price::from_nanos(nanos).expect("near 20,000 ticks");
        for side in Side::BOTH {
            let expected: u64 = book
                .levels(side)
                .filter(|level| (lowest..=highest).contains(&level.price.nanos()))
                .map(|level| level.depth)
                .sum();
            prop_assert_eq!(book.depth_between(side, price(lowest), price(highest)), expected);
        }
    }

    #[test]
    fn flow_explains_every_change_of_depth(records in any_records(300)) {
        let mut book = book();
        for record in &records {
            let mut expected = depth_of_levels(&book);
            let change = book.apply(record);
            if change == Change::Rebuilt {
                prop_assert!(record.is_snapshot() || record.action == Action::Clear);
                continue;
            }
            for flow in change.flows() {
                let depth = expected.entry((flow.side, flow.price.nanos())).or_default();
                // Added first: in this order no sum that is right goes below zero.
                *depth += u64::from(flow.add);
                *depth -= u64::from(flow.pull) + u64::from(flow.fill);
            }
            expected.retain(|_, depth| *depth > 0);
            prop_assert_eq!(depth_of_levels(&book), expected);
        }
    }

    #[test]
    fn an_add_then_its_cancel_restores_the_book(
        records in any_records(300),
        side in prop_oneof![Just(Side::Bid), Just(Side::Ask)],
        nanos in prop_oneof![(19_900..20_100i64).prop_map(|tick| tick * TICK_NANOS), i64::MIN..i64::MAX],
        size in 1..=u32::MAX,
    ) {
        let mut book = book_after(&records);
        let order_id = book.orders().map(|order| order.order_id).max().map_or(1, |id| id ^ 1 << 63);
        prop_assume!(book.order(order_id).is_none());
        let before = (orders_by_id(&book), depth_of_levels(&book), book.bbo(), *book.anomalies());
        let price = Price::from_nanos(nanos).expect("every other price is defined");

        let added = book.apply(&NOW.add(order_id, side, price, size));
        prop_assert_eq!(added, Change::Touched(flow(side, price, [size, 0, 0])));
        let cancelled = book.apply(&NOW.cancel(order_id, side, price, size));
        prop_assert_eq!(cancelled, Change::Touched(flow(side, price, [0, size, 0])));
        let after = (orders_by_id(&book), depth_of_levels(&book), book.bbo(), *book.anomalies());
        prop_assert_eq!(after, before);
    }

    #[test]
    fn a_pending_fill_is_used_up_by_reductions(
        size in 1..=u32::MAX,
        fills in prop::collection::vec(any::<u32>(), 0..4),
        cancels in prop::collection::vec(1..=u32::MAX, 0..6),
    ) {
        let (side, price) = (Side::Ask, ticks(20_000));
        let mut book = book_after(&[NOW.add(1, side, price, size)]);
        for fill in &fills {
            prop_assert_eq!(book.apply(&NOW.fill(1, side, price, *fill)), Change::Nothing);
        }
        let said: u64 = fills.iter().copied().map(u64::from).sum();
        let mut pending = said.min(size.into());
        let mut left = u64::from(size);
        for cancel in cancels {
            if left == 0 {
                break;
            }
            let taken = u64::from(cancel).min(left);
            let filled = pending.min(taken);
            let Change::Touched(flow) = book.apply(&NOW.cancel(1, side, price, cancel)) else {
                return Err(TestCaseError::fail("a cancel touches its level"));
            };
            prop_assert_eq!([flow.add, flow.pull, flow.fill].map(u64::from), [0, taken - filled, filled]);
            left -= taken;
            pending -= filled;
            let order = book.order(1).map(|order| (order.size.into(), order.pending_fill.into()));
            prop_assert_eq!(order, (left > 0).then_some((left, pending)));
        }
    }

    #[test]
    fn a_modify_uses_up_the_whole_pending_fill(
        size in 1..=u32::MAX,
        fill in any::<u32>(),
        new_size in 1..=u32::MAX,
        moves_by in -1..=1i64,
        changes_side in any::<bool>(),
    ) {
        let (side, price) = (Side::Bid, ticks(20_000));
        let mut book = book_after(&[NOW.add(1, side, price, size), NOW.fill(1, side, price, fill)]);
        let new_side = if changes_side { Side::Ask } else { side };
        let change = book.apply(&NOW.modify(1, new_side, ticks(20_000 + moves_by), new_size));
        let flows: Vec<_> = change.flows().collect();
        let filled: u64 = flows.iter().map(|flow| u64::from(flow.fill)).sum();
        prop_assert_eq!(filled, u64::from(fill.min(size)));
        if moves_by == 0 && !changes_side {
            prop_assert_eq!(flows.len(), 1);
            // What fills left is the base: it is added to or pulled from, never both.
            prop_assert!(flows[0].add == 0 || flows[0].pull == 0);
        } else {
            prop_assert_eq!(flows.len(), 2);
            prop_assert_eq!((flows[0].price, flows[0].add), (price, 0));
            prop_assert_eq!([flows[1].add, flows[1].pull, flows[1].fill], [new_size, 0, 0]);
        }
        prop_assert_eq!(book.order(1).map(|order| (order.size, order.pending_fill)), Some((new_size, 0)));
    }

    #[test]
    fn the_phase_follows_the_rules(records in any_records(300)) {
        let mut book = book();
        for record in &records {
            let before = book.phase();
            book.apply(record);
            prop_assert_eq!(book.phase(), phase_after(before, record), "{} and {:?}", before, record);
        }
    }
}

/// The rules of the specification, one after the other as they are written there.
fn phase_after(before: Phase, record: &Record) -> Phase {
    let is_clear = record.action == Action::Clear;
    let mut phase = before;
    if record.is_snapshot() {
        phase = if record.is_last() {
            Phase::Live
        } else {
            Phase::Recovering
        };
    } else {
        if phase == Phase::Recovering || is_clear {
            phase = Phase::Live;
        }
        if phase == Phase::Live && !is_clear && record.flags.contains(Flags::MAYBE_BAD_BOOK) {
            phase = Phase::Suspect;
        }
    }
    phase
}

#[test]
fn the_table_of_phases_is_the_documented_one() {
    use Phase::{Live, Recovering, Suspect, Unseeded};
    let inputs = [
        PhaseInput::Clear,
        PhaseInput::SnapshotClear,
        PhaseInput::Snapshot,
        PhaseInput::SnapshotEnd,
        PhaseInput::Doubtful,
        PhaseInput::Ordinary,
    ];
    let table = [
        (
            Unseeded,
            [Live, Recovering, Recovering, Live, Unseeded, Unseeded],
        ),
        (
            Recovering,
            [Live, Recovering, Recovering, Live, Suspect, Live],
        ),
        (Live, [Live, Recovering, Recovering, Live, Suspect, Live]),
        (
            Suspect,
            [Live, Recovering, Recovering, Live, Suspect, Suspect],
        ),
    ];
    for (from, expected) in table {
        assert_eq!(
            inputs.map(|input| from.step(input)),
            expected,
            "from {from}"
        );
    }
}

#[test]
fn each_defect_is_counted_once_and_by_its_kind() {
    let price = ticks(20_000);
    let order = NOW.add(2, Side::Bid, price, 5);
    let unpriced = Record {
        price: None,
        ..order
    };
    let sideless = Record {
        side: None,
        ..order
    };
    let cases = [
        (NOW.cancel(2, Side::Bid, price, 1), Anomaly::UnknownOrder),
        (NOW.fill(2, Side::Bid, price, 1), Anomaly::UnknownOrder),
        (NOW.modify(2, Side::Bid, price, 1), Anomaly::UnknownOrder),
        (NOW.add(1, Side::Bid, price, 3), Anomaly::DuplicateAdd),
        (NOW.cancel(1, Side::Bid, price, 8), Anomaly::OverCancel),
        (unpriced, Anomaly::UndefinedPrice),
        (sideless, Anomaly::BadSide),
        (Record { size: 0, ..order }, Anomaly::ZeroSize),
        // The first defect in the order price, side, size is the one that counts.
        (
            Record {
                side: None,
                size: 0,
                ..unpriced
            },
            Anomaly::UndefinedPrice,
        ),
        (
            Record {
                size: 0,
                ..sideless
            },
            Anomaly::BadSide,
        ),
        // Nor does a duplicate count, or change the order, where the record has a defect.
        (
            Record {
                order_id: 1,
                size: 0,
                ..order
            },
            Anomaly::ZeroSize,
        ),
    ];
    for (record, kind) in cases {
        let mut book = book_after(&[NOW.add(1, Side::Bid, price, 7)]);
        book.apply(&record);
        for (counted, count) in book.anomalies().iter() {
            assert_eq!(
                count,
                u64::from(counted == kind),
                "{counted} after {record:?}"
            );
        }
    }
}

#[test]
fn a_clear_is_no_flow_and_ends_every_doubt() {
    let add = NOW.add(1, Side::Bid, ticks(20_000), 7);
    let doubtful = add.flagged(Flags::MAYBE_BAD_BOOK);
    let mut book = book_after(&[NOW.clear(), add, doubtful]);
    assert_eq!(book.phase(), Phase::Suspect);
    assert_eq!(book.apply(&NOW.clear()), Change::Rebuilt);
    assert_eq!(book.phase(), Phase::Live);
    assert_eq!((book.order_count(), book.bbo()), (0, Bbo::default()));
}
