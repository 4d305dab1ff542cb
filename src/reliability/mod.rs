//! Reliability of a scale: how far the same person would get the same score again.
//!
//! Everything here reads [`Moments`](crate::moments::Moments), in which missing data is already settled, or the answers
//! themselves where moments do not suffice.

mod alpha;
mod bootstrap;
mod coefficient;
mod compare;
mod composite;
mod correlation;
mod deleted;
mod describe;
mod families;
mod glb;
mod guttman;
mod halves;
mod hierarchical;
mod interval;
mod items;
mod mardia;
mod measurement;
mod omega;
mod ordinal;
mod scale;
mod score;
mod statistics;

pub use alpha::{Alpha, AlphaConfig, Standardized, alpha, standardized_alpha};
pub use bootstrap::{Bootstrap, BootstrapConfig, BootstrapLimits, FEWEST_CLUSTERS, bootstrap};
pub use coefficient::Coefficient;
pub use compare::{
    AlphaComparison, Compared, compare_dependent, compare_independent, compare_two_dependent,
    compare_two_independent,
};
pub use correlation::{Correlation, correlation, disattenuated, with_fisher_limits};
pub use deleted::{Influence, alpha_if_deleted, most_influential};
pub use describe::{Description, Frequencies, Shape, describe};
pub use glb::{Glb, glb, glb_by_factors};
pub use guttman::{Guttman, TenBerge, guttman, ten_berge};
pub use halves::{HalvesConfig, OddEven, SplitHalves, odd_even, split_halves};
pub use hierarchical::{GroupOmega, Hierarchical, HierarchicalConfig, hierarchical};
pub use interval::{AlphaInterval, alpha_interval, distribution_free};
pub use items::{ItemElsewhere, ItemFit, item_elsewhere, item_fit};
pub use mardia::{Mardia, mardia};
pub use measurement::{Measurement, measurement};
pub use omega::{Omega, Tenable, omega, omega_if_deleted};
pub use ordinal::{categories, ordinal_alpha};
pub use scale::{Found, ScaleConfig, ScaleReliability, reliability_of_moments, scale_reliability};
pub use score::{ScoreOf, ScoreSummary};
pub use statistics::{Allowed, ItemStatistics, Share, item_statistics, unanswered};
