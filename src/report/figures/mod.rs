//! Figures: what they show, the numbers behind them, and their drawings. One file for each kind of result.

mod canvas;
mod frame;
mod items;
mod panels;

pub use items::{answers, strength, without};
pub use panels::together;

use serde_json::json;

use super::model::{Block, Figure, Report, Section};
use super::scales::Scales;
use super::study::{selection_notes, selection_settings};

/// A report of one figure.
pub fn plot(scales: &Scales, name: &str, figure: Figure) -> Report {
    let settings = json!({ "figure": name, "selection": selection_settings(&scales.selection) });
    let results = json!({ "figure": figure });
    let section = Section { id: "figure", title: None, blocks: vec![Block::Figure(figure)] };
    let title = format!("{} of {}", name, scales.study.file_names());
    scales.study.report("plot", title, settings, results, vec![section], selection_notes(&scales.selection))
}
