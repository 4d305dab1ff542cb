//! A problem located in a file: what every reader, linter and audit of this crate produces.
//!
//! A [`Finding`] holds data (code, severity, place, message, help), never a drawing; the command line draws it.
//! [`Findings`] counts everything and keeps the first ones, so a file with a million bad cells costs no memory.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Serialize, Serializer};

/// How many findings are kept with their text unless all are asked for.
pub const SHOWN: usize = 50;

/// Whether a finding stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is refused because of it.
    Note,
    /// Wrong: somebody has to mend it or decide about it.
    Problem,
}

/// Declares the finding codes once: variant, stable id, and what it means in a sentence.
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $id:literal, $meaning:literal;)*) => {
        /// The kinds of finding. Ids are stable, so that scripts may rely on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The stable id, as it stands in output.
            pub fn id(self) -> &'static str {
                match self { $(Code::$variant => $id),* }
            }

            /// What the code means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    EmptyFile = "empty_file", "The file holds nothing at all.";
    NoRows = "no_rows", "The file has a header and no rows.";
    NotATable = "not_a_table", "The file is a workbook, an archive or another program's data, not a text table.";
    NotUtf8 = "not_utf8", "Bytes that are not UTF-8 text.";
    NotInEncoding = "not_in_encoding", "Bytes that are no text in the encoding of the file.";
    MixedEncodings = "mixed_encodings", "Some rows are UTF-8 and others are not.";
    GzipCutOff = "gzip_cut_off", "A compressed file that ends before its end.";
    GzipDamaged = "gzip_damaged", "A compressed file that cannot be unpacked.";
    NulByte = "nul_byte", "A NUL byte, which no text table holds.";
    UnclosedQuote = "unclosed_quote", "A quoted field that never ends.";
    RecordTooLong = "record_too_long", "One record larger than any row of answers can be.";
    TooFewFields = "too_few_fields", "A row with fewer fields than the header.";
    TooManyFields = "too_many_fields", "A row with more fields than the header.";
    MissingColumn = "missing_column", "An item of the instrument has no column.";
    DuplicateColumn = "duplicate_column", "A column in use occurs twice.";
    ColumnClaimedTwice = "column_claimed_twice", "One column would serve two items.";
    ColumnsContinue = "columns_continue", "Columns go on beyond the instrument under the same name.";
    AmbiguousColumn = "ambiguous_column", "A column that fits a pattern in more than one way.";
    TextInItem = "text_in_item", "Text where a number is expected.";
    DecimalComma = "decimal_comma", "A decimal comma in a comma-separated file.";
    OutOfRange = "out_of_range", "A value outside the allowed answers.";
    NotAPoint = "not_a_point", "A value between two allowed answers.";
    UnknownRole = "unknown_role", "A role that no form of the instrument stands for.";
    BadToml = "bad_toml", "The file is not TOML.";
    UnknownKey = "unknown_key", "A key that the format does not have.";
    MissingKey = "missing_key", "A key that the format requires.";
    WrongType = "wrong_type", "A value of the wrong kind.";
    BadId = "bad_id", "An id that is not plain lower-case letters, digits and underscores.";
    DuplicateId = "duplicate_id", "Two things with one id.";
    UnknownName = "unknown_name", "A name that resolves to nothing.";
    BadBounds = "bad_bounds", "Bounds that make no sense.";
    ReversedWithoutBounds = "reversed_without_bounds", "A reversed item whose responses have no bounds.";
    AnchorOutside = "anchor_outside", "An anchor that is no allowed answer.";
    RangeMismatch = "range_mismatch", "A declared range that the items do not imply.";
    BadMinAnswered = "bad_min_answered", "A missing rule that the scale cannot have.";
    FormConflict = "form_conflict", "Two definitions for one form.";
    BadModel = "bad_model", "A factor model that contradicts itself.";
    NoCases = "no_cases", "A scale without a worked case.";
    BadCase = "bad_case", "A worked case that cannot be read.";
    CaseMismatch = "case_mismatch", "A worked case that does not recompute.";
    TemplateForm = "template_form", "A form whose key is left open.";
    DuplicateSession = "duplicate_session", "The same dyad, role and session twice.";
    AnswersAsEvents = "answers_as_events", "A file of coded sessions whose columns are those of the answers.";
    BadRule = "bad_rule", "A rule for ruptures and repairs that contradicts itself.";
    UnknownLabel = "unknown_label", "An answer in words that no label stands for.";
    AmbiguousLabel = "ambiguous_label", "An answer in words that may be two answers.";
    BadLabels = "bad_labels", "A line of a labels file that cannot be used.";
    LabelConflict = "label_conflict", "Two labels for one value, or two values for one label, in one language.";
    BadMap = "bad_map", "A line of a column map that cannot be used.";
    UnusedColumns = "unused_columns", "Columns that are neither items nor keys.";
    NearMiss = "near_miss", "A column whose name is near to that of a key which is not there.";
    RecodedCopy = "recoded_copy", "A column that looks like a recoded copy of an item.";
    OtherResponses = "other_responses", "Answers that fit another set of answers of the instrument.";
    ShiftedAnswers = "shifted_answers", "Answers that are all too low, or all too high, by the same.";
    NobodyAnswered = "nobody_answered", "An item that nobody answered.";
    ConstantColumn = "constant_column", "An item to which everybody gave the same answer.";
    AlreadyReversed = "already_reversed", "A reversed item that correlates the wrong way with the rest of its scale.";
    RunsAgainst = "runs_against", "An item, not reversed, that correlates the wrong way with the rest of its scale.";
    ShiftedColumns = "shifted_columns", "Item columns that fit the key when it is moved along.";
    TurnedRound = "turned_round", "A form on which every scale lies in the lower half.";
    SameAnswers = "same_answers", "Rows with one answer to all items, reversed ones too.";
    EmptyRows = "empty_rows", "Rows without any answer.";
    MissingAnswers = "missing_answers", "Answers that are missing, by item, informant and session.";
    NoKeys = "no_keys", "No column says whom a row is about.";
    BlankKey = "blank_key", "A row that does not say whom, or which session, it is about.";
    DuplicateKey = "duplicate_key", "Two rows with the same dyad, role, session and rater.";
    RoleSwapped = "role_swapped", "Two rows of one informant and none of the other at a session.";
    DateDisorder = "date_disorder", "A session that is dated before an earlier one.";
    BadDate = "bad_date", "A date that cannot be read.";
    OneInformant = "one_informant", "Dyads with answers of one informant alone.";
    PartnerMissing = "partner_missing", "Sessions with answers of one informant alone.";
    SessionGap = "session_gap", "Numbers of sessions that are missing.";
    SessionDisorder = "session_disorder", "Rows out of the order of the sessions.";
    Floor = "floor", "Many scores at the lowest possible.";
    Ceiling = "ceiling", "Many scores at the highest possible.";
    CompareText = "compare_text", "Text in a column that should hold scores.";
    CompareDiffers = "compare_differs", "Stored scores that are not those the answers give.";
    CompareAgrees = "compare_agrees", "Stored scores that are those the answers give.";
    PublishedDiffers = "published_differs", "Published figures that the key does not give back.";
    PublishedAgrees = "published_agrees", "Published figures that the key gives back.";
    MatrixShape = "matrix_shape", "A matrix with a row, a number or a name that is missing or makes no sense.";
    MatrixAsymmetric = "matrix_asymmetric", "A matrix whose two halves differ.";
    NotACovariance = "not_a_covariance", "A matrix that no answers can have.";
    BadNorm = "bad_norm", "A line of a table of norms that cannot be used.";
    NormOutOfRange = "norm_out_of_range", "A norm that the scale cannot have.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// The text around a finding, so that it can be shown with the spot underlined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// One or more lines of the file.
    pub text: String,
    /// Number of the first of these lines, from 1.
    pub first_line: u64,
    /// The spot, as bytes of `text`.
    pub span: Range<usize>,
}

/// Where a finding lies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Place {
    /// Name of the file as the user gave it.
    pub file: String,
    /// Number of the data row, from 1, without the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// Number of the line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Name of the column, or path of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// First and last byte of the spot in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Range<u64>>,
    /// The text around it.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

impl Place {
    /// A whole file.
    pub fn file(name: impl Into<String>) -> Place {
        Place { file: name.into(), ..Place::default() }
    }

    /// The same spot in a file of which `lines` lines, `records` rows and `bytes` bytes come before this part.
    pub fn shift(&mut self, lines: u64, records: u64, bytes: u64) {
        self.line = self.line.map(|line| line + lines);
        self.record = self.record.map(|record| record + records);
        self.bytes = self.bytes.take().map(|span| span.start + bytes..span.end + bytes);
        if let Some(excerpt) = &mut self.excerpt {
            excerpt.first_line += lines;
        }
    }

    /// A spot in a text that is at hand, such as a definition.
    pub fn span(name: impl Into<String>, text: &str, span: Range<usize>) -> Place {
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end.max(start));
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let line = 1 + text[..start].matches('\n').count() as u64;
        Place {
            file: name.into(),
            record: None,
            line: Some(line),
            column: None,
            bytes: Some(start as u64..end as u64),
            excerpt: Some(Excerpt {
                text: text[from..to].to_owned(),
                first_line: line,
                span: start - from..end - from,
            }),
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One problem or note, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind it is.
    pub code: Code,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// Where it lies.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong, as a lowercase fragment that holds the data.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// A problem.
    pub fn problem(code: Code, place: Place, message: impl Into<String>) -> Finding {
        Finding { code, severity: Severity::Problem, place, message: message.into(), help: None }
    }

    /// A note.
    pub fn note(code: Code, place: Place, message: impl Into<String>) -> Finding {
        Finding { severity: Severity::Note, ..Finding::problem(code, place, message) }
    }

    /// The same finding with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }
}

/// Findings in the order of the file: all counted, the first [`SHOWN`] kept unless all are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<Code, u64>,
    problems: u64,
    keep_all: bool,
}

impl Findings {
    /// An empty collection that keeps the first [`SHOWN`].
    pub fn new() -> Findings {
        Findings::default()
    }

    /// An empty collection that keeps every finding.
    pub fn keeping_all() -> Findings {
        Findings { keep_all: true, ..Findings::default() }
    }

    /// Whether the next finding would be kept; if not, its text need not be made.
    pub fn wants_text(&self) -> bool {
        self.keep_all || self.kept.len() < SHOWN
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.count(finding.code, finding.severity);
        if self.wants_text() {
            self.kept.push(finding);
        }
    }

    /// Counts one without keeping it.
    pub fn count(&mut self, code: Code, severity: Severity) {
        *self.counts.entry(code).or_default() += 1;
        self.problems += u64::from(severity == Severity::Problem);
    }

    /// Adds all of another collection behind this one.
    pub fn append(&mut self, other: Findings) {
        for (code, n) in other.counts {
            *self.counts.entry(code).or_default() += n;
        }
        self.problems += other.problems;
        for finding in other.kept {
            if self.wants_text() {
                self.kept.push(finding);
            }
        }
    }

    /// The findings that were kept, in order.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// Hands out the kept findings, for changing their places.
    pub fn kept_mut(&mut self) -> &mut [Finding] {
        &mut self.kept
    }

    /// How many there are of each code.
    pub fn counts(&self) -> &BTreeMap<Code, u64> {
        &self.counts
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How many of them are problems.
    pub fn problems(&self) -> u64 {
        self.problems
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Findings {
        let mut findings = Findings::new();
        findings.push(finding);
        findings
    }
}

/// The candidates nearest to a name, for "did you mean": at most three, none that is far off.
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    scored.sort();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_snake_case_id() {
        let mut ids: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
        assert!(
            ids.iter()
                .all(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
        );
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n);
    }

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut findings = Findings::new();
        for line in 0..80 {
            let place = Place { line: Some(line), ..Place::file("a.csv") };
            findings.push(Finding::problem(Code::OutOfRange, place, "8"));
        }
        let mut merged = Findings::from(Finding::note(Code::NoRows, Place::file("b.csv"), "none"));
        merged.append(findings);
        assert_eq!((merged.total(), merged.problems(), merged.kept().len()), (81, 80, SHOWN));
        assert_eq!(merged.kept()[1].place.line, Some(0));
        assert_eq!(merged.counts()[&Code::OutOfRange], 80);
    }

    #[test]
    fn a_span_finds_its_line() {
        let place = Place::span("x.toml", "a = 1\nbé = 2\n", 6..9);
        assert_eq!(place.line, Some(2));
        let excerpt = place.excerpt.unwrap();
        assert_eq!((excerpt.text.as_str(), excerpt.span), ("bé = 2", 0..3));
    }

    #[test]
    fn near_misses_are_near() {
        assert_eq!(near("min_answerd", ["min_answered", "items", "range"]), ["min_answered"]);
        assert!(near("xyz", ["items", "range"]).is_empty());
    }
}
