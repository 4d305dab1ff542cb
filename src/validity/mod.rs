//! Do scores go with what they should go with? Differences of groups, regression with errors robust to clusters, and
//! hypotheses stated beforehand.

mod groups;
mod hypotheses;
mod logistic;
mod regression;
mod robust;

pub use groups::{GroupMean, GroupsTest, TwoGroups, two_groups, welch_anova};
pub use hypotheses::{Direction, Hypotheses, HypothesesFormat, Hypothesis, Verdict, judge, read_hypotheses};
pub use logistic::{Logistic, logistic};
pub use regression::{Effect, Regression, linear};
pub use robust::ClusterErrors;
