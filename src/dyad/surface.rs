//! Response surface: an outcome as a curved surface over the two members' ratings.

use libm::sqrt;
use nalgebra::DMatrix;
use serde::Serialize;

use super::actor_partner::Effect;
use crate::agreement::PairMoments;
use crate::numeric::least_squares;
use crate::statistic::{Reason, StatError};

/// The ratings of both members of a dyad and an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Triple {
    /// X and Y: the rating of the first and of the second member.
    pub rating: [f64; 2],
    /// Z, the outcome.
    pub outcome: f64,
}

impl Triple {
    fn is_finite(&self) -> bool {
        self.rating.iter().chain([&self.outcome]).all(|value| value.is_finite())
    }
}

/// The common point that both ratings are centred on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Center {
    /// The mean of all ratings of both members.
    #[default]
    PooledMean,
    /// A value of the scale, such as its midpoint.
    At(f64),
}

/// How a response surface is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurfaceConfig {
    /// The common point of both ratings.
    pub center: Center,
    /// Fewest dyads: 12.
    pub least_dyads: usize,
    /// The confidence level, 0.95.
    pub level: f64,
}

impl Default for SurfaceConfig {
    fn default() -> SurfaceConfig {
        SurfaceConfig { center: Center::PooledMean, least_dyads: 12, level: 0.95 }
    }
}

/// A line in the plane of ratings: y = intercept + slope · x, both centred.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Axis {
    /// Where it crosses x = 0.
    pub intercept: f64,
    /// Its slope.
    pub slope: f64,
}

/// A response surface.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Surface {
    /// Dyads with all three values.
    pub n: usize,
    /// Dyads left out.
    pub dropped: usize,
    /// The common point that both ratings were centred on.
    pub center: f64,
    /// b0 … b5: constant, X, Y, X², XY, Y².
    pub coefficients: Vec<Effect>,
    /// a1 … a5: slope and curvature along congruence (X = Y), slope and curvature along incongruence (X = −Y), and
    /// b3 − b5.
    pub features: Vec<Effect>,
    /// Where the surface is level, centred; none where it is nowhere or on a line (`not_identified`).
    pub stationary: Option<[f64; 2]>,
    /// The first principal axis, of the greatest upward curvature; none without an XY term (`not_applicable`).
    pub first_axis: Option<Axis>,
    /// The second principal axis.
    pub second_axis: Option<Axis>,
    /// Dyads whose first rating lies over half a standard deviation above the second, both standardised.
    pub first_higher: usize,
    /// The same the other way round.
    pub second_higher: usize,
    /// The explained share of the outcome's variance.
    pub r_squared: Option<f64>,
    /// The configuration.
    pub config: SurfaceConfig,
}

/// A response surface: Z = b₀ + b₁X + b₂Y + b₃X² + b₄XY + b₅Y², X and Y centred on one common point.
///
/// a₁ = b₁ + b₂, a₂ = b₃ + b₄ + b₅ along the line of congruence; a₃ = b₁ − b₂, a₄ = b₃ − b₄ + b₅ along the line of incongruence;
/// a₅ = b₃ − b₅. Their errors are √(l'Vl) of the least-squares covariances V, t with n − 6 degrees of freedom. Stationary
/// point X₀ = (b₂b₄ − 2b₁b₅)/(4b₃b₅ − b₄²), Y₀ = (b₁b₄ − 2b₂b₃)/(4b₃b₅ − b₄²); axes with slopes
/// (b₅ − b₃ ± √((b₃ − b₅)² + b₄²))/b₄ through it.
///
/// # When it means what
/// A congruence effect needs a₄ < 0, a₃ = 0, a₂ not significant and a first axis along X = Y (intercept 0, slope 1). It also
/// needs dyads that disagree: look at how many do, each way.
///
/// # Missing data
/// Dyads with all three values.
///
/// # None
/// The stationary point where 4b₃b₅ = b₄², the axes where b₄ = 0.
///
/// # Errors
/// [`Reason::TooFew`] under `least_dyads` (never under 7), [`Reason::Singular`] where the six terms depend on each other, as
/// with few different ratings.
///
/// # Agrees with
/// R 4.2.2 `lm` on the six terms. RSA 0.10.6 has the same estimates and robust errors from a structural equation model.
///
/// # Source
/// Edwards (2002), in Drasgow & Schmitt, Measuring and Analyzing Behavior in Organizations, 350–400. Shanock et al. (2010),
/// Journal of Business and Psychology 25, 543–554. Humberg, Nestler & Back (2019), Social Psychological and Personality
/// Science 10, 409–419.
///
/// ```
/// use alliance_metrics::dyad::{SurfaceConfig, Triple, response_surface};
/// let dyads: Vec<Triple> = (0..25)
///     .map(|i| {
///         let (x, y) = (f64::from(i / 5 - 2), f64::from(i % 5 - 2));
///         Triple { rating: [x, y], outcome: -(x - y) * (x - y) + f64::from((i * 7) % 3) * 0.001 }
///     })
///     .collect();
/// let surface = response_surface(&dyads, &SurfaceConfig::default()).unwrap();
/// assert!((surface.features[3].value.estimate.unwrap() + 4.0).abs() < 0.01);
/// ```
pub fn response_surface(dyads: &[Triple], config: &SurfaceConfig) -> Result<Surface, StatError> {
    let used: Vec<Triple> = dyads.iter().copied().filter(Triple::is_finite).collect();
    let n = used.len();
    let least = config.least_dyads.max(7);
    if n < least {
        let message =
            format!("a response surface needs {least} dyads with both ratings and an outcome; there are {n}");
        return Err(StatError::new(Reason::TooFew, message));
    }
    let center = match config.center {
        Center::PooledMean => used.iter().flat_map(|dyad| dyad.rating).sum::<f64>() / (2 * n) as f64,
        Center::At(value) => value,
    };
    let terms = DMatrix::from_fn(n, 6, |i, j| {
        let [x, y] = used[i].rating.map(|rating| rating - center);
        [1.0, x, y, x * x, x * y, y * y][j]
    });
    let fit = least_squares(&terms, &used.iter().map(|dyad| dyad.outcome).collect::<Vec<_>>()).ok_or_else(
        || {
            StatError::new(
                Reason::Singular,
                "the terms of the surface depend on each other: too few different ratings",
            )
        },
    )?;
    let effect = |weights: [f64; 6]| {
        let (value, se) = fit.combination(&weights);
        Effect::new(value, se, fit.df, config.level)
    };
    let one = |at: usize| {
        let mut weights = [0.0; 6];
        weights[at] = 1.0;
        effect(weights)
    };
    let features = [
        [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
        [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, -1.0, 1.0],
        [0.0, 0.0, 0.0, 1.0, 0.0, -1.0],
    ];
    let stationary = stationary(&fit.coefficients);
    let (first_axis, second_axis) = axes(&fit.coefficients, stationary);
    let (first_higher, second_higher) = discrepant(&used);
    Ok(Surface {
        n,
        dropped: dyads.len() - n,
        center,
        coefficients: (0..6).map(one).collect(),
        features: features.into_iter().map(effect).collect(),
        stationary,
        first_axis,
        second_axis,
        first_higher,
        second_higher,
        r_squared: fit.r_squared,
        config: *config,
    })
}

/// A discriminant below this share of its terms is the rounding of one that is zero.
const LEVEL: f64 = 1e-12;

fn stationary(b: &[f64]) -> Option<[f64; 2]> {
    let room = 4.0 * b[3] * b[5] - b[4] * b[4];
    let size = (4.0 * b[3] * b[5]).abs() + b[4] * b[4];
    (room.abs() > LEVEL * size)
        .then(|| [(b[2] * b[4] - 2.0 * b[1] * b[5]) / room, (b[1] * b[4] - 2.0 * b[2] * b[3]) / room])
}

fn axes(b: &[f64], through: Option<[f64; 2]>) -> (Option<Axis>, Option<Axis>) {
    let root = sqrt((b[3] - b[5]) * (b[3] - b[5]) + b[4] * b[4]);
    let axis = |sign: f64| {
        let [x, y] = through?;
        let slope = (b[5] - b[3] + sign * root) / b[4];
        let intercept = y - slope * x;
        (b[4].abs() > LEVEL * root && slope.is_finite()).then_some(Axis { intercept, slope })
    };
    (axis(1.0), axis(-1.0))
}

/// Dyads whose standardised ratings lie over half a standard deviation apart, either way.
fn discrepant(dyads: &[Triple]) -> (usize, usize) {
    let pairs: Vec<(f64, f64)> = dyads.iter().map(|dyad| (dyad.rating[0], dyad.rating[1])).collect();
    let moments = PairMoments::of(&pairs);
    let standard = |value: f64, at: usize| (value - moments.means[at]) / sqrt(moments.variances[at]);
    let apart = |(x, y): &(f64, f64)| standard(*x, 0) - standard(*y, 1);
    let count = |far: &dyn Fn(f64) -> bool| pairs.iter().filter(|pair| far(apart(pair))).count();
    (count(&|apart| apart > 0.5), count(&|apart| apart < -0.5))
}
