//! The report of `raters`: how far observers agree.

mod finals;
mod found;
mod json;
mod pairs;
mod summary;
mod tables;
mod units;

pub use finals::finals_csv;
pub use found::{RatersFound, TwoRaters, found as raters_found};
pub use units::{RatedLine, Raters};

use serde_json::json;

use super::Detail;
use super::format::plural;
use super::model::{Block, Note, Report, Section};
use super::study::Study;
use crate::agreement::{CategoryList, NAMED_NULLS, Null, Ratings, Weights};
use crate::error::Error;
use crate::scoring::Term;

/// What is asked of raters.
pub struct RatersAsked {
    /// Look at items one by one, not at scales.
    pub items: bool,
    /// Take the categories that occur where nothing declares them.
    pub observed: bool,
    /// Points within which ratings count as close: exact agreement is 0.
    pub within: Vec<f64>,
    /// A table of weights of the user's own.
    pub own: Option<Weights>,
    /// Names of null distributions, beside the uniform one.
    pub nulls: Vec<String>,
    /// Shares of a null distribution of the user's own.
    pub shares: Option<Vec<f64>>,
    /// The two raters whose confusion table is shown; the first two without.
    pub confusion: Option<[String; 2]>,
    /// The confidence level of all limits.
    pub level: f64,
    /// Bootstrap draws of units for Krippendorff's alpha.
    pub draws: usize,
    /// Their seed.
    pub seed: u64,
    /// For a page, or as data: with every confusion table, and without the summary, which repeats.
    pub detail: Detail,
}

impl RatersAsked {
    /// The weights of kappas: identity, linear, quadratic, own.
    pub fn weights(&self) -> Vec<Weights> {
        let mut weights = vec![Weights::Identity, Weights::Linear, Weights::Quadratic];
        weights.extend(self.own.clone());
        weights
    }

    /// The categories of an item: its points; those that occur only where this was asked for.
    pub(super) fn categories(&self, ratings: &Ratings, term: Option<&Term>) -> Option<CategoryList> {
        if self.observed {
            return Some(CategoryList::observed(ratings));
        }
        let spec = &term?.spec;
        let value = |point: usize| spec.set.min + spec.set.step * point as f64;
        (spec.points > 1).then(|| CategoryList::new((0..spec.points).map(value)))
    }

    /// The nulls that fit so many categories.
    pub(super) fn nulls_for(&self, categories: &CategoryList) -> Vec<Null> {
        let mut nulls = vec![Null::Uniform];
        let fits = |name: &String| {
            NAMED_NULLS.iter().find(|null| null.id == name && null.categories == categories.len())
        };
        nulls.extend(self.nulls.iter().filter_map(fits).map(|null| Null::Named(*null)));
        nulls.extend(self.shares.clone().map(Null::Shares));
        nulls
    }

    /// The names of nulls that are not known for so many categories.
    fn nulls_without(&self, categories: &CategoryList) -> Vec<&str> {
        let fits = |name: &str| {
            name == "uniform"
                || NAMED_NULLS.iter().any(|null| null.id == name && null.categories == categories.len())
        };
        self.nulls.iter().map(String::as_str).filter(|name| !fits(name)).collect()
    }
}

/// Builds the report of `raters`.
///
/// # Errors
/// A usage error for own weights or shares that do not fit the categories, or a rater who is not there.
pub fn raters(
    study: &Study,
    raters: &Raters,
    found: &[RatersFound],
    asked: &RatersAsked,
) -> Result<Report, Error> {
    let confusion = asked.confusion.as_ref().map(|names| chosen(raters, names)).transpose()?;
    let mut sections = Vec::new();
    if asked.detail != Detail::Data {
        let table = summary::summary(raters, found, asked.level);
        sections.push(Section { id: "summary", title: None, blocks: vec![Block::Table(table)] });
    }
    for (line, found) in raters.lines.iter().zip(found) {
        sections.push(section(raters, line, found, asked, confusion.unwrap_or([0, 1])));
    }
    let title = format!("Raters in {}: {}", study.file_names(), raters.names.join(", "));
    let settings = json!({
        "raters": raters.names,
        "unit": raters.unit,
        "items": asked.items,
        "categories": if asked.observed { "observed" } else { "declared" },
        "within": asked.within,
        "weights": asked.weights().iter().map(Weights::id).collect::<Vec<_>>(),
        "nulls": asked.nulls,
        "null_shares": asked.shares,
        "level": asked.level,
        "draws": asked.draws,
        "seed": asked.seed,
    });
    let results = json!({ "raters": json::results(raters, found) });
    Ok(study.report("raters", title, settings, results, sections, notes(raters, found, asked)))
}

/// Everything that is found, scale by scale or item by item.
///
/// # Errors
/// A usage error for own weights that do not fit the categories.
pub fn all_found(raters: &Raters, asked: &RatersAsked) -> Result<Vec<RatersFound>, Error> {
    let of = |line: &RatedLine| {
        raters_found(line, asked).map_err(|error| Error::usage(format!("{}: {error}", line.name())))
    };
    raters.lines.iter().map(of).collect()
}

fn chosen(raters: &Raters, names: &[String; 2]) -> Result<[usize; 2], Error> {
    let place = |name: &String| {
        raters.names.iter().position(|own| own == name).ok_or_else(|| {
            let help = format!("raters are: {}", raters.names.join(", "));
            Error::usage_help(format!("--confusion: there is no rater `{name}`"), help)
        })
    };
    let [a, b] = [place(&names[0])?, place(&names[1])?];
    if a == b { Err(Error::usage("--confusion: name two raters")) } else { Ok([a, b]) }
}

fn section(
    raters: &Raters,
    line: &RatedLine,
    found: &RatersFound,
    asked: &RatersAsked,
    confusion: [usize; 2],
) -> Section {
    let mut blocks = vec![Block::Facts(facts(raters, line, asked))];
    blocks.push(Block::Table(tables::icc(line, found, asked.level)));
    blocks.push(Block::Table(pairs::pairs(raters, line, found)));
    if !found.many.is_empty() {
        blocks.push(Block::Table(tables::many(line, found, asked.level)));
    }
    blocks.push(Block::Table(tables::krippendorff(line, found, asked.level)));
    match asked.detail {
        Detail::Data => blocks.push(Block::Table(tables::others_as_data(line, found))),
        Detail::Page | Detail::Study => blocks.push(Block::Text(tables::others(found))),
    }
    let table = tables::judged(line, found);
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    match asked.detail {
        Detail::Data => blocks.push(Block::Table(pairs::confusion_as_data(raters, line, found))),
        Detail::Page | Detail::Study => {
            blocks.extend(pairs::confusion(raters, found, confusion).map(Block::Plain));
        }
    }
    if !found.drift.is_empty() {
        blocks.push(Block::Table(tables::drift(raters, line, found, asked.level)));
    }
    if raters.names.len() >= 3 {
        blocks.push(Block::Text(tables::finals(found)));
    }
    Section { id: "raters", title: Some(line.name()), blocks }
}

fn facts(raters: &Raters, line: &RatedLine, asked: &RatersAsked) -> Vec<(String, String)> {
    let ratings = &line.ratings;
    let rated = (0..ratings.units()).filter(|unit| ratings.of_unit(*unit).next().is_some()).count();
    let total = ratings.all().count();
    let mut facts = vec![(
        "Units".to_owned(),
        format!(
            "{} (by {}), {} rated by two or more, {} by all {} raters; {}, {}",
            rated,
            raters.unit.join(" and "),
            line.shared(),
            ratings.complete().units(),
            raters.names.len(),
            plural(total as u64, "rating", "ratings"),
            plural(ratings.gaps() as u64, "gap", "gaps")
        ),
    )];
    let categories = match &line.categories {
        Some(categories) => {
            let list: Vec<String> = categories.values().iter().map(|value| value.to_string()).collect();
            let of = if line.observed { "those that occur" } else { "as declared, used or not" };
            let list = match &list[..] {
                [first, .., last] if list.len() > 11 => format!("{first} … {last}"),
                _ => list.join(", "),
            };
            format!("{list} ({of})")
        }
        None if asked.items => "none: the answers lie on a line or count on".to_owned(),
        None => "none: kappas and their relatives are for categories".to_owned(),
    };
    facts.push(("Categories".to_owned(), categories));
    facts
}

fn notes(raters: &Raters, found: &[RatersFound], asked: &RatersAsked) -> Vec<Note> {
    let mut notes = Vec::new();
    for (line, found) in raters.lines.iter().zip(found) {
        for rater in &found.constant {
            let text = format!(
                "{}: {} gave one and the same rating throughout, so correlations with it say nothing",
                line.name(),
                raters.names[*rater]
            );
            notes.push(Note::new("constant_rater", text));
        }
        for pair in found.pairs.iter().filter(|pair| pair.n == 0) {
            let [a, b] = pair.raters.map(|rater| &raters.names[rater]);
            notes.push(Note::new("no_overlap", format!("{}: {a} and {b} share no unit", line.name())));
        }
        if line.shared() == 1 {
            let text = format!("{}: one unit was rated by two; agreement over units needs more", line.name());
            notes.push(Note::new("one_unit", text));
        }
        if let Some(Err(error)) = &found.reml {
            notes.push(Note::new("no_reml", format!("{}: {error}", line.name())));
        }
    }
    if raters.lines.iter().all(|line| line.categories.is_none()) {
        let text = "nothing says which categories there are, so kappas, Gwet and their relatives are left out; say --categories LO..HI (or observed), or look at items one by one with --by-item";
        notes.push(Note::new("no_categories", text));
    }
    if asked.observed {
        let text = "categories are those that occur: Gwet's and Brennan and Prediger's coefficients change when one that nobody used is declared";
        notes.push(Note::new("observed_categories", text));
    }
    let without = |line: &RatedLine| {
        let (_, categories) = line.judged.as_ref()?;
        let names = asked.nulls_without(categories);
        (!names.is_empty()).then(|| {
            format!(
                "{}: rwg with the null {} is left out, for its variance is not known for {} categories; give shares of your own with --null-shares",
                line.name(),
                names.join(", "),
                categories.len()
            )
        })
    };
    for text in raters.lines.iter().filter_map(without) {
        notes.push(Note::new("null_without_variance", text));
    }
    let named = |found: &RatersFound| found.judged.iter().any(|(null, _)| matches!(null, Null::Named(_)));
    if found.iter().any(named) {
        let text = format!(
            "variances of named null distributions are recalled, not read in their source ({}); give the shares of your own with --null-shares",
            NAMED_NULLS[0].source
        );
        notes.push(Note::new("recalled_nulls", text));
    }
    notes
}
