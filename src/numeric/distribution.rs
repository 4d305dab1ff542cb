//! Distributions. The one file that knows which crate computes what.
//!
//! Both tails are computed apart: an upper tail is never one minus a lower one. Quantiles are found by a safeguarded
//! Newton search on the logarithm of the smaller tail.

use cdflib::special::{beta_log, gamma_inc, gamma_log};
use cdflib::traits::ContinuousCdf as _;
use cdflib::{Beta, ChiSquared, FisherSnedecor, StudentsT};
use libm::{erfc, exp, floor, log, log1p, sqrt};
use statrs::distribution::{ContinuousCDF as _, Normal};

/// The natural logarithm of the gamma function.
pub fn ln_gamma(x: f64) -> f64 {
    gamma_log(x)
}

/// The density of the standard normal distribution.
pub fn normal_density(x: f64) -> f64 {
    exp(-0.5 * x * x) / sqrt(2.0 * std::f64::consts::PI)
}

/// The lower tail of the standard normal distribution.
///
/// ```
/// use alliance_metrics::numeric::distribution::normal_cdf;
/// assert!((normal_cdf(-1.0) - 0.158_655_253_931_457_05).abs() < 1e-16);
/// ```
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The upper tail of the standard normal distribution.
pub fn normal_sf(x: f64) -> f64 {
    normal_cdf(-x)
}

/// The quantile of the standard normal distribution: minus infinity at 0, infinity at 1.
///
/// ```
/// use alliance_metrics::numeric::distribution::normal_quantile;
/// assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-15);
/// ```
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() {
        return f64::NAN;
    }
    Normal::standard().inverse_cdf(p.clamp(0.0, 1.0))
}

/// The lower tail of chi-square with `df` degrees of freedom.
pub fn chi_square_cdf(x: f64, df: f64) -> f64 {
    ChiSquared::new(df).cdf(x.max(0.0))
}

/// The upper tail of chi-square with `df` degrees of freedom.
///
/// ```
/// use alliance_metrics::numeric::distribution::chi_square_sf;
/// assert!((chi_square_sf(3.841_458_820_694_124, 1.0) - 0.05).abs() < 1e-14);
/// ```
pub fn chi_square_sf(x: f64, df: f64) -> f64 {
    ChiSquared::new(df).ccdf(x.max(0.0))
}

/// The quantile of chi-square with `df` degrees of freedom.
pub fn chi_square_quantile(p: f64, df: f64) -> f64 {
    let distribution = ChiSquared::new(df);
    let density = |x: f64| {
        (0.5 * df - 1.0) * log(x) - 0.5 * x - 0.5 * df * std::f64::consts::LN_2 - gamma_log(0.5 * df)
    };
    // Wilson and Hilferty's start; in the far lower tail the leading term of the series.
    let w = 1.0 - 2.0 / (9.0 * df) + normal_quantile(p) * sqrt(2.0 / (9.0 * df));
    let start = df * w * w * w;
    let series = || 2.0 * exp((log(p) + gamma_log(0.5 * df + 1.0)) * 2.0 / df);
    let start = if start > 1e-3 * df { start } else { series() };
    positive_quantile(p, |x| (distribution.cdf(x), distribution.ccdf(x)), density, start)
}

/// The lower tail of F with `df1` and `df2` degrees of freedom.
pub fn f_cdf(x: f64, df1: f64, df2: f64) -> f64 {
    FisherSnedecor::new(df1, df2).cdf(x.max(0.0))
}

/// The upper tail of F with `df1` and `df2` degrees of freedom.
pub fn f_sf(x: f64, df1: f64, df2: f64) -> f64 {
    FisherSnedecor::new(df1, df2).ccdf(x.max(0.0))
}

/// The quantile of F with `df1` and `df2` degrees of freedom.
///
/// ```
/// use alliance_metrics::numeric::distribution::f_quantile;
/// assert!((f_quantile(0.95, 1.0, 1e6) / 3.841_468_117_7 - 1.0).abs() < 1e-9);
/// ```
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    let distribution = FisherSnedecor::new(df1, df2);
    let beta = beta_log(0.5 * df1, 0.5 * df2);
    let density = |x: f64| {
        0.5 * df1 * log(df1 / df2) + (0.5 * df1 - 1.0) * log(x)
            - 0.5 * (df1 + df2) * log1p(df1 * x / df2)
            - beta
    };
    positive_quantile(p, |x| (distribution.cdf(x), distribution.ccdf(x)), density, 1.0)
}

/// The lower tail of the beta distribution.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    Beta::new(a, b).cdf(x.clamp(0.0, 1.0))
}

/// The quantile of the beta distribution.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    // In odds, which are positive and have no upper end.
    let distribution = Beta::new(a, b);
    let norm = beta_log(a, b);
    let tails = |odds: f64| {
        let x = odds / (1.0 + odds);
        (distribution.cdf(x), distribution.ccdf(x))
    };
    let density = |odds: f64| (a - 1.0) * log(odds) - (a + b) * log1p(odds) - norm;
    let odds = positive_quantile(p, tails, density, a / b);
    if odds.is_infinite() { 1.0 } else { odds / (1.0 + odds) }
}

/// The lower tail of Student's t with `df` degrees of freedom.
pub fn t_cdf(x: f64, df: f64) -> f64 {
    StudentsT::new(df).cdf(x)
}

/// The upper tail of Student's t with `df` degrees of freedom.
pub fn t_sf(x: f64, df: f64) -> f64 {
    StudentsT::new(df).ccdf(x)
}

/// Both tails of Student's t beyond |x|: the p of a two-sided test.
pub fn t_two_sided(x: f64, df: f64) -> f64 {
    (2.0 * t_sf(x.abs(), df)).min(1.0)
}

/// The quantile of Student's t with `df` degrees of freedom.
///
/// ```
/// use alliance_metrics::numeric::distribution::t_quantile;
/// assert!((t_quantile(0.975, 4.0) - 2.776_445_105_197_793).abs() < 1e-12);
/// ```
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p == 0.5 {
        return 0.0;
    }
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return if p < 0.5 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let distribution = StudentsT::new(df);
    let norm = if df > 1e5 {
        -0.5 * log(2.0 * std::f64::consts::PI) - 0.25 / df
    } else {
        gamma_log(0.5 * (df + 1.0)) - gamma_log(0.5 * df) - 0.5 * log(df * std::f64::consts::PI)
    };
    let goal = log(tail);
    let mut u = log(normal_quantile(tail).abs().max(1e-8));
    if df < 3.0 && tail < 1e-3 {
        u = u.max((norm - goal + 0.5 * (df + 1.0) * log(df) - log(df)) / df);
    }
    let (mut low, mut high) = (-60.0, 709.0);
    for _ in 0..MOST_STEPS {
        let x = exp(u);
        let upper = distribution.ccdf(x);
        let above = if upper > 0.0 { log(upper) - goal } else { f64::NEG_INFINITY };
        if above < 0.0 {
            high = u
        } else {
            low = u
        }
        let slope = exp(norm - 0.5 * (df + 1.0) * log1p(x * x / df) + u - log(upper));
        let mut next = u + above / slope;
        let done = (next - u).abs() < CLOSE;
        let inside = next > low && next < high; // false for NaN
        if !done && !inside {
            next = 0.5 * (low + high);
        }
        let done = done || (next - u).abs() < CLOSE;
        u = next;
        if done {
            break;
        }
    }
    if p < 0.5 { -exp(u) } else { exp(u) }
}

/// The lower tail of noncentral chi-square with `df` degrees of freedom and noncentrality `lambda`: a Poisson mixture
/// of central tails, summed from its mode outwards.
pub fn noncentral_chi_square_cdf(x: f64, df: f64, lambda: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let half = 0.5 * lambda;
    let mode = floor(half);
    let xx = 0.5 * x;
    let weight = if half > 0.0 { exp(-half + mode * log(half) - gamma_log(mode + 1.0)) } else { 1.0 };
    let shape = 0.5 * df + mode;
    let tail = gamma_inc(shape, xx).0;
    // P(a + 1, x) = P(a, x) - step(a).
    let step = exp(shape * log(xx) - xx - gamma_log(shape + 1.0));
    let mut sum = weight * tail;
    let (mut w, mut p, mut t, mut j) = (weight, tail, step, mode);
    while p > 0.0 && j - mode < 1e5 {
        p = (p - t).max(0.0);
        j += 1.0;
        w *= half / j;
        t *= xx / (0.5 * df + j);
        sum += w * p;
        if w * p < 1e-18 * sum && w < 1e-18 {
            break;
        }
    }
    let (mut w, mut p, mut t, mut j) = (weight, tail, step, mode);
    while j > 0.0 {
        w *= j / half;
        t *= (0.5 * df + j) / xx;
        j -= 1.0;
        p += t;
        sum += w * p;
        if w * p < 1e-18 * sum {
            break;
        }
    }
    sum.min(1.0)
}

/// The noncentrality at which noncentral chi-square has the lower tail `p` at `x`; 0 where none has so much.
pub fn noncentrality(p: f64, x: f64, df: f64) -> f64 {
    if noncentral_chi_square_cdf(x, df, 0.0) <= p {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, x.max(1.0));
    while noncentral_chi_square_cdf(x, df, high) > p {
        low = high;
        high *= 2.0;
    }
    let mut at = 0.5 * (low + high);
    for _ in 0..MOST_STEPS {
        let here = noncentral_chi_square_cdf(x, df, at);
        if here > p {
            low = at
        } else {
            high = at
        }
        let slope = 0.5 * (noncentral_chi_square_cdf(x, df + 2.0, at) - here);
        let mut next = at - (here - p) / slope;
        if !(next > low && next < high) {
            next = 0.5 * (low + high);
        }
        if (next - at).abs() < 1e-13 * next {
            return next;
        }
        at = next;
    }
    at
}

/// Newton steps before a search gives up; bisection alone would need about 60.
const MOST_STEPS: usize = 200;
/// In the logarithm; one more Newton step is quadratic, so the result is good to 1e-15.
const CLOSE: f64 = 1e-9;

/// The x > 0 with lower tail `p`, by Newton steps in ln x on the logarithm of the smaller tail.
fn positive_quantile(
    p: f64,
    tails: impl Fn(f64) -> (f64, f64),
    ln_density: impl Fn(f64) -> f64,
    start: f64,
) -> f64 {
    if p.is_nan() {
        return f64::NAN;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let lower = p <= 0.5;
    let goal = if lower { log(p) } else { log(1.0 - p) };
    let mut u = log(start.max(1e-300));
    let (mut low, mut high) = (-745.0, 709.0);
    for _ in 0..MOST_STEPS {
        let x = exp(u);
        let tail = if lower { tails(x).0 } else { tails(x).1 };
        let above = if tail > 0.0 { log(tail) - goal } else { f64::NEG_INFINITY };
        if (above < 0.0) == lower {
            low = u
        } else {
            high = u
        }
        let slope = if tail > 0.0 { exp(ln_density(x) + u - log(tail)) } else { 0.0 };
        let mut next = if lower { u - above / slope } else { u + above / slope };
        if (next - u).abs() < CLOSE {
            return exp(next);
        }
        let inside = next > low && next < high; // false for NaN
        if !inside {
            next = 0.5 * (low + high);
        }
        if (next - u).abs() < 1e-15 {
            return exp(next);
        }
        u = next;
    }
    exp(u)
}
