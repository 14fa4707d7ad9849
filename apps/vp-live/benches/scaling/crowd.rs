//! A book of any number of orders, and a flow that hits each of them alike: the worst that can
//! happen to a cache. It does not look like a market; `vp-synth` does.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use vp_engine::{Action, Flags, Price, Record, Side, TickSize};

/// A quarter, as of the large index futures.
pub(crate) const TICK: TickSize = match TickSize::from_nanos(250_000_000) {
    Ok(tick) => tick,
    Err(_) => panic!("a quarter is positive"),
};
/// Highest price at which a bid rests; asks begin a tick above.
const MIDDLE_TICKS: i64 = 20_000;
/// Levels of each side. Half of the orders rest in the 125 nearest.
const LEVELS: u64 = 1_000;
/// Between two records.
const STEP_NS: u64 = 100_000;
const START_NS: u64 = 1_770_388_200_000_000_000;

/// The orders that rest, and the dice.
pub(crate) struct Crowd {
    dice: Xoshiro256PlusPlus,
    resting: Vec<Record>,
    last_id: u64,
    ts_ns: u64,
}

impl Crowd {
    pub(crate) fn new() -> Self {
        Self {
            dice: Xoshiro256PlusPlus::seed_from_u64(4),
            resting: Vec::new(),
            last_id: 0,
            ts_ns: START_NS,
        }
    }

    /// Returns how many orders rest.
    pub(crate) fn len(&self) -> usize {
        self.resting.len()
    }

    /// Returns a clear and the arrivals of that many orders.
    pub(crate) fn gather(&mut self, orders: usize) -> Vec<Record> {
        let clear = self.record(Action::Clear, 0, None);
        let arrivals = (0..orders).map(|_| self.arrival());
        std::iter::once(clear).chain(arrivals).collect()
    }

    /// Returns that many records: one in five a change, the others by turns an arrival and a
    /// departure.
    pub(crate) fn flow(&mut self, records: usize) -> Vec<Record> {
        let orders = self.resting.len();
        (0..records)
            .map(|_| match self.below(5) {
                0 => self.change(),
                _ if self.resting.len() > orders => self.departure(),
                _ => self.arrival(),
            })
            .collect()
    }

    fn arrival(&mut self) -> Record {
        self.last_id += 1;
        let side = Side::BOTH[usize::from(self.below(2) == 1)];
        let order = self.record(Action::Add, self.last_id, Some(side));
        self.resting.push(order);
        order
    }

    fn departure(&mut self) -> Record {
        let place = self.place();
        let order = self.resting.swap_remove(place);
        Record {
            price: order.price,
            size: order.size,
            ..self.record(Action::Cancel, order.order_id, order.side)
        }
    }

    fn change(&mut self) -> Record {
        let place = self.place();
        let order = self.resting[place];
        self.resting[place] = self.record(Action::Modify, order.order_id, order.side);
        self.resting[place]
    }

    fn record(&mut self, action: Action, order_id: u64, side: Option<Side>) -> Record {
        self.ts_ns += STEP_NS;
        let price = side.map(|side| self.price(side));
        let size = u32::try_from(1 + self.below(20)).expect("at most 20");
        Record {
            ts_event: self.ts_ns,
            order_id,
            price,
            size,
            action,
            side,
            flags: Flags::LAST,
        }
    }

    /// Near the middle more often than not: the cube of an even chance.
    fn price(&mut self, side: Side) -> Price {
        let part = self.below(LEVELS);
        let away = i64::try_from(part * part * part / (LEVELS * LEVELS)).expect("below 1,000");
        let ticks = match side {
            Side::Bid => MIDDLE_TICKS - away,
            Side::Ask => MIDDLE_TICKS + 1 + away,
        };
        Price::from_nanos(ticks * TICK.nanos()).expect("prices are defined")
    }

    fn place(&mut self) -> usize {
        usize::try_from(self.below(self.resting.len() as u64)).expect("a place in memory")
    }

    fn below(&mut self, end: u64) -> u64 {
        self.dice.next_u64() % end
    }
}
