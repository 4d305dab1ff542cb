//! Lower bounds of reliability: Guttman's lambdas and ten Berge and Zegers's series.

use serde::Serialize;

use super::composite::total_variance;
use crate::moments::{Moments, smc};
use crate::statistic::{Estimate, Reason, StatError};

/// Guttman's lambdas without the fourth, which is the best split half ([`split_halves`](super::split_halves)).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guttman {
    /// λ₁, the simplest bound.
    pub lambda1: Estimate,
    /// λ₂, never below alpha.
    pub lambda2: Estimate,
    /// λ₃, which is alpha.
    pub lambda3: Estimate,
    /// λ₅, good where one item covaries strongly with all others.
    pub lambda5: Estimate,
    /// λ₆, from the squared multiple correlations.
    pub lambda6: Estimate,
    /// How many persons stand behind them.
    pub n: usize,
    /// How many items they are of.
    pub k: usize,
}

/// Guttman's lower bounds λ₁, λ₂, λ₃, λ₅ and λ₆ of the reliability of a sum score.
///
/// With S (k × k) the covariances and V = Σ s_ij: λ₁ = 1 − Σⱼ s_jj/V; λ₂ = λ₁ + √(k/(k−1) · Σ_{i≠j} s_ij²)/V;
/// λ₃ = k/(k−1) · λ₁; λ₅ = λ₁ + 2√(max_j Σ_{i≠j} s_ij²)/V; λ₆ = 1 − Σⱼ s_jj(1 − SMC_j)/V.
///
/// Each is at most the reliability if errors are uncorrelated, whatever the number of factors. In samples they are
/// estimates, and the largest of them is biased upwards.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()); λ₆ alone is missing with [`Reason::Singular`] or [`Reason::NoVariability`] where
/// squared multiple correlations are.
///
/// # Agrees with
/// psych 2.5 `guttman`, which works on correlations even when given raw data: its values are those of
/// [`Moments::standardized`]; and which goes on with a generalized inverse where there is no inverse.
///
/// # Source
/// Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10, 255–282.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::guttman;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// let lambdas = guttman(&moments).unwrap();
/// assert!((lambdas.lambda2.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn guttman(moments: &Moments) -> Result<Guttman, StatError> {
    let matrix = &moments.covariance;
    let total = total_variance(matrix)?;
    let k = moments.k();
    let of_k = k as f64;
    let lambda1 = 1.0 - matrix.trace() / total;
    let beside = |j: usize| (0..k).filter(|i| *i != j).map(|i| matrix[(i, j)] * matrix[(i, j)]).sum::<f64>();
    let squares: Vec<f64> = (0..k).map(beside).collect();
    let most = squares.iter().copied().fold(0.0, f64::max);
    let sum: f64 = squares.iter().sum();
    Ok(Guttman {
        lambda1: Estimate::point(lambda1),
        lambda2: Estimate::point(lambda1 + (of_k / (of_k - 1.0) * sum).sqrt() / total),
        lambda3: Estimate::point(of_k / (of_k - 1.0) * lambda1),
        lambda5: Estimate::point(lambda1 + 2.0 * most.sqrt() / total),
        lambda6: lambda6(moments, total).into(),
        n: moments.n,
        k,
    })
}

fn lambda6(moments: &Moments, total: f64) -> Result<Estimate, Reason> {
    let correlation = moments.correlation().map_err(|error| error.reason)?;
    let smc = smc(&correlation).map_err(|error| error.reason)?;
    let own = |(j, smc): (usize, &f64)| moments.covariance[(j, j)] * (1.0 - smc);
    Ok(Estimate::point(1.0 - smc.iter().enumerate().map(own).sum::<f64>() / total))
}

/// Ten Berge and Zegers's series of lower bounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TenBerge {
    /// μ₀ is alpha.
    pub mu0: Estimate,
    /// μ₁ is λ₂.
    pub mu1: Estimate,
    /// μ₂.
    pub mu2: Estimate,
    /// μ₃, the largest of the four.
    pub mu3: Estimate,
}

/// A series of lower bounds of reliability that starts with alpha and λ₂ and never falls.
///
/// With p_h = Σ_{i≠j} s_ij^(2^h): μ₀ = k/(k−1) · p₀/V, μ₁ = (p₀ + √(k/(k−1) · p₁))/V,
/// μ₂ = (p₀ + √(p₁ + √(k/(k−1) · p₂)))/V, and so on.
///
/// μ₂ and μ₃ seldom gain more than the third decimal on λ₂.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()).
///
/// # Agrees with
/// psych 2.2 `tenberge`, which works on correlations.
///
/// # Source
/// ten Berge, J. M. F., & Zegers, F. E. (1978). A series of lower bounds to the reliability of a test. Psychometrika, 43,
/// 575–579.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::ten_berge;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// assert!((ten_berge(&moments).unwrap().mu3.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn ten_berge(moments: &Moments) -> Result<TenBerge, StatError> {
    let matrix = &moments.covariance;
    let total = total_variance(matrix)?;
    let k = moments.k();
    let stretch = k as f64 / (k as f64 - 1.0);
    let mut powers = [0.0; 4];
    for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        let mut power = matrix[(i, j)];
        for sum in &mut powers {
            *sum += power;
            power *= power;
        }
    }
    let mu = |last: usize| {
        let mut inner = stretch * powers[last];
        for h in (0..last).rev() {
            inner = powers[h] + inner.sqrt();
        }
        Estimate::point(inner / total)
    };
    Ok(TenBerge { mu0: mu(0), mu1: mu(1), mu2: mu(2), mu3: mu(3) })
}
