//! One factor by maximum likelihood.

mod likelihood;
mod model;
mod search;

pub use model::{EqualLoadings, OneFactor, OneFactorConfig, equal_loadings, one_factor};
pub use search::{Loadings, OneFactorSolution, fit_one_factor};
