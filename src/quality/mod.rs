//! How answers were given: runs and repetitions, consistency with oneself and with others, floors and ceilings, gaps.
//!
//! Everything here describes; nothing is left out of any other analysis because of it. At the top of an alliance scale
//! the same answer throughout may be what a person means, so straight lines are told apart by what they say about
//! reversed items ([`Line`]). Answers are taken as they were ticked, in the order of the printed form, where that
//! matters.

mod answers;
mod autocorrelation;
mod distance;
mod ends;
mod even_odd;
mod guttman;
mod line;
mod missingness;
mod others;
mod person;
mod runs;
mod sequence;
mod synonyms;

pub use answers::{FormAnswers, FormScale, PrintedItem};
pub use autocorrelation::{Autocorrelation, autocorrelation};
pub use distance::{Distance, distances};
pub use ends::{CeilingSessions, ItemEnds, ScaleEnds, ceiling_sessions, item_ends, scale_ends};
pub use even_odd::even_odd;
pub use guttman::{GuttmanErrors, guttman_errors};
pub use line::{Line, straight_line};
pub use missingness::{Missingness, PatternCount, missingness};
pub use others::with_others;
pub use person::{Mark, PersonQuality, Quality, QualityConfig, quality};
pub use runs::{Run, Runs, runs, spread};
pub use sequence::{Sequence, longest_sequence};
pub use synonyms::{ItemPair, item_pairs, pair_consistency};
