//! The program as a user meets it: what it makes, what it refuses, and what it survives.

#![cfg(test)]

#[path = "../binary/mod.rs"]
mod binary;

mod bad_arguments;
mod damage;
mod faults;
mod forecasts;
mod kills;
mod looking;
mod named_file;
mod plots;
mod raw_files;
mod readme;
mod runs;
mod sweeps;
mod versions;
