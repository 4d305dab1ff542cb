//! Clinical cut-offs, from norms that the user gives: none are shipped for alliance, because there are none.

use serde::Serialize;

use super::change::{Better, ReliableChange};
use crate::statistic::{Reason, StatError};

/// A group's mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Norm {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// A cut-off between two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffKind {
    /// Two standard deviations from the clinical mean.
    A,
    /// Two standard deviations from the functional mean, still within it.
    B,
    /// Between the two, weighted by the standard deviations.
    C,
}

/// Cut-offs between a clinical and a functional group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cutoffs {
    /// Beyond the clinical group: its mean and two of its standard deviations towards the better.
    pub a: Option<f64>,
    /// Within the functional group: its mean and two of its standard deviations towards the worse.
    pub b: Option<f64>,
    /// Between the two.
    pub c: Option<f64>,
}

impl Cutoffs {
    /// The one that is used: c where both norms exist and the groups overlap (a lies beyond b), b where they do not, a
    /// without functional norms.
    ///
    /// ```
    /// use alliance_metrics::session::{Better, CutoffKind, Norm, cutoffs};
    /// let (clinical, functional) = (Norm { mean: 3.0, sd: 0.5 }, Norm { mean: 6.0, sd: 0.5 });
    /// let cut = cutoffs(Some(clinical), Some(functional), Better::Higher).unwrap();
    /// assert_eq!(cut.in_use(Better::Higher), Some((CutoffKind::B, 5.0)));
    /// ```
    pub fn in_use(&self, better: Better) -> Option<(CutoffKind, f64)> {
        let overlap = |a: f64, b: f64| if better == Better::Higher { a > b } else { a < b };
        match (self.a, self.b, self.c) {
            (Some(a), Some(b), Some(c)) if overlap(a, b) => Some((CutoffKind::C, c)),
            (_, Some(b), _) => Some((CutoffKind::B, b)),
            (Some(a), None, _) => Some((CutoffKind::A, a)),
            (None, None, _) => None,
        }
    }
}

/// Cut-offs a, b and c.
///
/// With d = 1 where higher is better, −1 otherwise: a = M_clin + 2 d S_clin; b = M_funct − 2 d S_funct; c = (S_clin M_funct +
/// S_funct M_clin) / (S_clin + S_funct).
///
/// c where both norms exist and the groups overlap, b where they do not, a without functional norms.
///
/// # Missing data
/// A cut-off whose norm is not given is none.
///
/// # Errors
/// [`Reason::NoVariability`] for a standard deviation that is not above 0.
///
/// # Agrees with
/// clinicalsignificance 3.0.0 for a and c; that package takes the clinical SD in b, Jacobson and Truax the functional one, as
/// here.
///
/// # Source
/// Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59.
///
/// ```
/// use alliance_metrics::session::{Better, Norm, cutoffs};
/// let clinical = Norm { mean: 30.0, sd: 6.0 };
/// let cut = cutoffs(Some(clinical), Some(Norm { mean: 16.0, sd: 5.0 }), Better::Lower).unwrap();
/// assert_eq!((cut.a, cut.b), (Some(18.0), Some(26.0)));
/// ```
pub fn cutoffs(
    clinical: Option<Norm>,
    functional: Option<Norm>,
    better: Better,
) -> Result<Cutoffs, StatError> {
    for norm in [clinical, functional].into_iter().flatten() {
        if !(norm.sd > 0.0 && norm.sd.is_finite() && norm.mean.is_finite()) {
            let message = format!("a norm with mean {} and standard deviation {}", norm.mean, norm.sd);
            return Err(StatError::new(Reason::NoVariability, message));
        }
    }
    let d = if better == Better::Higher { 1.0 } else { -1.0 };
    let between = |clinical: Norm, functional: Norm| {
        (clinical.sd * functional.mean + functional.sd * clinical.mean) / (clinical.sd + functional.sd)
    };
    Ok(Cutoffs {
        a: clinical.map(|norm| norm.mean + 2.0 * d * norm.sd),
        b: functional.map(|norm| norm.mean - 2.0 * d * norm.sd),
        c: clinical.zip(functional).map(|(clinical, functional)| between(clinical, functional)),
    })
}

/// Hageman and Arrindell's cut-off between true scores, and where a person stands to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrueCutoff {
    /// Cut-off c with the standard deviations of true scores.
    pub cutoff: f64,
    /// [M₂ + (y − M₂) r₂ − cut-off] / (√r₂ E); beyond 1.65 towards the better, the person is past it.
    pub index: f64,
}

/// What Hageman and Arrindell's cut-off is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrueCutoffBasis {
    /// The clinical norm: mean and standard deviation before.
    pub clinical: Norm,
    /// The functional norm.
    pub functional: Norm,
    /// The sample after: mean and standard deviation.
    pub post: Norm,
    /// The reliability of scores before, from which the error comes.
    pub reliability: f64,
}

/// Whether a score after is past the cut-off between true scores.
///
/// E = S_clin √(1 − r); r₂ = (S₂² − E²) / S₂²; the cut-off is c with √(S² − E²) in the place of each group's S.
///
/// # Missing data
/// None.
///
/// # Errors
/// [`Reason::Boundary`] unless 0 < r < 1 and 0 < r₂, [`Reason::NoVariability`] for a standard deviation that is not above 0.
///
/// # Agrees with
/// clinicalsignificance 3.0.0.
///
/// # Source
/// Hageman & Arrindell (1999), Behaviour Research and Therapy 37.
///
/// ```
/// use alliance_metrics::session::{Norm, TrueCutoffBasis, true_cutoff};
/// let basis = TrueCutoffBasis {
///     clinical: Norm { mean: 30.0, sd: 6.0 },
///     functional: Norm { mean: 16.0, sd: 5.0 },
///     post: Norm { mean: 21.0, sd: 7.0 },
///     reliability: 0.88,
/// };
/// assert!((true_cutoff(20.0, &basis).unwrap().index + 1.092_466).abs() < 1e-6);
/// ```
pub fn true_cutoff(post: f64, basis: &TrueCutoffBasis) -> Result<TrueCutoff, StatError> {
    let TrueCutoffBasis { clinical, functional, post: after, reliability } = *basis;
    cutoffs(Some(clinical), Some(functional), Better::Higher)?;
    let error = clinical.sd * (1.0 - reliability).sqrt();
    let r2 = (after.sd * after.sd - error * error) / (after.sd * after.sd);
    if !(reliability > 0.0 && reliability < 1.0 && r2 > 0.0) {
        let message = format!("reliabilities of {reliability} and {r2}, between 0 and 1 is needed");
        return Err(StatError::new(Reason::Boundary, message));
    }
    let [own, theirs] = [clinical.sd, functional.sd].map(|sd| (sd * sd - error * error).max(0.0).sqrt());
    let cutoff = (own * functional.mean + theirs * clinical.mean) / (own + theirs);
    Ok(TrueCutoff { cutoff, index: (after.mean + (post - after.mean) * r2 - cutoff) / (r2.sqrt() * error) })
}

/// Change and cut-off together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Reliably better, from the clinical to the functional side.
    Recovered,
    /// Reliably better.
    Improved,
    /// Not reliably changed.
    Unchanged,
    /// Reliably worse.
    Deteriorated,
    /// Reliably worse, from the functional to the clinical side.
    Harmed,
}

/// The class of a reliable change held against a cut-off. Only a score on the clinical side can recover.
///
/// ```
/// use alliance_metrics::session::{Better, ReliableChange, Status, status};
/// assert_eq!(status(32.0, 20.0, 22.4, ReliableChange::Improved, Better::Lower), Status::Recovered);
/// ```
pub fn status(pre: f64, post: f64, cutoff: f64, change: ReliableChange, better: Better) -> Status {
    let is_functional = |score: f64| if better == Better::Higher { score > cutoff } else { score < cutoff };
    match (change, is_functional(pre), is_functional(post)) {
        (ReliableChange::Improved, false, true) => Status::Recovered,
        (ReliableChange::Improved, ..) => Status::Improved,
        (ReliableChange::Deteriorated, true, false) => Status::Harmed,
        (ReliableChange::Deteriorated, ..) => Status::Deteriorated,
        (ReliableChange::Unchanged, ..) => Status::Unchanged,
    }
}
