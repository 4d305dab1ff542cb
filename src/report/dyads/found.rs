//! What is found about two roles on one scale.

use super::DyadsAsked;
use super::members::{Members, RolePair};
use crate::agreement::{
    Concordance, Icc, IccConfig, Limits, PairCorrelation, PairMoments, PairedDifference, concordance,
    double_entry, icc, limits_of_agreement, limits_over_sessions, pair_correlation, paired_difference,
};
use crate::dyad::{
    ActorPartner, ActorPartnerConfig, Center, Congruence, Drift, DriftConfig, Gap, Pair, ProfileSimilarity,
    Quartet, SessionPair, Surface, SurfaceConfig, Triple, TruthBias, TruthBiasConfig, actor_partner,
    congruence, drift, profile_similarity, response_surface, truth_and_bias,
};
use crate::report::study::Study;
use crate::scoring::Term;
use crate::statistic::{Estimate, StatError};

/// Two roles on one scale.
pub struct PairLine<'a> {
    /// The roles.
    pub pair: &'a RolePair,
    /// The scale, by its place in the plan.
    pub scale: usize,
    /// Its id.
    pub id: String,
    /// Dyads with both scores on the chosen occasion: dyad, first and second score.
    pub scores: Vec<(usize, f64, f64)>,
    /// Pairs on the occasion of which one has no score.
    pub without_score: usize,
    /// Means, variances, covariance.
    pub moments: PairMoments,
    /// The correlation.
    pub r: PairCorrelation,
    /// The mean difference.
    pub difference: PairedDifference,
    /// The limits of agreement.
    pub limits: Limits,
    /// The six forms; none with under two dyads.
    pub icc: Option<Icc>,
    /// Lin's coefficient.
    pub concordance: Concordance,
    /// The double-entry correlation.
    pub double_entry: Estimate,
    /// The likeness of the profiles over the items, dyad by dyad; none for scores that somebody else computed, or scales
    /// of under three items.
    pub profiles: Option<Vec<(usize, ProfileSimilarity)>>,
    /// Over the sessions; none where no dyad has two.
    pub over: Option<OverSessions>,
    /// What follows for an outcome.
    pub outcome: Option<OutcomeFound>,
}

/// Over the sessions of each dyad.
pub struct OverSessions {
    /// The dyads, by their places.
    pub dyads: Vec<usize>,
    /// Their sessions with both scores.
    pub sessions: Vec<Vec<SessionPair>>,
    /// The limits of agreement.
    pub limits: Limits,
    /// The congruence.
    pub congruence: Congruence,
    /// Truth and bias: the first is the truth and the second judges; and the other way round.
    pub truth: [Result<TruthBias, StatError>; 2],
    /// The drift of the distance, and of the difference.
    pub drift: [Result<Drift, StatError>; 2],
    /// How many dyads truth and bias needs, and the drift.
    pub needs: [usize; 2],
}

/// What follows for an outcome from the scores of both.
pub struct OutcomeFound {
    /// The actor–partner model.
    pub actor_partner: Result<ActorPartner, StatError>,
    /// The response surface for the outcome of the first, and of the second.
    pub surfaces: [Result<Surface, StatError>; 2],
    /// How many dyads the one needs, and the other.
    pub needs: [usize; 2],
}

/// Everything about two roles on one scale.
pub fn line<'a>(
    study: &Study,
    members: &Members,
    pair: &'a RolePair,
    scale: usize,
    asked: &DyadsAsked,
    outcome: Option<&[Option<f64>]>,
) -> PairLine<'a> {
    let value = |row: usize| study.sample.value(scale, row);
    let both = |pair: &Pair| Some((pair.dyad, value(pair.first)?, value(pair.second)?));
    let scores: Vec<(usize, f64, f64)> = pair.chosen.iter().filter_map(both).collect();
    let moments = PairMoments::of(&scores.iter().map(|(_, a, b)| (*a, *b)).collect::<Vec<_>>());
    let level = asked.level;
    PairLine {
        pair,
        scale,
        id: study.sample.plan.scales[scale].id.clone(),
        without_score: pair.chosen.len() - scores.len(),
        r: pair_correlation(&moments, level),
        difference: paired_difference(&moments, level),
        limits: limits_of_agreement(&moments, level),
        icc: moments.mean_squares().ok().map(|squares| icc(&squares, &IccConfig { level })),
        concordance: concordance(&moments, level),
        double_entry: double_entry(&moments),
        profiles: profiles(study, pair, scale),
        over: over_sessions(members, pair, &value, asked),
        outcome: outcome.map(|outcome| follows(pair, &value, outcome, asked)),
        scores,
        moments,
    }
}

fn profiles(study: &Study, pair: &RolePair, scale: usize) -> Option<Vec<(usize, ProfileSimilarity)>> {
    if study.is_of_scores() {
        return None;
    }
    let edition = |role: usize| study.sample.edition(scale, pair.forms[role]);
    let (first, second) = (edition(0)?, edition(1)?);
    let of = |term: &Term| second.terms.iter().find(|other| other.slot == term.slot);
    let terms: Vec<(&Term, &Term)> = first.terms.iter().filter_map(|term| Some((term, of(term)?))).collect();
    if terms.len() < 3 {
        return None;
    }
    let answer = |term: &Term, row: usize| study.sample.answer(term, row).map(|x| term.scored(x));
    let first: Vec<Vec<Option<f64>>> = pair
        .chosen
        .iter()
        .map(|pair| terms.iter().map(|(term, _)| answer(term, pair.first)).collect())
        .collect();
    let second: Vec<Vec<Option<f64>>> = pair
        .chosen
        .iter()
        .map(|pair| terms.iter().map(|(_, term)| answer(term, pair.second)).collect())
        .collect();
    let norm = |rows: &[Vec<Option<f64>>]| -> Option<Vec<f64>> {
        let mean = |item: usize| {
            let known: Vec<f64> = rows.iter().filter_map(|row| row[item]).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        };
        (0..terms.len()).map(mean).collect()
    };
    let norms = norm(&first).zip(norm(&second));
    let norms = norms.as_ref().map(|(a, b)| [a.as_slice(), b.as_slice()]);
    let rows = pair.chosen.iter().zip(first.iter().zip(&second));
    Some(rows.map(|(pair, (a, b))| (pair.dyad, profile_similarity(a, b, norms))).collect())
}

fn over_sessions(
    members: &Members,
    pair: &RolePair,
    value: &dyn Fn(usize) -> Option<f64>,
    asked: &DyadsAsked,
) -> Option<OverSessions> {
    let (mut dyads, mut sessions) = (Vec::new(), Vec::new());
    for pairs in pair.pairing.by_dyad() {
        let at = |pair: &Pair| {
            Some(SessionPair {
                session: pair.session,
                first: value(pair.first)?,
                second: value(pair.second)?,
            })
        };
        let own: Vec<SessionPair> = pairs.iter().filter_map(at).collect();
        if !own.is_empty() {
            dyads.push(pairs[0].dyad);
            sessions.push(own);
        }
    }
    if !sessions.iter().any(|own| own.len() > 1) {
        return None;
    }
    debug_assert!(dyads.iter().all(|dyad| *dyad < members.dyads.len()));
    let differences: Vec<Vec<f64>> =
        sessions.iter().map(|own| own.iter().map(SessionPair::difference).collect()).collect();
    let level = asked.level;
    let mixed = crate::nested::MixedConfig { level, ..Default::default() };
    let least = |default: Option<usize>| if asked.force { Some(2) } else { default };
    let truth = TruthBiasConfig { varies: asked.varies, least_dyads: least(None), mixed };
    let follow = |gap: Gap| {
        let default = DriftConfig::default().least_dyads;
        DriftConfig { gap, least_dyads: least(Some(default)).unwrap_or(default), mixed }
    };
    let turned: Vec<Vec<SessionPair>> = sessions
        .iter()
        .map(|own| {
            let turn = |at: &SessionPair| SessionPair { first: at.second, second: at.first, ..*at };
            own.iter().map(turn).collect()
        })
        .collect();
    Some(OverSessions {
        limits: limits_over_sessions(&differences, level),
        congruence: congruence(&sessions, level),
        truth: [truth_and_bias(&sessions, &truth), truth_and_bias(&turned, &truth)],
        drift: [drift(&sessions, &follow(Gap::Distance)), drift(&sessions, &follow(Gap::Difference))],
        needs: [truth.needs(), follow(Gap::Distance).least_dyads],
        dyads,
        sessions,
    })
}

fn follows(
    pair: &RolePair,
    value: &dyn Fn(usize) -> Option<f64>,
    outcome: &[Option<f64>],
    asked: &DyadsAsked,
) -> OutcomeFound {
    let number = |x: Option<f64>| x.unwrap_or(f64::NAN);
    let dyads: Vec<Quartet> = pair
        .chosen
        .iter()
        .map(|pair| Quartet {
            rating: [number(value(pair.first)), number(value(pair.second))],
            outcome: [number(outcome[pair.first]), number(outcome[pair.second])],
        })
        .collect();
    let default = ActorPartnerConfig::default();
    let model = ActorPartnerConfig {
        least_dyads: if asked.force { 4 } else { default.least_dyads },
        draws: asked.draws,
        seed: asked.seed,
        level: asked.level,
        ..default
    };
    let default = SurfaceConfig::default();
    let surface = SurfaceConfig {
        center: asked.center.map_or(Center::PooledMean, Center::At),
        least_dyads: if asked.force { 7 } else { default.least_dyads },
        level: asked.level,
    };
    let surfaces = [0, 1].map(|side: usize| {
        let triple = |dyad: &Quartet| Triple { rating: dyad.rating, outcome: dyad.outcome[side] };
        response_surface(&dyads.iter().map(triple).collect::<Vec<_>>(), &surface)
    });
    OutcomeFound {
        actor_partner: actor_partner(&dyads, &model),
        surfaces,
        needs: [model.least_dyads, surface.least_dyads],
    }
}
