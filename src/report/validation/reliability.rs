//! Reliability between persons.

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::reliability::Coefficient;
use crate::report::Shown;
use crate::report::model::{Column, Kind, Table, Value};
use crate::report::reliability::{ReliabilityLine, ScaleLine, Unit, line_notes, results};
use crate::report::reliability_tables::{brief, influential, kind, tenable};

pub(super) const BLOCK: BlockOf = BlockOf { id: "reliability", title: "Reliability", build };

/// The further coefficients a page shows; data hold all.
const FURTHER: [(Coefficient, &str); 9] = [
    (Coefficient::AlphaStandardized, "α std."),
    (Coefficient::OmegaTotalImplied, "ω implied"),
    (Coefficient::Lambda2, "λ2"),
    (Coefficient::Lambda6, "λ6"),
    (Coefficient::Glb, "glb"),
    (Coefficient::SplitHalfMin, "Worst half"),
    (Coefficient::SplitHalfMax, "Best half"),
    (Coefficient::StandardErrorOfMeasurement, "Error"),
    (Coefficient::MinimalDetectableChange, "MDC"),
];

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let lines = evidence.reliability();
    if lines.is_empty() {
        return Ok(Found::Absent("no form of the data has a scale of items".to_owned()));
    }
    let mut piece = Piece::default();
    piece.table(brief(lines));
    piece.heading("Further coefficients");
    piece.table(further(lines));
    piece.heading("Is alpha's assumption tenable?");
    piece.table(tenable(lines));
    let persons = influential(lines);
    if !persons.rows.is_empty() {
        piece.heading("Who moves alpha most (to be looked at, not removed)");
        piece.table(persons);
    }
    let shown = Shown::These(FURTHER.map(|(coefficient, _)| coefficient).to_vec());
    piece.notes = line_notes(lines, &shown, Unit::of(evidence.scales()));
    piece.results.push(("reliability", results(lines)));
    Ok(Found::Here(piece))
}

fn further(lines: &[ReliabilityLine]) -> Table {
    let of: Vec<&ScaleLine> = lines.iter().map(|line| &line.of).collect();
    let mut columns = ScaleLine::columns(&of, false);
    columns.extend(FURTHER.map(|(coefficient, head)| Column::new(coefficient.id(), head)));
    let mut table = Table::new("further_coefficients", columns);
    for line in lines {
        let mut row = line.of.cells();
        let cell = |(coefficient, _)| Value::number(line.shown(coefficient), kind(coefficient));
        row.extend(FURTHER.map(cell));
        table.rows.push(row);
    }
    let error = Value::Number(1.96, Kind::Score).shown();
    table.notes.push(format!("Covariances of the scored items unless standardized. ω implied: over the variance of the model. Worst, best half: of all split halves, or of those drawn. Error: standard error of measurement, SD √(1 − α); MDC: the smallest change of one person beyond it, {error} √2 times the error; both belong to differences between persons."));
    table
}
