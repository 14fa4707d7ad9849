//! How options trade: orders that follow what the option is worth, one event after another.
//!
//! The underlying runs along, so that the options know its price at every moment; its records are
//! those of its own file.

use vp_market::{Action, Flags, Price, Record, Side};

use super::{Listed, OptionChain};
use crate::dice::Dice;
use crate::market::{Records, SyntheticMarket};

/// Orders that an option has at most, and at least.
const MOST_ORDERS: usize = 14;
const FEWEST_ORDERS: usize = 5;

/// Orders on each side of an option when the session begins.
const FIRST_ORDERS: u32 = 3;

/// Where order ids begin.
const FIRST_ID: u64 = 7_100_000_000_000;

/// A resting order, its price in ticks of the premium.
#[derive(Clone, Copy, Debug)]
struct Order {
    id: u64,
    side: Side,
    ticks: i64,
    size: u32,
}

/// Something that happened to an option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) ts_ns: u64,
    pub(super) option: Listed,
    /// What it is worth about, in ticks of its premium.
    pub(super) value: i64,
    /// How far quotes stay from that to each side.
    pub(super) half_spread: i64,
}

/// When which option moves, and what it is worth then.
#[derive(Debug)]
pub(super) struct Pulse<'a> {
    chain: &'a OptionChain,
    market: Records,
    next: Option<Record>,
    spot: i64,
    now_ns: u64,
    pub(super) dice: Dice,
}

impl<'a> Pulse<'a> {
    pub(super) fn new(chain: &'a OptionChain) -> Self {
        let underlying = chain.underlying();
        let mut market = SyntheticMarket::new(underlying).into_records();
        Self {
            chain,
            next: market.next(),
            market,
            spot: underlying.opening().nanos(),
            now_ns: underlying.start_ns(),
            // A stream apart from the underlying's and from that of its file.
            dice: Dice::new(underlying.seed().rotate_left(32) ^ 0x0b71_0115),
        }
    }

    /// Returns the next moment, at a random option that is more likely near the money.
    pub(super) fn next_moment(&mut self) -> Moment {
        let gap_s = -libm::log(1.0 - self.dice.unit()) / f64::from(self.chain.rate);
        self.now_ns += nanos(gap_s);
        let now_ns = self.now_ns;
        while let Some(record) = self.next.filter(|record| record.ts_event <= now_ns) {
            if record.action == Action::Trade {
                self.spot = record.price.map_or(self.spot, Price::nanos);
            }
            self.next = self.market.next();
        }
        let step = self.chain.step.nanos();
        let nearest = (self.spot - self.chain.lowest) / step;
        let offset = whole(self.dice.bell() * 4.0);
        let last = i64::from(self.chain.strike_count) - 1;
        let strike = (nearest + offset).clamp(0, last);
        let strike = u32::try_from(strike).expect("between the first strike and the last");
        let right = self.dice.below(2);
        self.moment(2 * strike + right)
    }

    /// Returns the state of an option.
    pub(super) fn moment(&self, number: u32) -> Moment {
        let option = self.chain.listed(number);
        let value = self.chain.value(option, self.spot);
        Moment {
            ts_ns: self.now_ns,
            option,
            value,
            half_spread: 1 + value.clamp(0, 400) / 40,
        }
    }
}

/// The order flow of all options of a chain.
#[derive(Debug)]
pub(super) struct OptionFlow<'a> {
    pulse: Pulse<'a>,
    /// The orders of each option, by number.
    orders: Vec<Vec<Order>>,
    last_id: u64,
}

impl<'a> OptionFlow<'a> {
    pub(super) fn new(chain: &'a OptionChain) -> Self {
        Self {
            pulse: Pulse::new(chain),
            orders: (0..chain.option_count()).map(|_| Vec::new()).collect(),
            last_id: FIRST_ID,
        }
    }

    /// Appends the snapshot of one option to `out`.
    pub(super) fn snapshot(&mut self, number: u32, out: &mut Vec<Record>) {
        let moment = self.pulse.moment(number);
        out.push(Record {
            ts_event: moment.ts_ns,
            order_id: 0,
            price: None,
            size: 0,
            action: Action::Clear,
            side: None,
            flags: Flags::SNAPSHOT,
        });
        for side in Side::BOTH {
            for _ in 0..FIRST_ORDERS {
                self.add(number, moment, side, out);
            }
        }
        for record in &mut *out {
            record.flags = Flags::SNAPSHOT;
        }
        if let Some(last) = out.last_mut() {
            last.flags = Flags::SNAPSHOT | Flags::LAST;
        }
    }

    /// Appends the next event to `out`, and returns whose it is.
    pub(super) fn next_event(&mut self, out: &mut Vec<Record>) -> Listed {
        let moment = self.pulse.next_moment();
        let number = self.number(moment.option);
        let choice = self.pulse.dice.unit();
        let orders = &self.orders[number as usize];
        // What could cross the market goes out of the way before anything follows it.
        let exposed = orders.iter().position(|order| is_exposed(order, moment));
        let behind = orders.iter().position(|order| is_behind(order, moment));
        let stale = exposed.or(behind);
        let has_bids = orders.iter().any(|order| order.side == Side::Bid);
        let has_asks = orders.iter().any(|order| order.side == Side::Ask);
        if let Some(index) = stale {
            self.requote(number, index, moment, out);
        } else if !has_bids || (has_asks && orders.len() < FEWEST_ORDERS) {
            self.add(number, moment, Side::Bid, out);
        } else if !has_asks {
            self.add(number, moment, Side::Ask, out);
        } else if choice < 0.50 && orders.len() < MOST_ORDERS {
            let side = Side::BOTH[usize::from(self.pulse.dice.chance(0.5))];
            self.add(number, moment, side, out);
        } else if choice < 0.90 {
            self.cancel(number, moment, out);
        } else {
            self.trade(number, moment, out);
        }
        if let Some(last) = out.last_mut() {
            last.flags = Flags::LAST;
        }
        moment.option
    }

    fn number(&self, option: Listed) -> u32 {
        let first = self.pulse.chain.listed(0).instrument_id;
        option.instrument_id.wrapping_sub(first)
    }

    fn add(&mut self, number: u32, moment: Moment, side: Side, out: &mut Vec<Record>) {
        self.last_id += 1;
        let order = Order {
            id: self.last_id,
            side,
            ticks: self.quote(moment, side),
            size: self.pulse.dice.between(1, 40),
        };
        self.orders[number as usize].push(order);
        out.push(self.record(Action::Add, order, moment.ts_ns));
    }

    /// Moves an order to where the option's worth has gone.
    fn requote(&mut self, number: u32, index: usize, moment: Moment, out: &mut Vec<Record>) {
        let side = self.orders[number as usize][index].side;
        let ticks = self.quote(moment, side);
        let order = &mut self.orders[number as usize][index];
        order.ticks = ticks;
        let order = *order;
        out.push(self.record(Action::Modify, order, moment.ts_ns));
    }

    /// Takes a part of an order away, or all of it.
    fn cancel(&mut self, number: u32, moment: Moment, out: &mut Vec<Record>) {
        let orders = &mut self.orders[number as usize];
        let count = u32::try_from(orders.len()).expect("a handful");
        let index = self.pulse.dice.below(count) as usize;
        let order = orders[index];
        let size = if self.pulse.dice.chance(0.3) {
            self.pulse.dice.between(1, order.size)
        } else {
            order.size
        };
        if size == order.size {
            orders.swap_remove(index);
        } else {
            orders[index].size -= size;
        }
        let taken = Order { size, ..order };
        out.push(self.record(Action::Cancel, taken, moment.ts_ns));
    }

    /// Trades against the best order of one side.
    fn trade(&mut self, number: u32, moment: Moment, out: &mut Vec<Record>) {
        let side = Side::BOTH[usize::from(self.pulse.dice.chance(0.5))];
        let orders = &mut self.orders[number as usize];
        let best = (0..orders.len())
            .filter(|&index| orders[index].side == side)
            .max_by_key(|&index| match side {
                Side::Bid => orders[index].ticks,
                Side::Ask => -orders[index].ticks,
            });
        let Some(index) = best else {
            self.add(number, moment, side, out);
            return;
        };
        let resting = orders[index];
        let size = self.pulse.dice.between(1, resting.size);
        if size == resting.size {
            orders.swap_remove(index);
        } else {
            orders[index].size -= size;
        }
        let part = Order { size, ..resting };
        let aggressor = Order {
            id: 0,
            side: side.opposite(),
            ..part
        };
        out.push(self.record(Action::Trade, aggressor, moment.ts_ns));
        out.push(self.record(Action::Fill, part, moment.ts_ns));
        out.push(self.record(Action::Cancel, part, moment.ts_ns));
    }

    /// Returns a price to rest at: outside the spread, and at least one tick.
    fn quote(&mut self, moment: Moment, side: Side) -> i64 {
        let away = moment.half_spread + i64::from(self.pulse.dice.below(5));
        match side {
            Side::Bid => (moment.value - away).max(1),
            Side::Ask => moment.value.max(1) + away,
        }
    }

    fn record(&self, action: Action, order: Order, ts_event: u64) -> Record {
        Record {
            ts_event,
            order_id: order.id,
            price: Price::from_nanos(order.ticks * self.pulse.chain.premium_tick.nanos()),
            size: order.size,
            action,
            side: Some(order.side),
            flags: Flags::NONE,
        }
    }
}

/// Returns whether the option's worth has come to an order.
fn is_exposed(order: &Order, moment: Moment) -> bool {
    let value = moment.value.max(1);
    match order.side {
        Side::Bid => order.ticks >= value.max(2),
        Side::Ask => order.ticks <= value,
    }
}

/// Returns whether the option's worth has left an order behind.
fn is_behind(order: &Order, moment: Moment) -> bool {
    (order.ticks - moment.value).abs() > 40 + moment.half_spread
}

/// Returns seconds as nanoseconds, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a gap is positive and far below a day"
)]
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64 + 1
}

#[expect(clippy::cast_possible_truncation, reason = "a few strikes")]
fn whole(strikes: f64) -> i64 {
    libm::round(strikes) as i64
}
