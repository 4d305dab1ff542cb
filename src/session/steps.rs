//! Steps in a course: sudden falls and gains, the best split, and splits by a penalty.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::series::{Gap, Series, mean};
use super::threshold::{ROUNDING, Sample, ThresholdScale, one_scale};
use crate::numeric::distribution::t_quantile;
use crate::statistic::{Reason, StatError};

/// How sudden changes are told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuddenConfig {
    /// The direction.
    pub direction: Direction,
    /// The least change, in points of the score.
    pub cut: f64,
    /// The least share of the score before that the change must be (.25 for symptoms); none: the criterion is off, as it
    /// must be on alliance scores, where a point is no fixed share of anything.
    pub share: Option<f64>,
    /// How many sessions on each side the third criterion takes.
    pub sessions: usize,
    /// What a change across missed sessions counts for.
    pub gap: Gap,
}

impl SuddenConfig {
    /// Falls of at least `cut` points, compared with three sessions on each side.
    pub fn falls(cut: f64) -> SuddenConfig {
        SuddenConfig { direction: Direction::Fall, cut, share: None, sessions: 3, gap: Gap::default() }
    }
}

/// The direction of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Falling scores.
    Fall,
    /// Rising scores.
    Gain,
}

/// An interval between two sessions, held against the criteria.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sudden {
    /// The session before.
    pub from: i64,
    /// The session after.
    pub to: i64,
    /// The change in the direction asked for.
    pub change: f64,
    /// Criterion 1: at least the cut.
    pub large: bool,
    /// Criterion 2: at least the share of the score before; none if it is off.
    pub share: Option<bool>,
    /// Criterion 3: the sessions around differ by more than their spread; none where a side has under two.
    pub lasting: Option<bool>,
    /// The difference of the means around.
    pub difference: Option<f64>,
    /// What it must exceed.
    pub needed: Option<f64>,
}

impl Sudden {
    /// Whether all criteria in use are met.
    pub fn is_met(&self) -> bool {
        self.large && self.share.unwrap_or(true) && self.lasting == Some(true)
    }
}

/// Sudden falls or gains between neighbouring sessions.
///
/// For a fall from i to i + 1: (1) yᵢ − yᵢ₊₁ ≥ cut; (2) yᵢ − yᵢ₊₁ ≥ share · yᵢ, if on; (3) mean(pre) − mean(post) >
/// t₍.975₎ · s_p, with up to three sessions on each side and s_p their pooled standard deviation. For a gain all differences
/// change their sign.
///
/// It finds steps that last. A rupture that mends at once fails criterion 3 by construction: the recovery is part of the
/// sessions after. Every interval is returned, met or not.
///
/// # Missing data
/// Sessions without a score take no part; `gap` says whether a change across missed sessions counts.
///
/// # Errors
/// None; a criterion without enough sessions is none.
///
/// # Agrees with
/// suddengains (source of 2023, its own worked example) for falls. For rises that package compares a negative number with a
/// share of the score in criterion 2; here the sign is turned.
///
/// # Source
/// Tang & DeRubeis (1999), Journal of Consulting and Clinical Psychology 67.
///
/// ```
/// use alliance_metrics::session::{Series, SuddenConfig, sudden_changes};
/// let series = Series::consecutive(&[32.0, 31.0, 33.0, 5.0, 6.0, 7.0]).unwrap();
/// let found = sudden_changes(&series, &SuddenConfig { share: Some(0.25), ..SuddenConfig::falls(7.0) });
/// assert!(found[2].is_met());
/// ```
pub fn sudden_changes(series: &Series, config: &SuddenConfig) -> Vec<Sudden> {
    let (scores, numbers) = (series.scores(), series.numbers());
    let sign = if config.direction == Direction::Fall { 1.0 } else { -1.0 };
    let one = |(at, rise): (usize, f64)| {
        let change = -sign * rise;
        let before = &scores[at.saturating_sub(config.sessions)..at];
        let after = &scores[at..(at + config.sessions).min(scores.len())];
        let around = pooled_sd(before, after)
            .map(|(sd, df)| (sign * (mean(before) - mean(after)), t_quantile(0.975, df as f64) * sd));
        Sudden {
            from: numbers[at - 1],
            to: numbers[at],
            change,
            large: change >= config.cut - ROUNDING,
            share: config.share.map(|share| change >= share * scores[at - 1] - ROUNDING),
            lasting: around.map(|(difference, needed)| difference > needed + ROUNDING),
            difference: around.map(|(difference, _)| difference),
            needed: around.map(|(_, needed)| needed),
        }
    };
    series.differences(config.gap).map(one).collect()
}

fn pooled_sd(a: &[f64], b: &[f64]) -> Option<(f64, usize)> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let df = a.len() + b.len() - 2;
    Some((((squares(a) + squares(b)) / df as f64).sqrt(), df))
}

/// Σ (y − ȳ)².
fn squares(values: &[f64]) -> f64 {
    let center = mean(values);
    values.iter().map(|y| (y - center) * (y - center)).sum()
}

/// The best single split of a course.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Split {
    /// The last session before the split.
    pub after: i64,
    /// Its place in the series, from 1.
    pub k: usize,
    /// Sum of squares around the two means.
    pub sse: f64,
    /// Sum of squares around one mean.
    pub total: f64,
    /// The mean before.
    pub before_mean: f64,
    /// The mean after.
    pub after_mean: f64,
}

/// The split into two parts that leaves the smallest sum of squares, SSE(1 … k) + SSE(k + 1 … n); the earliest of equals.
///
/// There is always a best split; that it is a real step is for the eye and for the other rules to say.
///
/// # Missing data
/// Sessions without a score take no part.
///
/// # Errors
/// [`Reason::TooFew`] for under three sessions, [`Reason::NoVariability`] for a constant course.
///
/// # Agrees with
/// R 4.2.2, all splits by `sum((y - mean(y))^2)`.
///
/// # Source
/// Scott & Knott (1974), Biometrics 30.
///
/// ```
/// use alliance_metrics::session::{Series, best_split};
/// let series = Series::consecutive(&[5.0, 5.2, 4.0, 4.2]).unwrap();
/// assert_eq!(best_split(&series).unwrap().after, 2);
/// ```
pub fn best_split(series: &Series) -> Result<Split, StatError> {
    let scores = series.scores();
    let n = scores.len();
    if n < 3 {
        return Err(StatError::new(Reason::TooFew, format!("{n} sessions, a split needs 3")));
    }
    let total = squares(scores);
    if total <= ROUNDING * ROUNDING {
        return Err(StatError::new(Reason::NoVariability, "all scores are equal"));
    }
    let costs = Costs::new(scores);
    let (mut k, mut sse) = (1, f64::INFINITY);
    for at in 1..n {
        let cost = costs.of(0, at) + costs.of(at, n);
        if cost < sse - ROUNDING {
            (k, sse) = (at, cost);
        }
    }
    Ok(Split {
        after: series.numbers()[k - 1],
        k,
        sse,
        total,
        before_mean: mean(&scores[..k]),
        after_mean: mean(&scores[k..]),
    })
}

/// How a course is partitioned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PartitionConfig {
    /// The penalty for each further part is this times σ² ln n, σ from the mean moving range.
    pub penalty: f64,
    /// Fewest sessions of a part.
    pub shortest: usize,
}

impl Default for PartitionConfig {
    /// 2 σ² ln n, parts of any length.
    fn default() -> PartitionConfig {
        PartitionConfig { penalty: 2.0, shortest: 1 }
    }
}

/// A course in parts of constant level.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Partition {
    /// How it was partitioned.
    pub config: PartitionConfig,
    /// The penalty in squared points.
    pub penalty: f64,
    /// The last session of each part but the last.
    pub after: Vec<i64>,
    /// The mean of each part.
    pub means: Vec<f64>,
    /// Sum of squares around the means of the parts.
    pub sse: f64,
}

/// The partition into parts of constant level with the least penalised sum of squares.
///
/// F(j) = minᵢ F(i) + SSE(i + 1 … j) + β, F(0) = −β, β = penalty · σ² ln n; exact, by dynamic programming.
///
/// The penalty decides how many parts there are; with neighbouring sessions alike, σ is small and parts are many.
///
/// # Missing data
/// Sessions without a score take no part.
///
/// # Errors
/// [`Reason::TooFew`] for under five sessions, [`Reason::NoVariability`] without ranges.
///
/// # Agrees with
/// R 4.2.2, the same recursion written from the paper.
///
/// # Source
/// Jackson et al. (2005), IEEE Signal Processing Letters 12.
///
/// ```
/// use alliance_metrics::session::{PartitionConfig, Series, partition};
/// let series = Series::consecutive(&[5.0, 5.1, 5.0, 2.0, 2.1, 2.0]).unwrap();
/// assert_eq!(partition(&series, &PartitionConfig::default()).unwrap().after, [3]);
/// ```
pub fn partition(series: &Series, config: &PartitionConfig) -> Result<Partition, StatError> {
    let scores = series.scores();
    let n = scores.len();
    if n < 5 || config.shortest > n || config.shortest == 0 {
        let message = format!("{n} sessions for parts of {} or more", config.shortest);
        return Err(StatError::new(Reason::TooFew, message));
    }
    let sigma = one_scale(ThresholdScale::Mr, series, Gap::default(), &Sample::default())
        .map_err(|reason| StatError::new(reason, "no moving ranges"))?;
    let penalty = config.penalty * sigma * sigma * libm::log(n as f64);
    let costs = Costs::new(scores);
    // best[j]: the least cost of the first j sessions, and where their last part begins.
    let mut best = vec![(f64::INFINITY, 0); n + 1];
    best[0] = (-penalty, 0);
    for j in config.shortest..=n {
        for i in 0..=j - config.shortest {
            let cost = best[i].0 + costs.of(i, j) + penalty;
            if cost < best[j].0 - ROUNDING * ROUNDING {
                best[j] = (cost, i);
            }
        }
    }
    let mut ends = vec![n];
    while let Some(start) = ends.last().map(|end| best[*end].1).filter(|start| *start > 0) {
        ends.push(start);
    }
    ends.push(0);
    ends.reverse();
    let parts = || ends.windows(2).map(|pair| &scores[pair[0]..pair[1]]);
    Ok(Partition {
        config: config.clone(),
        penalty,
        after: ends[1..ends.len() - 1].iter().map(|end| series.numbers()[end - 1]).collect(),
        means: parts().map(mean).collect(),
        sse: parts().map(squares).sum(),
    })
}

/// Sums of squares of any part, in constant time.
struct Costs {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Costs {
    fn new(scores: &[f64]) -> Costs {
        let center = mean(scores); // keeps the squares small
        let mut costs = Costs { sums: vec![0.0], squares: vec![0.0] };
        let (mut sum, mut square) = (0.0, 0.0);
        for y in scores.iter().map(|y| y - center) {
            sum += y;
            square += y * y;
            costs.sums.push(sum);
            costs.squares.push(square);
        }
        costs
    }

    /// Around the mean of the sessions from `from` up to, without, `to`.
    fn of(&self, from: usize, to: usize) -> f64 {
        let sum = self.sums[to] - self.sums[from];
        self.squares[to] - self.squares[from] - sum * sum / (to - from) as f64
    }
}
