//! Split halves: what two halves of a scale say about the whole.

use nalgebra::DMatrix;
use serde::Serialize;

use super::composite::total_variance;
use crate::moments::Moments;
use crate::numeric::random::Stream;
use crate::statistic::{Estimate, Reason, StatError};

/// How the halves are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HalvesConfig {
    /// Up to so many items all splits are taken.
    pub all_up_to: usize,
    /// Beyond, so many splits are drawn.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl Default for HalvesConfig {
    fn default() -> HalvesConfig {
        HalvesConfig { all_up_to: 16, draws: 10_000, seed: 1 }
    }
}

/// The split-half reliabilities of a scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SplitHalves {
    /// The worst split; psych calls it beta.
    pub min: Estimate,
    /// The mean over splits; with an even number of items and all splits this is alpha.
    pub mean: Estimate,
    /// The best split: Guttman's λ₄ if all were taken, at most λ₄ if they were drawn.
    pub max: Estimate,
    /// How many splits were looked at.
    pub splits: usize,
    /// Whether these are all there are.
    pub all: bool,
    /// The items of one half of the best split.
    pub best: Vec<String>,
    /// What was asked for.
    pub config: HalvesConfig,
}

/// The smallest, mean and largest split-half reliability over all ways to cut a scale into halves.
///
/// Of a split into A and B: 4 cov(A, B)/V, with cov(A, B) = Σ_{i∈A, j∈B} s_ij and V the variance of the whole sum. With an
/// odd number of items one half has one item more.
///
/// A minimum far below the mean says that the scale falls into parts; the maximum is a lower bound of reliability that
/// capitalises on chance in samples under some hundred persons.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()).
///
/// # Agrees with
/// psych 2.5 `splitHalf` with `covar = TRUE`; without, it works on correlations ([`Moments::standardized`]). With an odd number
/// of items psych looks at half of the splits.
///
/// # Source
/// Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10, 255–282.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::{HalvesConfig, split_halves};
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// let halves = split_halves(&moments, &HalvesConfig::default()).unwrap();
/// assert_eq!((halves.splits, halves.all), (1, true));
/// assert!((halves.max.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn split_halves(moments: &Moments, config: &HalvesConfig) -> Result<SplitHalves, StatError> {
    let matrix = &moments.covariance;
    let total = total_variance(matrix)?;
    let k = moments.k();
    let all = k <= config.all_up_to.min(MOST_ITEMS_FOR_ALL);
    let (mut low, mut high, mut sum, mut splits) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0);
    let mut best = Vec::new();
    let mut look = |half: &[usize]| {
        let value = split(matrix, total, half);
        low = low.min(value);
        if value > high {
            high = value;
            best = half.to_vec();
        }
        sum += value;
        splits += 1;
    };
    if all {
        every_half(k, &mut look);
    } else {
        drawn_halves(k, config, &mut look);
    }
    if splits == 0 {
        return Err(StatError::new(Reason::TooFew, "no split was drawn"));
    }
    best.sort_unstable();
    Ok(SplitHalves {
        min: Estimate::point(low),
        mean: Estimate::point(sum / splits as f64),
        max: Estimate::point(high),
        splits,
        all,
        best: best.iter().map(|j| moments.items[*j].clone()).collect(),
        config: *config,
    })
}

/// Two million splits, some seconds; nobody waits for those of more items.
const MOST_ITEMS_FOR_ALL: usize = 23;

/// 4 cov(A, B)/V for a half A.
fn split(matrix: &DMatrix<f64>, total: f64, half: &[usize]) -> f64 {
    // cov(A, B) is what A covaries with everything less what it covaries with itself.
    let mut within = 0.0;
    let mut with_all = 0.0;
    for i in half {
        let column = matrix.column(*i);
        with_all += column.sum();
        within += half.iter().map(|j| column[*j]).sum::<f64>();
    }
    4.0 * (with_all - within) / total
}

/// Every half of ⌊k/2⌋ items in order; where both halves are of one size, the one with the first item.
fn every_half(k: usize, look: &mut impl FnMut(&[usize])) {
    let size = k / 2;
    let fixed = k.is_multiple_of(2);
    let mut half: Vec<usize> = (0..size).collect();
    loop {
        look(&half);
        // The rightmost item that can move on does; those behind it follow closely.
        let Some(at) = (usize::from(fixed)..size).rev().find(|at| half[*at] < k - size + at) else { return };
        half[at] += 1;
        for next in at + 1..size {
            half[next] = half[next - 1] + 1;
        }
    }
}

/// Random halves; draw i uses stream i of the seed.
fn drawn_halves(k: usize, config: &HalvesConfig, look: &mut impl FnMut(&[usize])) {
    let mut order: Vec<usize> = (0..k).collect();
    for draw in 0..config.draws {
        let mut stream = Stream::new(config.seed, draw as u64);
        order.sort_unstable();
        for at in 0..k / 2 {
            let other = at + stream.below((k - at) as u64) as usize;
            order.swap(at, other);
        }
        look(&order[..k / 2]);
    }
}

/// One half of the odd items, one of the even.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OddEven {
    /// The correlation of the two half scores.
    pub r: Estimate,
    /// Spearman and Brown's: what r becomes at full length, if the halves are parallel.
    pub spearman_brown: Estimate,
    /// Flanagan and Rulon's: the halves may differ in variance.
    pub flanagan_rulon: Estimate,
}

/// The reliability of a scale from its first, third, fifth … items against the others.
///
/// With A the sum of the odd and B of the even items: r = cov(A, B)/√(var A · var B); Spearman–Brown 2r/(1 + r);
/// Flanagan–Rulon 4 cov(A, B)/V.
///
/// One split of many; [`split_halves`] shows how much depends on which.
///
/// # Missing data
/// Settled in the moments.
///
/// # Errors
/// As for [`alpha`](super::alpha()); r and Spearman–Brown alone are missing with [`Reason::NoVariability`] where a half is
/// constant, Spearman–Brown with [`Reason::Boundary`] at r = −1.
///
/// # Agrees with
/// The formulas, computed in R 4.2.
///
/// # Source
/// Rulon, P. J. (1939). A simplified procedure for determining the reliability of a test by split-halves. Harvard
/// Educational Review, 9, 99–103.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::odd_even;
/// let covariance = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
/// let items = ["i1", "i2"].map(String::from).to_vec();
/// let moments = Moments::given(items, 20, nalgebra::DVector::zeros(2), covariance).unwrap();
/// assert!((odd_even(&moments).unwrap().spearman_brown.estimate.unwrap() - 2.0 / 3.0).abs() < 1e-12);
/// ```
pub fn odd_even(moments: &Moments) -> Result<OddEven, StatError> {
    let matrix = &moments.covariance;
    let total = total_variance(matrix)?;
    let mut sums = [[0.0; 2]; 2];
    for (i, j) in (0..moments.k()).flat_map(|i| (0..moments.k()).map(move |j| (i, j))) {
        sums[i % 2][j % 2] += matrix[(i, j)];
    }
    let [[odd, between], [_, even]] = sums;
    let halves = odd > 0.0 && even > 0.0;
    let r = if halves {
        Estimate::point(between / (odd * even).sqrt())
    } else {
        Estimate::none(Reason::NoVariability)
    };
    let stepped = |r: f64| {
        if r <= -1.0 { Estimate::none(Reason::Boundary) } else { Estimate::point(2.0 * r / (1.0 + r)) }
    };
    Ok(OddEven {
        r,
        spearman_brown: r.estimate.map_or(r, stepped),
        flanagan_rulon: Estimate::point(4.0 * between / total),
    })
}
