//! Names that stand for people: D1, D2 … instead of the identifiers of a file.

use std::collections::BTreeMap;

use super::gather::Sample;
use super::words::reading_order;
use crate::responses::Key;

/// Stable pseudonyms of the people of a study: numbered in the reading order of their identifiers, so that neither the order
/// of rows nor the number of files or instruments moves them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pseudonyms {
    of: BTreeMap<Key, BTreeMap<String, String>>,
}

/// The keys that identify people, and the letter of their pseudonyms.
const PEOPLE: [(Key, &str); 5] =
    [(Key::Dyad, "D"), (Key::Person, "P"), (Key::Family, "F"), (Key::Worker, "W"), (Key::Rater, "R")];

impl Pseudonyms {
    /// Pseudonyms of all people in some samples, and of further identifiers that other files name.
    ///
    /// ```
    /// use alliance_metrics::responses::Key;
    /// use alliance_metrics::sample::Pseudonyms;
    /// let names = Pseudonyms::new(&[], &[(Key::Dyad, "10"), (Key::Dyad, "9"), (Key::Worker, "Ana")]);
    /// assert_eq!((names.get(Key::Dyad, "10"), names.get(Key::Worker, "Ana")), (Some("D2"), Some("W1")));
    /// ```
    pub fn new(samples: &[&Sample], others: &[(Key, &str)]) -> Pseudonyms {
        let mut of = BTreeMap::new();
        for (key, letter) in PEOPLE {
            let read = samples.iter().filter_map(|sample| sample.key(key)).flat_map(|words| words.distinct());
            let named = others.iter().filter(|(other, _)| *other == key).map(|(_, id)| *id);
            let mut ids: Vec<&str> = read.map(|id| id.trim()).chain(named.map(str::trim)).collect();
            ids.retain(|id| !id.is_empty());
            ids.sort_by(|a, b| reading_order(a, b));
            ids.dedup();
            let numbered =
                ids.iter().enumerate().map(|(at, id)| ((*id).to_owned(), format!("{letter}{}", at + 1)));
            of.insert(key, numbered.collect());
        }
        Pseudonyms { of }
    }

    /// The pseudonym of an identifier.
    pub fn get(&self, key: Key, id: &str) -> Option<&str> {
        self.of.get(&key)?.get(id.trim()).map(String::as_str)
    }

    /// Every key, identifier and pseudonym, in the order of the pseudonyms.
    pub fn list(&self) -> impl Iterator<Item = (Key, &str, &str)> {
        PEOPLE.into_iter().flat_map(|(key, _)| {
            let names = self.of.get(&key);
            let mut list: Vec<(Key, &str, &str)> =
                names.into_iter().flatten().map(|(id, name)| (key, id.as_str(), name.as_str())).collect();
            list.sort_by(|a, b| reading_order(a.1, b.1));
            list
        })
    }
}

impl Sample {
    /// Puts pseudonyms in the place of all identifiers of people.
    pub fn pseudonymise(&mut self, names: &Pseudonyms) {
        for (key, _) in PEOPLE {
            if let Some(words) = self.key_mut(key) {
                words.rename(|id| names.get(key, id).unwrap_or_default().to_owned());
            }
        }
    }
}
