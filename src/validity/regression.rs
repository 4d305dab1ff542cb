//! Linear regression with errors robust to clusters.

use nalgebra::DMatrix;
use serde::Serialize;

use super::robust::{ClusterErrors, adjusted, members, sandwich};
use crate::numeric::distribution::{normal_quantile, normal_sf, t_quantile, t_two_sided};
use crate::numeric::least_squares;
use crate::statistic::{Reason, StatError};

/// The effect of a predictor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The predictor.
    pub term: String,
    /// Its coefficient.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Degrees of freedom; none for the normal distribution.
    pub df: Option<f64>,
    /// The estimate by its standard error.
    pub statistic: f64,
    /// Two-sided.
    pub p: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
}

impl Effect {
    pub(super) fn new(term: &str, estimate: f64, se: f64, df: Option<f64>, level: f64) -> Effect {
        let statistic = estimate / se;
        let tail = 0.5 + 0.5 * level;
        let (p, reach) = match df {
            Some(df) => (t_two_sided(statistic, df), t_quantile(tail, df)),
            None => (2.0 * normal_sf(statistic.abs()), normal_quantile(tail)),
        };
        let (lower, upper) = (estimate - reach * se, estimate + reach * se);
        Effect { term: term.to_owned(), estimate, se, df, statistic, p, lower, upper }
    }
}

/// A fitted linear regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Regression {
    /// Rows.
    pub n: usize,
    /// Clusters.
    pub clusters: usize,
    /// How errors allow for clusters.
    pub errors: ClusterErrors,
    /// Effects, the intercept first.
    pub effects: Vec<Effect>,
    /// The share of variance explained.
    pub r_squared: Option<f64>,
}

/// What the rows of a regression must be.
pub(super) fn check(y: &[f64], predictors: &[(&str, &[f64])], clusters: &[usize]) -> Result<(), StatError> {
    let n = y.len();
    let finite = predictors.iter().all(|(_, x)| x.len() == n && x.iter().all(|x| x.is_finite()));
    if !finite || clusters.len() != n || y.iter().any(|y| !y.is_finite()) {
        return Err(StatError::new(Reason::NotApplicable, "rows with gaps, or columns of different lengths"));
    }
    if n <= predictors.len() + 1 {
        let message = format!("{n} rows for {} effects", predictors.len() + 1);
        return Err(StatError::new(Reason::TooFew, message));
    }
    if y.iter().all(|value| *value == y[0]) {
        return Err(StatError::new(Reason::NoVariability, "the outcome is the same in all rows"));
    }
    if let Some((name, _)) = predictors.iter().find(|(_, x)| x.iter().all(|value| *value == x[0])) {
        return Err(StatError::new(Reason::NoVariability, format!("{name} is the same in all rows")));
    }
    match members(clusters).len() {
        0 => Err(StatError::new(Reason::TooFewClusters, "no cluster: two are needed")),
        1 => Err(StatError::new(Reason::TooFewClusters, "one cluster: two are needed")),
        _ => Ok(()),
    }
}

/// A constant and the predictors, n × p.
pub(super) fn design(n: usize, predictors: &[(&str, &[f64])]) -> DMatrix<f64> {
    DMatrix::from_fn(n, predictors.len() + 1, |i, j| if j == 0 { 1.0 } else { predictors[j - 1].1[i] })
}

/// Linear regression with standard errors robust to clusters.
///
/// b = (X′X)⁻¹X′y, X n × p with a constant. With M = (X′X)⁻¹ and e the residuals of cluster g, the covariance is
/// M (Σ_g X_g′ A_g e_g e_g′ A_g X_g) M, A_g = I (CR0, CR1, CR1S) or (I − X_g M X_g′)^(−1/2) (CR2). CR2 has Satterthwaite
/// degrees of freedom (Σ_g p_g′p_g)² / Σ_gh (p_g′p_h)², p_g = (I − H)_g A_g X_g M c; the others G − 1.
///
/// # When
/// Rows of a worker, a team, a dyad are not independent, and their dependence is not itself of interest. Under some forty
/// clusters CR2 alone holds its level.
///
/// # Missing data
/// Rows are given without gaps.
///
/// # Errors
/// [`Reason::TooFew`], [`Reason::TooFewClusters`] under two, [`Reason::NoVariability`], [`Reason::Singular`] for a
/// predictor that is a combination of others.
///
/// # Agrees with
/// sandwich 3.0-2 (`vcovCL`) and clubSandwich 0.5.8 (`vcovCR`, `coef_test`).
///
/// # Source
/// Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation. Journal of Business
/// & Economic Statistics, 36, 672–683.
///
/// ```
/// use alliance_metrics::validity::{linear, ClusterErrors};
/// let (x, y) = ([0.0, 1.0, 0.0, 1.0], [1.0, 2.0, 2.0, 3.0]);
/// let fit = linear(&y, &[("x", &x)], &[0, 0, 1, 1], ClusterErrors::Cr0, 0.95).unwrap();
/// assert!((fit.effects[1].estimate - 1.0).abs() < 1e-12);
/// ```
pub fn linear(
    y: &[f64],
    predictors: &[(&str, &[f64])],
    clusters: &[usize],
    errors: ClusterErrors,
    level: f64,
) -> Result<Regression, StatError> {
    check(y, predictors, clusters)?;
    let x = design(y.len(), predictors);
    let collinear = || StatError::new(Reason::Singular, "a predictor is a combination of the others");
    let fit = least_squares(&x, y).ok_or_else(collinear)?;
    if fit.r_squared.is_some_and(|explained| 1.0 - explained < NOTHING_LEFT) {
        let message = "the outcome follows from the score exactly: is it the score itself, or made of it?";
        return Err(StatError::new(Reason::NoVariability, message));
    }
    let rows = members(clusters);
    let g = rows.len() as f64;
    let (covariance, df) = match errors {
        ClusterErrors::Cr2 => adjusted(&x, &fit.residuals, &rows, &fit.inverse).ok_or_else(collinear)?,
        _ => (sandwich(&x, &fit.residuals, &rows, &fit.inverse), vec![g - 1.0; x.ncols()]),
    };
    let factor = errors.factor(g, y.len() as f64, x.ncols() as f64);
    let names = std::iter::once("(Intercept)").chain(predictors.iter().map(|(name, _)| *name));
    let effect = |(j, name): (usize, &str)| {
        Effect::new(name, fit.coefficients[j], factor * covariance[(j, j)].sqrt(), Some(df[j]), level)
    };
    Ok(Regression {
        n: y.len(),
        clusters: rows.len(),
        errors,
        effects: names.enumerate().map(effect).collect(),
        r_squared: fit.r_squared,
    })
}

/// A share of the variance this small is rounding.
const NOTHING_LEFT: f64 = 1e-12;
