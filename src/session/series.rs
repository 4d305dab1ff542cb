//! The course of one scale for one informant of one dyad, session by session.

use serde::Serialize;

/// One session, as one informant reported it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Session {
    /// The number of the session.
    pub number: i64,
    /// The date, as a count of days from any fixed day.
    pub day: Option<i64>,
    /// The score; none if the session took place and there is no score.
    pub score: Option<f64>,
    /// A code for the worker who held it.
    pub worker: Option<u32>,
}

/// Why sessions are no series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// A session stands there twice.
    #[error("session {0} occurs twice")]
    Duplicate(i64),
    /// A score that is no number.
    #[error("the score of session {0} is not a finite number")]
    NotFinite(i64),
}

/// A series: scores with the numbers of their sessions, sorted, each number once.
///
/// Missing data: a session without a score is remembered by its number and takes no other part; nothing is interpolated.
///
/// ```
/// use alliance_metrics::session::{Lack, Series};
/// let series = Series::of(&[(1, 5.2), (2, 5.3), (4, 4.1)]).unwrap();
/// assert_eq!(series.scores(), [5.2, 5.3, 4.1]);
/// assert_eq!(series.lacks(), [Lack::MissedSessions { sessions: vec![3] }]);
/// assert!(Series::of(&[(1, 5.2), (1, 5.3)]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    numbers: Vec<i64>,
    scores: Vec<f64>,
    unanswered: Vec<i64>,
    new_worker: Vec<bool>,
    /// Sessions of all kinds in order, with their days.
    days: Vec<(i64, i64)>,
}

/// What a series lacks. Each lack has its own word, and none is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "lack", rename_all = "snake_case")]
pub enum Lack {
    /// No session has a score.
    NoScore,
    /// One session has a score: there is no course.
    OneSession,
    /// Numbers between the first and the last session that are not in the file.
    MissedSessions {
        /// Their numbers.
        sessions: Vec<i64>,
    },
    /// Sessions in the file without a score.
    Unanswered {
        /// Their numbers.
        sessions: Vec<i64>,
    },
    /// A later session number with an earlier date.
    DatesDisagree {
        /// The numbers of such sessions.
        sessions: Vec<i64>,
    },
    /// Days between neighbouring sessions differ more than threefold.
    UnevenSpacing {
        /// The fewest days between neighbouring sessions.
        shortest: i64,
        /// The most.
        longest: i64,
    },
    /// The first sessions with a new worker.
    WorkerChanges {
        /// Their numbers.
        sessions: Vec<i64>,
    },
}

/// Neighbouring sessions whose distance differs by more than this factor are said to be unevenly spaced: weekly sessions
/// beside monthly ones, not a session put off by a holiday.
const UNEVEN: i64 = 3;

impl Series {
    /// A series from sessions in any order.
    ///
    /// # Errors
    /// A session that occurs twice, or a score that is not finite.
    pub fn new(mut sessions: Vec<Session>) -> Result<Series, SeriesError> {
        sessions.sort_by_key(|session| session.number);
        if let Some(twice) = sessions.windows(2).find(|pair| pair[0].number == pair[1].number) {
            return Err(SeriesError::Duplicate(twice[0].number));
        }
        let mut series = Series::default();
        let mut before: Option<u32> = None;
        for session in &sessions {
            series.days.extend(session.day.map(|day| (session.number, day)));
            let Some(score) = session.score else {
                series.unanswered.push(session.number);
                continue;
            };
            if !score.is_finite() {
                return Err(SeriesError::NotFinite(session.number));
            }
            let changed = matches!((before, session.worker), (Some(old), Some(new)) if old != new);
            before = session.worker.or(before);
            series.numbers.push(session.number);
            series.scores.push(score);
            series.new_worker.push(changed);
        }
        Ok(series)
    }

    /// A series from session numbers and scores.
    ///
    /// # Errors
    /// As [`Series::new`].
    pub fn of(points: &[(i64, f64)]) -> Result<Series, SeriesError> {
        let session = |(number, score): &(i64, f64)| Session {
            number: *number,
            score: Some(*score),
            ..Session::default()
        };
        Series::new(points.iter().map(session).collect())
    }

    /// Scores of sessions 1, 2, …, without a gap.
    ///
    /// # Errors
    /// A score that is not finite.
    pub fn consecutive(scores: &[f64]) -> Result<Series, SeriesError> {
        Series::of(&(1..).zip(scores.iter().copied()).collect::<Vec<_>>())
    }

    /// How many sessions have a score.
    pub fn n(&self) -> usize {
        self.scores.len()
    }

    /// The numbers of the sessions with a score, in order.
    pub fn numbers(&self) -> &[i64] {
        &self.numbers
    }

    /// The scores, in the order of the sessions.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The score of a session.
    pub fn score(&self, number: i64) -> Option<f64> {
        self.numbers.binary_search(&number).ok().map(|at| self.scores[at])
    }

    /// Sessions in the file without a score.
    pub fn unanswered(&self) -> &[i64] {
        &self.unanswered
    }

    /// Whether the session at an index was the first with a new worker.
    pub fn has_new_worker(&self, at: usize) -> bool {
        self.new_worker.get(at).copied().unwrap_or(false)
    }

    /// Whether the worker changed after the session at `from`, up to the one at `to`.
    pub fn worker_changed(&self, from: usize, to: usize) -> bool {
        (from + 1..=to).any(|at| self.has_new_worker(at))
    }

    /// The mean score; none without a score.
    pub fn mean(&self) -> Option<f64> {
        (!self.scores.is_empty()).then(|| mean(&self.scores))
    }

    /// Differences from one session with a score to the next, forwards, with the index of the later session.
    pub fn differences(&self, gap: Gap) -> impl Iterator<Item = (usize, f64)> + '_ {
        (1..self.n()).filter(move |at| gap.holds(&self.numbers, *at)).map(|at| {
            let change = self.scores[at] - self.scores[at - 1];
            (at, change)
        })
    }

    /// What it lacks.
    pub fn lacks(&self) -> Vec<Lack> {
        let mut lacks = Vec::new();
        match self.n() {
            0 => lacks.push(Lack::NoScore),
            1 => lacks.push(Lack::OneSession),
            _ => {}
        }
        let all = self.all_numbers();
        let missed: Vec<i64> =
            all.windows(2).flat_map(|pair| pair[0] + 1..pair[1]).take(MOST_MISSED).collect();
        let changes = (0..self.n()).filter(|at| self.new_worker[*at]).map(|at| self.numbers[at]).collect();
        let backwards =
            self.days.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[1].0).collect();
        let mut list = |sessions: Vec<i64>, lack: fn(Vec<i64>) -> Lack| {
            if !sessions.is_empty() {
                lacks.push(lack(sessions));
            }
        };
        list(missed, |sessions| Lack::MissedSessions { sessions });
        list(self.unanswered.clone(), |sessions| Lack::Unanswered { sessions });
        list(backwards, |sessions| Lack::DatesDisagree { sessions });
        list(changes, |sessions| Lack::WorkerChanges { sessions });
        lacks.extend(self.spacing());
        lacks
    }

    fn all_numbers(&self) -> Vec<i64> {
        let mut all = [&self.numbers[..], &self.unanswered[..]].concat();
        all.sort_unstable();
        all
    }

    /// Days between sessions that follow each other by number; a missed session is a gap and no uneven spacing.
    fn spacing(&self) -> Option<Lack> {
        let next = |pair: &&[(i64, i64)]| pair[1].0 == pair[0].0 + 1 && pair[1].1 > pair[0].1;
        let days = || self.days.windows(2).filter(next).map(|pair| pair[1].1 - pair[0].1);
        let (shortest, longest) = (days().min()?, days().max()?);
        (longest > UNEVEN * shortest).then_some(Lack::UnevenSpacing { shortest, longest })
    }
}

/// A typing error in a session number (1, 2, 30000) must not make a list of all numbers between.
const MOST_MISSED: usize = 1000;

/// What a change across missed sessions counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// A session is compared with the last one that has a score, however long ago.
    #[default]
    AdjacentObserved,
    /// A change is defined only between sessions whose numbers follow each other.
    Strict,
}

impl Gap {
    /// Whether a change from the session before to the one at `at` is defined.
    pub fn holds(self, numbers: &[i64], at: usize) -> bool {
        self == Gap::AdjacentObserved || numbers[at] == numbers[at - 1].saturating_add(1)
    }
}

/// The mean of a slice that is not empty.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance over n − 1; none for fewer than two values.
pub(super) fn variance(values: &[f64]) -> Option<f64> {
    let n = values.len();
    (n >= 2).then(|| {
        let mean = mean(values);
        values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1) as f64
    })
}

/// The median; none for no value.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(sorted[n / 2]),
        _ => Some(0.5 * (sorted[n / 2 - 1] + sorted[n / 2])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lack_has_its_own_word() {
        let session =
            |number, day, score, worker| Session { number, day: Some(day), score, worker: Some(worker) };
        let series = Series::new(vec![
            session(5, 90, Some(4.0), 2),
            session(1, 0, Some(5.0), 1),
            session(2, 7, None, 1),
            session(3, 35, Some(5.0), 1),
            session(6, 80, Some(4.0), 2),
        ])
        .unwrap();
        assert_eq!(series.numbers(), [1, 3, 5, 6]);
        let want = [
            Lack::MissedSessions { sessions: vec![4] },
            Lack::Unanswered { sessions: vec![2] },
            Lack::DatesDisagree { sessions: vec![6] },
            Lack::WorkerChanges { sessions: vec![5] },
            Lack::UnevenSpacing { shortest: 7, longest: 28 },
        ];
        assert_eq!(series.lacks(), want);
        assert_eq!(Series::default().lacks(), [Lack::NoScore]);
        assert_eq!(Series::of(&[(9, 1.0)]).unwrap().lacks(), [Lack::OneSession]);
        assert!(series.worker_changed(1, 2) && !series.worker_changed(2, 3));
    }

    #[test]
    fn what_is_no_series_is_refused() {
        assert_eq!(Series::of(&[(2, 1.0), (2, 1.0)]), Err(SeriesError::Duplicate(2)));
        assert_eq!(Series::of(&[(3, f64::NAN)]), Err(SeriesError::NotFinite(3)));
    }

    #[test]
    fn a_strict_gap_knows_no_change_across_it() {
        let series = Series::of(&[(1, 5.0), (2, 4.0), (4, 2.0)]).unwrap();
        assert_eq!(series.differences(Gap::Strict).collect::<Vec<_>>(), [(1, -1.0)]);
        assert_eq!(series.differences(Gap::AdjacentObserved).count(), 2);
    }
}
