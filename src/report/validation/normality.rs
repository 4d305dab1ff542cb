//! Whether items are jointly normal, and fit for a factor analysis.

use serde_json::json;

use super::evidence::Evidence;
use super::{BlockOf, Found, Piece};
use crate::error::Error;
use crate::moments::Divisor;
use crate::report::item_tables::adequacy_table;
use crate::report::items::{ItemsLine, fitness_json};
use crate::report::whole_forms;

pub(super) const BLOCK: BlockOf = BlockOf { id: "normality", title: "Normality and adequacy", build };

fn build(evidence: &Evidence<'_>) -> Result<Found, Error> {
    let lines = evidence.items();
    if lines.is_empty() {
        return Ok(Found::Absent("no form of the data has a scale of items".to_owned()));
    }
    let whole = whole_forms(evidence.scales(), evidence.wanted.missing, Divisor::N);
    let all: Vec<&ItemsLine> = lines.iter().chain(&whole).collect();
    let mut piece = Piece::default();
    let mut table = adequacy_table(&all);
    table.notes.push("KMO: sampling adequacy; Bartlett: a small p says that the items correlate at all. Mardia's skew b₁ and kurtosis b₂ of the complete persons, over covariances with divisor n; a small p speaks against joint normality.".to_owned());
    piece.table(table);
    let lines: Vec<_> = all.iter().map(|line| fitness_json(line)).collect();
    piece.results.push(("normality", json!({ "scales": lines })));
    Ok(Found::Here(piece))
}
