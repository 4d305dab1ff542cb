//! The tables of `validity`.

use super::format::{Kind, plural};
use super::model::{Column, Table, Value};
use super::reliability::ScaleLine;
use super::reliability_tables::limits;
use super::validity::{Found, Judged, Line, met_of_decided};
use crate::validity::Verdict;

fn table(id: &'static str, lines: &[Line], more: Vec<Column>) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend(more);
    Table::new(id, columns)
}

/// The table of correlations.
pub(super) fn correlations(lines: &[Line], level: f64) -> Table {
    let ci = format!("{:.0} % CI", 100.0 * level);
    let more = vec![
        Column::new("with", "With"),
        Column::new("n", "n"),
        Column::new("r", "r"),
        Column::new("limits", ci.clone()),
        Column::new("p", "p"),
        Column::new("alpha", "α"),
        Column::new("freed", "r freed"),
        Column::new("freed_limits", ci),
        Column::new("reason", ""),
    ];
    let mut table = table("correlations", lines, more);
    for line in lines {
        for found in &line.found {
            let Found::With { column, raw, freed, alpha } = found else { continue };
            let mut row = line.of.cells();
            row.extend([
                Value::text(column),
                Value::count(raw.n as u64),
                Value::number(raw.r.estimate, Kind::Bounded),
                limits(raw.r.lower, raw.r.upper, Kind::Bounded),
                Value::number(raw.p(), Kind::P),
                Value::number(alpha.estimate, Kind::Bounded),
                Value::number(freed.estimate, Kind::Bounded),
                limits(freed.lower, freed.upper, Kind::Bounded),
                raw.r.reason.map_or(Value::Empty, |reason| Value::text(reason.words())),
            ]);
            table.rows.push(row);
        }
    }
    table
        .notes
        .push("Fisher's limits; p for no correlation. Freed: of the unreliability of the score.".to_owned());
    table
}

/// The table of groups.
pub(super) fn groups(lines: &[Line], level: f64) -> Table {
    let ci = format!("{:.0} % CI", 100.0 * level);
    let more = vec![
        Column::new("by", "By"),
        Column::new("means", "n, M (SD)"),
        Column::new("statistic", "t or F"),
        Column::new("df1", "df 1"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("g", "g"),
        Column::new("g_limits", ci),
    ];
    let mut table = table("groups", lines, more);
    let means = |groups: &[crate::validity::GroupMean]| {
        let one = |own: &crate::validity::GroupMean| {
            format!("{}: {}, {:.2} ({:.2})", own.group, own.n, own.mean, own.sd)
        };
        Value::text(groups.iter().map(one).collect::<Vec<_>>().join("; "))
    };
    for line in lines {
        for found in &line.found {
            let mut row = line.of.cells();
            match found {
                Found::Two { column, found } => {
                    let Ok(found) = found.as_ref() else { continue };
                    row.extend([
                        Value::text(column),
                        means(&found.groups),
                        Value::Number(found.t, Kind::Score),
                        Value::Empty,
                        Value::Number(found.df, Kind::Score),
                        Value::Number(found.p, Kind::P),
                        Value::number(found.g.estimate, Kind::Score),
                        limits(found.g.lower, found.g.upper, Kind::Score),
                    ]);
                }
                Found::Several { column, found: Ok(found) } => row.extend([
                    Value::text(column),
                    means(&found.groups),
                    Value::Number(found.f, Kind::Score),
                    Value::Number(found.df1, Kind::Count),
                    Value::Number(found.df2, Kind::Score),
                    Value::Number(found.p, Kind::P),
                    Value::Empty,
                    Value::Empty,
                ]),
                _ => continue,
            }
            table.rows.push(row);
        }
    }
    table.notes.push(
        "Welch's t (two groups, first less second) or Welch's F; Hedges' g over the pooled SD.".to_owned(),
    );
    table
}

/// The table of regressions.
pub(super) fn regressions(lines: &[Line], level: f64) -> Table {
    let more = vec![
        Column::new("outcome", "Outcome"),
        Column::new("model", "Model"),
        Column::new("term", "Effect"),
        Column::new("estimate", "b"),
        Column::new("se", "SE"),
        Column::new("df", "df"),
        Column::new("statistic", "t or z"),
        Column::new("p", "p"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * level)),
    ];
    let mut table = table("regressions", lines, more);
    for line in lines {
        for found in &line.found {
            let Found::Outcome { column, found: Ok(model) } = found else { continue };
            for effect in model.effects() {
                let mut row = line.of.cells();
                row.extend([
                    Value::text(column),
                    Value::text(model.kind()),
                    Value::text(&effect.term),
                    Value::Number(effect.estimate, Kind::Score),
                    Value::Number(effect.se, Kind::Score),
                    Value::number(effect.df, Kind::Score),
                    Value::Number(effect.statistic, Kind::Score),
                    Value::Number(effect.p, Kind::P),
                    limits(Some(effect.lower), Some(effect.upper), Kind::Score),
                ]);
                table.rows.push(row);
            }
        }
    }
    table.notes.push("Standard errors robust to clusters (--cluster; without it, persons). Logistic effects are on the log odds.".to_owned());
    table
}

/// The table of hypotheses.
pub(super) fn hypotheses(judged: &[Judged<'_>]) -> Table {
    let of: Vec<&ScaleLine> = judged.iter().map(|own| own.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("about", "About"),
        Column::new("expected", "Expected"),
        Column::new("n", "n"),
        Column::new("found", "Found"),
        Column::new("verdict", "Verdict"),
    ]);
    let mut table = Table::new("hypotheses", columns);
    for Judged { stated, of, n, estimate, verdict } in judged {
        let sign = serde_json::to_value(stated.sign).unwrap_or_default();
        let mut expected = sign.as_str().unwrap_or_default().to_owned();
        expected += &stated.at_least.map_or(String::new(), |size| format!(", at least {size}"));
        expected += &stated.at_most.map_or(String::new(), |size| format!(", at most {size}"));
        let mut row = of.cells();
        row.extend([
            Value::text(stated.with.as_ref().or(stated.groups.as_ref()).map_or("", String::as_str)),
            Value::text(expected),
            Value::count(*n),
            Value::number(estimate.estimate, Kind::Score),
            Value::text(match verdict {
                Verdict::Met => "met",
                Verdict::NotMet => "not met",
                Verdict::Undecided => "undecided",
            }),
        ]);
        table.rows.push(row);
    }
    if !judged.is_empty() {
        let (met, decided) = met_of_decided(judged);
        let share = if decided > 0 {
            format!(" ({:.0} %)", 100.0 * met as f64 / decided as f64)
        } else {
            String::new()
        };
        let of = plural(decided as u64, "decided hypothesis is", "decided hypotheses are");
        table
            .notes
            .push(format!("{met} of {of} met{share}. COSMIN asks for 75 % (Prinsen and others, 2018)."));
    }
    table
}
