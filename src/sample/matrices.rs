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
        let value = |row: usize, term: &Term| self.answer(term, row).map_or(f64::NAN, |x| term.scored(x));
        self.matrix(edition, rows, value)
    }

    /// The answers as they were given, in the order of the printed form; a gap is NaN.
    pub fn raw(&self, edition: &Edition, rows: &[usize]) -> ItemMatrix {
        let mut terms: Vec<&Term> = edition.terms.iter().collect();
        terms.sort_by_key(|term| term.slot);
        let items = terms.iter().map(|term| self.item_id(term)).collect();
        let value = |i: usize, j: usize| self.answer(terms[j], rows[i]).unwrap_or(f64::NAN);
        ItemMatrix::new(items, DMatrix::from_fn(rows.len(), terms.len(), value))
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

    fn matrix(&self, edition: &Edition, rows: &[usize], value: impl Fn(usize, &Term) -> f64) -> ItemMatrix {
        let items = edition.terms.iter().map(|term| self.item_id(term)).collect();
        let k = edition.terms.len();
        ItemMatrix::new(items, DMatrix::from_fn(rows.len(), k, |i, j| value(rows[i], &edition.terms[j])))
    }
}
