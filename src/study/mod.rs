//! What a study is: instruments, files, columns, rules, groups, analyses, in one file that a person writes.
//!
//! [`StudyFile`] is the format, read strictly; [`StudyFile::lint`] says which of its names resolve to nothing; [`sketch`]
//! writes a study file from what the data look like. Knows no statistic, and opens no file.

mod file;
mod lint;
mod sketch;

pub use file::{
    About, AnalysesEntry, ColumnsEntry, DataEntry, EventsEntry, GroupsEntry, Identifiers, InstrumentEntry,
    KindWord, LabelEntry, Language, MissingWord, Name, OnInvalidWord, PracticeEntry, PrivacyEntry,
    PromptEntry, ReadingEntry, RulesEntry, StudyFile, StudyFormat, ValidityEntry, When,
};
pub use lint::{Stated, World};
pub use sketch::{MOST_VALUES, SeenColumn, SeenFile, sketch};

use crate::finding::Findings;

/// The first words by which a study file is told from a definition.
pub const FORMAT: &str = "alliance-study/1";

impl StudyFile {
    /// Reads a study file.
    ///
    /// # Errors
    /// Every syntax error, unknown key, missing key and value of the wrong kind, each with its span.
    ///
    /// ```
    /// use alliance_metrics::study::StudyFile;
    /// let text = "schema = \"alliance-study/1\"\nstudy = { title = \"Pilot\" }\n\
    ///             [[instrument]]\nuse = \"wai_s\"\n[[data]]\nfile = \"answers.csv\"\n";
    /// let study = StudyFile::parse("study.toml", text).unwrap();
    /// assert_eq!((study.study.seed, *study.study.level.get_ref()), (1, 0.95));
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<StudyFile, Findings> {
        crate::strict::read(name, text)
    }
}

/// The JSON Schema of the format, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(StudyFile).to_value()
}

/// A count of rows in words.
fn plural_rows(n: u64) -> String {
    format!("{n} {}", if n == 1 { "row" } else { "rows" })
}
