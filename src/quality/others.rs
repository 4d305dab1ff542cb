//! Whether a person's answers rise and fall with those of the others.

use crate::moments::ItemMatrix;
use crate::reliability::correlation;
use crate::statistic::Reason;

/// Items under which a correlation says nothing.
const FEWEST_ITEMS: usize = 3;

/// The correlation of each person's answers with the means of the other persons' answers to the same items
/// (person–total correlation).
///
/// r over the items j of x_ij with Σ_{h≠i} x_hj / (n_j − 1), answers as ticked.
///
/// # When it means what
/// Below 0 the person finds hard to grant what others grant easily, or did not read. Where items differ little in their
/// means it is mostly chance; reversed items make them differ.
///
/// # Missing data
/// Items that the person and at least one other answered; means of those who did.
///
/// # Errors
/// For each person: [`Reason::AllMissing`] without any answer; [`Reason::TooFew`] under three items;
/// [`Reason::FlatProfile`] where all answers, or all means, are the same.
///
/// # Agrees with
/// R 4.2 `cor` of the answers with the means of the others.
///
/// # Source
/// Donlon, T. F., & Fischer, F. E. (1968). An index of an individual's agreement with group-determined item difficulties.
/// Educational and Psychological Measurement, 28, 105–113.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::with_others;
/// let rows = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 2.0, 1.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2", "i3"].map(String::from).to_vec(), &rows);
/// let found = with_others(&data);
/// assert!((found[2].unwrap() + 1.0).abs() < 1e-12);
/// ```
pub fn with_others(data: &ItemMatrix) -> Vec<Result<f64, Reason>> {
    let sums: Vec<(f64, f64)> = (0..data.k())
        .map(|j| {
            let answered = data.item(j).iter().filter(|x| !x.is_nan());
            answered.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0))
        })
        .collect();
    let of = |person: usize| {
        let own: Vec<f64> = data.values().row(person).iter().copied().collect();
        if own.iter().all(|x| x.is_nan()) {
            return Err(Reason::AllMissing);
        }
        // Nobody else answered: 0/0 is no number, and left out as a gap is.
        let others: Vec<f64> =
            own.iter().zip(&sums).map(|(x, (sum, n))| (sum - x) / (n - 1.0)).map(finite).collect();
        let found = correlation(&own, &others, 0.95);
        if found.n < FEWEST_ITEMS {
            return Err(Reason::TooFew);
        }
        found.r.estimate.ok_or(Reason::FlatProfile)
    };
    (0..data.n()).map(of).collect()
}

fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}
