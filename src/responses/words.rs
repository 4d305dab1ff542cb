//! Answers typed as words: which answer a word stands for, by the labels of its response set.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::cell::{Cell, CellSpec, Fault, number};
use super::labels::{Labels, fold_label};
use super::pass::{Pass, Slot};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::instrument::Instrument;

/// The words of one response set of one instrument.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WordMap {
    /// Index of the pass.
    pub pass: usize,
    /// Id of the response set.
    pub set: String,
    /// The file they come from and its digest; none if the definition holds them.
    pub file: Option<(String, String)>,
    /// The words, as written.
    pub words: Vec<Word>,
    /// For each folded word the indices of those written so.
    folded: BTreeMap<String, Vec<usize>>,
}

/// A word and the answer it stands for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Word {
    /// The word, as written.
    pub text: String,
    /// The answer.
    pub value: f64,
    /// Its language, if it is said.
    pub language: String,
}

/// The words of every response set in use that has any. What the user brings for a set replaces what its definition
/// holds.
///
/// # Errors
/// Findings about labels whose set is not there, or whose value is no answer of it.
pub(super) fn word_maps(
    passes: &[Pass],
    slots: &[Slot],
    labels: Option<&Labels>,
) -> Result<Vec<Arc<WordMap>>, Error> {
    let mut maps: Vec<WordMap> = Vec::new();
    for slot in slots {
        for spec in &slot.specs {
            if !maps.iter().any(|map| map.pass == slot.pass && map.set == spec.set.id) {
                maps.push(WordMap::of_definition(slot.pass, spec));
            }
        }
    }
    if let Some(labels) = labels {
        bring(passes, labels, &mut maps)?;
    }
    maps.retain(|map| !map.words.is_empty());
    Ok(maps.into_iter().map(Arc::new).collect())
}

fn bring(passes: &[Pass], labels: &Labels, maps: &mut [WordMap]) -> Result<(), Error> {
    let mut findings = Findings::keeping_all();
    for label in &labels.entries {
        let (owner, set) = match label.set.split_once('.') {
            Some((id, set)) => (Some(id), set),
            None => (None, label.set.as_str()),
        };
        let owned = |pass: &&Pass| owner.is_none_or(|id| id == pass.instrument.id);
        let sets = || passes.iter().filter(owned).flat_map(|pass| &pass.instrument.responses);
        let mut problem = |message: String, help: String| {
            findings.push(Finding::problem(Code::BadLabels, labels.place(label), message).help(help));
        };
        if !set.is_empty() && !sets().any(|of| of.id == set) {
            let ids: Vec<&str> = sets().map(|of| of.id.as_str()).collect();
            let help = match near(set, ids.iter().copied()).first() {
                Some(id) => format!("did you mean `{id}`?"),
                None => format!("response sets are: {}", ids.join(", ")),
            };
            problem(format!("there is no response set `{}`", label.set), help);
            continue;
        }
        for map in maps.iter_mut() {
            let instrument: &Instrument = &passes[map.pass].instrument;
            if owner.is_some_and(|id| id != instrument.id) || !(set.is_empty() || set == map.set) {
                continue;
            }
            let Some(of) = instrument.responses.iter().find(|of| of.id == map.set) else { continue };
            if !of.allows(label.value) {
                let help = "which response set is it for? Say so in the column `responses`".to_owned();
                problem(format!("{} is no answer of `{}` ({})", label.value, of.id, of.describe()), help);
                continue;
            }
            if map.file.is_none() {
                *map = WordMap {
                    file: Some((labels.name.clone(), labels.digest.clone())),
                    ..WordMap::empty(map.pass, &map.set)
                };
            }
            map.add(Word { text: label.text.clone(), value: label.value, language: label.language.clone() });
        }
    }
    if findings.problems() > 0 { Err(Error::definition(findings)) } else { Ok(()) }
}

impl WordMap {
    fn empty(pass: usize, set: &str) -> WordMap {
        WordMap { pass, set: set.to_owned(), file: None, words: Vec::new(), folded: BTreeMap::new() }
    }

    fn of_definition(pass: usize, spec: &CellSpec) -> WordMap {
        let mut map = WordMap::empty(pass, &spec.set.id);
        for (value, texts) in &spec.set.anchors {
            for (language, text) in texts {
                map.add(Word { text: text.clone(), value: *value, language: language.clone() });
            }
        }
        map
    }

    fn add(&mut self, word: Word) {
        self.folded.entry(fold_label(&word.text)).or_default().push(self.words.len());
        self.words.push(word);
    }

    /// Which word a cell holds: the word alone, or beside its number (`Always (7)`, `7 - Always`).
    fn find(&self, cell: &str) -> Result<usize, Fault> {
        let folded = fold_label(cell);
        if let Some(found) = self.folded.get(&folded) {
            return self.same_value(found);
        }
        let Some((value, word)) = word_and_number(&folded) else { return Err(Fault::UnknownLabel) };
        let found = self.same_value(self.folded.get(word).ok_or(Fault::UnknownLabel)?)?;
        if self.words[found].value == value { Ok(found) } else { Err(Fault::AmbiguousLabel) }
    }

    /// Words of several languages may be written alike, if they mean the same.
    fn same_value(&self, found: &[usize]) -> Result<usize, Fault> {
        let first = found[0];
        let same = found.iter().all(|at| self.words[*at].value == self.words[first].value);
        if same { Ok(first) } else { Err(Fault::AmbiguousLabel) }
    }

    /// What a cell that is not understood may have meant.
    pub(super) fn candidates(&self, cell: &str) -> String {
        let folded = fold_label(cell);
        let word = word_and_number(&folded).map_or(folded.as_str(), |(_, word)| word);
        let show = |at: &usize| {
            let Word { text, value, language } = &self.words[*at];
            let language = if language.is_empty() { String::new() } else { format!(", {language}") };
            format!("`{text}` ({value}{language})")
        };
        let exact = self.folded.get(word).cloned().unwrap_or_default();
        let close = || near(word, self.folded.keys().map(String::as_str));
        let close: Vec<usize> = if exact.is_empty() {
            close().into_iter().flat_map(|w| self.folded[w].clone()).collect()
        } else {
            exact
        };
        if close.is_empty() {
            let all: Vec<String> = (0..self.words.len().min(12)).map(|at| show(&at)).collect();
            let more = if self.words.len() > 12 { ", …" } else { "" };
            return format!("the labels are: {}{more}", all.join(", "));
        }
        format!("near are: {}", close.iter().map(show).collect::<Vec<_>>().join(", "))
    }
}

/// A folded text that holds a word and a number, in either order.
fn word_and_number(text: &str) -> Option<(f64, &str)> {
    let value = |text: &str| number(text.trim().as_bytes(), true);
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((word, inside)) = text.strip_suffix(close).and_then(|text| text.rsplit_once(open))
            && let Some(value) = value(inside)
        {
            return Some((value, word.trim()));
        }
        if let Some((inside, word)) = text.strip_prefix(open).and_then(|text| text.split_once(close))
            && let Some(value) = value(inside)
        {
            return Some((value, word.trim()));
        }
    }
    let between = |c: char| matches!(c, '-' | '\u{2013}' | '\u{2014}' | '=' | ':' | '.' | ')' | ' ');
    let ends = |(at, _): (usize, char)| {
        let (front, back) = text.split_at(at);
        let word = |text| str::trim_matches(text, between);
        let front_value = || Some((value(front)?, word(back)));
        let back_value = || Some((value(word(back))?, word(front)));
        front_value().or_else(back_value).filter(|(_, word)| !word.is_empty())
    };
    text.char_indices().filter(|(_, c)| between(*c)).find_map(ends)
}

/// Reads words; one for each thread, for the answer of a word is looked up once for each way to write it.
pub(super) struct WordReader {
    maps: Vec<Arc<WordMap>>,
    /// For each slot and form the map of its response set.
    of: Vec<Vec<Option<usize>>>,
    known: HashMap<(usize, Vec<u8>), Result<usize, Fault>>,
}

/// More ways to write a word than this are not kept.
const MOST_KNOWN: usize = 10_000;

impl WordReader {
    pub fn new(maps: &[Arc<WordMap>], slots: &[Slot]) -> WordReader {
        let map_of = |slot: &Slot, spec: &CellSpec| {
            maps.iter().position(|map| map.pass == slot.pass && map.set == spec.set.id)
        };
        let of =
            slots.iter().map(|slot| slot.specs.iter().map(|spec| map_of(slot, spec)).collect()).collect();
        WordReader { maps: maps.to_vec(), of, known: HashMap::new() }
    }

    /// The map of a slot on a form.
    pub fn map(&self, slot: usize, form: usize) -> Option<usize> {
        *self.of[slot].get(form).unwrap_or(&self.of[slot][0])
    }

    /// What a cell that is no number holds, and the word it is: its index in the map.
    pub fn read(&mut self, map: usize, spec: &CellSpec, cell: &[u8]) -> Result<(Cell, usize), Fault> {
        let words = &self.maps[map];
        let found = match self.known.get(&(map, cell.to_vec())) {
            Some(known) => *known,
            None => {
                let found = words.find(&String::from_utf8_lossy(cell));
                if self.known.len() >= MOST_KNOWN {
                    self.known.clear();
                }
                self.known.insert((map, cell.to_vec()), found);
                found
            }
        };
        found.map(|at| (spec.answer(words.words[at].value), at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> WordMap {
        let mut map = WordMap::empty(0, "seven");
        for (text, value, language) in [
            ("Siempre", 7.0, "es"),
            ("A veces", 4.0, "es"),
            ("A Vezes", 4.0, "pt"),
            ("Si", 6.0, "es"),
            ("Sì", 5.0, "it"),
        ] {
            map.add(Word { text: text.into(), value, language: language.into() });
        }
        map
    }

    #[test]
    fn words_are_found_alone_or_beside_their_number() {
        let map = map();
        for cell in [
            "siempre",
            " SIÉMPRE ",
            "Siempre (7)",
            "7 - Siempre",
            "7=siempre",
            "7. Siempre",
            "7) siempre",
            "[7] siempre",
            "siempre: 7",
            "7 siempre",
            "Siempre – 7",
            "siempre (7,0)",
        ] {
            assert_eq!(map.find(cell), Ok(0), "{cell}");
        }
        assert_eq!(map.find("a  veces"), Ok(1));
        for cell in ["siempree", "siempre siempre", "(7)", "7 -", "siempre (siete)"] {
            assert_eq!(map.find(cell), Err(Fault::UnknownLabel), "{cell}");
        }
        for cell in ["sí", "siempre (6)", "1 = a veces"] {
            assert_eq!(map.find(cell), Err(Fault::AmbiguousLabel), "{cell}");
        }
    }

    #[test]
    fn candidates_are_near() {
        assert_eq!(map().candidates("Simpre (7)"), "near are: `Siempre` (7, es)");
        assert_eq!(map().candidates("sí"), "near are: `Si` (6, es), `Sì` (5, it)");
        assert!(map().candidates("never").starts_with("the labels are: `Siempre` (7, es)"));
    }
}
