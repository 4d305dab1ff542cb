//! The one-factor model with its test and standard errors.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::likelihood::{Likelihood, Point};
use super::search::{Loadings, fit_one_factor, of_equal_loadings};
use crate::moments::{Metric, Missing, Moments};
use crate::numeric::distribution::chi_square_sf;
use crate::numeric::matrix::PositiveDefinite;
use crate::statistic::{FitRecord, Reason, StatError, Stop};

/// What to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OneFactorConfig {
    /// Free or equal loadings.
    pub loadings: Loadings,
}

/// One factor by maximum likelihood.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OneFactor {
    /// The ids of the items.
    pub items: Vec<String>,
    /// Persons.
    pub n: usize,
    /// How gaps were settled.
    pub missing: Missing,
    /// What was fitted to.
    pub metric: Metric,
    /// The configuration.
    pub config: OneFactorConfig,
    /// k loadings in the units of the items, on a factor of variance 1; their sum is not negative.
    pub loadings: Vec<f64>,
    /// k uniquenesses: variances that are not the factor's.
    pub uniquenesses: Vec<f64>,
    /// The loadings of items of model variance 1.
    pub standardized: Vec<f64>,
    /// Standard errors of the loadings, by expected information.
    pub loadings_se: Option<Vec<f64>>,
    /// Standard errors of the uniquenesses.
    pub uniquenesses_se: Option<Vec<f64>>,
    /// n times the discrepancy.
    pub chi_square: Option<f64>,
    /// k(k + 1)/2 less the number of parameters.
    pub df: usize,
    /// The chance of so large a chi-square if the model holds; none without degrees of freedom.
    pub p: Option<f64>,
    /// Why there is no chi-square, or no p.
    pub reason: Option<Reason>,
    /// Whether no uniqueness is negative. If not, no number of this model should be used without saying so.
    pub admissible: bool,
    /// How the search ended.
    pub fit: FitRecord,
    /// Covariances of the estimates, loadings first, 2k × 2k; not for EM moments, whose n is no n of complete persons.
    #[serde(skip)]
    pub parameter_covariance: Option<DMatrix<f64>>,
}

/// Fits one factor by maximum likelihood.
///
/// Σ = λλ′ + Ψ with λ the k × 1 loadings and Ψ the diagonal of the k uniquenesses; minimises
/// F = ln|Σ| + tr(SΣ⁻¹) − ln|S| − k, S the covariances with divisor n (a correlation matrix as it stands). Chi-square is nF;
/// the covariances of the estimates are 2/n times the inverse of the expected second derivatives of F.
///
/// # When it means what
/// The model behind omega: one common factor, errors that do not correlate. With three items it always fits.
/// Uniquenesses may become negative (Heywood cases): the solution is then marked as not admissible, not repaired.
///
/// # Missing data
/// Settled in the moments. Pairwise moments lend their smallest pair count as n. EM moments give estimates without
/// chi-square and standard errors ([`Reason::NotApplicable`]).
///
/// # Errors
/// Those of [`fit_one_factor`]. Chi-square is `None` if S is singular ([`Reason::Singular`]) or not positive definite,
/// or the search did not converge.
///
/// # Agrees with
/// R's lavaan 0.6–0.7 (`cfa(std.lv = TRUE)`, likelihood "normal"), which gives the same up to its own tolerance.
///
/// # Source
/// Jöreskog (1969); McDonald (1999), chapter 6.
///
/// ```
/// use alliance_metrics::factor::{OneFactorConfig, one_factor};
/// use alliance_metrics::moments::Moments;
/// use nalgebra::{DMatrix, DVector};
/// // Covariances with divisor n − 1 of loadings 2, 1, 3 and uniquenesses 1, 2, 3, times 11/10.
/// let c = [5.0, 2.0, 6.0, 2.0, 3.0, 3.0, 6.0, 3.0, 12.0].map(|x: f64| x * 1.1);
/// let c = DMatrix::from_row_slice(3, 3, &c);
/// let items = ["a", "b", "c"].map(String::from).to_vec();
/// let moments = Moments::given(items, 11, DVector::zeros(3), c).unwrap();
/// let fitted = one_factor(&moments, &OneFactorConfig::default()).unwrap();
/// assert!((fitted.loadings[2] - 3.0).abs() < 1e-8 && (fitted.uniquenesses[1] - 2.0).abs() < 1e-8);
/// assert_eq!(fitted.df, 0);
/// ```
pub fn one_factor(moments: &Moments, config: &OneFactorConfig) -> Result<OneFactor, StatError> {
    let (k, n) = (moments.k(), moments.n as f64);
    moments.correlation()?; // names the items that do not vary
    let rescaled = match moments.metric {
        Metric::Covariances => moments.divisor() / n,
        Metric::Correlations | Metric::Polychoric => 1.0,
    };
    let covariance = &moments.covariance * rescaled;
    let solution = fit_one_factor(&covariance, config.loadings, None)?;
    let parameters = k + match config.loadings {
        Loadings::Free => k,
        Loadings::Equal => 1,
    };
    let df = k * (k + 1) / 2 - parameters;
    let (chi_square, p, reason) = match why_no_test(moments, &solution.fit) {
        Some(reason) => (None, None, Some(reason)),
        None => {
            let statistic = (n * solution.fit.objective).max(0.0);
            let p = (df > 0).then(|| chi_square_sf(statistic, df as f64));
            (Some(statistic), p, p.is_none().then_some(Reason::NotApplicable))
        }
    };
    let point = Point { loadings: solution.loadings.clone(), uniquenesses: solution.uniquenesses.clone() };
    let parameter_covariance = (moments.missing != Missing::Em)
        .then(|| parameter_covariance(&covariance, &point, config.loadings, n))
        .flatten();
    let se = |from: usize| {
        let root = |covariance: &DMatrix<f64>| {
            (from..from + k).map(|j| covariance[(j, j)].max(0.0).sqrt()).collect::<Vec<f64>>()
        };
        parameter_covariance.as_ref().map(root)
    };
    let standardized = |(l, u): (&f64, &f64)| l / (l * l + u).sqrt();
    Ok(OneFactor {
        items: moments.items.clone(),
        n: moments.n,
        missing: moments.missing,
        metric: moments.metric,
        config: *config,
        standardized: solution.loadings.iter().zip(&solution.uniquenesses).map(standardized).collect(),
        loadings_se: se(0),
        uniquenesses_se: se(k),
        loadings: solution.loadings,
        uniquenesses: solution.uniquenesses,
        chi_square,
        df,
        p,
        reason,
        admissible: solution.admissible,
        fit: solution.fit,
        parameter_covariance,
    })
}

fn why_no_test(moments: &Moments, fit: &FitRecord) -> Option<Reason> {
    if moments.missing == Missing::Em {
        return Some(Reason::NotApplicable);
    }
    if !moments.is_positive_definite() {
        let complete = moments.missing == Missing::Listwise && moments.metric != Metric::Polychoric;
        return Some(if complete { Reason::Singular } else { Reason::NotPositiveDefinite });
    }
    (fit.stop != Stop::Converged).then_some(Reason::NotConverged)
}

fn parameter_covariance(
    covariance: &DMatrix<f64>,
    point: &Point,
    loadings: Loadings,
    n: f64,
) -> Option<DMatrix<f64>> {
    let k = point.loadings.len();
    let full = Likelihood::at(covariance, point)?.information();
    let scale = 2.0 / n;
    match loadings {
        Loadings::Free => Some(PositiveDefinite::new(&full)?.inverse() * scale),
        Loadings::Equal => {
            let inverse = PositiveDefinite::new(&of_equal_loadings(&full))?.inverse() * scale;
            let at = |j: usize| if j < k { 0 } else { j - k + 1 };
            Some(DMatrix::from_fn(2 * k, 2 * k, |a, b| inverse[(at(a), at(b))]))
        }
    }
}

impl OneFactor {
    /// The variance that the model implies for the sum of the items.
    pub fn implied_variance(&self) -> f64 {
        let sum: f64 = self.loadings.iter().sum();
        sum * sum + self.uniquenesses.iter().sum::<f64>()
    }

    /// The covariances that the model implies, k × k, with divisor n.
    pub fn implied(&self) -> DMatrix<f64> {
        let k = self.loadings.len();
        DMatrix::from_fn(k, k, |a, b| {
            let own = if a == b { self.uniquenesses[a] } else { 0.0 };
            own + self.loadings[a] * self.loadings[b]
        })
    }

    /// The variance of a function of the estimates by the delta method: g′Vg, from its derivatives by each loading and by
    /// each uniqueness.
    ///
    /// # Panics
    /// Where there are not k derivatives of each kind.
    pub fn delta_variance(&self, by_loading: &[f64], by_uniqueness: &[f64]) -> Option<f64> {
        let k = self.loadings.len();
        assert!(by_loading.len() == k && by_uniqueness.len() == k, "one derivative a parameter");
        let covariance = self.parameter_covariance.as_ref()?;
        let both = by_loading.iter().chain(by_uniqueness).copied();
        let gradient = DVector::from_iterator(2 * k, both);
        Some(gradient.dot(&(covariance * &gradient))).filter(|v| v.is_finite() && *v >= 0.0)
    }
}

/// Equal against free loadings of the one-factor model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EqualLoadings {
    /// Free loadings.
    pub free: OneFactor,
    /// Equal loadings.
    pub equal: OneFactor,
    /// The difference of the two chi-squares.
    pub chi_square: Option<f64>,
    /// k − 1.
    pub df: usize,
    /// The chance of so large a difference if loadings are equal.
    pub p: Option<f64>,
    /// Why there is no test.
    pub reason: Option<Reason>,
}

/// Tests whether alpha's assumption is tenable: are the loadings of one factor equal?
///
/// The chi-square of equal loadings less that of free loadings, on k − 1 degrees of freedom (see [`one_factor`]).
///
/// # When it means what
/// A small p says that alpha understates the reliability that omega estimates, if one factor is the right model at all:
/// look at the chi-square of free loadings first. In large samples small differences are significant.
///
/// # Missing data
/// Settled in the moments; no test for EM moments.
///
/// # Errors
/// Those of [`one_factor`]: three items at least.
///
/// # Agrees with
/// R's lavaan 0.6–0.7, `lavTestLRT` of the two models.
///
/// # Source
/// Jöreskog (1971); Graham (2006).
///
/// ```
/// use alliance_metrics::factor::equal_loadings;
/// use alliance_metrics::moments::Moments;
/// use nalgebra::{DMatrix, DVector};
/// let c = DMatrix::from_fn(4, 4, |a, b| if a == b { 2.0 } else { 1.0 });
/// let items = ["a", "b", "c", "d"].map(String::from).to_vec();
/// let tested = equal_loadings(&Moments::given(items, 50, DVector::zeros(4), c).unwrap()).unwrap();
/// assert!(tested.chi_square.unwrap() < 1e-9 && tested.df == 3);
/// ```
pub fn equal_loadings(moments: &Moments) -> Result<EqualLoadings, StatError> {
    let free = one_factor(moments, &OneFactorConfig { loadings: Loadings::Free })?;
    let equal = one_factor(moments, &OneFactorConfig { loadings: Loadings::Equal })?;
    let df = equal.df - free.df;
    let difference = equal.chi_square.zip(free.chi_square).map(|(equal, free)| (equal - free).max(0.0));
    Ok(EqualLoadings {
        chi_square: difference,
        df,
        p: difference.map(|x| chi_square_sf(x, df as f64)),
        reason: if difference.is_some() { None } else { equal.reason.or(free.reason) },
        free,
        equal,
    })
}
