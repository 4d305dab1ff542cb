//! What a rule holds a series against: a lower limit at each session, or the steps it finds.

use super::chart::chart;
use super::cumulated::{cusum, ewma};
use super::rule::{Residual, Rule, Signal, TrendOf};
use super::sample_course::Expected;
use super::series::{Series, mean};
use super::steps::{Direction, SuddenConfig, partition, sudden_changes};
use super::threshold::{ROUNDING, Resolved, Sample};
use super::trend::trend;
use crate::statistic::Reason;

/// A signal made ready for one series.
#[derive(Debug, Default)]
pub(super) struct Limited {
    /// The score below which each session signals.
    pub lower: Option<Vec<f64>>,
    /// The spread that limits are made of.
    pub spread: Option<f64>,
    /// For charts that remember: their center. A slow decline started at the last session that was not below it.
    pub center: Option<f64>,
    /// Falls that are found as such: the indices of their start and of their lowest session.
    pub steps: Vec<(usize, usize)>,
}

impl Limited {
    pub fn new(
        rule: &Rule,
        series: &Series,
        sample: &Sample,
        threshold: Option<Resolved>,
    ) -> Result<Limited, Reason> {
        let scores = series.scores();
        let limits =
            |lower, spread, center| Limited { lower: Some(lower), spread, center, ..Limited::default() };
        Ok(match &rule.signal {
            Signal::Fall { .. } => Limited::default(),
            Signal::Level { below } | Signal::LevelOrFall { below, .. } => {
                limits(vec![below.place(sample.range)?; series.n()], None, None)
            }
            Signal::Chart { chart: config } => {
                let chart = chart(series, config, rule.gap, sample.range).map_err(|error| error.reason)?;
                limits(chart.lower, Some(chart.sigma), None)
            }
            Signal::Ewma { ewma: config } => {
                let drawn = ewma(series, config, rule.gap).map_err(|error| error.reason)?;
                let rest = 1.0 - config.lambda;
                // The chart signals where λ y + (1 − λ) z is below its limit, z that of the session before.
                let before = std::iter::once(drawn.center).chain(drawn.z.iter().copied());
                let limit = |(lower, z): (&f64, f64)| (lower - rest * z) / config.lambda;
                let lower = drawn.lower.iter().zip(before).map(limit).collect();
                limits(lower, Some(drawn.sigma), Some(drawn.center))
            }
            Signal::Cusum { cusum: config } => {
                let drawn = cusum(series, config, rule.gap).map_err(|error| error.reason)?;
                // The sum is above h where C − u − k is, C that of the session before.
                let before = std::iter::once(config.at_start()).chain(drawn.lower.iter().copied());
                let reach = |sum: f64| drawn.center + drawn.sigma * (sum - config.slack - config.decision);
                let lower = before.take(series.n()).map(reach).collect();
                limits(lower, Some(drawn.sigma), Some(drawn.center))
            }
            Signal::Residual { of: TrendOf::Sample, c, residual, .. } => {
                let course = sample.course()?;
                let limit = |expected: &Expected| expected.score - c * expected.sd;
                let lower = course.expected(series, *residual).iter().map(limit).collect();
                limits(lower, Some(course.spread()), None)
            }
            Signal::Residual { of: TrendOf::Person, degree, c, residual } => {
                let fit = trend(series.numbers(), scores, *degree).map_err(|error| error.reason)?;
                let sizes = match residual {
                    Residual::Standardised => fit.standardised(),
                    Residual::Studentised => fit.studentised(),
                };
                // The limit lies where the residual would be c of its own standard errors; nothing is below it where a
                // session has none.
                let limit = |at: usize| {
                    let fitted = scores[at] - fit.residuals[at];
                    sizes[at]
                        .filter(|size| size.abs() > ROUNDING)
                        .map_or(f64::NEG_INFINITY, |size| fitted - c * (fit.residuals[at] / size))
                };
                let spread =
                    fit.variance().map(f64::sqrt).filter(|s| *s > ROUNDING).ok_or(Reason::NoVariability)?;
                limits((0..series.n()).map(limit).collect(), Some(spread), None)
            }
            Signal::Sudden { share, sessions, .. } => {
                let cut = threshold.ok_or(Reason::NotApplicable)?.points;
                let config = SuddenConfig {
                    direction: Direction::Fall,
                    cut,
                    share: *share,
                    sessions: *sessions,
                    gap: rule.gap,
                };
                let changes = series.differences(rule.gap).zip(sudden_changes(series, &config));
                let steps = changes.filter(|(_, sudden)| sudden.is_met()).map(|((at, _), _)| (at - 1, at));
                Limited { steps: steps.collect(), ..Limited::default() }
            }
            Signal::Parts { parts } => {
                let found = partition(series, parts).map_err(|error| error.reason)?;
                Limited { steps: steps_down(series, &found.after), ..Limited::default() }
            }
        })
    }
}

/// Where a part of a course lies lower than the part before: its last session before, its lowest after.
fn steps_down(series: &Series, after: &[i64]) -> Vec<(usize, usize)> {
    let scores = series.scores();
    let place = |number: &i64| series.numbers().partition_point(|own| own <= number);
    let ends: Vec<usize> = std::iter::once(0).chain(after.iter().map(place)).chain([scores.len()]).collect();
    let step = |ends: &[usize]| {
        let (before, own) = (&scores[ends[0]..ends[1]], &scores[ends[1]..ends[2]]);
        let lowest = (0..own.len()).min_by(|a, b| own[*a].total_cmp(&own[*b]))?;
        (mean(own) < mean(before) - ROUNDING).then_some((ends[1] - 1, ends[1] + lowest))
    };
    ends.windows(3).filter_map(step).collect()
}
