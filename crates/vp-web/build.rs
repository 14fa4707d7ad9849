//! Lists the files that `npm run build` left in `apps/web/dist`, so that the crate embeds them.
//!
//! It never runs npm: without the files the crate embeds nothing, and its page says how to get
//! them.

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
    for (path, file) in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(
            list,
            "    ({path:?}, include_bytes!({:?})),",
            file.display().to_string()
        )?;
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("files.rs"), list)?;
    Ok(())
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
