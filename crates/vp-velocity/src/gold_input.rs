//! Where the gold of an instrument on a date comes from: out of silver, or from a partition of gold
//! that was made from that silver.

use std::sync::Arc;

use vp_lake::Lake;
use vp_lake::tables::{HeldPartition, Input, Manifest, Partition, PartitionError};
use vp_market::{Instrument, SessionDate};

use crate::bronze::Choice;
use crate::derived::{Derived, GoldRows, Transform};
use crate::settings::SESSION;
use crate::stage::{StageError, input_error, input_manifest};

/// The partition that gold is read from.
#[derive(Clone, Debug)]
pub(crate) struct GoldInput<T> {
    partition: Partition,
    manifest: Manifest,
    /// The symbol by which a command makes the partition.
    root: String,
    /// What is read of gold.
    wanted: Vec<&'static str>,
    /// Where silver is read: what makes gold of it.
    transform: Option<T>,
    /// The silver that the gold is made from; gold itself where there is no silver.
    lineage: Input,
}

impl<T: Transform> GoldInput<T> {
    /// Returns where the columns `wanted` of an instrument's gold come from.
    ///
    /// # Errors
    /// [`StageError::MissingInput`] if there is neither silver nor gold, [`StageError::Partition`] if a
    /// manifest cannot be used or silver was made for another grid.
    pub(crate) fn find(
        lake: &Lake,
        instrument: &Instrument,
        date: SessionDate,
        wanted: &[&'static str],
    ) -> Result<Self, StageError> {
        let (silver, gold) = (
            T::silver(lake, instrument, date),
            T::gold(lake, instrument, date),
        );
        let silver_manifest = silver.manifest().map_err(PartitionError::from)?;
        if let Some(manifest) = gold.manifest().map_err(PartitionError::from)? {
            let lineage = match &silver_manifest {
                None => Some(manifest.as_input()),
                Some(silver) => {
                    Some(silver.as_input()).filter(|it| manifest.inputs == [it.clone()])
                }
            };
            if let Some(lineage) = lineage {
                return Ok(Self {
                    partition: gold,
                    manifest,
                    root: instrument.root.clone(),
                    wanted: wanted.to_vec(),
                    transform: None,
                    lineage,
                });
            }
            tracing::warn!(
                "{} was made from other silver than there is and is not used: gold is computed from \
                 silver; to remove it: velocity sweep",
                gold.path().display()
            );
        }
        let manifest = input_manifest(&silver, &instrument.root)?;
        let transform = T::of(instrument, wanted)?;
        let hours = manifest.settings.get(SESSION).unwrap_or_default();
        let settings = transform.settings(instrument, hours);
        silver.made_with(&settings.and(Choice::settings_in(&manifest.settings)))?;
        Ok(Self {
            partition: silver,
            lineage: manifest.as_input(),
            manifest,
            root: instrument.root.clone(),
            wanted: wanted.to_vec(),
            transform: Some(transform),
        })
    }

    /// Returns the partition that is read, and its manifest.
    pub(crate) fn read(&self) -> (&Partition, &Manifest) {
        (&self.partition, &self.manifest)
    }

    /// Returns the partition that is read, and its manifest.
    pub(crate) fn into_read(self) -> (Partition, Manifest) {
        (self.partition, self.manifest)
    }

    /// Returns the partition that the gold is made from.
    pub(crate) fn lineage(&self) -> &Input {
        &self.lineage
    }

    /// Begins to read all rows. The files are hashed first.
    ///
    /// # Errors
    /// [`StageError::Partition`] if the partition cannot be read.
    pub(crate) fn open(&self) -> Result<GoldRows<T>, StageError> {
        let of = |error| input_error(&self.partition, &self.root, error);
        Ok(match &self.transform {
            None => GoldRows::Partition(self.partition.open(T::GOLD, &self.wanted).map_err(of)?),
            Some(transform) => {
                let silver = self.partition.open(T::SILVER, &[]).map_err(of)?;
                let path = self.partition.path();
                GoldRows::Derived(Derived::new(path, silver, transform.clone()))
            }
        })
    }

    /// Holds the files open, to read from any time on.
    ///
    /// # Errors
    /// [`StageError::Partition`] if the partition cannot be opened.
    pub(crate) fn hold(&self) -> Result<HeldGold<T>, StageError> {
        let of = |error| input_error(&self.partition, &self.root, error);
        let held = match &self.transform {
            None => self.partition.hold(T::GOLD, &self.wanted),
            Some(_) => self.partition.hold(T::SILVER, &[]),
        };
        Ok(HeldGold {
            partition: self.partition.clone(),
            held: Arc::new(held.map_err(of)?),
            wanted: self.wanted.clone(),
            transform: self.transform.clone(),
        })
    }
}

/// The files that gold is read from, held open.
#[derive(Clone, Debug)]
pub(crate) struct HeldGold<T> {
    pub(crate) partition: Partition,
    pub(crate) held: Arc<HeldPartition>,
    pub(crate) wanted: Vec<&'static str>,
    /// Where silver is read: what makes gold of it, before the first row.
    pub(crate) transform: Option<T>,
}
