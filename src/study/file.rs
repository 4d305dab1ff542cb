//! A study as it is written: the types from which reading, checking and the JSON Schema all come.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// A name that may resolve to nothing, and so knows where it stands.
pub type Name = Spanned<String>;

/// A study, `alliance-study/1`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyFile {
    /// The format of this file.
    pub schema: StudyFormat,
    /// What the study is.
    pub study: About,
    /// The instruments, one entry for each; at least one.
    #[serde(default)]
    pub instrument: Vec<InstrumentEntry>,
    /// The files of answers.
    pub data: Vec<DataEntry>,
    /// Which column is which; what is not said is recognised by name.
    #[serde(default)]
    pub columns: ColumnsEntry,
    /// Words of the role column, and the form each means.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub roles: BTreeMap<String, Name>,
    /// How cells are read.
    #[serde(default)]
    pub reading: ReadingEntry,
    /// What counts, and how.
    #[serde(default)]
    pub rules: RulesEntry,
    /// Groups side by side.
    #[serde(default)]
    pub groups: GroupsEntry,
    /// Which blocks the report has.
    #[serde(default)]
    pub analyses: AnalysesEntry,
    /// What scores are related to.
    #[serde(default)]
    pub validity: ValidityEntry,
    /// Coded sessions.
    pub events: Option<EventsEntry>,
    /// What of persons is shown.
    #[serde(default)]
    pub privacy: PrivacyEntry,
    /// The report for practice.
    #[serde(default)]
    pub practice: PracticeEntry,
    /// The user's words for items.
    #[serde(default)]
    pub label: Vec<LabelEntry>,
    /// Texts printed beside a mark in the report for practice.
    #[serde(default)]
    pub prompt: Vec<PromptEntry>,
}

/// The name of the format.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub enum StudyFormat {
    /// The only version so far.
    #[serde(rename = "alliance-study/1")]
    V1,
}

/// What a study is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The title of its report.
    pub title: String,
    /// The language of the report for practice, unless the command says another.
    #[serde(default)]
    pub language: Language,
    /// The seed of everything random.
    #[serde(default = "one")]
    pub seed: u64,
    /// The confidence level of all limits.
    #[serde(default = "usual_level")]
    #[schemars(with = "f64")]
    pub level: Spanned<f64>,
}

fn one() -> u64 {
    1
}

fn usual_level() -> Spanned<f64> {
    Spanned::new(0..0, 0.95)
}

/// A language of the report for practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// An instrument of the study.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstrumentEntry {
    /// An id of the shelf, or the path of a definition, from this file on.
    #[serde(rename = "use")]
    #[schemars(with = "String")]
    pub name: Name,
    /// The form of all rows; beside a role column: only rows of this form.
    #[schemars(with = "Option<String>")]
    pub form: Option<Name>,
    /// Another set of answers than the form's own.
    #[schemars(with = "Option<String>")]
    pub responses: Option<Name>,
    /// The kind of score, instead of the definition's.
    #[serde(rename = "as")]
    pub kind: Option<KindWord>,
    /// How many items must be answered, instead of the definition's rule: `"3"`, or `"80%"`.
    #[schemars(with = "Option<String>")]
    pub min_answered: Option<Name>,
    /// Items that the file holds reversed already, by number or id.
    #[serde(default)]
    pub already_reversed: Vec<String>,
    /// Whether keys count that are inferred, not read in any source.
    #[serde(default)]
    pub accept_inferred: bool,
    /// The scales to follow through time; the total, or the first, if absent.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub follow: Vec<Name>,
}

/// A kind of score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindWord {
    /// The mean of the answers.
    Mean,
    /// Their sum.
    Sum,
    /// Percent of the maximum possible.
    Pomp,
}

/// A file of answers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataEntry {
    /// Its path, from this file on.
    #[schemars(with = "String")]
    pub file: Name,
}

/// Which column is which.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsEntry {
    /// The person who answered.
    #[schemars(with = "Option<String>")]
    pub person: Option<Name>,
    /// The pair.
    #[schemars(with = "Option<String>")]
    pub dyad: Option<Name>,
    /// The family.
    #[schemars(with = "Option<String>")]
    pub family: Option<Name>,
    /// The worker.
    #[schemars(with = "Option<String>")]
    pub worker: Option<Name>,
    /// The informant's role.
    #[schemars(with = "Option<String>")]
    pub role: Option<Name>,
    /// The observer.
    #[schemars(with = "Option<String>")]
    pub rater: Option<Name>,
    /// The session.
    #[schemars(with = "Option<String>")]
    pub session: Option<Name>,
    /// The date.
    #[schemars(with = "Option<String>")]
    pub date: Option<Name>,
    /// A group whose rows are not independent.
    #[schemars(with = "Option<String>")]
    pub cluster: Option<Name>,
    /// Names of the item columns: `"wai_{item}"`; of a wide file `"{role}_wai{item}_s{session}"`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub items: Vec<Name>,
    /// Words for sessions in the names of a wide file's columns, and the session each means.
    #[serde(default)]
    pub sessions: BTreeMap<String, String>,
    /// A table that says which column is which item or key, from this file on.
    #[schemars(with = "Option<String>")]
    pub map: Option<Name>,
}

/// How cells are read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingEntry {
    /// Codes that mean a missing answer.
    #[serde(default)]
    pub missing_codes: Vec<String>,
    /// What becomes of a cell that is no allowed answer.
    #[serde(default)]
    pub on_invalid: OnInvalidWord,
    /// Only rows that hold these values: `"COLUMN=VALUE"`.
    #[serde(default, rename = "where")]
    #[schemars(with = "Vec<String>")]
    pub filters: Vec<Name>,
    /// Words that stand for answers: a table, from this file on.
    #[schemars(with = "Option<String>")]
    pub labels: Option<Name>,
    /// What stands between fields, where it is not found out rightly.
    #[schemars(with = "Option<String>")]
    pub delimiter: Option<Name>,
    /// What the files are encoded in, where it is not found out rightly.
    #[schemars(with = "Option<String>")]
    pub encoding: Option<Name>,
    /// Whether a comma stands before decimals, where it is not found out rightly.
    pub decimal_comma: Option<bool>,
}

/// What becomes of a cell that is no allowed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalidWord {
    /// Nothing is reported.
    #[default]
    Reject,
    /// The cell is missing, and counted.
    Missing,
}

/// What counts, and how.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesEntry {
    /// Which occasion of each dyad and role counts for statistics of one row a person: first, last, all, or a session.
    #[serde(default = "first")]
    #[schemars(with = "String")]
    pub occasion: Name,
    /// What happens to gaps.
    #[serde(default)]
    pub missing: MissingWord,
    /// Rules for ruptures: presets, `SCALE:C`, or files; without any, falls beyond the sample's usual swing.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub ruptures: Vec<Name>,
    /// Session numbers by which ruptures of two informants may lie apart and count as one.
    #[serde(default = "one_session")]
    pub tolerance: u32,
    /// Simulated courses for each number of sessions, behind the chances of false alarms; 0 for none.
    #[serde(default = "simulations")]
    pub simulations: u32,
}

fn first() -> Name {
    Spanned::new(0..0, "first".to_owned())
}

fn one_session() -> u32 {
    1
}

fn simulations() -> u32 {
    2000
}

impl Default for RulesEntry {
    fn default() -> RulesEntry {
        RulesEntry {
            occasion: first(),
            missing: MissingWord::default(),
            ruptures: Vec::new(),
            tolerance: one_session(),
            simulations: simulations(),
        }
    }
}

/// What happens to gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingWord {
    /// Persons with a gap in an item of the scale are left out.
    #[default]
    Listwise,
    /// Each covariance from the persons who answered both items.
    Pairwise,
    /// Maximum likelihood under normality.
    Em,
}

/// Groups side by side.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupsEntry {
    /// Columns that split items, scales and reliability into groups.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub by: Vec<Name>,
}

/// Which blocks the report has.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysesEntry {
    /// Only these blocks; all, if absent.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub blocks: Vec<Name>,
    /// All but these.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub leave_out: Vec<Name>,
}

/// What scores are related to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityEntry {
    /// Columns of numbers that scores should correlate with, or not.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub with: Vec<Name>,
    /// A column of groups that are known to differ.
    #[schemars(with = "Option<String>")]
    pub groups: Option<Name>,
    /// A column of numbers, or of two values, that scores should predict.
    #[schemars(with = "Option<String>")]
    pub outcome: Option<Name>,
    /// Reliabilities of such columns, where they are known from elsewhere.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub reliabilities: BTreeMap<String, Spanned<f64>>,
    /// Hypotheses stated beforehand: a file `alliance-hypotheses/1`, from this file on.
    #[schemars(with = "Option<String>")]
    pub hypotheses: Option<Name>,
}

/// Coded sessions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsEntry {
    /// The file of codes by dyad and session, from this file on.
    #[schemars(with = "String")]
    pub file: Name,
    /// The coding scheme: an instrument.
    #[schemars(with = "Option<String>")]
    pub scheme: Option<Name>,
    /// Only this observer's codes.
    #[schemars(with = "Option<String>")]
    pub rater: Option<Name>,
    /// The one question asked beforehand: `"CODE,ROLE,SCALE,LAG"`.
    #[schemars(with = "Option<String>")]
    pub primary: Option<Name>,
    /// What was randomised, in words; for single-case reporting.
    pub randomised: Option<String>,
    /// Who was masked, in words; for single-case reporting.
    pub masked: Option<String>,
}

/// What of persons is shown.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivacyEntry {
    /// How people are called.
    #[serde(default)]
    pub identifiers: Identifiers,
    /// With `--publish`, cells of fewer persons are not shown.
    #[serde(default = "smallest_cell")]
    #[schemars(with = "u32")]
    pub smallest_cell: Spanned<u32>,
}

fn smallest_cell() -> Spanned<u32> {
    Spanned::new(0..0, 5)
}

impl Default for PrivacyEntry {
    fn default() -> PrivacyEntry {
        PrivacyEntry { identifiers: Identifiers::default(), smallest_cell: smallest_cell() }
    }
}

/// How people are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identifiers {
    /// D1, D2 … instead of the identifiers of the file.
    #[default]
    Pseudonyms,
    /// As the file has them.
    Shown,
}

/// The report for practice.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PracticeEntry {
    /// Only these dyads, as the file has them.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub dyads: Vec<Name>,
}

/// The user's words for an item or a code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelEntry {
    /// The item, or the code of the coding scheme.
    #[schemars(with = "String")]
    pub item: Name,
    /// The instrument whose item it is, where several have an item of this name.
    #[schemars(with = "Option<String>")]
    pub instrument: Option<Name>,
    /// The form it is for; all, if absent.
    #[schemars(with = "Option<String>")]
    pub form: Option<Name>,
    /// A few words for it.
    pub text: String,
    /// The language they are in; they stand in reports of any language, if absent.
    pub language: Option<Language>,
}

/// A text printed beside a mark.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptEntry {
    /// The scale whose marks it belongs to.
    #[schemars(with = "String")]
    pub scale: Name,
    /// Beside which mark.
    pub when: When,
    /// The text.
    pub text: String,
    /// The language it is in; it stands in reports of any language, if absent.
    pub language: Option<Language>,
}

/// A mark in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A fall that the leading rule marks.
    Fall,
    /// An item of the scale at its lowest answer.
    LowItem,
}
