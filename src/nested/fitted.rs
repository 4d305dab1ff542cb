//! What a fitted mixed model says.

use nalgebra::DMatrix;
use serde::Serialize;

use super::degrees::DegreesOfFreedom;
use super::mixed::MixedConfig;
use super::predictions::GroupEffects;
use crate::numeric::distribution::{normal_quantile, normal_sf, t_quantile, t_two_sided};
use crate::statistic::{FitRecord, Reason};

/// How far a fitted model can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The estimates lie inside what is possible.
    Regular,
    /// A variance is 0, the residual's among them, or a correlation −1 or 1: the estimate lies at the boundary.
    Singular,
    /// The search did not end.
    NotConverged,
}

/// A fitted mixed model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mixed {
    /// The model, as lme4 writes it.
    pub formula: String,
    /// Rows used.
    pub n: usize,
    /// Rows left out for a gap.
    pub dropped: usize,
    /// Groups of each factor.
    pub groups: Vec<GroupCount>,
    /// Fixed effects, the intercept first.
    pub fixed: Vec<FixedEffect>,
    /// Sums of fixed effects that the model asks for.
    pub contrasts: Vec<FixedEffect>,
    /// Variances of the random effects; the last is that of the residuals.
    pub variances: Vec<Variance>,
    /// Covariances of random effects that may go together.
    pub correlations: Vec<Correlation>,
    /// How residuals go together over time, where the model says so.
    pub serial: Option<SerialCorrelation>,
    /// The (restricted) log-likelihood.
    pub log_likelihood: f64,
    /// Fixed effects, variances, covariances: what was estimated.
    pub parameters: usize,
    /// Akaike's criterion, from the (restricted) log-likelihood.
    pub aic: f64,
    /// Schwarz's criterion, from the (restricted) log-likelihood.
    pub bic: f64,
    /// How far it can be trusted.
    pub status: Status,
    /// How the search ended.
    pub fit: FitRecord,
    /// The configuration.
    pub config: MixedConfig,
    /// The covariances of the fixed effects that could be estimated, in their order.
    #[serde(skip)]
    pub fixed_covariance: DMatrix<f64>,
    /// The best linear unbiased predictions of the random effects, factor by factor.
    #[serde(skip)]
    pub random: Vec<GroupEffects>,
}

impl Mixed {
    /// The variance of the random intercept of a factor.
    pub fn variance(&self, group: &str) -> Option<f64> {
        let found =
            self.variances.iter().find(|variance| variance.group == group && variance.term == "(Intercept)");
        found.map(|variance| variance.variance)
    }

    /// The variance of the residuals.
    pub fn residual_variance(&self) -> f64 {
        self.variances.last().map_or(0.0, |variance| variance.variance)
    }

    /// The fixed effect of a predictor.
    pub fn effect(&self, term: &str) -> Option<&FixedEffect> {
        self.fixed.iter().find(|effect| effect.term == term)
    }
}

/// How many groups a factor has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupCount {
    /// The factor.
    pub name: String,
    /// Its groups with at least one row.
    pub groups: usize,
}

/// A fixed effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FixedEffect {
    /// The predictor.
    pub term: String,
    /// The estimate; none where the predictor is collinear with those before it.
    pub estimate: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Degrees of freedom; none for the normal distribution, or where they cannot be had.
    pub df: Option<f64>,
    /// Where the degrees of freedom come from.
    pub df_method: DegreesOfFreedom,
    /// The estimate by its standard error.
    pub t: Option<f64>,
    /// Two-sided, for an effect of 0.
    pub p: Option<f64>,
    /// The lower confidence limit.
    pub lower: Option<f64>,
    /// The upper confidence limit.
    pub upper: Option<f64>,
    /// Why something is missing.
    pub reason: Option<Reason>,
}

/// A variance of a random effect, or of the residuals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variance {
    /// The factor, or `residual`.
    pub group: String,
    /// The effect: `(Intercept)`, or the predictor whose slope varies.
    pub term: String,
    /// The variance.
    pub variance: f64,
    /// Its square root.
    pub sd: f64,
}

/// How two effects of the same groups go together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlation {
    /// The factor.
    pub group: String,
    /// One effect.
    pub first: String,
    /// The other.
    pub second: String,
    /// Their covariance.
    pub covariance: f64,
    /// Their correlation; none where one does not vary.
    pub correlation: Option<f64>,
}

/// How residuals go together over time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SerialCorrelation {
    /// The correlation of residuals one unit of time apart: φ.
    pub correlation: f64,
    /// The distance at which it has fallen to 1/e; for exponential residuals.
    pub range: Option<f64>,
}

impl FixedEffect {
    /// An effect with its error and degrees of freedom (infinite for the normal distribution).
    pub(super) fn new(
        term: &str,
        estimate: f64,
        se: f64,
        df: Result<f64, Reason>,
        config: &MixedConfig,
    ) -> FixedEffect {
        let t = estimate / se;
        let tail = 0.5 + 0.5 * config.level;
        let (p, reach) = match df {
            Ok(df) if df.is_infinite() => (Some(2.0 * normal_sf(t.abs())), Some(normal_quantile(tail))),
            Ok(df) => (Some(t_two_sided(t, df)), Some(t_quantile(tail, df))),
            Err(_) => (None, None),
        };
        FixedEffect {
            term: term.to_owned(),
            estimate: Some(estimate),
            se: Some(se),
            df: df.ok().filter(|df| df.is_finite()),
            df_method: config.df,
            t: Some(t),
            p,
            lower: reach.map(|reach| estimate - reach * se),
            upper: reach.map(|reach| estimate + reach * se),
            reason: df.err(),
        }
    }

    /// A predictor that is collinear with those before it.
    pub(super) fn collinear(term: &str, config: &MixedConfig) -> FixedEffect {
        FixedEffect {
            term: term.to_owned(),
            estimate: None,
            se: None,
            df: None,
            df_method: config.df,
            t: None,
            p: None,
            lower: None,
            upper: None,
            reason: Some(Reason::Singular),
        }
    }
}
