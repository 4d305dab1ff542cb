//! Test and retest: how alike two occasions are, and what change is more than error.

use serde::Serialize;

use super::change::Detectable;
use super::series::mean;
use crate::agreement::{IccConfig, IccForm, MeanSquares, Ratings, icc};
use crate::numeric::distribution::t_quantile;
use crate::statistic::{Estimate, Reason, StatError};

/// Test and retest of one scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Retest {
    /// Persons with a score on both occasions.
    pub n: usize,
    /// Means on the two occasions.
    pub means: [f64; 2],
    /// Standard deviations on the two occasions.
    pub sds: [f64; 2],
    /// ICC(A,1): scores are alike, systematic change counting against it.
    pub icc_agreement: Estimate,
    /// ICC(C,1): persons keep their order and distances.
    pub icc_consistency: Estimate,
    /// Standard error of measurement with differences between occasions, and the change that exceeds it.
    pub agreement: Option<Detectable>,
    /// Standard error of measurement without them, and the change that exceeds it.
    pub consistency: Option<Detectable>,
    /// Second minus first occasion, with a t interval.
    pub mean_difference: Estimate,
    /// Standard deviation of the differences.
    pub sd_difference: f64,
    /// Limits of agreement, mean difference ± 1.96 SD of the differences.
    pub limits: [f64; 2],
}

/// Test–retest reliability, measurement error and smallest detectable change, from scores on two occasions.
///
/// ICC(A,1) and ICC(C,1) of persons × occasions; SEM(agreement) = √(σ²_occasion + σ²_error), SEM(consistency) = √σ²_error;
/// smallest detectable change 1.96 √2 SEM; limits of agreement d̄ ± 1.96 s_d.
///
/// Meant for two occasions between which nothing should have changed. Where it has, the agreement forms count it as error.
///
/// # Missing data
/// Persons without a score on both occasions are left out by the caller.
///
/// # Errors
/// [`Reason::TooFew`] for under three persons, [`Reason::NotApplicable`] for scores that are not finite. A coefficient that is not
/// defined has a reason.
///
/// # Agrees with
/// psych 2.5.3 `ICC(lmer = FALSE)`.
///
/// # Source
/// McGraw & Wong (1996), Psychological Methods 1; de Vet et al. (2006), Journal of Clinical Epidemiology 59; Bland & Altman (1986),
/// Lancet 327.
///
/// ```
/// use alliance_metrics::session::retest;
/// let found = retest(&[[4.0, 4.5], [5.0, 5.0], [6.0, 6.5], [3.0, 3.0]], 0.95).unwrap();
/// assert_eq!(found.mean_difference.estimate, Some(0.25));
/// assert!(found.icc_consistency.estimate.unwrap() > 0.9);
/// ```
pub fn retest(pairs: &[[f64; 2]], level: f64) -> Result<Retest, StatError> {
    let n = pairs.len();
    if n < 3 {
        let message = format!("{n} persons with scores on both occasions, 3 are needed");
        return Err(StatError::new(Reason::TooFew, message));
    }
    if pairs.iter().flatten().any(|score| !score.is_finite()) {
        return Err(StatError::new(Reason::NotApplicable, "a score is not a finite number"));
    }
    let occasion = |at: usize| pairs.iter().map(|pair| pair[at]).collect::<Vec<f64>>();
    let (first, second) = (occasion(0), occasion(1));
    let differences: Vec<f64> = pairs.iter().map(|pair| pair[1] - pair[0]).collect();
    let sd = |values: &[f64]| super::series::variance(values).unwrap_or(0.0).sqrt();
    let (shift, sd_difference) = (mean(&differences), sd(&differences));
    let se = sd_difference / (n as f64).sqrt();
    let reach = t_quantile(0.5 + 0.5 * level, (n - 1) as f64) * se;
    let squares = MeanSquares::of(&Ratings::from_table(pairs))?;
    let found = icc(&squares, &IccConfig { level });
    let detectable = |error: f64| error.is_finite().then(|| Detectable::from_error(error));
    Ok(Retest {
        n,
        means: [mean(&first), mean(&second)],
        sds: [sd(&first), sd(&second)],
        icc_agreement: found.form(IccForm::Agreement),
        icc_consistency: found.form(IccForm::Consistency),
        agreement: detectable(found.se_agreement),
        consistency: detectable(found.se_consistency),
        mean_difference: Estimate::point(shift).with_se(se).with_interval(
            "t",
            level,
            shift - reach,
            shift + reach,
        ),
        sd_difference,
        limits: [shift - 1.96 * sd_difference, shift + 1.96 * sd_difference],
    })
}
