//! One folder of raw DBN files: which dates it holds, and which files a date is read from.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use vp_market::SessionDate;

/// A folder of raw files. They are immutable: the system only reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFolder {
    path: PathBuf,
}

/// A folder that cannot be listed.
#[derive(Debug, thiserror::Error)]
#[error("cannot list the folder {}", path.display())]
pub struct LayoutError {
    /// The folder.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl RawFolder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns the folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether there is such a folder.
    pub fn exists(&self) -> bool {
        self.path.is_dir()
    }

    /// Returns the dates that a DBN file of the folder names; none where there is no folder.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn dates(&self) -> Result<BTreeSet<SessionDate>, LayoutError> {
        let names = names_in(&self.path)?;
        let stems = names.iter().filter_map(|name| stem_of(name));
        Ok(stems.flat_map(dates_in).collect())
    }

    /// Returns the files that a session of that date is read from, in the order in which they are
    /// read: every `*{YYYYMMDD}*.dbn` or `.dbn.zst`, by name, the former where a stem has both.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn files(&self, date: SessionDate) -> Result<Vec<PathBuf>, LayoutError> {
        let compact = date.compact();
        let mut by_stem = BTreeMap::new();
        for name in names_in(&self.path)? {
            // In name order `.dbn` comes before `.dbn.zst`, so the first of a stem is kept.
            if let Some(stem) = stem_of(&name).filter(|stem| stem.contains(&compact)) {
                by_stem
                    .entry(stem.to_owned())
                    .or_insert_with(|| self.path.join(&name));
            }
        }
        Ok(by_stem.into_values().collect())
    }
}

/// Returns the names in a folder that are text, sorted; none where there is no folder.
pub(crate) fn names_in(folder: &Path) -> Result<BTreeSet<String>, LayoutError> {
    let list = || match folder.read_dir() {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.file_name().into_string().ok()))
            .filter_map(Result::transpose)
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    };
    list().map_err(|source| LayoutError {
        path: folder.into(),
        source,
    })
}

/// Returns a DBN file's name without its ending.
pub(crate) fn stem_of(name: &str) -> Option<&str> {
    name.strip_suffix(".zst")
        .unwrap_or(name)
        .strip_suffix(".dbn")
}

/// Returns every date that a name holds in the form YYYYMMDD.
pub(crate) fn dates_in(stem: &str) -> impl Iterator<Item = SessionDate> {
    (0..stem.len()).filter_map(|start| SessionDate::from_compact(stem.get(start..start + 8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which of the files `names` a session of 2023-12-25 is read from.
    fn check(names: &[&str], expected: &[&str]) {
        let directory = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let folder = RawFolder::new(directory.path().into());
        let files = folder.files("2023-12-25".parse().unwrap()).unwrap();
        let found: Vec<_> = files
            .iter()
            .map(|file| file.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_uncompressed_file_of_a_stem_is_read() {
        check(
            &["glbx-20231225.mbo.dbn.zst", "glbx-20231225.mbo.dbn"],
            &["glbx-20231225.mbo.dbn"],
        );
    }

    #[test]
    fn all_stems_of_the_date_are_read_in_name_order() {
        check(
            &[
                "b-20231225.dbn",
                "a-20231225.part1.dbn.zst",
                "a-20231225.dbn.zst",
            ],
            &[
                "a-20231225.dbn.zst",
                "a-20231225.part1.dbn.zst",
                "b-20231225.dbn",
            ],
        );
    }

    #[test]
    fn other_dates_and_unfinished_downloads_are_not_read() {
        check(
            &[
                "a-20231224.dbn",
                "a-20231225.dbn.zst.part",
                "a-20231225.csv",
                "20231225",
            ],
            &[],
        );
    }

    #[test]
    fn a_folder_lists_the_dates_of_its_dbn_files() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "glbx-mdp3-20231225.mbo.dbn.zst",
            "glbx-mdp3-20231224.mbo.dbn",
            "20231299.dbn",
            "20231223.txt",
            "é20231222é.dbn",
        ] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let dates = RawFolder::new(directory.path().into()).dates().unwrap();
        let shown: Vec<_> = dates.iter().map(SessionDate::to_string).collect();
        assert_eq!(shown, ["2023-12-22", "2023-12-24", "2023-12-25"]);
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        let folder = RawFolder::new("no such folder".into());
        assert!(!folder.exists());
        assert!(folder.dates().unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_listed_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = RawFolder::new(file.path().into()).dates().unwrap_err();
        assert_eq!(error.path, file.path());
    }
}
