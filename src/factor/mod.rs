//! Factors: what answers have in common.

mod adequacy;
mod canonical;
mod minres;
mod oblimin;
mod one;
mod schmid_leiman;

pub use adequacy::{Adequacy, adequacy};
pub use canonical::canonical;
pub use minres::{Minres, MinresConfig, minres};
pub use oblimin::{ObliminConfig, Rotation, oblimin};
pub use one::{
    EqualLoadings, Loadings, OneFactor, OneFactorConfig, OneFactorSolution, equal_loadings, fit_one_factor,
    one_factor,
};
pub use schmid_leiman::{SchmidLeiman, schmid_leiman};
