//! Two informants of one dyad: which ruptures both show, and who shows them first.

use serde::Serialize;

use super::episode::Episode;
use super::series::Series;

/// An informant: the course and the episodes that a rule found in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Informant<'a> {
    /// The course.
    pub series: &'a Series,
    /// Its episodes; falls across a change of worker are no ruptures and take no part.
    pub episodes: &'a [Episode],
}

/// Ruptures of two informants, aligned.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Alignment {
    /// Session numbers by which two ruptures may lie apart and count as one.
    pub tolerance: i64,
    /// Ruptures that both show.
    pub both: Vec<SharedRupture>,
    /// Lowest sessions of ruptures that the first informant alone shows.
    pub first_only: Vec<i64>,
    /// Those that the second informant alone shows.
    pub second_only: Vec<i64>,
    /// Lowest sessions of ruptures of one informant about which the other cannot say anything, having no score there.
    pub unanswered: Vec<i64>,
    /// Sessions that both answered, by whether the score is in a fall: both, first alone, second alone, neither.
    pub sessions: [u64; 4],
}

/// A rupture that both informants show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SharedRupture {
    /// The lowest session of the first informant.
    pub first: i64,
    /// That of the second.
    pub second: i64,
}

impl Alignment {
    /// In how many shared ruptures the first informant was lower earlier, in how many the second.
    pub fn who_first(&self) -> (usize, usize) {
        let count =
            |earlier: fn(&SharedRupture) -> bool| self.both.iter().filter(|both| earlier(both)).count();
        (count(|both| both.first < both.second), count(|both| both.second < both.first))
    }
}

/// Ruptures of two informants, aligned by session with a tolerance.
///
/// Two ruptures are one when their lowest sessions lie at most `tolerance` session numbers apart; the nearest are matched
/// first, each once. A rupture is one informant's alone only where the other has a score at a session within the tolerance and
/// at or before its start.
///
/// # Missing data
/// Where the other informant has no score around a rupture, it is counted as unanswered, not as unseen.
///
/// # Errors
/// None.
///
/// # Source
/// Rubel et al. (2018), Journal of Consulting and Clinical Psychology 86.
///
/// ```
/// use alliance_metrics::session::{Informant, Rule, Sample, Series, ThresholdScale, align, detect};
/// let rule = Rule::fall(ThresholdScale::Points, 1.0);
/// let caregiver = Series::consecutive(&[6.0, 4.0, 6.0, 6.0]).unwrap();
/// let worker = Series::consecutive(&[6.0, 5.8, 4.5, 6.0]).unwrap();
/// let found = [&caregiver, &worker].map(|series| detect(&rule, series, &Sample::default()).episodes);
/// let first = Informant { series: &caregiver, episodes: &found[0] };
/// let second = Informant { series: &worker, episodes: &found[1] };
/// assert_eq!(align(first, second, 1).both.len(), 1);
/// assert_eq!(align(first, second, 0).first_only, [2]);
/// ```
pub fn align(first: Informant<'_>, second: Informant<'_>, tolerance: i64) -> Alignment {
    let ruptures = |informant: Informant<'_>| -> Vec<i64> {
        let own = informant.episodes.iter().filter(|episode| !episode.worker_changed);
        own.map(|episode| episode.trough).collect()
    };
    let (a, b) = (ruptures(first), ruptures(second));
    let mut pairs: Vec<(i64, usize, usize)> = Vec::new();
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let apart = (x - y).abs();
            if apart <= tolerance {
                pairs.push((apart, i, j));
            }
        }
    }
    pairs.sort_unstable();
    let (mut matched_a, mut matched_b) = (vec![false; a.len()], vec![false; b.len()]);
    let mut alignment = Alignment { tolerance, ..Alignment::default() };
    for (_, i, j) in pairs {
        if !matched_a[i] && !matched_b[j] {
            (matched_a[i], matched_b[j]) = (true, true);
            alignment.both.push(SharedRupture { first: a[i], second: b[j] });
        }
    }
    alignment.both.sort_by_key(|both| both.first.min(both.second));
    let mut alone = |troughs: &[i64], matched: &[bool], other: &Series| -> Vec<i64> {
        let left = troughs.iter().zip(matched).filter(|(_, matched)| !**matched).map(|(trough, _)| *trough);
        let (seen, unseen): (Vec<i64>, Vec<i64>) =
            left.partition(|trough| could_see(other, *trough, tolerance));
        alignment.unanswered.extend(unseen);
        seen
    };
    let first_only = alone(&a, &matched_a, second.series);
    let second_only = alone(&b, &matched_b, first.series);
    alignment.unanswered.sort_unstable();
    Alignment { first_only, second_only, sessions: crossed(first, second), ..alignment }
}

/// Whether an informant has a score near a session, and one before it to fall from.
fn could_see(series: &Series, trough: i64, tolerance: i64) -> bool {
    let near = series.numbers().iter().any(|number| (number - trough).abs() <= tolerance);
    near && series.numbers().first().is_some_and(|first| *first < trough)
}

/// Sessions that both answered, by whether each is in a fall.
fn crossed(first: Informant<'_>, second: Informant<'_>) -> [u64; 4] {
    let falls = |informant: Informant<'_>| in_falls(informant.series, informant.episodes);
    let (a, b) = (falls(first), falls(second));
    let mut counts = [0; 4];
    for (at, number) in first.series.numbers().iter().enumerate() {
        if let Ok(other) = second.series.numbers().binary_search(number) {
            counts[match (a[at], b[other]) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            }] += 1;
        }
    }
    counts
}

/// For each session with a score whether it lies after the start of a rupture and no later than its trough.
fn in_falls(series: &Series, episodes: &[Episode]) -> Vec<bool> {
    let mut inside = vec![false; series.n()];
    for episode in episodes.iter().filter(|episode| !episode.worker_changed) {
        let (start, trough) = episode.at;
        inside[start.map_or(trough, |start| start + 1)..=trough].fill(true);
    }
    inside
}

/// Sessions of one course by whether two rules see them in a fall: both, the first alone, the second alone, neither.
///
/// It is how far rules agree on the same series; a rule that could not be applied has no table.
///
/// ```
/// use alliance_metrics::session::{Rule, Sample, Series, ThresholdScale, compare_rules, detect};
/// let series = Series::consecutive(&[6.0, 4.0, 6.0, 5.3, 6.0]).unwrap();
/// let of = |c| detect(&Rule::fall(ThresholdScale::Points, c), &series, &Sample::default()).episodes;
/// assert_eq!(compare_rules(&series, &of(1.0), &of(0.5)), [1, 0, 1, 3]);
/// ```
pub fn compare_rules(series: &Series, first: &[Episode], second: &[Episode]) -> [u64; 4] {
    crossed(Informant { series, episodes: first }, Informant { series, episodes: second })
}
