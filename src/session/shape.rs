//! The shape of one course: level, slope, curvature, thirds, and what to call it.

use serde::Serialize;

use super::series::{Series, mean};
use super::trend::{Degree, Trend, trend};
use crate::numeric::distribution::{f_sf, t_two_sided};
use crate::statistic::{Estimate, Reason, StatError};

/// How shapes are told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShapeConfig {
    /// The level of the tests behind the label.
    pub alpha: f64,
    /// How a course is cut into thirds.
    pub thirds: ThirdsBy,
}

impl Default for ShapeConfig {
    /// .05, thirds of the time range.
    fn default() -> ShapeConfig {
        ShapeConfig { alpha: 0.05, thirds: ThirdsBy::Range }
    }
}

/// How a course is cut into thirds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThirdsBy {
    /// The range of session numbers in three equal parts.
    Range,
    /// As many sessions in each third, as nearly as can be.
    Count,
}

/// A coefficient of a trend with its test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Coefficient {
    /// The coefficient, on centred time.
    pub estimate: f64,
    /// Its standard error.
    pub se: Option<f64>,
    /// Two-sided p of the t test against 0.
    pub p: Option<f64>,
}

/// The shape of a course.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CourseShape {
    /// How it was told.
    pub config: ShapeConfig,
    /// Sessions with a score.
    pub n: usize,
    /// Level and slope of the person's line.
    pub linear: [Coefficient; 2],
    /// Residual standard deviation about it.
    pub linear_sd: Option<f64>,
    /// Level, slope and curvature of the person's parabola; none for under four sessions.
    pub quadratic: Option<[Coefficient; 3]>,
    /// Residual standard deviation about it.
    pub quadratic_sd: Option<f64>,
    /// F test of curvature: F, and its p with 1 and n − 3 degrees of freedom.
    pub curvature: Option<(f64, f64)>,
    /// Contrasts on unit-length orthogonal polynomials: linear, quadratic.
    pub contrasts: [Option<f64>; 2],
    /// The session number at which the parabola turns.
    pub turning_point: Option<f64>,
    /// Means of the three thirds, and sessions in each.
    pub thirds: Option<Thirds>,
    /// What to call it.
    pub label: Option<ShapeLabel>,
    /// Features for typologies made elsewhere.
    pub features: Features,
}

/// Means of three thirds of a course.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Thirds {
    /// How the course was cut.
    pub by: ThirdsBy,
    /// Sessions in each.
    pub n: [usize; 3],
    /// Their means.
    pub means: [f64; 3],
    /// First − 2 middle + last: above 0 for high–low–high.
    pub high_low_high: f64,
    /// Last − first.
    pub linear: f64,
}

/// What to call a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ShapeLabel {
    /// Neither slope nor curvature differs from 0.
    #[serde(rename = "stable")]
    Stable,
    /// It rises.
    #[serde(rename = "linear_up")]
    LinearUp,
    /// It falls.
    #[serde(rename = "linear_down")]
    LinearDown,
    /// High, low, high.
    U,
    /// Low, high, low.
    #[serde(rename = "inverted_U")]
    InvertedU,
}

impl ShapeLabel {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            ShapeLabel::Stable => "stable",
            ShapeLabel::LinearUp => "linear_up",
            ShapeLabel::LinearDown => "linear_down",
            ShapeLabel::U => "U",
            ShapeLabel::InvertedU => "inverted_U",
        }
    }
}

/// Features of a course from which typologies are made (Prince et al. 2016).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Features {
    /// Mean score.
    pub mean: f64,
    /// Lowest.
    pub min: f64,
    /// Highest.
    pub max: f64,
    /// Highest − lowest.
    pub range: f64,
    /// Session number of the first highest score − that of the first lowest.
    pub lag: i64,
}

/// The shape of a course.
///
/// Least squares on x = t − mean(t): y = b₀ + b₁ x, then y = b₀ + b₁ x + b₂ x². Contrasts are Σ c y over unit-length orthogonal
/// polynomials c. Label: `stable` if neither b₁ of the line nor b₂ differs from 0; `U` or `inverted_U` if b₂ does and the parabola
/// turns between the first and the last session; else `linear_up` or `linear_down` by the sign of b₁.
///
/// The tests take sessions as independent; neighbouring sessions seldom are, so a label is a description, not a finding.
///
/// # Missing data
/// Sessions without a score take no part; time keeps its gaps.
///
/// # Errors
/// [`Reason::TooFew`] for under three sessions. Curvature needs four; its test and the label five.
///
/// # Agrees with
/// R 4.2.2 `lm`, `poly`, `cut`.
///
/// # Source
/// Kivlighan & Shaughnessy (2000), Journal of Counseling Psychology 47; Stiles et al. (2004), Journal of Counseling Psychology 51;
/// Prince et al. (2016) for the features.
///
/// ```
/// use alliance_metrics::session::{Series, ShapeConfig, ShapeLabel, course_shape};
/// let series = Series::consecutive(&[3.0, 3.4, 4.1, 4.4, 5.0, 5.6]).unwrap();
/// let shape = course_shape(&series, &ShapeConfig::default()).unwrap();
/// assert_eq!(shape.label, Some(ShapeLabel::LinearUp));
/// assert!((shape.linear[1].estimate - 0.517_143).abs() < 1e-6);
/// ```
pub fn course_shape(series: &Series, config: &ShapeConfig) -> Result<CourseShape, StatError> {
    let (numbers, scores) = (series.numbers(), series.scores());
    if scores.len() < 3 {
        return Err(StatError::new(Reason::TooFew, format!("{} sessions, a shape needs 3", scores.len())));
    }
    let line = trend(numbers, scores, Degree::Linear)?;
    let curve = trend(numbers, scores, Degree::Quadratic).ok().filter(|_| scores.len() >= 4);
    let tested = |at: usize, trend: &Trend| coefficient(trend, at);
    let curvature = curve.as_ref().and_then(|curve| {
        let spread = curve.variance().filter(|v| *v > 0.0)?;
        let f = (line.sse - curve.sse).max(0.0) / spread;
        Some((f, f_sf(f, 1.0, curve.df as f64)))
    });
    let turning_point = curve.as_ref().and_then(|curve| {
        let [_, b1, b2] = curve.coefficients[..] else { return None };
        Some(curve.center - 0.5 * b1 / b2).filter(|turn| turn.is_finite())
    });
    let slope = tested(1, &line);
    let label = slope.p.zip(curvature).map(|(p, (_, p_curvature))| {
        let bent = p_curvature < config.alpha;
        let inside =
            turning_point.is_some_and(|t| t > numbers[0] as f64 && t < numbers[numbers.len() - 1] as f64);
        let opens_up = curve.as_ref().is_some_and(|curve| curve.coefficients[2] > 0.0);
        match (bent && inside, opens_up, bent || p < config.alpha, slope.estimate > 0.0) {
            (true, true, ..) => ShapeLabel::U,
            (true, false, ..) => ShapeLabel::InvertedU,
            (_, _, false, _) => ShapeLabel::Stable,
            (_, _, true, true) => ShapeLabel::LinearUp,
            (_, _, true, false) => ShapeLabel::LinearDown,
        }
    });
    Ok(CourseShape {
        config: config.clone(),
        n: scores.len(),
        linear: [0, 1].map(|at| tested(at, &line)),
        linear_sd: line.variance().map(f64::sqrt),
        quadratic: curve.as_ref().map(|curve| [0, 1, 2].map(|at| tested(at, curve))),
        quadratic_sd: curve.as_ref().and_then(Trend::variance).map(f64::sqrt),
        curvature,
        contrasts: [Some(line.contrast), curve.as_ref().map(|curve| curve.contrast)],
        turning_point,
        thirds: thirds(numbers, scores, config.thirds),
        label,
        features: features(numbers, scores),
    })
}

fn coefficient(trend: &Trend, at: usize) -> Coefficient {
    let estimate = trend.coefficients[at];
    let se = trend.se.as_ref().map(|se| se[at]);
    let p = se.filter(|se| *se > 0.0).map(|se| t_two_sided(estimate / se, trend.df as f64));
    Coefficient { estimate, se, p }
}

/// None where a third is empty.
fn thirds(numbers: &[i64], scores: &[f64], by: ThirdsBy) -> Option<Thirds> {
    let n = scores.len();
    let (first, last) = (numbers[0] as f64, numbers[n - 1] as f64);
    let third = |at: usize| match by {
        // Right ends belong to their third, as in R's `cut`.
        ThirdsBy::Range => {
            let width = (last - first) / 3.0;
            let t = numbers[at] as f64;
            usize::from(t > first + width) + usize::from(t > first + 2.0 * width)
        }
        ThirdsBy::Count => 3 * at / n,
    };
    let mut parts: [Vec<f64>; 3] = Default::default();
    for (at, score) in scores.iter().enumerate() {
        parts[third(at)].push(*score);
    }
    if parts.iter().any(Vec::is_empty) {
        return None;
    }
    let means = [0, 1, 2].map(|part| mean(&parts[part]));
    Some(Thirds {
        by,
        n: [0, 1, 2].map(|part| parts[part].len()),
        means,
        high_low_high: means[0] - 2.0 * means[1] + means[2],
        linear: means[2] - means[0],
    })
}

fn features(numbers: &[i64], scores: &[f64]) -> Features {
    let first = |best: fn(f64, f64) -> bool| {
        (1..scores.len()).fold(0, |at, other| if best(scores[other], scores[at]) { other } else { at })
    };
    let (top, bottom) = (first(|a, b| a > b), first(|a, b| a < b));
    Features {
        mean: mean(scores),
        min: scores[bottom],
        max: scores[top],
        range: scores[top] - scores[bottom],
        lag: numbers[top] - numbers[bottom],
    }
}

/// Shares of a class among persons, with a Wilson interval.
///
/// p̂ = x / n; limits (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n).
///
/// # Missing data
/// None.
///
/// # Errors
/// None; without persons the estimate has a reason.
///
/// # Agrees with
/// R 4.2.2 `prop.test(correct = FALSE)`.
///
/// # Source
/// Wilson (1927), Journal of the American Statistical Association 22.
///
/// ```
/// use alliance_metrics::session::wilson;
/// let share = wilson(2, 6, 0.95);
/// assert!((share.lower.unwrap() - 0.096_770).abs() < 1e-5 && (share.upper.unwrap() - 0.700_0).abs() < 1e-3);
/// ```
pub fn wilson(x: usize, n: usize, level: f64) -> Estimate {
    if n == 0 || x > n {
        return Estimate::none(Reason::TooFew);
    }
    let z = crate::numeric::distribution::normal_quantile(0.5 + 0.5 * level);
    let (n, p) = (n as f64, x as f64 / n as f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / (1.0 + z * z / n);
    Estimate::point(p).with_interval("wilson", level, (middle - half).max(0.0), (middle + half).min(1.0))
}
