//! Runs of the same answer, and how far a person's answers spread.

use serde::Serialize;

use crate::statistic::Reason;

/// A stretch of neighbouring items with the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Run {
    /// How many items.
    pub length: usize,
    /// The first of them, as a column.
    pub first: usize,
    /// The answer.
    pub value: f64,
}

/// The runs of a person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Runs {
    /// The longest, of equally long ones the first.
    pub longest: Run,
    /// How long they are on average.
    pub average: f64,
}

/// The longest and the average run of identical answers.
///
/// Of the answers x₁ … x_k as ticked, in the order of the form, a run is a maximal stretch of neighbours that are equal.
/// The longest has the length max, the average is the number of answers by the number of runs.
///
/// # When it means what
/// A long run on a form with reversed items contradicts itself; without reversed items, at the end of an alliance scale,
/// it may be what the person means.
///
/// # Missing data
/// A gap breaks a run and is none itself.
///
/// # Errors
/// [`Reason::AllMissing`] without any answer.
///
/// # Agrees with
/// careless 1.2 `longstring` without gaps; there every gap counts as a run of one in the average.
///
/// # Source
/// Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality inventories.
/// Journal of Research in Personality, 39, 103–129.
///
/// ```
/// use alliance_metrics::quality::runs;
/// let found = runs(&[5.0, 6.0, 6.0, 5.0, 7.0, 6.0]).unwrap();
/// assert_eq!((found.longest.length, found.longest.first), (2, 1));
/// assert!((found.average - 1.2).abs() < 1e-12);
/// ```
pub fn runs(answers: &[f64]) -> Result<Runs, Reason> {
    let mut longest = Run { length: 0, first: 0, value: f64::NAN };
    let (mut count, mut answered) = (0, 0);
    let mut run = longest;
    for (at, answer) in answers.iter().enumerate() {
        if answer.is_nan() {
            run.length = 0;
            continue;
        }
        answered += 1;
        if run.length > 0 && run.value == *answer {
            run.length += 1;
        } else {
            count += 1;
            run = Run { length: 1, first: at, value: *answer };
        }
        if run.length > longest.length {
            longest = run;
        }
    }
    if answered == 0 {
        return Err(Reason::AllMissing);
    }
    Ok(Runs { longest, average: f64::from(answered) / f64::from(count) })
}

/// Intra-individual response variability: the standard deviation of a person's answers.
///
/// √(Σⱼ (xⱼ − x̄)² / (k − 1)) over the k items answered, as ticked.
///
/// # When it means what
/// Little spread is a straight line or nearly one; on a form with reversed items a careful person at the end of the scale
/// spreads most. Very large spread may be answering at random.
///
/// # Missing data
/// The items answered.
///
/// # Errors
/// [`Reason::AllMissing`] without any answer, [`Reason::TooFew`] with one.
///
/// # Agrees with
/// careless 1.2 `irv`.
///
/// # Source
/// Dunn, A. M., Heggestad, E. D., Shanock, L. R., & Theilgard, N. (2018). Intra-individual response variability as an
/// indicator of insufficient effort responding. Journal of Business and Psychology, 33, 105–121.
///
/// ```
/// use alliance_metrics::quality::spread;
/// let found = spread(&[2.0, 5.0, 3.0, 2.0, 2.0, 3.0]).unwrap();
/// assert!((found - 1.169_045_194_450_012).abs() < 1e-12);
/// ```
pub fn spread(answers: &[f64]) -> Result<f64, Reason> {
    let answered = || answers.iter().filter(|x| !x.is_nan());
    let n = answered().count();
    match n {
        0 => return Err(Reason::AllMissing),
        1 => return Err(Reason::TooFew),
        _ => {}
    }
    let mean = answered().sum::<f64>() / n as f64;
    let squares: f64 = answered().map(|x| (x - mean) * (x - mean)).sum();
    Ok((squares / (n - 1) as f64).sqrt())
}
