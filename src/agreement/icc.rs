//! Intraclass correlations: the six forms, from the mean squares of units by raters.

use serde::Serialize;

use super::ratings::Ratings;
use crate::numeric::distribution::{f_quantile, f_sf};
use crate::statistic::{Estimate, Reason, StatError};

/// Mean squares of `n` units rated by the same `k` raters, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanSquares {
    /// Units.
    pub n: usize,
    /// Raters.
    pub k: usize,
    /// Between units, n − 1 degrees of freedom.
    pub units: f64,
    /// Within units, n(k − 1).
    pub within: f64,
    /// Between raters, k − 1.
    pub raters: f64,
    /// Residual, (n − 1)(k − 1).
    pub residual: f64,
}

/// A sum of squares below this share of the total is the rounding of the ratings' decimals, not variation.
const ROUNDING: f64 = 1e-24;

impl MeanSquares {
    /// The mean squares of the units that every rater rated.
    ///
    /// # Errors
    /// [`Reason::TooFew`] with under two raters or complete units.
    pub fn of(ratings: &Ratings) -> Result<MeanSquares, StatError> {
        let complete = ratings.complete();
        let (n, k) = (complete.units(), complete.raters());
        if n < 2 || k < 2 {
            let message = format!("{n} units that all of {k} raters rated; it needs two of both");
            return Err(StatError::new(Reason::TooFew, message));
        }
        let (nf, kf) = (n as f64, k as f64);
        let grand = complete.all().sum::<f64>() / (nf * kf);
        let mut rater_means = vec![0.0; k];
        let (mut units, mut within) = (0.0, 0.0);
        let mut unit_means = Vec::with_capacity(n);
        for unit in 0..n {
            let mean = complete.of_unit(unit).sum::<f64>() / kf;
            units += kf * (mean - grand) * (mean - grand);
            for (sum, rating) in rater_means.iter_mut().zip(complete.of_unit(unit)) {
                *sum += (rating - grand) / nf;
                within += (rating - mean) * (rating - mean);
            }
            unit_means.push(mean);
        }
        let raters: f64 = rater_means.iter().map(|effect| nf * effect * effect).sum();
        let mut residual = 0.0;
        for (unit, mean) in unit_means.iter().enumerate() {
            for (effect, rating) in rater_means.iter().zip(complete.of_unit(unit)) {
                let left = rating - mean - effect;
                residual += left * left;
            }
        }
        let scale = complete.all().fold(0.0, |most: f64, rating| most.max(rating.abs()));
        let noise = ROUNDING * scale * scale * nf * kf;
        let clean = |sum: f64| if sum <= noise { 0.0 } else { sum };
        Ok(MeanSquares {
            n,
            k,
            units: clean(units) / (nf - 1.0),
            within: clean(within) / (nf * (kf - 1.0)),
            raters: clean(raters) / (kf - 1.0),
            residual: clean(residual) / ((nf - 1.0) * (kf - 1.0)),
        })
    }
}

/// One of the six forms of Shrout and Fleiss, under the names of McGraw and Wong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum IccForm {
    /// Each unit has raters of its own; one rating.
    #[serde(rename = "ICC(1)")]
    OneWay,
    /// Raters are a sample, level counts; one rating.
    #[serde(rename = "ICC(A,1)")]
    Agreement,
    /// Only the order counts; one rating.
    #[serde(rename = "ICC(C,1)")]
    Consistency,
    /// Each unit has raters of its own; the mean of the ratings.
    #[serde(rename = "ICC(k)")]
    OneWayMean,
    /// Raters are a sample, level counts; the mean of the ratings.
    #[serde(rename = "ICC(A,k)")]
    AgreementMean,
    /// Only the order counts; the mean of the ratings. This is Cronbach's alpha over raters.
    #[serde(rename = "ICC(C,k)")]
    ConsistencyMean,
}

impl IccForm {
    /// The six, single ratings first.
    pub const ALL: [IccForm; 6] = [
        IccForm::OneWay,
        IccForm::Agreement,
        IccForm::Consistency,
        IccForm::OneWayMean,
        IccForm::AgreementMean,
        IccForm::ConsistencyMean,
    ];

    /// Its name by McGraw and Wong.
    pub fn id(self) -> &'static str {
        match self {
            IccForm::OneWay => "ICC(1)",
            IccForm::Agreement => "ICC(A,1)",
            IccForm::Consistency => "ICC(C,1)",
            IccForm::OneWayMean => "ICC(k)",
            IccForm::AgreementMean => "ICC(A,k)",
            IccForm::ConsistencyMean => "ICC(C,k)",
        }
    }

    /// Its name by Shrout and Fleiss.
    pub fn shrout_fleiss(self) -> &'static str {
        match self {
            IccForm::OneWay => "ICC(1,1)",
            IccForm::Agreement => "ICC(2,1)",
            IccForm::Consistency => "ICC(3,1)",
            IccForm::OneWayMean => "ICC(1,k)",
            IccForm::AgreementMean => "ICC(2,k)",
            IccForm::ConsistencyMean => "ICC(3,k)",
        }
    }

    /// It is about the mean of k ratings rather than about one.
    pub fn is_mean(self) -> bool {
        matches!(self, IccForm::OneWayMean | IccForm::AgreementMean | IccForm::ConsistencyMean)
    }
}

/// An F test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FTest {
    /// The statistic.
    pub f: f64,
    /// Degrees of freedom of the numerator.
    pub df1: f64,
    /// Degrees of freedom of the denominator.
    pub df2: f64,
    /// The upper tail.
    pub p: f64,
}

impl FTest {
    fn new(above: f64, below: f64, df1: f64, df2: f64) -> Option<FTest> {
        let f = above / below;
        f.is_finite().then(|| FTest { f, df1, df2, p: f_sf(f, df1, df2) })
    }
}

/// One form with its interval and its test against zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IccEstimate {
    /// The form.
    pub form: IccForm,
    /// The estimate with its McGraw–Wong interval.
    #[serde(flatten)]
    pub value: Estimate,
    /// The test of no differences between units.
    pub test: Option<FTest>,
}

/// Variance components of a two-way table by analysis of variance; they may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Components {
    /// Between units.
    pub unit: f64,
    /// Between raters.
    pub rater: f64,
    /// Residual.
    pub residual: f64,
}

/// The six intraclass correlations.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Icc {
    /// Units.
    pub n: usize,
    /// Raters.
    pub k: usize,
    /// The mean squares.
    pub mean_squares: MeanSquares,
    /// The variance components; a negative one is reported as it is.
    pub components: Components,
    /// The six forms, in the order of [`IccForm::ALL`].
    pub forms: Vec<IccEstimate>,
    /// The standard error of measurement of one rating, differences between raters left out: √MSE.
    pub se_consistency: f64,
    /// The same with differences between raters: √(σ²_rater + MSE), a negative component counting as zero.
    pub se_agreement: f64,
}

impl Icc {
    /// One of the forms.
    pub fn form(&self, form: IccForm) -> Estimate {
        let found = self.forms.iter().find(|estimate| estimate.form == form);
        found.map_or(Estimate::none(Reason::NotApplicable), |estimate| estimate.value)
    }
}

/// The level of the intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IccConfig {
    /// The confidence level, 0.95.
    pub level: f64,
}

impl Default for IccConfig {
    fn default() -> IccConfig {
        IccConfig { level: 0.95 }
    }
}

/// Intraclass correlations of complete ratings, all six forms, with McGraw–Wong intervals.
///
/// With n units, k raters, MSB between units, MSW within units, MSJ between raters, MSE residual:
///
/// | form | estimate |
/// |---|---|
/// | ICC(1) | (MSB − MSW) / (MSB + (k−1)MSW) |
/// | ICC(A,1) | (MSB − MSE) / (MSB + (k−1)MSE + k(MSJ − MSE)/n) |
/// | ICC(C,1) | (MSB − MSE) / (MSB + (k−1)MSE) |
/// | ICC(k) | (MSB − MSW) / MSB |
/// | ICC(A,k) | (MSB − MSE) / (MSB + (MSJ − MSE)/n) |
/// | ICC(C,k) | (MSB − MSE) / MSB |
///
/// Intervals by F quantiles; those of the A forms with Satterthwaite degrees of freedom at ICC(A,1), for the mean of k
/// ratings too.
///
/// # When it means what
/// ICC(A,1): one observer will code alone from now on. ICC(A,k): the mean of k observers will be used. The C forms: only
/// the order of units matters, or the same raters will always code. ICC(1): every unit had raters of its own. A negative
/// estimate stands as it is: raters differ more within units than units differ.
///
/// # Missing data
/// None here: [`MeanSquares::of`] takes the units that every rater rated.
///
/// # None
/// `no_variability` where all ratings of a form's denominator are equal, `boundary` beside an estimate of 1, whose
/// interval has no width to compute, `not_identified` where the denominator is not positive.
///
/// # Agrees with
/// psych 2.5.3 `ICC(lmer = FALSE)`, all numbers to printed precision. `irr::icc` 0.84.1 puts ICC(A,k) instead of
/// ICC(A,1) into the degrees of freedom of the A,k interval and differs there.
///
/// # Source
/// Shrout & Fleiss (1979), Psychological Bulletin 86, 420–428. McGraw & Wong (1996), Psychological Methods 1, 30–46,
/// Tables 4 and 7.
///
/// ```
/// use alliance_metrics::agreement::{IccConfig, IccForm, MeanSquares, Ratings, icc};
/// let table = [[9.0, 2.0, 5.0, 8.0], [6.0, 1.0, 3.0, 2.0], [8.0, 4.0, 6.0, 8.0],
///              [7.0, 1.0, 2.0, 6.0], [10.0, 5.0, 6.0, 9.0], [6.0, 2.0, 4.0, 7.0]];
/// let table = MeanSquares::of(&Ratings::from_table(&table)).unwrap();
/// let icc = icc(&table, &IccConfig::default()).form(IccForm::Agreement);
/// assert!((icc.estimate.unwrap() - 0.289_763_78).abs() < 1e-8);
/// assert!((icc.upper.unwrap() - 0.761_084_37).abs() < 1e-8);
/// ```
pub fn icc(mean_squares: &MeanSquares, config: &IccConfig) -> Icc {
    let MeanSquares { n, k, units, within, raters, residual } = *mean_squares;
    let (nf, kf) = (n as f64, k as f64);
    let components = Components { unit: (units - residual) / kf, rater: (raters - residual) / nf, residual };
    let forms = IccForm::ALL.map(|form| {
        let below = match form {
            IccForm::OneWay | IccForm::OneWayMean => within,
            _ => residual,
        };
        let df2 = match form {
            IccForm::OneWay | IccForm::OneWayMean => nf * (kf - 1.0),
            _ => (nf - 1.0) * (kf - 1.0),
        };
        let value = point(mean_squares, form);
        let value = if value.estimate.is_some() {
            with_limits(value, mean_squares, form, config.level)
        } else {
            value
        };
        IccEstimate { form, value, test: FTest::new(units, below, nf - 1.0, df2) }
    });
    Icc {
        n,
        k,
        mean_squares: *mean_squares,
        components,
        forms: forms.to_vec(),
        se_consistency: residual.sqrt(),
        se_agreement: (components.rater.max(0.0) + residual).sqrt(),
    }
}

/// Of the sum of mean squares: a thousand times what adding them up can be off by.
const CANCELLED: f64 = 1e-12;

fn point(mean_squares: &MeanSquares, form: IccForm) -> Estimate {
    let MeanSquares { n, k, units, within, raters, residual } = *mean_squares;
    let (n, k) = (n as f64, k as f64);
    let (above, below) = match form {
        IccForm::OneWay => (units - within, units + (k - 1.0) * within),
        IccForm::OneWayMean => (units - within, units),
        IccForm::Agreement => (units - residual, units + (k - 1.0) * residual + k * (raters - residual) / n),
        IccForm::AgreementMean => (units - residual, units + (raters - residual) / n),
        IccForm::Consistency => (units - residual, units + (k - 1.0) * residual),
        IccForm::ConsistencyMean => (units - residual, units),
    };
    // Mean squares that cancel out leave only what rounding makes of zero.
    let size = units + within + raters + residual;
    if below > CANCELLED * size {
        Estimate::point(above / below)
    } else if below >= -CANCELLED * size {
        Estimate::none(Reason::NoVariability)
    } else {
        Estimate::none(Reason::NotIdentified)
    }
}

fn with_limits(value: Estimate, mean_squares: &MeanSquares, form: IccForm, level: f64) -> Estimate {
    let limits = match form {
        IccForm::OneWay | IccForm::OneWayMean | IccForm::Consistency | IccForm::ConsistencyMean => {
            ratio_limits(mean_squares, form, level)
        }
        IccForm::Agreement | IccForm::AgreementMean => agreement_limits(mean_squares, form, level),
    };
    let inside = |(low, high): &(f64, f64)| value.estimate.is_some_and(|at| *low <= at && at <= *high);
    match limits.filter(inside) {
        Some((low, high)) => value.with_interval("mcgraw_wong", level, low, high),
        None => value.because(Reason::Boundary),
    }
}

/// Limits of the forms that depend on one F ratio.
fn ratio_limits(mean_squares: &MeanSquares, form: IccForm, level: f64) -> Option<(f64, f64)> {
    let MeanSquares { n, k, units, within, residual, .. } = *mean_squares;
    let (n, k) = (n as f64, k as f64);
    let (below, df2) = match form {
        IccForm::OneWay | IccForm::OneWayMean => (within, n * (k - 1.0)),
        _ => (residual, (n - 1.0) * (k - 1.0)),
    };
    if below <= 0.0 || units <= 0.0 {
        return None;
    }
    let q = 0.5 + 0.5 * level;
    let f = units / below;
    let (low, high) = (f / f_quantile(q, n - 1.0, df2), f * f_quantile(q, df2, n - 1.0));
    let back = |f: f64| if form.is_mean() { 1.0 - 1.0 / f } else { (f - 1.0) / (f + k - 1.0) };
    Some((back(low), back(high)))
}

/// Limits of the forms of absolute agreement.
fn agreement_limits(mean_squares: &MeanSquares, form: IccForm, level: f64) -> Option<(f64, f64)> {
    let MeanSquares { n, k, units, raters, residual, .. } = *mean_squares;
    let (n, k) = (n as f64, k as f64);
    if residual <= 0.0 || units <= 0.0 {
        return None;
    }
    let single = point(mean_squares, IccForm::Agreement).estimate?;
    let f_raters = raters / residual;
    let bulk = n * (1.0 + (k - 1.0) * single) - k * single;
    let above = k * single * f_raters + bulk;
    let below = (n - 1.0) * k * k * single * single * f_raters * f_raters + bulk * bulk;
    let df = (k - 1.0) * (n - 1.0) * above * above / below;
    if !df.is_finite() || df <= 0.0 {
        return None;
    }
    let q = 0.5 + 0.5 * level;
    let (f1, f2) = (f_quantile(q, n - 1.0, df), f_quantile(q, df, n - 1.0));
    let spread = if form.is_mean() { raters - residual } else { k * raters + (k * n - k - n) * residual };
    // A denominator that cancels out stands for a limit without end.
    let sound = |a: f64, b: f64| (a + b > CANCELLED * (a.abs() + b.abs())).then_some(a + b);
    let low = n * (units - f1 * residual) / sound(f1 * spread, n * units)?;
    let high = n * (f2 * units - residual) / sound(spread, n * f2 * units)?;
    // So far out a limit is what rounding made of one without end.
    let near = |limit: f64| limit.abs() < 1e6;
    (near(low) && near(high)).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<const K: usize>(table: &[[f64; K]]) -> Icc {
        icc(&MeanSquares::of(&Ratings::from_table(table)).unwrap(), &IccConfig::default())
    }

    #[test]
    fn raters_that_differ_by_a_constant_are_consistent_but_disagree() {
        let icc = of(&[[1.1, 2.1], [3.1, 4.1], [5.1, 6.1]]);
        assert_eq!(icc.mean_squares.residual, 0.0);
        let consistent = icc.form(IccForm::Consistency);
        assert_eq!(
            (consistent.estimate, consistent.lower, consistent.reason),
            (Some(1.0), None, Some(Reason::Boundary))
        );
        assert!(icc.form(IccForm::Agreement).estimate.unwrap() < 1.0);
        assert!(icc.forms.iter().find(|form| form.form == IccForm::Consistency).unwrap().test.is_none());
    }

    #[test]
    fn nothing_varies() {
        for form in IccForm::ALL {
            let none = of(&[[4.0, 4.0], [4.0, 4.0]]).form(form);
            assert_eq!((none.estimate, none.reason), (None, Some(Reason::NoVariability)), "{form:?}");
        }
    }

    #[test]
    fn units_that_do_not_differ_have_a_negative_single_form_and_no_mean_form() {
        let icc = of(&[[1.0, 2.0], [2.0, 1.0]]);
        assert_eq!(icc.form(IccForm::Consistency).estimate, Some(-1.0));
        assert_eq!(icc.form(IccForm::ConsistencyMean).reason, Some(Reason::NoVariability));
    }

    #[test]
    fn one_unit_or_one_rater_is_too_few() {
        for ratings in [
            Ratings::from_table(&[[1.0, 2.0]]),
            Ratings::from_table(&[[1.0], [2.0]]),
            Ratings::from_rows(&[vec![Some(1.0), None], vec![None, Some(2.0)]]),
        ] {
            assert_eq!(MeanSquares::of(&ratings).unwrap_err().reason, Reason::TooFew);
        }
    }
}
