//! How far raters, or two informants, agree: intraclass correlations, kappas and their relatives, limits of agreement.

mod chance;
mod gaps;
mod icc;
mod kappa;
mod kendall;
mod krippendorff;
mod limits;
mod pair;
mod patterns;
mod percent;
mod rater_drift;
mod ratings;
mod weights;
mod within;

pub use chance::{Chance, ChanceCorrected, chance_corrected};
pub use gaps::{IccReml, icc_reml};
pub use icc::{Components, FTest, Icc, IccConfig, IccEstimate, IccForm, MeanSquares, icc};
pub use kappa::{Confusion, Kappa, Light, kappa, light};
pub use kendall::{Kendall, kendall};
pub use krippendorff::{Krippendorff, KrippendorffConfig, Metric, krippendorff};
pub use limits::{BetweenWithin, Limits, Slope, limits_of_agreement, limits_over_sessions};
pub use pair::{
    Concordance, PairCorrelation, PairMoments, PairedDifference, concordance, double_entry, pair_correlation,
    paired_difference,
};
pub use percent::{FinalScore, Settled, Within, final_score, within_points};
pub use rater_drift::{RaterDrift, rater_drift};
pub use ratings::{CategoryList, Coded, Ratings};
pub use weights::Weights;
pub use within::{NAMED_NULLS, NamedNull, Null, WithinGroup, finn, within_group};
