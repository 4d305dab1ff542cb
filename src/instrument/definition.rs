//! An instrument whose every name is resolved.

use serde::Serialize;

use super::cases::Case;
use super::file::{Kind, Rights, Texts};
use super::models::Model;

pub use super::file::{EvidenceWord as Evidence, Rule as ScoreRule, Unit};

/// A questionnaire: forms, items, answers, scales, missing rules, factor models and worked cases.
///
/// Made by [`Instrument::parse`] only, so that these hold: every name resolves, `min < max`, declared ranges equal
/// the ranges the items imply, `min_answered` lies in 1..=k (except in a template form).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Instrument {
    /// Stable id.
    pub id: String,
    /// The edition of the questionnaire.
    pub edition: String,
    /// The revision of the definition file.
    pub revision: u32,
    /// Its name by language.
    pub title: Texts,
    /// What it measures.
    pub construct: String,
    /// Who may use it.
    pub rights: Rights,
    /// What a user should know before scoring.
    pub notes: Vec<String>,
    /// The sources.
    pub sources: Vec<Source>,
    /// The sets of allowed answers.
    pub responses: Vec<ResponseSet>,
    /// The informants' versions.
    pub forms: Vec<Form>,
    /// The items, in the order of the printed form.
    pub items: Vec<Item>,
    /// The scales.
    pub scales: Vec<Scale>,
    /// Factor models.
    pub models: Vec<Model>,
    /// Worked cases.
    pub cases: Vec<Case>,
    /// BLAKE3 of the definition file.
    pub digest: String,
    /// BLAKE3 over what can move a score: items, reversal, bounds, scales, forms.
    pub key_digest: String,
}

/// A reference.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Source {
    /// Id within the instrument.
    pub id: String,
    /// The reference.
    pub cite: String,
    /// Its DOI.
    pub doi: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
}

/// A set of allowed answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ResponseSet {
    /// Id within the instrument.
    pub id: String,
    /// What kind of answers.
    pub kind: Kind,
    /// The lowest answer.
    pub min: f64,
    /// The highest answer; none for counts.
    pub max: Option<f64>,
    /// The distance between two answers; 0 on a continuous line.
    pub step: f64,
    /// Words by value and language.
    pub anchors: Vec<(f64, Texts)>,
    /// Index of the source of the words.
    pub anchors_source: Option<usize>,
}

impl ResponseSet {
    /// The number of points of a finite set.
    pub fn points(&self) -> Option<usize> {
        match (self.kind, self.max) {
            (Kind::Ordinal, Some(max)) => Some(((max - self.min) / self.step).round() as usize + 1),
            _ => None,
        }
    }

    /// Whether `value` is an allowed answer.
    pub fn allows(&self, value: f64) -> bool {
        let inside = value >= self.min && self.max.is_none_or(|max| value <= max);
        inside && self.is_point(value)
    }

    /// Whether `value` lies on the grid of answers, bounds aside.
    pub fn is_point(&self, value: f64) -> bool {
        match self.kind {
            Kind::Continuous => true,
            Kind::Count | Kind::Ordinal => {
                let steps = (value - self.min) / self.step;
                // A grid of tenths is not exact in binary; a billionth of a step is far below any real answer.
                (steps - steps.round()).abs() < 1e-9
            }
        }
    }

    /// The allowed answers in words: `1 to 7`, `0 to 10, any number between`, `0 and up`.
    pub fn describe(&self) -> String {
        match (self.kind, self.max) {
            (Kind::Continuous, Some(max)) => format!("{} to {max}, any number between", self.min),
            (_, Some(max)) if self.step == 1.0 => format!("{} to {max}", self.min),
            (_, Some(max)) => format!("{} to {max} in steps of {}", self.min, self.step),
            (_, None) => format!("whole numbers from {}", self.min),
        }
    }
}

/// An informant's version.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Form {
    /// Id within the instrument.
    pub id: String,
    /// Its name by language.
    pub title: Texts,
    /// Index of its set of answers.
    pub responses: usize,
    /// Words of a role column that mean this form, its id included.
    pub roles: Vec<String>,
    /// Why the form refuses to score, if it does.
    pub template: Option<String>,
}

/// An item.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Item {
    /// Id within the instrument.
    pub id: String,
    /// Column names tried on import.
    pub columns: Vec<String>,
    /// Whom one rating is about.
    pub unit: Unit,
    /// Index of a set of answers of its own.
    pub responses: Option<usize>,
}

/// An item as a scale uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyed {
    /// Index of the item.
    pub item: usize,
    /// Whether it is reverse-keyed in this scale.
    pub reversed: bool,
}

/// A scale.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scale {
    /// Id: the name of the column in the output.
    pub id: String,
    /// Its name by language.
    pub title: Texts,
    /// Its items, in the order of the definition.
    pub items: Vec<Keyed>,
    /// How the answers become a score.
    pub score: ScoreRule,
    /// How many items must be answered.
    pub min_answered: usize,
    /// The possible range.
    pub range: PossibleRange,
    /// How well the key is known.
    pub evidence: Evidence,
    /// Index of the source of the key.
    pub source: usize,
    /// Indices of the forms it holds for.
    pub forms: Vec<usize>,
    /// A value below which a note is printed.
    pub note_below: Option<NoteBelow>,
}

/// The possible range of a score.
#[derive(Debug, Clone, PartialEq)]
pub enum PossibleRange {
    /// For each response set that the scale may be answered with.
    BySet(Vec<(usize, [f64; 2])>),
    /// Counts have none.
    Unbounded,
}

/// A value below which a note is printed; never a norm.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NoteBelow {
    /// Scores below it get the note.
    pub value: f64,
    /// Index of its source.
    pub source: usize,
}

impl Evidence {
    /// The word in the file.
    pub fn id(self) -> &'static str {
        match self {
            Evidence::Verified => "verified",
            Evidence::Recalled => "recalled",
            Evidence::Inferred => "inferred",
        }
    }
}

impl Instrument {
    /// The title in English, or in whatever language there is.
    pub fn name(&self) -> &str {
        text(&self.title).unwrap_or(&self.id)
    }

    /// The form with this id.
    pub fn form(&self, id: &str) -> Option<usize> {
        self.forms.iter().position(|form| form.id == id)
    }

    /// The response set with this id.
    pub fn response_set(&self, id: &str) -> Option<usize> {
        self.responses.iter().position(|set| set.id == id)
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }

    /// The item a person means by an id or by its number on the form.
    pub fn item_named(&self, name: &str) -> Option<usize> {
        self.item(name.trim()).or_else(|| {
            let number: usize = name.trim().parse().ok()?;
            (1..=self.items.len()).contains(&number).then(|| number - 1)
        })
    }

    /// The scales that hold for a form.
    pub fn scales_of(&self, form: usize) -> impl Iterator<Item = &Scale> {
        self.scales.iter().filter(move |scale| scale.forms.contains(&form))
    }

    /// The ids of all scales, each once, in the order of the definition.
    pub fn scale_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for scale in &self.scales {
            if !ids.contains(&scale.id.as_str()) {
                ids.push(&scale.id);
            }
        }
        ids
    }

    /// Whether all forms are scored alike: the same scales and the same answers.
    pub fn forms_share_one_key(&self) -> bool {
        let key = |form: usize| -> Vec<_> {
            self.scales_of(form)
                .map(|scale| (&scale.id, &scale.items, scale.score, scale.min_answered))
                .collect()
        };
        let alike = |(at, form): (usize, &Form)| {
            form.template.is_none() && form.responses == self.forms[0].responses && key(at) == key(0)
        };
        self.forms.iter().enumerate().all(alike)
    }

    /// The set of answers of an item on a form, where `chosen` replaces the form's own set.
    pub fn answers_of(&self, item: usize, form: usize, chosen: Option<usize>) -> usize {
        self.items[item].responses.or(chosen).unwrap_or(self.forms[form].responses)
    }

    /// The weakest evidence among the keys of a form's scales, or of all.
    pub fn evidence(&self, form: Option<usize>) -> Evidence {
        let of = |scale: &&Scale| form.is_none_or(|form| scale.forms.contains(&form));
        let rank = |scale: &Scale| scale.evidence as u8;
        self.scales
            .iter()
            .filter(of)
            .max_by_key(|scale| rank(scale))
            .map_or(Evidence::Verified, |scale| scale.evidence)
    }
}

impl Scale {
    /// The title in English, or in whatever language there is, or the id.
    pub fn name(&self) -> &str {
        text(&self.title).unwrap_or(&self.id)
    }
}

/// The English text, or whatever language there is.
fn text(texts: &Texts) -> Option<&str> {
    texts.get("en").or_else(|| texts.values().next()).map(String::as_str)
}
