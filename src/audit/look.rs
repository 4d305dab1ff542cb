//! One look at a whole file, by as many threads as there are.

use serde::Serialize;

use super::answers::Answers;
use super::key::{self, FormKey};
use super::keys::{KeyFaults, VisitReader};
use super::places::{Places, Start};
use super::published::{self, Candidate, Published};
use super::recipes::Recipes;
use super::sessions::{Attendance, Sessions};
use super::stored::{Claim, Comparer, Comparison};
use super::visits::Visits;
use super::{columns, findings, ranges};
use crate::error::Error;
use crate::finding::{Finding, Findings, near};
use crate::instrument::fold_name;
use crate::responses::{Counts, Layout, Responses};
use crate::scoring::{Plan, Rules, ScaleSummary, Scores, Tally};

/// What the user asks beyond the ordinary.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Columns that hold scores, and the scale of each.
    pub compare: Vec<(String, String)>,
    /// Figures that somebody published.
    pub published: Option<Published>,
}

/// An audit of a file, shared by the threads that read it. One instrument.
pub struct Audit<'a> {
    layouts: &'a [Layout],
    plan: &'a Plan,
    visits: Option<Visits>,
    claims: Vec<Claim>,
    published: Option<Published>,
    /// Other ways of scoring, where something is compared with them.
    recipes: Option<Recipes>,
}

/// Looks at batches; one for each thread.
pub struct Auditor<'a> {
    audit: &'a Audit<'a>,
    answers: Answers,
    visits: Option<VisitReader<'a>>,
    scores: Scores,
    tally: Tally,
    comparers: Vec<Comparer>,
    lines: Vec<u64>,
}

/// What the threads gathered.
pub struct Gathered {
    pub(super) answers: Answers,
    pub(super) faults: KeyFaults,
    tally: Tally,
    comparisons: Vec<super::stored::Counts>,
}

/// What an audit found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Audited {
    /// The findings, problems first, without those of the reader.
    #[serde(skip)]
    pub findings: Findings,
    /// What the forms look like.
    pub forms: Vec<FormLook>,
    /// Scores as they would be.
    pub scales: Vec<ScaleSummary>,
    /// Who answered, and when; none without a column that says whom a row is about.
    pub attendance: Option<Attendance>,
    /// The informant who left out the largest share of answers, with that share.
    pub most_missing: Option<(String, f64)>,
    /// Columns that are not used.
    pub unused_columns: Vec<String>,
    /// Scores that stand in the file, against those that the answers give.
    pub comparisons: Vec<Comparison>,
    /// The ways of scoring that come nearest to published figures.
    pub published: Vec<Candidate>,
}

/// The answers on a form.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FormLook {
    /// Id of the form, or `unspecified`.
    pub form: String,
    /// Its rows.
    pub rows: u64,
    /// Its items.
    pub items: Vec<ItemLook>,
    /// Does the key fit?
    pub key: FormKey,
}

/// The answers to an item on a form.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ItemLook {
    /// Id of the item.
    pub item: String,
    /// Its column.
    pub column: String,
    /// Whether the key reverses it.
    pub reversed: bool,
    /// Answers.
    pub n: u64,
    /// Share of rows without one.
    pub missing: f64,
    /// Mean, for items with points.
    pub mean: Option<f64>,
    /// The lowest answer.
    pub min: Option<f64>,
    /// The highest answer.
    pub max: Option<f64>,
    /// Share of answers at the lowest point, as answered.
    pub floor: Option<f64>,
    /// Share of answers at the highest point, as answered.
    pub ceiling: Option<f64>,
    /// Correlation with the rest of its scale, as the key has it.
    pub r: Option<f64>,
}

impl<'a> Audit<'a> {
    /// An audit of files of answers to one instrument, which are read as one.
    ///
    /// # Errors
    /// A usage error for a scale that is not there, or rules that do not fit.
    pub fn new(
        layouts: &'a [Layout],
        plan: &'a Plan,
        rules: &Rules,
        config: &Config,
    ) -> Result<Audit<'a>, Error> {
        let layout = &layouts[0];
        let claims: Vec<Claim> =
            config.compare.iter().map(|claim| self::claim(layout, plan, claim)).collect::<Result<_, _>>()?;
        let others = !claims.is_empty() || config.published.is_some();
        let recipes = others.then(|| Recipes::new(layout, rules)).transpose()?;
        let published = config.published.clone();
        Ok(Audit { layouts, plan, visits: Visits::new(layout), claims, published, recipes })
    }

    /// A look for one thread.
    pub fn auditor(&self) -> Auditor<'_> {
        let comparers = self
            .recipes
            .iter()
            .flat_map(|recipes| self.claims.iter().map(|_| Comparer::new(self.plan, recipes)));
        Auditor {
            audit: self,
            answers: Answers::new(&self.layouts[0], self.plan),
            visits: self.visits.as_ref().map(VisitReader::new),
            scores: Scores::new(self.plan),
            tally: Tally::new(self.plan, &self.layouts[0]),
            comparers: comparers.collect(),
            lines: Vec::new(),
        }
    }
}

/// A column and a scale, by name.
fn claim(layout: &Layout, plan: &Plan, (column, scale): &(String, String)) -> Result<Claim, Error> {
    let folded = fold_name(column);
    let exact = layout.texts.iter().position(|text| text.name == *column);
    let text = exact.or_else(|| layout.texts.iter().position(|text| fold_name(&text.name) == folded));
    let text = text.ok_or_else(|| Error::usage(format!("--compare: the file has no column `{column}`")))?;
    let ids = || plan.scales.iter().map(|scale| scale.id.as_str());
    match ids().position(|id| id == scale) {
        Some(scale) => Ok(Claim { text, scale }),
        None => {
            let help = match near(scale, ids()).first() {
                Some(id) => format!("did you mean `{id}`?"),
                None => format!("scales are: {}", ids().collect::<Vec<_>>().join(", ")),
            };
            Err(Error::usage_help(format!("--compare: there is no scale `{scale}`"), help))
        }
    }
}

impl Auditor<'_> {
    /// Looks at a batch, which is a numbered block of the file.
    pub fn add(&mut self, block: u64, batch: &Responses) {
        let Audit { layouts, plan, claims, recipes, .. } = self.audit;
        let layout = &layouts[0];
        self.lines.clear();
        self.lines.extend(batch.lines());
        let gaps = self.answers.add(layout, block, &self.lines, batch);
        if let Some(visits) = &mut self.visits {
            visits.add(block, &self.lines, batch, gaps);
        }
        plan.score(batch, &mut self.scores);
        self.tally.add(plan, layout, batch, &self.scores);
        for (claim, comparer) in claims.iter().zip(&mut self.comparers) {
            if let Some(recipes) = recipes {
                comparer.add((layouts, plan, recipes, claim), (block, &self.lines), batch);
            }
        }
    }

    /// What this thread gathered.
    pub fn gathered(self) -> Gathered {
        Gathered {
            answers: self.answers,
            faults: self.visits.map(|visits| visits.gathered).unwrap_or_default(),
            tally: self.tally,
            comparisons: self.comparers.into_iter().map(|comparer| comparer.counts).collect(),
        }
    }
}

impl Gathered {
    /// Adds what another thread gathered; the order does not matter.
    pub fn merge(&mut self, other: &Gathered) {
        self.answers.merge(&other.answers);
        self.faults.merge(&other.faults);
        self.tally.merge(&other.tally);
        self.comparisons.iter_mut().zip(&other.comparisons).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

impl Audit<'_> {
    /// What was found by all threads. `starts` says for each block of the files what comes before it.
    pub fn finish(self, gathered: Vec<Gathered>, counts: &Counts, starts: &[Start]) -> Audited {
        let mut parts = gathered.into_iter();
        let mut gathered = parts.next().unwrap_or_else(|| self.auditor().gathered());
        parts.for_each(|part| gathered.merge(&part));
        let Audit { layouts, plan, visits, claims, published, recipes } = self;
        let layout = &layouts[0];
        let places = Places { layouts, starts };
        let form_name = |form: usize| layout.form_name(0, Some(form)).to_owned();
        let answers = &mut gathered.answers;
        answers.settle(layout);
        let keys: Vec<FormKey> =
            answers.forms.iter().enumerate().map(|(at, form)| key::look(layout, plan, at, form)).collect();
        let scales = gathered.tally.summaries(plan, layout);
        let several = answers.forms.iter().filter(|form| form.rows > 0).count() > 1;
        let before = |form: usize| if several { format!("{}: ", form_name(form)) } else { String::new() };

        let mut found: Vec<Finding> = Vec::new();
        found.extend(ranges::findings(layout, answers, &before));
        found.extend(
            keys.iter().enumerate().flat_map(|(at, key)| findings::of_key(layout, plan, key, &before(at))),
        );
        let mut attendance = None;
        let mut most_missing = None;
        match visits {
            None => found.push(findings::no_keys(layout)),
            Some(visits) => {
                let texts = visits.texts;
                let table = visits.finish(&gathered.faults);
                let sessions = Sessions::look(&table, texts, layout.slots.len(), places);
                found.extend(sessions.findings(&gathered.faults));
                attendance = Some(sessions.attendance());
                most_missing = sessions.worst_informant();
            }
        }
        let forms = forms(layout, plan, &gathered.answers, keys);
        found.extend(findings::of_missing(
            layout,
            counts,
            &forms,
            attendance.as_ref(),
            most_missing.as_ref(),
        ));
        found.extend(findings::of_rows(&gathered.answers, places));
        found.extend(findings::of_scales(layout, &scales, several));
        let used = (0..gathered.answers.forms.len()).filter(|form| gathered.answers.forms[*form].rows > 0);
        found.extend(
            used.filter_map(|form| findings::turned_round(layout, &scales, &form_name(form), &before(form))),
        );
        let mut comparisons = Vec::new();
        let mut candidates = Vec::new();
        if let Some(recipes) = &recipes {
            for (claim, counts) in claims.iter().zip(&gathered.comparisons) {
                let (comparison, more) = counts.result((layout, plan, recipes, claim), places);
                found.extend(more);
                comparisons.push(comparison);
            }
            if let Some(published) = &published {
                candidates =
                    published::candidates(layout, plan, recipes, &gathered.answers, published, &form_name);
                found.push(published::finding(layout, published, &candidates));
            }
        }
        if places.several() {
            let whole = found.iter_mut().filter(|finding| finding.place.line.is_none());
            whole.for_each(|finding| finding.place.file = places.whole().file);
        }
        found.splice(0..0, layouts.iter().flat_map(columns::findings));
        let unused = |layout: &Layout| -> Vec<String> {
            columns::unused(layout).into_iter().map(|column| layout.names[column].clone()).collect()
        };
        let mut names: Vec<String> = layouts.iter().flat_map(unused).collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        Audited {
            findings: findings::in_order(found),
            forms,
            scales,
            attendance,
            most_missing,
            unused_columns: names,
            comparisons,
            published: candidates,
        }
    }
}

fn forms(layout: &Layout, plan: &Plan, answers: &Answers, keys: Vec<FormKey>) -> Vec<FormLook> {
    let mut forms = Vec::new();
    for ((at, form), key) in answers.forms.iter().enumerate().zip(keys).filter(|((_, form), _)| form.rows > 0)
    {
        let reversed = key::reversed_slots(plan, at);
        let item = |(slot, item): (usize, &super::answers::ItemAnswers)| {
            let of = &layout.slots[slot];
            let share = |n: u64| n as f64 / item.n.max(1) as f64;
            let share_at = |count: Option<&u64>| count.filter(|_| item.n > 0).map(|n| share(*n));
            let set = &of.specs[at].set;
            let sum: f64 = item.codes.iter().enumerate().map(|(code, n)| code as f64 * *n as f64).sum();
            let pointed = !item.codes.is_empty() && item.n > 0;
            ItemLook {
                item: layout.passes[0].instrument.items[of.item].id.clone(),
                column: layout.item_name(slot).to_owned(),
                reversed: reversed.contains(&slot),
                n: item.n,
                missing: 1.0 - item.n as f64 / form.rows as f64,
                mean: pointed.then(|| set.min + set.step * (sum / item.n as f64)),
                min: item.range.map(|[low, _]| low),
                max: item.range.map(|[_, high]| high),
                floor: share_at(item.codes.first()),
                ceiling: share_at(item.codes.last()),
                r: key
                    .scales
                    .iter()
                    .flat_map(|look| &look.items)
                    .find(|item| item.slot == slot)
                    .and_then(|item| item.r),
            }
        };
        let items = form.items.iter().enumerate().map(item).collect();
        forms.push(FormLook { form: layout.form_name(0, Some(at)).to_owned(), rows: form.rows, items, key });
    }
    forms
}
