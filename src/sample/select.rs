//! Which rows a statistic takes: one for each dyad and role, and in which groups.

use std::collections::HashMap;

use super::gather::Sample;
use super::words::{Words, reading_order};
use crate::error::Error;
use crate::responses::Key;

/// Which occasion of a dyad and role counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Occasion {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
    /// The one with this session.
    Session(String),
    /// All of them: rows are not independent.
    All,
}

impl Occasion {
    /// `first`, `last`, `all`, or a session.
    pub fn parse(word: &str) -> Occasion {
        match word.trim().to_lowercase().as_str() {
            "first" => Occasion::First,
            "last" => Occasion::Last,
            "all" => Occasion::All,
            _ => Occasion::Session(word.trim().to_owned()),
        }
    }

    /// As it stands in output.
    pub fn id(&self) -> &str {
        match self {
            Occasion::First => "first",
            Occasion::Last => "last",
            Occasion::All => "all",
            Occasion::Session(session) => session,
        }
    }
}

/// The rows that a statistic takes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// The rows, in the order of the file.
    pub rows: Vec<usize>,
    /// How many persons (dyad and role) the file has.
    pub persons: usize,
    /// How many rows of these persons there are in all.
    pub rows_before: usize,
    /// Persons with more than one row on the chosen occasion; the first in the file counts.
    pub doubled: usize,
    /// Which occasion counts.
    pub occasion: Occasion,
    /// The keys that make a person, by the name of their option; none if every row is a person.
    pub person: Vec<&'static str>,
}

impl Selection {
    /// Whether all rows of persons are taken, and persons have more than one.
    pub fn takes_all(&self) -> bool {
        self.occasion == Occasion::All && self.is_repeated()
    }

    /// Whether persons have more than one row.
    pub fn is_repeated(&self) -> bool {
        self.rows_before > self.persons
    }
}

/// Rows of one form, and of the same words in the columns that split.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// The form.
    pub form: Option<usize>,
    /// The role, if the columns that split hold it.
    pub role: Option<String>,
    /// Column and word of every column that splits.
    pub by: Vec<(String, String)>,
    /// The rows, in the order of the file.
    pub rows: Vec<usize>,
}

impl Sample {
    /// The person of every row (dyad and role), as a number; and the keys that make a person.
    pub fn persons(&self) -> (Vec<usize>, Vec<&'static str>) {
        // A family is a person's unit only where nothing finer is there.
        let unit = [Key::Dyad, Key::Person, Key::Family].into_iter().find(|key| self.key(*key).is_some());
        let keys: Vec<Key> = match unit {
            None => return ((0..self.rows()).collect(), Vec::new()),
            Some(Key::Dyad) => vec![Key::Dyad, Key::Person, Key::Role],
            Some(unit) => vec![unit, Key::Role],
        };
        let keys: Vec<Key> = keys.into_iter().filter(|key| self.key(*key).is_some()).collect();
        let columns: Vec<&Words> = keys.iter().filter_map(|key| self.key(*key)).collect();
        let mut seen: HashMap<Vec<usize>, usize> = HashMap::new();
        let number = |row: usize| {
            let key = columns.iter().map(|words| words.index(row)).collect();
            let next = seen.len();
            *seen.entry(key).or_insert(next)
        };
        ((0..self.rows()).map(number).collect(), keys.into_iter().map(Key::id).collect())
    }

    /// One row for each dyad and role, on the chosen occasion; of several rows on it the first in the file.
    ///
    /// Occasions are ordered by session where there is one (by value if all sessions are numbers, else in the order of
    /// the file), else by date, else as the file has them.
    ///
    /// # Errors
    /// A usage error where no row has the session.
    pub fn select(&self, occasion: &Occasion) -> Result<Selection, Error> {
        let (persons, person) = self.persons();
        let count = persons.iter().max().map_or(0, |max| max + 1);
        let mut selection = Selection {
            rows: (0..self.rows()).collect(),
            persons: count,
            rows_before: self.rows(),
            doubled: 0,
            occasion: occasion.clone(),
            person,
        };
        if *occasion == Occasion::All {
            return Ok(selection);
        }
        let time = self.times();
        let wanted = |row: usize| match occasion {
            Occasion::Session(session) => {
                self.key(Key::Session).is_some_and(|words| same_session(words.get(row), session))
            }
            _ => true,
        };
        let mut chosen: Vec<Option<usize>> = vec![None; count];
        let mut doubled = vec![false; count];
        for row in (0..self.rows()).filter(|row| wanted(*row)) {
            let person = persons[row];
            let Some(have) = chosen[person] else {
                chosen[person] = Some(row);
                continue;
            };
            match time[row].total_cmp(&time[have]) {
                std::cmp::Ordering::Equal => doubled[person] = true,
                order if (order.is_lt()) == (*occasion != Occasion::Last) => {
                    chosen[person] = Some(row);
                    doubled[person] = false;
                }
                _ => {}
            }
        }
        selection.doubled = doubled.iter().filter(|doubled| **doubled).count();
        selection.rows = chosen.into_iter().flatten().collect();
        selection.rows.sort_unstable();
        if let (Occasion::Session(session), true) = (occasion, selection.rows.is_empty()) {
            let help = match self.key(Key::Session) {
                None => "the file has no column of sessions; name it with --session COLUMN".to_owned(),
                Some(words) => {
                    let mut sessions: Vec<&str> = words.distinct().iter().map(String::as_str).collect();
                    sessions.sort_by(|a, b| reading_order(a, b));
                    format!(
                        "sessions are: {}",
                        sessions.iter().take(30).copied().collect::<Vec<_>>().join(", ")
                    )
                }
            };
            return Err(Error::usage_help(format!("--occasion: no row has the session `{session}`"), help));
        }
        Ok(selection)
    }

    /// Rows by form, and by the words of some columns; rows whose role has no form are left out. In the order of the
    /// forms, then of the words.
    ///
    /// # Errors
    /// A usage error for a column that was not read.
    pub fn groups(&self, rows: &[usize], by: &[String]) -> Result<Vec<Group>, Error> {
        let mut columns: Vec<(&str, &Words)> = Vec::new();
        for name in by {
            let Some(words) = self.column(name) else {
                let help = "name a column of the file";
                return Err(Error::usage_help(format!("--by: the file has no column `{name}`"), help));
            };
            columns.push((name, words));
        }
        let role = self.key(Key::Role);
        let mut groups: Vec<Group> = Vec::new();
        let mut index: HashMap<(usize, Vec<usize>), usize> = HashMap::new();
        for row in rows {
            let Some(form) = self.form(*row) else { continue };
            let key: Vec<usize> = columns.iter().map(|(_, words)| words.index(*row)).collect();
            let at = *index.entry((form, key)).or_insert_with(|| {
                let words = |(name, words): &(&str, &Words)| ((*name).to_owned(), words.get(*row).to_owned());
                let splits =
                    |(_, words): &&(&str, &Words)| role.is_some_and(|role| std::ptr::eq(role, *words));
                groups.push(Group {
                    form: Some(form),
                    role: columns.iter().find(splits).map(|(_, words)| words.get(*row).to_owned()),
                    by: columns.iter().map(words).collect(),
                    rows: Vec::new(),
                });
                groups.len() - 1
            });
            groups[at].rows.push(*row);
        }
        groups.sort_by(|a, b| {
            let words = || a.by.iter().zip(&b.by).map(|((_, x), (_, y))| reading_order(x, y));
            a.form.cmp(&b.form).then_with(|| words().find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal))
        });
        Ok(groups)
    }
}

/// Whether two words mean one session: `1`, `01` and `1.0` do.
fn same_session(a: &str, b: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    a.trim().eq_ignore_ascii_case(b.trim()) || number(a).is_some_and(|x| number(b) == Some(x))
}

impl Sample {
    /// Whether a row is of a session, by its word or number.
    pub fn is_at(&self, row: usize, session: &str) -> bool {
        self.key(Key::Session).is_some_and(|words| same_session(words.get(row), session))
    }
}
