//! From answers to scores: reversal from declared bounds, scale aggregation, the missing rule, rescaling.
//!
//! A [`Plan`] says for every scale which answers make it and how; it turns a batch of
//! [`Responses`](crate::responses::Responses) into [`Scores`]. A [`Tally`] sums up what came out, a [`ScoreTable`]
//! writes it, an [`Explanation`] shows every step of one row.

mod cases;
mod explain;
mod matrix;
mod norms;
mod plan;
mod rules;
mod score;
mod standard;
mod table;
mod tally;

pub use cases::check_cases;
pub use explain::{Explanation, Step, explain};
pub use matrix::{MatrixKind, PublishedMatrix};
pub use norms::{NormInUse, Norms};
pub use plan::{Edition, Plan, PlannedScale, Term};
pub use rules::{As, MinAnswered, Rules};
pub use score::{Reason, Score, Scores};
pub use standard::{PlannedNorms, Standard};
pub use table::{Columns, ScoreTable};
pub use tally::{ScaleSummary, Tally};
