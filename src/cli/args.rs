//! Options that several commands share.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::files::{base_name, read};
use crate::error::Error;
use crate::render::Format;
use crate::responses::{
    ColumnMap, Decimal, Encoding, Key, Labels, MissingCodes, OnInvalid, Options, Pattern, Said,
    parse_delimiter, parse_filters,
};
use crate::scoring::{As, MinAnswered, Rules};

/// How the report is written, and where.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// How the report is written
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<FormatWord>,
    /// Write the report to a file; the format follows from its name
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatWord {
    Text,
    Markdown,
    Json,
    Csv,
    Html,
    Docx,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Format {
        match word {
            FormatWord::Text => Format::Text,
            FormatWord::Markdown => Format::Markdown,
            FormatWord::Json => Format::Json,
            FormatWord::Csv => Format::Csv,
            FormatWord::Html => Format::Html,
            FormatWord::Docx => Format::Docx,
        }
    }
}

impl ReportArgs {
    /// The format asked for, or that of the output's name.
    pub fn format(&self) -> Result<Format, Error> {
        if let Some(word) = self.format {
            return Ok(word.into());
        }
        self.output.as_deref().map_or(Ok(Format::Text), format_of)
    }
}

/// The format that the name of a file asks for.
pub(super) fn format_of(path: &Path) -> Result<Format, Error> {
    let extension = path.extension().map(|ext| ext.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some("md" | "markdown" | "qmd") => Ok(Format::Markdown),
        Some("html" | "htm") => Ok(Format::Html),
        Some("docx") => Ok(Format::Docx),
        Some("txt") | None => Ok(Format::Text),
        Some(other) => Err(Error::usage_help(
            format!("a report cannot be written as .{other}"),
            "endings are .txt, .md, .json, .csv, .html and .docx; or say --format",
        )),
    }
}

/// A file of answers, and how it is read.
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// The instrument: an id, the path of a definition, or several with commas between
    pub instrument: String,
    /// The files of answers: CSV or TSV, plain or .gz, one row a person and session; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub how: HowArgs,
}

/// How a file of answers is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the file")]
pub(super) struct HowArgs {
    /// The form of all rows; beside a role column: keep the rows of this form
    #[arg(long, value_name = "FORM", value_delimiter = ',')]
    form: Vec<String>,
    /// Words of the role column and the form each means: madre=caregiver,ts=worker
    #[arg(long, value_name = "WORD=FORM", value_delimiter = ',')]
    roles: Vec<String>,
    /// Another set of answers than the form's own
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    responses: Vec<String>,
    /// Names of the item columns: 'wai_{item}'; of a wide file: '{role}_wai{item}_s{session}'
    #[arg(long, value_name = "PATTERN")]
    items: Vec<String>,
    /// Words for sessions in the names of a wide file's columns: pre=1,post=2
    #[arg(long, value_name = "WORD=SESSION", value_delimiter = ',')]
    sessions: Vec<String>,
    /// A table that says which column is which item or key (columns: column, item)
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Words that stand for answers (columns: responses, value, label, language)
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Columns to carry along into the output
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    keep: Vec<String>,
    /// Only rows that hold these values: COLUMN=VALUE[,VALUE…][,COLUMN=VALUE…]
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    filters: Vec<String>,
    /// Codes that mean a missing answer: 99,-9
    #[arg(long, value_name = "CODE", value_delimiter = ',', allow_hyphen_values = true)]
    missing_codes: Vec<String>,
    /// What becomes of a cell that is no allowed answer
    #[arg(long, value_enum, value_name = "WHAT", default_value = "reject")]
    on_invalid: OnInvalidWord,
    #[command(flatten)]
    dialect: DialectArgs,
    #[command(flatten)]
    keys: KeyArgs,
    /// Threads to use; the result does not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// How the file is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the file is written (found out where not given)")]
struct DialectArgs {
    /// What stands between fields: a character, or comma, semicolon, tab, bar
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    /// What the file is encoded in: utf-8, windows-1252, utf-16le, macintosh, …
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What stands before the decimals of a number
    #[arg(long, value_enum, value_name = "MARK")]
    decimal: Option<DecimalWord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DecimalWord {
    /// 5.5 only
    Point,
    /// 5,5 too, in quotes where commas stand between fields
    Comma,
}

impl DialectArgs {
    fn said(&self) -> Result<Said, Error> {
        Ok(Said {
            delimiter: self.delimiter.as_deref().map(parse_delimiter).transpose()?,
            encoding: self.encoding.as_deref().map(Encoding::parse).transpose()?,
            decimal: self.decimal.map(|word| match word {
                DecimalWord::Point => Decimal::Point,
                DecimalWord::Comma => Decimal::Comma,
            }),
        })
    }
}

/// Which column is which key.
#[derive(Debug, Args)]
#[command(next_help_heading = "Key columns (recognised by well-known names where not given)")]
struct KeyArgs {
    /// Column of the person who answered
    #[arg(long, value_name = "COLUMN")]
    person: Option<String>,
    /// Column of the pair
    #[arg(long, value_name = "COLUMN")]
    dyad: Option<String>,
    /// Column of the family
    #[arg(long, value_name = "COLUMN")]
    family: Option<String>,
    /// Column of the worker
    #[arg(long, value_name = "COLUMN")]
    worker: Option<String>,
    /// Column of the informant's role
    #[arg(long, value_name = "COLUMN")]
    role: Option<String>,
    /// Column of the observer
    #[arg(long, value_name = "COLUMN")]
    rater: Option<String>,
    /// Column of the session
    #[arg(long, value_name = "COLUMN")]
    session: Option<String>,
    /// Column of the date
    #[arg(long, value_name = "COLUMN")]
    date: Option<String>,
    /// Column of a group whose rows are not independent
    #[arg(long, value_name = "COLUMN")]
    cluster: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnInvalidWord {
    /// No scores are written
    Reject,
    /// The cell is missing, and listed
    Missing,
}

impl ReadArgs {
    /// The files that are read, so that none of them is written to.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let mut inputs = self.files.clone();
        inputs.extend(self.how.map.iter().chain(&self.how.labels).cloned());
        inputs.extend(self.instrument.split(',').map(PathBuf::from));
        inputs
    }
}

impl HowArgs {
    /// What the user says about the file.
    pub fn options(&self) -> Result<Options, Error> {
        let mut filters = Vec::new();
        for text in &self.filters {
            filters.extend(parse_filters(text)?);
        }
        let words: Vec<String> = self.missing_codes.iter().map(|word| word.trim().to_owned()).collect();
        Ok(Options {
            said: self.dialect.said()?,
            form: self.form.iter().map(|word| owned(word)).collect(),
            roles: self.roles.iter().map(|word| pair("--roles", word)).collect::<Result<_, _>>()?,
            responses: self.responses.iter().map(|word| owned(word)).collect(),
            items: self.items.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>()?,
            sessions: self.sessions.iter().map(|word| pair("--sessions", word)).collect::<Result<_, _>>()?,
            map: self.map.as_deref().map(column_map).transpose()?,
            labels: self.labels.as_deref().map(labels).transpose()?,
            keys: self.keys.given(),
            keep: self.keep.clone(),
            filters,
            missing_codes: MissingCodes::new(words.into_iter().filter(|word| !word.is_empty()).collect()),
            on_invalid: match self.on_invalid {
                OnInvalidWord::Reject => OnInvalid::Reject,
                OnInvalidWord::Missing => OnInvalid::Missing,
            },
        })
    }

    /// The file of labels, if there is one.
    pub fn labels_file(&self) -> Option<&Path> {
        self.labels.as_deref()
    }

    /// These options as words of a command that reads a case, which needs only some of them.
    pub fn words(&self, needed: &Options) -> Vec<String> {
        let mut words = Vec::new();
        let mut say = |option: &str, values: &[String]| {
            if !values.is_empty() {
                words.extend([option.to_owned(), values.join(",")]);
            }
        };
        say("--form", &self.form);
        say("--roles", &self.roles);
        say("--responses", &self.responses);
        say("--sessions", &self.sessions);
        self.items.iter().for_each(|pattern| say("--items", std::slice::from_ref(pattern)));
        say("--missing-codes", &self.missing_codes);
        if needed.map.as_ref().is_some_and(|map| !map.entries.is_empty()) {
            say("--map", &["map.csv".to_owned()]);
        }
        if self.labels.is_some() {
            say("--labels", &["labels.csv".to_owned()]);
        }
        for (key, name) in &needed.keys {
            say(&format!("--{}", key.id()), std::slice::from_ref(name));
        }
        for filter in &needed.filters {
            say("--where", &[format!("{}={}", filter.column, filter.values.join(","))]);
        }
        if self.on_invalid == OnInvalidWord::Missing {
            say("--on-invalid", &["missing".to_owned()]);
        }
        match needed.said.delimiter {
            None | Some(b',') if self.dialect.delimiter.is_none() => {}
            Some(b'\t') => say("--delimiter", &["tab".to_owned()]),
            Some(delimiter) => say("--delimiter", &[char::from(delimiter).to_string()]),
            None => {}
        }
        match self.dialect.decimal {
            Some(DecimalWord::Point) => say("--decimal", &["point".to_owned()]),
            Some(DecimalWord::Comma) => say("--decimal", &["comma".to_owned()]),
            None => {}
        }
        words
    }

    /// Tables that it names, so that none of them is written to.
    pub fn inputs(&self) -> impl Iterator<Item = PathBuf> {
        self.map.iter().chain(&self.labels).cloned()
    }

    /// The number of working threads.
    pub fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(all).clamp(1, 64)
    }
}

impl KeyArgs {
    fn given(&self) -> Vec<(Key, String)> {
        let given = [
            (Key::Person, &self.person),
            (Key::Dyad, &self.dyad),
            (Key::Family, &self.family),
            (Key::Worker, &self.worker),
            (Key::Role, &self.role),
            (Key::Rater, &self.rater),
            (Key::Session, &self.session),
            (Key::Date, &self.date),
            (Key::Cluster, &self.cluster),
        ];
        given.into_iter().filter_map(|(key, name)| Some((key, name.clone()?))).collect()
    }
}

/// `WORD` or `INSTRUMENT=WORD`.
fn owned(text: &str) -> (Option<String>, String) {
    match text.split_once('=') {
        Some((id, word)) => (Some(id.trim().to_owned()), word.trim().to_owned()),
        None => (None, text.trim().to_owned()),
    }
}

fn pair(option: &str, text: &str) -> Result<(String, String), Error> {
    match text.split_once('=') {
        Some((word, form)) if !word.trim().is_empty() => Ok((word.trim().to_owned(), form.trim().to_owned())),
        _ => Err(Error::usage_help(
            format!("{option} `{text}` makes no sense"),
            "write WORD=FORM, such as madre=caregiver; for sessions WORD=SESSION, such as pre=1",
        )),
    }
}

fn column_map(path: &Path) -> Result<ColumnMap, Error> {
    ColumnMap::parse(&base_name(path), &read(path)?).map_err(Error::definition)
}

fn labels(path: &Path) -> Result<Labels, Error> {
    Labels::parse(&base_name(path), &read(path)?).map_err(Error::definition)
}

/// What the user says about scoring.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scoring")]
pub(super) struct RuleArgs {
    /// The kind of score, instead of the definition's
    #[arg(long = "as", value_enum, value_name = "KIND")]
    kind: Option<AsWord>,
    /// How many items must be answered, instead of the definition's rule: 3, or 80%
    #[arg(long, value_name = "N|SHARE%")]
    min_answered: Option<String>,
    /// Items that the file holds reversed already, by number or id: 4,10
    #[arg(long, value_name = "ITEM", value_delimiter = ',')]
    already_reversed: Vec<String>,
    /// Score also with keys that are inferred, not read in any source
    #[arg(long)]
    pub accept_inferred: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AsWord {
    /// The mean of the answers
    Mean,
    /// Their sum
    Sum,
    /// Percent of the maximum possible
    Pomp,
}

impl RuleArgs {
    /// These options as words of a command.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(kind) = self.kind.and_then(|kind| kind.to_possible_value()) {
            words.extend(["--as".to_owned(), kind.get_name().to_owned()]);
        }
        if let Some(min) = &self.min_answered {
            words.extend(["--min-answered".to_owned(), min.clone()]);
        }
        if !self.already_reversed.is_empty() {
            words.extend(["--already-reversed".to_owned(), self.already_reversed.join(",")]);
        }
        if self.accept_inferred {
            words.push("--accept-inferred".to_owned());
        }
        words
    }

    pub fn rules(&self) -> Result<Rules, Error> {
        let kind = self.kind.map(|word| match word {
            AsWord::Mean => As::Mean,
            AsWord::Sum => As::Sum,
            AsWord::Pomp => As::Pomp,
        });
        let min_answered = self.min_answered.as_deref().map(MinAnswered::parse).transpose()?;
        Ok(Rules { kind, min_answered, already_reversed: self.already_reversed.clone() })
    }
}
