//! Means and covariances. Missing data is settled here, once.

mod matrix;
#[allow(clippy::module_inception)] // the type the room is named after
mod moments;

pub use matrix::ItemMatrix;
pub use moments::{Missing, Moments};
