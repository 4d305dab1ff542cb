//! The rows of a mixed model made ready: gaps dropped, predictors orthogonal, factors in the order of elimination.

use nalgebra::DMatrix;

use super::fronts::Factor;
use super::model::{Column, Covariance, Groups, MixedModel, Occasions, Residual};
use crate::numeric::dot;
use crate::statistic::{Reason, StatError};

/// An effect that varies between the groups of a factor.
pub(super) struct Effect {
    /// Its name.
    pub name: String,
    /// Root mean square of its predictor; the search sees predictors divided by it.
    pub scale: f64,
    /// Effects of one block may go together.
    pub block: usize,
}

/// A factor with names.
pub(super) struct NamedFactor {
    pub name: String,
    pub labels: Vec<String>,
    pub effects: Vec<Effect>,
}

/// The serial order of residuals: rows in the order of their occasions within groups, and how far each is from the one
/// before it (none where a group begins).
pub(super) struct Serial {
    pub order: Vec<usize>,
    pub gap: Vec<Option<f64>>,
}

/// Everything that the equations need.
pub(super) struct Design {
    /// Rows used, and rows left out for a gap.
    pub n: usize,
    pub dropped: usize,
    /// Orthonormal predictors and the outcome's residual from them: rows × (p + 1), row by row.
    pub border: Vec<f64>,
    /// Predictors X = Q R.
    pub r: DMatrix<f64>,
    /// Q′y.
    pub origin: Vec<f64>,
    /// Names of the fixed effects, the intercept first, each with its column of Q, or none where it is collinear.
    pub terms: Vec<(String, Option<usize>)>,
    /// Factors, those with most groups first.
    pub factors: Vec<Factor>,
    pub names: Vec<NamedFactor>,
    pub serial: Option<Serial>,
    /// Sum of squares of the outcome about its mean.
    pub total: f64,
}

impl Design {
    /// Columns of independent predictors.
    pub fn p(&self) -> usize {
        self.origin.len()
    }

    /// The rows of a model, checked.
    pub fn new(model: &MixedModel) -> Result<Design, StatError> {
        let rows = usable_rows(model)?;
        let pick = |column: &Column| rows.iter().map(|row| column.values[*row]).collect::<Vec<f64>>();
        let n = rows.len();
        let y = pick(&model.outcome);
        let mean = y.iter().sum::<f64>() / n as f64;
        let total: f64 = y.iter().map(|y| (y - mean) * (y - mean)).sum();
        if n > 0 && total <= ALIKE * mean * mean * n as f64 {
            return Err(StatError::new(
                Reason::NoVariability,
                format!("all {n} values of {} are the same", model.outcome.name),
            ));
        }
        let mut names = vec!["(Intercept)".to_owned()];
        let mut columns = vec![vec![1.0; n]];
        for column in &model.fixed {
            names.push(column.name.clone());
            columns.push(pick(column));
        }
        let Orthogonal { q, r, kept } = orthogonalise(columns);
        let p = q.len();
        if n <= p {
            let message = format!("{n} complete rows for {p} fixed effects");
            return Err(StatError::new(Reason::TooFew, message));
        }
        let mut terms: Vec<(String, Option<usize>)> = names.into_iter().map(|name| (name, None)).collect();
        for (at, column) in kept.into_iter().enumerate() {
            terms[column].1 = Some(at);
        }
        let (origin, residual) = project(&q, y);
        let mut border = Vec::with_capacity(n * (p + 1));
        for row in 0..n {
            border.extend(q.iter().map(|column| column[row]));
            border.push(residual[row]);
        }
        let (factors, names) = factors(model, &rows, n)?;
        let serial = match &model.residual {
            Residual::Independent => None,
            Residual::Ar1(on) => Some(serial(on, &rows, &factors, WholeNumbers::Needed)?),
            Residual::Exponential(on) => Some(serial(on, &rows, &factors, WholeNumbers::NotNeeded)?),
        };
        let dropped = model.outcome.values.len() - n;
        Ok(Design { n, dropped, border, r, origin, terms, factors, names, serial, total })
    }
}

/// Values whose spread is smaller than this, relative to their mean squared, differ by rounding alone.
const ALIKE: f64 = 1e-26;

/// Rows without a gap.
fn usable_rows(model: &MixedModel) -> Result<Vec<usize>, StatError> {
    let n = model.outcome.values.len();
    let mut columns: Vec<&Column> = vec![&model.outcome];
    columns.extend(&model.fixed);
    columns.extend(model.random.iter().flat_map(|random| &random.slopes));
    let mut groups: Vec<&Groups> = model.random.iter().map(|random| &random.groups).collect();
    if let Residual::Ar1(on) | Residual::Exponential(on) = &model.residual {
        columns.push(&on.at);
        groups.push(&on.within);
    }
    let uneven = columns.iter().find(|column| column.values.len() != n).map(|column| &column.name);
    let uneven = uneven.or(groups.iter().find(|groups| groups.of_row.len() != n).map(|groups| &groups.name));
    if let Some(name) = uneven {
        let message = format!("{name} has not as many rows as {}", model.outcome.name);
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    Ok((0..n).filter(|row| columns.iter().all(|column| column.values[*row].is_finite())).collect())
}

struct Orthogonal {
    q: Vec<Vec<f64>>,
    r: DMatrix<f64>,
    kept: Vec<usize>,
}

/// A column whose part that is not explained by the columns before it is smaller than this is collinear (as in R).
const COLLINEAR: f64 = 1e-7;

/// Gram and Schmidt's method, twice; collinear columns are left out.
fn orthogonalise(columns: Vec<Vec<f64>>) -> Orthogonal {
    let most = columns.len();
    let mut q: Vec<Vec<f64>> = Vec::new();
    let mut r = DMatrix::zeros(most, most);
    let mut kept = Vec::new();
    for (index, mut column) in columns.into_iter().enumerate() {
        let length = norm(&column);
        let at = q.len();
        let mut products = vec![0.0; at];
        for _ in 0..2 {
            for (product, other) in products.iter_mut().zip(&q) {
                let along = dot(&column, other);
                *product += along;
                column.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
            }
        }
        let left = norm(&column);
        if left > COLLINEAR * length {
            column.iter_mut().for_each(|x| *x /= left);
            products.iter().enumerate().for_each(|(row, product)| r[(row, at)] = *product);
            r[(at, at)] = left;
            q.push(column);
            kept.push(index);
        }
    }
    let r = r.view((0, 0), (q.len(), q.len())).into_owned();
    Orthogonal { q, r, kept }
}

/// Q′y and y − QQ′y.
fn project(q: &[Vec<f64>], mut y: Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let mut origin = vec![0.0; q.len()];
    for _ in 0..2 {
        for (product, column) in origin.iter_mut().zip(q) {
            let along = dot(&y, column);
            *product += along;
            y.iter_mut().zip(column).for_each(|(x, q)| *x -= along * q);
        }
    }
    (origin, y)
}

/// Factors with their effects; random terms of the same factor are taken together.
fn factors(
    model: &MixedModel,
    rows: &[usize],
    n: usize,
) -> Result<(Vec<Factor>, Vec<NamedFactor>), StatError> {
    let mut made: Vec<(Factor, NamedFactor)> = Vec::new();
    for random in &model.random {
        let (of_row, labels) = relabel(&random.groups, rows);
        let name = &random.groups.name;
        if labels.len() < 2 {
            let message = format!("{} has {} group: effects between groups need two", name, labels.len());
            return Err(StatError::new(Reason::TooFewClusters, message));
        }
        let mut columns = vec![("(Intercept)".to_owned(), vec![1.0; n])];
        for slope in &random.slopes {
            columns.push((slope.name.clone(), rows.iter().map(|row| slope.values[*row]).collect()));
        }
        let at = match made.iter().position(|(factor, _)| factor.of_row == of_row) {
            Some(at) if made[at].1.name != *name => {
                let message = format!(
                    "{name} and {} have the same groups: their variances cannot be told apart",
                    made[at].1.name
                );
                return Err(StatError::new(Reason::NotIdentified, message));
            }
            Some(at) => at,
            None => {
                let factor = Factor { q: 0, levels: labels.len(), of_row, z: Vec::new() };
                made.push((factor, NamedFactor { name: name.clone(), labels, effects: Vec::new() }));
                made.len() - 1
            }
        };
        add_effects(&mut made[at], columns, random.covariance, n)?;
    }
    made.sort_by_key(|(factor, _)| std::cmp::Reverse(factor.levels));
    for (factor, named) in &made {
        let effects = factor.q * factor.levels;
        if effects >= n {
            let message = format!("{n} rows for {effects} random effects of {}", named.name);
            return Err(StatError::new(Reason::NotIdentified, message));
        }
    }
    Ok(made.into_iter().unzip())
}

fn add_effects(
    (factor, named): &mut (Factor, NamedFactor),
    columns: Vec<(String, Vec<f64>)>,
    covariance: Covariance,
    n: usize,
) -> Result<(), StatError> {
    let first = named.effects.last().map_or(0, |effect| effect.block + 1);
    let old = factor.q;
    let q = old + columns.len();
    let mut z = vec![0.0; n * q];
    for row in 0..n {
        z[row * q..][..old].copy_from_slice(&factor.z[row * old..][..old]);
    }
    for (j, (name, values)) in columns.into_iter().enumerate() {
        let scale = norm(&values) / (n as f64).sqrt();
        for (row, value) in values.iter().enumerate() {
            z[row * q + old + j] = value / if scale > 0.0 { scale } else { 1.0 };
        }
        let block = if covariance == Covariance::Diagonal { first + j } else { first };
        named.effects.push(Effect { name, scale, block });
    }
    (factor.q, factor.z) = (q, z);
    let columns = || (0..q).map(|j| factor.z.iter().skip(j).step_by(q).copied().collect()).collect();
    if q > 1 && orthogonalise(columns()).kept.len() < q {
        let message = format!("the effects that vary between {} are collinear", named.name);
        return Err(StatError::new(Reason::NotIdentified, message));
    }
    Ok(())
}

/// The group of each used row, counted anew from 0 in order of appearance, and the groups that are left.
fn relabel(groups: &Groups, rows: &[usize]) -> (Vec<usize>, Vec<String>) {
    let mut new = vec![usize::MAX; groups.labels.len()];
    let mut labels = Vec::new();
    let of_row = rows
        .iter()
        .map(|row| {
            let old = groups.of_row[*row];
            if new[old] == usize::MAX {
                new[old] = labels.len();
                labels.push(groups.labels[old].clone());
            }
            new[old]
        })
        .collect();
    (of_row, labels)
}

#[derive(PartialEq)]
enum WholeNumbers {
    Needed,
    NotNeeded,
}

fn serial(
    on: &Occasions,
    rows: &[usize],
    factors: &[Factor],
    whole: WholeNumbers,
) -> Result<Serial, StatError> {
    let refuse = |message: String| Err(StatError::new(Reason::NotApplicable, message));
    let (of_row, labels) = relabel(&on.within, rows);
    let at: Vec<f64> = rows.iter().map(|row| on.at.values[*row]).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| of_row[*a].cmp(&of_row[*b]).then(at[*a].total_cmp(&at[*b])));
    let mut gap = vec![None; rows.len()];
    for pair in order.windows(2) {
        let (before, here) = (pair[0], pair[1]);
        if of_row[before] != of_row[here] {
            continue;
        }
        let (name, label) = (&on.at.name, &labels[of_row[here]]);
        let apart = at[here] - at[before];
        if apart <= 0.0 {
            return refuse(format!("{} {label} has two rows with {name} {}", on.within.name, at[here]));
        }
        if whole == WholeNumbers::Needed && apart.fract() != 0.0 {
            return refuse(format!("{name} {} is no whole number: AR(1) needs whole occasions", at[here]));
        }
        if factors.iter().any(|factor| factor.of_row[before] != factor.of_row[here]) {
            return refuse(format!("{} {label} changes its group of a random effect", on.within.name));
        }
        gap[here] = Some(apart);
    }
    if gap.iter().all(Option::is_none) {
        let message =
            format!("no {} has two rows: residuals have nothing to go together with", on.within.name);
        return Err(StatError::new(Reason::TooFew, message));
    }
    Ok(Serial { order, gap })
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
