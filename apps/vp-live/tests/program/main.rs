//! The program as a user meets it: what it refuses and in which words, and the files it writes.

#![cfg(test)]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../dbn_file/mod.rs"]
mod dbn_file;

mod bad_arguments;
mod bad_files;
#[cfg(test)]
mod inputs;
mod output;
mod prices;
mod readme;
mod settings;
mod times;
mod trades;
