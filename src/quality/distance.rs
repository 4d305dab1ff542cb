//! How far a person's answers lie from what is usual.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use crate::moments::{ItemMatrix, Missing, Moments, patterns};
use crate::numeric::distribution::chi_square_sf;
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::Reason;

/// A person's distance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Distance {
    /// The squared distance.
    pub d2: f64,
    /// The items it was taken over: its degrees of freedom.
    pub df: usize,
    /// How probable so large a distance is if the answers are normal.
    pub p: f64,
}

/// Mahalanobis distances of persons from the mean of all.
///
/// D² = (x − m)′ S⁻¹ (x − m), over the items that the person answered, with the means m and covariances S (divisor n − 1)
/// of the moments; chi-square with as many degrees of freedom as items if the answers are normal.
///
/// # When it means what
/// A large distance is an unusual combination of answers: careless, or a person unlike the others. It grows with the
/// trait where scores are skewed, as at the ceiling of an alliance scale, and its p is then too small. With n persons D²
/// is at most (n − 1)²/n, so that small samples can have no outliers. Reversal does not change it.
///
/// # Missing data
/// Moments as they come; the person's distance is over the items answered.
///
/// # Errors
/// For each person: [`Reason::AllMissing`] without any answer; [`Reason::Singular`] where covariances have no inverse (a
/// constant item, persons not more than items), with pairwise moments [`Reason::NotPositiveDefinite`].
///
/// # Agrees with
/// R 4.2 `stats::mahalanobis`, careless 1.2 `mahad`, for complete persons; there a person without answers has distance 0.
///
/// # Source
/// Mahalanobis, P. C. (1936). On the generalised distance in statistics. Proceedings of the National Institute of Sciences
/// of India, 2, 49–55.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, Moments};
/// use alliance_metrics::quality::distances;
/// let rows = [[1.0, 2.0], [2.0, 1.0], [3.0, 3.0], [6.0, 5.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let found = distances(&data, &Moments::listwise(&data).unwrap());
/// let sum: f64 = found.iter().map(|found| found.unwrap().d2).sum();
/// assert!((sum - 3.0 * 2.0).abs() < 1e-12); // (n − 1) k
/// ```
pub fn distances(data: &ItemMatrix, moments: &Moments) -> Vec<Result<Distance, Reason>> {
    let mut found = vec![Err(Reason::AllMissing); data.n()];
    let no_inverse = match moments.missing {
        Missing::Pairwise => Reason::NotPositiveDefinite,
        Missing::Listwise | Missing::Em => Reason::Singular,
    };
    for pattern in patterns(data) {
        let items = pattern.items();
        if items.is_empty() {
            continue;
        }
        let block =
            DMatrix::from_fn(items.len(), items.len(), |a, b| moments.covariance[(items[a], items[b])]);
        let factored = PositiveDefinite::new(&block);
        for person in pattern.persons {
            let distance = |factored: &PositiveDefinite| {
                let off = |a: usize, _| data.values()[(person, items[a])] - moments.mean[items[a]];
                let d2 = factored.distance(&DVector::from_fn(items.len(), off)).max(0.0);
                Distance { d2, df: items.len(), p: chi_square_sf(d2, items.len() as f64) }
            };
            found[person] = factored.as_ref().map(distance).ok_or(no_inverse);
        }
    }
    found
}
