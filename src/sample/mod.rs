//! The rows of a study in memory: keys as words, answers as codes, scores; and which of them a statistic takes.
//!
//! A [`Gatherer`] packs batches as they are read, in any thread; a [`Sample`] takes the packs in the order of the file.
//! Statistics take one row for each dyad and role ([`Sample::select`]), in groups ([`Sample::groups`]), as matrices of
//! scored items ([`Sample::items`]) or as courses over sessions ([`Sample::courses`]).

mod courses;
mod gather;
mod matrices;
mod numbers;
mod pseudonyms;
mod select;
mod words;

pub use courses::{Course, Visit};
pub use gather::{Gatherer, Sample};
pub use pseudonyms::Pseudonyms;
pub use select::{Group, Occasion, Selection};
pub use words::{Words, reading_order};
