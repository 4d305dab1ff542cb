//! A file of coded sessions: in wide form (a column for each code) or long form (a row for each code found), with or without a
//! coding scheme.

use std::collections::BTreeSet;

use super::coded::{Coded, CodedLayout};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::instrument::{Instrument, fold_name};
use crate::report::input::read_as;
use crate::report::model::InputFile;
use crate::responses::{Key, MissingCodes, Sheet};
use crate::session::{CodeRow, coded_sessions, raters};

/// How a file of coded sessions is read.
pub struct CodedOptions<'a> {
    /// The coding scheme, whose items are the codes.
    pub scheme: Option<&'a Instrument>,
    /// Columns of keys that the user named.
    pub keys: &'a [(Key, String)],
    /// The observer whose codes are taken.
    pub rater: Option<&'a str>,
}

impl Coded {
    /// Reads a file of coded sessions.
    ///
    /// # Errors
    /// Cells that are no counts, sessions that are no whole numbers, codes that the scheme does not have, a file without dyads or
    /// sessions; a usage error for an observer who is not in the file.
    pub fn read(name: &str, bytes: &[u8], options: &CodedOptions<'_>) -> Result<Coded, Error> {
        let sheet = Sheet::read(name, bytes).map_err(Error::data)?;
        let mut reader = Reader { sheet: &sheet, keys: keys(&sheet, options)?, findings: Findings::new() };
        let parts = match sheet.column(&["code", "codigo", "código"]) {
            Some(column) => reader.long(column, options.scheme),
            None => reader.wide(options.scheme),
        };
        let findings = reader.findings;
        let parts = parts.map_err(Error::data)?;
        if !findings.is_empty() {
            return Err(Error::data(findings));
        }
        let known: BTreeSet<&str> = raters(&parts.rows);
        if let Some(rater) = options.rater.filter(|rater| !known.contains(rater)) {
            let names: Vec<&str> = known.into_iter().collect();
            let help = match names.is_empty() {
                true => "the file names no observers".to_owned(),
                false => format!("observers are: {}", names.join(", ")),
            };
            return Err(Error::usage_help(format!("--events-rater: nobody is called `{rater}`"), help));
        }
        let dyads = coded_sessions(&parts.rows, parts.codes.len(), options.rater);
        Ok(Coded {
            file: InputFile {
                name: name.to_owned(),
                digest: blake3::hash(bytes).to_hex().to_string(),
                bytes: bytes.len() as u64,
                rows: sheet.rows.len() as u64,
                read_as: read_as(&sheet.dialect, sheet.dialect.encoding),
                columns: None,
            },
            scheme: options.scheme.map(|scheme| scheme.id.clone()),
            raters: known.into_iter().map(str::to_owned).collect(),
            dyads,
            codes: parts.codes,
            ratings: parts.ratings,
            rater: options.rater.map(str::to_owned),
            layout: parts.layout,
        })
    }
}

/// What a file holds.
struct Parts {
    codes: Vec<String>,
    rows: Vec<CodeRow>,
    ratings: Vec<String>,
    layout: CodedLayout,
}

/// The columns of keys.
struct Keys {
    dyad: usize,
    session: usize,
    rater: Option<usize>,
    /// All columns that are keys, whether they are used or not.
    all: BTreeSet<usize>,
}

fn keys(sheet: &Sheet, options: &CodedOptions<'_>) -> Result<Keys, Error> {
    let named = |key: Key| {
        let name = options.keys.iter().find(|(known, _)| *known == key).map(|(_, name)| fold_name(name))?;
        sheet.columns.iter().position(|column| *column == name)
    };
    let column =
        |key: Key| named(key).or_else(|| sheet.columns.iter().position(|column| key.is_known_as(column)));
    let all = Key::ALL.into_iter().filter_map(column).collect();
    let dyad = [Key::Dyad, Key::Person, Key::Family].into_iter().find_map(column);
    match (dyad, column(Key::Session)) {
        (Some(dyad), Some(session)) => Ok(Keys { dyad, session, rater: column(Key::Rater), all }),
        (dyad, _) => {
            let what = if dyad.is_none() { "dyads" } else { "sessions" };
            let message = format!("coded sessions need a column of {what}");
            let help = "it is known by name (dyad, session), or named as for the answers: --dyad, --session";
            Err(Error::data(Finding::problem(Code::MissingColumn, sheet.place(1), message).help(help)))
        }
    }
}

struct Reader<'a> {
    sheet: &'a Sheet,
    keys: Keys,
    findings: Findings,
}

impl Reader<'_> {
    /// Every column that is no key is a code; with a scheme, every item that counts from 0.
    fn wide(&mut self, scheme: Option<&Instrument>) -> Result<Parts, Findings> {
        let sheet = self.sheet;
        let mut ratings = Vec::new();
        let columns: Vec<(String, usize)> = match scheme {
            None => {
                let other = (0..sheet.columns.len()).filter(|at| !self.keys.all.contains(at));
                other.map(|at| (sheet.names[at].clone(), at)).collect()
            }
            Some(scheme) => {
                let mut columns = Vec::new();
                for item in &scheme.items {
                    let known = || item.columns.iter().chain([&item.id]).map(|name| fold_name(name));
                    let Some(at) = known().find_map(|name| sheet.columns.iter().position(|c| *c == name))
                    else {
                        let message = format!("the code `{}` of {} has no column", item.id, scheme.id);
                        self.findings.push(Finding::problem(Code::MissingColumn, sheet.place(1), message));
                        continue;
                    };
                    let sets = || match item.responses {
                        Some(set) => vec![set],
                        None => scheme.forms.iter().map(|form| form.responses).collect(),
                    };
                    let counts = sets().into_iter().all(|set| scheme.responses[set].min == 0.0);
                    if counts { columns.push((item.id.clone(), at)) } else { ratings.push(item.id.clone()) }
                }
                columns
            }
        };
        if columns.is_empty() && self.findings.is_empty() {
            let message = "there is no column of codes beside dyad and session";
            return Err(Finding::problem(Code::MissingColumn, sheet.place(1), message).into());
        }
        let mut rows = Vec::new();
        for (line, cells) in &sheet.rows {
            let marks = columns.iter().map(|(_, at)| self.count(*line, *at, &cells[*at])).collect();
            rows.extend(self.row(*line, cells, marks));
        }
        let codes = columns.into_iter().map(|(code, _)| code).collect();
        Ok(Parts { codes, rows, ratings, layout: CodedLayout::Wide })
    }

    /// A row for each code that was found in a session; a row with an empty code says that nothing was.
    fn long(&mut self, column: usize, scheme: Option<&Instrument>) -> Result<Parts, Findings> {
        let sheet = self.sheet;
        let count = sheet.column(&["count", "n", "frequency", "frecuencia"]);
        let words = || sheet.rows.iter().map(|(line, cells)| (*line, cells[column].as_str()));
        let codes: Vec<String> = match scheme {
            Some(scheme) => scheme.items.iter().map(|item| item.id.clone()).collect(),
            None => {
                let found: BTreeSet<&str> =
                    words().map(|(_, word)| word).filter(|word| !word.is_empty()).collect();
                found.into_iter().map(str::to_owned).collect()
            }
        };
        for (line, word) in
            words().filter(|(_, word)| !word.is_empty() && !codes.iter().any(|code| code == word))
        {
            let help = near(word, codes.iter().map(String::as_str))
                .first()
                .map(|code| format!("did you mean `{code}`?"));
            let mut finding = Finding::problem(
                Code::UnknownName,
                sheet.place(line),
                format!("`{word}` is no code of the scheme"),
            );
            finding.help = help;
            self.findings.push(finding);
        }
        let mut rows = Vec::new();
        for (line, cells) in &sheet.rows {
            let found = count.is_none_or(|at| self.count(*line, at, &cells[at]).unwrap_or(true));
            let marks = codes.iter().map(|code| Some(*code == cells[column] && found)).collect();
            rows.extend(self.row(*line, cells, marks));
        }
        let empty = words().any(|(_, word)| word.is_empty());
        let layout = if empty { CodedLayout::Long } else { CodedLayout::LongWithoutEmpty };
        Ok(Parts { codes, rows, ratings: Vec::new(), layout })
    }

    /// Whether a count says that the code was there; none where the cell says nothing.
    fn count(&mut self, line: u64, column: usize, cell: &str) -> Option<bool> {
        if MissingCodes::default().matches(cell.as_bytes()).is_some() {
            return None;
        }
        let number = cell.replace(',', ".").parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        if number.is_none() {
            let mut place = self.sheet.place(line);
            place.column = Some(self.sheet.names[column].clone());
            let message = format!("`{cell}` is no count from 0 on");
            let help = "columns that are neither keys nor codes have no place in this file";
            self.findings.push(Finding::problem(Code::TextInItem, place, message).help(help));
        }
        number.map(|count| count > 0.0)
    }

    fn row(&mut self, line: u64, cells: &[String], marks: Vec<Option<bool>>) -> Option<CodeRow> {
        let word = &cells[self.keys.session];
        let number = word.parse::<f64>().ok().filter(|t| t.fract() == 0.0 && t.abs() < 1e15);
        let Some(number) = number else {
            let message = format!("the session `{word}` is not a whole number");
            self.findings.push(Finding::problem(Code::TextInItem, self.sheet.place(line), message));
            return None;
        };
        Some(CodeRow {
            dyad: cells[self.keys.dyad].clone(),
            session: number as i64,
            rater: self.keys.rater.map(|at| cells[at].clone()).filter(|rater| !rater.is_empty()),
            marks,
        })
    }
}
