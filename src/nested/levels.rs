//! Internal consistency between persons and within them.

use nalgebra::DMatrix;
use serde::Serialize;

use super::bootstrap::{Bootstrap, intervals};
use super::model::{Column, Groups};
use super::two_level::{Clusters, TwoLevel, TwoLevelEstimator, two_level};
use crate::statistic::{Estimate, Reason, StatError};

/// How level-specific alphas are found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelConfig {
    /// How the covariances of the two levels are estimated.
    pub estimator: TwoLevelEstimator,
    /// Limits by resampling persons, if they are wanted.
    pub bootstrap: Option<Bootstrap>,
    /// The confidence level of the limits: .95.
    pub level: f64,
}

impl Default for LevelConfig {
    fn default() -> LevelConfig {
        LevelConfig { estimator: TwoLevelEstimator::default(), bootstrap: None, level: 0.95 }
    }
}

/// Alphas of a scale that persons answer more than once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LevelAlphas {
    /// The items.
    pub items: Vec<String>,
    /// Complete rows.
    pub n: usize,
    /// Rows left out for a gap.
    pub dropped: usize,
    /// Persons.
    pub persons: usize,
    /// Rows of a person: the harmonic mean.
    pub mean_size: f64,
    /// The alpha of all rows, as if they were different persons.
    pub pooled: Estimate,
    /// The alpha of a session's distance from the person's mean.
    pub within: Estimate,
    /// The alpha of the persons' true means (Geldhof).
    pub between_latent: Estimate,
    /// The alpha of the persons' observed means (Lai).
    pub between: Estimate,
    /// The alpha of a single session's score, both levels together (Lai).
    pub overall: Estimate,
    /// The intraclass correlation of each item: its variance between by the sum of both.
    pub item_icc: Vec<Estimate>,
    /// The covariances of both levels, and how they were found.
    pub covariances: TwoLevel,
    /// The configuration.
    pub config: LevelConfig,
}

/// Alpha within persons, between persons, and of both.
///
/// With W and B the k × k covariances of the items within and between persons, off(·) the sum of what is not on the
/// diagonal, sum(·) that of everything, and ñ the harmonic mean of the persons' numbers of rows:
/// within k/(k−1) off(W)/sum(W); between, of true means, k/(k−1) off(B)/sum(B) (Geldhof and others); between, of observed
/// means, k/(k−1) off(B) / (sum(B) + sum(W)/ñ); of a single row k/(k−1) (off(W) + off(B)) / (sum(W) + sum(B)) (Lai).
/// The pooled alpha, which takes every row for another person, stands beside.
///
/// # When
/// The pooled alpha is mostly an alpha between persons: it hides how well, or badly, sessions of one person are told
/// apart.
///
/// # Missing data
/// Rows with a gap in any item are left out and counted.
///
/// # Errors
/// [`Reason::TooFew`] with under two items; [`Reason::TooFewClusters`] with under two persons;
/// [`Reason::NotIdentified`] where nobody has two rows. An alpha is `None` with [`Reason::NoVariability`] where its level
/// has no variance, with [`Reason::Inadmissible`] where that is negative; its limits with [`Reason::TooFewClusters`] with
/// under 15 persons.
///
/// # Agrees with
/// lavaan 0.6-14 over its two-level saturated model, to 1e-6.
///
/// # Source
/// Geldhof, G. J., Preacher, K. J., & Zyphur, M. J. (2014). Reliability estimation in a multilevel confirmatory factor
/// analysis framework. *Psychological Methods, 19*, 72–91. Lai, M. H. C. (2021). Composite reliability of multilevel data.
/// *Psychological Methods, 26*, 90–102.
///
/// ```
/// use alliance_metrics::nested::{level_alphas, Column, Groups, LevelConfig};
/// let person = Groups::new("person", [1, 1, 2, 2, 3, 3]);
/// let items = [
///     Column::new("a", vec![3.0, 5.0, 6.0, 6.0, 1.0, 2.0]),
///     Column::new("b", vec![4.0, 5.0, 5.0, 7.0, 2.0, 1.0]),
/// ];
/// let alphas = level_alphas(&items, &person, &LevelConfig::default()).unwrap();
/// // Within: variances 2.5/3 and 3/3, covariance 0.5/3.
/// assert!((alphas.within.estimate.unwrap() - 2.0 * (1.0 / 6.5)).abs() < 1e-12);
/// ```
pub fn level_alphas(
    items: &[Column],
    persons: &Groups,
    config: &LevelConfig,
) -> Result<LevelAlphas, StatError> {
    let k = items.len();
    if k < 2 {
        return Err(StatError::new(Reason::TooFew, format!("{k} items: two are needed")));
    }
    let clusters = Clusters::new(items, persons)?;
    let found = two_level(&clusters, config.estimator)?;
    let values = alphas(&clusters, &found);
    let estimates = intervals(clusters.len(), config.bootstrap, config.level, &values, |drawn| {
        let clusters = clusters.resampled(drawn);
        two_level(&clusters, config.estimator).ok().map(|found| alphas(&clusters, &found))
    });
    let [pooled, within, between_latent, between, overall] = estimates[..] else {
        return Err(StatError::new(Reason::NotIdentified, "the levels have no covariances"));
    };
    let icc = |j: usize| {
        let (own, rest) = (found.between[(j, j)], found.within[(j, j)]);
        if own + rest > 0.0 {
            Estimate::point(own / (own + rest))
        } else {
            Estimate::none(Reason::NoVariability)
        }
    };
    Ok(LevelAlphas {
        items: items.iter().map(|item| item.name.clone()).collect(),
        n: clusters.rows(),
        dropped: persons.of_row.len() - clusters.rows(),
        persons: clusters.len(),
        mean_size: clusters.mean_size(),
        pooled,
        within,
        between_latent,
        between,
        overall,
        item_icc: (0..k).map(icc).collect(),
        covariances: found,
        config: *config,
    })
}

fn alphas(clusters: &Clusters, found: &TwoLevel) -> Vec<Result<f64, Reason>> {
    let (w, b) = (&found.within, &found.between);
    let error = w.sum() / clusters.mean_size();
    vec![alpha(&clusters.pooled(), 0.0), alpha(w, 0.0), alpha(b, 0.0), alpha(b, error), alpha(&(w + b), 0.0)]
}

/// k/(k−1) off(C) / (sum(C) + noise).
fn alpha(covariance: &DMatrix<f64>, noise: f64) -> Result<f64, Reason> {
    let k = covariance.nrows() as f64;
    let sum = covariance.sum();
    if covariance.diagonal().iter().any(|variance| *variance < 0.0) || sum < 0.0 {
        return Err(Reason::Inadmissible);
    }
    if covariance.diagonal().iter().all(|variance| *variance == 0.0) || sum == 0.0 {
        return Err(Reason::NoVariability);
    }
    Ok(k / (k - 1.0) * (sum - covariance.trace()) / (sum + noise))
}
