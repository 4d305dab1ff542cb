//! The course of the whole sample: where a mixed model lets expect each session of a person.

use serde::Serialize;

use super::rule::Residual;
use super::series::Series;

/// A growth model of all courses of a sample: a common line, and how the lines of persons differ from it.
///
/// y = (γ₀ + u₀) + (γ₁ + u₁) x + e, x = session number − 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SampleCourse {
    /// γ₀ and γ₁: level at the first session, and slope.
    pub line: [f64; 2],
    /// Variances of u₀ and u₁.
    pub variances: [f64; 2],
    /// Their covariance.
    pub covariance: f64,
    /// The variance of e.
    pub residual_variance: f64,
}

/// What is expected of a session, and how far sessions fall from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// The score expected.
    pub score: f64,
    /// The standard deviation of the observed score about it.
    pub sd: f64,
}

impl SampleCourse {
    /// The same differences between persons, about a course that does not change.
    pub fn flat(self, level: f64) -> SampleCourse {
        SampleCourse { line: [level, 0.0], ..self }
    }

    /// The residual standard deviation.
    pub fn spread(&self) -> f64 {
        self.residual_variance.sqrt()
    }

    /// What the model expects of each session of a person.
    ///
    /// With V = Z G Z′ + σ² I, r = y − X γ and e = V⁻¹ r: leave-one-out, the session is expected at yᵢ − eᵢ / (V⁻¹)ᵢᵢ with
    /// SD (V⁻¹)ᵢᵢ^(−½), from the sample's line and the person's other sessions; otherwise at yᵢ − σ² eᵢ with SD σ, the
    /// person's own predicted line. V⁻¹ = (I − Z (σ² I + G Z′Z)⁻¹ G Z′) / σ².
    ///
    /// Leave-one-out residuals are to be preferred: a session far away does not draw its own expectation after it.
    ///
    /// # Missing data
    /// Sessions without a score take no part; time keeps its gaps.
    ///
    /// # Errors
    /// None; σ² must be above 0.
    ///
    /// # Agrees with
    /// lme4 1.1-31: predicted lines and V of `lmer(y ~ time + (time | person))`.
    ///
    /// # Source
    /// Laird & Ware (1982), Biometrics 38; Haslett & Haslett (2007), International Statistical Review 75, for the residuals.
    ///
    /// ```
    /// use alliance_metrics::session::{Residual, SampleCourse, Series};
    /// let course = SampleCourse {
    ///     line: [5.0, 0.0], variances: [1.0, 0.0], covariance: 0.0, residual_variance: 1.0,
    /// };
    /// let series = Series::consecutive(&[5.0, 7.0]).unwrap();
    /// let expected = course.expected(&series, Residual::Studentised);
    /// assert!((expected[0].score - 6.0).abs() < 1e-12 && (expected[0].sd - 1.5f64.sqrt()).abs() < 1e-12);
    /// ```
    pub fn expected(&self, series: &Series, residual: Residual) -> Vec<Expected> {
        let times: Vec<f64> = series.numbers().iter().map(|number| *number as f64 - 1.0).collect();
        let off = |x: f64, y: f64| y - self.line[0] - self.line[1] * x;
        let (mut n, mut sx, mut sxx, mut sr, mut sxr) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, y) in times.iter().zip(series.scores()) {
            let r = off(*x, *y);
            n += 1.0;
            sx += x;
            sxx += x * x;
            sr += r;
            sxr += x * r;
        }
        let ([a, c], b, s2) = (self.variances, self.covariance, self.residual_variance);
        // (σ² I + G Z′Z)⁻¹ G, two by two.
        let m = [[s2 + a * n + b * sx, a * sx + b * sxx], [b * n + c * sx, s2 + b * sx + c * sxx]];
        let determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
        let solve = |g: [f64; 2]| {
            [(m[1][1] * g[0] - m[0][1] * g[1]) / determinant, (m[0][0] * g[1] - m[1][0] * g[0]) / determinant]
        };
        let (first, second) = (solve([a, b]), solve([b, c]));
        let own = [first[0] * sr + second[0] * sxr, first[1] * sr + second[1] * sxr];
        let one = |(x, y): (&f64, &f64)| {
            let rest = off(*x, *y) - own[0] - own[1] * x;
            if residual == Residual::Standardised {
                return Expected { score: y - rest, sd: s2.sqrt() };
            }
            let leverage = first[0] + x * (first[1] + second[0]) + x * x * second[1];
            let free = 1.0 - leverage;
            Expected { score: y - rest / free, sd: (s2 / free).sqrt() }
        };
        times.iter().zip(series.scores()).map(one).collect()
    }
}
