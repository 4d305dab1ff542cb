//! The greatest lower bound of reliability.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::composite::total_variance;
use crate::factor::{MinresConfig, minres};
use crate::moments::{Moments, smc};
use crate::numeric::matrix::{PositiveDefinite, eigenvalues};
use crate::statistic::{Estimate, FitRecord, Reason, StatError, Stop};

/// The greatest lower bound, with the error variances that attain it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Glb {
    /// The bound.
    pub glb: Estimate,
    /// The largest error variances that the covariances allow, one an item.
    pub errors: Vec<f64>,
    /// How many persons stand behind it.
    pub n: usize,
    /// How many items it is of.
    pub k: usize,
    /// How the search ended; the objective is the sum of the error variances, the tolerance how far it may be from the
    /// largest possible, both as a share of the variance of the total.
    pub fit: FitRecord,
}

/// How far the error variances may be from the largest possible sum, as a share of the variance of the total.
const GAP: f64 = 1e-9;
/// By this the barrier shrinks at each stage.
const SHRINK: f64 = 0.15;
/// Newton steps; a stage takes one to four, and there are about fifteen stages.
const MOST_STEPS: usize = 400;
/// A stage is done when the next step would gain less than this share of its barrier.
const CENTRED: f64 = 0.05;

/// The greatest lower bound of the reliability of a sum score: the smallest reliability that the covariances allow.
///
/// 1 − max Σⱼ uⱼ / V over error variances u (k) with u ≥ 0 and S − diag(u) positive semidefinite, S (k × k) the covariances
/// and V their sum. Found by an interior-point method; the duality gap, and so the error, is at most 10⁻⁹.
///
/// No coefficient from covariances alone that holds for uncorrelated errors can be larger. In samples it is biased upwards,
/// clearly so under some thousand persons, more with more items.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()); [`Reason::NoVariability`] with a constant item; [`Reason::Singular`] where an item is a
/// sum of others, or pairwise covariances contradict each other.
///
/// # Agrees with
/// Its optimality conditions, checked in the tests. psych's `glb.fa` is another estimate, from a factor analysis.
///
/// # Source
/// Woodhouse, B., & Jackson, P. H. (1977). Lower bounds for the reliability of the total score on a test composed of
/// non-homogeneous items: II. Psychometrika, 42, 579–591. Bias: Shapiro, A., & ten Berge, J. M. F. (2000). The asymptotic bias
/// of minimum trace factor analysis, with applications to the greatest lower bound to reliability. Psychometrika, 65, 413–425.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::glb;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// assert!((glb(&moments).unwrap().glb.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-8);
/// ```
pub fn glb(moments: &Moments) -> Result<Glb, StatError> {
    let total = total_variance(&moments.covariance)?;
    let correlation = moments.correlation()?;
    let k = moments.k();
    let weights = DVector::from_fn(k, |j, _| moments.covariance[(j, j)] / total);
    let found = search(&correlation, &weights).ok_or_else(|| {
        StatError::new(Reason::Singular, "the covariances leave no room for errors in every item")
    })?;
    let errors: Vec<f64> = (0..k).map(|j| found.errors[j] * moments.covariance[(j, j)]).collect();
    let objective = found.errors.dot(&weights);
    Ok(Glb {
        glb: Estimate::point(1.0 - objective),
        errors,
        n: moments.n,
        k,
        fit: FitRecord {
            stop: if found.gap <= GAP { Stop::Converged } else { Stop::NoProgress },
            iterations: found.steps,
            objective,
            gradient_norm: None,
            tolerance: found.gap,
        },
    })
}

/// Where the search ended.
struct Found {
    /// Error variances as shares of the items' variances.
    errors: DVector<f64>,
    /// How far their weighted sum may be from the largest.
    gap: f64,
    steps: usize,
}

/// Maximises Σ wⱼuⱼ + μ (ln det(R − diag u) + Σ ln uⱼ) for ever smaller μ. At each maximum 2kμ is the duality gap.
fn search(r: &DMatrix<f64>, weights: &DVector<f64>) -> Option<Found> {
    let k = r.nrows();
    PositiveDefinite::new(r)?;
    let smallest = *eigenvalues(r)?.last()?;
    let mut errors = DVector::from_element(k, 0.5 * smallest);
    let mut barrier = 0.5 * smallest * weights.max();
    let mut gap = f64::INFINITY;
    for steps in 1..=MOST_STEPS {
        let Some(inverse) = rest(r, &errors).map(|rest| rest.inverse()) else { break };
        let gradient = DVector::from_fn(k, |j, _| weights[j] / barrier - inverse[(j, j)] + 1.0 / errors[j]);
        let curvature = DMatrix::from_fn(k, k, |a, b| {
            let own = if a == b { 1.0 / (errors[a] * errors[a]) } else { 0.0 };
            inverse[(a, b)] * inverse[(a, b)] + own
        });
        let Some(curvature) = PositiveDefinite::new(&curvature) else { break };
        let step = curvature.solve(&gradient);
        // Newton's decrement: how much the step gains, in units of the barrier.
        let gain = gradient.dot(&step);
        if gain < CENTRED {
            gap = 2.0 * k as f64 * barrier;
            if gap <= GAP {
                return Some(Found { errors, gap, steps });
            }
        }
        // A damped step stays inside and always gains (self-concordance).
        let size = if gain < CENTRED { 1.0 } else { 1.0 / (1.0 + gain.sqrt()) };
        let next = &errors + size * step;
        if next.iter().any(|u| *u <= 0.0) || rest(r, &next).is_none() {
            break;
        }
        errors = next;
        if gain < CENTRED {
            barrier *= SHRINK;
        }
    }
    Some(Found { errors, gap, steps: MOST_STEPS })
}

/// What errors leave of the correlations, if that is still positive definite.
fn rest(r: &DMatrix<f64>, errors: &DVector<f64>) -> Option<PositiveDefinite> {
    let mut rest = r.clone();
    (0..r.nrows()).for_each(|j| rest[(j, j)] -= errors[j]);
    PositiveDefinite::new(&rest)
}

/// The greatest lower bound as a factor analysis estimates it.
///
/// 1 − Σ u²/V, on the k × k correlations with sum V, with uniquenesses u² from minimum
/// residuals with as many factors as R with squared multiple correlations on its diagonal has positive eigenvalues.
///
/// An estimate of another kind than [`glb`], and no bound; biased upwards in samples under some thousand persons.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()) and [`minres`]; [`Reason::Singular`] where an item is a sum of others. A search that did not end
/// is marked [`Reason::NotConverged`], a uniqueness at its floor [`Reason::Boundary`].
///
/// # Agrees with
/// psych 2.5 `glb.fa` to its looser tolerance, except where the factors leave no degrees of freedom or a uniqueness comes to its
/// floor: then the criterion has several minima, and psych may stop at another.
///
/// # Source
/// Revelle, W., & Zinbarg, R. E. (2009). Coefficients alpha, beta, omega, and the glb. Psychometrika, 74, 145–154.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::glb_by_factors;
/// let r = nalgebra::DMatrix::from_fn(4, 4, |i, j| if i == j { 1.0 } else { 0.5 });
/// let items = ["i1", "i2", "i3", "i4"].map(String::from).to_vec();
/// let moments = Moments::given(items, 200, nalgebra::DVector::zeros(4), r).unwrap();
/// assert!((glb_by_factors(&moments).unwrap().estimate.unwrap() - 0.8).abs() < 1e-6);
/// ```
pub fn glb_by_factors(moments: &Moments) -> Result<Estimate, StatError> {
    let r = moments.correlation()?;
    let total = total_variance(&r)?;
    let mut reduced = r.clone();
    smc(&r)?.iter().enumerate().for_each(|(j, smc)| reduced[(j, j)] = *smc);
    let values = eigenvalues(&reduced)
        .ok_or_else(|| StatError::new(Reason::NotConverged, "the eigenvalues were not found"))?;
    let factors = values.iter().filter(|value| **value > 0.0).count();
    let found = minres(&r, &MinresConfig { factors, ..MinresConfig::default() })?;
    let estimate = Estimate::point(1.0 - found.uniquenesses.iter().sum::<f64>() / total);
    Ok(match (found.fit.stop, found.boundary) {
        (Stop::Converged, false) => estimate,
        (Stop::Converged, true) => estimate.because(Reason::Boundary),
        _ => estimate.because(Reason::NotConverged),
    })
}
