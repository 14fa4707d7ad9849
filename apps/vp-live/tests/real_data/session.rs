//! The two real sessions: where they are, their records, and their grids.

use std::path::PathBuf;

use libtest_mimic::Failed;
use vp_engine::{GridConfig, Record};
use vp_ingest::{Input, SessionSpec, Source};
use vp_lake::Lake;
use vp_market::{ProductTable, ProductType};
use vp_session::grid_config;

/// The lake of real data.
pub(crate) struct Real {
    pub(crate) lake: PathBuf,
}

impl Real {
    pub(crate) fn find() -> Option<Self> {
        vp_testkit::shared::path("data/lake").map(|lake| Self { lake })
    }

    /// An evening of a future: a snapshot, a crossed pre-open, an auction, an hour of trading.
    pub(crate) fn esh4(&self) -> Result<SessionSpec, Failed> {
        self.session(ProductType::FutureMbo, "ESH4", "2023-12-25")
    }

    /// A whole thin day of an equity.
    pub(crate) fn arl(&self) -> Result<SessionSpec, Failed> {
        self.session(ProductType::EquityMbo, "ARL", "2025-07-17")
    }

    fn session(
        &self,
        product_type: ProductType,
        symbol: &str,
        date: &str,
    ) -> Result<SessionSpec, Failed> {
        Ok(SessionSpec {
            input: Input::Lake(Lake::new(&self.lake)),
            instrument: ProductTable::embedded().instrument(product_type, symbol)?,
            date: date.parse()?,
            instrument_id: None,
            publisher: None,
        })
    }
}

/// Returns a session's records and the shape of its grid.
pub(crate) fn read(spec: &SessionSpec) -> Result<(Vec<Record>, GridConfig), Failed> {
    let mut source = Source::open(spec.clone())?;
    let (mut records, mut batch) = (Vec::new(), Vec::new());
    while source.next_batch(&mut batch)? {
        records.extend_from_slice(&batch);
    }
    Ok((records, grid_config(&spec.instrument)))
}
