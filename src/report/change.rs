//! The report of `change`: reliable change from the first session to the last, and from session to session.

use serde_json::{Value as Json, json};

use super::format::{Kind, number, plural};
use super::model::{Block, Column, Note, Report, Section, Table, Value};
use super::sessions::{Followed, Following, Group, Member, group_name};
use super::study::Study;
use crate::error::Error;
use crate::moments::Moments;
use crate::reliability::{AlphaConfig, alpha};
use crate::sample::Occasion;
use crate::session::{
    Better, ChangeBasis, ChangeIndex, ChangeMethod, Gap, Norm, ReliableChange, Status, Swings,
    ThresholdScale, cutoffs, reliable_change, status, swings, wilson,
};

/// What the user says about change.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct ChangeAsked {
    /// The reliability of scores, in place of alpha of the first sessions.
    pub reliability: Option<f64>,
    /// That of scores afterwards.
    pub reliability_post: Option<f64>,
    /// The standard deviation that belongs to the reliability, in place of that of the first sessions.
    pub sd: Option<f64>,
    /// The clinical norm.
    pub clinical: Option<Norm>,
    /// The functional norm.
    pub functional: Option<Norm>,
}

/// The basis of change on one scale and form, and where it comes from.
struct Basis {
    given: Result<ChangeBasis, String>,
    reliability: String,
    sd: String,
    n: usize,
}

/// One person, first to last.
struct Person<'g> {
    group: &'g Group,
    member: &'g Member,
    from: i64,
    to: i64,
    pre: f64,
    post: f64,
    indices: Vec<ChangeIndex>,
    status: Option<Status>,
}

/// Builds the report of `change`.
///
/// # Errors
/// The same dyad, role and session twice; norms or a reliability that make no sense.
pub fn change(study: &Study, scales: Vec<usize>, asked: &ChangeAsked) -> Result<Report, Error> {
    let following =
        Following { rules: Vec::new(), scales, tolerance: 1, seed: 1, simulations: 0, threads: 1 };
    let followed = Followed::new(study, &following)?;
    let cut = cutoffs(asked.clinical, asked.functional, Better::Higher)
        .map_err(|error| Error::usage(format!("the norms make no sense: {error}")))?;
    let line = cut.c.or(cut.a).or(cut.b);
    let mut persons = Vec::new();
    let mut bases = Vec::new();
    let mut notes = Vec::new();
    for group in &followed.groups {
        let basis = basis(&followed, group, asked);
        match &basis.given {
            Ok(given) => {
                let found = people(group, given, line);
                persons.extend(found.map_err(|error| Error::usage(format!("--reliability: {error}")))?);
            }
            Err(why) => notes.push(Note::new("no_basis", format!("{}: {why}", group_name(&followed, group)))),
        }
        if asked.reliability.is_none() && basis.given.is_ok() && basis.n < 30 {
            let text = format!(
                "{}: the reliability comes from {} of this file; with under 30 take it lightly, or give one with --reliability",
                group_name(&followed, group),
                plural(basis.n as u64, "person", "persons")
            );
            notes.push(Note::new("reliability_of_few", text));
        }
        bases.push((group, basis));
    }
    let moves: Vec<(&Group, &'static str, Swings)> = followed.groups.iter().flat_map(moves).collect();
    if line.is_none() {
        let text = "no norms were given (--clinical, --functional), so nobody is called recovered; none are shipped, because alliance has none";
        notes.push(Note::new("no_norms", text));
    }
    let sections = vec![
        Section {
            id: "classes",
            title: Some("First session to last".to_owned()),
            blocks: vec![
                Block::Facts(bases.iter().map(|(group, basis)| fact(&followed, group, basis)).collect()),
                Block::Table(classes(&followed, &persons)),
                Block::Table(people_table(&followed, &persons)),
            ],
        },
        Section {
            id: "session_to_session",
            title: Some("Session to session".to_owned()),
            blocks: vec![Block::Table(moves_table(&followed, &moves))],
        },
    ];
    let results = json!({
        "change": persons.iter().map(|person| person_json(&followed, person)).collect::<Vec<_>>(),
        "basis": bases.iter().map(|(group, basis)| basis_json(&followed, group, basis)).collect::<Vec<_>>(),
        "classes": class_counts(&followed, &persons),
        "cutoffs": cut,
        "session_to_session": moves.iter().map(|(group, kind, found)| json!({
            "scale": followed.scale_id(group.scale),
            "form": study.form_name(group.form),
            "exceeds": kind,
            "swings": found,
        })).collect::<Vec<_>>(),
    });
    let title =
        format!("Change of {} in {}", plural(persons.len() as u64, "course", "courses"), study.file.name);
    Ok(study.report(
        "change",
        title,
        json!({ "change": asked, "better": Better::Higher }),
        results,
        sections,
        notes,
    ))
}

fn basis(followed: &Followed<'_>, group: &Group, asked: &ChangeAsked) -> Basis {
    let pairs: Vec<[f64; 2]> = group.members.iter().filter_map(ends).map(|(_, _, pair)| pair).collect();
    let of = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let (first, last) = (moments(&of(0)), moments(&of(1)));
    let reliability = asked.reliability.or(group.between.alpha);
    let sd = asked.sd.or(first.map(|(_, sd)| sd));
    let given = match (reliability, sd, first) {
        (None, ..) => {
            Err("there is no reliability: alpha cannot be had here, give one with --reliability".to_owned())
        }
        (_, _, None) | (_, None, _) => Err("fewer than two persons have two sessions".to_owned()),
        (Some(r), ..) if !(r > 0.0 && r < 1.0) => {
            Err(format!("a reliability of {r:.2} is not between 0 and 1"))
        }
        (_, Some(sd), _) if sd <= 0.0 => Err("all first scores are equal".to_owned()),
        (Some(reliability), Some(sd_pre), Some((mean_pre, _))) => Ok(ChangeBasis {
            mean_pre,
            sd_pre,
            reliability,
            mean_post: last.map(|(mean, _)| mean),
            sd_post: last.map(|(_, sd)| sd),
            reliability_post: asked.reliability_post.or_else(|| last_alpha(followed, group)),
            correlation: correlation(&pairs),
        }),
    };
    let source = match asked.reliability {
        Some(_) => "given".to_owned(),
        None => format!("alpha of the first sessions of this file, n = {}", group.between.n),
    };
    Basis {
        given,
        reliability: source,
        sd: if asked.sd.is_some() { "given" } else { "of the first sessions of this file" }.to_owned(),
        n: group.between.n,
    }
}

/// First and last session of a course, and its scores there.
fn ends(member: &Member) -> Option<(i64, i64, [f64; 2])> {
    let (numbers, scores) = (member.series.numbers(), member.series.scores());
    let last = scores.len().checked_sub(1).filter(|last| *last > 0)?;
    Some((numbers[0], numbers[last], [scores[0], scores[last]]))
}

/// Mean and standard deviation; none for under two values.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (values.len() >= 2).then(|| (mean, (squares / (n - 1.0)).sqrt()))
}

fn correlation(pairs: &[[f64; 2]]) -> Option<f64> {
    let of = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let ((a, sa), (b, sb)) = (moments(&of(0))?, moments(&of(1))?);
    let products: f64 = pairs.iter().map(|[x, y]| (x - a) * (y - b)).sum();
    Some(products / ((pairs.len() - 1) as f64 * sa * sb)).filter(|r| r.is_finite())
}

fn last_alpha(followed: &Followed<'_>, group: &Group) -> Option<f64> {
    let sample = &followed.study.sample;
    let edition = sample.edition(group.scale, group.form).filter(|edition| edition.terms.len() > 1)?;
    let selection = sample.select(&Occasion::Last).ok()?;
    let rows: Vec<usize> = selection.rows.into_iter().filter(|row| sample.form(*row) == group.form).collect();
    let moments = Moments::listwise(&sample.items(edition, &rows)).ok()?;
    let found = alpha(&moments, &AlphaConfig::default()).ok()?;
    found.estimate.estimate.filter(|alpha| *alpha > 0.0 && *alpha < 1.0)
}

fn people<'g>(
    group: &'g Group,
    basis: &ChangeBasis,
    cut: Option<f64>,
) -> Result<Vec<Person<'g>>, crate::statistic::StatError> {
    let one = |member: &'g Member| {
        let (from, to, [pre, post]) = ends(member)?;
        Some(reliable_change(pre, post, basis, Better::Higher).map(|indices| {
            let class = indices.first().and_then(|index| index.class);
            let status = cut.zip(class).map(|(cut, class)| status(pre, post, cut, class, Better::Higher));
            Person { group, member, from, to, pre, post, indices, status }
        }))
    };
    group.members.iter().filter_map(one).collect()
}

/// Changes from session to session beyond the sample's own thresholds.
fn moves(group: &Group) -> Vec<(&Group, &'static str, Swings)> {
    let series: Vec<_> = group.members.iter().map(|member| &member.series).collect();
    let scales = [ThresholdScale::ErrorWithin, ThresholdScale::FluctuationWithin];
    let one = |scale: ThresholdScale| {
        let threshold = 1.96 * group.sample.get(scale).ok()?;
        Some((group, scale.id(), swings(&series, threshold, Gap::default(), 0.95)))
    };
    scales.into_iter().filter_map(one).collect()
}

fn fact(followed: &Followed<'_>, group: &Group, basis: &Basis) -> (String, String) {
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

fn classes(followed: &Followed<'_>, persons: &[Person<'_>]) -> Table {
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
    table.notes.push("Beyond 1.96 standard errors (Hageman & Arrindell: 1.65, one-sided). Limits of the share of persons in percent, by Wilson.".to_owned());
    table
}

fn people_table(followed: &Followed<'_>, persons: &[Person<'_>]) -> Table {
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
    list.extend(["gln", "hll", "en", "nk", "ha"].map(Column::hidden));
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

fn moves_table(followed: &Followed<'_>, moves: &[(&Group, &'static str, Swings)]) -> Table {
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

fn person_json(followed: &Followed<'_>, person: &Person<'_>) -> Json {
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
    })
}

fn basis_json(followed: &Followed<'_>, group: &Group, basis: &Basis) -> Json {
    json!({
        "scale": followed.scale_id(group.scale),
        "form": followed.study.form_name(group.form),
        "basis": basis.given.as_ref().ok(),
        "reason": basis.given.as_ref().err(),
        "reliability_from": basis.reliability,
        "sd_from": basis.sd,
        "n": basis.n,
    })
}

fn class_counts(followed: &Followed<'_>, persons: &[Person<'_>]) -> Vec<Json> {
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
