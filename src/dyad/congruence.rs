//! Whether the two members of a dyad rise and fall together over sessions.

use libm::{atanh, sqrt, tanh};
use serde::Serialize;

use crate::agreement::PairMoments;
use crate::numeric::distribution::t_quantile;
use crate::reliability::with_fisher_limits;
use crate::statistic::{Estimate, Reason};

/// The two scores of a dyad at one session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SessionPair {
    /// The session.
    pub session: f64,
    /// The score of the first role.
    pub first: f64,
    /// The score of the second role.
    pub second: f64,
}

impl SessionPair {
    /// First minus second.
    pub fn difference(&self) -> f64 {
        self.first - self.second
    }

    fn is_finite(&self) -> bool {
        self.session.is_finite() && self.first.is_finite() && self.second.is_finite()
    }
}

/// The sessions that a statistic can use.
pub(super) fn sound(sessions: &[SessionPair]) -> Vec<SessionPair> {
    sessions.iter().copied().filter(SessionPair::is_finite).collect()
}

/// The congruence of one dyad over its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DyadCongruence {
    /// Sessions with both scores.
    pub sessions: usize,
    /// The correlation over sessions.
    pub raw: Estimate,
    /// The correlation of what is left after each score's straight line over the sessions.
    pub detrended: Estimate,
}

/// The congruence of all dyads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Congruence {
    /// Dyad by dyad, in the order given.
    pub dyads: Vec<DyadCongruence>,
    /// The raw correlations together.
    pub raw: Pooled,
    /// The detrended correlations together.
    pub detrended: Pooled,
    /// The correlation of deviations from each dyad's means, over all sessions.
    pub within: Estimate,
    /// The correlation of the dyads' means.
    pub between: Estimate,
}

/// Correlations of dyads put together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pooled {
    /// Dyads with a correlation inside (−1, 1).
    pub dyads: usize,
    /// Of these, with one above 0.
    pub positive: usize,
    /// The mean of Fisher's z, turned back, with a t interval over dyads.
    pub fisher: Estimate,
    /// The plain mean of the correlations.
    pub plain: Option<f64>,
}

/// Congruence over sessions: per dyad the correlation of the two courses, raw and detrended, and their means over dyads.
///
/// r_i = correlation of the two scores of dyad i over its m_i sessions; detrended: of the residuals of each from its line on
/// the session number (limits with m_i − 1 for m_i). Pooled: tanh of the mean of atanh r_i, limits from the t interval of
/// that mean over dyads. Within: Σ over dyads of cross-products around dyad means; between: of the dyad means.
///
/// # When it means what
/// High raw and low detrended: both grew, but did not feel the same good and bad sessions. The between correlation is what
/// a study with one session would find. With five sessions a single r_i says little: look at its limits.
///
/// # Missing data
/// Sessions with both scores.
///
/// # None
/// `too_few` under three sessions (four when detrended), `no_variability` where one of the two gave the same score
/// throughout, or nothing but a line. Dyads without r, or with r = ±1, take no part in the means.
///
/// # Agrees with
/// R 4.2.2 `cor`, `lm`.
///
/// # Source
/// Fisher (1921), Metron 1, 3–32. Laws et al. (2017), Journal of Consulting and Clinical Psychology 85, on convergence.
///
/// ```
/// use alliance_metrics::dyad::{SessionPair, congruence};
/// let at = |session: f64, first, second| SessionPair { session, first, second };
/// let dyad = vec![at(1.0, 5.5, 4.4), at(2.0, 4.25, 4.4), at(3.0, 5.25, 4.6), at(4.0, 5.25, 4.4), at(5.0, 5.25, 4.0)];
/// let congruence = congruence(&[dyad], 0.95);
/// assert!((congruence.dyads[0].raw.estimate.unwrap() + 0.070_244).abs() < 1e-6);
/// ```
pub fn congruence(dyads: &[Vec<SessionPair>], level: f64) -> Congruence {
    let sessions: Vec<Vec<SessionPair>> = dyads.iter().map(|dyad| sound(dyad)).collect();
    let each: Vec<DyadCongruence> = sessions.iter().map(|dyad| of_dyad(dyad, level)).collect();
    let means: Vec<(f64, f64)> =
        sessions.iter().filter(|dyad| !dyad.is_empty()).map(|dyad| means(dyad)).collect();
    Congruence {
        raw: pooled(each.iter().map(|dyad| dyad.raw), level),
        detrended: pooled(each.iter().map(|dyad| dyad.detrended), level),
        within: within(&sessions, level),
        between: correlation(&PairMoments::of(&means), means.len(), level),
        dyads: each,
    }
}

fn of_dyad(sessions: &[SessionPair], level: f64) -> DyadCongruence {
    let m = sessions.len();
    let pairs: Vec<(f64, f64)> = sessions.iter().map(|at| (at.first, at.second)).collect();
    let detrended = match m {
        0..4 => Estimate::none(Reason::TooFew),
        _ => correlation(&PairMoments::of(&without_line(sessions)), m - 1, level),
    };
    DyadCongruence { sessions: m, raw: correlation(&PairMoments::of(&pairs), m, level), detrended }
}

fn correlation(moments: &PairMoments, n: usize, level: f64) -> Estimate {
    if moments.n < 3 {
        return Estimate::none(Reason::TooFew);
    }
    moments.correlation().map_or(Estimate::none(Reason::NoVariability), |r| with_fisher_limits(r, n, level))
}

/// A residual sum of squares below this share of the total is the rounding of a line.
const ON_THE_LINE: f64 = 1e-20;

/// Residuals of both scores from their lines on the session; zeros where nothing but a line is there.
fn without_line(sessions: &[SessionPair]) -> Vec<(f64, f64)> {
    let line = |score: &dyn Fn(&SessionPair) -> f64| -> Vec<f64> {
        let pairs: Vec<(f64, f64)> = sessions.iter().map(|at| (at.session, score(at))).collect();
        let moments = PairMoments::of(&pairs);
        let slope = if moments.variances[0] > 0.0 { moments.covariance / moments.variances[0] } else { 0.0 };
        let left = |(x, y): &(f64, f64)| y - moments.means[1] - slope * (x - moments.means[0]);
        let residuals: Vec<f64> = pairs.iter().map(left).collect();
        let rest: f64 = residuals.iter().map(|e| e * e).sum();
        let total: f64 = pairs.iter().map(|(_, y)| y * y).sum();
        if rest <= ON_THE_LINE * total { vec![0.0; residuals.len()] } else { residuals }
    };
    line(&|at| at.first).into_iter().zip(line(&|at| at.second)).collect()
}

fn pooled(dyads: impl Iterator<Item = Estimate>, level: f64) -> Pooled {
    let known: Vec<f64> = dyads.filter_map(|dyad| dyad.estimate).filter(|r| r.abs() < 1.0).collect();
    let m = known.len() as f64;
    if known.is_empty() {
        return Pooled { dyads: 0, positive: 0, fisher: Estimate::none(Reason::TooFew), plain: None };
    }
    let mean = known.iter().map(|r| atanh(*r)).sum::<f64>() / m;
    let fisher = Estimate::point(tanh(mean));
    let fisher = if known.len() < 2 {
        fisher.because(Reason::TooFewClusters)
    } else {
        let squares: f64 = known.iter().map(|r| (atanh(*r) - mean) * (atanh(*r) - mean)).sum();
        let half = t_quantile(0.5 + 0.5 * level, m - 1.0) * sqrt(squares / (m - 1.0) / m);
        fisher.with_interval("fisher_z_over_dyads", level, tanh(mean - half), tanh(mean + half))
    };
    Pooled {
        dyads: known.len(),
        positive: known.iter().filter(|r| **r > 0.0).count(),
        fisher,
        plain: Some(known.iter().sum::<f64>() / m),
    }
}

fn means(sessions: &[SessionPair]) -> (f64, f64) {
    let m = sessions.len() as f64;
    (
        sessions.iter().map(|at| at.first).sum::<f64>() / m,
        sessions.iter().map(|at| at.second).sum::<f64>() / m,
    )
}

/// The pooled correlation within dyads; its limits count the degrees of freedom that the means took.
fn within(dyads: &[Vec<SessionPair>], level: f64) -> Estimate {
    let used: Vec<&Vec<SessionPair>> = dyads.iter().filter(|dyad| dyad.len() > 1).collect();
    let deviations: Vec<(f64, f64)> = used
        .iter()
        .flat_map(|dyad| {
            let (first, second) = means(dyad);
            dyad.iter().map(move |at| (at.first - first, at.second - second))
        })
        .collect();
    let free = (deviations.len() + 1).saturating_sub(used.len());
    correlation(&PairMoments::of(&deviations), free, level)
}
