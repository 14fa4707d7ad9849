//! What tests share: record builders, naive reference models, golden readers, and what a program
//! said.
//!
//! A dev-dependency, never a dependency. The models are written for obviousness, not speed, and
//! share no code with what they check.

pub mod golden;
pub mod naive;
pub mod program;
pub mod records;
pub mod shared;
pub mod strategy;
