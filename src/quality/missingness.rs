//! Which answers are missing, and whether that depends on the answers.

use serde::Serialize;

use crate::moments::{ItemMatrix, Little, LittleConfig, little, patterns};
use crate::statistic::{Reason, StatError};

/// How many persons have the same gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatternCount {
    /// For each item 1 where it was answered, 0 where not.
    pub answered: String,
    /// The items that were not.
    pub missing: Vec<String>,
    /// How many persons.
    pub n: usize,
}

/// The gaps of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Missingness {
    /// How many persons.
    pub n: usize,
    /// How many of them answered every item.
    pub complete: usize,
    /// How many answered none.
    pub without_any: usize,
    /// How many stopped: from some item on they answered none, and every one before.
    pub stopped_early: usize,
    /// How many answers there could be.
    pub cells: usize,
    /// How many are missing.
    pub missing: usize,
    /// The patterns of gaps, the most frequent first.
    pub patterns: Vec<PatternCount>,
    /// Little's test.
    pub little: Option<Little>,
    /// Why there is no test.
    pub little_reason: Option<Reason>,
    /// The same in words, with the items concerned.
    pub little_message: Option<String>,
}

/// Patterns of gaps, and Little's test whether they depend on the answers.
///
/// # When it means what
/// See [`little`]. Persons who stop early point to length, single gaps to wording or to questions that do not apply.
///
/// # Missing data
/// Is its subject.
///
/// # Errors
/// None; the reasons of [`little`] stand in `little_reason`. Without gaps there is no test.
///
/// # Agrees with
/// As [`little`].
///
/// # Source
/// Little (1988) for the test.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::missingness;
/// let rows = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [3.0, f64::NAN]].map(|row| row.to_vec());
/// let found = missingness(&ItemMatrix::from_rows(vec!["a".into(), "b".into()], &rows));
/// assert_eq!((found.complete, found.stopped_early, found.missing), (3, 1, 1));
/// assert_eq!((found.patterns[1].answered.as_str(), found.little.unwrap().df), ("10", 1));
/// ```
pub fn missingness(data: &ItemMatrix) -> Missingness {
    let k = data.k();
    let mut counts = Vec::new();
    let (mut complete, mut without_any, mut stopped_early, mut missing) = (0, 0, 0, 0);
    for pattern in patterns(data) {
        let n = pattern.persons.len();
        let gaps: Vec<usize> = (0..k).filter(|j| !pattern.answered[*j]).collect();
        missing += n * gaps.len();
        match gaps.as_slice() {
            [] => complete += n,
            gaps if gaps.len() == k => without_any += n,
            // Gaps from the first one to the end.
            gaps if gaps[0] + gaps.len() == k => stopped_early += n,
            _ => {}
        }
        counts.push(PatternCount {
            answered: pattern.answered.iter().map(|answered| if *answered { '1' } else { '0' }).collect(),
            missing: gaps.iter().map(|j| data.items[*j].clone()).collect(),
            n,
        });
    }
    // Stable: equally frequent ones stay in the order of the items.
    counts.sort_by_key(|count| std::cmp::Reverse(count.n));
    let test = if missing == 0 {
        Err(StatError::new(Reason::NotApplicable, "no answer is missing"))
    } else {
        little(data, &LittleConfig::default())
    };
    let (little, error) = match test {
        Ok(little) => (Some(little), None),
        Err(error) => (None, Some(error)),
    };
    Missingness {
        n: data.n(),
        complete,
        without_any,
        stopped_early,
        cells: data.n() * k,
        missing,
        patterns: counts,
        little,
        little_reason: error.as_ref().map(|error| error.reason),
        little_message: error.map(|error| error.message),
    }
}
