//! The keys of rows, read from batches.

use std::collections::HashMap;

use super::firsts::{Firsts, Spot};
use super::visit::{self, Visit};
use super::visits::{PARTS, Visits, part_of};
use crate::responses::{Key, Layout, Responses, Why, day_number};

/// More long names than this are not kept.
const MOST_NAMES: usize = 1 << 16;

/// The key columns that make a visit, as texts of the layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyTexts {
    /// Dyad; or person, or family, where there is none.
    pub unit: (Key, usize),
    pub role: Option<usize>,
    pub rater: Option<usize>,
    pub session: Option<usize>,
    pub date: Option<usize>,
}

impl KeyTexts {
    /// None if no column says whom a row is about.
    pub fn of(layout: &Layout) -> Option<KeyTexts> {
        let text = |wanted: Key| {
            layout.texts.iter().position(|text| matches!(text.why, Why::Key { key, .. } if key == wanted))
        };
        let unit =
            [Key::Dyad, Key::Person, Key::Family].into_iter().find_map(|key| Some((key, text(key)?)))?;
        let (role, rater) = (text(Key::Role), text(Key::Rater));
        Some(KeyTexts { unit, role, rater, session: text(Key::Session), date: text(Key::Date) })
    }
}

/// Reads the keys of batches; one for each thread.
#[derive(Debug)]
pub(super) struct VisitReader<'a> {
    visits: &'a Visits,
    pending: Vec<Vec<Visit>>,
    /// Roles met so far: as typed, number, digest.
    roles: Vec<(Vec<u8>, usize, u64)>,
    last_role: usize,
    sessions: HashMap<Vec<u8>, Option<u32>>,
    last_date: (Vec<u8>, u64),
    pub gathered: KeyFaults,
}

/// What is wrong with keys themselves, and long names.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyFaults {
    /// Rows that do not say whom they are about.
    pub no_unit: Firsts<()>,
    /// Rows that do not say which session it was.
    pub no_session: Firsts<()>,
    /// Dates that cannot be read.
    pub bad_dates: Firsts<String>,
    /// Names of units too long to stand in a visit; none if there are too many.
    pub names: HashMap<u64, String>,
    too_many_names: bool,
}

impl KeyFaults {
    fn name(&mut self, unit: u64, text: &[u8]) {
        if !self.too_many_names && !self.names.contains_key(&unit) {
            self.names.insert(unit, String::from_utf8_lossy(text).into_owned());
            self.limit_names();
        }
    }

    fn limit_names(&mut self) {
        if self.too_many_names || self.names.len() > MOST_NAMES {
            self.too_many_names = true;
            self.names = HashMap::new();
        }
    }

    pub fn merge(&mut self, other: &KeyFaults) {
        self.no_unit.merge(&other.no_unit);
        self.no_session.merge(&other.no_session);
        self.bad_dates.merge(&other.bad_dates);
        self.names.extend(other.names.iter().map(|(unit, name)| (*unit, name.clone())));
        self.too_many_names |= other.too_many_names;
        self.limit_names();
    }
}

impl<'a> VisitReader<'a> {
    pub fn new(visits: &'a Visits) -> VisitReader<'a> {
        VisitReader {
            visits,
            pending: vec![Vec::new(); PARTS],
            roles: Vec::new(),
            last_role: 0,
            sessions: HashMap::new(),
            last_date: (Vec::new(), 0),
            gathered: KeyFaults::default(),
        }
    }

    /// Takes down the visits of a batch whose rows stand on `lines` of their block and lack so many answers.
    pub fn add(&mut self, block: u64, lines: &[u64], batch: &Responses, gaps: &[u8]) {
        let texts = self.visits.texts;
        for (row, (line, gaps)) in lines.iter().zip(gaps).enumerate() {
            let spot = Spot::new(block, *line);
            let name = batch.text(texts.unit.1, row);
            if name.is_empty() {
                self.gathered.no_unit.add(spot, || ());
                continue;
            }
            let day = texts.date.map_or(0, |date| self.day(batch.text(date, row), spot));
            let (role, role_digest) = texts.role.map_or((0, 0), |role| self.role(batch.text(role, row)));
            let rater = texts.rater.map_or(0, |rater| visit::digest(batch.text(rater, row)));
            let mut who = role_digest ^ rater.rotate_left(17);
            let session = match texts.session {
                Some(session) => {
                    let text = batch.text(session, row);
                    if text.is_empty() {
                        self.gathered.no_session.add(spot, || ());
                        continue;
                    }
                    let session = self.session(text);
                    if session >= visit::HASHED {
                        who ^= visit::digest(text).rotate_left(31);
                    }
                    session
                }
                None => day as u32,
            };
            let unit = visit::unit(name);
            if visit::is_long(unit) {
                self.gathered.name(unit, name);
            }
            let visit = Visit::new(unit, who, session, *gaps).at(spot, role, day);
            self.pending[part_of(unit)].push(visit);
        }
        self.visits.take(&mut self.pending);
    }

    /// Number and digest of a role, whatever its case.
    fn role(&mut self, text: &[u8]) -> (usize, u64) {
        if text.is_empty() {
            return (0, 0);
        }
        if self.roles.get(self.last_role).is_none_or(|(word, ..)| word != text) {
            self.last_role = self.roles.iter().position(|(word, ..)| word == text).unwrap_or_else(|| {
                let folded = String::from_utf8_lossy(text).to_lowercase().into_bytes();
                let number = self.visits.role(&folded);
                if self.roles.len() >= 4 * visit::MOST_ROLES {
                    self.roles.clear(); // this is no column of roles
                }
                self.roles.push((text.to_vec(), number, visit::digest(&folded)));
                self.roles.len() - 1
            });
        }
        let (_, number, digest) = self.roles[self.last_role];
        (number, digest)
    }

    /// The code of a session: a whole number stands for itself, anything else for its word.
    fn session(&mut self, text: &[u8]) -> u32 {
        if let Some(number) = visit::whole(text) {
            return number;
        }
        let known = match self.sessions.get(text) {
            Some(known) => *known,
            None => {
                let number = self.visits.session(text);
                if number.is_some() {
                    self.sessions.insert(text.to_vec(), number);
                }
                number
            }
        };
        known.map_or_else(
            || visit::HASHED | (visit::digest(text) >> 41) as u32,
            |number| visit::WORDS + number,
        )
    }

    fn day(&mut self, text: &[u8], spot: Spot) -> u64 {
        if text.is_empty() {
            return 0;
        }
        if self.last_date.0 != text {
            let number = std::str::from_utf8(text).ok().and_then(day_number);
            self.last_date = (text.to_vec(), number.map_or(0, visit::day_code));
        }
        if self.last_date.1 == 0 {
            self.gathered.bad_dates.add(spot, || String::from_utf8_lossy(text).into_owned());
        }
        self.last_date.1
    }
}
