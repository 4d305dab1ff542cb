//! A study file, its names resolved: the instruments, the files, and how each is read. Whatever is wrong with it is found at
//! once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Source, base_name, read};
use super::load;
use super::peek::peek;
use super::sessions::{primary, rules};
use super::study::Reading;
use crate::error::Error;
use crate::finding::{Code, Finding, Findings, Place};
use crate::instrument::Instrument;
use crate::report::{Coded, CodedOptions, Primary, block_ids};
use crate::responses::{
    ColumnMap, Decimal, Encoding, Key, Labels, MissingCodes, OnInvalid, Options, Pattern, Said,
    parse_delimiter, parse_filters,
};
use crate::sample::Occasion;
use crate::scoring::{As, MinAnswered, Rules};
use crate::session::Rule;
use crate::strict;
use crate::study::{
    FORMAT, InstrumentEntry, KindWord, Name, OnInvalidWord, SeenFile, Stated, StudyFile, World,
};
use crate::validity::{Hypothesis, read_hypotheses};

/// A study file with everything that it names.
pub(super) struct StudyOnDisk {
    /// Its name without the way to it, for records.
    pub base: String,
    /// BLAKE3 of its bytes.
    pub digest: String,
    pub file: StudyFile,
    /// How each instrument is read.
    pub readings: Vec<Reading>,
    /// Rules for ruptures.
    pub ruptures: Vec<Rule>,
    /// Hypotheses stated beforehand.
    pub hypotheses: Vec<Hypothesis>,
    /// The coding scheme of the events.
    pub scheme: Option<Instrument>,
    /// The question about codes that was asked beforehand.
    pub primary: Option<Primary>,
    folder: PathBuf,
    /// Its name as it was given, and what it says: for findings.
    name: String,
    text: String,
}

/// Whether a file without answers is meant as a study file: any .toml that does not say it is a definition.
pub(super) fn is_study_file(path: &Path) -> bool {
    let toml = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("toml"));
    let says = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains("alliance-instrument/");
    toml && !read(path).is_ok_and(says)
}

/// Refuses a text that does not say it is a study file: of what else it lacks nothing need be said.
fn says_format(name: &str, text: &str) -> Result<(), Error> {
    if text.contains(FORMAT) {
        return Ok(());
    }
    let finding = Finding::problem(Code::MissingKey, Place::span(name, text, 0..0), "this is no study file");
    let help = format!("the first line of a study file is: schema = \"{FORMAT}\"");
    Err(Error::definition(finding.help(help)))
}

/// A message without the option that a study file does not have.
fn without_option(message: &str) -> &str {
    let rest = message.strip_prefix("--").and_then(|rest| rest.split_once(' '));
    rest.map_or(message, |(_, rest)| rest)
}

/// A study file while its names are looked up.
struct Lookup<'a> {
    name: &'a str,
    text: &'a str,
    folder: &'a Path,
    findings: Findings,
}

impl Lookup<'_> {
    /// Takes down what is wrong with a name; findings of its own keep their places.
    fn at<T>(&mut self, name: &Name, found: Result<T, Error>) -> Option<T> {
        match found {
            Ok(value) => return Some(value),
            Err(Error::Definition(findings) | Error::Data(findings)) => self.findings.append(*findings),
            Err(Error::Usage { message, help }) => {
                let finding = StudyFile::fault(self.name, self.text, name, without_option(&message));
                self.findings.push(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
            }
            Err(error) => self.findings.push(StudyFile::fault(self.name, self.text, name, error.to_string())),
        }
        None
    }

    /// A path, from the folder of the study file on.
    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(name.get_ref())
    }

    fn file<T>(&mut self, name: &Name, parse: impl Fn(&str, &[u8]) -> Result<T, Findings>) -> Option<T> {
        let path = self.path(name);
        let bytes = self.at(name, read(&path))?;
        self.at(name, parse(&base_name(&path), &bytes).map_err(Error::definition))
    }
}

impl StudyOnDisk {
    /// Reads a study file and looks up what it names.
    ///
    /// # Errors
    /// Everything that is wrong with it, each in its place.
    pub fn load(path: &Path, threads: usize) -> Result<StudyOnDisk, Error> {
        let bytes = read(path)?;
        let name = path.display().to_string();
        let text = strict::text(&name, &bytes).map_err(Error::definition)?;
        says_format(&name, text)?;
        let file = StudyFile::parse(&name, text).map_err(Error::definition)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut lookup = Lookup { name: &name, text, folder: &folder, findings: Findings::new() };
        let options = options(&file, &mut lookup);
        let instruments: Vec<Option<Arc<Instrument>>> =
            file.instrument.iter().map(|entry| instrument(&entry.name, &mut lookup)).collect();
        let scheme = file.events.as_ref().and_then(|events| events.scheme.as_ref());
        let scheme = scheme.and_then(|name| instrument(name, &mut lookup)).map(Arc::unwrap_or_clone);
        if let Some(events) = &file.events {
            let path = lookup.path(&events.file);
            lookup.at(&events.file, read(&path));
        }
        let ruptures = ruptures(&file, &mut lookup);
        let hypotheses = file.validity.hypotheses.as_ref();
        let parse = |name: &str, bytes: &[u8]| read_hypotheses(name, strict::text(name, bytes)?);
        let hypotheses = hypotheses.and_then(|name| lookup.file(name, parse)).unwrap_or_default();
        let asked = file.events.as_ref().and_then(|events| events.primary.as_ref());
        let primary = asked.and_then(|name| lookup.at(name, primary(name.get_ref())));
        let scoring: Vec<Option<Rules>> =
            file.instrument.iter().map(|entry| scoring(entry, &mut lookup)).collect();
        let seen = seen(&file, &options, &mut lookup);
        let world = World {
            instruments: instruments.iter().flatten().cloned().collect(),
            columns: seen.iter().flat_map(|file| file.header.names.iter().cloned()).collect(),
            dyads: dyads(&file, &seen),
            blocks: block_ids(),
            hypotheses: hypotheses.iter().map(stated).collect(),
            codes: scheme.iter().flat_map(|scheme| &scheme.items).map(|item| item.id.as_str()).collect(),
            wide: !file.columns.items.is_empty() || file.columns.map.is_some(),
        };
        let mut findings = lookup.findings;
        findings.append(file.lint(&name, text, &world));
        if !findings.is_empty() {
            return Err(Error::definition(findings));
        }
        let paths: Vec<PathBuf> = file.data.iter().map(|entry| folder.join(entry.file.get_ref())).collect();
        let reading = |((entry, instrument), rules): ((&InstrumentEntry, Arc<Instrument>), Rules)| Reading {
            paths: paths.clone(),
            options: of_instrument(&options, entry, &instrument),
            instrument,
            rules,
            accept_inferred: entry.accept_inferred,
            threads,
        };
        let readings = file.instrument.iter().zip(instruments.into_iter().flatten());
        let readings = readings.zip(scoring.into_iter().flatten()).map(reading).collect();
        let digest = blake3::hash(&bytes).to_hex().to_string();
        let text = text.to_owned();
        Ok(StudyOnDisk {
            base: base_name(path),
            name,
            text,
            digest,
            file,
            readings,
            ruptures,
            hypotheses,
            scheme,
            primary,
            folder,
        })
    }

    /// Reads the coded sessions.
    pub fn coded(&self, keys: &[(Key, String)]) -> Result<Option<Coded>, Error> {
        let Some(events) = &self.file.events else { return Ok(None) };
        let path = self.folder.join(events.file.get_ref());
        let rater = events.rater.as_ref().map(|name| name.get_ref().as_str());
        let options = CodedOptions { scheme: self.scheme.as_ref(), keys, rater };
        Coded::read(&base_name(&path), &read(&path)?, &options).map(Some)
    }

    /// An error that speaks of an option, at the place of the key that stands for the option here.
    pub fn placed(&self, error: Error, occasion: &Occasion) -> Error {
        let Error::Usage { message, help } = &error else { return error };
        let events = self.file.events.as_ref();
        let stated = &self.file.rules.occasion;
        // The command may have said another.
        let stated = (Occasion::parse(stated.get_ref()) == *occasion).then_some(stated);
        let key = match message.split([' ', ':']).next() {
            Some("--events-rater") => events.and_then(|events| events.rater.as_ref()),
            Some("--primary") => events.and_then(|events| events.primary.as_ref()),
            Some("--occasion") => stated,
            _ => None,
        };
        let Some(key) = key else { return error };
        let finding = StudyFile::fault(&self.name, &self.text, key, without_option(message));
        Error::definition(match help {
            Some(help) => finding.help(help),
            None => finding,
        })
    }

    /// The files it names, so that none is written to.
    pub fn inputs(&self) -> Vec<PathBuf> {
        let reading = &self.file.reading;
        let data = self.file.data.iter().map(|entry| &entry.file);
        let others =
            self.file.columns.map.iter().chain(&reading.labels).chain(&self.file.validity.hypotheses);
        let events = self.file.events.iter().map(|events| &events.file);
        data.chain(others).chain(events).map(|name| self.folder.join(name.get_ref())).collect()
    }
}

/// An id of the shelf, or a path from the study file on.
fn instrument(name: &Name, lookup: &mut Lookup<'_>) -> Option<Arc<Instrument>> {
    let path = lookup.path(name);
    let word = if path.is_file() { path.display().to_string() } else { name.get_ref().clone() };
    let loaded = lookup.at(name, load::instrument(&word))?;
    Some(Arc::new(loaded.instrument))
}

/// What a hypothesis is about.
fn stated(hypothesis: &Hypothesis) -> Stated<'_> {
    Stated {
        scale: &hypothesis.scale,
        form: hypothesis.form.as_deref(),
        column: hypothesis.with.as_deref().or(hypothesis.groups.as_deref()),
    }
}

fn ruptures(file: &StudyFile, lookup: &mut Lookup<'_>) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    for name in &file.rules.ruptures {
        let path = lookup.path(name);
        let word = if path.is_file() { path.display().to_string() } else { name.get_ref().clone() };
        let found = lookup.at(name, rules(std::slice::from_ref(&word))).unwrap_or_default();
        for rule in found {
            if all.iter().any(|known| known.id == rule.id) {
                lookup.at::<()>(name, Err(Error::usage(format!("the rule `{}` is named twice", rule.id))));
            } else {
                all.push(rule);
            }
        }
    }
    all
}

fn scoring(entry: &InstrumentEntry, lookup: &mut Lookup<'_>) -> Option<Rules> {
    let min_answered = match &entry.min_answered {
        Some(name) => Some(lookup.at(name, MinAnswered::parse(name.get_ref()))?),
        None => None,
    };
    let kind = entry.kind.map(|word| match word {
        KindWord::Mean => As::Mean,
        KindWord::Sum => As::Sum,
        KindWord::Pomp => As::Pomp,
    });
    Some(Rules { kind, min_answered, already_reversed: entry.already_reversed.clone() })
}

/// What the file says for all instruments.
fn options(file: &StudyFile, lookup: &mut Lookup<'_>) -> Options {
    let (columns, reading) = (&file.columns, &file.reading);
    let keys = [
        (Key::Person, &columns.person),
        (Key::Dyad, &columns.dyad),
        (Key::Family, &columns.family),
        (Key::Worker, &columns.worker),
        (Key::Role, &columns.role),
        (Key::Rater, &columns.rater),
        (Key::Session, &columns.session),
        (Key::Date, &columns.date),
        (Key::Cluster, &columns.cluster),
    ];
    let named = |(key, name): (Key, &Option<Name>)| Some((key, name.as_ref()?.get_ref().clone()));
    let mut filters = Vec::new();
    for text in &reading.filters {
        filters.extend(lookup.at(text, parse_filters(text.get_ref())).unwrap_or_default());
    }
    let delimiter =
        reading.delimiter.as_ref().and_then(|name| lookup.at(name, parse_delimiter(name.get_ref())));
    let encoding =
        reading.encoding.as_ref().and_then(|name| lookup.at(name, Encoding::parse(name.get_ref())));
    let decimal = reading.decimal_comma.map(|comma| if comma { Decimal::Comma } else { Decimal::Point });
    let patterns = columns.items.iter();
    Options {
        said: Said { delimiter, encoding, decimal },
        roles: file.roles.iter().map(|(word, form)| (word.clone(), form.get_ref().clone())).collect(),
        items: patterns.filter_map(|name| lookup.at(name, Pattern::parse(name.get_ref()))).collect(),
        sessions: columns.sessions.iter().map(|(word, session)| (word.clone(), session.clone())).collect(),
        map: columns.map.as_ref().and_then(|name| lookup.file(name, ColumnMap::parse)),
        labels: reading.labels.as_ref().and_then(|name| lookup.file(name, Labels::parse)),
        keys: keys.into_iter().filter_map(named).collect(),
        filters,
        missing_codes: MissingCodes::new(reading.missing_codes.clone()),
        on_invalid: match reading.on_invalid {
            OnInvalidWord::Reject => OnInvalid::Reject,
            OnInvalidWord::Missing => OnInvalid::Missing,
        },
        ..Options::default()
    }
}

/// The same, with what an instrument's own entry says. Roles may name forms of other instruments.
fn of_instrument(all: &Options, entry: &InstrumentEntry, instrument: &Instrument) -> Options {
    let mut options = all.clone();
    options.roles.retain(|(_, form)| instrument.form(form).is_some());
    let word = |name: &Option<Name>| name.iter().map(|name| (None, name.get_ref().clone())).collect();
    options.form = word(&entry.form);
    options.responses = word(&entry.responses);
    options
}

/// A look through the files: their columns, and, if dyads are named, what stands in them.
fn seen(file: &StudyFile, options: &Options, lookup: &mut Lookup<'_>) -> Vec<SeenFile> {
    let mut seen = Vec::new();
    for entry in &file.data {
        let path = lookup.path(&entry.file);
        let looked = Source::open(&path).and_then(|source| peek(source, base_name(&path), &options.said));
        seen.extend(lookup.at(&entry.file, looked));
    }
    seen
}

/// The dyads of the data, if any are named.
fn dyads(file: &StudyFile, seen: &[SeenFile]) -> Option<BTreeSet<String>> {
    if file.practice.dyads.is_empty() {
        return None;
    }
    let named = file.columns.dyad.as_ref().map(|name| name.get_ref().as_str());
    let mut all = BTreeSet::new();
    for file in seen {
        let is = |name: &String| match named {
            Some(named) => name.eq_ignore_ascii_case(named),
            None => Key::Dyad.is_known_as(name),
        };
        let column = file.header.names.iter().position(is).and_then(|at| file.columns.get(at))?;
        if column.more {
            return None;
        }
        all.extend(column.values.keys().cloned());
    }
    Some(all)
}
