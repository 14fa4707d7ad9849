//! Gold of a contract or ticker, out of the rows of its depth and flow.

use vp_lake::Lake;
use vp_lake::tables::{Batch, Column, Partition, SchemaError, Settings, Table, Values};
use vp_market::{Instrument, SessionDate};

use super::Gold;
use super::columns::GoldColumns;
use crate::derived::Transform;
use crate::settings;
use crate::silver::{self, FlowWindows};
use crate::stage::StageError;
use crate::tables::{GOLD_SURFACE, SILVER_FLOW};

/// The transform from rows of silver to rows of gold.
#[derive(Clone, Debug)]
pub(crate) struct FlowGold {
    windows: FlowWindows,
    gold: Gold,
    columns: GoldColumns,
}

impl Transform for FlowGold {
    const SILVER: &'static Table = &SILVER_FLOW;
    const GOLD: &'static Table = &GOLD_SURFACE;

    fn of(instrument: &Instrument, wanted: &[&str]) -> Result<Self, StageError> {
        let half_width = Gold::half_width_of(instrument);
        Ok(Self {
            windows: FlowWindows::default(),
            gold: Gold::new(half_width),
            columns: GoldColumns::new(half_width, wanted),
        })
    }

    fn settings(&self, instrument: &Instrument, hours: &str) -> Settings {
        settings::of(instrument, hours)
    }

    fn gold(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition {
        super::partition(lake, instrument, date)
    }

    fn silver(lake: &Lake, instrument: &Instrument, date: SessionDate) -> Partition {
        silver::partition(lake, instrument, &SILVER_FLOW, date)
    }

    fn push(&mut self, silver: &Batch) -> Result<(), SchemaError> {
        let Self {
            windows,
            gold,
            columns,
        } = self;
        windows.push(silver, |window| columns.extend(gold.apply(window)));
        Ok(())
    }

    fn finish(&mut self) {
        let Self {
            windows,
            gold,
            columns,
        } = self;
        windows.finish(|window| columns.extend(gold.apply(window)));
    }

    fn gather(&mut self, wanted: &[&str]) {
        self.columns = self.columns.with(wanted);
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
