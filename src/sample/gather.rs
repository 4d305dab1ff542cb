//! Batches on their way into memory.

use super::words::Words;
use crate::error::Error;
use crate::responses::{Buffer, Key, Layout, Read, Responses, TextColumn, Why};
use crate::scoring::{Plan, Reason, Rules, Score, Scores};

/// Packs batches into bytes that a [`Sample`] takes up; one for each thread.
pub struct Gatherer<'a> {
    plan: &'a Plan,
    scores: Scores,
}

/// The rows of a file that count, in memory. One instrument.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What every column of the file is.
    pub layout: Layout,
    /// How every scale is scored.
    pub plan: Plan,
    pub(super) rows: usize,
    /// For each row its line, among those of its block until [`Sample::locate`].
    lines: Vec<u64>,
    /// For each pack where its rows begin.
    packs: Vec<usize>,
    /// For each row of which file it is.
    sources: Vec<u32>,
    /// For each row its form; 255 where its role has none.
    pub(super) forms: Vec<u8>,
    /// For each slot its answers.
    pub(super) answers: Vec<Answers>,
    /// For each text column its words.
    pub(super) words: Vec<Words>,
    scores: Vec<ScoreColumn>,
}

/// The answers to an item.
#[derive(Debug, Clone)]
pub(super) enum Answers {
    /// Indices of points; 255 is a gap.
    Codes(Vec<u8>),
    /// Numbers; NaN is a gap.
    Numbers(Vec<f64>),
}

/// Scores of a scale, in columns.
#[derive(Debug, Clone, Default)]
struct ScoreColumn {
    /// NaN where there is none.
    value: Vec<f64>,
    answered: Vec<u16>,
    state: Vec<u8>,
}

const PRORATED: u8 = 1;
const REASONS: [Reason; 3] = [Reason::TooFewAnswered, Reason::NotAnswered, Reason::NotInForm];
/// The state of a score that has the first of `REASONS`; the others follow.
const FIRST_REASON: u8 = 2;

impl<'a> Gatherer<'a> {
    /// A gatherer for the scores of a plan.
    pub fn new(plan: &'a Plan) -> Gatherer<'a> {
        Gatherer { plan, scores: Scores::new(plan) }
    }

    /// Scores a batch and packs it.
    pub fn pack(&mut self, layout: &Layout, batch: &Responses, out: &mut Buffer) {
        self.plan.score(batch, &mut self.scores);
        let rows = batch.rows();
        out.push(&(rows as u64).to_le_bytes());
        batch.lines().for_each(|line| out.push(&line.to_le_bytes()));
        let forms: Vec<u8> =
            (0..rows).map(|row| batch.form(0, row).map_or(u8::MAX, |form| form as u8)).collect();
        out.push(&forms);
        for slot in 0..layout.slots.len() {
            if let Some(codes) = batch.codes(slot) {
                out.push(codes);
            } else if let Some(numbers) = batch.numbers(slot) {
                for number in numbers {
                    out.push(&number.unwrap_or(f64::NAN).to_le_bytes());
                }
            }
        }
        for text in 0..layout.texts.len() {
            for row in 0..rows {
                let text = batch.text(text, row);
                out.push(&(text.len() as u32).to_le_bytes());
                out.push(text);
            }
        }
        for scale in 0..self.plan.scales.len() {
            for row in 0..rows {
                let score = self.scores.get(self.plan, scale, row);
                let reason = score.reason.and_then(|r| REASONS.iter().position(|reason| *reason == r));
                let state = reason.map_or(u8::from(score.prorated) * PRORATED, |at| FIRST_REASON + at as u8);
                out.push(&score.value.unwrap_or(f64::NAN).to_le_bytes());
                out.push(&(score.answered as u16).to_le_bytes());
                out.push_byte(state);
            }
        }
    }
}

/// Reads a pack from its front.
struct Pack<'b>(&'b [u8]);

impl<'b> Pack<'b> {
    fn take(&mut self, n: usize) -> &'b [u8] {
        let (front, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        front
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N));
        array
    }
}

impl Sample {
    /// A sample without rows.
    pub fn new(layout: Layout, plan: Plan) -> Sample {
        let answers = |slot: &crate::responses::Slot| {
            if slot.is_points() { Answers::Codes(Vec::new()) } else { Answers::Numbers(Vec::new()) }
        };
        Sample {
            rows: 0,
            lines: Vec::new(),
            packs: Vec::new(),
            sources: Vec::new(),
            forms: Vec::new(),
            answers: layout.slots.iter().map(answers).collect(),
            words: vec![Words::default(); layout.texts.len()],
            scores: vec![ScoreColumn::default(); plan.scales.len()],
            layout,
            plan,
        }
    }

    /// The rows of a text that was read as a whole.
    ///
    /// # Errors
    /// A usage error if the rules do not fit a scale.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use alliance_metrics::instrument::library;
    /// use alliance_metrics::responses::{self, Options};
    /// use alliance_metrics::sample::{Occasion, Sample};
    /// use alliance_metrics::scoring::Rules;
    ///
    /// let instrument = Arc::new(library::load("arm_5").unwrap().unwrap());
    /// let text = "person,session,arm_1,arm_2,arm_3,arm_4,arm_5\nA,2,7,6,1,5,5\nA,1,6,6,2,5,5\nB,1,1,2,3,4,\n";
    /// let read = responses::read_all("a.csv", text.as_bytes(), &[instrument], &Options::default()).unwrap();
    /// let sample = Sample::of(&read, &Rules::default()).unwrap();
    /// let first = sample.select(&Occasion::First).unwrap();
    /// assert_eq!((first.rows, first.persons), (vec![1, 2], 2));
    /// ```
    pub fn of(read: &Read, rules: &Rules) -> Result<Sample, Error> {
        let plan = Plan::new(&read.layout, rules)?;
        let mut pack = Buffer::default();
        Gatherer::new(&plan).pack(&read.layout, &read.responses, &mut pack);
        let mut sample = Sample::new(read.layout.clone(), plan);
        sample.take(pack.bytes());
        sample.locate(&[(0, 1)]);
        Ok(sample)
    }

    /// Takes up the rows of a pack. Packs come in the order of the file.
    pub fn take(&mut self, pack: &[u8]) {
        if pack.is_empty() {
            return;
        }
        let mut pack = Pack(pack);
        let rows = u64::from_le_bytes(pack.array()) as usize;
        self.packs.push(self.rows);
        self.rows += rows;
        self.lines.extend((0..rows).map(|_| u64::from_le_bytes(pack.array())));
        self.sources.resize(self.rows, 0);
        self.forms.extend_from_slice(pack.take(rows));
        for answers in &mut self.answers {
            match answers {
                Answers::Codes(codes) => codes.extend_from_slice(pack.take(rows)),
                Answers::Numbers(numbers) => {
                    numbers.extend((0..rows).map(|_| f64::from_le_bytes(pack.array())));
                }
            }
        }
        for words in &mut self.words {
            for _ in 0..rows {
                let len = u32::from_le_bytes(pack.array()) as usize;
                words.push(pack.take(len));
            }
        }
        for scores in &mut self.scores {
            for _ in 0..rows {
                scores.value.push(f64::from_le_bytes(pack.array()));
                scores.answered.push(u16::from_le_bytes(pack.array()));
                scores.state.push(pack.take(1)[0]);
            }
        }
    }

    /// Says where in its file each pack begins: of which file it is, and how many lines come before it.
    pub fn locate(&mut self, starts: &[(usize, u64)]) {
        for (at, from) in self.packs.iter().enumerate() {
            let to = self.packs.get(at + 1).copied().unwrap_or(self.rows);
            let Some((source, lines)) = starts.get(at) else { continue };
            for row in *from..to {
                self.lines[row] += lines;
                self.sources[row] = *source as u32;
            }
        }
    }

    /// Of which of the files a row is, and its line there, from 1.
    pub fn line(&self, row: usize) -> (usize, u64) {
        (self.sources[row] as usize, self.lines[row])
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The form of a row; none if its role has no form.
    pub fn form(&self, row: usize) -> Option<usize> {
        Some(usize::from(self.forms[row])).filter(|form| *form != usize::from(u8::MAX))
    }

    /// The name of a form as it stands in output.
    pub fn form_name(&self, form: Option<usize>) -> &str {
        self.layout.form_name(0, form)
    }

    /// The column of a key, if the file has it.
    pub fn key(&self, key: Key) -> Option<&Words> {
        let is = |text: &TextColumn| {
            matches!(text.why, Why::Key { key: of, .. } if of == key)
                || (key == Key::Cluster && text.clusters)
        };
        Some(&self.words[self.layout.texts.iter().position(is)?])
    }

    pub(super) fn key_mut(&mut self, key: Key) -> Option<&mut Words> {
        let is = |why: &Why| matches!(why, Why::Key { key: of, .. } if *of == key);
        let at = self.layout.texts.iter().position(|text| is(&text.why))?;
        self.words.get_mut(at)
    }

    /// A key, kept or filter column by its name in the file, or a key by the name of its option.
    pub fn column(&self, name: &str) -> Option<&Words> {
        let names = || self.layout.texts.iter().map(|text| text.name.as_str());
        let exact = names().position(|text| text == name);
        let alike = || names().position(|text| text.eq_ignore_ascii_case(name));
        let by_key = || Key::ALL.into_iter().find(|key| key.id() == name);
        match exact.or_else(alike) {
            Some(at) => Some(&self.words[at]),
            None => self.key(by_key()?),
        }
    }

    /// The score of a row on a scale of the plan.
    pub fn score(&self, scale: usize, row: usize) -> Score {
        let column = &self.scores[scale];
        let (value, state) = (column.value[row], column.state[row]);
        let reason = state.checked_sub(FIRST_REASON).map(|at| REASONS[usize::from(at)]);
        Score::from_parts(value, column.answered[row].into(), state == PRORATED, reason)
    }

    /// The value of a row on a scale, if it has one.
    pub fn value(&self, scale: usize, row: usize) -> Option<f64> {
        Some(self.scores[scale].value[row]).filter(|value| !value.is_nan())
    }
}
