//! The tables of `raters`.

use super::found::RatersFound;
use super::units::{RatedLine, Raters};
use crate::agreement::{Chance, IccForm, Metric, Settled, WithinGroup};
use crate::report::format::{Kind, number, plural};
use crate::report::model::{Column, Table, Value};
use crate::report::reliability_tables::limits;
use crate::statistic::{Estimate, Reason};

pub(super) fn ci(level: f64) -> String {
    format!("{} % CI", 100.0 * level)
}

pub(super) fn head() -> Vec<Column> {
    vec![Column::hidden("scale"), Column::hidden("item")]
}

pub(super) fn begin(line: &RatedLine) -> Vec<Value> {
    vec![Value::text(&line.scale), line.item.as_ref().map_or(Value::Empty, Value::text)]
}

pub(super) fn of(estimate: &Estimate) -> [Value; 2] {
    [Value::number(estimate.estimate, Kind::Bounded), limits(estimate.lower, estimate.upper, Kind::Bounded)]
}

pub(super) fn reason(reason: Option<Reason>) -> Value {
    reason.map_or(Value::Empty, |reason| Value::text(reason.words()))
}

/// The question that each form answers.
pub fn question(form: IccForm) -> &'static str {
    match form {
        IccForm::OneWay => "one observer will code alone, each unit another",
        IccForm::Agreement => "one observer will code alone from now on; the level counts",
        IccForm::Consistency => "one observer will code alone; only the order counts",
        IccForm::OneWayMean => "means will be used, each unit with observers of its own",
        IccForm::AgreementMean => "means of as many observers will be used; the level counts",
        IccForm::ConsistencyMean => "means of the same observers; only the order counts (alpha)",
    }
}

/// The six forms, each with its question.
pub fn icc(line: &RatedLine, found: &RatersFound, level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("form", "ICC"),
        Column::hidden("shrout_fleiss"),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", ci(level)),
        Column::new("all_ratings", "All ratings"),
        Column::new("question", "Use it if"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("icc", columns);
    let all = found.reml.as_ref().and_then(|reml| reml.as_ref().ok());
    for form in IccForm::ALL {
        let complete = match &found.icc {
            Ok(icc) => icc.form(form),
            Err(error) => Estimate::none(error.reason),
        };
        let mut row = begin(line);
        row.extend([Value::text(form.id()), Value::text(form.shrout_fleiss())]);
        row.extend(of(&complete));
        row.push(Value::number(all.and_then(|all| all.form(form).estimate), Kind::Bounded));
        row.extend([Value::text(question(form)), reason(complete.reason)]);
        table.rows.push(row);
    }
    if let Ok(icc) = &found.icc {
        let negative = icc.forms.iter().any(|form| form.value.estimate.is_some_and(|x| x < 0.0));
        let flag = if negative { " Below 0: raters differ more within units than units differ." } else { "" };
        table.notes.push(format!(
            "From the {} that all {} rated, by analysis of variance.{flag}",
            plural(icc.n as u64, "unit", "units"),
            icc.k
        ));
    }
    if let Some(all) = all {
        table.notes.push(format!(
            "All ratings: of {} units, gaps or not, by restricted likelihood; means are of {} ratings.",
            all.n,
            number(all.k, Kind::Score)
        ));
    }
    table
}

/// Agreement of all raters, corrected for chance.
pub fn many(line: &RatedLine, found: &RatersFound, level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("coefficient", "All raters"),
        Column::new("weights", "Weights"),
        Column::new("n", "n"),
        Column::new("observed", "Agree"),
        Column::new("expected", "By chance"),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", ci(level)),
        Column::new("se", "SE"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("chance_corrected", columns);
    for chance in [Chance::Fleiss, Chance::Conger, Chance::Gwet, Chance::BrennanPrediger] {
        for found in found.many.iter().filter(|found| found.chance == chance) {
            let mut row = begin(line);
            row.extend([
                Value::text(chance_name(chance, found.weights)),
                Value::text(found.weights),
                Value::count(found.n as u64),
                Value::number(found.observed, Kind::Bounded),
                Value::number(found.expected, Kind::Bounded),
            ]);
            row.extend(of(&found.value));
            row.extend([Value::number(found.value.se, Kind::Fine), reason(found.value.reason)]);
            table.rows.push(row);
        }
    }
    for light in &found.light {
        let mut row = begin(line);
        row.extend([
            Value::text("Light"),
            Value::text(light.weights),
            Value::Empty,
            Value::Empty,
            Value::Empty,
        ]);
        row.extend(of(&light.value));
        row.extend([Value::Empty, reason(light.value.reason)]);
        table.rows.push(row);
    }
    table.notes.push("Weights: identity counts any difference as disagreement; linear and quadratic count near categories as partly agreed. Fleiss: raters are interchangeable. Conger, Light: particular persons. Gwet: for when nearly all ratings fall into one category and kappas collapse. Gwet and Brennan–Prediger depend on how many categories are declared.".to_owned());
    table
}

fn chance_name(chance: Chance, weights: &str) -> &'static str {
    match (chance, weights) {
        (Chance::Fleiss, _) => "Fleiss",
        (Chance::Conger, _) => "Conger",
        (Chance::Gwet, "identity") => "Gwet AC1",
        (Chance::Gwet, _) => "Gwet AC2",
        (Chance::BrennanPrediger, _) => "Brennan–Prediger",
        (Chance::Krippendorff, _) => "Krippendorff",
    }
}

/// Krippendorff's alpha at each level of measurement.
pub fn krippendorff(line: &RatedLine, found: &RatersFound, level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("metric", "Krippendorff's alpha"),
        Column::new("n", "n"),
        Column::new("ratings", "Ratings"),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", ci(level)),
        Column::new("suits", "Suits"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("krippendorff", columns);
    for alpha in &found.krippendorff {
        let suits = match alpha.config.metric {
            Metric::Nominal => "kinds without an order",
            Metric::Ordinal => "ordered categories, such as -3 to 3",
            Metric::Interval => "scores whose distances are equal",
            Metric::Ratio => "counts and amounts from 0 on",
        };
        let mut row = begin(line);
        row.extend([
            Value::text(alpha.config.metric.id()),
            Value::count(alpha.n as u64),
            Value::count(alpha.ratings as u64),
        ]);
        row.extend(of(&alpha.value));
        row.extend([Value::text(suits), reason(alpha.value.reason)]);
        table.rows.push(row);
    }
    if let Some(alpha) = found.krippendorff.first() {
        table.notes.push(match alpha.config.draws {
            0 => "Any rater may stand for any other. No limits were drawn.".to_owned(),
            draws => format!(
                "Any rater may stand for any other. Limits from {draws} bootstrap draws of units, seed {}.",
                alpha.config.seed
            ),
        });
    }
    table
}

/// Kendall's W, shares within points, Finn's coefficient, in words.
pub fn others(found: &RatersFound) -> String {
    let mut parts = Vec::new();
    for within in &found.within {
        let Some(pairs) = within.of_pairs.estimate else { continue };
        let name = if within.points == 0.0 {
            "Equal".to_owned()
        } else {
            format!("Within {}", points(within.points))
        };
        let units = within.of_units.estimate.map_or(String::new(), |units| {
            format!(" ({} % of units with all raters)", number(units, Kind::Percent))
        });
        parts.push(format!("{name}: {} % of pairs of ratings{units}.", number(pairs, Kind::Percent)));
    }
    let w = &found.kendall;
    parts.push(match (w.value.estimate, w.chi_square, w.p) {
        (Some(estimate), Some(chi), Some(p)) => format!(
            "Same order of units (Kendall's W): {}, χ²({}) = {}, p {}.",
            number(estimate, Kind::Bounded),
            w.df.unwrap_or_default(),
            number(chi, Kind::Score),
            equals(p)
        ),
        _ => format!("Kendall's W: none, {}.", w.value.reason.map_or("", Reason::words)),
    });
    if let Some(finn) = found.finn.and_then(|finn| finn.estimate) {
        parts.push(format!(
            "Finn's coefficient, for units that hardly differ: {}.",
            number(finn, Kind::Bounded)
        ));
    }
    parts.join(" ")
}

/// The same as a table.
pub fn others_as_data(line: &RatedLine, found: &RatersFound) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("coefficient", "Coefficient"),
        Column::new("points", "Within points"),
        Column::new("n", "n"),
        Column::new("estimate", "Estimate"),
        Column::new("chi_square", "χ²"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("others", columns);
    let mut push = |name: &str, points: Option<f64>, n: usize, value: &Estimate, test: [Option<f64>; 3]| {
        let mut row = begin(line);
        row.extend([Value::text(name), Value::number(points, Kind::Score), Value::count(n as u64)]);
        row.push(Value::number(value.estimate, Kind::Bounded));
        row.extend([
            Value::number(test[0], Kind::Score),
            Value::number(test[1], Kind::Count),
            Value::number(test[2], Kind::P),
            reason(value.reason),
        ]);
        table.rows.push(row);
    };
    for within in &found.within {
        push("share of pairs", Some(within.points), within.pairs, &within.of_pairs, [None; 3]);
        push("share of units", Some(within.points), within.units, &within.of_units, [None; 3]);
    }
    let w = &found.kendall;
    push("Kendall's W", None, w.n, &w.value, [w.chi_square, w.df, w.p]);
    if let Some(finn) = &found.finn {
        push("Finn", None, line.ratings.units(), finn, [None; 3]);
    }
    table
}

fn equals(p: f64) -> String {
    let text = number(p, Kind::P);
    if text.starts_with('<') { text } else { format!("= {text}") }
}

pub(super) fn points(points: f64) -> String {
    if points == 1.0 { "1 point".to_owned() } else { format!("{points} points") }
}

/// Agreement of the judges of each unit, as means over the units.
pub fn judged(line: &RatedLine, found: &RatersFound) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("null", "Within units, null"),
        Column::new("null_variance", "Variance"),
        Column::new("units", "Units"),
        Column::new("rwg_j", "rwg(J)"),
        Column::new("r_star", "r*wg"),
        Column::new("awg", "a_wg"),
        Column::new("ad", "AD"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("within_units", columns);
    for (null, judged) in &found.judged {
        let mut row = begin(line);
        row.push(Value::text(null.id()));
        match judged {
            Ok(units) if !units.is_empty() => {
                let mean = |of: &dyn Fn(&WithinGroup) -> Option<f64>| {
                    let known: Vec<f64> = units.iter().filter_map(of).collect();
                    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
                };
                row.extend([
                    Value::Number(units[0].null_variance, Kind::Score),
                    Value::count(units.len() as u64),
                    Value::number(mean(&|unit| unit.rwg_j.estimate), Kind::Bounded),
                    Value::number(mean(&|unit| unit.r_star.estimate), Kind::Bounded),
                    Value::number(mean(&|unit| unit.awg_mean.estimate), Kind::Bounded),
                    Value::number(mean(&|unit| unit.ad_mean.estimate), Kind::Score),
                    Value::Empty,
                ]);
            }
            Ok(_) => continue,
            Err(error) => {
                row.extend([const { Value::Empty }; 6]);
                row.push(Value::text(error.to_string()));
            }
        }
        table.rows.push(row);
    }
    table.notes.push("Means over the units with two judges or more; each unit is in --format json. rwg(J), r*wg: one minus the judges' variance over that of answers by chance, which the null says; scores crowd at the upper end, so look at a skewed null beside the uniform one. a_wg: over the most variance that their mean allows. AD: average deviation in points.".to_owned());
    table
}

/// Whether a rater moves away from the others.
pub fn drift(raters: &Raters, line: &RatedLine, found: &RatersFound, level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("rater", "Rater against the others"),
        Column::new("n", "n"),
        Column::new("mean_difference", "Mean difference"),
        Column::new("slope", "Drift by session"),
        Column::new("slope_ci", ci(level)),
        Column::new("p", "p"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("drift", columns);
    for drift in &found.drift {
        let slope = &drift.slope;
        let mut row = begin(line);
        row.extend([
            Value::text(&raters.names[drift.rater]),
            Value::count(drift.n as u64),
            Value::number(drift.mean, Kind::Score),
            Value::number(slope.estimate, Kind::Score),
            limits(slope.lower, slope.upper, Kind::Score),
            Value::number(drift.p, Kind::P),
            reason(slope.reason),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Mean difference: own rating less the mean of the others; below 0 stricter. Drift: how this changes with time, in points. Of two raters it cannot be told which of them moved.".to_owned());
    table
}

/// How final scores were settled, in words.
pub fn finals(found: &RatersFound) -> String {
    let count = |settled: Settled| found.finals.iter().filter(|own| own.settled == Some(settled)).count();
    let none = found.finals.iter().filter(|own| own.score.is_none()).count();
    format!(
        "Final scores of three judges: {} units where all three agree, {} where two do, {} with the mean of the two closest, {} with the middle one of three equally far apart (where the manual is silent); {} without, for they have not three ratings. --final FILE writes them.",
        count(Settled::All),
        count(Settled::Two),
        count(Settled::ClosestTwo),
        count(Settled::Middle),
        none
    )
}
