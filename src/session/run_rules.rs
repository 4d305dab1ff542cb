//! Patterns in a control chart that single limits do not see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::ChartConfig;
use super::series::{Series, median};
use super::threshold::ROUNDING;
use crate::statistic::Reason;

/// A run rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunRule {
    /// One session beyond the limits.
    R1,
    /// Two of three neighbouring sessions beyond two standard deviations on one side.
    R2,
    /// Four of five beyond one standard deviation on one side.
    R3,
    /// Eight in a row on one side of the center.
    R4,
    /// Six in a row steadily falling or rising.
    R5,
    /// Fifteen in a row within one standard deviation: too quiet.
    R6,
    /// Too long a run about the median, or too few crossings of it (Anhøj).
    R7,
}

impl RunRule {
    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            RunRule::R1 => "R1",
            RunRule::R2 => "R2",
            RunRule::R3 => "R3",
            RunRule::R4 => "R4",
            RunRule::R5 => "R5",
            RunRule::R6 => "R6",
            RunRule::R7 => "R7",
        }
    }
}

/// The side of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Low, or falling.
    Lower,
    /// High, or rising.
    Upper,
}

/// What a run rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RunSignal {
    /// The rule.
    pub rule: RunRule,
    /// The side; none where a pattern has no side.
    pub side: Option<Side>,
    /// The first session of the pattern.
    pub from: i64,
    /// The session at which the pattern is complete.
    pub to: i64,
}

/// Patterns found by the rules of a chart, and why runs about the median could not be judged.
pub(super) fn run_signals(
    series: &Series,
    z: &[f64],
    config: &ChartConfig,
    range: Option<[f64; 2]>,
) -> (Vec<RunSignal>, Option<Reason>) {
    let mut found = Found { numbers: series.numbers(), signals: Vec::new() };
    let mut reason = None;
    for rule in &config.run_rules {
        match rule {
            RunRule::R1 => found.share(*rule, z, 1, 1, config.multiplier),
            RunRule::R2 => found.share(*rule, z, 2, 3, 2.0),
            RunRule::R3 => found.share(*rule, z, 4, 5, 1.0),
            RunRule::R4 => found.share(*rule, z, 8, 8, 0.0),
            RunRule::R5 => found.steady(series.scores()),
            RunRule::R6 => found.quiet(z),
            RunRule::R7 => match median_runs(series.scores(), range) {
                Ok(runs) if runs.is_unusual() => found.add(*rule, None, 0, z.len() - 1),
                Ok(_) => {}
                Err(why) => reason = Some(why),
            },
        }
    }
    (found.signals, reason)
}

struct Found<'a> {
    numbers: &'a [i64],
    signals: Vec<RunSignal>,
}

impl Found<'_> {
    fn add(&mut self, rule: RunRule, side: Option<Side>, from: usize, to: usize) {
        self.signals.push(RunSignal { rule, side, from: self.numbers[from], to: self.numbers[to] });
    }

    /// `needed` of `of` neighbouring sessions beyond `beyond` on one side; the last of them is one of those.
    fn share(&mut self, rule: RunRule, z: &[f64], needed: usize, of: usize, beyond: f64) {
        for (side, sign) in [(Side::Lower, -1.0), (Side::Upper, 1.0)] {
            let out = |at: usize| sign * z[at] > beyond + ROUNDING;
            for to in needed - 1..z.len() {
                let window = (to + 1).saturating_sub(of)..to + 1;
                if out(to) && window.clone().filter(|at| out(*at)).count() >= needed {
                    let from = window.clone().find(|at| out(*at)).unwrap_or(to);
                    self.add(rule, Some(side), from, to);
                }
            }
        }
    }

    /// Six in a row steadily falling or rising.
    fn steady(&mut self, scores: &[f64]) {
        for (side, sign) in [(Side::Lower, -1.0), (Side::Upper, 1.0)] {
            for to in 5..scores.len() {
                if (to - 4..=to).all(|at| sign * (scores[at] - scores[at - 1]) > ROUNDING) {
                    self.add(RunRule::R5, Some(side), to - 5, to);
                }
            }
        }
    }

    /// Fifteen in a row within one standard deviation.
    fn quiet(&mut self, z: &[f64]) {
        for to in 14..z.len() {
            if z[to - 14..=to].iter().all(|z| z.abs() < 1.0) {
                self.add(RunRule::R6, None, to - 14, to);
            }
        }
    }
}

/// Runs of sessions above or below the median.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MedianRuns {
    /// Sessions that are not on the median.
    pub n: usize,
    /// The longest run on one side.
    pub longest: usize,
    /// A longer run is unusual.
    pub most: usize,
    /// How often the course crosses the median.
    pub crossings: usize,
    /// Fewer crossings are unusual.
    pub fewest: usize,
}

impl MedianRuns {
    /// Whether the course stays on one side longer than chance would have it, most times.
    pub fn is_unusual(&self) -> bool {
        self.longest > self.most || self.crossings < self.fewest
    }
}

/// Runs and crossings of the median line.
///
/// Unusual are a longest run over round(log₂ n + 3), or fewer crossings than the lower 5 % point of the binomial
/// distribution (n − 1, ½); n counts the sessions that are not on the median.
///
/// # Missing data
/// Sessions without a score take no part.
///
/// # Errors
/// [`Reason::TooFew`] for under ten sessions off the median, [`Reason::Ceiling`] and [`Reason::Floor`] where the median is
/// an end of the scale.
///
/// # Source
/// Anhøj & Olesen (2014), PLoS ONE 9, e113825.
///
/// ```
/// use alliance_metrics::session::median_runs;
/// let steps: Vec<f64> = (0..20).map(|t| if t < 10 { 4.0 } else { 5.0 }).collect();
/// let runs = median_runs(&steps, None).unwrap();
/// assert_eq!((runs.longest, runs.most, runs.crossings, runs.fewest), (10, 7, 1, 6));
/// assert!(runs.is_unusual());
/// ```
pub fn median_runs(scores: &[f64], range: Option<[f64; 2]>) -> Result<MedianRuns, Reason> {
    let middle = median(scores).ok_or(Reason::TooFew)?;
    if let Some([low, high]) = range {
        if middle >= high - ROUNDING {
            return Err(Reason::Ceiling);
        }
        if middle <= low + ROUNDING {
            return Err(Reason::Floor);
        }
    }
    let mut runs = MedianRuns { n: 0, longest: 0, most: 0, crossings: 0, fewest: 0 };
    let (mut above, mut run) = (false, 0);
    for score in scores.iter().filter(|score| (**score - middle).abs() > ROUNDING) {
        let here = *score > middle;
        run = if runs.n > 0 && here == above { run + 1 } else { 1 };
        runs.crossings += usize::from(runs.n > 0 && here != above);
        runs.longest = runs.longest.max(run);
        runs.n += 1;
        above = here;
    }
    if runs.n < 10 {
        return Err(Reason::TooFew);
    }
    runs.most = libm::round(libm::log2(runs.n as f64) + 3.0) as usize;
    runs.fewest = fewest_crossings(runs.n - 1);
    Ok(runs)
}

/// The smallest x with P(X ≤ x) ≥ .05 for X binomial (n, ½).
fn fewest_crossings(n: usize) -> usize {
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for x in 0..n {
        sum += libm::exp(ln_term);
        if sum >= 0.05 {
            return x;
        }
        ln_term += libm::log((n - x) as f64 / (x + 1) as f64);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_follow_the_binomial_quantile() {
        // R 4.2.2: qbinom(.05, c(9, 11, 19, 39, 99), .5)
        assert_eq!([9, 11, 19, 39, 99].map(fewest_crossings), [2, 3, 6, 14, 41]);
    }

    #[test]
    fn a_course_at_the_end_of_its_scale_is_not_judged_by_its_median() {
        let mut top = vec![7.0; 15];
        top.extend([5.0; 6]);
        assert_eq!(median_runs(&top, Some([1.0, 7.0])), Err(Reason::Ceiling));
        assert_eq!(median_runs(&[1.0; 20], Some([1.0, 7.0])), Err(Reason::Floor));
        assert_eq!(median_runs(&[2.0, 3.0], None), Err(Reason::TooFew));
    }
}
