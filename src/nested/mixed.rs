//! Linear mixed models.

use serde::Serialize;

use super::degrees::{self, DegreesOfFreedom};
use super::design::{Design, NamedFactor};
use super::fitted::{Correlation, GroupCount, Mixed, SerialCorrelation, Status, Variance};
use super::model::{MixedModel, Residual};
use super::predictions;
use super::profile::{Criterion, Profile, State};
use super::search::{self, Found};
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// How a mixed model is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MixedConfig {
    /// What is maximised: the restricted likelihood, unless fixed effects are compared.
    pub criterion: Criterion,
    /// Degrees of freedom of the fixed effects: Satterthwaite's.
    pub df: DegreesOfFreedom,
    /// The confidence level of the fixed effects: .95.
    pub level: f64,
    /// The search ends where a further step would lower the deviance by less than this: 1e-12.
    pub tolerance: f64,
    /// Most steps of the search: 500.
    pub most_iterations: usize,
}

impl Default for MixedConfig {
    fn default() -> MixedConfig {
        MixedConfig {
            criterion: Criterion::Reml,
            df: DegreesOfFreedom::Satterthwaite,
            level: 0.95,
            tolerance: 1e-12,
            most_iterations: 500,
        }
    }
}

/// A linear mixed model by (restricted) maximum likelihood.
///
/// y = X β + Σ_f Z_f b_f + e, with y n × 1, X n × p (an intercept and the predictors), Z_f the indicator of the groups of
/// factor f times their predictors, b_f ~ N(0, σ² Λ_f Λ_f′) in every group, e ~ N(0, σ² R). With θ the free elements of
/// the lower triangular Λ_f, Ω = Λ′Z′R⁻¹ZΛ + I, and r² the least penalised residual sum of squares
/// |y − Xβ − ZΛu|² + |u|² (in the metric of R), the deviance −2 ln L is
/// ln|Ω| + ln|R| + n (1 + ln(2π r²/n)) for the likelihood, and
/// ln|Ω| + ln|R| + ln|R_X|² + (n − p)(1 + ln(2π r²/(n − p))) for the restricted one, with R_X the Cholesky factor that
/// belongs to the fixed effects. It is minimised over θ (and the parameter of R) by a quasi-Newton search with analytic
/// derivatives, from the moments of the residuals (MINQUE(0)); with up to 500 rows, where the deviance may have several low
/// points, from relative standard deviations of 0.3 and 1 too, and the lowest point counts. A variance of 0, a correlation
/// of ±1 or a residual variance under a millionth of another is reported as [`Status::Singular`], not as an error.
///
/// # When
/// Sessions in dyads, dyads in workers, raters crossed with dyads: rows that are not independent. Restricted likelihood
/// for the variances; likelihood for comparing fixed effects.
///
/// # Missing data
/// A row with a gap in the outcome or a predictor is left out and counted; groups may have any number of rows.
///
/// # Errors
/// [`Reason::TooFew`] with no more rows than fixed effects; [`Reason::NoVariability`] where the outcome is constant, or
/// where no residual is left; [`Reason::TooFewClusters`] with under two groups; [`Reason::NotIdentified`] with as many
/// random effects as rows, for two factors with the same groups, or collinear random effects;
/// [`Reason::NotApplicable`] for columns of different lengths, or occasions that AR(1) cannot use.
/// A collinear predictor has no estimate, with [`Reason::Singular`]; the others have theirs.
///
/// # Agrees with
/// lme4 1.1-31 (`lmer`; log-likelihood to 1e-6, variances to 1e-4) and, for AR(1) and exponential residuals, nlme 3.1-162
/// (`lme` with `corCAR1` or `corAR1` over whole occasions, and `corExp`).
///
/// # Source
/// Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Fitting linear mixed-effects models using lme4. *Journal of
/// Statistical Software, 67*(1).
///
/// ```
/// use alliance_metrics::nested::{mixed, Column, Groups, MixedConfig, MixedModel, Random};
/// // Three dyads, four sessions each.
/// let dyad = Groups::new("dyad", [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
/// let score = vec![4.0, 5.0, 4.0, 5.0, 6.0, 7.0, 6.0, 7.0, 2.0, 3.0, 2.0, 3.0];
/// let model = MixedModel::new(Column::new("score", score)).random(Random::intercept(dyad));
/// let fit = mixed(&model, &MixedConfig::default()).unwrap();
/// // Balanced data: the mean squares are 16 between dyads and 1/3 within, four sessions each.
/// assert!((fit.residual_variance() - 1.0 / 3.0).abs() < 1e-9);
/// assert!((fit.variance("dyad").unwrap() - (16.0 - 1.0 / 3.0) / 4.0).abs() < 1e-6);
/// ```
pub fn mixed(model: &MixedModel, config: &MixedConfig) -> Result<Mixed, StatError> {
    let design = Design::new(model)?;
    let mut profile = Profile::new(&design, &model.residual, config.criterion);
    let found = search(&mut profile, config, true)?;
    let state = profile.state(&found.at).ok_or_else(nothing_left)?;
    if state.rss <= NOTHING_LEFT * design.total {
        return Err(nothing_left());
    }
    let sigma2 = state.rss / profile.df();
    let status = status(&profile, &found, &state);
    let inference = degrees::inference(&mut profile, &found, &state, &model.contrasts, config);
    let (variances, correlations) = components(&design, &state, sigma2);
    let state = profile.state(&found.at).ok_or_else(nothing_left)?;
    let random = predictions::group_effects(&profile, &state, sigma2);
    let log_likelihood = -0.5 * state.deviance;
    let parameters = design.p() + profile.parameters() + 1;
    let gradient_norm = found.gradient.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
    Ok(Mixed {
        formula: model.formula(),
        n: design.n,
        dropped: design.dropped,
        groups: groups(&design),
        fixed: inference.fixed,
        contrasts: inference.contrasts,
        variances,
        correlations,
        serial: profile.correlation(&found.at).map(|correlation| SerialCorrelation {
            correlation,
            range: matches!(model.residual, Residual::Exponential(_))
                .then(|| found.at.last().map(|at| libm::exp(*at)))
                .flatten(),
        }),
        log_likelihood,
        parameters,
        aic: -2.0 * log_likelihood + 2.0 * parameters as f64,
        bic: -2.0 * log_likelihood + parameters as f64 * libm::log(design.n as f64),
        status,
        fit: FitRecord {
            stop: found.stop,
            iterations: found.iterations,
            objective: state.deviance,
            gradient_norm: Some(gradient_norm),
            tolerance: config.tolerance,
        },
        config: *config,
        fixed_covariance: inference.covariance,
        random,
    })
}

/// The variances of a model, without the rest.
pub(super) struct Variances {
    pub n: usize,
    pub groups: Vec<GroupCount>,
    /// Variance of the random intercept of each factor, by name.
    pub intercepts: Vec<(String, f64)>,
    pub residual: f64,
    pub status: Status,
}

impl Variances {
    /// The variance of a factor's intercept, or of the residuals.
    pub fn variance(&self, name: &str) -> f64 {
        let found = self.intercepts.iter().find(|(own, _)| own == name);
        found.map_or(if name == "residual" { self.residual } else { 0.0 }, |(_, variance)| *variance)
    }
}

/// How carefully variances are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// For estimates.
    Full,
    /// In one of many samples that are drawn for limits: to fewer digits, and never a second time.
    InSamples,
}

/// A search in a drawn sample ends where a further step would lower the deviance by less than this: a ten-thousandth of
/// a standard error from the least.
const IN_SAMPLES: f64 = 1e-8;

/// The variances of a model by restricted likelihood.
pub(super) fn variances(model: &MixedModel, care: Care) -> Result<Variances, StatError> {
    let mut config = MixedConfig::default();
    if care == Care::InSamples {
        config.tolerance = IN_SAMPLES;
    }
    let design = Design::new(model)?;
    let mut profile = Profile::new(&design, &model.residual, config.criterion);
    let found = search(&mut profile, &config, care == Care::Full)?;
    let state = profile.state(&found.at).ok_or_else(nothing_left)?;
    if state.rss <= NOTHING_LEFT * design.total {
        return Err(nothing_left());
    }
    let residual = state.rss / profile.df();
    let (variances, _) = components(&design, &state, residual);
    Ok(Variances {
        n: design.n,
        groups: groups(&design),
        intercepts: variances.into_iter().map(|own| (own.group, own.variance)).collect(),
        residual,
        status: status(&profile, &found, &state),
    })
}

fn nothing_left() -> StatError {
    StatError::new(Reason::NoVariability, "no variance is left within the groups")
}

fn groups(design: &Design) -> Vec<GroupCount> {
    let group = |factor: &NamedFactor| GroupCount { name: factor.name.clone(), groups: factor.labels.len() };
    design.names.iter().map(group).collect()
}

/// A residual sum of squares this small beside the outcome's own is rounding.
const NOTHING_LEFT: f64 = 1e-14;
/// A relative standard deviation this small may be no more than the way to 0 (as in lme4).
const NEAR_BOUNDARY: f64 = 1e-3;
/// Deviances this close are the same.
const SAME_DEVIANCE: f64 = 1e-8;

/// With so few rows the deviance may have several low points: the search is made from several starts.
const FEW_ROWS: usize = 500;

/// The least deviance. With few rows, or where a search ends near the boundary, it is made again from elsewhere if it may
/// (`again`), and what is as good at the boundary is put there.
fn search(profile: &mut Profile, config: &MixedConfig, again: bool) -> Result<Found, StatError> {
    let failed = || StatError::new(Reason::NotConverged, "the likelihood cannot be computed");
    let from = |profile: &mut Profile, start: Vec<f64>| {
        let information = profile.information(&start);
        let evaluate = |at: &[f64]| profile.evaluate(at);
        search::minimise(evaluate, &start, information, config.tolerance, config.most_iterations)
    };
    let start = profile.start_by_moments().unwrap_or_else(|| profile.start(1.0));
    let first = from(profile, start);
    let mut found = first.ok_or_else(failed)?;
    let near = |profile: &Profile, at: &[f64]| -> Vec<usize> {
        let diagonal = profile.free.iter().enumerate().filter(|(_, (_, i, j))| i == j);
        diagonal.map(|(k, _)| k).filter(|k| at[*k].abs() < NEAR_BOUNDARY).collect()
    };
    let doubtful = found.stop != Stop::Converged || !near(profile, &found.at).is_empty();
    let mut others: Vec<Found> = Vec::new();
    if again && profile.design.n <= FEW_ROWS {
        for start in profile.far_starts() {
            // Without curvature: its first step might lead back to where the first search ended.
            let evaluate = |at: &[f64]| profile.evaluate(at);
            others.extend(search::minimise(evaluate, &start, None, config.tolerance, config.most_iterations));
        }
    }
    if again && doubtful {
        others.extend(from(profile, profile.start(0.3)));
    }
    for other in others {
        let lower = other.value < found.value - SAME_DEVIANCE;
        let settled = other.stop == Stop::Converged && found.stop != Stop::Converged;
        if lower || settled && other.value <= found.value + SAME_DEVIANCE {
            found = other;
        }
    }
    for k in near(profile, &found.at) {
        let mut at = found.at.clone();
        at[k] = 0.0;
        if let Some((value, gradient)) = profile.evaluate(&at)
            && value <= found.value + SAME_DEVIANCE
        {
            found = Found { at, value, gradient, ..found };
        }
    }
    Ok(found)
}

fn status(profile: &Profile, found: &Found, state: &State) -> Status {
    let singular = profile.design.factors.iter().zip(&state.lambda).any(|(factor, lambda)| {
        (0..factor.q).any(|i| {
            let length = (0..=i).map(|j| lambda[i * factor.q + j] * lambda[i * factor.q + j]).sum::<f64>();
            let own = lambda[i * factor.q + i].abs();
            own <= SINGULAR * length.sqrt().max(1.0) || own > NO_RESIDUAL
        })
    });
    match found.stop {
        Stop::Converged if singular => Status::Singular,
        Stop::Converged => Status::Regular,
        _ => Status::NotConverged,
    }
}

/// A diagonal element of Λ below this is a boundary (as in lme4).
const SINGULAR: f64 = 1e-4;
/// And above this the residual variance is: it is under a millionth of the other.
const NO_RESIDUAL: f64 = 1e3;

fn components(design: &Design, state: &State, sigma2: f64) -> (Vec<Variance>, Vec<Correlation>) {
    let (mut variances, mut correlations) = (Vec::new(), Vec::new());
    let variance = |group: &str, term: &str, value: f64| Variance {
        group: group.to_owned(),
        term: term.to_owned(),
        variance: value,
        sd: value.sqrt(),
    };
    for (factor, lambda) in design.names.iter().zip(&state.lambda) {
        let q = factor.effects.len();
        let covariance = |a: usize, b: usize| -> f64 {
            let product: f64 = (0..=a.min(b)).map(|k| lambda[a * q + k] * lambda[b * q + k]).sum();
            sigma2 * product / (factor.effects[a].scale * factor.effects[b].scale)
        };
        for (a, effect) in factor.effects.iter().enumerate() {
            variances.push(variance(&factor.name, &effect.name, covariance(a, a)));
            for (b, other) in factor.effects.iter().enumerate().take(a) {
                if other.block == effect.block {
                    let sds = (covariance(a, a) * covariance(b, b)).sqrt();
                    correlations.push(Correlation {
                        group: factor.name.clone(),
                        first: other.name.clone(),
                        second: effect.name.clone(),
                        covariance: covariance(a, b),
                        correlation: (sds > 0.0).then(|| (covariance(a, b) / sds).clamp(-1.0, 1.0)),
                    });
                }
            }
        }
    }
    variances.push(variance("residual", "(Intercept)", sigma2));
    (variances, correlations)
}
