//! The report of `compare-alphas`.

use std::collections::{BTreeMap, BTreeSet};

use nalgebra::DMatrix;
use serde_json::{Value as Json, json};

use super::dependence::row_notes;
use super::format::{Kind, plural};
use super::model::{Block, Column, Note, PageWords, Report, Section, Table, Value};
use super::reliability::ScaleLine;
use super::reliability_tables::limits;
use super::scales::{ScaleRows, Scales};
use super::study::selection_settings;
use crate::moments::{ItemMatrix, Missing, Moments};
use crate::reliability::{
    AlphaComparison, AlphaConfig, Compared, alpha, compare_dependent, compare_independent,
    compare_two_dependent, compare_two_independent, correlation,
};
use crate::responses::Key;
use crate::statistic::{Estimate, Reason, StatError};

/// Published alphas.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAlphas {
    /// The alphas.
    pub alphas: Vec<Compared>,
    /// The correlations of the totals, where all are of the same persons.
    pub correlations: Option<DMatrix<f64>>,
}

/// An alpha of a group.
struct Group<'a> {
    rows: &'a ScaleRows,
    data: ItemMatrix,
    /// Who a row is about: the dyad, or else the person.
    units: Vec<usize>,
    n: usize,
    alpha: Estimate,
}

/// A test between some of the groups of a scale.
struct Comparison {
    scale: String,
    groups: Vec<String>,
    dependent: bool,
    /// Pairs, or persons of all groups.
    n: usize,
    alphas: Vec<f64>,
    /// The correlation of the totals, where two are compared.
    r: Option<f64>,
    test: Result<AlphaComparison, Reason>,
}

/// Compares alphas of published figures.
pub fn compare_given_alphas(given: &GivenAlphas) -> Report {
    let result = test(&given.alphas, given.correlations.as_ref());
    let groups: Vec<String> = (1..=given.alphas.len()).map(|at| at.to_string()).collect();
    let n = given.alphas.iter().map(|of| of.n);
    let comparison = Comparison {
        scale: String::new(),
        groups: groups.clone(),
        dependent: given.correlations.is_some(),
        n: if given.correlations.is_some() { given.alphas[0].n } else { n.sum() },
        alphas: given.alphas.iter().map(|of| of.alpha).collect(),
        r: given.correlations.as_ref().filter(|_| groups.len() == 2).map(|r| r[(0, 1)]),
        test: result.map_err(|error| error.reason),
    };
    let columns = vec![Column::new("group", ""), Column::new("n", "n"), Column::new("alpha", "α")];
    let mut table = Table::new("alphas", columns);
    for (group, of) in groups.iter().zip(&given.alphas) {
        table.rows.push(vec![
            Value::text(group),
            Value::count(of.n as u64),
            Value::Number(of.alpha, Kind::Fine),
        ]);
    }
    let comparisons = vec![comparison];
    Report {
        command: "compare-alphas",
        words: PageWords::default(),
        title: "Do alphas differ?".to_owned(),
        instruments: Vec::new(),
        input: None,
        settings: json!({ "values": given.alphas, "dependent": given.correlations.is_some() }),
        results: json!({
            "alphas": given.alphas,
            "comparisons": comparisons.iter().map(comparison_json).collect::<Vec<_>>(),
        }),
        sections: sections(table, &comparisons),
        notes: notes_on_tests(&comparisons),
    }
}

/// Compares the alphas of every scale between the groups.
pub fn compare_alphas(scales: &Scales, missing: Missing, level: f64, settings: Json) -> Report {
    let groups: Vec<Group> =
        scales.lines.iter().filter_map(|line| group(scales, line, missing, level)).collect();
    let mut seen = BTreeSet::new();
    let ids: Vec<&str> =
        groups.iter().map(|group| group.rows.of.scale.as_str()).filter(|id| seen.insert(*id)).collect();
    let mut comparisons = Vec::new();
    for id in ids {
        let own: Vec<&Group> = groups.iter().filter(|group| group.rows.of.scale == id).collect();
        comparisons.extend(compare(&own));
    }
    let mut notes = row_notes(scales);
    notes.extend(notes_on_tests(&comparisons));
    let mut settings = settings;
    settings["selection"] = selection_settings(&scales.selection);
    let results = json!({
        "alphas": groups.iter().map(group_json).collect::<Vec<_>>(),
        "comparisons": comparisons.iter().map(comparison_json).collect::<Vec<_>>(),
    });
    let title = format!("Do alphas of {} differ?", scales.study.instrument().unwrap_or("scores"));
    let page = sections(group_table(&groups, level), &comparisons);
    scales.study.report("compare-alphas", title, settings, results, page, notes)
}

fn group<'a>(scales: &Scales, rows: &'a ScaleRows, missing: Missing, level: f64) -> Option<Group<'a>> {
    let sample = &scales.study.sample;
    let data = sample.items(scales.edition(rows)?, &rows.rows);
    let unit = [Key::Dyad, Key::Person, Key::Family].into_iter().find_map(|key| sample.key(key));
    let units = rows.rows.iter().map(|row| unit.map_or(*row, |words| words.index(*row))).collect();
    let found = Moments::of(&data, missing)
        .and_then(|moments| alpha(&moments, &AlphaConfig { level, ..AlphaConfig::default() }));
    let (n, alpha) = match found {
        Ok(found) => (found.n, found.estimate),
        Err(error) => (data.complete_rows().len(), Estimate::none(error.reason)),
    };
    Some(Group { rows, data, units, n, alpha })
}

/// All groups in one test, where they are all of different persons or all of the same; beyond two groups also pair by pair.
fn compare(groups: &[&Group]) -> Vec<Comparison> {
    if groups.len() < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let pairs: Vec<(usize, usize)> =
        (0..groups.len()).flat_map(|i| (i + 1..groups.len()).map(move |j| (i, j))).collect();
    let tied: Vec<bool> = pairs.iter().map(|(i, j)| share_units(groups[*i], groups[*j])).collect();
    if groups.len() > 2 && (tied.iter().all(|tied| *tied) || tied.iter().all(|tied| !*tied)) {
        found.push(comparison(groups, tied[0]));
    }
    found.extend(pairs.iter().zip(&tied).map(|((i, j), tied)| comparison(&[groups[*i], groups[*j]], *tied)));
    found
}

fn share_units(a: &Group, b: &Group) -> bool {
    let of: BTreeSet<usize> = a.units.iter().copied().collect();
    b.units.iter().any(|unit| of.contains(unit))
}

fn comparison(groups: &[&Group], dependent: bool) -> Comparison {
    let mut made = Comparison {
        scale: groups[0].rows.of.scale.clone(),
        groups: groups.iter().map(|group| name(&group.rows.of)).collect(),
        dependent,
        n: groups.iter().map(|group| group.n).sum(),
        alphas: groups.iter().filter_map(|group| group.alpha.estimate).collect(),
        r: None,
        test: Err(Reason::TooFew),
    };
    if !dependent {
        if let Some(reason) = groups.iter().find_map(|group| group.alpha.reason) {
            made.test = Err(reason);
            return made;
        }
        let of =
            |group: &&Group| Some(Compared { alpha: group.alpha.estimate?, n: group.n, k: group.data.k() });
        let alphas: Vec<Compared> = groups.iter().filter_map(of).collect();
        made.test = test(&alphas, None).map_err(|error| error.reason);
        return made;
    }
    // The same units in every group, each with one complete row in it.
    let complete: Vec<BTreeMap<usize, Option<usize>>> =
        groups.iter().map(|group| complete_rows(group)).collect();
    let everywhere = |unit: &usize| complete.iter().all(|rows| rows.get(unit).copied().flatten().is_some());
    let units: Vec<usize> = complete[0].keys().copied().filter(everywhere).collect();
    made.n = units.len();
    let matched = |(group, rows): (&&Group, &BTreeMap<usize, Option<usize>>)| {
        let rows: Vec<usize> = units.iter().filter_map(|unit| rows.get(unit).copied().flatten()).collect();
        group.data.rows(&rows)
    };
    let data: Vec<ItemMatrix> = groups.iter().zip(&complete).map(matched).collect();
    made.test = dependent_test(&data, &mut made.alphas, &mut made.r).map_err(|error| error.reason);
    made
}

/// The complete row of each unit; none where it has several, which would count one unit twice.
fn complete_rows(group: &Group) -> BTreeMap<usize, Option<usize>> {
    let mut rows = BTreeMap::new();
    for (row, unit) in group.units.iter().enumerate() {
        if (0..group.data.k()).all(|j| !group.data.values()[(row, j)].is_nan()) {
            rows.entry(*unit).and_modify(|row| *row = None).or_insert(Some(row));
        }
    }
    rows
}

fn dependent_test(
    data: &[ItemMatrix],
    alphas: &mut Vec<f64>,
    r: &mut Option<f64>,
) -> Result<AlphaComparison, StatError> {
    alphas.clear();
    let mut compared = Vec::new();
    for data in data {
        let found = alpha(&Moments::listwise(data)?, &AlphaConfig::default())?;
        let value =
            found.estimate.estimate.ok_or_else(|| StatError::new(Reason::NoVariability, "no alpha"))?;
        alphas.push(value);
        compared.push(Compared { alpha: value, n: found.n, k: found.k });
    }
    let totals: Vec<Vec<f64>> =
        data.iter().map(|data| data.values().row_iter().map(|row| row.sum()).collect()).collect();
    let m = data.len();
    let mut correlations = DMatrix::identity(m, m);
    for i in 0..m {
        for j in 0..i {
            let between = correlation(&totals[i], &totals[j], 0.95).r;
            let value = between
                .estimate
                .ok_or_else(|| StatError::new(between.reason.unwrap_or(Reason::TooFew), "no correlation"))?;
            (correlations[(i, j)], correlations[(j, i)]) = (value, value);
        }
    }
    *r = (m == 2).then(|| correlations[(0, 1)]);
    test(&compared, Some(&correlations))
}

fn test(alphas: &[Compared], correlations: Option<&DMatrix<f64>>) -> Result<AlphaComparison, StatError> {
    match (alphas, correlations) {
        ([a, b], None) => compare_two_independent(a, b),
        ([a, b], Some(r)) => compare_two_dependent(a, b, r[(0, 1)]),
        (_, None) => compare_independent(alphas),
        (_, Some(r)) => compare_dependent(alphas, r),
    }
}

/// What a group is called beside the others of its scale.
fn name(of: &ScaleLine) -> String {
    let form =
        of.form.clone().filter(|form| of.role.is_none() && !of.by.iter().any(|(_, word)| word == form));
    form.into_iter().chain(of.by.iter().map(|(_, word)| word.clone())).collect::<Vec<_>>().join(", ")
}

fn group_json(group: &Group) -> Json {
    let mut json = group.rows.of.json();
    json["n"] = json!(group.n);
    json["k"] = json!(group.data.k());
    json["alpha"] = json!(group.alpha);
    json
}

fn comparison_json(of: &Comparison) -> Json {
    let test = of.test.as_ref().ok();
    json!({
        "scale": if of.scale.is_empty() { None } else { Some(&of.scale) },
        "groups": of.groups,
        "dependent": of.dependent,
        "n": of.n,
        "alphas": of.alphas,
        "r": of.r,
        "test": test.map(|test| test.test),
        "statistic": test.map(|test| test.statistic),
        "df": test.map(|test| test.df),
        "df2": test.and_then(|test| test.df2),
        "p": test.map(|test| test.p),
        "reason": of.test.as_ref().err(),
    })
}

fn sections(alphas: Table, comparisons: &[Comparison]) -> Vec<Section> {
    let section = |id, title: Option<&str>, table| Section {
        id,
        title: title.map(str::to_owned),
        blocks: vec![Block::Table(table)],
    };
    vec![
        section("alphas", None, alphas),
        section("comparisons", Some("Are they equal?"), comparison_table(comparisons)),
    ]
}

fn group_table(groups: &[Group], level: f64) -> Table {
    let of: Vec<&ScaleLine> = groups.iter().map(|group| &group.rows.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("k", "k"),
        Column::new("alpha", "α"),
        Column::hidden("lower"),
        Column::hidden("upper"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("alphas", columns);
    for group in groups {
        let mut row = group.rows.of.cells();
        row.extend([
            Value::count(group.n as u64),
            Value::count(group.data.k() as u64),
            Value::number(group.alpha.estimate, Kind::Bounded),
            Value::number(group.alpha.lower, Kind::Bounded),
            Value::number(group.alpha.upper, Kind::Bounded),
            limits(group.alpha.lower, group.alpha.upper, Kind::Bounded),
            group.alpha.reason.map_or(Value::Empty, |reason| Value::text(reason.words())),
        ]);
        table.rows.push(row);
    }
    table
}

fn comparison_table(comparisons: &[Comparison]) -> Table {
    let columns = vec![
        Column::new("scale", "Scale"),
        Column::new("groups", "Between"),
        Column::new("persons", "Persons"),
        Column::new("n", "n"),
        Column::new("alphas", "α"),
        Column::new("r", "r of totals"),
        Column::hidden("test"),
        Column::new("statistic_name", "Test"),
        Column::new("statistic", ""),
        Column::new("df", "df"),
        Column::hidden("df1"),
        Column::hidden("df2"),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ];
    let mut table = Table::new("comparisons", columns);
    for of in comparisons {
        let test = of.test.as_ref().ok();
        let df = |df: f64| format!("{df:.0}");
        let shown: Vec<String> =
            of.alphas.iter().map(|alpha| super::format::number(*alpha, Kind::Bounded)).collect();
        table.rows.push(vec![
            if of.scale.is_empty() { Value::Empty } else { Value::text(&of.scale) },
            Value::text(of.groups.join(if of.groups.iter().any(|g| g.contains(',')) { "; " } else { ", " })),
            Value::text(if of.dependent { "the same" } else { "different" }),
            Value::count(of.n as u64),
            Value::text(shown.join(", ")),
            Value::number(of.r, Kind::Bounded),
            test.map_or(Value::Empty, |test| Value::text(test.test)),
            test.map_or(Value::Empty, |test| Value::text(symbol(test.test))),
            Value::number(test.map(|test| test.statistic), Kind::Score),
            test.map_or(Value::Empty, |test| match test.df2 {
                Some(df2) => Value::text(format!("{}, {}", df(test.df), df(df2))),
                None => Value::text(df(test.df)),
            }),
            Value::number(test.map(|test| test.df), Kind::Count),
            Value::number(test.and_then(|test| test.df2), Kind::Count),
            Value::number(test.map(|test| test.p), Kind::P),
            of.test.as_ref().err().map_or(Value::Empty, |reason| Value::text(reason.words())),
        ]);
    }
    table
}

fn symbol(test: &str) -> &'static str {
    match test {
        "feldt_1969" => "W",
        "feldt_1980" => "t",
        _ => "χ²",
    }
}

fn notes_on_tests(comparisons: &[Comparison]) -> Vec<Note> {
    let mut notes = Vec::new();
    if comparisons.is_empty() {
        notes.push(Note::new("one_group", "no scale has two groups to compare"));
    }
    let used: BTreeSet<&str> =
        comparisons.iter().filter_map(|of| Some(of.test.as_ref().ok()?.test)).collect();
    let words = |test: &&str| match *test {
        "feldt_1969" => "W: Feldt (1969), different persons",
        "feldt_1980" => "t: Feldt (1980), the same persons or the members of pairs",
        "woodruff_feldt_independent" => "χ²: Woodruff & Feldt (1986), different persons",
        _ => "χ²: Woodruff & Feldt (1986), the same persons",
    };
    if !used.is_empty() {
        notes.push(Note::new("tests", used.iter().map(words).collect::<Vec<_>>().join("; ")));
    }
    let matched: Vec<&Comparison> =
        comparisons.iter().filter(|of| of.dependent && !of.scale.is_empty()).collect();
    if let (Some(least), Some(most)) =
        (matched.iter().map(|of| of.n).min(), matched.iter().map(|of| of.n).max())
    {
        let n = if least == most {
            plural(most as u64, "match", "matches")
        } else {
            format!("{least} to {most} matches")
        };
        let text = format!(
            "groups of the same persons or dyads are compared by those who answered every item in each of them ({n}); \
             their alphas may differ from those above"
        );
        notes.push(Note::new("matched", text));
    }
    if comparisons.iter().filter(|of| of.groups.len() == 2).count() > 1 {
        notes.push(Note::new(
            "several_tests",
            "p is that of each test by itself, not adjusted for their number",
        ));
    }
    notes
}
