//! Effects of coded events, as reporting of single cases asks: raw scores and codes, an effect for each dyad, its range,
//! whether anything was randomised or masked (SCRIBE 2016, items on raw data and effects).

use serde_json::{Value as Json, json};

use super::PracticeAsked;
use super::texts::Texts;
use crate::report::format::Kind;
use crate::report::model::{Block, Column, Section, Table, Value};
use crate::report::sessions::{CodeRun, Coded, Followed, code_run};

/// The runs of all roles on all scales, in the same session.
fn runs(followed: &Followed<'_>, coded: &Coded) -> Vec<CodeRun> {
    let mut runs = Vec::new();
    for scale in &followed.following.scales {
        let mut roles: Vec<Option<&str>> = Vec::new();
        for course in &followed.courses {
            if !roles.contains(&course.role.as_deref()) {
                roles.push(course.role.as_deref());
            }
        }
        runs.extend(roles.into_iter().map(|role| code_run(followed, coded, *scale, role, 0)));
    }
    runs
}

/// The effects of each dyad, and the raw scores and codes behind them.
pub(super) fn section(
    followed: &Followed<'_>,
    coded: &Coded,
    asked: &PracticeAsked<'_>,
    shown: &[String],
    dyads: &[Vec<usize>],
) -> Section {
    let texts = Texts::of(asked.language);
    let runs = runs(followed, coded);
    let mut blocks = vec![Block::Text(texts.get("effects_intro"))];
    let design = [
        texts.say(
            "design_randomised",
            &[("text", &asked.randomised.map_or_else(|| texts.get("design_not_randomised"), str::to_owned))],
        ),
        texts.say(
            "design_masked",
            &[("text", &asked.masked.map_or_else(|| texts.get("design_not_masked"), str::to_owned))],
        ),
    ];
    blocks.push(Block::List(design.to_vec()));
    blocks.extend(runs.iter().map(|run| Block::Table(effects(followed, coded, run, asked, shown))));
    blocks.push(Block::Text(texts.get("effects_note")));
    blocks.extend(dyads.iter().filter_map(|dyad| raw(followed, coded, dyad, asked)).map(Block::Table));
    super::section("effects", texts.get("effects_heading"), blocks)
}

fn effects(
    followed: &Followed<'_>,
    coded: &Coded,
    run: &CodeRun,
    asked: &PracticeAsked<'_>,
    shown: &[String],
) -> Table {
    let texts = Texts::of(asked.language);
    let mut table = Table::new(
        "effects",
        vec![
            Column::new("code", texts.get("effects_code")),
            Column::new("dyad", texts.get("effects_dyad")),
            Column::new("with", texts.get("effects_with")),
            Column::new("without", texts.get("effects_without")),
            Column::new("lower_by", texts.get("effects_lower")),
            Column::new("nap", texts.get("effects_nap")),
            Column::new("lowest", texts.get("effects_lowest")),
            Column::new("highest", texts.get("effects_highest")),
        ],
    );
    let role = run.role.as_deref().map_or(String::new(), |role| texts.role(role));
    let title = [texts.scale(followed.study, run.scale), role].into_iter().filter(|text| !text.is_empty());
    table.title = Some(title.collect::<Vec<_>>().join(", "));
    for effect in &run.effects {
        // A page about some dyads tells nothing of the others.
        let own: Vec<_> =
            run.dyads.iter().zip(&effect.dyads).filter(|(name, _)| shown.contains(name)).collect();
        let found = || own.iter().filter_map(|(_, dyad)| dyad.difference);
        if found().next().is_none() {
            continue;
        }
        let (low, high) = found().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        for (at, (name, own)) in own.iter().enumerate() {
            let code = asked.code(&coded.codes[effect.code]);
            table.rows.push(vec![
                if at == 0 { Value::text(code) } else { Value::Empty },
                Value::text(*name),
                Value::count(own.n_coded as u64),
                Value::count(own.n_uncoded as u64),
                Value::number(own.difference, Kind::Score),
                Value::number(own.nap, Kind::Bounded),
                if at == 0 { Value::Number(low, Kind::Score) } else { Value::Empty },
                if at == 0 { Value::Number(high, Kind::Score) } else { Value::Empty },
            ]);
        }
    }
    table
}

/// Scores and codes of a dyad, session by session.
fn raw(followed: &Followed<'_>, coded: &Coded, dyad: &[usize], asked: &PracticeAsked<'_>) -> Option<Table> {
    let texts = Texts::of(asked.language);
    let name = followed.courses[dyad[0]].dyad.as_str();
    let codes = coded.of_dyad(name)?;
    let scale = *followed.following.scales.first()?;
    let members: Vec<_> = dyad.iter().filter_map(|at| Some(followed.member(*at, scale)?.1)).collect();
    // A column of data formats has a fixed name; so many informants a dyad may have on a page.
    let ids = ["score_1", "score_2", "score_3", "score_4"];
    let mut columns = vec![Column::new("session", texts.get("raw_session"))];
    for (id, member) in ids.into_iter().zip(&members) {
        let role = followed.courses[member.course].role.as_deref().map(|role| texts.role(role));
        columns.push(Column::new(id, role.unwrap_or_else(|| texts.get("head_score"))));
    }
    columns.push(Column::new("codes", texts.get("raw_codes")));
    let mut table = Table::new("raw", columns);
    table.title = Some(texts.say("raw_title", &[("dyad", name)]));
    let mut sessions: Vec<i64> = members.iter().flat_map(|member| member.series.numbers()).copied().collect();
    sessions.extend(&codes.sessions);
    sessions.sort_unstable();
    sessions.dedup();
    for session in sessions {
        let mut row = vec![Value::Number(session as f64, Kind::Exact)];
        row.extend(
            members
                .iter()
                .take(ids.len())
                .map(|member| Value::number(member.series.score(session), Kind::Score)),
        );
        let given: Vec<String> = (0..coded.codes.len())
            .filter(|code| codes.get(*code, session) == Some(true))
            .map(|code| asked.code(&coded.codes[code]))
            .collect();
        row.push(match (codes.sessions.contains(&session), given.is_empty()) {
            (false, _) => Value::Empty,
            (true, true) => Value::text(texts.get("raw_none")),
            (true, false) => Value::text(given.join(", ")),
        });
        table.rows.push(row);
    }
    Some(table)
}

/// Everything, for programs.
pub(super) fn results(followed: &Followed<'_>, coded: &Coded, shown: &[String]) -> Json {
    let mut found = Vec::new();
    for run in runs(followed, coded) {
        for effect in &run.effects {
            for (dyad, own) in run.dyads.iter().zip(&effect.dyads).filter(|(name, _)| shown.contains(name)) {
                found.push(json!({
                    "code": coded.codes[effect.code],
                    "scale": followed.scale_id(run.scale),
                    "role": run.role,
                    "dyad": dyad,
                    "n_coded": own.n_coded,
                    "n_uncoded": own.n_uncoded,
                    "difference": own.difference,
                    "nap": own.nap,
                    "reason": own.reason,
                }));
            }
        }
    }
    Json::Array(found)
}
