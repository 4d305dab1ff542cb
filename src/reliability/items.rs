//! How each item goes with its scale.

use nalgebra::DMatrix;
use serde::Serialize;

use super::correlation::{correlation, with_fisher_limits};
use crate::moments::{ItemMatrix, Missing, Moments, smc};
use crate::statistic::{Estimate, Reason};

/// How an item goes with the rest of its scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemFit {
    /// The item.
    pub item: String,
    /// Its correlation with the sum of the other items, with Fisher's limits.
    pub item_rest: Estimate,
    /// Its correlation with the whole scale, itself included; flattered by that.
    pub raw_r: Estimate,
    /// The same with all items in units of their standard deviations.
    pub std_r: Estimate,
    /// The same freed of the item's overlap with the scale, and of unreliability.
    pub r_cor: Estimate,
    /// How much of its variance the other items explain.
    pub smc: Estimate,
}

/// How each item goes with the rest of its scale.
///
/// With S (k × k) the covariances, R the correlations and R* the same with the squared multiple correlations on its
/// diagonal: item–rest r_j = Σ_{i≠j} s_ij / √(s_jj V₍₋ⱼ₎), V₍₋ⱼ₎ the variance of the sum of the others;
/// raw r_j = Σᵢ s_ij / √(s_jj V); standardized r_j = Σᵢ r_ij / √(Σ R); corrected r_j = Σᵢ r*_ij / √(Σ R*).
///
/// An item–rest correlation below .30 is often called low, with few items sooner than with many. Below zero, the item runs
/// against the others: its answers were probably not reversed.
///
/// # Missing data
/// Settled in the moments. Under pairwise deletion R holds each pair's own correlation, and the raw correlation is the item's with the mean of the answered items,
/// over all who answered it.
///
/// # Errors
/// One entry an item, in their order. A part without estimate says why: [`Reason::NoVariability`] for a constant item or
/// rest, [`Reason::TooFew`] with one item, [`Reason::Singular`] where squared multiple correlations do not exist (then
/// without the corrected one too).
///
/// # Agrees with
/// psych 2.5 `alpha` (`r.drop`, `raw.r`, `std.r`, `r.cor`).
///
/// # Source
/// Cureton, E. E. (1966). Corrected item-test correlations. Psychometrika, 31, 93–96.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, Moments};
/// use alliance_metrics::reliability::item_fit;
/// let rows = [[1.0, 1.0], [2.0, 2.0], [3.0, 4.0], [4.0, 3.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let fit = item_fit(&data, &Moments::listwise(&data).unwrap(), 0.95);
/// assert!((fit[0].item_rest.estimate.unwrap() - 0.8).abs() < 1e-12);
/// ```
pub fn item_fit(data: &ItemMatrix, moments: &Moments, level: f64) -> Vec<ItemFit> {
    let covariance = &moments.covariance;
    let k = moments.k();
    let raw = raw_correlations(data, moments, level);
    let r = moments.pair_correlation().map_err(|error| error.reason);
    let smc = r.as_ref().map_err(|reason| *reason).and_then(|r| smc(r).map_err(|error| error.reason));
    let of = |matrix: &Result<DMatrix<f64>, Reason>, j: usize| match matrix {
        Ok(matrix) => Estimate::point(matrix.column(j).sum() / matrix.sum().sqrt()),
        Err(reason) => Estimate::none(*reason),
    };
    let shared = smc.clone().and_then(|smc| {
        let mut shared = r.clone()?;
        smc.iter().enumerate().for_each(|(j, smc)| shared[(j, j)] = *smc);
        Ok(shared)
    });
    let fit = |(j, raw_r): (usize, Estimate)| ItemFit {
        item: moments.items[j].clone(),
        item_rest: item_rest(covariance, j, moments, level),
        raw_r,
        std_r: of(&r, j),
        r_cor: of(&shared, j),
        smc: smc.as_ref().map_or_else(|reason| Estimate::none(*reason), |smc| Estimate::point(smc[j])),
    };
    (0..k).zip(raw).map(fit).collect()
}

/// The correlation of an item with the sum of the others.
fn item_rest(covariance: &DMatrix<f64>, j: usize, moments: &Moments, level: f64) -> Estimate {
    if moments.k() < 2 {
        return Estimate::none(Reason::TooFew);
    }
    let own = covariance[(j, j)];
    let with_all = covariance.column(j).sum();
    let rest = covariance.sum() - 2.0 * with_all + own;
    let noise = 1e-12 * covariance.trace();
    if own <= 0.0 || rest <= noise {
        return Estimate::none(Reason::NoVariability);
    }
    let r = (with_all - own) / (own * rest).sqrt();
    match moments.missing {
        Missing::Em => Estimate::point(r).because(Reason::NotApplicable),
        Missing::Listwise | Missing::Pairwise => with_fisher_limits(r, moments.n, level),
    }
}

/// The correlation of each item with the whole scale.
fn raw_correlations(data: &ItemMatrix, moments: &Moments, level: f64) -> Vec<Estimate> {
    let covariance = &moments.covariance;
    let from_covariances = |j: usize| {
        let (own, total) = (covariance[(j, j)], covariance.sum());
        if own <= 0.0 || total <= 0.0 {
            return Estimate::none(Reason::NoVariability);
        }
        Estimate::point(covariance.column(j).sum() / (own * total).sqrt())
    };
    match moments.missing {
        Missing::Listwise | Missing::Em => (0..moments.k()).map(from_covariances).collect(),
        Missing::Pairwise => {
            let scores = answered_means(data);
            (0..data.k()).map(|j| correlation(data.item(j), &scores, level).r).collect()
        }
    }
}

/// The mean of the answered items of each person; NaN where nothing is answered.
fn answered_means(data: &ItemMatrix) -> Vec<f64> {
    let mean = |i: usize| {
        let answers = (0..data.k()).map(|j| data.values()[(i, j)]).filter(|x| !x.is_nan());
        let (n, sum) = answers.fold((0.0, 0.0), |(n, sum), x| (n + 1.0, sum + x));
        sum / n
    };
    (0..data.n()).map(mean).collect()
}

/// How an item goes with another scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemElsewhere {
    /// The other scale.
    pub scale: String,
    /// The item's correlation with that scale's score.
    pub r: Estimate,
    /// How many persons have both.
    pub n: usize,
    /// Whether the item correlates more strongly with that scale than with the rest of its own.
    pub closer: bool,
}

/// How an item goes with the scores of other scales, beside the rest of its own.
///
/// r of the item with each other score; `closer` where it is above the item–rest correlation.
///
/// An item that goes with another scale more closely than with its own is a candidate for a wrong key, or for a second
/// factor. Scales that share items must not be compared: a total holds the item itself.
///
/// # Missing data
/// Persons with the item and the score.
///
/// # Errors
/// As for [`correlation`].
///
/// # Agrees with
/// R 4.2 `cor.test`.
///
/// # Source
/// Campbell, D. T., & Fiske, D. W. (1959). Convergent and discriminant validation by the multitrait-multimethod matrix.
/// Psychological Bulletin, 56, 81–105.
///
/// ```
/// use alliance_metrics::reliability::item_elsewhere;
/// use alliance_metrics::statistic::Estimate;
/// let goal = ("goal".to_owned(), vec![1.0, 2.0, 4.0, 3.0]);
/// let elsewhere = item_elsewhere(&[1.0, 2.0, 3.0, 4.0], &Estimate::point(0.5), &[goal], 0.95);
/// assert!(elsewhere[0].closer);
/// ```
pub fn item_elsewhere(
    item: &[f64],
    item_rest: &Estimate,
    others: &[(String, Vec<f64>)],
    level: f64,
) -> Vec<ItemElsewhere> {
    let beside = |(scale, scores): &(String, Vec<f64>)| {
        let found = correlation(item, scores, level);
        let closer = match (found.r.estimate, item_rest.estimate) {
            (Some(r), Some(own)) => r > own,
            _ => false,
        };
        ItemElsewhere { scale: scale.clone(), r: found.r, n: found.n, closer }
    };
    others.iter().map(beside).collect()
}
