//! The smallest anonymised file that shows a score, or a finding, so that people can ask for help without sending a
//! family's answers.
//!
//! A case is made by trying: rows and columns are left out as long as what is left still shows the same, names become
//! codes, dates move together, texts lose their letters. What comes out has been seen to show what it should.

mod goal;
mod mask;
mod smallest;

use std::collections::HashSet;

use crate::error::Error;
use crate::finding::{Code, Severity, near};
use crate::instrument::fold_name;
use crate::responses::{Key, Layout, Options, Pattern, Records, Why};
use goal::Goal;
use mask::{Codes, mask, number};
use smallest::{Budget, smallest};

pub use goal::{ANSWERS, Question, Shows};

/// Scores of more rows than this are no case.
const MOST_ROWS: usize = 20;
/// So many bytes may be looked at to make a case smaller.
const WORK: usize = 2_000_000_000;

/// A file of answers that shows something, and nothing else.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Case {
    /// The file, in UTF-8.
    pub text: Vec<u8>,
    /// Its rows.
    pub rows: usize,
    /// Its columns.
    pub columns: Vec<String>,
    /// What it shows.
    pub shows: Shows,
    /// How it is read: as the file it was taken from, as far as that still has a meaning.
    pub options: Options,
    /// What was made unrecognisable.
    pub masked: Vec<String>,
    /// Whether it could have been made still smaller with more work.
    pub unfinished: bool,
}

/// Makes a case of the scores of the rows that `--where` leaves, or of a finding.
///
/// # Errors
/// A usage error if there are no such rows or too many, no such finding, or a finding that no smaller file can show.
pub fn case(question: &Question, records: &Records, finding: Option<&str>) -> Result<Case, Error> {
    let finding = finding.map(code).transpose()?;
    let mut question = question.clone();
    question.options.said.encoding = None; // a case is UTF-8
    question.options.said.delimiter = Some(records.dialect.delimiter);
    let mut table = Table::new(records);
    if !question.options.filters.is_empty() || finding.is_none() {
        table.rows = chosen(&question, &table)?;
        question.options.filters.retain(|filter| is_in_names(&question.options.items, &filter.column));
    }
    let goal = match finding {
        Some(code) => found(&question, &table.text(), code)?,
        None if table.rows.len() > MOST_ROWS => return Err(too_many(table.rows.len())),
        None => Goal::new(question.shown(&table.text())?, &question.findings(&table.text())?),
    };
    let mut budget = Budget { left: WORK };
    if let Shows::Finding(_) = goal.shows {
        let again = |rows: &[usize], budget: &mut Budget| {
            let text = table.of(rows);
            budget.take(text.len()).then(|| goal.again(&question, &text).is_some())
        };
        table.rows = smallest(table.rows.clone(), |rows| again(rows, &mut budget));
    }
    let mut columns = table.anonymise(&question)?;
    let Some(shows) = goal.again(&question, &table.text()) else {
        return Err(Error::usage("what it shows is lost once names and texts are gone; nothing was written"));
    };
    let goal = goal.in_these_words(shows);
    if question.read(&table.text()).is_ok() {
        let units = table.units(&question)?;
        let all = 0..table.names.len();
        let fixed: Vec<usize> = all.filter(|column| !units.iter().flatten().any(|of| of == column)).collect();
        let left = |units: &[Vec<usize>]| -> Vec<usize> {
            let mut left = [&fixed[..], &units.concat()].concat();
            left.sort_unstable();
            left
        };
        let units = smallest(units, |units| {
            let part = table.with(&left(units));
            let text = part.text();
            budget.take(text.len()).then(|| goal.again(&part.question(&question), &text).is_some())
        });
        let left = left(&units);
        table = table.with(&left);
        columns = left.iter().map(|column| columns[*column]).collect();
        question = table.question(&question);
    }
    let text = table.text();
    let shows = goal.again(&question, &text).ok_or_else(|| Error::usage("the case does not show it"))?;
    Ok(Case {
        text,
        rows: table.rows.len(),
        columns: table.names.clone(),
        shows,
        options: question.options,
        masked: told(&columns, table.names.len() < records.names.len()),
        unfinished: budget.left == 0,
    })
}

/// The part of a file that a case is made of.
struct Table<'a> {
    records: &'a Records,
    names: Vec<String>,
    rows: Vec<usize>,
    /// The cells of the rows, once they are anonymous.
    cells: Option<Vec<Vec<Vec<u8>>>>,
}

impl<'a> Table<'a> {
    fn new(records: &'a Records) -> Table<'a> {
        Table { records, names: records.names.clone(), rows: (0..records.len()).collect(), cells: None }
    }

    fn line(&self, cells: &[Vec<u8>], text: &mut Vec<u8>) {
        let delimiter = self.records.dialect.delimiter;
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                text.push(delimiter);
            }
            if cell.iter().any(|byte| [delimiter, b'"', b'\n', b'\r'].contains(byte)) {
                text.push(b'"');
                cell.iter()
                    .for_each(|byte| text.extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'"'))));
                text.push(b'"');
            } else {
                text.extend_from_slice(cell);
            }
        }
        text.push(b'\n');
    }

    fn header(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.line(&self.names.iter().map(|name| name.clone().into_bytes()).collect::<Vec<_>>(), &mut text);
        text
    }

    /// The text of some rows, as they stand in the file.
    fn of(&self, rows: &[usize]) -> Vec<u8> {
        let mut text = self.header();
        for row in rows {
            text.extend_from_slice(self.records.record(*row));
            text.push(b'\n');
        }
        text
    }

    fn text(&self) -> Vec<u8> {
        let Some(cells) = &self.cells else { return self.of(&self.rows) };
        let mut text = self.header();
        cells.iter().for_each(|row| self.line(row, &mut text));
        text
    }

    /// Some of the columns; fields beyond the header stay.
    fn with(&self, columns: &[usize]) -> Table<'a> {
        let width = self.names.len();
        let of = |row: &Vec<Vec<u8>>| -> Vec<Vec<u8>> {
            let beyond = width..row.len().max(width);
            columns.iter().copied().chain(beyond).filter_map(|at| row.get(at).cloned()).collect()
        };
        Table {
            records: self.records,
            names: columns.iter().map(|at| self.names[*at].clone()).collect(),
            rows: self.rows.clone(),
            cells: self.cells.as_ref().map(|cells| cells.iter().map(of).collect()),
        }
    }

    /// The question, without what it says of columns that are gone.
    fn question(&self, question: &Question) -> Question {
        let there = |name: &str| self.names.iter().any(|other| fold_name(other) == fold_name(name));
        let mut question = question.clone();
        question.options.keys.retain(|(_, name)| there(name));
        if let Some(map) = &mut question.options.map {
            map.entries.retain(|(_, column, _)| there(column));
        }
        question
    }

    /// Makes names, dates and texts unrecognisable; returns what every column is.
    fn anonymise(&mut self, question: &Question) -> Result<Vec<Column>, Error> {
        let read = match question.read(&self.text()) {
            Err(Error::Data(_)) => None,
            read => Some(read?),
        };
        let width = self.names.len();
        let of = |layout: &Layout| -> Vec<Column> {
            (0..width).map(|column| Column::new(layout, column)).collect()
        };
        let columns = read.as_ref().map_or_else(|| vec![Column::Unused; width], |read| of(&read.layout));
        let refused: HashSet<(u64, &str)> = read
            .iter()
            .flat_map(|read| read.findings.kept())
            .filter_map(|finding| Some((finding.place.record?, finding.place.column.as_deref()?)))
            .collect();
        // The reader looks at the cells of the rows that it takes, and at no others.
        let looked_at: HashSet<u64> = read
            .iter()
            .flat_map(|read| (0..read.responses.rows()).map(|row| read.responses.number(row)))
            .collect();
        let mut codes = Codes::default();
        let mut cells: Vec<Vec<Vec<u8>>> = self.rows.iter().map(|row| self.records.cells(*row)).collect();
        for row in cells.iter().filter(|row| row.len() == width) {
            for (cell, column) in row.iter().zip(&columns) {
                if let Column::Key(key) = column {
                    codes.note(*key, cell);
                }
            }
        }
        for (at, row) in cells.iter_mut().enumerate() {
            if row.len() != width {
                row.iter_mut().for_each(|cell| *cell = mask(cell));
                continue;
            }
            let record = at as u64 + 1;
            let judged = looked_at.contains(&record);
            for ((cell, column), name) in row.iter_mut().zip(&columns).zip(&self.names) {
                *cell = match column {
                    Column::Unused => Vec::new(),
                    Column::Item if !judged || refused.contains(&(record, name.as_str())) => mask(cell),
                    Column::Item => std::mem::take(cell),
                    Column::Key(Key::Role) => match &read {
                        Some(read) if read.layout.knows_role(&String::from_utf8_lossy(cell)) => {
                            std::mem::take(cell)
                        }
                        _ => mask(cell),
                    },
                    Column::Key(key) => codes.of(*key, cell),
                    Column::Kept if number(cell) => std::mem::take(cell),
                    Column::Kept => mask(cell),
                };
            }
        }
        self.cells = Some(cells);
        Ok(columns)
    }

    /// Groups of columns that may be left out: keys and columns without use one by one, and in a wide file all columns
    /// of one role and session.
    fn units(&self, question: &Question) -> Result<Vec<Vec<usize>>, Error> {
        let layout = question.read(&self.text())?.layout;
        let is_item = |column: &usize| Column::new(&layout, *column) == Column::Item;
        let mut units: Vec<Vec<usize>> =
            (0..self.names.len()).filter(|column| !is_item(column)).map(|column| vec![column]).collect();
        if layout.folds.len() > 1 {
            units.extend(layout.folds.iter().map(|fold| fold.columns.iter().flatten().copied().collect()));
        }
        Ok(units)
    }
}

/// What a column is, as far as it matters to who could be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Unused,
    Item,
    Key(Key),
    /// A column that is compared.
    Kept,
}

impl Column {
    fn new(layout: &Layout, column: usize) -> Column {
        if layout.folds.iter().any(|fold| fold.columns.contains(&Some(column))) {
            return Column::Item;
        }
        match layout.texts.iter().find(|text| text.column == Some(column)).map(|text| text.why) {
            Some(Why::Key { key, .. }) => Column::Key(key),
            Some(Why::Kept) => Column::Kept,
            _ => Column::Unused,
        }
    }
}

/// What was done to the columns, in words.
fn told(columns: &[Column], left_out: bool) -> Vec<String> {
    let mut told = Vec::new();
    let keys: Vec<&str> = Key::ALL
        .into_iter()
        .filter(|key| !matches!(key, Key::Role | Key::Session | Key::Date))
        .filter(|key| columns.contains(&Column::Key(*key)))
        .map(Key::id)
        .collect();
    if !keys.is_empty() {
        told.push(format!("codes for {}", keys.join(", ")));
    }
    if columns.contains(&Column::Key(Key::Date)) {
        told.push("dates moved, the first to 2000-01-01, their distances kept".to_owned());
    }
    if columns.contains(&Column::Key(Key::Session)) {
        told.push("codes for sessions that are no numbers".to_owned());
    }
    told.push("letters and long numbers overwritten where a cell is no answer".to_owned());
    if columns.contains(&Column::Unused) {
        told.push("columns that are not used emptied".to_owned());
    }
    if left_out {
        told.push("columns that do not matter left out".to_owned());
    }
    told
}

/// Whether a filter chooses among the roles and sessions that the names of the columns say.
fn is_in_names(patterns: &[Pattern], column: &str) -> bool {
    let column = fold_name(column);
    patterns.iter().any(|pattern| {
        pattern.has_session() && column == Key::Session.id() || pattern.has_role() && column == Key::Role.id()
    })
}

/// The rows that `--where` and `--form` leave.
fn chosen(question: &Question, table: &Table<'_>) -> Result<Vec<usize>, Error> {
    let mut lenient = question.clone();
    lenient.options.on_invalid = crate::responses::OnInvalid::Missing;
    let read = lenient.read(&table.text())?;
    let mut rows: Vec<usize> = (0..read.responses.rows())
        .filter_map(|row| usize::try_from(read.responses.number(row)).ok()?.checked_sub(1))
        .collect();
    rows.dedup();
    if rows.is_empty() {
        return Err(Error::usage(format!("no row is left of {}", table.records.len())));
    }
    Ok(rows)
}

fn too_many(rows: usize) -> Error {
    let help =
        "choose with --where dyad=…,session=…; or ask for a finding of `alliance check`: --finding CODE";
    Error::usage_help(format!("{rows} rows fit; a case shows the scores of up to {MOST_ROWS}"), help)
}

/// The code of a finding, by its id.
///
/// # Errors
/// A usage error if there is none, or no case can be made of it.
pub fn code(id: &str) -> Result<Code, Error> {
    let Some(code) = Code::ALL.iter().copied().find(|known| known.id() == id) else {
        let ids = Code::ALL.iter().map(|code| code.id());
        let help = near(id, ids).first().map_or_else(
            || "codes stand in the first column of what `alliance check` prints".to_owned(),
            |id| format!("did you mean `{id}`?"),
        );
        return Err(Error::usage_help(format!("--finding: there is no finding `{id}`"), help));
    };
    if goal::is_of_bytes(code) {
        let message = format!("`{id}` lies in the bytes of the file: no copy without its texts shows it");
        return Err(Error::usage_help(message, "what `alliance check` prints is what to send"));
    }
    Ok(code)
}

/// The first finding of a code, problems before notes.
fn found(question: &Question, text: &[u8], code: Code) -> Result<Goal, Error> {
    let findings = question.findings(text)?;
    let mut of_code: Vec<_> = findings.kept().iter().filter(|finding| finding.code == code).collect();
    of_code.sort_by_key(|finding| finding.severity == Severity::Note);
    match of_code.first() {
        Some(finding) => Ok(Goal::new(Shows::Finding(Box::new((*finding).clone())), &findings)),
        None => {
            let there: Vec<&str> = findings.counts().keys().map(|code| code.id()).collect();
            let help = if there.is_empty() {
                "the check finds nothing".to_owned()
            } else {
                format!("the check finds: {}", there.join(", "))
            };
            Err(Error::usage_help(format!("--finding: the file has no `{}`", code.id()), help))
        }
    }
}
