//! Which files a session is read from, and which instrument ids of each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vp_market::{Instrument, SessionDate};

use super::{Input, SessionSpec};
use crate::candidates::{Candidate, Choice, Query, Rank};
use crate::left_out::LeftOut;
use crate::publishers::only_publisher;
use crate::survey::Survey;
use crate::{DbnError, DbnReader, FileIdentity, IngestError, Publishers, SymbolMap};

/// A file that a session is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// Which version of it is read.
    pub identity: FileIdentity,
    /// The version of its encoding.
    pub version: u8,
    /// The dataset it is from, such as GLBX.MDP3.
    pub dataset: String,
    /// The instrument ids that are read from it.
    pub instrument_ids: BTreeSet<u32>,
}

/// The files of a session.
#[derive(Debug)]
pub(super) struct Plan {
    /// In the order in which they are read; at least one.
    pub(super) files: Vec<SourceFile>,
    pub(super) left_out: Vec<LeftOut>,
}

/// A file that holds the instrument.
struct Found {
    candidate: Candidate,
    file: SourceFile,
    /// The publishers of the instrument's records, where they matter.
    publishers: Publishers,
}

impl SessionSpec {
    pub(super) fn query(&self) -> Query<'_> {
        let Instrument {
            product_type,
            symbol,
            root,
            ..
        } = &self.instrument;
        Query {
            product_type: *product_type,
            symbol,
            root,
            date: self.date,
        }
    }
}

impl Plan {
    pub(super) fn new(spec: &SessionSpec) -> Result<Self, IngestError> {
        let query = spec.query();
        let candidates = match &spec.input {
            Input::Lake(lake) => query.candidates(lake)?,
            Input::File(path) => vec![Candidate {
                path: path.clone(),
                rank: Rank::ONLY,
            }],
        };
        let (mut found, mut left_out) = (Vec::new(), Vec::new());
        let mut all_symbols = SymbolMap::default();
        for candidate in &candidates {
            let reader = match (&spec.input, query.open(&candidate.path)?) {
                (_, Ok(reader)) => reader,
                (Input::Lake(_), Err(file)) => {
                    left_out.push(file);
                    continue;
                }
                (Input::File(_), Err(file)) => return Err(query.other_schemas(&[file])),
            };
            found.extend(look_into(spec, candidate, reader, &mut all_symbols)?);
        }
        if left_out.len() == candidates.len() {
            return Err(query.other_schemas(&left_out));
        }
        if found.is_empty() {
            let path = candidates.into_iter().map(|candidate| candidate.path);
            let path = path.into_iter().next().unwrap_or_default();
            return Err(unmapped(path, query.symbol, spec.date, all_symbols));
        }
        let found = drop_displaced(found, query.symbol, &mut left_out);
        check_publishers(&found, query.symbol)?;
        for file in &left_out {
            tracing::warn!("{file}");
        }
        Ok(Self {
            files: found.into_iter().map(|found| found.file).collect(),
            left_out,
        })
    }
}

/// Finds the instrument in a file; `None` where the file maps others only.
fn look_into(
    spec: &SessionSpec,
    candidate: &Candidate,
    reader: DbnReader,
    all_symbols: &mut SymbolMap,
) -> Result<Option<Found>, IngestError> {
    let (query, path) = (spec.query(), &candidate.path);
    let metadata = reader.metadata();
    let (version, dataset) = (metadata.version, metadata.dataset.clone());
    let identity = identity(&reader)?;
    let needs_publishers = spec.publisher.is_none() && only_publisher(&dataset).is_none();
    let mut contents = Contents::new(reader);
    let instrument_ids = if let Some(id) = spec.instrument_id {
        BTreeSet::from([id])
    } else {
        let ids = contents.ids(&query)?;
        if ids.is_empty() && contents.symbols.names_instruments(query.product_type) {
            all_symbols.extend(contents.symbols);
            return Ok(None);
        }
        ids
    };
    let publishers = if needs_publishers {
        contents.survey(&query)?.publishers_of(&instrument_ids)
    } else {
        only_publisher(&dataset).into_iter().collect()
    };
    query.check_ids(path, &contents.symbols, &instrument_ids)?;
    let file = SourceFile {
        path: path.clone(),
        identity,
        version,
        dataset,
        instrument_ids,
    };
    Ok(Some(Found {
        candidate: candidate.clone(),
        file,
        publishers,
    }))
}

/// What a file says of its instrument ids: in its metadata, and in its records where those are
/// needed.
pub(crate) struct Contents {
    pub(crate) symbols: SymbolMap,
    /// Whether it was recorded from a stream, in which mapping records may follow.
    is_stream: bool,
    path: PathBuf,
    reader: Option<DbnReader>,
    survey: Option<Survey>,
}

impl Contents {
    pub(crate) fn new(reader: DbnReader) -> Self {
        Self {
            symbols: SymbolMap::new(reader.metadata()),
            is_stream: reader.metadata().end.is_none(),
            path: reader.path().into(),
            reader: Some(reader),
            survey: None,
        }
    }

    /// Returns whether only the records say what the symbols are.
    pub(crate) fn is_incomplete(&self, query: &Query<'_>) -> bool {
        self.is_stream || !self.symbols.names_instruments(query.product_type)
    }

    /// Reads all records, once, and takes over what they map.
    pub(crate) fn survey(&mut self, query: &Query<'_>) -> Result<&Survey, IngestError> {
        if let Some(reader) = self.reader.take() {
            let mut found = Survey::of(reader, query.window())?;
            self.symbols.extend(std::mem::take(&mut found.symbols));
            self.survey = Some(found);
        }
        Ok(self.survey.get_or_insert_default())
    }

    /// Returns the ids that the contract has on the date; where no contract is named at all, that
    /// of the only instrument.
    fn ids(&mut self, query: &Query<'_>) -> Result<BTreeSet<u32>, IngestError> {
        let mut ids = self.symbols.ids_on(query.symbol, query.date);
        if ids.is_empty() && self.is_incomplete(query) {
            self.survey(query)?;
            ids = self.symbols.ids_on(query.symbol, query.date);
        }
        if ids.is_empty() && !self.symbols.names_instruments(query.product_type) {
            ids = self.only_instrument(query)?;
        }
        Ok(ids)
    }

    /// Returns the one instrument of a file whose mappings name no contract, or nothing where it
    /// has no MBO record.
    ///
    /// The whole file is read for it: an id that appears late must not turn up among records that
    /// have been delivered.
    pub(crate) fn only_instrument(
        &mut self,
        query: &Query<'_>,
    ) -> Result<BTreeSet<u32>, IngestError> {
        let only = self.survey(query)?.only_instrument();
        only.map_err(|[first, second]| IngestError::SeveralInstruments {
            path: self.path.clone(),
            mapped: self.symbols.clone(),
            first,
            second,
        })
    }
}

/// Drops files that others displace.
fn drop_displaced(found: Vec<Found>, symbol: &str, left_out: &mut Vec<LeftOut>) -> Vec<Found> {
    let candidates: Vec<_> = found.iter().map(|found| found.candidate.clone()).collect();
    let mut choice = Choice::default();
    for candidate in &candidates {
        choice.add(symbol, candidate);
    }
    let mut kept = Vec::new();
    for found in found {
        match choice.displaced(symbol, &found.candidate) {
            None => kept.push(found),
            Some(reason) => left_out.push(LeftOut {
                path: found.candidate.path,
                reason,
                contracts: Vec::new(),
            }),
        }
    }
    kept
}

/// Refuses an instrument of which several publishers have records.
fn check_publishers(found: &[Found], symbol: &str) -> Result<(), IngestError> {
    let publishers: Publishers = found
        .iter()
        .flat_map(|found| found.publishers.iter())
        .collect();
    match found.iter().rfind(|found| !found.publishers.is_empty()) {
        Some(last) if publishers.len() > 1 => Err(IngestError::SeveralPublishers {
            path: last.file.path.clone(),
            symbol: symbol.into(),
            publishers,
        }),
        _ => Ok(()),
    }
}

/// Returns which version of a file a reader has opened.
pub(crate) fn identity(reader: &DbnReader) -> Result<FileIdentity, IngestError> {
    let not_a_file = || DbnError::Head {
        path: reader.path().into(),
        source: std::io::ErrorKind::Unsupported.into(),
    };
    Ok(reader.identity().ok_or_else(not_a_file)?)
}

/// Opens the file of an earlier look at it again.
///
/// # Errors
/// [`IngestError::Changed`] if it is another version by now.
pub(crate) fn reopen(path: &Path, expected: FileIdentity) -> Result<DbnReader, IngestError> {
    let changed = || IngestError::Changed { path: path.into() };
    if !expected.is_at(path) {
        return Err(changed());
    }
    let reader = DbnReader::open(path)?;
    match reader.identity() {
        Some(identity) if identity == expected => Ok(reader),
        _ => Err(changed()),
    }
}

/// Returns the error of a symbol that no file maps on the date.
pub(crate) fn unmapped(
    path: PathBuf,
    symbol: &str,
    date: SessionDate,
    symbols: SymbolMap,
) -> IngestError {
    let symbol = symbol.to_owned();
    let ids: Vec<_> = symbols
        .ids(&symbol)
        .iter()
        .map(ToString::to_string)
        .collect();
    if ids.is_empty() {
        return IngestError::UnknownSymbol {
            path,
            symbol,
            mapped: symbols,
        };
    }
    IngestError::NotMappedOnDate {
        path,
        symbol,
        date,
        mapped: ids.join(", "),
    }
}
