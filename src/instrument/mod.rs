//! What a questionnaire is. Knows no data.
//!
//! A definition is a TOML file ([`mod@file`]) that is read strictly, linted as a whole ([`Instrument::parse`]) and becomes
//! an [`Instrument`], in which every name is resolved. The definitions that ship stand in [`library`].

mod cases;
mod definition;
mod digest;
pub mod file;
pub mod library;
mod lint;
mod models;
mod scores;

pub use cases::{Case, Expected};
pub use definition::{
    Evidence, Form, Instrument, Item, Keyed, NoteBelow, PossibleRange, ResponseSet, Scale, ScoreRule, Source,
    Unit,
};
pub use digest::hex;
pub use file::{Access, Kind};
pub use lint::fold_name;
pub use models::{Identification, Model, Orthogonal};
pub use scores::{PossibleScores, SCORES};

/// A definition to start from: a complete small instrument with its cases.
pub const TEMPLATE: &str = include_str!("template.toml");

/// The JSON Schema of the definition format.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(file::DefinitionFile).to_value()
}
