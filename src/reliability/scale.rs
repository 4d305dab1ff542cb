//! Everything about the reliability of one scale, in one go.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::{Bootstrap, BootstrapConfig, bootstrap};
use super::coefficient::{Coefficient, Family};
use super::deleted::{Influence, most_influential_of};
use super::families::{Estimates, estimates, group_factors, of_group_factors, of_one_factor};
use super::halves::HalvesConfig;
use super::hierarchical::GroupOmega;
use super::interval::{AlphaInterval, alpha_interval, distribution_free_of};
use super::omega::{Tenable, omega};
use super::ordinal::{categories, ordinal_alpha};
use super::score::{ScoreOf, ScoreSummary};
use super::statistics::{Allowed, ItemStatistics, item_statistics_of, of_moments, unanswered};
use crate::factor::OneFactor;
use crate::moments::{ItemMatrix, Missing, Moments, PolychoricConfig};
use crate::numeric::Threads;
use crate::statistic::{Estimate, Reason};

/// What to compute of a scale, and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScaleConfig {
    /// The confidence level.
    pub level: f64,
    /// What happens to gaps.
    pub missing: Missing,
    /// How many group factors omega hierarchical takes; none where the scale has no parts.
    pub groups: Option<usize>,
    /// How split halves are drawn where there are too many to take all.
    pub halves: HalvesConfig,
    /// How many of the persons who move alpha most are named.
    pub influential: usize,
    /// A bootstrap over persons, where one is asked for.
    pub bootstrap: Option<BootstrapConfig>,
    /// How many threads work.
    #[serde(skip)]
    pub threads: Threads,
}

impl Default for ScaleConfig {
    fn default() -> ScaleConfig {
        ScaleConfig {
            level: 0.95,
            missing: Missing::Listwise,
            groups: None,
            halves: HalvesConfig::default(),
            influential: 5,
            bootstrap: None,
            threads: Threads::default(),
        }
    }
}

/// A coefficient, with how it came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Found {
    /// The estimate with its limits.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// From what, and how, it was computed.
    pub method: &'static str,
    /// Further limits of the same estimate, by the name of their method.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub intervals: BTreeMap<&'static str, Estimate>,
}

/// Everything about the reliability of one scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScaleReliability {
    /// How many persons stand behind the coefficients.
    pub n: usize,
    /// How many items the scale has.
    pub k: usize,
    /// What happened to gaps.
    pub missing: Missing,
    /// How many persons were left out for gaps.
    pub dropped: usize,
    /// The smallest and the largest number of persons behind a pair of items, where it differs.
    pub pairs: Option<(usize, usize)>,
    /// Whether the covariances could be those of a sample without gaps.
    pub positive_definite: bool,
    /// The items, each with what it looks like and how it goes with the scale.
    #[serde(skip)]
    pub items: Vec<ItemStatistics>,
    /// Items with the same answer from everybody. They stay in, and lower alpha.
    pub constant: Vec<String>,
    /// Items that run against the rest of the scale: their answers were probably not reversed.
    pub wrong_way: Vec<String>,
    /// What the scores look like.
    #[serde(flatten)]
    pub score: ScoreSummary,
    /// The coefficients, each with an estimate or a reason.
    #[serde(flatten)]
    pub coefficients: BTreeMap<Coefficient, Found>,
    /// The factor behind omega total.
    pub one_factor: Option<OneFactor>,
    /// Whether alpha's assumption is tenable: equal against free loadings of one factor.
    pub equal_loadings: Tenable,
    /// The groups behind omega hierarchical.
    pub groups: Vec<GroupOmega>,
    /// The persons without whom alpha would change most.
    pub influential: Vec<Influence>,
    /// The bootstrap behind limits, where one was asked for, or rows are not independent.
    pub bootstrap: Option<Bootstrap>,
    /// Why there are no coefficients at all.
    pub reason: Option<Reason>,
    /// What was asked for.
    pub config: ScaleConfig,
}

/// Everything about the reliability of one scale: all coefficients of [`Coefficient`], each with an estimate or the reason
/// why there is none.
///
/// The formulas stand at the functions of each: [`alpha`](super::alpha()), [`guttman`](super::guttman()), [`split_halves`](super::split_halves()),
/// [`glb`](super::glb()) and so on.
///
/// # Missing data
/// By the policy of the configuration, once for all coefficients. The distribution-free interval and the persons who move
/// alpha most take complete persons, whatever the policy.
///
/// # Errors
/// None: where there are no moments ([`Moments::of`] says why), every coefficient has that reason.
///
/// # Agrees with
/// What each function agrees with.
///
/// # Source
/// As for each function.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::reliability::{Coefficient, ScaleConfig, ScoreOf, scale_reliability};
/// let rows = [[2.0, 5.0, 3.0], [4.0, 5.0, 7.0], [3.0, 3.0, 1.0], [5.0, 5.0, 6.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2", "i3"].map(String::from).to_vec(), &rows);
/// let scale = scale_reliability(&data, &[], &ScoreOf::sum(), &ScaleConfig::default());
/// let alpha = &scale.coefficients[&Coefficient::Alpha];
/// assert!((alpha.estimate.estimate.unwrap() - 0.740_740_740_740_740_7).abs() < 1e-12);
/// assert!(alpha.intervals.contains_key("adf"));
/// ```
pub fn scale_reliability(
    data: &ItemMatrix,
    allowed: &[Allowed],
    score: &ScoreOf,
    config: &ScaleConfig,
) -> ScaleReliability {
    // The persons without a gap and their moments are behind several of the parts.
    let complete = data.complete();
    let listwise = Moments::of_complete(&complete, data.n());
    let (moments, used) = match config.missing {
        Missing::Listwise => (listwise.clone(), complete.as_ref()),
        Missing::Pairwise | Missing::Em => (Moments::of(data, config.missing), data),
    };
    let moments = match moments {
        Ok(moments) => moments,
        Err(error) => return nothing(data, allowed, error.reason, config),
    };
    let mut scale = reliability_of_moments(&moments, score, config);
    scale.score = score.summary(&moments, Some(&complete));
    scale.items = item_statistics_of(data, used, allowed, &moments, config.level);
    let adf = listwise.as_ref().map_err(Clone::clone);
    let adf = adf.and_then(|listwise| distribution_free_of(&complete, listwise, config.level));
    if let Some(alpha) = scale.coefficients.get_mut(&Coefficient::Alpha) {
        alpha.intervals.insert("adf", adf.unwrap_or_else(|error| Estimate::none(error.reason)));
    }
    scale.coefficients.insert(Coefficient::OrdinalAlpha, ordinal(used, allowed, config));
    if let Ok(listwise) = &listwise {
        let rows = data.complete_rows();
        let most = most_influential_of(&complete, &rows, listwise, config.influential);
        scale.influential = most.unwrap_or_default();
    }
    match &config.bootstrap {
        None => scale,
        Some(draws) => match bootstrap(data, allowed, score, config, draws, None) {
            Ok(found) => scale.with_bootstrap(found),
            Err(_) => scale,
        },
    }
}

/// Ordinal alpha, from the answers as categories.
fn ordinal(data: &ItemMatrix, allowed: &[Allowed], config: &ScaleConfig) -> Found {
    let of = Coefficient::OrdinalAlpha;
    let config =
        PolychoricConfig { missing: config.missing, threads: config.threads, ..PolychoricConfig::default() };
    let estimate = match categories(data, allowed) {
        Some(categories) => ordinal_alpha(&categories, &config).unwrap_or_else(|e| Estimate::none(e.reason)),
        None => Estimate::none(Reason::NotApplicable),
    };
    Found { estimate, method: of.method(), intervals: BTreeMap::new() }
}

/// A scale without moments.
fn nothing(data: &ItemMatrix, allowed: &[Allowed], reason: Reason, config: &ScaleConfig) -> ScaleReliability {
    let none = |of: Coefficient| {
        let estimate = Estimate::none(reason);
        (of, Found { estimate, method: of.method(), intervals: BTreeMap::new() })
    };
    let n = data.complete_rows().len();
    ScaleReliability {
        n,
        k: data.k(),
        missing: config.missing,
        dropped: data.n() - n,
        pairs: None,
        positive_definite: false,
        items: unanswered(data, allowed, reason),
        constant: Vec::new(),
        wrong_way: Vec::new(),
        score: ScoreSummary::default(),
        coefficients: Coefficient::all().map(none).collect(),
        one_factor: None,
        equal_loadings: Tenable::none(reason),
        groups: Vec::new(),
        influential: Vec::new(),
        bootstrap: None,
        reason: Some(reason),
        config: config.clone(),
    }
}

/// The same from moments alone: without what needs the answers of each person (floor and ceiling, the distribution-free
/// interval, the persons who move alpha most).
pub fn reliability_of_moments(moments: &Moments, score: &ScoreOf, config: &ScaleConfig) -> ScaleReliability {
    // The longest search of all goes on beside the others.
    std::thread::scope(|scope| {
        let bound = || estimates(Family::GlbFa, moments, &ScoreSummary::default(), config);
        let bound = (config.threads.count() > 1).then(|| scope.spawn(bound));
        of_families(moments, score, config, || bound.and_then(|bound| bound.join().ok()))
    })
}

/// The same, with the greatest lower bound by factors where somebody else computes it.
fn of_families(
    moments: &Moments,
    score: &ScoreOf,
    config: &ScaleConfig,
    glb_by_factors: impl FnOnce() -> Option<Estimates>,
) -> ScaleReliability {
    let mut glb_by_factors = Some(glb_by_factors);
    let summary = score.summary(moments, None);
    let omega = omega(moments, config.level).map_err(|error| error.reason);
    let hierarchical = group_factors(moments, config);
    let mut coefficients = BTreeMap::new();
    let mut families: BTreeMap<Family, Estimates> = BTreeMap::new();
    for coefficient in Coefficient::all() {
        let family = families.entry(coefficient.family()).or_insert_with(|| match coefficient.family() {
            Family::OneFactor => omega.as_ref().map(of_one_factor).map_err(|reason| *reason),
            Family::SchmidLeiman => hierarchical.as_ref().map(of_group_factors).map_err(|reason| *reason),
            Family::GlbFa => glb_by_factors
                .take()
                .and_then(|found| found())
                .unwrap_or_else(|| estimates(Family::GlbFa, moments, &summary, config)),
            family => estimates(family, moments, &summary, config),
        });
        let estimate = match family {
            Ok(family) => family.iter().find(|(of, _)| *of == coefficient).map(|(_, estimate)| *estimate),
            Err(reason) => Some(Estimate::none(*reason)),
        };
        let found = Found {
            estimate: estimate.unwrap_or_else(|| Estimate::none(Reason::NotApplicable)),
            method: coefficient.method(),
            intervals: BTreeMap::new(),
        };
        coefficients.insert(coefficient, found);
    }
    if let Some(alpha) = coefficients.get_mut(&Coefficient::Alpha) {
        for method in AlphaInterval::ALL.into_iter().filter(|method| *method != AlphaInterval::Feldt) {
            if let Ok(interval) = alpha_interval(moments, method, config.level) {
                alpha.intervals.insert(method.id(), interval);
            }
        }
    }
    let nobody = ItemMatrix::from_rows(moments.items.clone(), &[]);
    let items = of_moments(&nobody, moments, config.level);
    ScaleReliability {
        n: moments.n,
        k: moments.k(),
        missing: moments.missing,
        dropped: moments.dropped,
        pairs: moments.pairs,
        positive_definite: moments.is_positive_definite(),
        wrong_way: items
            .iter()
            .filter(|item| item.runs_the_wrong_way())
            .map(|item| item.fit.item.clone())
            .collect(),
        items,
        constant: named(moments, |j| moments.covariance[(j, j)] <= 0.0),
        score: summary,
        coefficients,
        one_factor: omega.map(|omega| omega.factor).ok(),
        equal_loadings: Tenable::of(moments),
        groups: hierarchical.map_or_else(|_| Vec::new(), |found| found.groups),
        influential: Vec::new(),
        bootstrap: None,
        reason: None,
        config: config.clone(),
    }
}

/// The items of which something holds.
fn named(moments: &Moments, holds: impl Fn(usize) -> bool) -> Vec<String> {
    (0..moments.k()).filter(|j| holds(*j)).map(|j| moments.items[j].clone()).collect()
}
