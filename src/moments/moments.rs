//! Means and covariances under one missing-data policy.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::matrix::ItemMatrix;
use crate::statistic::{Reason, StatError};

/// What happens to gaps. Chosen once for a run, never by the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Persons with a gap in any item of the scale are left out.
    #[default]
    Listwise,
    /// Every covariance uses the persons who answered both items.
    Pairwise,
    /// Maximum likelihood under normality.
    Em,
}

/// Means and covariances of the items of a scale, and the n behind them.
///
/// # Missing data
/// Settled here by [`Missing`]. Listwise and pairwise divide by n − 1, the likelihood by n. The `n` of an interval is
/// the number of complete persons, or the smallest number of persons behind a pair; for the likelihood it is the number
/// of persons with any answer, and only a bootstrap gives intervals.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Moments {
    /// The ids of the items.
    pub items: Vec<String>,
    /// How many persons stand behind an interval.
    pub n: usize,
    /// How many persons were left out.
    pub dropped: usize,
    /// The policy.
    pub missing: Missing,
    /// The mean of each item, k × 1.
    pub mean: DVector<f64>,
    /// The covariances, k × k, symmetric and finite.
    pub covariance: DMatrix<f64>,
    /// The smallest and the largest number of persons behind a pair, where that differs from pair to pair.
    pub pairs: Option<(usize, usize)>,
}

impl Moments {
    /// How many items there are.
    pub fn k(&self) -> usize {
        self.items.len()
    }

    /// Moments of the persons who answered everything.
    ///
    /// # Errors
    /// [`Reason::TooFew`] with under two items or complete persons.
    pub fn listwise(data: &ItemMatrix) -> Result<Moments, StatError> {
        let complete = data.complete();
        let (n, k) = (complete.n(), complete.k());
        if k < 1 || n < 2 {
            let message = format!("{n} persons answered all of {k} items");
            return Err(StatError::new(Reason::TooFew, message));
        }
        let mean = DVector::from_fn(k, |j, _| complete.item(j).iter().sum::<f64>() / n as f64);
        let covariance = DMatrix::from_fn(k, k, |a, b| {
            let (low, high) = (a.min(b), a.max(b)); // the same sum for both triangles
            let pairs = complete.item(low).iter().zip(complete.item(high));
            pairs.map(|(x, y)| (x - mean[low]) * (y - mean[high])).sum::<f64>() / (n - 1) as f64
        });
        Ok(Moments {
            items: complete.items,
            n,
            dropped: data.n() - n,
            missing: Missing::Listwise,
            mean,
            covariance,
            pairs: None,
        })
    }

    /// Moments that somebody else computed: n, means and covariances (divisor n − 1).
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] if the matrix is not a finite symmetric covariance matrix of as many items.
    pub fn given(
        items: Vec<String>,
        n: usize,
        mean: DVector<f64>,
        covariance: DMatrix<f64>,
    ) -> Result<Moments, StatError> {
        let k = items.len();
        let square = covariance.nrows() == k && covariance.ncols() == k && mean.len() == k;
        let finite = covariance.iter().chain(mean.iter()).all(|x| x.is_finite());
        let symmetric = |(a, b): (usize, usize)| {
            let (x, y) = (covariance[(a, b)], covariance[(b, a)]);
            (x - y).abs() <= SYMMETRY * x.abs().max(y.abs()).max(1.0)
        };
        if !square || !finite || !(0..k).all(|a| (0..a).all(|b| symmetric((a, b)))) {
            return Err(StatError::new(
                Reason::NotApplicable,
                "this is no symmetric matrix of finite numbers",
            ));
        }
        if (0..k).any(|j| covariance[(j, j)] < 0.0) {
            return Err(StatError::new(Reason::NotApplicable, "a variance is negative"));
        }
        Ok(Moments { items, n, dropped: 0, missing: Missing::Listwise, mean, covariance, pairs: None })
    }
}

/// Published matrices are rounded; anything beyond this is no rounding.
const SYMMETRY: f64 = 1e-6;
