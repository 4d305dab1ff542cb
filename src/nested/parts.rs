//! What of a predictor lies between persons and what within.

use serde::Serialize;

use super::mixed::{MixedConfig, mixed};
use super::model::{Column, Groups, MixedModel, Random};
use crate::statistic::Estimate;

/// Is a person's own trend taken out of what varies within?
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Detrend {
    /// No: within is the distance from the person's mean.
    #[default]
    No,
    /// Yes: within is the distance from the person's own line over these times.
    Linear(Column),
}

/// A predictor in two parts.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Parts {
    /// The person's mean less the mean of all rows: `x (between)`.
    pub between: Column,
    /// The rest: `x (within)`; a gap where the person has too few rows for a line of its own.
    pub within: Column,
    /// How reliable a person's mean is: the effect of `between` is pulled towards 0 by this factor.
    pub mean_reliability: Estimate,
    /// The persons in whom the predictor never varies.
    pub never_varying: usize,
}

/// How a predictor was split, for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Left in.
    Kept,
    /// Taken out, person by person.
    Removed,
}

impl Detrend {
    /// What becomes of the trend.
    pub fn trend(&self) -> Trend {
        match self {
            Detrend::No => Trend::Kept,
            Detrend::Linear(_) => Trend::Removed,
        }
    }
}

/// A predictor split into what differs between persons and what varies within them.
///
/// between_i = x̄_i − x̄, within_it = x_it − x̄_i, or, detrended, x_it less the person's own least-squares line over time.
/// Both enter a model; their difference is the contextual effect. A mean of n sessions is a fallible measure of the
/// person: its reliability is τ² / (τ² + σ²/n), with τ² and σ² of a random-intercept model and n the harmonic mean of the
/// numbers of sessions; dividing the effect of `between` by it corrects the effect.
///
/// # When
/// A predictor measured in each session. Detrending where predictor and outcome both drift: their common drift would
/// otherwise pass for an effect within persons.
///
/// # Missing data
/// A gap stays a gap; means and lines are over what is there. A line needs three sessions at two times; persons with
/// fewer have no `within` when detrended.
///
/// # None
/// `mean_reliability` has the reason where the random-intercept model cannot be fitted.
///
/// # Source
/// Curran, P. J., & Bauer, D. J. (2011). The disaggregation of within-person and between-person effects in longitudinal
/// models of change. *Annual Review of Psychology, 62*, 583–619.
///
/// ```
/// use alliance_metrics::nested::{split, Column, Detrend, Groups};
/// let dyad = Groups::new("dyad", [1, 1, 2, 2]);
/// let parts = split(&Column::new("w", vec![3.0, 5.0, 6.0, 6.0]), &dyad, &Detrend::No);
/// assert_eq!(parts.between.values, [-1.0, -1.0, 1.0, 1.0]);
/// assert_eq!(parts.within.values, [-1.0, 1.0, 0.0, 0.0]);
/// assert_eq!(parts.never_varying, 1);
/// ```
pub fn split(x: &Column, persons: &Groups, detrend: &Detrend) -> Parts {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); persons.len()];
    for (row, (person, value)) in persons.of_row.iter().zip(&x.values).enumerate() {
        if value.is_finite() {
            rows[*person].push(row);
        }
    }
    let used = rows.iter().map(Vec::len).sum::<usize>();
    let grand = rows.iter().flatten().map(|row| x.values[*row]).sum::<f64>() / used as f64;
    let (mut between, mut within) = (vec![f64::NAN; x.values.len()], vec![f64::NAN; x.values.len()]);
    let mut never_varying = 0;
    for own in rows.iter().filter(|own| !own.is_empty()) {
        let values: Vec<f64> = own.iter().map(|row| x.values[*row]).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        never_varying += usize::from(values.iter().all(|value| *value == values[0]));
        for row in own {
            between[*row] = mean - grand;
        }
        match detrend {
            Detrend::No => own.iter().zip(&values).for_each(|(row, value)| within[*row] = value - mean),
            Detrend::Linear(time) => {
                let times: Vec<f64> = own.iter().map(|row| time.values[*row]).collect();
                for (row, rest) in own.iter().zip(from_line(&times, &values)) {
                    within[*row] = rest;
                }
            }
        }
    }
    Parts {
        between: Column::new(format!("{} (between)", x.name), between),
        within: Column::new(format!("{} (within)", x.name), within),
        mean_reliability: mean_reliability(x, persons, &rows),
        never_varying,
    }
}

/// Distances from the least-squares line; gaps where there is none to be distant from.
fn from_line(times: &[f64], values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let (time, value) = (times.iter().sum::<f64>() / n, values.iter().sum::<f64>() / n);
    let spread: f64 = times.iter().map(|t| (t - time) * (t - time)).sum();
    let slope = times.iter().zip(values).map(|(t, x)| (t - time) * (x - value)).sum::<f64>() / spread;
    let enough = values.len() > 2 && spread > 0.0; // false for a gap in the times
    let rest = |(t, x): (&f64, &f64)| if enough { x - value - slope * (t - time) } else { f64::NAN };
    times.iter().zip(values).map(rest).collect()
}

fn mean_reliability(x: &Column, persons: &Groups, rows: &[Vec<usize>]) -> Estimate {
    let model = MixedModel::new(x.clone()).random(Random::intercept(persons.clone()));
    let sizes = rows.iter().map(Vec::len).filter(|size| *size > 0);
    let harmonic = sizes.clone().count() as f64 / sizes.map(|size| 1.0 / size as f64).sum::<f64>();
    match mixed(&model, &MixedConfig::default()) {
        Err(error) => Estimate::none(error.reason),
        Ok(fit) => {
            let between = fit.variance(&persons.name).unwrap_or(0.0);
            Estimate::point(between / (between + fit.residual_variance() / harmonic))
        }
    }
}
