//! Any number of raters, with gaps: Fleiss, Conger, Brennan–Prediger, Gwet and Krippendorff's alpha in weights.

use nalgebra::DMatrix;
use serde::Serialize;

use super::ratings::Coded;
use super::weights::Weights;
use crate::numeric::distribution::t_quantile;
use crate::numeric::dot;
use crate::statistic::{Estimate, Reason, StatError};

/// What is taken for chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chance {
    /// Raters draw from the categories' overall shares (Fleiss).
    Fleiss,
    /// Each rater draws from a margin of their own (Conger).
    Conger,
    /// Every category is equally likely (Brennan and Prediger).
    BrennanPrediger,
    /// Chance acts only on units that are hard to rate (Gwet's AC1, weighted AC2).
    Gwet,
    /// Krippendorff's alpha written with weights.
    Krippendorff,
}

impl Chance {
    /// In the order of the documentation.
    pub const ALL: [Chance; 5] =
        [Chance::Fleiss, Chance::Conger, Chance::BrennanPrediger, Chance::Gwet, Chance::Krippendorff];
}

/// A chance-corrected agreement of any number of raters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChanceCorrected {
    /// What is taken for chance.
    pub chance: Chance,
    /// The weights.
    pub weights: &'static str,
    /// Units with a rating.
    pub n: usize,
    /// Units with two ratings or more: those that can agree.
    pub n_paired: usize,
    /// Raters with a rating.
    pub raters: usize,
    /// Categories declared.
    pub categories: usize,
    /// The weighted share of agreement.
    pub observed: Option<f64>,
    /// What chance would give of it.
    pub expected: Option<f64>,
    /// The coefficient with its linearised standard error and t interval over units.
    #[serde(flatten)]
    pub value: Estimate,
}

/// Agreement of any number of raters corrected for chance, with gaps.
///
/// κ = (p_a − p_e) / (1 − p_e). With n_iq the raters who put unit i into category q, r_i = Σ_q n_iq, weights w_ql, n′ the
/// units with r_i ≥ 2, π_q the mean of n_iq / r_i over the n units with a rating, and T_w the sum of all weights of q
/// categories:
/// p_a = 1/n′ Σ_i Σ_q n_iq (Σ_l w_ql n_il − 1) / (r_i (r_i − 1)), and
///
/// | | p_e |
/// |---|---|
/// | Fleiss | Σ w_ql π_q π_l |
/// | Gwet | T_w / (q(q−1)) · Σ π_q (1 − π_q) |
/// | Brennan–Prediger | T_w / q² |
/// | Conger | Σ w_ql (p̄_q p̄_l − c_ql / R), p̄ and c the means and covariances of the margins over R raters |
///
/// Krippendorff's alpha uses the units with r_i ≥ 2 alone, weighs each by its ratings, and corrects p_a for their number.
/// The variance is (1/(n(n−1))) Σ (κ*_i − κ)², κ*_i the unit's share in the coefficient linearised around its parts
/// (p_a, p_e and what they are made of); the interval takes t with n − 1 degrees of freedom and ends at 1.
///
/// # When it means what
/// Fleiss: raters are interchangeable. Conger: they are particular persons. Gwet: nearly all ratings fall into one
/// category and the kappas collapse although raters hardly differ. Gwet and Brennan–Prediger depend on how many
/// categories are declared, used or not: declare those of the instrument.
///
/// # Missing data
/// Every rating counts; units with one rating tell about the margins only. Raters without any rating are left out.
///
/// # None
/// `too_few` where no unit has two ratings, or with one category declared; `no_variability` where chance leaves no
/// room; an estimate of 1, or a single unit, has no interval (`boundary`, `too_few`).
///
/// # Errors
/// [`Reason::NotApplicable`] for own weights that do not fit the categories.
///
/// # Agrees with
/// irrCAC 1.0 (`fleiss.kappa.raw`, `gwet.ac1.raw`, `bp.coeff.raw`, `conger.kappa.raw`, `krippen.alpha.raw`) where the
/// same categories are declared; its default declares those observed. Its "ordinal" weights are not Krippendorff's
/// ordinal metric: for that see [`krippendorff`](super::krippendorff). The standard error of Conger's coefficient is our
/// own linearisation of the formula above; it agrees with the jackknife over units. That of Krippendorff's alpha is Gwet's,
/// of alpha before the correction for the number of ratings.
///
/// # Source
/// Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., chapters 2–5. Fleiss (1971), Psychological Bulletin 76,
/// 378–382. Conger (1980), Psychological Bulletin 88, 322–328. Brennan & Prediger (1981), Educational and Psychological
/// Measurement 41, 687–699. Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29–48.
///
/// ```
/// use alliance_metrics::agreement::{CategoryList, Chance, Coded, Ratings, Weights, chance_corrected};
/// let ratings = Ratings::from_rows(&[
///     vec![Some(1.0), Some(1.0), Some(2.0)], vec![Some(0.0), Some(1.0), Some(0.0)],
///     vec![Some(-1.0), Some(-1.0), Some(0.0)], vec![Some(2.0), Some(2.0), Some(2.0)],
///     vec![Some(3.0), Some(2.0), Some(3.0)], vec![Some(0.0), Some(0.0), Some(1.0)],
///     vec![Some(-2.0), Some(-1.0), Some(-2.0)], vec![Some(1.0), Some(2.0), Some(1.0)],
///     vec![Some(2.0), Some(2.0), Some(3.0)], vec![Some(0.0), None, Some(0.0)],
/// ]);
/// let coded = Coded::new(&ratings, &CategoryList::whole(-3, 3)).unwrap();
/// let gwet = chance_corrected(&coded, Chance::Gwet, &Weights::Quadratic, 0.95).unwrap();
/// assert!((gwet.value.estimate.unwrap() - 0.947_113_3).abs() < 1e-7);
/// ```
pub fn chance_corrected(
    coded: &Coded,
    chance: Chance,
    weights: &Weights,
    level: f64,
) -> Result<ChanceCorrected, StatError> {
    let w = weights.table(coded.categories())?;
    let units: Vec<Unit> =
        (0..coded.units()).map(|unit| Unit::new(unit, coded)).filter(|unit| unit.r > 0.0).collect();
    let rates = |rater: usize| (0..coded.units()).any(|unit| coded.get(unit, rater).is_some());
    let raters: Vec<usize> = (0..coded.raters()).filter(|rater| rates(*rater)).collect();
    let q = coded.categories().len();
    let paired = units.iter().filter(|unit| unit.r > 1.0).count();
    let none = |reason| ChanceCorrected {
        chance,
        weights: weights.id(),
        n: units.len(),
        n_paired: paired,
        raters: raters.len(),
        categories: q,
        observed: None,
        expected: None,
        value: Estimate::none(reason),
    };
    if paired == 0 || q < 2 {
        return Ok(none(Reason::TooFew));
    }
    let parts = match chance {
        Chance::Krippendorff => krippendorff_parts(&units, &w),
        Chance::Conger => agreement_parts(&units, &w, conger(&units, coded, &raters, &w)),
        Chance::Fleiss | Chance::BrennanPrediger | Chance::Gwet => {
            agreement_parts(&units, &w, from_shares(&units, &w, chance))
        }
    };
    let (raw, expected) = (mean(&parts.observed), mean(&parts.expected));
    let observed = raw + parts.small * (1.0 - raw);
    let known =
        ChanceCorrected { observed: Some(observed), expected: Some(expected), ..none(Reason::NoVariability) };
    if 1.0 - expected < 1e-14 {
        return Ok(known);
    }
    let coefficient = |observed: f64| (observed - expected) / (1.0 - expected);
    let (estimate, about) = (coefficient(observed), coefficient(raw));
    let influence = |(a, e): (&f64, &f64)| ((a - raw) - (1.0 - about) * (e - expected)) / (1.0 - expected);
    let n = parts.observed.len() as f64;
    let squares: f64 = parts.observed.iter().zip(&parts.expected).map(influence).map(|at| at * at).sum();
    let value = Estimate::point(estimate);
    let value = if n < 2.0 {
        value.because(Reason::TooFew)
    } else if squares < 1e-18 {
        value.because(Reason::Boundary)
    } else {
        let se = (squares / (n * (n - 1.0))).sqrt();
        let half = t_quantile(0.5 + 0.5 * level, n - 1.0) * se;
        value.with_se(se).with_interval("linearised_t", level, estimate - half, (estimate + half).min(1.0))
    };
    Ok(ChanceCorrected { value, ..known })
}

/// A unit's counts over the categories.
struct Unit {
    unit: usize,
    counts: Vec<f64>,
    r: f64,
}

impl Unit {
    fn new(unit: usize, coded: &Coded) -> Unit {
        let counts = coded.counts(unit);
        Unit { unit, r: counts.iter().sum(), counts }
    }

    /// Σ_q n_iq (Σ_l w_ql n_il − 1): twice the weighted number of agreeing pairs.
    fn agreeing(&self, w: &DMatrix<f64>) -> f64 {
        let used = || (0..self.counts.len()).filter(|q| self.counts[*q] > 0.0);
        used().map(|q| self.counts[q] * (used().map(|l| w[(q, l)] * self.counts[l]).sum::<f64>() - 1.0)).sum()
    }
}

/// Each unit's share in the observed and in the expected agreement; the means are those agreements, and the deviations
/// from them are the linearised influences.
struct Parts {
    observed: Vec<f64>,
    expected: Vec<f64>,
    /// Krippendorff's ε: the share of pairs that would be a rating with itself.
    small: f64,
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// p_a over the n′ units with two ratings: each stands for n/n′ of them, as far as it is above chance (Gwet's κ*_i).
fn agreement_parts(units: &[Unit], w: &DMatrix<f64>, expected: Vec<f64>) -> Parts {
    let paired = units.iter().filter(|unit| unit.r > 1.0).count() as f64;
    let factor = units.len() as f64 / paired;
    let chance = mean(&expected);
    let own = |unit: &Unit| match unit.r > 1.0 {
        true => chance + factor * (unit.agreeing(w) / (unit.r * (unit.r - 1.0)) - chance),
        false => chance,
    };
    Parts { observed: units.iter().map(own).collect(), expected, small: 0.0 }
}

/// The expected agreement as a function of the shares π, linearised in them.
fn from_shares(units: &[Unit], w: &DMatrix<f64>, chance: Chance) -> Vec<f64> {
    let q = w.nrows();
    let total = w.sum();
    let shares: Vec<f64> =
        (0..q).map(|c| mean(&units.iter().map(|unit| unit.counts[c] / unit.r).collect::<Vec<_>>())).collect();
    let (at, slope): (f64, Vec<f64>) = match chance {
        Chance::Fleiss => {
            let reach: Vec<f64> = (0..q).map(|c| (0..q).map(|l| w[(c, l)] * shares[l]).sum()).collect();
            (dot(&shares, &reach), reach.iter().map(|r| 2.0 * r).collect())
        }
        Chance::Gwet => {
            let scale = total / (q * (q - 1)) as f64;
            let at = scale * shares.iter().map(|share| share * (1.0 - share)).sum::<f64>();
            (at, shares.iter().map(|share| scale * (1.0 - 2.0 * share)).collect())
        }
        _ => (total / (q * q) as f64, vec![0.0; q]),
    };
    let centre = dot(&slope, &shares);
    units.iter().map(|unit| at + dot(&slope, &unit.counts) / unit.r - centre).collect()
}

/// Conger's expected agreement, Σ_{g≠h} p_g' W p_h / (R(R − 1)), linearised in the raters' margins.
fn conger(units: &[Unit], coded: &Coded, raters: &[usize], w: &DMatrix<f64>) -> Vec<f64> {
    let (q, n) = (w.nrows(), units.len() as f64);
    let pairs = (raters.len() * (raters.len() - 1)) as f64;
    let mut expected = vec![0.0; units.len()];
    let margins: Vec<(f64, Vec<f64>)> = raters
        .iter()
        .map(|rater| {
            let mut margin = vec![0.0; q];
            units.iter().filter_map(|unit| coded.get(unit.unit, *rater)).for_each(|code| margin[code] += 1.0);
            let rated: f64 = margin.iter().sum();
            (rated, margin.iter().map(|count| count / rated).collect())
        })
        .collect();
    let all: Vec<f64> = (0..q).map(|c| margins.iter().map(|(_, margin)| margin[c]).sum()).collect();
    let mut at = 0.0;
    for (rater, (rated, margin)) in raters.iter().zip(&margins) {
        // The weighted margins of the other raters.
        let others: Vec<f64> =
            (0..q).map(|c| (0..q).map(|l| w[(c, l)] * (all[l] - margin[l])).sum::<f64>() / pairs).collect();
        let own = dot(margin, &others);
        at += own;
        for (unit, part) in units.iter().zip(&mut expected) {
            if let Some(code) = coded.get(unit.unit, *rater) {
                *part += 2.0 * (others[code] - own) * n / rated;
            }
        }
    }
    expected.iter().map(|part| at + part).collect()
}

/// Krippendorff's alpha over the units with two ratings: agreement and shares weigh a unit by its ratings, and
/// p_a is (1 − ε) of the pairs' agreement plus ε = 1 / (number of ratings).
fn krippendorff_parts(units: &[Unit], w: &DMatrix<f64>) -> Parts {
    let units: Vec<&Unit> = units.iter().filter(|unit| unit.r > 1.0).collect();
    let (q, n) = (w.nrows(), units.len() as f64);
    let ratings: f64 = units.iter().map(|unit| unit.r).sum();
    let mean_ratings = ratings / n;
    let small = 1.0 / ratings;
    let shares: Vec<f64> =
        (0..q).map(|c| units.iter().map(|unit| unit.counts[c]).sum::<f64>() / ratings).collect();
    let reach: Vec<f64> = (0..q).map(|c| (0..q).map(|l| w[(c, l)] * shares[l]).sum()).collect();
    let agreement = units.iter().map(|unit| unit.agreeing(w) / (unit.r - 1.0)).sum::<f64>() / ratings;
    let at = dot(&shares, &reach);
    // Gwet's linearisation is that of alpha before ε; around it the number of ratings counts with ε.
    let corrected = agreement + small * (1.0 - agreement);
    let observed = |unit: &&Unit| {
        (unit.agreeing(w) / (unit.r - 1.0) - corrected * (unit.r - mean_ratings)) / mean_ratings
    };
    let expected = |unit: &&Unit| at + 2.0 * (dot(&reach, &unit.counts) - at * unit.r) / mean_ratings;
    Parts {
        observed: units.iter().map(observed).collect(),
        expected: units.iter().map(expected).collect(),
        small,
    }
}
