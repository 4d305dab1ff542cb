//! The tables of `items`.

use super::format::{Kind, number};
use super::items::{ItemsLine, ScalePair, ShapeType, closer};
use super::model::{Column, Table, Value};
use super::reliability::ScaleLine;
use super::reliability_tables::limits;
use crate::reliability::ItemElsewhere;
use crate::statistic::Reason;

pub(super) fn item_table(line: &ItemsLine, shape: ShapeType) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("n", "n"),
        Column::new("missing", "Gaps"),
        Column::new("mean", "M"),
        Column::new("sd", "SD"),
        Column::new("skew", "Skew"),
        Column::new("kurtosis", "Kurt."),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
        Column::new("item_rest", "r rest"),
        Column::hidden("item_rest_lower"),
        Column::hidden("item_rest_upper"),
        Column::new("item_rest_limits", limits_head(line)),
        Column::new("alpha_if_deleted", "α without"),
        Column::new("omega_if_deleted", "ω without"),
        Column::new("note", ""),
    ]);
    let mut table = Table::new("items", columns);
    let alpha = line.alpha.estimate.map_or_else(
        || format!("no α: {}", line.alpha.reason.map_or("", Reason::words)),
        |alpha| format!("α = {}", number(alpha, Kind::Bounded)),
    );
    table.title = Some(format!("{}, n = {}, k = {}, {alpha}", line.of.words(), line.n, line.items.len()));
    for item in &line.items {
        let statistics = &item.statistics;
        let (skew, kurtosis) = statistics.description.map_or((None, None), |of| shape.of(&of));
        let rest = &statistics.fit.item_rest;
        let mark = if item.reversed { "−" } else { "" };
        let note = match closer(item) {
            _ if statistics.runs_the_wrong_way() => "wrong\u{a0}way".to_owned(),
            Some(scale) => format!("→\u{a0}{scale}"),
            None => String::new(),
        };
        let mut row = line.of.cells();
        row.extend([
            Value::text(format!("{mark}{}", statistics.fit.item)),
            Value::number(statistics.description.map(|of| of.n as f64), Kind::Count),
            if statistics.missing > 0 { Value::count(statistics.missing as u64) } else { Value::Empty },
            Value::number(statistics.mean, Kind::Score),
            Value::number(statistics.sd, Kind::Score),
            Value::number(skew, Kind::Score),
            Value::number(kurtosis, Kind::Score),
            Value::number(statistics.floor, Kind::Percent),
            Value::number(statistics.ceiling, Kind::Percent),
            Value::number(rest.estimate, Kind::Bounded),
            Value::number(rest.lower, Kind::Bounded),
            Value::number(rest.upper, Kind::Bounded),
            limits(rest.lower, rest.upper, Kind::Bounded),
            Value::number(statistics.alpha_if_deleted.estimate, Kind::Bounded),
            Value::number(statistics.omega_if_deleted.estimate, Kind::Bounded),
            if note.is_empty() { Value::Empty } else { Value::text(note) },
        ]);
        table.rows.push(row);
    }
    let notes = table.rows.iter().filter_map(|row| row.last());
    let marked = notes.filter(|note| matches!(note, Value::Text(text) if text.starts_with('→'))).count() > 0;
    let marks =
        if marked { " →: correlates more with that scale than with the rest of its own." } else { "" };
    table.notes.push(format!(
        "−: reversed before all of this. r rest: with the sum of the other items. Skew and kurtosis: {}.{marks}",
        shape.words()
    ));
    table
}

fn limits_head(line: &ItemsLine) -> String {
    let level = line.items.iter().find_map(|item| item.statistics.fit.item_rest.level).unwrap_or(0.95);
    format!("{:.0} % CI", 100.0 * level)
}

pub(super) fn more_table(line: &ItemsLine) -> Table {
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::hidden("n"),
        Column::new("median", "Median"),
        Column::new("shares", "Shares of the points, %"),
        Column::new("raw_r", "r scale"),
        Column::new("r_cor", "r corrected"),
        Column::new("smc", "SMC"),
        Column::new("other_scales", "r with other scales"),
    ]);
    let mut table = Table::new("answers", columns);
    table.title = Some(line.of.words());
    for item in &line.items {
        let statistics = &item.statistics;
        let shares: Vec<String> =
            statistics.shares.iter().filter_map(|s| Some(format!("{:.0}", 100.0 * s.share?))).collect();
        let beside = |other: &ItemElsewhere| {
            Some(format!("{} {}", other.scale, number(other.r.estimate?, Kind::Bounded)))
        };
        let others: Vec<String> = item.elsewhere.iter().filter_map(beside).collect();
        let words = |texts: &[String], by: &str| {
            if texts.is_empty() { Value::Empty } else { Value::text(texts.join(by)) }
        };
        let mut row = line.of.cells();
        row.extend([
            Value::text(&statistics.fit.item),
            Value::number(statistics.description.map(|of| of.n as f64), Kind::Count),
            Value::number(statistics.description.and_then(|of| of.median), Kind::Score),
            words(&shares, " "),
            Value::number(statistics.fit.raw_r.estimate, Kind::Bounded),
            Value::number(statistics.fit.r_cor.estimate, Kind::Bounded),
            Value::number(statistics.fit.smc.estimate, Kind::Bounded),
            words(&others, ", "),
        ]);
        table.rows.push(row);
    }
    table
}

/// The characters for correlations below zero, and from 0, .2, .4, .6 and .8 on.
const SHADES: [&str; 6] = ["−−", "··", "░░", "▒▒", "▓▓", "██"];

fn shade(r: f64) -> &'static str {
    if r < 0.0 { SHADES[0] } else { SHADES[1 + ((r * 5.0) as usize).min(4)] }
}

/// The lower triangle, item by item.
pub(super) fn correlation_table(line: &ItemsLine, shaded: bool) -> Option<Table> {
    let r = line.correlations.as_ref()?;
    let mut columns = ScaleLine::columns(&[&line.of], true);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("correlations", "r with the items above, from the first on"),
    ]);
    let mut table = Table::new("inter_item", columns);
    table.title = Some(line.of.words());
    for (j, item) in line.items.iter().enumerate() {
        let text: Vec<String> = (0..j)
            .map(|i| match shaded {
                true => shade(r[(j, i)]).to_owned(),
                false => number(r[(j, i)], Kind::Bounded),
            })
            .collect();
        let mut row = line.of.cells();
        let by = if shaded { "" } else { " " };
        row.extend([Value::text(&item.statistics.fit.item), Value::text(text.join(by))]);
        table.rows.push(row);
    }
    if shaded {
        let [below, zero, two, four, six, eight] = SHADES;
        table.notes.push(format!(
            "{below} below 0, {zero} from 0, {two} from .2, {four} from .4, {six} from .6, {eight} from .8"
        ));
    }
    Some(table)
}

pub(super) fn adequacy_table(lines: &[&ItemsLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("kmo", "KMO"),
        Column::new("bartlett", "Bartlett χ²"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("eigenvalues", "Eigenvalues"),
        Column::new("b1p", "Mardia b₁"),
        Column::new("p_skew", "p"),
        Column::new("b2p", "b₂"),
        Column::new("p_kurtosis", "p"),
    ]);
    let mut table = Table::new("adequacy", columns);
    for line in lines {
        let (adequacy, mardia) = (line.adequacy.as_ref().ok(), line.mardia.as_ref().ok());
        let values = line.eigenvalues.as_deref().unwrap_or_default();
        let mut text: Vec<String> = values.iter().take(4).map(|value| format!("{value:.2}")).collect();
        if values.len() > 4 {
            text.push("…".to_owned());
        }
        let mut row = line.of.cells();
        row.extend([
            Value::number(adequacy.and_then(|found| found.kmo), Kind::Bounded),
            Value::number(adequacy.map(|found| found.bartlett), Kind::Score),
            Value::number(adequacy.map(|found| found.df as f64), Kind::Count),
            Value::number(adequacy.map(|found| found.p), Kind::P),
            Value::text(text.join(" ")),
            Value::number(mardia.map(|found| found.b1p), Kind::Score),
            Value::number(mardia.map(|found| found.p_skew), Kind::P),
            Value::number(mardia.map(|found| found.b2p), Kind::Score),
            Value::number(mardia.map(|found| found.p_kurtosis), Kind::P),
        ]);
        table.rows.push(row);
    }
    table
}

pub(super) fn pair_table(pairs: &[ScalePair]) -> Table {
    let of: Vec<&ScaleLine> = pairs.iter().map(|pair| &pair.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    let level = pairs.iter().find_map(|pair| pair.found.r.level).unwrap_or(0.95);
    columns.extend([
        Column::new("with", "With"),
        Column::new("n", "n"),
        Column::new("r", "r"),
        Column::hidden("lower"),
        Column::hidden("upper"),
        Column::new("limits", format!("{:.0} % CI", 100.0 * level)),
        Column::new("disattenuated", "Disattenuated"),
        Column::new("note", ""),
    ]);
    let mut table = Table::new("scale_correlations", columns);
    for pair in pairs {
        let r = &pair.found.r;
        let note = if pair.shared_items > 0 { Value::text("share items") } else { Value::Empty };
        let mut row = pair.of.cells();
        row.extend([
            Value::text(&pair.with),
            Value::count(pair.found.n as u64),
            Value::number(r.estimate, Kind::Bounded),
            Value::number(r.lower, Kind::Bounded),
            Value::number(r.upper, Kind::Bounded),
            limits(r.lower, r.upper, Kind::Bounded),
            Value::number(pair.disattenuated.estimate, Kind::Bounded),
            note,
        ]);
        table.rows.push(row);
    }
    table.notes.push("Disattenuated: divided by the root of the two alphas.".to_owned());
    table
}
