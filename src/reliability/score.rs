//! The score of a scale as a line over its sum.

use serde::Serialize;

use crate::moments::{ItemMatrix, Moments};

/// How the score of a scale follows from the sum of its items: offset + factor · sum; and which sums are possible.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScoreOf {
    /// What is added.
    pub offset: f64,
    /// What the sum is multiplied by: 1 for a sum, 1/k for a mean.
    pub factor: f64,
    /// The lowest and the highest possible sum, where there are any.
    pub possible: Option<[f64; 2]>,
}

impl ScoreOf {
    /// The sum itself.
    pub fn sum() -> ScoreOf {
        ScoreOf { offset: 0.0, factor: 1.0, possible: None }
    }

    /// The mean of k items.
    pub fn mean(k: usize) -> ScoreOf {
        ScoreOf { offset: 0.0, factor: 1.0 / k as f64, possible: None }
    }

    /// With the lowest and the highest possible sum.
    pub fn within(self, possible: Option<[f64; 2]>) -> ScoreOf {
        ScoreOf { possible, ..self }
    }

    /// Mean and spread from moments, floor and ceiling from the complete persons.
    pub(super) fn summary(&self, moments: &Moments, data: Option<&ItemMatrix>) -> ScoreSummary {
        let variance = moments.covariance.sum();
        let sums: Vec<f64> = data.map_or_else(Vec::new, complete_sums);
        let share = |end: usize| {
            let possible = self.possible.filter(|_| !sums.is_empty())?;
            // Sums of whole answers are exact; those of lines are not.
            let near = 1e-9 * (possible[1] - possible[0]);
            let there = sums.iter().filter(|sum| (**sum - possible[end]).abs() <= near).count();
            Some(there as f64 / sums.len() as f64)
        };
        ScoreSummary {
            mean: Some(self.offset + self.factor * moments.mean.sum()).filter(|mean| mean.is_finite()),
            sd: (variance >= 0.0).then(|| self.factor * variance.sqrt()),
            floor: share(0),
            ceiling: share(1),
        }
    }
}

/// What the scores of a scale look like.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct ScoreSummary {
    /// Their mean.
    pub mean: Option<f64>,
    /// Their standard deviation over n − 1.
    pub sd: Option<f64>,
    /// The share of complete persons at the lowest possible score.
    pub floor: Option<f64>,
    /// The share of complete persons at the highest possible score.
    pub ceiling: Option<f64>,
}

/// The sums of the persons who answered everything.
pub(super) fn complete_sums(data: &ItemMatrix) -> Vec<f64> {
    let mut sums = vec![0.0; data.n()];
    for j in 0..data.k() {
        sums.iter_mut().zip(data.item(j)).for_each(|(sum, x)| *sum += x);
    }
    sums.retain(|sum| !sum.is_nan());
    sums
}
