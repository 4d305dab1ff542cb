//! Dyads through time: series of sessions, ruptures and repairs, control charts, change.

mod arrangements;
mod change;
mod chart;
mod coding;
mod course;
mod cumulated;
mod cutoff;
mod episode;
mod events;
mod fallen_items;
mod false_alarm;
mod informants;
mod limits;
mod presets;
mod retest;
mod rule;
mod rule_check;
mod rule_file;
mod run_rules;
mod sample_course;
mod series;
mod shape;
mod steps;
mod swings;
mod threshold;
mod trend;
mod variability;
mod ward;
mod within;

pub use arrangements::{Arrangement, ArrangementTest, Coverage};
pub use change::{
    Better, ChangeBasis, ChangeIndex, ChangeMethod, Detectable, ReliableChange, TrueScore, model_change,
    reliable_change, true_score,
};
pub use chart::{Chart, ChartConfig, Detrend, Firmness, Limits, Passes, SigmaFrom, chart};
pub use coding::{CodeRow, CodedSessions, coded_sessions, raters};
pub use course::{AtTheEdge, Course, NEAR, PersonClass, at_the_edge};
pub use cumulated::{Cusum, CusumConfig, Ewma, EwmaConfig, Start, cusum, ewma};
pub use cutoff::{
    CutoffKind, Cutoffs, Norm, Status, TrueCutoff, TrueCutoffBasis, cutoffs, status, true_cutoff,
};
pub use episode::{Detection, Episode, Outcome, Shape, detect};
pub use events::{DyadEffect, EventDyad, EventEffect, EventsConfig, Uninformative, events};
pub use fallen_items::{FallenItem, fallen_items};
pub use false_alarm::{FalseAlarms, NothingChanges, Rates, false_alarms, false_alarms_by_length};
pub use informants::{Alignment, Informant, SharedRupture, align, compare_rules};
pub use presets::{RuleNameError, named_rules, preset_ids, preset_text};
pub use retest::{Retest, retest};
pub use rule::{Before, Mode, Repair, Residual, Rule, Signal, TrendOf};
pub use rule_file::{
    AboutRule, FallEntry, LevelEntry, Preset, RepairEntry, RepairWord, ResidualEntry, RuleFile, RuleFormat,
    StartEntry, StartFrom, SuddenEntry, rule_schema,
};
pub use run_rules::{MedianRuns, RunRule, RunSignal, Side, median_runs};
pub use sample_course::{Expected, SampleCourse};
pub use series::{Gap, Lack, Series, SeriesError, Session};
pub use shape::{
    Coefficient, CourseShape, Features, ShapeConfig, ShapeLabel, Thirds, ThirdsBy, course_shape, wilson,
};
pub use steps::{
    Direction, Partition, PartitionConfig, Split, Sudden, SuddenConfig, best_split, partition, sudden_changes,
};
pub use swings::{Swings, swings};
pub use threshold::{
    Points, PooledWithin, Resolved, Sample, Threshold, ThresholdScale, one_scale, rci_scale,
};
pub use trend::{Degree, Trend, trend};
pub use variability::{PooledLagOne, Variability, pooled_lag_one, variability};
pub use ward::{Dendrogram, Join, ward};
pub use within::{
    Composite, LEAST_DF_ERROR, LEAST_DF_FLUCTUATION, WithinAnova, within_person_anova, within_person_scores,
};
