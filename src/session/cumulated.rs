//! Charts that remember earlier sessions, and so see small lasting shifts: EWMA and CUSUM.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::LEAST_CHART;
use super::series::{Gap, Series, mean};
use super::threshold::{Sample, ThresholdScale, one_scale};
use crate::statistic::{Reason, StatError};

/// How an EWMA chart is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EwmaConfig {
    /// The weight of the newest session, above 0 and up to 1.
    pub lambda: f64,
    /// Limits lie this many standard deviations from the center.
    pub multiplier: f64,
    /// The center is the mean of this many first sessions; none: of all.
    pub baseline: Option<usize>,
}

impl Default for EwmaConfig {
    /// λ .2, three standard deviations.
    fn default() -> EwmaConfig {
        EwmaConfig { lambda: 0.2, multiplier: 3.0, baseline: None }
    }
}

/// An EWMA chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ewma {
    /// How it was drawn.
    pub config: EwmaConfig,
    /// The center.
    pub center: f64,
    /// The standard deviation, from the mean moving range.
    pub sigma: f64,
    /// The weighted mean at each session.
    pub z: Vec<f64>,
    /// The lower limit at each session.
    pub lower: Vec<f64>,
    /// The upper limit at each session.
    pub upper: Vec<f64>,
    /// Sessions beyond a limit.
    pub signals: Vec<i64>,
}

/// An exponentially weighted moving average chart.
///
/// z₀ = ȳ, zᵢ = λ yᵢ + (1 − λ) zᵢ₋₁; limits z₀ ± L σ √(λ / (2 − λ) · (1 − (1 − λ)²ⁱ)), σ = mean(MR) / 1.128.
///
/// Use it for slow erosion; single ruptures that mend at once pass it by.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a range across missed sessions counts.
///
/// # Errors
/// [`Reason::TooFew`] for under 8 sessions, [`Reason::NoVariability`] without ranges.
///
/// # Agrees with
/// qcc 2.7 `ewma`.
///
/// # Source
/// Lucas & Saccucci (1990), Technometrics 32.
///
/// ```
/// use alliance_metrics::session::{EwmaConfig, Gap, Series, ewma};
/// let series = Series::consecutive(&[5.0, 6.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0]).unwrap();
/// assert!((ewma(&series, &EwmaConfig::default(), Gap::default()).unwrap().z[0] - 5.4).abs() < 1e-12);
/// ```
pub fn ewma(series: &Series, config: &EwmaConfig, gap: Gap) -> Result<Ewma, StatError> {
    let (center, sigma) = center_and_sigma(series, config.baseline, gap)?;
    if !(config.lambda > 0.0 && config.lambda <= 1.0) {
        return Err(StatError::new(Reason::NotApplicable, format!("a weight of {}", config.lambda)));
    }
    let rest = 1.0 - config.lambda;
    let (mut z, mut faded) = (center, 1.0);
    let mut chart = Ewma {
        config: config.clone(),
        center,
        sigma,
        z: Vec::new(),
        lower: Vec::new(),
        upper: Vec::new(),
        signals: Vec::new(),
    };
    for (number, score) in series.numbers().iter().zip(series.scores()) {
        z = config.lambda * score + rest * z;
        faded *= rest * rest;
        let spread = (config.lambda / (2.0 - config.lambda) * (1.0 - faded)).sqrt();
        let reach = config.multiplier * sigma * spread;
        if (z - center).abs() > reach {
            chart.signals.push(*number);
        }
        chart.z.push(z);
        chart.lower.push(center - reach);
        chart.upper.push(center + reach);
    }
    Ok(chart)
}

/// How a CUSUM chart is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CusumConfig {
    /// What is let pass at each session, in standard deviations: half the shift that should be seen.
    pub slack: f64,
    /// A sum above this signals.
    pub decision: f64,
    /// Where the sums start.
    pub start: Start,
    /// The center is the mean of this many first sessions; none: of all.
    pub baseline: Option<usize>,
}

impl Default for CusumConfig {
    /// k .5, h 5.
    fn default() -> CusumConfig {
        CusumConfig { slack: 0.5, decision: 5.0, start: Start::Zero, baseline: None }
    }
}

impl CusumConfig {
    /// The sums before the first session.
    pub(super) fn at_start(&self) -> f64 {
        if self.start == Start::Head { 0.5 * self.decision } else { 0.0 }
    }
}

/// Where cumulative sums start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// At 0.
    Zero,
    /// Half way to the decision, so that an early shift is seen early.
    Head,
}

/// A CUSUM chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cusum {
    /// How it was drawn.
    pub config: CusumConfig,
    /// The center.
    pub center: f64,
    /// The standard deviation, from the mean moving range.
    pub sigma: f64,
    /// The upper sum at each session.
    pub upper: Vec<f64>,
    /// The lower sum at each session.
    pub lower: Vec<f64>,
    /// Sessions at which a sum is above the decision.
    pub signals: Vec<i64>,
}

/// A two-sided cumulative sum chart.
///
/// uᵢ = (yᵢ − ȳ) / σ; C⁺ᵢ = max(0, C⁺ᵢ₋₁ + uᵢ − k), C⁻ᵢ = max(0, C⁻ᵢ₋₁ − uᵢ − k); a signal above h.
///
/// Use it for a lasting shift of about 2 k standard deviations.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a range across missed sessions counts.
///
/// # Errors
/// [`Reason::TooFew`] for under 8 sessions, [`Reason::NoVariability`] without ranges.
///
/// # Agrees with
/// qcc 2.7 `cusum`, whose `se.shift` is 2 k.
///
/// # Source
/// Hawkins & Olwell (1998), Cumulative sum charts.
///
/// ```
/// use alliance_metrics::session::{CusumConfig, Gap, Series, cusum};
/// let series = Series::consecutive(&[5.0, 6.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0]).unwrap();
/// let chart = cusum(&series, &CusumConfig::default(), Gap::default()).unwrap();
/// assert!((chart.upper[1] - (0.5 * 1.128 - 0.5)).abs() < 1e-12);
/// ```
pub fn cusum(series: &Series, config: &CusumConfig, gap: Gap) -> Result<Cusum, StatError> {
    let (center, sigma) = center_and_sigma(series, config.baseline, gap)?;
    let (mut up, mut down) = (config.at_start(), config.at_start());
    let mut chart = Cusum {
        config: config.clone(),
        center,
        sigma,
        upper: Vec::new(),
        lower: Vec::new(),
        signals: Vec::new(),
    };
    for (number, score) in series.numbers().iter().zip(series.scores()) {
        let u = (score - center) / sigma;
        up = (up + u - config.slack).max(0.0);
        down = (down - u - config.slack).max(0.0);
        if up.max(down) > config.decision {
            chart.signals.push(*number);
        }
        chart.upper.push(up);
        chart.lower.push(down);
    }
    Ok(chart)
}

fn center_and_sigma(series: &Series, baseline: Option<usize>, gap: Gap) -> Result<(f64, f64), StatError> {
    let n = baseline.unwrap_or(series.n()).min(series.n());
    if n < LEAST_CHART {
        let message = format!("limits from {n} sessions, {LEAST_CHART} are needed");
        return Err(StatError::new(Reason::TooFew, message));
    }
    let first: Vec<(i64, f64)> =
        series.numbers().iter().copied().zip(series.scores().iter().copied()).take(n).collect();
    let first =
        Series::of(&first).map_err(|error| StatError::new(Reason::NotApplicable, error.to_string()))?;
    let sigma = one_scale(ThresholdScale::Mr, &first, gap, &Sample::default())
        .map_err(|reason| StatError::new(reason, "no moving ranges"))?;
    Ok((mean(first.scores()), sigma))
}
