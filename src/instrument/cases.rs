//! Worked cases: answers, and the scores that must come out. `scoring` recomputes them.

use crate::finding::Place;

/// A worked case of an instrument.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// Index of the form.
    pub form: usize,
    /// Index of another response set than the form's own.
    pub responses: Option<usize>,
    /// The cells of one row, in the order of the items.
    pub answers: Vec<String>,
    /// Another missing rule, as it would be typed.
    pub min_answered: Option<String>,
    /// What must come out.
    pub expected: Vec<Expected>,
    /// Where the case stands.
    pub place: Place,
}

/// One expectation of a worked case.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// This scale has this score.
    Score(String, f64),
    /// This scale has no score, for this reason.
    NoScore(String, String),
    /// The answer to this item (by index) is refused with this code.
    Refused(usize, String),
}
