//! Is the joint distribution of the items normal?

use nalgebra::DMatrix;
use serde::Serialize;

use crate::moments::{Divisor, ItemMatrix, Moments};
use crate::numeric::distribution::{chi_square_sf, normal_sf};
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{Reason, StatError};

/// Multivariate skew and kurtosis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mardia {
    /// Multivariate skew.
    pub b1p: f64,
    /// n b₁/6, chi-square under normality.
    pub skew: f64,
    /// Its degrees of freedom.
    pub skew_df: f64,
    /// Its p.
    pub p_skew: f64,
    /// Multivariate kurtosis; k(k + 2) under normality.
    pub b2p: f64,
    /// Its distance from k(k + 2) in standard errors.
    pub kurtosis: f64,
    /// Its two-sided p.
    pub p_kurtosis: f64,
    /// How many persons.
    pub n: usize,
    /// How many items.
    pub k: usize,
    /// What the covariances were divided by; the paper's n unless named, psych's n − 1.
    pub divisor: Divisor,
}

/// Mardia's multivariate skew and kurtosis.
///
/// With xᵢ the answers of a person (k), x̄ their mean, S (k × k) the covariances and
/// d_ij = (xᵢ − x̄)ᵀS⁻¹(xⱼ − x̄): b₁ = Σᵢⱼ d_ij³/n², b₂ = Σᵢ d_ii²/n. Skew n b₁/6 is chi-square with k(k+1)(k+2)/6 degrees of
/// freedom, kurtosis (b₂ − k(k+2))/√(8k(k+2)/n) standard normal, if the items are jointly normal.
///
/// Answers on five or seven points never are; large values speak for robust or ordinal methods.
///
/// # Missing data
/// Complete persons.
///
/// # Errors
/// [`Reason::TooFew`] with under two complete persons, [`Reason::NoVariability`] and [`Reason::Singular`] where S has no
/// inverse (n not above k, identical items).
///
/// # Agrees with
/// psych 2.5 `mardia` with [`Divisor::NMinusOne`].
///
/// # Source
/// Mardia, K. V. (1970). Measures of multivariate skewness and kurtosis with applications. Biometrika, 57, 519–530.
///
/// ```
/// use alliance_metrics::moments::{Divisor, ItemMatrix};
/// use alliance_metrics::reliability::mardia;
/// let rows = [1.0, 2.0, 3.0, 6.0].map(|x| vec![x]);
/// let data = ItemMatrix::from_rows(vec!["i1".to_owned()], &rows);
/// let found = mardia(&data, Divisor::N).unwrap();
/// assert!((found.b1p - 0.472_303_206_997_084_5).abs() < 1e-9); // g₁²
/// ```
pub fn mardia(data: &ItemMatrix, divisor: Divisor) -> Result<Mardia, StatError> {
    let complete = data.complete();
    let moments = Moments::listwise(&complete)?;
    let (n, k) = (complete.n(), complete.k());
    let refuse = |reason| StatError::new(reason, format!("the covariances of {k} items have no inverse"));
    if n <= k {
        return Err(refuse(Reason::Singular));
    }
    let factored = PositiveDefinite::new(&moments.correlation()?).ok_or_else(|| refuse(Reason::Singular))?;
    let root = factored.inverse().cholesky().ok_or_else(|| refuse(Reason::Singular))?.l();
    // Of z = Lᵀ D⁻¹ (x − x̄), with R⁻¹ = LLᵀ, d_ij is the product of zᵢ and zⱼ.
    let standardized = DMatrix::from_fn(n, k, |i, j| {
        (complete.values()[(i, j)] - moments.mean[j]) / moments.covariance[(j, j)].sqrt()
    });
    let z = standardized * root;
    let of_n = n as f64;
    let stretch = match divisor {
        Divisor::N => of_n / (of_n - 1.0),
        Divisor::NMinusOne => 1.0,
    };
    let b1p = third_moments(&z) * stretch * stretch * stretch;
    let b2p =
        z.row_iter().map(|z| z.norm_squared() * z.norm_squared()).sum::<f64>() / of_n * stretch * stretch;
    let of_k = k as f64;
    let df = of_k * (of_k + 1.0) * (of_k + 2.0) / 6.0;
    let skew = of_n * b1p / 6.0;
    let kurtosis = (b2p - of_k * (of_k + 2.0)) / (8.0 * of_k * (of_k + 2.0) / of_n).sqrt();
    Ok(Mardia {
        b1p,
        skew,
        skew_df: df,
        p_skew: chi_square_sf(skew, df),
        b2p,
        kurtosis,
        p_kurtosis: (2.0 * normal_sf(kurtosis.abs())).min(1.0),
        n,
        k,
        divisor,
    })
}

/// Σᵢⱼ (zᵢᵀzⱼ)³/n² as the sum of squares of all third moments of z: n k³/6 products in place of n² k.
fn third_moments(z: &DMatrix<f64>) -> f64 {
    let (n, k) = (z.nrows(), z.ncols());
    let mut sum = 0.0;
    let mut product = vec![0.0; n];
    for a in 0..k {
        for b in 0..=a {
            product
                .iter_mut()
                .zip(z.column(a).iter().zip(z.column(b).iter()))
                .for_each(|(p, (x, y))| *p = x * y);
            for c in 0..=b {
                let moment =
                    product.iter().zip(z.column(c).iter()).map(|(p, x)| p * x).sum::<f64>() / n as f64;
                let times = match (a == b, b == c) {
                    (true, true) => 1.0,
                    (false, false) => 6.0,
                    _ => 3.0,
                };
                sum += times * moment * moment;
            }
        }
    }
    sum
}
