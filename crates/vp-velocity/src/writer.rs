//! Writing partitions on a thread of its own, while the next rows are computed.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use vp_lake::tables::{Build, PartitionError, Values};

use crate::stage::StageError;

/// Stretches of rows that wait to be written.
const WAITING: usize = 16;

/// Takes rows for the partitions of a build.
#[derive(Debug)]
pub(crate) struct Writer(SyncSender<(usize, Vec<Values>)>);

/// Why no more rows are computed.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Nothing is written any more; the writer knows why.
    Writing,
    /// They cannot be.
    Stage(StageError),
}

impl<E: Into<StageError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Stage(error.into())
    }
}

impl Writer {
    /// Appends rows to a partition: the values of each column, in order.
    ///
    /// # Errors
    /// [`Halt::Writing`] once rows cannot be written.
    pub(crate) fn append(&self, number: usize, values: Vec<Values>) -> Result<(), Halt> {
        self.0.send((number, values)).map_err(|_| Halt::Writing)
    }
}

/// Writes the rows that `compute` appends, and returns the build with what came of it.
///
/// # Errors
/// That of the writer, else that of `compute`.
pub(crate) fn write_beside<T>(
    mut build: Build,
    compute: impl FnOnce(&Writer) -> Result<T, Halt>,
) -> Result<(Build, T), StageError> {
    thread::scope(|scope| {
        let (rows, waiting) = sync_channel::<(usize, Vec<Values>)>(WAITING);
        let writing = scope.spawn(move || {
            for (number, values) in waiting {
                build.append(number, values)?;
            }
            Ok::<_, PartitionError>(build)
        });
        let computed = compute(&Writer(rows));
        let build = writing
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        match computed {
            Ok(made) => Ok((build, made)),
            Err(Halt::Stage(error)) => Err(error),
            Err(Halt::Writing) => unreachable!("the writer ended without an error"),
        }
    })
}
