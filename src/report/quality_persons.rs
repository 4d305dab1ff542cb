//! The tables of `quality` about persons.

use super::format::Kind;
use super::model::{Column, Table, Value};
use super::quality::QualityForm;
use super::quality_json::indices as indices_of;
use super::quality_tables::text;
use crate::numeric::quantile;
use crate::quality::{Line, Mark, PersonQuality, Sequence};
use crate::statistic::Reason;

/// How many persons a page shows of those that are marked.
const MOST_PERSONS: usize = 20;

fn index(value: Result<f64, Reason>, kind: Kind) -> Value {
    Value::number(value.ok(), kind)
}

/// The answers that repeat, and how far: `1-2-3 over 9 items`.
fn repeated(sequence: &Sequence) -> String {
    let answers: Vec<String> = sequence.repeated.iter().map(|x| format!("{x}")).collect();
    format!("{} over {} items", answers.join("-"), sequence.length)
}

/// A person's marks, and the line if there is one, in words.
fn seen(person: &PersonQuality) -> String {
    let line = person.line.map(Line::words);
    // A run over all of the form is the line.
    let says_more =
        |mark: &&Mark| line.is_none() || !matches!(mark, Mark::RunAgainstReversed | Mark::LongRun);
    let words = |mark: &Mark| match (&person.sequence, mark) {
        (Some(sequence), Mark::LongSequence) => repeated(sequence),
        _ => mark.words().to_owned(),
    };
    let marks = person.marks.iter().filter(says_more).map(words);
    line.map(str::to_owned).into_iter().chain(marks).collect::<Vec<_>>().join("; ")
}

/// Persons, those with the most marks first; all of them, or the first of those that are marked.
pub(super) fn persons(form: &QualityForm, everything: bool) -> Table {
    let mut columns = QualityForm::columns(std::slice::from_ref(form), true);
    columns.extend([
        Column::new("person", "Person"),
        Column::hidden("answered"),
        Column::new("missing", "Gaps"),
        Column::hidden("longest_run"),
        Column::hidden("run_value"),
        Column::hidden("run_first"),
        Column::new("run", "Longest run"),
        Column::hidden("average_run"),
        Column::hidden("sequence_length"),
        Column::hidden("sequence_period"),
        Column::new("spread", "SD"),
        Column::new("distance", "D²"),
        Column::hidden("distance_df"),
        Column::new("distance_p", "p"),
        Column::new("person_total_r", "r with others"),
        Column::hidden("line"),
        Column::hidden("marks"),
        Column::new("seen", "What is seen"),
    ]);
    let mut table = Table::new("persons", columns);
    let mut order: Vec<usize> = (0..form.found.persons.len()).collect();
    let marks = |at: &usize| &form.found.persons[*at].marks;
    let marked = order.iter().filter(|at| !marks(at).is_empty()).count();
    if !everything {
        order.retain(|at| !marks(at).is_empty());
        // The mark that says most first, then the number of marks; equal ones in the order of the file.
        order.sort_by_key(|at| (marks(at)[0], std::cmp::Reverse(marks(at).len())));
        order.truncate(MOST_PERSONS);
    }
    let some = if order.len() < marked { format!(", the first {}", order.len()) } else { String::new() };
    let words = form.words();
    table.title = Some(format!("{words}, {marked} of {} marked{some}", form.found.persons.len()));
    for at in order {
        let person = &form.found.persons[at];
        let run = person.runs.ok().map(|runs| runs.longest);
        let number_of = |n: Option<usize>| Value::number(n.map(|n| n as f64), Kind::Count);
        let ids = |ids: Vec<&str>| text(ids.join(" "));
        let mut row = form.cells();
        row.extend([
            Value::text(&form.persons[at]),
            Value::count(person.answered as u64),
            if person.missing > 0 { Value::count(person.missing as u64) } else { Value::Empty },
            number_of(run.map(|run| run.length)),
            Value::number(run.map(|run| run.value), Kind::Exact),
            text(run.map_or("", |run| form.items[run.first].item.as_str())),
            run.map_or(Value::Empty, |run| Value::text(format!("{} × {}", run.length, run.value))),
            Value::number(person.runs.ok().map(|runs| runs.average), Kind::Score),
            number_of(person.sequence.as_ref().map(|sequence| sequence.length)),
            number_of(person.sequence.as_ref().map(|sequence| sequence.period)),
            index(person.spread, Kind::Score),
            index(person.distance.map(|found| found.d2), Kind::Score),
            number_of(person.distance.ok().map(|found| found.df)),
            index(person.distance.map(|found| found.p), Kind::P),
            index(person.with_others, Kind::Bounded),
            text(person.line.map_or("", Line::id)),
            ids(person.marks.iter().map(|mark| mark.id()).collect()),
            text(seen(person)),
        ]);
        table.rows.push(row);
    }
    let note = "Longest run: length × answer as ticked. SD: of the person's answers as ticked. D²: distance from the mean of all. r with others: with the mean answers of the others.";
    table.notes.push(note.to_owned());
    table
}

/// How consistent each person is.
pub(super) fn consistency(form: &QualityForm) -> Table {
    let mut columns = QualityForm::columns(std::slice::from_ref(form), true);
    columns.extend([
        Column::new("person", "Person"),
        Column::new("even_odd", "Even–odd"),
        Column::new("synonym_r", "Synonyms"),
        Column::new("antonym_r", "Antonyms"),
        Column::new("guttman_errors", "Guttman errors"),
        Column::new("guttman_normed", "Normed"),
        Column::new("sequence", "Sequence"),
        Column::new("autocorrelation", "Autocorrelation"),
        Column::new("autocorrelation_lag", "Lag"),
    ]);
    let mut table = Table::new("consistency", columns);
    let (synonyms, antonyms) = (form.found.synonyms.len(), form.found.antonyms.len());
    table.title = Some(format!("{}, {synonyms} pairs of synonyms, {antonyms} of antonyms", form.words()));
    for (person, words) in form.found.persons.iter().zip(&form.persons) {
        let mut row = form.cells();
        row.extend([
            Value::text(words),
            index(person.even_odd, Kind::Bounded),
            index(person.synonyms, Kind::Bounded),
            index(person.antonyms, Kind::Bounded),
            index(person.guttman.map(|found| found.errors as f64), Kind::Count),
            Value::number(person.guttman.ok().and_then(|found| found.normed), Kind::Bounded),
            text(person.sequence.as_ref().map(repeated).unwrap_or_default()),
            index(person.autocorrelation.map(|found| found.r), Kind::Bounded),
            Value::number(person.autocorrelation.ok().map(|found| found.lag as f64), Kind::Count),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Even–odd, synonyms: 1 is consistent; antonyms: −1 is. Guttman errors: hard steps taken where easier ones were not; normed by the most for the same total.".to_owned());
    table
}

/// Titles of the indices, and which end is careless.
const INDICES: &[(&str, &str, Kind, &str)] = &[
    ("average_run", "Average run", Kind::Score, "high"),
    ("spread", "SD of the answers", Kind::Score, "low; at random, high"),
    ("distance", "Distance D²", Kind::Score, "high"),
    ("even_odd", "Even–odd consistency", Kind::Bounded, "low"),
    ("synonym_r", "r over synonyms", Kind::Bounded, "low"),
    ("antonym_r", "r over antonyms", Kind::Bounded, "high"),
    ("person_total_r", "r with the others", Kind::Bounded, "low"),
    ("guttman_errors", "Guttman errors", Kind::Count, "high"),
    ("guttman_normed", "Guttman errors, normed", Kind::Bounded, "high"),
    ("autocorrelation", "Autocorrelation", Kind::Bounded, "near 1"),
];

/// How the indices are distributed.
pub(super) fn indices(forms: &[QualityForm]) -> Table {
    let mut columns = QualityForm::columns(forms, false);
    columns.extend([
        Column::hidden("index"),
        Column::new("title", "Index"),
        Column::new("n", "n"),
        Column::new("min", "Min"),
        Column::new("q05", "5 %"),
        Column::new("median", "Median"),
        Column::new("q95", "95 %"),
        Column::new("max", "Max"),
        Column::new("careless", "Careless is"),
    ]);
    let mut table = Table::new("indices", columns);
    for form in forms {
        for (id, title, kind, careless) in INDICES {
            let of = |person: &PersonQuality| {
                indices_of(person).into_iter().find(|(other, _)| other == id)?.1.ok()
            };
            let mut values: Vec<f64> = form.found.persons.iter().filter_map(of).collect();
            values.sort_by(f64::total_cmp);
            let mut row = form.cells();
            row.extend([Value::text(*id), Value::text(*title), Value::count(values.len() as u64)]);
            row.extend([0.0, 0.05, 0.5, 0.95, 1.0].map(|p| Value::number(quantile(&values, p), *kind)));
            row.push(Value::text(*careless));
            table.rows.push(row);
        }
    }
    table
}
