//! A session's records, from all its files, one batch after the other.

pub(crate) mod plan;

use std::collections::VecDeque;
use std::path::PathBuf;

use vp_lake::Lake;
use vp_market::{Instrument, Record, SessionDate, SessionWindow};

use crate::error::Known;
use crate::filter::{Counters, Filter};
use crate::survey::Survey;
use crate::tick_check::{OffTick, TickCheck};
use crate::{DbnReader, IngestError, LeftOut};

use plan::Plan;
pub use plan::SourceFile;

/// How many records wait for the verdict on the prices at most.
const MAX_HELD: usize = 65_536;

/// What to read.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// Where the files are.
    pub input: Input,
    /// The contract or ticker.
    pub instrument: Instrument,
    /// The session's date.
    pub date: SessionDate,
    /// The instrument id to read, where the files do not map the symbol.
    pub instrument_id: Option<u32>,
    /// The publisher to read, where the instrument has records of several.
    pub publisher: Option<u16>,
}

/// Where a session's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// In the lake, by symbol and date.
    Lake(Lake),
    /// One file that was named outright.
    File(PathBuf),
}

/// How far a source has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the files, compressed or not, that have been taken.
    pub bytes_read: u64,
    /// Bytes of all the files.
    pub bytes_total: u64,
}

/// The records of one instrument in one session, in file order.
///
/// Memory does not grow with the files: a compressed one is decompressed a few blocks ahead, on a
/// thread that ends with its source.
#[derive(Debug)]
pub struct Source {
    spec: SessionSpec,
    files: Vec<SourceFile>,
    left_out: Vec<LeftOut>,
    waiting: VecDeque<SourceFile>,
    reader: Option<DbnReader>,
    filter: Filter,
    /// Records that were read ahead to judge the prices, to be delivered first.
    held: Vec<Record>,
    /// What ends the session, to be reported after the records before it.
    fault: Option<IngestError>,
    bytes_of_read_files: u64,
}

impl Source {
    /// Finds the session's files and begins to read the first.
    ///
    /// The metadata of every file is read: one that does not map the symbol is left out, unless
    /// none does. Where they name no contract, or the dataset holds several publishers, so are all
    /// records. The first 1,024 prices of each file of a future decide whether it is of that
    /// product; for the first file that is here, so that nothing of a refused one is delivered.
    ///
    /// # Errors
    /// [`IngestError`] for files that are missing, unreadable, or not of this instrument. A defect
    /// behind the first record is reported by [`Source::next_batch`], in its place.
    pub fn open(spec: SessionSpec) -> Result<Self, IngestError> {
        let Plan { files, left_out } = Plan::new(&spec)?;
        Self::start(spec, files, left_out)
    }

    /// Begins to read the files of an earlier opening of the same session again, which must still
    /// be what they were then: a session is one version of its files from its first opening to its
    /// end. Files that have been added since are not looked at.
    ///
    /// # Errors
    /// [`IngestError::Changed`] for a file that was replaced, removed or written to since; else as
    /// those of [`Source::open`].
    pub fn reopen(spec: SessionSpec, files: Vec<SourceFile>) -> Result<Self, IngestError> {
        if let Some(changed) = files.iter().find(|file| !file.identity.is_at(&file.path)) {
            return Err(IngestError::Changed {
                path: changed.path.clone(),
            });
        }
        Self::start(spec, files, Vec::new())
    }

    fn start(
        spec: SessionSpec,
        files: Vec<SourceFile>,
        left_out: Vec<LeftOut>,
    ) -> Result<Self, IngestError> {
        let mut source = Self {
            waiting: files.clone().into(),
            files,
            left_out,
            filter: Filter::new(spec.instrument.clone(), spec.date, spec.publisher),
            spec,
            reader: None,
            held: Vec::new(),
            fault: None,
            bytes_of_read_files: 0,
        };
        source.open_next()?;
        Ok(source)
    }

    /// Replaces the contents of `batch` by the next records, at least one; returns `false`, with
    /// `batch` empty, at the end.
    ///
    /// # Errors
    /// [`IngestError`] where a file breaks, after everything before has been delivered. The source
    /// is at its end then.
    pub fn next_batch(&mut self, batch: &mut Vec<Record>) -> Result<bool, IngestError> {
        batch.clear();
        let result = self.fill(batch);
        if result.is_err() {
            self.reader = None;
            self.waiting.clear();
        }
        result.map(|()| !batch.is_empty())
    }

    /// Returns what came of the records so far. A batch is counted when it is read, some time
    /// before it is worked on.
    pub fn counters(&self) -> &Counters {
        self.filter.counters()
    }

    /// Returns how far the files have been read.
    pub fn progress(&self) -> Progress {
        let position = self.reader.as_ref().map_or(0, DbnReader::position);
        Progress {
            bytes_read: self.bytes_of_read_files + position,
            bytes_total: self.files.iter().map(|file| file.identity.length()).sum(),
        }
    }

    /// Returns the files of the session, in the order in which they are read.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Returns the files of the date that are not read, with the reason; none for a source that was
    /// opened again.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Returns the session's window.
    pub fn window(&self) -> SessionWindow {
        SessionWindow::new(self.spec.instrument.product_type, self.spec.date)
    }

    fn fill(&mut self, batch: &mut Vec<Record>) -> Result<(), IngestError> {
        while batch.is_empty() {
            if !self.held.is_empty() {
                std::mem::swap(batch, &mut self.held);
                return Ok(());
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            let Some(reader) = &mut self.reader else {
                return Ok(());
            };
            let filter = &mut self.filter;
            let more = reader.read_mbo(|message, bytes| {
                if let Some(record) = filter.pass(message, bytes) {
                    batch.push(record);
                }
            })?;
            let position = reader.position();
            if let Some(fault) = self.filter.take_fault() {
                self.fault = Some(self.explain(fault));
            } else if !more {
                self.bytes_of_read_files += position;
                self.reader = None;
                self.open_next()?;
                if self.reader.is_none() && self.counters().delivered == 0 {
                    self.check_publisher()?;
                    self.check_instrument()?;
                }
            }
        }
        Ok(())
    }

    /// Refuses a chosen publisher that has no record where others have.
    fn check_publisher(&self) -> Result<(), IngestError> {
        let found = self.filter.other_publishers();
        match (self.spec.publisher, self.files.last()) {
            (Some(publisher), Some(last)) if !found.is_empty() => Err(IngestError::NoPublisher {
                path: last.path.clone(),
                symbol: self.spec.instrument.symbol.clone(),
                publisher,
                found: found.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a chosen instrument id of which there was no record. The last file is read once more
    /// to say which ids it has.
    fn check_instrument(&self) -> Result<(), IngestError> {
        let (Some(id), Some(last)) = (self.spec.instrument_id, self.files.last()) else {
            return Ok(());
        };
        let survey = Survey::of(plan::reopen(&last.path, last.identity)?, self.window())?;
        Err(IngestError::NoInstrument {
            path: last.path.clone(),
            id,
            found: Known(survey.instruments().into_iter().collect()),
        })
    }

    /// Completes the fault of a second publisher: the file that is read says which there are.
    fn explain(&self, fault: IngestError) -> IngestError {
        let IngestError::SeveralPublishers {
            path,
            symbol,
            mut publishers,
        } = fault
        else {
            return fault;
        };
        if let Some(file) = self.files.iter().find(|file| file.path == path)
            && let Ok(reader) = plan::reopen(&path, file.identity)
            && let Ok(survey) = Survey::of(reader, self.window())
        {
            publishers.extend(&survey.publishers_of(&file.instrument_ids));
        }
        IngestError::SeveralPublishers {
            path,
            symbol,
            publishers,
        }
    }

    /// Begins to read the next file, if there is one, and judges its prices.
    fn open_next(&mut self) -> Result<(), IngestError> {
        let Some(file) = self.waiting.pop_front() else {
            return Ok(());
        };
        let mut reader = plan::reopen(&file.path, file.identity)?;
        self.filter
            .choose(&file.path, file.instrument_ids.iter().copied());
        let instrument = &self.spec.instrument;
        let tick = instrument.product.tick;
        let mut check = TickCheck::new(instrument);
        while !check.is_decided() && !self.filter.has_fault() && self.held.len() < MAX_HELD {
            let seen = self.held.len();
            let (filter, held) = (&mut self.filter, &mut self.held);
            match reader.read_mbo(|message, bytes| held.extend(filter.pass(message, bytes))) {
                Ok(true) => self.held[seen..]
                    .iter()
                    .for_each(|record| check.see(record)),
                Ok(false) => break,
                Err(fault) => {
                    self.fault = Some(fault.into());
                    break;
                }
            }
        }
        if let Some(fault) = self.filter.take_fault() {
            let fault = self.explain(fault);
            if self.held.is_empty() {
                return Err(fault);
            }
            self.fault = Some(fault);
        }
        self.reader = Some(reader);
        check.judge().map_err(|OffTick { seen, off, example }| {
            self.held.clear();
            IngestError::OffTick {
                path: file.path,
                symbol: self.spec.instrument.symbol.clone(),
                tick,
                seen,
                off,
                example,
            }
        })
    }
}
