//! Whether a person answers alike what others answer alike.

use nalgebra::DMatrix;
use serde::Serialize;

use crate::moments::Moments;
use crate::reliability::correlation;
use crate::statistic::Reason;

/// Two items that are answered alike, or the opposite way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ItemPair {
    /// The first, as a column.
    pub a: usize,
    /// The second.
    pub b: usize,
    /// Their correlation over persons.
    pub r: f64,
}

/// Pairs of items whose answers correlate above a limit, psychometric synonyms; and those below minus the limit, antonyms.
/// In the order of the form. Items that do not vary have no pairs.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, Moments};
/// use alliance_metrics::quality::item_pairs;
/// let rows = [[1.0, 1.0, 5.0], [2.0, 3.0, 4.0], [3.0, 2.0, 3.0], [5.0, 5.0, 1.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2", "i3"].map(String::from).to_vec(), &rows);
/// let (synonyms, antonyms) = item_pairs(&Moments::listwise(&data).unwrap(), 0.6);
/// assert_eq!((synonyms.len(), synonyms[0].a, synonyms[0].b, antonyms.len()), (1, 0, 1, 2));
/// ```
pub fn item_pairs(moments: &Moments, limit: f64) -> (Vec<ItemPair>, Vec<ItemPair>) {
    let varying: Vec<usize> = (0..moments.k()).filter(|j| moments.covariance[(*j, *j)] > 0.0).collect();
    let Ok(correlation) = moments.select(&varying).pair_correlation() else { return (vec![], vec![]) };
    let pairs = |holds: &dyn Fn(f64) -> bool| pairs(&correlation, &varying, holds);
    (pairs(&|r| r > limit), pairs(&|r| r < -limit))
}

fn pairs(correlation: &DMatrix<f64>, items: &[usize], holds: &dyn Fn(f64) -> bool) -> Vec<ItemPair> {
    let of = |a: usize| {
        (a + 1..items.len()).map(move |b| ItemPair { a: items[a], b: items[b], r: correlation[(a, b)] })
    };
    (0..items.len()).flat_map(of).filter(|pair| holds(pair.r)).collect()
}

/// Pairs under which a correlation says nothing.
const FEWEST_PAIRS: usize = 3;

/// How alike a person answers pairs of items: psychometric synonyms or antonyms.
///
/// r of the answers to the first with the answers to the second items, over the pairs, as ticked.
///
/// # When it means what
/// Over synonyms a careful person is above 0, over antonyms below. It says nothing of a flat profile, and little with few
/// pairs.
///
/// # Missing data
/// The pairs of which both items were answered.
///
/// # Errors
/// [`Reason::TooFew`] under three pairs; [`Reason::FlatProfile`] where the first or the second answers are all the same.
///
/// # Agrees with
/// careless 1.2 `psychsyn`, where that is defined; there an undefined correlation is replaced by one of answers swapped at
/// random within pairs, which changes from run to run.
///
/// # Source
/// Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods, 17, 437–455.
///
/// ```
/// use alliance_metrics::quality::{ItemPair, pair_consistency};
/// let pairs = [(0, 1), (2, 3), (4, 5)].map(|(a, b)| ItemPair { a, b, r: 0.7 });
/// let found = pair_consistency(&[1.0, 2.0, 3.0, 3.0, 5.0, 4.0], &pairs).unwrap();
/// assert!((found - 1.0).abs() < 1e-12);
/// ```
pub fn pair_consistency(answers: &[f64], pairs: &[ItemPair]) -> Result<f64, Reason> {
    let first: Vec<f64> = pairs.iter().map(|pair| answers[pair.a]).collect();
    let second: Vec<f64> = pairs.iter().map(|pair| answers[pair.b]).collect();
    let found = correlation(&first, &second, 0.95);
    if found.n < FEWEST_PAIRS {
        return Err(Reason::TooFew);
    }
    found.r.estimate.ok_or(Reason::FlatProfile)
}
