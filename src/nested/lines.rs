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
    let rows = || {
        let rows = persons.of_row.iter().zip(time.values.iter().zip(&score.values));
        rows.filter(|(_, (t, y))| t.is_finite() && y.is_finite())
    };
    let mut sums = vec![Sums::default(); persons.len()];
    for (person, (t, y)) in rows() {
        let own = &mut sums[*person];
        own.n += 1;
        own.t += t;
        own.y += y;
    }
    for own in &mut sums {
        own.t /= own.n as f64;
        own.y /= own.n as f64;
    }
    for (person, (t, y)) in rows() {
        let own = &mut sums[*person];
        let (t, y) = (t - own.t, y - own.y);
        own.tt += t * t;
        own.ty += t * y;
        own.yy += y * y;
    }
    sums.iter().zip(&persons.labels).map(|(sums, person)| sums.line(person)).collect()
}

/// Means of times and scores, and sums of squares and products about them.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: usize,
    t: f64,
    y: f64,
    tt: f64,
    ty: f64,
    yy: f64,
}

impl Sums {
    fn line(&self, person: &str) -> PersonLine {
        let mut found = PersonLine {
            person: person.to_owned(),
            n: self.n,
            mean: (self.n > 0).then_some(self.y),
            level: None,
            slope: None,
            slope_se: None,
            rest: None,
            reason: None,
        };
        if self.n < 2 || self.tt <= 0.0 {
            found.reason = Some(Reason::TooFew);
            return found;
        }
        let slope = self.ty / self.tt;
        found.slope = Some(slope);
        found.level = Some(self.y - slope * self.t);
        if self.n > 2 {
            let rest = (self.yy - slope * self.ty).max(0.0) / (self.n - 2) as f64;
            found.rest = Some(rest.sqrt());
            found.slope_se = Some((rest / self.tt).sqrt());
        }
        found
    }
}
