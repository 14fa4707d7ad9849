//! Which files a session is read from, and which instrument ids of each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dbn::{MboMsg, Schema};
use vp_lake::{Lake, RawTable};
use vp_market::{Instrument, ProductType, SessionDate};

use super::{Input, SessionSpec};
use crate::error::{DownloadCommand, Known};
use crate::{DbnError, DbnReader, FileIdentity, IngestError, SymbolMap};

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

/// Returns the files of a session, in the order in which they are read; at least one.
pub(super) fn files(spec: &SessionSpec) -> Result<Vec<SourceFile>, IngestError> {
    let paths = match &spec.input {
        Input::File(path) => vec![path.clone()],
        Input::Lake(lake) => {
            let Instrument {
                product_type,
                symbol,
                root,
                ..
            } = &spec.instrument;
            paths_in(lake, *product_type, symbol, root, spec.date)?
        }
    };
    let mut files = Vec::new();
    let mut all_symbols = SymbolMap::default();
    for path in &paths {
        let reader = open_mbo(path)?;
        let metadata = reader.metadata();
        let symbols = SymbolMap::new(metadata);
        let (version, dataset) = (metadata.version, metadata.dataset.clone());
        let identity = identity(&reader)?;
        let instrument_ids = match spec.instrument_id {
            Some(id) => BTreeSet::from([id]),
            None if symbols.is_empty() => only_instrument(reader)?,
            None => symbols.ids_on(&spec.instrument.symbol, spec.date),
        };
        let is_unmapped = instrument_ids.is_empty() && !symbols.is_empty();
        all_symbols.extend(symbols);
        if is_unmapped {
            continue;
        }
        files.push(SourceFile {
            identity,
            path: path.clone(),
            version,
            dataset,
            instrument_ids,
        });
    }
    match paths.into_iter().next() {
        Some(path) if files.is_empty() => {
            let symbol = &spec.instrument.symbol;
            Err(unmapped(path, symbol, spec.date, all_symbols))
        }
        _ => Ok(files),
    }
}

/// Opens a file of market-by-order records.
pub(crate) fn open_mbo(path: &Path) -> Result<DbnReader, IngestError> {
    open(path, Schema::Mbo)
}

/// Opens a file of that schema, or of any where it names none.
pub(crate) fn open(path: &Path, expected: Schema) -> Result<DbnReader, IngestError> {
    let reader = DbnReader::open(path)?;
    match reader.metadata().schema {
        Some(schema) if schema != expected => Err(IngestError::Schema {
            path: path.into(),
            expected: expected.as_str(),
            schema: schema.to_string(),
        }),
        _ => Ok(reader),
    }
}

/// Returns the lake's files of a date, in the order in which they are read; at least one.
pub(crate) fn paths_in(
    lake: &Lake,
    product_type: ProductType,
    symbol: &str,
    root: &str,
    date: SessionDate,
) -> Result<Vec<PathBuf>, IngestError> {
    let folder = match product_type {
        ProductType::EquityOptionCmbp1 => lake.raw_table(RawTable::EquityOptionCmbp1, symbol),
        ProductType::FutureMbo | ProductType::EquityMbo | ProductType::FutureOptionMbo => {
            lake.session_mbo(product_type, symbol, root)
        }
    };
    let download = DownloadCommand {
        product_type,
        root: root.into(),
        date,
    };
    if !folder.exists() {
        return Err(IngestError::NoFolder {
            symbol: symbol.into(),
            folder: folder.path().into(),
            known: Known(lake.raw_symbols(product_type)?),
            download,
        });
    }
    let paths = folder.files(date)?;
    if paths.is_empty() {
        return Err(IngestError::NoDate {
            date,
            folder: folder.path().into(),
            known: Known(folder.dates()?.into_iter().collect()),
            download,
        });
    }
    Ok(paths)
}

/// Returns the one instrument of a file that maps none, or nothing where it has no MBO record.
///
/// The whole file is read for it: an id that appears late must not turn up among records that have
/// been delivered. Where the file breaks, what comes before decides.
pub(crate) fn only_instrument(mut reader: DbnReader) -> Result<BTreeSet<u32>, IngestError> {
    let (mut only, mut other) = (None, None);
    while other.is_none() {
        let more = reader.read(|record| {
            if let Some(message) = record.get::<MboMsg>() {
                let id = message.hd.instrument_id;
                if *only.get_or_insert(id) != id {
                    other.get_or_insert(id);
                }
            }
        });
        if !matches!(more, Ok(true)) {
            break;
        }
    }
    match (only, other) {
        (Some(first), Some(second)) => Err(IngestError::SeveralInstruments {
            path: reader.path().into(),
            first,
            second,
        }),
        _ => Ok(only.into_iter().collect()),
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
