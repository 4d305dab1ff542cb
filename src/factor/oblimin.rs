//! Oblique rotation to simple structure.

use nalgebra::DMatrix;
use serde::Serialize;

use super::canonical::canonical;
use crate::numeric::matrix::serialize_rows;
use crate::numeric::random::Stream;
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// How to rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ObliminConfig {
    /// Random starts besides the unrotated factors.
    pub starts: usize,
    /// Of the random starts.
    pub seed: u64,
}

impl Default for ObliminConfig {
    fn default() -> ObliminConfig {
        ObliminConfig { starts: 10, seed: 1 }
    }
}

/// Rotated factors that may correlate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rotation {
    /// The configuration.
    pub config: ObliminConfig,
    /// k × m pattern loadings, in canonical form.
    #[serde(serialize_with = "serialize_rows")]
    pub loadings: DMatrix<f64>,
    /// m × m correlations of the factors.
    #[serde(serialize_with = "serialize_rows")]
    pub correlations: DMatrix<f64>,
    /// How many starts, the unrotated factors among them, ended at the same criterion: one alone is a warning.
    pub agreeing_starts: usize,
    /// How the search from the best start ended; the objective is the criterion.
    pub fit: FitRecord,
}

/// Of the projected gradient: every start goes this far, and starts are then compared.
const LOOSE: f64 = 1e-5;
/// The best of them goes so far.
const TIGHT: f64 = 1e-10;
const MOST_ITERATIONS: usize = 5000;
/// Starts that ended within this of the best criterion, relative to it, are taken for the same solution.
const SAME: f64 = 1e-6;

/// Direct oblimin with gamma 0 (quartimin): pattern loadings with as few items on two factors as can be.
///
/// Minimises ¼ Σ_{f≠g} Σ_j l_jf² l_jg² over rotations A(T′)⁻¹ of the k × m loadings A, where the columns of T have length one
/// and T′T are the correlations of the factors; by projected gradients, from the unrotated factors and from random
/// starts, without Kaiser's normalisation.
///
/// # When it means what
/// The scales of a questionnaire correlate; so may these factors. The fit does not change: L Φ L′ = A A′.
///
/// # Missing data
/// Settled before.
///
/// # Errors
/// [`Reason::TooFew`] without items or factors; [`Reason::NotApplicable`] if loadings are not finite;
/// [`Reason::NotIdentified`] if a factor has no loadings.
///
/// # Agrees with
/// R's `GPArotation::oblimin` 2022.10-2 (psych's oblimin), whose default stop of 1e-5 leaves a difference of that order;
/// from one start it may end at a worse criterion.
///
/// # Source
/// Jennrich and Sampson (1966); Jennrich (2002), for the search.
///
/// ```
/// use alliance_metrics::factor::{ObliminConfig, oblimin};
/// use nalgebra::DMatrix;
/// // A perfect cluster structure of two factors that correlate .6, turned away from it.
/// let (l, phi): (f64, f64) = (0.8, 0.6);
/// let (shared, apart) = (l * ((1.0 + phi) / 2.0).sqrt(), l * ((1.0 - phi) / 2.0).sqrt());
/// let turned = DMatrix::from_fn(6, 2, |j, f| if f == 0 { shared } else if j < 3 { apart } else { -apart });
/// let found = oblimin(&turned, &ObliminConfig::default()).unwrap();
/// assert!((found.correlations[(0, 1)] - 0.6).abs() < 1e-9);
/// assert!(found.fit.objective < 1e-15);
/// ```
pub fn oblimin(loadings: &DMatrix<f64>, config: &ObliminConfig) -> Result<Rotation, StatError> {
    let m = loadings.ncols();
    if loadings.is_empty() {
        return Err(StatError::new(Reason::TooFew, "no loadings"));
    }
    if loadings.iter().any(|x| !x.is_finite()) {
        return Err(StatError::new(Reason::NotApplicable, "loadings are not finite"));
    }
    if (0..m).any(|f| loadings.column(f).norm_squared() < f64::EPSILON) {
        return Err(StatError::new(Reason::NotIdentified, "a factor has no loadings"));
    }
    let starts = (0..=config.starts).map(|start| match start {
        0 => Some(DMatrix::identity(m, m)),
        _ => random(m, &mut Stream::new(config.seed, start as u64)),
    });
    let ends: Vec<Search> = starts
        .flatten()
        .filter_map(|turn| Search::new(loadings, turn))
        .map(|search| search.descend(loadings))
        .collect();
    let best = ends.iter().min_by(|a, b| a.criterion.total_cmp(&b.criterion));
    let lost = || StatError::new(Reason::NotConverged, "no start of the rotation");
    let best = best.ok_or_else(lost)?.clone().polish(loadings);
    // What counts as the same is relative to the loadings, which may rotate to a criterion of 0.
    let same = best.criterion + SAME * (best.criterion + loadings.norm_squared() * LOOSE);
    let (pattern, correlations) = canonical(&best.rotated, &(best.turn.transpose() * &best.turn));
    Ok(Rotation {
        config: *config,
        loadings: pattern,
        correlations,
        agreeing_starts: ends.iter().filter(|end| end.criterion <= same).count(),
        fit: best.record(),
    })
}

/// A random rotation: normal columns, made orthogonal one after the other.
fn random(m: usize, stream: &mut Stream) -> Option<DMatrix<f64>> {
    let mut turn = DMatrix::from_fn(m, m, |_, _| stream.normal());
    for f in 0..m {
        for g in 0..f {
            let along = turn.column(g).dot(&turn.column(f));
            let other = turn.column(g).into_owned();
            turn.column_mut(f).axpy(-along, &other, 1.0);
        }
        let length = turn.column(f).norm();
        if length < 1e-8 {
            return None; // hardly ever; one start less
        }
        turn.column_mut(f).unscale_mut(length);
    }
    Some(turn)
}

#[derive(Clone)]
struct Search {
    turn: DMatrix<f64>,
    inverse: DMatrix<f64>,
    rotated: DMatrix<f64>,
    criterion: f64,
    /// The length of the step tried last.
    pace: f64,
    iterations: usize,
    /// The length of the projected gradient.
    norm: f64,
    stop: Stop,
}

impl Search {
    fn new(loadings: &DMatrix<f64>, turn: DMatrix<f64>) -> Option<Search> {
        let inverse = turn.clone().try_inverse()?;
        let rotated = loadings * inverse.transpose();
        let criterion = criterion(&rotated);
        Some(Search {
            turn,
            inverse,
            rotated,
            criterion,
            pace: 1.0,
            iterations: 0,
            norm: f64::INFINITY,
            stop: Stop::MostIterations,
        })
    }

    /// The gradient along the columns of length one.
    fn projected(&mut self) -> DMatrix<f64> {
        let mut gradient = -(self.rotated.transpose() * slope(&self.rotated) * &self.inverse).transpose();
        for f in 0..gradient.ncols() {
            let along = self.turn.column(f).dot(&gradient.column(f));
            gradient.column_mut(f).axpy(-along, &self.turn.column(f), 1.0);
        }
        self.norm = gradient.norm();
        gradient
    }

    /// A step down the gradient, then back to columns of length one.
    fn moved(&self, loadings: &DMatrix<f64>, gradient: &DMatrix<f64>, pace: f64) -> Option<Search> {
        let mut turn = &self.turn - gradient * pace;
        turn.column_iter_mut().for_each(|mut column| {
            let length = column.norm();
            column.unscale_mut(length);
        });
        let there = Search::new(loadings, turn)?;
        Some(Search { pace, iterations: self.iterations + 1, norm: self.norm, ..there })
    }

    /// Jennrich's gradient projection, with steps that lessen the criterion.
    fn descend(mut self, loadings: &DMatrix<f64>) -> Search {
        while self.iterations < MOST_ITERATIONS {
            let gradient = self.projected();
            if self.norm <= LOOSE {
                self.stop = Stop::Converged;
                return self;
            }
            let Some(next) = self.better(loadings, &gradient) else {
                self.stop = Stop::NoProgress;
                return self;
            };
            self = next;
        }
        self
    }

    fn better(&self, loadings: &DMatrix<f64>, gradient: &DMatrix<f64>) -> Option<Search> {
        const MOST_HALVINGS: usize = 40;
        let mut pace = 2.0 * self.pace;
        for _ in 0..MOST_HALVINGS {
            // Half the decrease that the slope promises.
            let wanted = self.criterion - 0.5 * self.norm * self.norm * pace;
            if let Some(next) = self.moved(loadings, gradient, pace)
                && next.criterion <= wanted
            {
                return Some(next);
            }
            pace *= 0.5;
        }
        None
    }

    /// The last digits, where the criterion no longer shows a decrease: steps as long as the change of the gradient over
    /// the last one says (Barzilai and Borwein 1988).
    fn polish(mut self, loadings: &DMatrix<f64>) -> Search {
        let mut gradient = self.projected();
        self.stop = Stop::MostIterations;
        for _ in 0..MOST_ITERATIONS {
            if self.norm <= TIGHT {
                self.stop = Stop::Converged;
                break;
            }
            let Some(mut next) = self.moved(loadings, &gradient, self.pace) else { break };
            let there = next.projected();
            let (step, change) = (&next.turn - &self.turn, &there - &gradient);
            let along = step.dot(&change);
            if along > 0.0 {
                next.pace = step.norm_squared() / along;
            }
            (self, gradient) = (next, there);
        }
        self
    }

    fn record(&self) -> FitRecord {
        FitRecord {
            stop: self.stop,
            iterations: self.iterations,
            objective: self.criterion,
            gradient_norm: Some(self.norm),
            tolerance: TIGHT,
        }
    }
}

/// ¼ Σ_{f≠g} Σ_j l_jf² l_jg².
fn criterion(rotated: &DMatrix<f64>) -> f64 {
    let of_row = |j: usize| {
        let (mut sum, mut fourth) = (0.0, 0.0);
        for l in rotated.row(j).iter() {
            sum += l * l;
            fourth += l * l * l * l;
        }
        sum * sum - fourth
    };
    0.25 * (0..rotated.nrows()).map(of_row).sum::<f64>()
}

/// Its derivatives by the loadings: l_jf Σ_{g≠f} l_jg².
fn slope(rotated: &DMatrix<f64>) -> DMatrix<f64> {
    let communality: Vec<f64> = rotated.row_iter().map(|row| row.norm_squared()).collect();
    DMatrix::from_fn(rotated.nrows(), rotated.ncols(), |j, f| {
        let l = rotated[(j, f)];
        l * (communality[j] - l * l)
    })
}
