//! Truth and bias: how one member's judgement follows the other's, and how far it lies above or below.

use serde::Serialize;

use super::congruence::{SessionPair, sound};
use crate::nested::{Column, Groups, Mixed, MixedConfig, MixedModel, Random, mixed};
use crate::statistic::{Reason, StatError};

/// What may differ between dyads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Varies {
    /// The bias.
    #[default]
    Bias,
    /// The bias and the truth force, which may go together.
    BiasAndTruth,
}

/// How truth and bias are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TruthBiasConfig {
    /// What may differ between dyads.
    pub varies: Varies,
    /// Fewest dyads with two sessions: 5 where the bias varies, 10 where both do, unless given.
    pub least_dyads: Option<usize>,
    /// The mixed model.
    pub mixed: MixedConfig,
}

impl Default for TruthBiasConfig {
    fn default() -> TruthBiasConfig {
        TruthBiasConfig { varies: Varies::Bias, least_dyads: None, mixed: MixedConfig::default() }
    }
}

impl TruthBiasConfig {
    /// The fewest dyads that it takes.
    pub fn needs(&self) -> usize {
        let default = match self.varies {
            Varies::Bias => 5,
            Varies::BiasAndTruth => 10,
        };
        self.least_dyads.unwrap_or(default).max(2)
    }
}

/// Truth and bias.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TruthBias {
    /// Dyads with a session.
    pub dyads: usize,
    /// Sessions with both scores.
    pub sessions: usize,
    /// What may differ between dyads.
    pub varies: Varies,
    /// The mixed model: its `(Intercept)` is the bias, the effect of `truth` the truth force; the correlation of the two,
    /// where both vary, says whether congruent dyads are also discrepant.
    pub model: Mixed,
}

/// Truth and bias within dyads over sessions: `second` judges, `first` is the truth.
///
/// J*_ti = (b₀ + u₀i) + (b₁ + u₁i) T*_ti + e_ti, J* = J − T̄_i and T* = T − T̄_i: both centred on the dyad's mean of the truth. b₀
/// is the directional discrepancy (bias force), b₁ the congruence over sessions (truth force). u₁ only with
/// [`Varies::BiasAndTruth`].
///
/// # When it means what
/// b₀ < 0: the judge rates lower. b₁ = 1: a point more of the truth is a point more of the judgement. Neither side is true in
/// itself; exchange them to see the other's judgement.
///
/// # Missing data
/// Sessions with both scores; the mean of the truth is over these.
///
/// # None
/// Inside the model, as in [`mixed`](crate::nested::mixed()).
///
/// # Errors
/// [`Reason::TooFew`] with fewer dyads of two sessions than it needs; those of the mixed model.
///
/// # Agrees with
/// lme4 1.1-31, `J ~ T + (1 | dyad)` on scores so centred.
///
/// # Source
/// West & Kenny (2011), Psychological Review 118, 357–378. Atzil-Slonim et al. (2015), Psychotherapy 52, 3–16, for alliance.
///
/// ```
/// use alliance_metrics::dyad::{SessionPair, TruthBiasConfig, truth_and_bias};
/// let dyads: Vec<Vec<SessionPair>> = (0..8)
///     .map(|i| {
///         (1..6)
///             .map(|t| {
///                 let truth = f64::from(4 + i % 3) + f64::from((t * (i + 2)) % 5) * 0.3;
///                 SessionPair { session: f64::from(t), first: truth, second: 0.5 * truth + f64::from((i + t) % 4) * 0.1 }
///             })
///             .collect()
///     })
///     .collect();
/// let fit = truth_and_bias(&dyads, &TruthBiasConfig::default()).unwrap();
/// assert!((fit.model.effect("truth").unwrap().estimate.unwrap() - 0.5).abs() < 0.1);
/// ```
pub fn truth_and_bias(dyads: &[Vec<SessionPair>], config: &TruthBiasConfig) -> Result<TruthBias, StatError> {
    let sessions: Vec<Vec<SessionPair>> = dyads.iter().map(|dyad| sound(dyad)).collect();
    let repeated = sessions.iter().filter(|dyad| dyad.len() > 1).count();
    if repeated < config.needs() {
        let message =
            format!("truth and bias needs {} dyads with two sessions; there are {repeated}", config.needs());
        return Err(StatError::new(Reason::TooFew, message));
    }
    let (mut judged, mut truth, mut dyad) = (Vec::new(), Vec::new(), Vec::new());
    for (at, all) in sessions.iter().enumerate() {
        let mean = all.iter().map(|pair| pair.first).sum::<f64>() / all.len() as f64;
        for pair in all {
            judged.push(pair.second - mean);
            truth.push(pair.first - mean);
            dyad.push(at);
        }
    }
    let n = judged.len();
    let truth = Column::new("truth", truth);
    let random = Random::intercept(Groups::new("dyad", dyad));
    let random = match config.varies {
        Varies::Bias => random,
        Varies::BiasAndTruth => random.slope(truth.clone()),
    };
    let model = MixedModel::new(Column::new("judgement", judged)).fixed(truth).random(random);
    Ok(TruthBias {
        dyads: sessions.iter().filter(|dyad| !dyad.is_empty()).count(),
        sessions: n,
        varies: config.varies,
        model: mixed(&model, &config.mixed)?,
    })
}
