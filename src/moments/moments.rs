//! Means and covariances under one missing-data policy.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::em;
use super::matrix::ItemMatrix;
use super::products::{Centred, all_products, symmetric};
use crate::numeric::matrix::{PositiveDefinite, eigen};
use crate::statistic::{FitRecord, Reason, StatError};

/// What happens to gaps. Chosen once for a run, never by the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Persons with a gap in any item of the scale are left out.
    #[default]
    Listwise,
    /// Every covariance uses the persons who answered both items.
    Pairwise,
    /// Maximum likelihood under normality.
    Em,
}

/// What the matrix of [`Moments`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Covariances of the answers.
    #[default]
    Covariances,
    /// Correlations of the answers.
    Correlations,
    /// Correlations of the normal variables behind ordered answers.
    Polychoric,
}

/// Means and covariances of the items of a scale, and the n behind them: the one input of what is estimated from moments.
///
/// # Missing data
/// Settled here by [`Missing`]. Listwise and pairwise divide by n − 1, the likelihood by n. The `n` of an interval is
/// the number of complete persons, or the smallest number of persons behind a pair; for the likelihood it is the number
/// of persons with any answer, and only a bootstrap gives intervals.
///
/// Whole answers give the same bits for any order of the persons, and so do other answers under listwise and pairwise.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Moments {
    /// The ids of the items.
    pub items: Vec<String>,
    /// How many persons stand behind an interval.
    pub n: usize,
    /// How many persons were left out: those with a gap (listwise), or those without any answer.
    pub dropped: usize,
    /// The policy.
    pub missing: Missing,
    /// What the matrix holds.
    pub metric: Metric,
    /// The mean of each item, k × 1.
    pub mean: DVector<f64>,
    /// The covariances, k × k, symmetric and finite; not always positive definite (see
    /// [`Moments::is_positive_definite`]).
    pub covariance: DMatrix<f64>,
    /// The smallest and the largest number of persons behind a pair, where that differs from pair to pair.
    pub pairs: Option<(usize, usize)>,
    /// Correlations of the persons behind each pair, where these differ from pair to pair; see
    /// [`Moments::pair_correlation`].
    pub(super) pair_correlation: Option<DMatrix<f64>>,
    /// How the likelihood was maximised, where it was.
    pub fit: Option<FitRecord>,
}

impl Moments {
    /// How many items there are.
    pub fn k(&self) -> usize {
        self.items.len()
    }

    /// What the sums of squares were divided by: n, or n − 1.
    pub fn divisor(&self) -> f64 {
        match self.missing {
            Missing::Em => self.n as f64,
            Missing::Listwise | Missing::Pairwise => self.n as f64 - 1.0,
        }
    }

    /// Moments under a policy.
    ///
    /// # Errors
    /// Those of [`Moments::listwise`], [`Moments::pairwise`], [`Moments::em`].
    ///
    /// ```
    /// use alliance_metrics::moments::{ItemMatrix, Missing, Moments};
    /// let rows = [vec![1.0, 2.0], vec![3.0, f64::NAN], vec![5.0, 4.0], vec![2.0, 3.0]];
    /// let data = ItemMatrix::from_rows(vec!["a".into(), "b".into()], &rows);
    /// let listwise = Moments::of(&data, Missing::Listwise).unwrap();
    /// assert_eq!((listwise.n, listwise.covariance[(0, 1)]), (3, 2.0));
    /// let pairwise = Moments::of(&data, Missing::Pairwise).unwrap();
    /// assert_eq!((pairwise.n, pairwise.mean[0]), (3, 2.75));
    /// ```
    pub fn of(data: &ItemMatrix, missing: Missing) -> Result<Moments, StatError> {
        match missing {
            Missing::Listwise => Moments::listwise(data),
            Missing::Pairwise => Moments::pairwise(data),
            Missing::Em => Moments::em(data),
        }
    }

    /// Moments of the persons who answered everything, with divisor n − 1.
    ///
    /// # Errors
    /// [`Reason::TooFew`] without an item or with under two complete persons; [`Reason::NotApplicable`] if an answer is
    /// not finite or too large to be squared.
    pub fn listwise(data: &ItemMatrix) -> Result<Moments, StatError> {
        Moments::of_complete(&data.complete(), data.n())
    }

    /// Moments of persons who answered everything, out of so many.
    pub(crate) fn of_complete(complete: &ItemMatrix, all: usize) -> Result<Moments, StatError> {
        let (n, k) = (complete.n(), complete.k());
        if k < 1 || n < 2 {
            let message = format!("{n} persons answered all of {k} items");
            return Err(StatError::new(Reason::TooFew, message));
        }
        let columns = centred(complete)?;
        // Without gaps every item has the same sum beside any other.
        let sums: Vec<f64> = columns.iter().map(|column| column.sum_beside(column)).collect();
        let products = all_products(&columns);
        let scatter = |a: usize, b: usize| products[(a, b)] - sums[a] * sums[b] / n as f64;
        Ok(Moments {
            items: complete.items.clone(),
            n,
            dropped: all - n,
            missing: Missing::Listwise,
            metric: Metric::Covariances,
            mean: DVector::from_fn(k, |j, _| columns[j].centre + sums[j] / n as f64),
            covariance: symmetric(k, |a, b| scatter(a, b) / (n - 1) as f64),
            pairs: None,
            pair_correlation: None,
            fit: None,
        })
    }

    /// Moments pair by pair: each mean and variance of the persons who answered the item, each covariance of the persons
    /// who answered both, around the pair's own means, with divisor n − 1 of its own.
    ///
    /// # Errors
    /// [`Reason::TooFew`] without an item or if under two persons answered both items of a pair, which the message
    /// names; [`Reason::NotApplicable`] if an answer is not finite or too large to be squared.
    ///
    /// # Agrees with
    /// R's `cov(use = "pairwise")`.
    pub fn pairwise(data: &ItemMatrix) -> Result<Moments, StatError> {
        let k = data.k();
        if k < 1 {
            return Err(StatError::new(Reason::TooFew, "no item"));
        }
        let columns = centred(data)?;
        let mut covariance = DMatrix::zeros(k, k);
        let mut pair_correlation = DMatrix::identity(k, k);
        let (mut fewest, mut most) = (usize::MAX, 0);
        for a in 0..k {
            for b in 0..=a {
                let (scatter, n) = columns[a].scatter(&columns[b]);
                if n < 2 {
                    let pair = if a == b { data.items[a].clone() } else { pair_of(data, b, a) };
                    return Err(StatError::new(Reason::TooFew, format!("{n} persons answered {pair}")));
                }
                covariance[(a, b)] = scatter / (n - 1) as f64;
                covariance[(b, a)] = covariance[(a, b)];
                if a != b {
                    let squares =
                        columns[a].squares_beside(&columns[b]) * columns[b].squares_beside(&columns[a]);
                    pair_correlation[(a, b)] = scatter / squares.sqrt();
                    pair_correlation[(b, a)] = pair_correlation[(a, b)];
                }
                if a != b || k == 1 {
                    (fewest, most) = (fewest.min(n), most.max(n));
                }
            }
        }
        Ok(Moments {
            items: data.items.clone(),
            n: fewest,
            dropped: without_answers(data),
            missing: Missing::Pairwise,
            metric: Metric::Covariances,
            mean: DVector::from_fn(k, |j, _| columns[j].mean()),
            covariance,
            pairs: (fewest < most).then_some((fewest, most)),
            pair_correlation: Some(pair_correlation),
            fit: None,
        })
    }

    /// The moments under which the answers are likeliest, if they are normal: the EM algorithm over the distinct patterns
    /// of gaps, with divisor n.
    ///
    /// Each step replaces a missing answer by its regression on the person's other answers, and its square and products
    /// by their expectations; gaps that depend only on answers that were given do no harm.
    /// [`FitRecord::objective`] is the log-likelihood of the answers.
    ///
    /// # Errors
    /// [`Reason::TooFew`] without an item or with under two persons; [`Reason::AllMissing`] for an item that nobody
    /// answered; [`Reason::NotIdentified`] if nobody answered both items of a pair; [`Reason::Singular`] if answers
    /// to some items determine another (all with the items in the message); [`Reason::NotApplicable`] if an answer is
    /// not finite or too large to be squared. Not converged is no error: see [`Moments::fit`].
    ///
    /// # Agrees with
    /// The saturated moments of R's lavaan 0.6–0.7 (`missing = "ml"`).
    ///
    /// # Source
    /// Dempster, Laird and Rubin (1977), section 4.1; Little and Rubin (2020), chapter 11.
    pub fn em(data: &ItemMatrix) -> Result<Moments, StatError> {
        let found = em::maximise(data)?;
        Ok(Moments {
            items: data.items.clone(),
            n: found.n,
            dropped: data.n() - found.n,
            missing: Missing::Em,
            metric: Metric::Covariances,
            mean: found.mean,
            covariance: found.covariance,
            pairs: None,
            pair_correlation: None,
            fit: Some(found.fit),
        })
    }

    /// Moments that somebody else computed: n, means and covariances (divisor n − 1).
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] if the matrix is not a finite symmetric covariance matrix of as many items.
    pub fn given(
        items: Vec<String>,
        n: usize,
        mean: DVector<f64>,
        covariance: DMatrix<f64>,
    ) -> Result<Moments, StatError> {
        let k = items.len();
        let square = covariance.nrows() == k && covariance.ncols() == k && mean.len() == k;
        let finite = covariance.iter().chain(mean.iter()).all(|x| x.is_finite());
        let near = |(a, b): (usize, usize)| {
            let (x, y) = (covariance[(a, b)], covariance[(b, a)]);
            (x - y).abs() <= SYMMETRY * x.abs().max(y.abs()).max(1.0)
        };
        if !square || !finite || !(0..k).all(|a| (0..a).all(|b| near((a, b)))) {
            return Err(StatError::new(
                Reason::NotApplicable,
                "this is no symmetric matrix of finite numbers",
            ));
        }
        if (0..k).any(|j| covariance[(j, j)] < 0.0) {
            return Err(StatError::new(Reason::NotApplicable, "a variance is negative"));
        }
        Ok(Moments {
            items,
            n,
            dropped: 0,
            missing: Missing::Listwise,
            metric: Metric::Covariances,
            mean,
            covariance,
            pairs: None,
            pair_correlation: None,
            fit: None,
        })
    }

    /// Moments that somebody published, row by row; as [`Moments::given`].
    ///
    /// # Errors
    /// Those of [`Moments::given`].
    pub fn published(
        items: Vec<String>,
        n: usize,
        mean: &[f64],
        rows: &[Vec<f64>],
    ) -> Result<Moments, StatError> {
        let k = items.len();
        if rows.len() != k || rows.iter().any(|row| row.len() != k) {
            return Err(StatError::new(Reason::NotApplicable, "this is no matrix of so many items"));
        }
        let covariance = DMatrix::from_fn(k, k, |a, b| rows[a][b]);
        Moments::given(items, n, DVector::from_column_slice(mean), covariance)
    }

    /// The moments of scored answers, each a line over what was given: offset + slope · x (slope −1 where an item is reversed).
    pub fn rescored(&self, lines: &[(f64, f64)]) -> Moments {
        let k = self.k();
        let slope = |j: usize| lines[j].1;
        Moments {
            mean: DVector::from_fn(k, |j, _| lines[j].0 + slope(j) * self.mean[j]),
            covariance: DMatrix::from_fn(k, k, |a, b| slope(a) * slope(b) * self.covariance[(a, b)]),
            pair_correlation: None,
            ..self.clone()
        }
    }

    /// The smallest eigenvalue of the correlations; none where an item is constant.
    pub fn smallest_eigenvalue(&self) -> Option<f64> {
        let found = eigen(&self.correlation().ok()?)?;
        found.values.iter().copied().reduce(f64::min)
    }

    /// Whether the matrix is positive definite within rounding. A pairwise matrix need not be; a matrix of two identical
    /// items is not.
    pub fn is_positive_definite(&self) -> bool {
        PositiveDefinite::new(&self.covariance).is_some()
    }

    /// The moments of some of the items, in the order given. The persons behind them stay the same.
    pub fn select(&self, items: &[usize]) -> Moments {
        let k = items.len();
        Moments {
            items: items.iter().map(|j| self.items[*j].clone()).collect(),
            mean: DVector::from_fn(k, |j, _| self.mean[items[j]]),
            covariance: DMatrix::from_fn(k, k, |a, b| self.covariance[(items[a], items[b])]),
            pair_correlation: self
                .pair_correlation
                .as_ref()
                .map(|r| DMatrix::from_fn(k, k, |a, b| r[(items[a], items[b])])),
            ..self.clone()
        }
    }

    /// The same items with other covariances, of n persons drawn from those behind these.
    pub(crate) fn drawn(&self, n: usize, covariance: DMatrix<f64>) -> Moments {
        Moments { n, covariance, pair_correlation: None, ..self.clone() }
    }

    /// The correlations, k × k; exactly 1 in the diagonal.
    ///
    /// # Errors
    /// [`Reason::NoVariability`] with the items that everybody answered alike.
    pub fn correlation(&self) -> Result<DMatrix<f64>, StatError> {
        let k = self.k();
        let variance = |j: usize| self.covariance[(j, j)];
        let constant: Vec<&str> =
            (0..k).filter(|j| variance(*j) <= 0.0).map(|j| self.items[j].as_str()).collect();
        if !constant.is_empty() {
            return Err(StatError::new(
                Reason::NoVariability,
                format!("no variability in {}", constant.join(", ")),
            ));
        }
        let correlation = |a: usize, b: usize| self.covariance[(a, b)] / (variance(a) * variance(b)).sqrt();
        Ok(symmetric(k, |a, b| if a == b { 1.0 } else { correlation(a, b) }))
    }

    /// The correlations, each with the spread of the persons behind its own pair: what R's `cor(use = "pairwise")` gives.
    /// The same as [`Moments::correlation`] unless the moments are pairwise.
    ///
    /// # Errors
    /// [`Reason::NoVariability`] where an item is constant, among all or within a pair.
    pub fn pair_correlation(&self) -> Result<DMatrix<f64>, StatError> {
        let whole = self.correlation()?;
        match &self.pair_correlation {
            None => Ok(whole),
            Some(pairs) if pairs.iter().all(|r| r.is_finite()) => Ok(pairs.clone()),
            Some(_) => {
                let message = "an item is constant among those who answered another";
                Err(StatError::new(Reason::NoVariability, message))
            }
        }
    }

    /// The moments of the standardized items: means 0, and correlations in place of covariances.
    ///
    /// # Errors
    /// Those of [`Moments::correlation`].
    pub fn standardized(&self) -> Result<Moments, StatError> {
        let metric = match self.metric {
            Metric::Polychoric => Metric::Polychoric,
            Metric::Covariances | Metric::Correlations => Metric::Correlations,
        };
        Ok(Moments {
            covariance: self.correlation()?,
            mean: DVector::zeros(self.k()),
            metric,
            pair_correlation: None,
            ..self.clone()
        })
    }
}

/// Published matrices are rounded; anything beyond this is no rounding.
const SYMMETRY: f64 = 1e-6;

/// The columns around their centres.
pub(super) fn centred(data: &ItemMatrix) -> Result<Vec<Centred>, StatError> {
    let column = |j: usize| {
        let column = Centred::new(data.item(j));
        column.ok_or_else(|| {
            let message = format!("an answer to {} is not finite or too large", data.items[j]);
            StatError::new(Reason::NotApplicable, message)
        })
    };
    (0..data.k()).map(column).collect()
}

/// Two items in words.
pub(super) fn pair_of(data: &ItemMatrix, a: usize, b: usize) -> String {
    format!("both {} and {}", data.items[a], data.items[b])
}

fn without_answers(data: &ItemMatrix) -> usize {
    (0..data.n()).filter(|i| data.values().row(*i).iter().all(|x| x.is_nan())).count()
}
