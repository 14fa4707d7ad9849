//! Gold row by row, wherever it comes from.

use vp_lake::Lake;
use vp_lake::tables::{Batch, Manifest};
use vp_market::{Instrument, SessionDate};

use super::FlowGold;
use crate::derived::GoldRows;
use crate::gold_input::GoldInput;
use crate::stage::StageError;

/// The gold of a contract or ticker on a date: out of silver, or from a partition of gold that was made
/// from that silver.
#[derive(Debug)]
pub struct GoldReader(GoldRows<FlowGold>);

impl GoldReader {
    /// Opens the columns `wanted` of gold; all, if none is named. The files are hashed first.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if there is neither silver nor gold, [`StageError::Partition`] if a
    /// partition cannot be read, or silver was made for another grid.
    pub fn open(
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
        wanted: &[&'static str],
    ) -> Result<Self, StageError> {
        let input = GoldInput::find(lake, instrument, date, wanted)?;
        Ok(Self(input.open()?))
    }

    /// Returns the manifest of the partition that is read: of silver, or of gold.
    pub fn manifest(&self) -> &Manifest {
        self.0.reader().manifest()
    }

    /// Returns the next rows, at least one, or `None` at the end.
    ///
    /// # Errors
    /// [`StageError::Partition`] where the partition is broken.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, StageError> {
        Ok(self.0.next_batch()?)
    }
}
