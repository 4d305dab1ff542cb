//! The careful path: any row at all, with every finding in it.

use std::ops::Range;

use super::batch::{NO_FORM, Responses, Span};
use super::cell::{Cell, Fault, trim};
use super::fault::{self, Words};
use super::fold::{Fold, LeftOut};
use super::layout::{Layout, OnInvalid};
use super::missing::Missing;
use super::read::Counts;
use super::record::{Fields, line_end, lines};
use super::roles::RoleCache;
use super::words::WordReader;
use crate::finding::{Code, Findings, Severity};

/// Reads any row.
pub(super) struct Careful<'l> {
    layout: &'l Layout,
    csv: csv_core::Reader,
    fields: Fields,
    words: WordReader,
}

/// What becomes of a row.
enum Verdict {
    Take,
    LeftOut(LeftOut),
    Fault(Code, Words),
}

/// A record that has been split.
pub(super) struct Row<'a> {
    /// The block.
    pub bytes: &'a [u8],
    /// The record in it.
    pub range: Range<usize>,
    /// Its fields.
    pub fields: &'a Fields,
    /// Its number among the rows of the block, from 1.
    pub record: u64,
}

impl Row<'_> {
    /// The trimmed cell of a column.
    pub fn cell(&self, column: usize) -> &[u8] {
        trim(self.fields.get(column, self.bytes))
    }

    /// The trimmed cell of a column, if there is one.
    fn cell_or_nothing(&self, column: Option<usize>) -> &[u8] {
        column.map_or(&[], |column| self.cell(column))
    }
}

impl<'l> Careful<'l> {
    pub fn new(layout: &'l Layout) -> Careful<'l> {
        let csv = csv_core::ReaderBuilder::new().delimiter(layout.dialect.delimiter).build();
        let words = WordReader::new(&layout.words, &layout.slots);
        Careful { layout, csv, fields: Fields::default(), words }
    }

    /// Reads a row; returns where the next one begins. `plain` says that there is no quote in the block.
    #[inline(never)]
    pub fn row(
        &mut self,
        bytes: &[u8],
        start: usize,
        plain: bool,
        batch: &mut Responses,
        (roles, findings, counts): (&mut RoleCache<'_>, &mut Findings, &mut Counts),
    ) -> usize {
        if matches!(bytes[start], b'\n' | b'\r') {
            counts.blank += 1;
            counts.lines += 1;
            return line_end(bytes, start);
        }
        let mut fields = std::mem::take(&mut self.fields);
        let next = if plain {
            fields.split_plain(bytes, start, self.layout.dialect.delimiter)
        } else {
            fields.split_quoted(&mut self.csv, bytes, start)
        };
        let row = Row { bytes, range: start..next, fields: &fields, record: counts.records + 1 };
        if (0..fields.len()).all(|at| trim(fields.get(at, bytes)).is_empty()) {
            counts.blank += 1;
        } else {
            counts.records += 1;
            self.take(&row, batch, (roles, findings, counts));
        }
        counts.lines += lines(&bytes[start..next]).max(1);
        self.fields = fields;
        next
    }

    fn take(
        &mut self,
        row: &Row<'_>,
        batch: &mut Responses,
        (roles, findings, counts): (&mut RoleCache<'_>, &mut Findings, &mut Counts),
    ) {
        let layout = self.layout;
        if let Some((code, words)) = fault::of_row(layout, row) {
            return fault::report(layout, row, None, (code, Severity::Problem), words, findings);
        }
        let role_column = layout.role.and_then(|role| layout.texts[role].column);
        let role = role_column.map(|column| row.cell(column));
        match self.verdict(row, role, roles) {
            Verdict::LeftOut(why) => why.count(layout.folds.len() as u64, counts),
            Verdict::Fault(code, words) => {
                fault::report(layout, row, role_column, (code, Severity::Problem), words, findings);
            }
            Verdict::Take => self.unfold(row, roles.forms(role), batch, findings, counts),
        }
    }

    /// Takes every row that a record unfolds into; in a wide file only those with an answer.
    fn unfold(
        &mut self,
        row: &Row<'_>,
        forms: &[u8],
        batch: &mut Responses,
        findings: &mut Findings,
        counts: &mut Counts,
    ) {
        let layout = self.layout;
        let wide = layout.is_wide();
        for (at, fold) in layout.folds.iter().enumerate() {
            if let Some(why) = fold.left_out {
                why.count(1, counts);
                continue;
            }
            if wide && !self.answered(row, fold, |_| true) {
                counts.unanswered += 1;
                continue;
            }
            let forms = fold.forms(forms);
            self.take_texts(row, batch);
            self.take_items(row, (fold, forms), batch, findings, counts);
            if forms.contains(&NO_FORM) {
                batch.without_form();
            }
            batch.end_fold(layout, at, (row.range.start, row.record), forms);
        }
    }

    /// Whether a row has an answer to any of some slots.
    fn answered(&self, row: &Row<'_>, fold: &Fold, slots: impl Fn(usize) -> bool) -> bool {
        let cells = fold.columns.iter().enumerate().filter(|(slot, _)| slots(*slot));
        let mut columns = cells.filter_map(|(_, column)| *column);
        columns.any(|column| self.layout.missing.matches(row.cell(column)).is_none())
    }

    fn verdict(&self, row: &Row<'_>, role: Option<&[u8]>, roles: &mut RoleCache<'_>) -> Verdict {
        let layout = self.layout;
        let passes = |(text, filter): &(usize, super::filter::Filter)| {
            filter.passes(row.cell_or_nothing(layout.texts[*text].column))
        };
        if !layout.row_filters.iter().all(passes) {
            return Verdict::LeftOut(LeftOut::Filtered);
        }
        let forms = roles.forms(role).to_vec();
        if roles.is_other_form(&forms) {
            return Verdict::LeftOut(LeftOut::OtherForm);
        }
        if layout.folds.iter().any(|fold| fold.forms.is_some()) {
            return Verdict::Take; // the names of the columns say the forms, and have been checked
        }
        for (at, (pass, form)) in layout.passes.iter().zip(&forms).enumerate() {
            let answered = || {
                let mut folds = layout.folds.iter().filter(|fold| fold.left_out.is_none());
                folds.any(|fold| self.answered(row, fold, |slot| layout.slots[slot].pass == at))
            };
            let fault = match pass.instrument.forms.get(usize::from(*form)) {
                None => {
                    Some((Code::UnknownRole, fault::unknown_role(&pass.instrument, role.unwrap_or_default())))
                }
                Some(form) => {
                    let why = form.template.as_ref();
                    why.map(|why| (Code::TemplateForm, fault::template_form(&pass.instrument, &form.id, why)))
                }
            };
            if let Some((code, words)) = fault.filter(|_| answered()) {
                return Verdict::Fault(code, words);
            }
        }
        Verdict::Take
    }

    fn take_texts(&self, row: &Row<'_>, batch: &mut Responses) {
        for (text, of) in self.layout.texts.iter().enumerate() {
            let Some(column) = of.column else { continue };
            let cell = row.cell(column);
            match row.fields.span(column) {
                Some(range) if cell.is_empty() => batch.put_text(text, Span::plain(range.start, range.start)),
                Some(_) => {
                    let start = cell.as_ptr().addr() - row.bytes.as_ptr().addr();
                    batch.put_text(text, Span::plain(start, start + cell.len()));
                }
                None => batch.put_unquoted(text, cell),
            }
        }
    }

    fn take_items(
        &mut self,
        row: &Row<'_>,
        (fold, forms): (&Fold, &[u8]),
        batch: &mut Responses,
        findings: &mut Findings,
        counts: &mut Counts,
    ) {
        let layout = self.layout;
        for (slot, of) in layout.slots.iter().enumerate() {
            let form = usize::from(forms[of.pass]);
            let spec = of.specs.get(form).unwrap_or(&of.specs[0]);
            let cell = row.cell_or_nothing(fold.columns[slot]);
            let mut answer = spec.read(cell, &layout.missing, layout.dialect.decimal_comma);
            let words = self.words.map(slot, form);
            if let (Err(Fault::Text), Some(map)) = (&answer, words) {
                answer = self.words.read(map, spec, cell).map(|(cell, word)| {
                    *counts.labels.entry((map, word)).or_default() += 1;
                    cell
                });
            }
            let answer = answer.unwrap_or_else(|fault| {
                *counts.rejected.entry(slot).or_default() += 1;
                let severity = match layout.on_invalid {
                    OnInvalid::Reject => Severity::Problem,
                    OnInvalid::Missing => Severity::Note,
                };
                if findings.wants_text() {
                    let column = fold.columns[slot].unwrap_or(of.column);
                    let words = fault::of_cell(layout, (column, of.pass), (spec, words), cell, fault);
                    fault::report(layout, row, Some(column), (fault.code(), severity), words, findings);
                } else {
                    findings.count(fault.code(), severity);
                }
                Cell::Gap(Missing::Rejected)
            });
            if let Cell::Gap(reason) = answer {
                *counts.missing.entry(reason).or_default() += 1;
            }
            batch.put(slot, answer);
        }
    }
}
