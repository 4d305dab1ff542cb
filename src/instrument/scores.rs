//! Scores that somebody else computed, as an instrument: every column of scores is an item and a scale of its own.

use super::definition::{Evidence, Form, Instrument, Item, Keyed, PossibleRange, ResponseSet, Scale, Source};
use super::file::{Access, Kind, Rights, Rule, Texts, Unit};

/// The id of instruments made by [`Instrument::of_scores`].
pub const SCORES: &str = "scores";

/// Which scores are possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PossibleScores {
    /// Any number.
    Any,
    /// Any number within bounds.
    Between([f64; 2]),
    /// Categories: from the lowest to the highest, one step apart.
    Points {
        /// The lowest.
        low: f64,
        /// The highest.
        high: f64,
        /// The step.
        step: f64,
    },
}

impl PossibleScores {
    fn responses(self) -> (Kind, f64, Option<f64>, f64) {
        match self {
            PossibleScores::Any => (Kind::Continuous, f64::NEG_INFINITY, None, 0.0),
            PossibleScores::Between([low, high]) => (Kind::Continuous, low, Some(high), 0.0),
            PossibleScores::Points { low, high, step } => (Kind::Ordinal, low, Some(high), step),
        }
    }
}

impl Instrument {
    /// An instrument for columns of scores with one possible range. It takes any role, and no key stands behind it.
    pub fn of_scores(columns: &[String], range: [f64; 2]) -> Instrument {
        Instrument::of_possible_scores(columns, PossibleScores::Between(range))
    }

    /// An instrument for columns of scores, whatever is known of their possible values.
    pub fn of_possible_scores(columns: &[String], possible: PossibleScores) -> Instrument {
        let (kind, min, max, step) = possible.responses();
        let range = match max {
            Some(max) => PossibleRange::BySet(vec![(0, [min, max])]),
            None => PossibleRange::Unbounded,
        };
        let item = |column: &String| Item {
            id: column.clone(),
            columns: vec![column.clone()],
            unit: Unit::Person,
            responses: None,
        };
        let scale = |(at, column): (usize, &String)| Scale {
            id: column.clone(),
            title: Texts::new(),
            items: vec![Keyed { item: at, reversed: false }],
            score: Rule::Mean,
            min_answered: 1,
            range: range.clone(),
            evidence: Evidence::Verified,
            source: 0,
            forms: vec![0],
            note_below: None,
        };
        Instrument {
            id: SCORES.to_owned(),
            edition: "scores given by the user".to_owned(),
            revision: 1,
            title: Texts::new(),
            construct: String::new(),
            rights: Rights { access: Access::Unknown, holder: None, request: None },
            notes: Vec::new(),
            sources: vec![Source {
                id: "user".to_owned(),
                cite: "the user".to_owned(),
                doi: None,
                url: None,
            }],
            responses: vec![ResponseSet {
                id: "range".to_owned(),
                kind,
                min,
                max,
                step,
                anchors: Vec::new(),
                anchors_source: None,
            }],
            forms: vec![Form {
                id: SCORES.to_owned(),
                title: Texts::new(),
                responses: 0,
                roles: vec![Form::ANY_ROLE.to_owned()],
                template: None,
            }],
            items: columns.iter().map(item).collect(),
            scales: columns.iter().enumerate().map(scale).collect(),
            models: Vec::new(),
            cases: Vec::new(),
            digest: String::new(),
            key_digest: String::new(),
        }
    }
}

impl Form {
    /// Among the roles of a form: it takes any word.
    pub const ANY_ROLE: &'static str = "*";

    /// Whether a word of a role column, in lower case, means this form.
    pub fn takes(&self, word: &str) -> bool {
        self.roles.iter().any(|role| role == word || role == Form::ANY_ROLE)
    }
}
