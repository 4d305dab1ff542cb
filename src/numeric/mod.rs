//! Numbers without psychometrics: exact sums, distributions, symmetric matrices and seeded random streams.

pub mod distribution;
pub mod matrix;
mod quantile;
pub mod random;
mod sum;

pub use quantile::quantile;
pub use sum::ExactSum;
