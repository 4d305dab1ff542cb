//! Minimum residuals: several factors by least squares.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::canonical::canonical;
use crate::numeric::matrix::{Eigen, PositiveDefinite, eigen, serialize_rows};
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// How to extract.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MinresConfig {
    /// How many factors.
    pub factors: usize,
    /// No uniqueness becomes smaller.
    pub floor: f64,
}

impl Default for MinresConfig {
    fn default() -> MinresConfig {
        MinresConfig { factors: 3, floor: 0.005 }
    }
}

/// Unrotated factors.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Minres {
    /// The configuration.
    pub config: MinresConfig,
    /// k × m loadings, factors orthogonal, in canonical form.
    #[serde(serialize_with = "serialize_rows")]
    pub loadings: DMatrix<f64>,
    /// k uniquenesses.
    pub uniquenesses: Vec<f64>,
    /// Whether a uniqueness stands at the floor: the solution would else be inadmissible.
    pub boundary: bool,
    /// How the search ended; the objective is the sum of squared residuals over the pairs of items.
    pub fit: FitRecord,
}

/// Of the gradient by the uniquenesses. Eigenvalues are good to 1e-15, so this leaves room.
const TOLERANCE: f64 = 1e-11;
const MOST_ITERATIONS: usize = 200;
const MOST_HALVINGS: usize = 30;
/// Uniquenesses of other starts.
const LITTLE: f64 = 0.05;
const MUCH: f64 = 0.5;
/// Near the minimum the sum of squares moves by less than its own rounding, which is of this order.
const ROUNDING: f64 = 1e-13;

/// Extracts factors so that the squared residual correlations are as small as can be.
///
/// Minimises Σ (r_ij − Σ_f l_if l_jf)² over i < j, R the k × k correlations and L the k × m loadings; as least squares over
/// the uniquenesses u, with L from the m largest eigenvalues of R − diag(u). Newton's method with exact second
/// derivatives and uniquenesses held between the floor and 1; from k + 1 further starts where one comes to its floor, the
/// lowest minimum of all.
///
/// # When it means what
/// Asks nothing of the distribution and works for matrices without an inverse. A uniqueness at the floor says that
/// there are too many factors or too few persons: `boundary`.
///
/// # Missing data
/// Settled in the correlations.
///
/// # Errors
/// [`Reason::NotIdentified`] without factors or if m factors of k items have more parameters than there are
/// correlations; [`Reason::NotApplicable`] if the matrix is no finite correlation matrix.
///
/// # Agrees with
/// R's `psych::fa(fm = "minres", rotate = "none")` 2.2.9–2.5.3 within its looser tolerance, 1e-4.
///
/// # Source
/// Harman and Jones (1966); Jöreskog (1977), for the derivatives.
///
/// ```
/// use alliance_metrics::factor::{MinresConfig, minres};
/// use nalgebra::DMatrix;
/// let l = [0.9, 0.8, 0.7, 0.6];
/// let r = DMatrix::from_fn(4, 4, |a, b| if a == b { 1.0 } else { l[a] * l[b] });
/// let found = minres(&r, &MinresConfig { factors: 1, ..MinresConfig::default() }).unwrap();
/// assert!((found.loadings[(3, 0)] - 0.6).abs() < 1e-8);
/// ```
pub fn minres(correlation: &DMatrix<f64>, config: &MinresConfig) -> Result<Minres, StatError> {
    checked(correlation, config)?;
    let m = config.factors;
    let k = correlation.nrows();
    let first = start(correlation, config);
    let lost = || StatError::new(Reason::NotConverged, "the eigenvalues of the correlations were not found");
    let mut found = search(correlation, first.clone(), config).ok_or_else(lost)?;
    if found.boundary(config) {
        // A uniqueness at its floor is often one minimum of several, which differ in whose it is.
        for other in other_starts(&first, config) {
            let lower = |other: &Search| other.here.value < found.here.value - ROUNDING;
            if let Some(better) = search(correlation, other, config).filter(lower) {
                found = better;
            }
        }
    }
    let Search { point, here, stop, iterations } = &found;
    let free = here.free(point, config.floor);
    let (loadings, _) = canonical(&here.loadings(), &DMatrix::identity(m, m));
    let residual = |a: usize, b: usize| correlation[(a, b)] - loadings.row(a).dot(&loadings.row(b));
    let objective =
        (0..k).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| residual(a, b) * residual(a, b)).sum();
    let fit = FitRecord {
        stop: *stop,
        iterations: *iterations,
        objective,
        gradient_norm: Some(here.norm(&free)),
        tolerance: TOLERANCE,
    };
    Ok(Minres {
        config: *config,
        boundary: found.boundary(config),
        uniquenesses: point.iter().copied().collect(),
        loadings,
        fit,
    })
}

/// Where a search ended.
struct Search {
    point: DVector<f64>,
    here: Residuals,
    stop: Stop,
    iterations: usize,
}

impl Search {
    fn boundary(&self, config: &MinresConfig) -> bool {
        self.point.iter().any(|u| *u <= config.floor)
    }
}

/// Searches from some uniquenesses downwards; none if eigenvalues are not found there.
fn search(correlation: &DMatrix<f64>, first: DVector<f64>, config: &MinresConfig) -> Option<Search> {
    let mut point = first;
    let mut here = Residuals::at(correlation, &point, config.factors)?;
    let mut iterations = 0;
    let stop = loop {
        let free = here.free(&point, config.floor);
        if here.norm(&free) <= TOLERANCE {
            break Stop::Converged;
        }
        if iterations == MOST_ITERATIONS {
            break Stop::MostIterations;
        }
        let step = here.step(&free);
        let Some((next, there)) = shorter_until_better(correlation, &point, &here, &step, config) else {
            break Stop::NoProgress;
        };
        (point, here) = (next, there);
        iterations += 1;
    };
    Some(Search { point, here, stop, iterations })
}

/// Starts in which one item after the other has next to no uniqueness, and one in which all have much.
fn other_starts(first: &DVector<f64>, config: &MinresConfig) -> Vec<DVector<f64>> {
    let little = LITTLE.max(config.floor);
    let one =
        |j: usize| DVector::from_fn(first.len(), |i, _| if i == j { little } else { first[i].max(MUCH) });
    let all = first.map(|_| MUCH);
    (0..first.len()).map(one).chain([all]).collect()
}

fn checked(correlation: &DMatrix<f64>, config: &MinresConfig) -> Result<(), StatError> {
    let (k, m) = (correlation.nrows(), config.factors);
    let square = correlation.ncols() == k && k > 0;
    let correlations = |(a, b): (usize, usize)| {
        let x = correlation[(a, b)];
        x.is_finite() && x == correlation[(b, a)] && (a != b || x == 1.0)
    };
    if !square || !(0..k).all(|a| (0..=a).all(|b| correlations((a, b)))) {
        return Err(StatError::new(Reason::NotApplicable, "this is no correlation matrix"));
    }
    if m == 0 || m >= k || (k - m) * (k - m) < k + m {
        let message = format!("{m} factors of {k} items are not identified");
        return Err(StatError::new(Reason::NotIdentified, message));
    }
    Ok(())
}

/// The part of each item that the others leave over, lessened (Jöreskog 1963); without an inverse, from the largest
/// correlation.
fn start(correlation: &DMatrix<f64>, config: &MinresConfig) -> DVector<f64> {
    let k = correlation.nrows();
    let lessened = 1.0 - 0.5 * config.factors as f64 / k as f64;
    let largest =
        |j: usize| (0..k).filter(|i| *i != j).map(|i| correlation[(i, j)].abs()).fold(0.0, f64::max);
    let first = match PositiveDefinite::new(correlation) {
        Some(factored) => {
            let inverse = factored.inverse();
            DVector::from_fn(k, |j, _| lessened / inverse[(j, j)])
        }
        None => DVector::from_fn(k, |j, _| lessened * (1.0 - largest(j))),
    };
    first.map(|u| u.clamp(LITTLE.max(config.floor), 1.0))
}

/// The residuals at some uniquenesses.
struct Residuals {
    eigen: Eigen,
    factors: usize,
    /// Half the sum of the squared eigenvalues that are no factors.
    value: f64,
    /// Its derivatives by the uniquenesses.
    gradient: DVector<f64>,
}

impl Residuals {
    fn at(correlation: &DMatrix<f64>, uniquenesses: &DVector<f64>, factors: usize) -> Option<Residuals> {
        let k = correlation.nrows();
        let mut reduced = correlation.clone();
        (0..k).for_each(|j| reduced[(j, j)] -= uniquenesses[j]);
        let eigen = eigen(&reduced)?;
        let left = &eigen.values[factors..];
        let value = 0.5 * left.iter().map(|x| x * x).sum::<f64>();
        let mut gradient = DVector::zeros(k);
        for (f, x) in left.iter().enumerate() {
            let vector = eigen.vectors.column(factors + f);
            gradient.iter_mut().zip(vector.iter()).for_each(|(g, w)| *g -= x * w * w);
        }
        Some(Residuals { eigen, factors, value, gradient })
    }

    /// The uniquenesses that may move: not those whose descent leads over their edge.
    fn free(&self, point: &DVector<f64>, floor: f64) -> Vec<usize> {
        let held = |j: usize| {
            (point[j] <= floor && self.gradient[j] > 0.0) || (point[j] >= 1.0 && self.gradient[j] < 0.0)
        };
        (0..point.len()).filter(|j| !held(*j)).collect()
    }

    fn norm(&self, free: &[usize]) -> f64 {
        free.iter().map(|j| self.gradient[*j].abs()).fold(0.0, f64::max)
    }

    /// Newton's step for the free uniquenesses; where the second derivatives are not positive definite, their part that
    /// always is.
    fn step(&self, free: &[usize]) -> DVector<f64> {
        let k = self.gradient.len();
        let among =
            |full: &DMatrix<f64>| DMatrix::from_fn(free.len(), free.len(), |a, b| full[(free[a], free[b])]);
        let squared = self.squared_projection();
        let exact = &squared + self.curvature_of_factors();
        let gradient = DVector::from_fn(free.len(), |j, _| self.gradient[free[j]]);
        let factored = PositiveDefinite::new(&among(&exact)).or_else(|| {
            let ridge = DMatrix::identity(free.len(), free.len()) * 1e-6;
            PositiveDefinite::new(&(among(&squared) + ridge))
        });
        let solved = factored.map_or_else(|| gradient.clone(), |factored| factored.solve(&gradient));
        let mut step = DVector::zeros(k);
        free.iter().zip(solved.iter()).for_each(|(j, x)| step[*j] = -x);
        step
    }

    /// The squared elements of the projection on what is no factor.
    fn squared_projection(&self) -> DMatrix<f64> {
        let vectors = &self.eigen.vectors;
        let left = vectors.columns(self.factors, vectors.ncols() - self.factors);
        (left * left.transpose()).map(|x| x * x)
    }

    /// 2 Σ_f Σ_g θ_g/(θ_g − θ_f) w_f w_f′ ∘ w_g w_g′ over factors f and what is none, g.
    fn curvature_of_factors(&self) -> DMatrix<f64> {
        let (values, vectors) = (&self.eigen.values, &self.eigen.vectors);
        let k = values.len();
        let mut sum = DMatrix::zeros(k, k);
        for f in 0..self.factors {
            let mut scaled = vectors.columns(self.factors, k - self.factors).into_owned();
            for (g, mut column) in scaled.column_iter_mut().enumerate() {
                let value = values[self.factors + g];
                let apart = value - values[f];
                column *= if apart < 0.0 { 2.0 * value / apart } else { 0.0 };
            }
            let left = vectors.columns(self.factors, k - self.factors);
            let own = vectors.column(f);
            sum += (scaled * left.transpose()).component_mul(&(own * own.transpose()));
        }
        sum
    }

    fn loadings(&self) -> DMatrix<f64> {
        DMatrix::from_fn(self.gradient.len(), self.factors, |j, f| {
            self.eigen.vectors[(j, f)] * self.eigen.values[f].max(0.0).sqrt()
        })
    }
}

fn shorter_until_better(
    correlation: &DMatrix<f64>,
    point: &DVector<f64>,
    here: &Residuals,
    step: &DVector<f64>,
    config: &MinresConfig,
) -> Option<(DVector<f64>, Residuals)> {
    let mut share = 1.0;
    for _ in 0..MOST_HALVINGS {
        let next = (point + step * share).map(|u| u.clamp(config.floor, 1.0));
        let there = Residuals::at(correlation, &next, config.factors)?;
        if there.value <= here.value + ROUNDING * here.value.max(ROUNDING) {
            return Some((next, there));
        }
        share *= 0.5;
    }
    None
}
