//! Coded events beside scores, in tables.

use serde_json::{Value as Json, json};

use super::super::format::{Kind, plural};
use super::super::model::{Block, Column, Note, Section, Table, Value};
use super::coded::Coded;
use super::events_words::{LOWER_BY, under};
use super::follow::{Followed, Member};
use super::repairs;
use crate::session::{
    ArrangementTest, CodedSessions, Coverage, EventDyad, EventEffect, EventsConfig, events,
};

/// A code, role, scale and lag that were asked for before anybody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Primary {
    /// The code.
    pub code: String,
    /// The role.
    pub role: String,
    /// The scale.
    pub scale: String,
    /// The lag.
    pub lag: i64,
}

/// All codes beside the scores of one role on one scale at one lag.
pub(in crate::report) struct Run {
    pub scale: usize,
    pub role: Option<String>,
    pub lag: i64,
    /// The dyads, in the order of the effects' own.
    pub dyads: Vec<String>,
    pub effects: Vec<EventEffect>,
}

/// What codes have to do with scores.
pub(super) struct Beside<'a> {
    coded: &'a Coded,
    primary: Option<&'a Primary>,
    runs: Vec<Run>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(followed: &Followed<'_>, coded: &'a Coded, primary: Option<&'a Primary>) -> Beside<'a> {
        let mut runs = Vec::new();
        for scale in &followed.following.scales {
            let mut roles: Vec<Option<&str>> = Vec::new();
            for course in &followed.courses {
                let role = course.role.as_deref();
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            for role in roles {
                for lag in [0, 1, -1] {
                    runs.push(run(followed, coded, *scale, role, lag));
                }
            }
        }
        Beside { coded, primary, runs }
    }

    fn is_primary(&self, followed: &Followed<'_>, run: &Run, effect: &EventEffect) -> bool {
        self.primary.is_some_and(|primary| {
            primary.code == self.coded.codes[effect.code]
                && Some(&primary.role) == run.role.as_ref()
                && primary.scale == followed.scale_id(run.scale)
                && primary.lag == run.lag
        })
    }

    /// Whether the question asked beforehand is one of those that were put.
    pub(super) fn unmatched_primary(&self, followed: &Followed<'_>) -> bool {
        let any = |run: &Run| run.effects.iter().any(|effect| self.is_primary(followed, run, effect));
        self.primary.is_some() && !self.runs.iter().any(any)
    }

    /// The tables over all dyads; or, where some dyads are shown large, those dyads' own differences.
    pub(super) fn section(&self, followed: &Followed<'_>, show: &[String]) -> Section {
        let mut blocks = vec![Block::Text(self.preface())];
        if show.is_empty() {
            for run in self.runs.iter().filter(|run| run.lag == 0) {
                blocks.push(Block::Table(self.table(followed, run)));
            }
            blocks.push(Block::Table(self.lagged(followed)));
            let stretches = repairs::stretches(followed, self.coded);
            blocks.extend(repairs::table(followed, self.coded, &stretches).map(Block::Table));
        } else {
            blocks.push(Block::Table(self.of_dyads(followed, show)));
        }
        Section { id: "events", title: Some("Codes beside scores".to_owned()), blocks }
    }

    fn preface(&self) -> String {
        let dyads = self.runs.iter().map(|run| run.dyads.len()).max().unwrap_or(0);
        let asked = match self.primary {
            Some(primary) => format!(
                "Asked beforehand: {} beside {} of the {}, lag {}; all else is exploratory.",
                primary.code, primary.scale, primary.role, primary.lag
            ),
            None => "No question was named beforehand (--primary), so all of this is exploratory.".to_owned(),
        };
        format!(
            "Are sessions with a code lower than sessions without it, within the same dyad? {}, each with its own line taken out. {asked}",
            plural(dyads as u64, "dyad", "dyads")
        )
    }

    fn table(&self, followed: &Followed<'_>, run: &Run) -> Table {
        let mut table = Table::new(
            "events",
            vec![
                Column::hidden("scale"),
                Column::hidden("role"),
                Column::hidden("lag"),
                Column::new("code", "Code"),
                Column::new("n_coded", "With"),
                Column::new("n_uncoded", "Without"),
                Column::new("difference", "Lower by"),
                Column::new("difference_ci", "95 % CI"),
                Column::new("lower_in", "Lower in"),
                Column::new("nap", "NAP"),
                Column::new("p", "p"),
                Column::new("p_corrected", "p corr."),
                Column::new("smallest_p", "Least p"),
                Column::new("p_shift", "p shift"),
                Column::new("asked", "Asked"),
            ],
        );
        for effect in &run.effects {
            let main = effect.exchange.as_ref().or(effect.shift.as_ref());
            let p = |test: Option<&ArrangementTest>, of: fn(&ArrangementTest) -> Option<f64>| {
                Value::number(test.and_then(of), Kind::P)
            };
            let lower = match effect.informative {
                0 => Value::Empty,
                n => Value::text(format!("{} of {n}", effect.lower_in)),
            };
            table.rows.push(vec![
                Value::text(followed.scale_id(run.scale)),
                run.role.clone().map_or(Value::Empty, Value::Text),
                Value::Number(run.lag as f64, Kind::Exact),
                Value::text(&self.coded.codes[effect.code]),
                Value::count(effect.n_coded as u64),
                Value::count(effect.n_uncoded as u64),
                Value::number(effect.difference.estimate, Kind::Score),
                effect
                    .difference
                    .lower
                    .zip(effect.difference.upper)
                    .map_or(Value::Empty, |(low, high)| Value::Pair([low, high], Kind::Score)),
                lower,
                Value::number(effect.nap.estimate, Kind::Bounded),
                p(main, |test| test.p),
                p(main, |test| test.p_corrected),
                p(main, |test| test.smallest_p),
                p(effect.exchange.as_ref().and(effect.shift.as_ref()), |test| test.p),
                if self.is_primary(followed, run, effect) { Value::text("beforehand") } else { Value::Empty },
            ]);
        }
        table.title = Some(title(followed, run));
        table.notes = under(&run.dyads, &run.effects, &self.coded.codes);
        table
    }

    /// The differences within single dyads.
    fn of_dyads(&self, followed: &Followed<'_>, show: &[String]) -> Table {
        let mut table = Table::new(
            "events_of_dyads",
            vec![
                Column::new("dyad", "Dyad"),
                Column::new("scale", "Scale"),
                Column::new("role", "Role"),
                Column::new("code", "Code"),
                Column::new("n_coded", "With"),
                Column::new("n_uncoded", "Without"),
                Column::new("difference", "Lower by"),
                Column::new("nap", "NAP"),
            ],
        );
        for dyad in show {
            for run in self.runs.iter().filter(|run| run.lag == 0) {
                let Some(at) = run.dyads.iter().position(|own| own == dyad) else { continue };
                for effect in run.effects.iter().filter(|effect| effect.dyads[at].n_coded > 0) {
                    let own = &effect.dyads[at];
                    table.rows.push(vec![
                        Value::text(dyad),
                        Value::text(followed.scale_id(run.scale)),
                        run.role.clone().map_or(Value::Empty, Value::Text),
                        Value::text(&self.coded.codes[effect.code]),
                        Value::count(own.n_coded as u64),
                        Value::count(own.n_uncoded as u64),
                        Value::number(own.difference, Kind::Score),
                        Value::number(own.nap, Kind::Bounded),
                    ]);
                }
            }
        }
        table.notes = vec![format!(
            "{LOWER_BY} One dyad allows no verdict; without --show the report tests all dyads together. Codes that no session of the dyad has are left out."
        )];
        table
    }

    /// The same with the score one session later and one session earlier.
    fn lagged(&self, followed: &Followed<'_>) -> Table {
        let mut table = Table::new(
            "events_lagged",
            vec![
                Column::new("scale", "Scale"),
                Column::new("role", "Role"),
                Column::new("code", "Code"),
                Column::new("before", "Before: lower by"),
                Column::new("before_p", "p"),
                Column::new("before_p_corrected", "p corr."),
                Column::new("after", "After: lower by"),
                Column::new("after_p", "p"),
                Column::new("after_p_corrected", "p corr."),
            ],
        );
        for run in self.runs.iter().filter(|run| run.lag == -1) {
            let same = |other: &&Run| other.lag == 1 && other.role == run.role && other.scale == run.scale;
            let Some(later) = self.runs.iter().find(same) else { continue };
            let pairs = run.effects.iter().zip(&later.effects);
            for (before, after) in pairs.filter(|(a, b)| a.informative + b.informative > 0) {
                let mut row = vec![
                    Value::text(followed.scale_id(run.scale)),
                    run.role.clone().map_or(Value::Empty, Value::Text),
                    Value::text(&self.coded.codes[before.code]),
                ];
                for effect in [before, after] {
                    let test = effect.exchange.as_ref().or(effect.shift.as_ref());
                    row.push(Value::number(effect.difference.estimate, Kind::Score));
                    row.push(Value::number(test.and_then(|test| test.p), Kind::P));
                    row.push(Value::number(test.and_then(|test| test.p_corrected), Kind::P));
                }
                table.rows.push(row);
            }
        }
        table.title = Some("The session before a code, and the session after".to_owned());
        table.notes.push("Before: is the score lower one session before the code? After: one session after it? Pairs across a missing session number are left out.".to_owned());
        table
    }

    pub(super) fn results(&self, followed: &Followed<'_>) -> Vec<Json> {
        let mut results = Vec::new();
        for run in &self.runs {
            for effect in &run.effects {
                let head = |scope: &str| {
                    json!({
                        "code": self.coded.codes[effect.code],
                        "scale": followed.scale_id(run.scale),
                        "role": run.role,
                        "scope": scope,
                        "lag": run.lag,
                    })
                };
                let asked = if self.is_primary(followed, run, effect) { "beforehand" } else { "exploratory" };
                for test in [&effect.exchange, &effect.shift].into_iter().flatten() {
                    let mut entry = head("pooled");
                    entry["test"] = json!(test.test);
                    entry["assumes"] = json!(test.assumes);
                    entry["asked"] = json!(asked);
                    entry["difference"] = json!(effect.difference);
                    entry["nap"] = json!(effect.nap.estimate);
                    entry["p"] = json!(test.p);
                    entry["p_corrected"] = json!(test.p_corrected);
                    entry["smallest_p"] = json!(test.smallest_p);
                    entry["arrangements"] = json!(test.arrangements);
                    entry["coverage"] = json!(test.coverage);
                    entry["dyads"] = json!(test.dyads);
                    entry["lower_in"] = json!([effect.lower_in, effect.informative]);
                    entry["n_coded"] = json!(effect.n_coded);
                    entry["n_uncoded"] = json!(effect.n_uncoded);
                    results.push(entry);
                }
                for (dyad, own) in run.dyads.iter().zip(&effect.dyads) {
                    let mut entry = head(dyad);
                    entry["difference"] = json!({ "estimate": own.difference });
                    entry["nap"] = json!(own.nap);
                    entry["rank"] = json!(own.rank);
                    entry["n_coded"] = json!(own.n_coded);
                    entry["n_uncoded"] = json!(own.n_uncoded);
                    entry["reason"] = json!(own.reason);
                    results.push(entry);
                }
            }
        }
        results
    }

    /// Counts of codes between ruptures and repairs.
    pub(super) fn repairs_results(&self, followed: &Followed<'_>) -> Json {
        repairs::results(followed, self.coded, &repairs::stretches(followed, self.coded))
    }

    /// What does not match, and what the tests assume where they are shown.
    pub(super) fn notes(&self, followed: &Followed<'_>, show: &[String]) -> Vec<Note> {
        let mut notes = self.coded.notes(followed);
        if !show.is_empty() {
            return notes;
        }
        let run = self.runs.iter().max_by_key(|run| run.dyads.len());
        let tests = run.and_then(|run| run.effects.first());
        if let Some(test) = tests.and_then(|effect| effect.exchange.as_ref()) {
            let least =
                if test.coverage == Coverage::All { ", all there are" } else { ", drawn with the seed" };
            let text = format!(
                "p: whole code series are exchanged between {} ({} arrangements{least}); it holds its level under a course that dyads share, and assumes that {}. With missing sessions or unequal lengths it is cautious",
                plural(test.dyads as u64, "dyad", "dyads"),
                test.arrangements,
                test.assumes
            );
            notes.push(Note::new("exchange", text));
        }
        if let Some(test) = tests.and_then(|effect| effect.shift.as_ref()) {
            let exchanged = tests.is_some_and(|effect| effect.exchange.is_some());
            let text = match exchanged {
                true => format!("p shift: codes are shifted within each dyad; it assumes {}", test.assumes),
                false => format!(
                    "p: with under five dyads codes are shifted within each dyad ({} arrangements{}); it assumes {}, and rejects too often where dyads share one",
                    test.arrangements,
                    if test.coverage == Coverage::All { ", all there are" } else { ", drawn with the seed" },
                    test.assumes
                ),
            };
            notes.push(Note::new("circular_shift", text));
        }
        notes
    }
}

/// Puts every code of a file beside the scores of one role.
pub(in crate::report) fn run(
    followed: &Followed<'_>,
    coded: &Coded,
    scale: usize,
    role: Option<&str>,
    lag: i64,
) -> Run {
    let nothing = CodedSessions::default();
    let mut dyads: Vec<(&str, &Member, &CodedSessions)> = Vec::new();
    for (at, course) in
        followed.courses.iter().enumerate().filter(|(_, course)| course.role.as_deref() == role)
    {
        if let Some((_, member)) = followed.member(at, scale) {
            dyads.push((&course.dyad, member, coded.of_dyad(&course.dyad).unwrap_or(&nothing)));
        }
    }
    dyads.retain(|(_, _, coded)| !coded.sessions.is_empty());
    let input: Vec<EventDyad<'_>> =
        dyads.iter().map(|(_, member, coded)| EventDyad { scores: &member.series, coded }).collect();
    let config = EventsConfig { lag, seed: followed.following.seed, ..EventsConfig::default() };
    Run {
        scale,
        role: role.map(str::to_owned),
        lag,
        effects: events(&input, coded.codes.len(), &config),
        dyads: dyads.iter().map(|(dyad, ..)| (*dyad).to_owned()).collect(),
    }
}

fn title(followed: &Followed<'_>, run: &Run) -> String {
    let scale = followed.scale_id(run.scale);
    run.role.as_ref().map_or(scale.to_owned(), |role| format!("{scale}, {role}"))
}
