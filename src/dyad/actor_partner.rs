//! The actor–partner model: what each member's outcome owes to their own rating and to the other's.

use libm::sqrt;
use nalgebra::DMatrix;
use serde::Serialize;

use crate::numeric::distribution::{f_sf, t_quantile, t_two_sided};
use crate::numeric::random::Stream;
use crate::numeric::{LeastSquares, least_squares, quantile};
use crate::statistic::{Estimate, Reason, StatError};

/// The ratings of both members of a dyad, and their outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quartet {
    /// The rating of the first and of the second member.
    pub rating: [f64; 2],
    /// The outcome of the first and of the second member.
    pub outcome: [f64; 2],
}

impl Quartet {
    fn is_finite(&self) -> bool {
        self.rating.iter().chain(&self.outcome).all(|value| value.is_finite())
    }
}

/// What residual variances are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Divisor {
    /// n − 3, as in a regression: t tests, fair for few dyads.
    #[default]
    DegreesOfFreedom,
    /// n, as software for structural equations has it.
    MaximumLikelihood,
}

/// How the actor–partner model is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ActorPartnerConfig {
    /// What residual variances are divided by.
    pub divisor: Divisor,
    /// Fewest dyads: 10.
    pub least_dyads: usize,
    /// Bootstrap draws of dyads for k, 2 000; 0 for none.
    pub draws: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
    /// The confidence level, 0.95.
    pub level: f64,
}

impl Default for ActorPartnerConfig {
    fn default() -> ActorPartnerConfig {
        ActorPartnerConfig {
            divisor: Divisor::DegreesOfFreedom,
            least_dyads: 10,
            draws: 2_000,
            seed: 1,
            level: 0.95,
        }
    }
}

/// A coefficient with its test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Effect {
    /// The coefficient with its t interval.
    #[serde(flatten)]
    pub value: Estimate,
    /// The coefficient by its standard error.
    pub t: Option<f64>,
    /// Degrees of freedom.
    pub df: f64,
    /// Both tails.
    pub p: Option<f64>,
}

impl Effect {
    pub(super) fn new(value: f64, se: f64, df: f64, level: f64) -> Effect {
        let estimate = Estimate::point(value);
        // An exact fit has no error to test against.
        if se <= 1e-12 * value.abs() {
            return Effect { value: estimate.because(Reason::Boundary), t: None, df, p: None };
        }
        let half = t_quantile(0.5 + 0.5 * level, df) * se;
        let value_with = estimate.with_se(se).with_interval("t", level, value - half, value + half);
        Effect { value: value_with, t: Some(value / se), df, p: Some(t_two_sided(value / se, df)) }
    }
}

/// The side of one member.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Side {
    /// The intercept.
    pub intercept: Effect,
    /// The actor effect: of the member's own rating.
    pub actor: Effect,
    /// The partner effect: of the other's rating.
    pub partner: Effect,
    /// k = partner / actor with its bootstrap percentile interval: 1 is a couple pattern, 0 actor only, −1 a contrast.
    pub k: Estimate,
    /// The standard deviation of the residuals.
    pub residual_sd: f64,
    /// The share of the outcome's variance that is explained.
    pub r_squared: Option<f64>,
}

/// A Wald test as F.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Wald {
    /// The difference, first minus second, where it is one.
    pub difference: Option<f64>,
    /// F.
    pub f: Option<f64>,
    /// Numerator degrees of freedom.
    pub df1: f64,
    /// Denominator degrees of freedom.
    pub df2: f64,
    /// The upper tail.
    pub p: Option<f64>,
}

/// The actor–partner model of two members who can be told apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActorPartner {
    /// Dyads with all four values.
    pub n: usize,
    /// Dyads left out.
    pub dropped: usize,
    /// The first and the second member.
    pub sides: [Side; 2],
    /// The covariance of the residuals.
    pub residual_covariance: f64,
    /// The correlation of the residuals.
    pub residual_correlation: Option<f64>,
    /// Are the actor effects equal?
    pub equal_actors: Wald,
    /// Are the partner effects equal?
    pub equal_partners: Wald,
    /// Are both?
    pub equal_both: Wald,
    /// Draws in which an effect could not be had.
    pub draws_without: usize,
    /// The configuration.
    pub config: ActorPartnerConfig,
}

/// The actor–partner interdependence model of distinguishable members on one occasion.
///
/// y₁ = c₁ + a₁ x₁ + p₁ x₂ + e₁ and y₂ = c₂ + a₂ x₂ + p₂ x₁ + e₂ with correlated residuals. Both equations have the same
/// predictors, so least squares of each is the joint solution, and cov(b₁, b₂) = s₁₂ (X'X)⁻¹ ties the tests of equal
/// effects together: F = (difference / se)², for both pairs at once on 2 degrees of freedom, n − 3 below. k_m = p_m / a_m,
/// its interval from a bootstrap over dyads (draw b uses stream b of the seed).
///
/// # When it means what
/// a: dyads in which a member rates the alliance higher than others do have a higher outcome by that member, at the same
/// rating of the other. Equal effects do not make members indistinguishable: means and variances may differ. k is steady
/// only where the actor effect is clearly not 0.
///
/// # Missing data
/// Dyads with all four values.
///
/// # None
/// Tests and intervals where a side fits without error (`boundary`); k where the actor effect is 0 (`not_identified`).
///
/// # Errors
/// [`Reason::TooFew`] under `least_dyads` (never under 4), [`Reason::Singular`] where the two ratings are one straight line
/// or one of them is constant.
///
/// # Agrees with
/// lavaan 0.6-14 with [`Divisor::MaximumLikelihood`]: estimates, standard errors, residual covariance. R 4.2.2 `lm` with the
/// default.
///
/// # Source
/// Kenny & Ledermann (2010), Journal of Family Psychology 24, 359–366. Kenny, Kashy & Cook (2006), Dyadic Data Analysis,
/// chapter 7.
///
/// ```
/// use alliance_metrics::dyad::{ActorPartnerConfig, Quartet, actor_partner};
/// let dyads: Vec<Quartet> = (0..20)
///     .map(|i| {
///         let (x, z) = (f64::from(i % 5), f64::from((i * 7) % 4));
///         let noise = f64::from((i * 11) % 3) * 0.01;
///         Quartet { rating: [x, z], outcome: [x + 0.5 * z + noise, 2.0 * z - noise] }
///     })
///     .collect();
/// let model = actor_partner(&dyads, &ActorPartnerConfig { draws: 100, ..Default::default() }).unwrap();
/// assert!((model.sides[0].k.estimate.unwrap() - 0.5).abs() < 0.01);
/// ```
pub fn actor_partner(dyads: &[Quartet], config: &ActorPartnerConfig) -> Result<ActorPartner, StatError> {
    let used: Vec<Quartet> = dyads.iter().copied().filter(Quartet::is_finite).collect();
    let n = used.len();
    let least = config.least_dyads.max(4);
    if n < least {
        let message = format!(
            "the actor–partner model needs {least} dyads with both ratings and outcomes; there are {n}"
        );
        return Err(StatError::new(Reason::TooFew, message));
    }
    let singular = || {
        StatError::new(
            Reason::Singular,
            "the ratings of the two members are constant or one straight line".to_owned(),
        )
    };
    let fits = equations(&used).ok_or_else(singular)?;
    let (draws, draws_without) = bootstrap(&used, config);
    let [first, second] = &fits;
    let scale = match config.divisor {
        Divisor::DegreesOfFreedom => 1.0,
        Divisor::MaximumLikelihood => first.df / n as f64,
    };
    let dot = |a: &LeastSquares, b: &LeastSquares| -> f64 {
        a.residuals.iter().zip(&b.residuals).map(|(x, y)| x * y).sum::<f64>() / a.df * scale
    };
    let (s11, s22, s12) = (dot(first, first), dot(second, second), dot(first, second));
    let side = |at: usize| {
        let (fit, own) = (&fits[at], &draws[at]);
        let effect = |j: usize| {
            Effect::new(
                fit.coefficients[j],
                sqrt(scale * fit.variance * fit.inverse[(j, j)]),
                fit.df,
                config.level,
            )
        };
        Side {
            intercept: effect(0),
            actor: effect(1),
            partner: effect(2),
            k: ratio(fit, own, config),
            residual_sd: sqrt([s11, s22][at]),
            r_squared: fit.r_squared,
        }
    };
    // Differences of the actor effects (place 1 in both equations) and of the partner effects (place 2). The second
    // equation has the ratings the other way round: its place j is place 3 − j of the first.
    let unscaled = &first.inverse;
    let cov = |a: usize, b: usize| {
        s11 * unscaled[(a, b)] + s22 * unscaled[(3 - a, 3 - b)]
            - s12 * (unscaled[(a, 3 - b)] + unscaled[(b, 3 - a)])
    };
    let differences = [1, 2].map(|j: usize| first.coefficients[j] - second.coefficients[j]);
    let v = [cov(1, 1), cov(2, 2), cov(1, 2)];
    let wald = |difference: Option<f64>, f: f64, df1: f64| {
        let f = Some(f).filter(|f| f.is_finite() && s11 > 0.0 && s22 > 0.0);
        Wald { difference, f, df1, df2: first.df, p: f.map(|f| f_sf(f, df1, first.df)) }
    };
    let [da, dp] = differences;
    let room = v[0] * v[1] - v[2] * v[2];
    let both = (v[1] * da * da - 2.0 * v[2] * da * dp + v[0] * dp * dp) / room / 2.0;
    Ok(ActorPartner {
        n,
        dropped: dyads.len() - n,
        sides: [side(0), side(1)],
        residual_covariance: s12,
        residual_correlation: Some(s12 / sqrt(s11 * s22)).filter(|r| r.is_finite()),
        equal_actors: wald(Some(da), da * da / v[0], 1.0),
        equal_partners: wald(Some(dp), dp * dp / v[1], 1.0),
        equal_both: wald(None, both, 2.0),
        draws_without,
        config: *config,
    })
}

/// Both equations: constant, own rating, the other's rating.
fn equations(dyads: &[Quartet]) -> Option<[LeastSquares; 2]> {
    let fit = |own: usize| {
        let x = DMatrix::from_fn(dyads.len(), 3, |i, j| match j {
            0 => 1.0,
            1 => dyads[i].rating[own],
            _ => dyads[i].rating[1 - own],
        });
        least_squares(&x, &dyads.iter().map(|dyad| dyad.outcome[own]).collect::<Vec<_>>())
    };
    Some([fit(0)?, fit(1)?])
}

/// k of both members over draws of dyads with replacement, sorted; and the draws without.
fn bootstrap(dyads: &[Quartet], config: &ActorPartnerConfig) -> ([Vec<f64>; 2], usize) {
    let mut ks = [Vec::new(), Vec::new()];
    let mut without = 0;
    for draw in 0..config.draws {
        let mut stream = Stream::new(config.seed, draw as u64);
        let drawn: Vec<Quartet> =
            dyads.iter().map(|_| dyads[stream.below(dyads.len() as u64) as usize]).collect();
        let pair = equations(&drawn).map(|fits| fits.map(|fit| fit.coefficients[2] / fit.coefficients[1]));
        match pair.filter(|pair| pair.iter().all(|k| k.is_finite())) {
            Some(pair) => ks.iter_mut().zip(pair).for_each(|(all, k)| all.push(k)),
            None => without += 1,
        }
    }
    ks.iter_mut().for_each(|all| all.sort_by(f64::total_cmp));
    (ks, without)
}

fn ratio(fit: &LeastSquares, draws: &[f64], config: &ActorPartnerConfig) -> Estimate {
    let value = Estimate::point(fit.coefficients[2] / fit.coefficients[1]);
    let tail = 0.5 - 0.5 * config.level;
    match (quantile(draws, tail), quantile(draws, 1.0 - tail)) {
        (Some(low), Some(high)) => value.with_interval("bootstrap_percentile", config.level, low, high),
        _ => value,
    }
}
