//! Whether the odd and the even items of scales say the same of a person.

use crate::reliability::correlation;
use crate::statistic::Reason;

/// Scales under which a correlation over scales says nothing.
const FEWEST_SCALES: usize = 3;

/// Even–odd consistency of a person.
///
/// Of each scale the mean of its odd and of its even items, in the order of the form; r their correlation over the
/// scales, stepped up to 2r/(1 + r), at least −1. Answers as scored, so that the items of a scale point one way.
///
/// # When it means what
/// Near 1 the person's scales are told apart alike by both halves. It rests on as many pairs as there are scales; with
/// three, as on forms for task, bond and goal, most of it is chance.
///
/// # Missing data
/// Means of the items answered; a scale without an answer in one half is left out.
///
/// # Errors
/// [`Reason::TooFew`] under three scales; [`Reason::FlatProfile`] where one of the halves is the same on all scales.
///
/// # Agrees with
/// careless 1.2 `evenodd` with the sign turned round: there +1 is careless, here +1 is consistent.
///
/// # Source
/// Jackson, D. N. (1976). The appraisal of personal reliability. Paper presented at the meetings of the Society of
/// Multivariate Experimental Psychology, University Park, PA; Curran, P. G. (2016). Methods for the detection of carelessly
/// invalid responses in survey data. Journal of Experimental Social Psychology, 66, 4–19.
///
/// ```
/// use alliance_metrics::quality::even_odd;
/// let scales: [&[usize]; 3] = [&[0, 1], &[2, 3], &[4, 5]];
/// let found = even_odd(&[3.0, 3.0, 1.0, 2.0, 3.0, 4.0], &scales).unwrap();
/// assert!((found - 0.928_203_230_275_509).abs() < 1e-12);
/// ```
pub fn even_odd(scored: &[f64], scales: &[&[usize]]) -> Result<f64, Reason> {
    let half = |scale: &[usize], first: usize| {
        let answers: Vec<f64> =
            scale.iter().skip(first).step_by(2).map(|j| scored[*j]).filter(|x| !x.is_nan()).collect();
        (!answers.is_empty()).then(|| answers.iter().sum::<f64>() / answers.len() as f64)
    };
    let halves: Vec<(f64, f64)> =
        scales.iter().filter_map(|scale| half(scale, 0).zip(half(scale, 1))).collect();
    if halves.len() < FEWEST_SCALES {
        return Err(Reason::TooFew);
    }
    let (odd, even): (Vec<f64>, Vec<f64>) = halves.into_iter().unzip();
    let r = correlation(&odd, &even, 0.95).r.estimate.ok_or(Reason::FlatProfile)?;
    // From r = −1/3 down the step leads below −1.
    Ok(if r <= -1.0 { -1.0 } else { (2.0 * r / (1.0 + r)).max(-1.0) })
}
