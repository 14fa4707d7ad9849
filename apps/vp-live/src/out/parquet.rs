//! Grids as a table: a row for each bucket, or for each grid.

use anyhow::bail;
use vp_lake::tables::{Column, ColumnType, Encoding, Lists, TableWriter, Values};
use vp_wire::{DType, Field, GridUpdate, Numbers, RuntimeConfig, ServerMessage};

use super::Layout;
use super::place::Output;

/// Rows in a row group of buckets: some ten thousand grids.
const BUCKET_ROWS: usize = 1 << 20;
/// Rows in a row group of grids.
const GRID_ROWS: usize = 10_000;

/// A table that is being written.
#[derive(Debug)]
pub(super) struct GridTable {
    writer: TableWriter<Output>,
    layout: Layout,
}

impl GridTable {
    /// Begins a table, whose foot has `config` as JSON.
    pub(super) fn new(
        output: Output,
        fields: &[Field],
        layout: Layout,
        config: &RuntimeConfig,
    ) -> anyhow::Result<Self> {
        let scalars = scalars(&GridUpdate::default(), 0).into_iter();
        let scalar = |(name, encoding, values): (_, _, Values)| {
            Column::new(name, values.kind()).encoded(encoding)
        };
        let mut columns: Vec<_> = scalars.map(scalar).collect();
        let row_group_rows = match layout {
            Layout::Bucket => BUCKET_ROWS,
            Layout::Grid => GRID_ROWS,
        };
        for (name, dtype) in Field::GRID {
            if fields.iter().any(|field| field.name == name) {
                // Most rows are as they were in the grid before: the same bytes again, a fixed
                // distance away, are what zstd finds best. `k` repeats from grid to grid.
                let encoding = if name == "k" {
                    Encoding::Dictionary
                } else {
                    Encoding::Plain
                };
                columns.push(Column::new(name, kind(dtype, layout)?).encoded(encoding));
            }
        }
        let mut writer = TableWriter::new(output, &columns, row_group_rows)?;
        let config = ServerMessage::RuntimeConfig(Box::new(config.clone()));
        writer.say("runtime_config", config.to_json());
        Ok(Self { writer, layout })
    }

    pub(super) fn append(&mut self, grid: &GridUpdate<'_>) -> anyhow::Result<()> {
        let rows = match self.layout {
            Layout::Bucket => grid
                .columns
                .first()
                .map_or(0, |column| column.numbers.len()),
            Layout::Grid => 1,
        };
        let scalars = scalars(grid, rows).into_iter();
        let mut columns: Vec<_> = scalars.map(|(_, _, values)| values).collect();
        for column in grid.columns.as_ref() {
            columns.push(values(&column.numbers, self.layout)?);
        }
        Ok(self.writer.append(columns)?)
    }

    pub(super) fn finish(self) -> anyhow::Result<Output> {
        Ok(self.writer.finish()?)
    }
}

/// What belongs to a whole grid, in the order of the message.
fn scalars(grid: &GridUpdate<'_>, rows: usize) -> Vec<(&'static str, Encoding, Values)> {
    use Encoding::{Delta, Dictionary};

    let price = |price: Option<i64>| Values::OptionI64(vec![price; rows]);
    vec![
        ("seq", Delta, Values::U64(vec![grid.seq; rows])),
        ("epoch", Dictionary, Values::U64(vec![grid.epoch; rows])),
        ("ts_ns", Delta, Values::U64(vec![grid.ts_ns; rows])),
        ("event_id", Delta, Values::U64(vec![grid.event_id; rows])),
        (
            "mid_price",
            Dictionary,
            Values::OptionF64(vec![grid.mid_price; rows]),
        ),
        (
            "spot_ref_price_int",
            Dictionary,
            price(grid.spot_ref_price_int),
        ),
        (
            "best_bid_price_int",
            Dictionary,
            price(grid.best_bid_price_int),
        ),
        (
            "best_ask_price_int",
            Dictionary,
            price(grid.best_ask_price_int),
        ),
        (
            "last_trade_price_int",
            Dictionary,
            price(grid.last_trade_price_int),
        ),
        (
            "book_valid",
            Dictionary,
            Values::Bool(vec![grid.book_valid; rows]),
        ),
        (
            "trades_dropped",
            Dictionary,
            Values::U32(vec![grid.trades_dropped; rows]),
        ),
    ]
}

/// Returns the type of a column.
fn kind(dtype: DType, layout: Layout) -> anyhow::Result<ColumnType> {
    Ok(match (layout, dtype) {
        (Layout::Bucket, DType::F64) => ColumnType::F64,
        (Layout::Bucket, DType::I32) => ColumnType::I32,
        (Layout::Bucket, DType::I64) => ColumnType::I64,
        (Layout::Grid, DType::F64) => ColumnType::ListF64,
        (Layout::Grid, DType::I32) => ColumnType::ListI32,
        (Layout::Grid, DType::I64) => ColumnType::ListI64,
        (_, DType::U8 | DType::U32 | DType::U64 | DType::F32) => {
            bail!("a grid has no such column")
        }
    })
}

fn values(numbers: &Numbers<'_>, layout: Layout) -> anyhow::Result<Values> {
    Ok(match (layout, numbers) {
        (Layout::Bucket, Numbers::F64(numbers)) => Values::F64(numbers.to_vec()),
        (Layout::Bucket, Numbers::I32(numbers)) => Values::I32(numbers.to_vec()),
        (Layout::Bucket, Numbers::I64(numbers)) => Values::I64(numbers.to_vec()),
        (Layout::Grid, Numbers::F64(numbers)) => Values::ListF64(list(numbers)),
        (Layout::Grid, Numbers::I32(numbers)) => Values::ListI32(list(numbers)),
        (Layout::Grid, Numbers::I64(numbers)) => Values::ListI64(list(numbers)),
        (_, Numbers::U8(_) | Numbers::U32(_) | Numbers::U64(_) | Numbers::F32(_)) => {
            bail!("a grid has no such column")
        }
    })
}

fn list<T: Clone>(values: &[T]) -> Lists<T> {
    let mut lists = Lists::default();
    lists.push(values);
    lists
}
