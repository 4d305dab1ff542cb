//! Correlations of scores with limits, raw and freed of unreliability.

use libm::{atanh, tanh};
use serde::Serialize;

use crate::numeric::distribution::{normal_quantile, t_two_sided};
use crate::statistic::{Estimate, Reason};

/// Fisher's limits of a correlation.
///
/// tanh(atanh r ± z/√(n − 3)), with z the normal quantile of the level.
///
/// They hold for two normal variables; for a correlation that is a sum over items (item–rest) they are approximate.
///
/// # Missing data
/// Settled in r and n.
///
/// # Errors
/// No limits with [`Reason::TooFew`] under four persons and with [`Reason::Boundary`] at |r| = 1.
///
/// # Agrees with
/// R 4.2 `cor.test`.
///
/// # Source
/// Fisher, R. A. (1921). On the probable error of a coefficient of correlation deduced from a small sample. Metron, 1, 3–32.
///
/// ```
/// use alliance_metrics::reliability::with_fisher_limits;
/// let r = with_fisher_limits(0.5, 28, 0.95);
/// assert!((r.lower.unwrap() - 0.156_028_362_5).abs() < 1e-9 && (r.upper.unwrap() - 0.735_818_479_4).abs() < 1e-9);
/// ```
pub fn with_fisher_limits(r: f64, n: usize, level: f64) -> Estimate {
    let estimate = Estimate::point(r);
    if n < 4 {
        return estimate.because(Reason::TooFew);
    }
    if r.abs() >= 1.0 {
        return estimate.because(Reason::Boundary);
    }
    let half = normal_quantile(0.5 * (1.0 + level)) / (n as f64 - 3.0).sqrt();
    estimate.with_interval("fisher_z", level, tanh(atanh(r) - half), tanh(atanh(r) + half))
}

/// A correlation of two scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Correlation {
    /// Pearson's r with Fisher's limits.
    pub r: Estimate,
    /// How many persons have both scores.
    pub n: usize,
}

impl Correlation {
    /// Two-sided p for a correlation of 0: t = r √((n − 2) / (1 − r²)) with n − 2 degrees of freedom; none under three
    /// persons. Exact for normal scores of independent persons (R's `cor.test`).
    ///
    /// ```
    /// use alliance_metrics::reliability::correlation;
    /// let r = correlation(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 3.0], 0.95);
    /// assert!((r.p().unwrap() - 0.2).abs() < 1e-12);
    /// ```
    pub fn p(&self) -> Option<f64> {
        let r = self.r.estimate.filter(|_| self.n > 2)?;
        let df = (self.n - 2) as f64;
        Some(t_two_sided(r * (df / (1.0 - r * r)).sqrt(), df))
    }
}

/// Pearson's correlation of the persons who have both values, with Fisher's limits.
///
/// r = Σ(xᵢ − x̄)(yᵢ − ȳ) / √(Σ(xᵢ − x̄)² Σ(yᵢ − ȳ)²).
///
/// # Missing data
/// Persons with a NaN in either are left out.
///
/// # Errors
/// No estimate with [`Reason::TooFew`] under two persons and with [`Reason::NoVariability`] where a variable is constant.
///
/// # Agrees with
/// R 4.2 `cor.test`.
///
/// # Source
/// Fisher (1921).
///
/// ```
/// use alliance_metrics::reliability::correlation;
/// let r = correlation(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 3.0], 0.95);
/// assert!((r.r.estimate.unwrap() - 0.8).abs() < 1e-12 && r.n == 4);
/// ```
pub fn correlation(x: &[f64], y: &[f64], level: f64) -> Correlation {
    let both = || x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let n = both().count();
    if n < 2 {
        return Correlation { r: Estimate::none(Reason::TooFew), n };
    }
    let (sx, sy) = both().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let (mx, my) = (sx / n as f64, sy / n as f64);
    let sums = both().fold((0.0, 0.0, 0.0), |(xx, yy, xy), (x, y)| {
        let (dx, dy) = (x - mx, y - my);
        (xx + dx * dx, yy + dy * dy, xy + dx * dy)
    });
    let (xx, yy, xy) = sums;
    // What rounding of the mean leaves of a constant.
    let constant = |squares: f64, mean: f64| squares <= n as f64 * (mean * f64::EPSILON).powi(2) * 4.0;
    if constant(xx, mx) || constant(yy, my) {
        return Correlation { r: Estimate::none(Reason::NoVariability), n };
    }
    let r = (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0);
    Correlation { r: with_fisher_limits(r, n, level), n }
}

/// A correlation freed of the unreliability of both scores.
///
/// r / √(r_xx r_yy), limits divided likewise (the reliabilities taken as known).
///
/// It estimates how the true scores correlate. Values above one say that the reliabilities are too low or the sample too
/// small; they are given as they are, with [`Reason::Inadmissible`].
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// No estimate with the reason of what is missing, and [`Reason::NotApplicable`] where a reliability is not above zero.
///
/// # Agrees with
/// psych 2.5 `correct.cor`.
///
/// # Source
/// Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology, 15,
/// 72–101.
///
/// ```
/// use alliance_metrics::reliability::disattenuated;
/// use alliance_metrics::statistic::Estimate;
/// let r = disattenuated(&Estimate::point(0.4), &Estimate::point(0.64), &Estimate::point(0.81));
/// assert!((r.estimate.unwrap() - 0.4 / 0.72).abs() < 1e-12);
/// ```
pub fn disattenuated(r: &Estimate, reliability_x: &Estimate, reliability_y: &Estimate) -> Estimate {
    let missing = |estimate: &Estimate| Estimate::none(estimate.reason.unwrap_or(Reason::NotIdentified));
    let Some(value) = r.estimate else { return missing(r) };
    let Some(x) = reliability_x.estimate else { return missing(reliability_x) };
    let Some(y) = reliability_y.estimate else { return missing(reliability_y) };
    if x <= 0.0 || y <= 0.0 {
        return Estimate::none(Reason::NotApplicable);
    }
    let shrink = (x * y).sqrt();
    let mut freed = Estimate::point(value / shrink);
    if let (Some(lower), Some(upper), Some(level)) = (r.lower, r.upper, r.level) {
        freed = freed.with_interval("fisher_z", level, lower / shrink, upper / shrink);
    }
    if value.abs() > shrink { freed.because(Reason::Inadmissible) } else { freed }
}
