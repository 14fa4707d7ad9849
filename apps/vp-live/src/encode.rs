//! From a moment of the engine to the message that shows it: the one place where grids and wire
//! meet.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::ops::Range;
use std::str::FromStr;

use vp_engine::{Column, Follower, GridCopy, GridSnapshot, Price, Row};
use vp_wire::{Field, GridFrame, GridUpdate, Numbers};

use vp_session::{Moment, Tape};

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
}

impl FromStr for Aging {
    type Err = UnknownAging;

    fn from_str(name: &str) -> Result<Self, UnknownAging> {
        let mut known = [Self::Frozen, Self::Decayed].into_iter();
        let found = known.find(|aging| aging.name() == name);
        found.ok_or_else(|| UnknownAging { name: name.into() })
    }
}

/// A name that is no view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a view is frozen or decayed, found {name:?}")]
pub struct UnknownAging {
    /// The refused name.
    pub name: String,
}

/// Makes the messages of a stream's grids, floats 64 bits wide.
#[derive(Clone, Debug)]
pub struct GridMessages {
    aging: Aging,
    /// The places of the columns on the wire.
    places: Vec<usize>,
    snapshot: Option<GridSnapshot>,
    trades: Vec<vp_wire::Trade>,
}

impl GridMessages {
    /// Returns a maker of messages with those columns.
    pub fn new(aging: Aging, fields: &[Field]) -> Self {
        let is_shown = |place: &usize| {
            fields
                .iter()
                .any(|field| field.name == Field::GRID[*place].0)
        };
        Self {
            aging,
            places: (0..COLUMNS).filter(is_shown).collect(),
            snapshot: None,
            trades: Vec::new(),
        }
    }

    /// Copies the moment's grid and trades, and calls `send` with the message that shows them.
    pub fn show<R>(&mut self, moment: Moment<'_>, send: impl FnOnce(&GridUpdate<'_>) -> R) -> R {
        let grid = moment.engine.grid();
        let snapshot = self.snapshot.get_or_insert_with(|| GridSnapshot::of(grid));
        match self.aging {
            Aging::Frozen => snapshot.fill(grid),
            Aging::Decayed => snapshot.fill_decayed(grid, moment.ts_ns()),
        }
        let mut update = head(moment, &mut self.trades);
        let columns = self.places.iter().map(|place| column(snapshot, *place));
        update.columns = columns.collect();
        send(&update)
    }
}

/// Makes the frames of a stream's grids, as they go over the wire; keeps its buffers from one to
/// the next.
#[derive(Clone, Debug)]
pub struct FrameEncoder {
    aging: Aging,
    frame: Follower<Frame>,
    trades: Vec<vp_wire::Trade>,
}

impl FrameEncoder {
    /// Returns an encoder of those columns.
    pub fn new(aging: Aging, fields: Vec<Field>) -> Self {
        Self {
            aging,
            frame: Follower::new(Frame(GridFrame::new(fields))),
            trades: Vec::new(),
        }
    }

    /// Returns the moment's frame.
    pub fn encode(&mut self, moment: Moment<'_>) -> &[u8] {
        let grid = moment.engine.grid();
        match self.aging {
            Aging::Frozen => self.frame.follow(grid),
            Aging::Decayed => self.frame.follow_decayed(grid, moment.ts_ns()),
        }
        let head = head(moment, &mut self.trades);
        self.frame.copy_mut().0.encode(&head)
    }
}

/// A frame of the wire, as a copy of the engine's grid.
#[derive(Clone, Debug)]
struct Frame(GridFrame);

impl GridCopy for Frame {
    fn resize(&mut self, half_width: u32) {
        self.0.resize(half_width);
    }

    fn move_rows(&mut self, from: Range<usize>, to: usize) {
        self.0.move_rows(from, to);
    }

    #[inline]
    fn set_row(&mut self, place: usize, row: &Row) {
        self.0
            .set_row(place, &row.values, on_wire(row.last_event_id));
    }
}

/// Returns the moment's message without columns; `trades` is the room for its trades.
fn head<'a>(moment: Moment<'_>, trades: &'a mut Vec<vp_wire::Trade>) -> GridUpdate<'a> {
    let Moment {
        stamp,
        engine,
        tape,
    } = moment;
    let grid = engine.grid();
    copy_trades(trades, tape);
    GridUpdate {
        seq: stamp.seq,
        epoch: stamp.epoch,
        ts_ns: moment.ts_ns(),
        event_id: grid.events(),
        mid_price: grid.mid_price(),
        spot_ref_price_int: grid.spot_price().map(Price::nanos),
        best_bid_price_int: grid.best_bid().map(Price::nanos),
        best_ask_price_int: grid.best_ask().map(Price::nanos),
        last_trade_price_int: tape.last_price().map(Price::nanos),
        book_valid: grid.is_book_valid(),
        trades: Cow::Borrowed(trades),
        trades_dropped: tape.dropped(),
        columns: Cow::Borrowed(&[]),
    }
}

/// How many columns the wire knows.
const COLUMNS: usize = Field::GRID.len();

/// Returns the column at a place of the wire: k, the floats, and the last events.
fn column(snapshot: &GridSnapshot, place: usize) -> vp_wire::Column<'_> {
    let (name, _) = Field::GRID[place];
    let numbers = match place {
        0 => Numbers::I32(Cow::Borrowed(snapshot.ks())),
        place => match Column::ALL.get(place - 1) {
            Some(column) => Numbers::F64(Cow::Borrowed(snapshot.column(*column))),
            None => Numbers::I64(
                snapshot
                    .last_event_ids()
                    .iter()
                    .copied()
                    .map(on_wire)
                    .collect(),
            ),
        },
    };
    vp_wire::Column::new(name, numbers)
}

/// Returns the number of an event as it is on the wire: 0 means "none".
const fn on_wire(event_id: Option<NonZeroU64>) -> i64 {
    match event_id {
        Some(id) => id.get().cast_signed(),
        None => 0,
    }
}

fn copy_trades(trades: &mut Vec<vp_wire::Trade>, tape: &Tape) {
    trades.clear();
    trades.extend(tape.trades().iter().map(|trade| vp_wire::Trade {
        ts_ns: trade.ts_ns,
        price_int: trade.price.nanos(),
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
