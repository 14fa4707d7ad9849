//! The program as a user meets it, against a stand-in of the service on loopback.

#![cfg(test)]

mod daemon;
mod program;
mod stand_in;
