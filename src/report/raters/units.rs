//! Which units were rated by whom: rows of a file as tables of units by raters.

use std::collections::HashMap;

use super::RatersAsked;
use crate::agreement::{CategoryList, Ratings};
use crate::error::Error;
use crate::finding::{Code, Finding, Findings};
use crate::instrument::Unit;
use crate::report::study::Study;
use crate::responses::Key;
use crate::sample::{Words, reading_order};
use crate::scoring::{As, Edition, Term};

/// Raters, and everything that they rated.
pub struct Raters {
    /// Their names: words of the column of raters, or columns.
    pub names: Vec<String>,
    /// The columns that say what was rated.
    pub unit: Vec<String>,
    /// Scale by scale, or item by item.
    pub lines: Vec<RatedLine>,
}

/// What is rated: a scale, or an item of one.
pub struct RatedLine {
    /// The scale.
    pub scale: String,
    /// The item, where items are looked at one by one.
    pub item: Option<String>,
    /// The form of the questionnaire.
    pub form: Option<String>,
    /// Units by raters.
    pub ratings: Ratings,
    /// A row of each unit.
    pub rows: Vec<usize>,
    /// For each row of the file the unit that it is about.
    pub unit_of: HashMap<usize, usize>,
    /// The words of each unit, by the columns that say what was rated.
    pub words: Vec<Vec<String>>,
    /// The categories, if there are any: from the instrument, or given.
    pub categories: Option<CategoryList>,
    /// Whether the categories are those that occur, because that was asked for.
    pub observed: bool,
    /// The time of each unit, where the file has sessions or dates.
    pub times: Option<Vec<f64>>,
    /// For each unit the judges' answers to the items, and the answers that an item allows.
    pub judged: Option<(Vec<Ratings>, CategoryList)>,
}

impl RatedLine {
    /// What it is called.
    pub fn name(&self) -> String {
        let of = self.item.as_ref().map_or(self.scale.clone(), |item| format!("{}: {item}", self.scale));
        self.form.as_ref().map_or(of.clone(), |form| format!("{of} ({form})"))
    }

    /// Units with two ratings or more.
    pub fn shared(&self) -> usize {
        (0..self.ratings.units()).filter(|unit| self.ratings.of_unit(*unit).count() > 1).count()
    }
}

impl Raters {
    /// Units by raters from a file with a row for each rating, scales by their places in the plan.
    ///
    /// # Errors
    /// A usage error where the file does not say who rated or what was rated, or where there is one rater; findings for
    /// a unit that one rater rated twice.
    pub fn long(
        study: &Study,
        scales: &[usize],
        unit: &[String],
        asked: &RatersAsked,
    ) -> Result<Raters, Error> {
        let sample = &study.sample;
        let Some(words) = sample.key(Key::Rater) else {
            let message = format!("{} has no column of raters", study.file_names());
            let help = "name it with --rater COLUMN; if every rater has a column, name these: --raters r1,r2";
            return Err(Error::usage_help(message, help));
        };
        let mut names: Vec<String> =
            words.distinct().iter().filter(|w| !w.trim().is_empty()).cloned().collect();
        names.sort_by(|a, b| reading_order(a, b));
        let place: HashMap<&str, usize> =
            names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let mut findings = Findings::new();
        let mut rater_of = Vec::with_capacity(sample.rows());
        for row in 0..sample.rows() {
            let at = place.get(words.get(row)).copied();
            if at.is_none() {
                let message = "the row does not say who rated";
                findings.push(Finding::problem(Code::BlankKey, study.place(row), message));
            }
            rater_of.push(at.unwrap_or_default());
        }
        if !findings.is_empty() {
            return Err(Error::data(findings));
        }
        if names.len() < 2 {
            let message = format!("agreement needs two raters; all rows are of `{}`", names.join(""));
            return Err(Error::usage_help(message, "is --rater the column of those who rated?"));
        }
        let mut gather =
            Gather { study, names: &names, rater_of: &rater_of, findings: Findings::new(), asked };
        let person = gather.columns(unit, false)?;
        let family = gather.columns(unit, true)?;
        gather.twice(&person);
        if !gather.findings.is_empty() {
            return Err(Error::data(gather.findings));
        }
        let mut forms: Vec<Option<usize>> = (0..sample.rows()).map(|row| sample.form(row)).collect();
        forms.sort_unstable();
        forms.dedup();
        let mut lines = Vec::new();
        for scale in scales {
            for form in &forms {
                let Some(edition) = sample.edition(*scale, *form) else { continue };
                if asked.items && !study.is_of_scores() {
                    for term in &edition.terms {
                        let of = if gather.is_family(term) { &family } else { &person };
                        lines.push(gather.item(*scale, *form, term, of));
                    }
                } else {
                    let all = edition.terms.iter().all(|term| gather.is_family(term));
                    lines.push(gather.scale(*scale, *form, edition, if all { &family } else { &person }));
                }
            }
        }
        let findings = std::mem::take(&mut gather.findings);
        if !findings.is_empty() {
            return Err(Error::data(findings));
        }
        let unit = person.iter().map(|(name, _)| name.clone()).collect();
        Raters { names, unit, lines }.shared()
    }

    /// Units by raters from a file with a column for each rater: the scores of the study.
    ///
    /// # Errors
    /// A usage error where there is one rater.
    pub fn wide(study: &Study, unit: &[String], asked: &RatersAsked) -> Result<Raters, Error> {
        let sample = &study.sample;
        let names: Vec<String> = sample.plan.scales.iter().map(|scale| scale.id.clone()).collect();
        if names.len() < 2 {
            let message = format!("agreement needs two raters; --raters names one: {}", names.join(""));
            return Err(Error::usage(message));
        }
        let mut columns = Vec::new();
        for name in unit {
            columns.push((name.clone(), unit_column(study, name)?));
        }
        let mut ratings = Ratings::empty(sample.rows(), names.len());
        let mut seen: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut findings = Findings::new();
        for row in 0..sample.rows() {
            (0..names.len()).for_each(|at| {
                if let Some(value) = sample.value(at, row) {
                    ratings.set(row, at, value);
                }
            });
            let key: Vec<usize> = columns.iter().map(|(_, words)| words.index(row)).collect();
            if columns.is_empty() {
                continue;
            }
            if let Some(first) = seen.insert(key, row) {
                findings.push(doubled(study, row, first, &said(&columns, row), "all raters"));
            }
        }
        if !findings.is_empty() {
            return Err(Error::data(findings));
        }
        let words = |row: usize| match columns.is_empty() {
            true => vec![(row + 1).to_string()],
            false => columns.iter().map(|(_, words)| words.get(row).to_owned()).collect(),
        };
        let first = sample.plan.scales[0].editions.first().and_then(|edition| edition.terms.first());
        let categories = asked.categories(&ratings, first);
        let line = RatedLine {
            scale: "rating".to_owned(),
            item: None,
            form: None,
            rows: (0..sample.rows()).collect(),
            unit_of: (0..sample.rows()).map(|row| (row, row)).collect(),
            words: (0..sample.rows()).map(words).collect(),
            judged: categories.clone().map(|categories| (single(&ratings), categories)),
            categories,
            observed: asked.observed,
            times: times(study, (0..sample.rows()).collect()),
            ratings,
        };
        let unit = if columns.is_empty() { vec!["row".to_owned()] } else { unit.to_vec() };
        Raters { names, unit, lines: vec![line] }.shared()
    }

    /// Refuses ratings of which no unit has two.
    fn shared(self) -> Result<Raters, Error> {
        if self.lines.iter().any(|line| line.shared() > 0) {
            return Ok(self);
        }
        let rated = |at: usize| -> usize {
            let of = |line: &RatedLine| {
                (0..line.ratings.units()).filter(|unit| line.ratings.get(*unit, at).is_some()).count()
            };
            self.lines.iter().map(of).max().unwrap_or(0)
        };
        let who: Vec<String> =
            self.names.iter().enumerate().take(8).map(|(at, name)| format!("{name} {}", rated(at))).collect();
        let message = format!("no unit was rated by two raters; units rated: {}", who.join(", "));
        let help = format!(
            "a unit is what has the same {}; name other columns with --unit",
            self.unit.join(" and ")
        );
        Err(Error::usage_help(message, help))
    }
}

fn unit_column<'a>(study: &'a Study, name: &str) -> Result<&'a Words, Error> {
    study.sample.column(name).ok_or_else(|| {
        Error::usage_help(format!("--unit: the file has no column `{name}`"), "name a column of the file")
    })
}

fn times(study: &Study, rows: Vec<usize>) -> Option<Vec<f64>> {
    let timed = [Key::Session, Key::Date].into_iter().any(|key| study.sample.key(key).is_some());
    timed.then(|| {
        let times = study.sample.times();
        rows.into_iter().map(|row| times[row]).collect()
    })
}

/// A table of one item for each unit: its judges.
fn single(ratings: &Ratings) -> Vec<Ratings> {
    let of = |unit: usize| {
        let rows: Vec<Vec<Option<f64>>> = ratings.of_unit(unit).map(|rating| vec![Some(rating)]).collect();
        Ratings::from_rows(&rows)
    };
    (0..ratings.units()).map(of).collect()
}

type Columns<'a> = Vec<(String, &'a Words)>;

fn said(columns: &Columns<'_>, row: usize) -> String {
    let words: Vec<String> =
        columns.iter().map(|(name, words)| format!("{name} {}", words.get(row))).collect();
    words.join(" ")
}

fn doubled(study: &Study, row: usize, first: usize, unit: &str, who: &str) -> Finding {
    let message = format!(
        "{unit}: a second rating by {who}; the first stands on line {}",
        study.place(first).line.unwrap_or_default()
    );
    let help = "leave one of them out, or name the columns that tell them apart: --unit";
    Finding::problem(Code::DuplicateKey, study.place(row), message).help(help)
}

struct Gather<'a> {
    study: &'a Study,
    names: &'a [String],
    rater_of: &'a [usize],
    findings: Findings,
    asked: &'a RatersAsked,
}

impl<'a> Gather<'a> {
    /// The columns that say what was rated: those named, or the keys that the file has; of a family, without its members.
    fn columns(&self, named: &[String], family: bool) -> Result<Columns<'a>, Error> {
        let study = self.study;
        let mut columns: Columns<'a> = Vec::new();
        for name in named {
            columns.push((name.clone(), unit_column(study, name)?));
        }
        if !columns.is_empty() {
            return Ok(columns);
        }
        let key = |key: Key| Some((key.id().to_owned(), study.sample.key(key)?));
        if family {
            columns.extend([Key::Family, Key::Dyad, Key::Person].into_iter().find_map(key));
        } else {
            columns.extend([Key::Family, Key::Dyad, Key::Person, Key::Role].into_iter().filter_map(key));
        }
        columns.extend([Key::Session, Key::Date].into_iter().find_map(key));
        if columns.is_empty() {
            let message = format!("{} has no column that says what was rated", study.file_names());
            return Err(Error::usage_help(message, "name one, or several, with --unit COLUMN[,COLUMN]"));
        }
        Ok(columns)
    }

    fn is_family(&self, term: &Term) -> bool {
        let slot = &self.study.sample.layout.slots[term.slot];
        let item = &self.study.sample.layout.passes[slot.pass].instrument.items[slot.item];
        item.unit == Unit::Family
    }

    /// Names rows in which a rater rates a unit again.
    fn twice(&mut self, columns: &Columns<'_>) {
        let mut seen: HashMap<(Vec<usize>, usize), usize> = HashMap::new();
        for row in 0..self.study.sample.rows() {
            let key = columns.iter().map(|(_, words)| words.index(row)).collect();
            let rater = self.rater_of[row];
            if let Some(first) = seen.get(&(key, rater)) {
                let who = &self.names[rater];
                self.findings.push(doubled(self.study, row, *first, &said(columns, row), who));
                continue;
            }
            let key = columns.iter().map(|(_, words)| words.index(row)).collect();
            seen.insert((key, rater), row);
        }
    }

    fn scale(&mut self, scale: usize, form: Option<usize>, edition: &Edition, of: &Columns<'_>) -> RatedLine {
        let study = self.study;
        let mut line = self.line(scale, form, None, of, &|row| study.sample.value(scale, row));
        let one = edition.terms.len() == 1 && edition.kind != As::Pomp;
        line.categories = match one {
            true => self.asked.categories(&line.ratings, edition.terms.first()),
            false => None,
        };
        line.observed = self.asked.observed && line.categories.is_some();
        line.judged = self.judged(&line, edition);
        line
    }

    fn item(&mut self, scale: usize, form: Option<usize>, term: &Term, of: &Columns<'_>) -> RatedLine {
        let study = self.study;
        let answer = |row: usize| study.sample.answer(term, row).map(|x| term.scored(x));
        let id = study.sample.item_id(term);
        let mut line = self.line(scale, form, Some(id), of, &answer);
        line.categories = self.asked.categories(&line.ratings, Some(term));
        line.observed = self.asked.observed && line.categories.is_some();
        line.judged = line.categories.clone().map(|categories| (single(&line.ratings), categories));
        line
    }

    /// The judges of each unit over the items of a scale, where all items allow the same answers.
    fn judged(&self, line: &RatedLine, edition: &Edition) -> Option<(Vec<Ratings>, CategoryList)> {
        if edition.terms.len() == 1 {
            return line.categories.clone().map(|categories| (single(&line.ratings), categories));
        }
        let first = &edition.terms.first()?.spec;
        let same = edition.terms.iter().all(|term| term.spec.set == first.set);
        if first.points == 0 || !same {
            return None;
        }
        let mut judges = vec![Vec::new(); line.rows.len()];
        for row in 0..self.study.sample.rows() {
            let Some(unit) = line.unit_of.get(&row) else { continue };
            let answer = |term: &Term| self.study.sample.answer(term, row).map(|x| term.scored(x));
            judges[*unit].push(edition.terms.iter().map(answer).collect::<Vec<_>>());
        }
        let categories =
            CategoryList::new((0..first.points).map(|point| first.set.min + first.set.step * point as f64));
        Some((judges.iter().map(|rows| Ratings::from_rows(rows)).collect(), categories))
    }

    /// Units by raters of one value of each row. What is rated of a family may stand equally on several rows.
    fn line(
        &mut self,
        scale: usize,
        form: Option<usize>,
        item: Option<String>,
        columns: &Columns<'_>,
        value: &dyn Fn(usize) -> Option<f64>,
    ) -> RatedLine {
        let sample = &self.study.sample;
        let mut units: HashMap<Vec<usize>, usize> = HashMap::new();
        let (mut rows, mut unit_of) = (Vec::new(), HashMap::new());
        let mut cells: HashMap<(usize, usize), (f64, usize)> = HashMap::new();
        for row in (0..sample.rows()).filter(|row| sample.form(*row) == form) {
            let key: Vec<usize> = columns.iter().map(|(_, words)| words.index(row)).collect();
            let unit = *units.entry(key).or_insert_with(|| {
                rows.push(row);
                rows.len() - 1
            });
            unit_of.insert(row, unit);
            let Some(value) = value(row) else { continue };
            let rater = self.rater_of[row];
            match cells.get(&(unit, rater)) {
                Some((first, _)) if *first == value => {}
                Some((first, at)) => {
                    let message = format!(
                        "{}: {} rates {} {value} here and {first} on line {}; it is one rating",
                        said(columns, row),
                        self.names[rater],
                        item.as_deref().unwrap_or(&sample.plan.scales[scale].id),
                        self.study.place(*at).line.unwrap_or_default()
                    );
                    self.findings.push(Finding::problem(Code::DuplicateKey, self.study.place(row), message));
                }
                None => {
                    cells.insert((unit, rater), (value, row));
                }
            }
        }
        let mut ratings = Ratings::empty(rows.len(), self.names.len());
        cells.iter().for_each(|((unit, rater), (value, _))| ratings.set(*unit, *rater, *value));
        let words = |row: &usize| columns.iter().map(|(_, words)| words.get(*row).to_owned()).collect();
        RatedLine {
            scale: sample.plan.scales[scale].id.clone(),
            item,
            form: self.study.form_name(form).filter(|_| sample.layout.passes[0].instrument.forms.len() > 1),
            ratings,
            words: rows.iter().map(words).collect(),
            times: times(self.study, rows.clone()),
            rows,
            unit_of,
            categories: None,
            observed: false,
            judged: None,
        }
    }
}
