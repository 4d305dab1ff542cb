//! Session-to-session changes of a sample, sorted by what they exceed.

use serde::Serialize;

use super::series::{Gap, Series};
use super::shape::wilson;
use super::threshold::ROUNDING;
use crate::statistic::Estimate;

/// How many changes from one session to the next exceed a threshold, in each direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Swings {
    /// The threshold, in points.
    pub threshold: f64,
    /// Changes in all.
    pub changes: usize,
    /// Falls of at least the threshold.
    pub falls: usize,
    /// Rises of at least the threshold.
    pub rises: usize,
    /// Their shares, with Wilson intervals that take changes as independent.
    pub share_falls: Estimate,
    /// The same for rises.
    pub share_rises: Estimate,
}

/// Changes between neighbouring sessions of all courses that exceed a threshold.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a change across missed sessions counts.
///
/// # Errors
/// None; shares of no change at all have a reason.
///
/// ```
/// use alliance_metrics::session::{Gap, Series, swings};
/// let series = Series::consecutive(&[5.0, 4.0, 5.5, 5.4]).unwrap();
/// let found = swings(&[&series], 1.0, Gap::default(), 0.95);
/// assert_eq!((found.changes, found.falls, found.rises), (3, 1, 1));
/// ```
pub fn swings(series: &[&Series], threshold: f64, gap: Gap, level: f64) -> Swings {
    let changes: Vec<f64> =
        series.iter().flat_map(|s| s.differences(gap)).map(|(_, change)| change).collect();
    let count = |sign: f64| {
        changes
            .iter()
            .filter(|change| sign * **change > ROUNDING && sign * **change >= threshold - ROUNDING)
            .count()
    };
    let (n, falls, rises) = (changes.len(), count(-1.0), count(1.0));
    Swings {
        threshold,
        changes: n,
        falls,
        rises,
        share_falls: wilson(falls, n, level),
        share_rises: wilson(rises, n, level),
    }
}
