//! From a moment of the engine to the message that shows it: the one place where grids and wire
//! meet.

use std::borrow::Cow;

use vp_engine::{Column, Grid, GridSnapshot, Price};
use vp_transport::message::{self, GridUpdate, Numbers};

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

/// Makes grid messages; keeps its buffers from one to the next.
#[derive(Clone, Debug)]
pub struct GridEncoder {
    aging: Aging,
    snapshot: Option<GridSnapshot>,
    trades: Vec<message::Trade>,
}

impl GridEncoder {
    /// Returns an encoder.
    pub const fn new(aging: Aging) -> Self {
        Self {
            aging,
            snapshot: None,
            trades: Vec::new(),
        }
    }

    /// Copies the moment's grid and trades, and calls `send` with the message that shows them,
    /// all columns in the order of the wire.
    pub fn show<R>(&mut self, moment: Moment<'_>, send: impl FnOnce(&GridUpdate<'_>) -> R) -> R {
        let grid = moment.engine.grid();
        let snapshot = self.snapshot.get_or_insert_with(|| GridSnapshot::of(grid));
        match self.aging {
            Aging::Frozen => snapshot.fill(grid),
            Aging::Decayed => snapshot.fill_decayed(grid, grid.ts_ns()),
        }
        copy_trades(&mut self.trades, moment.tape);
        let columns = columns(snapshot);
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
            columns: Cow::Borrowed(&columns),
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
