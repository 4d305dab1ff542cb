//! Reliable change of a person, by every method that is in use.

use serde::Serialize;

use crate::statistic::{Reason, StatError};

/// A method of reliable change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMethod {
    /// Jacobson and Truax.
    Jt,
    /// Gulliksen, Lord and Novick.
    Gln,
    /// Hsu, Linn and Lord.
    Hll,
    /// Edwards and Nunnally, as Speer gives it.
    En,
    /// Nunnally and Kotsch.
    Nk,
    /// Hageman and Arrindell.
    Ha,
    /// A mixed growth model of the sample: the person's slope less the sample's.
    Hlm,
}

impl ChangeMethod {
    /// All of them.
    pub const ALL: [ChangeMethod; 7] = [
        ChangeMethod::Jt,
        ChangeMethod::Gln,
        ChangeMethod::Hll,
        ChangeMethod::En,
        ChangeMethod::Nk,
        ChangeMethod::Ha,
        ChangeMethod::Hlm,
    ];

    /// Those that take a score before and one after.
    pub const OF_TWO_SCORES: [ChangeMethod; 6] = [
        ChangeMethod::Jt,
        ChangeMethod::Gln,
        ChangeMethod::Hll,
        ChangeMethod::En,
        ChangeMethod::Nk,
        ChangeMethod::Ha,
    ];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            ChangeMethod::Jt => "jt",
            ChangeMethod::Gln => "gln",
            ChangeMethod::Hll => "hll",
            ChangeMethod::En => "en",
            ChangeMethod::Nk => "nk",
            ChangeMethod::Ha => "ha",
            ChangeMethod::Hlm => "hlm",
        }
    }

    /// Its authors.
    pub fn authors(self) -> &'static str {
        match self {
            ChangeMethod::Jt => "Jacobson & Truax",
            ChangeMethod::Gln => "Gulliksen, Lord & Novick",
            ChangeMethod::Hll => "Hsu, Linn & Lord",
            ChangeMethod::En => "Edwards & Nunnally",
            ChangeMethod::Nk => "Nunnally & Kotsch",
            ChangeMethod::Ha => "Hageman & Arrindell",
            ChangeMethod::Hlm => "Growth model (HLM)",
        }
    }

    /// The value an index must exceed: 1.96, for Hageman and Arrindell 1.65, one-sided as they give it.
    pub fn critical(self) -> f64 {
        if self == ChangeMethod::Ha { 1.65 } else { 1.96 }
    }
}

/// What reliable change is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChangeBasis {
    /// Mean before.
    pub mean_pre: f64,
    /// Standard deviation before: of norms, of a clinical group, or of the sample.
    pub sd_pre: f64,
    /// The reliability of scores of that same population.
    pub reliability: f64,
    /// Mean after; without it, Hsu's and Hageman's methods have no index.
    pub mean_post: Option<f64>,
    /// Standard deviation after.
    pub sd_post: Option<f64>,
    /// Reliability after; without it, Nunnally and Kotsch have no index.
    pub reliability_post: Option<f64>,
    /// Correlation of scores before and after in the sample.
    pub correlation: Option<f64>,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Higher scores, as in alliance.
    #[default]
    Higher,
    /// Lower scores, as in symptoms.
    Lower,
}

impl Better {
    fn sign(self) -> f64 {
        if self == Better::Higher { 1.0 } else { -1.0 }
    }
}

/// Whether a person changed beyond error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReliableChange {
    /// For the better.
    Improved,
    /// Not beyond error.
    Unchanged,
    /// For the worse.
    Deteriorated,
}

/// An index of change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChangeIndex {
    /// The method.
    pub method: ChangeMethod,
    /// The numerator, in points.
    pub difference: Option<f64>,
    /// The denominator, in points.
    pub se: Option<f64>,
    /// Their ratio.
    pub index: Option<f64>,
    /// The class.
    pub class: Option<ReliableChange>,
    /// Why there is none.
    pub reason: Option<Reason>,
}

impl ChangeBasis {
    /// The standard error of measurement, SD √(1 − r).
    pub fn error(&self) -> f64 {
        self.sd_pre * (1.0 - self.reliability).sqrt()
    }

    fn check(&self) -> Result<(), StatError> {
        if !(self.sd_pre > 0.0 && self.sd_pre.is_finite() && self.mean_pre.is_finite()) {
            return Err(StatError::new(
                Reason::NoVariability,
                format!("a standard deviation of {}", self.sd_pre),
            ));
        }
        if !(self.reliability > 0.0 && self.reliability < 1.0) {
            let message = format!("a reliability of {}, between 0 and 1 is needed", self.reliability);
            return Err(StatError::new(Reason::Boundary, message));
        }
        Ok(())
    }

    /// The reliability of differences that Hageman and Arrindell use.
    fn difference_reliability(&self) -> Option<f64> {
        let (sd_post, p) = (self.sd_post?, self.correlation?);
        let (v1, v2, error) = (self.sd_pre * self.sd_pre, sd_post * sd_post, self.error() * self.error());
        let shared = 2.0 * self.sd_pre * sd_post * p;
        // S₁² r₁ = S₁² − error², and so for the second.
        let reliability = (v1 + v2 - 2.0 * error - shared) / (v1 + v2 - shared);
        Some(reliability).filter(|r| r.is_finite() && *r > 0.0)
    }
}

/// Indices of reliable change of one person by every method, for a score `pre` and a score `post`.
///
/// With x = pre, y = post, M S r of the basis, E = S₁ √(1 − r): JT (y − x) / (√2 E); GLN [(y − M₁) − r (x − M₁)] / (S₁ √(1 −
/// r²)); HLL [(y − M₂) − r (x − M₁)] / (S₁ √(1 − r²)); EN [y − (r (x − M₁) + M₁)] / E; NK the same over √(r² S₁² (1 − r) + S₁² (1 −
/// r_post)); HA [(y − x) R + (M₂ − M₁)(1 − R)] / (√R √2 E), R = (S₁² r₁ + S₂² r₂ − 2 S₁ S₂ p) / (S₁² + S₂² − 2 S₁ S₂ p), rᵢ = (Sᵢ² −
/// E²) / Sᵢ². Improved or deteriorated strictly beyond 1.96 (HA 1.65).
///
/// JT asks whether the difference exceeds measurement error; the others take regression to the mean into account, each in its
/// way. A between-person SD and reliability belong together; session-to-session falls within a person are judged by
/// `within_person_anova` instead.
///
/// # Missing data
/// A method whose basis is not given has a reason, [`Reason::NotApplicable`].
///
/// # Errors
/// [`Reason::Boundary`] unless 0 < r < 1, [`Reason::NoVariability`] unless SD > 0.
///
/// # Agrees with
/// clinicalsignificance 3.0.0.
///
/// # Source
/// Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59; Hsu (1989), Speer (1992), Nunnally & Kotsch (1983),
/// Hageman & Arrindell (1999), Behaviour Research and Therapy 37.
///
/// ```
/// use alliance_metrics::session::{Better, ChangeBasis, reliable_change};
/// let basis = ChangeBasis {
///     mean_pre: 30.0, sd_pre: 6.0, reliability: 0.88,
///     mean_post: Some(21.0), sd_post: Some(7.0), reliability_post: Some(0.90), correlation: Some(0.45),
/// };
/// let all = reliable_change(32.0, 20.0, &basis, Better::Lower).unwrap();
/// assert!((all[0].index.unwrap() + 4.082_483).abs() < 1e-6);
/// ```
pub fn reliable_change(
    pre: f64,
    post: f64,
    basis: &ChangeBasis,
    better: Better,
) -> Result<Vec<ChangeIndex>, StatError> {
    basis.check()?;
    if !pre.is_finite() || !post.is_finite() {
        return Err(StatError::new(Reason::AllMissing, "a score before or after is missing"));
    }
    Ok(ChangeMethod::OF_TWO_SCORES.map(|method| one_method(method, pre, post, basis, better)).to_vec())
}

fn one_method(method: ChangeMethod, pre: f64, post: f64, basis: &ChangeBasis, better: Better) -> ChangeIndex {
    let (m, s, r, error) = (basis.mean_pre, basis.sd_pre, basis.reliability, basis.error());
    let expected = r * (pre - m) + m;
    let parts = match method {
        ChangeMethod::Jt => Some((post - pre, std::f64::consts::SQRT_2 * error)),
        ChangeMethod::Gln => Some((post - expected, s * (1.0 - r * r).sqrt())),
        ChangeMethod::Hll => {
            basis.mean_post.map(|after| ((post - after) - r * (pre - m), s * (1.0 - r * r).sqrt()))
        }
        ChangeMethod::En => Some((post - expected, error)),
        ChangeMethod::Nk => basis
            .reliability_post
            .map(|after| (post - expected, (r * r * s * s * (1.0 - r) + s * s * (1.0 - after)).sqrt())),
        ChangeMethod::Ha => basis.mean_post.zip(basis.difference_reliability()).map(|(after, kept)| {
            let difference = (post - pre) * kept + (after - m) * (1.0 - kept);
            (difference, kept.sqrt() * std::f64::consts::SQRT_2 * error)
        }),
        ChangeMethod::Hlm => None,
    };
    index(method, parts, better)
}

/// The index of a difference and its standard error, where there are both.
fn index(method: ChangeMethod, parts: Option<(f64, f64)>, better: Better) -> ChangeIndex {
    let parts = parts.filter(|(difference, se)| difference.is_finite() && *se > 0.0);
    let index = parts.map(|(difference, se)| difference / se);
    ChangeIndex {
        method,
        difference: parts.map(|(difference, _)| difference),
        se: parts.map(|(_, se)| se),
        index,
        class: index.map(|index| class(better.sign() * index, method.critical())),
        reason: index.is_none().then_some(Reason::NotApplicable),
    }
}

/// The index of a person's slope in a mixed growth model: by how much it is predicted to differ from the sample's, over its
/// conditional standard deviation.
///
/// u₁ / √var(u₁ | data), u₁ the empirical Bayes deviation of the slope. Better or worse beyond 1.96: than the sample's course,
/// not than the person's own beginning, which is what the other methods ask.
///
/// # Missing data
/// The model takes every session there is.
///
/// # Errors
/// None; without a standard deviation (slopes do not differ) the index has a reason, [`Reason::NotApplicable`].
///
/// # Agrees with
/// lme4 1.1-31 `ranef(condVar = TRUE)`.
///
/// # Source
/// Raudenbush & Bryk (2002), Hierarchical linear models, chapter 3.
///
/// ```
/// use alliance_metrics::session::{Better, ReliableChange, model_change};
/// let index = model_change(-0.5, 0.2, Better::Higher);
/// assert_eq!((index.index, index.class), (Some(-2.5), Some(ReliableChange::Deteriorated)));
/// ```
pub fn model_change(deviation: f64, conditional_sd: f64, better: Better) -> ChangeIndex {
    index(ChangeMethod::Hlm, Some((deviation, conditional_sd)), better)
}

fn class(toward_better: f64, critical: f64) -> ReliableChange {
    if toward_better > critical {
        ReliableChange::Improved
    } else if toward_better < -critical {
        ReliableChange::Deteriorated
    } else {
        ReliableChange::Unchanged
    }
}

/// Detectable change of one score, and what a true score may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Detectable {
    /// Standard error of measurement.
    pub error: f64,
    /// Standard error of a difference of two scores.
    pub difference_error: f64,
    /// Smallest detectable change of a person, 1.96 √2 times the error (SDC, MDC95).
    pub change_95: f64,
    /// The same at 90 %, with 1.645.
    pub change_90: f64,
}

impl Detectable {
    /// From a standard error of measurement.
    ///
    /// ```
    /// use alliance_metrics::session::Detectable;
    /// let change = Detectable::from_error(6.0 * 0.12f64.sqrt());
    /// assert!((change.change_95 - 5.7612).abs() < 1e-4 && (change.of_group(25) - 1.15224).abs() < 1e-5);
    /// ```
    pub fn from_error(error: f64) -> Detectable {
        let difference_error = std::f64::consts::SQRT_2 * error;
        Detectable {
            error,
            difference_error,
            change_95: 1.96 * difference_error,
            change_90: 1.645 * difference_error,
        }
    }

    /// The smallest detectable change of the mean of n persons.
    pub fn of_group(&self, n: usize) -> f64 {
        self.change_95 / (n as f64).sqrt()
    }
}

/// Kelley's true score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrueScore {
    /// r x + (1 − r) M.
    pub estimate: f64,
    /// Its standard error of estimation, S √(r (1 − r)).
    pub se: f64,
}

/// The true score that regression towards the mean lets expect: r x + (1 − r) M, with standard error S √(r (1 − r)).
///
/// # Missing data
/// None.
///
/// # Errors
/// [`Reason::Boundary`] unless 0 < r < 1, [`Reason::NoVariability`] unless SD > 0.
///
/// # Agrees with
/// By hand.
///
/// # Source
/// Kelley (1947), Fundamentals of statistics.
///
/// ```
/// use alliance_metrics::session::true_score;
/// let score = true_score(10.0, 8.0, 2.0, 0.75).unwrap();
/// assert_eq!(score.estimate, 9.5);
/// ```
pub fn true_score(score: f64, mean: f64, sd: f64, reliability: f64) -> Result<TrueScore, StatError> {
    let basis = ChangeBasis {
        mean_pre: mean,
        sd_pre: sd,
        reliability,
        mean_post: None,
        sd_post: None,
        reliability_post: None,
        correlation: None,
    };
    basis.check()?;
    if !score.is_finite() {
        return Err(StatError::new(Reason::AllMissing, "no score"));
    }
    Ok(TrueScore {
        estimate: reliability * score + (1.0 - reliability) * mean,
        se: sd * (reliability * (1.0 - reliability)).sqrt(),
    })
}
