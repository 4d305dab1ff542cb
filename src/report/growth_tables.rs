//! The tables of `growth`.

use super::format::Kind;
use super::growth::GrowthLine;
use super::model::{Column, Table, Value};
use super::reliability::ScaleLine;
use super::reliability_tables::limits;
use crate::nested::{Reference, Status};
use crate::statistic::Reason;

fn head() -> Vec<Column> {
    ScaleLine::columns(&[], false)
}

fn status(status: Status) -> Value {
    match status {
        Status::Regular => Value::Empty,
        Status::Singular => Value::text("at the boundary"),
        Status::NotConverged => Value::text("not converged"),
    }
}

/// Fixed effects of every model.
pub(super) fn fixed(lines: &[GrowthLine], level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("model", "Model"),
        Column::hidden("formula"),
        Column::new("term", "Effect"),
        Column::new("estimate", "Estimate"),
        Column::new("se", "SE"),
        Column::new("df", "df"),
        Column::hidden("df_method"),
        Column::new("t", "t"),
        Column::new("p", "p"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("fixed", columns);
    for line in lines {
        for model in &line.models {
            let Ok(fit) = &model.found else { continue };
            for effect in &fit.fixed {
                let method = serde_json::to_value(effect.df_method).unwrap_or_default();
                let mut row = line.rows.of.cells();
                row.extend([
                    Value::text(model.id),
                    Value::text(&model.formula),
                    Value::text(effect.term.replace("(Intercept)", "level")),
                    Value::number(effect.estimate, Kind::Score),
                    Value::number(effect.se, Kind::Score),
                    Value::number(effect.df, Kind::Score),
                    Value::text(method.as_str().unwrap_or_default()),
                    Value::number(effect.t, Kind::Score),
                    Value::number(effect.p, Kind::P),
                    limits(effect.lower, effect.upper, Kind::Score),
                    effect.reason.map_or(Value::Empty, |reason| match reason {
                        Reason::Singular => Value::text("collinear"),
                        reason => Value::text(reason.words()),
                    }),
                ]);
                table.rows.push(row);
            }
        }
    }
    let formulas = lines.iter().find(|line| !line.models.is_empty()).map(|line| {
        let own = line.models.iter().map(|model| format!("{}: {}", model.id, model.formula));
        own.collect::<Vec<_>>()
    });
    table.notes.extend(formulas.unwrap_or_default());
    table
}

/// Variances of every model.
pub(super) fn variances(lines: &[GrowthLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("model", "Model"),
        Column::new("n", "Rows"),
        Column::new("groups", "Dyads"),
        Column::new("level_variance", "Level"),
        Column::new("slope_variance", "Slope"),
        Column::new("correlation", "r"),
        Column::new("worker_variance", "Worker"),
        Column::new("residual_variance", "Rest"),
        Column::new("serial", "φ"),
        Column::new("log_likelihood", "log L"),
        Column::hidden("criterion"),
        Column::new("status", ""),
    ]);
    let mut table = Table::new("variances", columns);
    for line in lines {
        let group = &line.rows.person.name;
        for model in &line.models {
            let Ok(fit) = &model.found else { continue };
            let of = |group: &str, term: &str| {
                let own = fit.variances.iter().find(|own| own.group == group && own.term == term);
                Value::number(own.map(|own| own.variance), Kind::Fine)
            };
            let groups = fit.groups.iter().find(|own| own.name == *group).map(|own| own.groups as u64);
            let criterion = serde_json::to_value(fit.config.criterion).unwrap_or_default();
            let mut row = line.rows.of.cells();
            row.extend([
                Value::text(model.id),
                Value::count(fit.n as u64),
                groups.map_or(Value::Empty, Value::count),
                of(group, "(Intercept)"),
                of(group, "time"),
                Value::number(fit.correlations.first().and_then(|own| own.correlation), Kind::Bounded),
                of("worker", "(Intercept)"),
                of("residual", "(Intercept)"),
                Value::number(fit.serial.map(|serial| serial.correlation), Kind::Bounded),
                Value::Number(fit.log_likelihood, Kind::Score),
                Value::text(criterion.as_str().unwrap_or_default()),
                status(fit.status),
            ]);
            table.rows.push(row);
        }
    }
    table.notes.push("Variances of level and slope between dyads, their correlation r, the variance between workers, and that of sessions about a dyad's line; φ: correlation of residuals one unit of time apart. Log-likelihoods are restricted ones unless --ml: compare them only between models with the same fixed effects.".to_owned());
    table
}

/// Likelihood ratios.
pub(super) fn comparisons(lines: &[GrowthLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("question", "Question"),
        Column::new("statistic", "LR"),
        Column::new("df", "df"),
        Column::new("reference", "Against"),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("comparisons", columns);
    for line in lines {
        for (question, found) in &line.comparisons {
            let mut row = line.rows.of.cells();
            row.push(Value::text(*question));
            match found {
                Ok(found) => row.extend([
                    Value::Number(found.statistic, Kind::Score),
                    Value::count(found.df as u64),
                    Value::text(match found.reference {
                        Reference::ChiSquare => "χ²",
                        Reference::Mixture => "½ χ² + ½ χ²",
                        Reference::Conservative => "χ², p too large",
                    }),
                    Value::Number(found.p, Kind::P),
                    Value::Empty,
                ]),
                Err(error) => {
                    row.extend([Value::Empty, Value::Empty, Value::Empty, Value::Empty]);
                    row.push(Value::text(error.reason.words()));
                }
            }
            table.rows.push(row);
        }
    }
    table.notes.push("Likelihood ratios of nested models; fixed effects by likelihood, variances by restricted likelihood against the mixture that belongs to a variance at 0.".to_owned());
    table
}

/// Each dyad's own line.
pub(super) fn dyads(lines: &[GrowthLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("dyad", "Dyad"),
        Column::new("n", "Sessions"),
        Column::new("mean", "M"),
        Column::new("level", "At time 0"),
        Column::new("slope", "Slope"),
        Column::new("slope_se", "SE"),
        Column::new("rest", "SD about line"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("dyads", columns);
    for line in lines.iter().filter(|line| line.models.is_empty()) {
        for own in &line.lines {
            let mut row = line.rows.of.cells();
            row.extend([
                Value::text(&own.person),
                Value::count(own.n as u64),
                Value::number(own.mean, Kind::Score),
                Value::number(own.level, Kind::Score),
                Value::number(own.slope, Kind::Score),
                Value::number(own.slope_se, Kind::Score),
                Value::number(own.rest, Kind::Score),
                own.reason.map_or(Value::Empty, |reason| Value::text(reason.words())),
            ]);
            table.rows.push(row);
        }
    }
    table.notes.push("Least squares, each dyad from its own sessions alone. Sessions that hang together make these standard errors too small.".to_owned());
    table
}

/// Bands of the next session.
pub(super) fn band(lines: &[GrowthLine]) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("dyad", "Dyad"),
        Column::new("known", "Sessions"),
        Column::new("session", "Next session"),
        Column::hidden("time"),
        Column::new("estimate", "Expected"),
        Column::new("band", "80 % band"),
    ]);
    let mut table = Table::new("band", columns);
    for line in lines {
        for own in line.bands.iter().flatten().flatten() {
            let mut row = line.rows.of.cells();
            row.extend([
                Value::text(&own.dyad),
                Value::count(own.found.known as u64),
                Value::number(own.session, Kind::Count),
                Value::Number(own.time, Kind::Score),
                Value::Number(own.found.estimate, Kind::Score),
                Value::Pair([own.found.lower, own.found.upper], Kind::Score),
            ]);
            table.rows.push(row);
        }
    }
    table.notes.push("Intercept and slope, fitted without the dyad: four of five next sessions would fall into the band if the course of the sample carries on. It says where scores tend to go, not where they should.".to_owned());
    table
}
