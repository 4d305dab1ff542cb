//! What a record unfolds into: one row, or in a wide file one for each role and session.

use super::batch::{NO_FORM, Responses, Span};
use super::cell::Cell;
use super::header::Header;
use super::layout::{Layout, Why};
use super::missing::Missing;
use super::read::Counts;
use super::wide::Part;
use super::{fault, keys::Key};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings};

/// One of the rows that a record unfolds into. A file that is not wide has one.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Fold {
    /// The role, if the names of the columns say it.
    pub role: Option<String>,
    /// The session, if the names of the columns say it.
    pub session: Option<String>,
    /// For each slot its column.
    pub columns: Vec<Option<usize>>,
    /// The words of the text columns that the file does not have, in the order of [`Layout::worded`].
    pub(super) words: Vec<String>,
    /// The form for each instrument, if the role says it.
    pub(super) forms: Option<Vec<u8>>,
    pub(super) left_out: Option<LeftOut>,
}

/// Why the rows of a fold do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// `--where` leaves them out.
    Filtered,
    /// They are of another form than the one asked for.
    OtherForm,
}

impl LeftOut {
    /// Counts rows that are left out.
    pub fn count(self, rows: u64, counts: &mut Counts) {
        match self {
            LeftOut::Filtered => counts.filtered += rows,
            LeftOut::OtherForm => counts.other_form += rows,
        }
    }
}

/// Makes the folds of a layout, whose passes, slots and texts are known.
///
/// # Errors
/// Findings about roles for which an instrument has no form, or a form whose key is open.
pub(super) fn folds(layout: &Layout, header: &Header, parts: Vec<Part>) -> Result<Vec<Fold>, Error> {
    let mut findings = Findings::keeping_all();
    let mut folds = Vec::new();
    for part in parts {
        let mut fold = Fold {
            columns: part.columns.iter().flatten().copied().collect(),
            role: part.role,
            session: part.session,
            ..Fold::default()
        };
        fold.words = layout.worded.iter().map(|text| fold.word_of(layout.texts[*text].why)).collect();
        fold.forms = fold.role.as_ref().map(|role| layout.forms_of_role(role));
        fold.left_out = fold.left_out(layout);
        if fold.left_out.is_none() {
            fold.check_forms(layout, header, &mut findings);
        }
        folds.push(fold);
    }
    if findings.problems() > 0 { Err(Error::data(findings)) } else { Ok(folds) }
}

impl Fold {
    fn word_of(&self, why: Why) -> String {
        let word = match why {
            Why::Key { key: Key::Role, .. } => &self.role,
            Why::Key { key: Key::Session, .. } => &self.session,
            _ => &None,
        };
        word.clone().unwrap_or_default()
    }

    fn left_out(&self, layout: &Layout) -> Option<LeftOut> {
        let holds = |(text, filter): &(usize, super::filter::Filter)| {
            let word = layout.worded.iter().position(|worded| worded == text).map(|at| &self.words[at]);
            word.is_none_or(|word| filter.passes(word.as_bytes()))
        };
        if !layout.filters.iter().all(holds) {
            return Some(LeftOut::Filtered);
        }
        let forms = self.forms.as_ref()?;
        let other = |(pass, form): (&super::pass::Pass, &u8)| {
            pass.only.is_some_and(|only| only != usize::from(*form))
        };
        layout.passes.iter().zip(forms).any(other).then_some(LeftOut::OtherForm)
    }

    /// Every instrument that has columns here has a form for the role, and its key is not open.
    fn check_forms(&self, layout: &Layout, header: &Header, findings: &mut Findings) {
        let (Some(forms), Some(role)) = (&self.forms, &self.role) else { return };
        for (at, (pass, form)) in layout.passes.iter().zip(forms).enumerate() {
            let here = |slot: &usize| layout.slots[*slot].pass == at;
            let Some(column) = (0..layout.slots.len()).filter(here).find_map(|slot| self.columns[slot])
            else {
                continue;
            };
            let form = pass.instrument.forms.get(usize::from(*form));
            let (code, (message, help)) = match (form, form.and_then(|form| form.template.as_ref())) {
                (None, _) => (Code::UnknownRole, fault::unknown_role(&pass.instrument, role.as_bytes())),
                (Some(form), Some(why)) => {
                    (Code::TemplateForm, fault::template_form(&pass.instrument, &form.id, why))
                }
                (Some(_), None) => continue,
            };
            if !findings.kept().iter().any(|other| other.message == message) {
                let place = header.place(Some(column));
                findings.push(Finding::problem(code, place, message).help(help));
            }
        }
    }

    /// The forms of its rows, where the role of the record does not say them.
    pub(super) fn forms<'a>(&'a self, of_record: &'a [u8]) -> &'a [u8] {
        self.forms.as_deref().unwrap_or(of_record)
    }
}

impl Responses {
    /// Ends the rows of a plain record of a wide file, whose cells lie behind the last row, one row for each fold, and
    /// whose texts lie in the first of them: drops the rows without any answer and those that are left out.
    pub(super) fn end_record(
        &mut self,
        layout: &Layout,
        (start, record): (usize, u64),
        (forms, first_gap): (&[u8], usize),
        counts: &mut Counts,
    ) {
        let base = self.rows;
        let texts = self.open_texts().to_vec();
        let mut gaps = self.gaps.split_off(first_gap);
        gaps.sort_by_key(|(row, ..)| *row);
        let mut gaps = gaps.as_slice();
        for (at, fold) in layout.folds.iter().enumerate() {
            let here = gaps.iter().take_while(|(row, ..)| *row as usize == base + at).count();
            let (of_row, rest) = gaps.split_at(here);
            gaps = rest;
            if let Some(why) = fold.left_out {
                why.count(1, counts);
                continue;
            }
            for slot in (0..layout.slots.len()).filter(|slot| fold.columns[*slot].is_none()) {
                self.put_ahead(at - (self.rows - base), slot, Cell::Gap(Missing::Blank));
            }
            let missing = self.copy_row(base + at, self.rows);
            if missing == layout.slots.len() {
                counts.unanswered += 1;
                continue;
            }
            for (_, slot, reason) in of_row {
                self.gaps.push((self.rows as u32, *slot, *reason));
                *counts.missing.entry(*reason).or_default() += 1;
            }
            if missing > here {
                *counts.missing.entry(Missing::Blank).or_default() += (missing - here) as u64;
            }
            self.copy_texts(&texts);
            let forms = fold.forms(forms);
            if forms.contains(&NO_FORM) {
                self.without_form();
            }
            self.end_fold(layout, at, (start, record), forms);
        }
    }

    /// Puts the words of a fold into the row that is being read, and ends it.
    pub(super) fn end_fold(
        &mut self,
        layout: &Layout,
        fold: usize,
        (start, record): (usize, u64),
        forms: &[u8],
    ) {
        for (at, text) in layout.worded.iter().enumerate() {
            let span = self.word_span(fold * layout.worded.len() + at);
            self.put_text(*text, span);
        }
        self.note_fold(fold);
        self.end_row(start, record, forms);
    }

    fn copy_texts(&mut self, texts: &[Span]) {
        for (text, span) in texts.iter().enumerate() {
            self.put_text(text, *span);
        }
    }
}
