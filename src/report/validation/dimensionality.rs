//! How many dimensions: eigenvalues, and how well one factor does.

use serde_json::{Value as Json, json};

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::reliability::Coefficient;
use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::{ReliabilityLine, ScaleLine};

pub(super) const BLOCK: BlockOf = BlockOf { id: "dimensionality", title: "Dimensionality", build };

/// Eigenvalues that a page shows.
const SHOWN: [(&str, &str); 6] = [
    ("eigenvalue_1", "1st"),
    ("eigenvalue_2", "2nd"),
    ("eigenvalue_3", "3rd"),
    ("eigenvalue_4", "4th"),
    ("eigenvalue_5", "5th"),
    ("eigenvalue_6", "6th"),
];

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let spectrum = eigenvalues(evidence);
    let lines = evidence.reliability();
    let loadings = loadings(lines);
    if spectrum.rows.is_empty() && loadings.rows.is_empty() {
        return Ok(Found::Absent("no scale has correlations among its items".to_owned()));
    }
    let mut piece = Piece::default();
    piece.table(spectrum);
    if !loadings.rows.is_empty() {
        piece.heading("One factor");
        piece.table(fit(lines));
        piece.table(loadings);
    }
    let factors: Vec<Json> = lines.iter().map(one_json).collect();
    piece.results.push(("one_factor", json!({ "scales": factors })));
    Ok(Found::Here(piece))
}

fn one_json(line: &ReliabilityLine) -> Json {
    let mut json = line.of.json();
    json["one_factor"] = json!(line.found.one_factor);
    json
}

fn eigenvalues(evidence: &Evidence<'_>) -> Table {
    let lines = evidence.items();
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend(SHOWN.map(|(id, head)| Column::new(id, head)));
    columns.push(Column::new("first_share", "1st, % of variance"));
    let mut table = Table::new("eigenvalues", columns);
    table.title = Some("Eigenvalues of the correlations".to_owned());
    for line in lines {
        let Some(values) = &line.eigenvalues else { continue };
        let mut row = line.of.cells();
        row.extend((0..SHOWN.len()).map(|at| Value::number(values.get(at).copied(), Kind::Score)));
        row.push(Value::number(values.first().map(|first| first / values.len() as f64), Kind::Percent));
        table.rows.push(row);
    }
    table.notes.push(
        "No rule is applied to them here; a first eigenvalue far above the second speaks for one dimension."
            .to_owned(),
    );
    table
}

fn fit(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("chi_square", "χ²"),
        Column::new("df", "df"),
        Column::new("p", "p"),
        Column::new("chi_square_by_df", "χ²/df"),
        Column::new("smallest_loading", "Smallest loading"),
        Column::new("ave", "AVE"),
        Column::new("composite_reliability", "CR"),
        Column::new("state", ""),
    ]);
    let mut table = Table::new("one_factor", columns);
    for line in lines {
        let Some(factor) = &line.found.one_factor else { continue };
        let smallest =
            factor.standardized.iter().copied().min_by(f64::total_cmp).filter(|_| factor.admissible);
        let ratio = factor.chi_square.filter(|_| factor.df > 0).map(|chi| chi / factor.df as f64);
        let mut row = line.of.cells();
        row.extend([
            Value::count(factor.n as u64),
            Value::number(factor.chi_square, Kind::Score),
            factor.chi_square.map_or(Value::Empty, |_| Value::count(factor.df as u64)),
            Value::number(factor.p, Kind::P),
            Value::number(ratio, Kind::Score),
            Value::number(smallest, Kind::Bounded),
            Value::number(line.shown(Coefficient::Ave), Kind::Bounded),
            Value::number(line.shown(Coefficient::CompositeReliability), Kind::Bounded),
            if factor.admissible { Value::Empty } else { Value::text("a uniqueness is negative") },
        ]);
        table.rows.push(row);
    }
    table.notes.push("Maximum likelihood, covariances with divisor n. A small p says that one factor does not explain all the covariances; with many persons it nearly always is small. AVE: average variance extracted; CR: composite reliability.".to_owned());
    table
}

fn loadings(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("item", "Item"),
        Column::new("standardized", "Loading"),
        Column::hidden("loading"),
        Column::hidden("se"),
        Column::hidden("uniqueness"),
        Column::new("communality", "Communality"),
        Column::new("state", ""),
    ]);
    let mut table = Table::new("one_factor_loadings", columns);
    table.title = Some("Standardized loadings on one factor".to_owned());
    for line in lines {
        let Some(factor) = &line.found.one_factor else { continue };
        for (j, item) in factor.items.iter().enumerate() {
            let se = factor.loadings_se.as_ref().map(|se| se[j]);
            let mut row = line.of.cells();
            row.extend([
                Value::text(item),
                Value::Number(factor.standardized[j], Kind::Bounded),
                Value::Number(factor.loadings[j], Kind::Score),
                Value::number(se, Kind::Score),
                Value::Number(factor.uniquenesses[j], Kind::Score),
                Value::Number(factor.standardized[j] * factor.standardized[j], Kind::Bounded),
                if factor.admissible { Value::Empty } else { Value::text("not to be used") },
            ]);
            table.rows.push(row);
        }
    }
    if lines.iter().filter_map(|line| line.found.one_factor.as_ref()).any(|factor| !factor.admissible) {
        table.notes.push("Not to be used: a uniqueness of the solution is negative.".to_owned());
    }
    table
}
