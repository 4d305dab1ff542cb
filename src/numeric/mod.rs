//! Numbers without psychometrics: exact sums, distributions, the bivariate normal, symmetric matrices, least squares and
//! seeded random streams.

mod bivariate;
pub mod distribution;
mod dot;
mod least_squares;
pub mod matrix;
mod quantile;
pub mod random;
mod sum;
mod threads;

pub use bivariate::BivariateNormal;
pub use dot::dot;
pub use least_squares::{LeastSquares, least_squares};
pub use quantile::quantile;
pub use sum::ExactSum;
pub use threads::Threads;
