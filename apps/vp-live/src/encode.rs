//! From a moment of the engine to the message that shows it: the one place where grids and wire
//! meet.

use std::borrow::Cow;

use vp_engine::{Column, Grid, GridSnapshot, Price};
use vp_transport::message::{self, Field, GridUpdate, Numbers};

use crate::grids::{Moment, Tape};

/// Whether a grid is shown as its last event left it, or carried to its own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Aging {
    /// Every bucket as its last event left it.
    #[default]
    Frozen,
    /// Every bucket decayed to the time of the grid.
    Decayed,
}

impl Aging {
    /// Returns the name that queries and messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Decayed => "decayed",
        }
    }

    /// Returns the aging of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Frozen, Self::Decayed]
            .into_iter()
            .find(|aging| aging.name() == name)
    }
}

/// Makes grid messages; keeps its buffers from one to the next.
#[derive(Clone, Debug)]
pub struct GridEncoder {
    aging: Aging,
    /// Places of the columns to show, in the order of the wire; `None`: all.
    chosen: Option<Vec<usize>>,
    snapshot: Option<GridSnapshot>,
    trades: Vec<message::Trade>,
}

impl GridEncoder {
    /// Returns an encoder of all columns.
    pub const fn new(aging: Aging) -> Self {
        Self {
            aging,
            chosen: None,
            snapshot: None,
            trades: Vec::new(),
        }
    }

    /// Returns an encoder of the columns with those names.
    pub fn of_columns(aging: Aging, names: &[String]) -> Self {
        let is_chosen = |place: &usize| names.iter().any(|name| name == Field::GRID[*place].0);
        let chosen = (0..Field::GRID.len()).filter(is_chosen).collect();
        Self {
            chosen: Some(chosen),
            ..Self::new(aging)
        }
    }

    /// Copies the moment's grid and trades, and calls `send` with the message that shows them.
    pub fn show<R>(&mut self, moment: Moment<'_>, send: impl FnOnce(&GridUpdate<'_>) -> R) -> R {
        let grid = moment.engine.grid();
        let snapshot = self.snapshot.get_or_insert_with(|| GridSnapshot::of(grid));
        match self.aging {
            Aging::Frozen => snapshot.fill(grid),
            Aging::Decayed => snapshot.fill_decayed(grid, grid.ts_ns()),
        }
        copy_trades(&mut self.trades, moment.tape);
        let columns = columns(snapshot);
        let columns = match &self.chosen {
            None => Cow::Borrowed(&columns[..]),
            Some(places) => places.iter().map(|place| columns[*place].clone()).collect(),
        };
        send(&GridUpdate {
            seq: moment.stamp.seq,
            epoch: moment.stamp.epoch,
            ts_ns: grid.ts_ns(),
            event_id: grid.event_id(),
            mid_price: grid.mid_price(),
            spot_ref_price_int: spot(grid),
            best_bid_price_int: grid.best_bid().map(Price::nanos),
            best_ask_price_int: grid.best_ask().map(Price::nanos),
            last_trade_price_int: moment.tape.last_price().map(Price::nanos),
            book_valid: grid.is_book_valid(),
            trades: Cow::Borrowed(&self.trades),
            trades_dropped: moment.tape.dropped(),
            columns,
        })
    }
}

fn spot(grid: Grid<'_>) -> Option<i64> {
    grid.spot_tick().map(|_| grid.spot_price_nanos())
}

const FLOATS: usize = Column::ALL.len();

/// Returns k, the float columns, and the last events.
fn columns(snapshot: &GridSnapshot) -> [message::Column<'_>; FLOATS + 2] {
    let ks = Numbers::I32(Cow::Borrowed(snapshot.ks()));
    let last_event_ids = Numbers::I64(Cow::Borrowed(snapshot.last_event_ids()));
    std::array::from_fn(|place| match place {
        0 => message::Column::new("k", ks.clone()),
        place if place <= FLOATS => {
            let column = Column::ALL[place - 1];
            let values = Numbers::F64(Cow::Borrowed(snapshot.column(column)));
            message::Column::new(column.name(), values)
        }
        _ => message::Column::new("last_event_id", last_event_ids.clone()),
    })
}

fn copy_trades(trades: &mut Vec<message::Trade>, tape: &Tape) {
    trades.clear();
    trades.extend(tape.trades().iter().map(|trade| message::Trade {
        ts_ns: trade.ts_ns,
        price_int: Price::to_feed(trade.price),
        size: trade.size,
        aggressor: trade.aggressor,
    }));
}
