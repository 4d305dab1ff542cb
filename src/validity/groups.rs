//! Groups that should differ: Welch's t and Welch's analysis of variance.

use libm::{exp, log, sqrt};
use serde::Serialize;

use crate::numeric::distribution::{f_sf, ln_gamma, normal_quantile, t_quantile, t_two_sided};
use crate::statistic::{Estimate, Reason, StatError};

/// The mean of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupMean {
    /// The group.
    pub group: String,
    /// Its persons.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
}

/// Two groups compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TwoGroups {
    /// First and second group.
    pub groups: [GroupMean; 2],
    /// First less second mean, with Welch's limits.
    pub difference: Estimate,
    /// Welch's t.
    pub t: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Two-sided.
    pub p: f64,
    /// Cohen's d over the pooled standard deviation.
    pub d: f64,
    /// Hedges' g, d with the usual correction 1 − 3 / (4 (n − 2) − 1), and its limits.
    pub g: Estimate,
    /// Hedges' g with the exact correction.
    pub g_exact: f64,
}

/// Several groups compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupsTest {
    /// The groups.
    pub groups: Vec<GroupMean>,
    /// Welch's F.
    pub f: f64,
    /// Groups less one.
    pub df1: f64,
    /// Welch's degrees of freedom within.
    pub df2: f64,
    /// The tail of F.
    pub p: f64,
}

fn mean_of(group: &str, values: &[f64]) -> Result<GroupMean, StatError> {
    let n = values.len();
    if n < 2 {
        let message = format!("group {group} has {n} scores: two are needed");
        return Err(StatError::new(Reason::TooFew, message));
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    Ok(GroupMean { group: group.to_owned(), n, mean, sd: sqrt(squares / (n - 1) as f64) })
}

/// Two groups by Welch's t, with Hedges' g.
///
/// t = (x̄₁ − x̄₂) / √(s₁²/n₁ + s₂²/n₂), degrees of freedom (s₁²/n₁ + s₂²/n₂)² / Σ (sᵢ²/nᵢ)²/(nᵢ − 1);
/// d = (x̄₁ − x̄₂) / s_pooled; g = d (1 − 3 / (4 (n₁ + n₂ − 2) − 1)), its standard error
/// √((n₁ + n₂)/(n₁ n₂) + g² / (2 (n₁ + n₂))) and normal limits. The exact correction is
/// Γ(m/2) / (√(m/2) Γ((m − 1)/2)), m = n₁ + n₂ − 2.
///
/// # When
/// Groups that are known to differ, such as voluntary and ordered clients. Variances need not be alike.
///
/// # Missing data
/// Scores are given without gaps.
///
/// # Errors
/// [`Reason::TooFew`] with under two scores in a group, [`Reason::NoVariability`] where neither group varies.
///
/// # Agrees with
/// R 4.2 `t.test`, effsize.
///
/// # Source
/// Welch, B. L. (1947). Biometrika, 34, 28–35. Hedges, L. V. (1981). Journal of Educational Statistics, 6, 107–128.
///
/// ```
/// use alliance_metrics::validity::two_groups;
/// let found = two_groups(("a", &[1.0, 2.0, 3.0]), ("b", &[3.0, 4.0, 5.0]), 0.95).unwrap();
/// assert!((found.d + 2.0).abs() < 1e-12 && (found.df - 4.0).abs() < 1e-12);
/// ```
pub fn two_groups(one: (&str, &[f64]), other: (&str, &[f64]), level: f64) -> Result<TwoGroups, StatError> {
    let (a, b) = (mean_of(one.0, one.1)?, mean_of(other.0, other.1)?);
    let (na, nb) = (a.n as f64, b.n as f64);
    let (va, vb) = (a.sd * a.sd / na, b.sd * b.sd / nb);
    if va + vb <= 0.0 {
        return Err(StatError::new(Reason::NoVariability, "scores do not vary within the groups"));
    }
    let difference = a.mean - b.mean;
    let se = sqrt(va + vb);
    let df = (va + vb) * (va + vb) / (va * va / (na - 1.0) + vb * vb / (nb - 1.0));
    let m = na + nb - 2.0;
    let pooled = sqrt(((na - 1.0) * a.sd * a.sd + (nb - 1.0) * b.sd * b.sd) / m);
    let d = difference / pooled;
    let g = d * (1.0 - 3.0 / (4.0 * m - 1.0));
    let exact = exp(ln_gamma(0.5 * m) - 0.5 * log(0.5 * m) - ln_gamma(0.5 * (m - 1.0)));
    let g_se = sqrt((na + nb) / (na * nb) + g * g / (2.0 * (na + nb)));
    let z = normal_quantile(0.5 + 0.5 * level);
    let reach = t_quantile(0.5 + 0.5 * level, df) * se;
    Ok(TwoGroups {
        difference: Estimate::point(difference).with_se(se).with_interval(
            "welch",
            level,
            difference - reach,
            difference + reach,
        ),
        t: difference / se,
        df,
        p: t_two_sided(difference / se, df),
        d,
        g: Estimate::point(g).with_se(g_se).with_interval("normal", level, g - z * g_se, g + z * g_se),
        g_exact: d * exact,
        groups: [a, b],
    })
}

/// Several groups by Welch's analysis of variance.
///
/// wᵢ = nᵢ/sᵢ², W = Σ wᵢ, x̃ = Σ wᵢ x̄ᵢ / W, h = Σ (1 − wᵢ/W)² / (nᵢ − 1):
/// F = Σ wᵢ (x̄ᵢ − x̃)² / (k − 1) / (1 + 2 (k − 2) h / (k² − 1)), with k − 1 and (k² − 1) / (3 h) degrees of freedom.
///
/// # When
/// Three or more groups whose variances may differ.
///
/// # Missing data
/// Scores are given without gaps.
///
/// # Errors
/// [`Reason::TooFewClusters`] with under two groups, [`Reason::TooFew`] with under two scores in one,
/// [`Reason::NoVariability`] where a group does not vary.
///
/// # Agrees with
/// R 4.2 `oneway.test`.
///
/// # Source
/// Welch, B. L. (1951). On the comparison of several mean values. Biometrika, 38, 330–336.
///
/// ```
/// use alliance_metrics::validity::{two_groups, welch_anova};
/// let (a, b) = ([1.0, 2.0, 3.0, 7.0], [3.0, 4.0, 5.0]);
/// let f = welch_anova(&[("a", &a[..]), ("b", &b[..])]).unwrap();
/// let t = two_groups(("a", &a), ("b", &b), 0.95).unwrap();
/// assert!((f.f - t.t * t.t).abs() < 1e-12 && (f.df2 - t.df).abs() < 1e-10);
/// ```
pub fn welch_anova(groups: &[(&str, &[f64])]) -> Result<GroupsTest, StatError> {
    let k = groups.len() as f64;
    if groups.len() < 2 {
        let message = match groups {
            [(only, _)] => format!("one group only ({only}): two are needed"),
            _ => "no group has a score: two are needed".to_owned(),
        };
        return Err(StatError::new(Reason::TooFewClusters, message));
    }
    let means: Vec<GroupMean> =
        groups.iter().map(|(group, values)| mean_of(group, values)).collect::<Result<_, _>>()?;
    if let Some(flat) = means.iter().find(|group| group.sd <= 0.0) {
        let message = format!("scores do not vary in group {}", flat.group);
        return Err(StatError::new(Reason::NoVariability, message));
    }
    let weights: Vec<f64> = means.iter().map(|group| group.n as f64 / (group.sd * group.sd)).collect();
    let all: f64 = weights.iter().sum();
    let center = means.iter().zip(&weights).map(|(group, w)| w * group.mean).sum::<f64>() / all;
    let h: f64 = means
        .iter()
        .zip(&weights)
        .map(|(group, w)| (1.0 - w / all) * (1.0 - w / all) / (group.n - 1) as f64)
        .sum();
    let between: f64 =
        means.iter().zip(&weights).map(|(group, w)| w * (group.mean - center) * (group.mean - center)).sum();
    let (df1, df2) = (k - 1.0, (k * k - 1.0) / (3.0 * h));
    let f = between / df1 / (1.0 + 2.0 * (k - 2.0) * h / (k * k - 1.0));
    Ok(GroupsTest { groups: means, f, df1, df2, p: f_sf(f, df1, df2) })
}
