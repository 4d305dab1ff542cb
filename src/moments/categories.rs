//! Answers as categories: codes of a declared set, persons in rows, items in columns.

use crate::responses::MISSING;
use crate::statistic::{Reason, StatError};

/// Answers of some persons to ordered items, as codes from 0; a gap is [`MISSING`]. How many categories an item has comes
/// from the instrument, never from the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Categories {
    /// The ids of the items.
    pub items: Vec<String>,
    declared: Vec<u8>,
    codes: Vec<Vec<u8>>,
}

impl Categories {
    /// Items with their number of declared categories, and for each item the code of each person.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] if the columns differ in number or length, or a code is none of the declared ones.
    pub fn new(items: Vec<String>, declared: Vec<u8>, codes: Vec<Vec<u8>>) -> Result<Categories, StatError> {
        let n = codes.first().map_or(0, Vec::len);
        if items.len() != declared.len() || items.len() != codes.len() || codes.iter().any(|c| c.len() != n) {
            let message = "items, categories and columns of codes differ in number";
            return Err(StatError::new(Reason::NotApplicable, message));
        }
        for ((item, declared), codes) in items.iter().zip(&declared).zip(&codes) {
            if let Some(code) = codes.iter().find(|code| **code >= *declared && **code != MISSING) {
                let message = format!("{item} has {declared} categories, and no code {code}");
                return Err(StatError::new(Reason::NotApplicable, message));
            }
        }
        Ok(Categories { items, declared, codes })
    }

    /// How many persons there are.
    pub fn n(&self) -> usize {
        self.codes.first().map_or(0, Vec::len)
    }

    /// How many items there are.
    pub fn k(&self) -> usize {
        self.items.len()
    }

    /// How many categories an item declares.
    pub fn declared(&self, item: usize) -> usize {
        usize::from(self.declared[item])
    }

    /// The codes of an item, one a person.
    pub fn item(&self, item: usize) -> &[u8] {
        &self.codes[item]
    }

    /// The persons without a gap.
    pub fn complete(&self) -> Categories {
        let mut kept = vec![true; self.n()];
        for codes in &self.codes {
            kept.iter_mut().zip(codes).for_each(|(kept, code)| *kept &= *code != MISSING);
        }
        let of = |codes: &Vec<u8>| {
            codes.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(code, _)| *code).collect()
        };
        Categories {
            items: self.items.clone(),
            declared: self.declared.clone(),
            codes: self.codes.iter().map(of).collect(),
        }
    }
}
