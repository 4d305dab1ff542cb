//! Every step from the cells of a row to a score.

use serde::Serialize;

use super::plan::{Edition, Plan, Term};
use super::rules::As;
use super::score::Score;
use crate::instrument::Evidence;
use crate::responses::{Cell, Layout, Missing, Responses, fields};

/// How one score came about.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the form, or `unspecified`.
    pub form: String,
    /// Id of the scale.
    pub scale: String,
    /// Its items, step by step.
    pub steps: Vec<Step>,
    /// How many were answered.
    pub answered: usize,
    /// How many items the scale has.
    pub k: usize,
    /// How many must be answered.
    pub min_answered: usize,
    /// The kind of score.
    pub kind: As,
    /// The sum of the scored answers.
    pub sum: f64,
    /// Lowest and highest possible score.
    pub range: Option<[f64; 2]>,
    /// The arithmetic, written out.
    pub arithmetic: String,
    /// The score.
    pub score: Option<f64>,
    /// Whether it was made from fewer items than the scale has.
    pub prorated: bool,
    /// Why there is none.
    pub reason: Option<&'static str>,
    /// How well the key is known.
    pub evidence: Evidence,
    /// Where the key comes from.
    pub source: String,
}

/// One item of a scale.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// Id of the item.
    pub item: String,
    /// Its column in the file.
    pub column: String,
    /// The cell as it stands in the file.
    pub cell: String,
    /// The answer, as a number.
    pub answer: Option<f64>,
    /// Why there is none.
    pub missing: Option<Missing>,
    /// Whether it is reverse-keyed in this scale.
    pub reversed: bool,
    /// The reversal, written out; or that the file holds the answer reversed already.
    pub reversal: Option<String>,
    /// What goes into the sum.
    pub scored: Option<f64>,
}

/// Explains the scores of one row of a batch, scale by scale.
pub fn explain(layout: &Layout, plan: &Plan, responses: &Responses, row: usize) -> Vec<Explanation> {
    let cells: Vec<String> = fields(responses.record(row), layout.dialect.delimiter)
        .into_iter()
        .map(|(cell, _)| String::from_utf8_lossy(&cell).into_owned())
        .collect();
    let of = |planned: &super::plan::PlannedScale| {
        let pass = &layout.passes[planned.pass];
        let form = responses.form(planned.pass, row);
        let edition = planned.edition(form)?;
        let scale = &pass.instrument.scales[edition.scale];
        let steps: Vec<Step> =
            edition.terms.iter().map(|term| step(layout, plan, (responses, row), term, &cells)).collect();
        let mut sum = crate::numeric::ExactSum::default();
        steps.iter().filter_map(|step| step.scored).for_each(|scored| sum.add(scored));
        let answered = steps.iter().filter(|step| step.scored.is_some()).count();
        let score = edition.score(sum.value(), answered);
        let source = &pass.instrument.sources[scale.source];
        Some(Explanation {
            instrument: pass.instrument.id.clone(),
            form: layout.form_name(planned.pass, form).to_owned(),
            scale: planned.id.clone(),
            arithmetic: arithmetic(edition, &steps, sum.value(), score),
            answered,
            k: edition.terms.len(),
            min_answered: edition.min_answered,
            kind: edition.kind,
            sum: sum.value(),
            range: edition.range,
            score: score.value,
            prorated: score.prorated,
            reason: score.reason.map(super::score::Reason::id),
            evidence: scale.evidence,
            source: source
                .doi
                .as_ref()
                .map_or_else(|| source.cite.clone(), |doi| format!("{} doi:{doi}", source.cite)),
            steps,
        })
    };
    plan.scales.iter().filter_map(of).collect()
}

fn step(
    layout: &Layout,
    plan: &Plan,
    (responses, row): (&Responses, usize),
    term: &Term,
    cells: &[String],
) -> Step {
    let slot = &layout.slots[term.slot];
    let column = layout.column(term.slot, responses.fold(row));
    let item = &layout.passes[slot.pass].instrument.items[slot.item];
    let answer = term.answer(responses, row);
    let missing = match responses.cell(term.slot, row) {
        Cell::Gap(reason) => Some(reason),
        Cell::Point(_) | Cell::Number(_) => None,
    };
    let scored = answer.map(|answer| term.scored(answer));
    let set = &term.spec.set;
    let reversal = match (term.reversed, answer, scored, set.max) {
        (true, Some(answer), Some(scored), Some(max)) => {
            Some(format!("{} + {max} − {answer} = {scored}", set.min))
        }
        _ if plan.already_reversed.contains(&term.slot) => Some("reversed in the file".to_owned()),
        _ => None,
    };
    Step {
        item: item.id.clone(),
        column: column.map(|column| layout.names[column].clone()).unwrap_or_default(),
        cell: column.and_then(|column| cells.get(column).cloned()).unwrap_or_default(),
        answer,
        missing,
        reversed: term.reversed,
        reversal,
        scored,
    }
}

/// The arithmetic in one line, as one would write it by hand.
fn arithmetic(edition: &Edition, steps: &[Step], sum: f64, score: Score) -> String {
    let terms: Vec<String> = steps.iter().filter_map(|step| step.scored).map(signed).collect();
    let k = edition.terms.len();
    let Some(value) = score.value else {
        return format!("{} of {k} answered, {} needed: no score", score.answered, edition.min_answered);
    };
    let added = format!("({})", terms.join(" + "));
    let n = score.answered;
    match (edition.kind, edition.range) {
        (As::Mean, _) => format!("{added} / {n} = {} / {n} = {value}", signed(sum)),
        (As::Sum, _) if score.prorated => {
            format!("{k} × {added} / {n} = {k} × {} / {n} = {value}", signed(sum))
        }
        (As::Sum, _) => format!("{} = {value}", terms.join(" + ")),
        (As::Pomp, _) => {
            let low: f64 = edition.terms.iter().map(|term| term.spec.set.min).sum();
            let high: f64 = edition.terms.iter().filter_map(|term| term.spec.set.max).sum();
            let whole = if score.prorated { format!("{k} × {} / {n}", signed(sum)) } else { signed(sum) };
            format!("100 × ({whole} − {}) / ({high} − {}) = {value}", signed(low), signed(low))
        }
    }
}

/// A number that may follow an operator.
fn signed(value: f64) -> String {
    if value < 0.0 { format!("(−{})", -value) } else { format!("{value}") }
}
