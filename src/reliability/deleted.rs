//! Alpha without an item, and without a person.

use serde::Serialize;

use super::alpha::alpha_of_sums;
use super::composite::total_variance;
use super::interval::without_each;
use crate::moments::{ItemMatrix, Moments};
use crate::statistic::{Estimate, Reason, StatError};

/// Alpha of the scale without each item in turn.
///
/// The formula of [`alpha`](super::alpha()) for k − 1 items, from the same covariances.
///
/// An item without which alpha is clearly higher measures something else, or was not reversed.
///
/// # Missing data
/// Settled in the moments: under listwise deletion these are the persons who answered all k items, so that the values can
/// be compared with each other and with alpha.
///
/// # Errors
/// One estimate an item, in their order; without estimate with [`Reason::TooFew`] under three items, and with the reasons
/// of [`alpha`](super::alpha()) where the rest of the scale has none.
///
/// # Agrees with
/// psych 2.5 `alpha` (`alpha.drop`).
///
/// # Source
/// Cronbach (1951), as for [`alpha`](super::alpha()).
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::alpha_if_deleted;
/// let covariance = nalgebra::DMatrix::from_row_slice(3, 3, &[1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 1.0]);
/// let items = ["i1", "i2", "i3"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(3), covariance).unwrap();
/// assert!((alpha_if_deleted(&moments)[2].estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn alpha_if_deleted(moments: &Moments) -> Vec<Estimate> {
    let covariance = &moments.covariance;
    let without = |j: usize| {
        if moments.k() < 3 {
            return Estimate::none(Reason::TooFew);
        }
        let rest = covariance.clone().remove_row(j).remove_column(j);
        match total_variance(&rest) {
            Ok(total) => Estimate::point(alpha_of_sums(rest.nrows(), rest.trace(), total)),
            Err(error) => Estimate::none(error.reason),
        }
    };
    (0..moments.k()).map(without).collect()
}

/// How far one person moves alpha.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Influence {
    /// The row of the person in the data.
    pub row: usize,
    /// Alpha without this person.
    pub alpha_without: f64,
    /// Alpha without this person less alpha with all.
    pub change: f64,
}

/// The persons without whom alpha would change most.
///
/// α₍₋ᵢ₎ − α for each complete person i, the largest distances first; ties in the order of the rows.
///
/// They are shown to be looked at, never removed.
///
/// # Missing data
/// Complete persons.
///
/// # Errors
/// As for [`alpha`](super::alpha()); [`Reason::TooFew`] with under three complete persons. A person without whom there is
/// no alpha is left out.
///
/// # Agrees with
/// Alpha computed anew without the person.
///
/// # Source
/// The jackknife: Efron, B. (1982). The jackknife, the bootstrap and other resampling plans. SIAM.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::reliability::most_influential;
/// let rows = [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 1.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let most = most_influential(&data, 1).unwrap();
/// assert_eq!(most[0].row, 0);
/// assert!((most[0].alpha_without + 2.0).abs() < 1e-12);
/// ```
pub fn most_influential(data: &ItemMatrix, how_many: usize) -> Result<Vec<Influence>, StatError> {
    let complete = data.complete();
    let moments = Moments::of_complete(&complete, data.n())?;
    most_influential_of(&complete, &data.complete_rows(), &moments, how_many)
}

/// The same of complete persons, in these rows of the data, and their moments.
pub(super) fn most_influential_of(
    complete: &ItemMatrix,
    rows: &[usize],
    moments: &Moments,
    how_many: usize,
) -> Result<Vec<Influence>, StatError> {
    if complete.n() < 3 {
        let message = format!("{} persons answered everything, three are the least", complete.n());
        return Err(StatError::new(Reason::TooFew, message));
    }
    let total = total_variance(&moments.covariance)?;
    let alpha = alpha_of_sums(moments.k(), moments.covariance.trace(), total);
    let mut influences: Vec<Influence> = without_each(complete, moments)
        .into_iter()
        .zip(rows)
        .filter_map(|(without, row)| Some((without?, *row)))
        .map(|(alpha_without, row)| Influence { row, alpha_without, change: alpha_without - alpha })
        .collect();
    let order =
        |a: &Influence, b: &Influence| b.change.abs().total_cmp(&a.change.abs()).then(a.row.cmp(&b.row));
    if how_many < influences.len() {
        influences.select_nth_unstable_by(how_many, order);
        influences.truncate(how_many);
    }
    influences.sort_by(order);
    Ok(influences)
}
