//! A frame that is brought from one grid to the next is the frame of that grid encoded anew.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use vp_wire::{Column, Field, Float, GridFrame, GridUpdate, Numbers, Trade};

const FLOATS: usize = Field::GRID.len() - 2;
const NAMES: [&str; Field::GRID.len()] = {
    let mut names = [""; Field::GRID.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = Field::GRID[place].0;
        place += 1;
    }
    names
};

/// The numbers of a row: its floats, and its last event.
type Row = ([f64; FLOATS], i64);

/// What happens between two grids.
#[derive(Clone, Debug)]
enum Change {
    /// One row changes.
    Set(Index, Row),
    /// Rows move: from where, to where, how many.
    Move(Index, Index, Index),
    /// The grid gets another width.
    Resize(u32),
}

fn any_row() -> impl Strategy<Value = Row> {
    let floats = vec(any::<f64>(), FLOATS).prop_map(|floats| floats.try_into().unwrap());
    (floats, any::<i64>())
}

fn any_change() -> impl Strategy<Value = Change> {
    let set = (any::<Index>(), any_row());
    prop_oneof![
        6 => set.prop_map(|(place, row)| Change::Set(place, row)),
        3 => any::<[Index; 3]>().prop_map(|[from, to, count]| Change::Move(from, to, count)),
        1 => (1..6u32).prop_map(Change::Resize),
    ]
}

/// A frame, and what it shows.
struct Shown {
    frame: GridFrame,
    half_width: u32,
    rows: Vec<Row>,
}

impl Shown {
    /// Sets some rows as a follower does: none keeps what it held.
    fn set(&mut self, rows: std::ops::Range<usize>, new: Row) {
        for row in rows {
            self.rows[row] = new;
            self.frame.set_row(row, &new.0, new.1);
        }
    }

    fn change(&mut self, change: &Change, new: Row) {
        match *change {
            Change::Set(place, row) => {
                let place = place.index(self.rows.len());
                self.set(place..place + 1, row);
            }
            Change::Move(from, to, count) => {
                let rows = self.rows.len();
                let (from, to) = (from.index(rows), to.index(rows));
                let count = count.index(rows - from.max(to) + 1);
                self.frame.move_rows(from..from + count, to);
                self.rows.copy_within(from..from + count, to);
                self.set(0..to, new);
                self.set(to + count..rows, new);
            }
            Change::Resize(half_width) => {
                self.half_width = half_width;
                self.frame.resize(half_width);
                self.rows.resize(2 * half_width as usize + 1, new);
                self.set(0..self.rows.len(), new);
            }
        }
    }

    /// Encodes the grid as a whole.
    fn encoded_anew(&self, head: &GridUpdate<'_>, names: &[&str], float: Float) -> Vec<u8> {
        let half = i32::try_from(self.half_width).unwrap();
        let column = |name: &str| match NAMES.iter().position(|it| *it == name).unwrap() {
            0 => Numbers::I32((-half..=half).collect()),
            place if place > FLOATS => Numbers::I64(self.rows.iter().map(|row| row.1).collect()),
            place => Numbers::F64(self.rows.iter().map(|row| row.0[place - 1]).collect()),
        };
        let columns: Vec<_> = names
            .iter()
            .map(|name| Column::new(name, column(name)))
            .collect();
        let grid = GridUpdate {
            columns: columns.into(),
            ..head.clone()
        };
        let mut out = Vec::new();
        grid.encode(float, &mut out);
        out
    }
}

proptest! {
    #[test]
    fn a_frame_brought_up_to_date_is_one_encoded_anew(
        // Changes, what rows that come in hold, and how many trades there are: the more, the
        // longer is what comes before the columns.
        steps in vec((vec((any_change(), any_row()), 0..5), 0..80usize), 1..20),
        names in subsequence(&NAMES[..], 0..=NAMES.len()),
        float in prop_oneof![Just(Float::F32), Just(Float::F64)],
        first in any_row(),
    ) {
        let fields = if names.is_empty() {
            Vec::new()
        } else {
            Field::select(&names.join(","), float).unwrap()
        };
        let mut shown = Shown { frame: GridFrame::new(fields), half_width: 3, rows: Vec::new() };
        shown.change(&Change::Resize(3), first);
        for (seq, (changes, trades)) in (1..).zip(steps) {
            for (change, new) in changes {
                shown.change(&change, new);
            }
            let trade = Trade { ts_ns: 1, price_int: -5, size: 3, aggressor: None };
            let head = GridUpdate { seq, trades: vec![trade; trades].into(), ..GridUpdate::default() };
            let expected = shown.encoded_anew(&head, &names, float);
            prop_assert_eq!(shown.frame.encode(&head), expected);
        }
    }
}
