//! What a fall means: measurement error, usual swing, and the threshold between persons, with what they come from.

use serde_json::{Value as Json, json};

use super::super::format::plural;
use super::super::model::{Block, Column, Kind, Note, Section, Table, Value};
use super::follow::{Followed, Group};
use super::spreads::needs_crossed;
use crate::session::{LEAST_DF_ERROR, LEAST_DF_FLUCTUATION, ThresholdScale};
use crate::statistic::Reason;

pub(super) fn section(followed: &Followed<'_>) -> Section {
    let columns = vec![
        Column::new("scale", "Scale"),
        Column::new("form", "Form"),
        Column::new("persons", "Persons"),
        Column::new("sessions", "Sessions"),
        Column::new("ms_error", "MS error"),
        Column::new("df_error", "df"),
        Column::new("ms_sessions", "MS sessions"),
        Column::new("df_sessions", "df"),
        Column::new("error_within", "More than error"),
        Column::new("fluctuation_within", "More than usual swing"),
        Column::new("between", "Between persons"),
        Column::hidden("between_n"),
        Column::hidden("between_sd"),
        Column::hidden("alpha"),
        Column::hidden("lag_one"),
    ];
    let mut table = Table::new("thresholds", columns);
    for group in &followed.groups {
        let anova = &group.anova;
        let beyond = |scale: Option<f64>| Value::number(scale.map(|scale| 1.96 * scale), Kind::Score);
        table.rows.push(vec![
            Value::text(followed.scale_id(group.scale)),
            followed.study.form_name(group.form).map_or(Value::Empty, Value::Text),
            Value::count(anova.persons as u64),
            Value::count(anova.sessions as u64),
            Value::number(anova.ms_error, Kind::Score),
            anova.ms_error.map_or(Value::Empty, |_| Value::count(anova.df_error as u64)),
            Value::number(anova.ms_sessions, Kind::Score),
            Value::count(anova.df_sessions as u64),
            beyond(anova.error_within),
            beyond(anova.fluctuation_within),
            beyond(group.between.difference),
            Value::count(group.between.n as u64),
            Value::number(group.between.sd, Kind::Score),
            Value::number(group.between.alpha, Kind::Score),
            Value::number(group.lag_one.estimate.estimate, Kind::Score),
        ]);
    }
    table.notes = vec![
        "How far a score must fall from one session to the next, in points of the score (1.96 times each spread).".into(),
        "More than error: the fall is larger than measurement error. More than usual swing: it is larger than what is usual from session to session in this sample; by default this is called a rupture. Between persons: 1.96 SD √(2(1 − alpha)) of first sessions, which people use; it belongs to differences between persons.".into(),
    ];
    let title = Some("What a fall means".to_owned());
    Section { id: "thresholds", title, blocks: vec![Block::Table(table)] }
}

pub(super) fn results(followed: &Followed<'_>) -> Vec<Json> {
    let one = |group: &Group| {
        json!({
            "scale": followed.scale_id(group.scale),
            "form": followed.study.form_name(group.form),
            "role": null,
            "within": group.anova,
            "c": 1.96,
            "error_within": group.anova.error_within.map(|s| 1.96 * s),
            "fluctuation_within": group.anova.fluctuation_within.map(|s| 1.96 * s),
            "usable": {
                "error_within": group.anova.df_error >= LEAST_DF_ERROR,
                "fluctuation_within": group.anova.df_sessions >= LEAST_DF_FLUCTUATION,
            },
            "between": group.between,
            "lag_one": group.lag_one,
            "nothing_changes": group.nothing,
        })
    };
    followed.groups.iter().map(one).collect()
}

/// Few degrees of freedom, few persons, sessions that hang together.
pub(super) fn notes(followed: &Followed<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for group in &followed.groups {
        let of = name(followed, group);
        let df = group.anova.df_sessions;
        if df < LEAST_DF_FLUCTUATION {
            let beside = match followed.following.rules.is_empty() {
                true => "; rules that need no sample are shown beside",
                false => "",
            };
            let text = format!(
                "{of}: the usual swing from session to session has {} and needs {LEAST_DF_FLUCTUATION} to be a threshold{beside}",
                plural(df as u64, "degree of freedom", "degrees of freedom")
            );
            notes.push(Note::new("too_few_degrees_of_freedom", text));
        }
        if let Some(alpha) = group.between.alpha.filter(|_| group.between.n < 30) {
            let text = format!(
                "{of}: the threshold between persons rests on an alpha of {alpha:.2} from {}; take it lightly under 30",
                plural(group.between.n as u64, "person", "persons")
            );
            notes.push(Note::new("alpha_of_few", text));
        }
        if let Some(r) = group.lag_one.estimate.estimate.filter(|r| *r > 0.5) {
            let text = format!(
                "{of}: neighbouring sessions are alike (lag-one correlation {r:.2}), so control charts signal more often than they should"
            );
            notes.push(Note::new("lag_one", text));
        }
        let crossed = followed.rules.iter().any(needs_crossed);
        if crossed && group.sample.get(ThresholdScale::FluctuationWithinCrossed).is_err() {
            let text = format!(
                "{of}: there are no crossed spreads; they need several items, and in a large sample that everybody has answered all of them at the same sessions"
            );
            notes.push(Note::new("no_crossed_spreads", text));
        }
        if group.between.reason == Some(Reason::Boundary) {
            let text = format!(
                "{of}: alpha of the first sessions is not between 0 and 1, so there is no threshold between persons"
            );
            notes.push(Note::new("alpha_at_boundary", text));
        }
    }
    notes
}

/// A scale and form in words.
pub(in crate::report) fn name(followed: &Followed<'_>, group: &Group) -> String {
    let scale = followed.scale_id(group.scale);
    followed.study.form_name(group.form).map_or(scale.to_owned(), |form| format!("{scale} ({form})"))
}
