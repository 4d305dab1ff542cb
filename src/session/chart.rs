//! The individuals control chart: is a session beyond what sessions before and after it let expect?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run_rules::{RunRule, RunSignal, Side, run_signals};
use super::series::{Gap, Series, mean, median, variance};
use super::threshold::{D2, D4, ROUNDING};
use super::trend::{Degree, trend};
use super::variability::lag_one;
use crate::numeric::distribution::ln_gamma;
use crate::statistic::{Reason, StatError};

/// How a chart is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChartConfig {
    /// Where the standard deviation comes from.
    pub sigma: SigmaFrom,
    /// Limits lie this many standard deviations from the center.
    pub multiplier: f64,
    /// Limits come from this many first sessions alone; none: from all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<usize>,
    /// Whether the person's line is taken out first; limits then follow it.
    pub detrend: Detrend,
    /// Whether sessions beyond the limits are left out once and the limits drawn again.
    pub passes: Passes,
    /// Whether limits stop at the ends of the scale.
    pub limits: Limits,
    /// The run rules in use.
    pub run_rules: Vec<RunRule>,
}

impl Default for ChartConfig {
    /// Three standard deviations from the mean moving range, R1 and R7.
    fn default() -> ChartConfig {
        ChartConfig {
            sigma: SigmaFrom::MeanRange,
            multiplier: 3.0,
            baseline: None,
            detrend: Detrend::No,
            passes: Passes::One,
            limits: Limits::Free,
            run_rules: vec![RunRule::R1, RunRule::R7],
        }
    }
}

/// Where the standard deviation of a chart comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SigmaFrom {
    /// The mean moving range / 1.128.
    #[default]
    MeanRange,
    /// The median moving range / 0.954.
    MedianRange,
    /// The standard deviation / c₄(n).
    Sd,
}

/// What is taken out of the scores before they are charted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detrend {
    /// Nothing.
    #[default]
    No,
    /// The person's line.
    Linear,
}

/// How often limits are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passes {
    /// Once.
    #[default]
    One,
    /// Again, without the sessions that were beyond them.
    Two,
}

/// Whether limits may lie where no score can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limits {
    /// They stand as computed.
    #[default]
    Free,
    /// They stop at the ends of the scale.
    Clamped,
}

/// How firm limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// From under twelve sessions.
    Trial,
    /// From twelve or more.
    Firm,
}

/// An individuals (XmR) control chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Chart {
    /// How it was drawn.
    pub config: ChartConfig,
    /// Sessions charted.
    pub n: usize,
    /// Sessions the limits come from.
    pub n_limits: usize,
    /// How firm the limits are.
    pub firmness: Firmness,
    /// The mean moving range.
    pub mean_range: f64,
    /// The standard deviation.
    pub sigma: f64,
    /// The upper limit for moving ranges, 3.267 times their mean.
    pub range_limit: f64,
    /// The center at each session.
    pub center: Vec<f64>,
    /// The lower limit at each session.
    pub lower: Vec<f64>,
    /// The upper limit at each session.
    pub upper: Vec<f64>,
    /// Each score's distance from the center, in standard deviations.
    pub z: Vec<f64>,
    /// Sessions left out before the limits were drawn again.
    pub excluded: Vec<i64>,
    /// What the run rules found.
    pub signals: Vec<RunSignal>,
    /// Why the runs about the median (R7) could not be judged.
    pub median_runs: Option<Reason>,
    /// Sides on which no score can signal, because the scale ends within the limits.
    pub silent: Vec<Side>,
    /// The correlation of neighbouring sessions, which narrows or widens moving ranges.
    pub lag_one: Option<f64>,
}

/// An individuals control chart over a series.
///
/// MRᵢ = |yᵢ − yᵢ₋₁|, σ = mean(MR) / 1.128 (or median(MR) / 0.954, or SD / c₄(n)); limits ȳ ± L σ; upper limit for
/// ranges 3.267 mean(MR). z = (y − center) / σ.
///
/// A signal says that a session differs from the others by more than neighbouring sessions usually do. Where neighbouring
/// sessions are alike (lag-one correlation above .5), moving ranges are too small and signals too many.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a range across missed sessions counts.
///
/// # Errors
/// [`Reason::TooFew`] where limits would come from under 8 sessions, [`Reason::NoVariability`] where they have no ranges.
///
/// # Agrees with
/// qcc 2.7 `qcc(type = "xbar.one")`, which counts eight in a row (R4) from seven on.
///
/// # Source
/// Montgomery (2009), Statistical quality control, 6th ed., section 6.4; run rules of Nelson (1984), Journal of Quality
/// Technology 16; runs about the median of Anhøj & Olesen (2014), PLoS ONE 9.
///
/// ```
/// use alliance_metrics::session::{ChartConfig, Gap, Series, chart};
/// let series = Series::consecutive(&[5.0, 6.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0]).unwrap();
/// let chart = chart(&series, &ChartConfig::default(), Gap::default(), Some([1.0, 7.0])).unwrap();
/// assert!((chart.lower[0] - (5.5 - 3.0 / 1.128)).abs() < 1e-12);
/// ```
pub fn chart(
    series: &Series,
    config: &ChartConfig,
    gap: Gap,
    range: Option<[f64; 2]>,
) -> Result<Chart, StatError> {
    let n = series.n();
    let n_limits = config.baseline.unwrap_or(n).min(n);
    if n_limits < LEAST_CHART {
        let message = format!("limits from {n_limits} sessions, {LEAST_CHART} are needed");
        return Err(StatError::new(Reason::TooFew, message));
    }
    let mut kept: Vec<usize> = (0..n_limits).collect();
    let mut drawn = draw(series, config, gap, &kept)?;
    let mut excluded = Vec::new();
    if config.passes == Passes::Two {
        let beyond = |at: &usize| drawn.z(series, *at).abs() > config.multiplier;
        let out: Vec<usize> = kept.iter().copied().filter(beyond).collect();
        kept.retain(|at| !out.contains(at));
        // Without ranges there are no second limits, and the first ones stand.
        if let Some(again) = (!out.is_empty()).then(|| draw(series, config, gap, &kept).ok()).flatten() {
            excluded = out.iter().map(|at| series.numbers()[*at]).collect();
            drawn = again;
        }
    }
    let z: Vec<f64> = (0..n).map(|at| drawn.z(series, at)).collect();
    let reach = config.multiplier * drawn.sigma;
    let mut lower: Vec<f64> = drawn.center.iter().map(|center| center - reach).collect();
    let mut upper: Vec<f64> = drawn.center.iter().map(|center| center + reach).collect();
    let silent = range.map_or_else(Vec::new, |[low, high]| {
        let below = lower.iter().all(|limit| *limit <= low).then_some(Side::Lower);
        let above = upper.iter().all(|limit| *limit >= high).then_some(Side::Upper);
        below.into_iter().chain(above).collect()
    });
    if let (Limits::Clamped, Some([low, high])) = (config.limits, range) {
        for limit in lower.iter_mut().chain(&mut upper) {
            *limit = limit.clamp(low, high);
        }
    }
    let (signals, median_runs) = run_signals(series, &z, config, range);
    Ok(Chart {
        n,
        n_limits: kept.len(),
        firmness: if kept.len() < FIRM { Firmness::Trial } else { Firmness::Firm },
        mean_range: drawn.mean_range,
        sigma: drawn.sigma,
        range_limit: 3.267 * drawn.mean_range,
        center: drawn.center,
        lower,
        upper,
        z,
        excluded,
        signals,
        median_runs,
        silent,
        lag_one: lag_one(series.scores()),
        config: config.clone(),
    })
}

/// Fewest sessions that limits are drawn from.
pub(super) const LEAST_CHART: usize = 8;
/// Limits from fewer sessions are trial limits.
const FIRM: usize = 12;

/// Center and spread of a chart.
struct Drawn {
    center: Vec<f64>,
    mean_range: f64,
    sigma: f64,
}

impl Drawn {
    fn z(&self, series: &Series, at: usize) -> f64 {
        (series.scores()[at] - self.center[at]) / self.sigma
    }
}

/// Center and spread from some of the sessions, for all of them.
fn draw(series: &Series, config: &ChartConfig, gap: Gap, kept: &[usize]) -> Result<Drawn, StatError> {
    let (numbers, scores) = (series.numbers(), series.scores());
    let of = |center: &[f64]| -> Vec<f64> { kept.iter().map(|at| scores[*at] - center[*at]).collect() };
    let center: Vec<f64> = match config.detrend {
        Detrend::No => vec![mean(&of(&vec![0.0; scores.len()])); scores.len()],
        Detrend::Linear => {
            let times: Vec<i64> = kept.iter().map(|at| numbers[*at]).collect();
            let values: Vec<f64> = kept.iter().map(|at| scores[*at]).collect();
            let line = trend(&times, &values, Degree::Linear)?;
            numbers.iter().map(|number| line.at(*number)).collect()
        }
    };
    let left = of(&center);
    let next = |at: &usize| gap == Gap::AdjacentObserved || numbers[kept[*at]] == numbers[kept[at - 1]] + 1;
    let ranges: Vec<f64> = (1..left.len()).filter(next).map(|at| (left[at] - left[at - 1]).abs()).collect();
    let too_few = || StatError::new(Reason::TooFew, "no two neighbouring sessions");
    let mean_range = if ranges.is_empty() { return Err(too_few()) } else { mean(&ranges) };
    let sigma = match config.sigma {
        SigmaFrom::MeanRange => mean_range / D2,
        SigmaFrom::MedianRange => median(&ranges).ok_or_else(too_few)? / D4,
        SigmaFrom::Sd => variance(&left).ok_or_else(too_few)?.sqrt() / c4(left.len()),
    };
    if sigma <= ROUNDING {
        return Err(StatError::new(Reason::NoVariability, "neighbouring sessions do not differ"));
    }
    Ok(Drawn { center, mean_range, sigma })
}

/// The mean of the standard deviation of n normal observations, in standard deviations.
fn c4(n: usize) -> f64 {
    let n = n as f64;
    (2.0 / (n - 1.0)).sqrt() * libm::exp(ln_gamma(0.5 * n) - ln_gamma(0.5 * (n - 1.0)))
}
