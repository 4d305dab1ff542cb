//! Codes that observers gave to sessions, as they were read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::super::format::plural;
use super::super::model::{InputFile, Note};
use super::super::study::Study;
use super::follow::Followed;
use crate::error::Error;
use crate::finding::{Code, Finding, Place};
use crate::instrument::fold_name;
use crate::responses::Key;
use crate::sample::Pseudonyms;
use crate::session::CodedSessions;

/// A file of coded sessions, settled over its observers.
pub struct Coded {
    /// The file.
    pub file: InputFile,
    /// The coding scheme, if one was named.
    pub scheme: Option<String>,
    /// The codes.
    pub codes: Vec<String>,
    /// Columns that are ratings and no codes.
    pub ratings: Vec<String>,
    /// The coded sessions of each dyad.
    pub dyads: BTreeMap<String, CodedSessions>,
    /// The observers in the file.
    pub raters: Vec<String>,
    /// The observer who was asked for.
    pub rater: Option<String>,
    /// Whether the file has a row for each code, and whether any row says that nothing was found.
    pub layout: CodedLayout,
}

/// How codes stand in their file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodedLayout {
    /// A column for each code.
    Wide,
    /// A row for each code that was found, some rows without one.
    Long,
    /// A row for each code that was found, and no row that says that nothing was.
    LongWithoutEmpty,
}

impl Coded {
    /// The coded sessions of a dyad.
    pub(in crate::report) fn of_dyad(&self, dyad: &str) -> Option<&CodedSessions> {
        self.dyads.get(dyad.trim())
    }

    /// The people it names, by their keys.
    pub fn people(&self) -> Vec<(Key, &str)> {
        let dyads = self.dyads.keys().map(|dyad| (Key::Dyad, dyad.as_str()));
        dyads.chain(self.raters.iter().map(|rater| (Key::Rater, rater.as_str()))).collect()
    }

    /// Puts pseudonyms in the place of the people it names.
    #[must_use]
    pub fn pseudonymised(mut self, names: &Pseudonyms) -> Coded {
        let name = |key, id: &str| names.get(key, id).unwrap_or_default().to_owned();
        self.dyads = self.dyads.into_iter().map(|(dyad, codes)| (name(Key::Dyad, &dyad), codes)).collect();
        self.raters = self.raters.iter().map(|rater| name(Key::Rater, rater)).collect();
        self.rater = self.rater.map(|rater| name(Key::Rater, &rater));
        self
    }

    /// Refuses answers in the place of codes: without a scheme every column would be a code, and always there.
    pub(super) fn is_not_of_answers(&self, study: &Study) -> Result<(), Error> {
        let passes = study.sample.layout.passes.iter();
        let items: BTreeSet<String> = passes
            .flat_map(|pass| &pass.instrument.items)
            .flat_map(|item| item.columns.iter().map(|name| fold_name(name)))
            .collect();
        let Some(code) = self.codes.iter().find(|code| items.contains(&fold_name(code))) else {
            return Ok(());
        };
        if self.scheme.is_some() || study.is_of_scores() {
            return Ok(());
        }
        let place = Place { file: self.file.name.clone(), column: Some(code.clone()), ..Place::default() };
        let message = "this column holds answers of the questionnaire, no codes of sessions";
        let help = "--events takes a file with dyad, session and a column for each code (or code and count)";
        Err(Error::data(Finding::problem(Code::AnswersAsEvents, place, message).help(help)))
    }

    pub(super) fn settings(&self) -> Json {
        json!({
            "file": self.file.name,
            "scheme": self.scheme,
            "codes": self.codes,
            "ratings": self.ratings,
            "raters": self.raters,
            "rater": self.rater,
            "layout": match self.layout { CodedLayout::Wide => "wide", _ => "long" },
        })
    }

    /// What does not match, and codes that say nothing.
    pub(super) fn notes(&self, followed: &Followed<'_>) -> Vec<Note> {
        let mut notes = Vec::new();
        let known: BTreeSet<&str> = followed.courses.iter().map(|course| course.dyad.trim()).collect();
        let strange: Vec<&str> =
            self.dyads.keys().map(String::as_str).filter(|dyad| !known.contains(dyad)).collect();
        if !strange.is_empty() {
            let text = format!("{}: no scores for {}", self.file.name, dyads(&strange));
            notes.push(Note::new("events_without_scores", text));
        }
        let uncoded: Vec<&str> =
            known.iter().copied().filter(|dyad| !self.dyads.contains_key(*dyad)).collect();
        if !uncoded.is_empty() {
            let text =
                format!("{}: nothing coded for {}; not coded is not absent", self.file.name, dyads(&uncoded));
            notes.push(Note::new("scores_without_events", text));
        }
        notes.extend(self.sessions_apart(followed));
        for (when, codes) in [("never", self.constant(false)), ("always", self.constant(true))] {
            let (are, them) = if codes.len() == 1 { ("code", "is") } else { ("codes", "are") };
            if !codes.is_empty() {
                let text = format!(
                    "the {are} {} {them} {when} there, so nothing can be said about {}",
                    codes.join(", "),
                    if codes.len() == 1 { "it" } else { "them" }
                );
                notes.push(Note::new("code_without_contrast", text));
            }
        }
        if self.raters.len() > 1 && self.rater.is_none() {
            let text = format!(
                "{} coded; a code counts where at least half of those who coded the session marked it (one of them: --events-rater)",
                plural(self.raters.len() as u64, "observer", "observers")
            );
            notes.push(Note::new("several_observers", text));
        }
        if self.layout == CodedLayout::LongWithoutEmpty {
            let text = "the events file has a row for each code found, and none with an empty code: sessions in which nothing was found may be missing from it, and count as not coded";
            notes.push(Note::new("no_empty_codes", text));
        }
        if !self.ratings.is_empty() {
            notes.push(Note::new(
                "ratings_left_out",
                format!("ratings take no part as codes: {}", self.ratings.join(", ")),
            ));
        }
        notes
    }

    /// Codes that are there in every coded session, or in none.
    fn constant(&self, there: bool) -> Vec<&str> {
        let marks = |code: usize| {
            self.dyads.values().filter_map(move |dyad| dyad.present.get(code)).flatten().flatten()
        };
        let is = |code: usize| marks(code).next().is_some() && marks(code).all(|mark| *mark == there);
        (0..self.codes.len()).filter(|code| is(*code)).map(|code| self.codes[code].as_str()).collect()
    }

    /// Coded sessions that no informant of the dyad has.
    fn sessions_apart(&self, followed: &Followed<'_>) -> Option<Note> {
        let mut apart = Vec::new();
        for (dyad, coded) in &self.dyads {
            let courses =
                || followed.courses.iter().enumerate().filter(|(_, course)| course.dyad.trim() == dyad);
            let scale = *followed.following.scales.first()?;
            let has = |session: i64| {
                courses().any(|(at, _)| {
                    followed.member(at, scale).is_some_and(|(_, member)| {
                        member.series.score(session).is_some()
                            || member.series.unanswered().contains(&session)
                    })
                })
            };
            let without: Vec<String> =
                coded.sessions.iter().filter(|session| !has(**session)).map(i64::to_string).collect();
            if !without.is_empty() && courses().next().is_some() {
                apart.push(format!("dyad {dyad}: {}", without.join(", ")));
            }
        }
        (!apart.is_empty()).then(|| {
            let text = format!("coded sessions that nobody answered for, left out: {}", apart.join("; "));
            Note::new("coded_sessions_without_scores", text)
        })
    }
}

fn dyads(names: &[&str]) -> String {
    let word = if names.len() == 1 { "dyad" } else { "dyads" };
    let shown = names.iter().take(20).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 20 { format!(" and {} more", names.len() - 20) } else { String::new() };
    format!("{word} {shown}{more}")
}
