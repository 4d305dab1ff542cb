//! Dyads through time: series of sessions, ruptures and repairs, control charts, change.

mod chart;
mod course;
mod cumulated;
mod episode;
mod presets;
mod rule;
mod rule_file;
mod run_rules;
mod series;
mod steps;
mod threshold;
mod trend;
mod variability;
mod within;

pub use chart::{Chart, ChartConfig, Detrend, Firmness, Limits, Passes, SigmaFrom, chart};
pub use course::{AtTheEdge, Course, NEAR, PersonClass, at_the_edge};
pub use cumulated::{Cusum, CusumConfig, Ewma, EwmaConfig, Start, cusum, ewma};
pub use episode::{Detection, Episode, Outcome, Shape, detect};
pub use presets::{RuleNameError, named_rules, preset_ids, preset_text};
pub use rule::{Before, Mode, Repair, Residual, Rule, Signal};
pub use rule_file::{
    AboutRule, FallEntry, LevelEntry, Preset, RepairEntry, RepairWord, ResidualEntry, RuleFile, RuleFormat,
    StartEntry, StartFrom,
};
pub use run_rules::{MedianRuns, RunRule, RunSignal, Side, median_runs};
pub use series::{Gap, Lack, Series, SeriesError, Session};
pub use steps::{
    Direction, Partition, PartitionConfig, Split, Sudden, SuddenConfig, best_split, partition, sudden_changes,
};
pub use threshold::{
    Points, PooledWithin, Resolved, Sample, Threshold, ThresholdScale, one_scale, rci_scale,
};
pub use trend::{Degree, Trend, trend};
pub use variability::{PooledLagOne, Variability, pooled_lag_one, variability};
pub use within::{
    Composite, LEAST_DF_ERROR, LEAST_DF_FLUCTUATION, WithinAnova, within_person_anova, within_person_scores,
};
