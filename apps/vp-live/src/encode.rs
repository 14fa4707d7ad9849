//! From a moment of the engine to the message that shows it: the one place where grids and wire
//! meet.

use std::borrow::Cow;

use vp_engine::{Column, Grid, GridSnapshot, Price};
use vp_transport::message::{self, Field, Float, GridFrame, GridUpdate, Numbers};

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
    /// Places of the columns to show, in the order of the wire.
    places: Vec<usize>,
    snapshot: Option<GridSnapshot>,
    trades: Vec<message::Trade>,
}

impl GridEncoder {
    /// Returns an encoder of all columns.
    pub fn new(aging: Aging) -> Self {
        Self::of_places(aging, |_| true)
    }

    /// Returns an encoder of the columns with those names.
    pub fn of_columns(aging: Aging, names: &[String]) -> Self {
        Self::of_places(aging, |name| names.iter().any(|chosen| chosen == name))
    }

    fn of_places(aging: Aging, is_chosen: impl Fn(&str) -> bool) -> Self {
        let places = (0..COLUMNS)
            .filter(|place| is_chosen(Field::GRID[*place].0))
            .collect();
        Self {
            aging,
            places,
            snapshot: None,
            trades: Vec::new(),
        }
    }

    /// Copies the moment's grid and trades, and calls `send` with the message that shows them.
    pub fn show<R>(&mut self, moment: Moment<'_>, send: impl FnOnce(&GridUpdate<'_>) -> R) -> R {
        let Shown {
            mut update,
            columns,
            ..
        } = self.take(moment);
        update.columns = columns.collect();
        send(&update)
    }

    /// Copies the moment's grid and trades.
    fn take(
        &mut self,
        moment: Moment<'_>,
    ) -> Shown<'_, impl Iterator<Item = message::Column<'_>> + Clone> {
        let grid = moment.engine.grid();
        let snapshot = self.snapshot.get_or_insert_with(|| GridSnapshot::of(grid));
        match self.aging {
            Aging::Frozen => snapshot.fill(grid),
            Aging::Decayed => snapshot.fill_decayed(grid, grid.ts_ns()),
        }
        copy_trades(&mut self.trades, moment.tape);
        let snapshot = &*snapshot;
        Shown {
            update: GridUpdate {
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
                columns: Cow::Borrowed(&[]),
            },
            columns: self.places.iter().map(|place| column(snapshot, *place)),
            changed: snapshot.changed_rows(),
        }
    }
}

/// A grid on its way into a message.
struct Shown<'a, C> {
    /// The message, without columns.
    update: GridUpdate<'a>,
    columns: C,
    /// The rows that differ from those of the grid before, if they are known.
    changed: Option<&'a [usize]>,
}

/// Makes the frames of a stream's grids, as they go over the wire.
#[derive(Clone, Debug)]
pub struct FrameEncoder {
    grids: GridEncoder,
    frame: GridFrame,
}

impl FrameEncoder {
    /// Returns an encoder of what `grids` shows, with floats of that width.
    pub const fn new(grids: GridEncoder, float: Float) -> Self {
        let frame = GridFrame::new(float);
        Self { grids, frame }
    }

    /// Returns the moment's frame.
    pub fn encode(&mut self, moment: Moment<'_>) -> &[u8] {
        let Shown {
            update,
            columns,
            changed,
        } = self.grids.take(moment);
        self.frame.encode(&update, columns, changed)
    }
}

fn spot(grid: Grid<'_>) -> Option<i64> {
    grid.spot_tick().map(|_| grid.spot_price_nanos())
}

/// How many columns the wire knows.
const COLUMNS: usize = Field::GRID.len();

/// Returns the column at a place of the wire: k, the floats, and the last events.
fn column(snapshot: &GridSnapshot, place: usize) -> message::Column<'_> {
    let (name, _) = Field::GRID[place];
    let numbers = match place {
        0 => Numbers::I32(Cow::Borrowed(snapshot.ks())),
        place => match Column::ALL.get(place - 1) {
            Some(column) => Numbers::F64(Cow::Borrowed(snapshot.column(*column))),
            None => Numbers::I64(Cow::Borrowed(snapshot.last_event_ids())),
        },
    };
    message::Column::new(name, numbers)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_wire_and_engine_have_the_same_names_and_order() {
        let wire = Field::GRID.map(|(name, _)| name);
        let engine = Column::ALL.map(Column::name);
        assert_eq!(wire[1..COLUMNS - 1], engine);
        assert_eq!((wire[0], wire[COLUMNS - 1]), ("k", "last_event_id"));
    }
}
