//! Hard steps taken where easy ones were not.

use serde::Serialize;

use super::answers::PrintedItem;
use crate::moments::{ItemMatrix, Pattern, patterns};
use crate::statistic::Reason;

/// The Guttman errors of a person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuttmanErrors {
    /// How many.
    pub errors: u64,
    /// As a share of the most that the same total allows; none where it allows none.
    pub normed: Option<f64>,
}

/// A step of an item: from its category m − 1 to m.
struct Step {
    item: usize,
    m: usize,
    /// The share of persons who took it.
    popularity: f64,
}

/// Polytomous Guttman errors of each person.
///
/// An item of M + 1 points is M steps, taken or not. With all steps in falling order of the share of persons who took
/// them (equal shares in the order of items, then steps), an error is a pair of steps of which the easier was not taken
/// and the harder was. `normed` divides by the most errors of any answers with the same total.
///
/// # When it means what
/// Many errors for the total are an unusual way to it: careless, or a person for whom the items mean something else. It
/// supposes one dimension, and here counts all items of the form as scored.
///
/// # Missing data
/// Steps of the items answered; shares of those who answered.
///
/// # Errors
/// For each person: [`Reason::NotApplicable`] if no item has points; [`Reason::AllMissing`] without any answer to one that
/// has.
///
/// # Agrees with
/// PerFit 1.4 `Gpoly` for complete answers.
///
/// # Source
/// Emons, W. H. M. (2008). Nonparametric person-fit analysis of polytomous item scores. Applied Psychological Measurement,
/// 32, 224–247.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::{PrintedItem, guttman_errors};
/// use alliance_metrics::reliability::Allowed;
/// let rows = [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2"].map(String::from).to_vec(), &rows);
/// let allowed = Allowed { bounds: Some([0.0, 1.0]), points: vec![0.0, 1.0] };
/// let items = vec![PrintedItem { reversed: false, allowed }; 2];
/// let found = guttman_errors(&data, &items);
/// assert_eq!((found[0].unwrap().errors, found[2].unwrap().normed), (0, Some(1.0)));
/// ```
pub fn guttman_errors(scored: &ItemMatrix, items: &[PrintedItem]) -> Vec<Result<GuttmanErrors, Reason>> {
    let with_points: Vec<usize> =
        (0..scored.k()).filter(|j| items.get(*j).is_some_and(|item| item.allowed.points.len() > 1)).collect();
    if with_points.is_empty() {
        return vec![Err(Reason::NotApplicable); scored.n()];
    }
    let codes: Vec<Vec<Option<usize>>> =
        with_points.iter().map(|j| codes(scored.item(*j), &items[*j].allowed.points)).collect();
    let most: Vec<usize> = with_points.iter().map(|j| items[*j].allowed.points.len() - 1).collect();
    let steps = steps(&codes, &most);
    let mut found = vec![Err(Reason::AllMissing); scored.n()];
    for pattern in patterns(&scored.columns(&with_points)) {
        let steps: Vec<&Step> = steps.iter().filter(|step| pattern.answered[step.item]).collect();
        if steps.is_empty() {
            continue;
        }
        let limits = most_errors(&steps, &pattern, &most);
        for person in &pattern.persons {
            let (mut errors, mut missed, mut total) = (0, 0, 0);
            for step in &steps {
                if codes[step.item][*person].is_some_and(|code| code >= step.m) {
                    errors += missed;
                    total += 1;
                } else {
                    missed += 1;
                }
            }
            let limit = limits[total];
            let normed = (limit > 0).then(|| errors as f64 / limit as f64);
            found[*person] = Ok(GuttmanErrors { errors, normed });
        }
    }
    found
}

/// Answers as places among the points.
fn codes(answers: &[f64], points: &[f64]) -> Vec<Option<usize>> {
    let nearest = |x: &f64| points.partition_point(|point| *point <= *x + 1e-9).saturating_sub(1);
    answers.iter().map(|x| (!x.is_nan()).then(|| nearest(x))).collect()
}

/// All steps, easiest first.
fn steps(codes: &[Vec<Option<usize>>], most: &[usize]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (item, (codes, most)) in codes.iter().zip(most).enumerate() {
        let answered = codes.iter().flatten().count();
        for m in 1..=*most {
            let took = codes.iter().flatten().filter(|code| **code >= m).count();
            steps.push(Step { item, m, popularity: took as f64 / answered.max(1) as f64 });
        }
    }
    steps.sort_by(|a, b| b.popularity.total_cmp(&a.popularity));
    steps
}

/// For each total the most errors. A taken step at place r makes as many errors as there are steps before it that were not
/// taken, so errors are the sum of places of the steps taken less those of the first ones; the sum is largest by items.
fn most_errors(steps: &[&Step], pattern: &Pattern, most: &[usize]) -> Vec<u64> {
    let mut best: Vec<Option<u64>> = vec![Some(0)];
    for item in pattern.items() {
        // Places of the item's steps, summed from the first: 0, r₁, r₁ + r₂, ….
        let mut sums = vec![0u64];
        for (place, _) in steps.iter().enumerate().filter(|(_, step)| step.item == item) {
            sums.push(sums[sums.len() - 1] + place as u64);
        }
        let mut next = vec![None; best.len() + most[item]];
        for (total, sum) in best.iter().enumerate().filter_map(|(total, sum)| Some((total, (*sum)?))) {
            for (took, places) in sums.iter().enumerate() {
                let slot: &mut Option<u64> = &mut next[total + took];
                *slot = Some(slot.map_or(sum + places, |most| most.max(sum + places)));
            }
        }
        best = next;
    }
    let first = |total: usize| (total as u64 * (total as u64).saturating_sub(1)) / 2;
    best.iter().enumerate().map(|(total, sum)| sum.unwrap_or(0).saturating_sub(first(total))).collect()
}
