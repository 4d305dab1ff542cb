//! Why an answer is not there.

use serde::Serialize;

use super::cell::number;
use crate::instrument::ResponseSet;

/// Why an answer is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The cell is empty.
    Blank,
    /// The cell says that there is none: `NA`, `N/A`, `.`, `#N/A`.
    NotAvailable,
    /// The cell holds a code the user named, by its position.
    Code(u8),
    /// The cell holds no allowed answer, and the user chose to let it be missing.
    Rejected,
}

/// The codes for missing answers that the user named.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MissingCodes {
    words: Vec<String>,
    numbers: Vec<Option<f64>>,
}

impl MissingCodes {
    /// Codes as typed: numbers or words.
    pub fn new(words: Vec<String>) -> MissingCodes {
        let numbers = words.iter().map(|word| number(word.as_bytes(), true)).collect();
        MissingCodes { words, numbers }
    }

    /// The codes as typed.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// A code that is an allowed answer of a response set.
    pub fn legal_in(&self, set: &ResponseSet) -> Option<&str> {
        let legal = |value: &Option<f64>| value.is_some_and(|value| set.allows(value));
        self.numbers.iter().position(legal).map(|at| self.words[at].as_str())
    }

    /// Whether a trimmed cell means a missing answer.
    pub fn matches(&self, cell: &[u8]) -> Option<Missing> {
        if cell.is_empty() {
            return Some(Missing::Blank);
        }
        let plain: &[&[u8]] = &[b"NA", b"N/A", b".", b"#N/A"];
        if plain.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
            return Some(Missing::NotAvailable);
        }
        if self.words.is_empty() {
            return None;
        }
        let value = number(cell, true);
        let same = |at: &usize| match (self.numbers[*at], value) {
            (Some(code), Some(value)) => code == value,
            _ => cell.eq_ignore_ascii_case(self.words[*at].as_bytes()),
        };
        (0..self.words.len()).find(same).map(|at| Missing::Code(at.min(255) as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_mean_missing() {
        let codes = MissingCodes::new(vec!["99".into(), "-9".into(), "ns/nr".into()]);
        assert_eq!(codes.matches(b""), Some(Missing::Blank));
        assert_eq!(codes.matches(b"#n/a"), Some(Missing::NotAvailable));
        assert_eq!(codes.matches(b"99.0"), Some(Missing::Code(0)));
        assert_eq!(codes.matches("−9".as_bytes()), Some(Missing::Code(1)));
        assert_eq!(codes.matches(b"NS/NR"), Some(Missing::Code(2)));
        assert_eq!(codes.matches(b"9"), None);
    }
}
