//! Sessions in dyads in workers: what varies at each level, and how well it is measured there.

mod bootstrap;
mod compare;
mod components;
mod degrees;
mod design;
mod elimination;
mod fitted;
mod forecast;
mod fronts;
mod generalizability;
mod icc;
mod kenward_roger;
mod levels;
mod lines;
mod mixed;
mod model;
mod parts;
mod predictions;
mod profile;
mod raters;
mod repeated;
mod search;
mod slopes;
mod two_level;

pub use bootstrap::{Bootstrap, LEAST_PERSONS};
pub use compare::{Comparison, Reference, compare};
pub use components::{Component, Components, Estimator, Negative};
pub use degrees::DegreesOfFreedom;
pub use fitted::{Correlation, FixedEffect, GroupCount, Mixed, SerialCorrelation, Status, Variance};
pub use forecast::{Forecast, Occasion, forecast};
pub use generalizability::{
    Coefficient, Generalizability, GeneralizabilityConfig, Needed, TARGETS, WithinPerson, generalizability,
    occasions_in_persons, replicates_for,
};
pub use icc::{GroupIcc, group_icc};
pub use levels::{LevelAlphas, LevelConfig, level_alphas};
pub use lines::{PersonLine, person_lines};
pub use mixed::{MixedConfig, mixed};
pub use model::{Column, Contrast, Covariance, Groups, MixedModel, Occasions, Random, Residual};
pub use parts::{Detrend, Parts, Trend, split};
pub use predictions::GroupEffects;
pub use profile::Criterion;
pub use raters::{RaterStudy, rater_study};
pub use repeated::Repeated;
pub use two_level::{TwoLevel, TwoLevelEstimator};
