//! How unsteady a course is, in numbers that stand beside every series.

use serde::Serialize;

use super::series::{Gap, Series, mean, variance};
use super::threshold::ROUNDING;
use crate::statistic::Estimate;
use crate::statistic::Reason;

/// Spread of a course, and spread from session to session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Variability {
    /// Sessions with a score.
    pub n: usize,
    /// Mean score.
    pub mean: Estimate,
    /// Standard deviation over n − 1.
    pub sd: Estimate,
    /// Mean squared successive difference.
    pub mssd: Estimate,
    /// Its root.
    pub rmssd: Estimate,
    /// Mean squared successive difference over the variance: 2 where sessions do not hang together.
    pub von_neumann: Estimate,
    /// Correlation of neighbouring sessions.
    pub lag_one: Estimate,
}

/// Variability of a series.
///
/// MSSD = mean (yᵢ − yᵢ₋₁)²; von Neumann's ratio = MSSD / s²; r₁ = Σ (yᵢ − ȳ)(yᵢ₋₁ − ȳ) / Σ (yᵢ − ȳ)².
///
/// SD tells how far scores lie apart, MSSD how much they move from one session to the next: a slow drift has a large SD
/// and a small MSSD.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a difference across missed sessions counts. r₁ takes the
/// sessions in their order.
///
/// # Errors
/// None; an index without enough sessions has a reason.
///
/// # Agrees with
/// R 4.2.2 `acf` for r₁.
///
/// # Source
/// von Neumann et al. (1941), Annals of Mathematical Statistics 12; Jahng, Wood & Trull (2008), Psychological Methods 13.
///
/// ```
/// use alliance_metrics::session::{Gap, Series, variability};
/// let series = Series::consecutive(&[5.0, 6.0, 5.0, 6.0]).unwrap();
/// assert_eq!(variability(&series, Gap::default()).mssd.estimate, Some(1.0));
/// ```
pub fn variability(series: &Series, gap: Gap) -> Variability {
    let scores = series.scores();
    let squares: Vec<f64> = series.differences(gap).map(|(_, change)| change * change).collect();
    let mssd = (!squares.is_empty()).then(|| mean(&squares));
    let variance = variance(scores);
    let moving = variance.filter(|v| *v > ROUNDING * ROUNDING);
    let or = |value: Option<f64>, reason: Reason| value.map_or(Estimate::none(reason), Estimate::point);
    let lack = if variance.is_some() { Reason::NoVariability } else { Reason::TooFew };
    Variability {
        n: series.n(),
        mean: or(series.mean(), Reason::TooFew),
        sd: or(variance.map(f64::sqrt), Reason::TooFew),
        mssd: or(mssd, Reason::TooFew),
        rmssd: or(mssd.map(f64::sqrt), Reason::TooFew),
        von_neumann: or(mssd.zip(moving).map(|(mssd, variance)| mssd / variance), lack),
        lag_one: or(lag_one(scores), if scores.len() < 3 { Reason::TooFew } else { lack }),
    }
}

/// The correlation of neighbouring sessions; none for fewer than three, or a constant course.
pub(super) fn lag_one(scores: &[f64]) -> Option<f64> {
    if scores.len() < 3 {
        return None;
    }
    let center = mean(scores);
    let all: f64 = scores.iter().map(|y| (y - center) * (y - center)).sum();
    let next: f64 = scores.windows(2).map(|pair| (pair[0] - center) * (pair[1] - center)).sum();
    (all > ROUNDING * ROUNDING).then(|| next / all)
}

/// The lag-one autoregression of a sample, pooled over its persons.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PooledLagOne {
    /// The pooled coefficient, at most .9 in size.
    pub estimate: Estimate,
    /// Persons behind it.
    pub persons: usize,
}

/// The lag-one autoregression pooled over persons: the mean of each person's least-squares coefficient r of yₜ on yₜ₋₁,
/// mended for its bias by adding (1 + 3 r) / n.
///
/// It describes how long a good or a bad session lasts in this sample; the false-alarm rates of rules use it.
///
/// # Missing data
/// Persons with under six sessions take no part; sessions are taken in their order.
///
/// # Errors
/// None; the estimate has a reason where nobody can be used.
///
/// # Source
/// Marriott & Pope (1954), Biometrika 41; Kendall (1954), Biometrika 41.
///
/// ```
/// use alliance_metrics::session::{Series, pooled_lag_one};
/// let short = Series::consecutive(&[5.0, 4.0]).unwrap();
/// assert_eq!(pooled_lag_one(&[&short]).estimate.estimate, None);
/// ```
pub fn pooled_lag_one(series: &[&Series]) -> PooledLagOne {
    let one = |series: &&Series| {
        let scores = series.scores();
        let n = scores.len();
        if n < 6 {
            return None;
        }
        let (before, after) = (&scores[..n - 1], &scores[1..]);
        let (a, b) = (mean(before), mean(after));
        let sxx: f64 = before.iter().map(|x| (x - a) * (x - a)).sum();
        let sxy: f64 = before.iter().zip(after).map(|(x, y)| (x - a) * (y - b)).sum();
        (sxx > ROUNDING * ROUNDING).then(|| {
            let r = sxy / sxx;
            r + (1.0 + 3.0 * r) / n as f64
        })
    };
    let all: Vec<f64> = series.iter().filter_map(one).collect();
    let estimate = match all.is_empty() {
        true => Estimate::none(Reason::TooFew),
        false => Estimate::point(mean(&all).clamp(-LARGEST_LAG_ONE, LARGEST_LAG_ONE)),
    };
    PooledLagOne { estimate, persons: all.len() }
}

/// A simulated course must come back to its mean within the sessions of a case.
const LARGEST_LAG_ONE: f64 = 0.9;
