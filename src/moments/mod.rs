//! Means and covariances. Missing data is settled here, once.

mod matrix;

pub use matrix::ItemMatrix;
