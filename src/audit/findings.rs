//! From what was seen to what is said about it: the key, missing answers, floors and ceilings.

use super::answers::Answers;
use super::key::{ENOUGH_ROWS, FormKey, ItemKey, ScaleKey};
use super::look::{Audited, FormLook};
use super::places::Places;
use super::sessions::Attendance;
use super::words;
use crate::finding::{Code, Finding, Findings, Place, Severity};
use crate::responses::{Counts, Layout};
use crate::scoring::{Plan, ScaleSummary};

/// From here on a share of scores at an end of the scale is called a floor or ceiling effect (Terwee et al. 2007).
const EFFECT: f64 = 0.15;

/// Problems before notes, and what concerns the file as a whole before single rows.
pub(super) fn in_order(mut found: Vec<Finding>) -> Findings {
    let is_row = |finding: &Finding| finding.severity == Severity::Problem && finding.place.line.is_some();
    found.sort_by_key(|finding| (finding.severity == Severity::Note, is_row(finding)));
    let mut all = Findings::keeping_all();
    found.into_iter().for_each(|finding| all.push(finding));
    all
}

impl Audited {
    /// All findings, with those of the reader: problems before notes, the file as a whole before its rows.
    pub fn with(&self, read: Findings) -> Findings {
        let mut all = Findings::keeping_all();
        let own = self.findings.kept();
        let whole = own
            .partition_point(|finding| finding.severity == Severity::Problem && finding.place.line.is_none());
        own[..whole].iter().for_each(|finding| all.push(finding.clone()));
        all.append(read);
        own[whole..].iter().for_each(|finding| all.push(finding.clone()));
        all
    }
}

/// What a file without keys cannot tell.
pub(super) fn no_keys(layout: &Layout) -> Finding {
    let message = "no column says whom a row is about, so repeated rows and missing sessions cannot be seen";
    let help = "name it with --dyad or --person, the session with --session";
    Finding::note(Code::NoKeys, Place::file(&layout.file), message).help(help)
}

/// Does the key fit?
pub(super) fn of_key(layout: &Layout, plan: &Plan, key: &FormKey, before: &str) -> Vec<Finding> {
    let number = |slot: &usize| layout.slots[*slot].item + 1;
    if let (Some(moved), Some(first)) = (&key.moved, key.scales.first()) {
        let places = words::plural(moved.by.unsigned_abs(), "place", "places");
        let message = format!(
            "{before}the item columns look shifted by {places}: {} against the others, where the key reverses {}{}",
            items(moved.against.iter().map(number).collect(), "runs", "run"),
            words::all(moved.declared.iter().map(number)),
            alphas(first.alpha, Some(moved.alpha), "with the key moved"),
        );
        let help = "does each column hold the answers its name says? Look at the form beside the file";
        let place = Place::file(&layout.file);
        return vec![judged(Code::ShiftedColumns, first.n >= ENOUGH_ROWS, place, message).help(help)];
    }
    key.scales
        .iter()
        .flat_map(|scale| of_scale(layout, &plan.scales[scale.scale].id, scale, before))
        .collect()
}

fn judged(code: Code, problem: bool, place: Place, message: String) -> Finding {
    if problem { Finding::problem(code, place, message) } else { Finding::note(code, place, message) }
}

fn alphas(as_is: Option<f64>, other: Option<f64>, what: &str) -> String {
    match (as_is, other) {
        (Some(as_is), Some(other)) => {
            format!("; alpha {}, {what} {}", words::bounded(as_is), words::bounded(other))
        }
        _ => String::new(),
    }
}

/// Items of a scale that run the wrong way.
fn of_scale(layout: &Layout, id: &str, look: &ScaleKey, before: &str) -> Vec<Finding> {
    let place = |items: &[&ItemKey]| Place {
        column: match items {
            [one] => Some(layout.item_name(one.slot).to_owned()),
            _ => None,
        },
        ..Place::file(&layout.file)
    };
    let numbers = |items: &[&ItemKey]| items.iter().map(|item| layout.slots[item.slot].item + 1).collect();
    let better = look.alpha_turned.is_some_and(|turned| look.alpha.is_none_or(|as_is| turned > as_is));
    let problem = look.n >= ENOUGH_ROWS && better;
    let wrong = look.wrong(true).count() + look.wrong(false).count();
    let turned = if wrong == 1 { "with it turned" } else { "with them turned" };
    let rs = |items: &[&ItemKey]| {
        let rs = words::range(items.iter().filter_map(|item| item.r));
        let rows = words::plural(look.n as u64, "row", "rows");
        format!(
            "(r {rs} with the other items of {id}, {rows}{})",
            alphas(look.alpha, look.alpha_turned, turned)
        )
    };
    let mut findings = Vec::new();
    let reversed = look.items.iter().filter(|item| item.reversed).count();
    let turned: Vec<&ItemKey> = look.wrong(true).collect();
    if !turned.is_empty() {
        let every = if turned.len() == reversed && reversed > 1 { ", all that the key reverses" } else { "" };
        let looks = items(numbers(&turned), "looks", "look");
        let message = format!("{before}{looks} already reversed{every} {}", rs(&turned));
        let named: Vec<String> = numbers(&turned).iter().map(usize::to_string).collect();
        let help =
            format!("if they are: --already-reversed {}; nothing is turned by itself", named.join(","));
        findings.push(judged(Code::AlreadyReversed, problem, place(&turned), message).help(help));
    }
    let against: Vec<&ItemKey> = look.wrong(false).collect();
    if !against.is_empty() {
        let runs = items(numbers(&against), "runs", "run");
        let message = format!("{before}{runs} against the rest of the scale {}", rs(&against));
        let help = "has somebody reversed an item that the key does not reverse, or mixed up columns?";
        findings.push(judged(Code::RunsAgainst, problem, place(&against), message).help(help));
    }
    let little = |item: &&ItemKey| item.reversed && item.r.is_some_and(|r| r < 0.0) && !item.is_wrong();
    let weak: Vec<&ItemKey> = look.items.iter().filter(little).collect();
    if !weak.is_empty() {
        let correlates = items(numbers(&weak), "correlates", "correlate");
        let message = format!("{before}reversed {correlates} a little the wrong way {}", rs(&weak));
        findings.push(Finding::note(Code::AlreadyReversed, place(&weak), message));
    }
    findings
}

/// `item 4 looks`, `items 4 and 10 look`.
fn items(numbers: Vec<usize>, one: &str, many: &str) -> String {
    let (word, verb) = if numbers.len() == 1 { ("item", one) } else { ("items", many) };
    format!("{word} {} {verb}", words::all(numbers))
}

/// Missing answers: by item, informant and session.
pub(super) fn of_missing(
    layout: &Layout,
    counts: &Counts,
    forms: &[FormLook],
    attendance: Option<&Attendance>,
    most_missing: Option<&(String, f64)>,
) -> Option<Finding> {
    let missing: u64 = counts.missing.values().sum();
    let of = counts.used * layout.slots.len() as u64;
    if missing == 0 || of == 0 {
        return None;
    }
    let share = words::percent(missing as f64 / of as f64);
    let mut parts =
        vec![format!("{} missing ({share} of {of})", words::plural(missing, "answer is", "answers are"))];
    let items = forms.iter().flat_map(|form| form.items.iter().map(move |item| (form, item)));
    let worst = items
        .filter(|(_, item)| item.missing > 0.0)
        .reduce(|worst, other| if other.1.missing > worst.1.missing { other } else { worst });
    if let Some((form, item)) = worst {
        let of = if forms.len() > 1 { format!(" ({})", form.form) } else { String::new() };
        parts.push(format!("most of an item {} in {}{of}", words::percent(item.missing), item.column));
    }
    if let Some((name, share)) = most_missing {
        parts.push(format!("of an informant {} in {name}", words::percent(*share)));
    }
    let sessions = attendance.map_or(&[][..], |attendance| &attendance.sessions);
    let worst = sessions.iter().reduce(|worst, other| if other.share > worst.share { other } else { worst });
    if let Some(worst) = worst.filter(|session| session.missing > 0) {
        parts.push(format!("of a session {} in session {}", words::percent(worst.share), worst.session));
    }
    Some(Finding::note(Code::MissingAnswers, Place::file(&layout.file), parts.join("; ")))
}

/// Rows that answer nothing, or all alike.
pub(super) fn of_rows(answers: &Answers, places: Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some((spot, ())) = answers.empty.kept().next() {
        let n = answers.empty.n();
        let lines = places.lines(answers.empty.kept().map(|(spot, ())| spot), n);
        let message = format!("{} nothing ({lines})", words::plural(n, "row answers", "rows answer"));
        findings.push(Finding::note(Code::EmptyRows, places.of(spot), message));
    }
    if let Some((spot, _)) = answers.alike.kept().next() {
        let n = answers.alike.n();
        let lines = places.lines(answers.alike.kept().map(|(spot, _)| spot), n);
        let rows = words::plural(n, "row gives", "rows give");
        let message = format!("{rows} the same answer to every item, reversed ones too ({lines})");
        let help = "such answers contradict each other: were they read? Scores are made of them all the same";
        findings.push(Finding::note(Code::SameAnswers, places.of(spot), message).help(help));
    }
    findings
}

/// Floors and ceilings, and whether everything is turned round.
pub(super) fn of_scales(layout: &Layout, scales: &[ScaleSummary], several: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = |scale: &ScaleSummary| {
        if several { format!("{} {}", scale.form, scale.scale) } else { scale.scale.clone() }
    };
    for (code, end, share) in [
        (Code::Floor, "lowest", (|scale| scale.floor) as fn(&ScaleSummary) -> Option<f64>),
        (Code::Ceiling, "highest", |scale| scale.ceiling),
    ] {
        let there = |scale: &&ScaleSummary| share(scale).is_some_and(|share| share >= EFFECT);
        let named: Vec<String> = scales
            .iter()
            .filter(there)
            .map(|scale| format!("{} {}", name(scale), words::percent(share(scale).unwrap_or(0.0))))
            .collect();
        if !named.is_empty() {
            let message = format!(
                "15 % or more of the scores are the {end} possible: {} (often called a {} effect: Terwee et al. 2007)",
                named.join(", "),
                code.id()
            );
            findings.push(Finding::note(code, Place::file(&layout.file), message));
        }
    }
    findings
}

/// Whether all scales of a form lie in the lower half: perhaps high numbers stand for little.
pub(super) fn turned_round(
    layout: &Layout,
    scales: &[ScaleSummary],
    form: &str,
    before: &str,
) -> Option<Finding> {
    let own: Vec<&ScaleSummary> = scales.iter().filter(|scale| scale.form == form).collect();
    let low = |scale: &&ScaleSummary| matches!((scale.mean, scale.range), (Some(mean), Some([low, high])) if mean < (low + high) / 2.0);
    let enough = own.iter().all(|scale| scale.n >= ENOUGH_ROWS as u64);
    if own.is_empty() || !enough || !own.iter().all(low) {
        return None;
    }
    let means: Vec<String> =
        own.iter().map(|scale| format!("{} {:.2}", scale.scale, scale.mean.unwrap_or(0.0))).collect();
    let message = format!("{before}the mean of every scale lies in the lower half ({})", means.join(", "));
    let help = "alliances are mostly rated high: does 1 stand for the most here? Then the whole file is turned round";
    Some(Finding::note(Code::TurnedRound, Place::file(&layout.file), message).help(help))
}
