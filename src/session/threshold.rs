//! How large a fall must be: c times a spread, the spread named.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sample_course::SampleCourse;
use super::series::{Gap, Series, mean, median, variance};
use super::trend::{Degree, trend};
use crate::statistic::Reason;

/// What a threshold is counted in. The ids are those of `--rule SCALE:C`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdScale {
    /// Standard deviation of the person's scores.
    SdRaw,
    /// Residual standard deviation about the person's own line.
    SdResidLinear,
    /// Residual standard deviation about the person's own parabola.
    SdResidQuadratic,
    /// Standard deviation of the person's successive differences.
    SdDiff,
    /// Mean moving range / 1.128.
    Mr,
    /// Median moving range / 0.954.
    MrMedian,
    /// Within-person standard deviation, pooled over the sample.
    SdWithinPooled,
    /// Standard deviation of the person means in the sample.
    SdBetween,
    /// Standard deviation of all successive differences in the sample.
    SdDiffSample,
    /// The larger of a person's own spread and the spread between persons (after Gumz et al. 2012).
    GumzStrict,
    /// Standard error of a difference from a between-person standard deviation and reliability.
    Rci,
    /// Standard error of a within-person difference: measurement error alone.
    ErrorWithin,
    /// Standard deviation of a within-person difference: this sample's usual swing.
    FluctuationWithin,
    /// As `error_within`, from the crossed persons × sessions × items decomposition.
    ErrorWithinCrossed,
    /// As `fluctuation_within`, from the crossed decomposition.
    FluctuationWithinCrossed,
    /// Points of the score itself.
    Points,
}

impl ThresholdScale {
    /// All of them, in the order of the manual.
    pub const ALL: [ThresholdScale; 16] = [
        ThresholdScale::SdRaw,
        ThresholdScale::SdResidLinear,
        ThresholdScale::SdResidQuadratic,
        ThresholdScale::SdDiff,
        ThresholdScale::Mr,
        ThresholdScale::MrMedian,
        ThresholdScale::SdWithinPooled,
        ThresholdScale::SdBetween,
        ThresholdScale::SdDiffSample,
        ThresholdScale::GumzStrict,
        ThresholdScale::Rci,
        ThresholdScale::ErrorWithin,
        ThresholdScale::FluctuationWithin,
        ThresholdScale::ErrorWithinCrossed,
        ThresholdScale::FluctuationWithinCrossed,
        ThresholdScale::Points,
    ];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            ThresholdScale::SdRaw => "sd_raw",
            ThresholdScale::SdResidLinear => "sd_resid_linear",
            ThresholdScale::SdResidQuadratic => "sd_resid_quadratic",
            ThresholdScale::SdDiff => "sd_diff",
            ThresholdScale::Mr => "mr",
            ThresholdScale::MrMedian => "mr_median",
            ThresholdScale::SdWithinPooled => "sd_within_pooled",
            ThresholdScale::SdBetween => "sd_between",
            ThresholdScale::SdDiffSample => "sd_diff_sample",
            ThresholdScale::GumzStrict => "gumz_strict",
            ThresholdScale::Rci => "rci",
            ThresholdScale::ErrorWithin => "error_within",
            ThresholdScale::FluctuationWithin => "fluctuation_within",
            ThresholdScale::ErrorWithinCrossed => "error_within_crossed",
            ThresholdScale::FluctuationWithinCrossed => "fluctuation_within_crossed",
            ThresholdScale::Points => "points",
        }
    }

    /// The multiplier of those scales that have a usual one: 1.96.
    pub fn usual_c(self) -> Option<f64> {
        match self {
            ThresholdScale::Rci
            | ThresholdScale::ErrorWithin
            | ThresholdScale::FluctuationWithin
            | ThresholdScale::ErrorWithinCrossed
            | ThresholdScale::FluctuationWithinCrossed => Some(1.96),
            _ => None,
        }
    }

    /// Whether it comes from the sample and is one number for all its persons.
    pub fn is_of_sample(self) -> bool {
        !self.is_of_person() && self != ThresholdScale::Points
    }

    fn is_of_person(self) -> bool {
        self <= ThresholdScale::MrMedian || self == ThresholdScale::GumzStrict
    }

    /// Whether it is a spread about a trend, which needs a longer series.
    pub(super) fn is_residual(self) -> bool {
        matches!(self, ThresholdScale::SdResidLinear | ThresholdScale::SdResidQuadratic)
    }
}

/// What the sample and the instrument give a rule: spreads over all persons, and the range of the score.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    scales: BTreeMap<ThresholdScale, Result<f64, Reason>>,
    course: Option<Result<SampleCourse, Reason>>,
    /// The lowest and highest possible score; none on an unbounded scale.
    pub range: Option<[f64; 2]>,
}

impl Sample {
    /// No sample at all, on a scale with this range.
    pub fn none(range: Option<[f64; 2]>) -> Sample {
        Sample { range, ..Sample::default() }
    }

    /// The spreads that need scores alone: `sd_within_pooled`, `sd_between`, `sd_diff_sample`, over series of one scale and
    /// one form.
    ///
    /// `sd_within_pooled` = √(Σᵢ SSWᵢ / Σᵢ (nᵢ − 1)); `sd_between` is the SD of the person means, `sd_diff_sample` that of
    /// all successive differences.
    pub fn of(series: &[&Series], gap: Gap, range: Option<[f64; 2]>) -> Sample {
        let mut sample = Sample::none(range);
        let within = PooledWithin::of(series.iter().map(|series| series.scores()));
        sample.set(ThresholdScale::SdWithinPooled, within.variance().map(f64::sqrt));
        let means: Vec<f64> = series.iter().filter_map(|series| series.mean()).collect();
        sample.set(ThresholdScale::SdBetween, spread(&means));
        let differences: Vec<f64> =
            series.iter().flat_map(|series| series.differences(gap)).map(|(_, change)| change).collect();
        sample.set(ThresholdScale::SdDiffSample, spread(&differences));
        sample
    }

    /// Gives a spread its value, or the reason why it has none.
    pub fn set(&mut self, scale: ThresholdScale, value: Result<f64, Reason>) {
        self.scales.insert(scale, value);
    }

    /// Gives it a growth model of all courses, or the reason why there is none.
    pub fn set_course(&mut self, course: Result<SampleCourse, Reason>) {
        self.course = Some(course);
    }

    /// The growth model of all courses.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] where nothing gave it.
    pub fn course(&self) -> Result<SampleCourse, Reason> {
        self.course.unwrap_or(Err(Reason::NotApplicable))
    }

    /// The same sample in which the course of nobody changes, at a level.
    pub(super) fn without_change(&self, level: f64) -> Sample {
        let course = self.course.map(|course| course.map(|course| course.flat(level)));
        Sample { course, ..self.clone() }
    }

    /// The value of a spread of the sample.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] where nothing gave it.
    pub fn get(&self, scale: ThresholdScale) -> Result<f64, Reason> {
        self.scales.get(&scale).copied().unwrap_or(Err(Reason::NotApplicable))
    }
}

/// Squared distances from the person means, and what they are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PooledWithin {
    /// Σᵢ Σₜ (yᵢₜ − ȳᵢ)².
    pub sum: f64,
    /// Σᵢ (nᵢ − 1).
    pub df: usize,
}

impl PooledWithin {
    /// Over the scores of some persons.
    pub fn of<'a>(persons: impl Iterator<Item = &'a [f64]>) -> PooledWithin {
        persons.filter(|scores| scores.len() >= 2).fold(PooledWithin::default(), |pooled, scores| {
            let center = mean(scores);
            let sum: f64 = scores.iter().map(|y| (y - center) * (y - center)).sum();
            PooledWithin { sum: pooled.sum + sum, df: pooled.df + scores.len() - 1 }
        })
    }

    /// The pooled variance.
    ///
    /// # Errors
    /// [`Reason::TooFew`] without degrees of freedom, [`Reason::NoVariability`] where nobody ever changes.
    pub fn variance(&self) -> Result<f64, Reason> {
        match self.df {
            0 => Err(Reason::TooFew),
            _ if self.sum > 0.0 => Ok(self.sum / self.df as f64),
            _ => Err(Reason::NoVariability),
        }
    }
}

/// The standard error of a between-person difference: SD √(2 (1 − r)).
///
/// # Errors
/// [`Reason::NoVariability`] without a spread, [`Reason::Boundary`] unless 0 < r < 1.
pub fn rci_scale(sd: f64, reliability: f64) -> Result<f64, Reason> {
    if sd.is_nan() || sd <= 0.0 {
        return Err(Reason::NoVariability);
    }
    if !(reliability > 0.0 && reliability < 1.0) {
        return Err(Reason::Boundary);
    }
    Ok(sd * (2.0 * (1.0 - reliability)).sqrt())
}

/// An amount of points, or a place on the scale, perhaps as it is on another range than that of the scale at hand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// The points.
    pub points: f64,
    /// The range on which they are meant; without it, the points of the score at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<[f64; 2]>,
}

impl Points {
    /// Points of the score at hand.
    pub fn of_score(points: f64) -> Points {
        Points { points, on: None }
    }

    /// As an amount of points of the score at hand: the same share of its range.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] for a share of an unbounded scale.
    pub fn amount(&self, range: Option<[f64; 2]>) -> Result<f64, Reason> {
        match (self.on, range) {
            (None, _) => Ok(self.points),
            (Some(on), Some(range)) if on == range => Ok(self.points),
            (Some([a, b]), Some([low, high])) => Ok(self.points / (b - a) * (high - low)),
            (Some(_), None) => Err(Reason::NotApplicable),
        }
    }

    /// As a place on the scale of the score at hand.
    ///
    /// # Errors
    /// As [`Points::amount`].
    pub fn place(&self, range: Option<[f64; 2]>) -> Result<f64, Reason> {
        match (self.on, range) {
            (None, _) => Ok(self.points),
            (Some(on), Some(range)) if on == range => Ok(self.points),
            (Some([a, b]), Some([low, high])) => Ok(low + (self.points - a) / (b - a) * (high - low)),
            (Some(_), None) => Err(Reason::NotApplicable),
        }
    }
}

/// c times a spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// The spread.
    pub scale: ThresholdScale,
    /// The multiplier; for `points`, the points.
    pub c: f64,
    /// For `points`, the range on which they are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<[f64; 2]>,
    /// For `gumz_strict`, the spread of the person and the spread between persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[ThresholdScale; 2]>,
}

/// What a threshold is for one series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Resolved {
    /// The spread.
    pub s: f64,
    /// c times the spread, in points of the score.
    pub points: f64,
}

impl Threshold {
    /// c times a spread.
    pub fn new(scale: ThresholdScale, c: f64) -> Threshold {
        let gumz = [ThresholdScale::SdRaw, ThresholdScale::SdBetween];
        Threshold { scale, c, on: None, pair: (scale == ThresholdScale::GumzStrict).then_some(gumz) }
    }

    /// The threshold for a series.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] where the sample gives no such spread, [`Reason::TooFew`] where the series is too short
    /// for it, [`Reason::NoVariability`] where it is 0.
    pub fn resolve(&self, series: &Series, gap: Gap, sample: &Sample) -> Result<Resolved, Reason> {
        let s = match (self.scale, self.pair) {
            (ThresholdScale::Points, _) => Points { points: 1.0, on: self.on }.amount(sample.range)?,
            (ThresholdScale::GumzStrict, Some(pair)) => {
                let [a, b] = pair.map(|scale| one_scale(scale, series, gap, sample));
                a?.max(b?)
            }
            (scale, _) => one_scale(scale, series, gap, sample)?,
        };
        Ok(Resolved { s, points: self.c * s })
    }
}

/// The value of a spread for a series, from the series itself or from the sample.
///
/// `sd_raw`, `sd_diff`: over n − 1; `sd_resid_…`: √(SSE / df); `mr`: mean |yᵢ − yᵢ₋₁| / 1.128; `mr_median`: median
/// |yᵢ − yᵢ₋₁| / 0.954. What belongs to the sample is looked up there.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a change across missed sessions counts.
///
/// # Errors
/// [`Reason::TooFew`], [`Reason::NoVariability`] for a spread of 0, [`Reason::NotApplicable`] where the sample has none.
///
/// # Source
/// Eubanks-Carter, Gorman & Muran (2012), Psychotherapy Research 22; Gumz et al. (2012), BMC Medical Research Methodology 12.
///
/// ```
/// use alliance_metrics::session::{Gap, Sample, Series, ThresholdScale, one_scale};
/// let series = Series::consecutive(&[5.0, 5.5, 4.5, 5.0]).unwrap();
/// let mr = one_scale(ThresholdScale::Mr, &series, Gap::default(), &Sample::default()).unwrap();
/// assert!((mr - (2.0 / 3.0) / 1.128).abs() < 1e-12);
/// ```
pub fn one_scale(scale: ThresholdScale, series: &Series, gap: Gap, sample: &Sample) -> Result<f64, Reason> {
    let scores = series.scores();
    let changes = || series.differences(gap).map(|(_, change)| change);
    let about = |degree| {
        let trend = trend(series.numbers(), scores, degree).map_err(|error| error.reason)?;
        trend.variance().map(f64::sqrt).ok_or(Reason::TooFew)
    };
    let s = match scale {
        ThresholdScale::SdRaw => spread(scores)?,
        ThresholdScale::SdResidLinear => about(Degree::Linear)?,
        ThresholdScale::SdResidQuadratic => about(Degree::Quadratic)?,
        ThresholdScale::SdDiff => spread(&changes().collect::<Vec<_>>())?,
        ThresholdScale::Mr => {
            let (sum, n) = changes().fold((0.0, 0), |(sum, n), change| (sum + change.abs(), n + 1));
            if n == 0 {
                return Err(Reason::TooFew);
            }
            sum / f64::from(n) / D2
        }
        ThresholdScale::MrMedian => {
            median(&changes().map(f64::abs).collect::<Vec<_>>()).ok_or(Reason::TooFew)? / D4
        }
        ThresholdScale::Points => 1.0,
        of_sample => sample.get(of_sample)?,
    };
    // A spread that is only the rounding of decimal scores is none.
    if s > ROUNDING { Ok(s) } else { Err(Reason::NoVariability) }
}

/// Expected range of two normal observations, in standard deviations.
pub(super) const D2: f64 = 1.128;
/// Median range of two normal observations, in standard deviations.
pub(super) const D4: f64 = 0.954;
/// Decimal scores are not exact: 5.8 − 5.0 is not 0.8. Comparisons of scores allow for this much.
pub(super) const ROUNDING: f64 = 1e-9;

fn spread(values: &[f64]) -> Result<f64, Reason> {
    match variance(values) {
        None => Err(Reason::TooFew),
        Some(variance) if variance > ROUNDING * ROUNDING => Ok(variance.sqrt()),
        Some(_) => Err(Reason::NoVariability),
    }
}
