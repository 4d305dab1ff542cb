//! Which items are answered together: the distinct patterns of gaps.

use std::collections::BTreeMap;

use super::matrix::ItemMatrix;

/// Persons with the same gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// For each item, whether it is answered.
    pub answered: Vec<bool>,
    /// The persons, as rows of the matrix.
    pub persons: Vec<usize>,
}

impl Pattern {
    /// The items answered.
    pub fn items(&self) -> Vec<usize> {
        (0..self.answered.len()).filter(|j| self.answered[*j]).collect()
    }
}

/// The distinct patterns of gaps, the complete one first, then in the order of the items; with their persons.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, patterns};
/// let gap = f64::NAN;
/// let rows = [vec![1.0, gap], vec![2.0, 3.0], vec![4.0, gap]];
/// let found = patterns(&ItemMatrix::from_rows(vec!["a".into(), "b".into()], &rows));
/// assert_eq!(found[0].persons, [1]);
/// assert_eq!((&found[1].answered, &found[1].persons), (&vec![true, false], &vec![0, 2]));
/// ```
pub fn patterns(data: &ItemMatrix) -> Vec<Pattern> {
    let mut persons: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for i in 0..data.n() {
        let gaps = (0..data.k()).map(|j| data.values()[(i, j)].is_nan()).collect();
        persons.entry(gaps).or_default().push(i);
    }
    let pattern = |(gaps, persons): (Vec<bool>, Vec<usize>)| Pattern {
        answered: gaps.into_iter().map(|gap| !gap).collect(),
        persons,
    };
    persons.into_iter().map(pattern).collect()
}
