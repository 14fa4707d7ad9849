//! Gold of options, out of the rows of their depth and flow.

use vp_lake::Lake;
use vp_lake::tables::{Batch, Column, Partition, SchemaError, Settings, Table, Values};
use vp_market::{Instrument, SessionDate};

use super::columns::GoldColumns;
use super::flow_windows::FlowWindows;
use super::gold::OptionGold;
use super::silver_stage::{silver_partition, underlying_of};
use super::strikes::StrikeGrid;
use crate::derived::Transform;
use crate::gold::Gold;
use crate::settings;
use crate::stage::StageError;
use crate::tables::{GOLD_OPTION_SURFACE, SILVER_OPTION_FLOW};

/// The transform from rows of silver to rows of gold.
#[derive(Clone, Debug)]
pub(crate) struct OptionFlowGold {
    grid: StrikeGrid,
    windows: FlowWindows,
    gold: OptionGold,
    columns: GoldColumns,
}

impl Transform for OptionFlowGold {
    const SILVER: &'static Table = &SILVER_OPTION_FLOW;
    const GOLD: &'static Table = &GOLD_OPTION_SURFACE;

    fn of(options: &Instrument, wanted: &[&str]) -> Result<Self, StageError> {
        let grid = StrikeGrid::of(options).ok_or_else(|| StageError::NoStrikes {
            root: options.root.clone(),
        })?;
        let reach = Gold::half_width_of(&underlying_of(options));
        Ok(Self {
            grid,
            windows: FlowWindows::default(),
            gold: OptionGold::new(grid, reach),
            columns: GoldColumns::new(wanted),
        })
    }

    fn settings(&self, options: &Instrument, hours: &str) -> Settings {
        settings::of_options(options, self.grid, hours)
    }

    fn gold(lake: &Lake, options: &Instrument, date: SessionDate) -> Partition {
        super::gold_partition(lake, options, date)
    }

    fn silver(lake: &Lake, options: &Instrument, date: SessionDate) -> Partition {
        silver_partition(lake, options, &SILVER_OPTION_FLOW, date)
    }

    fn push(&mut self, silver: &Batch) -> Result<(), SchemaError> {
        let Self {
            windows,
            gold,
            columns,
            ..
        } = self;
        windows.push(silver, |spot, flow| columns.extend(gold.apply(spot, flow)))
    }

    fn finish(&mut self) {
        let Self {
            windows,
            gold,
            columns,
            ..
        } = self;
        windows.finish(|spot, flow| columns.extend(gold.apply(spot, flow)));
    }

    fn gather(&mut self, wanted: &[&str]) {
        self.columns = GoldColumns::new(wanted);
    }

    fn gathered(&self) -> usize {
        self.columns.len()
    }

    fn columns(&self) -> Vec<Column> {
        self.columns.columns()
    }

    fn take(&mut self) -> Vec<Values> {
        self.columns.take()
    }
}
