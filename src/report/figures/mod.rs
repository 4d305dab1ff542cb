//! Figures: what they show, the numbers behind them, and their drawings. One file for each kind of result.
//!
//! plotters places axes and shapes; `canvas` takes them down as marks of a [`Drawing`](super::model::Drawing).

mod canvas;
mod change;
mod courses;
mod frame;
mod items;
mod multiples;
mod panels;
mod presence;
mod reliability;
mod scores;
mod structure;
mod thirds;

pub use courses::CourseWords;
pub(super) use courses::{Line, dyad, lines};
pub use items::{answers, strength, without};
pub use panels::together;
pub use presence::{gaps, presence};
pub use reliability::{forest, sessions_needed};
pub use scores::distributions;
pub use structure::{correlations, scree};
pub use thirds::thirds;

use serde_json::json;

use super::format::plural;
use super::model::{Block, Figure, Report, Section};
use super::scales::Scales;
use super::sessions::{Coded, Followed, Following, shown_dyads};
use super::study::{Study, selection_notes, selection_settings};
use crate::error::Error;

/// Figures of courses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseFigure {
    /// The courses of single dyads, with limits, marks and codes.
    Course,
    /// All dyads, small.
    Multiples,
    /// First score against last.
    FirstLast,
    /// Two informants, their difference against their mean.
    Agreement,
    /// Reliability of a person's mean by number of sessions.
    SessionsNeeded,
}

/// More dyads than this are not drawn large.
const MOST_LARGE: usize = 12;

/// A figure of the courses of a study; `show` names the dyads of large ones.
///
/// # Errors
/// As for `sessions`: a session twice, a dyad to show that is not there.
pub fn courses(
    study: &Study,
    following: &Following,
    coded: Option<&Coded>,
    kind: CourseFigure,
    show: &[String],
) -> Result<Option<Figure>, Error> {
    let followed = Followed::new(study, following)?;
    if kind != CourseFigure::Course {
        return Ok(of_courses(&followed, kind));
    }
    let dyads = shown_dyads(&followed, &followed.dyads(), show)?;
    let mut figures = Vec::new();
    for shown in dyads.iter().take(MOST_LARGE) {
        for scale in &following.scales {
            let own = lines(&followed, shown, *scale);
            figures.extend(dyad(&followed, &own, coded, &CourseWords::default()));
        }
    }
    let found = together("Courses of dyads", figures, 1);
    Ok(found.map(|mut figure| {
        if dyads.len() > MOST_LARGE {
            let n = plural(dyads.len() as u64, "dyad", "dyads");
            figure.notes.push(format!("The first {MOST_LARGE} of {n}; others: --show ID."));
        }
        figure
    }))
}

/// A figure of all courses.
pub(super) fn of_courses(followed: &Followed<'_>, kind: CourseFigure) -> Option<Figure> {
    let scales = followed.following.scales.iter().copied();
    match kind {
        CourseFigure::Course => None,
        CourseFigure::Multiples => {
            let found = scales.filter_map(|scale| multiples::multiples(followed, scale)).collect();
            together("All dyads through time", found, 1)
        }
        CourseFigure::FirstLast => {
            let found =
                followed.groups.iter().filter_map(|group| change::first_last(followed, group)).collect();
            together("First score against last", found, 1)
        }
        CourseFigure::Agreement => {
            let found = scales.filter_map(|scale| change::agreement(followed, scale)).collect();
            together("Two informants side by side", found, 1)
        }
        CourseFigure::SessionsNeeded => {
            let of = |group: &super::sessions::Group| {
                let form = followed.study.form_name(group.form).unwrap_or_default();
                let name = [followed.scale_id(group.scale), form.as_str()].join(" ").trim().to_owned();
                let (components, items) = followed.nested(group)?;
                Some((name, components, items))
            };
            let found: Vec<_> = followed.groups.iter().filter_map(of).collect();
            sessions_needed(&found)
        }
    }
}

/// A report of one figure.
pub fn plot(scales: &Scales, name: &str, figure: Figure) -> Report {
    let settings = json!({ "figure": name, "selection": selection_settings(&scales.selection) });
    let results = json!({ "figure": figure });
    let section = Section { id: "figure", title: None, blocks: vec![Block::Figure(figure)] };
    let title = format!("{} of {}", name, scales.study.file_names());
    scales.study.report("plot", title, settings, results, vec![section], selection_notes(&scales.selection))
}
