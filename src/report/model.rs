//! A report: sections of blocks, with the envelope that says how every number came about. Knows no statistic.

use serde::Serialize;
use serde_json::Value as Json;

use super::format;
pub use super::format::{Decimal, Kind};

mod drawing;

pub use drawing::{Anchor, Dash, Drawing, Ink, Mark};

/// The version of the JSON envelope.
pub const SCHEMA: &str = "alliance/1";

/// What a command found.
#[derive(Debug, Clone)]
pub struct Report {
    /// The command.
    pub command: &'static str,
    /// One line that says what this is.
    pub title: String,
    /// The instruments it used.
    pub instruments: Vec<InstrumentLine>,
    /// The files it read.
    pub input: Option<Input>,
    /// What was chosen, by the user or by default.
    pub settings: Json,
    /// Everything, unrounded.
    pub results: Json,
    /// The pages.
    pub sections: Vec<Section>,
    /// What the reader should know.
    pub notes: Vec<Note>,
    /// What a page says around its parts.
    pub words: PageWords,
}

/// What a page says around its parts, in the language of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageWords {
    /// The language, as browsers know it: `en`, `es`.
    pub lang: String,
    /// What stands before decimals.
    pub decimal: format::Decimal,
    /// Before the notes under a table: `Note.`
    pub note: String,
    /// Before the number of a table.
    pub table: String,
    /// Before the number of a figure.
    pub figure: String,
    /// Over the table of contents.
    pub contents: String,
    /// Over the notes at the end.
    pub notes: String,
    /// Over the numbers behind a figure.
    pub numbers: String,
    /// Under these numbers, where they are too many for a page; with `{shown}` and `{all}`.
    pub rows_left_out: String,
}

impl Default for PageWords {
    fn default() -> PageWords {
        PageWords {
            lang: "en".to_owned(),
            decimal: format::Decimal::Point,
            note: "Note.".to_owned(),
            table: "Table".to_owned(),
            figure: "Figure".to_owned(),
            contents: "Contents".to_owned(),
            notes: "Notes".to_owned(),
            numbers: "The numbers behind it".to_owned(),
            rows_left_out: "The first {shown} of {all} rows; --format json and csv hold all.".to_owned(),
        }
    }
}

/// The id of sections that tell one dyad on a page of its own.
pub const PAGE_OF_DYAD: &str = "dyad_page";

/// An instrument, as named in an envelope.
#[derive(Debug, Clone, Serialize)]
pub struct InstrumentLine {
    /// Its id.
    pub id: String,
    /// The edition of the questionnaire.
    pub edition: String,
    /// The revision of the definition.
    pub revision: u32,
    /// The forms that were used.
    pub forms: Vec<String>,
    /// BLAKE3 of the definition.
    pub digest: String,
    /// BLAKE3 over what can move a score.
    pub key_digest: String,
    /// The weakest evidence among the keys that were used.
    pub evidence: String,
}

/// The files that were read.
#[derive(Debug, Clone, Serialize)]
pub struct Input {
    /// One entry for each.
    pub files: Vec<InputFile>,
    /// Rows used.
    pub used: u64,
    /// Rows left out.
    pub dropped: u64,
}

/// A file that was read.
#[derive(Debug, Clone, Serialize)]
pub struct InputFile {
    /// Its name, without the way to it.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub digest: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How it is written.
    #[serde(flatten)]
    pub read_as: ReadAs,
    /// Which column is which item and key, where there are several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Json>,
}

/// How a file is written, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadAs {
    /// What it is encoded in.
    pub encoding: String,
    /// Whether it begins with a byte-order mark.
    pub byte_order_mark: bool,
    /// What it is packed with.
    pub packed: Option<&'static str>,
    /// What stands between its fields.
    pub delimiter: String,
    /// Whether a first line `sep=;` says so.
    pub sep_line: bool,
    /// Whether a decimal comma was allowed.
    pub decimal_comma: bool,
    /// The options that say so; the rest was found out.
    pub said: Vec<&'static str>,
}

/// Something the reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A stable id.
    pub code: &'static str,
    /// The note.
    pub text: String,
}

impl Note {
    /// A note.
    pub fn new(code: &'static str, text: impl Into<String>) -> Note {
        Note { code, text: text.into() }
    }
}

/// A part of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// A stable id. In a report on several instruments ids occur once for each; pages number their anchors.
    pub id: &'static str,
    /// Its heading; none for the first part of a short report.
    pub title: Option<String>,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading within the section, under its title.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Short texts, one under the other: notes, references.
    List(Vec<String>),
    /// Names and what they stand for.
    Facts(Vec<(String, String)>),
    /// A table.
    Table(Table),
    /// Lines that stand as they are, each character as wide as the next: pictures in plain characters.
    Plain(Vec<String>),
    /// A picture.
    Figure(Figure),
}

/// A picture, with all that makes it readable without seeing it.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// A stable id.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// What it shows, in a sentence or two, for screen readers.
    pub description: String,
    /// The numbers it is drawn from.
    pub data: Table,
    /// The picture itself.
    #[serde(skip)]
    pub drawing: Drawing,
    /// Notes under it.
    pub notes: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// A stable id.
    pub id: &'static str,
    /// Its title, if it needs one beside the heading.
    pub title: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Notes under it.
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// A stable id: the name in data formats.
    pub id: &'static str,
    /// The heading on a page.
    pub head: String,
    /// Whether it is shown on pages, or stands in data formats alone.
    pub shown: bool,
}

impl Column {
    /// A column.
    pub fn new(id: &'static str, head: impl Into<String>) -> Column {
        Column { id, head: head.into(), shown: true }
    }

    /// A column for data formats alone.
    pub fn hidden(id: &'static str) -> Column {
        Column { id, head: String::new(), shown: false }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64, Kind),
    /// Two numbers that belong together, such as lowest and highest.
    Pair([f64; 2], Kind),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A count.
    pub fn count(n: u64) -> Value {
        Value::Number(n as f64, Kind::Count)
    }

    /// A number, if there is one.
    pub fn number(value: Option<f64>, kind: Kind) -> Value {
        value.map_or(Value::Empty, |value| Value::Number(value, kind))
    }

    /// As it stands on a page.
    pub fn shown(&self) -> String {
        match self {
            Value::Empty => String::new(),
            Value::Text(text) => text.clone(),
            Value::Number(value, kind) => format::number(*value, *kind),
            Value::Pair([a, b], kind) => {
                let (a, b) = (format::number(*a, *kind), format::number(*b, *kind));
                if a.starts_with('-') || b.starts_with('-') {
                    format!("{a} to {b}")
                } else {
                    format!("{a}–{b}")
                }
            }
        }
    }

    /// As it stands in print: with minus signs, and the decimals of a language.
    pub fn printed(&self, decimal: format::Decimal) -> String {
        let one = |value: f64, kind: Kind| format::printed(value, kind, decimal);
        match self {
            Value::Number(value, kind) => one(*value, *kind),
            Value::Pair([a, b], kind) => {
                let (a, b) = (one(*a, *kind), one(*b, *kind));
                if a.starts_with('−') || b.starts_with('−') {
                    format!("{a} to {b}")
                } else {
                    format!("{a}–{b}")
                }
            }
            text => text.shown(),
        }
    }

    /// As it stands in data: never rounded.
    pub fn exact(&self) -> String {
        match self {
            Value::Number(value, _) => format!("{value}"),
            Value::Pair([a, b], _) => format!("{a} {b}"),
            other => other.shown(),
        }
    }

    /// Whether it is a number and stands to the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Value::Number(..) | Value::Pair(..))
    }
}

impl Table {
    /// An empty table.
    pub fn new(id: &'static str, columns: Vec<Column>) -> Table {
        Table { id, title: None, columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// The columns that pages show, by index, those without any entry left out.
    pub fn shown(&self) -> Vec<usize> {
        let filled = |at: usize| self.rows.is_empty() || self.rows.iter().any(|row| row[at] != Value::Empty);
        (0..self.columns.len()).filter(|at| self.columns[*at].shown && filled(*at)).collect()
    }

    /// Whether a column holds numbers and stands to the right.
    pub fn is_right(&self, column: usize) -> bool {
        let mut numbers = self.rows.iter().map(|row| &row[column]).filter(|value| **value != Value::Empty);
        let first = numbers.next();
        first.is_some_and(Value::is_number)
    }
}

impl Section {
    /// Whether it begins on a new sheet of paper.
    pub fn starts_page(&self) -> bool {
        self.id == PAGE_OF_DYAD
    }
}

impl Report {
    /// The envelope: everything a machine needs.
    pub fn envelope(&self) -> Json {
        serde_json::json!({
            "schema": SCHEMA,
            "command": self.command,
            "software": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
            "instruments": self.instruments,
            "input": self.input,
            "settings": self.settings,
            "results": self.results,
            "notes": self.notes,
        })
    }

    /// All tables, in order, those behind figures among them.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Figure(figure) => Some(&figure.data),
            _ => None,
        })
    }
}
