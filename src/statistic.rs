//! What every statistic gives back: an estimate with its interval, or the reason why there is none.

use serde::Serialize;

/// Why a statistic cannot be had. The others are still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Fewer items, persons or sessions than it needs.
    TooFew,
    /// Fewer clusters than an interval over clusters needs.
    TooFewClusters,
    /// Everybody, or everything, has the same value.
    NoVariability,
    /// The matrix has no inverse.
    Singular,
    /// The matrix is not positive definite.
    NotPositiveDefinite,
    /// A person's profile is flat and correlates with nothing.
    FlatProfile,
    /// The data do not determine it.
    NotIdentified,
    /// The estimate lies at the edge of what is possible.
    Boundary,
    /// The search did not end.
    NotConverged,
    /// The solution is inadmissible: a negative variance, or a correlation beyond one.
    Inadmissible,
    /// The series stands at the upper end of its scale.
    Ceiling,
    /// The series stands at the lower end of its scale.
    Floor,
    /// Nothing is left to compute it from.
    AllMissing,
    /// It is not defined for this kind of data, or needs something that was not given.
    NotApplicable,
}

impl Reason {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Reason; 14] = [
        Reason::TooFew,
        Reason::TooFewClusters,
        Reason::NoVariability,
        Reason::Singular,
        Reason::NotPositiveDefinite,
        Reason::FlatProfile,
        Reason::NotIdentified,
        Reason::Boundary,
        Reason::NotConverged,
        Reason::Inadmissible,
        Reason::Ceiling,
        Reason::Floor,
        Reason::AllMissing,
        Reason::NotApplicable,
    ];

    /// Its stable id, as in every output.
    pub fn id(self) -> &'static str {
        match self {
            Reason::TooFew => "too_few",
            Reason::TooFewClusters => "too_few_clusters",
            Reason::NoVariability => "no_variability",
            Reason::Singular => "singular",
            Reason::NotPositiveDefinite => "not_positive_definite",
            Reason::FlatProfile => "flat_profile",
            Reason::NotIdentified => "not_identified",
            Reason::Boundary => "boundary",
            Reason::NotConverged => "not_converged",
            Reason::Inadmissible => "inadmissible",
            Reason::Ceiling => "ceiling",
            Reason::Floor => "floor",
            Reason::AllMissing => "all_missing",
            Reason::NotApplicable => "not_applicable",
        }
    }

    /// In words, for a page.
    pub fn words(self) -> &'static str {
        match self {
            Reason::TooFew => "too few",
            Reason::TooFewClusters => "too few clusters",
            Reason::NoVariability => "no variability",
            Reason::Singular => "singular matrix",
            Reason::NotPositiveDefinite => "not positive definite",
            Reason::FlatProfile => "flat profile",
            Reason::NotIdentified => "not identified",
            Reason::Boundary => "at the boundary",
            Reason::NotConverged => "not converged",
            Reason::Inadmissible => "inadmissible solution",
            Reason::Ceiling => "at the ceiling",
            Reason::Floor => "at the floor",
            Reason::AllMissing => "all missing",
            Reason::NotApplicable => "not applicable",
        }
    }
}

/// A statistic that cannot be had, as an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StatError {
    /// Why.
    pub reason: Reason,
    /// What was asked for and what is there, as a fragment.
    pub message: String,
}

impl StatError {
    /// An error.
    pub fn new(reason: Reason, message: impl Into<String>) -> StatError {
        StatError { reason, message: message.into() }
    }
}

/// An estimate with its interval, or the reason why there is none. No number in it is ever NaN.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub estimate: Option<f64>,
    /// The lower limit.
    pub lower: Option<f64>,
    /// The upper limit.
    pub upper: Option<f64>,
    /// The confidence level of the limits.
    pub level: Option<f64>,
    /// How the limits were found: `feldt`, `delta`, `bootstrap_percentile`, ….
    pub interval: Option<&'static str>,
    /// The standard error.
    pub se: Option<f64>,
    /// Why there is no estimate, or no interval.
    pub reason: Option<Reason>,
}

impl Estimate {
    /// An estimate without an interval; none, with [`Reason::NotIdentified`], if the number is not finite.
    pub fn point(value: f64) -> Estimate {
        if value.is_finite() {
            Estimate { estimate: Some(value), ..Estimate::default() }
        } else {
            Estimate::none(Reason::NotIdentified)
        }
    }

    /// No estimate.
    pub fn none(reason: Reason) -> Estimate {
        Estimate { reason: Some(reason), ..Estimate::default() }
    }

    /// The same estimate with limits; limits that are not finite are left out.
    pub fn with_interval(self, interval: &'static str, level: f64, lower: f64, upper: f64) -> Estimate {
        if self.estimate.is_none() || !lower.is_finite() || !upper.is_finite() {
            return self;
        }
        Estimate {
            lower: Some(lower),
            upper: Some(upper),
            level: Some(level),
            interval: Some(interval),
            ..self
        }
    }

    /// The same estimate with a standard error, if that is finite.
    pub fn with_se(self, se: f64) -> Estimate {
        Estimate { se: Some(se).filter(|se| se.is_finite() && self.estimate.is_some()), ..self }
    }

    /// The same estimate with a reason why it has no interval.
    pub fn because(self, reason: Reason) -> Estimate {
        Estimate { reason: Some(reason), ..self }
    }
}

impl From<Result<Estimate, Reason>> for Estimate {
    fn from(result: Result<Estimate, Reason>) -> Estimate {
        result.unwrap_or_else(Estimate::none)
    }
}

/// How an iterative search ended. Not converged is no error: it is recorded, and noted above the table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FitRecord {
    /// Why it stopped.
    pub stop: Stop,
    /// Iterations.
    pub iterations: usize,
    /// The objective at the end.
    pub objective: f64,
    /// The largest absolute element of the gradient at the end, where there is one.
    pub gradient_norm: Option<f64>,
    /// The tolerance it was held to.
    pub tolerance: f64,
}

/// Why a search stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It converged.
    Converged,
    /// It ran out of iterations.
    MostIterations,
    /// No step made it better though the gradient is not yet small.
    NoProgress,
}
