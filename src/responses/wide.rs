//! Wide files: which column is which item of which role and session.

use std::collections::BTreeMap;

use super::header::Header;
use super::layout::Options;
use super::pattern::{Fit, Pattern, item_of};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings};
use crate::instrument::Instrument;

/// The columns of one role and session: one of the rows that a record unfolds into.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// The role, if the pattern names it.
    pub role: Option<String>,
    /// The session, if the pattern names it.
    pub session: Option<String>,
    /// For each instrument the columns of its items.
    pub columns: Vec<Vec<Option<usize>>>,
}

/// A session as the name of a column says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Session {
    /// Numbers come first, then dates, then words in the order of the file or of the map.
    order: (u8, u64),
    text: String,
}

/// A role as the name of a column says it: the place of its form and of the word among the form's words, then the order
/// of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Role {
    order: (usize, usize, usize),
    text: String,
}

/// Which item of which role and session a column holds.
type Meaning = (Option<Session>, Option<Role>, usize);

/// What the names of a wide file's columns mean.
pub(super) struct Wide<'a> {
    header: &'a Header,
    options: &'a Options,
    instruments: &'a [std::sync::Arc<Instrument>],
    /// Words for sessions and roles in the order in which they were met.
    sessions: Vec<String>,
    roles: Vec<String>,
    findings: Findings,
}

impl<'a> Wide<'a> {
    pub fn new(
        header: &'a Header,
        options: &'a Options,
        instruments: &'a [std::sync::Arc<Instrument>],
    ) -> Wide<'a> {
        let findings = Findings::keeping_all();
        Wide { header, options, instruments, sessions: Vec::new(), roles: Vec::new(), findings }
    }

    /// Finds the columns of every role and session, in the order of the output: session by session, role by role.
    ///
    /// # Errors
    /// A usage error if the patterns of several instruments do not name the same, or the map of sessions does not fit;
    /// findings about the columns.
    pub fn parts(mut self, taken: &[bool]) -> Result<Vec<Part>, Error> {
        let patterns = self.patterns()?;
        let mut parts: BTreeMap<(Option<Session>, Option<Role>), Part> = BTreeMap::new();
        for (at, pattern) in patterns.iter().enumerate() {
            let instrument = &self.instruments[at];
            let mut found = 0;
            for column in (0..taken.len()).filter(|column| !taken[*column]) {
                let Some((session, role, item)) = self.meaning(pattern, instrument, column) else { continue };
                found += 1;
                let part = parts.entry((session.clone(), role.clone())).or_insert_with(|| Part {
                    role: role.map(|role| role.text),
                    session: session.map(|session| session.text),
                    columns: self.instruments.iter().map(|of| vec![None; of.items.len()]).collect(),
                });
                if let Some(first) = part.columns[at][item].replace(column) {
                    let what = described(part, item);
                    self.same_cell(column, first, &what);
                }
            }
            if found == 0 && self.findings.is_empty() {
                self.nothing(pattern);
            }
        }
        self.unknown_sessions()?;
        for part in parts.values() {
            self.incomplete(part, &patterns);
        }
        if self.findings.problems() > 0 {
            return Err(Error::data(self.findings));
        }
        Ok(parts.into_values().collect())
    }

    /// The pattern of each instrument; all of them name the same things.
    fn patterns(&self) -> Result<Vec<&'a Pattern>, Error> {
        let of = |instrument: &std::sync::Arc<Instrument>| {
            self.options
                .items
                .iter()
                .find(|pattern| pattern.instrument.as_ref().is_none_or(|id| *id == instrument.id))
        };
        let mut patterns: Vec<&Pattern> = Vec::new();
        for instrument in self.instruments {
            let places = |pattern: &Pattern| (pattern.has_role(), pattern.has_session());
            match of(instrument) {
                Some(pattern) if patterns.first().is_none_or(|first| places(first) == places(pattern)) => {
                    patterns.push(pattern);
                }
                _ => {
                    let message = format!(
                        "the columns of {} are not unfolded as those of the other instruments",
                        instrument.id
                    );
                    let help = "give each instrument a pattern with the same of {role} and {session}, or score them one by one";
                    return Err(Error::usage_help(message, help));
                }
            }
        }
        if !self.options.sessions.is_empty() && !patterns.iter().any(|pattern| pattern.has_session()) {
            let help = "write it where the session stands in the names: --items 'wai{item}_{session}'";
            return Err(Error::usage_help("--sessions needs {session} in --items", help));
        }
        Ok(patterns)
    }

    /// What a column means; none if the pattern does not fit, or in more than one way.
    fn meaning(&mut self, pattern: &Pattern, instrument: &Instrument, column: usize) -> Option<Meaning> {
        let name = &self.header.names[column];
        let mut fits: Vec<(Fit, usize)> = pattern
            .fits(name)
            .into_iter()
            .filter_map(|fit| {
                let item = item_of(instrument, &fit.item)?;
                Some((fit, item))
            })
            .collect();
        if fits.len() > 1 {
            // A role that some form knows, and a session that is a number, a date or in the map, speak for themselves.
            let known = |fit: &Fit| {
                fit.role.as_ref().is_none_or(|role| self.is_role(role))
                    && fit.session.as_ref().is_none_or(|session| self.is_session(session))
            };
            let sure: Vec<(Fit, usize)> = fits.iter().filter(|(fit, _)| known(fit)).cloned().collect();
            fits = if sure.is_empty() { fits } else { sure };
        }
        match &fits[..] {
            [] => None,
            [(fit, item)] => {
                let (fit, item) = (fit.clone(), *item);
                let session = fit.session.map(|session| self.session(&session));
                let role = fit.role.map(|role| self.role(&role, column));
                Some((session, role, item))
            }
            several => {
                let ways: Vec<String> = several.iter().take(3).map(|(fit, _)| way(fit)).collect();
                let message = format!("`{name}` fits the pattern `{}` in several ways", pattern.text);
                let help = format!(
                    "it may be {}; say what the words are: --roles WORD=FORM, --sessions WORD=NUMBER",
                    ways.join(", or ")
                );
                let place = self.header.place(Some(column));
                self.findings.push(Finding::problem(Code::AmbiguousColumn, place, message).help(help));
                None
            }
        }
    }

    fn is_role(&self, word: &str) -> bool {
        let word = word.trim().to_lowercase();
        self.options.roles.iter().any(|(given, _)| given.to_lowercase() == word)
            || self.instruments.iter().flat_map(|of| &of.forms).any(|form| form.takes(&word))
    }

    fn is_session(&self, word: &str) -> bool {
        number_or_date(word).is_some() || self.mapped(word).is_some()
    }

    /// What the user says a word means as a session, and which of his words it is.
    fn mapped(&self, word: &str) -> Option<(usize, &'a str)> {
        let same = |(given, _): &(String, String)| given.to_lowercase() == word.trim().to_lowercase();
        let at = self.options.sessions.iter().position(same)?;
        Some((at, self.options.sessions[at].1.as_str()))
    }

    fn session(&mut self, word: &str) -> Session {
        let at = met(&mut self.sessions, word);
        let (word, at) = match self.mapped(word) {
            Some((given, value)) => (value, given),
            None => (word, at),
        };
        number_or_date(word)
            .unwrap_or_else(|| Session { order: (2, at as u64), text: word.trim().to_owned() })
    }

    fn role(&mut self, word: &str, column: usize) -> Role {
        let new = self.roles.len();
        let at = met(&mut self.roles, word);
        if at == new && !self.is_role(word) {
            let ids: Vec<&str> =
                self.instruments.iter().flat_map(|of| &of.forms).map(|form| form.id.as_str()).collect();
            let message = format!("no form stands for the role `{word}`");
            let help =
                format!("its forms are {}; say what the word means with --roles {word}=FORM", ids.join(", "));
            let place = self.header.place(Some(column));
            self.findings.push(Finding::problem(Code::UnknownRole, place, message).help(help));
        }
        let given = self.options.roles.iter().find(|(given, _)| given.to_lowercase() == word.to_lowercase());
        let forms = || self.instruments.iter().flat_map(|of| &of.forms);
        let form = forms().position(|form| match given {
            Some((_, id)) => form.id == *id,
            None => form.takes(&word.to_lowercase()),
        });
        let rank = form
            .and_then(|form| forms().nth(form)?.roles.iter().position(|role| *role == word.to_lowercase()));
        let order = (form.unwrap_or(usize::MAX), rank.unwrap_or(usize::MAX), at);
        Role { order, text: self.roles[at].clone() }
    }

    fn same_cell(&mut self, column: usize, first: usize, what: &str) {
        let names = &self.header.names;
        let message = format!("`{}` and `{}` are both {what}", names[first], names[column]);
        let place = self.header.place(Some(column));
        let help = "remove or rename one of them";
        self.findings.push(Finding::problem(Code::DuplicateColumn, place, message).help(help));
    }

    fn nothing(&mut self, pattern: &Pattern) {
        let message = format!("no column of the file fits the pattern `{}`", pattern.text);
        let help = format!("the file has: {}", self.header.listed());
        self.findings
            .push(Finding::problem(Code::MissingColumn, self.header.place(None), message).help(help));
    }

    /// A role and session has all items of an instrument, or none.
    fn incomplete(&mut self, part: &Part, patterns: &[&Pattern]) {
        for (at, of) in part.columns.iter().enumerate() {
            let lacking: Vec<String> =
                (0..of.len()).filter(|item| of[*item].is_none()).map(|item| (item + 1).to_string()).collect();
            if lacking.is_empty() || lacking.len() == of.len() {
                continue;
            }
            let items = if lacking.len() == 1 { "item" } else { "items" };
            let message = format!(
                "{} has no column for {items} {} of {}",
                whose(part),
                lacking.join(", "),
                self.instruments[at].id
            );
            let unfitted =
                format!("looked for `{}`; the file has: {}", patterns[at].text, self.header.listed());
            let finding = Finding::problem(Code::MissingColumn, self.header.place(None), message);
            self.findings.push(finding.help(unfitted));
        }
    }

    /// With a map, every session that is a word stands in it, and every word of it stands in the file.
    fn unknown_sessions(&self) -> Result<(), Error> {
        let map = &self.options.sessions;
        if map.is_empty() {
            return Ok(());
        }
        let given: Vec<&str> = map.iter().map(|(word, _)| word.as_str()).collect();
        if let Some(word) = self.sessions.iter().find(|word| !self.is_session(word)) {
            let message = format!("--sessions does not say which session `{word}` is");
            return Err(Error::usage_help(message, format!("it says: {}", given.join(", "))));
        }
        let here = |word: &&str| self.sessions.iter().any(|met| met.to_lowercase() == word.to_lowercase());
        match given.into_iter().find(|word| !here(word)) {
            Some(word) => {
                let message = format!("--sessions: no column has the session `{word}`");
                Err(Error::usage_help(message, format!("the file has: {}", self.sessions.join(", "))))
            }
            None => Ok(()),
        }
    }
}

/// The index of a word among those met so far, whatever its case.
fn met(words: &mut Vec<String>, word: &str) -> usize {
    let word = word.trim();
    words.iter().position(|met| met.to_lowercase() == word.to_lowercase()).unwrap_or_else(|| {
        words.push(word.to_owned());
        words.len() - 1
    })
}

/// A session that is a number or a date, year first; without zeros in front of a number.
fn number_or_date(word: &str) -> Option<Session> {
    let word = word.trim();
    let plain: String = word.chars().filter(|c| !matches!(c, '-' | '_' | '.' | '/')).collect();
    let number: u64 = plain.parse().ok().filter(|_| plain.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let date = plain.len() == 8
        && (1900..2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day);
    let separators = word.len() - plain.len();
    if date && (separators == 0 || separators == 2) {
        return Some(Session { order: (1, number), text: format!("{year:04}-{month:02}-{day:02}") });
    }
    (separators == 0).then(|| Session { order: (0, number), text: number.to_string() })
}

/// A role and session in words.
fn whose(part: &Part) -> String {
    let role = part.role.as_ref().map(|role| format!("role {role}"));
    let session = part.session.as_ref().map(|session| format!("session {session}"));
    role.into_iter().chain(session).collect::<Vec<_>>().join(", ")
}

fn described(part: &Part, item: usize) -> String {
    format!("item {} of {}", item + 1, whose(part))
}

fn way(fit: &Fit) -> String {
    let part = Part { role: fit.role.clone(), session: fit.session.clone(), columns: Vec::new() };
    format!("item {} of {}", fit.item, whose(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_numbers_dates_or_words() {
        let text = |word: &str| number_or_date(word).map(|session| session.text);
        assert_eq!(text("007").as_deref(), Some("7"));
        assert_eq!(text("2024-3-1"), None);
        for date in ["2024-03-01", "20240301", "2024.03.01", "2024_03_01"] {
            assert_eq!(text(date).as_deref(), Some("2024-03-01"), "{date}");
        }
        for word in ["pre", "1a", "2024-13-01", "1.5", ""] {
            assert_eq!(text(word), None, "{word}");
        }
        assert!(
            number_or_date("2") < number_or_date("10") && number_or_date("10") < number_or_date("2024-01-01")
        );
    }
}
