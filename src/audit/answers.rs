//! What was answered: how often each answer to each item on each form, and rows that answer nothing, or all alike.

use std::collections::BTreeMap;

use super::firsts::{Firsts, Spot};
use crate::moments::CompleteProducts;
use crate::responses::{Cell, Fault, Layout, MISSING, Missing, Responses, Slot, fields};
use crate::scoring::Plan;

/// How many different answers that are not allowed are told apart.
const MOST_ODD: usize = 64;

/// The answers of a part of a file. Parts merge in any order.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    /// Slots with points: the columns of the products.
    points: Vec<usize>,
    pub forms: Vec<FormAnswers>,
    /// Rows without any answer.
    pub empty: Firsts<()>,
    /// Rows with one and the same answer everywhere.
    pub alike: Firsts<f64>,
    work: Work,
}

/// The answers on one form.
#[derive(Debug, Clone)]
pub(super) struct FormAnswers {
    pub rows: u64,
    /// For each slot.
    pub items: Vec<ItemAnswers>,
    /// Sets are the scales of the form whose items all have points; see [`FormAnswers::scales`].
    pub products: CompleteProducts,
    /// For each set its scale in the plan.
    pub scales: Vec<usize>,
    /// Rows of this form where all items have the same answer means a contradiction: items that are reversed, and not.
    contradiction: Option<Contradiction>,
}

/// The answers to one item on one form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ItemAnswers {
    /// How many are there.
    pub n: u64,
    /// For items with points: how often each occurs.
    pub codes: Vec<u64>,
    /// The lowest and the highest; none without answers.
    pub range: Option<[f64; 2]>,
    /// Numbers that are not allowed, by the order of their bits, and how often; none if there are too many kinds.
    pub odd: Odd,
}

/// Numbers that are no allowed answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Odd {
    counts: BTreeMap<u64, u64>,
    too_many: bool,
}

impl Odd {
    fn add(&mut self, value: f64, times: u64) {
        *self.counts.entry(value.to_bits()).or_default() += times;
        self.limit();
    }

    fn limit(&mut self) {
        if self.too_many || self.counts.len() > MOST_ODD {
            *self = Odd { counts: BTreeMap::new(), too_many: true };
        }
    }

    fn merge(&mut self, other: &Odd) {
        self.too_many |= other.too_many;
        other.counts.iter().for_each(|(bits, n)| *self.counts.entry(*bits).or_default() += n);
        self.limit();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && !self.too_many
    }

    /// Values and how often they occur; none if there are too many kinds to tell.
    pub fn values(&self) -> Option<impl Iterator<Item = (f64, u64)>> {
        (!self.too_many).then(|| self.counts.iter().map(|(bits, n)| (f64::from_bits(*bits), *n)))
    }
}

/// What it takes for equal answers to contradict each other.
#[derive(Debug, Clone)]
struct Contradiction {
    reversed: Vec<usize>,
    straight: Vec<usize>,
    /// Two codes that mirror each other add up to this.
    mirror: u8,
    /// So many answers at least.
    answers: u8,
}

/// Room that is used again for every batch.
#[derive(Debug, Clone, Default)]
struct Work {
    lowest: Vec<u8>,
    /// One more than the highest code; 0 where nothing is answered.
    above: Vec<u8>,
    gaps: Vec<u8>,
    member: Vec<u8>,
    rows: Vec<u32>,
}

impl Answers {
    /// None yet.
    pub fn new(layout: &Layout, plan: &Plan) -> Answers {
        let slots = &layout.slots;
        let points: Vec<usize> = (0..slots.len()).filter(|slot| slots[*slot].is_points()).collect();
        let column = |slot: usize| points.iter().position(|of| *of == slot);
        let form = |form: usize| {
            let (mut sets, mut scales) = (Vec::new(), Vec::new());
            for (at, planned) in plan.scales.iter().enumerate() {
                let Some(edition) = planned.edition(Some(form)) else { continue };
                let set: Option<Vec<usize>> = edition.terms.iter().map(|term| column(term.slot)).collect();
                if let Some(set) = set {
                    sets.push(set);
                    scales.push(at);
                }
            }
            let item = |slot: &Slot| {
                let points = slot.specs.get(form).map_or(0, |spec| spec.points);
                ItemAnswers { codes: vec![0; points], ..ItemAnswers::default() }
            };
            FormAnswers {
                rows: 0,
                items: slots.iter().map(item).collect(),
                products: CompleteProducts::new(points.len(), &sets),
                scales,
                contradiction: contradiction(layout, plan, form, &points),
            }
        };
        let forms = (0..layout.passes[0].instrument.forms.len()).map(form).collect();
        Answers { points, forms, empty: Firsts::default(), alike: Firsts::default(), work: Work::default() }
    }

    /// Adds a batch whose rows stand on `lines` of their block; returns how many answers each row lacks.
    pub fn add(&mut self, layout: &Layout, block: u64, lines: &[u64], batch: &Responses) -> &[u8] {
        let rows = batch.rows();
        let mut work = std::mem::take(&mut self.work);
        work.look(batch, &self.points);
        work.gaps_of_numbers(layout, batch);
        let spot = |row: usize| Spot::new(block, lines[row]);
        let all = layout.slots.len().min(usize::from(u8::MAX)) as u8;
        for row in (0..rows).filter(|row| work.gaps[*row] == all) {
            self.empty.add(spot(row), || ());
        }
        let columns: Vec<&[u8]> = self.points.iter().filter_map(|slot| batch.codes(*slot)).collect();
        for (at, form) in self.forms.iter_mut().enumerate() {
            work.members(batch, at);
            if work.rows.is_empty() {
                continue;
            }
            form.rows += work.rows.len() as u64;
            for slot in 0..layout.slots.len() {
                match (batch.codes(slot), batch.numbers(slot)) {
                    (Some(codes), _) => form.items[slot].add_codes(codes, &work.member),
                    (None, Some(numbers)) => form.items[slot].add_numbers(numbers, &work.rows),
                    (None, None) => {}
                }
            }
            form.products.add(&columns, &work.rows);
            let Some(contradiction) = &form.contradiction else { continue };
            for row in work.rows.iter().map(|row| *row as usize) {
                let (code, alike) = (work.lowest[row], work.above[row] == work.lowest[row].wrapping_add(1));
                if alike && contradiction.holds(batch, row, code) {
                    let value = layout.slots[self.points[0]].specs[at].set.min;
                    let step = layout.slots[self.points[0]].specs[at].set.step;
                    self.alike.add(spot(row), || value + step * f64::from(code));
                }
            }
        }
        self.odd(layout, batch);
        self.work = work;
        &self.work.gaps
    }

    /// The numbers among the cells that are no allowed answers.
    fn odd(&mut self, layout: &Layout, batch: &Responses) {
        let mut last: Option<(usize, Vec<_>)> = None;
        for (row, slot, reason) in batch.gaps() {
            let Some(form) = batch.form(0, row).filter(|_| reason == Missing::Rejected) else { continue };
            if last.as_ref().is_none_or(|(of, _)| *of != row) {
                last = Some((row, fields(batch.record(row), layout.dialect.delimiter)));
            }
            let cells = last.as_ref().map_or(&[][..], |(_, cells)| cells);
            let of = &layout.slots[slot];
            let (Some((cell, _)), Some(spec)) = (cells.get(of.column), of.specs.get(form)) else { continue };
            let read = spec.read(cell.trim_ascii(), &layout.missing, layout.dialect.decimal_comma);
            if let Err(Fault::OutOfRange(value) | Fault::NotAPoint(value)) = read {
                self.forms[form].items[slot].odd.add(value, 1);
            }
        }
    }

    /// Adds the answers of another part.
    pub fn merge(&mut self, other: &Answers) {
        self.empty.merge(&other.empty);
        self.alike.merge(&other.alike);
        for (mine, theirs) in self.forms.iter_mut().zip(&other.forms) {
            mine.rows += theirs.rows;
            mine.products.merge(&theirs.products);
            for (mine, theirs) in mine.items.iter_mut().zip(&theirs.items) {
                mine.merge(theirs);
            }
        }
    }

    /// Ends the counting: counts of answers become n and range.
    pub fn settle(&mut self, layout: &Layout) {
        for (at, form) in self.forms.iter_mut().enumerate() {
            for (slot, item) in layout.slots.iter().zip(&mut form.items) {
                let set = &slot.specs[at].set;
                item.settle(set.min, set.step);
            }
        }
    }
}

impl ItemAnswers {
    fn add_codes(&mut self, codes: &[u8], member: &[u8]) {
        /// So many rows at a time that a count fits a byte, of which the processor adds sixteen at once.
        const ROWS: usize = 240;
        for (codes, member) in codes.chunks(ROWS).zip(member.chunks(ROWS)) {
            for (code, count) in (0u8..).zip(&mut self.codes) {
                let same =
                    |sum: u8, (of, member): (&u8, &u8)| sum.wrapping_add(u8::from(*of == code) & member);
                *count += u64::from(codes.iter().zip(member).fold(0, same));
            }
        }
    }

    fn add_numbers(&mut self, numbers: &[Option<f64>], rows: &[u32]) {
        for value in rows.iter().filter_map(|row| numbers[*row as usize]) {
            self.n += 1;
            self.widen([value, value]);
        }
    }

    fn widen(&mut self, [low, high]: [f64; 2]) {
        self.range = Some(self.range.map_or([low, high], |[a, b]| [a.min(low), b.max(high)]));
    }

    fn merge(&mut self, other: &ItemAnswers) {
        self.n += other.n;
        self.codes.iter_mut().zip(&other.codes).for_each(|(mine, theirs)| *mine += theirs);
        if let Some(range) = other.range {
            self.widen(range);
        }
        self.odd.merge(&other.odd);
    }

    fn settle(&mut self, min: f64, step: f64) {
        if self.codes.is_empty() {
            return;
        }
        self.n = self.codes.iter().sum();
        let value = |code: usize| min + step * code as f64;
        let used = |count: &u64| *count > 0;
        let ends = (self.codes.iter().position(used), self.codes.iter().rposition(used));
        self.range = match ends {
            (Some(low), Some(high)) => Some([value(low), value(high)]),
            _ => None,
        };
    }
}

impl Work {
    /// For every row: its lowest and highest code, and how many codes are missing.
    fn look(&mut self, batch: &Responses, points: &[usize]) {
        let rows = batch.rows();
        for (room, value) in [(&mut self.lowest, MISSING), (&mut self.above, 0), (&mut self.gaps, 0)] {
            room.clear();
            room.resize(rows, value);
        }
        for codes in points.iter().filter_map(|slot| batch.codes(*slot)) {
            let rows = self.lowest.iter_mut().zip(&mut self.above).zip(&mut self.gaps).zip(codes);
            for (((lowest, above), gaps), code) in rows {
                *lowest = (*lowest).min(*code);
                *above = (*above).max(code.wrapping_add(1)); // a gap is 255 and becomes 0
                *gaps = gaps.saturating_add(u8::from(*code == MISSING));
            }
        }
    }

    fn gaps_of_numbers(&mut self, layout: &Layout, batch: &Responses) {
        for numbers in (0..layout.slots.len()).filter_map(|slot| batch.numbers(slot)) {
            for (gaps, number) in self.gaps.iter_mut().zip(numbers) {
                *gaps = gaps.saturating_add(u8::from(number.is_none()));
            }
        }
    }

    /// The rows of a form.
    fn members(&mut self, batch: &Responses, form: usize) {
        self.member.clear();
        self.member.extend(batch.form_codes(0).map(|of| u8::from(usize::from(of) == form)));
        self.rows.clear();
        let rows = self.member.iter().enumerate().filter(|(_, member)| **member == 1);
        self.rows.extend(rows.map(|(row, _)| row as u32));
    }
}

impl Contradiction {
    fn holds(&self, batch: &Responses, row: usize, code: u8) -> bool {
        let answered = |slots: &[usize]| {
            slots.iter().filter(|slot| matches!(batch.cell(**slot, row), Cell::Point(_))).count()
        };
        let (reversed, straight) = (answered(&self.reversed), answered(&self.straight));
        let balanced = u16::from(code) * 2 == u16::from(self.mirror);
        !balanced && reversed > 0 && straight > 0 && reversed + straight >= usize::from(self.answers)
    }
}

/// Equal answers contradict each other where some items are reversed and some are not, all with the same answers.
fn contradiction(layout: &Layout, plan: &Plan, form: usize, points: &[usize]) -> Option<Contradiction> {
    let spec = |slot: usize| layout.slots[slot].specs.get(form);
    let first = spec(*points.first()?)?;
    if !points.iter().all(|slot| spec(*slot) == Some(first)) {
        return None;
    }
    let reversed = super::key::reversed_slots(plan, form);
    let (reversed, straight): (Vec<usize>, Vec<usize>) =
        points.iter().partition(|slot| reversed.contains(slot));
    let some = !reversed.is_empty() && !straight.is_empty();
    let answers = points.len().div_ceil(2) as u8;
    some.then_some(Contradiction { reversed, straight, mirror: first.points as u8 - 1, answers })
}
