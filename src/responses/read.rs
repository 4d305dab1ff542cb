//! From blocks of bytes to batches of answers.
//!
//! Plain rows (one-digit answers, no quotes) take the fast path, four cells at a time; whatever it does not understand
//! is read again from the start of the row by the careful path, which also words the findings. A property test holds
//! that both give the same on any bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr;

use super::batch::{MISSING, NO_FORM, Responses, Span};
use super::blocks::{Block, ReadError};
use super::cell::{Cell, Fault, trim};
use super::layout::{FormRule, Layout, OnInvalid, Use};
use super::missing::Missing;
use super::record::{Fields, line_end, lines, raw_spans};
use crate::error::Error;
use crate::finding::{Code, Excerpt, Finding, Findings, Place, Severity};

/// How records are split into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splitting {
    /// The fast path where it serves.
    #[default]
    Automatic,
    /// The CSV state machine for every record; for tests.
    StateMachine,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read, the header not counted.
    pub lines: u64,
    /// Rows read, wholly empty ones not counted.
    pub records: u64,
    /// Wholly empty rows, skipped.
    pub blank: u64,
    /// Rows that `--where` leaves out.
    pub filtered: u64,
    /// Rows of another form than the one asked for.
    pub other_form: u64,
    /// Rows that are used.
    pub used: u64,
    /// Missing answers in the rows used, by reason.
    pub missing: BTreeMap<Missing, u64>,
    /// Cells that were no allowed answer, by item slot.
    pub rejected: BTreeMap<usize, u64>,
    /// Rows used, by instrument and form.
    pub by_form: BTreeMap<(usize, Option<usize>), u64>,
}

impl Counts {
    /// Adds the counts of another part of the file.
    pub fn merge(&mut self, other: &Counts) {
        self.lines += other.lines;
        self.records += other.records;
        self.blank += other.blank;
        self.filtered += other.filtered;
        self.other_form += other.other_form;
        self.used += other.used;
        add(&mut self.missing, &other.missing);
        add(&mut self.rejected, &other.rejected);
        add(&mut self.by_form, &other.by_form);
    }
}

fn add<K: Ord + Clone>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, n) in from {
        *to.entry(key.clone()).or_default() += n;
    }
}

/// Reads blocks into batches; one for each thread.
pub struct BlockReader<'l> {
    layout: &'l Layout,
    splitting: Splitting,
    ops: Vec<Op>,
    /// For each column of a run of points: the offset of its codes in the batch that is being read.
    targets: Vec<usize>,
    run_slots: Vec<usize>,
    classes: [bool; 256],
    fixed_forms: Vec<u8>,
    roles: Vec<(Vec<u8>, Vec<u8>)>,
    csv: csv_core::Reader,
    fields: Fields,
}

/// What the fast path does next.
#[derive(Debug, Clone, Copy)]
enum Op {
    /// Passes over a column.
    Skip,
    /// Takes a text.
    Text(usize),
    /// Takes one item.
    Item(usize),
    /// Takes a run of items with the same one-digit answers.
    Run { first: usize, len: usize, min: u8, max: u8 },
}

/// What becomes of a row.
enum Verdict {
    Take,
    Filtered,
    OtherForm,
    Fault(Code, String, String),
}

impl<'l> BlockReader<'l> {
    /// A reader for a layout.
    pub fn new(layout: &'l Layout, splitting: Splitting) -> BlockReader<'l> {
        let mut classes = [false; 256];
        for byte in [layout.dialect.delimiter, b'\n', b'\r', b'"', 0] {
            classes[usize::from(byte)] = true;
        }
        let (ops, run_slots) = ops(layout);
        BlockReader {
            layout,
            splitting,
            ops,
            targets: Vec::new(),
            run_slots,
            classes,
            fixed_forms: layout.fixed_forms(),
            roles: Vec::new(),
            csv: csv_core::ReaderBuilder::new().delimiter(layout.dialect.delimiter).build(),
            fields: Fields::default(),
        }
    }

    /// Reads a block (its bytes move into the batch). Lines, records and bytes in the findings count from its start.
    pub fn read(&mut self, block: &mut Block, batch: &mut Responses, findings: &mut Findings) -> Counts {
        std::mem::swap(&mut batch.bytes, &mut block.bytes);
        batch.reset(self.layout);
        self.targets.clear();
        self.targets.extend(self.run_slots.iter().map(|slot| batch.code_offset(*slot)));
        let bytes = std::mem::take(&mut batch.bytes);
        let plain = memchr(b'"', &bytes).is_none();
        let fast = self.splitting == Splitting::Automatic && self.layout.uniform && std::str::from_utf8(&bytes).is_ok();
        let mut counts = Counts { lines: lines(&bytes), ..Counts::default() };
        let mut at = 0;
        let mut last_role = 0;
        while at < bytes.len() {
            let next = if fast { self.fast_row(&bytes, at, batch, &mut counts, &mut last_role) } else { None };
            at = next.unwrap_or_else(|| self.careful_row(&bytes, at, plain, batch, findings, &mut counts));
        }
        batch.bytes = bytes;
        batch.totals = (counts.records, counts.lines);
        self.count_forms(batch, &mut counts);
        counts
    }

    /// The words of the role column met so far, and the form each means for every instrument.
    pub fn roles_seen(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.roles.iter().map(|(word, forms)| {
            let name = |(at, form): (usize, &u8)| {
                let form = (*form != NO_FORM).then_some(usize::from(*form));
                self.layout.form_name(at, form).to_owned()
            };
            (String::from_utf8_lossy(word).into_owned(), forms.iter().enumerate().map(name).collect())
        })
    }

    fn count_forms(&self, batch: &Responses, counts: &mut Counts) {
        let passes = self.layout.passes.len();
        for pass in 0..passes {
            if self.layout.passes[pass].form != FormRule::ByRole {
                *counts.by_form.entry((pass, Some(usize::from(self.fixed_forms[pass])))).or_default() +=
                    batch.rows as u64;
                continue;
            }
            let mut by = [0u64; 256];
            for row in 0..batch.rows {
                by[usize::from(batch.forms[row * passes + pass])] += 1;
            }
            for (form, n) in by.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                let form = (form != usize::from(NO_FORM)).then_some(form);
                *counts.by_form.entry((pass, form)).or_default() += n;
            }
        }
    }

    /// One plain row; none if it is not plain, with nothing changed.
    fn fast_row(
        &mut self,
        bytes: &[u8],
        start: usize,
        batch: &mut Responses,
        counts: &mut Counts,
        last_role: &mut usize,
    ) -> Option<usize> {
        let (spans, gaps) = (batch.spans.len(), batch.gaps.len());
        let verdict = self.fast_cells(bytes, start, batch).and_then(|row| {
            let forms = self.forms(bytes, spans, batch, last_role)?;
            Some((row, forms))
        });
        let Some((row, forms)) = verdict else {
            batch.spans.truncate(spans);
            batch.gaps.truncate(gaps);
            return None;
        };
        counts.records += 1;
        match forms {
            Verdict::Take => {
                batch.starts.push((start as u32, counts.records as u32));
                batch.rows += 1;
                counts.used += 1;
                if row.blanks > 0 {
                    *counts.missing.entry(Missing::Blank).or_default() += row.blanks;
                }
                for (_, _, reason) in &batch.gaps[gaps..] {
                    *counts.missing.entry(*reason).or_default() += 1;
                }
            }
            Verdict::OtherForm => counts.other_form += 1,
            _ => counts.filtered += 1,
        }
        if !matches!(forms, Verdict::Take) {
            batch.spans.truncate(spans);
            batch.gaps.truncate(gaps);
        }
        Some(row.next)
    }

    /// Filters and forms of a plain row whose texts are the last spans of the batch; none if it has a fault.
    fn forms(
        &mut self,
        bytes: &[u8],
        spans: usize,
        batch: &mut Responses,
        last_role: &mut usize,
    ) -> Option<Verdict> {
        let text = |text: usize| {
            let span = batch.spans[spans + text];
            &bytes[span.start as usize..span.end as usize]
        };
        if !self.layout.filters.iter().all(|(of, filter)| filter.passes(text(*of))) {
            return Some(Verdict::Filtered);
        }
        let Some(role) = self.layout.role else {
            batch.forms.extend_from_slice(&self.fixed_forms);
            return Some(Verdict::Take);
        };
        let word = text(role);
        if self.roles.get(*last_role).is_none_or(|(known, _)| known != word) {
            *last_role = self.roles.iter().position(|(known, _)| known == word).unwrap_or_else(|| {
                self.roles.push((word.to_vec(), self.layout.forms_of_role(&String::from_utf8_lossy(word))));
                self.roles.len() - 1
            });
        }
        let forms = &self.roles[*last_role].1;
        if forms.contains(&NO_FORM) || self.has_open_form(forms) {
            return None; // the careful path decides, and words it
        }
        if self.is_other_form(forms) {
            return Some(Verdict::OtherForm);
        }
        batch.forms.extend_from_slice(forms);
        Some(Verdict::Take)
    }

    fn has_open_form(&self, forms: &[u8]) -> bool {
        let open = |pass: &super::layout::Pass, form: u8| {
            pass.instrument.forms.get(usize::from(form)).is_some_and(|form| form.template.is_some())
        };
        self.layout.passes.iter().zip(forms).any(|(pass, form)| open(pass, *form))
    }

    fn is_other_form(&self, forms: &[u8]) -> bool {
        self.layout
            .passes
            .iter()
            .zip(forms)
            .any(|(pass, form)| pass.only.is_some_and(|only| only != usize::from(*form)))
    }

    /// The cells of a plain row. Writes codes and spans for the row after the last; none if anything is unusual.
    fn fast_cells(&self, bytes: &[u8], start: usize, batch: &mut Responses) -> Option<PlainRow> {
        let delimiter = self.layout.dialect.delimiter;
        let mut at = start;
        let mut row = PlainRow { next: 0, blanks: 0 };
        let mut answered = false;
        let spans = batch.spans.len();
        batch.spans.resize(spans + self.layout.texts.len(), Span::default());
        let last = self.ops.len() - 1;
        for (index, op) in self.ops.iter().enumerate() {
            let end = match *op {
                Op::Run { first, len, min, max } => {
                    let digits = Digits { min, max, delimiter };
                    let (end, blanks) = self.run(bytes, at, first, len, digits, batch)?;
                    row.blanks += blanks;
                    answered |= blanks < len as u64;
                    end
                }
                Op::Skip => self.scan(bytes, at),
                Op::Text(text) => {
                    let end = self.scan(bytes, at);
                    let cell = trim(&bytes[at..end]);
                    let from = if cell.is_empty() { at } else { cell.as_ptr().addr() - bytes.as_ptr().addr() };
                    batch.spans[spans + text] =
                        Span { start: from as u32, end: (from + cell.len()) as u32, in_arena: false };
                    end
                }
                Op::Item(slot) => {
                    let end = self.scan(bytes, at);
                    let cell = self.layout.slots[slot].specs[0].read(
                        trim(&bytes[at..end]),
                        &self.layout.missing,
                        self.layout.dialect.decimal_comma,
                    );
                    let cell = cell.ok()?;
                    row.blanks += u64::from(cell == Cell::Gap(Missing::Blank));
                    answered |= !matches!(cell, Cell::Gap(_));
                    batch.put(slot, cell);
                    end
                }
            };
            at = if index < last {
                (bytes.get(end) == Some(&delimiter)).then_some(end + 1)?
            } else {
                if end < bytes.len() && !matches!(bytes[end], b'\n' | b'\r') {
                    return None;
                }
                row.next = line_end(bytes, end);
                row.next
            };
        }
        // A row without any answer may be wholly empty: the careful path looks.
        answered.then_some(row)
    }

    /// A run of one-digit items; returns where its last field ends, and how many are blank.
    fn run(
        &self,
        bytes: &[u8],
        start: usize,
        first: usize,
        len: usize,
        digits: Digits,
        batch: &mut Responses,
    ) -> Option<(usize, u64)> {
        let row = batch.rows;
        let targets = &self.targets[first..first + len];
        let (mut at, mut item, mut blanks) = (start, 0, 0u64);
        loop {
            while item + 4 < len
                && let Some(word) = bytes.get(at..at + 8)
                && let Some(codes) = digits.four(word)
            {
                for (code, target) in codes.into_iter().zip(&targets[item..item + 4]) {
                    batch.codes[target + row] = code;
                }
                item += 4;
                at += 8;
            }
            let end = match (bytes.get(at), bytes.get(at + 1)) {
                (Some(digit), Some(after)) if self.ends(*after) && (digits.min..=digits.max).contains(&digit.wrapping_sub(b'0')) => {
                    batch.codes[targets[item] + row] = digit - b'0' - digits.min;
                    at + 1
                }
                (Some(byte), _) if self.ends(*byte) => {
                    batch.codes[targets[item] + row] = MISSING;
                    blanks += 1;
                    at
                }
                _ => {
                    let slot = self.run_slots[first + item];
                    let end = self.scan(bytes, at);
                    let spec = &self.layout.slots[slot].specs[0];
                    let decimal_comma = self.layout.dialect.decimal_comma;
                    let cell = spec.read(trim(&bytes[at..end]), &self.layout.missing, decimal_comma).ok()?;
                    blanks += u64::from(cell == Cell::Gap(Missing::Blank));
                    batch.put(slot, cell);
                    end
                }
            };
            item += 1;
            if item == len {
                return Some((end, blanks));
            }
            if bytes.get(end) != Some(&digits.delimiter) {
                return None;
            }
            at = end + 1;
        }
    }

    /// Whether a byte ends a field.
    fn ends(&self, byte: u8) -> bool {
        byte == self.layout.dialect.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Where the field that begins here ends (or holds something unusual).
    fn scan(&self, bytes: &[u8], from: usize) -> usize {
        let mut at = from;
        while at < bytes.len() && !self.classes[usize::from(bytes[at])] {
            at += 1;
        }
        at
    }

    /// Any row, with all its findings; returns where the next one begins.
    fn careful_row(
        &mut self,
        bytes: &[u8],
        start: usize,
        plain: bool,
        batch: &mut Responses,
        findings: &mut Findings,
        counts: &mut Counts,
    ) -> usize {
        if matches!(bytes[start], b'\n' | b'\r') {
            counts.blank += 1;
            return line_end(bytes, start);
        }
        let mut fields = std::mem::take(&mut self.fields);
        let next = if plain && self.splitting == Splitting::Automatic {
            fields.split_plain(bytes, start, self.layout.dialect.delimiter)
        } else {
            fields.split_quoted(&mut self.csv, bytes, start)
        };
        let row = Row { bytes, range: start..next, fields: &fields, record: counts.records + 1 };
        if (0..fields.len()).all(|at| trim(fields.get(at, bytes)).is_empty()) {
            counts.blank += 1;
        } else {
            counts.records += 1;
            self.take(&row, batch, findings, counts);
        }
        self.fields = fields;
        next
    }

    fn take(&mut self, row: &Row<'_>, batch: &mut Responses, findings: &mut Findings, counts: &mut Counts) {
        if let Some((code, message, help)) = self.structural(row) {
            return self.report(row, None, code, Severity::Problem, (message, help), findings);
        }
        match self.verdict(row) {
            Verdict::Filtered => counts.filtered += 1,
            Verdict::OtherForm => counts.other_form += 1,
            Verdict::Fault(code, message, help) => {
                let column = self.layout.role.map(|role| self.layout.texts[role].column);
                self.report(row, column, code, Severity::Problem, (message, help), findings);
            }
            Verdict::Take => {
                self.take_texts(row, batch);
                self.take_forms(row, batch);
                self.take_items(row, batch, findings, counts);
                batch.starts.push((row.range.start as u32, row.record as u32));
                batch.rows += 1;
                counts.used += 1;
            }
        }
    }

    /// Faults of a whole row.
    fn structural(&self, row: &Row<'_>) -> Option<(Code, String, String)> {
        let record = &row.bytes[row.range.clone()];
        if memchr(0, record).is_some() {
            let help = "is this a text table? If it is UTF-16, save it as UTF-8";
            return Some((Code::NulByte, "the row holds a NUL byte".to_owned(), help.to_owned()));
        }
        if std::str::from_utf8(record).is_err() {
            let help = "save the file as \"CSV UTF-8\"";
            return Some((Code::NotUtf8, "the row is not UTF-8 text".to_owned(), help.to_owned()));
        }
        let (got, want) = (row.fields.len(), self.layout.width);
        let message = format!("the row has {got} fields, the header {want}");
        match got.cmp(&want) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => {
                Some((Code::TooFewFields, message, "is the row cut off, or a line break missing its quotes?".to_owned()))
            }
            std::cmp::Ordering::Greater => {
                let help = if self.layout.dialect.delimiter == b',' {
                    "a decimal comma or a comma in a text? Write a point, or put the field in quotes"
                } else {
                    "a delimiter inside a text? Put the field in quotes"
                };
                Some((Code::TooManyFields, message, help.to_owned()))
            }
        }
    }

    fn role_of<'a>(&self, row: &'a Row<'_>) -> Option<&'a [u8]> {
        self.layout.role.map(|role| row.cell(self.layout.texts[role].column))
    }

    fn forms_of(&self, row: &Row<'_>) -> Vec<u8> {
        match self.role_of(row) {
            Some(word) => self.layout.forms_of_role(&String::from_utf8_lossy(word)),
            None => self.fixed_forms.clone(),
        }
    }

    fn verdict(&self, row: &Row<'_>) -> Verdict {
        let passes = |(text, filter): &(usize, super::filter::Filter)| {
            filter.passes(row.cell(self.layout.texts[*text].column))
        };
        if !self.layout.filters.iter().all(passes) {
            return Verdict::Filtered;
        }
        let forms = self.forms_of(row);
        if self.is_other_form(&forms) {
            return Verdict::OtherForm;
        }
        for (at, (pass, form)) in self.layout.passes.iter().zip(&forms).enumerate() {
            let answered = || {
                let mut slots = self.layout.slots.iter().filter(|slot| slot.pass == at);
                slots.any(|slot| self.layout.missing.matches(row.cell(slot.column)).is_none())
            };
            let instrument = &pass.instrument;
            if *form == NO_FORM && answered() {
                let ids: Vec<&str> = instrument.forms.iter().map(|form| form.id.as_str()).collect();
                let help = format!(
                    "its forms are {}; say what the word means with --roles WORD=FORM, or leave the rows out with --where or --form",
                    ids.join(", ")
                );
                let word = String::from_utf8_lossy(self.role_of(row).unwrap_or_default()).into_owned();
                let message = if word.is_empty() {
                    format!("the role is empty, so the form of {} is not known", instrument.id)
                } else {
                    format!("{} has no form for the role `{word}`", instrument.id)
                };
                return Verdict::Fault(Code::UnknownRole, message, help);
            }
            let open = instrument.forms.get(usize::from(*form)).and_then(|form| Some((form, form.template.as_ref()?)));
            if let Some((form, why)) = open.filter(|_| answered()) {
                let help = format!(
                    "complete a copy of the definition (alliance template {}), or leave these rows out with --form",
                    instrument.id
                );
                let message = format!("the form `{}` of {} cannot be scored: {why}", form.id, instrument.id);
                return Verdict::Fault(Code::TemplateForm, message, help);
            }
        }
        Verdict::Take
    }

    fn take_texts(&self, row: &Row<'_>, batch: &mut Responses) {
        for text in &self.layout.texts {
            let cell = row.cell(text.column);
            let span = match row.fields.span(text.column) {
                Some(range) => {
                    let from = if cell.is_empty() { range.start } else { cell.as_ptr().addr() - row.bytes.as_ptr().addr() };
                    Span { start: from as u32, end: (from + cell.len()) as u32, in_arena: false }
                }
                None => {
                    let start = batch.arena.len() as u32;
                    batch.arena.extend_from_slice(cell);
                    Span { start, end: batch.arena.len() as u32, in_arena: true }
                }
            };
            batch.spans.push(span);
        }
    }

    fn take_forms(&mut self, row: &Row<'_>, batch: &mut Responses) {
        let forms = self.forms_of(row);
        if let Some(word) = self.role_of(row)
            && !self.roles.iter().any(|(known, _)| known == word)
        {
            self.roles.push((word.to_vec(), forms.clone()));
        }
        batch.forms.extend(forms);
    }

    fn take_items(&self, row: &Row<'_>, batch: &mut Responses, findings: &mut Findings, counts: &mut Counts) {
        let forms = self.forms_of(row);
        for (slot, of) in self.layout.slots.iter().enumerate() {
            let form = usize::from(forms[of.pass]);
            let spec = of.specs.get(form).unwrap_or(&of.specs[0]);
            let cell = row.cell(of.column);
            let answer = spec.read(cell, &self.layout.missing, self.layout.dialect.decimal_comma);
            let answer = answer.unwrap_or_else(|fault| {
                *counts.rejected.entry(slot).or_default() += 1;
                let words = self.fault_in_words(fault, cell, slot, form);
                let severity = match self.layout.on_invalid {
                    OnInvalid::Reject => Severity::Problem,
                    OnInvalid::Missing => Severity::Note,
                };
                self.report(row, Some(of.column), fault.code(), severity, words, findings);
                Cell::Gap(Missing::Rejected)
            });
            if let Cell::Gap(reason) = answer {
                *counts.missing.entry(reason).or_default() += 1;
            }
            batch.put(slot, answer);
        }
    }

    fn fault_in_words(&self, fault: Fault, cell: &[u8], slot: usize, form: usize) -> (String, String) {
        let of = &self.layout.slots[slot];
        let spec = of.specs.get(form).unwrap_or(&of.specs[0]);
        let instrument = &self.layout.passes[of.pass].instrument;
        let name = &self.layout.names[of.column];
        let allowed = spec.set.describe();
        let cell = String::from_utf8_lossy(cell);
        let shown: String = cell.chars().take(40).collect();
        let other = |value: f64| {
            let fits = |set: &&crate::instrument::ResponseSet| set.allows(value) && set.id != spec.set.id;
            let alternative = instrument.responses.iter().find(fits);
            alternative.map(|set| format!("the answers `{}` ({}) would allow it: --responses {}", set.id, set.describe(), set.id))
        };
        let invalid = "correct the cell, or let such cells be missing with --on-invalid missing";
        match fault {
            Fault::OutOfRange(value) => {
                let message = format!("{shown} is no answer of `{name}`: {} allows {allowed}", instrument.id);
                let code = "if it is a code for a missing answer, name it: --missing-codes";
                (message, other(value).unwrap_or_else(|| format!("{invalid}; {code} {shown}")))
            }
            Fault::NotAPoint(value) => {
                let message = format!("{shown} lies between two answers of `{name}`: {} allows {allowed}", instrument.id);
                (message, other(value).unwrap_or_else(|| invalid.to_owned()))
            }
            Fault::Text => {
                let message = format!("`{shown}` is not a number; `{name}` takes {allowed}");
                let code = "if it is a code for a missing answer, name it: --missing-codes";
                (message, format!("{invalid}; {code} {shown}"))
            }
            Fault::DecimalComma => {
                let message = format!("`{shown}` has a decimal comma, but commas stand between the fields of this file");
                (message, "write a point, or save the file with semicolons".to_owned())
            }
        }
    }

    fn report(
        &self,
        row: &Row<'_>,
        column: Option<usize>,
        code: Code,
        severity: Severity,
        (message, help): (String, String),
        findings: &mut Findings,
    ) {
        if !findings.wants_text() {
            return findings.count(code, severity);
        }
        let record = &row.bytes[row.range.clone()];
        let text_end = record.len() - record.iter().rev().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let record = &record[..text_end];
        let spans = raw_spans(record, self.layout.dialect.delimiter);
        let cell = column.and_then(|column| spans.get(column).cloned()).unwrap_or(0..record.len());
        let place = Place {
            file: self.layout.file.clone(),
            record: Some(row.record),
            line: Some(1 + lines(&row.bytes[..row.range.start]) + lines(&record[..cell.start])),
            column: column.map(|column| self.layout.names[column].clone()),
            bytes: Some((row.range.start + cell.start) as u64..(row.range.start + cell.end) as u64),
            excerpt: Some(excerpt(record, cell, 1 + lines(&row.bytes[..row.range.start]))),
        };
        findings.push(Finding { severity, ..Finding::problem(code, place, message).help(help) });
    }
}

/// The text of a record around a cell, with the cell's place in it.
fn excerpt(record: &[u8], cell: Range<usize>, first_line: u64) -> Excerpt {
    const AROUND: usize = 400;
    let from = cell.start.saturating_sub(AROUND);
    let to = record.len().min(cell.end.min(cell.start + AROUND) + AROUND);
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(['\r', '\0'], "\u{fffd}");
    let before = show(&record[from..cell.start]);
    let inside = show(&record[cell.start..cell.end.min(to)]);
    let after = show(&record[cell.end.min(to)..to]);
    let span = before.len()..before.len() + inside.len();
    let skipped = record[..from].iter().filter(|b| **b == b'\n').count() as u64;
    Excerpt { text: before + &inside + &after, first_line: first_line + skipped, span }
}

/// A record that has been split.
struct Row<'a> {
    bytes: &'a [u8],
    range: Range<usize>,
    fields: &'a Fields,
    record: u64,
}

impl Row<'_> {
    fn cell(&self, column: usize) -> &[u8] {
        trim(self.fields.get(column, self.bytes))
    }
}

struct PlainRow {
    next: usize,
    blanks: u64,
}

/// One-digit answers, each followed by the delimiter.
#[derive(Clone, Copy)]
struct Digits {
    min: u8,
    max: u8,
    delimiter: u8,
}

impl Digits {
    /// Four cells `d,d,d,d,` in one word: their codes, if each is an allowed answer.
    fn four(self, word: &[u8]) -> Option<[u8; 4]> {
        const ONES: u32 = 0x0101_0101;
        const HIGH: u32 = 0x8080_8080;
        let pattern = u64::from_le_bytes([b'0', self.delimiter, b'0', self.delimiter, b'0', self.delimiter, b'0', self.delimiter]);
        let rest = u64::from_le_bytes(word.try_into().ok()?) ^ pattern;
        if rest & 0xfff0_fff0_fff0_fff0 != 0 {
            return None; // not digits, or not the delimiter between them
        }
        let pairs = (rest | (rest >> 8)) & 0x0000_ffff_0000_ffff;
        let digits = (pairs | (pairs >> 16)) as u32;
        // Bit 7 of each byte tells: digit ≥ min, and digit ≤ max. Digits are below 16, so no byte carries over.
        let above = digits + ONES * u32::from(0x80 - self.min);
        let below = ONES * u32::from(0x80 + self.max) - digits;
        (above & below & HIGH == HIGH).then(|| (digits - ONES * u32::from(self.min)).to_le_bytes())
    }
}

/// The plan of the fast path: neighbouring items with the same one-digit answers become one run.
fn ops(layout: &Layout) -> (Vec<Op>, Vec<usize>) {
    let mut ops: Vec<Op> = Vec::new();
    let mut run_slots = Vec::new();
    for of in &layout.uses {
        match *of {
            Use::Nothing => ops.push(Op::Skip),
            Use::Text(text) => ops.push(Op::Text(text)),
            Use::Item(slot) => match layout.slots[slot].specs[0].digits {
                None => ops.push(Op::Item(slot)),
                Some((min, max)) => {
                    match ops.last_mut() {
                        Some(Op::Run { len, min: low, max: high, .. }) if (*low, *high) == (min, max) => *len += 1,
                        _ => ops.push(Op::Run { first: run_slots.len(), len: 1, min, max }),
                    }
                    run_slots.push(slot);
                }
            },
        }
    }
    (ops, run_slots)
}

/// A whole text, read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Read {
    /// What every column is.
    pub layout: Layout,
    /// All rows, as one batch.
    pub responses: Responses,
    /// What became of the rows.
    pub counts: Counts,
    /// Notes; with [`OnInvalid::Missing`] also the cells that were refused.
    pub findings: Findings,
}

/// Reads a whole text at once.
///
/// # Errors
/// As [`Layout::new`]; and the findings, if there are problems among them.
///
/// ```
/// use std::sync::Arc;
/// use alliance_metrics::instrument::library;
/// use alliance_metrics::responses::{self, Options};
///
/// let instrument = Arc::new(library::load("arm_5").unwrap().unwrap());
/// let text = "person,arm_1,arm_2,arm_3,arm_4,arm_5\nP1,7,6,1,NA,5\n";
/// let read = responses::read_all("a.csv", text.as_bytes(), &[instrument], &Options::default()).unwrap();
/// assert_eq!(read.responses.codes(0).unwrap(), [6]);
/// assert_eq!((read.responses.rows(), read.counts.missing.values().sum::<u64>()), (1, 1));
/// assert_eq!(read.layout.texts[0].name, "person");
/// ```
pub fn read_all(
    file: &str,
    bytes: &[u8],
    instruments: &[std::sync::Arc<crate::instrument::Instrument>],
    options: &super::layout::Options,
) -> Result<Read, Error> {
    let failed = |error: ReadError| match error {
        ReadError::Io(source) => Error::System { what: "cannot read", path: file.into(), source },
        ReadError::Finding(finding) => Error::data(*finding),
    };
    let table = super::blocks::open(file, bytes).map_err(failed)?;
    let layout = Layout::new(file, &table.header, &table.dialect, instruments, options)?;
    let header_lines = table.header_lines;
    // One block for everything: what comes as a batch need not be put together again.
    let mut blocks = table.blocks.with_block_size(bytes.len().max(1));
    let mut reader = BlockReader::new(&layout, Splitting::Automatic);
    let (mut block, mut responses, mut findings) = (Block::default(), Responses::default(), Findings::keeping_all());
    let mut counts = Counts::default();
    if blocks.next_block(&mut block).map_err(failed)? {
        counts = reader.read(&mut block, &mut responses, &mut findings);
        for finding in findings.kept_mut() {
            finding.place.shift(header_lines, 0, block.offset);
        }
        let mut rest = Block::default();
        blocks.next_block(&mut rest).map_err(failed)?;
    }
    if findings.problems() > 0 {
        return Err(Error::data(findings));
    }
    Ok(Read { layout, responses, counts, findings })
}
