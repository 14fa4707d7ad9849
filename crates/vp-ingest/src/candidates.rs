//! The files that a date may be read from: in the lake by their names, or by their metadata where
//! no name holds the date.
//!
//! Which instruments are read from them is not decided here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dbn::{Metadata, Schema};
use vp_lake::{Lake, RawFile, RawFolder, RawTable};
use vp_market::{ProductType, SessionDate, SessionWindow};

use crate::error::{DownloadCommand, Known};
use crate::left_out::{LeftOut, LeftOutReason};
use crate::{DbnReader, IngestError};

/// How far, in days, the date in a file's name may be from the date that its metadata cover: what
/// bounds how many files are looked into for a date that is not there.
const MAX_DISTANCE_DAYS: i32 = 62;

const NS_PER_DAY: u64 = 86_400_000_000_000;

/// What is read: of which instrument, on which date.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) product_type: ProductType,
    /// A root, a contract of it, or a ticker.
    pub(crate) symbol: &'a str,
    /// The contract's root, or the symbol again.
    pub(crate) root: &'a str,
    pub(crate) date: SessionDate,
}

/// Which of several files that cover the same is read: the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    is_recording: bool,
    days: u32,
}

impl Rank {
    /// That of a file that was named outright.
    pub(crate) const ONLY: Self = Self {
        is_recording: false,
        days: 1,
    };
}

/// A file that may be read.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) path: PathBuf,
    pub(crate) rank: Rank,
}

impl Query<'_> {
    pub(crate) fn window(&self) -> SessionWindow {
        SessionWindow::new(self.product_type, self.date)
    }

    /// Returns the schema of the files.
    pub(crate) const fn schema(&self) -> Schema {
        match self.product_type {
            ProductType::EquityOptionCmbp1 => Schema::Cmbp1,
            ProductType::FutureMbo | ProductType::EquityMbo | ProductType::FutureOptionMbo => {
                Schema::Mbo
            }
        }
    }

    /// Returns the files of the lake that the date may be read from, in the order in which they
    /// are read; at least one.
    pub(crate) fn candidates(&self, lake: &Lake) -> Result<Vec<Candidate>, IngestError> {
        let folder = self.folder(lake);
        let download = || DownloadCommand {
            product_type: self.product_type,
            root: self.root.into(),
            date: self.date,
        };
        if !folder.exists() {
            return Err(IngestError::NoFolder {
                symbol: self.symbol.into(),
                folder: folder.path().into(),
                known: Known(lake.raw_symbols(self.product_type)?),
                download: download(),
            });
        }
        let list = folder.list()?;
        let mut found: Vec<_> = list.iter().filter_map(|file| self.by_name(file)).collect();
        if found.is_empty() {
            found = list
                .iter()
                .filter_map(|file| self.by_metadata(file))
                .collect();
        }
        if found.is_empty() {
            return Err(IngestError::NoDate {
                date: self.date,
                folder: folder.path().into(),
                known: Known(folder.dates()?.into_iter().collect()),
                download: download(),
            });
        }
        Ok(found)
    }

    fn folder(&self, lake: &Lake) -> RawFolder {
        match self.product_type {
            ProductType::EquityOptionCmbp1 => {
                lake.raw_table(RawTable::EquityOptionCmbp1, self.symbol)
            }
            ProductType::FutureMbo | ProductType::EquityMbo | ProductType::FutureOptionMbo => {
                lake.session_mbo(self.product_type, self.symbol, self.root)
            }
        }
    }

    fn by_name(&self, file: &RawFile) -> Option<Candidate> {
        file.days(self.date).map(|days| Candidate {
            path: file.path().into(),
            rank: Rank {
                is_recording: file.is_recording(),
                days,
            },
        })
    }

    /// Returns the file if its metadata cover the session: a name may hold no date, or only one of
    /// several. A file that cannot be read covers nothing.
    fn by_metadata(&self, file: &RawFile) -> Option<Candidate> {
        let mut dates = file.dates().peekable();
        let is_near = dates.peek().is_none()
            || dates.any(|date| self.date.days_until(date).abs() <= MAX_DISTANCE_DAYS);
        if !is_near {
            return None;
        }
        let reader = DbnReader::open(file.path()).ok()?;
        Some(Candidate {
            path: file.path().into(),
            rank: Rank {
                is_recording: file.is_recording(),
                days: days_covered(reader.metadata(), self.window())?,
            },
        })
    }

    /// Opens a file of the lake; one that holds records of another schema is left out.
    pub(crate) fn open(&self, path: &Path) -> Result<Result<DbnReader, LeftOut>, IngestError> {
        let reader = DbnReader::open(path)?;
        if let Some(schema) = reader.metadata().schema
            && schema != self.schema()
        {
            return Ok(Err(LeftOut {
                path: path.into(),
                reason: LeftOutReason::Schema(schema.to_string()),
                contracts: Vec::new(),
            }));
        }
        check_dataset(&reader, self.product_type)?;
        Ok(Ok(reader))
    }

    /// Returns the error of files none of which is of the schema.
    pub(crate) fn other_schemas(&self, left_out: &[LeftOut]) -> IngestError {
        let mut found = left_out.iter().filter_map(|file| match &file.reason {
            LeftOutReason::Schema(schema) => Some((file.path.clone(), schema.clone())),
            LeftOutReason::Recording { .. } | LeftOutReason::Wider { .. } => None,
        });
        let (path, schema) = found.next().unwrap_or_default();
        IngestError::Schema {
            path,
            expected: self.schema().as_str(),
            schema,
            others: found.collect(),
        }
    }
}

/// Refuses a dataset whose product type is known to be another.
pub(crate) fn check_dataset(
    reader: &DbnReader,
    product_type: ProductType,
) -> Result<(), IngestError> {
    let dataset = &reader.metadata().dataset;
    let is_futures = dataset == "GLBX.MDP3";
    let is_shares = dataset.starts_with("XNAS.");
    let expected = match product_type {
        ProductType::FutureMbo | ProductType::FutureOptionMbo if is_shares => {
            ProductType::EquityMbo
        }
        ProductType::EquityMbo if is_futures => ProductType::FutureMbo,
        ProductType::EquityOptionCmbp1 if is_futures => ProductType::FutureOptionMbo,
        ProductType::FutureMbo
        | ProductType::EquityMbo
        | ProductType::FutureOptionMbo
        | ProductType::EquityOptionCmbp1 => return Ok(()),
    };
    Err(IngestError::WrongProductType {
        path: reader.path().into(),
        dataset: dataset.clone(),
        found: product_type,
        expected,
    })
}

/// Returns the product type of a dataset's market-by-order records; `None` where it is unknown.
///
/// Source: Databento's list of venues and datasets.
pub(crate) fn product_type_of(dataset: &str) -> Option<ProductType> {
    const SHARES: [&str; 17] = [
        "ARCX", "BATS", "BATY", "DBEQ", "EDGA", "EDGX", "EPRL", "EQUS", "IEXG", "MEMX", "XASE",
        "XBOS", "XCHI", "XCIS", "XNAS", "XNYS", "XPSX",
    ];
    let (venue, _) = dataset.split_once('.')?;
    if dataset == "GLBX.MDP3" {
        Some(ProductType::FutureMbo)
    } else if SHARES.contains(&venue) {
        Some(ProductType::EquityMbo)
    } else {
        None
    }
}

/// Returns how many days metadata cover; `None` where they cover nothing of the session. A stream
/// without an end covers the day on which it starts.
fn days_covered(metadata: &Metadata, window: SessionWindow) -> Option<u32> {
    let start_ns = metadata.start;
    let day_after = start_ns.saturating_add(NS_PER_DAY);
    let end_ns = metadata.end.map_or(day_after, std::num::NonZeroU64::get);
    let covers = start_ns < window.end_ns() && window.start_ns() < end_ns;
    let days = end_ns.saturating_sub(start_ns).div_ceil(NS_PER_DAY);
    covers.then(|| u32::try_from(days).unwrap_or(u32::MAX).max(1))
}

/// Which file is read for each name (a contract, or anything that several files may cover): of
/// those that cover it the ones of the least rank.
#[derive(Debug, Default)]
pub(crate) struct Choice<'a>(BTreeMap<&'a str, (Rank, &'a Path)>);

impl<'a> Choice<'a> {
    /// Takes note that a file covers a name.
    pub(crate) fn add(&mut self, name: &'a str, candidate: &'a Candidate) {
        let this = (candidate.rank, candidate.path.as_path());
        let best = self.0.entry(name).or_insert(this);
        if this.0 < best.0 {
            *best = this;
        }
    }

    /// Returns why a file is not read for a name that it covers; `None` if it is read.
    pub(crate) fn displaced(&self, name: &str, candidate: &Candidate) -> Option<LeftOutReason> {
        let (rank, path) = self.0.get(name)?;
        if candidate.rank == *rank {
            return None;
        }
        let by = path.to_path_buf();
        Some(if candidate.rank.is_recording == rank.is_recording {
            LeftOutReason::Wider { by }
        } else {
            LeftOutReason::Recording { by }
        })
    }
}
