//! All indices of all persons, and the marks of those that stand out.

use serde::Serialize;

use super::answers::FormAnswers;
use super::autocorrelation::{Autocorrelation, autocorrelation};
use super::distance::{Distance, distances};
use super::even_odd::even_odd;
use super::guttman::{GuttmanErrors, guttman_errors};
use super::line::{Line, is_mixed, straight_line};
use super::others::with_others;
use super::runs::{Run, Runs, runs, spread};
use super::sequence::{Sequence, longest_sequence};
use super::synonyms::{ItemPair, item_pairs, pair_consistency};
use crate::moments::{Missing, Moments};
use crate::numeric::distribution::chi_square_quantile;
use crate::statistic::Reason;

/// Where marks begin, and what the covariances between items rest on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct QualityConfig {
    /// What happens to gaps in the covariances behind distances and synonyms.
    pub missing: Missing,
    /// A run or repeated sequence is marked from this share of the items of the form on, four at least.
    pub long: f64,
    /// A distance is marked where its p lies below one minus this.
    pub distance_level: f64,
    /// Items are synonyms above this correlation, antonyms below minus it.
    pub synonyms: f64,
}

impl Default for QualityConfig {
    /// Half the form (Curran, 2016), .999, and .60 (Meade & Craig, 2012).
    fn default() -> QualityConfig {
        QualityConfig { missing: Missing::Listwise, long: 0.5, distance_level: 0.999, synonyms: 0.6 }
    }
}

/// Something in a person's answers that is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mark {
    /// The same answer over a long run that crosses items which say the opposite of each other.
    RunAgainstReversed,
    /// The same answer over a long run elsewhere.
    LongRun,
    /// A sequence that repeats at least three times over a long stretch, and not because the score is the same throughout.
    LongSequence,
    /// A combination of answers far from what is usual.
    Far,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Mark; 4] = [Mark::RunAgainstReversed, Mark::LongRun, Mark::LongSequence, Mark::Far];

    /// Its stable id.
    pub fn id(self) -> &'static str {
        match self {
            Mark::RunAgainstReversed => "run_against_reversed",
            Mark::LongRun => "long_run",
            Mark::LongSequence => "long_sequence",
            Mark::Far => "far",
        }
    }

    /// In words, for a page.
    pub fn words(self) -> &'static str {
        match self {
            Mark::RunAgainstReversed => "run against reversed items",
            Mark::LongRun => "long run",
            Mark::LongSequence => "repeated sequence",
            Mark::Far => "far from the others",
        }
    }
}

/// What the answers of a person look like.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PersonQuality {
    /// How many items were answered.
    pub answered: usize,
    /// How many were not.
    pub missing: usize,
    /// Longest and average run.
    pub runs: Result<Runs, Reason>,
    /// Whether the longest run crosses items that say the opposite of each other, and not in the middle answer.
    pub run_against_reversed: bool,
    /// The longest sequence that repeats.
    pub sequence: Option<Sequence>,
    /// The largest autocorrelation.
    pub autocorrelation: Result<Autocorrelation, Reason>,
    /// The same answer or score throughout, and what it says.
    pub line: Option<Line>,
    /// Standard deviation of the answers.
    pub spread: Result<f64, Reason>,
    /// Distance from the mean of all.
    pub distance: Result<Distance, Reason>,
    /// Even–odd consistency.
    pub even_odd: Result<f64, Reason>,
    /// Consistency over psychometric synonyms.
    pub synonyms: Result<f64, Reason>,
    /// Consistency over psychometric antonyms.
    pub antonyms: Result<f64, Reason>,
    /// Correlation with the means of the others.
    pub with_others: Result<f64, Reason>,
    /// Guttman errors.
    pub guttman: Result<GuttmanErrors, Reason>,
    /// What is worth a look.
    pub marks: Vec<Mark>,
}

/// How some persons answered a form.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Quality {
    /// The persons, in their order.
    pub persons: Vec<PersonQuality>,
    /// The pairs of items that are synonyms.
    pub synonyms: Vec<ItemPair>,
    /// The pairs of items that are antonyms.
    pub antonyms: Vec<ItemPair>,
    /// How many scales even–odd consistency rests on.
    pub even_odd_scales: usize,
    /// How many persons stand behind the covariances.
    pub n: usize,
    /// Why there are no covariances.
    pub reason: Option<Reason>,
    /// Where marks begin.
    pub config: QualityConfig,
}

/// Every index of every person.
///
/// Each as its function says: [`runs`], [`spread`], [`longest_sequence`], [`autocorrelation`], [`straight_line`],
/// [`distances`], [`even_odd`], [`pair_consistency`], [`with_others`], [`guttman_errors`]. A person is marked for a run or
/// repeated sequence over at least `long` of the items of the form and four items (a sequence: three times in full, and with
/// scores that differ), and for a distance whose p is below 1 − `distance_level`, if among n persons a distance can be so large.
///
/// # When it means what
/// A mark is a reason to look at a person's answers, never to delete them: at the ceiling of an alliance scale honest
/// answers are marked too. Several indices together say more than one.
///
/// # Missing data
/// As each says. Covariances between items are settled by `missing`.
///
/// # Errors
/// None; each index that cannot be had says why.
///
/// # Agrees with
/// As each says.
///
/// # Source
/// Curran (2016); Meade & Craig (2012).
///
/// ```
/// use alliance_metrics::moments::ItemMatrix;
/// use alliance_metrics::quality::{FormAnswers, Mark, PrintedItem, QualityConfig, quality};
/// let rows = [[4.0, 4.0, 4.0], [1.0, 2.0, 5.0], [2.0, 1.0, 3.0]].map(|row| row.to_vec());
/// let data = ItemMatrix::from_rows(["i1", "i2", "i3"].map(String::from).to_vec(), &rows);
/// let answers = FormAnswers::new(data.clone(), data, vec![PrintedItem::default(); 3], vec![]);
/// let found = quality(&answers, &QualityConfig::default());
/// assert_eq!(found.persons[0].marks, [Mark::LongRun]);
/// assert!((found.persons[2].spread.unwrap() - 1.0).abs() < 1e-12);
/// ```
pub fn quality(answers: &FormAnswers, config: &QualityConfig) -> Quality {
    let moments = Moments::of(&answers.ticked, config.missing);
    let (synonyms, antonyms) = match &moments {
        Ok(moments) => item_pairs(moments, config.synonyms),
        Err(_) => (Vec::new(), Vec::new()),
    };
    let distances = match &moments {
        Ok(moments) => distances(&answers.ticked, moments),
        Err(error) => vec![Err(error.reason); answers.ticked.n()],
    };
    let n = moments.as_ref().map_or(0, |moments| moments.n);
    let with_others = with_others(&answers.ticked);
    let guttman = guttman_errors(&answers.scored, &answers.items);
    let parts = answers.parts();
    let scales: Vec<&[usize]> = parts.iter().map(|scale| scale.items.as_slice()).collect();
    let person = |i: usize| {
        let (ticked, scored) = (FormAnswers::row(&answers.ticked, i), FormAnswers::row(&answers.scored, i));
        let answered = ticked.iter().filter(|x| !x.is_nan()).count();
        let runs = runs(&ticked);
        let mut found = PersonQuality {
            answered,
            missing: ticked.len() - answered,
            run_against_reversed: runs.is_ok_and(|runs| contradicts(&runs.longest, answers)),
            runs,
            sequence: longest_sequence(&ticked),
            autocorrelation: autocorrelation(&ticked),
            line: straight_line(&ticked, &scored, &answers.items),
            spread: spread(&ticked),
            distance: distances[i],
            even_odd: even_odd(&scored, &scales),
            synonyms: pair_consistency(&ticked, &synonyms),
            antonyms: pair_consistency(&ticked, &antonyms),
            with_others: with_others[i],
            guttman: guttman[i],
            marks: Vec::new(),
        };
        found.marks = marks(&found, &scored, n, config);
        found
    };
    let persons = (0..answers.ticked.n()).map(person).collect();
    Quality {
        persons,
        synonyms,
        antonyms,
        even_odd_scales: scales.iter().filter(|scale| scale.len() > 1).count(),
        n,
        reason: moments.err().map(|error| error.reason),
        config: *config,
    }
}

/// Whether a distance is beyond the limit, in a sample in which one can be: none of n persons is farther than (n − 1)²/n from
/// their mean, and those whom the covariances do not rest on are measured by a bad yardstick under so few.
fn is_far(distance: &Distance, n: usize, level: f64) -> bool {
    let n = n as f64;
    let reachable = (n - 1.0) * (n - 1.0) / n >= chi_square_quantile(level, distance.df as f64);
    reachable && distance.p < 1.0 - level
}

/// On a short form half of the items are soon alike.
const FEWEST_IN_RUN: usize = 4;
/// A sequence that comes twice may be chance.
const REPEATS: usize = 3;

/// Whether a run crosses items that say the opposite of each other, in an answer that means something else on each.
fn contradicts(run: &Run, answers: &FormAnswers) -> bool {
    let items: Vec<usize> = (run.first..run.first + run.length).collect();
    let middle = |j: &usize| answers.items[*j].mirrored(run.value) == Some(run.value);
    is_mixed(&answers.items, &items) && !items.iter().all(middle)
}

fn marks(found: &PersonQuality, scored: &[f64], n: usize, config: &QualityConfig) -> Vec<Mark> {
    let k = scored.len();
    let long =
        |length: usize| length >= FEWEST_IN_RUN.min(k.max(2)) && length as f64 >= config.long * k as f64;
    let mut marks = Vec::new();
    if found.runs.is_ok_and(|runs| long(runs.longest.length)) {
        marks.push(if found.run_against_reversed { Mark::RunAgainstReversed } else { Mark::LongRun });
    }
    // The key makes a sequence of the same score on every item.
    let by_key = |sequence: &Sequence| {
        let scores = &scored[sequence.first..sequence.first + sequence.length];
        scores.iter().all(|score| *score == scores[0])
    };
    let repeats = |sequence: &Sequence| {
        long(sequence.length) && sequence.length >= REPEATS * sequence.period && !by_key(sequence)
    };
    if found.sequence.as_ref().is_some_and(repeats) {
        marks.push(Mark::LongSequence);
    }
    if found.distance.is_ok_and(|distance| is_far(&distance, n, config.distance_level)) {
        marks.push(Mark::Far);
    }
    marks
}
