//! How well each item is predicted by the others.

use nalgebra::DMatrix;

use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{Reason, StatError};

/// Squared multiple correlations: the share of each variable's variance that its regression on all others explains.
///
/// SMC_j = 1 − 1/r^jj, where r^jj is element j of the diagonal of R⁻¹, R the k × k correlations.
///
/// # When it means what
/// A lower bound of the communality. An item with a low one has little in common with the rest.
///
/// # Missing data
/// Settled in the correlations.
///
/// # Errors
/// [`Reason::TooFew`] for an empty matrix; [`Reason::Singular`] if R has no inverse, as with two identical items or
/// fewer persons than items. No generalized inverse is taken silently.
///
/// # Agrees with
/// R's `psych::smc` 2.2.9 where R has an inverse; without one psych takes a generalized inverse.
///
/// # Source
/// Guttman (1953).
///
/// ```
/// use alliance_metrics::moments::smc;
/// use nalgebra::DMatrix;
/// let squared = smc(&DMatrix::from_row_slice(2, 2, &[1.0, 0.6, 0.6, 1.0])).unwrap();
/// assert!((squared[0] - 0.36).abs() < 1e-15);
/// ```
pub fn smc(correlation: &DMatrix<f64>) -> Result<Vec<f64>, StatError> {
    if correlation.is_empty() {
        return Err(StatError::new(Reason::TooFew, "no item"));
    }
    let singular = || StatError::new(Reason::Singular, "the correlations have no inverse");
    let inverse = PositiveDefinite::new(correlation).ok_or_else(singular)?.inverse();
    Ok(inverse.diagonal().iter().map(|x| (1.0 - 1.0 / x).clamp(0.0, 1.0)).collect())
}
