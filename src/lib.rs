//! Scores and validates questionnaires about the working alliance.
//!
//! An [`Instrument`](instrument::Instrument) says what a questionnaire is: forms, items, allowed answers, scales,
//! missing rules, with the evidence for each key. A file of answers is read against it into
//! [`Responses`](responses::Responses), in which every cell is an allowed answer or missing for a reason. A
//! [`Plan`](scoring::Plan) turns responses into [`Scores`](scoring::Scores), each with the number of items answered and
//! the reason where there is none.
//!
//! ```
//! use std::sync::Arc;
//! use alliance_metrics::instrument::library;
//! use alliance_metrics::responses::{self, Options};
//! use alliance_metrics::scoring::{Plan, Rules, Scores};
//!
//! let instrument = Arc::new(library::load("wai_s").unwrap().unwrap());
//! let text = "dyad,role,wai_1,wai_2,wai_3,wai_4,wai_5,wai_6,wai_7,wai_8,wai_9,wai_10,wai_11,wai_12\n\
//!             4,caregiver,6,5,7,2,6,6,7,5,6,1,6,6\n\
//!             4,worker,5,5,6,3,5,5,6,,6,2,5,5\n";
//! let read = responses::read_all("answers.csv", text.as_bytes(), &[instrument], &Options::default()).unwrap();
//! let plan = Plan::new(&read.layout, &Rules::default()).unwrap();
//! let mut scores = Scores::new(&plan);
//! plan.score(&read.responses, &mut scores);
//!
//! let goal = plan.scales.iter().position(|scale| scale.id == "goal").unwrap();
//! // Items 4 and 10 are reversed: (6 + 6 + 7 + 6) / 4.
//! assert_eq!(scores.get(&plan, goal, 0).value, Some(6.25));
//! let task = plan.scales.iter().position(|scale| scale.id == "task").unwrap();
//! // The worker left item 8 out, and the shipped rule asks for all items.
//! assert_eq!(scores.get(&plan, task, 1).reason.unwrap().id(), "too_few_answered");
//! ```
//!
//! The rooms depend on each other in one direction only: `numeric` and `finding` stand below everything, `instrument`
//! knows no data, `responses` knows no scores, [`cli`] alone touches files and the terminal. `docs/ARCHITECTURE.md`
//! shows the picture.

pub mod agreement;
pub mod audit;
pub mod case;
pub mod cli;
pub mod dyad;
pub mod error;
pub mod factor;
pub mod finding;
pub mod instrument;
pub mod moments;
pub mod nested;
pub mod numeric;
pub mod quality;
pub mod reliability;
pub mod render;
pub mod report;
pub mod responses;
pub mod sample;
pub mod scoring;
pub mod session;
pub mod statistic;
pub mod strict;
pub mod study;
pub mod validity;
