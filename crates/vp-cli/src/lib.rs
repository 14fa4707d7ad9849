//! What the programs share on the terminal. What a program prints is not known here.

mod stdout;

pub use stdout::Stdout;
