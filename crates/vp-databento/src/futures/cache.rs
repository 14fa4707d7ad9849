//! What was looked up of a root on a date, kept beside the definitions: `resolved_{date}.json`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use vp_lake::{Lake, RawTable, WholeFile};
use vp_market::SessionDate;

/// A file of this kind is never longer.
const MAX_BYTES: u64 = 64 << 20;

/// The contract and the options of a root on a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// The root.
    pub root: String,
    /// The date.
    #[serde(serialize_with = "write_date", deserialize_with = "read_date")]
    pub date: SessionDate,
    /// The contract that is the front month by volume.
    pub contract: String,
    /// The families whose definitions were read, in that order.
    pub tried: Vec<String>,
    /// The options; none where none were wanted, or no family holds any.
    pub options: Option<ChosenOptions>,
}

/// The options of a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenOptions {
    /// Why their family was a candidate: `0dte`, `3dte_Mon`, `monthly`.
    pub candidate: String,
    /// Their family.
    pub parent: String,
    /// The date on which they expire.
    #[serde(serialize_with = "write_date", deserialize_with = "read_date")]
    pub expiration: SessionDate,
    /// Their symbols.
    pub symbols: BTreeSet<String>,
}

/// Why what was looked up cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The file cannot be read or written.
    #[error("{} cannot be read or written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("{} is corrupt: {reason}; remove it and run the same command again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Resolved {
    /// Returns whether options have been looked for, with or without success.
    pub fn has_looked_for_options(&self) -> bool {
        !self.tried.is_empty()
    }

    /// Reads what an earlier run looked up, if one did.
    pub(super) fn load(
        lake: &Lake,
        root: &str,
        date: SessionDate,
    ) -> Result<Option<Self>, CacheError> {
        let path = path(lake, root, date);
        let bytes = match vp_lake::read_regular(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CacheError::Io { path, source }),
        };
        let broken = |reason: String| CacheError::Broken {
            path: path.clone(),
            reason,
        };
        let found: Self =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if (found.root.as_str(), found.date) == (root, date) {
            Ok(Some(found))
        } else {
            Err(broken(format!("it is of {} on {}", found.root, found.date)))
        }
    }

    /// Keeps what was looked up.
    pub(super) fn store(&self, lake: &Lake) -> Result<(), CacheError> {
        let path = path(lake, &self.root, self.date);
        let write = || {
            let mut file = WholeFile::create(&path)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.publish()
        };
        write().map_err(|source| CacheError::Io {
            path: path.clone(),
            source,
        })
    }
}

fn path(lake: &Lake, root: &str, date: SessionDate) -> PathBuf {
    let folder = lake.raw_table(RawTable::FutureOptionDefinition, root);
    folder.path().join(format!("resolved_{date}.json"))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde calls"
)]
fn write_date<S: Serializer>(date: &SessionDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

fn read_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SessionDate, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved() -> Resolved {
        let date = "2026-02-06".parse().unwrap();
        Resolved {
            root: "MNQ".into(),
            date,
            contract: "MNQH6".into(),
            tried: vec!["MQ1.OPT".into()],
            options: Some(ChosenOptions {
                candidate: "0dte".into(),
                parent: "MQ1.OPT".into(),
                expiration: date,
                symbols: BTreeSet::from(["MQ1G6 C21500".into()]),
            }),
        }
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::new(folder.path());
        let resolved = resolved();
        assert_eq!(Resolved::load(&lake, "MNQ", resolved.date).unwrap(), None);
        let path = path(&lake, "MNQ", resolved.date);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        resolved.store(&lake).unwrap();
        assert_eq!(
            Resolved::load(&lake, "MNQ", resolved.date).unwrap(),
            Some(resolved.clone())
        );
        let shown = path.strip_prefix(folder.path()).unwrap();
        assert_eq!(
            shown.to_str().unwrap(),
            "raw/source=databento/dataset=definition/venue=glbx/type=futures_options/symbol=MNQ/resolved_2026-02-06.json"
        );
        for text in ["", "{}", "{\"root\": 1}"] {
            std::fs::write(&path, text).unwrap();
            let error = Resolved::load(&lake, "MNQ", resolved.date).unwrap_err();
            assert!(error.to_string().contains("remove it"), "{error}");
        }
        let other = Resolved {
            root: "ES".into(),
            ..resolved
        };
        std::fs::write(&path, serde_json::to_vec(&other).unwrap()).unwrap();
        assert!(Resolved::load(&lake, "MNQ", other.date).is_err());
    }
}
