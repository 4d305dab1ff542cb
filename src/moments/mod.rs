//! Means and covariances. Missing data is settled here, once.

mod categories;
mod cross;
mod em;
mod little;
mod matrix;
#[allow(clippy::module_inception)] // the type the room is named after
mod moments;
mod patterns;
mod polychoric;
mod products;
mod smc;

pub use categories::Categories;
pub use cross::{CompleteProducts, KeyedItem, PairProducts};
pub use little::{Divisor, Little, LittleConfig, little};
pub use matrix::ItemMatrix;
pub use moments::{Metric, Missing, Moments};
pub use patterns::{Pattern, patterns};
pub use polychoric::{EmptyCells, Polychoric, PolychoricConfig, PolychoricPair, Smoothing, polychoric};
pub use smc::smc;
