//! How answers go with the answers some items before.

use serde::Serialize;

use crate::reliability::correlation;
use crate::statistic::Reason;

/// The largest autocorrelation of a person's answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Autocorrelation {
    /// The correlation.
    pub r: f64,
    /// Over how many items.
    pub lag: usize,
}

/// Pairs under which a correlation says nothing.
const FEWEST_PAIRS: usize = 3;

/// The largest correlation of a person's answers with the answers a number of items before.
///
/// max over lags l = 1 … ⌊k/2⌋ of r_l, Pearson's correlation of x₁ … x_{k−l} with x_{1+l} … x_k, the answers as ticked in
/// the order of the form; of equal ones that of the shortest lag.
///
/// # When it means what
/// Near 1 where a pattern of answers repeats, even with slips that break a repeated sequence. It is the largest of
/// several, over few pairs on a short form, and so well above 0 in careful answers too: compare persons on one form.
/// Items of two kinds in turn, such as reversed ones in every other place, raise it for everybody.
///
/// # Missing data
/// Each lag takes the pairs that were both answered.
///
/// # Errors
/// [`Reason::TooFew`] if no lag has three pairs; [`Reason::FlatProfile`] if all answers are the same.
///
/// # Agrees with
/// R 4.2 `cor` over shifted answers. (`acf` divides by the variance of the whole series.)
///
/// # Source
/// Gottfried, J., Ježek, S., Králová, M., & Řiháček, T. (2022). Autocorrelation screening: A potentially efficient method
/// for detecting repetitive response patterns in questionnaire data. Practical Assessment, Research, and Evaluation, 27.
///
/// ```
/// use alliance_metrics::quality::autocorrelation;
/// let found = autocorrelation(&[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0]).unwrap();
/// assert_eq!((found.lag, (found.r - 1.0).abs() < 1e-12), (3, true));
/// ```
pub fn autocorrelation(answers: &[f64]) -> Result<Autocorrelation, Reason> {
    let k = answers.len();
    let mut best: Option<Autocorrelation> = None;
    let mut enough = false;
    for lag in 1..=k / 2 {
        let found = correlation(&answers[..k - lag], &answers[lag..], 0.95);
        if found.n < FEWEST_PAIRS {
            continue;
        }
        enough = true;
        let Some(r) = found.r.estimate else { continue };
        // Rounding must not decide between two lags that repeat alike.
        if best.is_none_or(|best| r > best.r + 1e-12) {
            best = Some(Autocorrelation { r, lag });
        }
    }
    best.ok_or(if enough { Reason::FlatProfile } else { Reason::TooFew })
}
