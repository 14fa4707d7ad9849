//! What the programs share. What a program does is not known here.

mod log_file;

pub use log_file::{LogFile, LogFileError};
