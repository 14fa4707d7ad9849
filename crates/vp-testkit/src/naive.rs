//! The engine once more, as plainly as the specification reads: ordered maps, one pass over
//! everything at each event, four exponentials for each bucket. It shares no code with the real
//! one.

#![expect(clippy::cast_precision_loss, reason = "the formulas are in floats")]

pub mod forecast;

use std::collections::{BTreeMap, BTreeSet};

use vp_market::{Action, Flags, Price, Record, Side};

#[derive(Clone, Copy, Debug)]
struct Order {
    side: Side,
    price: i64,
    size: u64,
    pending: u64,
}

/// Add, pull and fill.
type Flow = [u64; 3];

/// One bucket: masses, chains of add, pull, fill and rest, and when and by what it was touched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct NaiveBucket {
    pub mass: [f64; 3],
    pub v: [f64; 4],
    pub a: [f64; 4],
    pub j: [f64; 4],
    pub rest_depth: u64,
    pub last_ts: Option<u64>,
    pub last_event_id: u64,
}

impl NaiveBucket {
    fn advance(&mut self, ts: u64, delta: [f64; 3], rest: f64) {
        let dt = ts.saturating_sub(self.last_ts.unwrap_or(ts)) as f64 / 1e9;
        let mut change = [0.0, 0.0, 0.0, rest];
        for lane in 0..3 {
            let mass = self.mass[lane] * (-dt / 30.0).exp() + delta[lane];
            change[lane] = self.mass[lane] * (-dt / 30.0).exp_m1() + delta[lane];
            self.mass[lane] = mass;
        }
        for (lane, d) in change.into_iter().enumerate() {
            let (v, a, j) = (self.v[lane], self.a[lane], self.j[lane]);
            let alpha = |tau: f64| -(-dt / tau).exp_m1();
            if dt > 0.0 {
                self.v[lane] = v + alpha(2.0) * (d / dt - v);
                self.a[lane] = a + alpha(5.0) * ((self.v[lane] - v) / dt - a);
                self.j[lane] = j + alpha(10.0) * ((self.a[lane] - a) / dt - j);
            } else {
                self.v[lane] = v + d / 2.0;
                self.a[lane] = a + (self.v[lane] - v) / 5.0;
                self.j[lane] = j + (self.a[lane] - a) / 10.0;
            }
        }
        self.last_ts = Some(self.last_ts.map_or(ts, |last| last.max(ts)));
    }
}

/// The naive engine.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub struct NaiveEngine {
    tick: i128,
    half_width: i128,
    orders: BTreeMap<u64, Order>,
    flows: BTreeMap<i128, Flow>,
    is_reset: bool,
    open_ts: Option<u64>,
    snapshot_ts: u64,
    buckets: BTreeMap<i128, NaiveBucket>,
    pub phase: &'static str,
    pub anomalies: BTreeMap<&'static str, u64>,
    pub spot: Option<i128>,
    pub event_id: u64,
    pub ts: u64,
    pub best_bid: Option<i64>,
    pub best_ask: Option<i64>,
    pub touched: Vec<i32>,
}

impl NaiveEngine {
    /// Returns an engine with that bucket width and K.
    pub fn new(tick: i64, half_width: u32) -> Self {
        Self {
            tick: i128::from(tick),
            half_width: i128::from(half_width),
            orders: BTreeMap::new(),
            flows: BTreeMap::new(),
            is_reset: false,
            open_ts: None,
            snapshot_ts: 0,
            buckets: BTreeMap::new(),
            phase: "unseeded",
            anomalies: BTreeMap::new(),
            spot: None,
            event_id: 0,
            ts: 0,
            best_bid: None,
            best_ask: None,
            touched: Vec::new(),
        }
    }

    /// Takes one record in and returns how many events that committed.
    pub fn apply(&mut self, record: &Record) -> u32 {
        let is_snapshot = record.flags.contains(Flags::SNAPSHOT);
        let is_clear = record.action == Action::Clear;
        let begins = is_snapshot && (is_clear || self.phase != "recovering");
        let first_after = !is_snapshot && self.phase == "recovering";
        let ts = match (is_snapshot, begins) {
            (false, _) | (true, true) => record.ts_event,
            (true, false) => self.snapshot_ts,
        };
        let mut commits = 0;
        if self
            .open_ts
            .is_some_and(|open| open != ts || begins || first_after)
        {
            commits += self.flush();
        }
        if begins {
            self.snapshot_ts = ts;
            self.phase = "recovering";
        }
        if first_after {
            self.phase = "live";
        }
        if is_clear && !is_snapshot {
            self.phase = "live";
        }
        let is_doubtful = record.flags.contains(Flags::MAYBE_BAD_BOOK) && !is_clear && !is_snapshot;
        if is_doubtful && self.phase == "live" {
            self.phase = "suspect";
        }
        self.open_ts = Some(ts);
        self.change_book(record, is_snapshot);
        if record.flags.contains(Flags::LAST) {
            if is_snapshot {
                self.phase = "live";
            }
            commits += self.flush();
        }
        commits
    }

    /// Commits the open event, if there is one.
    pub fn flush(&mut self) -> u32 {
        let Some(ts) = self.open_ts.take() else {
            return 0;
        };
        self.commit(ts);
        1
    }

    /// Returns row k.
    pub fn bucket(&self, k: i32) -> NaiveBucket {
        let bucket = self
            .spot
            .and_then(|spot| self.buckets.get(&(spot + i128::from(k))));
        bucket.copied().unwrap_or_default()
    }

    /// Returns row k carried to a later time.
    pub fn bucket_at(&self, k: i32, ts: u64) -> NaiveBucket {
        let mut bucket = self.bucket(k);
        let last_ts = bucket.last_ts;
        if last_ts.is_some_and(|last| last < ts) {
            bucket.advance(ts, [0.0; 3], 0.0);
            bucket.last_ts = last_ts;
        }
        bucket
    }

    /// Returns the depth at one price, both sides together.
    pub fn depth_at(&self, price: Price) -> u64 {
        let at_price = self
            .orders
            .values()
            .filter(|order| order.price == price.nanos());
        at_price.map(|order| order.size).sum()
    }

    fn note(&mut self, kind: &'static str) {
        *self.anomalies.entry(kind).or_default() += 1;
    }

    fn bucket_of(&self, price: i64) -> i128 {
        (2 * i128::from(price) + self.tick).div_euclid(2 * self.tick)
    }

    fn touch(&mut self, is_snapshot: bool, price: i64, flow: Flow) {
        if is_snapshot {
            self.is_reset = true;
            return;
        }
        let bucket = self.bucket_of(price);
        let sum = self.flows.entry(bucket).or_default();
        for (sum, part) in sum.iter_mut().zip(flow) {
            *sum += part;
        }
    }

    fn change_book(&mut self, record: &Record, is_snapshot: bool) {
        let size = u64::from(record.size);
        match record.action {
            Action::Trade | Action::None => {}
            Action::Clear => {
                self.orders.clear();
                self.flows.clear();
                self.is_reset = true;
                self.best_bid = None;
                self.best_ask = None;
            }
            Action::Fill => match self.orders.get_mut(&record.order_id) {
                Some(order) => order.pending = (order.pending + size).min(order.size),
                None => self.note("unknown_order"),
            },
            Action::Cancel => {
                let Some(mut order) = self.orders.remove(&record.order_id) else {
                    return self.note("unknown_order");
                };
                if size > order.size {
                    self.note("over_cancel");
                }
                let cut = size.min(order.size);
                let filled = cut.min(order.pending);
                order.size -= cut;
                order.pending -= filled;
                if order.size > 0 {
                    self.orders.insert(record.order_id, order);
                }
                self.touch(is_snapshot, order.price, [0, cut - filled, filled]);
            }
            Action::Add | Action::Modify => self.place(record, is_snapshot),
        }
    }

    fn place(&mut self, record: &Record, is_snapshot: bool) {
        let Some(price) = record.price.map(Price::nanos) else {
            return self.note("undefined_price");
        };
        let Some(side) = record.side else {
            return self.note("bad_side");
        };
        let size = u64::from(record.size);
        if size == 0 {
            return self.note("zero_size");
        }
        let new = Order {
            side,
            price,
            size,
            pending: 0,
        };
        match (
            self.orders.insert(record.order_id, new),
            record.action == Action::Modify,
        ) {
            (None, is_modify) => {
                if is_modify {
                    self.note("unknown_order");
                }
                self.touch(is_snapshot, price, [size, 0, 0]);
            }
            (Some(old), is_modify) => {
                if !is_modify {
                    self.note("duplicate_add");
                }
                let base = old.size - old.pending;
                if old.side == side && old.price == price {
                    let flow = [
                        size.saturating_sub(base),
                        base.saturating_sub(size),
                        old.pending,
                    ];
                    self.touch(is_snapshot, price, flow);
                } else {
                    self.touch(is_snapshot, old.price, [0, base, old.pending]);
                    self.touch(is_snapshot, price, [size, 0, 0]);
                }
            }
        }
    }

    fn commit(&mut self, ts: u64) {
        self.event_id += 1;
        self.ts = ts;
        let prices = |side| {
            self.orders
                .values()
                .filter(move |o| o.side == side)
                .map(|o| o.price)
        };
        self.best_bid = prices(Side::Bid).max();
        self.best_ask = prices(Side::Ask).min();
        let mut entered = BTreeSet::new();
        if let (Some(bid), Some(ask)) = (self.best_bid, self.best_ask) {
            let doubled = i128::from(bid) + i128::from(ask) + self.tick;
            let spot = doubled.div_euclid(2 * self.tick);
            self.spot = Some(spot);
            let frame = spot - self.half_width..=spot + self.half_width;
            self.buckets.retain(|bucket, _| frame.contains(bucket));
            for bucket in frame {
                if self.buckets.try_insert_default(bucket) {
                    entered.insert(bucket);
                }
            }
        }
        let mut depth: BTreeMap<i128, u64> = BTreeMap::new();
        for order in self.orders.values() {
            *depth.entry(self.bucket_of(order.price)).or_default() += order.size;
        }
        for (bucket, state) in &mut self.buckets {
            state.rest_depth = depth.get(bucket).copied().unwrap_or(0);
        }
        self.touched.clear();
        for (bucket, flow) in std::mem::take(&mut self.flows) {
            let Some(state) = self.buckets.get_mut(&bucket) else {
                continue;
            };
            let delta = flow.map(|size| size as f64);
            let is_fresh = self.is_reset || entered.contains(&bucket);
            let rest = if is_fresh {
                0.0
            } else {
                delta[0] - delta[1] - delta[2]
            };
            state.advance(ts, delta, rest);
            state.last_event_id = self.event_id;
            let spot = self
                .spot
                .expect("there are buckets only once there is a spot");
            self.touched
                .push(i32::try_from(bucket - spot).expect("rows are few"));
        }
        self.is_reset = false;
    }
}

trait TryInsertDefault {
    /// Makes an empty bucket unless there is one; returns whether it did.
    fn try_insert_default(&mut self, bucket: i128) -> bool;
}

impl TryInsertDefault for BTreeMap<i128, NaiveBucket> {
    fn try_insert_default(&mut self, bucket: i128) -> bool {
        let is_new = !self.contains_key(&bucket);
        self.entry(bucket).or_default();
        is_new
    }
}
