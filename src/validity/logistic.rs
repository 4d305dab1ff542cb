//! Logistic regression with errors robust to clusters.

use libm::{exp, log1p};
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::regression::{Effect, check, design};
use super::robust::{ClusterErrors, members, sandwich};
use crate::numeric::least_squares;
use crate::statistic::{Reason, StatError};

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Logistic {
    /// Rows.
    pub n: usize,
    /// Rows with the outcome 1.
    pub ones: usize,
    /// Clusters.
    pub clusters: usize,
    /// How errors allow for clusters.
    pub errors: ClusterErrors,
    /// Effects on the log odds, the intercept first.
    pub effects: Vec<Effect>,
    /// −2 ln L.
    pub deviance: f64,
    /// Steps of the search.
    pub iterations: usize,
}

const MOST_STEPS: usize = 50;
/// The search ends where the deviance moves by less than this share.
const TOLERANCE: f64 = 1e-13;
/// Log odds beyond this are only reached on the way to infinity.
const SEPARATED: f64 = 25.0;

/// Logistic regression with standard errors robust to clusters.
///
/// ln(π/(1 − π)) = Xb, X n × p with a constant, by maximum likelihood (Newton). With M = (X′WX)⁻¹, W = π(1 − π), and
/// s_g = X_g′(y_g − π_g): M (Σ_g s_g s_g′) M for CR0, times G/(G − 1) for CR1, and (n − 1)/(n − p) more for CR1S; z tests.
///
/// # When
/// An outcome of two values, such as dropout.
///
/// # Missing data
/// Rows are given without gaps.
///
/// # Errors
/// Those of [`linear`](super::linear); [`Reason::NotApplicable`] for an outcome other than 0 and 1, and for CR2;
/// [`Reason::NotIdentified`] where a predictor tells the outcomes apart completely (separation): no finite effect fits.
///
/// # Agrees with
/// R 4.2 `glm` with sandwich 3.0-2 (`vcovCL`).
///
/// # Source
/// Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika, 73, 13–22.
///
/// ```
/// use alliance_metrics::validity::{logistic, ClusterErrors};
/// let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
/// let y = [0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0];
/// let fit = logistic(&y, &[("x", &x)], &[0, 1, 2, 3, 4, 5, 6, 7], ClusterErrors::Cr1, 0.95).unwrap();
/// assert!((fit.effects[1].estimate - 9_f64.ln()).abs() < 1e-9);
/// ```
pub fn logistic(
    y: &[f64],
    predictors: &[(&str, &[f64])],
    clusters: &[usize],
    errors: ClusterErrors,
    level: f64,
) -> Result<Logistic, StatError> {
    check(y, predictors, clusters)?;
    if errors == ClusterErrors::Cr2 {
        return Err(StatError::new(Reason::NotApplicable, "CR2 is for linear models"));
    }
    if y.iter().any(|value| *value != 0.0 && *value != 1.0) {
        return Err(StatError::new(Reason::NotApplicable, "the outcome has other values than 0 and 1"));
    }
    let x = design(y.len(), predictors);
    if least_squares(&x, y).is_none() {
        return Err(StatError::new(Reason::Singular, "a predictor is a combination of the others"));
    }
    let separated = || {
        let message = "a predictor, or a sum of them, tells the outcomes apart completely (separation): no finite effect fits";
        StatError::new(Reason::NotIdentified, message)
    };
    let p = x.ncols();
    let mut b = DVector::zeros(p);
    let mut deviance = f64::INFINITY;
    for iterations in 1..=MOST_STEPS {
        let odds = &x * &b;
        if odds.iter().any(|odds| !odds.is_finite() || odds.abs() > SEPARATED) {
            return Err(separated());
        }
        let share: Vec<f64> = odds.iter().map(|odds| 1.0 / (1.0 + exp(-odds))).collect();
        let now: f64 =
            odds.iter().zip(y).map(|(odds, y)| 2.0 * log1p(exp(if *y > 0.5 { -odds } else { *odds }))).sum();
        let weighted = DMatrix::from_fn(x.nrows(), p, |i, j| x[(i, j)] * share[i] * (1.0 - share[i]));
        let bread = (x.transpose() * weighted).try_inverse().ok_or_else(separated)?;
        let rest: Vec<f64> = y.iter().zip(&share).map(|(y, share)| y - share).collect();
        if (deviance - now).abs() <= TOLERANCE * now.max(1e-3) {
            let rows = members(clusters);
            let covariance = sandwich(&x, &rest, &rows, &bread);
            let factor = errors.factor(rows.len() as f64, y.len() as f64, p as f64);
            let names = std::iter::once("(Intercept)").chain(predictors.iter().map(|(name, _)| *name));
            let effect = |(j, name): (usize, &str)| {
                Effect::new(name, b[j], factor * covariance[(j, j)].sqrt(), None, level)
            };
            return Ok(Logistic {
                n: y.len(),
                ones: y.iter().filter(|y| **y > 0.5).count(),
                clusters: rows.len(),
                errors,
                effects: names.enumerate().map(effect).collect(),
                deviance: now,
                iterations,
            });
        }
        deviance = now;
        b += &bread * (x.transpose() * DVector::from_column_slice(&rest));
    }
    Err(separated())
}
