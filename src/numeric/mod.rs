//! Numbers without psychometrics: exact sums, distributions and seeded random streams.

pub mod distribution;
pub mod random;
mod sum;

pub use sum::ExactSum;
