//! What came out: n, mean, spread, floor and ceiling of every scale on every form.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plan::{Edition, Plan};
use super::rules::As;
use super::score::{Reason, Score, ScoreColumn, Scores};
use crate::instrument::Evidence;
use crate::numeric::ExactSum;
use crate::responses::{Layout, Responses};

/// Running counts and sums of scores. Tallies merge, and the result depends neither on the split nor on the order.
#[derive(Debug, Clone)]
pub struct Tally {
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
enum Column {
    /// How often each state occurred, form after form.
    Points(Vec<u64>),
    /// For each form: exact sums.
    Numbers(Vec<Sums>),
}

#[derive(Debug, Clone, Default)]
struct Sums {
    n: u64,
    prorated: u64,
    sum: ExactSum,
    squares: ExactSum,
    low: f64,
    high: f64,
    floor: u64,
    ceiling: u64,
    below_note: u64,
    reasons: BTreeMap<Reason, u64>,
}

/// What the scores of one scale on one form look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScaleSummary {
    /// Id of the instrument.
    pub instrument: String,
    /// Id of the form, or `unspecified`.
    pub form: String,
    /// Id of the scale.
    pub scale: String,
    /// Rows with a score.
    pub n: u64,
    /// Mean of the scores.
    pub mean: Option<f64>,
    /// Standard deviation over n − 1; none for fewer than two scores.
    pub sd: Option<f64>,
    /// Lowest score.
    pub min: Option<f64>,
    /// Highest score.
    pub max: Option<f64>,
    /// Share of scores at the lowest possible score.
    pub floor: Option<f64>,
    /// Share of scores at the highest possible score.
    pub ceiling: Option<f64>,
    /// Scores made from fewer items than the scale has.
    pub prorated: u64,
    /// Scores below the value at which the instrument asks for a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_note: Option<u64>,
    /// Rows without a score, by reason.
    pub no_score: BTreeMap<Reason, u64>,
    /// How many items the scale has.
    pub k: usize,
    /// How many must be answered.
    pub min_answered: usize,
    /// The kind of score.
    pub score: As,
    /// Lowest and highest possible score.
    pub range: Option<[f64; 2]>,
    /// How well the key is known.
    pub evidence: Evidence,
}

impl Tally {
    /// An empty tally for a plan.
    pub fn new(plan: &Plan, layout: &Layout) -> Tally {
        let column = |scale: &super::plan::PlannedScale| {
            let forms = layout.passes[scale.pass].instrument.forms.len();
            if scale.is_points() {
                Column::Points(Vec::new())
            } else {
                Column::Numbers(vec![Sums::default(); forms])
            }
        };
        Tally { columns: plan.scales.iter().map(column).collect() }
    }

    /// Adds a batch.
    pub fn add(&mut self, plan: &Plan, layout: &Layout, responses: &Responses, scores: &Scores) {
        for (at, planned) in plan.scales.iter().enumerate() {
            match (&mut self.columns[at], &scores.columns[at]) {
                (Column::Points(counts), ScoreColumn::Points(states)) => {
                    let n = planned.states();
                    counts.resize(n * planned.forms, 0);
                    for (state, form) in states.iter().zip(responses.form_codes(planned.pass)) {
                        // A row without this scale has a state or a form beyond all counters.
                        if let Some(count) = counts.get_mut(usize::from(form) * n + *state as usize) {
                            *count += 1;
                        }
                    }
                }
                (Column::Numbers(sums), _) => {
                    let form = |row: usize| responses.form(planned.pass, row);
                    for row in 0..scores.rows() {
                        if let Some((form, edition)) =
                            form(row).and_then(|form| Some((form, planned.edition(Some(form))?)))
                        {
                            let note = note_below(layout, planned.pass, edition);
                            sums[form].add(edition, note, scores.get(plan, at, row), 1);
                        }
                    }
                }
                (Column::Points(_), ScoreColumn::Numbers(_)) => {}
            }
        }
    }

    /// Adds another tally of the same plan.
    pub fn merge(&mut self, other: &Tally) {
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            match (mine, theirs) {
                (Column::Points(mine), Column::Points(theirs)) => {
                    mine.resize(mine.len().max(theirs.len()), 0);
                    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
                }
                (Column::Numbers(mine), Column::Numbers(theirs)) => {
                    mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| mine.merge(theirs));
                }
                _ => {}
            }
        }
    }

    /// The summaries, instrument by instrument, form by form, scale by scale; forms without rows are left out.
    pub fn summaries(&self, plan: &Plan, layout: &Layout) -> Vec<ScaleSummary> {
        let mut summaries = Vec::new();
        for (at, pass) in layout.passes.iter().enumerate() {
            for form in 0..pass.instrument.forms.len() {
                for (planned, column) in
                    plan.scales.iter().zip(&self.columns).filter(|(scale, _)| scale.pass == at)
                {
                    let Some(edition) = planned.edition(Some(form)) else { continue };
                    let note = note_below(layout, at, edition);
                    let sums = match column {
                        Column::Numbers(sums) => sums[form].clone(),
                        Column::Points(counts) => {
                            let mut sums = Sums::default();
                            let states = planned.states();
                            let of_form = counts.iter().skip(form * states).take(states);
                            for (state, n) in of_form.enumerate().filter(|(_, n)| **n > 0) {
                                sums.add(edition, note, planned.score_of_state(state as u32), *n);
                            }
                            sums
                        }
                    };
                    if sums.n > 0 || !sums.reasons.is_empty() {
                        let mut summary = sums.summary(edition, note.is_some());
                        let scale = &pass.instrument.scales[edition.scale];
                        summary.instrument.clone_from(&pass.instrument.id);
                        summary.form = layout.form_name(at, Some(form)).to_owned();
                        summary.scale.clone_from(&planned.id);
                        summary.evidence = scale.evidence;
                        summaries.push(summary);
                    }
                }
            }
        }
        summaries
    }
}

/// The value below which a score gets a note: it is stated for the scale's own kind of score.
fn note_below(layout: &Layout, pass: usize, edition: &Edition) -> Option<f64> {
    let scale = &layout.passes[pass].instrument.scales[edition.scale];
    scale.note_below.filter(|_| edition.kind == scale.score.into()).map(|note| note.value)
}

impl Sums {
    fn add(&mut self, edition: &Edition, note: Option<f64>, score: Score, times: u64) {
        let Some(value) = score.value else {
            if let Some(reason) = score.reason {
                *self.reasons.entry(reason).or_default() += times;
            }
            return;
        };
        (self.low, self.high) =
            if self.n == 0 { (value, value) } else { (self.low.min(value), self.high.max(value)) };
        self.n += times;
        self.prorated += if score.prorated { times } else { 0 };
        self.sum.add_product(value, times as f64);
        // Two exact products of three factors: the square in two parts, each times the count.
        let square = value * value;
        self.squares.add_product(square, times as f64);
        self.squares.add_product(value.mul_add(value, -square), times as f64);
        if let Some([low, high]) = edition.range {
            self.floor += if value <= low { times } else { 0 };
            self.ceiling += if value >= high { times } else { 0 };
        }
        self.below_note += if note.is_some_and(|note| value < note) { times } else { 0 };
    }

    fn merge(&mut self, other: &Sums) {
        if other.n > 0 {
            (self.low, self.high) = if self.n == 0 {
                (other.low, other.high)
            } else {
                (self.low.min(other.low), self.high.max(other.high))
            };
        }
        self.n += other.n;
        self.prorated += other.prorated;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.floor += other.floor;
        self.ceiling += other.ceiling;
        self.below_note += other.below_note;
        for (reason, n) in &other.reasons {
            *self.reasons.entry(*reason).or_default() += n;
        }
    }

    fn summary(&self, edition: &Edition, has_note: bool) -> ScaleSummary {
        let n = self.n as f64;
        let some = |value: f64| (self.n > 0).then_some(value);
        let share = |count: u64| edition.range.and(some(count as f64 / n));
        let variance = || self.sum.squared_distances(&self.squares, self.n) / (n - 1.0);
        ScaleSummary {
            instrument: String::new(),
            form: String::new(),
            scale: String::new(),
            n: self.n,
            mean: some(self.sum.value() / n),
            sd: (self.n > 1).then(|| variance().max(0.0).sqrt()),
            min: some(self.low),
            max: some(self.high),
            floor: share(self.floor),
            ceiling: share(self.ceiling),
            prorated: self.prorated,
            below_note: has_note.then_some(self.below_note),
            no_score: self.reasons.clone(),
            k: edition.terms.len(),
            min_answered: edition.min_answered,
            score: edition.kind,
            range: edition.range,
            evidence: Evidence::Verified,
        }
    }
}
