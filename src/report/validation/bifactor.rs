//! Bifactor indices: how much one general factor explains beside group factors.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::reliability::Coefficient;
use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::{ReliabilityLine, ScaleLine};
use crate::report::reliability_tables::groups;

pub(super) const BLOCK: BlockOf = BlockOf { id: "bifactor", title: "Bifactor indices", build };

const INDICES: [(Coefficient, &str); 5] = [
    (Coefficient::OmegaHierarchical, "ω hierarchical"),
    (Coefficient::OmegaTotalSchmidLeiman, "ω total"),
    (Coefficient::OmegaLimit, "Limit"),
    (Coefficient::ExplainedCommonVariance, "ECV"),
    (Coefficient::H, "H"),
];

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let lines = evidence.reliability();
    let table = indices(lines);
    if table.rows.is_empty() {
        let why = "no scale has parts that would be group factors, or its factors could not be had";
        return Ok(Found::Absent(why.to_owned()));
    }
    let mut piece = Piece::default();
    piece.table(table);
    let groups = groups(lines);
    if !groups.rows.is_empty() {
        piece.heading("Groups behind omega hierarchical");
        piece.table(groups);
    }
    Ok(Found::Here(piece))
}

fn indices(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.push(Column::new("n", "n"));
    columns.extend(INDICES.map(|(coefficient, head)| Column::new(coefficient.id(), head)));
    let mut table = Table::new("bifactor", columns);
    for line in lines {
        if line.shown(Coefficient::OmegaHierarchical).is_none() {
            continue;
        }
        let mut row = line.of.cells();
        row.push(Value::count(line.found.n as u64));
        row.extend(INDICES.map(|(coefficient, _)| Value::number(line.shown(coefficient), Kind::Bounded)));
        table.rows.push(row);
    }
    table.notes.push("Schmid–Leiman transformation of minres factors rotated by oblimin, as many as the scale has parts. Limit: ω hierarchical over ω total. ECV: explained common variance. H: of one factor by maximum likelihood.".to_owned());
    table
}
