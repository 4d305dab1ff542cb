//! Sessions in dyads in workers: what varies at each level, and how well it is measured there.

mod degrees;
mod design;
mod elimination;
mod fronts;
mod mixed;
mod model;
mod predictions;
mod profile;
mod search;
mod slopes;

pub use degrees::DegreesOfFreedom;
pub use mixed::{
    Correlation, FixedEffect, GroupCount, Mixed, MixedConfig, SerialCorrelation, Status, Variance, mixed,
};
pub use model::{Column, Covariance, Groups, MixedModel, Occasions, Random, Residual};
pub use predictions::GroupEffects;
pub use profile::Criterion;
