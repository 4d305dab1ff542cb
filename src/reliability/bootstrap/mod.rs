//! Limits by drawing persons, or clusters of them, again.

mod sums;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use libm::sqrt;
use serde::Serialize;

use self::sums::{Columns, Scratch, Sums};
use self::values::Wanted;
use super::coefficient::Coefficient;
use super::omega::omega_of;
use super::scale::{ScaleConfig, ScaleReliability};
use super::score::ScoreOf;
use super::statistics::Allowed;
use crate::moments::{ItemMatrix, Missing, Moments};
use crate::numeric::distribution::{normal_cdf, normal_quantile};
use crate::numeric::quantile;
use crate::numeric::random::Stream;
use crate::statistic::{Estimate, Reason, StatError};

/// Under so many clusters a bootstrap over them gives limits that are far too narrow.
pub const FEWEST_CLUSTERS: usize = 15;
/// The share of the draws in which a coefficient must exist for its limits to be told.
const MOST_DRAWS: f64 = 0.9;

/// How a bootstrap is made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BootstrapConfig {
    /// How many draws.
    pub draws: usize,
    /// The seed; draw i takes stream i of it.
    pub seed: u64,
    /// Which coefficients get limits; those beside [`BootstrapConfig::USUAL`] get percentile limits alone.
    pub of: Vec<Coefficient>,
}

impl Default for BootstrapConfig {
    fn default() -> BootstrapConfig {
        BootstrapConfig { draws: 2000, seed: 1, of: BootstrapConfig::USUAL.to_vec() }
    }
}

impl BootstrapConfig {
    /// The usual coefficients and some others.
    pub fn usual_and(more: Vec<Coefficient>) -> Vec<Coefficient> {
        let mut of = BootstrapConfig::USUAL.to_vec();
        of.extend(more.into_iter().filter(|more| !BootstrapConfig::USUAL.contains(more)));
        of
    }

    /// The coefficients that a bootstrap is of unless told otherwise.
    pub const USUAL: [Coefficient; 9] = [
        Coefficient::Alpha,
        Coefficient::AlphaStandardized,
        Coefficient::OmegaTotal,
        Coefficient::Lambda1,
        Coefficient::Lambda2,
        Coefficient::Lambda3,
        Coefficient::Lambda5,
        Coefficient::Lambda6,
        Coefficient::MeanR,
    ];

    /// With limits over clusters, also those that would otherwise have limits for independent persons.
    const USUAL_OVER_CLUSTERS: [Coefficient; 3] = [
        Coefficient::OmegaTotalImplied,
        Coefficient::StandardErrorOfMeasurement,
        Coefficient::MinimalDetectableChange,
    ];
}

/// Limits of a coefficient by a bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BootstrapLimits {
    /// Quantiles of the draws; the standard error is their standard deviation.
    pub percentile: Estimate,
    /// The same, corrected for bias and acceleration; of the usual coefficients, under listwise deletion.
    pub bca: Option<Estimate>,
    /// In how many draws the coefficient could not be had.
    pub undefined: usize,
}

/// A bootstrap of a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bootstrap {
    /// How many draws.
    pub draws: usize,
    /// The seed.
    pub seed: u64,
    /// How many clusters were drawn, where rows were not drawn by themselves.
    pub clusters: Option<usize>,
    /// Limits, coefficient by coefficient.
    #[serde(skip)]
    pub limits: BTreeMap<Coefficient, BootstrapLimits>,
    /// Draws in which a coefficient could not be had, where there were any.
    pub undefined: BTreeMap<Coefficient, usize>,
}

/// Bootstrap limits of the coefficients of a scale.
///
/// In each of B draws n persons (or G clusters with all their rows) are drawn with replacement, and every coefficient is computed
/// anew: θ*_b. Percentile limits are the quantiles (type 7) of θ* at (1 ∓ level)/2. Bias-corrected and accelerated limits take
/// them at Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z))), with z₀ = Φ⁻¹(share of θ* below θ̂, ties half) and
/// a = Σ(θ̄ − θ₍ᵢ₎)³ / (6 (Σ(θ̄ − θ₍ᵢ₎)²)^{3/2}) from the estimates θ₍ᵢ₎ without each person or cluster in turn.
///
/// They suppose nothing about the distribution of the answers, but many persons. Rows of one person, or of one worker, are
/// not independent: drawing whole clusters keeps them together.
///
/// # Missing data
/// By the policy of the configuration: complete persons are drawn under listwise deletion, all persons under the others.
///
/// # Errors
/// [`Reason::TooFewClusters`] under [`FEWEST_CLUSTERS`] clusters; those of [`Moments::of`]. A coefficient that is missing in more
/// than a tenth of the draws has no limits ([`Reason::TooFew`]).
///
/// # Agrees with
/// R's boot 1.3 `boot.ci` (`perc`, `bca`) within the error of the draws; boot interpolates quantiles on the normal scale.
///
/// # Source
/// Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap, chapters 13 and 14. Clusters: Field, C. A., & Welsh,
/// A. H. (2007). Bootstrapping clustered data. Journal of the Royal Statistical Society B, 69, 369–390.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::reliability::{BootstrapConfig, Coefficient, ScaleConfig, ScoreOf, bootstrap};
/// let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 7), f64::from((i + i / 9) % 7), f64::from(i % 5)]).collect();
/// let data = ItemMatrix::from_rows(["a", "b", "c"].map(String::from).to_vec(), &rows);
/// let config = BootstrapConfig { draws: 200, ..BootstrapConfig::default() };
/// let found = bootstrap(&data, &[], &ScoreOf::sum(), &ScaleConfig::default(), &config, None).unwrap();
/// let alpha = found.limits[&Coefficient::Alpha].percentile;
/// assert!(alpha.lower.unwrap() < alpha.estimate.unwrap() && alpha.estimate.unwrap() < alpha.upper.unwrap());
/// ```
pub fn bootstrap(
    data: &ItemMatrix,
    allowed: &[Allowed],
    score: &ScoreOf,
    scale: &ScaleConfig,
    config: &BootstrapConfig,
    clusters: Option<&[usize]>,
) -> Result<Bootstrap, StatError> {
    let moments = Moments::of(data, scale.missing)?;
    let mut of = config.of.clone();
    if clusters.is_some() {
        of.extend(BootstrapConfig::USUAL_OVER_CLUSTERS);
    }
    let mut seen = BTreeSet::new();
    of.retain(|of| seen.insert(*of));
    let cheap = |of: &Coefficient| {
        BootstrapConfig::USUAL.contains(of) || BootstrapConfig::USUAL_OVER_CLUSTERS.contains(of)
    };
    let start = omega_of(&moments.covariance, None).ok().map(|(_, solution)| solution);
    let wanted = Wanted { of: &of, allowed, score, config: scale, start };
    let draws = Draws::new(data, &moments, scale.missing, clusters, &wanted)?;
    let found = draws.values(config);
    let whole = wanted.values(&moments, || data.clone());
    let jackknife = if scale.missing == Missing::Listwise { draws.without_each() } else { Vec::new() };
    let mut limits = BTreeMap::new();
    for (at, coefficient) in of.iter().enumerate() {
        let mut values: Vec<f64> = found.iter().filter_map(|draw| draw[at]).collect();
        values.sort_by(f64::total_cmp);
        let without: Option<Vec<f64>> = jackknife.iter().map(|values| values[at]).collect();
        let without = without.filter(|values| cheap(coefficient) && !values.is_empty());
        limits.insert(*coefficient, limits_of(whole[at], &values, without, scale.level, config.draws));
    }
    let undefined = limits.iter().filter(|(_, of)| of.undefined > 0).map(|(c, of)| (*c, of.undefined));
    Ok(Bootstrap {
        draws: config.draws,
        seed: config.seed,
        clusters: clusters.map(|_| draws.units.len()),
        undefined: undefined.collect(),
        limits,
    })
}

/// What is drawn from.
struct Draws<'a> {
    wanted: &'a Wanted<'a>,
    moments: &'a Moments,
    missing: Missing,
    /// The rows that are drawn from.
    rows: ItemMatrix,
    columns: Option<Columns>,
    /// The rows of each person or cluster.
    units: Vec<Vec<usize>>,
}

impl<'a> Draws<'a> {
    fn new(
        data: &ItemMatrix,
        moments: &'a Moments,
        missing: Missing,
        clusters: Option<&[usize]>,
        wanted: &'a Wanted<'a>,
    ) -> Result<Draws<'a>, StatError> {
        let gap = |i: usize, j: usize| data.values()[(i, j)].is_nan();
        let used = |i: &usize| match missing {
            Missing::Listwise => (0..data.k()).all(|j| !gap(*i, j)),
            Missing::Pairwise | Missing::Em => (0..data.k()).any(|j| !gap(*i, j)),
        };
        let kept: Vec<usize> = (0..data.n()).filter(used).collect();
        let units = match clusters {
            None => (0..kept.len()).map(|i| vec![i]).collect(),
            Some(clusters) => {
                let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
                kept.iter()
                    .enumerate()
                    .for_each(|(at, row)| units.entry(clusters[*row]).or_default().push(at));
                units.into_values().collect::<Vec<_>>()
            }
        };
        if clusters.is_some() && units.len() < FEWEST_CLUSTERS {
            let message = format!("{} clusters, {FEWEST_CLUSTERS} are the least", units.len());
            return Err(StatError::new(Reason::TooFewClusters, message));
        }
        let rows = data.rows(&kept);
        let columns = (missing == Missing::Listwise).then(|| Columns::new(&rows));
        Ok(Draws { wanted, moments, missing, rows, columns, units })
    }

    /// The values of every draw, in their order, whatever the number of threads.
    fn values(&self, config: &BootstrapConfig) -> Vec<Vec<Option<f64>>> {
        self.wanted.config.threads.in_order(
            config.draws,
            || None,
            |draw, space| {
                let mut stream = Stream::new(config.seed, draw as u64 + 1);
                let n = self.units.len() as u64;
                let mut weights = vec![0u16; self.rows.n()];
                for _ in 0..n {
                    for row in &self.units[stream.below(n) as usize] {
                        weights[*row] += 1;
                    }
                }
                self.of_weights(&weights, space)
            },
        )
    }

    /// The values without each person or cluster in turn.
    fn without_each(&self) -> Vec<Vec<Option<f64>>> {
        let Some(columns) = &self.columns else { return Vec::new() };
        let all = columns.weigh(&vec![1; self.rows.n()], &mut columns.scratch());
        self.wanted.config.threads.in_order(
            self.units.len(),
            || (),
            |unit, ()| {
                let sums = columns.without(&all, &self.units[unit]);
                let rest = || {
                    let left_out = &self.units[unit];
                    let kept: Vec<usize> = (0..self.rows.n()).filter(|row| !left_out.contains(row)).collect();
                    self.rows.rows(&kept)
                };
                self.of_sums(&sums, rest)
            },
        )
    }

    fn of_weights(&self, weights: &[u16], space: &mut Option<Scratch>) -> Vec<Option<f64>> {
        let drawn = || {
            let rows = weights.iter().enumerate();
            let rows: Vec<usize> =
                rows.flat_map(|(row, weight)| std::iter::repeat_n(row, usize::from(*weight))).collect();
            self.rows.rows(&rows)
        };
        match &self.columns {
            Some(columns) => {
                let scratch = space.get_or_insert_with(|| columns.scratch());
                self.of_sums(&columns.weigh(weights, scratch), drawn)
            }
            None => {
                let rows = drawn();
                match Moments::of(&rows, self.missing) {
                    Ok(moments) => self.wanted.values(&moments, || rows.clone()),
                    Err(_) => vec![None; self.wanted.of.len()],
                }
            }
        }
    }

    fn of_sums(&self, sums: &Sums, data: impl Fn() -> ItemMatrix) -> Vec<Option<f64>> {
        let Some(covariance) = sums.covariance() else { return vec![None; self.wanted.of.len()] };
        let moments = self.moments.drawn(sums.n() as usize, covariance);
        self.wanted.values(&moments, data)
    }
}

/// The limits from the draws in rising order.
fn limits_of(
    whole: Option<f64>,
    values: &[f64],
    without: Option<Vec<f64>>,
    level: f64,
    draws: usize,
) -> BootstrapLimits {
    let undefined = draws - values.len();
    let Some(estimate) = whole else {
        return BootstrapLimits { percentile: Estimate::none(Reason::NotIdentified), bca: None, undefined };
    };
    let point = Estimate::point(estimate);
    if (values.len() as f64) < MOST_DRAWS * draws as f64 || values.len() < 2 {
        return BootstrapLimits { percentile: point.because(Reason::TooFew), bca: None, undefined };
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let se = sqrt(values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0));
    let tail = 0.5 * (1.0 - level);
    let at = |p: f64| quantile(values, p).unwrap_or(f64::NAN);
    let percentile = point.with_interval("bootstrap_percentile", level, at(tail), at(1.0 - tail)).with_se(se);
    let bca = without.map(|without| match corrected(estimate, values, &without, tail) {
        Some([low, high]) => point.with_interval("bootstrap_bca", level, at(low), at(high)).with_se(se),
        None => point.because(Reason::Boundary),
    });
    BootstrapLimits { percentile, bca, undefined }
}

/// Where the bias-corrected and accelerated limits stand among the draws.
fn corrected(estimate: f64, values: &[f64], without: &[f64], tail: f64) -> Option<[f64; 2]> {
    let below = values.iter().filter(|x| **x < estimate).count() as f64;
    let equal = values.iter().filter(|x| **x == estimate).count() as f64;
    let share = (below + 0.5 * equal) / values.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        return None;
    }
    let bias = normal_quantile(share);
    let mean = without.iter().sum::<f64>() / without.len() as f64;
    let squares: f64 = without.iter().map(|x| (mean - x) * (mean - x)).sum();
    let cubes: f64 = without.iter().map(|x| (mean - x) * (mean - x) * (mean - x)).sum();
    let acceleration = if squares > 0.0 { cubes / (6.0 * squares * sqrt(squares)) } else { 0.0 };
    let place = |z: f64| {
        let moved = bias + z;
        normal_cdf(bias + moved / (1.0 - acceleration * moved))
    };
    let z = normal_quantile(1.0 - tail);
    Some([place(-z), place(z)])
}

impl ScaleReliability {
    /// With the limits of a bootstrap over persons, each under a key of its own beside the other limits.
    pub fn with_bootstrap(mut self, found: Bootstrap) -> ScaleReliability {
        for (coefficient, limits) in &found.limits {
            if let Some(at) = self.coefficients.get_mut(coefficient) {
                at.intervals.insert("bootstrap_percentile", limits.percentile);
                at.intervals.extend(limits.bca.map(|bca| ("bootstrap_bca", bca)));
            }
        }
        self.bootstrap = Some(found);
        self
    }

    /// With the limits of a bootstrap over clusters in the place of those that suppose independent rows; without limits where
    /// there was none.
    pub fn over_clusters(mut self, found: Result<Bootstrap, StatError>) -> ScaleReliability {
        for (coefficient, at) in &mut self.coefficients {
            at.intervals.clear();
            let limits = found.as_ref().ok().and_then(|found| found.limits.get(coefficient));
            let usual = BootstrapConfig::USUAL.contains(coefficient);
            if at.estimate.interval.is_none() && limits.is_none() && !(usual && found.is_err()) {
                continue;
            }
            let plain = Estimate {
                estimate: at.estimate.estimate,
                reason: at.estimate.reason,
                ..Estimate::default()
            };
            at.estimate = match (limits, &found) {
                _ if plain.estimate.is_none() => plain,
                (Some(limits), _) => {
                    match (limits.percentile.lower, limits.percentile.upper, limits.percentile.level) {
                        (Some(lower), Some(upper), Some(level)) => plain
                            .with_interval("cluster_bootstrap_percentile", level, lower, upper)
                            .with_se(limits.percentile.se.unwrap_or(f64::NAN)),
                        _ => plain.because(limits.percentile.reason.unwrap_or(Reason::TooFew)),
                    }
                }
                (None, Err(error)) => plain.because(error.reason),
                (None, Ok(_)) => plain.because(Reason::NotApplicable),
            };
            let bca = limits
                .and_then(|limits| limits.bca)
                .map(|bca| Estimate { interval: bca.interval.map(|_| "cluster_bootstrap_bca"), ..bca });
            at.intervals.extend(bca.map(|bca| ("cluster_bootstrap_bca", bca)));
        }
        self.bootstrap = found.ok();
        self
    }
}
