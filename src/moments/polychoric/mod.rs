//! Correlations of the normal variables behind ordered answers.

mod table;

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use self::table::{Cells, Margin, Peak, Table};
use super::categories::Categories;
use super::moments::{Metric, Missing, Moments};
use crate::numeric::Threads;
use crate::numeric::distribution::normal_quantile;
use crate::numeric::matrix::{PositiveDefinite, eigen, serialize_rows};
use crate::responses::MISSING;
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// What happens to cells of a table that nobody is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyCells {
    /// The one empty cell of a table of two by two gets half a person, margins kept (lavaan).
    #[default]
    HalfInTwoByTwo,
    /// They stay empty.
    Leave,
}

/// What happens to a matrix that is not positive definite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Smoothing {
    /// It stays as it is, and is said to be so.
    #[default]
    Never,
    /// Eigenvalues below 100 times the precision of numbers are put there, and the diagonal back to 1.
    WhereNeeded,
}

/// How to estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PolychoricConfig {
    /// Listwise or pairwise.
    pub missing: Missing,
    /// Of tables.
    pub empty_cells: EmptyCells,
    /// Of the matrix.
    pub smoothing: Smoothing,
    /// How many threads work.
    #[serde(skip)]
    pub threads: Threads,
}

/// The correlation behind a pair of items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PolychoricPair {
    /// The two items, as positions; the first is the smaller.
    pub items: (usize, usize),
    /// Persons who answered both.
    pub n: usize,
    /// The estimate, before any smoothing.
    pub correlation: f64,
    /// Its standard error, thresholds taken as known; none at the boundary.
    pub se: Option<f64>,
    /// Whether the likelihood grows up to a correlation of one.
    pub boundary: bool,
}

/// Polychoric correlations with their thresholds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Polychoric {
    /// The ids of the items.
    pub items: Vec<String>,
    /// The number of persons, or the smallest number behind a pair.
    pub n: usize,
    /// Persons left out: with a gap (listwise), or without any answer.
    pub dropped: usize,
    /// The configuration.
    pub config: PolychoricConfig,
    /// For each item the codes in use. Declared categories that nobody chose are dropped, and have no threshold.
    pub used: Vec<Vec<u8>>,
    /// For each item the thresholds between the categories in use.
    pub thresholds: Vec<Vec<f64>>,
    /// The correlations, k × k.
    #[serde(serialize_with = "serialize_rows")]
    pub correlation: DMatrix<f64>,
    /// Each pair, row by row of the upper triangle.
    pub pairs: Vec<PolychoricPair>,
    /// Whether the correlations as estimated are positive definite.
    pub positive_definite: bool,
    /// Whether they were smoothed.
    pub smoothed: bool,
    /// How the searches ended, all pairs together: the worst stop, the most iterations.
    pub fit: FitRecord,
}

/// Polychoric correlations by two-step maximum likelihood.
///
/// Thresholds of an item are t_c = Φ⁻¹(share of its persons at or below category c). Each correlation maximises
/// Σ n_ab ln P_ab(ρ) over the table n of its two items, where P_ab is the chance of the rectangle between thresholds under
/// the standard bivariate normal distribution; by Newton's method with both derivatives exact.
///
/// # When it means what
/// The correlation of normal variables that were cut into the answers. What is computed from it (ordinal alpha) speaks
/// of these variables, not of the scores. With few persons a category, standard errors are large; they take the
/// thresholds as known and are a little too small.
///
/// # Missing data
/// Listwise, or pairwise: thresholds from all who answered the item, tables from those who answered both. The
/// likelihood of [`Missing::Em`] is not for categories.
///
/// # Errors
/// [`Reason::TooFew`] under two items or persons, of a pair too; [`Reason::NoVariability`] if an item has one category in
/// use; [`Reason::NotApplicable`] under [`Missing::Em`].
///
/// # Agrees with
/// R's `lavaan::lavCor` 0.6–0.7 (ordered items) and `psych::polychoric` 2.2.9 within their tolerance, 3e-5.
/// With `global = FALSE` psych also puts half a person into every empty cell, which moves correlations by a few
/// thousandths: not offered.
///
/// # Source
/// Olsson (1979).
///
/// ```
/// use alliance_metrics::moments::{Categories, PolychoricConfig, polychoric};
/// // Two halves cut at the median, three quarters alike: ρ = sin(π/4).
/// let a = vec![0, 0, 0, 0, 1, 1, 1, 1];
/// let b = vec![0, 0, 0, 1, 1, 1, 1, 0];
/// let items = vec!["a".to_string(), "b".to_string()];
/// let found = polychoric(&Categories::new(items, vec![2, 2], vec![a, b]).unwrap(), &PolychoricConfig::default());
/// assert!((found.unwrap().correlation[(0, 1)] - 0.5_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn polychoric(data: &Categories, config: &PolychoricConfig) -> Result<Polychoric, StatError> {
    if config.missing == Missing::Em {
        let message = "the likelihood of normal data with gaps is not for categories";
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    let listwise = (config.missing == Missing::Listwise).then(|| data.complete());
    let answers = listwise.as_ref().unwrap_or(data);
    let k = answers.k();
    if k < 2 || answers.n() < 2 {
        let message = format!("{} persons and {k} items", answers.n());
        return Err(StatError::new(Reason::TooFew, message));
    }
    let items: Vec<Item> = (0..k).map(|j| Item::new(answers, j)).collect::<Result<_, _>>()?;
    let found = every_pair(&items, config);
    let fit = record(&found);
    let pairs: Vec<PolychoricPair> = found.iter().map(|(pair, _)| *pair).collect();
    if let Some(pair) = pairs.iter().find(|pair| pair.n < 2) {
        let (a, b) = (&data.items[pair.items.0], &data.items[pair.items.1]);
        return Err(StatError::new(Reason::TooFew, format!("{} persons answered both {a} and {b}", pair.n)));
    }
    let mut correlation = DMatrix::identity(k, k);
    for pair in &pairs {
        let (a, b) = pair.items;
        correlation[(a, b)] = pair.correlation;
        correlation[(b, a)] = pair.correlation;
    }
    let positive_definite = PositiveDefinite::new(&correlation).is_some();
    let smooth = !positive_definite && config.smoothing == Smoothing::WhereNeeded;
    let smoothed = if smooth { smoothed(&correlation) } else { None };
    let empty = |i: usize| (0..k).all(|j| answers.item(j)[i] == MISSING);
    let dropped = match &listwise {
        Some(complete) => data.n() - complete.n(),
        None => (0..data.n()).filter(|i| empty(*i)).count(),
    };
    Ok(Polychoric {
        items: data.items.clone(),
        n: pairs.iter().map(|pair| pair.n).min().unwrap_or(0),
        dropped,
        config: *config,
        used: items.iter().map(|item| item.used.clone()).collect(),
        thresholds: items.into_iter().map(|item| item.margin.thresholds).collect(),
        smoothed: smoothed.is_some(),
        correlation: smoothed.unwrap_or(correlation),
        pairs,
        positive_definite,
        fit,
    })
}

impl Polychoric {
    /// The correlations as the moments that estimators take: means 0, variances 1.
    pub fn moments(&self) -> Moments {
        let counts = self.pairs.iter().map(|pair| pair.n);
        let (fewest, most) = counts.fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
        Moments {
            items: self.items.clone(),
            n: self.n,
            dropped: self.dropped,
            missing: self.config.missing,
            metric: Metric::Polychoric,
            mean: DVector::zeros(self.items.len()),
            covariance: self.correlation.clone(),
            pairs: (fewest < most).then_some((fewest, most)),
            pair_correlation: None,
            fit: Some(self.fit),
        }
    }
}

/// An item ready for tables.
struct Item {
    used: Vec<u8>,
    margin: Margin,
    /// For each person the position of the category among those in use; [`MISSING`] for a gap.
    positions: Vec<u8>,
}

impl Item {
    fn new(data: &Categories, j: usize) -> Result<Item, StatError> {
        let mut counts = vec![0usize; usize::from(MISSING) + 1];
        data.item(j).iter().for_each(|code| counts[usize::from(*code)] += 1);
        let used: Vec<u8> = (0..MISSING).filter(|code| counts[usize::from(*code)] > 0).collect();
        if used.len() < 2 {
            let message = format!("{} has {} category in use", data.items[j], used.len());
            return Err(StatError::new(Reason::NoVariability, message));
        }
        let n: usize = used.iter().map(|code| counts[usize::from(*code)]).sum();
        let mut position = vec![MISSING; usize::from(MISSING) + 1];
        let (mut at_or_below, mut below) = (0, Vec::new());
        for (at, code) in used.iter().enumerate() {
            position[usize::from(*code)] = at as u8;
            at_or_below += counts[usize::from(*code)];
            below.push(at_or_below as f64 / n as f64);
        }
        below.pop();
        let thresholds = below.iter().map(|share| normal_quantile(*share)).collect();
        let positions = data.item(j).iter().map(|code| position[usize::from(*code)]).collect();
        Ok(Item { used, margin: Margin { thresholds, below }, positions })
    }

    fn table(&self, other: &Item) -> Table {
        let (rows, columns) = (self.used.len(), other.used.len());
        let mut counts = vec![0u32; rows * columns];
        for (a, b) in self.positions.iter().zip(&other.positions) {
            if *a != MISSING && *b != MISSING {
                counts[usize::from(*a) * columns + usize::from(*b)] += 1;
            }
        }
        Table { counts: counts.into_iter().map(f64::from).collect(), columns }
    }
}

/// Pairs that one thread does before a second one is worth the asking.
const PAIRS_A_THREAD: usize = 32;

/// Every pair, in order.
fn every_pair(items: &[Item], config: &PolychoricConfig) -> Vec<(PolychoricPair, Peak)> {
    let k = items.len();
    let pairs: Vec<(usize, usize)> = (0..k).flat_map(|a| (a + 1..k).map(move |b| (a, b))).collect();
    let threads = Threads::from(config.threads.count().min(pairs.len() / PAIRS_A_THREAD));
    threads.in_order(pairs.len(), Cells::default, |at, cells| {
        correlate(items, pairs[at], config.empty_cells, cells)
    })
}

fn correlate(
    items: &[Item],
    (a, b): (usize, usize),
    empty_cells: EmptyCells,
    cells: &mut Cells,
) -> (PolychoricPair, Peak) {
    let mut table = items[a].table(&items[b]);
    let n = table.n() as usize;
    table.fill(empty_cells);
    let peak = table.peak(&items[a].margin, &items[b].margin, cells);
    let pair = PolychoricPair {
        items: (a, b),
        n,
        correlation: peak.rho,
        se: peak.curvature.map(|curvature| 1.0 / (-curvature).sqrt()),
        boundary: peak.rho.abs() >= 1.0,
    };
    (pair, peak)
}

fn record(found: &[(PolychoricPair, Peak)]) -> FitRecord {
    let converged = found.iter().all(|(_, peak)| peak.converged);
    FitRecord {
        stop: if converged { Stop::Converged } else { Stop::MostIterations },
        iterations: found.iter().map(|(_, peak)| peak.iterations).max().unwrap_or(0),
        objective: found.iter().map(|(_, peak)| peak.log_likelihood).sum(),
        gradient_norm: None,
        tolerance: table::TOLERANCE,
    }
}

/// The nearest thing with no negative eigenvalue that is as easily said.
fn smoothed(correlation: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    const LEAST: f64 = 100.0 * f64::EPSILON;
    let found = eigen(correlation)?;
    let values = DVector::from_iterator(found.values.len(), found.values.iter().map(|x| x.max(LEAST)));
    let raised = &found.vectors * DMatrix::from_diagonal(&values) * found.vectors.transpose();
    let k = raised.nrows();
    Some(super::products::symmetric(k, |a, b| {
        if a == b { 1.0 } else { raised[(a, b)] / (raised[(a, a)] * raised[(b, b)]).sqrt() }
    }))
}
