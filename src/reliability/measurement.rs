//! What reliability means for one person's score.

use serde::Serialize;

use crate::statistic::{Estimate, Reason};

/// Errors of one person's score, in points of the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Measurement {
    /// The standard error of measurement.
    pub standard_error: Estimate,
    /// The minimal detectable change between two measurements.
    pub minimal_detectable_change: Estimate,
}

/// The literal that papers and manuals print for reliable change; intervals elsewhere take the exact quantile.
const PRINTED_Z: f64 = 1.96;

/// The standard error of measurement and the minimal detectable change of a score.
///
/// Standard error of measurement = SD √(1 − r); minimal detectable change = 1.96 √2 · SD √(1 − r), with SD the standard
/// deviation of the score and r its reliability. Limits follow from those of r, SD taken as known.
///
/// Two scores of one person that differ by less than the second may differ by error of measurement alone. The reliability
/// of one occasion says nothing of how much a person changes from day to day.
///
/// # Missing data
/// Settled in what is given.
///
/// # Errors
/// Without estimate: the reason of the reliability, [`Reason::NoVariability`] where SD is not above zero,
/// [`Reason::Boundary`] where the reliability is above one.
///
/// # Agrees with
/// The formulas of Jacobson and Truax, as printed.
///
/// # Source
/// Jacobson, N. S., & Truax, P. (1991). Clinical significance. Journal of Consulting and Clinical Psychology, 59, 12–19.
///
/// ```
/// use alliance_metrics::reliability::measurement;
/// use alliance_metrics::statistic::Estimate;
/// let errors = measurement(7.5, &Estimate::point(0.84));
/// assert!((errors.standard_error.estimate.unwrap() - 3.0).abs() < 1e-12);
/// assert!((errors.minimal_detectable_change.estimate.unwrap() - 8.315_575_75).abs() < 1e-8);
/// ```
pub fn measurement(sd: f64, reliability: &Estimate) -> Measurement {
    let factor = PRINTED_Z * std::f64::consts::SQRT_2;
    Measurement {
        standard_error: error(sd, reliability, 1.0),
        minimal_detectable_change: error(sd, reliability, factor),
    }
}

fn error(sd: f64, reliability: &Estimate, factor: f64) -> Estimate {
    let Some(r) = reliability.estimate else {
        return Estimate::none(reliability.reason.unwrap_or(Reason::NotIdentified));
    };
    if sd <= 0.0 || !sd.is_finite() {
        return Estimate::none(Reason::NoVariability);
    }
    if r > 1.0 {
        return Estimate::none(Reason::Boundary);
    }
    let of = |r: f64| factor * sd * (1.0 - r).max(0.0).sqrt();
    let estimate = Estimate::point(of(r));
    match (reliability.lower, reliability.upper, reliability.level, reliability.interval) {
        (Some(lower), Some(upper), Some(level), Some(interval)) => {
            estimate.with_interval(interval, level, of(upper), of(lower))
        }
        _ => estimate,
    }
}
