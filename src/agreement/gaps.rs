//! Intraclass correlations of ratings with gaps, from variance components by restricted likelihood.

use serde::Serialize;

use super::icc::{Components, IccForm};
use super::ratings::Ratings;
use crate::nested::{
    Column, DegreesOfFreedom, Groups, Mixed, MixedConfig, MixedModel, Random, Status, mixed,
};
use crate::statistic::{Estimate, FitRecord, Reason, StatError};

/// Intraclass correlations of all ratings, gaps or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IccReml {
    /// Units with a rating.
    pub n: usize,
    /// Raters with a rating.
    pub raters: usize,
    /// Ratings.
    pub ratings: usize,
    /// The harmonic mean of the number of ratings of a unit: the k of the forms of means.
    pub k: f64,
    /// Variance components with units crossed with raters.
    pub components: Components,
    /// Variance components with raters nested in units; that of raters is part of the residual.
    pub one_way: Components,
    /// The six forms, without intervals, in the order of [`IccForm::ALL`].
    pub forms: Vec<(IccForm, Estimate)>,
    /// How far the crossed model can be trusted: a component at 0 is `singular`.
    pub status: Status,
    /// How its search ended.
    pub fit: FitRecord,
}

impl IccReml {
    /// One of the forms.
    pub fn form(&self, form: IccForm) -> Estimate {
        let found = self.forms.iter().find(|(own, _)| *own == form);
        found.map_or(Estimate::none(Reason::NotApplicable), |(_, estimate)| *estimate)
    }
}

/// Raters crossed with units fill a square matrix of their own, whose factor costs their number cubed.
const MOST_RATERS: usize = 300;
/// A minute of search, about.
const MOST_RATINGS: usize = 2_000_000;

/// Intraclass correlations from every rating, by restricted maximum likelihood.
///
/// y_ij = μ + u_i + r_j + e_ij with variances σ²_u, σ²_r, σ²_e: ICC(A,1) = σ²_u / (σ²_u + σ²_r + σ²_e),
/// ICC(C,1) = σ²_u / (σ²_u + σ²_e); the forms of means divide what is not σ²_u by k, the harmonic mean number of ratings of a
/// unit. ICC(1) from the model without raters.
///
/// # When it means what
/// As [`icc`](super::icc()); use it where some units were not rated by everybody. Gaps may depend on what was rated, not on
/// what would have been.
///
/// # Missing data
/// Every rating takes part; units with one rating tell about raters and totals.
///
/// # None
/// Components are not below 0 here; where σ²_u ends at 0 the estimate is 0 (status `singular`). Without limits
/// (`not_applicable`): for those see the units that all raters rated. `no_variability` where nothing varies.
///
/// # Errors
/// [`Reason::TooFew`] with under two units or raters, or where raters share no unit; those of
/// [`mixed`](crate::nested::mixed()). [`Reason::NotApplicable`] beyond 300 raters or 2 000 000 ratings.
///
/// # Agrees with
/// lme4 1.1-31, `y ~ 1 + (1 | unit) + (1 | rater)`; with [`icc`](super::icc()) on complete ratings whose components are
/// positive. `psych::ICC(lmer = TRUE)` uses the same components and the number of raters for k.
///
/// # Source
/// McGraw & Wong (1996), Psychological Methods 1, 30–46; ten Hove, Jorgensen & van der Ark (2024), Psychological Methods
/// 29, 967–979, for k and gaps.
///
/// ```
/// use alliance_metrics::agreement::{IccForm, Ratings, icc_reml};
/// let ratings = Ratings::from_rows(&[
///     vec![Some(9.0), Some(2.0), Some(5.0), Some(8.0)], vec![Some(6.0), Some(1.0), Some(3.0), Some(2.0)],
///     vec![Some(8.0), Some(4.0), Some(6.0), Some(8.0)], vec![Some(7.0), Some(1.0), Some(2.0), Some(6.0)],
///     vec![Some(10.0), Some(5.0), Some(6.0), Some(9.0)], vec![Some(6.0), Some(2.0), Some(4.0), Some(7.0)],
/// ]);
/// let icc = icc_reml(&ratings).unwrap();
/// assert!((icc.form(IccForm::Agreement).estimate.unwrap() - 0.289_763_78).abs() < 1e-5);
/// ```
pub fn icc_reml(ratings: &Ratings) -> Result<IccReml, StatError> {
    let cells: Vec<(usize, usize, f64)> = (0..ratings.units())
        .flat_map(|unit| (0..ratings.raters()).map(move |rater| (unit, rater)))
        .filter_map(|(unit, rater)| Some((unit, rater, ratings.get(unit, rater)?)))
        .collect();
    let units = Groups::new("unit", cells.iter().map(|cell| cell.0));
    let raters = Groups::new("rater", cells.iter().map(|cell| cell.1));
    let (n, k) = (units.len(), raters.len());
    if n < 2 || k < 2 || cells.len() <= n.max(k) {
        let message =
            format!("{} ratings of {n} units by {k} raters: too few that share a unit", cells.len());
        return Err(StatError::new(Reason::TooFew, message));
    }
    if k > MOST_RATERS || cells.len() > MOST_RATINGS {
        let message = format!(
            "{} ratings by {k} raters: restricted likelihood goes up to {MOST_RATINGS} ratings and {MOST_RATERS} raters; the forms of the units that everybody rated have no such bound",
            cells.len()
        );
        return Err(StatError::new(Reason::NotApplicable, message));
    }
    let first = cells[0].2;
    if cells.iter().all(|cell| cell.2 == first) {
        return Err(StatError::new(Reason::NoVariability, format!("all ratings are {first}")));
    }
    let y = Column::new("rating", cells.iter().map(|cell| cell.2).collect());
    let config = MixedConfig { df: DegreesOfFreedom::Normal, ..MixedConfig::default() };
    let one_way = MixedModel::new(y).random(Random::intercept(units.clone()));
    let crossed = mixed(&one_way.clone().random(Random::intercept(raters)), &config)?;
    let one_way = mixed(&one_way, &config)?;
    let components = |fit: &Mixed| Components {
        unit: fit.variance("unit").unwrap_or(0.0),
        rater: fit.variance("rater").unwrap_or(0.0),
        residual: fit.residual_variance(),
    };
    let counts = (0..ratings.units()).map(|unit| ratings.of_unit(unit).count()).filter(|count| *count > 0);
    let harmonic = n as f64 / counts.map(|count| 1.0 / count as f64).sum::<f64>();
    let (two, one) = (components(&crossed), components(&one_way));
    let forms = IccForm::ALL.map(|form| {
        let (unit, error) = match form {
            IccForm::OneWay | IccForm::OneWayMean => (one.unit, one.residual),
            IccForm::Agreement | IccForm::AgreementMean => (two.unit, two.rater + two.residual),
            IccForm::Consistency | IccForm::ConsistencyMean => (two.unit, two.residual),
        };
        let error = if form.is_mean() { error / harmonic } else { error };
        let value = match unit + error > 0.0 {
            true => Estimate::point(unit / (unit + error)).because(Reason::NotApplicable),
            false => Estimate::none(Reason::NoVariability),
        };
        (form, value)
    });
    Ok(IccReml {
        n,
        raters: k,
        ratings: cells.len(),
        k: harmonic,
        components: two,
        one_way: one,
        forms: forms.to_vec(),
        status: crossed.status,
        fit: crossed.fit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_raters_is_refused_in_words() {
        let mut ratings = Ratings::empty(400, MOST_RATERS + 1);
        for unit in 0..400 {
            ratings.set(unit, unit % (MOST_RATERS + 1), unit as f64);
            ratings.set(unit, (unit + 1) % (MOST_RATERS + 1), 1.0);
        }
        let error = icc_reml(&ratings).unwrap_err();
        assert_eq!(error.reason, Reason::NotApplicable);
        assert!(error.to_string().contains("goes up to 2000000 ratings and 300 raters"), "{error}");
    }
}
