//! Where records come from: files, a generator, or both behind one type.

use vp_engine::GridConfig;
use vp_ingest::{IngestError, Progress, SessionSpec, Source};
use vp_market::{Instrument, Record};

use crate::{SyntheticRecords, SyntheticSession};

/// Why a session cannot be opened, or not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Its files.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The error of a session of another kind.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// Records in order, from wherever they come.
pub trait Records: Send {
    /// Replaces the contents of `batch` by the next records; returns `false` at the end.
    ///
    /// # Errors
    /// Where the records break off, after everything before has been delivered.
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, SessionError>;

    /// Returns how far the input has been read, if it is one of files.
    fn progress(&self) -> Option<Progress>;

    /// Returns a copy that goes on from the same place, where that costs less than coming there
    /// again.
    fn copy(&self) -> Option<Self>
    where
        Self: Sized;
}

/// A session whose records can be read from the beginning as often as wanted.
pub trait Session: Send {
    /// What `open` returns.
    type Records: Records;

    /// Opens the session at its first record.
    ///
    /// # Errors
    /// If its input is not there or cannot be read.
    fn open(&self) -> Result<Self::Records, SessionError>;

    /// Opens the session at its first record again. `opened` are the records of an earlier opening;
    /// a session is the same version of its input from its first opening to its end.
    ///
    /// # Errors
    /// If its input is not what it was, or cannot be read.
    fn reopen(&self, opened: &Self::Records) -> Result<Self::Records, SessionError>;
}

impl Records for Source {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, SessionError> {
        Ok(Source::next_batch(self, batch)?)
    }

    fn progress(&self) -> Option<Progress> {
        Some(Source::progress(self))
    }

    fn copy(&self) -> Option<Self> {
        None
    }
}

impl Session for SessionSpec {
    type Records = Source;

    fn open(&self) -> Result<Source, SessionError> {
        Ok(Source::open(self.clone())?)
    }

    fn reopen(&self, opened: &Source) -> Result<Source, SessionError> {
        Ok(Source::reopen(self.clone(), opened.files().to_vec())?)
    }
}

/// A session of either kind.
#[derive(Clone, Debug)]
pub enum AnySession {
    /// Of files.
    File(SessionSpec),
    /// Made from a seed.
    Synthetic(SyntheticSession),
}

/// Records of either kind.
#[derive(Debug)]
pub enum AnyRecords {
    /// Of files.
    File(Box<Source>),
    /// Made from a seed.
    Synthetic(Box<SyntheticRecords>),
}

impl AnySession {
    /// Returns the event time of the first record, where it is known before the session is opened.
    pub fn first_ns(&self) -> Option<u64> {
        match self {
            Self::File(_) => None,
            Self::Synthetic(session) => Some(session.config().start_ns()),
        }
    }
}

impl Session for AnySession {
    type Records = AnyRecords;

    fn open(&self) -> Result<AnyRecords, SessionError> {
        Ok(match self {
            Self::File(spec) => AnyRecords::File(Box::new(spec.open()?)),
            Self::Synthetic(session) => AnyRecords::Synthetic(Box::new(session.open()?)),
        })
    }

    fn reopen(&self, opened: &AnyRecords) -> Result<AnyRecords, SessionError> {
        match (self, opened) {
            (Self::File(spec), AnyRecords::File(source)) => {
                Ok(AnyRecords::File(Box::new(spec.reopen(source)?)))
            }
            // A seed makes the same records each time.
            (Self::Synthetic(_), _) | (Self::File(_), AnyRecords::Synthetic(_)) => self.open(),
        }
    }
}

impl Records for AnyRecords {
    fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, SessionError> {
        match self {
            Self::File(records) => Records::next_batch(&mut **records, batch),
            Self::Synthetic(records) => records.next_batch(batch),
        }
    }

    fn progress(&self) -> Option<Progress> {
        match self {
            Self::File(records) => Records::progress(&**records),
            Self::Synthetic(records) => records.progress(),
        }
    }

    fn copy(&self) -> Option<Self> {
        match self {
            Self::File(_) => None,
            Self::Synthetic(records) => Some(Self::Synthetic(Box::new(records.copy()?))),
        }
    }
}

/// Returns the grid of an instrument: 101 buckets of the product's width.
pub fn grid_config(instrument: &Instrument) -> GridConfig {
    GridConfig::new(instrument.product.bucket).with_price_tick(instrument.product.tick)
}
