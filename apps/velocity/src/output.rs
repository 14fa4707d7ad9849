//! Files that a command writes: whole or not there.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use vp_lake::WholeFile;

/// Writes a file by what `write` puts into it, in a folder that is made if it is not there.
///
/// # Errors
/// If the file cannot be written, or what `write` returns; the file is what it was then.
pub fn publish(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<WholeFile>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = BufWriter::new(WholeFile::create(path).with_context(cannot)?);
    write(&mut file)?;
    let file = file.into_inner().with_context(cannot)?;
    file.publish().with_context(cannot)
}
