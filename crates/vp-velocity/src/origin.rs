//! Where silver's records come from: from bronze where it is there, else straight from the raw files.
//! Its manifest names the raw files either way.

use std::path::{Path, PathBuf};
use std::thread;

use vp_ingest::RawDaySpec;
use vp_lake::tables::{
    Begun, Build, Input, Partition, PartitionError, Settings, StoreError, Table, begin,
    begin_streaming, sha256_of_file,
};
use vp_market::Instrument;

use crate::bronze::{self, Choice, RawSymbol};
use crate::stage::{Outcome, StageError, Task};

/// What of a symbol and date silver is made from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// Its partition of bronze, as an input.
    Bronze(Input),
    /// Its raw files.
    Raw(RawDaySpec),
}

/// What is to be done to make silver.
#[derive(Debug)]
pub(crate) enum Begin {
    /// Nothing: it is complete.
    Kept(Outcome),
    /// Building it.
    Build(Box<Build>, Origin),
}

/// Begins to build silver of an instrument that has those settings, and is made from its records and
/// from the inputs `beside`.
///
/// # Errors
/// [`StageError::Partition`] if complete silver was made otherwise, if bronze was made with another
/// choice than the one that is asked for, or if a partition cannot be read.
pub(crate) fn begin_silver(
    task: &Task,
    instrument: &Instrument,
    choice: Choice,
    targets: &[(Partition, &'static Table)],
    settings: Settings,
    beside: Vec<Input>,
) -> Result<Begin, StageError> {
    let (product_type, symbol) = (instrument.product_type, &instrument.symbol);
    let raw = RawSymbol::of(instrument).choosing(choice);
    let bronze = bronze::partition(&task.lake, product_type, symbol, task.date);
    let manifest = bronze.manifest().map_err(PartitionError::from)?;
    let (begun, origin) = if let Some(manifest) = manifest {
        bronze.check_files(&manifest)?;
        if choice != Choice::default() {
            bronze.made_with(&raw.settings())?;
        }
        let settings = settings.and(Choice::settings_in(&manifest.settings));
        // Silver of earlier versions of this program names bronze itself.
        let older = [vec![manifest.as_input()], beside.clone()].concat();
        let mut made = targets.iter().map(|(target, _)| target.manifest());
        let is_older =
            made.all(|made| made.is_ok_and(|made| made.is_some_and(|of| of.inputs == older)));
        let inputs = if is_older {
            older
        } else {
            [manifest.inputs.clone(), beside].concat()
        };
        let job = task.job(targets.iter().cloned(), settings, inputs);
        (begin(job)?, Origin::Bronze(manifest.as_input()))
    } else {
        let settings = settings.and(Choice::settings_in(&raw.settings()));
        let job = task.job(targets.iter().cloned(), settings, beside);
        (begin_streaming(job)?, Origin::Raw(raw.day(task)))
    };
    Ok(match begun {
        Begun::Complete(manifests) => Begin::Kept(Outcome::Kept(manifests)),
        Begun::Build(build) => Begin::Build(Box::new(build), origin),
    })
}

/// Hashes raw files while `work` reads them, and returns them as inputs, with what came of the work.
///
/// # Errors
/// Those of `work`; else [`StageError::Partition`] if a file cannot be read.
pub(crate) fn hash_beside<T>(
    task: &Task,
    paths: &[PathBuf],
    work: impl FnOnce() -> Result<T, StageError>,
) -> Result<(T, Vec<Input>), StageError> {
    thread::scope(|scope| {
        let hashing = scope.spawn(|| {
            let inputs = paths.iter().map(|path| raw_input(task, path));
            inputs.collect::<Result<Vec<_>, _>>()
        });
        let made = work();
        let inputs = hashing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((made?, inputs?))
    })
}

/// Hashes a raw file.
pub(crate) fn raw_input(task: &Task, path: &Path) -> Result<Input, PartitionError> {
    let (content_sha256, _) = sha256_of_file(path).map_err(StoreError::when("read", path))?;
    Ok(Input {
        dataset: below_root(task, path),
        dt: task.date,
        content_sha256,
    })
}

/// Returns a path as a manifest names it.
pub(crate) fn below_root(task: &Task, path: &Path) -> String {
    let below = path.strip_prefix(task.lake.root()).unwrap_or(path);
    let names = below.iter().map(|name| name.to_string_lossy());
    names.collect::<Vec<_>>().join("/")
}
