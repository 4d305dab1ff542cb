//! Numbers without psychometrics: exact sums and seeded random streams.

pub mod random;
mod sum;

pub use sum::ExactSum;
