//! What was coded between a rupture and its repair: counts, without a test.

use serde_json::{Value as Json, json};

use super::super::model::{Column, Table, Value};
use super::coded::Coded;
use super::follow::Followed;
use crate::session::Outcome;

/// Coded sessions of the ruptures of one role on one scale: before a repair, and before none.
pub(super) struct Stretches {
    scale: usize,
    role: Option<String>,
    /// For each code, sessions with it: before a repair, before none.
    with: Vec<[u64; 2]>,
    /// All coded sessions: before a repair, before none.
    sessions: [u64; 2],
}

/// Coded sessions from the lowest one of a rupture up to the last before its repair, or up to the end where there was none. A
/// session that lies in two ruptures counts once, before a repair if either was repaired.
pub(super) fn stretches(followed: &Followed<'_>, coded: &Coded) -> Vec<Stretches> {
    let mut found: Vec<Stretches> = Vec::new();
    for group in &followed.groups {
        for member in &group.members {
            let course = &followed.courses[member.course];
            let known = |own: &Stretches| own.scale == group.scale && own.role == course.role;
            let at = found.iter().position(known).unwrap_or_else(|| {
                let with = vec![[0; 2]; coded.codes.len()];
                found.push(Stretches {
                    scale: group.scale,
                    role: course.role.clone(),
                    with,
                    sessions: [0; 2],
                });
                found.len() - 1
            });
            let Some(codes) = coded.of_dyad(&course.dyad) else { continue };
            let episodes = || {
                let all = followed.leading(member).into_iter().flat_map(|found| &found.episodes);
                all.filter(|episode| !episode.worker_changed)
            };
            for session in &codes.sessions {
                let holds = |episode: &&crate::session::Episode| {
                    (episode.trough..episode.repair.unwrap_or(i64::MAX)).contains(session)
                };
                let Some(first) = episodes().find(holds) else { continue };
                let repaired = first.outcome == Outcome::Repaired
                    || episodes().filter(holds).any(|episode| episode.outcome == Outcome::Repaired);
                let side = usize::from(!repaired);
                found[at].sessions[side] += 1;
                for (code, with) in found[at].with.iter_mut().enumerate() {
                    with[side] += u64::from(codes.get(code, *session) == Some(true));
                }
            }
        }
    }
    found
}

/// The counts; roles and scales without such a session are left out.
pub(super) fn table(followed: &Followed<'_>, coded: &Coded, found: &[Stretches]) -> Option<Table> {
    let mut table = Table::new(
        "before_repairs",
        vec![
            Column::new("scale", "Scale"),
            Column::new("role", "Role"),
            Column::new("code", "Code"),
            Column::new("before_repair", "Before a repair"),
            Column::new("before_none", "Before none"),
            Column::hidden("repair_sessions"),
            Column::hidden("none_sessions"),
        ],
    );
    table.columns[0].shown = followed.following.scales.len() > 1;
    for own in found.iter().filter(|own| own.sessions != [0, 0]) {
        for (code, with) in own.with.iter().enumerate().filter(|(_, with)| **with != [0, 0]) {
            let of = |side: usize| match own.sessions[side] {
                0 => Value::Empty,
                all => Value::text(format!("{} of {all}", with[side])),
            };
            table.rows.push(vec![
                Value::text(followed.scale_id(own.scale)),
                own.role.clone().map_or(Value::Empty, Value::Text),
                Value::text(&coded.codes[code]),
                of(0),
                of(1),
                Value::count(own.sessions[0]),
                Value::count(own.sessions[1]),
            ]);
        }
    }
    table.title = Some("What was coded between a rupture and its repair".to_owned());
    table.notes.push(format!(
        "Coded sessions from the lowest one of a rupture up to the last before its repair, or up to the end where there was none; ruptures by {}. Codes in none of them are left out. Counts, without a test.",
        followed.leading_id()
    ));
    (!table.rows.is_empty()).then_some(table)
}

/// The counts as data, with those codes that are in none.
pub(super) fn results(followed: &Followed<'_>, coded: &Coded, found: &[Stretches]) -> Json {
    let one = |own: &Stretches| {
        let code = |(code, with): (usize, &[u64; 2])| {
            json!({
                "scale": followed.scale_id(own.scale),
                "role": own.role,
                "code": coded.codes[code],
                "before_repair": { "coded": with[0], "sessions": own.sessions[0] },
                "before_none": { "coded": with[1], "sessions": own.sessions[1] },
            })
        };
        own.with.iter().enumerate().map(code).collect::<Vec<_>>()
    };
    Json::Array(found.iter().flat_map(one).collect())
}
