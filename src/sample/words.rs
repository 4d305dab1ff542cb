//! A column of words, each kept once.

use std::collections::HashMap;

/// A column of texts: the distinct words, and for each row which one it holds.
#[derive(Debug, Clone, Default)]
pub struct Words {
    words: Vec<String>,
    of: Vec<u32>,
    index: HashMap<Vec<u8>, u32>,
}

impl Words {
    /// Adds the word of the next row.
    pub(super) fn push(&mut self, text: &[u8]) {
        // Neighbouring rows often hold the same word.
        if let Some(last) = self.of.last()
            && self.words[*last as usize].as_bytes() == text
        {
            return self.of.push(*last);
        }
        let at = match self.index.get(text) {
            Some(at) => *at,
            None => {
                let at = self.words.len() as u32;
                self.words.push(String::from_utf8_lossy(text).into_owned());
                self.index.insert(text.to_vec(), at);
                at
            }
        };
        self.of.push(at);
    }

    /// The distinct words, in the order in which they first occur.
    pub fn distinct(&self) -> &[String] {
        &self.words
    }

    /// Which of the distinct words a row holds.
    pub fn index(&self, row: usize) -> usize {
        self.of[row] as usize
    }

    /// Puts another word in the place of each. Words that become alike stay apart.
    pub(super) fn rename(&mut self, name: impl Fn(&str) -> String) {
        self.words.iter_mut().for_each(|word| *word = name(word));
        self.index = self.words.iter().zip(0..).map(|(word, at)| (word.clone().into_bytes(), at)).collect();
    }

    /// The word of a row.
    pub fn get(&self, row: usize) -> &str {
        &self.words[self.index(row)]
    }
}

/// The order of words as people read them: numbers by value, then the rest by alphabet.
pub fn reading_order(a: &str, b: &str) -> std::cmp::Ordering {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
