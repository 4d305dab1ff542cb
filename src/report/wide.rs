//! How the columns of a wide file were understood.

use serde_json::{Value as Json, json};

use super::format::count;
use crate::responses::{Fold, Layout};

/// What the names of a wide file's columns say, for people; nothing for a file that is not wide.
pub(super) fn wide_facts(layout: &Layout) -> Vec<(String, String)> {
    if !layout.is_wide() {
        return Vec::new();
    }
    let fitting: usize = layout.folds.iter().map(|fold| fold.columns.iter().flatten().count()).sum();
    let patterns: Vec<String> = layout.patterns.iter().map(|pattern| format!("`{}`", pattern.text)).collect();
    let fits = format!(
        "{} of {} columns fit {}; a row unfolds into {}",
        count(fitting as u64),
        count(layout.names.len() as u64),
        patterns.join(" and "),
        count(layout.folds.len() as u64)
    );
    let mut facts = vec![("Wide".to_owned(), fits), ("Unfolds".to_owned(), groups(layout).join("; "))];
    let unused: Vec<&str> = layout.unused().collect();
    if !unused.is_empty() {
        let more = if unused.len() > 12 { format!(", … ({})", unused.len()) } else { String::new() };
        let names: Vec<&str> = unused.into_iter().take(12).collect();
        facts.push(("Not used".to_owned(), names.join(", ") + &more));
    }
    facts
}

/// The sessions, those with the same roles together.
fn groups(layout: &Layout) -> Vec<String> {
    let mut sessions: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
    for Fold { session, role, .. } in &layout.folds {
        match sessions.last_mut() {
            Some((last, roles)) if *last == session.as_deref() => roles.extend(role.as_deref()),
            _ => sessions.push((session.as_deref(), role.as_deref().into_iter().collect())),
        }
    }
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (session, roles) in sessions {
        match groups.iter_mut().find(|(_, of)| *of == roles) {
            Some((group, _)) => group.extend(session),
            None => groups.push((session.into_iter().collect(), roles)),
        }
    }
    groups.into_iter().map(|(sessions, roles)| words(&sessions, &roles)).collect()
}

fn words(sessions: &[&str], roles: &[&str]) -> String {
    let sessions = match sessions {
        [] => String::new(),
        [one] => format!("session {one}"),
        [first, .., last] if sessions.len() > 6 => format!("sessions {first} … {last} ({})", sessions.len()),
        _ => format!("sessions {}", sessions.join(", ")),
    };
    match (sessions.is_empty(), roles.is_empty()) {
        (false, false) => format!("{sessions}: {}", roles.join(", ")),
        (true, _) => format!("roles {}", roles.join(", ")),
        (false, true) => sessions,
    }
}

/// What the names of a wide file's columns say, for machines; nothing for a file that is not wide.
pub(super) fn wide_settings(layout: &Layout) -> Json {
    if !layout.is_wide() {
        return Json::Null;
    }
    let row = |fold: &Fold| {
        let columns: Vec<Option<&str>> =
            fold.columns.iter().map(|column| column.map(|column| layout.names[column].as_str())).collect();
        json!({ "role": fold.role, "session": fold.session, "columns": columns })
    };
    json!({
        "rows": layout.folds.iter().map(row).collect::<Vec<_>>(),
        "columns_not_used": layout.unused().collect::<Vec<_>>(),
    })
}
