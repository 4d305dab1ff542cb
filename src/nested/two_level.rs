//! The covariances of items within persons and between them.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::model::{Column, Groups};
use super::search;
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{FitRecord, Reason, StatError};

/// How the covariances of two levels are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TwoLevelEstimator {
    /// By mean squares where all persons have as many rows as each other, by likelihood otherwise.
    #[default]
    AnovaIfBalanced,
    /// By likelihood.
    MaximumLikelihood,
}

/// Covariances of two levels.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TwoLevel {
    /// `anova` or `ml`.
    pub estimator: &'static str,
    /// Within persons, k × k.
    #[serde(serialize_with = "crate::numeric::matrix::serialize_rows")]
    pub within: DMatrix<f64>,
    /// Between persons, k × k.
    #[serde(serialize_with = "crate::numeric::matrix::serialize_rows")]
    pub between: DMatrix<f64>,
    /// How the search for the likelihood ended.
    pub fit: Option<FitRecord>,
}

/// What the rows of each person come to.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    sizes: Vec<usize>,
    means: Vec<DVector<f64>>,
    /// Sums of squares and products about the person's own mean.
    scatter: Vec<DMatrix<f64>>,
}

impl Clusters {
    /// Complete rows, person by person.
    pub fn new(items: &[Column], persons: &Groups) -> Result<Clusters, StatError> {
        let k = items.len();
        if let Some(item) = items.iter().find(|item| item.values.len() != persons.of_row.len()) {
            let message = format!("{} has not as many rows as {}", item.name, persons.name);
            return Err(StatError::new(Reason::NotApplicable, message));
        }
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); persons.len()];
        for (row, person) in persons.of_row.iter().enumerate() {
            if items.iter().all(|item| item.values[row].is_finite()) {
                rows[*person].push(row);
            }
        }
        let mut clusters = Clusters { sizes: Vec::new(), means: Vec::new(), scatter: Vec::new() };
        for own in rows.iter().filter(|own| !own.is_empty()) {
            let n = own.len() as f64;
            let mean =
                DVector::from_fn(k, |j, _| own.iter().map(|row| items[j].values[*row]).sum::<f64>() / n);
            let off = |row: &usize, j: usize| items[j].values[*row] - mean[j];
            let scatter =
                DMatrix::from_fn(k, k, |a, b| own.iter().map(|row| off(row, a) * off(row, b)).sum());
            clusters.sizes.push(own.len());
            clusters.means.push(mean);
            clusters.scatter.push(scatter);
        }
        let (n, g) = (clusters.rows(), clusters.len());
        if g < 2 {
            let message = format!("{g} persons with complete rows: two are needed");
            return Err(StatError::new(Reason::TooFewClusters, message));
        }
        if n == g {
            return Err(StatError::new(Reason::NotIdentified, "nobody has two complete rows"));
        }
        Ok(clusters)
    }

    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    pub fn rows(&self) -> usize {
        self.sizes.iter().sum()
    }

    /// The harmonic mean of the numbers of rows.
    pub fn mean_size(&self) -> f64 {
        self.len() as f64 / self.sizes.iter().map(|size| 1.0 / *size as f64).sum::<f64>()
    }

    pub fn resampled(&self, persons: &[usize]) -> Clusters {
        Clusters {
            sizes: persons.iter().map(|person| self.sizes[*person]).collect(),
            means: persons.iter().map(|person| self.means[*person].clone()).collect(),
            scatter: persons.iter().map(|person| self.scatter[*person].clone()).collect(),
        }
    }

    fn k(&self) -> usize {
        self.means.first().map_or(0, DVector::len)
    }

    /// Sums of squares and products within.
    fn inner(&self) -> DMatrix<f64> {
        let zero = DMatrix::zeros(self.k(), self.k());
        self.scatter.iter().fold(zero, |sum, scatter| sum + scatter)
    }

    fn grand_mean(&self) -> DVector<f64> {
        let zero = DVector::zeros(self.k());
        let sum =
            self.sizes.iter().zip(&self.means).fold(zero, |sum, (size, mean)| sum + mean * *size as f64);
        sum / self.rows() as f64
    }

    /// Sums of squares and products of the persons' means, each as often as it has rows.
    fn outer(&self) -> DMatrix<f64> {
        let grand = self.grand_mean();
        let zero = DMatrix::zeros(self.k(), self.k());
        self.sizes.iter().zip(&self.means).fold(zero, |sum, (size, mean)| {
            let off = mean - &grand;
            sum + &off * off.transpose() * *size as f64
        })
    }

    /// The covariances of all rows.
    pub fn pooled(&self) -> DMatrix<f64> {
        (self.inner() + self.outer()) / (self.rows() - 1) as f64
    }
}

/// The two saturated covariance matrices.
///
/// Balanced, with n rows a person: W the pooled covariances within, B = (S_B − W)/n with S_B n times the covariances of
/// the means. Otherwise by maximum likelihood: −2 ln L of a person of n_j rows is
/// n_j k ln 2π + (n_j − 1) ln|W| + ln|W + n_j B| + tr(W⁻¹ SSW_j) + n_j d′(W + n_j B)⁻¹ d, with d the distance of its mean
/// from that of all.
pub(super) fn two_level(clusters: &Clusters, estimator: TwoLevelEstimator) -> Result<TwoLevel, StatError> {
    let (rows, persons) = (clusters.rows() as f64, clusters.len() as f64);
    let within = clusters.inner() / (rows - persons);
    let size = (rows - clusters.sizes.iter().map(|n| (n * n) as f64).sum::<f64>() / rows) / (persons - 1.0);
    let between = (clusters.outer() / (persons - 1.0) - &within) / size;
    let balanced = clusters.sizes.iter().all(|n| *n == clusters.sizes[0]);
    if balanced && estimator == TwoLevelEstimator::AnovaIfBalanced {
        return Ok(TwoLevel { estimator: "anova", within, between, fit: None });
    }
    likelihood(clusters, within, between)
}

/// Most steps of the search for the likelihood.
const MOST_STEPS: usize = 2000;
/// The search ends where a further step would lower the deviance by less than this.
const SETTLED: f64 = 1e-12;

/// Persons with the same number of rows.
struct Class {
    size: f64,
    count: f64,
    mean: DVector<f64>,
    /// Squares and products of the means about their own mean, summed.
    spread: DMatrix<f64>,
}

fn classes(clusters: &Clusters) -> Vec<Class> {
    let mut of_size: BTreeMap<usize, Vec<&DVector<f64>>> = BTreeMap::new();
    for (size, mean) in clusters.sizes.iter().zip(&clusters.means) {
        of_size.entry(*size).or_default().push(mean);
    }
    let k = clusters.k();
    let class = |(size, means): (usize, Vec<&DVector<f64>>)| {
        let count = means.len() as f64;
        let mean = means.iter().fold(DVector::zeros(k), |sum, mean| sum + *mean) / count;
        let spread = means.iter().fold(DMatrix::zeros(k, k), |sum, own| {
            let off = *own - &mean;
            sum + &off * off.transpose()
        });
        Class { size: size as f64, count, mean, spread }
    };
    of_size.into_iter().map(class).collect()
}

/// The metric in which the search sees a matrix S: S = A M M′A′, with M lower triangular, times √n for steps in all
/// directions to weigh about the same. With A from a matrix that is near, M is near a part of the identity.
struct Frame {
    basis: DMatrix<f64>,
    weight: f64,
}

impl Frame {
    /// None where the matrix that is near has no inverse.
    fn new(near: &DMatrix<f64>, n: usize) -> Option<Frame> {
        Some(Frame { basis: PositiveDefinite::new(near)?.lower(), weight: (n as f64).sqrt() })
    }

    /// Where the search finds a matrix; one without an inverse is moved inside.
    fn place(&self, matrix: &DMatrix<f64>) -> Vec<f64> {
        let k = matrix.nrows();
        let solve = |right: &DMatrix<f64>| self.basis.solve_lower_triangular(right);
        let seen = solve(matrix).and_then(|half| solve(&half.transpose()));
        let inside = seen.and_then(|seen| {
            let eigen = seen.symmetric_eigen();
            let values = DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.max(INSIDE)));
            PositiveDefinite::new(&(&eigen.eigenvectors * values * eigen.eigenvectors.transpose()))
        });
        lower_triangle(
            &(self.weight * inside.map_or_else(|| DMatrix::identity(k, k), |factored| factored.lower())),
        )
    }

    fn factor(&self, at: &[f64]) -> DMatrix<f64> {
        from_lower(self.basis.nrows(), at) / self.weight
    }

    fn matrix(&self, at: &[f64]) -> DMatrix<f64> {
        let root = &self.basis * self.factor(at);
        &root * root.transpose()
    }

    /// Slopes by the elements of the matrix, as slopes of the search.
    fn slopes(&self, at: &[f64], slopes: &DMatrix<f64>) -> Vec<f64> {
        lower_triangle(&(self.basis.tr_mul(slopes) * &self.basis * self.factor(at) * (2.0 / self.weight)))
    }
}

/// Share of what is near, by which a search starts inside.
const INSIDE: f64 = 0.01;

/// The search runs over Cholesky factors of both matrices, items in units of their standard deviations: a matrix without
/// an inverse is a boundary like any other.
fn likelihood(
    clusters: &Clusters,
    within: DMatrix<f64>,
    between: DMatrix<f64>,
) -> Result<TwoLevel, StatError> {
    let k = clusters.k();
    let singular = || StatError::new(Reason::Singular, "the covariances within persons have no inverse");
    let units = clusters.pooled().diagonal().map(f64::sqrt);
    if !units.iter().all(|unit| *unit > 0.0) {
        return Err(StatError::new(Reason::NoVariability, "an item has the same answer everywhere"));
    }
    let scaled = |matrix: &DMatrix<f64>, power: i32| {
        DMatrix::from_fn(k, k, |a, b| matrix[(a, b)] * (units[a] * units[b]).powi(power))
    };
    let inner = scaled(&clusters.inner(), -1);
    let classes: Vec<Class> = classes(clusters)
        .into_iter()
        .map(|class| Class {
            mean: class.mean.component_div(&units),
            spread: scaled(&class.spread, -1),
            ..class
        })
        .collect();
    let (own, other) = (scaled(&within, -1), scaled(&between, -1));
    let within = Frame::new(&own, clusters.rows()).ok_or_else(singular)?;
    let of_means = &own / clusters.mean_size() + &other;
    let between = Frame::new(&of_means, clusters.len()).or_else(|| Frame::new(&own, clusters.len()));
    let between = between.ok_or_else(singular)?;
    let mut start = within.place(&own);
    start.extend(between.place(&other));
    let half = start.len() / 2;
    let freedom = (clusters.rows() - clusters.len()) as f64;
    let function = |at: &[f64]| {
        let (own, other) = (&at[..half], &at[half..]);
        let (value, by_within, by_between) =
            deviance(&classes, &inner, freedom, &within.matrix(own), &between.matrix(other))?;
        let mut gradient = within.slopes(own, &by_within);
        gradient.extend(between.slopes(other, &by_between));
        Some((value, gradient))
    };
    let found = search::minimise(function, &start, None, SETTLED, MOST_STEPS).ok_or_else(singular)?;
    let shift: f64 = 2.0 * clusters.rows() as f64 * units.iter().map(|unit| libm::log(*unit)).sum::<f64>();
    let fit = FitRecord {
        stop: found.stop,
        iterations: found.iterations,
        objective: found.value + shift,
        gradient_norm: Some(found.gradient.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()))),
        tolerance: SETTLED,
    };
    Ok(TwoLevel {
        estimator: "ml",
        within: scaled(&within.matrix(&found.at[..half]), 1),
        between: scaled(&between.matrix(&found.at[half..]), 1),
        fit: Some(fit),
    })
}

fn lower_triangle(matrix: &DMatrix<f64>) -> Vec<f64> {
    let k = matrix.nrows();
    (0..k).flat_map(|i| (0..=i).map(move |j| matrix[(i, j)])).collect()
}

fn from_lower(k: usize, values: &[f64]) -> DMatrix<f64> {
    DMatrix::from_fn(k, k, |i, j| if j <= i { values[i * (i + 1) / 2 + j] } else { 0.0 })
}

/// −2 ln L, and its derivatives by W and B as if all their elements were free. The mean of all persons is the best one:
/// each person's own mean counts for what it is worth.
fn deviance(
    classes: &[Class],
    inner: &DMatrix<f64>,
    freedom: f64,
    within: &DMatrix<f64>,
    between: &DMatrix<f64>,
) -> Option<(f64, DMatrix<f64>, DMatrix<f64>)> {
    let k = within.nrows();
    let factored: Option<Vec<PositiveDefinite>> =
        classes.iter().map(|class| PositiveDefinite::new(&(within / class.size + between))).collect();
    let inverses: Vec<DMatrix<f64>> = factored.as_ref()?.iter().map(PositiveDefinite::inverse).collect();
    let (mut weights, mut sum) = (DMatrix::zeros(k, k), DVector::zeros(k));
    for (class, inverse) in classes.iter().zip(&inverses) {
        sum += inverse * &class.mean * class.count;
        weights += inverse * class.count;
    }
    let grand = PositiveDefinite::new(&weights)?.solve(&sum);
    let own = PositiveDefinite::new(within)?;
    let inverse = own.inverse();
    let explained = &inverse * inner;
    let rows: f64 = classes.iter().map(|class| class.size * class.count).sum();
    let mut value = rows * k as f64 * libm::log(2.0 * std::f64::consts::PI)
        + freedom * own.ln_determinant()
        + explained.trace();
    let mut by_within = &inverse * freedom - &explained * &inverse;
    let mut by_between = DMatrix::zeros(k, k);
    for ((class, factored), inverse) in classes.iter().zip(factored.iter().flatten()).zip(&inverses) {
        let off = &class.mean - &grand;
        let explained = inverse * (&class.spread + &off * off.transpose() * class.count);
        value +=
            class.count * (factored.ln_determinant() + k as f64 * libm::log(class.size)) + explained.trace();
        let slope = inverse * class.count - explained * inverse;
        by_within += &slope / class.size;
        by_between += slope;
    }
    Some((value, by_within, by_between))
}
