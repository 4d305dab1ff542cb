//! Which answers make which score, and how.

use super::rules::{As, Rules};
use super::score::{NOT_IN_FORM, Reason, Score, ScoreColumn, Scores};
use crate::error::Error;
use crate::instrument::Scale;
use crate::numeric::ExactSum;
use crate::responses::{CellSpec, Layout, MISSING, Responses};

/// How to score every scale of every instrument of a pass.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scales, instrument after instrument, in the order of the definitions.
    pub scales: Vec<PlannedScale>,
    /// Slots of the items that the file holds reversed already, as the user says.
    pub already_reversed: Vec<usize>,
}

/// A column of scores.
#[derive(Debug, Clone)]
pub struct PlannedScale {
    /// Index of the pass.
    pub pass: usize,
    /// Id of the scale.
    pub id: String,
    /// What the scale is on each form; the forms of two editions are disjoint.
    pub editions: Vec<Edition>,
    /// How many forms the instrument has.
    pub(super) forms: usize,
}

/// A scale as it is scored on certain forms.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Edition {
    /// The forms, by index.
    pub forms: Vec<usize>,
    /// Index of the scale in its instrument.
    pub scale: usize,
    /// Its items.
    pub terms: Vec<Term>,
    /// The kind of score.
    pub kind: As,
    /// How many items must be answered.
    pub min_answered: usize,
    /// Lowest and highest possible score; none for counts.
    pub range: Option<[f64; 2]>,
    /// Lowest and highest possible sum of all items.
    sums: Option<[f64; 2]>,
    /// Arithmetic on whole numbers, where all answers are whole multiples of one step.
    points: Option<Points>,
}

/// An item of an edition.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Index of the item's slot in the layout.
    pub slot: usize,
    /// Whether it is reverse-keyed.
    pub reversed: bool,
    /// Its allowed answers.
    pub spec: CellSpec,
}

impl Term {
    /// The scored value of an answer: itself, or min + max − itself.
    pub fn scored(&self, answer: f64) -> f64 {
        let set = &self.spec.set;
        match set.max {
            Some(max) if self.reversed => set.min + max - answer,
            _ => answer,
        }
    }
}

/// Whole-number arithmetic: sums in units of the step, numbered together with the items answered.
#[derive(Debug, Clone, Copy)]
struct Points {
    step: f64,
    /// The lowest sum that any number of answers can have.
    low: i32,
    /// How many sums there are from the lowest to the highest.
    width: u32,
    /// The number of this edition's first state.
    base: u32,
}

impl Plan {
    /// A plan for the instruments of a layout.
    ///
    /// # Errors
    /// A usage error if the rules do not fit a scale.
    pub fn new(layout: &Layout, rules: &Rules) -> Result<Plan, Error> {
        let already_reversed = rules.slots_already_reversed(layout)?;
        let mut scales = Vec::new();
        for (at, pass) in layout.passes.iter().enumerate() {
            for id in pass.instrument.scale_ids() {
                let forms = pass.instrument.forms.len();
                let mut planned = PlannedScale { pass: at, id: id.to_owned(), editions: Vec::new(), forms };
                for (index, scale) in pass.instrument.scales.iter().enumerate() {
                    if scale.id == id {
                        for edition in editions(layout, (at, index), scale, (rules, &already_reversed))? {
                            planned.editions.push(edition);
                        }
                    }
                }
                planned.number_states();
                scales.push(planned);
            }
        }
        Ok(Plan { scales, already_reversed })
    }

    /// Scores a batch. Scores of one row never depend on another row.
    pub fn score(&self, responses: &Responses, scores: &mut Scores) {
        scores.rows = responses.rows();
        for (planned, column) in self.scales.iter().zip(&mut scores.columns) {
            match column {
                ScoreColumn::Points(states) => planned.point_states(responses, states),
                ScoreColumn::Numbers(sums) => planned.number_sums(responses, sums),
            }
        }
    }
}

/// The editions of a scale: forms on which its items have the same answers belong together.
fn editions(
    layout: &Layout,
    (at, index): (usize, usize),
    scale: &Scale,
    (rules, already_reversed): (&Rules, &[usize]),
) -> Result<Vec<Edition>, Error> {
    let pass = &layout.passes[at];
    let mut editions: Vec<Edition> = Vec::new();
    for form in &scale.forms {
        if pass.instrument.forms[*form].template.is_some() {
            continue;
        }
        let term = |keyed: &crate::instrument::Keyed| {
            let slot = pass.first_slot + keyed.item;
            let reversed = keyed.reversed && !already_reversed.contains(&slot);
            Term { slot, reversed, spec: layout.slots[slot].specs[*form].clone() }
        };
        let terms: Vec<Term> = scale.items.iter().map(term).collect();
        if let Some(same) = editions.iter_mut().find(|edition| edition.terms == terms) {
            same.forms.push(*form);
            continue;
        }
        editions.push(Edition::new(*form, index, scale, terms, rules)?);
    }
    Ok(editions)
}

impl Edition {
    fn new(
        form: usize,
        index: usize,
        scale: &Scale,
        terms: Vec<Term>,
        rules: &Rules,
    ) -> Result<Edition, Error> {
        let kind = rules.kind_of(scale);
        let min_answered = rules.min_answered_of(scale)?;
        let mut sums = Some([0.0, 0.0]);
        for term in &terms {
            sums =
                sums.zip(term.spec.set.max).map(|([low, high], max)| [low + term.spec.set.min, high + max]);
        }
        if kind == As::Pomp && sums.is_none() {
            let message = format!("--as pomp: the scale `{}` sums counts, which have no maximum", scale.id);
            return Err(Error::usage(message));
        }
        let points = points(&terms);
        let mut edition =
            Edition { forms: vec![form], scale: index, terms, kind, min_answered, range: None, sums, points };
        edition.range = edition.range_as(kind);
        Ok(edition)
    }

    /// Lowest and highest possible score of a kind; none for counts.
    pub fn range_as(&self, kind: As) -> Option<[f64; 2]> {
        let k = self.terms.len() as f64;
        match kind {
            As::Sum => self.sums,
            As::Mean => self.sums.map(|sums| sums.map(|sum| sum / k)),
            As::Pomp => self.sums.map(|_| [0.0, 100.0]),
        }
    }

    /// The score that a sum over the answered items gives.
    pub fn score(&self, sum: f64, answered: usize) -> Score {
        if answered < self.min_answered {
            let reason = if answered == 0 { Reason::NotAnswered } else { Reason::TooFewAnswered };
            return Score::none(reason, answered);
        }
        let k = self.terms.len();
        let prorated = answered < k;
        // The mean of the answered, times k for a sum; a complete sum is never divided.
        let whole = || if prorated { k as f64 * sum / answered as f64 } else { sum };
        let value = match (self.kind, self.sums) {
            (As::Mean, _) => sum / answered as f64,
            (As::Sum, _) => whole(),
            (As::Pomp, Some([low, high])) => 100.0 * (whole() - low) / (high - low),
            (As::Pomp, None) => whole(),
        };
        Score { value: Some(value + 0.0), answered, prorated, reason: None }
    }
}

/// An item as it adds to a state: for each answer `from + sign * code`, for a gap nothing.
struct StateTerm<'a> {
    codes: &'a [u8],
    from: u16,
    sign: u16,
}

impl Edition {
    fn state_terms<'a>(&self, responses: &'a Responses, points: Points) -> Vec<StateTerm<'a>> {
        let term = |term: &Term| {
            let low = (term.spec.set.min / points.step) as i32;
            let high = low + term.spec.points as i32 - 1;
            let from = points.width as i32 + if term.reversed { high } else { low };
            let sign = if term.reversed { u16::MAX } else { 1 };
            Some(StateTerm { codes: responses.codes(term.slot)?, from: from as u16, sign })
        };
        self.terms.iter().filter_map(term).collect()
    }
}

/// The states of all rows, a few at a time so that they stay in registers. Sums wrap around at 16 bits on the way and
/// come out right, for every state lies below that.
fn add_states(points: Points, terms: &[StateTerm<'_>], states: &mut [u32]) {
    const LANES: usize = 32;
    for (chunk, states) in states.chunks_mut(LANES).enumerate() {
        let mut sums = [0u16; LANES];
        let start = chunk * LANES;
        for term in terms {
            match term.codes.get(start..).and_then(|codes| codes.first_chunk::<LANES>()) {
                Some(codes) => term.add(codes, &mut sums),
                None => term.add(term.codes.get(start..).unwrap_or_default(), &mut sums),
            }
        }
        for (state, sum) in states.iter_mut().zip(sums) {
            *state = points.base + u32::from(sum.wrapping_sub(points.low as u16));
        }
    }
}

impl StateTerm<'_> {
    #[inline(always)]
    fn add(&self, codes: &[u8], sums: &mut [u16]) {
        for (sum, code) in sums.iter_mut().zip(codes) {
            let there = if *code == MISSING { 0 } else { u16::MAX };
            let adds = self.from.wrapping_add(self.sign.wrapping_mul(u16::from(*code)));
            *sum = sum.wrapping_add(adds & there);
        }
    }
}

/// Whole-number arithmetic for items with points that are whole multiples of one step, if the sums fit.
fn points(terms: &[Term]) -> Option<Points> {
    let step = terms.first()?.spec.set.step;
    let mut bounds = [0i64, 0];
    for term in terms {
        let set = &term.spec.set;
        let (low, high) = (set.min / step, set.max? / step);
        if term.spec.points == 0 || set.step != step || low.fract() != 0.0 || high.fract() != 0.0 {
            return None;
        }
        bounds = [bounds[0] + (low as i64).min(0), bounds[1] + (high as i64).max(0)];
    }
    let width = (bounds[1] - bounds[0] + 1) as u32;
    // States are added up in 16 bits.
    let fits = (bounds[1] - bounds[0] + 1) * (terms.len() as i64 + 1) <= i64::from(u16::MAX);
    fits.then_some(Points { step, low: bounds[0] as i32, width, base: 0 })
}

impl PlannedScale {
    /// Whether all editions are scored in whole numbers.
    pub(super) fn is_points(&self) -> bool {
        self.editions.iter().all(|edition| edition.points.is_some())
    }

    fn number_states(&mut self) {
        let mut base = 0;
        for edition in &mut self.editions {
            if let Some(points) = &mut edition.points {
                points.base = base;
                base += points.width * (edition.terms.len() as u32 + 1);
            }
        }
    }

    /// How many states the scale has.
    pub(super) fn states(&self) -> usize {
        let of =
            |edition: &Edition| edition.points.map_or(0, |p| p.width as usize * (edition.terms.len() + 1));
        self.editions.iter().map(of).sum()
    }

    /// The score that a state stands for.
    pub(super) fn score_of_state(&self, state: u32) -> Score {
        if state != NOT_IN_FORM {
            for edition in self.editions.iter().rev() {
                if let Some(points) = edition.points.filter(|points| points.base <= state) {
                    let local = state - points.base;
                    let sum = i64::from(local % points.width) + i64::from(points.low);
                    return edition.score(sum as f64 * points.step, (local / points.width) as usize);
                }
            }
        }
        Score::none(Reason::NotInForm, 0)
    }

    /// The edition for a form.
    pub fn edition(&self, form: Option<usize>) -> Option<&Edition> {
        self.editions.iter().find(|edition| form.is_some_and(|form| edition.forms.contains(&form)))
    }

    fn point_states(&self, responses: &Responses, states: &mut Vec<u32>) {
        states.clear();
        states.resize(responses.rows(), NOT_IN_FORM);
        for edition in &self.editions {
            let Some(points) = edition.points else { continue };
            let terms = edition.state_terms(responses, points);
            let everyone = self.editions.len() == 1 && edition.forms.len() == self.forms;
            if everyone && !responses.any_without_form() {
                add_states(points, &terms, states);
                continue;
            }
            let mut own = vec![0; responses.rows()];
            add_states(points, &terms, &mut own);
            for ((state, own), form) in states.iter_mut().zip(own).zip(responses.form_codes(self.pass)) {
                if edition.forms.contains(&usize::from(form)) {
                    *state = own;
                }
            }
        }
    }

    fn number_sums(&self, responses: &Responses, sums: &mut Vec<Option<(u8, u16, f64)>>) {
        sums.clear();
        for row in 0..responses.rows() {
            let form = responses.form(self.pass, row);
            let at = self
                .editions
                .iter()
                .position(|edition| form.is_some_and(|form| edition.forms.contains(&form)));
            sums.push(at.map(|at| {
                let mut sum = ExactSum::default();
                let mut answered = 0;
                for term in &self.editions[at].terms {
                    if let Some(answer) = term.answer(responses, row) {
                        sum.add(term.scored(answer));
                        answered += 1;
                    }
                }
                (at as u8, answered, sum.value())
            }));
        }
    }
}

impl Term {
    /// The answer of a row, as a number.
    pub fn answer(&self, responses: &Responses, row: usize) -> Option<f64> {
        match responses.codes(self.slot) {
            Some(codes) => {
                let set = &self.spec.set;
                (codes[row] != MISSING).then(|| set.min + set.step * f64::from(codes[row]))
            }
            None => responses.numbers(self.slot).and_then(|numbers| numbers[row]),
        }
    }
}
