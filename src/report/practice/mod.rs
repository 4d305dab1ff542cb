//! The report for practice: one dyad a page, in plain words, in the reader's language. It describes and never judges.

mod effects;
mod pages;
mod prompts;
mod texts;

use serde_json::{Value as Json, json};

use super::figures::{Line, lines};
use super::model::{Block, Note, Report, Section};
use super::sessions::{Coded, Followed, Following, course_json};
use super::study::Study;
use crate::error::Error;
use crate::study::{Language, When};
use texts::Texts;

/// What the report for practice holds.
pub struct PracticeAsked<'a> {
    /// What is asked of the courses.
    pub following: &'a Following,
    /// Coded sessions.
    pub coded: Option<&'a Coded>,
    /// The title of the study, if it has one.
    pub title: Option<String>,
    /// The language of all texts.
    pub language: Language,
    /// For whom it is a copy; for all, if for nobody in particular.
    pub copy: Option<Reader>,
    /// Whether a copy for one person shows the other's ratings too.
    pub both: bool,
    /// Only these dyads.
    pub dyads: &'a [String],
    /// Texts of the study, printed beside marks.
    pub prompts: &'a [Prompt],
    /// The user's words for items.
    pub labels: &'a [ItemLabel],
    /// What was randomised, in words.
    pub randomised: Option<&'a str>,
    /// Who was masked, in words.
    pub masked: Option<&'a str>,
}

/// For whom a copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The caregiver, or client.
    Caregiver,
    /// The worker, or therapist.
    Worker,
    /// The team.
    Team,
}

/// A text of the study that is printed beside a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The scale whose marks it belongs to.
    pub scale: String,
    /// Beside which mark.
    pub when: When,
    /// The text.
    pub text: String,
    /// The language it is for; all, if none is said.
    pub language: Option<Language>,
}

/// The user's words for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLabel {
    /// The item.
    pub item: String,
    /// The form; all, if none is said.
    pub form: Option<String>,
    /// The words.
    pub text: String,
}

/// Forms that the side of the caregiver fills in, and that of the worker.
const CAREGIVERS: [&str; 9] =
    ["caregiver", "client", "patient", "parent", "mother", "father", "child", "youth", "family"];
const WORKERS: [&str; 6] =
    ["worker", "therapist", "counsellor", "counselor", "social_worker", "professional"];

impl Reader {
    /// Its word.
    pub fn id(self) -> &'static str {
        match self {
            Reader::Caregiver => "caregiver",
            Reader::Worker => "worker",
            Reader::Team => "team",
        }
    }

    /// Whether ratings on this form are the reader's own.
    fn is_own(self, form: &str) -> bool {
        match self {
            Reader::Caregiver => CAREGIVERS.contains(&form),
            Reader::Worker => WORKERS.contains(&form),
            Reader::Team => true,
        }
    }
}

/// More dyads than this have no page.
const MOST_PAGES: usize = 60;

/// Builds the report for practice.
///
/// # Errors
/// As for `sessions`; a dyad that is not there; a copy for somebody whose ratings the file does not hold.
pub fn practice(study: &Study, asked: &PracticeAsked<'_>) -> Result<Report, Error> {
    let followed = Followed::new(study, asked.following)?;
    let texts = Texts::of(asked.language);
    let dyads = wanted(&followed, asked.dyads)?;
    let pages: Vec<&Vec<usize>> = dyads.iter().take(MOST_PAGES).collect();
    // Codes are the observers' own: a copy for one of the two holds them only with the other's ratings.
    let everything = asked.both || matches!(asked.copy, None | Some(Reader::Team));
    let coded = asked.coded.filter(|_| everything);
    let shown = |line: &Line<'_>| {
        let form = followed.study.form_name(followed.courses[line.member.course].form);
        everything || form.is_some_and(|form| asked.copy.is_none_or(|reader| reader.is_own(&form)))
    };
    let own = |dyad: &[usize], scale: usize| -> Vec<Line<'_>> {
        lines(&followed, dyad, scale).into_iter().filter(&shown).collect()
    };
    let scales = &asked.following.scales;
    if let Some(reader) = asked.copy
        && pages.iter().all(|dyad| scales.iter().all(|scale| own(dyad, *scale).is_empty()))
    {
        let message = format!("--copy {}: no rows hold this reader's own ratings", reader.id());
        return Err(Error::usage_help(
            message,
            "say which words of the role column mean which form: --roles",
        ));
    }
    let page = pages::Pages { followed: &followed, asked, texts, coded };
    let mut sections = vec![page.reading()];
    for dyad in &pages {
        let lines: Vec<(usize, Vec<Line<'_>>)> = scales
            .iter()
            .map(|scale| (*scale, own(dyad, *scale)))
            .filter(|(_, lines)| !lines.is_empty())
            .collect();
        sections.extend(page.dyad(dyad, &lines));
    }
    if let Some(coded) = coded {
        sections.extend(effects::sections(&followed, coded, asked, texts, &pages));
    }
    sections.push(page.copies());

    let mut notes = Vec::new();
    if dyads.len() > pages.len() {
        let (n, shown) = (dyads.len().to_string(), pages.len().to_string());
        notes.push(Note::new("many_dyads", texts.say("many", &[("n", &n), ("shown", &shown)])));
    }
    let n = pages.len().to_string();
    let count = if pages.len() == 1 { texts.get("dyads_one") } else { texts.say("dyads_many", &[("n", &n)]) };
    let title = match &asked.title {
        Some(title) => format!("{title}: {count}"),
        None => texts.say("title", &[("dyads", &count)]),
    };
    let courses: Vec<Json> = pages
        .iter()
        .flat_map(|dyad| scales.iter().flat_map(|scale| own(dyad, *scale)))
        .map(|line| course_json(&followed, line.group, line.member))
        .collect();
    let mut results = json!({ "dyads": courses });
    if let Some(coded) = coded {
        results["effects"] = effects::results(&followed, coded);
    }
    let mut report = study.report("report", title, settings(&followed, asked), results, sections, notes);
    // How the files were read stands in the settings; readers of these pages need no notes on it.
    report.notes.retain(|note| note.code == "many_dyads");
    report.words = texts.page();
    Ok(report)
}

fn settings(followed: &Followed<'_>, asked: &PracticeAsked<'_>) -> Json {
    json!({
        "for": "practice",
        "language": asked.language,
        "copy": asked.copy.map(Reader::id),
        "both": asked.both,
        "dyads": asked.dyads,
        "leading_rule": followed.leading_id(),
        "rules": followed.rules,
        "seed": asked.following.seed,
        "simulations": asked.following.simulations,
        "events": asked.coded.map(|coded| &coded.file.name),
    })
}

/// The courses of the dyads asked for.
fn wanted(followed: &Followed<'_>, names: &[String]) -> Result<Vec<Vec<usize>>, Error> {
    let all = followed.dyads();
    if names.is_empty() {
        return Ok(all);
    }
    let name = |dyad: &[usize]| followed.courses[dyad[0]].dyad.as_str();
    for wanted in names {
        if !all.iter().any(|dyad| name(dyad) == wanted) {
            let known: Vec<&str> = all.iter().take(30).map(|dyad| name(dyad)).collect();
            let message = format!("there is no dyad `{wanted}`");
            return Err(Error::usage_help(message, format!("dyads are: {}", known.join(", "))));
        }
    }
    Ok(all.into_iter().filter(|dyad| names.iter().any(|wanted| wanted == name(dyad))).collect())
}

/// A section that is a page, or opens one.
fn section(id: &'static str, title: String, blocks: Vec<Block>) -> Section {
    Section { id, title: Some(title), blocks }
}
