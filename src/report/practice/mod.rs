//! The report for practice: one dyad a page, in plain words, in the reader's language. It describes and never judges.

mod effects;
mod pages;
mod prompts;
mod texts;
mod three;

use serde_json::{Value as Json, json};

use super::facts::instrument_lines;
use super::model::{Block, Note, Report, Section};
use super::sessions::{Coded, Followed, Following, course_json};
use super::study::Study;
use crate::error::Error;
use crate::study::{Language, When};
use pages::Pages;
use texts::Texts;

/// What the report for practice holds.
pub struct PracticeAsked<'a> {
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

/// The user's words for an item or a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLabel {
    /// The item, or the code.
    pub item: String,
    /// The instrument whose item it is; any, if none is said.
    pub instrument: Option<String>,
    /// The form; all, if none is said.
    pub form: Option<String>,
    /// The words.
    pub text: String,
    /// The language they are in; any, if none is said.
    pub language: Option<Language>,
}

impl PracticeAsked<'_> {
    /// The user's words for an item of an instrument and form, or for a code, in the language of the report.
    fn label(&self, item: &str, instrument: Option<&str>, form: Option<&str>) -> Option<&str> {
        let fits = |label: &&ItemLabel| {
            label.item.eq_ignore_ascii_case(item)
                && label.instrument.as_deref().is_none_or(|own| Some(own) == instrument)
                && label.form.as_deref().is_none_or(|own| Some(own) == form)
                && label.language.is_none_or(|language| language == self.language)
        };
        self.labels.iter().find(fits).map(|label| label.text.as_str())
    }

    /// A code in words.
    fn code(&self, code: &str) -> String {
        self.label(code, None, None).map_or_else(|| code.replace('_', " "), str::to_owned)
    }
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

/// One instrument of a study in practice.
pub struct PracticePart<'a> {
    /// Its rows.
    pub study: &'a Study,
    /// What is asked of its courses.
    pub following: &'a Following,
    /// Coded sessions, drawn and told with this instrument.
    pub coded: Option<&'a Coded>,
}

/// Builds the report for practice. There is a part for each instrument, the first at the front.
///
/// # Errors
/// As for `sessions`; a dyad that is not there; a copy for somebody whose ratings the files do not hold.
pub fn practice(parts: &[PracticePart<'_>], asked: &PracticeAsked<'_>) -> Result<Report, Error> {
    let Some(main) = parts.first() else {
        return Err(Error::usage("a report for practice needs an instrument"));
    };
    let texts = Texts::of(asked.language);
    let all: Result<Vec<Followed<'_>>, Error> =
        parts.iter().map(|part| Followed::new(part.study, part.following)).collect();
    let all = all?;
    let dyads = wanted(&all, asked.dyads)?;
    let shown = &dyads[..dyads.len().min(MOST_PAGES)];
    // Codes are the observers' own: a copy for one of the two holds them only with the other's ratings.
    let everything = asked.both || matches!(asked.copy, None | Some(Reader::Team));
    let pages: Vec<Pages<'_>> = all
        .iter()
        .zip(parts)
        .map(|(followed, part)| Pages {
            followed,
            asked,
            texts,
            coded: part.coded.filter(|_| everything),
            several: parts.len() > 1,
        })
        .collect();

    let mut sections = vec![pages[0].reading(pages.iter().map(Pages::rule).collect())];
    let mut courses: Vec<Json> = Vec::new();
    for name in shown {
        for page in &pages {
            let Some(dyad) = page.dyad_named(name) else { continue };
            let own = page.own(&dyad, everything);
            courses.extend(own.iter().flat_map(|(_, lines)| lines).map(|line| {
                let mut course = course_json(page.followed, line.group, line.member);
                course["instrument"] = json!(page.followed.study.instrument());
                course
            }));
            sections.extend(page.dyad(&dyad, &own));
        }
    }
    if let Some(reader) = asked.copy
        && courses.is_empty()
    {
        let message = format!("--copy {}: no rows hold this reader's own ratings", reader.id());
        return Err(Error::usage_help(
            message,
            "say which words of the role column mean which form: --roles",
        ));
    }
    let mut results = json!({ "dyads": courses });
    for page in &pages {
        if let Some(coded) = page.coded {
            let dyads: Vec<Vec<usize>> = shown.iter().filter_map(|name| page.dyad_named(name)).collect();
            sections.push(effects::section(page.followed, coded, asked, shown, &dyads));
            results["effects"] = effects::results(page.followed, coded, shown);
        }
    }
    sections.push(pages[0].copies(shown.len()));

    let mut notes = Vec::new();
    if dyads.len() > shown.len() {
        let (n, shown) = (dyads.len().to_string(), shown.len().to_string());
        notes.push(Note::new("many_dyads", texts.say("many", &[("n", &n), ("shown", &shown)])));
    }
    let n = shown.len().to_string();
    let count = match shown.len() {
        1 => texts.get("dyads_one"),
        _ => texts.say("dyads_many", &[("n", &n)]),
    };
    let title = match &asked.title {
        Some(title) => format!("{title}: {count}"),
        None => texts.say("title", &[("dyads", &count)]),
    };
    results["pages"] = json!(sections);
    let mut report =
        main.study.report("report", title, settings(&all, parts, asked), results, sections, notes);
    for other in &parts[1..] {
        report.instruments.extend(instrument_lines(&other.study.sample.layout, &other.study.counts));
    }
    // How the files were read stands in the settings; readers of these pages need no notes on it.
    report.notes.retain(|note| note.code == "many_dyads");
    report.words = texts.page();
    Ok(report)
}

fn settings(all: &[Followed<'_>], parts: &[PracticePart<'_>], asked: &PracticeAsked<'_>) -> Json {
    let rules =
        |followed: &Followed<'_>| json!({ "leading": followed.leading_id(), "rules": followed.rules });
    json!({
        "for": "practice",
        "language": asked.language,
        "copy": asked.copy.map(Reader::id),
        "both": asked.both,
        "dyads": asked.dyads,
        "rules": all.iter().map(rules).collect::<Vec<_>>(),
        "seed": parts.first().map(|part| part.following.seed),
        "simulations": parts.first().map(|part| part.following.simulations),
        "events": parts.iter().find_map(|part| Some(part.coded?.file.name.as_str())),
    })
}

/// The names of the dyads asked for, in the order of the first instrument that has them.
fn wanted(all: &[Followed<'_>], names: &[String]) -> Result<Vec<String>, Error> {
    let mut known: Vec<String> = Vec::new();
    for course in all.iter().flat_map(|followed| &followed.courses) {
        if !known.contains(&course.dyad) {
            known.push(course.dyad.clone());
        }
    }
    if let Some(strange) = names.iter().find(|name| !known.contains(name)) {
        known.truncate(30);
        let message = format!("there is no dyad `{strange}`");
        return Err(Error::usage_help(message, format!("dyads are: {}", known.join(", "))));
    }
    known.retain(|name| names.is_empty() || names.contains(name));
    Ok(known)
}

/// A section that is a page, or opens one.
fn section(id: &'static str, title: String, blocks: Vec<Block>) -> Section {
    Section { id, title: Some(title), blocks }
}
