//! Where instrument definitions lie: in any folder below one root, told apart by the date in their
//! name.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use vp_market::SessionDate;

use crate::Lake;
use crate::raw::LayoutError;

impl Lake {
    /// Returns the pattern of the definition files of a date, for messages.
    pub fn definition_pattern(&self, date: SessionDate) -> PathBuf {
        let name = format!("*{}*.dbn*", date.compact());
        self.definition_root().join("**").join(name)
    }

    /// Returns the definition files of a date, by path; none where there is no folder.
    ///
    /// # Errors
    /// [`LayoutError`] if a folder cannot be listed.
    pub fn definition_files(&self, date: SessionDate) -> Result<Vec<PathBuf>, LayoutError> {
        let mut files = Vec::new();
        let root = self.definition_root();
        if root.is_dir() {
            collect(&root, &date.compact(), &mut files)?;
        }
        files.sort();
        // Of a file that is there with and without compression the latter is read.
        let plain: Vec<PathBuf> = files.clone();
        files.retain(|path| {
            path.extension().is_none_or(|ending| ending != "zst")
                || plain.binary_search(&path.with_extension("")).is_err()
        });
        Ok(files)
    }

    fn definition_root(&self) -> PathBuf {
        self.root().join("raw/source=databento/dataset=definition")
    }
}

/// Adds the files below a folder whose names hold the date; links to folders are not followed.
fn collect(folder: &Path, date: &str, files: &mut Vec<PathBuf>) -> Result<(), LayoutError> {
    let failed = |source| LayoutError {
        path: folder.into(),
        source,
    };
    for entry in folder.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            collect(&entry.path(), date, files)?;
        } else if is_of_date(&entry, date) {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_of_date(entry: &DirEntry, date: &str) -> bool {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        return false;
    };
    let stem = name.strip_suffix(".zst").unwrap_or(name);
    stem.strip_suffix(".dbn")
        .is_some_and(|stem| stem.contains(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_date_are_found_in_any_folder() {
        let directory = tempfile::tempdir().unwrap();
        let lake = Lake::new(directory.path());
        let date = "2026-02-06".parse().unwrap();
        assert!(lake.definition_files(date).unwrap().is_empty());
        let root = directory
            .path()
            .join("raw/source=databento/dataset=definition");
        let folder = root.join("venue=glbx/type=futures_options/symbol=ES");
        std::fs::create_dir_all(&folder).unwrap();
        for name in [
            "glbx-mdp3-20260206.definition.dbn",
            "glbx-mdp3-20260206.definition.dbn.zst",
            "glbx-mdp3-20260207.definition.dbn.zst",
            "glbx-mdp3-20260206.definition.dbn.zst.part",
            "resolved_2026-02-06.json",
        ] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        std::fs::write(root.join("20260206.dbn.zst"), "").unwrap();
        let found = lake.definition_files(date).unwrap();
        let names = found.iter().map(|path| path.strip_prefix(&root).unwrap());
        let names: Vec<_> = names.map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "20260206.dbn.zst",
                "venue=glbx/type=futures_options/symbol=ES/glbx-mdp3-20260206.definition.dbn",
            ]
        );
        let pattern = lake.definition_pattern(date);
        assert!(pattern.ends_with("dataset=definition/**/*20260206*.dbn*"));
    }
}
