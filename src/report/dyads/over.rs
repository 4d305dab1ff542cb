//! Two roles over the sessions: tables and sentences.

use super::found::{OverSessions, PairLine};
use super::picture::{Level, points};
use crate::dyad::{Drift, TruthBias};
use crate::nested::FixedEffect;
use crate::report::format::{Kind, number, plural};
use crate::report::model::{Block, Column, Table, Value};
use crate::report::reliability_tables::limits;
use crate::statistic::StatError;

/// The congruence of each dyad over its sessions.
pub fn congruence(line: &PairLine<'_>, over: &OverSessions, dyads: &[String], most: usize) -> Table {
    let level = format!("{} % CI", 100.0 * over.congruence.within.level.unwrap_or(0.95));
    let columns = vec![
        Column::hidden("roles"),
        Column::hidden("scale"),
        Column::new("dyad", "Dyad"),
        Column::new("pairs", "Sessions"),
        Column::new("mean_difference", "Mean difference"),
        Column::new("distance_slope", "Distance, by session"),
        Column::new("r_raw", "r"),
        Column::new("r_raw_ci", level.clone()),
        Column::new("r_detrended", "r without trends"),
        Column::new("r_detrended_ci", level),
        Column::new("reason", ""),
    ];
    let mut table = Table::new("congruence", columns);
    let slopes = over.drift[0].as_ref().map(|drift| drift.slopes.clone()).unwrap_or_default();
    let rows = over.dyads.iter().zip(&over.sessions).zip(&over.congruence.dyads);
    for (at, ((dyad, sessions), found)) in rows.enumerate().take(most) {
        let mean = sessions.iter().map(|at| at.difference()).sum::<f64>() / sessions.len() as f64;
        let reason = found.raw.reason.or(found.detrended.reason);
        table.rows.push(vec![
            Value::text(line.pair.direction()),
            Value::text(&line.id),
            Value::text(&dyads[*dyad]),
            Value::count(found.sessions as u64),
            Value::Number(mean, Kind::Score),
            Value::number(slopes.get(at).copied().flatten(), Kind::Score),
            Value::number(found.raw.estimate, Kind::Bounded),
            limits(found.raw.lower, found.raw.upper, Kind::Bounded),
            Value::number(found.detrended.estimate, Kind::Bounded),
            limits(found.detrended.lower, found.detrended.upper, Kind::Bounded),
            reason.map_or(Value::Empty, |reason| Value::text(reason.words())),
        ]);
    }
    table.notes.push("r: do the two scores of a dyad rise and fall together over its sessions? Without trends: after each side's straight line, so that two that merely both grow do not count as together. With few sessions look at the limits.".to_owned());
    table
}

/// The congruence of all dyads, in words.
pub fn together(over: &OverSessions) -> String {
    let found = &over.congruence;
    let put = |name: &str, pooled: &crate::dyad::Pooled| {
        let Some(r) = pooled.fisher.estimate else { return format!("{name}: none") };
        let limits = match (pooled.fisher.lower, pooled.fisher.upper) {
            (Some(low), Some(high)) => {
                format!(" [{}, {}]", number(low, Kind::Bounded), number(high, Kind::Bounded))
            }
            _ => String::new(),
        };
        let of = plural(pooled.dyads as u64, "dyad", "dyads");
        format!("{name} {}{limits} over {of}, {} above 0", number(r, Kind::Bounded), pooled.positive)
    };
    let one = |name: &str, r: Option<f64>| {
        r.map_or(String::new(), |r| format!(" {name} {}.", number(r, Kind::Bounded)))
    };
    format!(
        "Together: {}; {}.{}{}",
        put("mean r", &found.raw),
        put("without trends", &found.detrended),
        one("Within dyads, all sessions pooled: r", found.within.estimate),
        one("Between the dyads' means: r", found.between.estimate)
    )
}

/// Truth and bias, and the drift of the distance and of the difference.
pub fn models(lines: &[&PairLine<'_>], level: f64) -> Table {
    let columns = vec![
        Column::hidden("roles"),
        Column::new("scale", "Scale"),
        Column::new("model", "Model"),
        Column::new("effect", "Effect"),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", format!("{} % CI", 100.0 * level)),
        Column::new("t", "t"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("status", ""),
    ];
    let mut table = Table::new("within_dyads", columns);
    for line in lines {
        let Some(over) = &line.over else { continue };
        let [a, b] = &line.pair.roles;
        let mut push = |model: &str, effect: &str, found: Option<&FixedEffect>, status: &str| {
            let Some(found) = found else { return };
            table.rows.push(vec![
                Value::text(line.pair.direction()),
                Value::text(&line.id),
                Value::text(model),
                Value::text(effect),
                Value::number(found.estimate, Kind::Score),
                limits(found.lower, found.upper, Kind::Score),
                Value::number(found.t, Kind::Score),
                Value::number(found.df, Kind::Score),
                Value::number(found.p, Kind::P),
                Value::text(status),
            ]);
        };
        for (truth, judge, found) in [(a, b, &over.truth[0]), (b, a, &over.truth[1])] {
            let Ok(TruthBias { model, .. }) = found else { continue };
            let name = format!("{judge} judges {truth}");
            push(&name, "bias", model.effect("(Intercept)"), status(model));
            push(&name, "truth", model.effect("truth"), "");
        }
        for (name, found) in [("distance", &over.drift[0]), ("difference", &over.drift[1])] {
            let Ok(Drift { model, .. }) = found else { continue };
            push(name, "per session", model.effect("session"), status(model));
        }
    }
    table.notes.extend([
        "Judges: one side's score of a session as a judgement of the other's. Bias: how much higher the judge rates. Truth: how much the judgement follows, from session to session; 1 is point by point. Neither side is true in itself.".to_owned(),
        "Distance: of the two scores, whoever is higher; below 0 they come closer. Difference: first minus second. All from mixed models with a level of its own for each dyad; t with Satterthwaite's degrees of freedom.".to_owned(),
    ]);
    table
}

fn status(model: &crate::nested::Mixed) -> &'static str {
    match model.status {
        crate::nested::Status::Regular => "",
        crate::nested::Status::Singular => "dyads do not differ",
        crate::nested::Status::NotConverged => "not converged",
    }
}

/// The differences over the sessions, as a picture; the mean of each session beneath it.
pub fn picture(line: &PairLine<'_>, over: &OverSessions) -> Vec<Block> {
    let all: Vec<(f64, f64)> =
        over.sessions.iter().flatten().map(|at| (at.session, at.difference())).collect();
    let levels = [Level { at: 0.0, mark: '─', name: "no difference".to_owned() }];
    let name = format!("difference ({})", line.pair.direction());
    let mut blocks = vec![Block::Plain(points(&all, &levels, "session", &name))];
    let mut by_session: Vec<(f64, Vec<f64>)> = Vec::new();
    let mut sorted = all;
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (session, difference) in sorted {
        match by_session.last_mut() {
            Some((last, values)) if *last == session => values.push(difference),
            _ => by_session.push((session, vec![difference])),
        }
    }
    // Means that a line of the page holds; data formats have every pair.
    if by_session.len() <= 40 {
        let mean = |(session, values): &(f64, Vec<f64>)| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            format!("{session}: {} ({})", number(mean, Kind::Score), values.len())
        };
        let means: Vec<String> = by_session.iter().map(mean).collect();
        blocks.push(Block::Text(format!("Mean difference by session (dyads): {}.", means.join(", "))));
    }
    blocks
}

/// Why models of the sessions are not there.
pub fn refused(over: &OverSessions) -> Vec<(&'static str, &StatError, usize)> {
    let truth = over.truth.iter().find_map(|found| found.as_ref().err());
    let drift = over.drift.iter().find_map(|found| found.as_ref().err());
    let truth = truth.map(|error| ("truth and bias", error, over.needs[0]));
    let drift = drift.map(|error| ("the drift over the sessions", error, over.needs[1]));
    truth.into_iter().chain(drift).collect()
}
