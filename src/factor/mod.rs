//! Factors: what answers have in common.

mod adequacy;

pub use adequacy::{Adequacy, adequacy};
