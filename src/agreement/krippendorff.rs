//! Krippendorff's alpha at four levels of measurement, with a bootstrap over units.

use serde::Serialize;

use super::patterns::Units;
use super::ratings::Ratings;
use crate::numeric::quantile;
use crate::numeric::random::Stream;
use crate::statistic::{Estimate, Reason};

/// The level of measurement: how far apart two ratings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// 1 wherever they differ.
    Nominal,
    /// The square of how many ratings lie between them, the ends counting half.
    #[default]
    Ordinal,
    /// (a − b)².
    Interval,
    /// ((a − b) / (a + b))², for ratings from a natural zero.
    Ratio,
}

impl Metric {
    /// From nominal to ratio.
    pub const ALL: [Metric; 4] = [Metric::Nominal, Metric::Ordinal, Metric::Interval, Metric::Ratio];

    /// The stable id.
    pub fn id(self) -> &'static str {
        match self {
            Metric::Nominal => "nominal",
            Metric::Ordinal => "ordinal",
            Metric::Interval => "interval",
            Metric::Ratio => "ratio",
        }
    }
}

/// How alpha is computed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KrippendorffConfig {
    /// The level of measurement; ordinal, as alliance ratings are.
    pub metric: Metric,
    /// Bootstrap draws of units, 2 000; 0 for none.
    pub draws: usize,
    /// The seed of the bootstrap.
    pub seed: u64,
    /// The confidence level, 0.95.
    pub level: f64,
}

impl Default for KrippendorffConfig {
    fn default() -> KrippendorffConfig {
        KrippendorffConfig { metric: Metric::Ordinal, draws: 2_000, seed: 1, level: 0.95 }
    }
}

/// Krippendorff's alpha.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Krippendorff {
    /// The configuration.
    pub config: KrippendorffConfig,
    /// Units with two ratings or more; the others carry no pair.
    pub n: usize,
    /// Units with a single rating, left out.
    pub single: usize,
    /// Ratings in the units used.
    pub ratings: usize,
    /// Alpha with its bootstrap interval.
    #[serde(flatten)]
    pub value: Estimate,
    /// Draws in which nothing varied, so that there was no alpha.
    pub draws_without: usize,
}

/// Krippendorff's alpha: one minus observed over expected disagreement, for any raters, gaps and level of measurement.
///
/// α = 1 − (N − 1) Σ o_cl d_cl / Σ n_c n_l d_cl, with coincidences o_cl = Σ_i n_ic (n_il − [c = l]) / (r_i − 1) over units
/// i with r_i ≥ 2 ratings, n_c = Σ_l o_cl and N = Σ n_c. The metric d is [c ≠ l] (nominal), (c − l)² (interval),
/// (Σ_{g=c..l} n_g − (n_c + n_l)/2)² (ordinal: the squared difference of mid-ranks), ((c − l)/(c + l))² (ratio). The
/// interval is the percentile interval over draws of units with replacement; draw b uses stream b of the seed.
///
/// # When it means what
/// Agreement when any rater may stand for any other. Ordinal for −3 … +3 and Likert categories; interval where distances
/// are taken to be equal; ratio for counts.
///
/// # Missing data
/// Every unit with two ratings counts, whoever gave them.
///
/// # None
/// `too_few` where no unit has two ratings; `no_variability` where all ratings are equal; `not_applicable` for the ratio
/// metric with negative ratings. An interval is missing with `draws = 0`, with one unit (`too_few`), or where no draw
/// varied.
///
/// # Agrees with
/// `irr::kripp.alpha` 0.84.1 and PyPI krippendorff 0.9.0 at all four levels. irrCAC's "ordinal" weights are another
/// metric and give another number. The bootstrap of Hayes and Krippendorff draws disagreements, ours draws units.
///
/// # Source
/// Krippendorff (2013), Content Analysis, 3rd ed., chapter 12. Hayes & Krippendorff (2007), Communication Methods and
/// Measures 1, 77–89.
///
/// ```
/// use alliance_metrics::agreement::{KrippendorffConfig, Ratings, krippendorff};
/// let ratings = Ratings::from_table(&[[1.0, 1.0, 2.0], [0.0, 1.0, 0.0], [-1.0, -1.0, 0.0], [2.0, 2.0, 2.0]]);
/// let alpha = krippendorff(&ratings, &KrippendorffConfig { draws: 200, ..Default::default() });
/// assert!((alpha.value.estimate.unwrap() - 0.811_173_533_1).abs() < 1e-9);
/// ```
pub fn krippendorff(ratings: &Ratings, config: &KrippendorffConfig) -> Krippendorff {
    let units = Units::new(ratings);
    let found = Krippendorff {
        config: *config,
        n: units.of_unit.len(),
        single: units.single,
        ratings: units.ratings,
        value: Estimate::none(Reason::TooFew),
        draws_without: 0,
    };
    if found.n == 0 {
        return found;
    }
    if config.metric == Metric::Ratio && units.values.first().is_some_and(|least| *least < 0.0) {
        return Krippendorff { value: Estimate::none(Reason::NotApplicable), ..found };
    }
    let mut weights = vec![0; units.patterns.len()];
    units.weigh(None, &mut weights);
    let Some(estimate) = alpha(&units, &weights, config.metric) else {
        return Krippendorff { value: Estimate::none(Reason::NoVariability), ..found };
    };
    let value = Estimate::point(estimate);
    if config.draws == 0 || found.n < 2 {
        return Krippendorff { value: value.because(Reason::TooFew), ..found };
    }
    let mut draws: Vec<f64> = Vec::with_capacity(config.draws);
    for draw in 0..config.draws {
        let mut stream = Stream::new(config.seed, draw as u64);
        units.weigh(Some(&mut stream), &mut weights);
        draws.extend(alpha(&units, &weights, config.metric));
    }
    draws.sort_by(f64::total_cmp);
    let tail = 0.5 - 0.5 * config.level;
    let value = match (quantile(&draws, tail), quantile(&draws, 1.0 - tail)) {
        (Some(low), Some(high)) => value.with_interval("bootstrap_percentile", config.level, low, high),
        _ => value.because(Reason::NoVariability),
    };
    Krippendorff { value, draws_without: config.draws - draws.len(), ..found }
}

/// Alpha of weighted patterns; none where nothing varies.
fn alpha(units: &Units, weights: &[u32], metric: Metric) -> Option<f64> {
    let used = || units.patterns.iter().zip(weights).filter(|(_, weight)| **weight > 0);
    let mut counts = vec![0.0; units.values.len()];
    for (codes, weight) in used() {
        codes.iter().for_each(|code| counts[*code as usize] += f64::from(*weight));
    }
    let total: f64 = counts.iter().sum();
    let spread = Spread::new(metric, &units.values, &counts, total);
    let expected = spread.expected(&counts, total);
    let observed: f64 = used()
        .map(|(codes, weight)| f64::from(*weight) * spread.within(codes) / (codes.len() as f64 - 1.0))
        .sum();
    (expected > 0.0).then(|| 1.0 - (total - 1.0) * observed / expected)
}

/// Sums of distances over pairs, without a table of distances where there is a shorter way.
enum Spread {
    /// Every difference counts one.
    Nominal,
    /// Squared differences of these positions: values less their mean, or mid-ranks.
    Squares(Vec<f64>),
    /// Ratios of these values.
    Ratio(Vec<f64>),
}

impl Spread {
    fn new(metric: Metric, values: &[f64], counts: &[f64], total: f64) -> Spread {
        match metric {
            Metric::Nominal => Spread::Nominal,
            Metric::Ratio => Spread::Ratio(values.to_vec()),
            Metric::Interval => {
                let mean = values.iter().zip(counts).map(|(value, count)| value * count).sum::<f64>() / total;
                Spread::Squares(values.iter().map(|value| value - mean).collect())
            }
            Metric::Ordinal => {
                let mut below = -0.5 * total;
                let mid_rank = |count: &f64| {
                    let at = below + 0.5 * count;
                    below += count;
                    at
                };
                Spread::Squares(counts.iter().map(mid_rank).collect())
            }
        }
    }

    /// Σ_{c,l} n_c n_l d_cl over all ratings.
    fn expected(&self, counts: &[f64], total: f64) -> f64 {
        match self {
            Spread::Nominal => total * total - counts.iter().map(|count| count * count).sum::<f64>(),
            Spread::Squares(at) => {
                // Two categories in use at least, or the difference below is rounding.
                if counts.iter().filter(|count| **count > 0.0).count() < 2 {
                    return 0.0;
                }
                let sum: f64 = at.iter().zip(counts).map(|(at, count)| at * count).sum();
                let squares: f64 = at.iter().zip(counts).map(|(at, count)| at * at * count).sum();
                2.0 * (total * squares - sum * sum)
            }
            Spread::Ratio(values) => {
                let mut sum = 0.0;
                for high in 1..values.len() {
                    for low in (0..high).filter(|low| counts[*low] > 0.0) {
                        sum += 2.0 * counts[low] * counts[high] * ratio(values[low], values[high]);
                    }
                }
                sum
            }
        }
    }

    /// Σ d over the ordered pairs of ratings within a unit.
    fn within(&self, codes: &[u32]) -> f64 {
        let pairs = |d: &dyn Fn(usize, usize) -> f64| -> f64 {
            let later =
                |i: usize| codes[i + 1..].iter().map(move |b| d(codes[i] as usize, *b as usize)).sum::<f64>();
            2.0 * (0..codes.len()).map(later).sum::<f64>()
        };
        match self {
            Spread::Nominal => pairs(&|a, b| f64::from(u8::from(a != b))),
            Spread::Squares(at) => pairs(&|a, b| (at[a] - at[b]) * (at[a] - at[b])),
            Spread::Ratio(values) => pairs(&|a, b| ratio(values[a], values[b])),
        }
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if a == b { 0.0 } else { ((a - b) / (a + b)) * ((a - b) / (a + b)) }
}
