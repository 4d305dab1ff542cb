//! The scores of the scales, and how they correlate.

use serde_json::{Value as Json, json};

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::reliability::{Description, Frequencies, describe};
use crate::report::item_tables::pair_table;
use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::ScaleLine;
use crate::report::scales::ScaleRows;

pub(super) const BLOCK: BlockOf = BlockOf { id: "scales", title: "Scales", build };

/// The scores of a scale in a group.
struct Scored<'a> {
    line: &'a ScaleRows,
    k: usize,
    range: Option<[f64; 2]>,
    found: Description,
    floor: Option<f64>,
    ceiling: Option<f64>,
}

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let scored: Vec<Scored<'_>> =
        evidence.scales().lines.iter().filter_map(|line| scored(evidence, line)).collect();
    if scored.is_empty() {
        return Ok(Found::Absent("no form of the data has a scale".to_owned()));
    }
    let mut piece = Piece::default();
    piece.table(table(&scored));
    if !evidence.pairs().is_empty() {
        piece.heading("Correlations of scales");
        piece.table(pair_table(evidence.pairs()));
    }
    piece.results.push(("scales", json!({ "scales": scored.iter().map(Scored::json).collect::<Vec<_>>() })));
    Ok(Found::Here(piece))
}

fn scored<'a>(evidence: &Evidence<'a>, line: &'a ScaleRows) -> Option<Scored<'a>> {
    let scales = evidence.scales();
    let edition = scales.edition(line)?;
    let value = |row: &usize| scales.study.sample.value(line.scale, *row).unwrap_or(f64::NAN);
    let values: Vec<f64> = line.rows.iter().map(value).collect();
    let found = describe(&Frequencies::of(&values));
    let share = |end: usize| {
        let possible = edition.range.filter(|_| found.n > 0)?;
        let near = 1e-9 * (possible[1] - possible[0]);
        let there = values.iter().filter(|score| (**score - possible[end]).abs() <= near).count();
        Some(there as f64 / found.n as f64)
    };
    let (floor, ceiling) = (share(0), share(1));
    Some(Scored { line, k: edition.terms.len(), range: edition.range, found, floor, ceiling })
}

impl Scored<'_> {
    fn json(&self) -> Json {
        let mut json = self.line.of.json();
        json["n"] = json!(self.found.n);
        json["k"] = json!(self.k);
        json["possible"] = json!(self.range);
        json["missing"] = json!(self.found.missing);
        for (id, value) in [
            ("mean", self.found.mean),
            ("sd", self.found.sd),
            ("median", self.found.median),
            ("min", self.found.min),
            ("max", self.found.max),
            ("floor", self.floor),
            ("ceiling", self.ceiling),
        ] {
            json[id] = json!(value);
        }
        json["shape"] = json!(self.found.shape);
        json
    }
}

fn table(scored: &[Scored<'_>]) -> Table {
    let of: Vec<&ScaleLine> = scored.iter().map(|scored| &scored.line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend([
        Column::new("n", "n"),
        Column::new("no_score", "No score"),
        Column::new("mean", "M"),
        Column::new("sd", "SD"),
        Column::hidden("median"),
        Column::new("observed", "Observed"),
        Column::new("possible", "Possible"),
        Column::new("skew", "Skew"),
        Column::new("kurtosis", "Kurt."),
        Column::new("floor", "Floor %"),
        Column::new("ceiling", "Ceiling %"),
    ]);
    let mut table = Table::new("scores", columns);
    for scored in scored {
        let found = &scored.found;
        let pair =
            |ends: Option<(f64, f64)>, kind| ends.map_or(Value::Empty, |(a, b)| Value::Pair([a, b], kind));
        let mut row = scored.line.of.cells();
        row.extend([
            Value::count(found.n),
            Value::count(found.missing),
            Value::number(found.mean, Kind::Score),
            Value::number(found.sd, Kind::Score),
            Value::number(found.median, Kind::Score),
            pair(found.min.zip(found.max), Kind::Score),
            pair(scored.range.map(|[a, b]| (a, b)), Kind::Exact),
            Value::number(found.shape.skew_type2.estimate, Kind::Score),
            Value::number(found.shape.kurtosis_type2.estimate, Kind::Score),
            Value::number(scored.floor, Kind::Percent),
            Value::number(scored.ceiling, Kind::Percent),
        ]);
        table.rows.push(row);
    }
    table.notes.push("Scores of those with enough answers, by the rule of the scale. Skew and kurtosis: type 2 (as SPSS, SAS and Excel). Floor and ceiling: share at the lowest and highest possible score.".to_owned());
    table
}
