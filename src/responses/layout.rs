//! The plan for reading a file: what every column is, and which form every row belongs to.

use std::sync::Arc;

use super::batch::NO_FORM;
use super::cell::CellSpec;
use super::columns::{Given, Pattern, match_items};
use super::dialect::{Dialect, Said};
use super::filter::Filter;
use super::header::Header;
use super::keys::Key;
use super::labels::Labels;
use super::map::ColumnMap;
use super::missing::MissingCodes;
use super::words::{WordMap, word_maps};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::instrument::{Instrument, fold_name};

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
#[derive(Debug, Clone, Default)]
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

/// How the form of a row is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormRule {
    /// All rows are of this form.
    Fixed(usize),
    /// All forms are scored alike, and nothing says which it is.
    Unspecified,
    /// The role column says it.
    ByRole,
}

/// One instrument of a pass over a file.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    /// Another response set than the forms' own.
    pub responses: Option<usize>,
    /// How the form of a row is known.
    pub form: FormRule,
    /// Only rows of this form count.
    pub only: Option<usize>,
    /// Its first slot; its items follow in order.
    pub first_slot: usize,
    /// Words of the role column that the user gave a form, folded.
    roles: Vec<(String, usize)>,
}

/// An item of a pass and its column.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Index of the pass.
    pub pass: usize,
    /// Index of the item in its instrument.
    pub item: usize,
    /// Index of the column in the file.
    pub column: usize,
    /// How its cells are read, for each form.
    pub specs: Vec<CellSpec>,
}

impl Slot {
    /// Whether its answers are points (the same for all forms).
    pub fn is_points(&self) -> bool {
        self.specs[0].points > 0
    }
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
}

/// A column that is read as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextColumn {
    /// Index of the column in the file.
    pub column: usize,
    /// Its name in the file.
    pub name: String,
    /// Why it is read.
    pub why: Why,
}

/// What a column of the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Nothing,
    Item(usize),
    Text(usize),
}

/// The plan for reading a file.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Name of the file, for findings.
    pub file: String,
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
    /// For each filter: index into `texts`, and the filter.
    pub(super) filters: Vec<(usize, Filter)>,
    pub(super) width: usize,
    pub(super) uses: Vec<Use>,
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
        let mut plan = Plan { header, options, taken: vec![false; header.names.len()] };
        let keys = plan.keys(instruments)?;
        let columns = plan.items(instruments)?;
        let mut texts = keys;
        plan.kept(&mut texts)?;
        let filters = plan.filters(&mut texts)?;
        let role = texts.iter().position(|text| matches!(text.why, Why::Key { key: Key::Role, .. }));
        let mut layout = Layout {
            file: file.to_owned(),
            dialect: dialect.clone(),
            passes: Vec::new(),
            slots: Vec::new(),
            texts,
            role,
            words: Vec::new(),
            missing: options.missing_codes.clone(),
            on_invalid: options.on_invalid,
            names: header.names.clone(),
            unnamed: header.names.iter().filter(|name| name.is_empty()).count(),
            notes: columns.notes,
            filters,
            width: header.names.len(),
            uses: vec![Use::Nothing; header.names.len()],
            uniform: true,
        };
        for (at, instrument) in instruments.iter().enumerate() {
            let pass =
                pass(instrument, instruments.len(), layout.role.is_some(), layout.slots.len(), options)?;
            for (item, column) in columns.of[at].iter().enumerate() {
                layout.slots.push(slot(&pass, at, item, *column, &options.missing_codes)?);
            }
            layout.passes.push(pass);
        }
        unused_words(instruments, options)?;
        layout.words = word_maps(&layout.passes, &layout.slots, options.labels.as_ref())?;
        for (slot, of) in layout.slots.iter().enumerate() {
            layout.uses[of.column] = Use::Item(slot);
            layout.uniform &= of.specs.iter().all(|spec| spec == &of.specs[0]);
        }
        for (text, of) in layout.texts.iter().enumerate() {
            layout.uses[of.column] = Use::Text(text);
        }
        Ok(layout)
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

/// The way to a layout: which columns are spoken for so far.
struct Plan<'a> {
    header: &'a Header,
    options: &'a Options,
    taken: Vec<bool>,
}

struct Columns {
    of: Vec<Vec<usize>>,
    notes: Vec<String>,
}

impl Plan<'_> {
    /// The column a user names, taken or not.
    fn column(&self, option: &str, name: &str) -> Result<usize, Error> {
        let folded = fold_name(name);
        let exact = || (0..self.header.names.len()).filter(|at| self.header.names[*at] == name.trim());
        let alike = || (0..self.header.names.len()).filter(|at| self.header.folded[*at] == folded);
        let found: Vec<usize> = if exact().next().is_some() { exact().collect() } else { alike().collect() };
        match found[..] {
            [column] if !folded.is_empty() => Ok(column),
            [] => {
                let names = self.header.names.iter().map(String::as_str).filter(|name| !name.is_empty());
                let help = match near(name, names.clone()).first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the file has: {}", names.take(20).collect::<Vec<_>>().join(", ")),
                };
                Err(Error::usage_help(format!("{option}: the file has no column `{name}`"), help))
            }
            _ => Err(Error::usage(format!("{option}: the file has more than one column `{name}`"))),
        }
    }

    /// Key columns in the order of the file: named by option or map, else recognised by name.
    fn keys(&mut self, instruments: &[Arc<Instrument>]) -> Result<Vec<TextColumn>, Error> {
        let mut keys: Vec<(usize, Key, bool)> = Vec::new();
        for (key, name) in &self.options.keys {
            keys.push((self.column(&format!("--{}", key.id()), name)?, *key, false));
        }
        for (line, column, what) in self.options.map.iter().flat_map(|map| &map.entries) {
            let Some(key) = Key::ALL.into_iter().find(|key| key.id() == fold_name(what)) else { continue };
            if instruments.iter().any(|instrument| instrument.item_named(what).is_some()) {
                continue;
            }
            keys.push((self.mapped_column(*line, column)?, key, false));
        }
        for key in Key::ALL {
            if keys.iter().any(|(_, have, _)| *have == key) {
                continue;
            }
            let free = |column: usize| !keys.iter().any(|(taken, ..)| *taken == column);
            let known = key.well_known().iter().find_map(|name| {
                (0..self.header.folded.len())
                    .find(|column| self.header.folded[*column] == *name && free(*column))
            });
            if let Some(column) = known {
                keys.push((column, key, true));
            }
        }
        for (at, (column, key, _)) in keys.iter().enumerate() {
            if let Some((_, other, _)) = keys[..at].iter().find(|(taken, ..)| taken == column) {
                let name = &self.header.names[*column];
                let message = format!("the column `{name}` cannot be both {} and {}", other.id(), key.id());
                return Err(Error::usage(message));
            }
            self.taken[*column] = true;
        }
        self.no_duplicates(keys.iter().map(|(column, ..)| *column))?;
        keys.sort_by_key(|(column, ..)| *column);
        let text = |(column, key, assumed)| TextColumn {
            column,
            name: self.header.names[column].clone(),
            why: Why::Key { key, assumed },
        };
        Ok(keys.into_iter().map(text).collect())
    }

    /// A repeated name matters where the column is in use.
    fn no_duplicates(&self, columns: impl Iterator<Item = usize>) -> Result<(), Error> {
        let mut findings = Findings::keeping_all();
        for column in columns {
            let folded = &self.header.folded;
            if let Some(other) = (0..folded.len()).find(|at| *at != column && folded[*at] == folded[column]) {
                let message = format!("the column `{}` occurs twice", self.header.names[column]);
                let place = self.header.place(Some(column.max(other)));
                let finding = Finding::problem(Code::DuplicateColumn, place, message);
                findings.push(finding.help("remove or rename one of them"));
            }
        }
        if findings.is_empty() { Ok(()) } else { Err(Error::data(findings)) }
    }

    fn mapped_column(&self, line: u64, column: &str) -> Result<usize, Error> {
        self.column("--map", column).map_err(|error| match (&self.options.map, error) {
            (Some(map), Error::Usage { message, help }) => {
                let finding = Finding::problem(Code::BadMap, map.place(line), message);
                Error::definition(Finding { help, ..finding })
            }
            (_, error) => error,
        })
    }

    /// The columns of all items of all instruments.
    fn items(&mut self, instruments: &[Arc<Instrument>]) -> Result<Columns, Error> {
        let mapped = self.mapped_items(instruments)?;
        for column in mapped.iter().flatten().flatten() {
            self.taken[*column] = true;
        }
        let mut columns = Columns { of: Vec::new(), notes: Vec::new() };
        let mut found: Vec<Vec<Option<usize>>> = Vec::new();
        let mut findings = Findings::keeping_all();
        for (at, instrument) in instruments.iter().enumerate() {
            let pattern = self.options.items.iter().find(|pattern| match &pattern.instrument {
                Some(id) => *id == instrument.id,
                None => true,
            });
            let given = Given { mapped: mapped[at].clone(), taken: &self.taken, pattern };
            let matched = match_items(instrument, self.header, &given);
            columns.notes.extend(matched.notes);
            findings.append(matched.findings);
            found.push(matched.columns);
        }
        let mut owner: Vec<Option<(usize, usize)>> = vec![None; self.header.names.len()];
        for (at, of) in found.iter().enumerate() {
            for (item, column) in
                of.iter().enumerate().filter_map(|(item, column)| Some((item, column.as_ref()?)))
            {
                if let Some((other, _)) = owner[*column] {
                    let message = format!(
                        "the column `{}` would serve both {} and {}",
                        self.header.names[*column], instruments[other].id, instruments[at].id
                    );
                    let place = self.header.place(Some(*column));
                    let finding = Finding::problem(Code::ColumnClaimedTwice, place, message);
                    findings.push(finding.help(format!(
                        "say which columns are whose: --items '{}=NAME_{{item}}', or --map",
                        instruments[at].id
                    )));
                }
                owner[*column] = Some((at, item));
            }
        }
        if findings.problems() > 0 {
            return Err(Error::data(findings));
        }
        columns.of = found.into_iter().map(|of| of.into_iter().flatten().collect()).collect();
        for column in columns.of.iter().flatten() {
            self.taken[*column] = true;
        }
        Ok(columns)
    }

    fn mapped_items(&self, instruments: &[Arc<Instrument>]) -> Result<Vec<Vec<Option<usize>>>, Error> {
        let mut mapped: Vec<Vec<Option<usize>>> =
            instruments.iter().map(|instrument| vec![None; instrument.items.len()]).collect();
        let Some(map) = &self.options.map else { return Ok(mapped) };
        let mut findings = Findings::keeping_all();
        for (line, column, what) in &map.entries {
            let (owner, name) = match what.split_once('.') {
                Some((id, name)) => (Some(id), name),
                None => (None, what.as_str()),
            };
            let places: Vec<(usize, usize)> = instruments
                .iter()
                .enumerate()
                .filter(|(_, instrument)| owner.is_none_or(|id| id == instrument.id))
                .filter_map(|(at, instrument)| Some((at, instrument.item_named(name)?)))
                .collect();
            let problem = |message: String| Finding::problem(Code::BadMap, map.place(*line), message);
            match places[..] {
                [(at, item)] => {
                    let column = self.mapped_column(*line, column)?;
                    if mapped[at][item].is_some() {
                        findings.push(problem(format!("a second column for `{what}`")));
                    }
                    mapped[at][item] = Some(column);
                }
                [] if Key::ALL.iter().any(|key| key.id() == fold_name(what)) => {}
                [] => {
                    let ids: Vec<&str> =
                        instruments.iter().flat_map(|i| &i.items).map(|item| item.id.as_str()).collect();
                    let keys = Key::ALL.map(Key::id);
                    let close = near(what, ids.iter().copied().chain(keys));
                    let help = match close.first() {
                        Some(close) => format!("did you mean `{close}`?"),
                        None => format!("items are {} … or a number; keys are {}", ids[0], keys.join(", ")),
                    };
                    findings.push(problem(format!("`{what}` is neither an item nor a key")).help(help));
                }
                _ => {
                    let help = "write INSTRUMENT.ITEM";
                    findings.push(problem(format!("`{what}` is an item of several instruments")).help(help));
                }
            }
        }
        if findings.problems() > 0 { Err(Error::definition(findings)) } else { Ok(mapped) }
    }

    fn kept(&mut self, texts: &mut Vec<TextColumn>) -> Result<(), Error> {
        let mut kept = Vec::new();
        for name in &self.options.keep {
            let column = self.column("--keep", name)?;
            let is_item = self.taken[column] && !texts.iter().any(|text| text.column == column);
            if is_item {
                return Err(Error::usage(format!("--keep: the column `{name}` is an item")));
            }
            if !texts.iter().any(|text| text.column == column) && !kept.contains(&column) {
                kept.push(column);
            }
        }
        kept.sort_unstable();
        for column in kept {
            self.taken[column] = true;
            texts.push(TextColumn { column, name: self.header.names[column].clone(), why: Why::Kept });
        }
        Ok(())
    }

    fn filters(&mut self, texts: &mut Vec<TextColumn>) -> Result<Vec<(usize, Filter)>, Error> {
        let mut filters = Vec::new();
        for filter in &self.options.filters {
            let column = match self.by_key(&filter.column, texts) {
                Some(column) => column,
                None => self.column("--where", &filter.column)?,
            };
            let text = texts.iter().position(|text| text.column == column);
            if text.is_none() && self.taken[column] {
                return Err(Error::usage(format!("--where: the column `{}` is an item", filter.column)));
            }
            let text = text.unwrap_or_else(|| {
                let name = self.header.names[column].clone();
                texts.push(TextColumn { column, name, why: Why::Filter });
                texts.len() - 1
            });
            filters.push((text, filter.clone()));
        }
        Ok(filters)
    }

    /// `--where dyad=4` also works where the dyad's column has another name.
    fn by_key(&self, name: &str, texts: &[TextColumn]) -> Option<usize> {
        let folded = fold_name(name);
        if self.header.folded.contains(&folded) {
            return None;
        }
        let is = |text: &&TextColumn| matches!(text.why, Why::Key { key, .. } if key.id() == folded);
        texts.iter().find(is).map(|text| text.column)
    }
}

/// What the user says for one instrument: an entry with its id, else one without.
fn said<'a>(entries: &'a [(Option<String>, String)], instrument: &Instrument) -> Option<&'a str> {
    let own = entries.iter().find(|(id, _)| id.as_ref() == Some(&instrument.id));
    own.or_else(|| entries.iter().find(|(id, _)| id.is_none())).map(|(_, word)| word.as_str())
}

fn pass(
    instrument: &Arc<Instrument>,
    of: usize,
    has_role: bool,
    first_slot: usize,
    options: &Options,
) -> Result<Pass, Error> {
    let form_ids = || instrument.forms.iter().map(|form| form.id.as_str()).collect::<Vec<_>>().join(", ");
    let chosen = match said(&options.form, instrument) {
        None => None,
        Some(word) => match instrument.form(word) {
            Some(form) => Some(form),
            // Of several instruments, one may well lack the form; of one, it is a mistake.
            None if of > 1 && instrument.forms.len() == 1 => Some(0),
            None => {
                let message = format!("{} has no form `{word}`", instrument.id);
                return Err(Error::usage_help(message, format!("its forms are: {}", form_ids())));
            }
        },
    };
    let responses =
        said(&options.responses, instrument).map(|word| alternative(instrument, word)).transpose()?;
    let form = match (chosen, has_role) {
        (Some(form), _) => FormRule::Fixed(form),
        (None, true) => FormRule::ByRole,
        (None, false) if instrument.forms.len() == 1 => FormRule::Fixed(0),
        (None, false) if instrument.forms_share_one_key() => FormRule::Unspecified,
        (None, false) => {
            let message = format!(
                "the forms of {} are scored differently, and nothing says which one this is",
                instrument.id
            );
            let help = format!("give --form ({}), or a role column with --role", form_ids());
            return Err(Error::usage_help(message, help));
        }
    };
    let mut roles = Vec::new();
    for (word, form) in &options.roles {
        if let Some(form) = instrument.form(form) {
            roles.push((word.trim().to_lowercase(), form));
        }
    }
    let only = chosen.filter(|_| has_role);
    Ok(Pass { instrument: instrument.clone(), responses, form, only, first_slot, roles })
}

/// A response set chosen with `--responses`: every scale must say its range for it.
fn alternative(instrument: &Instrument, word: &str) -> Result<usize, Error> {
    let fits = |set: usize| {
        instrument.scales.iter().all(|scale| match &scale.range {
            crate::instrument::PossibleRange::BySet(ranges) => ranges.iter().any(|(of, _)| *of == set),
            crate::instrument::PossibleRange::Unbounded => true,
        })
    };
    let fitting: Vec<usize> = (0..instrument.responses.len()).filter(|set| fits(*set)).collect();
    match instrument.response_set(word) {
        Some(set) if fitting.contains(&set) => Ok(set),
        _ => {
            let ids: Vec<&str> = fitting.iter().map(|set| instrument.responses[*set].id.as_str()).collect();
            let message = format!("{} cannot be scored with the response set `{word}`", instrument.id);
            Err(Error::usage_help(message, format!("it can be with: {}", ids.join(", "))))
        }
    }
}

fn slot(pass: &Pass, at: usize, item: usize, column: usize, codes: &MissingCodes) -> Result<Slot, Error> {
    let instrument = &pass.instrument;
    let set = |form| &instrument.responses[instrument.answers_of(item, form, pass.responses)];
    let specs: Vec<CellSpec> = (0..instrument.forms.len()).map(|form| CellSpec::new(set(form))).collect();
    for spec in &specs {
        if let Some(code) = codes.legal_in(&spec.set) {
            let message = format!(
                "--missing-codes: {code} is an answer of {} ({}), so it cannot mean a missing one",
                instrument.id,
                spec.set.describe()
            );
            return Err(Error::usage(message));
        }
    }
    Ok(Slot { pass: at, item, column, specs })
}

/// Options that name an instrument or a form which is not there.
fn unused_words(instruments: &[Arc<Instrument>], options: &Options) -> Result<(), Error> {
    let ids: Vec<&str> = instruments.iter().map(|instrument| instrument.id.as_str()).collect();
    let named = options.form.iter().chain(&options.responses).filter_map(|(id, _)| id.as_deref());
    let patterns = options.items.iter().filter_map(|pattern| pattern.instrument.as_deref());
    for id in named.chain(patterns) {
        if !ids.contains(&id) {
            return Err(Error::usage(format!(
                "`{id}` is not scored here; the instruments are: {}",
                ids.join(", ")
            )));
        }
    }
    let forms: Vec<&str> = instruments.iter().flat_map(|i| &i.forms).map(|form| form.id.as_str()).collect();
    for (word, form) in &options.roles {
        if !forms.contains(&form.as_str()) {
            let help = format!("forms are: {}", forms.join(", "));
            return Err(Error::usage_help(format!("--roles {word}={form}: there is no form `{form}`"), help));
        }
    }
    Ok(())
}
