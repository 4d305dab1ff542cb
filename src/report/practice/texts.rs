//! The texts of the report for practice, one file a language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::report::figures::CourseWords;
use crate::report::format::{Decimal, Kind, printed};
use crate::report::model::PageWords;
use crate::report::study::Study;
use crate::study::Language;

/// The texts of a language.
pub(super) struct Texts(BTreeMap<String, String>);

static EN: LazyLock<Texts> = LazyLock::new(|| Texts::read(include_str!("en.toml")));
static ES: LazyLock<Texts> = LazyLock::new(|| Texts::read(include_str!("es.toml")));

impl Texts {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Texts {
        match language {
            Language::En => &EN,
            Language::Es => &ES,
        }
    }

    fn read(text: &str) -> Texts {
        // The files are part of the program and read by a test.
        Texts(toml::from_str(text).unwrap_or_default())
    }

    /// A text as it stands.
    pub fn get(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// A text with its words in braces filled in.
    pub fn say(&self, key: &str, words: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let text = self.get(key);
        let mut rest = text.as_str();
        // One pass, so that braces in what is filled in stay as they are.
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(words.iter().find(|(word, _)| *word == name).map_or("", |(_, value)| value));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// What stands before decimals.
    fn decimal(&self) -> Decimal {
        if self.get("decimal") == "," { Decimal::Comma } else { Decimal::Point }
    }

    /// A number as the language prints it.
    pub fn number(&self, value: f64, kind: Kind) -> String {
        printed(value, kind, self.decimal())
    }

    /// A count to expect: `0.3`, or `under 0.1` as `< 0.1`.
    pub fn expected(&self, value: f64) -> String {
        let text = if value < 0.05 { "< 0.1".to_owned() } else { format!("{value:.1}") };
        self.decimal().mark(&text)
    }

    /// An informant's word in the language, where it is one that the instruments use; otherwise the file's own.
    pub fn role(&self, word: &str) -> String {
        self.0.get(&format!("role_{word}")).cloned().unwrap_or_else(|| word.to_owned())
    }

    /// The title of a scale in the language, or its id.
    pub fn scale(&self, study: &Study, scale: usize) -> String {
        let id = &study.sample.plan.scales[scale].id;
        let instruments = study.sample.layout.passes.iter().map(|pass| &pass.instrument);
        let found = instruments.flat_map(|instrument| &instrument.scales).find(|scale| scale.id == *id);
        found.and_then(|scale| scale.title.get(&self.get("lang"))).unwrap_or(id).clone()
    }

    /// What a page says around its parts.
    pub fn page(&self) -> PageWords {
        PageWords {
            lang: self.get("lang"),
            decimal: self.decimal(),
            note: self.get("page_note"),
            table: self.get("page_table"),
            figure: self.get("page_figure"),
            contents: self.get("page_contents"),
            notes: self.get("page_notes"),
            numbers: self.get("page_numbers"),
            rows_left_out: self.get("page_rows_left_out"),
        }
    }

    /// What stands in pictures of courses.
    pub fn course(&self) -> CourseWords {
        let heads = ["dyad", "role", "session", "score", "lower", "upper", "mark"];
        CourseWords {
            decimal: self.decimal(),
            session: self.get("session"),
            new_worker: self.get("new_worker"),
            dyad: self.get("dyad"),
            key: self.get("figure_key"),
            description: self.get("figure_description"),
            heads: heads.map(|head| self.get(&format!("head_{head}"))),
            marks: ["fall", "rupture", "repair"].map(|mark| self.get(&format!("mark_{mark}"))),
            codes: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{CAREGIVERS, WORKERS};
    use super::*;

    fn holes(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    /// Keys that the program asks for, in the sources of this folder.
    fn asked() -> BTreeSet<String> {
        let sources = [
            include_str!("mod.rs"),
            include_str!("pages.rs"),
            include_str!("prompts.rs"),
            include_str!("effects.rs"),
            include_str!("texts.rs"),
            include_str!("three.rs"),
        ];
        let mut keys = BTreeSet::new();
        for source in sources {
            let code = source.split("#[cfg(test)]").next().unwrap();
            for piece in code
                .split(".get(\"")
                .skip(1)
                .chain(code.split(".say(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')))
            {
                keys.insert(piece.split('"').next().unwrap().to_owned());
            }
        }
        keys
    }

    #[test]
    fn both_languages_are_complete_and_alike() {
        let (en, es) = (&Texts::of(Language::En).0, &Texts::of(Language::Es).0);
        assert_eq!(en.keys().collect::<Vec<_>>(), es.keys().collect::<Vec<_>>());
        for (key, text) in en {
            assert_eq!(holes(text), holes(&es[key]), "{key}");
            assert!(!text.trim().is_empty() && !es[key].trim().is_empty(), "{key}");
        }
        for key in asked() {
            assert!(en.contains_key(&key), "{key} is asked for, and in no catalogue");
        }
        let asked = asked();
        let built = |key: &str| {
            ["head_", "mark_", "role_", "signal_", "three_", "threshold_"]
                .iter()
                .any(|start| key.starts_with(start))
        };
        let idle: Vec<&String> = en.keys().filter(|key| !asked.contains(*key) && !built(key)).collect();
        assert!(idle.is_empty(), "nobody asks for {idle:?}");
        let same: Vec<&String> =
            en.iter().filter(|(key, text)| es[*key] == **text).map(|(key, _)| key).collect();
        assert_eq!(same, ["effects_nap"], "not translated");
        for role in CAREGIVERS.iter().chain(&WORKERS) {
            assert!(en.contains_key(&format!("role_{role}")), "{role}");
        }
    }

    #[test]
    fn nothing_judges() {
        for texts in [Texts::of(Language::En), Texts::of(Language::Es)] {
            for (key, text) in &texts.0 {
                let text = text.to_lowercase();
                for word in [
                    "risk", "riesgo", "danger", "peligro", "alarm", "alert", "good", "bad ", "bueno",
                    "mala ", "should", "debe",
                ] {
                    assert!(!text.contains(word), "{key}: {word}");
                }
            }
        }
    }

    #[test]
    fn braces_in_data_stay() {
        assert_eq!(Texts::of(Language::En).say("dyad", &[("dyad", "{x}")]), "Dyad {x}");
    }
}
