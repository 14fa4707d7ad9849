//! Files that a command writes, atomically.

use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use vp_lake::WholeFile;

/// Writes a file by what `write` puts into it, in a folder that is there.
///
/// # Errors
/// If the file cannot be written, or what `write` returns; the file is what it was then.
pub fn publish(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<WholeFile>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let publish = || -> anyhow::Result<()> {
        let mut file = BufWriter::new(WholeFile::create(path)?);
        write(&mut file)?;
        Ok(file.into_inner()?.publish()?)
    };
    publish().with_context(|| format!("{} cannot be written", path.display()))
}
