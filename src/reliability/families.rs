//! The coefficients that are computed together.

use super::alpha::standardized_alpha;
use super::coefficient::{Coefficient, Family};
use super::glb::{glb, glb_by_factors};
use super::guttman::{guttman, ten_berge};
use super::halves::{odd_even, split_halves};
use super::hierarchical::{Hierarchical, HierarchicalConfig, hierarchical};
use super::interval::{AlphaInterval, alpha_interval};
use super::measurement::measurement;
use super::omega::{Omega, omega};
use super::scale::ScaleConfig;
use super::score::ScoreSummary;
use crate::moments::Moments;
use crate::statistic::{Estimate, Reason, StatError};

/// The estimates of a family, or why there are none.
pub(super) type Estimates = Result<Vec<(Coefficient, Estimate)>, Reason>;

pub(super) fn group_factors(moments: &Moments, config: &ScaleConfig) -> Result<Hierarchical, Reason> {
    let groups = config.groups.ok_or(Reason::NotApplicable)?;
    let config = HierarchicalConfig { groups, ..HierarchicalConfig::default() };
    hierarchical(moments, &config).map_err(|error| error.reason)
}

pub(super) fn of_one_factor(omega: &Omega) -> Vec<(Coefficient, Estimate)> {
    vec![
        (Coefficient::OmegaTotal, omega.omega_total),
        (Coefficient::OmegaTotalImplied, omega.omega_total_implied),
        (Coefficient::H, omega.h),
        (Coefficient::CompositeReliability, omega.composite_reliability),
        (Coefficient::Ave, omega.ave),
        (Coefficient::AveCovarianceWeighted, omega.ave_covariance_weighted),
    ]
}

pub(super) fn of_group_factors(found: &Hierarchical) -> Vec<(Coefficient, Estimate)> {
    vec![
        (Coefficient::OmegaHierarchical, found.omega_hierarchical),
        (Coefficient::OmegaTotalSchmidLeiman, found.omega_total),
        (Coefficient::OmegaLimit, found.omega_limit),
        (Coefficient::ExplainedCommonVariance, found.explained_common_variance),
    ]
}

/// The coefficients that are computed together.
pub(super) fn estimates(
    family: Family,
    moments: &Moments,
    score: &ScoreSummary,
    config: &ScaleConfig,
) -> Estimates {
    use Coefficient::*;
    let why = |error: StatError| error.reason;
    let standardized = || moments.standardized().map_err(why);
    Ok(match family {
        Family::Alpha => {
            vec![(Alpha, alpha_interval(moments, AlphaInterval::Feldt, config.level).map_err(why)?)]
        }
        Family::Inter => {
            let found = standardized_alpha(moments);
            vec![
                (AlphaStandardized, found.alpha),
                (MeanR, found.mean_r),
                (MedianR, found.median_r),
                (MinR, found.min_r),
                (MaxR, found.max_r),
                (SignalToNoise, found.signal_to_noise),
            ]
        }
        Family::Guttman => {
            let found = guttman(moments).map_err(why)?;
            vec![
                (Lambda1, found.lambda1),
                (Lambda2, found.lambda2),
                (Lambda3, found.lambda3),
                (Lambda5, found.lambda5),
                (Lambda6, found.lambda6),
            ]
        }
        Family::GuttmanStandardized => {
            let found = guttman(&standardized()?).map_err(why)?;
            vec![
                (Lambda1Standardized, found.lambda1),
                (Lambda2Standardized, found.lambda2),
                (Lambda3Standardized, found.lambda3),
                (Lambda5Standardized, found.lambda5),
                (Lambda6Standardized, found.lambda6),
            ]
        }
        Family::TenBerge => {
            let found = ten_berge(moments).map_err(why)?;
            vec![(Mu2, found.mu2), (Mu3, found.mu3)]
        }
        Family::Halves => {
            let found = split_halves(moments, &config.halves).map_err(why)?;
            vec![
                (Lambda4, found.max),
                (SplitHalfMin, found.min),
                (SplitHalfMean, found.mean),
                (SplitHalfMax, found.max),
            ]
        }
        Family::HalvesStandardized => {
            let found = split_halves(&standardized()?, &config.halves).map_err(why)?;
            vec![
                (Lambda4Standardized, found.max),
                (SplitHalfMinStandardized, found.min),
                (SplitHalfMeanStandardized, found.mean),
                (SplitHalfMaxStandardized, found.max),
            ]
        }
        Family::OddEven => {
            let found = odd_even(moments).map_err(why)?;
            vec![
                (OddEvenR, found.r),
                (SpearmanBrown, found.spearman_brown),
                (FlanaganRulon, found.flanagan_rulon),
            ]
        }
        Family::Glb => vec![(Glb, glb(moments).map_err(why)?.glb)],
        Family::GlbFa => vec![(GlbFa, glb_by_factors(moments).map_err(why)?)],
        Family::OneFactor => of_one_factor(&omega(moments, config.level).map_err(why)?),
        Family::Ordinal => return Err(Reason::NotApplicable),
        Family::SchmidLeiman => of_group_factors(&group_factors(moments, config)?),
        Family::Measurement => {
            let alpha = alpha_interval(moments, AlphaInterval::Feldt, config.level).map_err(why)?;
            let found = measurement(score.sd.ok_or(Reason::NoVariability)?, &alpha);
            vec![
                (StandardErrorOfMeasurement, found.standard_error),
                (MinimalDetectableChange, found.minimal_detectable_change),
            ]
        }
    })
}
