//! Where the next session of a dyad would fall, from a model of other dyads.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::fitted::Mixed;
use crate::numeric::distribution::normal_quantile;
use crate::statistic::{Reason, StatError};

/// Sessions of one dyad: predictors in the order of the fixed effects without the intercept, and of the slopes that vary.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// Predictors of the fixed effects.
    pub fixed: Vec<f64>,
    /// Predictors whose slopes vary between dyads.
    pub slopes: Vec<f64>,
}

/// Where an outcome would fall.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Forecast {
    /// The most likely value.
    pub estimate: f64,
    /// The standard deviation of what would be seen around it.
    pub sd: f64,
    /// The lower limit.
    pub lower: f64,
    /// The upper limit.
    pub upper: f64,
    /// The share of sessions between the limits, if the model holds.
    pub level: f64,
    /// Sessions of the dyad that were known.
    pub known: usize,
}

/// Where the next session of a dyad would fall, given its sessions so far and a model that was fitted without it.
///
/// With G the covariance of the random effects, Z and X the known sessions of the dyad, z and x the next one,
/// V = ZGZ′ + σ²I and c = ZGz: the estimate is x′β + c′V⁻¹(y − Xβ), and its variance
/// z′Gz + σ² − c′V⁻¹c + d′Φd with d = x − X′V⁻¹c and Φ the covariance of β. The variances are taken as known.
///
/// # When
/// The course of the sample, carried on for one dyad; never a target. The limits are normal.
///
/// # Missing data
/// Only known sessions are given; none at all gives the course of a new dyad.
///
/// # Errors
/// [`Reason::NotApplicable`] for a model with another number of factors than one, with serial residuals, or with other
/// predictors than those given; [`Reason::Singular`] where V has no inverse.
///
/// # Source
/// Skrondal, A., & Rabe-Hesketh, S. (2009). Prediction in multilevel generalized linear models. *Journal of the Royal
/// Statistical Society A, 172*, 659–687.
///
/// ```
/// use alliance_metrics::nested::*;
/// let groups = Groups::new("dyad", [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
/// let score = vec![4.0, 5.0, 4.0, 5.0, 6.0, 7.0, 6.0, 7.0, 2.0, 3.0, 2.0, 3.0];
/// let model = MixedModel::new(Column::new("score", score)).random(Random::intercept(groups));
/// let fit = mixed(&model, &MixedConfig::default()).unwrap();
/// let session = Occasion { fixed: vec![], slopes: vec![] };
/// let next = forecast(&fit, &[session.clone(), session.clone()], &[3.5, 3.5], &session, 0.8).unwrap();
/// // Between the sample's 4.5 and the dyad's own 3.5, and near the latter: dyads differ, sessions hardly.
/// assert!((next.estimate - 3.540_816).abs() < 1e-5);
/// ```
pub fn forecast(
    fit: &Mixed,
    known: &[Occasion],
    outcome: &[f64],
    next: &Occasion,
    level: f64,
) -> Result<Forecast, StatError> {
    let [random] = fit.random.as_slice() else {
        return refuse("a forecast needs a model with one factor");
    };
    let estimates: Option<Vec<f64>> = fit.fixed.iter().map(|effect| effect.estimate).collect();
    let Some(beta) = estimates.map(DVector::from_vec) else {
        return refuse("a predictor of the model has no effect");
    };
    let q = random.terms.len();
    let fits = |occasion: &Occasion| occasion.fixed.len() + 1 == beta.len() && occasion.slopes.len() + 1 == q;
    if fit.serial.is_some() || known.len() != outcome.len() || !known.iter().chain([next]).all(fits) {
        return refuse("the sessions have not the predictors of the model");
    }
    let n = known.len();
    let row = |values: &[f64], j: usize| if j == 0 { 1.0 } else { values[j - 1] };
    let x = DMatrix::from_fn(n, beta.len(), |i, j| row(&known[i].fixed, j));
    let z = DMatrix::from_fn(n, q, |i, j| row(&known[i].slopes, j));
    let ahead_x = DVector::from_fn(beta.len(), |j, _| row(&next.fixed, j));
    let ahead_z = DVector::from_fn(q, |j, _| row(&next.slopes, j));
    let g = covariance(fit, &random.terms);
    let sigma2 = fit.residual_variance();
    let (mut estimate, mut variance) = (ahead_x.dot(&beta), ahead_z.dot(&(&g * &ahead_z)) + sigma2);
    let mut d = ahead_x;
    if n > 0 {
        let v = &z * &g * z.transpose() + DMatrix::identity(n, n) * sigma2;
        let c = &z * &g * &ahead_z;
        let singular = || StatError::new(Reason::Singular, "the sessions' covariance has no inverse");
        let weights = v.cholesky().ok_or_else(singular)?.solve(&c);
        let rest = DVector::from_column_slice(outcome) - &x * &beta;
        estimate += weights.dot(&rest);
        variance -= weights.dot(&c);
        d -= x.transpose() * weights;
    }
    let sd = (variance + d.dot(&(&fit.fixed_covariance * &d))).sqrt();
    if !sd.is_finite() || !estimate.is_finite() {
        return refuse("a session has a gap");
    }
    let reach = normal_quantile(0.5 + 0.5 * level) * sd;
    Ok(Forecast { estimate, sd, lower: estimate - reach, upper: estimate + reach, level, known: n })
}

fn refuse<T>(message: &str) -> Result<T, StatError> {
    Err(StatError::new(Reason::NotApplicable, message))
}

/// G of the only factor.
fn covariance(fit: &Mixed, terms: &[String]) -> DMatrix<f64> {
    let q = terms.len();
    DMatrix::from_fn(q, q, |a, b| {
        if a == b {
            return fit.variances[a].variance;
        }
        let pair = fit.correlations.iter().find(|pair| {
            (pair.first == terms[a] && pair.second == terms[b])
                || (pair.first == terms[b] && pair.second == terms[a])
        });
        pair.map_or(0.0, |pair| pair.covariance)
    })
}
