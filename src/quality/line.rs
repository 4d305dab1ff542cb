//! Straight lines, told apart by what they say.

use serde::Serialize;

use super::answers::PrintedItem;

/// What the same answer, or the same score, throughout says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Line {
    /// The same answer to items that say the opposite of each other: the answers contradict themselves.
    AgainstReversed,
    /// The highest score on every item: the best possible alliance, without contradiction.
    Ceiling,
    /// The lowest score on every item.
    Floor,
    /// The middle answer throughout, which means the same on reversed items.
    Middle,
    /// The same answer elsewhere, where no item is reversed or all are.
    SameAnswer,
    /// The same score elsewhere, with the answers turned round on the reversed items: the items were read.
    SameScore,
}

impl Line {
    /// Every kind.
    pub const ALL: [Line; 6] =
        [Line::AgainstReversed, Line::Ceiling, Line::Floor, Line::Middle, Line::SameAnswer, Line::SameScore];

    /// Its stable id.
    pub fn id(self) -> &'static str {
        match self {
            Line::AgainstReversed => "against_reversed",
            Line::Ceiling => "ceiling",
            Line::Floor => "floor",
            Line::Middle => "middle",
            Line::SameAnswer => "same_answer",
            Line::SameScore => "same_score",
        }
    }

    /// In words, for a page.
    pub fn words(self) -> &'static str {
        match self {
            Line::AgainstReversed => "same answer to reversed items",
            Line::Ceiling => "all at the top",
            Line::Floor => "all at the bottom",
            Line::Middle => "all in the middle",
            Line::SameAnswer => "same answer throughout",
            Line::SameScore => "same score throughout",
        }
    }
}

/// Answers under which the same one throughout is no line.
const FEWEST: usize = 3;

/// Whether a person gave the same answer, or has the same score, on every item; and what that says.
///
/// With the answers xⱼ as ticked and sⱼ as scored: all xⱼ equal, on items of which some are reversed and some are not, is
/// [`Line::AgainstReversed`] unless x = min + max − x ([`Line::Middle`]). Otherwise all sⱼ at the highest or lowest is
/// [`Line::Ceiling`] or [`Line::Floor`], and what is left is [`Line::SameAnswer`] or, where the ticks differ,
/// [`Line::SameScore`].
///
/// # When it means what
/// Only [`Line::AgainstReversed`] contradicts itself. More than half of clients may stand at the ceiling of a short
/// alliance scale and mean it.
///
/// # Missing data
/// The items answered, at least three of them and half the form; else there is no line.
///
/// # Errors
/// None.
///
/// # Agrees with
/// Its definition; no established software tells them apart.
///
/// # Source
/// This distinction follows from the key; that lines at the ceiling of alliance scales must not be taken for carelessness
/// follows from how common they are (Meier & Feeley, 2022).
///
/// ```
/// use alliance_metrics::quality::{Line, PrintedItem, straight_line};
/// use alliance_metrics::reliability::Allowed;
/// let allowed = Allowed { bounds: Some([1.0, 7.0]), points: vec![] };
/// let items = [false, true, false].map(|reversed| PrintedItem { reversed, allowed: allowed.clone() });
/// assert_eq!(straight_line(&[7.0, 7.0, 7.0], &[7.0, 1.0, 7.0], &items), Some(Line::AgainstReversed));
/// assert_eq!(straight_line(&[7.0, 1.0, 7.0], &[7.0, 7.0, 7.0], &items), Some(Line::Ceiling));
/// ```
pub fn straight_line(ticked: &[f64], scored: &[f64], items: &[PrintedItem]) -> Option<Line> {
    let answered: Vec<usize> = (0..ticked.len()).filter(|j| !ticked[*j].is_nan()).collect();
    if answered.len() < FEWEST.max(ticked.len().div_ceil(2)) {
        return None;
    }
    let same = |answers: &[f64]| answered.iter().all(|j| answers[*j] == answers[answered[0]]);
    let at = |end: usize| {
        let there = |j: &usize| items[*j].allowed.bounds.is_some_and(|bounds| scored[*j] == bounds[end]);
        answered.iter().all(there)
    };
    let same_answer = same(ticked);
    if same_answer && is_mixed(items, &answered) {
        let middle = |j: &usize| items[*j].mirrored(ticked[*j]) == Some(ticked[*j]);
        return Some(if answered.iter().all(middle) { Line::Middle } else { Line::AgainstReversed });
    }
    match (at(1), at(0)) {
        (true, _) => Some(Line::Ceiling),
        (_, true) => Some(Line::Floor),
        _ if same_answer => Some(Line::SameAnswer),
        _ => same(scored).then_some(Line::SameScore),
    }
}

/// Whether some of the items are reversed and some are not.
pub(super) fn is_mixed(items: &[PrintedItem], which: &[usize]) -> bool {
    let reversed = |j: &usize| items[*j].reversed;
    which.iter().any(reversed) && !which.iter().all(reversed)
}
