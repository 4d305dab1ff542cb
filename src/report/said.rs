//! Notes on many scales: what several of them have in common is said once.

use super::model::Note;

/// Notes to be, each with the scales (and models) that it is about.
#[derive(Default)]
pub(super) struct Said(Vec<(&'static str, String, Vec<String>)>);

impl Said {
    /// Says something of one scale.
    pub fn say(&mut self, code: &'static str, of: impl Into<String>, text: impl Into<String>) {
        let (of, text) = (of.into(), text.into());
        match self.0.iter_mut().find(|(known, own, _)| *known == code && *own == text) {
            Some((.., all)) if all.contains(&of) => {}
            Some((.., all)) => all.push(of),
            None => self.0.push((code, text, vec![of])),
        }
    }

    /// The notes, in the order in which they were first said.
    pub fn notes(self) -> Vec<Note> {
        let note = |(code, text, of): (&'static str, String, Vec<String>)| {
            Note::new(code, format!("{}: {text}", of.join("; ")))
        };
        self.0.into_iter().map(note).collect()
    }
}
