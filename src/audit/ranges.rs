//! Do the answers lie where the instrument has them? Another set of answers, all one too low, nobody, everybody alike.

use super::answers::{Answers, FormAnswers, ItemAnswers};
use super::key::ENOUGH_ROWS;
use super::words;
use crate::finding::{Code, Finding, Place};
use crate::instrument::ResponseSet;
use crate::responses::Layout;

/// So many answers that are not allowed may be slips of the pen; more follow a pattern.
const SLIPS: u64 = 2;

/// Fewer equal answers than this are no constant.
const FEWEST_EQUAL: u64 = 5;

/// Findings about the range of the answers, form by form.
pub(super) fn findings(layout: &Layout, answers: &Answers, name: &dyn Fn(usize) -> String) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, form) in answers.forms.iter().enumerate().filter(|(_, form)| form.rows > 0) {
        findings.extend(whole_form(layout, at, form, &name(at)));
        findings.extend(columns(layout, form, &name(at)));
    }
    findings
}

/// What the items with the form's own set of answers have in common.
fn whole_form(layout: &Layout, at: usize, form: &FormAnswers, name: &str) -> Option<Finding> {
    let pass = &layout.passes[0];
    let own = pass.responses.unwrap_or(pass.instrument.forms[at].responses);
    let set = &pass.instrument.responses[own];
    let of_form = |slot: &usize| layout.slots[*slot].specs[at].set == *set;
    let items: Vec<&ItemAnswers> =
        (0..layout.slots.len()).filter(of_form).map(|slot| &form.items[slot]).collect();
    let mut values: Vec<(f64, u64)> = Vec::new();
    let mut odd = 0;
    for item in &items {
        for (value, n) in item.odd.values()? {
            values.push((value, n));
            odd += n;
        }
        values.extend(item.range.into_iter().flatten().map(|value| (value, item.n)));
    }
    let n: u64 = items.iter().map(|item| item.n).sum::<u64>() + odd;
    let low = values.iter().map(|(value, _)| *value).reduce(f64::min)?;
    let high = values.iter().map(|(value, _)| *value).reduce(f64::max)?;
    let place = || Place::file(&layout.file);
    let seen = format!("{name}answers run from {} to {}", words::number(low), words::number(high));
    let others = pass.instrument.responses.iter().filter(|other| other.id != set.id && other.max.is_some());
    let allowed = set.describe();
    if odd > SLIPS {
        let fits = |other: &&ResponseSet| values.iter().all(|(value, _)| other.allows(*value));
        if let Some(other) = others.clone().find(fits) {
            let message = format!("{seen} where {allowed} is expected; the answers `{}` fit", other.id);
            let help = format!("if these are the answers, say --responses {}", other.id);
            return Some(Finding::problem(Code::OtherResponses, place(), message).help(help));
        }
        return shifted(set, &values, (low, high)).map(|by| {
            let (how, mend) = if by < 0.0 { ("low", "add") } else { ("high", "subtract") };
            let by = words::number(by.abs());
            let message = format!("{seen} where {allowed} is expected: every answer looks {by} too {how}");
            let help = format!("{mend} {by} to every answer before scoring");
            Finding::problem(Code::ShiftedAnswers, place(), message).help(help)
        });
    }
    let narrower = |other: &&ResponseSet| {
        let (Some(top), Some(max)) = (other.max, set.max) else { return false };
        top - other.min < max - set.min && values.iter().all(|(value, _)| other.allows(*value))
    };
    let enough = form.rows >= ENOUGH_ROWS as u64 && n > 0;
    let other = others.clone().filter(narrower).find(|_| enough)?;
    let message = format!("{seen}, as in the answers `{}`; {allowed} is expected", other.id);
    Some(Finding::note(Code::OtherResponses, place(), message).help("which answers did the form offer?"))
}

/// By how much all answers lie too low (negative) or too high, if they would all be allowed otherwise: they reach beyond
/// one end and stay away from the other.
fn shifted(set: &ResponseSet, values: &[(f64, u64)], (low, high): (f64, f64)) -> Option<f64> {
    let max = set.max.filter(|_| set.step > 0.0)?;
    let by = if low < set.min { low - set.min } else { high - max };
    let steps = (by / set.step).abs();
    let all = values.iter().all(|(value, _)| set.allows(value - by));
    (all && (1.0..=max - set.min).contains(&steps)).then_some(by)
}

/// Items that nobody answered, or everybody alike.
fn columns(layout: &Layout, form: &FormAnswers, name: &str) -> Vec<Finding> {
    let column = |slot: usize| layout.item_name(slot);
    let place = |slot: usize| Place { column: Some(column(slot).to_owned()), ..Place::file(&layout.file) };
    let mut findings = Vec::new();
    let nobody: Vec<usize> = (0..form.items.len())
        .filter(|slot| form.items[*slot].n == 0 && form.items[*slot].odd.is_empty())
        .collect();
    if nobody.len() == form.items.len() {
        let message = format!("{name}nobody answered any item");
        return vec![Finding::problem(Code::NobodyAnswered, Place::file(&layout.file), message)];
    }
    if let Some(first) = nobody.first() {
        let names = words::all(nobody.iter().map(|slot| column(*slot)));
        let message = format!("{name}nobody answered {names}");
        findings.push(
            Finding::problem(Code::NobodyAnswered, place(*first), message)
                .help("no scale with such an item has a score"),
        );
    }
    for (slot, item) in form.items.iter().enumerate().filter(|(_, item)| item.n >= FEWEST_EQUAL) {
        if let Some([low, high]) = item.range.filter(|[low, high]| low == high && item.odd.is_empty()) {
            let message = format!(
                "{name}all {} answers to {} are {}",
                item.n,
                column(slot),
                words::number(low.max(high))
            );
            findings.push(Finding::note(Code::ConstantColumn, place(slot), message));
        }
    }
    findings
}
