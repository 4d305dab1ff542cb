//! Courses, ruptures and rules in tables.

use std::collections::BTreeMap;

use super::super::model::{Block, Column, Kind, Section, Table, Value};
use super::follow::{Followed, Group, Member};
use super::picture::outcome;
use super::words;
use crate::session::{
    Course, PersonClass, Rule, Sample, ShapeConfig, compare_rules, course_shape, variability,
};

/// Columns that say the same in every row need no place on a page.
fn one_is_hidden(followed: &Followed<'_>, list: &mut [Column]) {
    for column in list {
        let one = match column.id {
            "scale" => followed.following.scales.len() == 1,
            "rule" => followed.rules.len() == 1,
            _ => continue,
        };
        column.shown &= !one;
    }
}

/// Which courses tables hold.
pub(super) type Shown<'a> = dyn Fn(&Member) -> bool + 'a;

fn columns(list: &[(&'static str, &str)]) -> Vec<Column> {
    list.iter().map(|(id, head)| Column::new(id, *head)).collect()
}

/// Dyad, role, scale and form of a course.
fn keys(followed: &Followed<'_>, group: &Group, member: &Member) -> Vec<Value> {
    let course = &followed.courses[member.course];
    vec![
        Value::text(&course.dyad),
        course.role.clone().map_or(Value::Empty, Value::Text),
        Value::text(followed.scale_id(group.scale)),
    ]
}

fn members<'f>(followed: &'f Followed<'_>, shown: &'f Shown<'_>) -> Vec<(&'f Group, &'f Member)> {
    let all =
        followed.groups.iter().flat_map(|group| group.members.iter().map(move |member| (group, member)));
    let mut all: Vec<(&Group, &Member)> = all.filter(|(_, member)| shown(member)).collect();
    all.sort_by_key(|(group, member)| (member.course, group.scale));
    all
}

/// One row for each course.
pub(super) fn courses(followed: &Followed<'_>, shown: &Shown<'_>) -> Table {
    let mut list = columns(&[
        ("dyad", "Dyad"),
        ("role", "Role"),
        ("scale", "Scale"),
        ("n", "Sessions"),
        ("mean", "M"),
        ("sd", "SD"),
        ("shape", "Shape"),
        ("ruptures", "Ruptures"),
        ("class", "Class"),
        ("chance_error", "By error %"),
        ("chance_swing", "By swing %"),
    ]);
    list.extend(["rmssd", "mssd", "von_neumann", "lag_one", "edge", "slope"].map(Column::hidden));
    one_is_hidden(followed, &mut list);
    let mut table = Table::new("courses", list);
    for (group, member) in members(followed, shown) {
        let indices = variability(&member.series, crate::session::Gap::default());
        let shape = course_shape(&member.series, &ShapeConfig::default()).ok();
        let course = followed.leading(member).and_then(|found| found.course.as_ref());
        let alarms = followed.chances(group, member);
        let number = |estimate: crate::statistic::Estimate| Value::number(estimate.estimate, Kind::Score);
        let mut row = keys(followed, group, member);
        row.extend([
            Value::count(member.series.n() as u64),
            number(indices.mean),
            number(indices.sd),
            shape
                .as_ref()
                .and_then(|shape| shape.label)
                .map_or(Value::Empty, |label| Value::text(label.id())),
            course.map_or(Value::Empty, |course| Value::count(course.ruptures as u64)),
            course.map_or(Value::Empty, |course| Value::text(course.class.id())),
            Value::number(alarms.and_then(|alarms| alarms.error.chance_of_any), Kind::Percent),
            Value::number(alarms.and_then(|alarms| alarms.swing.chance_of_any), Kind::Percent),
            number(indices.rmssd),
            number(indices.mssd),
            number(indices.von_neumann),
            number(indices.lag_one),
            member.edge.as_ref().map_or(Value::Empty, |edge| Value::text(edge.edge.id())),
            Value::number(shape.as_ref().map(|shape| shape.linear[1].estimate), Kind::Score),
        ]);
        table.rows.push(row);
    }
    table.notes.push(format!(
        "Ruptures and class by {}. By error, by swing: chance of at least one such mark in so many sessions when nothing changes, by measurement error alone and with this sample's usual swing from session to session.",
        followed.leading_id()
    ));
    table
}

/// One row for each episode and rule.
pub(super) fn ruptures(followed: &Followed<'_>, shown: &Shown<'_>) -> Table {
    let mut list = columns(&[
        ("dyad", "Dyad"),
        ("role", "Role"),
        ("scale", "Scale"),
        ("rule", "Rule"),
        ("start", "From"),
        ("trough", "Lowest"),
        ("magnitude", "Fall"),
        ("in_units", "× s"),
        ("outcome", "Outcome"),
        ("repair", "Repair"),
        ("back_to_start", "Back"),
        ("shape", "Shape"),
        ("worker_changed", "New worker"),
    ]);
    list.extend(["length", "gap", "sessions_to_repair", "overshoot"].map(Column::hidden));
    one_is_hidden(followed, &mut list);
    let mut table = Table::new("ruptures", list);
    let session = |number: Option<i64>| number.map_or(Value::Empty, |t| Value::Number(t as f64, Kind::Exact));
    for (group, member) in members(followed, shown) {
        for found in &member.found {
            for episode in &found.episodes {
                let mut row = keys(followed, group, member);
                row.extend([
                    Value::text(&found.rule),
                    session(episode.start),
                    session(Some(episode.trough)),
                    Value::Number(episode.magnitude, Kind::Score),
                    Value::number(episode.in_units, Kind::Score),
                    Value::text(outcome(episode.outcome)),
                    session(episode.repair),
                    session(episode.back_to_start),
                    Value::text(episode.shape.id()),
                    if episode.worker_changed { Value::text("yes") } else { Value::Empty },
                    episode.length.map_or(Value::Empty, |n| Value::count(n as u64)),
                    Value::Number(episode.gap as f64, Kind::Exact),
                    episode.sessions_to_repair.map_or(Value::Empty, |n| Value::count(n as u64)),
                    Value::number(episode.overshoot, Kind::Score),
                ]);
                table.rows.push(row);
            }
        }
    }
    table.notes.push(
        "Sessions by number. × s: the fall in units of the spread behind the threshold. Back: the first session at or above the height from which the score fell."
            .to_owned(),
    );
    table
}

/// What each rule makes of all courses, beside what chance would give.
pub(super) fn rules(followed: &Followed<'_>) -> Section {
    let mut list = columns(&[
        ("rule", "Rule"),
        ("scale", "Scale"),
        ("form", "Form"),
        ("threshold", "Points"),
        ("courses", "Courses"),
        ("with", "With"),
        ("ruptures", "Ruptures"),
        ("repaired", "Repaired"),
        ("unrepaired", "Not"),
        ("censored", "Open"),
        ("expected_error", "By error"),
        ("expected_swing", "By swing"),
        ("marks", "Chart marks"),
    ]);
    one_is_hidden(followed, &mut list);
    let mut table = Table::new("rules", list);
    for (at, rule) in followed.rules.iter().enumerate() {
        for group in &followed.groups {
            table.rows.push(rule_row(followed, group, at, rule));
        }
    }
    table.notes = vec![
        "Points: how large a fall must be, where that is one number for everybody. With: courses with a rupture. Not: never repaired. Open: the sessions end before a repair could be seen.".into(),
        chance_note(followed),
    ];
    // What a spread of the sample comes to differs by scale and form, and stands in the table.
    let range = followed.groups.first().and_then(|group| group.range);
    let facts = followed.rules.iter().map(|rule| (rule.id.clone(), words::rule(rule, &Sample::none(range))));
    let mut blocks = vec![Block::Facts(facts.collect()), Block::Table(table)];
    let agreement = agreement(followed);
    if !agreement.rows.is_empty() {
        blocks.push(Block::Table(agreement));
    }
    Section { id: "rules", title: Some("Rules".to_owned()), blocks }
}

fn chance_note(followed: &Followed<'_>) -> String {
    match followed.following.simulations {
        0 => {
            "Nothing was simulated (--simulations 0), so that what chance would mark is not known.".to_owned()
        }
        n => format!(
            "By error, by swing: ruptures this rule would mark in courses of these lengths in which nothing changes, by measurement error alone and with this sample's usual swing from session to session; {n} simulated courses of each length, seed {}.",
            followed.following.seed
        ),
    }
}

fn rule_row(followed: &Followed<'_>, group: &Group, at: usize, rule: &Rule) -> Vec<Value> {
    let found = || group.members.iter().filter_map(|member| member.found.get(at)?.course.as_ref());
    let sum = |of: fn(&Course) -> usize| Value::count(found().map(of).sum::<usize>() as u64);
    let applied =
        || group.members.iter().filter(|member| member.found.get(at).is_some_and(|f| f.course.is_some()));
    let expected = |of: fn(&crate::session::FalseAlarms) -> Option<f64>| {
        let each = applied().map(|member| of(group.alarms.get(&member.series.n())?.get(at)?));
        let total: Option<f64> = each.sum();
        Value::number(total.filter(|_| found().next().is_some()), Kind::Score)
    };
    let marks = |member: &Member| {
        let crate::session::Signal::Chart { chart: config } = &rule.signal else { return 0 };
        let drawn = crate::session::chart(&member.series, config, rule.gap, group.range);
        drawn.map_or(0, |drawn| drawn.signals.len())
    };
    let is_chart = matches!(rule.signal, crate::session::Signal::Chart { .. });
    vec![
        Value::text(&rule.id),
        Value::text(followed.scale_id(group.scale)),
        followed.study.form_name(group.form).map_or(Value::Empty, Value::Text),
        Value::number(group.shared_points(rule), Kind::Score),
        Value::count(found().count() as u64),
        Value::count(found().filter(|course| course.class != PersonClass::None).count() as u64),
        sum(|course| course.ruptures),
        sum(|course| course.repaired),
        sum(|course| course.unrepaired),
        sum(|course| course.censored),
        expected(|alarms| alarms.error.expected_flags),
        expected(|alarms| alarms.swing.expected_flags),
        if is_chart { Value::count(applied().map(marks).sum::<usize>() as u64) } else { Value::Empty },
    ]
}

/// How far the rules agree, session by session, over all courses to which both were applied.
fn agreement(followed: &Followed<'_>) -> Table {
    let mut table = Table::new(
        "rule_agreement",
        columns(&[
            ("first", "Rule"),
            ("second", "and rule"),
            ("scale", "Scale"),
            ("both", "Both"),
            ("first_only", "First only"),
            ("second_only", "Second only"),
            ("neither", "Neither"),
            ("kappa", "Kappa"),
        ]),
    );
    for ((scale, first, second), counts) in crossed_rules(followed) {
        let rules = &followed.rules;
        let mut row = vec![
            Value::text(&rules[first].id),
            Value::text(&rules[second].id),
            Value::text(followed.scale_id(scale)),
        ];
        row.extend(counts.map(Value::count));
        row.push(Value::number(super::kappa(counts).and_then(|kappa| kappa.value.estimate), Kind::Bounded));
        table.rows.push(row);
    }
    table.notes.push("Sessions by whether each rule sees them in a fall.".to_owned());
    table
}

/// Sessions by whether each of two rules sees them in a fall, by scale and pair of rules.
pub(super) fn crossed_rules(followed: &Followed<'_>) -> BTreeMap<(usize, usize, usize), [u64; 4]> {
    let mut counts: BTreeMap<(usize, usize, usize), [u64; 4]> = BTreeMap::new();
    for group in &followed.groups {
        for member in &group.members {
            for (a, first) in member.found.iter().enumerate() {
                for (b, second) in member.found.iter().enumerate().skip(a + 1) {
                    if first.reason.is_none() && second.reason.is_none() {
                        let own = compare_rules(&member.series, &first.episodes, &second.episodes);
                        let sum = counts.entry((group.scale, a, b)).or_default();
                        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                    }
                }
            }
        }
    }
    counts
}
