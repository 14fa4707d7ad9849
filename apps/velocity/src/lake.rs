//! The lake that a command reads, which must be there.

use std::ffi::OsString;
use std::path::{Path, PathBuf, absolute};

use anyhow::bail;
use vp_lake::{LAKE_VARIABLE, Lake};

/// Returns the lake that the flag or the environment names.
///
/// # Errors
/// If its root is no folder. The message names the option or variable that chose the lake.
pub fn existing(flag: Option<&PathBuf>) -> anyhow::Result<Lake> {
    resolve(flag, std::env::var_os(LAKE_VARIABLE))
}

fn resolve(flag: Option<&PathBuf>, variable: Option<OsString>) -> anyhow::Result<Lake> {
    let chosen = if flag.is_some() {
        "--lake names it".to_owned()
    } else if variable.as_ref().is_some_and(|value| !value.is_empty()) {
        format!("the variable {LAKE_VARIABLE} names it")
    } else {
        format!("it is the default, as neither --lake nor {LAKE_VARIABLE} is given")
    };
    let lake = Lake::resolve(flag.cloned(), variable);
    if lake.root().is_dir() {
        return Ok(lake);
    }
    let fault = if lake.root().exists() {
        "is not a folder"
    } else {
        "does not exist"
    };
    bail!(
        "the lake {} {fault}: {chosen}; give the root of the lake with --lake DIR or \
         {LAKE_VARIABLE}",
        full(lake.root()).display()
    )
}

/// Returns a path from the root of the file system, where that can be told.
fn full(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the error for a lake that does not exist.
    fn check(flag: Option<&str>, variable: Option<&str>, root: &str, chosen: &str) {
        let flag = flag.map(PathBuf::from);
        let error = resolve(flag.as_ref(), variable.map(OsString::from)).unwrap_err();
        let root = full(Path::new(root));
        let start = format!("the lake {} does not exist: {chosen}", root.display());
        assert!(error.to_string().starts_with(&start), "{error}");
    }

    #[test]
    fn the_message_says_how_a_missing_lake_was_chosen() {
        check(Some("no/a"), Some("no/b"), "no/a", "--lake names it");
        let variable = "the variable SPYMASTER_LAKE names it";
        check(None, Some("no/b"), "no/b", variable);
        let default = "it is the default, as neither --lake nor SPYMASTER_LAKE is given";
        check(None, None, "lake", default);
        check(None, Some(""), "lake", default);
    }

    #[test]
    fn a_file_is_no_lake_and_a_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(resolve(Some(&path), None).unwrap(), Lake::new(&path));
        let file = path.join("lake");
        std::fs::write(&file, "").unwrap();
        let error = resolve(Some(&file), None).unwrap_err().to_string();
        assert!(
            error.contains("lake is not a folder: --lake names it"),
            "{error}"
        );
    }
}
