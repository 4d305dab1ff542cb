//! The tables of `dyads`, scales side by side.

use super::found::PairLine;
use crate::agreement::{IccForm, Limits};
use crate::report::format::Kind;
use crate::report::model::{Column, Table, Value};
use crate::report::reliability_tables::limits;
use crate::statistic::Estimate;

/// The columns every table begins with: it is about two roles, whose names stand above it.
fn head() -> Vec<Column> {
    vec![Column::hidden("roles"), Column::new("scale", "Scale")]
}

fn begin(line: &PairLine<'_>) -> Vec<Value> {
    vec![Value::text(line.pair.direction()), Value::text(&line.id)]
}

fn ci(level: f64) -> String {
    format!("{} % CI", 100.0 * level)
}

fn of(estimate: &Estimate, kind: Kind) -> [Value; 2] {
    [Value::number(estimate.estimate, kind), limits(estimate.lower, estimate.upper, kind)]
}

/// Means and differences.
pub fn difference(lines: &[PairLine<'_>], level: f64) -> Table {
    let mut columns = head();
    let roles = lines.first().map(|line| line.pair.roles.clone()).unwrap_or_default();
    let minus = lines.first().map(|line| line.pair.direction()).unwrap_or_default();
    columns.extend([
        Column::new("n", "n"),
        Column::new("mean_first", format!("{} M", roles[0])),
        Column::new("sd_first", "SD"),
        Column::new("mean_second", format!("{} M", roles[1])),
        Column::new("sd_second", "SD"),
        Column::new("difference", minus),
        Column::new("difference_ci", ci(level)),
        Column::new("t", "t"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("d_av", "d"),
        Column::hidden("d_z"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("difference", columns);
    for line in lines {
        let (moments, difference) = (&line.moments, &line.difference);
        let some =
            |value: f64, least: usize| Value::number(Some(value).filter(|_| moments.n >= least), Kind::Score);
        let mut row = begin(line);
        row.push(Value::count(moments.n as u64));
        for side in [0, 1] {
            row.push(some(moments.means[side], 1));
            row.push(some(libm::sqrt(moments.variances[side]), 2));
        }
        row.extend(of(&difference.mean, Kind::Score));
        row.extend([
            Value::number(difference.t, Kind::Score),
            Value::number(difference.df, Kind::Count),
            Value::number(difference.p, Kind::P),
            Value::number(difference.d_av, Kind::Score),
            Value::number(difference.d_z, Kind::Score),
            reason(&difference.mean),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Difference: the first role's score minus the second's. t: paired test. d: the mean difference in standard deviations of the scores, those of both sides averaged.".to_owned());
    table
}

fn reason(estimate: &Estimate) -> Value {
    estimate.reason.map_or(Value::Empty, |reason| Value::text(reason.words()))
}

/// Correlation and agreement.
pub fn agreement(lines: &[PairLine<'_>], level: f64) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("n", "n"),
        Column::new("r", "r"),
        Column::new("r_ci", ci(level)),
        Column::new("r_p", "p"),
        Column::new("icc_a_1", "ICC(A,1)"),
        Column::new("icc_a_1_ci", ci(level)),
        Column::new("icc_c_1", "ICC(C,1)"),
        Column::new("icc_c_1_ci", ci(level)),
        Column::new("concordance", "Lin"),
        Column::new("concordance_ci", ci(level)),
        Column::hidden("icc_1"),
        Column::hidden("icc_1_ci"),
        Column::hidden("icc_k"),
        Column::hidden("icc_k_ci"),
        Column::hidden("icc_a_k"),
        Column::hidden("icc_a_k_ci"),
        Column::hidden("icc_c_k"),
        Column::hidden("icc_c_k_ci"),
        Column::hidden("double_entry"),
        Column::new("reason", ""),
    ]);
    let mut table = Table::new("agreement", columns);
    for line in lines {
        let form = |form: IccForm| match &line.icc {
            Some(icc) => of(&icc.form(form), Kind::Bounded),
            None => [Value::Empty, Value::Empty],
        };
        let mut row = begin(line);
        row.push(Value::count(line.moments.n as u64));
        row.extend(of(&line.r.r, Kind::Bounded));
        row.push(Value::number(line.r.p, Kind::P));
        row.extend(form(IccForm::Agreement));
        row.extend(form(IccForm::Consistency));
        row.extend(of(&line.concordance.value, Kind::Bounded));
        for hidden in [IccForm::OneWay, IccForm::OneWayMean, IccForm::AgreementMean, IccForm::ConsistencyMean]
        {
            row.extend(form(hidden));
        }
        row.push(Value::number(line.double_entry.estimate, Kind::Bounded));
        row.push(if line.r.r.estimate.is_none() { reason(&line.r.r) } else { Value::Empty });
        table.rows.push(row);
    }
    table.notes.extend([
        "r: are dyads high on one side high on the other? It does not see that one side rates higher throughout.".to_owned(),
        "ICC(A,1): do both give the same score? ICC(C,1): do dyads keep their order and distances, whatever the level of each side? Lin: how close are the pairs to the line of equal scores?".to_owned(),
        "The forms of means, ICC(1) and the double-entry correlation, for members without an order, are in --format json and csv.".to_owned(),
    ]);
    table
}

/// Limits of agreement, on the occasion and over the sessions.
pub fn limits_of_agreement(lines: &[PairLine<'_>], level: f64, occasion: &str) -> Table {
    let mut columns = head();
    columns.extend([
        Column::new("sessions", "Sessions"),
        Column::new("n", "n"),
        Column::new("differences", "Pairs"),
        Column::new("bias", "Mean"),
        Column::new("sd", "SD"),
        Column::new("lower_limit", "Lower limit"),
        Column::new("lower_limit_ci", ci(level)),
        Column::new("upper_limit", "Upper limit"),
        Column::new("upper_limit_ci", ci(level)),
        Column::new("slope", "Slope"),
        Column::new("slope_p", "p"),
    ]);
    let mut table = Table::new("limits", columns);
    for line in lines {
        let over = line.over.as_ref().map(|over| (&over.limits, "all"));
        for (limits, sessions) in [(&line.limits, occasion)].into_iter().chain(over) {
            table.rows.push(limits_row(line, limits, sessions));
        }
    }
    table.notes.push("Limits of agreement: between them lie 95 % of the differences of single dyads (mean ± 1.96 SD), where differences are normal. Slope: of the difference on the mean of the two scores.".to_owned());
    if lines.iter().any(|line| line.over.is_some()) {
        table.notes.push(
            "All sessions: every dyad weighs the same, and its sessions are not taken for dyads.".to_owned(),
        );
    }
    table
}

fn limits_row(line: &PairLine<'_>, limits: &Limits, sessions: &str) -> Vec<Value> {
    let slope = limits.slope.as_ref();
    let mut row = begin(line);
    row.extend([
        Value::text(sessions),
        Value::count(limits.n as u64),
        Value::count(limits.differences as u64),
        Value::number(limits.bias.estimate, Kind::Score),
        Value::number(limits.sd, Kind::Score),
    ]);
    row.extend(of(&limits.lower, Kind::Score));
    row.extend(of(&limits.upper, Kind::Score));
    row.extend([
        Value::number(slope.and_then(|slope| slope.value.estimate), Kind::Score),
        Value::number(slope.and_then(|slope| slope.p), Kind::P),
    ]);
    row
}

/// The likeness of profiles, dyad by dyad.
pub fn profiles(lines: &[&PairLine<'_>], dyads: &[String], most: usize) -> Table {
    let columns = vec![
        Column::hidden("roles"),
        Column::hidden("scale"),
        Column::new("dyad", "Dyad"),
        Column::new("items", "Items"),
        Column::new("distance", "D²"),
        Column::new("elevation", "Level"),
        Column::new("scatter", "Spread"),
        Column::new("shape", "Shape"),
        Column::new("profile_r", "r"),
        Column::new("profile_icc", "ICC"),
        Column::new("distinctive_r", "Distinctive r"),
        Column::new("reason", ""),
    ];
    let mut table = Table::new("profiles", columns);
    for line in lines {
        for (dyad, found) in line.profiles.iter().flatten().take(most) {
            let mut row = begin(line);
            row.extend([
                Value::text(&dyads[*dyad]),
                Value::count(found.k as u64),
                Value::number(found.distance, Kind::Score),
                Value::number(found.elevation, Kind::Score),
                Value::number(found.scatter, Kind::Score),
                Value::number(found.shape, Kind::Score),
                Value::number(found.correlation.estimate, Kind::Bounded),
                Value::number(found.intraclass.estimate, Kind::Bounded),
                Value::number(found.distinctive.estimate, Kind::Bounded),
                reason(&found.correlation),
            ]);
            table.rows.push(row);
        }
    }
    table.notes.push("D²: the sum of squared differences over the items, in three parts: how much one side lies higher (level), spreads its answers wider (spread), and orders the items differently (shape). r and ICC: correlations of the two profiles. Distinctive r: what is left of r without the profile that everybody shares. A flat profile, such as all 7, correlates with nothing.".to_owned());
    table
}
