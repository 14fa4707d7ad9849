//! What order flow looks like: rates by action, sizes, lifetimes, spread, gaps, depth by level.
//!
//! Works on any records, real or synthetic, so that the two can be laid side by side. Keeps just
//! enough of the resting orders for that; it is no order book and judges nothing.

mod histogram;
mod table;

use std::collections::{BTreeMap, HashMap};

use vp_market::{Action, Record, Side, TickSize};

pub use histogram::Histogram;
pub use table::Comparison;

/// Distances from the touch at which depth is sampled, in ticks.
pub const DEPTH_DISTANCES: [i64; 11] = [0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 400];

/// Events between two samples of the book's shape.
const SAMPLING: u64 = 128;

/// Events between two looks at the mid for its moves.
const MOVE_SPAN: u64 = 1_024;

/// Fills of one event that are remembered.
const MOST_FILLS: usize = 4_096;

/// An accumulator over records.
///
/// Snapshots and clears set up the book and count as no flow. An event ends with
/// [`Flags::LAST`](vp_market::Flags::LAST) or with another timestamp. A record without price or side
/// counts by its action and size alone.
///
/// # Examples
/// ```
/// use vp_synth::{FlowStatistics, SynthConfig, SyntheticMarket};
///
/// let config = SynthConfig::default();
/// let mut flow = FlowStatistics::new(config.tick());
/// for record in SyntheticMarket::new(&config).into_records().take(50_000) {
///     flow.observe(&record);
/// }
/// assert!(flow.spread_ticks.quantile(0.5).is_some_and(|ticks| ticks <= 3));
/// ```
#[derive(Clone, Debug)]
pub struct FlowStatistics {
    /// Records of the flow by action, in the order of [`Action::ALL`].
    pub actions: [u64; Action::ALL.len()],
    /// Sizes by action, in the order of [`Action::ALL`].
    pub sizes: [Histogram; Action::ALL.len()],
    /// Distances of adds, cancels and modifies from their side's touch, in ticks; a better price
    /// counts as zero. In the order of [`Action::ALL`]; empty for other actions.
    pub distances_ticks: [Histogram; Action::ALL.len()],
    /// Events.
    pub events: u64,
    /// Times between events, in nanoseconds.
    pub gaps_ns: Histogram,
    /// From add to the cancel that ended the order, in nanoseconds.
    pub cancelled_lifetimes_ns: Histogram,
    /// From add to the fill that ended the order, in nanoseconds.
    pub filled_lifetimes_ns: Histogram,
    /// Spread after each event, in ticks; absent where the market is crossed or one-sided.
    pub spread_ticks: Histogram,
    /// Events after which the market was locked or crossed.
    pub crossed_events: u64,
    /// Resting size at each of [`DEPTH_DISTANCES`], both sides.
    pub depth: [Histogram; DEPTH_DISTANCES.len()],
    /// Resting orders of both sides.
    pub population: Histogram,
    /// Size that an aggressor traded in one event.
    pub traded_sizes: Histogram,
    /// Resting orders that an aggressor met in one event.
    pub fills_per_trade: Histogram,
    /// Price levels that an aggressor went through in one event.
    pub levels_per_trade: Histogram,
    /// Modifies to another price.
    pub moved: u64,
    /// Modifies to a smaller size at the same price, without a fill.
    pub cut: u64,
    /// Modifies that follow a fill and leave less than before.
    pub partly_filled: u64,
    /// Modifies that follow a fill and show more than it left: icebergs.
    pub refreshed: u64,
    /// Changes of the mid over 1,024 events, in half ticks, without their sign.
    pub moves_half_ticks: Histogram,
    tick: TickSize,
    orders: HashMap<u64, Resting>,
    levels: [BTreeMap<i64, u64>; 2],
    event: OpenEvent,
    first_ts: Option<u64>,
    last_ts: u64,
    reference_mid: Option<i64>,
}

/// A resting order as far as statistics need it.
#[derive(Clone, Copy, Debug)]
struct Resting {
    side: Side,
    ticks: i64,
    size: u32,
    /// `None` for an order that was there before the flow began.
    born_ns: Option<u64>,
}

/// What the event at hand has shown so far.
#[derive(Clone, Debug, Default)]
struct OpenEvent {
    is_open: bool,
    ts_event: u64,
    traded: u64,
    fills: Vec<(u64, u32)>,
    fill_count: u64,
    trade_ticks: Option<i64>,
    levels: u64,
}

impl FlowStatistics {
    /// Creates an empty accumulator for a product with that tick.
    pub fn new(tick: TickSize) -> Self {
        Self {
            actions: [0; Action::ALL.len()],
            sizes: std::array::from_fn(|_| Histogram::default()),
            distances_ticks: std::array::from_fn(|_| Histogram::default()),
            events: 0,
            gaps_ns: Histogram::default(),
            cancelled_lifetimes_ns: Histogram::default(),
            filled_lifetimes_ns: Histogram::default(),
            spread_ticks: Histogram::default(),
            crossed_events: 0,
            depth: std::array::from_fn(|_| Histogram::default()),
            population: Histogram::default(),
            traded_sizes: Histogram::default(),
            fills_per_trade: Histogram::default(),
            levels_per_trade: Histogram::default(),
            moved: 0,
            cut: 0,
            partly_filled: 0,
            refreshed: 0,
            moves_half_ticks: Histogram::default(),
            tick,
            orders: HashMap::new(),
            levels: [BTreeMap::new(), BTreeMap::new()],
            event: OpenEvent::default(),
            first_ts: None,
            last_ts: 0,
            reference_mid: None,
        }
    }

    /// Takes a record into account.
    pub fn observe(&mut self, record: &Record) {
        let is_flow = !record.is_snapshot() && record.action != Action::Clear;
        if is_flow {
            self.open(record);
            let kind = ordinal(record.action);
            self.actions[kind] += 1;
            self.sizes[kind].record(u64::from(record.size));
        }
        self.apply(record, is_flow);
        if is_flow && record.is_last() {
            self.close();
        }
    }

    /// Returns the records of the flow.
    pub fn records(&self) -> u64 {
        self.actions.iter().sum()
    }

    /// Returns the time from the first to the last record of the flow, in nanoseconds.
    pub fn duration_ns(&self) -> u64 {
        self.first_ts
            .map_or(0, |first| self.last_ts.saturating_sub(first))
    }

    fn open(&mut self, record: &Record) {
        if self.event.is_open && self.event.ts_event != record.ts_event {
            self.close();
        }
        if !self.event.is_open {
            if self.first_ts.is_some() {
                self.gaps_ns
                    .record(record.ts_event.saturating_sub(self.last_ts));
            }
            self.event.is_open = true;
            self.event.ts_event = record.ts_event;
        }
        self.first_ts.get_or_insert(record.ts_event);
        self.last_ts = record.ts_event;
    }

    fn close(&mut self) {
        self.events += 1;
        if self.event.traded > 0 {
            self.traded_sizes.record(self.event.traded);
            self.fills_per_trade.record(self.event.fill_count);
            self.levels_per_trade.record(self.event.levels);
        }
        self.event.fills.clear();
        self.event = OpenEvent {
            fills: std::mem::take(&mut self.event.fills),
            ..OpenEvent::default()
        };
        let (Some(bid), Some(ask)) = (self.best(Side::Bid), self.best(Side::Ask)) else {
            return;
        };
        match u64::try_from(ask.saturating_sub(bid)) {
            Ok(spread) if spread > 0 => self.spread_ticks.record(spread),
            _ => self.crossed_events += 1,
        }
        if self.events.is_multiple_of(SAMPLING) {
            self.sample(bid, ask);
        }
        if self.events.is_multiple_of(MOVE_SPAN) {
            let mid = bid.saturating_add(ask);
            if let Some(before) = self.reference_mid.replace(mid) {
                self.moves_half_ticks.record(mid.abs_diff(before));
            }
        }
    }

    fn sample(&mut self, bid: i64, ask: i64) {
        for (depth, distance) in self.depth.iter_mut().zip(DEPTH_DISTANCES) {
            for (levels, ticks) in self
                .levels
                .iter()
                .zip([bid.saturating_sub(distance), ask.saturating_add(distance)])
            {
                depth.record(levels.get(&ticks).copied().unwrap_or(0));
            }
        }
        self.population.record(self.orders.len() as u64);
    }

    fn apply(&mut self, record: &Record, is_flow: bool) {
        if record.action == Action::Clear {
            self.orders.clear();
            self.levels.iter_mut().for_each(BTreeMap::clear);
            return;
        }
        let (Some(price), Some(side)) = (record.price, record.side) else {
            return;
        };
        let ticks = self.tick.nearest(price);
        match record.action {
            Action::Add | Action::Modify => {
                let before = self.remove(record.order_id);
                if is_flow {
                    self.note_distance(record.action, side, ticks);
                    if record.action == Action::Modify {
                        self.note_modify(record, ticks, before);
                    }
                }
                let born_ns = match before {
                    Some(order) => order.born_ns,
                    None => is_flow.then_some(record.ts_event),
                };
                self.insert(
                    record.order_id,
                    Resting {
                        side,
                        ticks,
                        size: record.size,
                        born_ns,
                    },
                );
            }
            Action::Cancel => {
                if is_flow {
                    self.note_distance(Action::Cancel, side, ticks);
                }
                let Some(order) = self.remove(record.order_id) else {
                    return;
                };
                let left = order.size.saturating_sub(record.size);
                if left > 0 {
                    self.insert(
                        record.order_id,
                        Resting {
                            size: left,
                            ..order
                        },
                    );
                } else if let Some(born_ns) = order.born_ns {
                    let is_filled = self.filled(record.order_id) > 0;
                    let lifetime = record.ts_event.saturating_sub(born_ns);
                    if is_filled {
                        self.filled_lifetimes_ns.record(lifetime);
                    } else {
                        self.cancelled_lifetimes_ns.record(lifetime);
                    }
                }
            }
            Action::Trade => {
                self.event.traded += u64::from(record.size);
                if self.event.trade_ticks.replace(ticks) != Some(ticks) {
                    self.event.levels += 1;
                }
            }
            Action::Fill => {
                self.event.fill_count += 1;
                if self.event.fills.len() < MOST_FILLS {
                    self.event.fills.push((record.order_id, record.size));
                }
            }
            Action::Clear | Action::None => {}
        }
    }

    fn note_distance(&mut self, action: Action, side: Side, ticks: i64) {
        let Some(best) = self.best(side) else { return };
        let below = match side {
            Side::Bid => best.saturating_sub(ticks),
            Side::Ask => ticks.saturating_sub(best),
        };
        self.distances_ticks[ordinal(action)].record(u64::try_from(below).unwrap_or(0));
    }

    fn note_modify(&mut self, record: &Record, ticks: i64, before: Option<Resting>) {
        let Some(before) = before else { return };
        let filled = self.filled(record.order_id);
        if filled > 0 {
            let left = before.size.saturating_sub(filled);
            if record.size > left {
                self.refreshed += 1;
            } else {
                self.partly_filled += 1;
            }
        } else if ticks != before.ticks {
            self.moved += 1;
        } else if record.size < before.size {
            self.cut += 1;
        }
    }

    /// Returns how much of an order the open event has filled.
    fn filled(&self, order_id: u64) -> u32 {
        let fills = self.event.fills.iter().filter(|fill| fill.0 == order_id);
        fills.fold(0, |sum, fill| sum.saturating_add(fill.1))
    }

    fn best(&self, side: Side) -> Option<i64> {
        match side {
            Side::Bid => self.levels[0].last_key_value(),
            Side::Ask => self.levels[1].first_key_value(),
        }
        .map(|level| *level.0)
    }

    fn levels_mut(&mut self, side: Side) -> &mut BTreeMap<i64, u64> {
        match side {
            Side::Bid => &mut self.levels[0],
            Side::Ask => &mut self.levels[1],
        }
    }

    fn insert(&mut self, order_id: u64, order: Resting) {
        *self.levels_mut(order.side).entry(order.ticks).or_default() += u64::from(order.size);
        self.orders.insert(order_id, order);
    }

    fn remove(&mut self, order_id: u64) -> Option<Resting> {
        let order = self.orders.remove(&order_id)?;
        let levels = self.levels_mut(order.side);
        if let Some(size) = levels.get_mut(&order.ticks) {
            *size -= u64::from(order.size);
            if *size == 0 {
                levels.remove(&order.ticks);
            }
        }
        Some(order)
    }
}

/// Returns the place of an action in [`Action::ALL`].
fn ordinal(action: Action) -> usize {
    match action {
        Action::Add => 0,
        Action::Cancel => 1,
        Action::Modify => 2,
        Action::Clear => 3,
        Action::Trade => 4,
        Action::Fill => 5,
        Action::None => 6,
    }
}

#[cfg(test)]
mod tests;
