//! Who answered when: the visits of a file, in at most 32 bytes a distinct key.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keys::{KeyFaults, KeyTexts};
use super::visit::{self, Visit};
use crate::responses::{Layout, day_number};

/// More words for sessions than this are not kept.
const MOST_SESSION_WORDS: usize = 1 << 16;

/// Words in the order in which they were met, so that a number stands for each.
#[derive(Debug)]
struct WordList {
    numbers: HashMap<Vec<u8>, u32>,
    words: Vec<String>,
    most: usize,
    overflown: bool,
}

impl WordList {
    fn new(most: usize) -> WordList {
        WordList { numbers: HashMap::new(), words: Vec::new(), most, overflown: false }
    }

    /// The number of a word; none once there are too many.
    fn number(&mut self, word: &[u8]) -> Option<u32> {
        if let Some(number) = self.numbers.get(word) {
            return Some(*number);
        }
        if self.words.len() >= self.most {
            self.overflown = true;
            return None;
        }
        let number = self.words.len() as u32;
        self.numbers.insert(word.to_vec(), number);
        self.words.push(String::from_utf8_lossy(word).into_owned());
        Some(number)
    }
}

/// The visits of a file, shared by the threads that read it.
#[derive(Debug)]
pub(super) struct Visits {
    pub texts: KeyTexts,
    parts: Vec<Mutex<Part>>,
    roles: Mutex<WordList>,
    sessions: Mutex<WordList>,
}

/// The visits of the units whose digests begin alike.
#[derive(Debug, Default)]
struct Part {
    /// Distinct keys, sorted; of each the row that stands first.
    kept: Vec<Visit>,
    /// Not yet sorted in: at most an eighth of those kept, which leaves room for what an allocator loses.
    fresh: Vec<Visit>,
    /// Rows whose key has come before.
    repeated: Vec<Visit>,
    repeats: u64,
}

pub(super) const PARTS: usize = 1 << PART_BITS;
/// Eight are enough for threads to seldom wait for each other. With many, an allocator that moves each of them as it grows
/// leaves as many holes behind: at 32 parts a million keys took 6 MiB more.
const PART_BITS: u32 = 3;
/// Rows with a repeated key that are kept; further ones are counted.
const MOST_REPEATS: usize = 1000;

impl Part {
    fn take(&mut self, visits: &mut Vec<Visit>) {
        for visit in visits.drain(..) {
            let room = (self.kept.len() / 8).max(16);
            if self.fresh.len() >= room {
                self.absorb();
            }
            if self.fresh.capacity() < room {
                self.fresh.reserve_exact(room);
            }
            self.fresh.push(visit);
        }
    }

    /// Sorts the fresh ones in.
    fn absorb(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_unstable_by_key(Visit::order);
        fresh.dedup_by(|later, first| {
            let same = later.key() == first.key();
            if same {
                self.repeat(*later);
            }
            same
        });
        let mut at = 0;
        fresh.retain(|visit| {
            while self.kept.get(at).is_some_and(|kept| kept.key() < visit.key()) {
                at += 1;
            }
            let Some(kept) = self.kept.get_mut(at).filter(|kept| kept.key() == visit.key()) else {
                return true;
            };
            let (first, later) = if visit.order() < kept.order() { (*visit, *kept) } else { (*kept, *visit) };
            *kept = first;
            self.repeat(later);
            false
        });
        let Some(filler) = fresh.first() else {
            self.fresh = fresh;
            return;
        };
        // From the back, so that nothing is in the way.
        let (mut from, mut other, mut to) = (self.kept.len(), fresh.len(), self.kept.len() + fresh.len());
        self.kept.reserve_exact(fresh.len());
        self.kept.resize(to, *filler);
        while other > 0 {
            to -= 1;
            if from > 0 && self.kept[from - 1].key() > fresh[other - 1].key() {
                from -= 1;
                self.kept[to] = self.kept[from];
            } else {
                other -= 1;
                self.kept[to] = fresh[other];
            }
        }
        fresh.clear();
        self.fresh = fresh;
    }

    fn repeat(&mut self, visit: Visit) {
        self.repeats += 1;
        self.repeated.push(visit);
        if self.repeated.len() >= 2 * MOST_REPEATS {
            self.first_repeats();
        }
    }

    fn first_repeats(&mut self) {
        self.repeated.sort_unstable_by_key(Visit::spot);
        self.repeated.truncate(MOST_REPEATS);
    }
}

impl Visits {
    /// None if no column says whom a row is about.
    pub fn new(layout: &Layout) -> Option<Visits> {
        Some(Visits {
            texts: KeyTexts::of(layout)?,
            parts: (0..PARTS).map(|_| Mutex::new(Part::default())).collect(),
            roles: Mutex::new(WordList::new(visit::MOST_ROLES)),
            sessions: Mutex::new(WordList::new(MOST_SESSION_WORDS)),
        })
    }

    /// Takes the visits of a batch, part by part.
    pub fn take(&self, pending: &mut [Vec<Visit>]) {
        for (part, visits) in self.parts.iter().zip(pending).filter(|(_, new)| !new.is_empty()) {
            locked(part).take(visits);
        }
    }

    /// The number of a role's word, from 1; 0 if there are too many.
    pub fn role(&self, word: &[u8]) -> usize {
        locked(&self.roles).number(word).map_or(0, |number| number as usize + 1)
    }

    /// The number of a session's word; none if there are too many.
    pub fn session(&self, word: &[u8]) -> Option<u32> {
        locked(&self.sessions).number(word)
    }
}

/// The part that holds a unit.
pub(super) fn part_of(unit: u64) -> usize {
    (visit::mix(unit) >> (64 - PART_BITS)) as usize
}

/// A lock whose holder panicked is no reason to stop here: the panic itself is passed on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All visits of a file, sorted.
#[derive(Debug)]
pub(super) struct VisitTable {
    parts: Vec<Part>,
    /// The words of roles; none if the column holds too many to be roles.
    roles: Option<Vec<String>>,
    /// The words of sessions that are no whole numbers; none if there are too many.
    sessions: Option<Vec<String>>,
    names: HashMap<u64, String>,
}

impl Visits {
    /// The table, with the names that the readers met.
    pub fn finish(self, faults: &KeyFaults) -> VisitTable {
        let part = |part: Mutex<Part>| {
            let mut part = part.into_inner().unwrap_or_else(PoisonError::into_inner);
            part.absorb();
            part.first_repeats();
            part
        };
        let words = |list: Mutex<WordList>| {
            let list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
            (!list.overflown).then_some(list.words)
        };
        VisitTable {
            parts: self.parts.into_iter().map(part).collect(),
            roles: words(self.roles),
            sessions: words(self.sessions),
            names: faults.names.clone(),
        }
    }
}

impl VisitTable {
    /// The visits of each unit by session; no order among the units.
    pub fn units(&self) -> impl Iterator<Item = &[Visit]> {
        self.parts.iter().flat_map(|part| part.kept.chunk_by(|a, b| a.unit() == b.unit()))
    }

    /// Rows whose key stands in an earlier row: how many, and the first of them with that earlier row.
    pub fn repeated(&self) -> (u64, Vec<(Visit, Visit)>) {
        let mut pairs: Vec<(Visit, Visit)> = Vec::new();
        for part in &self.parts {
            for later in &part.repeated {
                let first = part.kept.binary_search_by_key(&later.key(), Visit::key);
                pairs.extend(first.ok().map(|at| (part.kept[at], *later)));
            }
        }
        pairs.sort_unstable_by_key(|(_, later)| later.spot());
        pairs.truncate(MOST_REPEATS);
        (self.parts.iter().map(|part| part.repeats).sum(), pairs)
    }

    /// The visits of the unit of a visit.
    pub fn unit_of(&self, visit: &Visit) -> &[Visit] {
        let kept = &self.parts[part_of(visit.unit())].kept;
        let start = kept.partition_point(|other| other.unit() < visit.unit());
        let end = kept.partition_point(|other| other.unit() <= visit.unit());
        &kept[start..end]
    }

    /// The name of a unit; none if it is long and there are too many such.
    pub fn unit_name(&self, unit: u64) -> Option<String> {
        if visit::is_long(unit) { self.names.get(&unit).cloned() } else { Some(visit::short_name(unit)) }
    }

    /// Whether the roles can be told apart.
    pub fn knows_roles(&self) -> bool {
        self.roles.is_some()
    }

    /// The word of a role.
    pub fn role_name(&self, role: usize) -> Option<&str> {
        self.roles.as_ref()?.get(role.checked_sub(1)?).map(String::as_str)
    }

    /// A session as it stands in the file.
    pub fn session_name(&self, session: u32) -> Option<String> {
        match session {
            ..visit::WORDS => Some(session.to_string()),
            visit::WORDS..visit::HASHED => {
                self.sessions.as_ref()?.get((session - visit::WORDS) as usize).cloned()
            }
            _ => None,
        }
    }

    /// Whether a session is no whole number.
    pub fn session_is_word(&self, session: u32) -> bool {
        session >= visit::WORDS
    }

    /// The place of a session in time: its number, or the day if it is a date.
    pub fn session_time(&self, session: u32) -> Option<SessionTime> {
        match session {
            ..visit::WORDS => Some(SessionTime::Number(session)),
            visit::WORDS..visit::HASHED => {
                let word = self.sessions.as_ref()?.get((session - visit::WORDS) as usize)?;
                day_number(word).map(SessionTime::Day)
            }
            _ => None,
        }
    }
}

/// When a session was, as far as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SessionTime {
    /// A number.
    Number(u32),
    /// A date.
    Day(i64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::firsts::Spot;

    #[test]
    fn a_distinct_key_takes_at_most_32_bytes() {
        let mut part = Part::default();
        let mut most: f64 = 0.0;
        for n in 0..60_000u64 {
            // Every key comes twice.
            let key = n * 7919 % 30_000;
            let visit = Visit::new(visit::unit(key.to_string().as_bytes()), key % 3, key as u32 % 20, 0);
            part.take(&mut vec![visit.at(Spot::new(0, n), 0, 0)]);
            let held = (part.kept.capacity() + part.fresh.capacity()) * std::mem::size_of::<Visit>();
            if part.kept.len() > 1000 {
                most = most.max(held as f64 / part.kept.len() as f64);
            }
        }
        part.absorb();
        assert_eq!((part.kept.len(), part.repeats), (30_000, 30_000));
        assert!(part.kept.windows(2).all(|pair| pair[0].key() < pair[1].key()));
        assert!(part.kept.iter().all(|visit| visit.spot() < Spot::new(0, 30_000)));
        assert!(most <= 32.0, "{most} bytes");
    }
}
