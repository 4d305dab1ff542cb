//! Whether a rater moves away from the others as time goes on.

use nalgebra::DMatrix;
use serde::Serialize;

use super::ratings::Ratings;
use crate::numeric::distribution::{t_quantile, t_two_sided};
use crate::numeric::least_squares;
use crate::statistic::{Estimate, Reason};

/// The drift of one rater against the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RaterDrift {
    /// The rater.
    pub rater: usize,
    /// Units that this rater and at least one other rated.
    pub n: usize,
    /// The mean of own rating less the mean of the others: severity below 0, leniency above.
    pub mean: Option<f64>,
    /// The change of that difference for one step of time, with its t interval.
    #[serde(flatten)]
    pub slope: Estimate,
    /// Student's t of the slope.
    pub t: Option<f64>,
    /// n − 2.
    pub df: Option<f64>,
    /// Both tails.
    pub p: Option<f64>,
}

/// The drift of one rater over time against the mean of the others.
///
/// d_i = x_ig − mean of the other ratings of unit i, regressed on the time of the unit by least squares.
///
/// # When it means what
/// A slope away from 0: the rater has grown stricter or milder than the others since training. With two raters it cannot
/// be told which of them moved.
///
/// # Missing data
/// Units that the rater and at least one other rated, with a time.
///
/// # None
/// `too_few` under three such units, `no_variability` where all are of one time; a slope without error has no test
/// (`boundary`).
///
/// # Agrees with
/// R 4.2.2 `lm(d ~ time)`.
///
/// # Source
/// By definition.
///
/// ```
/// use alliance_metrics::agreement::{Ratings, rater_drift};
/// let ratings = Ratings::from_table(&[[1.0, 1.0], [2.0, 1.0], [2.0, 1.0], [3.0, 1.0]]);
/// let drift = rater_drift(&ratings, &[1.0, 2.0, 3.0, 4.0], 0, 0.95);
/// assert!((drift.slope.estimate.unwrap() - 0.6).abs() < 1e-12);
/// ```
pub fn rater_drift(ratings: &Ratings, time: &[f64], rater: usize, level: f64) -> RaterDrift {
    let apart = |unit: usize| {
        let own = ratings.get(unit, rater)?;
        let others: Vec<f64> = (0..ratings.raters())
            .filter(|other| *other != rater)
            .filter_map(|other| ratings.get(unit, other))
            .collect();
        let at = time.get(unit).copied().filter(|time| time.is_finite())?;
        (!others.is_empty()).then(|| (at, own - others.iter().sum::<f64>() / others.len() as f64))
    };
    let used: Vec<(f64, f64)> = (0..ratings.units()).filter_map(apart).collect();
    let n = used.len();
    let mean = (n > 0).then(|| used.iter().map(|(_, d)| d).sum::<f64>() / n as f64);
    let none =
        |reason| RaterDrift { rater, n, mean, slope: Estimate::none(reason), t: None, df: None, p: None };
    if n < 3 {
        return none(Reason::TooFew);
    }
    let from = used.iter().map(|(at, _)| at).sum::<f64>() / n as f64;
    let x = DMatrix::from_fn(n, 2, |i, j| if j == 0 { 1.0 } else { used[i].0 - from });
    let Some(fit) = least_squares(&x, &used.iter().map(|(_, d)| *d).collect::<Vec<_>>()) else {
        return none(Reason::NoVariability);
    };
    let (slope, se) = fit.combination(&[0.0, 1.0]);
    let value = Estimate::point(slope);
    if se <= 1e-12 {
        return RaterDrift {
            slope: value.because(Reason::Boundary),
            df: Some(fit.df),
            ..none(Reason::Boundary)
        };
    }
    let half = t_quantile(0.5 + 0.5 * level, fit.df) * se;
    RaterDrift {
        slope: value.with_se(se).with_interval("t", level, slope - half, slope + half),
        t: Some(slope / se),
        df: Some(fit.df),
        p: Some(t_two_sided(slope / se, fit.df)),
        ..none(Reason::NotApplicable)
    }
}
