//! Scores as the rows of a text table.

use std::fmt::Write;

use super::plan::Plan;
use super::score::{NOT_IN_FORM, Score, ScoreColumn, Scores};
use super::standard::{PlannedNorms, Standard};
use crate::error::Error;
use crate::responses::{Buffer, Layout, Responses, WIDE};

/// Which columns are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Columns {
    /// Keys, kept columns, form, and for each scale its score, answered, prorated and reason.
    #[default]
    All,
    /// The file's own keys, kept columns and the scores alone.
    Scores,
}

/// Writes scores as rows; one for each thread, for the text of a score is made once for each value.
pub struct ScoreTable<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    columns: Columns,
    prefix: bool,
    delimiter: u8,
    /// How many texts are carried along: the first of the layout.
    carried: usize,
    norms: Option<&'a PlannedNorms>,
    /// For each scale; with norms, which differ by form, for each form and scale.
    texts: Vec<Texts>,
}

/// For each state of a scale its text, which ends with a delimiter, and the length of that; 0 if it has not been made, or
/// is too long to be kept.
#[derive(Clone, Default)]
struct Texts(Vec<([u8; WIDE], u8)>);

impl<'a> ScoreTable<'a> {
    /// A table with the columns of a layout and the scores of a plan, with standard scores if there are norms.
    ///
    /// # Errors
    /// A usage error if a key or kept column is named like a column of the output.
    pub fn new(
        layout: &'a Layout,
        plan: &'a Plan,
        columns: Columns,
        prefix: bool,
        delimiter: u8,
        norms: Option<&'a PlannedNorms>,
    ) -> Result<ScoreTable<'a>, Error> {
        let carried = layout.carried().count();
        let prefix = prefix || layout.passes.len() > 1;
        // Forms without a number of their own (rows without a form) share the last place.
        let forms = layout.passes.iter().map(|pass| pass.instrument.forms.len() + 1).max().unwrap_or(1);
        let kinds = if norms.is_some() { forms } else { 1 };
        let texts = vec![Texts::default(); plan.scales.len() * kinds];
        let table = ScoreTable { layout, plan, columns, prefix, delimiter, carried, norms, texts };
        let own = table.own_names();
        for text in layout.carried() {
            let name = &layout.texts[text].name;
            if own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                let message =
                    format!("the column `{name}` of the file is called like a column of the output");
                let help = "leave it out of --keep, rename it in the file, or write prefixed names: --prefix";
                return Err(Error::usage_help(message, help));
            }
        }
        Ok(table)
    }

    /// The names of the columns that do not come from the file.
    fn own_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let prefixed = |pass: usize, name: &str| {
            if self.prefix {
                format!("{}_{name}", self.layout.passes[pass].instrument.id)
            } else {
                name.to_owned()
            }
        };
        if self.columns == Columns::All {
            let several = self.layout.passes.len() > 1;
            for pass in 0..self.layout.passes.len() {
                names.push(if several { prefixed(pass, "form") } else { "form".to_owned() });
            }
        }
        for scale in &self.plan.scales {
            let name = prefixed(scale.pass, &scale.id);
            names.push(name.clone());
            if self.columns == Columns::All {
                names.extend(["answered", "prorated", "reason"].map(|what| format!("{name}_{what}")));
            }
            if self.norms.is_some() {
                names.extend(["z", "t", "percentile"].map(|what| format!("{name}_{what}")));
            }
        }
        names
    }

    /// All names, as the first row.
    pub fn header(&self) -> Vec<u8> {
        let carried = self.layout.carried().map(|text| self.layout.texts[text].name.clone());
        let mut out = Buffer::default();
        for name in carried.chain(self.own_names()) {
            push_field(&mut out, name.as_bytes(), self.delimiter);
            out.push_byte(self.delimiter);
        }
        out.replace_last(b'\n');
        out.bytes().to_vec()
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, responses: &Responses, scores: &Scores, out: &mut Buffer) {
        out.reserve(responses.rows() * 64); // most rows are shorter
        let same_delimiter = responses.delimiter() == self.delimiter;
        for row in 0..responses.rows() {
            match responses.side_by_side(self.carried, row).filter(|_| same_delimiter) {
                Some((fields, len)) => {
                    out.push_first(fields, len);
                    out.push_byte(self.delimiter);
                }
                None => self.write_texts(responses, row, out),
            }
            if self.columns == Columns::All {
                for pass in 0..self.layout.passes.len() {
                    out.push(self.layout.form_name(pass, responses.form(pass, row)).as_bytes());
                    out.push_byte(self.delimiter);
                }
            }
            for (at, column) in scores.columns.iter().enumerate() {
                let known = match column {
                    ScoreColumn::Points(states) => {
                        self.texts[self.place(responses, at, row)].short(states[row])
                    }
                    ScoreColumn::Numbers(_) => None,
                };
                match known {
                    Some((text, len)) => out.push_wide(text, *len as usize),
                    None => self.write_score(at, responses, scores, row, out),
                }
            }
            out.replace_last(b'\n');
        }
    }

    /// Writes a score whose text is not at hand, and keeps the text if it serves again.
    #[inline(never)]
    fn write_score(
        &mut self,
        at: usize,
        responses: &Responses,
        scores: &Scores,
        row: usize,
        out: &mut Buffer,
    ) {
        let score = scores.get(self.plan, at, row);
        let mut text = score_text(score, self.columns, self.delimiter);
        if let Some(norms) = self.norms {
            let form = responses.form(self.plan.scales[at].pass, row);
            let standard = score.value.and_then(|value| norms.standard(at, form, value));
            push_standard(&mut text, standard, self.delimiter);
        }
        out.push(&text);
        if let ScoreColumn::Points(states) = &scores.columns[at]
            && states[row] != NOT_IN_FORM
        {
            let place = self.place(responses, at, row);
            self.texts[place].keep(states[row], &text);
        }
    }

    /// Where the texts of a row's score are kept.
    #[inline(always)]
    fn place(&self, responses: &Responses, at: usize, row: usize) -> usize {
        if self.norms.is_none() {
            return at;
        }
        let scales = self.plan.scales.len();
        let last = self.texts.len() / scales - 1;
        let form = responses.form(self.plan.scales[at].pass, row).unwrap_or(last);
        form * scales + at
    }

    fn write_texts(&self, responses: &Responses, row: usize, out: &mut Buffer) {
        for text in 0..self.carried {
            push_field(out, responses.text(text, row), self.delimiter);
            out.push_byte(self.delimiter);
        }
    }
}

impl Texts {
    /// The text of a state, if it has been made and is short.
    #[inline(always)]
    fn short(&self, state: u32) -> Option<&([u8; WIDE], u8)> {
        self.0.get(state as usize).filter(|(_, len)| *len > 0)
    }

    fn keep(&mut self, state: u32, text: &[u8]) {
        let at = state as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, ([0; WIDE], 0));
        }
        if let Some(room) = self.0[at].0.get_mut(..text.len()) {
            room.copy_from_slice(text);
            self.0[at].1 = text.len() as u8;
        }
    }
}

/// The columns of a score, each followed by a delimiter.
fn score_text(score: Score, columns: Columns, delimiter: u8) -> Vec<u8> {
    let mut text = String::new();
    if let Some(value) = score.value {
        let _ = write!(text, "{value}"); // a String takes everything
    }
    let delimiter = char::from(delimiter);
    if columns == Columns::All {
        let (answered, prorated) = (score.answered, u8::from(score.prorated));
        let reason = score.reason.map_or("", super::score::Reason::id);
        let _ = write!(text, "{delimiter}{answered}{delimiter}{prorated}{delimiter}{reason}");
    }
    text.push(delimiter);
    text.into_bytes()
}

/// The standard scores of a score, each followed by a delimiter.
fn push_standard(text: &mut Vec<u8>, standard: Option<Standard>, delimiter: u8) {
    for value in [standard.map(|s| s.z), standard.map(|s| s.t), standard.map(|s| s.percentile)] {
        if let Some(value) = value {
            text.extend_from_slice(format!("{value}").as_bytes());
        }
        text.push(delimiter);
    }
}

/// Writes a field, in quotes where it needs them.
fn push_field(out: &mut Buffer, field: &[u8], delimiter: u8) {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if !field.iter().any(special) {
        return out.push(field);
    }
    out.push_byte(b'"');
    for byte in field {
        if *byte == b'"' {
            out.push_byte(b'"');
        }
        out.push_byte(*byte);
    }
    out.push_byte(b'"');
}
