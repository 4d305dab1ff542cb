//! The EM algorithm for normal data with gaps.

use nalgebra::{DMatrix, DVector};

use super::matrix::ItemMatrix;
use super::moments::{centred, pair_of};
use super::patterns::patterns;
use super::products::symmetric;
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// The largest change of a mean or covariance, in standard deviations, at which the search ends. A step closes a share of
/// the distance to the solution that is the share of information not missing, so the distance left is of this order.
const TOLERANCE: f64 = 1e-11;
const MOST_ITERATIONS: usize = 10_000;

/// Moments of highest likelihood.
pub(super) struct Maximum {
    pub n: usize,
    pub mean: DVector<f64>,
    pub covariance: DMatrix<f64>,
    pub fit: FitRecord,
}

/// Persons with the same gaps, in what the likelihood needs of them.
pub(super) struct Group {
    pub n: usize,
    /// The items answered.
    pub answered: Vec<usize>,
    /// Their means in this group.
    pub mean: DVector<f64>,
    /// Sums of products of distances from these means.
    pub scatter: DMatrix<f64>,
}

/// The groups of persons with any answer, in the order of their patterns.
pub(super) fn groups(data: &ItemMatrix) -> Result<Vec<Group>, StatError> {
    let mut groups = Vec::new();
    for pattern in patterns(data) {
        let answered = pattern.items();
        if answered.is_empty() {
            continue;
        }
        let columns = centred(&data.rows(&pattern.persons).columns(&answered))?;
        groups.push(Group {
            n: pattern.persons.len(),
            mean: DVector::from_fn(answered.len(), |j, _| columns[j].mean()),
            scatter: symmetric(answered.len(), |a, b| columns[a].scatter(&columns[b]).0),
            answered,
        });
    }
    Ok(groups)
}

impl Group {
    fn part(&self, mean: &DVector<f64>) -> DVector<f64> {
        DVector::from_fn(self.answered.len(), |j, _| mean[self.answered[j]])
    }

    fn block(&self, covariance: &DMatrix<f64>) -> DMatrix<f64> {
        let at = &self.answered;
        DMatrix::from_fn(at.len(), at.len(), |a, b| covariance[(at[a], at[b])])
    }

    /// How far the mean of the group lies from `mean`.
    pub fn offset(&self, mean: &DVector<f64>) -> DVector<f64> {
        &self.mean - self.part(mean)
    }

    /// The covariances of the items answered, factored.
    pub fn factored(
        &self,
        covariance: &DMatrix<f64>,
        items: &[String],
    ) -> Result<PositiveDefinite, StatError> {
        PositiveDefinite::new(&self.block(covariance)).ok_or_else(|| {
            let names: Vec<&str> = self.answered.iter().map(|j| items[*j].as_str()).collect();
            let message = format!("one of {} is determined by the others", names.join(", "));
            StatError::new(Reason::Singular, message)
        })
    }
}

/// Maximises the likelihood of the answers over means and covariances.
pub(super) fn maximise(data: &ItemMatrix) -> Result<Maximum, StatError> {
    let groups = groups(data)?;
    let n = groups.iter().map(|group| group.n).sum::<usize>();
    if data.k() == 0 || n < 2 {
        return Err(StatError::new(Reason::TooFew, format!("{n} persons answered {} items", data.k())));
    }
    answered_together(data, &groups)?;
    let (mut mean, variances) = start(data)?;
    let k = data.k();
    // Items that everybody answered alike need no estimate and would have no inverse.
    let varying: Vec<bool> = variances.iter().map(|v| *v > 0.0).collect();
    let mut covariance = DMatrix::from_diagonal(&variances);
    let groups: Vec<Group> = groups.into_iter().map(|group| only(group, &varying)).collect();
    let (mut change, mut iterations) = (f64::INFINITY, 0);
    while change > TOLERANCE && iterations < MOST_ITERATIONS {
        let (next_mean, next) = step(&groups, n, &mean, &covariance, &data.items, &varying)?;
        let sd = |j: usize| variances[j].sqrt().max(f64::MIN_POSITIVE);
        let moved = (0..k).map(|a| {
            let covariances = (0..=a).map(|b| (next[(a, b)] - covariance[(a, b)]).abs() / (sd(a) * sd(b)));
            covariances.fold((next_mean[a] - mean[a]).abs() / sd(a), f64::max)
        });
        change = moved.fold(0.0, f64::max);
        (mean, covariance) = (next_mean, next);
        iterations += 1;
    }
    let objective = log_likelihood(&groups, &mean, &covariance, &data.items)?;
    let stop = if change <= TOLERANCE { Stop::Converged } else { Stop::MostIterations };
    let fit = FitRecord { stop, iterations, objective, gradient_norm: None, tolerance: TOLERANCE };
    Ok(Maximum { n, mean, covariance, fit })
}

/// A covariance of items that nobody answered together is not determined by the answers.
fn answered_together(data: &ItemMatrix, groups: &[Group]) -> Result<(), StatError> {
    let k = data.k();
    let mut together = DMatrix::from_element(k, k, false);
    for group in groups {
        for a in &group.answered {
            for b in &group.answered {
                together[(*a, *b)] = true;
            }
        }
    }
    for a in 0..k {
        if !together[(a, a)] {
            return Err(StatError::new(Reason::AllMissing, format!("nobody answered {}", data.items[a])));
        }
    }
    for a in 0..k {
        if let Some(b) = (0..a).find(|b| !together[(a, *b)]) {
            let message = format!("nobody answered {}", pair_of(data, b, a));
            return Err(StatError::new(Reason::NotIdentified, message));
        }
    }
    Ok(())
}

/// Means and variances of each item alone.
fn start(data: &ItemMatrix) -> Result<(DVector<f64>, DVector<f64>), StatError> {
    let columns = centred(data)?;
    let mean = DVector::from_fn(data.k(), |j, _| columns[j].mean());
    let variance = |j: usize| {
        let (scatter, n) = columns[j].scatter(&columns[j]);
        scatter / n as f64
    };
    Ok((mean, DVector::from_fn(data.k(), |j, _| variance(j))))
}

/// The group without the items that do not vary.
fn only(group: Group, varying: &[bool]) -> Group {
    let kept: Vec<usize> = (0..group.answered.len()).filter(|j| varying[group.answered[*j]]).collect();
    Group {
        n: group.n,
        mean: DVector::from_fn(kept.len(), |j, _| group.mean[kept[j]]),
        scatter: DMatrix::from_fn(kept.len(), kept.len(), |a, b| group.scatter[(kept[a], kept[b])]),
        answered: kept.iter().map(|j| group.answered[*j]).collect(),
    }
}

/// One expectation and one maximisation.
fn step(
    groups: &[Group],
    n: usize,
    mean: &DVector<f64>,
    covariance: &DMatrix<f64>,
    items: &[String],
    varying: &[bool],
) -> Result<(DVector<f64>, DMatrix<f64>), StatError> {
    let k = mean.len();
    // Sums over persons of expected distances from `mean`, and of their expected products.
    let (mut sums, mut products) = (DVector::zeros(k), DMatrix::zeros(k, k));
    for group in groups {
        let gaps: Vec<usize> = (0..k).filter(|j| varying[*j] && !group.answered.contains(j)).collect();
        let count = group.n as f64;
        if group.answered.is_empty() {
            add_block(&mut products, &gaps, &gaps, &(count * pick(covariance, &gaps, &gaps)));
            continue;
        }
        let answered = &group.answered;
        let offset = group.offset(mean);
        let scatter = &group.scatter + count * &offset * offset.transpose();
        for (j, at) in answered.iter().enumerate() {
            sums[*at] += count * offset[j];
        }
        add_block(&mut products, answered, answered, &scatter);
        if gaps.is_empty() {
            continue;
        }
        // The regression of the gaps on the answers: gaps × answered.
        let with = pick(covariance, answered, &gaps);
        let regression = group.factored(covariance, items)?.solve_columns(&with).transpose();
        for (j, at) in (&regression * &offset).iter().zip(&gaps) {
            sums[*at] += count * j;
        }
        let across = &regression * &scatter;
        let left = pick(covariance, &gaps, &gaps) - &regression * &with;
        add_block(&mut products, &gaps, answered, &across);
        add_block(&mut products, answered, &gaps, &across.transpose());
        add_block(&mut products, &gaps, &gaps, &(&across * regression.transpose() + count * left));
    }
    let moved = sums / n as f64;
    let next =
        symmetric(k, |a, b| 0.5 * (products[(a, b)] + products[(b, a)]) / n as f64 - moved[a] * moved[b]);
    Ok((mean + moved, next))
}

fn pick(matrix: &DMatrix<f64>, rows: &[usize], columns: &[usize]) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), columns.len(), |a, b| matrix[(rows[a], columns[b])])
}

fn add_block(to: &mut DMatrix<f64>, rows: &[usize], columns: &[usize], block: &DMatrix<f64>) {
    for (a, row) in rows.iter().enumerate() {
        for (b, column) in columns.iter().enumerate() {
            to[(*row, *column)] += block[(a, b)];
        }
    }
}

/// Of the answers to items that vary.
fn log_likelihood(
    groups: &[Group],
    mean: &DVector<f64>,
    covariance: &DMatrix<f64>,
    items: &[String],
) -> Result<f64, StatError> {
    let mut sum = 0.0;
    for group in groups.iter().filter(|group| !group.answered.is_empty()) {
        let count = group.n as f64;
        let offset = group.offset(mean);
        let scatter = &group.scatter + count * &offset * offset.transpose();
        let factored = group.factored(covariance, items)?;
        let constant = group.answered.len() as f64 * libm::log(2.0 * std::f64::consts::PI);
        let trace = factored.solve_columns(&scatter).trace();
        sum -= 0.5 * (count * (constant + factored.ln_determinant()) + trace);
    }
    Ok(sum)
}
