//! What the episodes of a rule make of a whole course.

use serde::Serialize;

use super::episode::{Episode, Outcome};
use super::series::{Series, median};
use super::threshold::ROUNDING;
use crate::statistic::Reason;

/// A course, summed up by one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Course {
    /// Its class.
    pub class: PersonClass,
    /// Ruptures; falls across a change of worker are none.
    pub ruptures: usize,
    /// Those that were repaired.
    pub repaired: usize,
    /// Those that were not.
    pub unrepaired: usize,
    /// Those whose repair nobody could see, because the sessions end.
    pub censored: usize,
    /// Falls across a change of worker.
    pub worker_changes: usize,
    /// The largest rupture, in points.
    pub largest: Option<f64>,
    /// Share of the sessions after the start of a rupture and before its repair.
    pub share_in_rupture: f64,
}

/// The class of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonClass {
    /// No rupture.
    None,
    /// Every rupture was repaired.
    Repaired,
    /// At least one was not.
    Unrepaired,
    /// No rupture is known to have stayed unrepaired, but one is still open.
    Undetermined,
}

impl PersonClass {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            PersonClass::None => "none",
            PersonClass::Repaired => "repaired",
            PersonClass::Unrepaired => "unrepaired",
            PersonClass::Undetermined => "undetermined",
        }
    }
}

pub(super) fn course_of(series: &Series, episodes: &[Episode], window: Option<usize>) -> Course {
    let ruptures = || episodes.iter().filter(|episode| !episode.worker_changed);
    let count = |outcome| ruptures().filter(|episode| episode.outcome == outcome).count();
    let (repaired, unrepaired, censored) =
        (count(Outcome::Repaired), count(Outcome::Unrepaired), count(Outcome::UnrepairedCensored));
    let mut inside = vec![false; series.n()];
    for episode in ruptures() {
        let (start, trough) = episode.at;
        let end = match (episode.sessions_to_repair, window) {
            (Some(sessions), _) => trough + sessions,
            (None, window) => window.map_or(series.n(), |window| (trough + window + 1).min(series.n())),
        };
        inside[start.map_or(0, |start| start + 1)..end].fill(true);
    }
    let sessions = inside.iter().filter(|inside| **inside).count();
    Course {
        class: match (ruptures().count(), unrepaired, censored) {
            (0, ..) => PersonClass::None,
            (_, 1.., _) => PersonClass::Unrepaired,
            (_, 0, 1..) => PersonClass::Undetermined,
            (_, 0, 0) => PersonClass::Repaired,
        },
        ruptures: ruptures().count(),
        repaired,
        unrepaired,
        censored,
        worker_changes: episodes.len() - ruptures().count(),
        largest: ruptures().map(|episode| episode.magnitude).max_by(f64::total_cmp),
        share_in_rupture: if inside.is_empty() { 0.0 } else { sessions as f64 / inside.len() as f64 },
    }
}

/// Where on its scale a course stands, where that hides what happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AtTheEdge {
    /// `ceiling` or `floor`.
    pub edge: Reason,
    /// Sessions near that end of the scale.
    pub sessions: usize,
    /// Sessions with a score.
    pub n: usize,
    /// How near, in points.
    pub within: f64,
    /// The median score.
    pub median: f64,
}

/// The share of the range that counts as near its end: one answer in three one point below the highest, on 1 to 7.
pub const NEAR: f64 = 0.05;

/// Whether a course stands at an end of its scale: at least half of its sessions lie within a twentieth of the range.
///
/// At the ceiling good sessions cannot be told from very good ones, and falls start from a height that says little.
///
/// # Missing data
/// Sessions without a score take no part.
///
/// # Errors
/// None; nothing is said of fewer than three sessions or an unbounded scale.
///
/// ```
/// use alliance_metrics::session::{Series, at_the_edge};
/// use alliance_metrics::statistic::Reason;
/// let series = Series::consecutive(&[7.0, 6.9, 6.8, 6.2]).unwrap();
/// let edge = at_the_edge(&series, Some([1.0, 7.0])).unwrap();
/// assert_eq!((edge.edge, edge.sessions), (Reason::Ceiling, 3));
/// ```
pub fn at_the_edge(series: &Series, range: Option<[f64; 2]>) -> Option<AtTheEdge> {
    let [low, high] = range?;
    let scores = series.scores();
    let within = NEAR * (high - low);
    let near = |end: f64| scores.iter().filter(|y| (**y - end).abs() <= within + ROUNDING).count();
    let (edge, sessions) = [(Reason::Ceiling, near(high)), (Reason::Floor, near(low))]
        .into_iter()
        .find(|(_, sessions)| scores.len() >= 3 && 2 * sessions >= scores.len())?;
    Some(AtTheEdge { edge, sessions, n: scores.len(), within, median: median(scores)? })
}
