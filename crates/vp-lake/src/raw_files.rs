//! All DBN files of a raw folder with the dates in their names, by one listing of it: a look at a
//! folder of thousands of files costs as much as there are files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vp_market::SessionDate;

use crate::raw::{LayoutError, RawFolder, dates_in, names_in, stem_of};

/// A DBN file of a raw folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFile {
    /// Where it is.
    pub path: PathBuf,
    /// The dates that its name holds, in order.
    pub dates: Vec<SessionDate>,
}

impl RawFolder {
    /// Returns the DBN files that sessions are read from, by name: those whose name holds a date,
    /// and of a stem with `.dbn` and `.dbn.zst` the former. None where there is no folder.
    ///
    /// # Errors
    /// [`LayoutError`] if the folder cannot be listed.
    pub fn dated_files(&self) -> Result<Vec<RawFile>, LayoutError> {
        let mut by_stem = BTreeMap::new();
        for name in names_in(self.path())? {
            // In name order `.dbn` comes before `.dbn.zst`, so the first of a stem is kept.
            if let Some(stem) = stem_of(&name) {
                by_stem.entry(stem.to_owned()).or_insert(name);
            }
        }
        let dated = by_stem.into_iter().filter_map(|(stem, name)| {
            let mut dates: Vec<_> = dates_in(&stem).collect();
            dates.sort_unstable();
            dates.dedup();
            let path = self.path().join(name);
            (!dates.is_empty()).then_some(RawFile { path, dates })
        });
        Ok(dated.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn one_listing_gives_what_dates_and_files_give() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "a-20231224.mbo.dbn.zst",
            "a-20231225.mbo.dbn",
            "a-20231225.mbo.dbn.zst",
            "b-20231225.mbo.dbn.zst",
            "b-20231225-20231225.mbo.dbn.zst",
            "a-20231226.mbo.dbn.zst.part",
            "undated.dbn",
        ] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let folder = RawFolder::new(directory.path().into());
        let files = folder.dated_files().unwrap();
        let dates: BTreeSet<_> = files.iter().flat_map(|file| &file.dates).copied().collect();
        assert_eq!(dates, folder.dates().unwrap());
        for date in dates {
            let of_date = files.iter().filter(|file| file.dates.contains(&date));
            let mut of_date: Vec<_> = of_date.map(|file| file.path.clone()).collect();
            of_date.sort();
            let mut expected = folder.files(date).unwrap();
            expected.sort();
            assert_eq!(of_date, expected, "{date}");
        }
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        let folder = RawFolder::new("no such folder".into());
        assert!(folder.dated_files().unwrap().is_empty());
    }
}
