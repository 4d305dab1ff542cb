//! Which names of a study file resolve to nothing, all at once, each with its place.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::{LabelEntry, Name, StudyFile};
use crate::finding::{Code, Finding, Findings, Place, near};
use crate::instrument::Instrument;

/// What there is for a study file to name. Lists of things that could not be had are empty, and nothing is said about
/// names that would stand in them: what could not be had has a finding of its own.
#[derive(Debug, Default)]
pub struct World<'a> {
    /// The instruments that could be loaded.
    pub instruments: Vec<Arc<Instrument>>,
    /// The columns of the files that could be opened.
    pub columns: Vec<String>,
    /// The dyads, if any are named and the files could be read.
    pub dyads: Option<BTreeSet<String>>,
    /// The blocks a report may have.
    pub blocks: Vec<&'a str>,
    /// Hypotheses stated beforehand.
    pub hypotheses: Vec<Stated<'a>>,
    /// The codes of the coding scheme.
    pub codes: Vec<&'a str>,
    /// Whether the item columns carry keys in their names, so that keys need no column.
    pub wide: bool,
}

/// What a hypothesis is about.
#[derive(Debug)]
pub struct Stated<'a> {
    /// The scale.
    pub scale: &'a str,
    /// The form, if it is about one.
    pub form: Option<&'a str>,
    /// The other column.
    pub column: Option<&'a str>,
}

/// A check of a file against what there is.
struct Check<'a> {
    name: &'a str,
    text: &'a str,
    world: &'a World<'a>,
    found: Vec<Finding>,
}

impl StudyFile {
    /// Says of every name whether there is such a thing.
    pub fn lint(&self, name: &str, text: &str, world: &World<'_>) -> Findings {
        let mut check = Check { name, text, world, found: Vec::new() };
        check.study(self);
        // In the order of the file.
        check.found.sort_by_key(|finding| finding.place.bytes.as_ref().map_or(0, |span| span.start));
        let mut findings = Findings::new();
        check.found.into_iter().for_each(|finding| findings.push(finding));
        findings
    }

    /// A finding at the place of a name of this file.
    pub fn fault(name: &str, text: &str, at: &Name, message: impl Into<String>) -> Finding {
        Finding::problem(Code::UnknownName, Place::span(name, text, at.span()), message)
    }
}

impl Check<'_> {
    fn study(&mut self, study: &StudyFile) {
        let level = &study.study.level;
        if !(0.5..1.0).contains(level.get_ref()) {
            let place = Place::span(self.name, self.text, level.span());
            let message = format!("`level` is {}, expected a number from 0.5 to below 1", level.get_ref());
            self.found.push(Finding::problem(Code::WrongType, place, message));
        }
        let smallest = &study.privacy.smallest_cell;
        if *smallest.get_ref() < 2 {
            let place = Place::span(self.name, self.text, smallest.span());
            let message = format!("`smallest_cell` is {}, expected a number from 2 on", smallest.get_ref());
            self.found.push(Finding::problem(Code::WrongType, place, message));
        }
        if study.instrument.is_empty() || study.data.is_empty() {
            let place = Place::span(self.name, self.text, 0..0);
            let message = "a study has at least one [[instrument]] and one [[data]]";
            self.found.push(Finding::problem(Code::MissingKey, place, message));
        }
        self.twice(study.instrument.iter().map(|entry| &entry.name), "instrument");
        self.twice(study.data.iter().map(|entry| &entry.file), "file");
        self.instruments(study);
        self.columns(study);
        self.hypotheses(study);
        self.blocks(study);
        if let Some(dyads) = &self.world.dyads {
            let known: Vec<&str> = dyads.iter().map(String::as_str).collect();
            for dyad in &study.practice.dyads {
                self.resolve(dyad, "dyad", &known, "in the data");
            }
        }
    }

    fn twice<'n>(&mut self, names: impl Iterator<Item = &'n Name>, what: &str) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name.get_ref().as_str()) {
                let place = Place::span(self.name, self.text, name.span());
                let message = format!("the {what} `{}` is named twice", name.get_ref());
                self.found.push(Finding::problem(Code::DuplicateId, place, message));
            }
        }
    }

    fn instruments(&mut self, study: &StudyFile) {
        let world = self.world;
        // Entries and instruments go together only if all could be loaded.
        if world.instruments.len() != study.instrument.len() {
            return;
        }
        for (entry, instrument) in study.instrument.iter().zip(&world.instruments) {
            let of = format!("of {}", instrument.id);
            let forms: Vec<&str> = instrument.forms.iter().map(|form| form.id.as_str()).collect();
            let sets: Vec<&str> = instrument.responses.iter().map(|set| set.id.as_str()).collect();
            if let Some(form) = &entry.form {
                self.resolve(form, "form", &forms, &of);
            }
            if let Some(set) = &entry.responses {
                self.resolve(set, "response set", &sets, &of);
            }
            for scale in &entry.follow {
                self.resolve(scale, "scale", &instrument.scale_ids(), &of);
            }
        }
        let all = |of: fn(&Instrument) -> Vec<&str>| -> Vec<&str> {
            let mut ids: Vec<&str> = world.instruments.iter().flat_map(|instrument| of(instrument)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let forms = all(|instrument| instrument.forms.iter().map(|form| form.id.as_str()).collect());
        let items = all(|instrument| instrument.items.iter().map(|item| item.id.as_str()).collect());
        let scales = all(Instrument::scale_ids);
        for form in study.roles.values().chain(study.label.iter().filter_map(|label| label.form.as_ref())) {
            self.resolve(form, "form", &forms, "in the instruments");
        }
        let labelled: Vec<&str> = items.iter().chain(&world.codes).copied().collect();
        for label in &study.label {
            self.resolve(&label.item, "item", &labelled, "in the instruments");
            self.label_is_of_one(label);
        }
        for prompt in &study.prompt {
            self.resolve(&prompt.scale, "scale", &scales, "in the instruments");
        }
    }

    /// Words for an item of one instrument must not stand at another's.
    fn label_is_of_one(&mut self, label: &LabelEntry) {
        let ids: Vec<&str> = self.world.instruments.iter().map(|own| own.id.as_str()).collect();
        if let Some(instrument) = &label.instrument {
            return self.resolve(instrument, "instrument", &ids, "in the study");
        }
        let item = label.item.get_ref();
        let form = label.form.as_ref().map(|form| form.get_ref());
        let has = |own: &&Arc<Instrument>| {
            own.items.iter().any(|known| known.id.eq_ignore_ascii_case(item))
                && form.is_none_or(|form| own.form(form).is_some())
        };
        let of: Vec<&str> = self.world.instruments.iter().filter(has).map(|own| own.id.as_str()).collect();
        if of.len() > 1 {
            let message = format!("an item `{item}` is in {}", of.join(" and in "));
            let help = format!("say whose it is: instrument = \"{}\"", of[0]);
            self.found.push(StudyFile::fault(self.name, self.text, &label.item, message).help(help));
        }
    }

    fn columns(&mut self, study: &StudyFile) {
        let keys = &study.columns;
        let named = [
            &keys.person,
            &keys.dyad,
            &keys.family,
            &keys.worker,
            &keys.role,
            &keys.rater,
            &keys.session,
            &keys.date,
            &keys.cluster,
        ];
        let world = self.world;
        let known: Vec<&str> = world.columns.iter().map(String::as_str).collect();
        let in_data = "in the data";
        for name in named.into_iter().flatten().filter(|_| !world.wide) {
            self.resolve(name, "column", &known, in_data);
        }
        // What splits, or is related, may also be a key under the name of its option.
        let keys = crate::responses::Key::ALL.map(crate::responses::Key::id);
        let validity = &study.validity;
        let columns = study.groups.by.iter().chain(&validity.with);
        for name in columns.chain(&validity.groups).chain(&validity.outcome) {
            if !keys.contains(&name.get_ref().as_str()) {
                self.resolve(name, "column", &known, in_data);
            }
        }
        for filter in &study.reading.filters {
            for piece in crate::responses::parse_filters(filter.get_ref()).unwrap_or_default() {
                let name = Name::new(filter.span(), piece.column);
                if !keys.contains(&name.get_ref().as_str()) {
                    self.resolve(&name, "column", &known, in_data);
                }
            }
        }
    }

    /// What hypotheses are about, and reliabilities of columns.
    fn hypotheses(&mut self, study: &StudyFile) {
        let validity = &study.validity;
        for (column, r) in &validity.reliabilities {
            let related = validity.with.iter().chain(&validity.outcome).any(|name| name.get_ref() == column);
            let wrong = match (related, *r.get_ref() > 0.0 && *r.get_ref() <= 1.0) {
                (false, _) => {
                    format!("`{column}` has a reliability, and is no column of `with` or `outcome`")
                }
                (_, false) => format!(
                    "the reliability of `{column}` is {}, expected a number above 0, at most 1",
                    r.get_ref()
                ),
                _ => continue,
            };
            let place = Place::span(self.name, self.text, r.span());
            self.found.push(Finding::problem(Code::WrongType, place, wrong));
        }
        let Some(file) = &validity.hypotheses else { return };
        let world = self.world;
        let known: Vec<&str> = world.columns.iter().map(String::as_str).collect();
        let scales: Vec<&str> = world.instruments.iter().flat_map(|own| own.scale_ids()).collect();
        let forms = world.instruments.iter().flat_map(|own| &own.forms);
        let forms: Vec<&str> = forms.map(|form| form.id.as_str()).collect();
        let named = |word: &str| Name::new(file.span(), word.to_owned());
        for (at, stated) in world.hypotheses.iter().enumerate() {
            let of = |place: &str| format!("{place} (hypothesis {} of {})", at + 1, file.get_ref());
            self.resolve(&named(stated.scale), "scale", &scales, &of("in the instruments"));
            if let Some(form) = stated.form {
                self.resolve(&named(form), "form", &forms, &of("in the instruments"));
            }
            if let Some(column) = stated.column {
                self.resolve(&named(column), "column", &known, &of("in the data"));
            }
        }
    }

    fn blocks(&mut self, study: &StudyFile) {
        let world = self.world;
        for block in study.analyses.blocks.iter().chain(&study.analyses.leave_out) {
            self.resolve(block, "block", &world.blocks, "of a report");
        }
    }

    /// Says so where a name is none of those known.
    fn resolve(&mut self, name: &Name, what: &str, known: &[&str], of: &str) {
        let word = name.get_ref().trim();
        if known.is_empty() || known.iter().any(|known| known.trim().eq_ignore_ascii_case(word)) {
            return;
        }
        let help = match near(word, known.iter().copied()).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let more = if known.len() > 30 { ", …" } else { "" };
                let first: Vec<&str> = known.iter().take(30).copied().collect();
                format!("there are: {}{more}", first.join(", "))
            }
        };
        let message = format!("there is no {what} `{word}` {of}");
        self.found.push(StudyFile::fault(self.name, self.text, name, message).help(help));
    }
}
