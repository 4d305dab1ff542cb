//! What a case must show: the scores of some rows, or a finding.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::audit::{Config, check_text};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::instrument::Instrument;
use crate::responses::{Options, Read, read_whole};
use crate::scoring::{Explanation, Plan, Rules, explain};

/// The name of the file of answers in a case.
pub const ANSWERS: &str = "answers.csv";

/// How a file of answers is read, scored and checked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    /// How the file is read.
    pub options: Options,
    /// How it is scored.
    pub rules: Rules,
    /// What it is compared with.
    pub config: Config,
}

/// What a case must show, and nothing that the file does not.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub shows: Shows,
    /// The codes of the problems that the file has.
    codes: BTreeSet<Code>,
    /// The words of the finding, where they may not change.
    words: Option<Vec<String>>,
}

/// What a case shows.
#[derive(Debug, Clone)]
pub enum Shows {
    /// The scores of its rows, row by row.
    Scores(Vec<Vec<Explanation>>),
    /// A finding of `check`.
    Finding(Box<Finding>),
}

impl Question {
    /// Every finding of a text.
    pub(super) fn findings(&self, text: &[u8]) -> Result<Findings, Error> {
        check_text(ANSWERS, text, &self.instrument, (&self.options, &self.rules, &self.config))
    }

    /// The text as it is read, whatever is wrong with it.
    pub(super) fn read(&self, text: &[u8]) -> Result<Read, Error> {
        read_whole(ANSWERS, text, std::slice::from_ref(&self.instrument), &self.options)
    }

    /// The scores of a text without problems, explained; the first problem otherwise.
    pub(super) fn shown(&self, text: &[u8]) -> Result<Shows, Error> {
        let read = match self.read(text) {
            Err(Error::Data(findings)) => return first_problem(&findings),
            read => read?,
        };
        if read.findings.problems() > 0 {
            return first_problem(&read.findings);
        }
        let plan = Plan::new(&read.layout, &self.rules)?;
        let rows = 0..read.responses.rows();
        Ok(Shows::Scores(rows.map(|row| explain(&read.layout, &plan, &read.responses, row)).collect()))
    }
}

fn first_problem(findings: &Findings) -> Result<Shows, Error> {
    let problem = findings.kept().iter().find(|finding| finding.severity == Severity::Problem);
    problem
        .map(|finding| Shows::Finding(Box::new(finding.clone())))
        .ok_or_else(|| Error::usage("there is nothing to show"))
}

impl Goal {
    /// The goal of showing what a text shows.
    pub fn new(shows: Shows, findings: &Findings) -> Goal {
        let problems = findings.kept().iter().filter(|finding| finding.severity == Severity::Problem);
        let codes = problems.map(|finding| finding.code);
        let own = match &shows {
            Shows::Finding(finding) => Some(finding.code),
            Shows::Scores(_) => None,
        };
        Goal { codes: codes.chain(own).collect(), shows, words: None }
    }

    /// The same goal, in words that may not change any more.
    pub fn in_these_words(self, shows: Shows) -> Goal {
        let words = match &shows {
            Shows::Finding(finding) => Some(words(&finding.message)),
            Shows::Scores(_) => None,
        };
        Goal { shows, words, ..self }
    }

    /// What a text shows, if it is the same; an option that no longer fits shows nothing.
    pub fn again(&self, question: &Question, text: &[u8]) -> Option<Shows> {
        match &self.shows {
            Shows::Scores(rows) => {
                let again = question.shown(text).ok()?;
                let Shows::Scores(others) = &again else { return None };
                (rows.len() == others.len() && rows.iter().zip(others).all(|(a, b)| steps(a) == steps(b)))
                    .then_some(again)
            }
            Shows::Finding(finding) => {
                let found = question.findings(text).ok()?;
                let is_new = |other: &&Finding| {
                    other.severity == Severity::Problem && !self.codes.contains(&other.code)
                };
                if found.kept().iter().any(|other| is_new(&other)) {
                    return None;
                }
                let alike = |other: &&Finding| {
                    other.code == finding.code
                        && other.severity == finding.severity
                        && other.place.line.is_some() == finding.place.line.is_some()
                        && (!is_of_cell(finding.code) || other.place.column == finding.place.column)
                        && self.words.as_ref().is_none_or(|own| *own == words(&other.message))
                };
                found.kept().iter().find(alike).map(|other| Shows::Finding(Box::new(other.clone())))
            }
        }
    }
}

/// The words of a message, without numbers and codes.
fn words(message: &str) -> Vec<String> {
    let words = message.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1);
    words.map(str::to_owned).collect()
}

/// Whether a finding lies in the bytes of a file, so that a copy in UTF-8 whose texts are overwritten cannot show it.
pub(super) fn is_of_bytes(code: Code) -> bool {
    use Code::{
        EmptyFile, GzipCutOff, GzipDamaged, MixedEncodings, NotATable, NotInEncoding, NotUtf8, RecordTooLong,
        UnclosedQuote,
    };
    matches!(
        code,
        EmptyFile
            | GzipCutOff
            | GzipDamaged
            | MixedEncodings
            | NotATable
            | NotInEncoding
            | NotUtf8
            | RecordTooLong
            | UnclosedQuote
    )
}

/// Whether a finding is about a cell, whose column belongs to it.
fn is_of_cell(code: Code) -> bool {
    use Code::{AmbiguousLabel, DecimalComma, NotAPoint, OutOfRange, TextInItem, UnknownLabel, UnknownRole};
    matches!(
        code,
        TextInItem | DecimalComma | OutOfRange | NotAPoint | UnknownRole | UnknownLabel | AmbiguousLabel
    )
}

/// Everything about scores but the letters of refused cells, which a case does not hold.
fn steps(explained: &[Explanation]) -> Value {
    let mut value = serde_json::to_value(explained).unwrap_or_default();
    for step in
        value.as_array_mut().into_iter().flatten().filter_map(|of| of["steps"].as_array_mut()).flatten()
    {
        step["cell"].take();
    }
    value
}
