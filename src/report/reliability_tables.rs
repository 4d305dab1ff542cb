//! The tables of `reliability`.

use super::format::Kind;
use super::model::{Column, Table, Value};
use super::reliability::{ReliabilityLine, ScaleLine};
use crate::reliability::{Coefficient, Found};

/// One line a scale.
pub(super) fn brief(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let level = lines.first().map_or(0.95, |line| line.found.config.level);
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("k", "k"),
        Column::new("mean", "M"),
        Column::new("sd", "SD"),
        Column::new("alpha", "α"),
        Column::new("alpha_limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("omega_total", "ω"),
        Column::new("omega_total_limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("mean_r", "Mean r"),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("scales", columns);
    for line in lines {
        let found = &line.found;
        let of = |coefficient| found.coefficients[&coefficient].estimate;
        let (alpha, omega) = (of(Coefficient::Alpha), of(Coefficient::OmegaTotal));
        let mut row = line.of.cells();
        row.extend([
            Value::count(found.n as u64),
            Value::count(found.k as u64),
            Value::number(found.score.mean, Kind::Score),
            Value::number(found.score.sd, Kind::Score),
            Value::number(alpha.estimate, Kind::Bounded),
            limits(alpha.lower, alpha.upper, Kind::Bounded),
            Value::number(line.shown(Coefficient::OmegaTotal), Kind::Bounded),
            limits(omega.lower, omega.upper, Kind::Bounded),
            Value::number(of(Coefficient::MeanR).estimate, Kind::Bounded),
            Value::number(found.score.floor, Kind::Percent),
            Value::number(found.score.ceiling, Kind::Percent),
            match (alpha.estimate, alpha.reason) {
                (None, Some(reason)) => Value::text(reason.words()),
                _ => Value::Empty,
            },
        ]);
        table.rows.push(row);
    }
    table
}

pub(super) fn limits(lower: Option<f64>, upper: Option<f64>, kind: Kind) -> Value {
    match (lower, upper) {
        (Some(lower), Some(upper)) => Value::Pair([lower, upper], kind),
        _ => Value::Empty,
    }
}

/// A way to limits, in words.
fn limits_by(method: &str) -> &str {
    match method {
        "feldt" => "Feldt",
        "bonett" => "Bonett",
        "bonett_corrected" => "Bonett, bias corrected",
        "hakstian_whalen" => "Hakstian–Whalen",
        "fisher_z" => "Fisher's z",
        "normal_theory" => "normal theory",
        "adf" => "distribution-free (ADF)",
        "delta" => "delta method",
        "bootstrap_percentile" => "bootstrap, percentile",
        "bootstrap_bca" => "bootstrap, BCa",
        "cluster_bootstrap_percentile" => "bootstrap over clusters",
        "cluster_bootstrap_bca" => "over clusters, BCa",
        other => other,
    }
}

/// The kind of number a coefficient is.
pub(super) fn kind(coefficient: Coefficient) -> Kind {
    match coefficient {
        Coefficient::StandardErrorOfMeasurement
        | Coefficient::MinimalDetectableChange
        | Coefficient::SignalToNoise => Kind::Score,
        _ => Kind::Bounded,
    }
}

/// All coefficients of a scale, a line each.
pub(super) fn detail(line: &ReliabilityLine, wanted: &[Coefficient]) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::hidden("coefficient"),
        Column::new("title", "Coefficient"),
        Column::new("estimate", "Estimate"),
        Column::hidden("lower"),
        Column::hidden("upper"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * line.found.config.level)),
        Column::new("se", "SE"),
        Column::new("limits_by", "Limits by"),
        Column::hidden("interval"),
        Column::new("from", "From"),
        Column::hidden("method"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("coefficients", columns);
    table.title = Some(format!("{}, n = {}, k = {}", line.of.words(), line.found.n, line.found.k));
    for coefficient in wanted {
        let found = &line.found.coefficients[coefficient];
        table.rows.push(detail_row(line, *coefficient, &found.estimate, found, coefficient.title()));
        for (method, estimate) in &found.intervals {
            let title = format!("… {}", limits_by(method));
            table.rows.push(detail_row(line, *coefficient, estimate, found, &title));
        }
    }
    table.notes = which(wanted);
    table
}

/// The persons without whom alpha would change most.
pub(super) fn influential(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("person", "Person"),
        Column::new("alpha_without", "α without"),
        Column::new("change", "Change"),
    ]);
    let mut table = Table::new("influential", columns);
    for line in lines {
        for (influence, person) in line.found.influential.iter().zip(&line.influential) {
            let mut row = line.of.cells();
            row.extend([
                Value::text(person),
                Value::Number(influence.alpha_without, Kind::Fine),
                Value::Number(influence.change, Kind::Fine),
            ]);
            table.rows.push(row);
        }
    }
    table
}

/// Which omega it is: what the column has no room for.
fn which(wanted: &[Coefficient]) -> Vec<String> {
    let mut methods: Vec<(&str, Vec<&str>)> = Vec::new();
    for coefficient in wanted.iter().filter(|coefficient| coefficient.method().contains(", ")) {
        match methods.iter_mut().find(|(method, _)| *method == coefficient.method()) {
            Some((_, titles)) => titles.push(coefficient.title()),
            None => methods.push((coefficient.method(), vec![coefficient.title()])),
        }
    }
    methods.into_iter().map(|(method, titles)| format!("{}: {method}.", titles.join("; "))).collect()
}

fn detail_row(
    line: &ReliabilityLine,
    coefficient: Coefficient,
    estimate: &crate::statistic::Estimate,
    found: &Found,
    title: &str,
) -> Vec<Value> {
    let kind = kind(coefficient);
    let text = |text: Option<&str>| text.map_or(Value::Empty, Value::text);
    let mut row = line.of.cells();
    row.extend([
        Value::text(coefficient.id()),
        Value::text(title),
        Value::number(estimate.estimate, kind),
        Value::number(estimate.lower, kind),
        Value::number(estimate.upper, kind),
        limits(estimate.lower, estimate.upper, kind),
        Value::number(estimate.se, if kind == Kind::Bounded { Kind::Fine } else { kind }),
        text(estimate.interval.filter(|_| !title.starts_with('…')).map(limits_by)),
        text(estimate.interval),
        Value::text(found.method.split(", ").next().unwrap_or_default()),
        Value::text(found.method),
        text(estimate.reason.map(|reason| reason.words())),
    ]);
    row
}

/// Whether alpha's assumption of equal loadings is tenable.
pub(super) fn tenable(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("free_chi_square", "χ² free"),
        Column::new("free_df", "df"),
        Column::new("free_p", "p"),
        Column::new("equal_chi_square", "χ² equal"),
        Column::new("equal_df", "df"),
        Column::new("chi_square", "Difference"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("equal_loadings", columns);
    for line in lines {
        let test = &line.found.equal_loadings;
        let df = |df: usize| if test.chi_square.is_some() { Value::count(df as u64) } else { Value::Empty };
        let mut row = line.of.cells();
        row.extend([
            Value::number(test.free_chi_square, Kind::Score),
            df(test.free_df),
            Value::number(test.free_p, Kind::P),
            Value::number(test.equal_chi_square, Kind::Score),
            df(test.equal_df),
            Value::number(test.chi_square, Kind::Score),
            df(test.df),
            Value::number(test.p, Kind::P),
            test.reason.map_or(Value::Empty, |reason| Value::text(reason.words())),
        ]);
        table.rows.push(row);
    }
    let note = "One factor, free against equal loadings. A small p of the difference says that alpha understates what omega estimates, if one factor fits at all.";
    table.notes.push(note.to_owned());
    table
}

/// The groups behind omega hierarchical.
pub(super) fn groups(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("items", "Items that load most on a group factor"),
        Column::new("total", "ω total"),
        Column::new("general", "General"),
        Column::new("group_share", "Group"),
    ]);
    let mut table = Table::new("omega_groups", columns);
    for line in lines {
        for group in line.found.groups.iter().filter(|group| !group.items.is_empty()) {
            let mut row = line.of.cells();
            row.extend([
                Value::text(group.items.join(" ")),
                Value::number(group.total.estimate, Kind::Bounded),
                Value::number(group.general.estimate, Kind::Bounded),
                Value::number(group.group.estimate, Kind::Bounded),
            ]);
            table.rows.push(row);
        }
    }
    table
}
