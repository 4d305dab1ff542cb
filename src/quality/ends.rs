//! Floors and ceilings of items and scales.

use serde::Serialize;

use super::answers::FormAnswers;
use crate::numeric::quantile;

/// How often an item was left out, and how often its lowest and highest score were chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ItemEnds {
    /// The item.
    pub item: String,
    /// Whether the key reverses it.
    pub reversed: bool,
    /// How many persons answered it.
    pub n: usize,
    /// How many did not.
    pub missing: usize,
    /// The share that did not.
    pub missing_share: Option<f64>,
    /// The share of the answers with the lowest score.
    pub floor: Option<f64>,
    /// The share of the answers with the highest score.
    pub ceiling: Option<f64>,
    /// The share that each point would have if all were chosen alike.
    pub even_share: Option<f64>,
    /// Whether more than `even_share` stand at the floor or ceiling.
    pub many_at_an_end: bool,
    /// Whether more than a tenth of the persons left it out.
    pub often_missing: bool,
}

/// Above this share of gaps an item is marked.
const OFTEN_MISSING: f64 = 0.1;

/// Floor, ceiling and gaps of each item.
///
/// Shares of the persons who answered it, as scored: a reversed item stands at its ceiling where its lowest answer was
/// ticked. Marked where more than 1/points stand at an end, and where more than a tenth left it out.
///
/// # When it means what
/// A marked end says that the item does not tell persons apart there. On alliance scales most items are marked.
///
/// # Missing data
/// Is counted.
///
/// # Errors
/// None; an item that nobody answered, or without bounds or points, has no shares.
///
/// # Agrees with
/// Its definition.
///
/// # Source
/// The limits are those of a published item analysis: 100/categories %, and 10 % missing.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::{FormAnswers, PrintedItem, item_ends};
/// use alliance_metrics::reliability::Allowed;
/// let data = ItemMatrix::from_rows(vec!["i1".into()], &[vec![2.0], vec![2.0], vec![1.0], vec![f64::NAN]]);
/// let allowed = Allowed { bounds: Some([1.0, 2.0]), points: vec![1.0, 2.0] };
/// let items = vec![PrintedItem { reversed: false, allowed }];
/// let found = item_ends(&FormAnswers::new(data.clone(), data, items, vec![]));
/// assert_eq!((found[0].n, found[0].ceiling, found[0].missing_share), (3, Some(2.0 / 3.0), Some(0.25)));
/// ```
pub fn item_ends(answers: &FormAnswers) -> Vec<ItemEnds> {
    let persons = answers.scored.n();
    let of = |j: usize| {
        let (key, scores) = (&answers.items[j], answers.scored.item(j));
        let n = scores.iter().filter(|x| !x.is_nan()).count();
        let share = |count: usize, of: usize| (of > 0).then(|| count as f64 / of as f64);
        let at = |end: usize| {
            let bounds = key.allowed.bounds?;
            share(scores.iter().filter(|x| **x == bounds[end]).count(), n)
        };
        let (floor, ceiling) = (at(0), at(1));
        let points = key.allowed.points.len();
        let even_share = (points > 1).then(|| 1.0 / points as f64);
        let missing_share = share(persons - n, persons);
        let beyond = |share: Option<f64>| share.zip(even_share).is_some_and(|(share, even)| share > even);
        ItemEnds {
            item: answers.scored.items[j].clone(),
            reversed: key.reversed,
            n,
            missing: persons - n,
            missing_share,
            floor,
            ceiling,
            even_share,
            many_at_an_end: beyond(floor) || beyond(ceiling),
            often_missing: missing_share.is_some_and(|share| share > OFTEN_MISSING),
        }
    };
    (0..answers.scored.k()).map(of).collect()
}

/// How the scores of a scale stand to its ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScaleEnds {
    /// How many persons have a score.
    pub n: usize,
    /// How many do not.
    pub without: usize,
    /// The share of the scores at the lowest possible one.
    pub floor: Option<f64>,
    /// The share of the scores at the highest possible one.
    pub ceiling: Option<f64>,
    /// Whether more than 15 % stand at the floor or ceiling.
    pub many_at_an_end: bool,
    /// How many different scores there are.
    pub distinct: usize,
    /// The share of all answers to its items with the highest score (top box).
    pub top_box: Option<f64>,
    /// The share of all answers to its items with the lowest score.
    pub bottom_box: Option<f64>,
}

/// Above this share of scores at an end a scale is said to have a floor or ceiling effect.
const CROWDED: f64 = 0.15;
/// Scores this near an end, in shares of the possible range, are at it: means of whole answers are rounded.
const NEAR: f64 = 1e-9;

/// Floor and ceiling of a scale.
///
/// Of the scores of persons (NaN where a person has none) the shares at the ends of the possible range; of `items`, columns
/// of the form, the share of all answers that have the highest or lowest score.
///
/// # When it means what
/// Above 15 % at an end the scale is commonly said to have a floor or ceiling effect: persons there cannot be told apart,
/// and cannot change further.
///
/// # Missing data
/// Scores as the scale's missing rule gives them; answers that there are.
///
/// # Errors
/// None; without a possible range (counts) there is neither floor nor ceiling.
///
/// # Agrees with
/// Its definition.
///
/// # Source
/// Terwee, C. B., et al. (2007). Quality criteria were proposed for measurement properties of health status questionnaires.
/// Journal of Clinical Epidemiology, 60, 34–42.
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::{FormAnswers, PrintedItem, scale_ends};
/// use alliance_metrics::reliability::Allowed;
/// let data = ItemMatrix::from_rows(vec!["i1".into()], &[vec![2.0], vec![2.0], vec![1.0]]);
/// let allowed = Allowed { bounds: Some([1.0, 2.0]), points: vec![1.0, 2.0] };
/// let answers = FormAnswers::new(data.clone(), data, vec![PrintedItem { reversed: false, allowed }], vec![]);
/// let found = scale_ends(&[2.0, 2.0, 1.0], Some([1.0, 2.0]), &answers, &[0]);
/// assert_eq!((found.ceiling, found.top_box, found.distinct), (Some(2.0 / 3.0), Some(2.0 / 3.0), 2));
/// ```
pub fn scale_ends(
    scores: &[f64],
    possible: Option<[f64; 2]>,
    answers: &FormAnswers,
    items: &[usize],
) -> ScaleEnds {
    let mut found: Vec<f64> = scores.iter().copied().filter(|x| !x.is_nan()).collect();
    found.sort_by(f64::total_cmp);
    let n = found.len();
    let end = |end: usize| {
        let [low, high] = possible.filter(|_| n > 0)?;
        let at = [low, high][end];
        Some(found.iter().filter(|x| (**x - at).abs() <= NEAR * (high - low)).count() as f64 / n as f64)
    };
    let (floor, ceiling) = (end(0), end(1));
    let boxed = |end: usize| {
        let (mut there, mut all) = (0usize, 0usize);
        for j in items {
            let bounds = answers.items[*j].allowed.bounds?;
            for x in answers.scored.item(*j).iter().filter(|x| !x.is_nan()) {
                all += 1;
                there += usize::from(*x == bounds[end]);
            }
        }
        (all > 0).then(|| there as f64 / all as f64)
    };
    let crowded = |share: Option<f64>| share.is_some_and(|share| share > CROWDED);
    let span = possible.map_or(0.0, |[low, high]| high - low);
    let mut distinct = found.clone();
    distinct.dedup_by(|a, b| (*a - *b).abs() <= NEAR * span);
    ScaleEnds {
        n,
        without: scores.len() - n,
        floor,
        ceiling,
        many_at_an_end: crowded(floor) || crowded(ceiling),
        distinct: distinct.len(),
        top_box: boxed(1),
        bottom_box: boxed(0),
    }
}

/// How often persons stand at the highest possible score over their sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CeilingSessions {
    /// Persons with at least two scored sessions.
    pub persons: usize,
    /// Their scored sessions.
    pub sessions: usize,
    /// The share of these sessions at the highest score.
    pub share: f64,
    /// The median over persons of the share of their sessions there.
    pub median_share: f64,
    /// Persons who stand there in every session.
    pub always: usize,
    /// Persons who never stand there.
    pub never: usize,
}

/// How often persons stand at the highest possible score over their sessions; none unless somebody has two scores.
///
/// # When it means what
/// A person who always stands there is said nothing about by changes of the score.
///
/// # Missing data
/// Sessions with a score; persons with two of them.
///
/// # Errors
/// None.
///
/// # Agrees with
/// Its definition.
///
/// # Source
/// The share of sessions at the maximum is reported for routine alliance monitoring, where ceilings rise over sessions
/// (Meier & Feeley, 2022).
///
/// ```
/// use alliance_metrics::quality::ceiling_sessions;
/// let found = ceiling_sessions(&[vec![5.0, 5.0], vec![4.0, 5.0, 3.0], vec![5.0]], 5.0).unwrap();
/// assert_eq!((found.persons, found.sessions, found.always, found.never), (2, 5, 1, 0));
/// assert!((found.share - 0.6).abs() < 1e-12);
/// ```
pub fn ceiling_sessions(scores: &[Vec<f64>], highest: f64) -> Option<CeilingSessions> {
    let at = |scores: &Vec<f64>| {
        let scores: Vec<f64> = scores.iter().copied().filter(|x| !x.is_nan()).collect();
        let near = NEAR * highest.abs().max(1.0);
        let there = scores.iter().filter(|x| (**x - highest).abs() <= near).count();
        (scores.len() > 1).then_some((there, scores.len()))
    };
    let counts: Vec<(usize, usize)> = scores.iter().filter_map(at).collect();
    let (there, sessions) = counts.iter().fold((0, 0), |(a, b), (there, n)| (a + there, b + n));
    let mut shares: Vec<f64> = counts.iter().map(|(there, n)| *there as f64 / *n as f64).collect();
    shares.sort_by(f64::total_cmp);
    Some(CeilingSessions {
        persons: counts.len(),
        sessions,
        share: there as f64 / sessions as f64,
        median_share: quantile(&shares, 0.5)?,
        always: counts.iter().filter(|(there, n)| there == n).count(),
        never: counts.iter().filter(|(there, _)| *there == 0).count(),
    })
}
