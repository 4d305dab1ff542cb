//! Alpha of the normal variables behind ordered answers.

use super::alpha::alpha_of;
use super::statistics::Allowed;
use crate::moments::{Categories, ItemMatrix, PolychoricConfig, polychoric};
use crate::statistic::{Estimate, Reason, StatError};

/// Ordinal alpha: alpha of the polychoric correlations.
///
/// k/(k−1) · (1 − k/Σ r_ij), with r the k × k polychoric correlations.
///
/// It is the alpha of the sum of the normal variables that were cut into the answers, which nobody observes. It is not the
/// reliability of the score that is used, and is nearly always higher.
///
/// # Missing data
/// Listwise or pairwise; the likelihood of normal data with gaps is not for categories ([`Reason::NotApplicable`]).
///
/// # Errors
/// Those of [`polychoric`]. The estimate is marked [`Reason::Boundary`] where a correlation has gone to ±1 and
/// [`Reason::NotPositiveDefinite`] where the matrix is none of any variables.
///
/// # Agrees with
/// lavaan 0.7 `lavCor` with alpha of its matrix; psych 2.5 `alpha` of `polychoric`, which puts half a person into empty cells,
/// to the third decimal.
///
/// # Source
/// Zumbo, B. D., Gadermann, A. M., & Zeisser, C. (2007). Ordinal versions of coefficients alpha and theta for Likert rating
/// scales. Journal of Modern Applied Statistical Methods, 6, 21–29.
///
/// ```
/// use alliance_metrics::moments::{Categories, PolychoricConfig};
/// use alliance_metrics::reliability::ordinal_alpha;
/// // Two halves cut at the median, three quarters alike: r = sin(π/4), alpha = 2r/(1 + r).
/// let codes = vec![vec![0, 0, 0, 0, 1, 1, 1, 1], vec![0, 0, 0, 1, 1, 1, 1, 0]];
/// let data = Categories::new(["a", "b"].map(String::from).to_vec(), vec![2, 2], codes).unwrap();
/// let alpha = ordinal_alpha(&data, &PolychoricConfig::default()).unwrap();
/// assert!((alpha.estimate.unwrap() - (2.0 * 2.0_f64.sqrt() - 2.0)).abs() < 1e-10);
/// ```
pub fn ordinal_alpha(data: &Categories, config: &PolychoricConfig) -> Result<Estimate, StatError> {
    let found = polychoric(data, config)?;
    let estimate = Estimate::point(alpha_of(&found.correlation)?);
    let at_the_edge = found.pairs.iter().any(|pair| pair.boundary);
    Ok(match (at_the_edge, found.positive_definite) {
        (true, _) => estimate.because(Reason::Boundary),
        (false, false) => estimate.because(Reason::NotPositiveDefinite),
        (false, true) => estimate,
    })
}

/// Scored answers as categories of the allowed points; none unless every item has points and every answer is one.
pub fn categories(data: &ItemMatrix, allowed: &[Allowed]) -> Option<Categories> {
    if allowed.len() != data.k() {
        return None;
    }
    let declared: Option<Vec<u8>> =
        allowed.iter().map(|a| u8::try_from(a.points.len()).ok().filter(|n| *n > 1 && *n < GAP)).collect();
    let column = |(j, allowed): (usize, &Allowed)| {
        let (low, step) = (allowed.points[0], allowed.points[1] - allowed.points[0]);
        let code = |x: &f64| {
            if x.is_nan() {
                return Some(GAP);
            }
            let at = ((x - low) / step).round();
            let is_point =
                allowed.points.get(at as usize).is_some_and(|point| (point - x).abs() <= NEAR * step);
            (at >= 0.0 && is_point).then_some(at as u8)
        };
        data.item(j).iter().map(code).collect::<Option<Vec<u8>>>()
    };
    let declared = declared?;
    let codes: Option<Vec<Vec<u8>>> = allowed.iter().enumerate().map(column).collect();
    Categories::new(data.items.clone(), declared, codes?).ok()
}

/// The code of a gap, as in [`Categories`].
const GAP: u8 = u8::MAX;
/// Half a rounding: points are sums of a bound and steps.
const NEAR: f64 = 1e-9;
