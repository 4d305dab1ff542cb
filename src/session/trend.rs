//! A person's own line or curve over the sessions, by least squares.

use serde::Serialize;

use super::series::mean;
use crate::statistic::{Reason, StatError};

/// The shape of a trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Degree {
    /// A straight line.
    Linear,
    /// A parabola.
    Quadratic,
}

/// A trend by least squares on centred time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Trend {
    /// The shape.
    pub degree: Degree,
    /// Level, slope and, for a parabola, curvature, on centred time.
    pub coefficients: Vec<f64>,
    /// The mean time, where centred time is 0.
    pub center: f64,
    /// Degrees of freedom of the residuals.
    pub df: usize,
    /// Sum of squared residuals.
    pub sse: f64,
    /// Standard errors of the coefficients; none without degrees of freedom.
    pub se: Option<Vec<f64>>,
    /// The highest coefficient on a unit-length orthogonal polynomial, Σ c y.
    pub contrast: f64,
    /// Residuals, in the order of the sessions.
    #[serde(skip)]
    pub residuals: Vec<f64>,
    /// Leverages, in the order of the sessions.
    #[serde(skip)]
    pub leverages: Vec<f64>,
}

/// A line or parabola through a course, by ordinary least squares.
///
/// y = b₀ + b₁ x (+ b₂ x²), x = t − mean(t), t the session numbers; residual variance over n − 2 (n − 3).
///
/// Use it for the course of one person; the standard errors take sessions as independent, which they seldom are.
///
/// # Missing data
/// Sessions without a score take no part; time keeps its gaps.
///
/// # Errors
/// [`Reason::TooFew`] with fewer sessions than coefficients.
///
/// # Agrees with
/// R 4.2.2 `lm`, on centred time.
///
/// # Source
/// Draper & Smith (1998), Applied regression analysis, chapters 1 and 12.
///
/// ```
/// use alliance_metrics::session::{Degree, trend};
/// let line = trend(&[1, 2, 3, 5], &[1.0, 2.0, 3.0, 5.0], Degree::Linear).unwrap();
/// assert!((line.coefficients[1] - 1.0).abs() < 1e-12 && line.sse < 1e-20);
/// ```
pub fn trend(numbers: &[i64], scores: &[f64], degree: Degree) -> Result<Trend, StatError> {
    let (n, p) = (scores.len(), degree as usize + 2);
    if n < p || numbers.len() != n {
        return Err(StatError::new(Reason::TooFew, format!("{n} sessions for a trend of {p} coefficients")));
    }
    let times: Vec<f64> = numbers.iter().map(|t| *t as f64).collect();
    let center = mean(&times);
    let x: Vec<f64> = times.iter().map(|t| t - center).collect();
    let level = mean(scores);
    let sxx: f64 = x.iter().map(|x| x * x).sum();
    let slope = x.iter().zip(scores).map(|(x, y)| x * (y - level)).sum::<f64>() / sxx;
    let flat = 1.0 / n as f64;
    let mut trend = Trend {
        degree,
        coefficients: vec![level, slope],
        center,
        df: n - p,
        sse: 0.0,
        se: None,
        contrast: slope * sxx.sqrt(),
        residuals: x.iter().zip(scores).map(|(x, y)| y - level - slope * x).collect(),
        leverages: x.iter().map(|x| flat + x * x / sxx).collect(),
    };
    let mut unit_variances = vec![flat, 1.0 / sxx];
    if degree == Degree::Quadratic {
        // The part of x² that a line cannot follow.
        let mean_square = sxx / n as f64;
        let tilt = x.iter().map(|x| x * x * x).sum::<f64>() / sxx;
        let bow: Vec<f64> = x.iter().map(|x| x * x - mean_square - tilt * x).collect();
        let bows: f64 = bow.iter().map(|q| q * q).sum();
        let curvature = bow.iter().zip(scores).map(|(q, y)| q * (y - level)).sum::<f64>() / bows;
        trend.coefficients = vec![level - curvature * mean_square, slope - curvature * tilt, curvature];
        trend.contrast = curvature * bows.sqrt();
        unit_variances =
            vec![flat + mean_square * mean_square / bows, 1.0 / sxx + tilt * tilt / bows, 1.0 / bows];
        for (at, q) in bow.iter().enumerate() {
            trend.residuals[at] -= curvature * q;
            trend.leverages[at] += q * q / bows;
        }
    }
    trend.sse = trend.residuals.iter().map(|e| e * e).sum();
    trend.se =
        trend.variance().map(|variance| unit_variances.iter().map(|v| (v * variance).sqrt()).collect());
    Ok(trend)
}

impl Trend {
    /// The residual variance; none without degrees of freedom.
    pub fn variance(&self) -> Option<f64> {
        (self.df > 0).then(|| self.sse / self.df as f64)
    }

    /// The height of the trend at a session number.
    pub fn at(&self, number: i64) -> f64 {
        let x = number as f64 - self.center;
        self.coefficients.iter().rev().fold(0.0, |height, b| height * x + b)
    }

    /// Residuals divided by the residual standard deviation; none where nothing is left over.
    pub fn standardised(&self) -> Vec<Option<f64>> {
        let spread = self.variance().filter(|v| *v > 0.0).map(f64::sqrt);
        self.residuals.iter().map(|e| spread.map(|s| e / s)).collect()
    }

    /// Leave-one-out residuals: each divided by a standard error to which its own session did not contribute
    /// (externally studentised).
    pub fn studentised(&self) -> Vec<Option<f64>> {
        let one = |(e, h): (&f64, &f64)| {
            let free = free(*h)?;
            let others = self.sse - e * e / free;
            // What rounding leaves is no variance.
            let variance =
                (self.df > 1 && others > 1e-12 * self.sse).then(|| others / (self.df - 1) as f64)?;
            Some(e / (variance * free).sqrt())
        };
        self.residuals.iter().zip(&self.leverages).map(one).collect()
    }
}

/// What a point's leverage leaves of its residual.
fn free(leverage: f64) -> Option<f64> {
    Some(1.0 - leverage).filter(|free| *free > 1e-9)
}
