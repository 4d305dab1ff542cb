//! Numbers without psychometrics: exact sums, distributions, symmetric matrices and seeded random streams.

pub mod distribution;
pub mod matrix;
pub mod random;
mod sum;

pub use sum::ExactSum;
