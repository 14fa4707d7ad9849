//! Whether files are what their manifests say, found out beside the streams that read them: hashing
//! three hours of gold takes seconds, and a viewer is not to wait for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::SystemTime;

use vp_lake::tables::HeldPartition;

use vp_cli::report;

/// What tells the files of a partition from all others.
type Identity = (String, Vec<(PathBuf, u64, SystemTime)>);

/// What is wrong with a partition, once that is known.
type Finding = Arc<OnceLock<Option<String>>>;

/// What has been found of which files. Each version of a file is hashed once.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    findings: Arc<Mutex<BTreeMap<Identity, Finding>>>,
}

/// The findings that a stream depends on.
#[derive(Debug)]
pub(super) struct Check(Vec<Finding>);

impl Checks {
    /// Has partitions hashed that have not been yet.
    pub(super) fn begin(&self, partitions: Vec<Arc<HeldPartition>>) -> Check {
        let of = |partition| self.finding(partition);
        Check(partitions.into_iter().map(of).collect())
    }

    fn finding(&self, partition: Arc<HeldPartition>) -> Finding {
        let files = match partition.identity() {
            Ok(files) => files,
            Err(error) => return Arc::new(OnceLock::from(Some(report::chain(&error)))),
        };
        let hash = partition.manifest().content_sha256.clone();
        // What one stream left behind is whole: entries are inserted complete.
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(finding) = findings.get(&(hash.clone(), files.clone())) {
            return Arc::clone(finding);
        }
        let finding = Finding::default();
        findings.insert((hash, files), Arc::clone(&finding));
        let found = Arc::clone(&finding);
        let spawned = thread::Builder::new().name("check".into()).spawn(move || {
            let defect = partition.verify().err().map(|error| report::chain(&error));
            if let Some(defect) = &defect {
                tracing::error!("{defect}");
            }
            let _ = found.set(defect);
        });
        if let Err(error) = spawned {
            let _ = finding.set(Some(format!("cannot start a check: {error}")));
        }
        finding
    }
}

impl Check {
    /// Returns what is wrong, if that is known by now.
    pub(super) fn defect(&self) -> Option<&str> {
        let known = self.0.iter().filter_map(|finding| finding.get());
        known.flatten().map(String::as_str).next()
    }
}
