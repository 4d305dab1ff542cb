//! Worked cases, recomputed.

use std::sync::Arc;

use super::plan::Plan;
use super::rules::{MinAnswered, Rules};
use super::score::Scores;
use crate::finding::{Code, Finding, Findings};
use crate::instrument::{Case, Expected, Instrument};
use crate::responses::{self, OnInvalid, Options};

/// Published scores are decimal and ours binary; they agree when they agree to twelve digits.
const SAME: f64 = 1e-12;

/// Recomputes the worked cases of an instrument through the reader and the scorer that score files.
///
/// Every case that does not come out as it says is a finding.
///
/// ```
/// use alliance_metrics::{instrument::library, scoring};
/// let instrument = library::load("wai_s").unwrap().unwrap();
/// assert!(instrument.cases.len() > 20);
/// assert!(scoring::check_cases(&instrument).is_empty());
/// ```
pub fn check_cases(instrument: &Instrument) -> Findings {
    let shared = Arc::new(instrument.clone());
    let mut findings = Findings::keeping_all();
    for case in &instrument.cases {
        let wrong = match mismatches(&shared, case) {
            Ok(wrong) => wrong,
            Err(message) => vec![message],
        };
        for message in wrong {
            let message = format!("case \"{}\": {message}", case.name);
            findings.push(Finding::problem(Code::CaseMismatch, case.place.clone(), message));
        }
    }
    findings
}

/// What does not come out as the case says; or why it cannot be computed at all.
fn mismatches(instrument: &Arc<Instrument>, case: &Case) -> Result<Vec<String>, String> {
    let ids: Vec<&str> = instrument.items.iter().map(|item| item.id.as_str()).collect();
    let text = format!("{}\n{}\n", ids.join("\t"), case.answers.join("\t"));
    let options = Options {
        form: vec![(None, instrument.forms[case.form].id.clone())],
        responses: case
            .responses
            .map(|set| (None, instrument.responses[set].id.clone()))
            .into_iter()
            .collect(),
        items: vec![responses::Pattern::item()],
        on_invalid: OnInvalid::Missing,
        ..Options::default()
    };
    let min_answered =
        case.min_answered.as_deref().map(MinAnswered::parse).transpose().map_err(|e| e.to_string())?;
    let read = responses::read_all(&case.name, text.as_bytes(), std::slice::from_ref(instrument), &options)
        .map_err(|error| error.to_string())?;
    let rules = Rules { min_answered, ..Rules::default() };
    let plan = Plan::new(&read.layout, &rules).map_err(|error| error.to_string())?;
    let mut scores = Scores::new(&plan);
    plan.score(&read.responses, &mut scores);
    let score = |id: &str| {
        let at = plan.scales.iter().position(|scale| scale.id == id)?;
        (scores.rows() == 1).then(|| scores.get(&plan, at, 0))
    };
    let mut wrong = Vec::new();
    let mut refused = Vec::new();
    for expected in &case.expected {
        match expected {
            Expected::Score(id, want) => match score(id).and_then(|score| score.value) {
                Some(got) if (got - want).abs() <= SAME * want.abs().max(1.0) => {}
                Some(got) => wrong.push(format!("`{id}` is {got}, not {want}")),
                None => wrong.push(format!("`{id}` has no score, where {want} is expected")),
            },
            Expected::NoScore(id, want) => match score(id).map(|score| (score.value, score.reason)) {
                Some((None, Some(reason))) if reason.id() == want => {}
                Some((Some(got), _)) => {
                    wrong.push(format!("`{id}` is {got}, where no score is expected ({want})"))
                }
                other => {
                    let reason =
                        other.and_then(|(_, reason)| reason).map_or("absent", super::score::Reason::id);
                    wrong.push(format!("`{id}` has no score because of {reason}, not {want}"));
                }
            },
            Expected::Refused(item, want) => {
                refused.push(*item);
                let got = read.findings.kept().iter().find(|f| f.place.column.as_deref() == Some(ids[*item]));
                match got.map(|finding| finding.code.id()) {
                    Some(code) if code == want => {}
                    Some(code) => {
                        wrong.push(format!("the answer to `{}` is refused as {code}, not {want}", ids[*item]))
                    }
                    None => wrong.push(format!("the answer to `{}` is accepted, not refused", ids[*item])),
                }
            }
        }
    }
    for finding in read.findings.kept() {
        if !refused.iter().any(|item| finding.place.column.as_deref() == Some(ids[*item])) {
            wrong.push(finding.message.clone());
        }
    }
    Ok(wrong)
}
