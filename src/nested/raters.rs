//! How many raters a coding needs.

use serde::Serialize;

use super::fitted::Status;
use super::generalizability::{Needed, TARGETS};
use super::mixed::{Care, variances};
use super::model::{Column, Groups, MixedModel, Random};
use crate::statistic::{Estimate, Reason, StatError};

/// What raters add to a rating, and how many make it reliable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RaterStudy {
    /// Ratings used.
    pub n: usize,
    /// What was rated.
    pub units: usize,
    /// Raters.
    pub raters: usize,
    /// The variance of what was rated.
    pub unit: f64,
    /// The variance of the raters' levels: leniency.
    pub rater: f64,
    /// The rest.
    pub residual: f64,
    /// The reliability of one rater's ratings where levels count.
    pub agreement: Estimate,
    /// The same where levels do not count.
    pub consistency: Estimate,
    /// How many raters reach .70, .80, .90.
    pub d_study: Vec<Needed>,
    /// How far the components can be trusted.
    pub status: Status,
}

/// Components of units and raters by restricted likelihood, and the raters that a target needs.
///
/// x_ij = μ + u_i + r_j + e_ij, all random. Agreement of the mean of k raters: s_u / (s_u + (s_r + s_e)/k); consistency:
/// s_u / (s_u + s_e/k). One rating a cell; cells may be missing.
///
/// # When
/// Sessions coded by several observers: how many should code the rest?
///
/// # Missing data
/// Ratings with a gap are left out; units and raters need not be crossed completely.
///
/// # Errors
/// Those of [`mixed`](super::mixed()): too few, not identified, no variability. No number of raters reaches a target where
/// units do not differ ([`Reason::Boundary`]).
///
/// # Agrees with
/// lme4 1.1-31 in the components.
///
/// # Source
/// Brennan, R. L. (2001). *Generalizability theory*. Springer.
///
/// ```
/// use alliance_metrics::nested::{rater_study, Column, Groups};
/// let session = Groups::new("session", [1, 1, 2, 2, 3, 3, 4, 4]);
/// let rater = Groups::new("rater", [1, 2, 1, 2, 1, 2, 1, 2]);
/// let ratings = vec![1.0, 2.0, 3.0, 5.0, 5.0, 6.0, 7.0, 8.0];
/// let found = rater_study(&Column::new("rating", ratings), &session, &rater).unwrap();
/// // Mean squares of a complete table: sessions 307/24, raters 25/8, rest 1/8.
/// assert!((found.unit - (307.0 / 24.0 - 1.0 / 8.0) / 2.0).abs() < 1e-5);
/// assert!((found.rater - (25.0 / 8.0 - 1.0 / 8.0) / 4.0).abs() < 1e-5);
/// assert_eq!(found.d_study[0].needed, Some(1));
/// ```
pub fn rater_study(ratings: &Column, units: &Groups, raters: &Groups) -> Result<RaterStudy, StatError> {
    let model = MixedModel::new(ratings.clone())
        .random(Random::intercept(units.clone()))
        .random(Random::intercept(raters.clone()));
    let fit = variances(&model, Care::Full)?;
    let (unit, rater) = (fit.variance(&units.name), fit.variance(&raters.name));
    let residual = fit.residual;
    let share = |noise: f64| match unit + noise {
        all if all > 0.0 => Estimate::point(unit / all),
        _ => Estimate::none(Reason::NoVariability),
    };
    let rows = [("agreement", rater + residual), ("consistency", residual)];
    let d_study = rows
        .iter()
        .flat_map(|(id, noise)| TARGETS.map(|target| Needed::new(id, "raters", unit, *noise, target)))
        .collect();
    let groups = |name: &str| fit.groups.iter().find(|own| own.name == name).map_or(0, |own| own.groups);
    Ok(RaterStudy {
        n: fit.n,
        units: groups(&units.name),
        raters: groups(&raters.name),
        unit,
        rater,
        residual,
        agreement: share(rater + residual),
        consistency: share(residual),
        d_study,
        status: fit.status,
    })
}
