//! Scores of a batch.

use serde::Serialize;

use super::plan::Plan;

/// Why there is no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Fewer items are answered than the rule asks for.
    TooFewAnswered,
    /// No item is answered.
    NotAnswered,
    /// The row's form does not have this scale.
    NotInForm,
}

impl Reason {
    /// The stable id, as it stands in output.
    pub fn id(self) -> &'static str {
        match self {
            Reason::TooFewAnswered => "too_few_answered",
            Reason::NotAnswered => "not_answered",
            Reason::NotInForm => "not_in_form",
        }
    }
}

/// The score of one row on one scale.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// The score, if there is one.
    pub value: Option<f64>,
    /// How many items were answered.
    pub answered: usize,
    /// Whether it was made from fewer items than the scale has.
    pub prorated: bool,
    /// Why there is none.
    pub reason: Option<Reason>,
}

impl Score {
    /// A score put together again; a value that is NaN is none.
    pub(crate) fn from_parts(value: f64, answered: usize, prorated: bool, reason: Option<Reason>) -> Score {
        Score { value: Some(value).filter(|value| !value.is_nan()), answered, prorated, reason }
    }

    /// No score.
    pub(super) fn none(reason: Reason, answered: usize) -> Score {
        Score { value: None, answered, prorated: false, reason: Some(reason) }
    }
}

/// The state of a row whose form does not have the scale.
pub(super) const NOT_IN_FORM: u32 = u32::MAX;

/// What the answers of one scale add up to, row by row.
#[derive(Debug, Clone)]
pub(super) enum ScoreColumn {
    /// A number that stands for edition, items answered and sum; rows with one number have one score.
    Points(Vec<u32>),
    /// Edition, items answered and sum; none if the form does not have the scale.
    Numbers(Vec<Option<(u8, u16, f64)>>),
}

/// The scores of a batch: rows × scales, in the order of the plan.
#[derive(Debug, Clone)]
pub struct Scores {
    pub(super) rows: usize,
    pub(super) columns: Vec<ScoreColumn>,
}

impl Scores {
    /// Room for the scores of a plan.
    pub fn new(plan: &Plan) -> Scores {
        let column = |scale: &super::plan::PlannedScale| {
            if scale.is_points() { ScoreColumn::Points(Vec::new()) } else { ScoreColumn::Numbers(Vec::new()) }
        };
        Scores { rows: 0, columns: plan.scales.iter().map(column).collect() }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The score of a row on a scale of the plan.
    pub fn get(&self, plan: &Plan, scale: usize, row: usize) -> Score {
        let planned = &plan.scales[scale];
        match &self.columns[scale] {
            ScoreColumn::Points(states) => planned.score_of_state(states[row]),
            ScoreColumn::Numbers(sums) => match sums[row] {
                None => Score::none(Reason::NotInForm, 0),
                Some((edition, answered, sum)) => {
                    planned.editions[usize::from(edition)].score(sum, answered.into())
                }
            },
        }
    }
}
