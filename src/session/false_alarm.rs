//! How often a rule fires when nothing changes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::chart::chart;
use super::episode::detect;
use super::rule::{Rule, Signal};
use super::series::Series;
use super::threshold::Sample;
use crate::numeric::Threads;
use crate::numeric::random::Stream;
use crate::statistic::Reason;

/// Courses in which nothing changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NothingChanges {
    /// The seed.
    pub seed: u64,
    /// Series for each number of sessions.
    pub series: u32,
    /// The height around which scores lie: the mean of the person means.
    pub level: f64,
    /// The standard deviation of measurement error in one score, √(MSe / k); none where it is not known.
    pub error_sd: Option<f64>,
    /// The standard deviation of scores around the person's mean, √(MSs / k).
    pub fluctuation_sd: Option<f64>,
    /// The correlation of neighbouring sessions.
    pub lag_one: Option<f64>,
    /// The distance between neighbouring possible scores; none for scores on a line.
    pub step: Option<f64>,
    /// The lowest and the highest possible score.
    pub range: Option<[f64; 2]>,
}

/// How often a rule fires on courses in which nothing changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FalseAlarms {
    /// The rule.
    pub rule: String,
    /// Sessions of each course.
    pub sessions: usize,
    /// Independent measurement error around a constant.
    pub error: Rates,
    /// A course that swings around a constant as this sample's do.
    pub swing: Rates,
}

/// Rates of false alarms.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rates {
    /// Ruptures marked in a course, on average.
    pub expected_flags: Option<f64>,
    /// Share of courses with at least one.
    pub chance_of_any: Option<f64>,
    /// Its standard error, from the number of simulated courses.
    pub se: Option<f64>,
    /// Share of courses with a mark of any run rule, for control charts.
    pub chance_of_mark: Option<f64>,
    /// Why there are none.
    pub reason: Option<Reason>,
}

/// How often rules fire on courses of a number of sessions in which nothing changes.
///
/// Simulated courses: (error) level + error SD · zₜ; (swing) level + swing SD · aₜ with aₜ = φ aₜ₋₁ + √(1 − φ²) zₜ, a₁ = z₁, z
/// standard normal; both rounded to the possible scores and cut at the ends of the range. Spreads of the person are taken
/// from each simulated course, spreads of the sample stand as they are.
///
/// Every rule fires on noise. A rule is a description; these rates say what its marks are worth.
///
/// # Missing data
/// Courses are as long as the observed ones have scores; their gaps are not simulated.
///
/// # Errors
/// None; a rate has a reason where the spread or the rule cannot be had.
///
/// # Agrees with
/// An independent simulation in R 4.2.2 (`tools/reference/false_alarms.R`), within three Monte-Carlo standard errors.
///
/// # Source
/// Wheeler & Chambers (1992), Understanding statistical process control, for the idea of judging a chart by its false alarms.
///
/// ```
/// use alliance_metrics::session::{NothingChanges, Rule, Sample, ThresholdScale, false_alarms};
/// let nothing = NothingChanges {
///     seed: 1, series: 2000, level: 4.0, error_sd: Some(0.3), fluctuation_sd: None, lag_one: None, step: None, range: None,
/// };
/// let rules = [Rule::fall(ThresholdScale::Points, 1.96 * 2f64.sqrt() * 0.3)];
/// let rates = &false_alarms(&rules, 20, &nothing, &Sample::default())[0];
/// assert!((rates.error.chance_of_any.unwrap() - 0.39).abs() < 0.04);
/// ```
pub fn false_alarms(
    rules: &[Rule],
    sessions: usize,
    nothing: &NothingChanges,
    sample: &Sample,
) -> Vec<FalseAlarms> {
    let mut counts = vec![[Count::default(); 2]; rules.len()];
    let swing = nothing.fluctuation_sd.zip(nothing.lag_one);
    let usable = |sd: Option<f64>| sd.filter(|sd| *sd > 0.0 && sd.is_finite());
    let error_sd = usable(nothing.error_sd);
    let swing = swing.filter(|(sd, phi)| usable(Some(*sd)).is_some() && phi.abs() < 1.0);
    let mut course = vec![0.0; sessions];
    let sample = &sample.without_change(nothing.level);
    for index in 0..u64::from(nothing.series) {
        // A stream for each course: rates for one number of sessions never depend on the others.
        let mut chance = Stream::new(nothing.seed, ((sessions as u64) << 32) | index);
        let noise: Vec<f64> = (0..sessions).map(|_| chance.normal()).collect();
        if let Some(sd) = error_sd {
            for (score, z) in course.iter_mut().zip(&noise) {
                *score = nothing.possible(nothing.level + sd * z);
            }
            count(rules, &course, sample, counts.iter_mut().map(|both| &mut both[0]));
        }
        if let Some((sd, phi)) = swing {
            let (keep, new) = (phi, (1.0 - phi * phi).sqrt());
            let mut away = noise.first().copied().unwrap_or(0.0);
            for (at, score) in course.iter_mut().enumerate() {
                away = if at == 0 { away } else { keep * away + new * noise[at] };
                *score = nothing.possible(nothing.level + sd * away);
            }
            count(rules, &course, sample, counts.iter_mut().map(|both| &mut both[1]));
        }
    }
    let rates = |(rule, [error, swing]): (&Rule, [Count; 2])| FalseAlarms {
        rule: rule.id.clone(),
        sessions,
        error: error.rates(rule, nothing.series),
        swing: swing.rates(rule, nothing.series),
    };
    rules.iter().zip(counts).map(rates).collect()
}

impl NothingChanges {
    /// The nearest possible score.
    fn possible(&self, score: f64) -> f64 {
        let low = self.range.map_or(0.0, |[low, _]| low);
        let stepped = match self.step.filter(|step| *step > 0.0) {
            Some(step) => low + libm::round((score - low) / step) * step,
            None => score,
        };
        self.range.map_or(stepped, |[low, high]| stepped.clamp(low, high))
    }
}

/// What a rule did over the simulated courses.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    flags: u64,
    any: u64,
    marked: u64,
    /// Courses it was applied to.
    applied: u64,
    /// Why it could not be applied to the others, as far as that is not that nothing varied.
    refused: Option<Reason>,
}

fn count<'a>(rules: &[Rule], course: &[f64], sample: &Sample, counts: impl Iterator<Item = &'a mut Count>) {
    let Ok(series) = Series::consecutive(course) else { return };
    for (rule, count) in rules.iter().zip(counts) {
        let found = detect(rule, &series, sample);
        match found.reason {
            // A course that came out constant is one without a mark.
            None | Some(Reason::NoVariability) => count.applied += 1,
            Some(reason) => count.refused = Some(reason),
        }
        count.flags += found.episodes.len() as u64;
        count.any += u64::from(!found.episodes.is_empty());
        if let Signal::Chart { chart: config } = &rule.signal {
            let drawn = chart(&series, config, rule.gap, sample.range);
            count.marked += u64::from(drawn.is_ok_and(|drawn| !drawn.signals.is_empty()));
        }
    }
}

impl Count {
    fn rates(&self, rule: &Rule, series: u32) -> Rates {
        let n = f64::from(series);
        let any = (self.applied > 0).then(|| self.any as f64 / n);
        let is_chart = matches!(rule.signal, Signal::Chart { .. });
        Rates {
            expected_flags: any.map(|_| self.flags as f64 / n),
            chance_of_any: any,
            se: any.map(|p| (p * (1.0 - p) / n).sqrt()),
            chance_of_mark: any.filter(|_| is_chart).map(|_| self.marked as f64 / n),
            reason: any.is_none().then_some(self.refused.unwrap_or(Reason::NotApplicable)),
        }
    }
}

/// False alarms of rules for several numbers of sessions, on as many threads as are given; the result does not depend on
/// how many there are.
pub fn false_alarms_by_length(
    rules: &[Rule],
    sessions: &[usize],
    nothing: &NothingChanges,
    sample: &Sample,
    threads: usize,
) -> BTreeMap<usize, Vec<FalseAlarms>> {
    let mut lengths = sessions.to_vec();
    lengths.sort_unstable();
    lengths.dedup();
    let alarms = |at: usize, (): &mut ()| false_alarms(rules, lengths[at], nothing, sample);
    let found = Threads::from(threads).in_order(lengths.len(), || (), alarms);
    lengths.iter().copied().zip(found).collect()
}
