//! The plan for reading a file: what every column is, and which form every row belongs to.

use std::sync::Arc;

use super::batch::NO_FORM;
use super::cell::CellSpec;
use super::choice::Choice;
use super::dialect::{Dialect, Said};
use super::filter::Filter;
use super::fold::{Fold, folds};
use super::header::Header;
use super::keys::Key;
use super::labels::Labels;
use super::map::ColumnMap;
use super::missing::MissingCodes;
use super::pass::{FormRule, Pass, Slot, pass, slot, unused_words};
use super::pattern::Pattern;
use super::words::{WordMap, word_maps};
use crate::error::Error;
use crate::instrument::Instrument;

/// What becomes of a cell that is no allowed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInvalid {
    /// No scores are written.
    #[default]
    Reject,
    /// The cell is missing, with the reason `rejected`.
    Missing,
}

/// What the user says about a file. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// How the file is written.
    pub said: Said,
    /// The form of all rows, or the rows to keep where there is a role column: `FORM` or `INSTRUMENT=FORM`.
    pub form: Vec<(Option<String>, String)>,
    /// Words of the role column and the form each means.
    pub roles: Vec<(String, String)>,
    /// Another response set than the forms' own: `SET` or `INSTRUMENT=SET`.
    pub responses: Vec<(Option<String>, String)>,
    /// Patterns for item columns.
    pub items: Vec<Pattern>,
    /// Words for sessions in the names of columns, and the session each means.
    pub sessions: Vec<(String, String)>,
    /// A column map.
    pub map: Option<ColumnMap>,
    /// Key columns by name.
    pub keys: Vec<(Key, String)>,
    /// Other columns to carry along.
    pub keep: Vec<String>,
    /// Which rows count.
    pub filters: Vec<Filter>,
    /// Words that stand for answers.
    pub labels: Option<Labels>,
    /// Codes that mean a missing answer.
    pub missing_codes: MissingCodes,
    /// What becomes of a cell that is no allowed answer.
    pub on_invalid: OnInvalid,
}

/// Why a column is read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is a key; `assumed` if its name was recognised and nobody named it.
    Key {
        /// Which key.
        key: Key,
        /// Whether it was recognised by name.
        assumed: bool,
    },
    /// It is carried along.
    Kept,
    /// Rows are chosen by it.
    Filter,
    /// It says from which of several files a row is.
    File,
}

/// A column that is read as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextColumn {
    /// Index of the column in the file; none if the rows have a word of their own, such as the role that the names of
    /// a wide file's columns say.
    pub column: Option<usize>,
    /// Its name in the file.
    pub name: String,
    /// Why it is read.
    pub why: Why,
    /// Whether a key's column is also the one that `--cluster` names.
    pub clusters: bool,
}

/// What a column of the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Nothing,
    /// The cell of a slot in one of the rows that a record unfolds into.
    Item {
        slot: usize,
        fold: usize,
    },
    Text(usize),
}

/// The plan for reading a file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Name of the file, for findings.
    pub file: String,
    /// Which of several files it is.
    pub source: usize,
    /// How the file is written.
    pub dialect: Dialect,
    /// The instruments.
    pub passes: Vec<Pass>,
    /// The items, instrument after instrument.
    pub slots: Vec<Slot>,
    /// Keys, then kept columns, each in the order of the file; then columns that only filter.
    pub texts: Vec<TextColumn>,
    /// Index into `texts` of the role column.
    pub role: Option<usize>,
    /// Words that stand for answers, for each response set that has any.
    pub words: Vec<Arc<WordMap>>,
    /// Codes that mean a missing answer.
    pub missing: MissingCodes,
    /// What becomes of a cell that is no allowed answer.
    pub on_invalid: OnInvalid,
    /// Names of the columns.
    pub names: Vec<String>,
    /// How many columns have no name and are skipped.
    pub unnamed: usize,
    /// Things to tell the user.
    pub notes: Vec<String>,
    /// Patterns for item columns, as the user gave them.
    pub patterns: Vec<Pattern>,
    /// What a record unfolds into: one row, or in a wide file one for each role and session, in the order of the output.
    pub folds: Vec<Fold>,
    /// Indices into `texts` of those that have no column.
    pub(super) worded: Vec<usize>,
    /// For each filter: index into `texts`, and the filter.
    pub(super) filters: Vec<(usize, Filter)>,
    /// Those of the filters that look at a column.
    pub(super) row_filters: Vec<(usize, Filter)>,
    pub(super) width: usize,
    pub(super) uses: Vec<Use>,
    /// How many columns hold items.
    pub(super) item_columns: u64,
    /// Whether every item is read alike on all forms, so that a row can be read before its form is known.
    pub(super) uniform: bool,
}

impl Layout {
    /// Matches a file's header to the instruments of a pass.
    ///
    /// # Errors
    /// A usage error where the user's words do not fit the file or the instruments; findings where the columns do not.
    pub fn new(
        file: &str,
        header: &Header,
        dialect: &Dialect,
        instruments: &[Arc<Instrument>],
        options: &Options,
    ) -> Result<Layout, Error> {
        let mut choice = Choice::new(header, options);
        let mut texts = choice.keys(instruments)?;
        let parts = choice.items(instruments)?;
        choice.kept(&mut texts)?;
        let filters = choice.filters(&mut texts)?;
        let has_column = |(text, _): &(usize, Filter)| texts[*text].column.is_some();
        let row_filters = filters.iter().filter(|filter| has_column(filter)).cloned().collect();
        let role = texts.iter().position(|text| matches!(text.why, Why::Key { key: Key::Role, .. }));
        let mut layout = Layout {
            file: file.to_owned(),
            source: 0,
            dialect: dialect.clone(),
            passes: Vec::new(),
            slots: Vec::new(),
            worded: (0..texts.len()).filter(|text| texts[*text].column.is_none()).collect(),
            texts,
            role,
            words: Vec::new(),
            missing: options.missing_codes.clone(),
            on_invalid: options.on_invalid,
            names: header.names.clone(),
            unnamed: header.names.iter().filter(|name| name.is_empty()).count(),
            notes: choice.notes,
            patterns: options.items.clone(),
            folds: Vec::new(),
            filters,
            row_filters,
            width: header.names.len(),
            uses: vec![Use::Nothing; header.names.len()],
            item_columns: 0,
            uniform: true,
        };
        for (at, instrument) in instruments.iter().enumerate() {
            let pass =
                pass(instrument, instruments.len(), layout.role.is_some(), layout.slots.len(), options)?;
            for item in 0..instrument.items.len() {
                // Every item has a column in some part: the first.
                let column = parts.iter().find_map(|part| part.columns[at][item]).unwrap_or_default();
                layout.slots.push(slot(&pass, at, item, column, &options.missing_codes)?);
            }
            layout.passes.push(pass);
        }
        unused_words(instruments, options)?;
        layout.words = word_maps(&layout.passes, &layout.slots, options.labels.as_ref())?;
        layout.folds = folds(&layout, header, parts)?;
        layout.assign();
        Ok(layout)
    }

    /// Writes down what every column is for.
    pub(super) fn assign(&mut self) {
        self.uses.fill(Use::Nothing);
        for (fold, of) in self.folds.iter().enumerate() {
            for (slot, column) in of.columns.iter().enumerate() {
                if let Some(column) = column {
                    self.uses[*column] = Use::Item { slot, fold };
                }
            }
        }
        for (text, of) in self.texts.iter().enumerate() {
            if let Some(column) = of.column {
                self.uses[column] = Use::Text(text);
            }
        }
        self.item_columns = self.uses.iter().filter(|of| matches!(of, Use::Item { .. })).count() as u64;
        let alike = |slot: &Slot| slot.specs.iter().all(|spec| spec == &slot.specs[0]);
        let known = |fold: &Fold| fold.forms.is_some();
        self.uniform = self.folds.iter().all(known) || self.slots.iter().all(alike);
    }

    /// Whether a record holds the answers of several roles or sessions.
    pub fn is_wide(&self) -> bool {
        self.folds.iter().any(|fold| fold.role.is_some() || fold.session.is_some())
    }

    /// The names of the columns that are used for nothing.
    pub fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = |(name, of): &(&String, &Use)| **of == Use::Nothing && !name.is_empty();
        self.names.iter().zip(&self.uses).filter(unused).map(|(name, _)| name.as_str())
    }

    /// The roles that the names of the columns say, and the name of the form each means for every instrument.
    pub fn roles_in_names(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        let forms = |forms: &Vec<u8>| -> Vec<String> {
            let name = |(at, form): (usize, &u8)| {
                self.form_name(at, (*form != NO_FORM).then_some(usize::from(*form))).to_owned()
            };
            forms.iter().enumerate().map(name).collect()
        };
        self.folds.iter().filter_map(move |fold| Some((fold.role.clone()?, forms(fold.forms.as_ref()?))))
    }

    /// What an item's column is called: its name, or in a wide file, where it has many, the item's id.
    pub fn item_name(&self, slot: usize) -> &str {
        let of = &self.slots[slot];
        if self.is_wide() {
            &self.passes[of.pass].instrument.items[of.item].id
        } else {
            &self.names[of.column]
        }
    }

    /// The column of a slot in one of the rows that a record unfolds into.
    pub fn column(&self, slot: usize, fold: usize) -> Option<usize> {
        self.folds[fold].columns[slot]
    }

    /// How the cells of a slot are read, where that is the same for all forms or the form is known.
    pub(super) fn spec(&self, slot: usize, fold: usize) -> &CellSpec {
        let of = &self.slots[slot];
        let form = self.folds[fold].forms.as_ref().map_or(0, |forms| usize::from(forms[of.pass]));
        of.specs.get(form).unwrap_or(&of.specs[0])
    }

    /// The forms that a word of the role column means, one for each instrument.
    pub(super) fn forms_of_role(&self, word: &str) -> Vec<u8> {
        let word = word.trim().to_lowercase();
        let form = |pass: &Pass| match pass.form {
            FormRule::Fixed(form) if pass.only.is_none() => form as u8,
            FormRule::Unspecified => 0,
            _ => {
                let given = pass.roles.iter().find(|(given, _)| *given == word).map(|(_, form)| *form);
                let own = || pass.instrument.forms.iter().position(|form| form.takes(&word));
                given.or_else(own).map_or(NO_FORM, |form| form as u8)
            }
        };
        self.passes.iter().map(form).collect()
    }

    /// Whether a word of the role column means a form of some instrument.
    pub fn knows_role(&self, word: &str) -> bool {
        self.forms_of_role(word).iter().any(|form| *form != NO_FORM)
    }

    /// The forms of a row where no role column says them.
    pub(super) fn fixed_forms(&self) -> Vec<u8> {
        let form = |pass: &Pass| match pass.form {
            FormRule::Fixed(form) => form as u8,
            FormRule::Unspecified => 0,
            FormRule::ByRole => NO_FORM,
        };
        self.passes.iter().map(form).collect()
    }

    /// The columns of the output's keys and of the kept columns, by index into `texts`.
    pub fn carried(&self) -> impl Iterator<Item = usize> {
        (0..self.texts.len()).filter(|text| self.texts[*text].why != Why::Filter)
    }

    /// The filters, as the user gave them.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.filters.iter().map(|(_, filter)| filter)
    }

    /// The name of the form of a row: the form's id, or `unspecified`, or nothing.
    pub fn form_name(&self, pass: usize, form: Option<usize>) -> &str {
        match (&self.passes[pass].form, form) {
            (FormRule::Unspecified, _) => "unspecified",
            (_, Some(form)) => &self.passes[pass].instrument.forms[form].id,
            (_, None) => "",
        }
    }
}
