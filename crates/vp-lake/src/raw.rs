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

    /// Returns the dates that the names of the folder's DBN files hold, every date of a range among
    /// them; none where there is no folder.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn dates(&self) -> Result<BTreeSet<SessionDate>, LayoutError> {
        let list = self.list()?;
        Ok(list.iter().flat_map(RawFile::dates).collect())
    }

    /// Returns the files that a session of that date may be read from, by name: those whose names
    /// hold the date, alone or within a range of days.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn files(&self, date: SessionDate) -> Result<Vec<PathBuf>, LayoutError> {
        let list = self.list()?.into_iter();
        let of_date = list.filter(|file| file.days(date).is_some());
        Ok(of_date.map(|file| file.path).collect())
    }

    /// Returns every DBN file of the folder, by name: `.dbn` and `.dbn.zst`, the former where a
    /// stem has both. The folder is listed once, and no file is opened.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn list(&self) -> Result<Vec<RawFile>, LayoutError> {
        let mut by_stem = BTreeMap::new();
        for name in names_in(&self.path)? {
            // In name order `.dbn` comes before `.dbn.zst`, so the first of a stem is kept.
            if let Some(stem) = stem_of(&name) {
                by_stem
                    .entry(stem.to_owned())
                    .or_insert_with(|| self.path.join(&name));
            }
        }
        let files = by_stem.into_iter();
        Ok(files
            .map(|(stem, path)| RawFile::new(path, &stem))
            .collect())
    }
}

/// A DBN file of a folder, as its name describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFile {
    path: PathBuf,
    spans: Vec<Days>,
    is_recording: bool,
}

/// The days from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Days {
    first: SessionDate,
    last: SessionDate,
    count: u32,
}

impl Days {
    /// Returns the range; `None` if it goes back, or is longer than [`MAX_DAYS`].
    fn new(first: SessionDate, last: SessionDate) -> Option<Self> {
        let count = 1 + first.days_until(last);
        let count = u32::try_from(count).ok();
        let count = count.filter(|count| (1..=MAX_DAYS).contains(count))?;
        Some(Self { first, last, count })
    }
}

impl RawFile {
    fn new(path: PathBuf, stem: &str) -> Self {
        Self {
            path,
            spans: spans_in(stem),
            is_recording: stem.starts_with(RECORDING),
        }
    }

    /// Returns the file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns every date that the name holds; some may come twice.
    pub fn dates(&self) -> impl Iterator<Item = SessionDate> {
        self.spans.iter().flat_map(|days| {
            let dates = std::iter::successors(Some(days.first), |date| date.next());
            dates.take_while(|date| *date <= days.last)
        })
    }

    /// Returns how many days the name spans around that date: 1 where it names the date alone, the
    /// length of the range where it names a range, `None` where it does not hold the date.
    pub fn days(&self, date: SessionDate) -> Option<u32> {
        let around = self.spans.iter();
        let around = around.filter(|days| days.first <= date && date <= days.last);
        around.map(|days| days.count).min()
    }

    /// Returns whether the file was recorded from a live stream rather than downloaded.
    pub const fn is_recording(&self) -> bool {
        self.is_recording
    }
}

/// What the names of recordings begin with.
const RECORDING: &str = "live-";

/// The longest range of days that a name may hold: ten years.
const MAX_DAYS: u32 = 3_660;

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

/// Returns every date that a name holds in the form YYYYMMDD, and every range of two of them in the
/// form YYYYMMDD-YYYYMMDD.
fn spans_in(stem: &str) -> Vec<Days> {
    let date = |start: usize| SessionDate::from_compact(stem.get(start..start + 8)?);
    let mut spans = Vec::new();
    let mut last_of_range = None;
    for start in 0..stem.len() {
        let Some(first) = date(start) else {
            continue;
        };
        let last = stem.get(start + 8..start + 9).filter(|&mark| mark == "-");
        let last = last.and_then(|_| date(start + 9));
        let range = last.and_then(|last| Days::new(first, last));
        if range.is_some() {
            last_of_range = Some(start + 9);
            spans.extend(range);
        } else if last_of_range != Some(start) {
            spans.extend(Days::new(first, first));
        }
    }
    spans
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
    fn a_range_of_days_serves_every_date_from_its_first_to_its_last() {
        check(
            &[
                "a-20231218-20231224.dbn",
                "b-20231224-20231225.mbo.dbn.zst",
                "c-20231225-20231231.dbn",
                "d-20231201-20240115.dbn",
                "e-20231226-20231224.dbn",
                "f-20130101-20991231.dbn",
            ],
            &[
                "b-20231224-20231225.mbo.dbn.zst",
                "c-20231225-20231231.dbn",
                "d-20231201-20240115.dbn",
            ],
        );
    }

    /// Returns the files of a folder with that one file.
    fn list(name: &str) -> Vec<RawFile> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(name), "").unwrap();
        RawFolder::new(directory.path().into()).list().unwrap()
    }

    #[test]
    fn a_file_knows_how_many_days_it_spans_around_a_date() {
        let days = |name: &str| list(name)[0].days("2023-12-25".parse().unwrap());
        assert_eq!(days("a-20231225.dbn"), Some(1));
        assert_eq!(days("a-20231225-20231225.dbn"), Some(1));
        assert_eq!(days("a-20231224-20231226.dbn"), Some(3));
        assert_eq!(days("a-20231226.dbn"), None);
        assert_eq!(days("a.dbn"), None);
        // Two dates that are no range: both are served, and what lies between them is not.
        assert_eq!(days("a-20231226-20231225.dbn"), Some(1));
        assert_eq!(days("a-20231224.20231226.dbn"), None);
    }

    #[test]
    fn the_dates_of_a_range_are_listed_weekends_included() {
        let dates = |name: &str| {
            let files = list(name);
            let dates = files[0].dates().map(SessionDate::compact);
            dates.collect::<Vec<_>>()
        };
        assert_eq!(
            dates("glbx-mdp3-20231222-20231225.mbo.dbn.zst"),
            ["20231222", "20231223", "20231224", "20231225"]
        );
        // A range longer than ten years is two dates.
        assert_eq!(dates("19700102-22611231.dbn"), ["19700102", "22611231"]);
    }

    #[test]
    fn recordings_are_told_from_downloads_by_their_names() {
        assert!(list("live-20231225T133000Z.mbo.dbn.zst")[0].is_recording());
        assert!(!list("glbx-live-20231225.mbo.dbn.zst")[0].is_recording());
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
