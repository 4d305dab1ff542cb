//! Limits of agreement (Bland and Altman), on one occasion and over repeated sessions.

use libm::sqrt;
use serde::Serialize;

use super::pair::PairMoments;
use crate::numeric::distribution::{chi_square_quantile, t_quantile, t_two_sided};
use crate::statistic::{Estimate, Reason};

/// The factor of the limits, by convention not the exact quantile.
const FACTOR: f64 = 1.96;

/// Bland and Altman's limits of agreement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Limits {
    /// Units.
    pub n: usize,
    /// Differences; more than units where sessions repeat.
    pub differences: usize,
    /// The mean difference.
    pub bias: Estimate,
    /// The standard deviation of a difference.
    pub sd: Option<f64>,
    /// The lower limit with its interval.
    pub lower: Estimate,
    /// The upper limit with its interval.
    pub upper: Estimate,
    /// The slope of the difference on the mean of the two scores, where it was asked for.
    pub slope: Option<Slope>,
    /// The variance between and within units, over repeated sessions.
    pub components: Option<BetweenWithin>,
}

/// A slope with its test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slope {
    /// The slope with its t interval.
    #[serde(flatten)]
    pub value: Estimate,
    /// Student's t.
    pub t: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// Both tails.
    pub p: Option<f64>,
}

/// Variances of a difference over repeated sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BetweenWithin {
    /// Between units; a negative estimate stands as it is.
    pub between: f64,
    /// Within units, over sessions.
    pub within: f64,
}

/// Limits of agreement of two scores on one occasion: where 95 % of the differences lie.
///
/// d̄ ± 1.96 s, d = first − second, s with divisor n − 1. SE(d̄) = s/√n; SE(limit) = s √(1/n + 1.96² / (2(n − 1))); intervals
/// with t_{n−1}. The slope of d on the mean of the two is (s_x² − s_y²)/2 over the variance of that mean, with n − 2 degrees
/// of freedom.
///
/// # When it means what
/// How far apart the two sides of a single dyad may be. A slope says that the difference changes along the scale; it is
/// also there whenever one side simply varies more than the other.
///
/// # Missing data
/// Units with both scores.
///
/// # None
/// `too_few` without a unit; limits need two, slopes three. With equal differences the limits coincide with the bias and
/// have no interval (`no_variability`).
///
/// # Agrees with
/// R 4.2.2 by the formulas; Bland and Altman's short SE(limit) = s √(3/n) is a little smaller.
///
/// # Source
/// Bland & Altman (1986), Lancet 327, 307–310; (1999), Statistical Methods in Medical Research 8, 135–160.
///
/// ```
/// use alliance_metrics::agreement::{PairMoments, limits_of_agreement};
/// let moments = PairMoments::of(&[(5.0, 4.0), (6.0, 4.0), (4.0, 4.0), (7.0, 5.0)]);
/// let limits = limits_of_agreement(&moments, 0.95);
/// assert!((limits.upper.estimate.unwrap() - 3.126_557_131_2).abs() < 1e-9);
/// ```
pub fn limits_of_agreement(moments: &PairMoments, level: f64) -> Limits {
    let n = moments.n;
    if n == 0 {
        return no_limits(0, 0, Estimate::none(Reason::TooFew), Reason::TooFew);
    }
    let bias = Estimate::point(moments.difference());
    if n < 2 {
        return no_limits(n, n, bias.because(Reason::TooFew), Reason::TooFew);
    }
    let (nf, mean, sd) = (n as f64, moments.difference(), sqrt(moments.difference_variance()));
    let t = t_quantile(0.5 + 0.5 * level, nf - 1.0);
    let se_limit = sd * sqrt(1.0 / nf + FACTOR * FACTOR / (2.0 * (nf - 1.0)));
    let around = |at: f64, se: f64| {
        let value = Estimate::point(at);
        match se > 0.0 {
            true => value.with_se(se).with_interval("t", level, at - t * se, at + t * se),
            false => value.because(Reason::NoVariability),
        }
    };
    Limits {
        n,
        differences: n,
        bias: around(mean, sd / sqrt(nf)),
        sd: Some(sd),
        lower: around(mean - FACTOR * sd, se_limit),
        upper: around(mean + FACTOR * sd, se_limit),
        slope: Some(proportional(moments, level)),
        components: None,
    }
}

fn no_limits(n: usize, differences: usize, bias: Estimate, reason: Reason) -> Limits {
    let none = Estimate::none(reason);
    Limits { n, differences, bias, sd: None, lower: none, upper: none, slope: None, components: None }
}

/// The slope of the difference on the mean of the two scores.
fn proportional(moments: &PairMoments, level: f64) -> Slope {
    let none = |reason| Slope { value: Estimate::none(reason), t: None, df: None, p: None };
    let [xx, yy] = moments.variances;
    let mean_variance = 0.25 * (xx + yy + 2.0 * moments.covariance);
    if moments.n < 3 {
        return none(Reason::TooFew);
    }
    if mean_variance <= 0.0 {
        return none(Reason::NoVariability);
    }
    let slope = 0.5 * (xx - yy) / mean_variance;
    let (nf, df) = (moments.n as f64, moments.n as f64 - 2.0);
    let left = (moments.difference_variance() - slope * slope * mean_variance).max(0.0);
    let se = sqrt(left * (nf - 1.0) / df / ((nf - 1.0) * mean_variance));
    let value = Estimate::point(slope);
    if se == 0.0 {
        return Slope { value: value.because(Reason::Boundary), df: Some(df), ..none(Reason::Boundary) };
    }
    let half = t_quantile(0.5 + 0.5 * level, df) * se;
    let t = slope / se;
    Slope {
        value: value.with_se(se).with_interval("t", level, slope - half, slope + half),
        t: Some(t),
        df: Some(df),
        p: Some(t_two_sided(t, df)),
    }
}

/// Limits of agreement from repeated sessions of each dyad, where the true value changes from session to session.
///
/// With m_i differences of unit i, their mean d̄_i, S² the variance of the d̄_i over units, MSW the mean square within units,
/// m_h the harmonic mean of the m_i: bias = mean of the d̄_i, s² = S² + (1 − 1/m_h) MSW, limits bias ± 1.96 s; between
/// = S² − MSW/m_h. Intervals of the limits by the method of variance estimates recovery: chi-square limits of S² and MSW
/// are put together into limits of s², and those with the t interval of the bias into that of a limit (Zou takes z there,
/// which is too narrow for a handful of dyads).
///
/// # When it means what
/// Where the difference of one dyad at one session may lie. Taking all sessions as if they were dyads would make the
/// interval too narrow.
///
/// # Missing data
/// Sessions that both answered; dyads may have any number of them, each dyad weighs the same.
///
/// # None
/// `too_few` without a unit; limits need two units and one unit with two sessions. Equal differences throughout:
/// `no_variability`.
///
/// # Agrees with
/// Bland and Altman (2007), section 3, where all dyads have equally many sessions; with unequal numbers theirs weighs
/// dyads by sessions.
///
/// # Source
/// Bland & Altman (2007), Journal of Biopharmaceutical Statistics 17, 571–582. Zou (2013), Statistical Methods in Medical
/// Research 22, 630–642.
///
/// ```
/// use alliance_metrics::agreement::limits_over_sessions;
/// let limits = limits_over_sessions(&[vec![0.0, 1.0], vec![1.0, 2.0], vec![-1.0, 0.0]], 0.95);
/// assert_eq!(limits.bias.estimate, Some(0.5));
/// assert!((limits.sd.unwrap() - 1.25f64.sqrt()).abs() < 1e-12);
/// ```
pub fn limits_over_sessions(differences: &[Vec<f64>], level: f64) -> Limits {
    let units: Vec<Vec<f64>> = differences
        .iter()
        .map(|unit| unit.iter().copied().filter(|d| d.is_finite()).collect())
        .filter(|unit: &Vec<f64>| !unit.is_empty())
        .collect();
    let (g, all) = (units.len(), units.iter().map(Vec::len).sum::<usize>());
    if g == 0 {
        return no_limits(0, 0, Estimate::none(Reason::TooFew), Reason::TooFew);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<f64> = units.iter().map(|unit| mean(unit)).collect();
    let bias = mean(&means);
    if g < 2 || all == g {
        return no_limits(g, all, Estimate::point(bias).because(Reason::TooFew), Reason::TooFew);
    }
    let (gf, df) = (g as f64, (all - g) as f64);
    let between = means.iter().map(|at| (at - bias) * (at - bias)).sum::<f64>() / (gf - 1.0);
    let squares = |(unit, at): (&Vec<f64>, &f64)| unit.iter().map(|d| (d - at) * (d - at)).sum::<f64>();
    let within = units.iter().zip(&means).map(squares).sum::<f64>() / df;
    let harmonic = gf / units.iter().map(|unit| 1.0 / unit.len() as f64).sum::<f64>();
    let rest = (1.0 - 1.0 / harmonic) * within;
    let variance = between + rest;
    let sd = sqrt(variance);
    let components = BetweenWithin { between: between - within / harmonic, within };
    if sd == 0.0 {
        let same = Estimate::point(bias).because(Reason::NoVariability);
        let limits = no_limits(g, all, same, Reason::NoVariability);
        return Limits { sd: Some(0.0), lower: same, upper: same, components: Some(components), ..limits };
    }
    let (low, high) = (0.5 - 0.5 * level, 0.5 + 0.5 * level);
    let of_bias = t_quantile(high, gf - 1.0) * sqrt(between / gf);
    let hyp = |a: f64, b: f64| sqrt(a * a + b * b);
    // The ends of the interval of s², below and above.
    let part = |p: f64, variance: f64, df: f64| variance * (1.0 - df / chi_square_quantile(p, df));
    let least = variance - hyp(part(high, between, gf - 1.0), part(high, rest, df));
    let most = variance + hyp(part(low, between, gf - 1.0), part(low, rest, df));
    let inner = hyp(of_bias, FACTOR * (sd - sqrt(least.max(0.0))));
    let outer = hyp(of_bias, FACTOR * (sqrt(most) - sd));
    let around = |at: f64, below: f64, above: f64| {
        Estimate::point(at).with_interval("variance_recovery", level, at - below, at + above)
    };
    Limits {
        n: g,
        differences: all,
        bias: Estimate::point(bias).with_se(sqrt(between / gf)).with_interval(
            "t",
            level,
            bias - of_bias,
            bias + of_bias,
        ),
        sd: Some(sd),
        lower: around(bias - FACTOR * sd, outer, inner),
        upper: around(bias + FACTOR * sd, inner, outer),
        slope: None,
        components: Some(components),
    }
}
