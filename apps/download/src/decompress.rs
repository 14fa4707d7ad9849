//! `download decompress`: the plain form of compressed files beside them.

use vp_databento::{Compressed, Failure, compressed_files, decompress};

use crate::args::DecompressArgs;
use crate::log;
use crate::orders::report_failures;
use vp_cli::report::Bytes;

/// Runs the command. One bad file does not stop the rest.
pub(crate) fn run(args: &DecompressArgs) -> anyhow::Result<()> {
    log::start(args.log_file.as_deref())?;
    let compressed = if args.rm {
        Compressed::Remove
    } else {
        Compressed::Keep
    };
    let mut files = Vec::new();
    let mut failures = Vec::new();
    for path in &args.paths {
        match compressed_files(path) {
            Ok(found) => files.extend(found),
            Err(error) => failures.push(failure(&path.display().to_string(), error)),
        }
    }
    for file in files {
        match decompress(&file, compressed) {
            Ok(done) => {
                let verb = if done.was_there {
                    "compared"
                } else {
                    "decompressed"
                };
                tracing::info!("{verb} {} {}", done.path.display(), Bytes(done.bytes));
            }
            Err(error) => failures.push(failure(&file.display().to_string(), error)),
        }
    }
    for failure in &failures {
        tracing::error!("failed {failure}");
    }
    report_failures(&failures)
}

/// Returns a failure with everything that led to it.
fn failure(what: &str, error: impl Into<anyhow::Error>) -> Failure {
    Failure {
        what: what.to_owned(),
        why: format!("{:#}", error.into()),
    }
}
