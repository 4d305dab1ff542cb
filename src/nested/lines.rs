//! A line for each person.

use serde::Serialize;

use super::model::{Column, Groups};
use crate::statistic::Reason;

/// A person's own line over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PersonLine {
    /// The person, by the label of the group.
    pub person: String,
    /// Rows with a score and a time.
    pub n: usize,
    /// The mean score.
    pub mean: Option<f64>,
    /// Where the line stands at time 0.
    pub level: Option<f64>,
    /// Points a unit of time.
    pub slope: Option<f64>,
    /// The standard error of the slope; none with two rows.
    pub slope_se: Option<f64>,
    /// Standard deviation about the line.
    pub rest: Option<f64>,
    /// Why there is no line.
    pub reason: Option<Reason>,
}

/// The least-squares line of every person, each from the person's own rows alone.
///
/// slope = Σ (t − t̄)(y − ȳ) / Σ (t − t̄)², level = ȳ − slope t̄, over the n rows of a person; the standard error of the
/// slope is √(SSE / (n − 2) / Σ (t − t̄)²).
///
/// # When
/// With too few persons for a model of their differences: each course described by itself. Slopes of few sessions are
/// uncertain, and their spread overstates how much persons differ.
///
/// # Missing data
/// Rows with a gap in score or time are left out.
///
/// # None
/// [`Reason::TooFew`] with under two rows or one time; no standard error with two rows.
///
/// # Source
/// Singer, J. D., & Willett, J. B. (2003). *Applied longitudinal data analysis*. Oxford University Press. Section 2.3.
///
/// ```
/// use alliance_metrics::nested::{person_lines, Column, Groups};
/// let dyad = Groups::new("dyad", [1, 1, 1, 2]);
/// let score = Column::new("score", vec![4.0, 5.0, 5.0, 3.0]);
/// let lines = person_lines(&score, &Column::new("time", vec![0.0, 1.0, 2.0, 0.0]), &dyad);
/// assert!((lines[0].slope.unwrap() - 0.5).abs() < 1e-15);
/// assert!(lines[1].slope.is_none());
/// ```
pub fn person_lines(score: &Column, time: &Column, persons: &Groups) -> Vec<PersonLine> {
    let mut rows: Vec<Vec<(f64, f64)>> = vec![Vec::new(); persons.len()];
    for (person, (t, y)) in persons.of_row.iter().zip(time.values.iter().zip(&score.values)) {
        if t.is_finite() && y.is_finite() {
            rows[*person].push((*t, *y));
        }
    }
    rows.iter().zip(&persons.labels).map(|(rows, person)| line(person, rows)).collect()
}

fn line(person: &str, rows: &[(f64, f64)]) -> PersonLine {
    let n = rows.len() as f64;
    let (t0, y0) = rows.iter().fold((0.0, 0.0), |(t0, y0), (t, y)| (t0 + t / n, y0 + y / n));
    let (mut tt, mut ty, mut yy) = (0.0, 0.0, 0.0);
    for (t, y) in rows {
        tt += (t - t0) * (t - t0);
        ty += (t - t0) * (y - y0);
        yy += (y - y0) * (y - y0);
    }
    let mut found = PersonLine {
        person: person.to_owned(),
        n: rows.len(),
        mean: (!rows.is_empty()).then_some(y0),
        level: None,
        slope: None,
        slope_se: None,
        rest: None,
        reason: None,
    };
    if rows.len() < 2 || tt <= 0.0 {
        found.reason = Some(Reason::TooFew);
        return found;
    }
    let slope = ty / tt;
    found.slope = Some(slope);
    found.level = Some(y0 - slope * t0);
    if rows.len() > 2 {
        let rest = (yy - slope * ty).max(0.0) / (n - 2.0);
        found.rest = Some(rest.sqrt());
        found.slope_se = Some((rest / tt).sqrt());
    }
    found
}
