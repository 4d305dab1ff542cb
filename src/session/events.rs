//! Coded events beside scores: are sessions with a code lower than those without, within the same dyad?

use serde::Serialize;

use super::arrangements::{Arranged, ArrangementTest, exchange, shift};
use super::coding::CodedSessions;
use super::series::{Series, mean};
use super::threshold::ROUNDING;
use super::trend::{Degree, trend};
use crate::numeric::random::Stream;
use crate::statistic::{Estimate, Reason};

/// A dyad: the scores of one informant on one scale, and its coded sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventDyad<'a> {
    /// The scores.
    pub scores: &'a Series,
    /// The codes.
    pub coded: &'a CodedSessions,
}

/// How codes are held against scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventsConfig {
    /// Sessions from code to score: 0 the same session, 1 the score of the next one, −1 that of the one before.
    pub lag: i64,
    /// The seed of arrangements that are drawn.
    pub seed: u64,
    /// Arrangements drawn where not all are taken.
    pub arrangements: usize,
    /// Resamples of the bootstrap over dyads.
    pub bootstrap: usize,
    /// The confidence level of its interval.
    pub level: f64,
}

impl Default for EventsConfig {
    /// The same session, seed 1, 10,000 arrangements, 2,000 resamples, .95.
    fn default() -> EventsConfig {
        EventsConfig { lag: 0, seed: 1, arrangements: 10_000, bootstrap: 2000, level: 0.95 }
    }
}

/// What a code has to do with scores, over all dyads.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventEffect {
    /// The code, by its place.
    pub code: usize,
    /// The lag.
    pub lag: i64,
    /// Mean over dyads of uncoded minus coded sessions, each dyad's line taken out.
    pub difference: Estimate,
    /// Share of pairs of a coded and an uncoded session of one dyad in which the coded one is lower; ties count half.
    pub nap: Estimate,
    /// Dyads in which coded sessions are lower.
    pub lower_in: usize,
    /// Dyads with both kinds of session.
    pub informative: usize,
    /// Sessions with the code.
    pub n_coded: usize,
    /// Sessions without it.
    pub n_uncoded: usize,
    /// Each dyad's own numbers, in the order given.
    pub dyads: Vec<DyadEffect>,
    /// The test that exchanges code series between dyads, with five or more.
    pub exchange: Option<ArrangementTest>,
    /// The test that shifts codes within dyads.
    pub shift: Option<ArrangementTest>,
}

/// What a code has to do with scores in one dyad.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DyadEffect {
    /// Sessions with the code and a score.
    pub n_coded: usize,
    /// Sessions without the code, with a score.
    pub n_uncoded: usize,
    /// Uncoded minus coded, the dyad's line taken out.
    pub difference: Option<f64>,
    /// Share of pairs in which the coded session is lower.
    pub nap: Option<f64>,
    /// How many of the dyad's circular shifts give a difference at least as large, the observed one included; and of how
    /// many.
    pub rank: Option<(usize, usize)>,
    /// Why there is nothing: the code is always or never there, or there are too few sessions.
    pub reason: Option<Uninformative>,
}

/// Why a dyad says nothing about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Uninformative {
    /// The code is there in every session.
    AlwaysPresent,
    /// It is there in none.
    NeverPresent,
    /// Fewer than three sessions have both a score and a code.
    TooFew,
}

/// Whether sessions with a code are lower than those without, within dyads, for all codes of a scheme.
///
/// Per dyad d = mean(residuals of uncoded sessions) − mean(residuals of coded ones), residuals about the dyad's line over the
/// sessions with a score and a code; pooled: the mean of d over dyads with both kinds. NAP per dyad and, weighted by pairs,
/// pooled. Tests: with five or more dyads whole code series are exchanged between dyads, with two to four (and beside, with
/// more) each dyad's series is shifted circularly; a single dyad has the rank of its difference among its shifts and no
/// verdict. Codes are corrected together by the maximum of |statistic| / its SD over the arrangements.
///
/// The exchange holds its level under autocorrelation, drift and a course that dyads share; it assumes that dyads are
/// exchangeable. The shift assumes that dyads share no course beyond a straight line.
///
/// # Missing data
/// A session enters with a score and a code. A session nobody coded is left out, never counted as without the code; with a lag, a
/// pair whose session number is missing is left out.
///
/// # Errors
/// None: what cannot be had has a reason. The interval of the difference needs 15 dyads ([`Reason::TooFewClusters`]).
///
/// # Agrees with
/// No peer; its level is simulated in the tests.
///
/// # Source
/// Parker & Vannest (2009), Behavior Therapy 40, for NAP; Westfall & Young (1993) for the correction.
///
/// ```
/// use alliance_metrics::session::{CodedSessions, EventDyad, EventsConfig, Series, events};
/// let scores = Series::consecutive(&[5.0, 4.0, 5.0, 4.0, 5.0, 4.0]).unwrap();
/// let marks = [false, true, false, true, false, true].map(Some).to_vec();
/// let coded = CodedSessions { sessions: (1..=6).collect(), present: vec![marks] };
/// let found = events(&[EventDyad { scores: &scores, coded: &coded }], 1, &EventsConfig::default());
/// assert_eq!(found[0].nap.estimate, Some(1.0));
/// assert_eq!(found[0].dyads[0].rank, Some((6, 6))); // every shift of an alternating code is as large, one way or the other
/// ```
pub fn events(dyads: &[EventDyad<'_>], codes: usize, config: &EventsConfig) -> Vec<EventEffect> {
    let own: Vec<Overlap> =
        dyads.iter().map(|dyad| Overlap::new(dyad.scores, dyad.coded, config.lag)).collect();
    let mut effects: Vec<EventEffect> = (0..codes).map(|code| effect(code, &own, config)).collect();
    let observed = |arranged: &Arranged| arranged.tests.clone();
    let with_sessions: Vec<EventDyad<'_>> =
        dyads.iter().zip(&own).filter(|(_, own)| own.residuals.is_some()).map(|(dyad, _)| *dyad).collect();
    let exchanged = (with_sessions.len() >= LEAST_EXCHANGED).then(|| exchange(&with_sessions, codes, config));
    let shifted = (dyads.len() >= 2).then(|| shift(&own, codes, config));
    for (code, effect) in effects.iter_mut().enumerate() {
        let test =
            |arranged: &Option<Arranged>| arranged.as_ref().and_then(|a| observed(a).get(code).cloned());
        effect.exchange = test(&exchanged);
        effect.shift = test(&shifted);
    }
    effects
}

/// Fewest dyads between which code series are exchanged.
const LEAST_EXCHANGED: usize = 5;
/// Fewest dyads for a bootstrap over them.
const LEAST_BOOTSTRAP: usize = 15;

/// The sessions of a dyad that have a score and, `lag` sessions before, codes.
pub(super) struct Overlap<'a> {
    coded: &'a CodedSessions,
    /// For each such session its place among the coded ones.
    places: Vec<usize>,
    scores: Vec<f64>,
    /// About the line over these sessions; none for fewer than three.
    pub(super) residuals: Option<Vec<f64>>,
}

impl<'a> Overlap<'a> {
    pub(super) fn new(scores: &Series, coded: &'a CodedSessions, lag: i64) -> Overlap<'a> {
        let mut overlap = Overlap { coded, places: Vec::new(), scores: Vec::new(), residuals: None };
        let mut numbers = Vec::new();
        for (place, session) in coded.sessions.iter().enumerate() {
            let number = session.saturating_add(lag);
            if let Some(score) = scores.score(number) {
                overlap.places.push(place);
                overlap.scores.push(score);
                numbers.push(number);
            }
        }
        if numbers.len() >= 3 {
            overlap.residuals =
                trend(&numbers, &overlap.scores, Degree::Linear).ok().map(|line| line.residuals);
        }
        overlap
    }

    /// Whether a code is there, session by session.
    pub(super) fn marks(&self, code: usize) -> Vec<Option<bool>> {
        let present = &self.coded.present[code];
        self.places.iter().map(|place| present[*place]).collect()
    }

    /// Uncoded minus coded residuals; none without both kinds.
    pub(super) fn difference(&self, marks: impl Iterator<Item = Option<bool>>) -> Option<f64> {
        let (mut with, mut without) = ((0.0, 0u32), (0.0, 0u32));
        for (residual, mark) in self.residuals.as_ref()?.iter().zip(marks) {
            match mark {
                Some(true) => with = (with.0 + residual, with.1 + 1),
                Some(false) => without = (without.0 + residual, without.1 + 1),
                None => {}
            }
        }
        let both = with.1 > 0 && without.1 > 0;
        both.then(|| without.0 / f64::from(without.1) - with.0 / f64::from(with.1))
    }

    fn effect(&self, code: usize) -> DyadEffect {
        let marks = self.marks(code);
        let of = |mark: bool| marks.iter().filter(|m| **m == Some(mark)).count();
        let (n_coded, n_uncoded) = (of(true), of(false));
        let difference = self.difference(marks.iter().copied());
        let reason = match (self.residuals.is_some(), n_coded, n_uncoded) {
            (false, ..) => Some(Uninformative::TooFew),
            (_, 0, _) => Some(Uninformative::NeverPresent),
            (_, _, 0) => Some(Uninformative::AlwaysPresent),
            _ => None,
        };
        let rank = difference.map(|observed| {
            let shifts = (0..marks.len()).map(|by| self.difference(rotated(&marks, by)));
            let as_large = |shift: &Option<f64>| shift.is_some_and(|d| d.abs() >= observed.abs() - ROUNDING);
            (shifts.filter(as_large).count(), marks.len())
        });
        let pairs = self.pairs(&marks);
        DyadEffect {
            n_coded,
            n_uncoded,
            difference,
            nap: (reason.is_none() && pairs.1 > 0.0).then(|| pairs.0 / pairs.1),
            rank,
            reason,
        }
    }

    /// Pairs in which the coded session is lower, ties half; and pairs.
    fn pairs(&self, marks: &[Option<bool>]) -> (f64, f64) {
        let of = |mark: bool| {
            let pairs = self.scores.iter().zip(marks).filter(move |(_, m)| **m == Some(mark));
            pairs.map(|(score, _)| *score).collect::<Vec<f64>>()
        };
        let (with, without) = (of(true), of(false));
        let lower: f64 = with
            .iter()
            .flat_map(|coded| without.iter().map(move |other| other - coded))
            .map(|ahead| {
                if ahead > ROUNDING {
                    1.0
                } else if ahead < -ROUNDING {
                    0.0
                } else {
                    0.5
                }
            })
            .sum();
        (lower, (with.len() * without.len()) as f64)
    }
}

/// A series moved on by some places, its end coming first.
pub(super) fn rotated(marks: &[Option<bool>], by: usize) -> impl Iterator<Item = Option<bool>> + '_ {
    let n = marks.len();
    (0..n).map(move |at| marks[(at + n - by) % n])
}

fn effect(code: usize, own: &[Overlap<'_>], config: &EventsConfig) -> EventEffect {
    let dyads: Vec<DyadEffect> = own.iter().map(|overlap| overlap.effect(code)).collect();
    let differences: Vec<f64> = dyads.iter().filter_map(|dyad| dyad.difference).collect();
    let informative = || own.iter().zip(&dyads).filter(|(_, dyad)| dyad.reason.is_none());
    let (lower, pairs) = informative()
        .map(|(overlap, _)| overlap.pairs(&overlap.marks(code)))
        .fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
    EventEffect {
        code,
        lag: config.lag,
        difference: pooled(&differences, config, code),
        nap: if pairs > 0.0 { Estimate::point(lower / pairs) } else { Estimate::none(Reason::TooFew) },
        lower_in: differences.iter().filter(|d| **d > ROUNDING).count(),
        informative: differences.len(),
        n_coded: dyads.iter().map(|dyad| dyad.n_coded).sum(),
        n_uncoded: dyads.iter().map(|dyad| dyad.n_uncoded).sum(),
        dyads,
        exchange: None,
        shift: None,
    }
}

/// The mean over dyads, with a percentile interval from resampled dyads where there are enough of them.
fn pooled(differences: &[f64], config: &EventsConfig, code: usize) -> Estimate {
    let n = differences.len();
    if n == 0 {
        return Estimate::none(Reason::TooFew);
    }
    let estimate = Estimate::point(mean(differences));
    if n < LEAST_BOOTSTRAP || config.bootstrap == 0 {
        return estimate.because(Reason::TooFewClusters);
    }
    let mut chance = Stream::new(config.seed, BOOTSTRAP_STREAM + code as u64);
    let mut means: Vec<f64> = (0..config.bootstrap)
        .map(|_| (0..n).map(|_| differences[chance.below(n as u64) as usize]).sum::<f64>() / n as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - config.level);
    let limits = (quantile(&means, tail), quantile(&means, 1.0 - tail));
    estimate.with_interval("bootstrap_percentile", config.level, limits.0, limits.1)
}

/// Apart from the streams of the arrangements.
const BOOTSTRAP_STREAM: u64 = 1 << 40;

/// The quantile of sorted values (R type 7).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let below = libm::floor(place) as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
