//! Who answered, when, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use nalgebra::DMatrix;
use serde_json::json;

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::finding::Code;
use crate::moments::{ItemMatrix, Little, LittleConfig, little, patterns};
use crate::reliability::{Description, Frequencies, describe};
use crate::report::facts::file_facts;
use crate::report::model::{Block, Column, Kind, Table, Value};
use crate::report::study::selection_notes;
use crate::responses::Key;
use crate::sample::Course;
use crate::statistic::StatError;

pub(super) const BLOCK: BlockOf = BlockOf { id: "sample", title: "Sample and data", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let scales = evidence.scales();
    let study = &scales.study;
    let mut piece = Piece::default();
    piece.blocks.push(Block::Facts(file_facts(&study.files, &study.sample.layout, &study.counts)));
    let courses = study.sample.courses();
    let forms: BTreeSet<Option<usize>> = courses.iter().map(|course| course.form).collect();
    piece.table(who(evidence, &courses, &forms));
    if evidence.is_repeated() {
        piece.table(attrition(evidence, &courses, &forms));
    }
    piece.heading("Missing answers");
    let gaps: Vec<Gaps> = forms.iter().filter_map(|form| gaps(evidence, *form)).collect();
    piece.table(missing(&gaps));
    piece.table(by_item(&gaps));
    piece.results.push(("missingness", json!({ "forms": gaps.iter().map(Gaps::json).collect::<Vec<_>>() })));
    checks(evidence, &mut piece);
    piece.notes.extend(selection_notes(&scales.selection));
    Ok(Found::Here(piece))
}

fn form_cell(evidence: &Evidence<'_>, form: Option<usize>) -> Value {
    evidence.scales().study.form_name(form).map_or(Value::Empty, Value::Text)
}

/// Lowest, middle and highest of some counts.
fn spread(mut counts: Vec<f64>) -> [Value; 3] {
    counts.sort_by(f64::total_cmp);
    let last = counts.len().saturating_sub(1);
    let half = |at: usize| counts.get(at).copied();
    let middle = half(last / 2).zip(half(last.div_ceil(2))).map(|(a, b)| (a + b) / 2.0);
    [half(0), middle, half(last)].map(|value| Value::number(value, Kind::Exact))
}

fn who(evidence: &Evidence<'_>, courses: &[Course], forms: &BTreeSet<Option<usize>>) -> Table {
    let sample = &evidence.scales().study.sample;
    let mut table = Table::new(
        "sample",
        vec![
            Column::new("form", "Form"),
            Column::new("rows", "Rows"),
            Column::new("persons", "Persons"),
            Column::new("workers", "Workers"),
            Column::hidden("cases_min"),
            Column::new("cases_median", "Cases a worker (median)"),
            Column::hidden("cases_max"),
            Column::new("sessions_min", "Sessions: fewest"),
            Column::new("sessions_median", "Median"),
            Column::new("sessions_max", "Most"),
            Column::new("days_median", "Days between (median)"),
        ],
    );
    let workers = sample.key(Key::Worker);
    for form in forms {
        let of: Vec<&Course> = courses.iter().filter(|course| course.form == *form).collect();
        let mut cases: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut days = Vec::new();
        for course in &of {
            for visit in &course.visits {
                if let Some(words) = workers {
                    cases.entry(words.get(visit.row)).or_default().insert(&course.dyad);
                }
            }
            let apart = course.visits.windows(2).filter_map(|pair| Some(pair[1].day? - pair[0].day?));
            days.extend(apart.map(|days| days as f64));
        }
        let [cases_min, cases_median, cases_max] =
            spread(cases.values().map(|dyads| dyads.len() as f64).collect());
        let [fewest, median, most] = spread(of.iter().map(|course| course.visits.len() as f64).collect());
        let [_, between, _] = spread(days);
        table.rows.push(vec![
            form_cell(evidence, *form),
            Value::count(
                of.iter().map(|course| course.visits.len() + course.doubled.len()).sum::<usize>() as u64
            ),
            Value::count(of.len() as u64),
            workers.map_or(Value::Empty, |_| Value::count(cases.len() as u64)),
            cases_min,
            cases_median,
            cases_max,
            fewest,
            median,
            most,
            between,
        ]);
    }
    table
}

/// Numbers of sessions by which it is told how many people came so often.
const SESSIONS: [(&str, usize); 9] = [
    ("at_least_1", 1),
    ("at_least_2", 2),
    ("at_least_3", 3),
    ("at_least_5", 5),
    ("at_least_8", 8),
    ("at_least_10", 10),
    ("at_least_15", 15),
    ("at_least_20", 20),
    ("at_least_30", 30),
];

fn attrition(evidence: &Evidence<'_>, courses: &[Course], forms: &BTreeSet<Option<usize>>) -> Table {
    let most = courses.iter().map(|course| course.visits.len()).max().unwrap_or(0);
    let shown: Vec<(&str, usize)> = SESSIONS.into_iter().filter(|(_, n)| *n <= most).collect();
    let mut columns = vec![Column::new("form", "Form")];
    columns.extend(shown.iter().map(|(id, n)| Column::new(id, format!("≥ {n}"))));
    let mut table = Table::new("attrition", columns);
    table.title = Some("Persons with at least so many sessions".to_owned());
    for form in forms {
        let mut row = vec![form_cell(evidence, *form)];
        row.extend(shown.iter().map(|(_, n)| {
            let of = courses.iter().filter(|course| course.form == *form && course.visits.len() >= *n);
            Value::count(of.count() as u64)
        }));
        table.rows.push(row);
    }
    table
}

/// What is missing on a form, among the rows that count.
struct Gaps {
    form: Option<String>,
    n: usize,
    complete: usize,
    answers: usize,
    missing: usize,
    patterns: usize,
    most: Option<(String, f64)>,
    /// Each item, whether it is reversed, and its answers.
    items: Vec<(String, bool, Description)>,
    little: Result<Little, StatError>,
}

fn gaps(evidence: &Evidence<'_>, form: Option<usize>) -> Option<Gaps> {
    let scales = evidence.scales();
    let rows: Vec<usize> =
        scales.selection.rows.iter().copied().filter(|row| scales.study.sample.form(*row) == form).collect();
    let sample = &scales.study.sample;
    let terms = sample.form_terms(form);
    let raw = sample.form_items(form, &rows)?;
    let scored = DMatrix::from_fn(raw.n(), raw.k(), |i, j| terms[j].scored(raw.item(j)[i]));
    let data = ItemMatrix::new(raw.items, scored);
    let gap = |j: usize| data.item(j).iter().filter(|x| x.is_nan()).count();
    let per_item: Vec<usize> = (0..data.k()).map(gap).collect();
    let missing: usize = per_item.iter().sum();
    let worst = (0..data.k()).max_by_key(|j| (per_item[*j], std::cmp::Reverse(*j)));
    let share = |j: usize| per_item[j] as f64 / data.n().max(1) as f64;
    Some(Gaps {
        form: scales.study.form_name(form),
        n: data.n(),
        complete: complete(&data),
        answers: data.n() * data.k(),
        missing,
        patterns: patterns(&data).len(),
        items: (0..data.k())
            .map(|j| {
                let answers = Frequencies::of(data.item(j));
                (data.items[j].clone(), terms[j].reversed, describe(&answers))
            })
            .collect(),
        most: worst.filter(|_| missing > 0).map(|j| (data.items[j].clone(), share(j))),
        little: little(&data, &LittleConfig::default()),
    })
}

fn complete(data: &ItemMatrix) -> usize {
    (0..data.n()).filter(|i| (0..data.k()).all(|j| !data.item(j)[*i].is_nan())).count()
}

impl Gaps {
    fn json(&self) -> serde_json::Value {
        json!({
            "form": self.form,
            "n": self.n,
            "complete": self.complete,
            "missing": self.missing,
            "answers": self.answers,
            "patterns": self.patterns,
            "most": self.most.as_ref().map(|(item, share)| json!({ "item": item, "share": share })),
            "little": self.little.as_ref().ok(),
            "moments": self.little.as_ref().ok().map(|test| {
                json!({
                    "items": self.items.iter().map(|(item, ..)| item).collect::<Vec<_>>(),
                    "mean": test.mean.as_slice(),
                    "covariance": test.covariance.row_iter().map(|row| row.iter().copied().collect()).collect::<Vec<Vec<f64>>>(),
                })
            }),
            "reason": self.little.as_ref().err().map(|error| error.reason),
        })
    }
}

fn missing(gaps: &[Gaps]) -> Table {
    let mut table = Table::new(
        "missingness",
        vec![
            Column::new("form", "Form"),
            Column::new("n", "n"),
            Column::new("complete", "Complete"),
            Column::new("share", "Answers missing %"),
            Column::new("patterns", "Patterns"),
            Column::new("most_item", "Most in item"),
            Column::new("most_share", "%"),
            Column::new("little", "Little's d²"),
            Column::new("df", "df"),
            Column::new("p", "p"),
            Column::new("reason", ""),
        ],
    );
    for gaps in gaps {
        let test = gaps.little.as_ref().ok();
        let reason = match &gaps.little {
            Ok(test) => test.reason,
            Err(error) => Some(error.reason),
        };
        table.rows.push(vec![
            gaps.form.clone().map_or(Value::Empty, Value::Text),
            Value::count(gaps.n as u64),
            Value::count(gaps.complete as u64),
            Value::Number(gaps.missing as f64 / gaps.answers.max(1) as f64, Kind::Percent),
            Value::count(gaps.patterns as u64),
            gaps.most.as_ref().map_or(Value::Empty, |(item, _)| Value::text(item)),
            Value::number(gaps.most.as_ref().map(|(_, share)| *share), Kind::Percent),
            Value::number(test.and_then(|test| test.p.map(|_| test.statistic)), Kind::Score),
            Value::number(test.and_then(|test| test.p.map(|_| test.df as f64)), Kind::Count),
            Value::number(test.and_then(|test| test.p), Kind::P),
            reason.filter(|_| gaps.missing > 0).map_or(Value::Empty, |reason| Value::text(reason.words())),
        ]);
    }
    table.notes.push("Over all items of a form, of the rows that count. Complete: persons who answered every item. Little's test: a small p says that gaps do not come completely at random; it supposes normal answers.".to_owned());
    table
}

/// What gaps do to means and standard deviations, on forms that have gaps.
fn by_item(gaps: &[Gaps]) -> Table {
    let mut table = Table::new(
        "gaps_by_item",
        vec![
            Column::new("form", "Form"),
            Column::new("item", "Item"),
            Column::new("missing", "Missing"),
            Column::new("share", "%"),
            Column::new("n", "n"),
            Column::new("mean", "M"),
            Column::new("sd", "SD"),
            Column::new("mean_ml", "M (ML)"),
            Column::new("sd_ml", "SD (ML)"),
        ],
    );
    for form in gaps.iter().filter(|form| form.missing > 0) {
        let test = form.little.as_ref().ok();
        for (j, (item, reversed, found)) in form.items.iter().enumerate() {
            let sd = test.map(|test| test.covariance[(j, j)].sqrt());
            table.rows.push(vec![
                form.form.clone().map_or(Value::Empty, Value::Text),
                Value::text(format!("{}{}", if *reversed { "−" } else { "" }, item)),
                Value::count(found.missing),
                Value::Number(found.missing as f64 / form.n.max(1) as f64, Kind::Percent),
                Value::count(found.n),
                Value::number(found.mean, Kind::Score),
                Value::number(found.sd, Kind::Score),
                Value::number(test.map(|test| test.mean[j]), Kind::Score),
                Value::number(sd, Kind::Score),
            ]);
        }
    }
    table.title = Some("Gaps by item, and what they do to means".to_owned());
    table.notes.push("−: reversed before all of this. ML: maximum likelihood under normality from all answers of all items (the EM algorithm; SD over n), which gaps do not bend where they depend on answers that were given. Data formats hold its covariances.".to_owned());
    table
}

/// What `check` found in the files: kinds and numbers, without the people they are about.
fn checks(evidence: &Evidence<'_>, piece: &mut Piece) {
    piece.heading("What a check of the data found");
    let Some(check) = &evidence.part.check else {
        return piece.text("The data came from a pipe, and could not be looked through a second time.");
    };
    let columns = [("finding", "Finding"), ("count", "How often"), ("meaning", "What it means")];
    let mut table = Table::new("checks", columns.map(|(id, head)| Column::new(id, head)).to_vec());
    for (id, n) in check.results["counts"].as_object().into_iter().flatten() {
        let meaning = Code::ALL.iter().find(|code| code.id() == id).map_or("", |code| code.meaning());
        table.rows.push(vec![Value::text(id), Value::number(n.as_f64(), Kind::Count), Value::text(meaning)]);
    }
    let instrument = &evidence.instrument().id;
    table.notes.push(format!("Where each stands is said by `alliance check {instrument} FILE`."));
    if table.rows.is_empty() {
        piece.text("Nothing: no problem, no note.");
    }
    piece.table(table);
    let found = json!({ "problems": check.results["problems"], "counts": check.results["counts"] });
    piece.results.push(("check", found));
}
