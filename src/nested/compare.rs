//! Comparing nested models.

use serde::Serialize;

use super::fitted::{Mixed, Status};
use super::profile::Criterion;
use crate::numeric::distribution::chi_square_sf;
use crate::statistic::{Reason, StatError};

/// What a likelihood ratio is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// Chi-square: what is tested lies inside what is possible.
    ChiSquare,
    /// One variance is tested against 0, its boundary: half chi-square with all degrees of freedom, half with one less.
    Mixture,
    /// Several variances are tested at once: chi-square with all degrees of freedom, whose p is too large.
    Conservative,
}

/// Two models side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The model with fewer parameters.
    pub smaller: String,
    /// The model with more.
    pub larger: String,
    /// Twice the difference of their log-likelihoods.
    pub statistic: f64,
    /// Parameters that the larger one has more.
    pub df: usize,
    /// What the statistic is compared with.
    pub reference: Reference,
    /// How likely a statistic as large is under the smaller model.
    pub p: f64,
}

/// The likelihood ratio of two nested models.
///
/// 2 (ln L₁ − ln L₀). Under the smaller model it is chi-square with as many degrees of freedom as parameters were added,
/// d; where one of them is a variance (with its covariances), which cannot be below 0, it is half the time chi-square
/// with d and half the time with d − 1 degrees of freedom. The range of exponential residuals counts as a variance: no
/// correlation is its boundary.
///
/// # When
/// Does the slope vary between dyads? Does the course bend? The caller sees to it that the smaller model is a special
/// case of the larger one, over the same rows.
///
/// # Missing data
/// Both models must have used the same number of rows.
///
/// # Errors
/// [`Reason::NotApplicable`] for different rows or criteria, for different fixed effects under restricted likelihood, or
/// where neither model has more parameters; [`Reason::NotConverged`] where a search did not end.
///
/// # Agrees with
/// lme4 1.1-31 (`anova`) in the statistic; its p takes no account of the boundary.
///
/// # Source
/// Stram, D. O., & Lee, J. W. (1994). Variance components testing in the longitudinal mixed effects model. *Biometrics,
/// 50*, 1171–1177.
///
/// ```
/// use alliance_metrics::nested::{compare, mixed, Column, Groups, MixedConfig, MixedModel, Random, Reference};
/// let groups = Groups::new("dyad", [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
/// let score = vec![4.0, 5.0, 4.0, 5.0, 6.0, 7.0, 6.0, 7.0, 2.0, 3.0, 2.0, 3.0];
/// let flat = MixedModel::new(Column::new("score", score));
/// let levels = flat.clone().random(Random::intercept(groups));
/// let fit = |model| mixed(model, &MixedConfig::default()).unwrap();
/// let found = compare(&fit(&flat), &fit(&levels)).unwrap();
/// assert_eq!((found.df, found.reference), (1, Reference::Mixture));
/// assert!((found.statistic - 17.07431).abs() < 1e-5 && found.p < 1e-4);
/// ```
pub fn compare(one: &Mixed, other: &Mixed) -> Result<Comparison, StatError> {
    let (smaller, larger) = if one.parameters < other.parameters { (one, other) } else { (other, one) };
    let refuse = |reason, message: String| Err(StatError::new(reason, message));
    if smaller.parameters == larger.parameters {
        return refuse(Reason::NotApplicable, "the models have as many parameters as each other".to_owned());
    }
    if smaller.n != larger.n || smaller.config.criterion != larger.config.criterion {
        return refuse(
            Reason::NotApplicable,
            format!("the models have {} and {} rows, or different criteria", smaller.n, larger.n),
        );
    }
    let terms = |fit: &Mixed| -> Vec<String> {
        fit.fixed
            .iter()
            .filter(|effect| effect.estimate.is_some())
            .map(|effect| effect.term.clone())
            .collect()
    };
    if larger.config.criterion == Criterion::Reml && terms(smaller) != terms(larger) {
        let message = "restricted likelihoods with different fixed effects cannot be compared";
        return refuse(Reason::NotApplicable, message.to_owned());
    }
    if [smaller, larger].iter().any(|fit| fit.status == Status::NotConverged) {
        return refuse(Reason::NotConverged, "a model has not converged".to_owned());
    }
    let bounded = |fit: &Mixed| {
        fit.variances.len() + usize::from(fit.serial.is_some_and(|serial| serial.range.is_some()))
    };
    let reference = match bounded(larger).saturating_sub(bounded(smaller)) {
        0 => Reference::ChiSquare,
        1 => Reference::Mixture,
        _ => Reference::Conservative,
    };
    let statistic = (2.0 * (larger.log_likelihood - smaller.log_likelihood)).max(0.0);
    let df = larger.parameters - smaller.parameters;
    Ok(Comparison {
        smaller: smaller.formula.clone(),
        larger: larger.formula.clone(),
        statistic,
        df,
        reference,
        p: tail(statistic, df, reference),
    })
}

/// The tail of the reference distribution.
fn tail(statistic: f64, df: usize, reference: Reference) -> f64 {
    let chi_square = |df: usize| match df {
        0 => f64::from(u8::from(statistic <= 0.0)), // all of it lies at 0
        _ => chi_square_sf(statistic, df as f64),
    };
    match reference {
        Reference::Mixture => 0.5 * chi_square(df) + 0.5 * chi_square(df - 1),
        Reference::ChiSquare | Reference::Conservative => chi_square(df),
    }
}
