//! Limits of Cronbach's alpha, by name.

use libm::{cbrt, exp, log, tanh};
use nalgebra::DMatrix;
use serde::Serialize;

use super::alpha::{alpha_of, alpha_of_sums};
use super::composite::varies;
use crate::moments::{ItemMatrix, Missing, Moments};
use crate::numeric::distribution::{f_quantile, normal_quantile};
use crate::statistic::{Estimate, Reason, StatError};

/// How limits of alpha are found from moments. α̂ is the estimate, α the value behind it, n the persons, k the items, z the
/// normal quantile of the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlphaInterval {
    /// (1 − α)/(1 − α̂) follows F with n−1 and (n−1)(k−1) degrees of freedom: exact for normal items that are exchangeable.
    /// Feldt, L. S. (1965). Psychometrika, 30, 357–370.
    #[default]
    Feldt,
    /// 1 − exp(ln(1−α̂) ± z √(2k / ((k−1)(n−2)))). Bonett, D. G. (2002). Journal of Educational and Behavioral
    /// Statistics, 27, 335–340.
    Bonett,
    /// Bonett's with the bias ln(n/(n−1)) taken off ln(1−α̂).
    BonettCorrected,
    /// Normal on the cube root of 1−α̂. Hakstian, A. R., & Whalen, T. E. (1976). Psychometrika, 41, 219–231.
    HakstianWhalen,
    /// tanh(atanh α̂ ± z/√(n−3)): treats alpha as a correlation. Widely used, and too wide.
    FisherZ,
    /// α̂ ± z·se for normal items of any covariances. van Zyl, J. M., Neudecker, H., & Nel, D. G. (2000). Psychometrika,
    /// 65, 271–280.
    NormalTheory,
}

impl AlphaInterval {
    /// Every method that needs moments alone.
    pub const ALL: [AlphaInterval; 6] = [
        AlphaInterval::Feldt,
        AlphaInterval::Bonett,
        AlphaInterval::BonettCorrected,
        AlphaInterval::HakstianWhalen,
        AlphaInterval::FisherZ,
        AlphaInterval::NormalTheory,
    ];

    /// Its stable id.
    pub fn id(self) -> &'static str {
        match self {
            AlphaInterval::Feldt => "feldt",
            AlphaInterval::Bonett => "bonett",
            AlphaInterval::BonettCorrected => "bonett_corrected",
            AlphaInterval::HakstianWhalen => "hakstian_whalen",
            AlphaInterval::FisherZ => "fisher_z",
            AlphaInterval::NormalTheory => "normal_theory",
        }
    }
}

/// Alpha with limits by a named method.
///
/// The formulas stand at [`AlphaInterval`]. All hold for normal items; at a ceiling or floor see [`distribution_free`].
///
/// # Missing data
/// Settled in the moments; moments by maximum likelihood give no limits here ([`Reason::NotApplicable`]).
///
/// # Errors
/// As for [`alpha`](super::alpha()). The estimate stands without limits, with [`Reason::Boundary`] where α̂ = 1 (for
/// Fisher's z where |α̂| ≥ 1) and [`Reason::TooFew`] where n is too small for the method.
///
/// # Agrees with
/// MBESS 4.9 `ci.reliability` and cocron 1.0 to printed digits.
///
/// # Source
/// At each method.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::{AlphaInterval, alpha_interval};
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// let feldt = alpha_interval(&moments, AlphaInterval::Feldt, 0.95).unwrap();
/// assert!((feldt.lower.unwrap() - 0.157_849_688_806_9).abs() < 1e-10);
/// ```
pub fn alpha_interval(moments: &Moments, method: AlphaInterval, level: f64) -> Result<Estimate, StatError> {
    let value = alpha_of(&moments.covariance)?;
    let estimate = Estimate::point(value);
    if moments.missing == Missing::Em {
        return Ok(estimate.because(Reason::NotApplicable));
    }
    let normal_se = normal_theory_se(&moments.covariance, moments.n);
    let found = match method {
        AlphaInterval::NormalTheory => Ok(around(value, normal_se, level)),
        method => limits(value, moments.n as f64, moments.k() as f64, method, level),
    };
    let se = if method == AlphaInterval::NormalTheory { normal_se } else { f64::NAN };
    Ok(match found {
        Ok((lower, upper)) => estimate.with_interval(method.id(), level, lower, upper).with_se(se),
        Err(reason) => estimate.because(reason),
    })
}

/// Limits from alpha, n and k alone.
fn limits(alpha: f64, n: f64, k: f64, method: AlphaInterval, level: f64) -> Result<(f64, f64), Reason> {
    let rest = 1.0 - alpha;
    if rest <= 0.0 {
        return Err(Reason::Boundary);
    }
    let tail = 0.5 * (1.0 - level);
    let z = normal_quantile(1.0 - tail);
    match method {
        AlphaInterval::Feldt | AlphaInterval::NormalTheory => {
            let (df1, df2) = (n - 1.0, (n - 1.0) * (k - 1.0));
            if df1 < 1.0 {
                return Err(Reason::TooFew);
            }
            let upper = 1.0 - rest * f_quantile(tail, df1, df2);
            Ok((1.0 - rest * f_quantile(1.0 - tail, df1, df2), upper))
        }
        AlphaInterval::Bonett | AlphaInterval::BonettCorrected => {
            if n <= 2.0 {
                return Err(Reason::TooFew);
            }
            let bias = if method == AlphaInterval::BonettCorrected { log(n / (n - 1.0)) } else { 0.0 };
            let half = z * (2.0 * k / ((k - 1.0) * (n - 2.0))).sqrt();
            Ok((1.0 - exp(log(rest) - bias + half), 1.0 - exp(log(rest) - bias - half)))
        }
        AlphaInterval::HakstianWhalen => {
            let (d1, d2) = (n - 1.0, (n - 1.0) * (k - 1.0));
            if d1 < 1.0 {
                return Err(Reason::TooFew);
            }
            let shrink = (1.0 - 2.0 / (9.0 * d1)) / (1.0 - 2.0 / (9.0 * d2));
            let root = cbrt(rest);
            let first = 1.0 - 2.0 / (9.0 * d1);
            let se = (2.0 * k / (9.0 * d2) * root * root / (first * first)).sqrt();
            let back = |x: f64| 1.0 - shrink * shrink * shrink * x * x * x;
            Ok((back(root + z * se), back(root - z * se)))
        }
        AlphaInterval::FisherZ => {
            if n <= 3.0 {
                return Err(Reason::TooFew);
            }
            if alpha.abs() >= 1.0 {
                return Err(Reason::Boundary);
            }
            let (at, half) = (libm::atanh(alpha), z / (n - 3.0).sqrt());
            Ok((tanh(at - half), tanh(at + half)))
        }
    }
}

/// The estimate plus and minus z standard errors.
pub(super) fn around(estimate: f64, se: f64, level: f64) -> (f64, f64) {
    let z = normal_quantile(0.5 * (1.0 + level));
    (estimate - z * se, estimate + z * se)
}

/// The standard error of alpha for normal items, √(Q/n), Q = 2k² / ((k−1)² V³) · (V (tr C² + tr² C) − 2 tr C · 1ᵀC²1).
fn normal_theory_se(covariance: &DMatrix<f64>, n: usize) -> f64 {
    let k = covariance.nrows() as f64;
    let (total, trace) = (covariance.sum(), covariance.trace());
    let trace_of_square: f64 = covariance.iter().map(|s| s * s).sum();
    let sum_of_square: f64 = covariance.column_iter().map(|column| column.sum() * column.sum()).sum();
    let spread = total * (trace_of_square + trace * trace) - 2.0 * trace * sum_of_square;
    let q = 2.0 * k * k / ((k - 1.0) * (k - 1.0) * total * total * total) * spread;
    (q.max(0.0) / n as f64).sqrt()
}

/// Alpha with limits that hold whatever the distribution of the answers.
///
/// se = √(Σᵢ (IFᵢ − mean IF)² / (n(n−1))), with d_ij the centred answers (n × k), T = Σⱼ s_jj, V = Σ s_ij and
/// IFᵢ = k/(k−1) · (−(Σⱼ d_ij² − T)/V + T((Σⱼ d_ij)² − V)/V²); limits α ± z·se.
///
/// Where many answers stand at the end of the scale the limits that suppose normal items are too narrow; these are not,
/// given some hundred persons.
///
/// # Missing data
/// Complete persons.
///
/// # Errors
/// As for [`alpha`](super::alpha()).
///
/// # Agrees with
/// The formula of Maydeu-Olivares et al.; reference values were computed from it in R.
///
/// # Source
/// Maydeu-Olivares, A., Coffman, D. L., & Hartmann, W. M. (2007). Asymptotically distribution-free (ADF) interval
/// estimation of coefficient alpha. Psychological Methods, 12, 157–176.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::reliability::distribution_free;
/// let rows = [[1.0, 1.0], [2.0, 2.0], [2.0, 3.0], [4.0, 3.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let adf = distribution_free(&data, 0.95).unwrap();
/// assert!((adf.estimate.unwrap() - 0.846_153_846_153_846).abs() < 1e-12);
/// assert!(adf.se.unwrap() > 0.0);
/// ```
pub fn distribution_free(data: &ItemMatrix, level: f64) -> Result<Estimate, StatError> {
    let complete = data.complete();
    distribution_free_of(&complete, &Moments::of_complete(&complete, data.n())?, level)
}

/// The same of complete persons and their moments.
pub(super) fn distribution_free_of(
    complete: &ItemMatrix,
    moments: &Moments,
    level: f64,
) -> Result<Estimate, StatError> {
    let value = alpha_of(&moments.covariance)?;
    let influences = influences(complete, moments);
    let n = complete.n() as f64;
    let mean = influences.iter().sum::<f64>() / n;
    let squares: f64 = influences.iter().map(|x| (x - mean) * (x - mean)).sum();
    let se = (squares / (n * (n - 1.0))).sqrt();
    let (lower, upper) = around(value, se, level);
    Ok(Estimate::point(value).with_interval("adf", level, lower, upper).with_se(se))
}

/// How far a little more of each complete person would move alpha.
fn influences(complete: &ItemMatrix, moments: &Moments) -> Vec<f64> {
    let k = moments.k() as f64;
    let (trace, total) = (moments.covariance.trace(), moments.covariance.sum());
    let change = |(squares, sum): &(f64, f64)| {
        k / (k - 1.0) * (-(squares - trace) / total + trace * (sum * sum - total) / (total * total))
    };
    person_sums(complete, moments).iter().map(change).collect()
}

/// Of each complete person: the sum of squared distances from the item means, and the sum of the distances.
pub(super) fn person_sums(complete: &ItemMatrix, moments: &Moments) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); complete.n()];
    for (j, mean) in moments.mean.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(complete.item(j)) {
            let d = x - mean;
            sums.0 += d * d;
            sums.1 += d;
        }
    }
    sums
}

/// Alpha without each complete person in turn, from the sums of squares that the person takes away; none where all others
/// have the same total.
pub(super) fn without_each(complete: &ItemMatrix, moments: &Moments) -> Vec<Option<f64>> {
    let (n, k) = (complete.n() as f64, moments.k());
    let (trace, total) = (moments.covariance.trace(), moments.covariance.sum());
    let take = |whole: f64, own: f64| ((n - 1.0) * whole - n / (n - 1.0) * own) / (n - 2.0);
    let alpha = |(squares, sum): &(f64, f64)| {
        let (rest, of_sum) = (take(trace, *squares), take(total, sum * sum));
        varies(of_sum, rest).then(|| alpha_of_sums(k, rest, of_sum))
    };
    person_sums(complete, moments).iter().map(alpha).collect()
}
