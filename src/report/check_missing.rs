//! Who left answers out, and in which sessions: tables of the report of `check`.

use super::format::plural;
use super::model::{Block, Column, Kind, Section, Table, Value};
use crate::audit::{Attendance, InformantMissing, SessionMissing};

/// More lines than this are in JSON alone.
const SHOWN: usize = 10;

/// The section, where some answer is missing.
pub(super) fn missing(attendance: &Attendance) -> Option<Section> {
    let gappy: Vec<&SessionMissing> =
        attendance.sessions.iter().filter(|session| session.missing > 0).collect();
    let tables: Vec<Block> = [by_informant(attendance), by_session(gappy)].into_iter().flatten().collect();
    let title = Some("Missing answers, by who and when".to_owned());
    (!tables.is_empty()).then_some(Section { id: "missing", title, blocks: tables })
}

fn by_informant(attendance: &Attendance) -> Option<Block> {
    let of = &attendance.informants_missing;
    let has_roles = of.iter().any(|informant| informant.role.is_some());
    let mut table = Table::new(
        "missing_by_informant",
        vec![
            Column::new("unit", capital(attendance.unit)),
            Column::new("role", if has_roles { "Role" } else { "" }),
            Column::new("rows", "Rows"),
            Column::new("missing", "Missing"),
            Column::new("share", "Share %"),
        ],
    );
    table.rows.extend(of.iter().take(SHOWN).map(informant_row));
    let n = attendance.informants_with_missing;
    let left_out = if n == 1 { "left some answer out" } else { "left some answers out" };
    let listed = if n > SHOWN as u64 {
        format!("; the {SHOWN} with the largest share are listed")
    } else {
        String::new()
    };
    table.notes.push(format!(
        "{} of {} {left_out}{listed}.",
        n,
        plural(attendance.informants, "informant", "informants")
    ));
    (!of.is_empty()).then_some(Block::Table(table))
}

fn informant_row(informant: &InformantMissing) -> Vec<Value> {
    let text = |text: &Option<String>| text.as_ref().map_or(Value::Empty, Value::text);
    vec![
        text(&informant.unit),
        text(&informant.role),
        Value::count(informant.rows),
        Value::count(informant.missing),
        Value::Number(informant.share, Kind::Percent),
    ]
}

/// The sessions with the largest shares, in the order of time.
fn by_session(mut gappy: Vec<&SessionMissing>) -> Option<Block> {
    let mut table = Table::new(
        "missing_by_session",
        vec![
            Column::new("session", "Session"),
            Column::new("rows", "Rows"),
            Column::new("missing", "Missing"),
            Column::new("share", "Share %"),
        ],
    );
    if gappy.len() > SHOWN {
        table.notes.push(format!(
            "{} have missing answers; the {SHOWN} with the largest share are listed.",
            plural(gappy.len() as u64, "session", "sessions")
        ));
        let mut shares: Vec<f64> = gappy.iter().map(|session| session.share).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        let mut room = SHOWN - shares.iter().filter(|share| **share > shares[SHOWN - 1]).count();
        gappy.retain(|session| match session.share.total_cmp(&shares[SHOWN - 1]) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => {
                let kept = room > 0;
                room = room.saturating_sub(1);
                kept
            }
        });
    }
    table.rows.extend(gappy.iter().map(|session| {
        vec![
            Value::text(&session.session),
            Value::count(session.rows),
            Value::count(session.missing),
            Value::Number(session.share, Kind::Percent),
        ]
    }));
    (!table.rows.is_empty()).then_some(Block::Table(table))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
