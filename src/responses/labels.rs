//! `--labels`: a small table of words that stand for answers.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::cell::number;
use super::sheet::Sheet;
use crate::finding::{Code, Finding, Findings, Place};

/// Words that stand for answers, as a user brings them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// Name of their file.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub digest: String,
    /// The words.
    pub entries: Vec<Label>,
}

/// A word that stands for an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Its line in the file.
    pub line: u64,
    /// The response set, as `SET` or `INSTRUMENT.SET`; every set in use if empty.
    pub set: String,
    /// The answer it stands for.
    pub value: f64,
    /// The word.
    pub text: String,
    /// Its language, if it is said.
    pub language: String,
}

impl Labels {
    /// Reads labels: a table with the columns `value` and `label`, and where needed `responses` (a response set) and
    /// `language`.
    ///
    /// # Errors
    /// Every line that cannot be used, two labels for one value and two values for one label in one language.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Labels, Findings> {
        let sheet = Sheet::read(name, bytes)?;
        let (Some(value), Some(label)) = (sheet.column(&["value"]), sheet.column(&["label"])) else {
            let message =
                "labels have the columns `value` and `label`, and may have `responses` and `language`";
            let found = format!("found: {}", sheet.columns.join(", "));
            return Err(Finding::problem(Code::BadLabels, sheet.place(1), message).help(found).into());
        };
        let set = sheet.column(&["responses", "response_set", "set"]);
        let language = sheet.column(&["language", "lang"]);
        let mut findings = Findings::keeping_all();
        let mut entries = Vec::new();
        for (line, cells) in &sheet.rows {
            let optional = |column: Option<usize>| column.map_or(String::new(), |at| cells[at].clone());
            let text = cells[label].clone();
            let number_of = |cell: &str| number(cell.as_bytes(), true);
            let message = match (number_of(&cells[value]), number_of(&text)) {
                (None, _) => format!("the value `{}` is not a number", cells[value]),
                (Some(_), _) if text.is_empty() => format!("the value {} has no label", cells[value]),
                (Some(value), Some(other)) if value != other => {
                    format!("the label `{text}` is itself a number, and not the value it stands for")
                }
                (Some(value), _) => {
                    let (set, language) = (optional(set), optional(language).to_lowercase());
                    entries.push(Label { line: *line, set, value, text, language });
                    continue;
                }
            };
            let help = "a word for a missing answer is named with --missing-codes";
            findings.push(Finding::problem(Code::BadLabels, sheet.place(*line), message).help(help));
        }
        let labels =
            Labels { name: name.to_owned(), digest: blake3::hash(bytes).to_hex().to_string(), entries };
        labels.contradictions(&mut findings);
        if findings.problems() > 0 { Err(findings) } else { Ok(labels) }
    }

    /// The place of a label.
    pub(super) fn place(&self, label: &Label) -> Place {
        Place { line: Some(label.line), column: Some("label".to_owned()), ..Place::file(&self.name) }
    }

    /// Two labels for one value, and two values for one label, in one set and language.
    fn contradictions(&self, findings: &mut Findings) {
        let mut values: BTreeMap<(&str, &str, u64), &Label> = BTreeMap::new();
        let mut words: BTreeMap<(&str, &str, String), &Label> = BTreeMap::new();
        for label in &self.entries {
            let (set, language, word) =
                (label.set.as_str(), label.language.as_str(), fold_label(&label.text));
            let mut conflict = |other: &Label, what: String| {
                let message = format!("{what}, as line {} says otherwise", other.line);
                let help =
                    "one language has one label for each value; write further languages with their name";
                findings.push(Finding::problem(Code::LabelConflict, self.place(label), message).help(help));
            };
            let value = (label.value + 0.0).to_bits(); // no negative zero
            let first = *values.entry((set, language, value)).or_insert(label);
            if fold_label(&first.text) != word {
                conflict(first, format!("a second label `{}` for the value {}", label.text, label.value));
            }
            let first = *words.entry((set, language, word)).or_insert(label);
            if first.value != label.value {
                conflict(first, format!("a second value {} for the label `{}`", label.value, label.text));
            }
        }
    }
}

/// A word as it is compared: whatever its case, accents and space.
pub fn fold_label(text: &str) -> String {
    let plain =
        text.nfkd().filter(|c| !is_combining_mark(*c) && *c != '\u{feff}').flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in plain {
        if c.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            folded.push(' ');
        }
        folded.push(c);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        for text in ["A menudo", "  a  MENUDO ", "á\u{a0}menudó", "a\u{301} menudo\n"] {
            assert_eq!(fold_label(text), "a menudo", "{text}");
        }
        assert_eq!(fold_label("ÑANDÚ"), "nandu");
    }

    #[test]
    fn labels_are_read_and_their_mistakes_are_named() {
        let bytes =
            "responses;value;label;language\nseven;1;Nunca;ES\nseven;7;Siempre;es\nseven;1;Never;en\n";
        let labels = Labels::parse("l.csv", bytes.as_bytes()).unwrap();
        assert_eq!((labels.entries[1].value, labels.entries[1].text.as_str()), (7.0, "Siempre"));
        assert_eq!(labels.entries[0].language, "es");
        let codes = |text: &str| {
            let findings = Labels::parse("l.csv", text.as_bytes()).unwrap_err();
            findings.kept().iter().map(|f| (f.code, f.place.line.unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(codes("value,text\n1,a\n"), [(Code::BadLabels, 1)]);
        assert_eq!(codes("value,label\nx,a\n2,\n3,4\n5,5\n"), [2, 3, 4].map(|line| (Code::BadLabels, line)));
        assert_eq!(codes("value,label\n1,never\n1,NÉVER\n1,not ever\n"), [(Code::LabelConflict, 4)]);
        assert_eq!(codes("value,label\n1,never\n2,Never \n"), [(Code::LabelConflict, 3)]);
    }
}
