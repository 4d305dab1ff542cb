//! Sessions in dyads in workers: what varies at each level, and how well it is measured there.

mod compare;
mod degrees;
mod design;
mod elimination;
mod fitted;
mod forecast;
mod fronts;
mod kenward_roger;
mod mixed;
mod model;
mod parts;
mod predictions;
mod profile;
mod search;
mod slopes;

pub use compare::{Comparison, Reference, compare};
pub use degrees::DegreesOfFreedom;
pub use fitted::{Correlation, FixedEffect, GroupCount, Mixed, SerialCorrelation, Status, Variance};
pub use forecast::{Forecast, Occasion, forecast};
pub use mixed::{MixedConfig, mixed};
pub use model::{Column, Contrast, Covariance, Groups, MixedModel, Occasions, Random, Residual};
pub use parts::{Detrend, Parts, Trend, split};
pub use predictions::GroupEffects;
pub use profile::Criterion;
