//! What all coefficients of a sum score need of a covariance matrix.

use nalgebra::DMatrix;

use crate::statistic::{Reason, StatError};

/// A total this small beside the variances of its items is rounding, not variance.
const NO_VARIANCE: f64 = 1e-12;

/// Whether the variance of a sum is more than rounding leaves of the variances of its items.
pub(super) fn varies(total: f64, trace: f64) -> bool {
    total > NO_VARIANCE * trace
}

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
