//! The files of a run beside its grids: marks, trades, and the volume at each price.

use vp_engine::Record;
use vp_tape::{Mark, MarkKind, Volumes};

use crate::args::TapeArgs;
use crate::out::{Cell, Cells, ColumnSpec, RowFile};

use Cells::{Integers, Texts};

const MARKS: &[ColumnSpec] = &[
    ("ts_ns", Integers),
    ("event_id", Integers),
    ("kind", Texts),
    ("side", Texts),
    ("price_int", Integers),
    ("size", Integers),
    ("order_id", Integers),
    ("trades", Integers),
    ("levels", Integers),
    ("from_price_int", Integers),
    ("refills", Integers),
    ("shown", Integers),
    ("age_ns", Integers),
    ("ticks_from_best", Integers),
    ("since_ns", Integers),
];

const TRADES: &[ColumnSpec] = &[
    ("ts_ns", Integers),
    ("price_int", Integers),
    ("size", Integers),
    ("aggressor", Texts),
];

const PROFILE: &[ColumnSpec] = &[
    ("price_int", Integers),
    ("bought", Integers),
    ("sold", Integers),
    ("unknown", Integers),
];

/// The files that were asked for.
#[derive(Debug)]
pub(super) struct TapeFiles {
    marks: Option<RowFile>,
    trades: Option<RowFile>,
    profile: Option<RowFile>,
}

impl TapeFiles {
    pub(super) fn create(args: &TapeArgs) -> anyhow::Result<Self> {
        let create = |path: &Option<std::path::PathBuf>, columns| {
            let path = path.as_deref();
            path.map(|path| RowFile::create(path, columns)).transpose()
        };
        Ok(Self {
            marks: create(&args.marks, MARKS)?,
            trades: create(&args.trades, TRADES)?,
            profile: create(&args.profile, PROFILE)?,
        })
    }

    pub(super) fn mark(&mut self, mark: &Mark) -> anyhow::Result<()> {
        match &mut self.marks {
            Some(file) => file.push(&mark_row(mark)),
            None => Ok(()),
        }
    }

    pub(super) fn trade(&mut self, record: &Record) -> anyhow::Result<()> {
        let (Some(file), Some(price)) = (&mut self.trades, record.price) else {
            return Ok(());
        };
        file.push(&[
            Cell::Integer(Some(record.ts_event.cast_signed())),
            Cell::Integer(Some(price.nanos())),
            Cell::Integer(Some(record.size.into())),
            Cell::Text(side_text(record.side)),
        ])
    }

    /// Writes the profile, and puts all files in their places.
    pub(super) fn finish(mut self, volumes: &Volumes) -> anyhow::Result<()> {
        if let Some(file) = &mut self.profile {
            for (price, volume) in volumes.profile() {
                let sizes = [volume.bought, volume.sold, volume.unknown];
                let [bought, sold, unknown] =
                    sizes.map(|size| Cell::Integer(Some(size.cast_signed())));
                let price = Cell::Integer(Some(price.nanos()));
                file.push(&[price, bought, sold, unknown])?;
            }
        }
        let files = [self.marks, self.trades, self.profile].into_iter();
        files.flatten().try_for_each(RowFile::finish)
    }
}

const fn side_text(side: Option<vp_engine::Side>) -> &'static str {
    match side {
        Some(vp_engine::Side::Bid) => "B",
        Some(vp_engine::Side::Ask) => "A",
        None => "N",
    }
}

/// Returns a mark as a row: numbers that its kind does not have are null.
fn mark_row(mark: &Mark) -> [Cell; MARKS.len()] {
    let number = |value: u64| Some(value.cast_signed());
    let mut more = [None; 9];
    let [
        order_id,
        trades,
        levels,
        from,
        refills,
        shown,
        age_ns,
        ticks,
        since_ns,
    ] = &mut more;
    match mark.kind {
        MarkKind::LargeTrade { trades: count } => *trades = number(count.into()),
        MarkKind::Sweep {
            levels: count,
            from: first,
        } => {
            *levels = number(count.into());
            *from = Some(first.nanos());
        }
        MarkKind::Iceberg {
            order_id: id,
            refills: count,
            shown: size,
        } => {
            *order_id = number(id);
            *refills = number(count.into());
            *shown = number(size.into());
        }
        MarkKind::LargeOrder {
            order_id: id,
            ticks_from_best,
        } => {
            *order_id = number(id);
            *ticks = ticks_from_best;
        }
        MarkKind::Pulled {
            order_id: id,
            age_ns: age,
            ticks_from_best,
        } => {
            *order_id = number(id);
            *age_ns = number(age);
            *ticks = ticks_from_best;
        }
        MarkKind::Absorbed { since_ns: since } => *since_ns = number(since),
        // Kinds to come have numbers of their own.
        _ => {}
    }
    let head = [
        Cell::Integer(number(mark.ts_ns)),
        Cell::Integer(number(mark.event_id)),
        Cell::Text(mark.kind.name()),
        Cell::Text(side_text(mark.side)),
        Cell::Integer(Some(mark.price.nanos())),
        Cell::Integer(number(mark.size)),
    ];
    let mut row = [Cell::Integer(None); MARKS.len()];
    row[..head.len()].copy_from_slice(&head);
    for (cell, value) in row[head.len()..].iter_mut().zip(more) {
        *cell = Cell::Integer(value);
    }
    row
}
