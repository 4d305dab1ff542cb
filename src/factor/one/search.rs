//! The search for the one-factor solution of highest likelihood.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::likelihood::{Likelihood, Point};
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// What is asked of the loadings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loadings {
    /// Each item has a loading of its own (congeneric items).
    #[default]
    Free,
    /// All items have the same loading (essentially tau-equivalent items), in the units of the matrix.
    Equal,
}

/// Loadings and uniquenesses of one factor, in the units of the matrix they were fitted to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OneFactorSolution {
    /// k loadings, their sum not negative.
    pub loadings: Vec<f64>,
    /// k uniquenesses.
    pub uniquenesses: Vec<f64>,
    /// Whether no uniqueness is negative.
    pub admissible: bool,
    /// How the search ended. The objective is ln|Σ| + tr(SΣ⁻¹) − ln|S| − k, without the ln|S| if S is singular; the
    /// gradient is that of standardized items.
    pub fit: FitRecord,
}

/// Of the gradient for standardized items: estimates are then good to about as many digits.
const TOLERANCE: f64 = 1e-9;
const MOST_ITERATIONS: usize = 1000;
/// A step is halved so often before the search gives up.
const MOST_HALVINGS: usize = 40;
/// Near the minimum the discrepancy moves by less than its own rounding, which is of this order.
const ROUNDING: f64 = 1e-13;

/// Fits one factor to a covariance matrix by maximum likelihood: the search alone, without tests and standard errors.
///
/// Fisher's scoring with step halving, for standardized items. A start (loadings and uniquenesses in the units of the
/// matrix), as from a fit of nearly the same matrix, saves iterations and does not change the solution.
///
/// # Errors
/// [`Reason::TooFew`] without items; [`Reason::NotIdentified`] with under three items, or two for equal loadings;
/// [`Reason::NoVariability`] with a constant item; [`Reason::Boundary`] for equal loadings of items whose covariances
/// have no positive sum; [`Reason::NotApplicable`] if the matrix is not finite.
pub fn fit_one_factor(
    covariance: &DMatrix<f64>,
    loadings: Loadings,
    start: Option<(&[f64], &[f64])>,
) -> Result<OneFactorSolution, StatError> {
    let k = covariance.nrows();
    checked(covariance, loadings)?;
    // Standardized items for free loadings; one unit for all where loadings are compared.
    let unit: Vec<f64> = match loadings {
        Loadings::Free => covariance.diagonal().iter().map(|v| v.sqrt()).collect(),
        Loadings::Equal => vec![(covariance.trace() / k as f64).sqrt(); k],
    };
    let matrix = DMatrix::from_fn(k, k, |a, b| covariance[(a, b)] / (unit[a] * unit[b]));
    let scaled = |(l, u): (&[f64], &[f64])| Point {
        loadings: l.iter().zip(&unit).map(|(l, unit)| l / unit).collect(),
        uniquenesses: u.iter().zip(&unit).map(|(u, unit)| u / (unit * unit)).collect(),
    };
    let usable = |point: &Point| point.loadings.len() == k && Likelihood::at(&matrix, point).is_some();
    let warm = start.filter(|(l, u)| l.len() == k && u.len() == k).map(scaled).filter(usable);
    let first = match loadings {
        Loadings::Free => warm.unwrap_or_else(|| cold(&matrix)),
        Loadings::Equal => even(&matrix)?,
    };
    let (point, mut fit) = descend(&matrix, first, loadings)?;
    let constant = PositiveDefinite::new(&matrix).map_or(0.0, |factored| factored.ln_determinant());
    fit.objective -= constant + k as f64;
    let sign =
        if point.loadings.iter().zip(&unit).map(|(l, u)| l * u).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    Ok(OneFactorSolution {
        loadings: point.loadings.iter().zip(&unit).map(|(l, unit)| sign * l * unit).collect(),
        admissible: point.uniquenesses.iter().all(|u| *u >= 0.0),
        uniquenesses: point.uniquenesses.iter().zip(&unit).map(|(u, unit)| u * unit * unit).collect(),
        fit,
    })
}

fn checked(covariance: &DMatrix<f64>, loadings: Loadings) -> Result<(), StatError> {
    let k = covariance.nrows();
    let least = match loadings {
        Loadings::Free => 3,
        Loadings::Equal => 2,
    };
    if k == 0 {
        return Err(StatError::new(Reason::TooFew, "no item"));
    }
    if k < least {
        return Err(StatError::new(Reason::NotIdentified, format!("{k} items do not determine a factor")));
    }
    if covariance.ncols() != k || covariance.iter().any(|x| !x.is_finite()) {
        return Err(StatError::new(Reason::NotApplicable, "this is no square matrix of finite numbers"));
    }
    if let Some(j) = (0..k).find(|j| covariance[(*j, *j)] <= 0.0) {
        return Err(StatError::new(Reason::NoVariability, format!("item {} does not vary", j + 1)));
    }
    Ok(())
}

/// The first principal factor, communalities begun at the largest correlation of each item.
fn cold(matrix: &DMatrix<f64>) -> Point {
    const ROUNDS: usize = 6;
    let k = matrix.nrows();
    let mut reduced = matrix.clone();
    for j in 0..k {
        reduced[(j, j)] = (0..k).filter(|i| *i != j).map(|i| matrix[(i, j)].abs()).fold(0.0, f64::max);
    }
    // Begun at the item that has most in common with the others: its column holds their signs.
    let shared = |j: usize| reduced.column(j).norm_squared();
    let most = (0..k).fold(0, |most, j| if shared(j) > shared(most) { j } else { most });
    let mut vector: DVector<f64> = reduced.column(most).into();
    let mut value = 0.0;
    for _ in 0..ROUNDS {
        let length = vector.norm();
        if length < f64::MIN_POSITIVE {
            break;
        }
        vector /= length;
        let next = &reduced * &vector;
        value = vector.dot(&next).max(0.0);
        vector = next;
    }
    let length = vector.norm().max(f64::MIN_POSITIVE);
    let loading = |j: usize| (vector[j] / length * value.sqrt()).clamp(-0.9, 0.9);
    let loadings: Vec<f64> = (0..k).map(loading).collect();
    let uniquenesses = (0..k).map(|j| matrix[(j, j)] - loadings[j] * loadings[j]).collect();
    Point { loadings, uniquenesses }
}

/// The loading whose square is the mean covariance.
fn even(matrix: &DMatrix<f64>) -> Result<Point, StatError> {
    let k = matrix.nrows();
    let mean = (matrix.sum() - matrix.trace()) / (k * (k - 1)) as f64;
    if mean <= 0.0 {
        let message = "the covariances have no positive sum: no equal loadings";
        return Err(StatError::new(Reason::Boundary, message));
    }
    let own = |j: usize| (matrix[(j, j)] - mean).max(0.1 * matrix[(j, j)]);
    Ok(Point { loadings: vec![mean.sqrt(); k], uniquenesses: (0..k).map(own).collect() })
}

fn descend(matrix: &DMatrix<f64>, first: Point, kind: Loadings) -> Result<(Point, FitRecord), StatError> {
    let lost = || StatError::new(Reason::NotConverged, "no start for the one-factor model");
    let mut point = first;
    let mut here = Likelihood::at(matrix, &point).ok_or_else(lost)?;
    let (mut iterations, mut share) = (0, 1.0);
    let stop = loop {
        if norm(&here, kind) <= TOLERANCE {
            break Stop::Converged;
        }
        if iterations == MOST_ITERATIONS {
            break Stop::MostIterations;
        }
        let step = match kind {
            Loadings::Free => here.step().or_else(|| dense_step(&here, kind)),
            Loadings::Equal => dense_step(&here, kind),
        };
        let step = step.unwrap_or_else(|| downhill(&here));
        let slope = here.slope(&step);
        let Some((next, there, taken)) = shorter_until_better(matrix, &point, &here, &step, share) else {
            break Stop::NoProgress;
        };
        // Where a whole step went too far, a part of it is kept to the end, whose decreases are too small to judge by.
        share = if taken == share && -slope > 100.0 * ROUNDING { (2.0 * share).min(1.0) } else { taken };
        (point, here) = (next, there);
        iterations += 1;
    };
    let fit = FitRecord {
        stop,
        iterations,
        objective: here.value,
        gradient_norm: Some(norm(&here, kind)),
        tolerance: TOLERANCE,
    };
    Ok((point, fit))
}

fn norm(here: &Likelihood, kind: Loadings) -> f64 {
    match kind {
        Loadings::Free => here.gradient_norm(),
        Loadings::Equal => {
            let along = here.by_loading.iter().sum::<f64>().abs();
            here.by_uniqueness.iter().fold(along, |most, x| most.max(x.abs()))
        }
    }
}

/// Halves the step until it brings a quarter of the decrease that the slope promises (Armijo).
fn shorter_until_better(
    matrix: &DMatrix<f64>,
    point: &Point,
    here: &Likelihood,
    step: &Point,
    first: f64,
) -> Option<(Point, Likelihood, f64)> {
    let moved = |from: &[f64], by: &[f64], share: f64| -> Vec<f64> {
        from.iter().zip(by).map(|(x, p)| x + share * p).collect()
    };
    let (slope, rounding) = (here.slope(step), ROUNDING * here.value.abs().max(1.0));
    let mut share = first;
    for _ in 0..MOST_HALVINGS {
        let next = Point {
            loadings: moved(&point.loadings, &step.loadings, share),
            uniquenesses: moved(&point.uniquenesses, &step.uniquenesses, share),
        };
        if let Some(there) = Likelihood::at(matrix, &next)
            && there.value <= here.value + 0.25 * share * slope + rounding
        {
            return Some((next, there, share));
        }
        share *= 0.5;
    }
    None
}

/// The scoring step by a factorisation: for equal loadings, and where the blocks of the fast one have no inverse.
fn dense_step(here: &Likelihood, kind: Loadings) -> Option<Point> {
    let k = here.by_loading.len();
    let (information, gradient) = match kind {
        Loadings::Free => {
            let both = here.by_loading.iter().chain(&here.by_uniqueness).copied();
            (here.information(), DVector::from_iterator(2 * k, both))
        }
        Loadings::Equal => {
            let along = std::iter::once(here.by_loading.iter().sum());
            let gradient = DVector::from_iterator(k + 1, along.chain(here.by_uniqueness.iter().copied()));
            (of_equal_loadings(&here.information()), gradient)
        }
    };
    let step = -PositiveDefinite::new(&information)?.solve(&gradient);
    let free = step.len() - k;
    Some(Point {
        loadings: (0..k).map(|j| step[j.min(free - 1)]).collect(),
        uniquenesses: (0..k).map(|j| step[free + j]).collect(),
    })
}

/// The information on one loading for all and on each uniqueness, (k + 1) × (k + 1).
pub(super) fn of_equal_loadings(full: &DMatrix<f64>) -> DMatrix<f64> {
    let k = full.nrows() / 2;
    DMatrix::from_fn(k + 1, k + 1, |a, b| match (a, b) {
        (0, 0) => full.view((0, 0), (k, k)).sum(),
        (0, j) | (j, 0) => full.view((0, k + j - 1), (k, 1)).sum(),
        (a, b) => full[(k + a - 1, k + b - 1)],
    })
}

/// Against the gradient, where no scoring step can be had.
fn downhill(here: &Likelihood) -> Point {
    let length = here.gradient_norm().max(1.0);
    let against = |gradient: &[f64]| gradient.iter().map(|g| -0.1 * g / length).collect();
    Point { loadings: against(&here.by_loading), uniquenesses: against(&here.by_uniqueness) }
}
