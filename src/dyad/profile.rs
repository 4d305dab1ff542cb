//! How alike two members answered item by item.

use libm::sqrt;
use serde::Serialize;

use crate::agreement::{PairMoments, double_entry};
use crate::statistic::{Estimate, Reason};

/// The likeness of two profiles over k items or scales.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProfileSimilarity {
    /// Items that both answered.
    pub k: usize,
    /// D², the sum of squared differences.
    pub distance: Option<f64>,
    /// The part of D² that is a difference of level.
    pub elevation: Option<f64>,
    /// The part of D² that is a difference of spread.
    pub scatter: Option<f64>,
    /// The part of D² that is a difference of shape.
    pub shape: Option<f64>,
    /// The correlation of the profiles.
    pub correlation: Estimate,
    /// The double-entry intraclass correlation of the profiles.
    pub intraclass: Estimate,
    /// The correlation after each item's normative value was taken from both.
    pub distinctive: Estimate,
}

/// The likeness of two profiles: Cronbach and Gleser's D² in its parts, correlations, and what is left of them without
/// the profile that everybody shares.
///
/// D² = Σ(a_j − w_j)² = k(ā − w̄)² + (s_a − s_w)² + 2 s_a s_w (1 − r), with s the root of the centred sum of squares over k
/// items: elevation, scatter, shape. The intraclass correlation is double-entry. The distinctive correlation is that of
/// a − norm and w − norm; `norm` holds the normative profile of each side, one value an item.
///
/// # When it means what
/// r is about shape alone, and mostly high because everybody finds the same items easy: the distinctive correlation is
/// the part that belongs to this dyad. Correlations are not for profiles of three values.
///
/// # Missing data
/// Items that both answered.
///
/// # None
/// `flat_profile` for the correlations where one of them gave every item the same answer (all 7 is frequent): D² and its
/// parts stand. `too_few` under two items (three for correlations); `not_applicable` for the distinctive correlation
/// without norms.
///
/// # Agrees with
/// R 4.2.2 `cor` and the definitions.
///
/// # Source
/// Cronbach & Gleser (1953), Psychological Bulletin 50, 456–473. Furr (2008), Journal of Personality 76, 1267–1316.
///
/// ```
/// use alliance_metrics::dyad::profile_similarity;
/// let (a, w) = ([6.0, 5.0, 7.0, 6.0, 4.0, 5.0], [5.0, 5.0, 6.0, 6.0, 3.0, 5.0]);
/// let norm = [5.5, 5.4, 6.2, 5.9, 4.1, 5.6];
/// let alike = profile_similarity(&a.map(Some), &w.map(Some), Some([&norm, &norm]));
/// assert_eq!(alike.distance, Some(3.0));
/// assert!((alike.distinctive.estimate.unwrap() - 0.339_888_0).abs() < 1e-7);
/// ```
pub fn profile_similarity(
    first: &[Option<f64>],
    second: &[Option<f64>],
    norm: Option<[&[f64]; 2]>,
) -> ProfileSimilarity {
    let both = |at: usize| Some((at, first[at]?, (*second.get(at)?)?));
    let items: Vec<(usize, f64, f64)> =
        (0..first.len()).filter_map(both).filter(|(_, a, w)| a.is_finite() && w.is_finite()).collect();
    let k = items.len();
    let none = Estimate::none(Reason::TooFew);
    let nothing = ProfileSimilarity {
        k,
        distance: None,
        elevation: None,
        scatter: None,
        shape: None,
        correlation: none,
        intraclass: none,
        distinctive: none,
    };
    if k < 2 {
        return nothing;
    }
    let pairs: Vec<(f64, f64)> = items.iter().map(|(_, a, w)| (*a, *w)).collect();
    let moments = PairMoments::of(&pairs);
    let kf = k as f64;
    let spread = moments.variances.map(|variance| sqrt(variance * (kf - 1.0)));
    let distance: f64 = pairs.iter().map(|(a, w)| (a - w) * (a - w)).sum();
    let less_norm = |norm: [&[f64]; 2]| -> Option<Vec<(f64, f64)>> {
        items.iter().map(|(at, a, w)| Some((a - norm[0].get(*at)?, w - norm[1].get(*at)?))).collect()
    };
    ProfileSimilarity {
        distance: Some(distance),
        elevation: Some(kf * moments.difference() * moments.difference()),
        scatter: Some((spread[0] - spread[1]) * (spread[0] - spread[1])),
        shape: Some(2.0 * (spread[0] * spread[1] - (kf - 1.0) * moments.covariance).max(0.0)),
        correlation: correlation(&moments),
        intraclass: double_entry(&moments),
        distinctive: match norm.and_then(less_norm) {
            Some(left) => correlation(&PairMoments::of(&left)),
            None => Estimate::none(Reason::NotApplicable),
        },
        ..nothing
    }
}

fn correlation(moments: &PairMoments) -> Estimate {
    if moments.n < 3 {
        return Estimate::none(Reason::TooFew);
    }
    moments.correlation().map_or(Estimate::none(Reason::FlatProfile), Estimate::point)
}
