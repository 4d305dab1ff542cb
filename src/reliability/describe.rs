//! What the answers to an item, or the scores of a scale, look like.

use libm::pow;
use serde::Serialize;

use crate::statistic::{Estimate, Reason};

/// How often each value occurs, in rising order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frequencies {
    counts: Vec<(f64, u64)>,
    missing: u64,
}

impl Frequencies {
    /// Counts the values of a column; NaN is missing.
    pub fn of(column: &[f64]) -> Frequencies {
        let mut counts: Vec<(f64, u64)> = Vec::new();
        let mut values = column.iter().filter(|x| !x.is_nan());
        // Answers have few values; the first many of something else are sorted with the rest.
        for value in values.by_ref() {
            match counts.iter_mut().find(|(known, _)| known == value) {
                Some((_, n)) => *n += 1,
                None => counts.push((*value, 1)),
            }
            if counts.len() > FEW {
                break;
            }
        }
        let mut many: Vec<f64> = values.copied().collect();
        many.sort_unstable_by(f64::total_cmp);
        counts.extend(many.iter().map(|value| (*value, 1)));
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        counts.dedup_by(|next, last| {
            last.0 == next.0 && {
                last.1 += next.1;
                true
            }
        });
        let n: u64 = counts.iter().map(|(_, n)| n).sum();
        Frequencies { counts, missing: column.len() as u64 - n }
    }

    /// Values and how often each occurs. Values must rise.
    pub fn counted(counts: Vec<(f64, u64)>, missing: u64) -> Frequencies {
        Frequencies { counts, missing }
    }

    /// How often a value occurs.
    pub fn count(&self, value: f64) -> u64 {
        self.counts.iter().filter(|(x, _)| *x == value).map(|(_, n)| n).sum()
    }

    /// The number of values.
    pub fn n(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }

    fn weighted(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.counts.iter().map(|(x, n)| f(*x) * *n as f64).sum()
    }

    /// The quantile by R's type 7.
    fn quantile(&self, p: f64) -> Option<f64> {
        let n = self.n();
        let place = p * n.checked_sub(1)? as f64;
        let at = |index: u64| {
            let mut before = 0;
            let found = self.counts.iter().find(|(_, n)| {
                before += n;
                before > index
            });
            found.map(|(x, _)| *x)
        };
        let below = libm::floor(place);
        let (low, high) = (at(below as u64)?, at((below as u64 + 1).min(n - 1))?);
        Some(low + (place - below) * (high - low))
    }
}

/// So many values are counted as they come.
const FEW: usize = 32;

/// Where a distribution leans, and how heavy its tails are, by the three types in use. Kurtosis is in excess of the normal
/// distribution's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Shape {
    /// g₁ = m₃/m₂^(3/2), over moments with divisor n.
    pub skew_type1: Estimate,
    /// g₂ = m₄/m₂² − 3.
    pub kurtosis_type1: Estimate,
    /// G₁ = g₁ √(n(n−1))/(n−2), as SPSS, SAS and Excel print it.
    pub skew_type2: Estimate,
    /// G₂ = (n−1)/((n−2)(n−3)) · ((n+1) g₂ + 6).
    pub kurtosis_type2: Estimate,
    /// b₁ = m₃/s³, with the standard deviation over n − 1; psych's default.
    pub skew_type3: Estimate,
    /// b₂ = m₄/s⁴ − 3.
    pub kurtosis_type3: Estimate,
}

/// What a variable looks like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// How many values there are.
    pub n: u64,
    /// How many are missing.
    pub missing: u64,
    /// The mean.
    pub mean: Option<f64>,
    /// The standard deviation over n − 1.
    pub sd: Option<f64>,
    /// The median.
    pub median: Option<f64>,
    /// The smallest value.
    pub min: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// Skew and kurtosis.
    #[serde(flatten)]
    pub shape: Shape,
}

/// Mean, spread and shape of a variable.
///
/// The formulas stand at [`Shape`]; the median is R's type 7.
///
/// # Missing data
/// Missing values are counted and left out.
///
/// # Errors
/// What cannot be had is none: the mean of nothing, the spread of one value; skew and kurtosis with
/// [`Reason::NoVariability`] where all values are equal and [`Reason::TooFew`] under three (type 2: four) values.
///
/// # Agrees with
/// psych 2.5 `describe` (types 1, 2, 3); SPSS, SAS and Excel print type 2.
///
/// # Source
/// Joanes, D. N., & Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician, 47, 183–189.
///
/// ```
/// use alliance_metrics::reliability::{Frequencies, describe};
/// let description = describe(&Frequencies::of(&[1.0, 2.0, 2.0, 7.0, f64::NAN]));
/// assert_eq!((description.n, description.missing, description.median), (4, 1, Some(2.0)));
/// assert!((description.shape.skew_type2.estimate.unwrap() - 1.812_801_958_059_264).abs() < 1e-12);
/// ```
pub fn describe(frequencies: &Frequencies) -> Description {
    let n = frequencies.n();
    let of_n = n as f64;
    let mean = (n > 0).then(|| frequencies.weighted(|x| x) / of_n);
    let center = mean.unwrap_or(0.0);
    let moment = |power: i32| frequencies.weighted(|x| (x - center).powi(power)) / of_n;
    Description {
        n,
        missing: frequencies.missing,
        mean,
        sd: (n > 1).then(|| (moment(2) * of_n / (of_n - 1.0)).sqrt()),
        median: frequencies.quantile(0.5),
        min: frequencies.counts.first().map(|(x, _)| *x),
        max: frequencies.counts.last().map(|(x, _)| *x),
        shape: shape(of_n, frequencies.counts.len(), moment),
    }
}

fn shape(n: f64, distinct: usize, moment: impl Fn(i32) -> f64) -> Shape {
    let none = |reason| Estimate::none(reason);
    let (m2, m3, m4) = (moment(2), moment(3), moment(4));
    let (g1, g2) = (m3 / pow(m2, 1.5), m4 / (m2 * m2) - 3.0);
    let of = |least: f64, value: f64| match () {
        () if n < least => none(Reason::TooFew),
        () if distinct < 2 || m2 <= 0.0 => none(Reason::NoVariability),
        () => Estimate::point(value),
    };
    let less = (n - 1.0) / n;
    Shape {
        skew_type1: of(2.0, g1),
        kurtosis_type1: of(2.0, g2),
        skew_type2: of(3.0, g1 * (n * (n - 1.0)).sqrt() / (n - 2.0)),
        kurtosis_type2: of(4.0, (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * g2 + 6.0)),
        skew_type3: of(2.0, g1 * pow(less, 1.5)),
        kurtosis_type3: of(2.0, (g2 + 3.0) * less * less - 3.0),
    }
}
