//! The results of `dyads` as data.

use serde_json::{Value as Json, json};

use super::DyadsAsked;
use super::found::{OutcomeFound, OverSessions, PairLine};
use super::members::{Members, RolePair};
use crate::report::study::Study;
use crate::responses::Key;
use crate::statistic::StatError;

fn forms(study: &Study, pair: &RolePair) -> Json {
    json!(pair.forms.map(|form| study.form_name(form)))
}

/// Who pairs, and who does not and why.
pub fn pairing(study: &Study, members: &Members, pair: &RolePair) -> Json {
    let sample = &study.sample;
    let unit = [Key::Dyad, Key::Person, Key::Family].into_iter().find_map(|key| sample.key(key));
    let word = |key: Key, row: usize| sample.key(key).map(|words| words.get(row));
    let unpaired = |(row, why): &(usize, crate::dyad::Unpaired)| {
        json!({
            "dyad": unit.map(|words| words.get(*row)),
            "role": word(Key::Role, *row),
            "session": word(Key::Session, *row),
            "line": sample.line(*row).1,
            "reason": why,
        })
    };
    json!({
        "roles": pair.roles,
        "forms": forms(study, pair),
        "dyads": members.dyads.len(),
        "dyads_paired": pair.pairing.dyads(),
        "pairs": pair.pairing.pairs.len(),
        "on_occasion": pair.chosen.len(),
        "unpaired": pair.pairing.unpaired.iter().map(unpaired).collect::<Vec<_>>(),
    })
}

/// One scale of two roles.
pub fn line(study: &Study, members: &Members, line: &PairLine<'_>, asked: &DyadsAsked) -> Json {
    let moments = &line.moments;
    let known = moments.n > 0;
    let sd = |side: usize| (moments.n > 1).then(|| libm::sqrt(moments.variances[side]));
    let dyad = |at: usize| &members.dyads[at];
    let profile = |(at, found): &(usize, crate::dyad::ProfileSimilarity)| {
        let mut one = json!(found);
        one["dyad"] = json!(dyad(*at));
        one
    };
    json!({
        "roles": line.pair.roles,
        "forms": forms(study, line.pair),
        "scale": line.id,
        "occasion": asked.occasion.id(),
        "n": moments.n,
        "without_score": line.without_score,
        "means": known.then_some(moments.means),
        "sds": [sd(0), sd(1)],
        "r": line.r,
        "difference": line.difference,
        "limits": line.limits,
        "icc": line.icc.as_ref().map(|icc| &icc.forms),
        "concordance": line.concordance,
        "double_entry": line.double_entry,
        "profiles": line.profiles.as_ref().map(|all| all.iter().map(profile).collect::<Vec<_>>()),
        "over_sessions": line.over.as_ref().map(|found| over(members, line, found)),
        "outcome": line.outcome.as_ref().map(|found| outcome(line, found)),
    })
}

fn over(members: &Members, line: &PairLine<'_>, over: &OverSessions) -> Json {
    let [a, b] = &line.pair.roles;
    let dyads: Vec<Json> = over
        .dyads
        .iter()
        .zip(&over.sessions)
        .zip(&over.congruence.dyads)
        .map(|((dyad, sessions), found)| {
            json!({ "dyad": members.dyads[*dyad], "sessions": sessions, "raw": found.raw, "detrended": found.detrended })
        })
        .collect();
    json!({
        "limits": over.limits,
        "congruence": {
            "dyads": dyads,
            "raw": over.congruence.raw,
            "detrended": over.congruence.detrended,
            "within": over.congruence.within,
            "between": over.congruence.between,
        },
        "truth_and_bias": [
            { "truth": a, "judge": b, "needs": over.needs[0], "found": found(&over.truth[0]), "reason": why(&over.truth[0]) },
            { "truth": b, "judge": a, "needs": over.needs[0], "found": found(&over.truth[1]), "reason": why(&over.truth[1]) },
        ],
        "drift": [
            { "of": "distance", "needs": over.needs[1], "found": found(&over.drift[0]), "reason": why(&over.drift[0]) },
            { "of": "difference", "needs": over.needs[1], "found": found(&over.drift[1]), "reason": why(&over.drift[1]) },
        ],
    })
}

fn outcome(line: &PairLine<'_>, of: &OutcomeFound) -> Json {
    let surface = |side: usize| {
        let result = &of.surfaces[side];
        json!({ "outcome_of": line.pair.roles[side], "needs": of.needs[1], "found": found(result), "reason": why(result) })
    };
    json!({
        "actor_partner": { "needs": of.needs[0], "found": found(&of.actor_partner), "reason": why(&of.actor_partner) },
        "response_surface": [surface(0), surface(1)],
    })
}

fn found<T: serde::Serialize>(result: &Result<T, StatError>) -> Json {
    result.as_ref().map_or(Json::Null, |found| json!(found))
}

fn why<T>(result: &Result<T, StatError>) -> Json {
    result.as_ref().err().map_or(Json::Null, |error| json!(error.reason))
}
