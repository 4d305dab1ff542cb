//! A definition as it is written: the types from which reading, checking and the JSON Schema all come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap as Map;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

/// A text in one or more languages, keyed by language code.
pub type Texts = BTreeMap<String, String>;

/// An instrument definition, `alliance-instrument/1`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionFile {
    /// The format of this file.
    pub schema: FormatId,
    /// What the instrument is.
    pub instrument: About,
    /// Where the facts in this file come from.
    #[serde(default)]
    pub source: Vec<SourceEntry>,
    /// Sets of allowed answers. Bounds live here and nowhere else.
    pub responses: Vec<ResponsesEntry>,
    /// One entry for each informant who fills in the instrument.
    pub form: Vec<FormEntry>,
    /// The items, in the order of the printed form.
    pub item: Vec<ItemEntry>,
    /// The scales; a total is a scale like any other.
    pub scale: Vec<ScaleEntry>,
    /// Factor models that the literature tests.
    #[serde(default)]
    pub model: Vec<ModelEntry>,
    /// Worked cases; they may also stand in a file of their own, `<name>.cases.toml`.
    #[serde(default)]
    pub case: Vec<CaseEntry>,
}

/// Worked cases in a file of their own, `alliance-cases/1`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesFile {
    /// The format of this file.
    pub schema: CasesFormatId,
    /// The id of the instrument these cases belong to.
    #[schemars(with = "String")]
    pub instrument: Spanned<String>,
    /// The cases.
    pub case: Vec<CaseEntry>,
}

/// The name of the definition format.
#[derive(Debug, Deserialize, JsonSchema)]
pub enum FormatId {
    /// The only version so far.
    #[serde(rename = "alliance-instrument/1")]
    V1,
}

/// The name of the format of worked cases.
#[derive(Debug, Deserialize, JsonSchema)]
pub enum CasesFormatId {
    /// The only version so far.
    #[serde(rename = "alliance-cases/1")]
    V1,
}

/// What an instrument is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Stable id: lower-case letters, digits and underscores.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// The edition of the instrument (not of this file).
    pub edition: String,
    /// The revision of this file; a change that can move a score bumps it and needs a changed case.
    pub revision: u32,
    /// Its name.
    pub title: Texts,
    /// What it measures.
    pub construct: String,
    /// Who may use it.
    pub rights: Rights,
    /// Anything a user should know before scoring.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Who may use an instrument. Item wording is never shipped.
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// How it may be had.
    pub access: Access,
    /// Who holds the rights.
    pub holder: Option<String>,
    /// Where to ask.
    pub request: Option<String>,
}

/// How an instrument may be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Free for any use.
    Public,
    /// Free if the source is named.
    Attribution,
    /// Free for research and care.
    Noncommercial,
    /// Permission is needed.
    Restricted,
    /// Not known.
    Unknown,
}

impl Access {
    /// The word in the file.
    pub fn id(self) -> &'static str {
        match self {
            Access::Public => "public",
            Access::Attribution => "attribution",
            Access::Noncommercial => "noncommercial",
            Access::Restricted => "restricted",
            Access::Unknown => "unknown",
        }
    }
}

/// A source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceEntry {
    /// Id by which scales and models name it.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// The reference, as it stands in a list of references.
    pub cite: String,
    /// Its DOI.
    pub doi: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
}

/// A set of allowed answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsesEntry {
    /// Id by which forms and items name it.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// What kind of answers.
    pub kind: Kind,
    /// The lowest answer.
    #[schemars(with = "f64")]
    pub min: Spanned<f64>,
    /// The highest answer; a count has none.
    #[schemars(with = "Option<f64>")]
    pub max: Option<Spanned<f64>>,
    /// The distance between two answers; 1 unless said. A continuous line has none.
    #[schemars(with = "Option<f64>")]
    pub step: Option<Spanned<f64>>,
    /// Words at the points of the scale, by value, then by language. Only with a source.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Texts>")]
    pub anchors: Map<Spanned<String>, Texts>,
    /// Where the anchor words come from.
    #[schemars(with = "Option<String>")]
    pub anchors_source: Option<Spanned<String>>,
}

/// What kind of answers a set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Points on a scale, `step` apart.
    Ordinal,
    /// A mark on a line: any number between the bounds.
    Continuous,
    /// Whole numbers from 0 without a maximum; cannot be reversed.
    Count,
}

/// An informant's version of the instrument.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormEntry {
    /// Id of the form: client, therapist, observer, caregiver, worker, team, child …
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// Its name.
    #[serde(default)]
    pub title: Texts,
    /// The set of answers of its items.
    #[schemars(with = "String")]
    pub responses: Spanned<String>,
    /// Words of a role column that mean this form; the id always does.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub roles: Vec<Spanned<String>>,
    /// If the key is not known well enough: why. The form lints and shows, and refuses to score.
    #[schemars(with = "Option<String>")]
    pub template: Option<Spanned<String>>,
}

/// An item: a place on the form, never its wording.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemEntry {
    /// Id by which scales name it.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// Column names tried on import, in this order; all items of a file use the same position of their lists.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub columns: Vec<Spanned<String>>,
    /// Whom one rating is about; a person unless said.
    #[serde(default)]
    pub unit: Unit,
    /// A set of answers of its own, instead of the form's.
    #[schemars(with = "Option<String>")]
    pub responses: Option<Spanned<String>>,
}

/// Whom one rating is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// One person.
    #[default]
    Person,
    /// Two people together.
    Dyad,
    /// A family: keyed family × session × rater; it may stand equally on each member's row.
    Family,
}

/// A scale.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleEntry {
    /// Id: the name of the column in the output.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// Its name.
    #[serde(default)]
    pub title: Texts,
    /// Its items; `-i04` is reverse-keyed in this scale.
    #[schemars(with = "Vec<String>")]
    pub items: Spanned<Vec<Spanned<String>>>,
    /// How the answers become a score.
    pub score: Rule,
    /// How many items must be answered.
    #[schemars(with = "u16")]
    pub min_answered: Spanned<u16>,
    /// The possible range of the score for each response set, checked against the items; or "unbounded" for counts.
    #[schemars(with = "RangeEntry")]
    pub range: Spanned<RangeEntry>,
    /// How well the key is known.
    pub evidence: EvidenceWord,
    /// Where the key comes from.
    #[schemars(with = "String")]
    pub source: Spanned<String>,
    /// The forms it holds for; all unless said. Editions that differ by form share an id and have disjoint forms.
    #[schemars(with = "Option<Vec<String>>")]
    pub forms: Option<Vec<Spanned<String>>>,
    /// A value below which a note is printed; never a norm.
    pub note_below: Option<NoteBelowEntry>,
}

/// How answers become a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The mean of the answers.
    Mean,
    /// Their sum.
    Sum,
}

/// How well a key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceWord {
    /// Read in the source named.
    Verified,
    /// Recalled from the literature; the source was not opened.
    Recalled,
    /// Inferred; scores only with `--accept-inferred`.
    Inferred,
}

/// A value below which a note is printed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteBelowEntry {
    /// Scores below this value get the note.
    #[schemars(with = "f64")]
    pub value: Spanned<f64>,
    /// Where the value comes from.
    #[schemars(with = "String")]
    pub source: Spanned<String>,
}

/// The possible range of a score, for each response set.
#[derive(Debug)]
pub enum RangeEntry {
    /// Lowest and highest score by response set.
    BySet(Vec<(String, [f64; 2])>),
    /// Counts have none.
    Unbounded,
}

impl<'de> Deserialize<'de> for RangeEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Range;
        impl<'de> Visitor<'de> for Range {
            type Value = RangeEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of ranges by response set, or \"unbounded\"")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<RangeEntry, E> {
                match word {
                    "unbounded" => Ok(RangeEntry::Unbounded),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RangeEntry, A::Error> {
                let mut ranges = Vec::new();
                while let Some(entry) = map.next_entry::<String, [f64; 2]>()? {
                    ranges.push(entry);
                }
                Ok(RangeEntry::BySet(ranges))
            }
        }
        deserializer.deserialize_any(Range)
    }
}

impl JsonSchema for RangeEntry {
    fn schema_name() -> Cow<'static, str> {
        "Range".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pair = serde_json::json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
        json_schema!({ "anyOf": [
            { "type": "object", "additionalProperties": pair },
            { "type": "string", "const": "unbounded" }
        ] })
    }
}

/// A factor model.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Id by which it is asked for.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// Its name.
    #[serde(default)]
    pub title: Texts,
    /// Factors and the items that load on them.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub factors: Map<Spanned<String>, Vec<Spanned<String>>>,
    /// Factors of factors.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub second_order: Map<Spanned<String>, Vec<Spanned<String>>>,
    /// The general factor of a bifactor model: it loads on every item and is uncorrelated with the others.
    #[schemars(with = "Option<String>")]
    pub general: Option<Spanned<String>>,
    /// Which factors are uncorrelated: all (true), or pairs.
    #[schemars(with = "Option<OrthogonalEntry>")]
    pub orthogonal: Option<Spanned<OrthogonalEntry>>,
    /// Groups of loadings ("factor.item") held equal.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub equal: Vec<Vec<Spanned<String>>>,
    /// Loadings ("factor.item") held at a value.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub fixed: Map<Spanned<String>, f64>,
    /// Pairs of items whose residuals may covary.
    #[serde(default)]
    #[schemars(with = "Vec<Vec<String>>")]
    pub covary_residuals: Vec<Vec<Spanned<String>>>,
    /// Method factors and their items, uncorrelated with the others.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub method: Map<Spanned<String>, Vec<Spanned<String>>>,
    /// How the factors get their unit; their variance is one unless said.
    #[serde(default)]
    pub identification: IdentificationWord,
    /// The forms it holds for; all unless said.
    #[schemars(with = "Option<Vec<String>>")]
    pub forms: Option<Vec<Spanned<String>>>,
    /// Where the model comes from.
    #[schemars(with = "String")]
    pub source: Spanned<String>,
}

/// How factors get their unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentificationWord {
    /// The first loading of each factor is one.
    Marker,
    /// The variance of each factor is one.
    #[default]
    UnitVariance,
}

/// Which factors are uncorrelated.
#[derive(Debug)]
pub enum OrthogonalEntry {
    /// All, or none.
    All(bool),
    /// These pairs.
    Pairs(Vec<Vec<String>>),
}

impl<'de> Deserialize<'de> for OrthogonalEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Orthogonal;
        impl<'de> Visitor<'de> for Orthogonal {
            type Value = OrthogonalEntry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, or pairs of factors")
            }
            fn visit_bool<E: de::Error>(self, all: bool) -> Result<OrthogonalEntry, E> {
                Ok(OrthogonalEntry::All(all))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OrthogonalEntry, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = list.next_element()? {
                    pairs.push(pair);
                }
                Ok(OrthogonalEntry::Pairs(pairs))
            }
        }
        deserializer.deserialize_any(Orthogonal)
    }
}

impl JsonSchema for OrthogonalEntry {
    fn schema_name() -> Cow<'static, str> {
        "Orthogonal".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "boolean" },
            { "type": "array", "items": { "type": "array", "items": { "type": "string" } } }
        ] })
    }
}

/// A worked case: answers, and the scores they must give.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseEntry {
    /// What the case shows.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// The form; may be left out where there is only one.
    #[schemars(with = "Option<String>")]
    pub form: Option<Spanned<String>>,
    /// The response set, if it is not the form's own.
    #[schemars(with = "Option<String>")]
    pub responses: Option<Spanned<String>>,
    /// The cells of one row in the order of the items, apart by spaces; `.` is a gap.
    #[schemars(with = "String")]
    pub answers: Spanned<String>,
    /// Another missing rule, as for `--min-answered`.
    pub min_answered: Option<String>,
    /// The scores that must come out.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub scores: Map<Spanned<String>, f64>,
    /// The scales that must have no score, with the reason.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub no_score: Map<Spanned<String>, String>,
    /// The items whose answer must be refused, with the code.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub refused: Map<Spanned<String>, String>,
    /// Where a published example comes from.
    #[schemars(with = "Option<String>")]
    pub source: Option<Spanned<String>>,
}
