//! What stands above all tables of `raters`: a question, the coefficient that answers it, its value.

use super::found::RatersFound;
use super::tables::{begin, ci, of};
use super::units::Raters;
use crate::agreement::{Chance, IccForm, Metric};
use crate::report::model::{Column, Table, Value};
use crate::statistic::Estimate;

/// For each scale the coefficients that are asked for most.
pub fn summary(raters: &Raters, found: &[RatersFound], level: f64) -> Table {
    let columns = vec![
        Column::new("scale", "In short"),
        Column::new("item", "Item"),
        Column::new("question", "Question"),
        Column::new("coefficient", "Coefficient"),
        Column::new("estimate", "Estimate"),
        Column::new("estimate_ci", ci(level)),
    ];
    let mut table = Table::new("summary", columns);
    for (line, found) in raters.lines.iter().zip(found) {
        for (question, coefficient, value) in answers(found) {
            let mut row = begin(line);
            row.extend([Value::text(question), Value::text(coefficient)]);
            row.extend(of(&value));
            table.rows.push(row);
        }
    }
    table
        .notes
        .push("Every coefficient, its questions and its reasons stand below, scale by scale.".to_owned());
    table
}

fn answers(found: &RatersFound) -> Vec<(&'static str, &'static str, Estimate)> {
    let mut all = Vec::new();
    if let Ok(icc) = &found.icc {
        all.push(("One observer codes alone from now on", "ICC(A,1)", icc.form(IccForm::Agreement)));
        all.push(("The mean of all these is used", "ICC(A,k)", icc.form(IccForm::AgreementMean)));
    }
    let many = |chance: Chance| {
        found.many.iter().find(|own| own.chance == chance && own.weights == "identity").map(|own| own.value)
    };
    if let Some(fleiss) = many(Chance::Fleiss) {
        all.push(("Do they name the same category?", "Fleiss' kappa", fleiss));
    }
    if let Some(gwet) = many(Chance::Gwet) {
        all.push(("If nearly all is one category", "Gwet's AC1", gwet));
    }
    let ordinal = found.krippendorff.iter().find(|alpha| alpha.config.metric == Metric::Ordinal);
    if let Some(ordinal) = ordinal {
        all.push(("Ordered ratings, whoever gave them", "Krippendorff, ordinal", ordinal.value));
    }
    all
}
