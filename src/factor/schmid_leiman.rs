//! A general factor and group factors, from factors that correlate.

use nalgebra::DMatrix;
use serde::Serialize;

use super::minres::{MinresConfig, minres};
use crate::numeric::matrix::serialize_rows;
use crate::statistic::{Reason, StatError};

/// A general factor and orthogonal group factors.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SchmidLeiman {
    /// k loadings on the general factor; their sum is not negative.
    pub general: Vec<f64>,
    /// k × m loadings on the group factors.
    #[serde(serialize_with = "serialize_rows")]
    pub group: DMatrix<f64>,
    /// k uniquenesses, of items of variance 1.
    pub uniquenesses: Vec<f64>,
    /// The m loadings of the group factors on the general one.
    pub second_order: Vec<f64>,
    /// Whether a group factor is all general factor but for the floor: it would else be inadmissible.
    pub boundary: bool,
}

/// The Schmid–Leiman transformation of m correlated factors.
///
/// One factor is fitted to the m × m correlations Φ by minimum residuals, with loadings γ; two factors, whose one
/// correlation does not determine two loadings, get equal ones, √|φ|. The general loadings are g = Lγ, L the k × m pattern,
/// and column f of the group loadings is l_f √(1 − γ_f²). Uniquenesses are 1 − diag(LΦL′), those of the factors.
///
/// # When it means what
/// What omega hierarchical needs. With two group factors the split between general and group is an assumption, not a
/// finding. Three give γ exactly; with more, Φ fits the single factor only nearly.
///
/// # Missing data
/// Settled before.
///
/// # Errors
/// [`Reason::NotIdentified`] with under two factors; [`Reason::NotApplicable`] if the two matrices do not belong
/// together; those of [`minres`].
///
/// # Agrees with
/// R's `psych::schmid` 2.2.9–2.5.3 (option "equal" with two factors).
///
/// # Source
/// Schmid and Leiman (1957).
///
/// ```
/// use alliance_metrics::factor::schmid_leiman;
/// use nalgebra::DMatrix;
/// let pattern = DMatrix::from_fn(6, 2, |j, f| if (j < 3) == (f == 0) { 0.8 } else { 0.0 });
/// let phi = DMatrix::from_row_slice(2, 2, &[1.0, 0.64, 0.64, 1.0]);
/// let found = schmid_leiman(&pattern, &phi).unwrap();
/// assert!((found.general[0] - 0.64).abs() < 1e-12 && (found.group[(0, 0)] - 0.48).abs() < 1e-12);
/// ```
pub fn schmid_leiman(pattern: &DMatrix<f64>, correlations: &DMatrix<f64>) -> Result<SchmidLeiman, StatError> {
    let (k, m) = pattern.shape();
    if m < 2 {
        let message = format!("{m} group factors leave no general factor to be told apart");
        return Err(StatError::new(Reason::NotIdentified, message));
    }
    if correlations.shape() != (m, m) || pattern.iter().chain(correlations.iter()).any(|x| !x.is_finite()) {
        return Err(StatError::new(Reason::NotApplicable, "pattern and correlations do not belong together"));
    }
    let (mut second_order, boundary) = general_of(correlations)?;
    let gamma = nalgebra::DVector::from_column_slice(&second_order);
    let mut general: Vec<f64> = (pattern * gamma).iter().copied().collect();
    if general.iter().sum::<f64>() < 0.0 {
        general.iter_mut().for_each(|g| *g = -*g);
        second_order.iter_mut().for_each(|g| *g = -*g);
    }
    let own: Vec<f64> = second_order.iter().map(|g| (1.0 - g * g).max(0.0).sqrt()).collect();
    let explained = pattern * correlations * pattern.transpose();
    Ok(SchmidLeiman {
        group: DMatrix::from_fn(k, m, |j, f| pattern[(j, f)] * own[f]),
        uniquenesses: (0..k).map(|j| 1.0 - explained[(j, j)]).collect(),
        general,
        second_order,
        boundary,
    })
}

fn general_of(correlations: &DMatrix<f64>) -> Result<(Vec<f64>, bool), StatError> {
    let m = correlations.nrows();
    if m == 2 {
        let phi = correlations[(0, 1)];
        let loading = phi.abs().min(1.0).sqrt();
        return Ok((vec![loading, loading.copysign(phi)], phi.abs() >= 1.0));
    }
    let exact = DMatrix::from_fn(m, m, |a, b| match a.cmp(&b) {
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Less => correlations[(a, b)],
        std::cmp::Ordering::Greater => correlations[(b, a)],
    });
    let found = minres(&exact, &MinresConfig { factors: 1, ..MinresConfig::default() })?;
    Ok((found.loadings.iter().copied().collect(), found.boundary))
}
