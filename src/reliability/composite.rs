//! What all coefficients of a sum score need of a covariance matrix.

use nalgebra::DMatrix;

use crate::statistic::{Reason, StatError};

/// A total this small beside the variances of its items is rounding, not variance.
const NO_VARIANCE: f64 = 1e-12;

/// Whether the variance of a sum is more than rounding leaves of the variances of its items.
pub(super) fn varies(total: f64, trace: f64) -> bool {
    total > NO_VARIANCE * trace
}

/// A pivot this small in the Cholesky factor of a correlation matrix means that an item is a sum of the others: far above
/// rounding, far below any two items that differ in one answer of a million.
const SINGULAR: f64 = 1e-11;

/// The variance of the sum of all items, 1ᵀC1.
///
/// # Errors
/// [`Reason::TooFew`] with under two items; [`Reason::NoVariability`] where the sum is constant;
/// [`Reason::NotPositiveDefinite`] where the matrix gives the sum a negative variance.
pub(super) fn total_variance(covariance: &DMatrix<f64>) -> Result<f64, StatError> {
    let k = covariance.nrows();
    if k < 2 {
        return Err(StatError::new(Reason::TooFew, format!("{k} items, two are the least")));
    }
    let (total, trace) = (covariance.sum(), covariance.trace());
    if !total.is_finite() || total < -NO_VARIANCE * trace {
        let message = "the covariances give the sum a negative variance";
        return Err(StatError::new(Reason::NotPositiveDefinite, message));
    }
    if !varies(total, trace) {
        return Err(StatError::new(Reason::NoVariability, "everybody has the same total"));
    }
    Ok(total)
}

/// Correlations from covariances: r_ij = s_ij / √(s_ii s_jj), k × k, with ones on the diagonal.
///
/// # Errors
/// [`Reason::NoVariability`] where an item is constant.
pub fn correlations(covariance: &DMatrix<f64>) -> Result<DMatrix<f64>, Reason> {
    let k = covariance.nrows();
    if (0..k).any(|j| covariance[(j, j)] <= 0.0) {
        return Err(Reason::NoVariability);
    }
    Ok(DMatrix::from_fn(k, k, |i, j| {
        if i == j { 1.0 } else { covariance[(i, j)] / (covariance[(i, i)] * covariance[(j, j)]).sqrt() }
    }))
}

/// The inverse of a correlation matrix.
///
/// # Errors
/// [`Reason::Singular`] where an item is a sum of others, [`Reason::NotPositiveDefinite`] where pairwise correlations
/// contradict each other.
pub(super) fn inverse(correlations: &DMatrix<f64>) -> Result<DMatrix<f64>, Reason> {
    let k = correlations.nrows();
    if k == 0 || !correlations.iter().all(|r| r.is_finite()) {
        return Err(Reason::NotIdentified);
    }
    // nalgebra stops at a pivot that is not positive and says no more; ours tells rounding from contradiction.
    let mut lower = DMatrix::<f64>::zeros(k, k);
    for j in 0..k {
        let pivot = correlations[(j, j)] - (0..j).map(|c| lower[(j, c)] * lower[(j, c)]).sum::<f64>();
        if pivot < -SINGULAR {
            return Err(Reason::NotPositiveDefinite);
        }
        if pivot <= SINGULAR {
            return Err(Reason::Singular);
        }
        lower[(j, j)] = pivot.sqrt();
        for i in j + 1..k {
            let rest = correlations[(i, j)] - (0..j).map(|c| lower[(i, c)] * lower[(j, c)]).sum::<f64>();
            lower[(i, j)] = rest / lower[(j, j)];
        }
    }
    let half = lower.solve_lower_triangular(&DMatrix::identity(k, k)).ok_or(Reason::Singular)?;
    Ok(half.transpose() * half)
}

/// How much of each item's variance the other items explain linearly.
///
/// SMC_j = 1 − 1 / (R⁻¹)_jj, with R the k × k correlation matrix. The same from covariances.
///
/// # Missing data
/// Settled in the matrix.
///
/// # Errors
/// [`Reason::NoVariability`] with a constant item, [`Reason::Singular`] where an item is a sum of others (psych turns to
/// a pseudo-inverse there), [`Reason::NotPositiveDefinite`] where pairwise covariances contradict each other.
///
/// # Agrees with
/// psych 2.5 `smc`.
///
/// # Source
/// Guttman, L. (1953). Image theory for the structure of quantitative variates. Psychometrika, 18, 277–296.
///
/// ```
/// use alliance_metrics::reliability::squared_multiple_correlations;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[4.0, 1.0, 1.0, 1.0]);
/// let smc = squared_multiple_correlations(&covariance).unwrap();
/// assert!((smc[0] - 0.25).abs() < 1e-12); // r = 0.5
/// ```
pub fn squared_multiple_correlations(covariance: &DMatrix<f64>) -> Result<Vec<f64>, Reason> {
    let inverse = inverse(&correlations(covariance)?)?;
    Ok(inverse.diagonal().iter().map(|d| 1.0 - 1.0 / d).collect())
}
