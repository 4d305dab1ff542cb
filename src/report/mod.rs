//! What a command found, as a model that every renderer understands.
//!
//! [`model`] knows no statistic; the other files build a [`model::Report`] from results, one file a command.

mod case;
mod change;
mod change_tables;
mod check;
mod check_missing;
mod compare_alphas;
mod dependence;
mod dyads;
mod explain;
mod facts;
pub mod figures;
pub mod format;
mod growth;
mod growth_band;
mod growth_tables;
mod input;
mod instruments;
mod item_lines;
mod item_tables;
mod items;
mod lint;
mod matrix;
pub mod model;
mod nested;
mod nested_results;
mod nested_tables;
mod nested_words;
mod practice;
mod quality;
mod quality_forms;
mod quality_json;
mod quality_persons;
mod quality_tables;
mod raters;
mod reliability;
mod reliability_tables;
mod repeated;
mod retest;
mod said;
mod scales;
mod score;
mod sessions;
mod show;
mod study;
mod validation;
mod validity;
mod validity_tables;
mod value;
mod wide;

pub use case::{Cased, case};
pub use change::{ChangeAsked, change};
pub use check::{Checked, check, check_unread};
pub use compare_alphas::{GivenAlphas, compare_alphas, compare_given_alphas};
pub use dyads::{
    DyadsAsked, Members, OutcomeFound, OverSessions, PairLine, RolePair, bland_altman, dyads, pair_lines,
};
pub use explain::{Explained, explain};
pub use facts::{about, file_facts, instrument_lines, reading_settings};
pub use growth::{GrowthAsked, TimeCoding, growth};
pub use input::{columns_of, read_as};
pub use instruments::instruments;
pub use item_lines::{item_lines, scale_pairs, whole_forms};
pub use items::{ItemLine, ItemsLine, ItemsPage, ScalePair, ShapeType, items};
pub use lint::{Linted, lint};
pub use matrix::{MatrixStudy, matrix_lines, reliability_of_matrix};
pub use nested::{NestedAsked, nested};
pub use practice::{ItemLabel, PracticeAsked, PracticePart, Prompt, Reader, practice};
pub use quality::{QualityForm, QualityPage, QualityScale, quality};
pub use quality_forms::quality_forms;
pub use raters::{
    RatedLine, Raters, RatersAsked, RatersFound, TwoRaters, all_found as all_raters_found, finals_csv, raters,
};
pub use reliability::{ReliabilityLine, ScaleLine, Shown, reliability};
pub use repeated::{OverTime, over_time};
pub use retest::{Occasions, retest};
pub use scales::{Clusters, ScaleRows, Scales, allowed, reliability_lines, score_of};
pub use score::{Scored, score};
pub use sessions::{
    Asked, Coded, CodedLayout, CodedOptions, Detail, Following, Primary, refuse_clashes, sessions,
};
pub use show::show;
pub use study::{Study, selection_notes, selection_settings};
pub use validation::{Part, Progress, Wanted, block_ids, validation};
pub use validity::{ValidityAsked, validity};
pub use value::value;
