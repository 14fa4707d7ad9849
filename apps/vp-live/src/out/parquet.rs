//! Grids as a table: one row for each bucket, with what belongs to the whole grid repeated.

use std::borrow::Cow;

use anyhow::bail;
use vp_lake::tables::{Column, TableWriter, Values};
use vp_transport::message::{DType, Field, GridUpdate, Numbers};

use super::WholeFile;

/// Rows in a row group: some ten thousand grids.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// A table that is being written.
#[derive(Debug)]
pub(super) struct GridTable(TableWriter<WholeFile>);

impl GridTable {
    pub(super) fn new(file: WholeFile) -> anyhow::Result<Self> {
        let column = |(name, values): (_, Values)| Column::new(name, values.kind());
        let scalars = scalars(&GridUpdate::default(), 0);
        let mut columns: Vec<_> = scalars.into_iter().map(column).collect();
        for (name, dtype) in Field::GRID {
            columns.push(column((name, values(&no_numbers(dtype)?)?)));
        }
        Ok(Self(TableWriter::new(file, &columns, ROW_GROUP_ROWS)?))
    }

    pub(super) fn append(&mut self, grid: &GridUpdate<'_>) -> anyhow::Result<()> {
        let rows = grid
            .columns
            .first()
            .map_or(0, |column| column.numbers.len());
        let mut columns: Vec<_> = scalars(grid, rows).into_iter().map(|(_, v)| v).collect();
        for column in grid.columns.as_ref() {
            columns.push(values(&column.numbers)?);
        }
        Ok(self.0.append(columns)?)
    }

    pub(super) fn finish(self) -> anyhow::Result<WholeFile> {
        Ok(self.0.finish()?)
    }
}

/// What belongs to a whole grid, in the order of the message.
fn scalars(grid: &GridUpdate<'_>, rows: usize) -> Vec<(&'static str, Values)> {
    vec![
        ("seq", Values::U64(vec![grid.seq; rows])),
        ("epoch", Values::U64(vec![grid.epoch; rows])),
        ("ts_ns", Values::U64(vec![grid.ts_ns; rows])),
        ("event_id", Values::U64(vec![grid.event_id; rows])),
        ("mid_price", Values::OptionF64(vec![grid.mid_price; rows])),
        (
            "spot_ref_price_int",
            Values::OptionI64(vec![grid.spot_ref_price_int; rows]),
        ),
        (
            "best_bid_price_int",
            Values::OptionI64(vec![grid.best_bid_price_int; rows]),
        ),
        (
            "best_ask_price_int",
            Values::OptionI64(vec![grid.best_ask_price_int; rows]),
        ),
        (
            "last_trade_price_int",
            Values::OptionI64(vec![grid.last_trade_price_int; rows]),
        ),
        ("book_valid", Values::Bool(vec![grid.book_valid; rows])),
        (
            "trades_dropped",
            Values::U32(vec![grid.trades_dropped; rows]),
        ),
    ]
}

fn no_numbers(dtype: DType) -> anyhow::Result<Numbers<'static>> {
    Ok(match dtype {
        DType::F64 => Numbers::F64(Cow::Borrowed(&[])),
        DType::I32 => Numbers::I32(Cow::Borrowed(&[])),
        DType::I64 => Numbers::I64(Cow::Borrowed(&[])),
        DType::U8 | DType::U32 | DType::U64 | DType::F32 => bail!("a grid has no such column"),
    })
}

fn values(numbers: &Numbers<'_>) -> anyhow::Result<Values> {
    Ok(match numbers {
        Numbers::F64(numbers) => Values::F64(numbers.to_vec()),
        Numbers::I32(numbers) => Values::I32(numbers.to_vec()),
        Numbers::I64(numbers) => Values::I64(numbers.to_vec()),
        Numbers::U8(_) | Numbers::U32(_) | Numbers::U64(_) | Numbers::F32(_) => {
            bail!("a grid has no such column")
        }
    })
}
