//! Whether the two members of a dyad come closer to each other over the sessions.

use serde::Serialize;

use super::congruence::{SessionPair, sound};
use crate::agreement::PairMoments;
use crate::nested::{Column, Groups, Mixed, MixedConfig, MixedModel, Random, mixed};
use crate::statistic::{Reason, StatError};

/// What is followed over the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The distance, whoever is higher: a falling slope is convergence.
    #[default]
    Distance,
    /// First minus second.
    Difference,
}

/// How drift is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DriftConfig {
    /// What is followed.
    pub gap: Gap,
    /// Fewest dyads with two sessions: 5.
    pub least_dyads: usize,
    /// The mixed model.
    pub mixed: MixedConfig,
}

impl Default for DriftConfig {
    fn default() -> DriftConfig {
        DriftConfig { gap: Gap::Distance, least_dyads: 5, mixed: MixedConfig::default() }
    }
}

/// The drift of the gap between two members over sessions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Drift {
    /// Dyads with a session.
    pub dyads: usize,
    /// Sessions with both scores.
    pub sessions: usize,
    /// The session at which the intercept holds: the mean of all.
    pub center: f64,
    /// The slope of each dyad's own line, in the order given; none under two sessions.
    pub slopes: Vec<Option<f64>>,
    /// The mixed model: intercept and the effect of `session`.
    pub model: Mixed,
}

/// The drift of the gap between two members of dyads over sessions.
///
/// |d_ti| (or d_ti) = (b₀ + u_i) + b₁ (t − t̄) + e_ti: a random intercept for each dyad, t̄ the mean session.
///
/// # When it means what
/// b₁ < 0 for the distance: the two come closer. A growing correspondence of ups and downs is another matter: see
/// [`congruence`](super::congruence()).
///
/// # Missing data
/// Sessions with both scores; dyads may have any number.
///
/// # None
/// Inside the model, as in [`mixed`](crate::nested::mixed()).
///
/// # Errors
/// [`Reason::TooFew`] with under `least_dyads` dyads of two sessions; those of the mixed model.
///
/// # Agrees with
/// lme4 1.1-31, `abs(d) ~ I(session - 3) + (1 | dyad)`.
///
/// # Source
/// Laws et al. (2017), Journal of Consulting and Clinical Psychology 85, on convergence of ratings.
///
/// ```
/// use alliance_metrics::dyad::{DriftConfig, SessionPair, drift};
/// let at = |session: f64, first: f64| SessionPair { session, first, second: 0.0 };
/// let dyads: Vec<Vec<SessionPair>> =
///     (0..6).map(|i| (1..5).map(|t| at(t as f64, f64::from(5 * (i + 1) - t) + f64::from((i * t) % 3))).collect()).collect();
/// let drift = drift(&dyads, &DriftConfig::default()).unwrap();
/// assert_eq!((drift.dyads, drift.sessions, drift.center), (6, 24, 2.5));
/// assert!(drift.model.effect("session").unwrap().estimate.unwrap() < 0.0);
/// ```
pub fn drift(dyads: &[Vec<SessionPair>], config: &DriftConfig) -> Result<Drift, StatError> {
    let sessions: Vec<Vec<SessionPair>> = dyads.iter().map(|dyad| sound(dyad)).collect();
    let repeated = sessions.iter().filter(|dyad| dyad.len() > 1).count();
    if repeated < config.least_dyads.max(2) {
        let message = format!(
            "the drift of a difference needs {} dyads with two sessions; there are {repeated}",
            config.least_dyads.max(2)
        );
        return Err(StatError::new(Reason::TooFew, message));
    }
    let gap = |at: &SessionPair| match config.gap {
        Gap::Distance => at.difference().abs(),
        Gap::Difference => at.difference(),
    };
    let slope = |dyad: &Vec<SessionPair>| {
        let moments = PairMoments::of(&dyad.iter().map(|at| (at.session, gap(at))).collect::<Vec<_>>());
        (moments.variances[0] > 0.0).then(|| moments.covariance / moments.variances[0])
    };
    let rows: Vec<(usize, &SessionPair)> =
        sessions.iter().enumerate().flat_map(|(dyad, all)| all.iter().map(move |at| (dyad, at))).collect();
    let center = rows.iter().map(|(_, at)| at.session).sum::<f64>() / rows.len() as f64;
    let outcome = if config.gap == Gap::Distance { "distance" } else { "difference" };
    let model = MixedModel::new(Column::new(outcome, rows.iter().map(|(_, at)| gap(at)).collect()))
        .fixed(Column::new("session", rows.iter().map(|(_, at)| at.session - center).collect()))
        .random(Random::intercept(Groups::new("dyad", rows.iter().map(|(dyad, _)| dyad))));
    Ok(Drift {
        dyads: sessions.iter().filter(|dyad| !dyad.is_empty()).count(),
        sessions: rows.len(),
        center,
        slopes: sessions.iter().map(slope).collect(),
        model: mixed(&model, &config.mixed)?,
    })
}
