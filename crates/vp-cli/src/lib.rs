//! What the programs share: standard output that may be closed, and the log file. What a program
//! prints and logs is not known here.

mod log_file;
mod stdout;

pub use log_file::{LogFile, LogFileError};
pub use stdout::Stdout;
