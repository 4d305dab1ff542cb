//! How alike the rows of a group are.

use serde::Serialize;

use super::mixed::{MixedConfig, mixed};
use super::model::{Column, Groups, MixedModel, Random};
use crate::numeric::distribution::f_quantile;
use crate::statistic::{Estimate, Reason, StatError};

/// The intraclass correlations of a grouping.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupIcc {
    /// What was grouped, and by what.
    pub outcome: String,
    /// The groups.
    pub group: String,
    /// Rows used.
    pub n: usize,
    /// Rows left out for a gap.
    pub dropped: usize,
    /// Groups.
    pub groups: usize,
    /// Rows of a group: (N − Σ n_i²/N) / (G − 1).
    pub mean_size: f64,
    /// The mean square between groups.
    pub between: f64,
    /// The mean square within groups.
    pub within: f64,
    /// How alike two rows of a group are.
    pub icc1: Estimate,
    /// How reliable the mean of a group is.
    pub icc2: Estimate,
    /// How many times larger the variance of a mean is than with as many independent rows: 1 + (k − 1) ICC(1).
    pub design_effect: Option<f64>,
    /// ICC(1) by restricted likelihood, which is never negative.
    pub reml: Estimate,
}

/// ICC(1), ICC(2) and the design effect of a grouping.
///
/// With MSB and MSW the mean squares between and within G groups of k rows (unequal: k = (N − Σ n_i²/N) / (G − 1)):
/// ICC(1) = (MSB − MSW) / (MSB + (k − 1) MSW), ICC(2) = (MSB − MSW) / MSB, design effect 1 + (k − 1) ICC(1). With
/// F = MSB / MSW and F_q the quantile of F with G − 1 and N − G degrees of freedom, the limits of ICC(1) are
/// (F/F_q − 1) / (F/F_q + k − 1) and those of ICC(2) 1 − F_q/F: exact for groups of the same size. By restricted
/// likelihood it is τ² / (τ² + σ²).
///
/// # When
/// ICC(1): how much of the variance lies between groups, or how dependent rows are. ICC(2): are group means worth
/// comparing? Negative values are shown as they are: rows of a group are less alike than those of different groups.
///
/// # Missing data
/// Rows with a gap are left out and counted.
///
/// # Errors
/// [`Reason::TooFewClusters`] with under two groups, [`Reason::NotIdentified`] with one row in every group,
/// [`Reason::NoVariability`] where all values are the same. ICC(2) has [`Reason::NoVariability`] where the groups' means
/// are all the same.
///
/// # Agrees with
/// multilevel 2.7 (`ICC1`, `ICC2`; it takes the mean size of unequal groups) and lme4 1.1-31.
///
/// # Source
/// Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In *Multilevel theory, research, and
/// methods in organizations* (pp. 349–381). Jossey-Bass. Searle, S. R. (1971). *Linear models*. Wiley.
///
/// ```
/// use alliance_metrics::nested::{group_icc, Column, Groups};
/// let dyad = Groups::new("dyad", [1, 1, 2, 2, 3, 3]);
/// let found = group_icc(&Column::new("score", vec![4.0, 5.0, 6.0, 6.0, 2.0, 3.0]), &dyad, 0.95).unwrap();
/// // Mean squares 37/6 between and 1/3 within.
/// assert!((found.icc1.estimate.unwrap() - (37.0 / 6.0 - 1.0 / 3.0) / (37.0 / 6.0 + 1.0 / 3.0)).abs() < 1e-12);
/// ```
pub fn group_icc(outcome: &Column, groups: &Groups, level: f64) -> Result<GroupIcc, StatError> {
    if outcome.values.len() != groups.of_row.len() {
        let message = format!("{} has not as many rows as {}", groups.name, outcome.name);
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    let mut own: Vec<Vec<f64>> = vec![Vec::new(); groups.len()];
    for (group, value) in groups.of_row.iter().zip(&outcome.values).filter(|(_, value)| value.is_finite()) {
        own[*group].push(*value);
    }
    own.retain(|values| !values.is_empty());
    let n = own.iter().map(Vec::len).sum::<usize>();
    let (g, total) = (own.len(), n as f64);
    if g < 2 {
        let many = if g == 1 { "group" } else { "groups" };
        let message = format!("{g} {many} of {}: two are needed", groups.name);
        return Err(StatError::new(Reason::TooFewClusters, message));
    }
    if n == g {
        let message = format!("every {} has one row: nothing varies within", groups.name);
        return Err(StatError::new(Reason::NotIdentified, message));
    }
    let grand = own.iter().flatten().sum::<f64>() / total;
    let (mut between, mut within, mut squares) = (0.0, 0.0, 0.0);
    for values in &own {
        let size = values.len() as f64;
        let mean = values.iter().sum::<f64>() / size;
        between += size * (mean - grand) * (mean - grand);
        within += values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        squares += size * size;
    }
    let (df1, df2) = ((g - 1) as f64, (n - g) as f64);
    let (between, within) = (between / df1, within / df2);
    if between + within <= 0.0 {
        let message = format!("all values of {} are the same", outcome.name);
        return Err(StatError::new(Reason::NoVariability, message));
    }
    let k = (total - squares / total) / df1;
    let ratio = between / within;
    let tail = 0.5 - 0.5 * level;
    let (low, high) = (ratio / f_quantile(1.0 - tail, df1, df2), ratio / f_quantile(tail, df1, df2));
    let icc = |ratio: f64| (ratio - 1.0) / (ratio + k - 1.0);
    let icc1 = (between - within) / (between + (k - 1.0) * within);
    let icc2 = if between > 0.0 {
        Estimate::point((between - within) / between).with_interval(
            "f",
            level,
            1.0 - 1.0 / low,
            1.0 - 1.0 / high,
        )
    } else {
        Estimate::none(Reason::NoVariability)
    };
    Ok(GroupIcc {
        outcome: outcome.name.clone(),
        group: groups.name.clone(),
        n,
        dropped: outcome.values.len() - n,
        groups: g,
        mean_size: k,
        between,
        within,
        icc1: Estimate::point(icc1).with_interval("f", level, icc(low), icc(high)),
        icc2,
        design_effect: Some(1.0 + (k - 1.0) * icc1).filter(|effect| effect.is_finite()),
        reml: by_likelihood(outcome, groups),
    })
}

fn by_likelihood(outcome: &Column, groups: &Groups) -> Estimate {
    let model = MixedModel::new(outcome.clone()).random(Random::intercept(groups.clone()));
    match mixed(&model, &MixedConfig::default()) {
        Err(error) => Estimate::none(error.reason),
        Ok(fit) => {
            let between = fit.variance(&groups.name).unwrap_or(0.0);
            Estimate::point(between / (between + fit.residual_variance()))
        }
    }
}
