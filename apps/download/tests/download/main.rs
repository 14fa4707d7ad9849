//! The program as a user meets it, against a stand-in of the service on loopback.

#![cfg(test)]

mod consent;
mod daemon;
mod decompress;
mod faults;
mod kill;
mod log_file;
mod orders;
mod program;
mod refusals;
mod secret;
mod silence;
mod stand_in;
mod transfers;
