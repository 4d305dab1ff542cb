//! Agreement of judges about one target: rwg, r*wg, a_wg, average deviation; and Finn's coefficient over targets.

use serde::Serialize;

use super::ratings::{CategoryList, Ratings};
use crate::statistic::{Estimate, Reason, StatError};

/// How judges would answer who know nothing: its variance is the yardstick of rwg.
#[derive(Debug, Clone, PartialEq)]
pub enum Null {
    /// Every category is equally likely.
    Uniform,
    /// Categories with these shares, one for each category from low to high; they are brought to a sum of one.
    Shares(Vec<f64>),
    /// One of [`NAMED_NULLS`].
    Named(NamedNull),
}

/// A null distribution by its name in the literature, known by its variance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NamedNull {
    /// The stable id.
    pub id: &'static str,
    /// How many categories it is for.
    pub categories: usize,
    /// Its variance.
    pub variance: f64,
    /// What the variance rests on: `recalled` values have not been read in their source.
    pub evidence: &'static str,
    /// Where it is said to stand.
    pub source: &'static str,
}

const LEBRETON_SENTER: &str = "LeBreton & Senter (2008), Organizational Research Methods 11, 815–852";

const fn recalled(id: &'static str, categories: usize, variance: f64) -> NamedNull {
    NamedNull { id, categories, variance, evidence: "recalled", source: LEBRETON_SENTER }
}

/// Skewed and triangular nulls of five and seven categories. All are recalled: confirm them in the source before citing,
/// or give the shares of your own null.
pub const NAMED_NULLS: [NamedNull; 8] = [
    recalled("slight_skew", 5, 1.34),
    recalled("moderate_skew", 5, 0.90),
    recalled("heavy_skew", 5, 0.44),
    recalled("triangular", 5, 1.32),
    recalled("slight_skew", 7, 2.90),
    recalled("moderate_skew", 7, 2.14),
    recalled("heavy_skew", 7, 1.39),
    recalled("triangular", 7, 2.10),
];

impl Null {
    /// The stable id: `uniform`, `given`, or the name.
    pub fn id(&self) -> &'static str {
        match self {
            Null::Uniform => "uniform",
            Null::Shares(_) => "given",
            Null::Named(named) => named.id,
        }
    }

    /// The variance of one random answer.
    ///
    /// # Errors
    /// [`Reason::NotApplicable`] where shares do not fit the categories, or the named null is for another number of
    /// them; [`Reason::NoVariability`] where the null has no variance.
    pub fn variance(&self, categories: &CategoryList) -> Result<f64, StatError> {
        let q = categories.len();
        let variance = match self {
            Null::Uniform => spread(categories.values(), &vec![1.0; q]),
            Null::Shares(shares) => {
                let sound =
                    shares.len() == q && shares.iter().all(|share| *share >= 0.0 && share.is_finite());
                if !sound {
                    let message =
                        format!("{} shares of a null distribution over {q} categories", shares.len());
                    return Err(StatError::new(Reason::NotApplicable, message));
                }
                spread(categories.values(), shares)
            }
            Null::Named(named) if named.categories == q => named.variance,
            Null::Named(named) => {
                let message =
                    format!("{} is a null of {} categories; these are {q}", named.id, named.categories);
                return Err(StatError::new(Reason::NotApplicable, message));
            }
        };
        if variance > 0.0 {
            Ok(variance)
        } else {
            Err(StatError::new(Reason::NoVariability, "the null distribution has no variance"))
        }
    }
}

/// The variance of a distribution (divisor: the sum of its weights).
fn spread(values: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total;
    values.iter().zip(weights).map(|(value, weight)| weight * (value - mean) * (value - mean)).sum::<f64>()
        / total
}

/// How far judges agree about one target, on the items of one scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WithinGroup {
    /// Judges with any answer.
    pub judges: usize,
    /// Items.
    pub items: usize,
    /// The null's id.
    pub null: &'static str,
    /// The variance of the null.
    pub null_variance: f64,
    /// rwg of each item; it may be negative.
    pub rwg: Vec<Estimate>,
    /// rwg(J) of the scale, the mean variance not exceeding the null's.
    pub rwg_j: Estimate,
    /// Lindell's r*wg: 1 − mean variance over null variance; it may be negative.
    pub r_star: Estimate,
    /// a_wg of each item.
    pub awg: Vec<Estimate>,
    /// The mean of the a_wg that exist.
    pub awg_mean: Estimate,
    /// The average deviation from the mean of each item.
    pub ad: Vec<Estimate>,
    /// The mean of the average deviations.
    pub ad_mean: Estimate,
}

/// Agreement of judges (units of `answers` are judges, its columns items) about one target.
///
/// With s²_j the variance of item j over judges (n − 1) and σ²_E that of the null:
/// rwg = 1 − s²/σ²_E; rwg(J) = J(1 − v) / (J(1 − v) + v) with v = min(1, mean s²_j / σ²_E);
/// r*wg = 1 − mean s²_j / σ²_E; a_wg = 1 − 2 s² / {[(H + L)M − M² − HL] k/(k − 1)} for k judges with mean M between the ends
/// L and H of the scale; AD = mean |x − M|.
///
/// # When it means what
/// Whether an average of several judges may stand for them. All but a_wg and AD depend on the null: a uniform one is
/// generous where answers crowd at the upper end, as they do with alliance, so put a skewed one beside it. AD is in points
/// of the scale; A/6 for A categories is a usual limit.
///
/// # Missing data
/// Each item uses the judges who answered it.
///
/// # None
/// `too_few` with under two judges on an item. a_wg is `not_applicable` where M lies outside
/// (L(k − 1) + H)/k … (H(k − 1) + L)/k, in which it is defined, and 1 where all judges gave H or all gave L. A scale
/// coefficient needs every item's variance.
///
/// # Errors
/// The null does not fit the categories.
///
/// # Agrees with
/// R package multilevel 2.8: `rwg`, `rwg.j`, `rwg.j.lindell`, `awg`, `ad.m`.
///
/// # Source
/// James, Demaree & Wolf (1984), Journal of Applied Psychology 69, 85–98. Lindell, Brandt & Whitney (1999), Applied
/// Psychological Measurement 23, 127–135. Brown & Hauenstein (2005), Organizational Research Methods 8, 165–184. Burke,
/// Finkelstein & Dusig (1999), Organizational Research Methods 2, 49–68.
///
/// ```
/// use alliance_metrics::agreement::{CategoryList, Null, Ratings, within_group};
/// let answers = Ratings::from_table(&[[5.0], [6.0], [6.0], [5.0], [7.0]]);
/// let agreement = within_group(&answers, &CategoryList::whole(1, 7), &Null::Uniform).unwrap();
/// assert_eq!(agreement.rwg[0].estimate, Some(0.825));
/// ```
pub fn within_group(
    answers: &Ratings,
    categories: &CategoryList,
    null: &Null,
) -> Result<WithinGroup, StatError> {
    let null_variance = null.variance(categories)?;
    let items: Vec<Vec<f64>> = (0..answers.raters())
        .map(|item| (0..answers.units()).filter_map(|judge| answers.get(judge, item)).collect())
        .collect();
    let variances: Vec<Option<f64>> = items.iter().map(|item| variance(item)).collect();
    let of_variance = |variance: &Option<f64>| match variance {
        Some(variance) => Estimate::point(1.0 - variance / null_variance),
        None => Estimate::none(Reason::TooFew),
    };
    let all: Option<Vec<f64>> = variances.iter().copied().collect();
    let share = all.filter(|all| !all.is_empty()).map(|all| mean(&all) / null_variance);
    let awg: Vec<Estimate> = items.iter().map(|item| awg(item, categories).into()).collect();
    let ad: Vec<Estimate> = items.iter().map(|item| average_deviation(item)).collect();
    Ok(WithinGroup {
        judges: (0..answers.units()).filter(|judge| answers.of_unit(*judge).next().is_some()).count(),
        items: items.len(),
        null: null.id(),
        null_variance,
        rwg: variances.iter().map(of_variance).collect(),
        rwg_j: share.map_or(Estimate::none(Reason::TooFew), |share| {
            let (share, j) = (share.min(1.0), items.len() as f64);
            Estimate::point(j * (1.0 - share) / (j * (1.0 - share) + share))
        }),
        r_star: share.map_or(Estimate::none(Reason::TooFew), |share| Estimate::point(1.0 - share)),
        awg_mean: mean_of(&awg),
        awg,
        ad_mean: mean_of(&ad),
        ad,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> Option<f64> {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
    (values.len() > 1).then(|| squares / (values.len() as f64 - 1.0))
}

/// The mean of the estimates that exist.
fn mean_of(estimates: &[Estimate]) -> Estimate {
    let known: Vec<f64> = estimates.iter().filter_map(|estimate| estimate.estimate).collect();
    match (known.is_empty(), estimates.first()) {
        (false, _) => Estimate::point(mean(&known)),
        (true, Some(first)) => *first,
        (true, None) => Estimate::none(Reason::TooFew),
    }
}

fn awg(item: &[f64], categories: &CategoryList) -> Result<Estimate, Reason> {
    let variance = variance(item).ok_or(Reason::TooFew)?;
    let (Some(low), Some(high)) = (categories.values().first(), categories.values().last()) else {
        return Err(Reason::NotApplicable);
    };
    let (k, centre) = (item.len() as f64, mean(item));
    if item.iter().all(|x| x == low) || item.iter().all(|x| x == high) {
        return Ok(Estimate::point(1.0));
    }
    // With a little room for a mean that is exactly at the end of the range.
    let room = 1e-12 * (high - low);
    let from = (low * (k - 1.0) + high) / k - room;
    let to = (high * (k - 1.0) + low) / k + room;
    if !(from..=to).contains(&centre) {
        return Err(Reason::NotApplicable);
    }
    let most = ((high + low) * centre - centre * centre - high * low) * k / (k - 1.0);
    Ok(Estimate::point(1.0 - 2.0 * variance / most))
}

fn average_deviation(item: &[f64]) -> Estimate {
    if item.len() < 2 {
        return Estimate::none(Reason::TooFew);
    }
    let centre = mean(item);
    Estimate::point(item.iter().map(|x| (x - centre).abs()).sum::<f64>() / item.len() as f64)
}

/// Finn's coefficient: rwg over many targets, 1 − MSW / σ²_E.
///
/// MSW is the mean square within units of a one-way analysis, σ²_E the variance of the null.
///
/// # When it means what
/// Units that hardly differ, for which ICC falls to zero although raters agree. It depends on the null.
///
/// # Missing data
/// Every unit with two ratings adds r − 1 degrees of freedom.
///
/// # None
/// `too_few` where no unit has two ratings.
///
/// # Errors
/// The null does not fit the categories.
///
/// # Agrees with
/// `irr::finn(model = "oneway")` 0.84.1, on complete units and with a uniform null.
///
/// # Source
/// Finn (1970), Educational and Psychological Measurement 30, 71–76.
///
/// ```
/// use alliance_metrics::agreement::{CategoryList, Null, Ratings, finn};
/// let ratings = Ratings::from_table(&[[5.0, 6.0], [6.0, 6.0]]);
/// let finn = finn(&ratings, &CategoryList::whole(1, 7), &Null::Uniform).unwrap();
/// assert_eq!(finn.estimate, Some(1.0 - 0.25 / 4.0));
/// ```
pub fn finn(ratings: &Ratings, categories: &CategoryList, null: &Null) -> Result<Estimate, StatError> {
    let null_variance = null.variance(categories)?;
    let (mut squares, mut df) = (0.0, 0.0);
    for unit in 0..ratings.units() {
        let own: Vec<f64> = ratings.of_unit(unit).collect();
        if let Some(variance) = variance(&own) {
            squares += variance * (own.len() as f64 - 1.0);
            df += own.len() as f64 - 1.0;
        }
    }
    if df == 0.0 {
        return Ok(Estimate::none(Reason::TooFew));
    }
    Ok(Estimate::point(1.0 - squares / df / null_variance))
}
