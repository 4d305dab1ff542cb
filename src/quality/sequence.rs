//! Sequences that repeat: 1-2-3-1-2-3.

use serde::Serialize;

/// A stretch of neighbouring items in which a sequence of answers repeats.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sequence {
    /// How many items.
    pub length: usize,
    /// The first of them, as a column.
    pub first: usize,
    /// After how many items it repeats.
    pub period: usize,
    /// The answers that repeat.
    pub repeated: Vec<f64>,
}

/// The longest stretch of a person's answers that repeats a sequence of two or more answers, not all the same, at least
/// once in full.
///
/// A stretch x_a … x_b of the answers as ticked, in the order of the form, repeats with period p ≥ 2 if x_j = x_{j+p}
/// within it and b − a + 1 ≥ 2p; of the stretches the longest, of equally long ones that with the shortest period, then
/// the first. None if there is none.
///
/// # When it means what
/// Long repetitions are a way to fill in a form unread that runs of one answer do not show. Short ones (5-4-5-4) come by
/// themselves where most answers are one of two, and the key makes one of its own where a person has the same score on
/// every item and reversed items stand at regular places.
///
/// # Missing data
/// A gap breaks a stretch.
///
/// # Errors
/// None.
///
/// # Agrees with
/// Its definition; no established software counts them.
///
/// # Source
/// The pattern that Gottfried, J., Ježek, S., Králová, M., & Řiháček, T. (2022, Practical Assessment, Research, and
/// Evaluation, 27) look for by autocorrelation, taken literally.
///
/// ```
/// use alliance_metrics::quality::longest_sequence;
/// let found = longest_sequence(&[4.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 5.0]).unwrap();
/// assert_eq!((found.length, found.first, found.period), (7, 1, 3));
/// assert_eq!(found.repeated, [1.0, 2.0, 3.0]);
/// assert_eq!(longest_sequence(&[2.0; 6]), None);
/// ```
pub fn longest_sequence(answers: &[f64]) -> Option<Sequence> {
    let k = answers.len();
    let mut longest: Option<Sequence> = None;
    for period in 2..=k / 2 {
        let mut first = 0;
        for at in 0..=k - period {
            // A gap is no number, and equal to nothing.
            if at < k - period && answers[at] == answers[at + period] {
                continue;
            }
            let length = at - first + period;
            let block = &answers[first..first + period];
            let repeats = length >= 2 * period && block.iter().any(|x| *x != block[0]);
            if repeats && longest.as_ref().is_none_or(|longest| length > longest.length) {
                longest = Some(Sequence { length, first, period, repeated: block.to_vec() });
            }
            first = at + 1;
        }
    }
    longest
}
