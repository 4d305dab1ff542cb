//! Every two raters: kappas, and the confusion table.

use super::found::RatersFound;
use super::tables::{begin, head, points, reason};
use super::units::{RatedLine, Raters};
use crate::report::format::Kind;
use crate::report::model::{Column, Table, Value};
use crate::report::reliability_tables::limits;

/// A line for every two raters.
pub fn pairs(raters: &Raters, line: &RatedLine, found: &RatersFound) -> Table {
    let close = found.within.iter().map(|within| within.points).fold(0.0, f64::max);
    let mut columns = head();
    columns.extend([
        Column::new("raters", "Two raters"),
        Column::new("n", "n"),
        Column::new("equal", "Equal %"),
        Column::new("close", format!("Within {} %", points(close))),
        Column::new("kappa", "κ"),
        Column::new("kappa_ci", "CI"),
        Column::new("kappa_linear", "κ linear"),
        Column::new("kappa_linear_ci", "CI"),
        Column::new("kappa_quadratic", "κ quadratic"),
        Column::new("kappa_quadratic_ci", "CI"),
        Column::new("kappa_own", "κ own"),
        Column::hidden("kappa_own_ci"),
        Column::hidden("reason"),
    ]);
    let mut table = Table::new("kappa", columns);
    for pair in &found.pairs {
        let [a, b] = pair.raters.map(|rater| &raters.names[rater]);
        let share = |wanted: f64| {
            let within = pair.within.iter().find(|within| within.points == wanted);
            Value::number(within.and_then(|within| within.of_pairs.estimate), Kind::Percent)
        };
        let mut row = begin(line);
        row.extend([
            Value::text(format!("{a}, {b}")),
            Value::count(pair.n as u64),
            share(0.0),
            if close > 0.0 { share(close) } else { Value::Empty },
        ]);
        for weights in ["identity", "linear", "quadratic", "own"] {
            let value = pair.kappas.iter().find(|kappa| kappa.weights == weights).map(|kappa| kappa.value);
            row.push(Value::number(value.and_then(|value| value.estimate), Kind::Bounded));
            row.push(value.map_or(Value::Empty, |value| limits(value.lower, value.upper, Kind::Bounded)));
        }
        let first = pair.kappas.first().map(|kappa| kappa.value);
        row.push(reason(first.and_then(|value| value.reason)));
        if let Some(why) = first.filter(|value| value.estimate.is_none()).and_then(|value| value.reason) {
            table.notes.push(format!("{a}, {b}: no kappa, {}.", why.words()));
        }
        table.rows.push(row);
    }
    table
}

/// Wider tables do not fit a page.
const MOST_CATEGORIES: usize = 14;

/// How often each category of a rater met each of another, as a table in plain characters.
pub fn confusion(raters: &Raters, found: &RatersFound, of: [usize; 2]) -> Option<Vec<String>> {
    let mut sorted = of;
    sorted.sort_unstable();
    let pair = found.pairs.iter().find(|pair| pair.raters == sorted)?;
    let confusion = pair.confusion.as_ref()?;
    let values = confusion.categories.values();
    if pair.n == 0 || values.len() > MOST_CATEGORIES {
        return None;
    }
    let [first, second] = of.map(|rater| raters.names[rater].chars().take(24).collect::<String>());
    let count = |a: usize, b: usize| match of == sorted {
        true => confusion.counts[(a, b)],
        false => confusion.counts[(b, a)],
    };
    let cell = |n: f64| if n == 0.0 { "·".to_owned() } else { n.to_string() };
    let row = |label: String, cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("{cell:>5}")).collect();
        format!("{label:>6}{cells}")
    };
    let all = || 0..values.len();
    let mut out = vec![format!("{first} in rows, {second} in columns")];
    let heads = all().map(|b| values[b].to_string()).chain(["all".to_owned()]).collect();
    out.push(row(String::new(), heads));
    for a in all() {
        let total: f64 = all().map(|b| count(a, b)).sum();
        let cells = all().map(|b| cell(count(a, b))).chain([total.to_string()]).collect();
        out.push(row(values[a].to_string(), cells));
    }
    let column = |b: usize| all().map(|a| count(a, b)).sum::<f64>();
    let cells = all().map(|b| column(b).to_string()).chain([pair.n.to_string()]).collect();
    out.push(row("all".to_owned(), cells));
    Some(out)
}

/// The same for every two raters, a row for each two categories.
pub fn confusion_as_data(raters: &Raters, line: &RatedLine, found: &RatersFound) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("raters", "Two raters"),
        Column::new("first_category", "First"),
        Column::new("second_category", "Second"),
        Column::new("count", "Count"),
    ]);
    let mut table = Table::new("confusion", columns);
    for pair in &found.pairs {
        let Some(confusion) = &pair.confusion else { continue };
        let [a, b] = pair.raters.map(|rater| &raters.names[rater]);
        let values = confusion.categories.values();
        for (first, x) in values.iter().enumerate() {
            for (second, y) in values.iter().enumerate() {
                let mut row = begin(line);
                row.extend([
                    Value::text(format!("{a}, {b}")),
                    Value::Number(*x, Kind::Score),
                    Value::Number(*y, Kind::Score),
                    Value::Number(confusion.counts[(first, second)], Kind::Count),
                ]);
                table.rows.push(row);
            }
        }
    }
    table
}
