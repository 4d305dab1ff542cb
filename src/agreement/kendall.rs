//! Whether raters order the units alike: Kendall's W.

use serde::Serialize;

use super::ratings::Ratings;
use crate::numeric::distribution::chi_square_sf;
use crate::statistic::{Estimate, Reason};

/// Kendall's coefficient of concordance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Kendall {
    /// Units that every rater rated.
    pub n: usize,
    /// Raters.
    pub raters: usize,
    /// W, corrected for ties.
    #[serde(flatten)]
    pub value: Estimate,
    /// W without the correction.
    pub uncorrected: Option<f64>,
    /// m (n − 1) W.
    pub chi_square: Option<f64>,
    /// Its degrees of freedom, n − 1.
    pub df: Option<f64>,
    /// Its upper tail; rough under about seven units.
    pub p: Option<f64>,
}

/// Kendall's W: how far m raters put n units into the same order, corrected for ties.
///
/// W = 12 S / (m² (n³ − n) − m Σ_j T_j), S the sum of squared deviations of the units' rank sums from their mean, ranks
/// within each rater with means for ties, T_j = Σ (t³ − t) over the ties of rater j. χ² = m (n − 1) W with n − 1 degrees
/// of freedom.
///
/// # When it means what
/// Only order counts: raters a point apart throughout have W = 1.
///
/// # Missing data
/// Units that every rater rated.
///
/// # None
/// `too_few` with under two complete units or raters, `no_variability` where every rater gives one and the same rating.
///
/// # Agrees with
/// `irr::kendall(correct = TRUE)` and `(correct = FALSE)`, 0.84.1.
///
/// # Source
/// Kendall & Babington Smith (1939), Annals of Mathematical Statistics 10, 275–287.
///
/// ```
/// use alliance_metrics::agreement::{Ratings, kendall};
/// let w = kendall(&Ratings::from_table(&[[1.0, 2.0], [2.0, 3.0], [3.0, 5.0]]));
/// assert_eq!(w.value.estimate, Some(1.0));
/// ```
pub fn kendall(ratings: &Ratings) -> Kendall {
    let complete = ratings.complete();
    let (n, raters) = (complete.units(), complete.raters());
    let none = |reason| Kendall {
        n,
        raters,
        value: Estimate::none(reason),
        uncorrected: None,
        chi_square: None,
        df: None,
        p: None,
    };
    if n < 2 || raters < 2 {
        return none(Reason::TooFew);
    }
    let mut sums = vec![0.0; n];
    let mut ties = 0.0;
    for rater in 0..raters {
        let column: Vec<f64> = (0..n).filter_map(|unit| complete.get(unit, rater)).collect();
        let (ranks, tied) = mid_ranks(&column);
        sums.iter_mut().zip(ranks).for_each(|(sum, rank)| *sum += rank);
        ties += tied;
    }
    let (nf, m) = (n as f64, raters as f64);
    let centre = m * (nf + 1.0) / 2.0;
    let s: f64 = sums.iter().map(|sum| (sum - centre) * (sum - centre)).sum();
    let most = m * m * (nf * nf * nf - nf);
    if most - m * ties <= 0.0 {
        return none(Reason::NoVariability);
    }
    let w = 12.0 * s / (most - m * ties);
    let chi_square = m * (nf - 1.0) * w;
    Kendall {
        value: Estimate::point(w),
        uncorrected: Some(12.0 * s / most),
        chi_square: Some(chi_square),
        df: Some(nf - 1.0),
        p: Some(chi_square_sf(chi_square, nf - 1.0)),
        ..none(Reason::NotApplicable)
    }
}

/// Ranks from 1, ties sharing their mean, and Σ (t³ − t) over the ties.
fn mid_ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let (mut ties, mut below) = (0.0, 0.0);
    for group in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let t = group.len() as f64;
        ties += t * t * t - t;
        group.iter().for_each(|at| ranks[*at] = below + (t + 1.0) / 2.0);
        below += t;
    }
    (ranks, ties)
}
