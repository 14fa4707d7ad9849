//! Lists the files that `npm run build` left in `apps/web/dist`, so that the crate embeds them
//! together with their compressed forms.
//!
//! It never runs npm: without the files the crate embeds nothing, and its page says how to get
//! them.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let built = manifest.join("../../apps/web/dist");
    let mut files = Vec::new();
    if built.is_dir() {
        let built = built.canonicalize()?;
        println!("cargo::rerun-if-changed={}", built.display());
        collect(&built, &built, &mut files)?;
        files.sort();
    } else {
        // A path that is not there is looked at on every build, and costs nothing.
        println!("cargo::rerun-if-changed={}", built.display());
    }
    let mut list = String::from("&[\n");
    let paths: BTreeMap<&str, &Path> = files
        .iter()
        .map(|(path, file)| (path.as_str(), file.as_path()))
        .collect();
    for (&path, file) in &paths {
        println!("cargo::rerun-if-changed={}", file.display());
        if is_compressed_form(path, &paths) {
            continue;
        }
        let form = |extension| {
            let form = paths.get(format!("{path}.{extension}").as_str());
            form.map_or("None".to_owned(), |file| {
                format!("Some({})", embedded(file))
            })
        };
        writeln!(
            list,
            "    ({path:?}, {}, {}, {}),",
            embedded(file),
            form("br"),
            form("gz")
        )?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("files.rs"), list)?;
    Ok(())
}

/// Returns whether a file is another one, compressed.
fn is_compressed_form(path: &str, paths: &BTreeMap<&str, &Path>) -> bool {
    let original = path
        .strip_suffix(".br")
        .or_else(|| path.strip_suffix(".gz"));
    original.is_some_and(|original| paths.contains_key(original))
}

/// Returns the expression that embeds a file.
fn embedded(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

/// Collects every file below `folder` with its path from `root` on, as a browser asks for it.
fn collect(
    root: &Path,
    folder: &Path,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let parts: Option<Vec<_>> = path
                .strip_prefix(root)?
                .components()
                .map(|part| part.as_os_str().to_str())
                .collect();
            let name = parts
                .ok_or("a built file whose name is not UTF-8")?
                .join("/");
            files.push((format!("/{name}"), path));
        }
    }
    Ok(())
}
