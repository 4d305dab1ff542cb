//! Omega hierarchical: what a general factor explains beside group factors.

use nalgebra::DMatrix;
use serde::Serialize;

use super::composite::total_variance;
use crate::factor::{
    Minres, MinresConfig, ObliminConfig, Rotation, SchmidLeiman, minres, oblimin, schmid_leiman,
};
use crate::moments::Moments;
use crate::statistic::{Estimate, Reason, StatError, Stop};

/// How group factors are found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HierarchicalConfig {
    /// How many group factors: usually the subscales.
    pub groups: usize,
    /// How they are rotated.
    pub rotation: ObliminConfig,
}

impl Default for HierarchicalConfig {
    fn default() -> HierarchicalConfig {
        HierarchicalConfig { groups: 3, rotation: ObliminConfig::default() }
    }
}

/// What the general factor and the group factors explain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hierarchical {
    /// The share of the variance of the sum that the general factor explains.
    pub omega_hierarchical: Estimate,
    /// The share that all common factors explain.
    pub omega_total: Estimate,
    /// Their ratio: what omega hierarchical would be of an endlessly long scale of such items.
    pub omega_limit: Estimate,
    /// The general factor's share of the common variance of the items.
    pub explained_common_variance: Estimate,
    /// Each group of items by itself.
    pub groups: Vec<GroupOmega>,
    /// The loadings.
    pub factors: SchmidLeiman,
    /// The items, in the order of the loadings.
    pub items: Vec<String>,
    /// How many persons stand behind it.
    pub n: usize,
    /// What was asked for.
    pub config: HierarchicalConfig,
}

/// The sum of the items that load most on one group factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupOmega {
    /// The items.
    pub items: Vec<String>,
    /// The share of the variance of their sum that the general and their own factor explain.
    pub total: Estimate,
    /// The share of the general factor.
    pub general: Estimate,
    /// The share of their own factor.
    pub group: Estimate,
}

/// Omega hierarchical, by a Schmid–Leiman transformation of oblique minres factors.
///
/// Of the k × k correlations R, with sum V: m factors by minimum residuals, rotated by oblimin; a general factor of their
/// correlations gives general loadings g (k), group loadings S (k × m) and uniquenesses u². Omega hierarchical (Σg)²/V; omega
/// total 1 − Σu²/V; limit their ratio. Of the items G that load most on a group factor, with V_G the sum of their correlations:
/// general (Σ_G g)²/V_G, group (Σ_G s_f)²/V_G by their own factor, and total the sum of both.
///
/// It says how far the sum score measures one thing. A high omega total with a low omega hierarchical speaks for separate
/// scores. With two group factors the split is an assumption.
///
/// # Missing data
/// Settled in the moments; under pairwise deletion each correlation has the spread of its own pair.
///
/// # Errors
/// [`Reason::NotIdentified`] with under two group factors or too many for the items; those of [`minres`], [`oblimin`] and
/// [`alpha`](super::alpha()). Where a search did not end, or a uniqueness or group factor stands at its floor, the estimates are
/// there and marked [`Reason::NotConverged`] or [`Reason::Boundary`].
///
/// # Agrees with
/// psych 2.5 `omega` (`fm = "minres"`, `rotate = "oblimin"`) to its looser tolerance. psych turns items round by itself where they
/// load negatively on the general factor; here the key decides.
///
/// # Source
/// Zinbarg, R. E., Revelle, W., Yovel, I., & Li, W. (2005). Cronbach's α, Revelle's β, and McDonald's ω_H. Psychometrika, 70,
/// 123–133. Schmid, J., & Leiman, J. M. (1957). Psychometrika, 22, 53–61.
///
/// ```
/// use alliance_metrics::moments::Moments;
/// use alliance_metrics::reliability::{HierarchicalConfig, hierarchical};
/// // Three groups of three items: .64 within, .32 across.
/// let r = nalgebra::DMatrix::from_fn(9, 9, |i, j| match (i == j, i / 3 == j / 3) {
///     (true, _) => 1.0,
///     (_, true) => 0.64,
///     _ => 0.32,
/// });
/// let items = (1..=9).map(|j| format!("i{j}")).collect();
/// let moments = Moments::given(items, 200, nalgebra::DVector::zeros(9), r).unwrap();
/// let found = hierarchical(&moments, &HierarchicalConfig::default()).unwrap();
/// // The general factor explains .32 of each of the 81 entries.
/// assert!((found.omega_hierarchical.estimate.unwrap() - 81.0 * 0.32 / 37.8).abs() < 1e-6);
/// ```
pub fn hierarchical(moments: &Moments, config: &HierarchicalConfig) -> Result<Hierarchical, StatError> {
    total_variance(&moments.covariance)?;
    let r = moments.pair_correlation()?;
    let total = total_variance(&r)?;
    let extracted = minres(&r, &MinresConfig { factors: config.groups, ..MinresConfig::default() })?;
    let rotated = oblimin(&extracted.loadings, &config.rotation)?;
    let factors = schmid_leiman(&rotated.loadings, &rotated.correlations)?;
    let why = trouble(&extracted, &rotated, &factors);
    let marked = |value: f64| {
        let estimate = Estimate::point(value);
        why.map_or(estimate, |reason| estimate.because(reason))
    };
    let sum: f64 = factors.general.iter().sum();
    let hierarchical = sum * sum / total;
    let common = 1.0 - factors.uniquenesses.iter().sum::<f64>() / total;
    let own: f64 = factors.general.iter().map(|g| g * g).sum();
    let shared: f64 = factors.group.iter().map(|s| s * s).sum();
    Ok(Hierarchical {
        omega_hierarchical: marked(hierarchical),
        omega_total: marked(common),
        omega_limit: marked(hierarchical / common),
        explained_common_variance: marked(own / (own + shared)),
        groups: (0..config.groups).map(|f| group_omega(&r, &factors, f, moments, &marked)).collect(),
        factors,
        items: moments.items.clone(),
        n: moments.n,
        config: *config,
    })
}

fn trouble(extracted: &Minres, rotated: &Rotation, factors: &SchmidLeiman) -> Option<Reason> {
    if extracted.fit.stop != Stop::Converged || rotated.fit.stop != Stop::Converged {
        return Some(Reason::NotConverged);
    }
    (extracted.boundary || factors.boundary).then_some(Reason::Boundary)
}

/// The items that load most on a group factor, by themselves.
fn group_omega(
    r: &DMatrix<f64>,
    factors: &SchmidLeiman,
    f: usize,
    moments: &Moments,
    marked: &impl Fn(f64) -> Estimate,
) -> GroupOmega {
    let most = |j: usize| {
        let loadings = factors.group.row(j);
        (0..loadings.len()).max_by(|a, b| loadings[*a].abs().total_cmp(&loadings[*b].abs()))
    };
    let group: Vec<usize> = (0..r.nrows()).filter(|j| most(*j) == Some(f)).collect();
    let sum = |of: &dyn Fn(usize) -> f64| group.iter().map(|j| of(*j)).sum::<f64>();
    let total: f64 = sum(&|i| sum(&|j| r[(i, j)]));
    let of = |value: f64| if group.is_empty() { Estimate::none(Reason::TooFew) } else { marked(value) };
    let share = |loadings: f64| loadings * loadings / total;
    let general = share(sum(&|j| factors.general[j]));
    let own = share(sum(&|j| factors.group[(j, f)]));
    GroupOmega {
        items: group.iter().map(|j| moments.items[*j].clone()).collect(),
        total: of(general + own),
        general: of(general),
        group: of(own),
    }
}
