//! Ruptures and repairs: one detector for every rule.

use serde::Serialize;

use super::course::{Course, course_of};
use super::limits::Limited;
use super::rule::{Before, Mode, Repair, Rule, Signal};
use super::series::Series;
use super::threshold::{ROUNDING, Resolved, Sample};
use crate::statistic::Reason;

/// What a rule finds in a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Detection {
    /// The rule.
    pub rule: String,
    /// Sessions it was applied to.
    pub n: usize,
    /// The threshold of a fall in this series.
    pub threshold: Option<Resolved>,
    /// The lower limit at each session, where the rule has one.
    pub lower: Option<Vec<f64>>,
    /// The episodes, in order.
    pub episodes: Vec<Episode>,
    /// What they make of the whole course; none if the rule could not be applied.
    pub course: Option<Course>,
    /// Why the rule could not be applied.
    pub reason: Option<Reason>,
}

/// A rupture, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Episode {
    /// The session from which the score fell; none where the first session is already beyond a limit.
    pub start: Option<i64>,
    /// The session at which it was lowest.
    pub trough: i64,
    /// How far it fell, in points; from the limit where there is no start.
    pub magnitude: f64,
    /// The same in units of the spread behind the threshold.
    pub in_units: Option<f64>,
    /// Observed sessions from start to trough.
    pub length: Option<usize>,
    /// Session numbers passed over between start and trough because they have no score.
    pub gap: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// The session that repaired it.
    pub repair: Option<i64>,
    /// Observed sessions from trough to repair.
    pub sessions_to_repair: Option<usize>,
    /// The first session after the trough back at the height of the start.
    pub back_to_start: Option<i64>,
    /// How far the course rose above the start after the repair; negative if it never came back.
    pub overshoot: Option<f64>,
    /// Its shape.
    pub shape: Shape,
    /// Whether the worker changed between start and trough; such a fall is not called a rupture.
    pub worker_changed: bool,
    /// Indices of start and trough in the series.
    #[serde(skip)]
    pub at: (Option<usize>, usize),
}

/// How an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A later session repaired it.
    Repaired,
    /// No session within the window did.
    Unrepaired,
    /// No session did, and the sessions ended before the window did.
    UnrepairedCensored,
}

/// The shape of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Shape {
    /// One session down, the next one up.
    V,
    /// One session down, several up.
    #[serde(rename = "V_slow_repair")]
    VSlowRepair,
    /// Several sessions down, one up.
    #[serde(rename = "slow_decline_sudden_repair")]
    SlowDeclineSuddenRepair,
    /// Several sessions each way.
    U,
    /// Not repaired.
    #[serde(rename = "unrepaired")]
    Unrepaired,
}

impl Shape {
    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Shape::V => "V",
            Shape::VSlowRepair => "V_slow_repair",
            Shape::SlowDeclineSuddenRepair => "slow_decline_sudden_repair",
            Shape::U => "U",
            Shape::Unrepaired => "unrepaired",
        }
    }
}

/// Ruptures and repairs that a rule finds in a series.
///
/// Single falls: every i with yᵢ₋₁ − yᵢ ≥ c s; start i − 1, trough i. Cumulative falls: every maximal run without a rise,
/// from the point before its first fall to its last point, if y_start − y_trough ≥ c s; a further fall before the repair
/// belongs to the same episode, and moves the trough if it is lower. Rules with a limit (control chart, residual, level):
/// sessions beyond it, from the first one until the repair, are one episode. Charts that remember (EWMA, CUSUM): the same, from the
/// last session that was not below the center. Steps (sudden falls, parts of a course): from the session before the step to the
/// lowest one of the lower part. The repair is the first session after the trough
/// and within the window that satisfies the repair rule. Comparisons allow for 1e-9.
///
/// An episode is a description. How often the rule fires when nothing changes is what `false_alarms` tells.
///
/// # Missing data
/// Sessions without a score take no part; nothing is interpolated. The gap that a fall spans is recorded, and with
/// `Gap::Strict` a change across it is none.
///
/// # Errors
/// None: a rule that cannot be applied has a reason. [`Reason::TooFew`] for a series too short for the rule,
/// [`Reason::NoVariability`] for a constant one or a spread of 0, [`Reason::NotApplicable`] where the sample or the scale does
/// not give what the rule needs.
///
/// # Agrees with
/// No peer; worked courses by hand.
///
/// # Source
/// Eubanks-Carter, Gorman & Muran (2012), Psychotherapy Research 22; Gumz et al. (2012), BMC Medical Research Methodology 12.
///
/// ```
/// use alliance_metrics::session::{Rule, Sample, Series, ThresholdScale, detect};
/// let series = Series::consecutive(&[5.2, 5.4, 4.1, 5.3, 5.6]).unwrap();
/// let found = detect(&Rule::fall(ThresholdScale::Points, 1.0), &series, &Sample::default());
/// assert_eq!((found.episodes[0].trough, found.episodes[0].repair), (3, Some(4)));
/// ```
pub fn detect(rule: &Rule, series: &Series, sample: &Sample) -> Detection {
    let mut detection = Detection {
        rule: rule.id.clone(),
        n: series.n(),
        threshold: None,
        lower: None,
        episodes: Vec::new(),
        course: None,
        reason: None,
    };
    match Search::new(rule, series, sample) {
        Err(reason) => detection.reason = Some(reason),
        Ok(search) => {
            detection.episodes = search.episodes();
            detection.course = Some(course_of(series, &detection.episodes, rule.window));
            detection.threshold = search.threshold;
            detection.lower = search.limited.lower;
        }
    }
    detection
}

/// A rule made ready for one series.
struct Search<'a> {
    rule: &'a Rule,
    series: &'a Series,
    threshold: Option<Resolved>,
    /// The unit of magnitudes: the spread behind threshold or limits.
    unit: Option<f64>,
    limited: Limited,
    mean: f64,
    /// The least height of a start.
    least_start: f64,
    /// The tolerance of a return.
    tolerance: f64,
}

impl<'a> Search<'a> {
    fn new(rule: &'a Rule, series: &'a Series, sample: &Sample) -> Result<Search<'a>, Reason> {
        if series.n() < rule.least_sessions() {
            return Err(Reason::TooFew);
        }
        let scores = series.scores();
        let mean = series.mean().ok_or(Reason::TooFew)?;
        let constant = scores.iter().all(|y| (y - scores[0]).abs() <= ROUNDING);
        if constant && !matches!(rule.signal, Signal::Level { .. } | Signal::LevelOrFall { .. }) {
            return Err(Reason::NoVariability);
        }
        let threshold = rule.threshold().map(|t| t.resolve(series, rule.gap, sample)).transpose()?;
        let limited = Limited::new(rule, series, sample, threshold)?;
        let least_start = match rule.before {
            Before::Anywhere => f64::NEG_INFINITY,
            Before::AboveMean => mean,
            Before::Above { place } => place.place(sample.range)?,
        };
        let tolerance = match rule.repair {
            Repair::ReturnToStart { tolerance } => tolerance.amount(sample.range)?,
            _ => 0.0,
        };
        let unit = threshold.map(|t| t.s).or(limited.spread);
        Ok(Search { rule, series, threshold, unit, limited, mean, least_start, tolerance })
    }

    fn episodes(&self) -> Vec<Episode> {
        match &self.rule.signal {
            Signal::Fall { mode: Mode::Single, .. } => self.single_falls(),
            Signal::Fall { mode: Mode::Cumulative, .. } => self.cumulative_falls(),
            Signal::Sudden { .. } | Signal::Parts { .. } => self.steps(),
            _ => self.stays_beyond(),
        }
    }

    fn needed(&self) -> f64 {
        self.threshold.map_or(f64::INFINITY, |threshold| threshold.points)
    }

    fn is_large(&self, fall: f64) -> bool {
        fall > ROUNDING && fall >= self.needed() - ROUNDING
    }

    fn may_start(&self, at: usize) -> bool {
        self.series.scores()[at] >= self.least_start - ROUNDING
    }

    fn single_falls(&self) -> Vec<Episode> {
        let falls = self.series.differences(self.rule.gap).filter(|(_, rise)| self.is_large(-rise));
        falls.filter(|(at, _)| self.may_start(at - 1)).map(|(at, _)| self.episode(Some(at - 1), at)).collect()
    }

    fn steps(&self) -> Vec<Episode> {
        let scores = self.series.scores();
        let fell = |(start, trough): &&(usize, usize)| scores[*start] - scores[*trough] > ROUNDING;
        let steps = self.limited.steps.iter().filter(fell).filter(|(start, _)| self.may_start(*start));
        steps.map(|(start, trough)| self.episode(Some(*start), *trough)).collect()
    }

    /// Maximal runs without a rise, as first and last index: from the point before the first fall to the last point.
    fn runs(&self) -> Vec<(usize, usize)> {
        let scores = self.series.scores();
        let mut runs = Vec::new();
        let mut open: Option<(usize, usize)> = None;
        for at in 1..scores.len() {
            let rise = scores[at] - scores[at - 1];
            let held = self.rule.gap.holds(self.series.numbers(), at);
            open = match open {
                Some((start, _)) if held && rise <= ROUNDING => Some((start, at)),
                other => {
                    runs.extend(other);
                    (held && rise < -ROUNDING).then_some((at - 1, at))
                }
            };
        }
        runs.extend(open);
        runs
    }

    fn cumulative_falls(&self) -> Vec<Episode> {
        let scores = self.series.scores();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (start, trough) in self.runs() {
            if let Some(last) = found.last_mut().filter(|last| self.is_open(last.0, last.1, start)) {
                if scores[trough] < scores[last.1] - ROUNDING {
                    last.1 = trough;
                }
            } else if self.is_large(scores[start] - scores[trough]) && self.may_start(start) {
                found.push((start, trough));
            }
        }
        found.into_iter().map(|(start, trough)| self.episode(Some(start), trough)).collect()
    }

    /// Whether an episode is neither repaired nor given up when the session at an index comes.
    fn is_open(&self, start: usize, trough: usize, at: usize) -> bool {
        at < self.window_end(trough) && self.repair(Some(start), trough).is_none_or(|repair| at < repair)
    }

    /// The index of the last session in which a repair would count.
    fn window_end(&self, trough: usize) -> usize {
        self.rule.window.map_or(usize::MAX, |window| trough.saturating_add(window))
    }

    /// Whether the session at an index is beyond the limit, or falls too far.
    fn is_beyond(&self, at: usize) -> bool {
        let scores = self.series.scores();
        let low = self.limited.lower.as_ref().is_some_and(|lower| scores[at] < lower[at] - ROUNDING);
        let fell = || {
            let held = at > 0 && self.rule.gap.holds(self.series.numbers(), at);
            held && self.is_large(scores[at - 1] - scores[at])
        };
        low || (matches!(self.rule.signal, Signal::LevelOrFall { .. }) && fell())
    }

    fn stays_beyond(&self) -> Vec<Episode> {
        let scores = self.series.scores();
        let mut found: Vec<(Option<usize>, usize)> = Vec::new();
        for at in (0..scores.len()).filter(|at| self.is_beyond(*at)) {
            if let Some((start, trough)) = found.last_mut() {
                let repaired = self.repair(*start, *trough).is_some_and(|repair| repair < at);
                if !repaired && at <= self.window_end(*trough) {
                    if scores[at] < scores[*trough] - ROUNDING {
                        *trough = at;
                    }
                    continue;
                }
            }
            let start = match self.limited.center {
                Some(center) => (0..at).rfind(|before| scores[*before] >= center - ROUNDING),
                None => at.checked_sub(1),
            };
            if start.is_none_or(|start| self.may_start(start)) {
                found.push((start, at));
            }
        }
        found.into_iter().map(|(start, trough)| self.episode(start, trough)).collect()
    }

    /// The index of the session that repairs a fall.
    fn repair(&self, start: Option<usize>, trough: usize) -> Option<usize> {
        let scores = self.series.scores();
        let low = scores[trough];
        let top = self.top(start, trough);
        let back = |at: usize| match self.rule.repair {
            Repair::ReturnToStart { .. } => scores[at] >= top - self.tolerance - ROUNDING,
            Repair::Fraction { fraction } => scores[at] >= low + fraction * (top - low) - ROUNDING,
            Repair::Rise => scores[at] - low >= self.needed() - ROUNDING,
            Repair::ToMean => scores[at] >= self.mean - ROUNDING,
            Repair::InsideLimits => {
                let above =
                    self.limited.lower.as_ref().is_none_or(|lower| scores[at] >= lower[at] - ROUNDING);
                let won_back = self.threshold.is_none() || scores[at] > top - self.needed() + ROUNDING;
                above && won_back
            }
        };
        let end = self.window_end(trough).saturating_add(1).min(scores.len());
        (trough + 1..end).find(|at| back(*at))
    }

    /// The height a fall started from; the limit, where the first session is already beyond it.
    fn top(&self, start: Option<usize>, trough: usize) -> f64 {
        match (start, &self.limited.lower) {
            (Some(start), _) => self.series.scores()[start],
            (None, Some(lower)) => lower[trough],
            (None, None) => self.series.scores()[trough],
        }
    }

    fn episode(&self, start: Option<usize>, trough: usize) -> Episode {
        let (scores, numbers) = (self.series.scores(), self.series.numbers());
        let top = self.top(start, trough);
        let repair = self.repair(start, trough);
        let length = start.map(|start| trough - start);
        let outcome = match (repair, self.rule.window) {
            (Some(_), _) => Outcome::Repaired,
            (None, Some(window)) if scores.len() - 1 - trough < window => Outcome::UnrepairedCensored,
            (None, None) if trough == scores.len() - 1 => Outcome::UnrepairedCensored,
            (None, _) => Outcome::Unrepaired,
        };
        let overshoot = repair
            .map(|repair| scores[repair..].iter().fold(f64::NEG_INFINITY, |most, y| most.max(*y)) - top);
        let magnitude = top - scores[trough];
        let passed = |start: usize| numbers[trough] - numbers[start] - (trough - start) as i64;
        let back = (trough + 1..scores.len()).find(|at| scores[*at] >= top - ROUNDING);
        Episode {
            start: start.map(|start| numbers[start]),
            trough: numbers[trough],
            magnitude,
            in_units: self.unit.map(|unit| magnitude / unit),
            length,
            gap: start.map_or(0, passed),
            outcome,
            repair: repair.map(|repair| numbers[repair]),
            sessions_to_repair: repair.map(|repair| repair - trough),
            back_to_start: back.map(|at| numbers[at]),
            overshoot,
            shape: shape(length.unwrap_or(1), repair.map(|repair| repair - trough)),
            worker_changed: start.is_some_and(|start| self.series.worker_changed(start, trough)),
            at: (start, trough),
        }
    }
}

fn shape(length: usize, to_repair: Option<usize>) -> Shape {
    match (length, to_repair) {
        (_, None) => Shape::Unrepaired,
        (0 | 1, Some(1)) => Shape::V,
        (0 | 1, Some(_)) => Shape::VSlowRepair,
        (_, Some(1)) => Shape::SlowDeclineSuddenRepair,
        _ => Shape::U,
    }
}
