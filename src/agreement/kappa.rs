//! Two raters over categories: their confusion table, Cohen's and weighted kappa, Light's mean of kappas.

use nalgebra::DMatrix;
use serde::Serialize;

use super::ratings::{CategoryList, Coded};
use super::weights::Weights;
use crate::numeric::distribution::{normal_quantile, normal_sf};
use crate::statistic::{Estimate, Reason, StatError};

/// How often a first rater's category met a second rater's, over the units that both rated.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion {
    /// The categories.
    pub categories: CategoryList,
    /// Counts, the first rater in rows, q × q.
    pub counts: DMatrix<f64>,
}

impl Confusion {
    /// The confusion table of two raters.
    pub fn of(coded: &Coded, first: usize, second: usize) -> Confusion {
        let q = coded.categories().len();
        let mut counts = DMatrix::zeros(q, q);
        for unit in 0..coded.units() {
            if let (Some(a), Some(b)) = (coded.get(unit, first), coded.get(unit, second)) {
                counts[(a, b)] += 1.0;
            }
        }
        Confusion { categories: coded.categories().clone(), counts }
    }

    /// How many units both rated.
    pub fn n(&self) -> usize {
        self.counts.iter().sum::<f64>() as usize
    }
}

/// Cohen's kappa, plain or weighted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Kappa {
    /// The weights: `identity`, `linear`, `quadratic`, `own`.
    pub weights: &'static str,
    /// Units that both rated.
    pub n: usize,
    /// Categories declared.
    pub categories: usize,
    /// The weighted share of agreement.
    pub observed: Option<f64>,
    /// The weighted share of agreement expected from the margins.
    pub expected: Option<f64>,
    /// Kappa with the standard error of Fleiss, Cohen and Everitt and its normal interval.
    #[serde(flatten)]
    pub value: Estimate,
    /// The standard error under no agreement beyond chance.
    pub se_null: Option<f64>,
    /// Kappa over `se_null`.
    pub z: Option<f64>,
    /// Both tails beyond z.
    pub p: Option<f64>,
}

/// Cohen's kappa of two raters, plain (identity weights) or weighted.
///
/// κ = (p_o − p_e) / (1 − p_e), with p_o = Σ w_ij p_ij and p_e = Σ w_ij p_i. p_.j; p_ij are the shares of the q × q
/// confusion table, w_ij the weights. With w̄_i. = Σ_j p_.j w_ij and w̄_.j = Σ_i p_i. w_ij the variance is
/// {Σ p_ij [w_ij − (w̄_i. + w̄_.j)(1 − κ)]² − [κ − p_e(1 − κ)]²} / (n (1 − p_e)²), and under no agreement beyond chance
/// {Σ p_i. p_.j [w_ij − (w̄_i. + w̄_.j)]² − p_e²} / (n (1 − p_e)²).
///
/// # When it means what
/// Agreement of two particular raters beyond what their own margins would give. Quadratic weights make it nearly
/// ICC(A,1). It does not change when a declared category stays unused. Where nearly everything falls into one category
/// it is low although raters hardly ever differ: look at `observed`, and at Gwet's coefficient.
///
/// # Missing data
/// Units that one of the two did not rate are left out.
///
/// # None
/// `too_few` without a unit, `no_variability` where both raters use one and the same category throughout. An estimate of
/// 1 has no interval (`boundary`). Upper limits end at 1.
///
/// # Agrees with
/// psych 2.5.3 `cohen.kappa` (estimates, standard errors). `irr::kappa2` 0.84.1 sorts category labels as text, so its
/// weighted kappa of negative codes or of ten and more categories is another number; of 1 … 9 it agrees.
///
/// # Errors
/// [`Reason::NotApplicable`] for own weights that do not fit the categories.
///
/// # Source
/// Cohen (1968), Psychological Bulletin 70, 213–220. Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72, 323–327.
///
/// ```
/// use alliance_metrics::agreement::{CategoryList, Coded, Confusion, Ratings, Weights, kappa};
/// let ratings = [[1.0, 1.0], [0.0, 1.0], [-1.0, -1.0], [2.0, 2.0], [3.0, 2.0],
///                [0.0, 0.0], [-2.0, -1.0], [1.0, 2.0], [2.0, 2.0]];
/// let coded = Coded::new(&Ratings::from_table(&ratings), &CategoryList::whole(-3, 3)).unwrap();
/// let kappa = kappa(&Confusion::of(&coded, 0, 1), &Weights::Quadratic, 0.95).unwrap();
/// assert!((kappa.value.estimate.unwrap() - 0.88).abs() < 1e-12);
/// ```
pub fn kappa(confusion: &Confusion, weights: &Weights, level: f64) -> Result<Kappa, StatError> {
    let w = weights.table(&confusion.categories)?;
    let q = confusion.categories.len();
    let n = confusion.n();
    let none = |reason| Kappa {
        weights: weights.id(),
        n,
        categories: q,
        observed: None,
        expected: None,
        value: Estimate::none(reason),
        se_null: None,
        z: None,
        p: None,
    };
    if n == 0 {
        return Ok(none(Reason::TooFew));
    }
    let share = &confusion.counts / n as f64;
    let first: Vec<f64> = (0..q).map(|i| share.row(i).sum()).collect();
    let second: Vec<f64> = (0..q).map(|j| share.column(j).sum()).collect();
    let over = |f: &dyn Fn(usize, usize) -> f64| -> f64 {
        (0..q).map(|i| (0..q).map(|j| f(i, j)).sum::<f64>()).sum()
    };
    let observed = over(&|i, j| w[(i, j)] * share[(i, j)]);
    let expected = over(&|i, j| w[(i, j)] * first[i] * second[j]);
    let room = 1.0 - expected;
    // Shares sum to one up to rounding; only one category in use leaves no room at all.
    if room < 1e-14 {
        return Ok(Kappa {
            observed: Some(observed),
            expected: Some(expected),
            ..none(Reason::NoVariability)
        });
    }
    let estimate = (observed - expected) / room;
    let row_mean: Vec<f64> = (0..q).map(|i| (0..q).map(|j| second[j] * w[(i, j)]).sum()).collect();
    let column_mean: Vec<f64> = (0..q).map(|j| (0..q).map(|i| first[i] * w[(i, j)]).sum()).collect();
    let scale = n as f64 * room * room;
    let about = |i: usize, j: usize, by: f64| w[(i, j)] - (row_mean[i] + column_mean[j]) * by;
    // Around their means, which are κ − p_e(1 − κ) and −p_e: the same variances, without cancellation.
    let centre = estimate - expected * (1.0 - estimate);
    let square = |at: f64| at * at;
    let spread = over(&|i, j| share[(i, j)] * square(about(i, j, 1.0 - estimate) - centre));
    let null = over(&|i, j| first[i] * second[j] * square(about(i, j, 1.0) + expected));
    let (se, se_null) = ((spread / scale).sqrt(), (null / scale).sqrt());
    let z = Some(estimate / se_null).filter(|z| z.is_finite());
    let value = normal_limits(Estimate::point(estimate), se, level);
    Ok(Kappa {
        observed: Some(observed),
        expected: Some(expected),
        value,
        se_null: Some(se_null),
        z,
        p: z.map(|z| 2.0 * normal_sf(z.abs())),
        ..none(Reason::NotApplicable)
    })
}

/// A standard error this small is the rounding of one that is zero.
const NO_WIDTH: f64 = 1e-12;

/// A normal interval that ends at 1; none, with a reason, where the standard error is zero.
fn normal_limits(value: Estimate, se: f64, level: f64) -> Estimate {
    let Some(estimate) = value.estimate else { return value };
    if se < NO_WIDTH {
        return value.because(Reason::Boundary);
    }
    let half = normal_quantile(0.5 + 0.5 * level) * se;
    value.with_se(se).with_interval("normal", level, estimate - half, (estimate + half).min(1.0))
}

/// Light's kappa: the mean of the kappas of all pairs of raters.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Light {
    /// The weights.
    pub weights: &'static str,
    /// Pairs of raters whose kappa exists, and those without one.
    pub pairs: usize,
    /// Pairs without a kappa.
    pub pairs_without: usize,
    /// The mean.
    #[serde(flatten)]
    pub value: Estimate,
}

/// Light's kappa: the mean of Cohen's kappas over all pairs of raters.
///
/// κ_L = mean over pairs g < h of κ_gh.
///
/// # When it means what
/// Particular raters who coded the same units, with a margin of their own each.
///
/// # Missing data
/// Each pair uses the units that both rated.
///
/// # None
/// `too_few` where no pair shares a unit, `no_variability` where no pair has a kappa. Pairs without a kappa are left
/// out and counted. It has no interval: Light gave none.
///
/// # Errors
/// [`Reason::NotApplicable`] for own weights that do not fit the categories.
///
/// # Agrees with
/// `irr::kappam.light` 0.84.1 on units that all raters rated.
///
/// # Source
/// Light (1971), Psychological Bulletin 76, 365–377.
///
/// ```
/// use alliance_metrics::agreement::{CategoryList, Coded, Ratings, Weights, light};
/// let ratings = Ratings::from_table(&[[1.0, 1.0, 1.0], [2.0, 2.0, 1.0], [1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]);
/// let coded = Coded::new(&ratings, &CategoryList::whole(1, 2)).unwrap();
/// let light = light(&coded, &Weights::Identity).unwrap();
/// assert!((light.value.estimate.unwrap() - (1.0 + 0.5 + 0.5) / 3.0).abs() < 1e-12);
/// ```
pub fn light(coded: &Coded, weights: &Weights) -> Result<Light, StatError> {
    let raters = coded.raters();
    let (mut sum, mut pairs, mut pairs_without, mut shared) = (0.0, 0, 0, 0);
    for first in 0..raters {
        for second in first + 1..raters {
            let kappa = kappa(&Confusion::of(coded, first, second), weights, 0.95)?;
            shared += kappa.n;
            match kappa.value.estimate {
                Some(estimate) => {
                    sum += estimate;
                    pairs += 1;
                }
                None => pairs_without += 1,
            }
        }
    }
    let value = match (pairs, shared) {
        (0, 0) => Estimate::none(Reason::TooFew),
        (0, _) => Estimate::none(Reason::NoVariability),
        _ => Estimate::point(sum / f64::from(pairs)),
    };
    Ok(Light { weights: weights.id(), pairs: pairs as usize, pairs_without, value })
}
