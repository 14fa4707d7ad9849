//! The synthetic market itself: one exchange event after another, without end.
//!
//! Each event is closed by [`Flags::LAST`]; the first is a snapshot of the book. It keeps no record
//! of what it emitted.

mod change;
mod trade;

use vp_market::{Action, Flags, Price, Record, Side};

use crate::arrivals::Arrivals;
use crate::character::{REACH, Traits};
use crate::climate::Climate;
use crate::config::SynthConfig;
use crate::dice::{Dice, Odds};
use crate::newcomers::{Newcomers, cancel_ages, modify_ages};
use crate::resting::{RestingOrder, RestingOrders, Slot};

/// Events lived through before the snapshot, so that it shows a market in equilibrium.
const WARM_UP: u32 = 60_000;
/// Orders that a side never goes below.
const FEWEST_ORDERS: u32 = 256;
/// Slots reserved at the start: more than any population reaches.
const MOST_ORDERS: usize = 1 << 15;
/// Where order ids begin.
const FIRST_ID: u64 = 6_413_120_000_000;

/// An endless synthetic market.
///
/// The same configuration gives the same records on every machine. Memory is bounded however long it
/// runs, and nothing is allocated per record once `out` has grown to the largest event.
///
/// # Examples
/// ```
/// use vp_synth::{SynthConfig, SyntheticMarket};
///
/// let mut market = SyntheticMarket::new(&SynthConfig::default());
/// let mut event = Vec::new();
/// market.next_event(&mut event);
/// assert!(event[0].is_snapshot());
/// event.clear();
/// market.next_event(&mut event);
/// assert!(event.last().unwrap().is_last());
/// ```
#[derive(Clone, Debug)]
pub struct SyntheticMarket {
    tick_nanos: i64,
    opening_nanos: i64,
    traits: Traits,
    cancel_ages: Odds,
    modify_ages: Odds,
    population: f64,
    dice: Dice,
    arrivals: Arrivals,
    climate: Climate,
    resting: RestingOrders,
    newcomers: Newcomers,
    now_ns: u64,
    last_id: u64,
    /// The C and M records that a trade's fills lead to, until its last T and F are out.
    closings: Vec<Record>,
    opened: bool,
}

impl SyntheticMarket {
    /// Creates the market and lets it settle; the first event is the snapshot at the session start.
    pub fn new(config: &SynthConfig) -> Self {
        let traits = config.character().traits();
        let event_rate = f64::from(config.rate()) / traits.records_per_event;
        let population = traits.population();
        let mut market = Self {
            tick_nanos: config.tick().nanos(),
            opening_nanos: config.opening().nanos(),
            cancel_ages: cancel_ages(),
            modify_ages: modify_ages(),
            population,
            dice: Dice::new(config.seed()),
            arrivals: Arrivals::new(event_rate),
            climate: Climate::new(traits.noise),
            resting: RestingOrders::new(0, -1, MOST_ORDERS),
            newcomers: Newcomers::new(),
            now_ns: 0,
            last_id: FIRST_ID,
            closings: Vec::new(),
            opened: false,
            traits,
        };
        market.settle();
        market.now_ns = config.start_ns();
        market
    }

    /// Appends the next exchange event to `out`; its last record has [`Flags::LAST`].
    pub fn next_event(&mut self, out: &mut Vec<Record>) {
        if !self.opened {
            self.opened = true;
            self.snapshot(out);
            return;
        }
        self.live(out);
        close(out);
    }

    /// Returns the records one by one.
    pub fn into_records(self) -> Records {
        Records {
            market: self,
            event: Vec::new(),
            position: 0,
        }
    }

    /// Fills the book by its profile, then lives until nothing reminds of that.
    fn settle(&mut self) {
        for distance in 0..i32::from(REACH) {
            for side in Side::BOTH {
                let count = self.traits.profile[index(distance)];
                // Rounded up or down by chance, so that thin levels are thin on average.
                let threshold = self.dice.unit();
                for _ in (0..).take_while(|n| f64::from(*n) + threshold < count) {
                    let rank = start_rank(side) - distance;
                    let size = self.traits.add_sizes.draw(&mut self.dice);
                    let id = self.next_id();
                    self.resting.insert(RestingOrder::new(id, side, rank, size));
                }
            }
        }
        let mut unseen = Vec::new();
        for _ in 0..WARM_UP {
            self.live(&mut unseen);
            unseen.clear();
        }
    }

    fn snapshot(&self, out: &mut Vec<Record>) {
        out.push(Record {
            ts_event: self.now_ns,
            order_id: 0,
            price: None,
            size: 0,
            action: Action::Clear,
            side: None,
            flags: Flags::SNAPSHOT,
        });
        for side in Side::BOTH {
            for rank in self.resting.ranks(side) {
                let mut next = self.resting.first(side, rank);
                while let Some(slot) = next {
                    let order = self.resting.order(slot);
                    let mut record = self.record(Action::Add, side, rank, order.size, order.id);
                    record.flags = Flags::SNAPSHOT;
                    out.push(record);
                    next = self.resting.next(slot);
                }
            }
        }
        close(out);
    }

    /// Waits for the next event and lets it happen.
    fn live(&mut self, out: &mut Vec<Record>) {
        let gap = self
            .arrivals
            .next_gap(&mut self.dice, self.climate.activity());
        self.now_ns = self.now_ns.saturating_add(gap);
        self.act(out);
    }

    /// Does one thing: what it is depends on the mix of the market's kind and on its climate.
    fn act(&mut self, out: &mut Vec<Record>) {
        self.climate.advance(&mut self.dice);
        if self.tidy(out) {
            return;
        }
        let mid = self.resting.mid();
        let lean = self.climate.lean(mid);
        let crowd = f64::from(self.resting.count(Side::Bid) + self.resting.count(Side::Ask))
            / self.population;
        // The population is held by moving weight between adds and cancels.
        let shift = (0.25 * (1.0 - crowd)).clamp(-0.12, 0.12);
        let is_urgent = self.climate.mispricing(mid).abs() > 3.0;
        let trades = (1.0 - self.traits.adds - self.traits.cancels - self.traits.modifies)
            * if is_urgent { 1.6 } else { 0.97 };
        let pick = self.dice.unit();
        if pick < trades && self.trade(lean, out) {
            return;
        }
        let too_wide = self.resting.spread() >= self.traits.widest_spread;
        let modifies = trades + self.traits.modifies;
        let cancels = modifies + self.traits.cancels - shift;
        let done = !too_wide
            && if pick < modifies {
                self.modify(lean, out)
            } else {
                pick < cancels && self.cancel(lean, out)
            };
        if !done {
            self.add(lean, too_wide, out);
        }
    }

    /// Takes away orders that the market has left far behind, which also bounds the price window.
    fn tidy(&mut self, out: &mut Vec<Record>) -> bool {
        for side in Side::BOTH {
            if let Some((slot, lag)) = self.resting.stranded(side, i32::from(REACH))
                && (lag > 300 || self.dice.chance(0.05))
                && self.resting.count(side) > FEWEST_ORDERS
            {
                self.withdraw(slot, out);
                return true;
            }
        }
        false
    }

    /// Returns how full a level is, compared with what its side strives for.
    fn fullness(&self, side: Side, rank: i32) -> f64 {
        let distance = (self.resting.best(side) - rank).clamp(0, i32::from(REACH) - 1);
        let usual = self.traits.profile[index(distance)] * self.climate.depth_share(side);
        f64::from(self.resting.level(side, rank).count) / usual
    }

    /// Returns the best rank of `side` that does not meet the other side.
    fn limit(&self, side: Side) -> i32 {
        -self.resting.best(side.opposite()) - 1
    }

    fn next_id(&mut self) -> u64 {
        // Other products of the venue draw from the same sequence.
        let foreign = if self.dice.chance(0.3) {
            self.dice.below(12)
        } else {
            0
        };
        self.last_id += 1 + u64::from(foreign);
        self.last_id
    }

    fn record(&self, action: Action, side: Side, rank: i32, size: u32, order_id: u64) -> Record {
        let ticks = match side {
            Side::Bid => i64::from(rank),
            Side::Ask => -i64::from(rank),
        };
        Record {
            ts_event: self.now_ns,
            order_id,
            price: Price::from_nanos(self.opening_nanos + ticks * self.tick_nanos),
            size,
            action,
            side: Some(side),
            flags: Flags::NONE,
        }
    }

    fn record_of(&self, action: Action, slot: Slot, size: u32) -> Record {
        let order = self.resting.order(slot);
        self.record(action, order.side, order.rank, size, order.id)
    }
}

/// Marks the last record of an event.
fn close(event: &mut [Record]) {
    if let Some(last) = event.last_mut() {
        last.flags = last.flags | Flags::LAST;
    }
}

/// Ranks of the first best prices: the opening price bid, one tick above it offered.
fn start_rank(side: Side) -> i32 {
    match side {
        Side::Bid => 0,
        Side::Ask => -1,
    }
}

/// Turns a distance into an index.
#[expect(clippy::cast_sign_loss, reason = "distances are clamped to the reach")]
fn index(distance: i32) -> usize {
    distance as usize
}

/// The records of a [`SyntheticMarket`], one by one and without end.
#[derive(Clone, Debug)]
pub struct Records {
    market: SyntheticMarket,
    event: Vec<Record>,
    position: usize,
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.position == self.event.len() {
            self.event.clear();
            self.position = 0;
            self.market.next_event(&mut self.event);
        }
        let record = self.event[self.position];
        self.position += 1;
        Some(record)
    }
}
