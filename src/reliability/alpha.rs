//! Cronbach's alpha.

use serde::Serialize;

use super::composite::total_variance;
use super::interval::{AlphaInterval, alpha_interval};
use crate::moments::{Missing, Moments};
use crate::statistic::{Estimate, Reason, StatError};

/// How alpha's limits are found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AlphaConfig {
    /// The confidence level, between 0 and 1.
    pub level: f64,
    /// The method; Feldt's, unless another is named.
    pub interval: AlphaInterval,
}

impl Default for AlphaConfig {
    fn default() -> AlphaConfig {
        AlphaConfig { level: 0.95, interval: AlphaInterval::Feldt }
    }
}

/// Cronbach's alpha of a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Alpha {
    /// The estimate with its limits.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// How many persons stand behind it.
    pub n: usize,
    /// How many items it is of.
    pub k: usize,
    /// The items.
    pub items: Vec<String>,
    /// What happened to gaps.
    pub missing: Missing,
    /// What was asked for.
    pub config: AlphaConfig,
}

/// Cronbach's alpha: how much of the variance of a sum score the items share, if each measures the same thing equally
/// well.
///
/// α = k/(k−1) · (1 − Σⱼ s_jj / Σᵢⱼ s_ij), with S the k × k covariance matrix of the items.
///
/// Alpha is the reliability of the sum where all items have equal loadings on one factor and uncorrelated errors; where
/// loadings differ it is too low, where errors correlate it can be too high. A negative alpha is given as it is: items
/// that run against the others were probably not reversed.
///
/// # Missing data
/// Settled in the moments. The interval takes the n of complete persons, or the smallest n behind a pair; moments by
/// maximum likelihood give no interval but a bootstrap's ([`Reason::NotApplicable`]).
///
/// # Errors
/// [`Reason::TooFew`] with under two items; [`Reason::NoVariability`] where everybody has the same total;
/// [`Reason::NotPositiveDefinite`] where pairwise covariances give the total a negative variance. A constant item stays
/// in, and lowers alpha. Limits are missing with [`Reason::Boundary`] at α = 1.
///
/// # Agrees with
/// psych 2.5 `alpha` (`raw_alpha`, `feldt`) to printed digits; psych takes n as the number of all rows under pairwise
/// deletion, which makes its interval there too short, and leaves constant items out.
///
/// # Source
/// Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16, 297–334. Limits:
/// Feldt, L. S. (1965). The approximate sampling distribution of Kuder–Richardson reliability coefficient twenty.
/// Psychometrika, 30, 357–370; the others at [`AlphaInterval`].
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, Moments};
/// use alliance_metrics::reliability::{AlphaConfig, alpha};
/// let rows = [[2.0, 5.0, 3.0], [4.0, 5.0, 7.0], [3.0, 3.0, 1.0], [5.0, 5.0, 6.0]].map(|row| row.to_vec());
/// let items = ["i1", "i2", "i3"].map(String::from).to_vec();
/// let moments = Moments::listwise(&ItemMatrix::from_rows(items, &rows)).unwrap();
/// let alpha = alpha(&moments, &AlphaConfig::default()).unwrap();
/// assert!((alpha.estimate.estimate.unwrap() - 0.740_740_740_740_740_7).abs() < 1e-12);
/// ```
pub fn alpha(moments: &Moments, config: &AlphaConfig) -> Result<Alpha, StatError> {
    let estimate = alpha_interval(moments, config.interval, config.level)?;
    Ok(Alpha {
        estimate,
        n: moments.n,
        k: moments.k(),
        items: moments.items.clone(),
        missing: moments.missing,
        config: *config,
    })
}

/// Alpha of a covariance matrix.
pub(super) fn alpha_of(covariance: &nalgebra::DMatrix<f64>) -> Result<f64, StatError> {
    let total = total_variance(covariance)?;
    Ok(alpha_of_sums(covariance.nrows(), covariance.trace(), total))
}

/// Alpha from the number of items, the sum of their variances and the variance of their sum.
pub(super) fn alpha_of_sums(k: usize, trace: f64, total: f64) -> f64 {
    let k = k as f64;
    k / (k - 1.0) * (1.0 - trace / total)
}

/// Alpha of standardized items, with the correlations between items.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Standardized {
    /// Alpha of the items in units of their standard deviations.
    pub alpha: Estimate,
    /// The mean of the correlations between items.
    pub mean_r: Estimate,
    /// The median of them.
    pub median_r: Estimate,
    /// The smallest of them.
    pub min_r: Estimate,
    /// The largest of them.
    pub max_r: Estimate,
    /// The ratio of shared to own variance, k r̄ / (1 − r̄).
    pub signal_to_noise: Estimate,
    /// How many persons stand behind it.
    pub n: usize,
    /// How many items it is of.
    pub k: usize,
}

/// Alpha of the sum of standardized items, and how strongly the items correlate.
///
/// α_z = k r̄ / (1 + (k−1) r̄), with r̄ the mean of the k(k−1)/2 correlations.
///
/// It speaks of a score made of z values; a score made of raw answers has Cronbach's [`alpha`].
///
/// # Missing data
/// Settled in the moments; under pairwise deletion each correlation has the spread of its own pair.
///
/// # Errors
/// Every part is without an estimate, with [`Reason::TooFew`] under two items and [`Reason::NoVariability`] where an item
/// is constant.
///
/// # Agrees with
/// psych 2.5 `alpha` (`std.alpha`, `average_r`, `median_r`, `S/N`).
///
/// # Source
/// Cronbach (1951), as for [`alpha`].
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::standardized_alpha;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[4.0, 1.0, 1.0, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// let standardized = standardized_alpha(&moments);
/// assert!((standardized.alpha.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12); // r = 0.5
/// ```
pub fn standardized_alpha(moments: &Moments) -> Standardized {
    let k = moments.k();
    let found =
        if k < 2 { Err(Reason::TooFew) } else { moments.pair_correlation().map_err(|error| error.reason) };
    let all = |made: &dyn Fn(&[f64]) -> f64| match &found {
        Err(reason) => Estimate::none(*reason),
        Ok(r) => {
            let mut pairs: Vec<f64> = (0..k).flat_map(|i| (0..i).map(move |j| r[(i, j)])).collect();
            pairs.sort_by(f64::total_cmp);
            Estimate::point(made(&pairs))
        }
    };
    let mean = |r: &[f64]| r.iter().sum::<f64>() / r.len() as f64;
    let of_k = k as f64;
    let middle = |r: &[f64]| 0.5 * (r[(r.len() - 1) / 2] + r[r.len() / 2]);
    Standardized {
        alpha: all(&|r| of_k * mean(r) / (1.0 + (of_k - 1.0) * mean(r))),
        mean_r: all(&mean),
        median_r: all(&middle),
        min_r: all(&|r| r[0]),
        max_r: all(&|r| r[r.len() - 1]),
        signal_to_noise: all(&|r| of_k * mean(r) / (1.0 - mean(r))),
        n: moments.n,
        k,
    }
}
