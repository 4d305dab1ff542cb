//! From a definition as written to an [`Instrument`]: every name resolved, every claim checked, all findings at once.

use std::ops::Range;

use toml::Spanned;

use super::cases::{Case, Expected};
use super::definition::{
    Form, Instrument, Item, Keyed, NoteBelow, PossibleRange, ResponseSet, Scale, ScoreRule, Source,
};
use super::file::{
    CaseEntry, CasesFile, DefinitionFile, FormEntry, ItemEntry, Kind, RangeEntry, ResponsesEntry, ScaleEntry,
};
use super::{digest, models};
use crate::finding::{Code, Finding, Findings, Place, near};
use crate::strict;

/// More points than this need more than one byte an answer.
const MOST_POINTS: usize = 250;

impl Instrument {
    /// Reads and lints a definition, with its worked cases if they stand in a file of their own.
    ///
    /// `cases` is the name and text of that file. The worked cases are read, not recomputed: that is
    /// [`crate::scoring::check_cases`].
    ///
    /// # Errors
    /// Everything that is wrong, with its place.
    ///
    /// ```
    /// use alliance_metrics::instrument::{Instrument, TEMPLATE};
    /// let instrument = Instrument::parse("my_scale.toml", TEMPLATE, None).unwrap();
    /// assert_eq!(instrument.scale_ids(), ["support", "agreement", "total"]);
    /// let broken = TEMPLATE.replace("min_answered = 3", "min_answered = 9");
    /// let findings = Instrument::parse("my_scale.toml", &broken, None).unwrap_err();
    /// assert_eq!(findings.kept()[0].code.id(), "bad_min_answered");
    /// ```
    pub fn parse(name: &str, text: &str, cases: Option<(&str, &str)>) -> Result<Instrument, Findings> {
        let definition: DefinitionFile = strict::read(name, text)?;
        let cases = cases.map(|(name, text)| (name, text, strict::read::<CasesFile>(name, text)));
        resolve(name, text, &definition, cases)
    }

    /// The same for a definition whose shape is known to be sound, as that of the shipped ones is by a test: without the
    /// check against the schema, which takes longer than all the rest.
    pub(super) fn parse_checked(name: &str, text: &str, cases: (&str, &str)) -> Result<Instrument, Findings> {
        let definition: DefinitionFile = strict::read_checked(name, text)?;
        let file = strict::read_checked(cases.0, cases.1);
        resolve(name, text, &definition, Some((cases.0, cases.1, file)))
    }
}

/// Worked cases in a file of their own: its name, its text, and what was read.
type CasesText<'a> = (&'a str, &'a str, Result<CasesFile, Findings>);

fn resolve(
    name: &str,
    text: &str,
    definition: &DefinitionFile,
    cases: Option<CasesText<'_>>,
) -> Result<Instrument, Findings> {
    let mut lint = Lint::new(name, text, definition);
    let mut instrument = lint.instrument(definition, text);
    lint.cases(&definition.case, &mut instrument);
    let mut findings = lint.findings;
    match cases {
        None => {}
        Some((_, _, Err(more))) => findings.append(more),
        Some((name, text, Ok(file))) => {
            let mut lint = Lint::new(name, text, definition);
            if file.instrument.get_ref() != &instrument.id {
                let message =
                    format!("these cases are for `{}`, not `{}`", file.instrument.get_ref(), instrument.id);
                lint.problem(Code::BadCase, file.instrument.span(), message);
            }
            lint.cases(&file.case, &mut instrument);
            findings.append(lint.findings);
        }
    }
    if findings.problems() == 0 {
        let mut lint = Lint::new(name, text, definition);
        lint.every_scale_has_a_case(definition, &instrument);
        findings.append(lint.findings);
    }
    if findings.problems() > 0 { Err(findings) } else { Ok(instrument) }
}

/// The state of linting one file.
pub(super) struct Lint<'a> {
    name: &'a str,
    text: &'a str,
    items: Vec<&'a str>,
    forms: Vec<&'a str>,
    sets: Vec<&'a str>,
    sources: Vec<&'a str>,
    scales: Vec<&'a str>,
    findings: Findings,
}

impl<'a> Lint<'a> {
    fn new(name: &'a str, text: &'a str, file: &'a DefinitionFile) -> Lint<'a> {
        Lint {
            name,
            text,
            items: file.item.iter().map(|item| item.id.get_ref().as_str()).collect(),
            forms: file.form.iter().map(|form| form.id.get_ref().as_str()).collect(),
            sets: file.responses.iter().map(|set| set.id.get_ref().as_str()).collect(),
            sources: file.source.iter().map(|source| source.id.get_ref().as_str()).collect(),
            scales: file.scale.iter().map(|scale| scale.id.get_ref().as_str()).collect(),
            findings: Findings::keeping_all(),
        }
    }

    /// How many problems there are so far.
    pub(super) fn problems(&self) -> u64 {
        self.findings.problems()
    }

    /// Adds a problem at a span.
    pub(super) fn problem(&mut self, code: Code, span: Range<usize>, message: String) {
        self.findings.push(Finding::problem(code, Place::span(self.name, self.text, span), message));
    }

    fn problem_help(&mut self, code: Code, span: Range<usize>, message: String, help: String) {
        let place = Place::span(self.name, self.text, span);
        self.findings.push(Finding::problem(code, place, message).help(help));
    }

    /// Finds a name among others, or says which ones are near.
    pub(super) fn lookup(&mut self, what: &str, name: &Spanned<String>, among: &[&str]) -> Option<usize> {
        let found = among.iter().position(|candidate| candidate == name.get_ref());
        if found.is_none() {
            let help = match near(name.get_ref(), among.iter().copied()).first() {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("there are: {}", among.join(", ")),
            };
            let message = format!("there is no {what} `{}`", name.get_ref());
            self.problem_help(Code::UnknownName, name.span(), message, help);
        }
        found
    }

    /// Resolves an item.
    pub(super) fn item(&mut self, name: &Spanned<String>) -> Option<usize> {
        let items = std::mem::take(&mut self.items);
        let found = self.lookup("item", name, &items);
        self.items = items;
        found
    }

    fn set(&mut self, name: &Spanned<String>) -> Option<usize> {
        let sets = std::mem::take(&mut self.sets);
        let found = self.lookup("response set", name, &sets);
        self.sets = sets;
        found
    }

    fn form(&mut self, name: &Spanned<String>) -> Option<usize> {
        let forms = std::mem::take(&mut self.forms);
        let found = self.lookup("form", name, &forms);
        self.forms = forms;
        found
    }

    /// Resolves a source.
    pub(super) fn source(&mut self, name: &Spanned<String>) -> Option<usize> {
        let sources = std::mem::take(&mut self.sources);
        let found = self.lookup("source", name, &sources);
        self.sources = sources;
        found
    }

    /// Resolves a list of forms; none means all.
    pub(super) fn forms(&mut self, names: Option<&[Spanned<String>]>) -> Vec<usize> {
        match names {
            None => (0..self.forms.len()).collect(),
            Some(names) => names.iter().filter_map(|name| self.form(name)).collect(),
        }
    }

    /// Ids are plain, so that they may stand in a header, a path or a formula.
    pub(super) fn check_id(&mut self, id: &Spanned<String>) {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if id.get_ref().is_empty() || !id.get_ref().bytes().all(plain) {
            let message = format!("`{}` is not a plain id", id.get_ref());
            let help = "use lower-case letters, digits and underscores".to_owned();
            self.problem_help(Code::BadId, id.span(), message, help);
        }
    }

    fn check_ids<'b>(&mut self, what: &str, ids: impl Iterator<Item = &'b Spanned<String>>) {
        let mut seen: Vec<&str> = Vec::new();
        for id in ids {
            self.check_id(id);
            if seen.contains(&id.get_ref().as_str()) {
                self.problem(
                    Code::DuplicateId,
                    id.span(),
                    format!("two {what} are called `{}`", id.get_ref()),
                );
            }
            seen.push(id.get_ref());
        }
    }

    fn instrument(&mut self, file: &DefinitionFile, text: &str) -> Instrument {
        self.check_id(&file.instrument.id);
        self.check_ids("sources", file.source.iter().map(|entry| &entry.id));
        self.check_ids("response sets", file.responses.iter().map(|entry| &entry.id));
        self.check_ids("forms", file.form.iter().map(|entry| &entry.id));
        self.check_ids("items", file.item.iter().map(|entry| &entry.id));
        self.check_ids("models", file.model.iter().map(|entry| &entry.id));
        for (what, empty) in [
            ("response set", file.responses.is_empty()),
            ("form", file.form.is_empty()),
            ("item", file.item.is_empty()),
            ("scale", file.scale.is_empty()),
        ] {
            if empty {
                self.problem(Code::MissingKey, 0..0, format!("the definition has no {what}"));
            }
        }
        let responses = file.responses.iter().map(|entry| self.response_set(entry)).collect();
        let forms = self.all_forms(&file.form);
        let items = self.all_items(&file.item);
        let sources = file
            .source
            .iter()
            .map(|entry| Source {
                id: entry.id.get_ref().clone(),
                cite: entry.cite.clone(),
                doi: entry.doi.clone(),
                url: entry.url.clone(),
            })
            .collect();
        let about = &file.instrument;
        let mut instrument = Instrument {
            id: about.id.get_ref().clone(),
            edition: about.edition.clone(),
            revision: about.revision,
            title: about.title.clone(),
            construct: about.construct.clone(),
            rights: about.rights.clone(),
            notes: about.notes.clone(),
            sources,
            responses,
            forms,
            items,
            scales: Vec::new(),
            models: Vec::new(),
            cases: Vec::new(),
            digest: digest::hex(text.as_bytes()),
            key_digest: String::new(),
        };
        if self.problems() == 0 {
            self.check_kinds(file, &instrument);
            instrument.scales =
                file.scale.iter().filter_map(|entry| self.scale(entry, &instrument)).collect();
            self.check_editions(file);
            instrument.models = file.model.iter().filter_map(|entry| models::resolve(entry, self)).collect();
            instrument.key_digest = digest::key_digest(&instrument);
        }
        instrument
    }

    fn response_set(&mut self, entry: &ResponsesEntry) -> ResponseSet {
        let id = entry.id.get_ref();
        let min = *entry.min.get_ref();
        let max = entry.max.as_ref().map(|max| *max.get_ref());
        let step = entry
            .step
            .as_ref()
            .map_or(if entry.kind == Kind::Continuous { 0.0 } else { 1.0 }, |s| *s.get_ref());
        let span = entry.max.as_ref().map_or(entry.min.span(), Spanned::span);
        let step_span = entry.step.as_ref().map_or(entry.id.span(), Spanned::span);
        if [min, max.unwrap_or(0.0), step].iter().any(|bound| !bound.is_finite() || bound.abs() > 1e6) {
            self.problem(
                Code::BadBounds,
                span.clone(),
                format!("the bounds of `{id}` are out of all proportion"),
            );
        }
        match (entry.kind, max) {
            (Kind::Count, Some(_)) => {
                self.problem(Code::BadBounds, span.clone(), format!("a count such as `{id}` has no max"));
            }
            (Kind::Count, None) if min != 0.0 || step != 1.0 => {
                self.problem(
                    Code::BadBounds,
                    span.clone(),
                    format!("the count `{id}` starts at 0 in steps of 1"),
                );
            }
            (Kind::Ordinal | Kind::Continuous, None) => {
                self.problem(Code::BadBounds, span.clone(), format!("`{id}` has no max"));
            }
            (_, Some(max)) if min >= max => {
                self.problem(
                    Code::BadBounds,
                    span.clone(),
                    format!("`{id}`: min {min} is not below max {max}"),
                );
            }
            _ => {}
        }
        match entry.kind {
            Kind::Continuous if step != 0.0 => {
                self.problem(Code::BadBounds, step_span, format!("the continuous line `{id}` has no step"));
            }
            Kind::Ordinal | Kind::Count if step <= 0.0 => {
                self.problem(Code::BadBounds, step_span, format!("the step of `{id}` must be above 0"));
            }
            Kind::Ordinal => {
                let steps = max.map_or(1.0, |max| (max - min) / step);
                if (steps - steps.round()).abs() > 1e-9 || steps >= MOST_POINTS as f64 {
                    let message = format!(
                        "steps of {step} do not lead from min to max of `{id}` in at most {MOST_POINTS}"
                    );
                    self.problem(Code::BadBounds, step_span, message);
                }
            }
            _ => {}
        }
        let set = ResponseSet {
            id: id.clone(),
            kind: entry.kind,
            min,
            max,
            step,
            anchors: Vec::new(),
            anchors_source: entry.anchors_source.as_ref().and_then(|name| self.source(name)),
        };
        let mut anchors = Vec::new();
        for (value, words) in &entry.anchors {
            match value.get_ref().parse::<f64>() {
                Ok(point) if set.allows(point) => anchors.push((point, words.clone())),
                _ => {
                    let message =
                        format!("`{}` is no answer of `{id}` ({})", value.get_ref(), set.describe());
                    self.problem(Code::AnchorOutside, value.span(), message);
                }
            }
        }
        if !entry.anchors.is_empty() && entry.anchors_source.is_none() {
            self.problem(
                Code::MissingKey,
                entry.id.span(),
                format!("the anchors of `{id}` need `anchors_source`"),
            );
        }
        ResponseSet { anchors, ..set }
    }

    fn all_forms(&mut self, entries: &[FormEntry]) -> Vec<Form> {
        let mut taken: Vec<(String, String)> = Vec::new();
        let mut forms = Vec::new();
        for entry in entries {
            let id = entry.id.get_ref();
            let mut roles = vec![id.clone()];
            let words = entry.roles.iter().map(|role| (role.get_ref().to_lowercase(), role.span()));
            for (role, span) in std::iter::once((id.clone(), entry.id.span())).chain(words) {
                if let Some((_, other)) = taken.iter().find(|(word, other)| *word == role && other != id) {
                    let message = format!("the role `{role}` stands for both `{other}` and `{id}`");
                    self.problem(Code::FormConflict, span, message);
                }
                taken.push((role.clone(), id.clone()));
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            forms.push(Form {
                id: id.clone(),
                title: entry.title.clone(),
                responses: self.set(&entry.responses).unwrap_or_default(),
                roles,
                template: entry.template.as_ref().map(|why| why.get_ref().clone()),
            });
        }
        forms
    }

    fn all_items(&mut self, entries: &[ItemEntry]) -> Vec<Item> {
        let mut taken: Vec<(String, usize)> = Vec::new();
        let mut items = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            for column in &entry.columns {
                let folded = fold_name(column.get_ref());
                if let Some((_, other)) = taken.iter().find(|(name, other)| *name == folded && *other != at) {
                    let other = entries[*other].id.get_ref();
                    let message =
                        format!("the column `{}` already belongs to item `{other}`", column.get_ref());
                    self.problem(Code::DuplicateColumn, column.span(), message);
                }
                taken.push((folded, at));
            }
            items.push(Item {
                id: entry.id.get_ref().clone(),
                columns: entry.columns.iter().map(|column| column.get_ref().clone()).collect(),
                unit: entry.unit,
                responses: entry.responses.as_ref().and_then(|name| self.set(name)),
            });
        }
        items
    }

    /// An item is stored one way: as points or as numbers, whatever the form.
    fn check_kinds(&mut self, file: &DefinitionFile, instrument: &Instrument) {
        let finite = |form: &Form| instrument.responses[form.responses].points().is_some();
        if let Some(at) =
            instrument.forms.iter().position(|form| finite(form) != finite(&instrument.forms[0]))
        {
            let message = "forms of one instrument answer on points or on lines, not both".to_owned();
            self.problem(Code::FormConflict, file.form[at].responses.span(), message);
        }
    }

    fn scale(&mut self, entry: &ScaleEntry, instrument: &Instrument) -> Option<Scale> {
        let before = self.problems();
        let id = entry.id.get_ref();
        self.check_id(&entry.id);
        if matches!(id.as_str(), "form" | "role") {
            self.problem(Code::BadId, entry.id.span(), format!("`{id}` is a column of the output already"));
        }
        let forms = self.forms(entry.forms.as_deref());
        let open = !forms.is_empty() && forms.iter().all(|form| instrument.forms[*form].template.is_some());
        let items = self.scale_items(entry, open);
        if self.problems() > before {
            return None;
        }
        let k = items.len();
        let min_answered = usize::from(*entry.min_answered.get_ref());
        if !open && !(1..=k).contains(&min_answered) {
            let message = format!("`{id}` has {k} items, so min_answered lies between 1 and {k}");
            self.problem(Code::BadMinAnswered, entry.min_answered.span(), message);
        }
        let source = self.source(&entry.source);
        let note_below = entry.note_below.as_ref().and_then(|note| {
            let source = self.source(&note.source)?;
            Some(NoteBelow { value: *note.value.get_ref(), source })
        });
        let mut scale = Scale {
            id: id.clone(),
            title: entry.title.clone(),
            items,
            score: entry.score,
            min_answered,
            range: PossibleRange::Unbounded,
            evidence: entry.evidence,
            source: source.unwrap_or_default(),
            forms,
            note_below,
        };
        if !open {
            self.check_reversal(entry, &scale, instrument);
        }
        scale.range = self.range(entry, &scale, instrument, open);
        (self.problems() == before).then_some(scale)
    }

    fn scale_items(&mut self, entry: &ScaleEntry, open: bool) -> Vec<Keyed> {
        let mut items: Vec<Keyed> = Vec::new();
        for name in entry.items.get_ref() {
            let (reversed, plain) = match name.get_ref().strip_prefix('-') {
                Some(plain) => (true, plain),
                None => (false, name.get_ref().as_str()),
            };
            if let Some(item) = self.item(&Spanned::new(name.span(), plain.to_owned())) {
                if items.iter().any(|keyed| keyed.item == item) {
                    let message = format!("`{plain}` stands twice in `{}`", entry.id.get_ref());
                    self.problem(Code::DuplicateId, name.span(), message);
                }
                items.push(Keyed { item, reversed });
            }
        }
        if entry.items.get_ref().is_empty() && !open {
            let message = format!("`{}` has no items", entry.id.get_ref());
            let help = "only a scale of a template form may leave its items open".to_owned();
            self.problem_help(Code::MissingKey, entry.items.span(), message, help);
        }
        items
    }

    fn check_reversal(&mut self, entry: &ScaleEntry, scale: &Scale, instrument: &Instrument) {
        for (keyed, name) in scale.items.iter().zip(entry.items.get_ref()) {
            let unbounded = |form: &usize| {
                instrument.responses[instrument.answers_of(keyed.item, *form, None)].max.is_none()
            };
            if keyed.reversed && scale.forms.iter().any(unbounded) {
                let message = format!("`{}` cannot be reversed: its responses have no max", name.get_ref());
                self.problem(Code::ReversedWithoutBounds, name.span(), message);
            }
        }
    }

    /// The declared ranges, each held against the range that the items imply.
    fn range(
        &mut self,
        entry: &ScaleEntry,
        scale: &Scale,
        instrument: &Instrument,
        open: bool,
    ) -> PossibleRange {
        let span = entry.range.span();
        let id = &scale.id;
        let declared = match entry.range.get_ref() {
            RangeEntry::Unbounded => {
                let bounded = |form: &usize| implied(scale, instrument, *form, None).is_some();
                if !open && scale.forms.iter().any(bounded) {
                    self.problem(
                        Code::RangeMismatch,
                        span,
                        format!("the items of `{id}` have bounds: give its range"),
                    );
                }
                return PossibleRange::Unbounded;
            }
            RangeEntry::BySet(declared) => declared,
        };
        let mut ranges: Vec<(usize, [f64; 2])> = Vec::new();
        for (name, range) in declared {
            let Some(set) = self.set(&Spanned::new(span.clone(), name.clone())) else { continue };
            ranges.push((set, *range));
            if open {
                continue;
            }
            for form in &scale.forms {
                match implied(scale, instrument, *form, Some(set)) {
                    Some(want) if (0..2).all(|end| (want[end] - range[end]).abs() < 1e-9) => {}
                    Some(want) => {
                        let message = format!(
                            "`{id}` with `{name}` runs from {} to {}, not from {} to {}",
                            want[0], want[1], range[0], range[1]
                        );
                        self.problem(Code::RangeMismatch, span.clone(), message);
                        break;
                    }
                    None => {
                        let message = format!("`{id}` sums counts, which have no range");
                        let help = "write `range = \"unbounded\"`".to_owned();
                        self.problem_help(Code::RangeMismatch, span.clone(), message, help);
                        break;
                    }
                }
            }
        }
        for form in &scale.forms {
            let own = own_set(scale, instrument, *form);
            if !open && !ranges.iter().any(|(set, _)| *set == own) {
                let name = &instrument.responses[own].id;
                self.problem(Code::RangeMismatch, span.clone(), format!("`{id}` has no range for `{name}`"));
                break;
            }
        }
        PossibleRange::BySet(ranges)
    }

    /// A scale id may occur twice only for disjoint forms.
    fn check_editions(&mut self, file: &DefinitionFile) {
        for (at, entry) in file.scale.iter().enumerate() {
            for earlier in &file.scale[..at] {
                if earlier.id.get_ref() != entry.id.get_ref() {
                    continue;
                }
                let (mine, theirs) =
                    (self.forms(entry.forms.as_deref()), self.forms(earlier.forms.as_deref()));
                if mine.iter().any(|form| theirs.contains(form)) {
                    let message = format!("two scales are called `{}` on one form", entry.id.get_ref());
                    self.problem(Code::FormConflict, entry.id.span(), message);
                }
            }
        }
    }

    fn cases(&mut self, entries: &[CaseEntry], instrument: &mut Instrument) {
        if instrument.key_digest.is_empty() {
            return; // the definition itself is broken; its own findings come first
        }
        for entry in entries {
            let before = self.problems();
            let case = self.case(entry, instrument);
            if self.problems() == before {
                instrument.cases.push(case);
            }
        }
    }

    fn case(&mut self, entry: &CaseEntry, instrument: &Instrument) -> Case {
        let form = match &entry.form {
            Some(name) => self.form(name).unwrap_or_default(),
            None if instrument.forms.len() == 1 => 0,
            None => {
                self.problem(Code::BadCase, entry.name.span(), "the case does not name its form".to_owned());
                0
            }
        };
        let responses = entry.responses.as_ref().and_then(|name| self.set(name));
        let answers: Vec<String> = entry.answers.get_ref().split_whitespace().map(str::to_owned).collect();
        if answers.len() != instrument.items.len() {
            let message = format!("{} answers for {} items", answers.len(), instrument.items.len());
            self.problem(Code::BadCase, entry.answers.span(), message);
        }
        let ids = self.scales.clone();
        let mut expected = Vec::new();
        for (scale, score) in &entry.scores {
            if self.lookup("scale", scale, &ids).is_some() {
                expected.push(Expected::Score(scale.get_ref().clone(), *score));
            }
        }
        for (scale, reason) in &entry.no_score {
            if self.lookup("scale", scale, &ids).is_some() {
                expected.push(Expected::NoScore(scale.get_ref().clone(), reason.clone()));
            }
        }
        for (item, code) in &entry.refused {
            if let Some(item) = self.item(item) {
                expected.push(Expected::Refused(item, code.clone()));
            }
        }
        if expected.is_empty() {
            self.problem(Code::BadCase, entry.name.span(), "the case expects nothing".to_owned());
        }
        if let Some(source) = &entry.source {
            self.source(source);
        }
        Case {
            name: entry.name.get_ref().clone(),
            form,
            responses,
            answers,
            min_answered: entry.min_answered.clone(),
            expected,
            place: Place::span(self.name, self.text, entry.name.span()),
        }
    }

    fn every_scale_has_a_case(&mut self, file: &DefinitionFile, instrument: &Instrument) {
        for (scale, entry) in instrument.scales.iter().zip(&file.scale) {
            for form in &scale.forms {
                let shown = |case: &Case| {
                    case.form == *form
                        && case
                            .expected
                            .iter()
                            .any(|e| matches!(e, Expected::Score(id, _) if *id == scale.id))
                };
                if instrument.forms[*form].template.is_none() && !instrument.cases.iter().any(shown) {
                    let form = &instrument.forms[*form].id;
                    let message =
                        format!("no worked case shows a score of `{}` on the form `{form}`", scale.id);
                    let help =
                        "add a [[case]] here, or in a file beside this one whose name ends in .cases.toml";
                    self.problem_help(Code::NoCases, entry.id.span(), message, help.to_owned());
                }
            }
        }
    }
}

/// The response set under whose id a scale's range stands: the form's, or that of its items if none uses the form's.
fn own_set(scale: &Scale, instrument: &Instrument, form: usize) -> usize {
    let of_form = instrument.forms[form].responses;
    let own = |keyed: &Keyed| instrument.items[keyed.item].responses;
    if scale.items.iter().all(|keyed| own(keyed).is_some()) {
        scale.items.first().and_then(own).unwrap_or(of_form)
    } else {
        of_form
    }
}

/// The range of a scale's scores that its items imply.
fn implied(scale: &Scale, instrument: &Instrument, form: usize, chosen: Option<usize>) -> Option<[f64; 2]> {
    let mut sums = [0.0, 0.0];
    for keyed in &scale.items {
        let set = &instrument.responses[instrument.answers_of(keyed.item, form, chosen)];
        sums[0] += set.min;
        sums[1] += set.max?;
    }
    let k = scale.items.len() as f64;
    match scale.score {
        ScoreRule::Sum => Some(sums),
        ScoreRule::Mean => Some(sums.map(|sum| sum / k)),
    }
}

/// A column name as names are compared: lower case, separators gone except between two digits, zeros in front of a
/// number gone.
///
/// ```
/// use alliance_metrics::instrument::fold_name;
/// assert_eq!(fold_name(" WAI_S-01 "), "wais1");
/// assert_eq!(fold_name("wai.1_2"), "wai1_2");
/// ```
pub fn fold_name(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.trim().chars().flat_map(char::to_lowercase) {
        if matches!(c, '_' | '.' | '-') || c.is_whitespace() {
            gap = true;
            continue;
        }
        let last_is_digit = folded.ends_with(|c: char| c.is_ascii_digit());
        if gap && last_is_digit && c.is_ascii_digit() {
            folded.push('_');
        }
        let inside_number = last_is_digit && !gap;
        gap = false;
        if c.is_ascii_digit() && inside_number && folded.ends_with('0') {
            let before = folded[..folded.len() - 1].ends_with(|c: char| c.is_ascii_digit());
            if !before {
                folded.pop(); // a zero in front of the number
            }
        }
        folded.push(c);
    }
    folded
}
