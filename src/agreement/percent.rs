//! How often raters are within a number of points of each other, and the score that three judges settle on.

use serde::Serialize;

use super::ratings::Ratings;
use crate::statistic::{Estimate, Reason};

/// Shares of agreement within a number of points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Within {
    /// The most points apart.
    pub points: f64,
    /// Pairs of ratings of the same unit.
    pub pairs: usize,
    /// The share of these pairs.
    pub of_pairs: Estimate,
    /// Units with two ratings or more.
    pub units: usize,
    /// The share of units whose ratings all lie within the points.
    pub of_units: Estimate,
}

/// Differences this close to the limit are at the limit: 0.3 − 0.2 is not under 0.1.
const ROUNDING: f64 = 1e-9;

/// The share of pairs of ratings, and of units, within `points` of each other.
///
/// Σ_i #{g < h: |x_ig − x_ih| ≤ d} / Σ_i r_i (r_i − 1) / 2.
///
/// # When it means what
/// What a training goal such as "90 % of codes within one point" is about. Chance is in it: with −3 … +3 and ratings that
/// crowd around one category it is high anyway.
///
/// # Missing data
/// All ratings that a unit has.
///
/// # None
/// `too_few` where no unit has two ratings.
///
/// # Agrees with
/// `irr::agree(tolerance = d)` 0.84.1 for the share of units (it prints percent), on complete units.
///
/// # Source
/// By definition.
///
/// ```
/// use alliance_metrics::agreement::{Ratings, within_points};
/// let within = within_points(&Ratings::from_table(&[[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), 1.0);
/// assert_eq!(within.of_pairs.estimate, Some(5.0 / 6.0));
/// assert_eq!(within.of_units.estimate, Some(0.5));
/// ```
pub fn within_points(ratings: &Ratings, points: f64) -> Within {
    let (mut pairs, mut close_pairs, mut units, mut close_units) = (0usize, 0usize, 0usize, 0usize);
    for unit in 0..ratings.units() {
        let mut own: Vec<f64> = ratings.of_unit(unit).collect();
        if own.len() < 2 {
            continue;
        }
        own.sort_by(f64::total_cmp);
        units += 1;
        close_units += usize::from(own[own.len() - 1] - own[0] <= points + ROUNDING);
        for (at, low) in own.iter().enumerate() {
            pairs += own.len() - at - 1;
            close_pairs += own[at + 1..].iter().take_while(|high| **high - low <= points + ROUNDING).count();
        }
    }
    let share = |part: usize, whole: usize| match whole {
        0 => Estimate::none(Reason::TooFew),
        _ => Estimate::point(part as f64 / whole as f64),
    };
    Within { points, pairs, of_pairs: share(close_pairs, pairs), units, of_units: share(close_units, units) }
}

/// How three judges' ratings became one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// All three gave it.
    All,
    /// Two of three gave it.
    Two,
    /// All differ: the mean of the two that are closest.
    ClosestTwo,
    /// All differ and are equally far apart: the middle one. The manual is silent here.
    Middle,
}

/// The final score of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FinalScore {
    /// The score, if there is one.
    pub score: Option<f64>,
    /// How it came about.
    pub settled: Option<Settled>,
    /// Why there is none: `too_few` with fewer than three ratings, `not_applicable` with more.
    pub reason: Option<Reason>,
}

/// The final score of three judges by the rule of the SOFTA manual.
///
/// If two agree, their score; if all differ, the mean of the two closest; if the two outer ones are equally far from the
/// middle one, the middle one (the manual does not say; the middle is also the mean of all three).
///
/// # When it means what
/// A score for analyses that take one per unit. It is not more reliable than the mean of the three.
///
/// # Missing data
/// The rule is for three ratings; with two that agree it is not applied either, for nobody could have outvoted them.
///
/// # None
/// `too_few` under three ratings, `not_applicable` over three.
///
/// # Agrees with
/// No software is known to have it.
///
/// # Source
/// Friedlander, Escudero & Heatherington, SOFTA-o training manual.
///
/// ```
/// use alliance_metrics::agreement::{Settled, final_score};
/// assert_eq!(final_score(&[2.0, -1.0, 3.0]).score, Some(2.5));
/// assert_eq!(final_score(&[1.0, 2.0, 3.0]).settled, Some(Settled::Middle));
/// ```
pub fn final_score(ratings: &[f64]) -> FinalScore {
    let mut sorted: Vec<f64> = ratings.iter().copied().filter(|rating| rating.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let [low, middle, high] = sorted[..] else {
        let reason = if sorted.len() < 3 { Reason::TooFew } else { Reason::NotApplicable };
        return FinalScore { score: None, settled: None, reason: Some(reason) };
    };
    let (below, above) = (middle - low, high - middle);
    let (score, settled) = if low == high {
        (middle, Settled::All)
    } else if below == 0.0 || above == 0.0 {
        (middle, Settled::Two)
    } else if (below - above).abs() <= ROUNDING {
        (middle, Settled::Middle)
    } else if below < above {
        (0.5 * (low + middle), Settled::ClosestTwo)
    } else {
        (0.5 * (middle + high), Settled::ClosestTwo)
    };
    FinalScore { score: Some(score), settled: Some(settled), reason: None }
}
