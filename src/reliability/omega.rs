//! McDonald's omega and its relatives, from one factor.

use nalgebra::DMatrix;
use serde::Serialize;

use super::composite::total_variance;
use super::interval::around;
use crate::factor::{
    EqualLoadings, Loadings, OneFactor, OneFactorConfig, OneFactorSolution, equal_loadings, fit_one_factor,
    one_factor,
};
use crate::moments::{Metric, Moments};
use crate::statistic::{Estimate, Reason, StatError, Stop};

/// What one factor says about the reliability of a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Omega {
    /// Omega total: true variance as a share of the observed variance of the sum.
    pub omega_total: Estimate,
    /// The same as a share of the variance that the model implies.
    pub omega_total_implied: Estimate,
    /// The reliability of the best weighted sum.
    pub h: Estimate,
    /// Omega total implied, of items in units of their standard deviations.
    pub composite_reliability: Estimate,
    /// Average variance extracted: the mean squared standardized loading.
    pub ave: Estimate,
    /// Average variance extracted, items weighted by their variances.
    pub ave_covariance_weighted: Estimate,
    /// The factor.
    pub factor: OneFactor,
}

/// McDonald's omega of a scale: the share of the variance of the sum score that one common factor explains.
///
/// With λ (k) the loadings and θ (k) the uniquenesses of one factor fitted by maximum likelihood, V = Σ s_ij over the
/// observed covariances with divisor n, l the standardized loadings:
/// omega total (Σλ)²/V; implied (Σλ)²/((Σλ)² + Σθ); H = 1/(1 + 1/Σ(l²/(1−l²))); composite reliability
/// (Σl)²/((Σl)² + Σ(1−l²)); average variance extracted Σl²/k, or weighted Σλ²/Σ(λ² + θ).
///
/// Limits by the delta method: ω ± z·se, from the covariances of the estimates and, for the observed form, of V with them.
///
/// Omega is the reliability of the sum where one factor holds and errors do not correlate; loadings may differ, as alpha
/// forbids. The two forms agree where the model fits.
///
/// # Missing data
/// Settled in the moments; those of maximum likelihood give no limits ([`Reason::NotApplicable`]).
///
/// # Errors
/// Those of [`one_factor`] (three items at least, no constant item) and of [`alpha`](super::alpha()). An inadmissible or
/// unfinished solution keeps its estimates, marked [`Reason::Inadmissible`] or [`Reason::NotConverged`], without limits, and an
/// omega above 1 from such a solution is left out; H has none where an item has no uniqueness left.
///
/// # Agrees with
/// semTools 0.5 `compRelSEM` (observed variance by default; `obs.var = FALSE` for the implied) and `AVE` (weighted). psych's
/// `omega` uses minres on correlations, and other factors: see [`hierarchical`](super::hierarchical).
///
/// # Source
/// McDonald, R. P. (1999). Test theory, chapter 6. H: Hancock, G. R., & Mueller, R. O. (2001). Rethinking construct reliability
/// within latent variable systems. Average variance extracted: Fornell, C., & Larcker, D. F. (1981). Journal of Marketing
/// Research, 18, 39–50. Limits: Raykov, T. (2002). Multivariate Behavioral Research, 37, 89–103.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::omega;
/// // Loadings 2, 1, 3 and uniquenesses 1, 2, 3: 36 / 42.
/// let c = nalgebra::DMatrix::from_row_slice(3, 3, &[5.0, 2.0, 6.0, 2.0, 3.0, 3.0, 6.0, 3.0, 12.0]);
/// let items = ["i1", "i2", "i3"].map(String::from).to_vec();
/// let moments = Moments::given(items, 50, nalgebra::DVector::zeros(3), c).unwrap();
/// let omega = omega(&moments, 0.95).unwrap();
/// assert!((omega.omega_total.estimate.unwrap() - 36.0 / 42.0).abs() < 1e-8);
/// assert!((omega.ave.estimate.unwrap() - (4.0 / 5.0 + 1.0 / 3.0 + 9.0 / 12.0) / 3.0).abs() < 1e-8);
/// ```
pub fn omega(moments: &Moments, level: f64) -> Result<Omega, StatError> {
    total_variance(&moments.covariance)?;
    let factor = one_factor(moments, &OneFactorConfig::default())?;
    Ok(of_factor(factor, moments, level))
}

/// Omega of a factor that is fitted already.
pub(super) fn of_factor(factor: OneFactor, moments: &Moments, level: f64) -> Omega {
    let variance = observed_variance(moments);
    let why = trouble(&factor.fit.stop, factor.admissible);
    let plain = |value: f64| {
        let estimate = Estimate::point(value);
        why.map_or(estimate, |reason| estimate.because(reason))
    };
    let limited = |value: f64, variance: Option<f64>| match (why, variance) {
        (Some(reason), _) => possible(value, reason),
        (None, None) => Estimate::point(value).because(factor.reason.unwrap_or(Reason::NotApplicable)),
        (None, Some(variance)) => {
            let (lower, upper) = around(value, variance.sqrt(), level);
            Estimate::point(value).with_interval("delta", level, lower, upper).with_se(variance.sqrt())
        }
    };
    let squares = || factor.standardized.iter().map(|l| l * l);
    let sum: f64 = factor.loadings.iter().sum();
    let z: f64 = factor.standardized.iter().sum();
    let ratio: f64 = squares().map(|square| square / (1.0 - square)).sum();
    let own: f64 = factor.loadings.iter().map(|l| l * l).sum();
    let all = own + factor.uniquenesses.iter().sum::<f64>();
    let h = if squares().any(|square| square >= 1.0) {
        Estimate::none(why.unwrap_or(Reason::Boundary))
    } else {
        plain(1.0 / (1.0 + 1.0 / ratio))
    };
    Omega {
        omega_total: limited(sum * sum / variance, observed_delta(&factor, variance)),
        omega_total_implied: limited(sum * sum / factor.implied_variance(), implied_delta(&factor)),
        h,
        composite_reliability: plain(z * z / (z * z + squares().map(|square| 1.0 - square).sum::<f64>())),
        ave: plain(squares().sum::<f64>() / factor.standardized.len() as f64),
        ave_covariance_weighted: plain(own / all),
        factor,
    }
}

/// The variance of the sum in the units that the factor is fitted in: covariances with divisor n.
fn observed_variance(moments: &Moments) -> f64 {
    let rescaled = match moments.metric {
        Metric::Covariances => moments.divisor() / moments.n as f64,
        Metric::Correlations | Metric::Polychoric => 1.0,
    };
    moments.covariance.sum() * rescaled
}

/// An estimate from a solution that is none: marked, and left out where it is no share of anything.
fn possible(value: f64, reason: Reason) -> Estimate {
    if value > 1.0 { Estimate::none(reason) } else { Estimate::point(value).because(reason) }
}

fn trouble(stop: &Stop, admissible: bool) -> Option<Reason> {
    match (stop, admissible) {
        (Stop::Converged, true) => None,
        (Stop::Converged, false) => Some(Reason::Inadmissible),
        _ => Some(Reason::NotConverged),
    }
}

/// The variance of (Σλ)²/((Σλ)² + Σθ).
fn implied_delta(factor: &OneFactor) -> Option<f64> {
    let sum: f64 = factor.loadings.iter().sum();
    let errors: f64 = factor.uniquenesses.iter().sum();
    let below = (sum * sum + errors) * (sum * sum + errors);
    let k = factor.loadings.len();
    factor.delta_variance(&vec![2.0 * sum * errors / below; k], &vec![-sum * sum / below; k])
}

/// The variance of (Σλ)²/V, V the observed variance of the sum. With a the estimates and A their covariances, the likelihood's
/// theory gives cov(a, V) = A ∂V/∂a, with ∂V/∂a that of the implied variance, and var V = 2V²/n for normal answers.
fn observed_delta(factor: &OneFactor, variance: f64) -> Option<f64> {
    let k = factor.loadings.len();
    let sum: f64 = factor.loadings.iter().sum();
    let by_variance = -sum * sum / (variance * variance);
    // The part of V that moves with the estimates, and the rest of it.
    let moved = factor.delta_variance(&vec![2.0 * sum; k], &vec![1.0; k])?;
    let rest = (2.0 * variance * variance / factor.n as f64 - moved).max(0.0);
    let with_estimates = 2.0 * sum / variance + by_variance * 2.0 * sum;
    let main = factor.delta_variance(&vec![with_estimates; k], &vec![by_variance; k])?;
    Some(main + by_variance * by_variance * rest)
}

/// Omega total of the scale without each item in turn, by a new fit.
///
/// [`omega`] of k − 1 items from the same covariances.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// One estimate an item; without estimate with [`Reason::NotIdentified`] under four items, and with the reasons of [`omega`].
///
/// # Agrees with
/// semTools 0.5 `compRelSEM` of the shorter scale.
///
/// # Source
/// As for [`omega`].
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::omega_if_deleted;
/// let c = nalgebra::DMatrix::from_fn(4, 4, |i, j| if i == j { 2.0 } else { 1.0 });
/// let items = ["i1", "i2", "i3", "i4"].map(String::from).to_vec();
/// let moments = Moments::given(items, 50, nalgebra::DVector::zeros(4), c).unwrap();
/// assert!((omega_if_deleted(&moments)[0].estimate.unwrap() - 0.75).abs() < 1e-8);
/// ```
pub fn omega_if_deleted(moments: &Moments) -> Vec<Estimate> {
    let covariance = &moments.covariance;
    let whole = fit_one_factor(covariance, Loadings::Free, None).ok();
    let without = |j: usize| {
        let rest = covariance.clone().remove_row(j).remove_column(j);
        let shorter = |all: &[f64]| -> Vec<f64> {
            all.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, x)| *x).collect()
        };
        let start = whole.as_ref().map(|whole| (shorter(&whole.loadings), shorter(&whole.uniquenesses)));
        omega_of(&rest, start.as_ref().map(|(l, u)| (l.as_slice(), u.as_slice())))
            .map(|(omega, _)| omega)
            .into()
    };
    (0..moments.k()).map(without).collect()
}

/// Omega total of a covariance matrix alone, and the solution, from which a search for a similar matrix may start.
pub(super) fn omega_of(
    covariance: &DMatrix<f64>,
    start: Option<(&[f64], &[f64])>,
) -> Result<(Estimate, OneFactorSolution), Reason> {
    let total = total_variance(covariance).map_err(|error| error.reason)?;
    let solution = fit_one_factor(covariance, Loadings::Free, start).map_err(|error| error.reason)?;
    let sum: f64 = solution.loadings.iter().sum();
    let estimate = Estimate::point(sum * sum / total);
    let marked = trouble(&solution.fit.stop, solution.admissible);
    Ok((marked.map_or(estimate, |reason| possible(sum * sum / total, reason)), solution))
}

/// Is alpha's assumption tenable? [`equal_loadings`] of the scale, by its two fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tenable {
    /// Chi-square of one factor with free loadings.
    pub free_chi_square: Option<f64>,
    /// Its degrees of freedom.
    pub free_df: usize,
    /// Its p.
    pub free_p: Option<f64>,
    /// Chi-square of one factor with equal loadings.
    pub equal_chi_square: Option<f64>,
    /// Its degrees of freedom.
    pub equal_df: usize,
    /// By how much equal loadings are worse.
    pub chi_square: Option<f64>,
    /// In how many degrees of freedom.
    pub df: usize,
    /// The chance of so much, if loadings are equal.
    pub p: Option<f64>,
    /// Why there is no test.
    pub reason: Option<Reason>,
}

impl Tenable {
    /// The test on moments.
    pub(super) fn of(moments: &Moments) -> Tenable {
        match equal_loadings(moments) {
            Ok(EqualLoadings { free, equal, chi_square, df, p, reason, .. }) => Tenable {
                free_chi_square: free.chi_square,
                free_df: free.df,
                free_p: free.p,
                equal_chi_square: equal.chi_square,
                equal_df: equal.df,
                chi_square,
                df,
                p,
                reason,
            },
            Err(error) => Tenable::none(error.reason),
        }
    }

    /// No test.
    pub(super) fn none(reason: Reason) -> Tenable {
        Tenable {
            free_chi_square: None,
            free_df: 0,
            free_p: None,
            equal_chi_square: None,
            equal_df: 0,
            chi_square: None,
            df: 0,
            p: None,
            reason: Some(reason),
        }
    }
}
