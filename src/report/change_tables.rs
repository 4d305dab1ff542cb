//! Reliable change in tables and as data.

use serde_json::{Value as Json, json};

use super::change::{Basis, Person};
use super::format::{Kind, number};
use super::model::{Column, Table, Value};
use super::sessions::{Followed, Group, group_name};
use crate::session::{ChangeMethod, CutoffKind, Cutoffs, Detectable, ReliableChange, Status, Swings, wilson};

pub(super) fn fact(followed: &Followed<'_>, group: &Group, basis: &Basis) -> (String, String) {
    let text = match &basis.given {
        Err(why) => why.clone(),
        Ok(given) => format!(
            "reliability {} ({}), SD {} ({}); a change of {} is reliable at 95 % (Jacobson & Truax)",
            number(given.reliability, Kind::Bounded),
            basis.reliability,
            number(given.sd_pre, Kind::Score),
            basis.sd,
            number(1.96 * std::f64::consts::SQRT_2 * given.error(), Kind::Score)
        ),
    };
    (group_name(followed, group), text)
}

/// The cut-off in use, and the others that the norms give.
pub(super) fn cut_in_words(cut: &Cutoffs, used: CutoffKind) -> String {
    let kinds = [
        (CutoffKind::A, "a", "two SD from the clinical mean", cut.a),
        (CutoffKind::B, "b", "two SD from the functional mean", cut.b),
        (CutoffKind::C, "c", "between the two", cut.c),
    ];
    let there = || kinds.iter().filter_map(|(kind, name, what, at)| Some((*kind, *name, *what, (*at)?)));
    let words: Vec<String> =
        there().map(|(_, name, what, at)| format!("{name} = {} ({what})", number(at, Kind::Score))).collect();
    let name = there().find(|(kind, ..)| *kind == used).map_or("", |(_, name, ..)| name);
    format!("{}; who has recovered is told by {name}", words.join(", "))
}

fn columns(list: &[(&'static str, &str)]) -> Vec<Column> {
    list.iter().map(|(id, head)| Column::new(id, *head)).collect()
}

const CLASSES: [ReliableChange; 3] =
    [ReliableChange::Improved, ReliableChange::Unchanged, ReliableChange::Deteriorated];

/// Persons of a group by class, for a method.
fn tally(persons: &[Person<'_>], group: &Group, method: ChangeMethod) -> [usize; 3] {
    let of_group = persons.iter().filter(|person| std::ptr::eq(person.group, group));
    let class = |person: &Person<'_>| person.indices.iter().find(|index| index.method == method)?.class;
    let found: Vec<ReliableChange> = of_group.filter_map(class).collect();
    CLASSES.map(|class| found.iter().filter(|own| **own == class).count())
}

pub(super) fn classes(followed: &Followed<'_>, persons: &[Person<'_>]) -> Table {
    let mut table = Table::new(
        "change_classes",
        columns(&[
            ("scale", "Scale"),
            ("form", "Form"),
            ("method", "Method"),
            ("n", "n"),
            ("improved", "Improved"),
            ("improved_ci", "95 % CI"),
            ("unchanged", "Unchanged"),
            ("deteriorated", "Deteriorated"),
            ("deteriorated_ci", "95 % CI"),
        ]),
    );
    for group in &followed.groups {
        for method in ChangeMethod::ALL {
            let counts = tally(persons, group, method);
            let n: usize = counts.iter().sum();
            if n == 0 {
                continue;
            }
            let limits = |x: usize| {
                let share = wilson(x, n, 0.95);
                share
                    .lower
                    .zip(share.upper)
                    .map_or(Value::Empty, |(low, high)| Value::Pair([low, high], Kind::Percent))
            };
            table.rows.push(vec![
                Value::text(followed.scale_id(group.scale)),
                followed.study.form_name(group.form).map_or(Value::Empty, Value::Text),
                Value::text(method.authors()),
                Value::count(n as u64),
                Value::count(counts[0] as u64),
                limits(counts[0]),
                Value::count(counts[1] as u64),
                Value::count(counts[2] as u64),
                limits(counts[2]),
            ]);
        }
    }
    table.notes.push("Beyond 1.96 standard errors (Hageman & Arrindell: 1.65, one-sided). The growth model compares a person's slope with the sample's, all others the last score with the first. Limits of the share of persons in percent, by Wilson.".to_owned());
    table
}

pub(super) fn people_table(followed: &Followed<'_>, persons: &[Person<'_>]) -> Table {
    let mut list = columns(&[
        ("dyad", "Dyad"),
        ("role", "Role"),
        ("scale", "Scale"),
        ("from", "From"),
        ("to", "To"),
        ("pre", "First"),
        ("post", "Last"),
        ("change", "Change"),
        ("jt", "JT"),
        ("class", "Class"),
        ("status", "Status"),
    ]);
    list.extend(["gln", "hll", "en", "nk", "ha", "hlm"].map(Column::hidden));
    let mut table = Table::new("change", list);
    for person in persons {
        let course = &followed.courses[person.member.course];
        let class = person.indices.first().and_then(|index| index.class);
        let mut row = vec![
            Value::text(&course.dyad),
            course.role.clone().map_or(Value::Empty, Value::Text),
            Value::text(followed.scale_id(person.group.scale)),
            Value::Number(person.from as f64, Kind::Exact),
            Value::Number(person.to as f64, Kind::Exact),
            Value::Number(person.pre, Kind::Score),
            Value::Number(person.post, Kind::Score),
            Value::Number(person.post - person.pre, Kind::Score),
            Value::number(person.indices.first().and_then(|index| index.index), Kind::Score),
            class.map_or(Value::Empty, |class| Value::text(class_id(class))),
            person.status.map_or(Value::Empty, |status| Value::text(status_id(status))),
        ];
        row.extend(person.indices.iter().skip(1).map(|index| Value::number(index.index, Kind::Score)));
        table.rows.push(row);
    }
    table.notes.push("Class by Jacobson and Truax (JT); --format json and csv have every method.".to_owned());
    table
}

pub(super) fn moves_table(followed: &Followed<'_>, moves: &[(&Group, &'static str, Swings)]) -> Table {
    let mut table = Table::new(
        "session_to_session",
        columns(&[
            ("scale", "Scale"),
            ("form", "Form"),
            ("exceeds", "Exceeds"),
            ("threshold", "Points"),
            ("changes", "Changes"),
            ("falls", "Falls"),
            ("share_falls", "%"),
            ("rises", "Rises"),
            ("share_rises", "%"),
        ]),
    );
    for (group, kind, found) in moves {
        table.rows.push(vec![
            Value::text(followed.scale_id(group.scale)),
            followed.study.form_name(group.form).map_or(Value::Empty, Value::Text),
            Value::text(if *kind == "error_within" { "measurement error" } else { "usual swing" }),
            Value::Number(found.threshold, Kind::Score),
            Value::count(found.changes as u64),
            Value::count(found.falls as u64),
            Value::number(found.share_falls.estimate, Kind::Percent),
            Value::count(found.rises as u64),
            Value::number(found.share_rises.estimate, Kind::Percent),
        ]);
    }
    table.notes.push("Within persons, 1.96 times the standard deviation of a difference: what error alone makes, and what is usual in this sample. Between-person reliabilities do not belong here.".to_owned());
    table
}

fn class_id(class: ReliableChange) -> &'static str {
    match class {
        ReliableChange::Improved => "improved",
        ReliableChange::Unchanged => "unchanged",
        ReliableChange::Deteriorated => "deteriorated",
    }
}

fn status_id(status: Status) -> &'static str {
    match status {
        Status::Recovered => "recovered",
        Status::Improved => "improved",
        Status::Unchanged => "unchanged",
        Status::Deteriorated => "deteriorated",
        Status::Harmed => "harmed",
    }
}

pub(super) fn person_json(followed: &Followed<'_>, person: &Person<'_>) -> Json {
    let course = &followed.courses[person.member.course];
    json!({
        "dyad": course.dyad,
        "role": course.role,
        "form": followed.study.form_name(course.form),
        "scale": followed.scale_id(person.group.scale),
        "from": person.from,
        "to": person.to,
        "pre": person.pre,
        "post": person.post,
        "change": person.post - person.pre,
        "indices": person.indices,
        "status": person.status,
        "true_scores": person.true_scores,
        "true_cutoff": person.true_cutoff,
    })
}

pub(super) fn basis_json(followed: &Followed<'_>, group: &Group, basis: &Basis) -> Json {
    json!({
        "scale": followed.scale_id(group.scale),
        "form": followed.study.form_name(group.form),
        "basis": basis.given.as_ref().ok(),
        "detectable": basis.given.as_ref().ok().map(|given| Detectable::from_error(given.error())),
        "reason": basis.given.as_ref().err(),
        "reliability_from": basis.reliability,
        "sd_from": basis.sd,
        "n": basis.n,
    })
}

pub(super) fn class_counts(followed: &Followed<'_>, persons: &[Person<'_>]) -> Vec<Json> {
    let mut counts = Vec::new();
    for group in &followed.groups {
        for method in ChangeMethod::ALL {
            let found = tally(persons, group, method);
            let n: usize = found.iter().sum();
            for (class, x) in CLASSES.into_iter().zip(found) {
                counts.push(json!({
                    "scale": followed.scale_id(group.scale),
                    "form": followed.study.form_name(group.form),
                    "method": method,
                    "class": class,
                    "n": x,
                    "of": n,
                    "share": wilson(x, n, 0.95),
                }));
            }
        }
    }
    counts
}
