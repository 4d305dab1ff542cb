//! Do alphas differ?

use libm::cbrt;
use serde::Serialize;

use crate::numeric::distribution::{chi_square_sf, f_cdf, f_sf, t_two_sided};
use crate::statistic::{Reason, StatError};

/// An alpha to compare, with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// Alpha.
    pub alpha: f64,
    /// How many persons.
    pub n: usize,
    /// How many items; [`compare_two_independent`] and [`compare_two_dependent`] do without.
    pub k: usize,
}

/// A test that alphas are equal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AlphaComparison {
    /// Which test: `feldt_1969`, `feldt_1980`, `woodruff_feldt_independent`, `woodruff_feldt_dependent`.
    pub test: &'static str,
    /// The test statistic: W, t or χ².
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// The second degrees of freedom of W.
    pub df2: Option<f64>,
    /// The two-sided p.
    pub p: f64,
}

/// Are two alphas of different persons equal?
///
/// W = (1 − α₂)/(1 − α₁), α₁ the larger, follows F with n₁ − 1 and n₂ − 1 degrees of freedom; p doubles the smaller tail.
///
/// It supposes normal items and many of them; with few items it is a little liberal.
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// [`Reason::Boundary`] where an alpha is 1 or more, [`Reason::TooFew`] under two persons.
///
/// # Agrees with
/// cocron 1.0-1 `cocron.two.coefficients`.
///
/// # Source
/// Feldt, L. S. (1969). A test of the hypothesis that Cronbach's alpha or Kuder–Richardson coefficient twenty is the same for
/// two tests. Psychometrika, 34, 363–373.
///
/// ```
/// use alliance_metrics::reliability::{Compared, compare_two_independent};
/// let test = compare_two_independent(
///     &Compared { alpha: 0.78, n: 41, k: 5 },
///     &Compared { alpha: 0.71, n: 151, k: 5 },
/// ).unwrap();
/// assert!((test.p - 0.241_391_8).abs() < 1e-7);
/// ```
pub fn compare_two_independent(a: &Compared, b: &Compared) -> Result<AlphaComparison, StatError> {
    check(&[*a, *b], 2)?;
    let (larger, smaller) = if a.alpha >= b.alpha { (a, b) } else { (b, a) };
    let w = (1.0 - smaller.alpha) / (1.0 - larger.alpha);
    let (df, df2) = (larger.n as f64 - 1.0, smaller.n as f64 - 1.0);
    let p = (2.0 * f_sf(w, df, df2).min(f_cdf(w, df, df2))).min(1.0);
    Ok(AlphaComparison { test: "feldt_1969", statistic: w, df, df2: Some(df2), p })
}

/// Are two alphas of the same persons, or of paired ones, equal?
///
/// t = |α₂ − α₁| √(n − 2) / √(4 (1 − α₁)(1 − α₂)(1 − r²)) with n − 2 degrees of freedom, r the correlation of the two
/// totals. n is that of the first, the number of pairs.
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// [`Reason::Boundary`] where an alpha is 1 or more or |r| is 1, [`Reason::TooFew`] under three pairs,
/// [`Reason::NotApplicable`] where the numbers of persons differ.
///
/// # Agrees with
/// cocron 1.0-1 `cocron.two.coefficients` (`dep = TRUE`).
///
/// # Source
/// Feldt, L. S. (1980). A test of the hypothesis that Cronbach's alpha reliability coefficient is the same for two tests
/// administered to the same sample. Psychometrika, 45, 99–105.
///
/// ```
/// use alliance_metrics::reliability::{Compared, compare_two_dependent};
/// let (a, b) = (Compared { alpha: 0.82, n: 27, k: 5 }, Compared { alpha: 0.89, n: 27, k: 5 });
/// let test = compare_two_dependent(&a, &b, 0.74).unwrap();
/// assert!((test.statistic - 1.849_031).abs() < 1e-6 && (test.p - 0.076_313_0).abs() < 1e-6);
/// ```
pub fn compare_two_dependent(a: &Compared, b: &Compared, r: f64) -> Result<AlphaComparison, StatError> {
    check(&[*a, *b], 3)?;
    same_persons(&[*a, *b])?;
    if r.is_nan() || r.abs() >= 1.0 {
        return Err(StatError::new(Reason::Boundary, format!("a correlation of {r} between the totals")));
    }
    let df = a.n as f64 - 2.0;
    let spread = 4.0 * (1.0 - a.alpha) * (1.0 - b.alpha) * (1.0 - r * r);
    let t = (a.alpha - b.alpha).abs() * df.sqrt() / spread.sqrt();
    Ok(AlphaComparison { test: "feldt_1980", statistic: t, df, df2: None, p: t_two_sided(t, df) })
}

/// Are several alphas of different persons equal?
///
/// zᵢ = (1 − αᵢ)^(−1/3) with variance 2 / (9 (ñᵢ − 1)(1 − αᵢ)^(2/3)), ñᵢ = nᵢ(kᵢ − 1)/(kᵢ + 1);
/// χ² = Σ (zᵢ − z̄)² / mean variance with m − 1 degrees of freedom.
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// [`Reason::TooFew`] with under two alphas, two items, or where ñᵢ is not above 1; [`Reason::Boundary`] where an alpha is
/// 1 or more.
///
/// # Agrees with
/// cocron 1.0-1 `cocron.n.coefficients`.
///
/// # Source
/// Woodruff, D. J., & Feldt, L. S. (1986). Tests for equality of several alpha coefficients when their sample estimates are
/// dependent. Psychometrika, 51, 393–413.
///
/// ```
/// use alliance_metrics::reliability::{Compared, compare_independent};
/// let alphas = [(0.784, 51), (0.875, 101), (0.936, 151)].map(|(alpha, n)| Compared { alpha, n, k: 5 });
/// assert!((compare_independent(&alphas).unwrap().statistic - 22.9263).abs() < 1e-4);
/// ```
pub fn compare_independent(alphas: &[Compared]) -> Result<AlphaComparison, StatError> {
    check(alphas, 2)?;
    let effective = |a: &Compared| a.n as f64 * (a.k as f64 - 1.0) / (a.k as f64 + 1.0);
    let variances = variances(alphas, effective)?;
    Ok(spread(alphas, mean(&variances), "woodruff_feldt_independent"))
}

/// Are several alphas of the same persons equal?
///
/// As [`compare_independent`], with ñ = n(k̃ − 1)/(k̃ + 1), k̃ the harmonic mean of the numbers of items, and
/// mean variance − mean covariance below the sum; cov_ij = 2 r_ij² / (9 (ñ − 1)(1 − αᵢ)^(1/3)(1 − αⱼ)^(1/3)), r_ij the m × m
/// correlations of the totals.
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// As for [`compare_independent`]; [`Reason::NotApplicable`] where numbers of persons differ or the correlations are not
/// m × m and below one; [`Reason::Boundary`] where the covariances leave no variance.
///
/// # Agrees with
/// cocron 1.0-1 `cocron.n.coefficients` (`dep = TRUE`).
///
/// # Source
/// Woodruff & Feldt (1986).
///
/// ```
/// use alliance_metrics::reliability::{Compared, compare_dependent};
/// let alphas = [(0.857, 50), (0.875, 40), (0.800, 35), (0.833, 25)].map(|(alpha, k)| Compared { alpha, n: 100, k });
/// let r = nalgebra::DMatrix::from_row_slice(4, 4, &[
///     1.0, 0.80, 0.60, 0.75, 0.80, 1.0, 0.65, 0.70, 0.60, 0.65, 1.0, 0.55, 0.75, 0.70, 0.55, 1.0,
/// ]);
/// let test = compare_dependent(&alphas, &r).unwrap();
/// assert!((test.statistic - 10.661_41).abs() < 1e-5 && (test.p - 0.013_705_0).abs() < 1e-6);
/// ```
pub fn compare_dependent(
    alphas: &[Compared],
    correlations: &nalgebra::DMatrix<f64>,
) -> Result<AlphaComparison, StatError> {
    check(alphas, 2)?;
    same_persons(alphas)?;
    let m = alphas.len();
    let pairs = || (0..m).flat_map(|i| (0..i).map(move |j| (i, j)));
    let fits = correlations.nrows() == m && correlations.ncols() == m;
    if !fits || pairs().any(|(i, j)| correlations[(i, j)].is_nan() || correlations[(i, j)].abs() >= 1.0) {
        return Err(StatError::new(
            Reason::NotApplicable,
            format!("correlations between {m} totals are needed"),
        ));
    }
    let harmonic = m as f64 / alphas.iter().map(|a| 1.0 / a.k as f64).sum::<f64>();
    let effective = alphas[0].n as f64 * (harmonic - 1.0) / (harmonic + 1.0);
    let variances = variances(alphas, |_| effective)?;
    let covariance = |(i, j): (usize, usize)| {
        let r = correlations[(i, j)];
        let below = 9.0 * (effective - 1.0) * cbrt(1.0 - alphas[i].alpha) * cbrt(1.0 - alphas[j].alpha);
        2.0 * r * r / below
    };
    let covariances: Vec<f64> = pairs().map(covariance).collect();
    let left = mean(&variances) - mean(&covariances);
    if left <= 0.0 {
        return Err(StatError::new(Reason::Boundary, "the totals correlate too strongly for the test"));
    }
    Ok(spread(alphas, left, "woodruff_feldt_dependent"))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn check(alphas: &[Compared], least_n: usize) -> Result<(), StatError> {
    if alphas.len() < 2 || alphas.iter().any(|a| a.n < least_n) {
        let message = format!("two alphas of {least_n} persons are the least");
        return Err(StatError::new(Reason::TooFew, message));
    }
    match alphas.iter().find(|a| a.alpha.is_nan() || a.alpha >= 1.0) {
        Some(a) => Err(StatError::new(Reason::Boundary, format!("an alpha of {}", a.alpha))),
        None => Ok(()),
    }
}

fn same_persons(alphas: &[Compared]) -> Result<(), StatError> {
    if alphas.iter().any(|a| a.n != alphas[0].n) {
        let message = "dependent alphas are of the same persons, but their numbers differ";
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    Ok(())
}

/// The variances of the transformed alphas.
fn variances(alphas: &[Compared], effective: impl Fn(&Compared) -> f64) -> Result<Vec<f64>, StatError> {
    let variance = |a: &Compared| {
        let n = effective(a);
        if a.k < 2 || n <= 1.0 {
            let message = format!("{} persons and {} items are too few for the test", a.n, a.k);
            return Err(StatError::new(Reason::TooFew, message));
        }
        let root = cbrt(1.0 - a.alpha);
        Ok(2.0 / (9.0 * (n - 1.0) * root * root))
    };
    alphas.iter().map(variance).collect()
}

/// How far the transformed alphas lie apart, in units of a variance.
fn spread(alphas: &[Compared], variance: f64, test: &'static str) -> AlphaComparison {
    let transformed: Vec<f64> = alphas.iter().map(|a| 1.0 / cbrt(1.0 - a.alpha)).collect();
    let middle = mean(&transformed);
    let statistic = transformed.iter().map(|z| (z - middle) * (z - middle)).sum::<f64>() / variance;
    let df = alphas.len() as f64 - 1.0;
    AlphaComparison { test, statistic, df, df2: None, p: chi_square_sf(statistic, df) }
}
