//! Scores as the rows of a text table.

use std::fmt::Write;

use super::plan::Plan;
use super::score::{NOT_IN_FORM, Score, ScoreColumn, Scores};
use crate::error::Error;
use crate::responses::{Layout, Responses};

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
    carried: Vec<usize>,
    texts: Vec<Texts>,
}

/// Texts of the states of a scale, made when first needed.
#[derive(Default)]
struct Texts {
    /// For each state: where its text ends in `text`, plus one; 0 if it has none yet. The text starts at `starts`.
    spans: Vec<(u32, u32)>,
    text: Vec<u8>,
}

impl<'a> ScoreTable<'a> {
    /// A table with the columns of a layout and the scores of a plan.
    ///
    /// # Errors
    /// A usage error if a key or kept column is named like a column of the output.
    pub fn new(
        layout: &'a Layout,
        plan: &'a Plan,
        columns: Columns,
        prefix: bool,
        delimiter: u8,
    ) -> Result<ScoreTable<'a>, Error> {
        let carried: Vec<usize> = layout.carried().collect();
        let prefix = prefix || layout.passes.len() > 1;
        let texts = plan.scales.iter().map(|_| Texts::default()).collect();
        let table = ScoreTable { layout, plan, columns, prefix, delimiter, carried, texts };
        let own = table.own_names();
        for text in &table.carried {
            let name = &layout.texts[*text].name;
            if own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                let message = format!("the column `{name}` of the file is called like a column of the output");
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
            if self.prefix { format!("{}_{name}", self.layout.passes[pass].instrument.id) } else { name.to_owned() }
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
        }
        names
    }

    /// All names, as the first row.
    pub fn header(&self) -> Vec<u8> {
        let carried = self.carried.iter().map(|text| self.layout.texts[*text].name.clone());
        let mut out = Vec::new();
        for name in carried.chain(self.own_names()) {
            push_field(&mut out, name.as_bytes(), self.delimiter);
            out.push(self.delimiter);
        }
        out.pop();
        out.push(b'\n');
        out
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, responses: &Responses, scores: &Scores, out: &mut Vec<u8>) {
        let same_delimiter = self.layout.dialect.delimiter == self.delimiter;
        for row in 0..responses.rows() {
            for text in &self.carried {
                let field = responses.text(*text, row);
                if same_delimiter && responses.is_plain(*text, row) {
                    out.extend_from_slice(field);
                } else {
                    push_field(out, field, self.delimiter);
                }
                out.push(self.delimiter);
            }
            if self.columns == Columns::All {
                for pass in 0..self.layout.passes.len() {
                    out.extend_from_slice(self.layout.form_name(pass, responses.form(pass, row)).as_bytes());
                    out.push(self.delimiter);
                }
            }
            for (at, column) in scores.columns.iter().enumerate() {
                match column {
                    ScoreColumn::Points(states) if states[row] != NOT_IN_FORM => {
                        let texts = &mut self.texts[at];
                        let state = states[row];
                        let score = || self.plan.scales[at].score_of_state(state);
                        let text = texts.of(state as usize, self.columns, self.delimiter, score);
                        out.extend_from_slice(text);
                    }
                    _ => push_score(out, scores.get(self.plan, at, row), self.columns, self.delimiter),
                }
                out.push(self.delimiter);
            }
            if let Some(last) = out.last_mut() {
                *last = b'\n';
            }
        }
    }
}

impl Texts {
    fn of(&mut self, state: usize, columns: Columns, delimiter: u8, score: impl FnOnce() -> Score) -> &[u8] {
        if self.spans.len() <= state {
            self.spans.resize(state + 1, (0, 0));
        }
        if self.spans[state].1 == 0 {
            let start = self.text.len();
            push_score(&mut self.text, score(), columns, delimiter);
            self.spans[state] = (start as u32, self.text.len() as u32 + 1);
        }
        let (start, end) = self.spans[state];
        &self.text[start as usize..end as usize - 1]
    }
}

fn push_score(out: &mut Vec<u8>, score: Score, columns: Columns, delimiter: u8) {
    let mut text = String::new();
    if let Some(value) = score.value {
        let _ = write!(text, "{value}"); // a String takes everything
    }
    if columns == Columns::All {
        let delimiter = char::from(delimiter);
        let (answered, prorated) = (score.answered, u8::from(score.prorated));
        let reason = score.reason.map_or("", super::score::Reason::id);
        let _ = write!(text, "{delimiter}{answered}{delimiter}{prorated}{delimiter}{reason}");
    }
    out.extend_from_slice(text.as_bytes());
}

/// Writes a field, in quotes where it needs them.
fn push_field(out: &mut Vec<u8>, field: &[u8], delimiter: u8) {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if !field.iter().any(special) {
        return out.extend_from_slice(field);
    }
    out.push(b'"');
    for byte in field {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
