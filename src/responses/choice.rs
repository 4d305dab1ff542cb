//! The way to a layout: which column of a file is a key, an item, or carried along, by the user's words or by its name.

use std::sync::Arc;

use super::columns::{Given, match_items};
use super::filter::Filter;
use super::header::Header;
use super::keys::Key;
use super::layout::{Options, TextColumn, Why};
use super::pattern::Pattern;
use super::wide::{Part, Wide};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, near};
use crate::instrument::{Instrument, fold_name};

/// The way to a layout: which columns are spoken for so far.
pub(super) struct Choice<'a> {
    header: &'a Header,
    options: &'a Options,
    taken: Vec<bool>,
    /// Things to tell the user.
    pub notes: Vec<String>,
}

impl<'a> Choice<'a> {
    pub fn new(header: &'a Header, options: &'a Options) -> Choice<'a> {
        Choice { header, options, taken: vec![false; header.names.len()], notes: Vec::new() }
    }

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

    /// Key columns in the order of the file: named by option or map, else recognised by name. The column of clusters may
    /// be that of another key: the sessions of one dyad go together.
    pub fn keys(&mut self, instruments: &[Arc<Instrument>]) -> Result<Vec<TextColumn>, Error> {
        let mut keys: Vec<(usize, Key, bool)> = Vec::new();
        let mut cluster = None;
        for (key, name) in &self.options.keys {
            let column = self.column(&format!("--{}", key.id()), name)?;
            if *key == Key::Cluster {
                cluster = Some(column);
            } else {
                keys.push((column, *key, false));
            }
        }
        for (line, column, what) in self.options.map.iter().flat_map(|map| &map.entries) {
            let Some(key) = Key::ALL.into_iter().find(|key| key.id() == fold_name(what)) else { continue };
            if instruments.iter().any(|instrument| instrument.item_named(what).is_some()) {
                continue;
            }
            match (key, self.mapped_column(*line, column)?) {
                (Key::Cluster, column) => cluster = cluster.or(Some(column)),
                (_, column) => keys.push((column, key, false)),
            }
        }
        for key in Key::ALL {
            if keys.iter().any(|(_, have, _)| *have == key) || (key == Key::Cluster && cluster.is_some()) {
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
        if let Some(column) = cluster.filter(|column| keys.iter().all(|(taken, ..)| taken != column)) {
            keys.push((column, Key::Cluster, false));
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
        let text = |(column, key, assumed): (usize, Key, bool)| TextColumn {
            column: Some(column),
            name: self.header.names[column].clone(),
            why: Why::Key { key, assumed },
            clusters: cluster == Some(column),
        };
        let mut texts: Vec<TextColumn> = keys.into_iter().map(text).collect();
        self.keys_in_names(&mut texts)?;
        Ok(texts)
    }

    /// Session and role, where the names of the columns say them.
    fn keys_in_names(&self, texts: &mut Vec<TextColumn>) -> Result<(), Error> {
        let patterns = &self.options.items;
        for (named, key) in [
            (patterns.iter().any(Pattern::has_session), Key::Session),
            (patterns.iter().any(Pattern::has_role), Key::Role),
        ] {
            let is = |text: &&TextColumn| matches!(text.why, Why::Key { key: of, .. } if of == key);
            match texts.iter().find(is) {
                _ if !named => {}
                None => {
                    let why = Why::Key { key, assumed: false };
                    texts.push(TextColumn { column: None, name: key.id().to_owned(), why, clusters: false });
                }
                Some(text) => {
                    let id = key.id();
                    let message =
                        format!("both the column `{}` and {{{id}}} in --items would say the {id}", text.name);
                    let help = format!("name another column with --{id}, or rename this one");
                    return Err(Error::usage_help(message, help));
                }
            }
        }
        Ok(())
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

    /// The columns of all items of all instruments, for every role and session that the names of the columns say.
    pub fn items(&mut self, instruments: &[Arc<Instrument>]) -> Result<Vec<Part>, Error> {
        let parts = if self.options.items.iter().any(Pattern::is_wide) {
            if self.options.map.as_ref().is_some_and(|map| !map.entries.is_empty())
                && self.mapped_items(instruments)?.iter().flatten().any(Option::is_some)
            {
                let help = "a map may name keys beside such a pattern, but not items";
                return Err(Error::usage_help(
                    "--map and a pattern with {role} or {session} both place items",
                    help,
                ));
            }
            Wide::new(self.header, self.options, instruments).parts(&self.taken)?
        } else if self.options.sessions.is_empty() {
            vec![Part { columns: self.one_row(instruments)?, ..Part::default() }]
        } else {
            let help = "for example --items 'wai{item}_{session}' --sessions pre=1,post=2";
            return Err(Error::usage_help("--sessions needs {session} in --items", help));
        };
        self.one_owner(instruments, &parts)?;
        for column in parts.iter().flat_map(|part| &part.columns).flatten().flatten() {
            self.taken[*column] = true;
        }
        Ok(parts)
    }

    /// The columns of all items, where a record is one row.
    fn one_row(&mut self, instruments: &[Arc<Instrument>]) -> Result<Vec<Vec<Option<usize>>>, Error> {
        let mapped = self.mapped_items(instruments)?;
        for column in mapped.iter().flatten().flatten() {
            self.taken[*column] = true;
        }
        let mut found: Vec<Vec<Option<usize>>> = Vec::new();
        let mut findings = Findings::keeping_all();
        for (at, instrument) in instruments.iter().enumerate() {
            let pattern = self.options.items.iter().find(|pattern| match &pattern.instrument {
                Some(id) => *id == instrument.id,
                None => true,
            });
            let given = Given { mapped: mapped[at].clone(), taken: &self.taken, pattern };
            let matched = match_items(instrument, self.header, &given);
            self.notes.extend(matched.notes);
            findings.append(matched.findings);
            found.push(matched.columns);
        }
        self.owners(instruments, &found, &mut findings);
        if findings.problems() > 0 { Err(Error::data(findings)) } else { Ok(found) }
    }

    /// No column serves two items.
    fn one_owner(&self, instruments: &[Arc<Instrument>], parts: &[Part]) -> Result<(), Error> {
        let mut findings = Findings::keeping_all();
        for part in parts {
            self.owners(instruments, &part.columns, &mut findings);
        }
        if findings.problems() > 0 { Err(Error::data(findings)) } else { Ok(()) }
    }

    fn owners(
        &self,
        instruments: &[Arc<Instrument>],
        columns: &[Vec<Option<usize>>],
        findings: &mut Findings,
    ) {
        let mut owner: Vec<Option<usize>> = vec![None; self.header.names.len()];
        for (at, column) in
            columns.iter().enumerate().flat_map(|(at, of)| of.iter().flatten().map(move |c| (at, *c)))
        {
            if let Some(other) = owner[column] {
                let message = format!(
                    "the column `{}` would serve both {} and {}",
                    self.header.names[column], instruments[other].id, instruments[at].id
                );
                let place = self.header.place(Some(column));
                let finding = Finding::problem(Code::ColumnClaimedTwice, place, message);
                findings.push(finding.help(format!(
                    "say which columns are whose: --items '{}=NAME_{{item}}', or --map",
                    instruments[at].id
                )));
            }
            owner[column] = Some(at);
        }
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

    /// Adds the columns that the user wants to keep.
    pub fn kept(&mut self, texts: &mut Vec<TextColumn>) -> Result<(), Error> {
        let mut kept = Vec::new();
        for name in &self.options.keep {
            let column = self.column("--keep", name)?;
            let is_text = texts.iter().any(|text| text.column == Some(column));
            let is_item = self.taken[column] && !is_text;
            if is_item {
                return Err(Error::usage(format!("--keep: the column `{name}` is an item")));
            }
            if !is_text && !kept.contains(&column) {
                kept.push(column);
            }
        }
        kept.sort_unstable();
        for column in kept {
            self.taken[column] = true;
            let name = self.header.names[column].clone();
            texts.push(TextColumn { column: Some(column), name, why: Why::Kept, clusters: false });
        }
        Ok(())
    }

    /// Adds the columns by which rows are chosen.
    pub fn filters(&mut self, texts: &mut Vec<TextColumn>) -> Result<Vec<(usize, Filter)>, Error> {
        let mut filters = Vec::new();
        for filter in &self.options.filters {
            let text = match self.by_key(&filter.column, texts) {
                Some(text) => text,
                None => self.filter_column(filter, texts)?,
            };
            filters.push((text, filter.clone()));
        }
        Ok(filters)
    }

    /// The column that a filter names, as an index into `texts`.
    fn filter_column(&self, filter: &Filter, texts: &mut Vec<TextColumn>) -> Result<usize, Error> {
        let column = self.column("--where", &filter.column)?;
        if let Some(text) = texts.iter().position(|text| text.column == Some(column)) {
            return Ok(text);
        }
        if self.taken[column] {
            return Err(Error::usage(format!("--where: the column `{}` is an item", filter.column)));
        }
        let name = self.header.names[column].clone();
        texts.push(TextColumn { column: Some(column), name, why: Why::Filter, clusters: false });
        Ok(texts.len() - 1)
    }

    /// `--where dyad=4` also works where the dyad's column has another name.
    fn by_key(&self, name: &str, texts: &[TextColumn]) -> Option<usize> {
        let folded = fold_name(name);
        if self.header.folded.contains(&folded) {
            return None;
        }
        let is = |text: &&TextColumn| matches!(text.why, Why::Key { key, .. } if key.id() == folded);
        texts.iter().position(|text| is(&text))
    }
}
