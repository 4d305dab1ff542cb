//! Items of a scale as matrices.

use nalgebra::DMatrix;

use super::gather::{Answers, Sample};
use crate::moments::ItemMatrix;
use crate::responses::MISSING;
use crate::scoring::{Edition, Term};

impl Sample {
    /// The scale as a form has it; none if the form has no such scale.
    pub fn edition(&self, scale: usize, form: Option<usize>) -> Option<&Edition> {
        self.plan.scales.get(scale)?.edition(form)
    }

    /// The scored answers (reversed where the key says so) of some rows to the items of a scale; a gap is NaN.
    pub fn items(&self, edition: &Edition, rows: &[usize]) -> ItemMatrix {
        self.scored(&edition.terms, rows)
    }

    /// The answers to some items as they were ticked on the form, also where the file holds them reversed already; a gap is
    /// NaN.
    pub fn ticked(&self, terms: &[Term], rows: &[usize]) -> ItemMatrix {
        let value = |i: usize, j: usize| {
            let (term, set) = (&terms[j], &terms[j].spec.set);
            let turned = self.is_reversed_in_file(term);
            let answer = self.answer(term, rows[i]).map(|x| match set.max {
                Some(max) if turned => set.min + max - x,
                _ => x,
            });
            answer.unwrap_or(f64::NAN)
        };
        self.of_terms(terms, rows.len(), value)
    }

    /// The answers to some items as they are scored; a gap is NaN.
    pub fn scored(&self, terms: &[Term], rows: &[usize]) -> ItemMatrix {
        let mut values = Vec::with_capacity(rows.len() * terms.len());
        for term in terms {
            match &self.answers[term.slot] {
                Answers::Codes(codes) => {
                    let set = &term.spec.set;
                    let mut scores = [f64::NAN; 256];
                    for (code, score) in scores.iter_mut().enumerate().take(usize::from(MISSING)) {
                        *score = term.scored(set.min + set.step * code as f64);
                    }
                    values.extend(rows.iter().map(|row| scores[usize::from(codes[*row])]));
                }
                Answers::Numbers(numbers) => {
                    values.extend(rows.iter().map(|row| term.scored(numbers[*row])));
                }
            }
        }
        let items = terms.iter().map(|term| self.item_id(term)).collect();
        ItemMatrix::new(items, DMatrix::from_vec(rows.len(), terms.len(), values))
    }

    /// Whether the file holds an item reversed already, as the user says.
    pub fn is_reversed_in_file(&self, term: &Term) -> bool {
        self.plan.already_reversed.contains(&term.slot)
    }

    /// The items that any scale of a form has, in the order of the printed form.
    pub fn form_terms(&self, form: Option<usize>) -> Vec<&Term> {
        let editions = self.plan.scales.iter().filter_map(|scale| scale.edition(form));
        let mut terms: Vec<&Term> = editions.flat_map(|edition| &edition.terms).collect();
        terms.sort_by_key(|term| term.slot);
        terms.dedup_by_key(|term| term.slot);
        terms
    }

    /// The answers of some rows to all items that any scale of a form has, as they were given; a gap is NaN. None if the
    /// form has no scale.
    pub fn form_items(&self, form: Option<usize>, rows: &[usize]) -> Option<ItemMatrix> {
        let terms = self.form_terms(form);
        if terms.is_empty() {
            return None;
        }
        let items = terms.iter().map(|term| self.item_id(term)).collect();
        let value = |i: usize, j: usize| self.answer(terms[j], rows[i]).unwrap_or(f64::NAN);
        Some(ItemMatrix::new(items, DMatrix::from_fn(rows.len(), terms.len(), value)))
    }

    /// The scored answers as codes of categories, item after item, 255 for a gap; none unless all items have points.
    pub fn categories(&self, edition: &Edition, rows: &[usize]) -> Option<Vec<Vec<u8>>> {
        let column = |term: &Term| match &self.answers[term.slot] {
            Answers::Numbers(_) => None,
            Answers::Codes(codes) => {
                let last = u8::try_from(term.spec.points.checked_sub(1)?).ok()?;
                let scored = |row: &usize| match codes[*row] {
                    MISSING => MISSING,
                    code if term.reversed => last - code,
                    code => code,
                };
                Some(rows.iter().map(scored).collect())
            }
        };
        edition.terms.iter().map(column).collect()
    }

    /// The id of an item.
    pub fn item_id(&self, term: &Term) -> String {
        let slot = &self.layout.slots[term.slot];
        self.layout.passes[slot.pass].instrument.items[slot.item].id.clone()
    }

    /// The answer of a row as it was given.
    pub fn answer(&self, term: &Term, row: usize) -> Option<f64> {
        match &self.answers[term.slot] {
            Answers::Codes(codes) => {
                let set = &term.spec.set;
                (codes[row] != MISSING).then(|| set.min + set.step * f64::from(codes[row]))
            }
            Answers::Numbers(numbers) => Some(numbers[row]).filter(|x| !x.is_nan()),
        }
    }

    fn of_terms(&self, terms: &[Term], n: usize, value: impl Fn(usize, usize) -> f64) -> ItemMatrix {
        let items = terms.iter().map(|term| self.item_id(term)).collect();
        ItemMatrix::new(items, DMatrix::from_fn(n, terms.len(), value))
    }
}
