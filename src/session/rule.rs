//! What a rule is: what signals a rupture, and what mends it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chart::{ChartConfig, LEAST_CHART};
use super::cumulated::{CusumConfig, EwmaConfig};
use super::series::Gap;
use super::steps::PartitionConfig;
use super::threshold::{Points, Threshold, ThresholdScale};
use super::trend::Degree;

/// A rule for ruptures and repairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Its id: that of a preset, or SCALE:C as typed.
    pub id: String,
    /// What signals a rupture.
    pub signal: Signal,
    /// Where a rupture may start.
    pub before: Before,
    /// What counts as its repair.
    pub repair: Repair,
    /// Observed sessions within which it must be repaired; none: at any time.
    pub window: Option<usize>,
    /// What a change across missed sessions counts for.
    pub gap: Gap,
}

/// What signals a rupture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signal {
    /// A fall of at least a threshold.
    Fall {
        /// How large.
        threshold: Threshold,
        /// From one session to the next, or over a run of falls.
        mode: Mode,
    },
    /// A point below the lower limit of a control chart.
    Chart {
        /// The chart.
        chart: ChartConfig,
    },
    /// A moving average that remembers, below its lower limit.
    Ewma {
        /// The chart.
        ewma: EwmaConfig,
    },
    /// A sum of deviations downwards above its decision.
    Cusum {
        /// The chart.
        cusum: CusumConfig,
    },
    /// A fall from one session to the next after which the sessions stay lower.
    Sudden {
        /// How large.
        threshold: Threshold,
        /// The least share of the score before that it must be; none: any.
        share: Option<f64>,
        /// Sessions on each side whose means are compared.
        sessions: usize,
    },
    /// A part of the course that lies lower than the part before.
    Parts {
        /// How the course is partitioned.
        parts: PartitionConfig,
    },
    /// A point far below the person's own trend, or below what the sample's growth model expects of the person.
    Residual {
        /// Whose trend.
        of: TrendOf,
        /// The trend.
        degree: Degree,
        /// How far, in standard errors.
        c: f64,
        /// Which standard error.
        residual: Residual,
    },
    /// A score below a fixed place on the scale.
    Level {
        /// The place.
        below: Points,
    },
    /// A score below a fixed place, or a fall from one session to the next.
    LevelOrFall {
        /// The place.
        below: Points,
        /// The fall.
        threshold: Threshold,
    },
}

/// Which falls are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// From one session to the next.
    #[default]
    Single,
    /// Over each maximal run of sessions without a rise.
    Cumulative,
}

/// From whose courses a trend is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrendOf {
    /// The person's own sessions alone.
    #[default]
    Person,
    /// A mixed growth model of the whole sample, with a line for each person.
    Sample,
}

/// Which residual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Residual {
    /// Divided by a standard error to which the session itself did not contribute (externally studentised).
    #[default]
    Studentised,
    /// Divided by the residual standard deviation of all sessions.
    Standardised,
}

/// Where a rupture may start.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(tag = "before", rename_all = "snake_case")]
pub enum Before {
    /// Anywhere.
    #[default]
    Anywhere,
    /// From a score at or above the person's mean: the first high of high–low–high.
    AboveMean,
    /// From a score at or above a place on the scale.
    Above {
        /// The place.
        place: Points,
    },
}

/// What counts as a repair: the first later session that …
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "repair", rename_all = "snake_case")]
pub enum Repair {
    /// … is back at the start, less a tolerance.
    ReturnToStart {
        /// The tolerance.
        tolerance: Points,
    },
    /// … has won back this share of the fall.
    Fraction {
        /// The share.
        fraction: f64,
    },
    /// … is as far above the trough as the threshold of the fall.
    Rise,
    /// … is no longer beyond the limit that signalled.
    InsideLimits,
    /// … is at or above the person's mean.
    ToMean,
}

impl Rule {
    /// The rule SCALE:C stands for: single falls of c times a spread, from anywhere, repaired once half of the fall is
    /// won back, whenever that is.
    ///
    /// ```
    /// use alliance_metrics::session::{Rule, ThresholdScale};
    /// let rule = Rule::fall(ThresholdScale::Points, 1.0);
    /// assert_eq!(rule.id, "points:1");
    /// ```
    pub fn fall(scale: ThresholdScale, c: f64) -> Rule {
        Rule {
            id: format!("{}:{c}", scale.id()),
            signal: Signal::Fall { threshold: Threshold::new(scale, c), mode: Mode::Single },
            before: Before::Anywhere,
            repair: Repair::Fraction { fraction: 0.5 },
            window: None,
            gap: Gap::AdjacentObserved,
        }
    }

    /// The rule that is used unless another is asked for: a fall beyond 1.96 times this sample's usual swing.
    pub fn usual() -> Rule {
        Rule::fall(ThresholdScale::FluctuationWithin, 1.96)
    }

    /// Fewest sessions it can be applied to: 3, about a trend 5, on a control chart 8.
    pub fn least_sessions(&self) -> usize {
        match &self.signal {
            Signal::Chart { .. } | Signal::Ewma { .. } | Signal::Cusum { .. } => LEAST_CHART,
            Signal::Residual { .. } | Signal::Parts { .. } => 5,
            Signal::Fall { threshold, .. }
            | Signal::LevelOrFall { threshold, .. }
            | Signal::Sudden { threshold, .. } => {
                let person = threshold.pair.map_or(threshold.scale, |[person, _]| person);
                if person.is_residual() { 5 } else { 3 }
            }
            Signal::Level { .. } => 3,
        }
    }

    /// The threshold of a fall, where there is one.
    pub fn threshold(&self) -> Option<&Threshold> {
        match &self.signal {
            Signal::Fall { threshold, .. }
            | Signal::LevelOrFall { threshold, .. }
            | Signal::Sudden { threshold, .. } => Some(threshold),
            _ => None,
        }
    }
}
