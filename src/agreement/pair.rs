//! Two scores of each unit, as moments: correlation, mean difference, Lin's concordance, double entry.

use libm::sqrt;
use serde::Serialize;

use super::icc::MeanSquares;
use crate::numeric::distribution::{normal_quantile, t_quantile, t_two_sided};
use crate::reliability::with_fisher_limits;
use crate::statistic::{Estimate, Reason};

/// Means, variances and the covariance (divisor n − 1) of two scores of n units. Everything about pairs on one occasion
/// follows from them, so published sums and cross-products are as good as the scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairMoments {
    /// Units with both scores.
    pub n: usize,
    /// Means of the first and the second score.
    pub means: [f64; 2],
    /// Variances.
    pub variances: [f64; 2],
    /// Covariance.
    pub covariance: f64,
}

/// A sum of squares below this share of what it is made of is rounding.
const ROUNDING: f64 = 1e-24;

impl PairMoments {
    /// Moments of the pairs whose scores are both finite.
    pub fn of(pairs: &[(f64, f64)]) -> PairMoments {
        let used: Vec<&(f64, f64)> = pairs.iter().filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
        let n = used.len();
        let nf = n.max(1) as f64;
        let first = used.iter().map(|pair| pair.0).sum::<f64>() / nf;
        let second = used.iter().map(|pair| pair.1).sum::<f64>() / nf;
        let (mut xx, mut yy, mut xy, mut dd) = (0.0, 0.0, 0.0, 0.0);
        let (mut x_size, mut y_size) = (0.0f64, 0.0f64);
        for (a, b) in &used {
            let (x, y) = (a - first, b - second);
            xx += x * x;
            yy += y * y;
            xy += x * y;
            dd += (x - y) * (x - y);
            x_size = x_size.max(a.abs());
            y_size = y_size.max(b.abs());
        }
        let noise = ROUNDING * nf;
        if xx <= noise * x_size * x_size {
            (xx, xy) = (0.0, 0.0);
        }
        if yy <= noise * y_size * y_size {
            (yy, xy) = (0.0, 0.0);
        }
        if dd <= noise * (x_size * x_size + y_size * y_size) && xx > 0.0 && yy > 0.0 {
            // Scores that differ by a constant: the difference has no variance at all.
            yy = xx;
            xy = xx;
        }
        let df = (n.max(2) - 1) as f64;
        PairMoments { n, means: [first, second], variances: [xx / df, yy / df], covariance: xy / df }
    }

    /// Moments from sums, sums of squares and the sum of products over n units.
    pub fn from_sums(n: usize, sums: [f64; 2], squares: [f64; 2], products: f64) -> PairMoments {
        let (nf, df) = (n.max(1) as f64, (n.max(2) - 1) as f64);
        let spread = |at: usize| (squares[at] - sums[at] * sums[at] / nf) / df;
        PairMoments {
            n,
            means: [sums[0] / nf, sums[1] / nf],
            variances: [spread(0), spread(1)],
            covariance: (products - sums[0] * sums[1] / nf) / df,
        }
    }

    /// The mean of first minus second.
    pub fn difference(&self) -> f64 {
        self.means[0] - self.means[1]
    }

    /// The variance of the difference, divisor n − 1.
    pub fn difference_variance(&self) -> f64 {
        (self.variances[0] + self.variances[1] - 2.0 * self.covariance).max(0.0)
    }

    /// Pearson's correlation, if both scores vary.
    pub fn correlation(&self) -> Option<f64> {
        let scale = sqrt(self.variances[0]) * sqrt(self.variances[1]);
        (self.n > 1 && scale > 0.0).then(|| (self.covariance / scale).clamp(-1.0, 1.0))
    }

    /// The mean squares of the n × 2 table, for [`icc`](super::icc()).
    ///
    /// # Errors
    /// [`Reason::TooFew`] with under two units.
    pub fn mean_squares(&self) -> Result<MeanSquares, crate::statistic::StatError> {
        if self.n < 2 {
            let message = format!("{} units with both scores; it needs two", self.n);
            return Err(crate::statistic::StatError::new(Reason::TooFew, message));
        }
        let n = self.n as f64;
        let (shift, spread) = (self.difference() * self.difference(), self.difference_variance());
        Ok(MeanSquares {
            n: self.n,
            k: 2,
            units: (0.5 * (self.variances[0] + self.variances[1]) + self.covariance).max(0.0),
            within: ((n - 1.0) * spread + n * shift) / (2.0 * n),
            raters: 0.5 * n * shift,
            residual: 0.5 * spread,
        })
    }
}

/// Pearson's correlation of the two scores with its test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairCorrelation {
    /// Units.
    pub n: usize,
    /// r with Fisher's limits.
    #[serde(flatten)]
    pub r: Estimate,
    /// Student's t of r against zero.
    pub t: Option<f64>,
    /// n − 2.
    pub df: Option<f64>,
    /// Both tails beyond t.
    pub p: Option<f64>,
}

/// Pearson's correlation of two scores over units, with Fisher's interval and the t test of no correlation.
///
/// r = s_xy / (s_x s_y); t = r √((n − 2) / (1 − r²)) with n − 2 degrees of freedom; limits tanh(atanh r ± z / √(n − 3)).
///
/// # When it means what
/// Whether dyads high on one side are high on the other. It says nothing about level: worker and caregiver may be two
/// points apart throughout.
///
/// # Missing data
/// Units with both scores.
///
/// # None
/// `too_few` under three units, `no_variability` where one of the scores is constant; r = ±1 has neither limits nor test.
///
/// # Agrees with
/// R 4.2.2 `cor.test`.
///
/// # Source
/// Fisher (1921), Metron 1, 3–32.
///
/// ```
/// use alliance_metrics::agreement::{PairMoments, pair_correlation};
/// let moments = PairMoments::of(&[(1.0, 2.0), (2.0, 2.0), (3.0, 4.0), (4.0, 3.0)]);
/// assert!((pair_correlation(&moments, 0.95).r.estimate.unwrap() - 0.674_199_862_5).abs() < 1e-9);
/// ```
pub fn pair_correlation(moments: &PairMoments, level: f64) -> PairCorrelation {
    let n = moments.n;
    let none = |r| PairCorrelation { n, r, t: None, df: None, p: None };
    if n < 3 {
        return none(Estimate::none(Reason::TooFew));
    }
    let Some(r) = moments.correlation() else { return none(Estimate::none(Reason::NoVariability)) };
    let df = n as f64 - 2.0;
    let t = Some(r * sqrt(df / (1.0 - r * r))).filter(|t| t.is_finite());
    PairCorrelation {
        n,
        r: with_fisher_limits(r, n, level),
        t,
        df: Some(df),
        p: t.map(|t| t_two_sided(t, df)),
    }
}

/// The mean of first minus second, with the paired t test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PairedDifference {
    /// Units.
    pub n: usize,
    /// The mean difference with its t interval.
    #[serde(flatten)]
    pub mean: Estimate,
    /// The standard deviation of the differences.
    pub sd: Option<f64>,
    /// Student's t of the paired test.
    pub t: Option<f64>,
    /// n − 1.
    pub df: Option<f64>,
    /// Both tails beyond t.
    pub p: Option<f64>,
    /// The mean difference in standard deviations of the differences.
    pub d_z: Option<f64>,
    /// The mean difference in the root of the mean of the two variances.
    pub d_av: Option<f64>,
}

/// The mean difference of two scores, first minus second, with the paired t test and two standardised sizes.
///
/// d̄ ± t_{n−1} s_d / √n; t = d̄ √n / s_d; d_z = d̄ / s_d; d_av = d̄ / √((s_x² + s_y²) / 2).
///
/// # When it means what
/// Whether one side rates higher. d_av is the size to compare with studies that are not paired; d_z grows with the
/// correlation of the sides.
///
/// # Missing data
/// Units with both scores.
///
/// # None
/// `too_few` without a unit; with one unit the mean stands without interval and test; where every unit has the same
/// difference there is a mean and no test (`no_variability`).
///
/// # Agrees with
/// R 4.2.2 `t.test(paired = TRUE)`.
///
/// # Source
/// Student (1908), Biometrika 6, 1–25. Lakens (2013), Frontiers in Psychology 4, 863, for d_z; Cumming
/// (2012), Understanding the New Statistics, for d_av.
///
/// ```
/// use alliance_metrics::agreement::{PairMoments, paired_difference};
/// let moments = PairMoments::of(&[(5.0, 4.0), (6.0, 4.0), (4.0, 4.0), (7.0, 5.0)]);
/// let difference = paired_difference(&moments, 0.95);
/// assert_eq!(difference.mean.estimate, Some(1.25));
/// assert!((difference.t.unwrap() - 2.611_164_84).abs() < 1e-8);
/// ```
pub fn paired_difference(moments: &PairMoments, level: f64) -> PairedDifference {
    let n = moments.n;
    let known = PairedDifference {
        n,
        mean: if n == 0 { Estimate::none(Reason::TooFew) } else { Estimate::point(moments.difference()) },
        sd: None,
        t: None,
        df: None,
        p: None,
        d_z: None,
        d_av: None,
    };
    if n < 2 {
        return PairedDifference { mean: known.mean.because(Reason::TooFew), ..known };
    }
    let (mean, sd) = (moments.difference(), sqrt(moments.difference_variance()));
    let both = sqrt(0.5 * (moments.variances[0] + moments.variances[1]));
    let d_av = Some(mean / both).filter(|d| d.is_finite());
    if sd == 0.0 {
        return PairedDifference {
            mean: known.mean.because(Reason::NoVariability),
            sd: Some(0.0),
            d_av,
            ..known
        };
    }
    let (df, se) = (n as f64 - 1.0, sd / sqrt(n as f64));
    let half = t_quantile(0.5 + 0.5 * level, df) * se;
    PairedDifference {
        mean: known.mean.with_se(se).with_interval("t", level, mean - half, mean + half),
        sd: Some(sd),
        t: Some(mean / se),
        df: Some(df),
        p: Some(t_two_sided(mean / se, df)),
        d_z: Some(mean / sd),
        d_av,
        ..known
    }
}

/// Lin's concordance correlation and its parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Concordance {
    /// Units.
    pub n: usize,
    /// Lin's coefficient, moments over n, with the interval of its inverse hyperbolic tangent.
    #[serde(flatten)]
    pub value: Estimate,
    /// The same with moments over n − 1.
    pub unbiased_moments: Option<f64>,
    /// Precision: Pearson's r.
    pub precision: Option<f64>,
    /// Accuracy C_b = coefficient / r, with moments over n − 1.
    pub accuracy: Option<f64>,
}

/// Lin's concordance correlation: how close pairs lie to the line of equality.
///
/// ρ_c = 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²), with moments over n (Lin's own) and, beside it, over n − 1. The interval is
/// normal in atanh ρ_c with variance
/// {(1 − r²) ρ_c² / ((1 − ρ_c²) r²) + 2 ρ_c³ (1 − ρ_c) u² / (r (1 − ρ_c²)²) − ρ_c⁴ u⁴ / (2 r² (1 − ρ_c²)²)} / (n − 2),
/// u² = (x̄ − ȳ)² / (s_x s_y).
///
/// # When it means what
/// Agreement in level and order of two sides that measure the same; it is nearly ICC(A,1).
///
/// # Missing data
/// Units with both scores.
///
/// # None
/// `too_few` with under two units, `no_variability` where both scores are the same constant. No interval under four units,
/// where r is 0 or undefined, or at a coefficient of 1.
///
/// # Agrees with
/// epiR and DescTools divide by n (our estimate); agreement with moments over n − 1 is what others print.
///
/// # Source
/// Lin (1989), Biometrics 45, 255–268; the variance as corrected in Lin (2000), Biometrics 56, 324–325.
///
/// ```
/// use alliance_metrics::agreement::{PairMoments, concordance};
/// let moments = PairMoments::of(&[(1.0, 2.0), (2.0, 2.0), (3.0, 4.0), (4.0, 3.0)]);
/// assert!((concordance(&moments, 0.95).value.estimate.unwrap() - 0.625).abs() < 1e-12);
/// ```
pub fn concordance(moments: &PairMoments, level: f64) -> Concordance {
    let n = moments.n;
    let none = |reason| Concordance {
        n,
        value: Estimate::none(reason),
        unbiased_moments: None,
        precision: None,
        accuracy: None,
    };
    if n < 2 {
        return none(Reason::TooFew);
    }
    let shift = moments.difference() * moments.difference();
    let over = |share: f64| {
        let spread = share * (moments.variances[0] + moments.variances[1]);
        Some(2.0 * share * moments.covariance / (spread + shift)).filter(|value| value.is_finite())
    };
    let (Some(lin), Some(unbiased)) = (over((n as f64 - 1.0) / n as f64), over(1.0)) else {
        return none(Reason::NoVariability);
    };
    let precision = moments.correlation();
    let value = Estimate::point(lin);
    Concordance {
        value: match precision.and_then(|r| lin_limits(moments, lin, r, level)) {
            Some((low, high)) => value.with_interval("lin_z", level, low, high),
            None => value.because(if n < 4 { Reason::TooFew } else { Reason::Boundary }),
        },
        unbiased_moments: Some(unbiased),
        precision,
        accuracy: precision.map(|r| unbiased / r).filter(|accuracy| accuracy.is_finite()),
        ..none(Reason::NotApplicable)
    }
}

fn lin_limits(moments: &PairMoments, c: f64, r: f64, level: f64) -> Option<(f64, f64)> {
    if moments.n < 4 || c.abs() >= 1.0 || r == 0.0 {
        return None;
    }
    let n = moments.n as f64;
    let shift = moments.difference() * moments.difference();
    let u2 = shift / (sqrt(moments.variances[0] * moments.variances[1]) * (n - 1.0) / n);
    let room = 1.0 - c * c;
    let variance = (1.0 - r * r) * c * c / (room * r * r)
        + 2.0 * c * c * c * (1.0 - c) * u2 / (r * room * room)
        - c * c * c * c * u2 * u2 / (2.0 * r * r * room * room);
    let se = sqrt(variance.max(0.0) / (n - 2.0));
    let half = normal_quantile(0.5 + 0.5 * level) * se;
    let limits = (libm::tanh(libm::atanh(c) - half), libm::tanh(libm::atanh(c) + half));
    (se > 0.0 && limits.0.is_finite() && limits.1.is_finite()).then_some(limits)
}

/// The double-entry correlation: the intraclass correlation of pairs whose members have no order.
///
/// r = 2 Σ(x − m)(y − m) / (Σ(x − m)² + Σ(y − m)²), m the mean of all scores.
///
/// # When it means what
/// Two members who cannot be told apart (twins, two parents of one role). Caregiver and worker can be told apart: use the
/// ICC or Lin's coefficient. It is near ICC(1).
///
/// # Missing data
/// Units with both scores.
///
/// # None
/// `too_few` without two units, `no_variability` where all scores are equal.
///
/// # Agrees with
/// Pearson's r of the 2n rows in which every pair stands twice, once in each order.
///
/// # Source
/// Kenny, Kashy & Cook (2006), Dyadic Data Analysis, chapter 2.
///
/// ```
/// use alliance_metrics::agreement::{PairMoments, double_entry};
/// let r = double_entry(&PairMoments::of(&[(1.0, 2.0), (2.0, 2.0), (3.0, 4.0), (4.0, 3.0)]));
/// assert!((r.estimate.unwrap() - 0.619_047_619_0).abs() < 1e-9);
/// ```
pub fn double_entry(moments: &PairMoments) -> Estimate {
    if moments.n < 2 {
        return Estimate::none(Reason::TooFew);
    }
    let n = moments.n as f64;
    // Around the common mean, each side lies half the difference away.
    let away = 0.25 * moments.difference() * moments.difference() * n / (n - 1.0);
    let spread = 0.5 * (moments.variances[0] + moments.variances[1]) + away;
    if spread <= 0.0 {
        return Estimate::none(Reason::NoVariability);
    }
    Estimate::point((moments.covariance - away) / spread)
}
