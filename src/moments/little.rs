//! Whether gaps depend on the answers: Little's test.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::em;
use super::matrix::ItemMatrix;
use crate::numeric::distribution::chi_square_sf;
use crate::statistic::{FitRecord, Reason, StatError};

/// What the covariances of [`little`] are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Divisor {
    /// n: those of the likelihood.
    #[default]
    N,
    /// n − 1: unbiased without gaps.
    NMinusOne,
}

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LittleConfig {
    /// What the covariances are divided by.
    pub divisor: Divisor,
}

/// Little's test, and what it was computed from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Little {
    /// d².
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: usize,
    /// The chance of so large a d² or a larger one if gaps depend on nothing; none without gaps.
    pub p: Option<f64>,
    /// Why there is no p.
    pub reason: Option<Reason>,
    /// Persons with any answer.
    pub n: usize,
    /// Items.
    pub k: usize,
    /// Distinct patterns of gaps among them.
    pub patterns: usize,
    /// The means of the items under which the answers are likeliest, as in [`Moments::em`](super::Moments::em).
    #[serde(skip)]
    pub mean: DVector<f64>,
    /// Their covariances, with divisor n.
    #[serde(skip)]
    pub covariance: DMatrix<f64>,
    /// How it was done.
    pub config: LittleConfig,
    /// How the moments were found.
    pub fit: FitRecord,
}

/// Little's test that answers are missing completely at random.
///
/// d² = Σ n_p (ȳ_p − μ_o)′ Σ_oo⁻¹ (ȳ_p − μ_o) over the patterns p of gaps, with n_p persons, means ȳ_p of the items o that
/// they answered, and the moments μ, Σ of the EM algorithm; df = Σ |o| − k.
///
/// # When it means what
/// A small p says that persons with different gaps answered differently, so leaving persons with gaps out may bias
/// what is left. A large p is no proof that gaps are random; with small patterns the test has little power.
///
/// # Missing data
/// Is its subject. Persons without any answer are left out.
///
/// # Errors
/// Those of [`Moments::em`](super::Moments::em); [`Reason::NoVariability`] if everybody answered an item alike. Without
/// gaps, or with one pattern, there is no p ([`Reason::NotApplicable`]).
///
/// # Agrees with
/// The same formula over lavaan's saturated moments; R packages that use the covariances with divisor n − 1 differ by
/// the factor (n − 1)/n: [`Divisor::NMinusOne`].
///
/// # Source
/// Little (1988), equation 5.
///
/// ```
/// use alliance_metrics::moments::{ItemMatrix, LittleConfig, little};
/// let gap = f64::NAN;
/// let rows = [[1.0, 2.0], [2.0, 2.0], [4.0, 5.0], [5.0, 3.0], [3.0, gap], [5.0, gap]];
/// let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
/// let data = ItemMatrix::from_rows(vec!["a".into(), "b".into()], &rows);
/// let test = little(&data, &LittleConfig::default()).unwrap();
/// // Four with mean 3 and two with mean 4 of the first item, whose variance over n is 20/9: 4/9² + 2(6/9)² over that.
/// assert!((test.statistic - (4.0 / 9.0 + 2.0 * 4.0 / 9.0) / (20.0 / 9.0)).abs() < 1e-12);
/// assert_eq!(test.df, 1);
/// ```
pub fn little(data: &ItemMatrix, config: &LittleConfig) -> Result<Little, StatError> {
    let found = em::maximise(data)?;
    if let Some(j) = (0..data.k()).find(|j| found.covariance[(*j, *j)] <= 0.0) {
        return Err(StatError::new(Reason::NoVariability, format!("no variability in {}", data.items[j])));
    }
    let groups = em::groups(data)?;
    let mut statistic = 0.0;
    for group in &groups {
        let offset = group.offset(&found.mean);
        statistic += group.n as f64 * group.factored(&found.covariance, &data.items)?.distance(&offset);
    }
    if config.divisor == Divisor::NMinusOne {
        statistic *= (found.n - 1) as f64 / found.n as f64;
    }
    let df = groups.iter().map(|group| group.answered.len()).sum::<usize>() - data.k();
    let p = (df > 0).then(|| chi_square_sf(statistic, df as f64));
    Ok(Little {
        statistic,
        df,
        p,
        reason: p.is_none().then_some(Reason::NotApplicable),
        n: found.n,
        k: data.k(),
        patterns: groups.len(),
        mean: found.mean,
        covariance: found.covariance,
        config: *config,
        fit: found.fit,
    })
}
