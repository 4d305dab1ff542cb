//! Factor models as data: what the literature tests, resolved and checked, fitted elsewhere.

use std::ops::Range;

use toml::Spanned;

use super::file::{ModelEntry, OrthogonalEntry, Texts};
use super::lint::Lint;
use crate::finding::Code;

pub use super::file::IdentificationWord as Identification;

/// A factor model over the items of an instrument.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Model {
    /// Id by which it is asked for.
    pub id: String,
    /// Its name by language.
    pub title: Texts,
    /// Factors and the indices of their items.
    pub factors: Vec<(String, Vec<usize>)>,
    /// Factors of factors, by index into `factors`.
    pub second_order: Vec<(String, Vec<usize>)>,
    /// Name of the general factor of a bifactor model.
    pub general: Option<String>,
    /// Which factors are uncorrelated.
    pub orthogonal: Orthogonal,
    /// Groups of loadings (factor name, item) held equal.
    pub equal: Vec<Vec<(String, usize)>>,
    /// Loadings held at a value.
    pub fixed: Vec<((String, usize), f64)>,
    /// Pairs of items whose residuals may covary.
    pub covary_residuals: Vec<(usize, usize)>,
    /// Method factors and their items.
    pub method: Vec<(String, Vec<usize>)>,
    /// How the factors get their unit.
    pub identification: Identification,
    /// Indices of the forms it holds for.
    pub forms: Vec<usize>,
    /// Index of its source.
    pub source: usize,
}

/// Which factors of a model are uncorrelated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orthogonal {
    /// None.
    No,
    /// All.
    All,
    /// These pairs of factors, by index.
    Pairs(Vec<(usize, usize)>),
}

/// Resolves one model; every contradiction is a finding.
pub(super) fn resolve(entry: &ModelEntry, lint: &mut Lint<'_>) -> Option<Model> {
    let before = lint.problems();
    let factors = groups(&entry.factors, lint, |name, lint| lint.item(name));
    let names: Vec<&str> = factors.iter().map(|(name, _)| name.as_str()).collect();
    let factor = |name: &Spanned<String>, lint: &mut Lint<'_>| lint.lookup("factor", name, &names);
    let second_order = groups(&entry.second_order, lint, factor);
    let method = groups(&entry.method, lint, |name, lint| lint.item(name));
    check_names(entry, lint);

    let loaded = |name: &str, item: usize| {
        let general = entry.general.as_ref().is_some_and(|general| general.get_ref() == name);
        let lists = || factors.iter().chain(&method);
        let all = || factors.iter().any(|(_, items)| items.contains(&item));
        (general && all()) || lists().any(|(factor, items)| factor == name && items.contains(&item))
    };
    let loading = |name: &Spanned<String>, lint: &mut Lint<'_>| loading(name, &loaded, lint);
    let equal = entry
        .equal
        .iter()
        .map(|group| group.iter().filter_map(|name| loading(name, lint)).collect())
        .collect();
    let fixed =
        entry.fixed.iter().filter_map(|(name, value)| loading(name, lint).map(|at| (at, *value))).collect();
    let covary_residuals =
        entry.covary_residuals.iter().filter_map(|pair| residual_pair(pair, lint)).collect();
    let orthogonal = orthogonal(entry.orthogonal.as_ref(), &names, lint);
    let forms = lint.forms(entry.forms.as_deref());
    let source = lint.source(&entry.source);
    (lint.problems() == before).then(|| Model {
        id: entry.id.get_ref().clone(),
        title: entry.title.clone(),
        factors: factors.clone(),
        second_order,
        general: entry.general.as_ref().map(|general| general.get_ref().clone()),
        orthogonal,
        equal,
        fixed,
        covary_residuals,
        method,
        identification: entry.identification,
        forms,
        source: source.unwrap_or_default(),
    })
}

/// Named lists of items or factors, each member once and at least two of them (one for a factor of one item).
fn groups(
    lists: &indexmap::IndexMap<Spanned<String>, Vec<Spanned<String>>>,
    lint: &mut Lint<'_>,
    find: impl Fn(&Spanned<String>, &mut Lint<'_>) -> Option<usize>,
) -> Vec<(String, Vec<usize>)> {
    let mut groups = Vec::new();
    for (name, members) in lists {
        let mut found = Vec::new();
        for member in members {
            if let Some(at) = find(member, lint) {
                if found.contains(&at) {
                    lint.problem(
                        Code::BadModel,
                        member.span(),
                        format!("`{}` stands twice in `{}`", member.get_ref(), name.get_ref()),
                    );
                }
                found.push(at);
            }
        }
        if members.is_empty() {
            lint.problem(
                Code::BadModel,
                name.span(),
                format!("factor `{}` has nothing to load on", name.get_ref()),
            );
        }
        groups.push((name.get_ref().clone(), found));
    }
    groups
}

/// No two factors of a model may share a name.
fn check_names(entry: &ModelEntry, lint: &mut Lint<'_>) {
    let general = entry.general.iter();
    let names: Vec<&Spanned<String>> = entry
        .factors
        .keys()
        .chain(entry.second_order.keys())
        .chain(entry.method.keys())
        .chain(general)
        .collect();
    for (at, name) in names.iter().enumerate() {
        lint.check_id(name);
        if names[..at].iter().any(|earlier| earlier.get_ref() == name.get_ref()) {
            lint.problem(
                Code::DuplicateId,
                name.span(),
                format!("two factors are called `{}`", name.get_ref()),
            );
        }
    }
    if entry.general.is_some() && !entry.second_order.is_empty() {
        let span = entry.id.span();
        lint.problem(
            Code::BadModel,
            span,
            "a model has a general factor or second-order factors, not both".to_owned(),
        );
    }
}

/// A loading written `factor.item`.
fn loading(
    name: &Spanned<String>,
    loaded: &impl Fn(&str, usize) -> bool,
    lint: &mut Lint<'_>,
) -> Option<(String, usize)> {
    let Some((factor, item)) = name.get_ref().split_once('.') else {
        lint.problem(
            Code::BadModel,
            name.span(),
            format!("`{}` is no loading: write `factor.item`", name.get_ref()),
        );
        return None;
    };
    let item = lint.item(&Spanned::new(name.span(), item.to_owned()))?;
    if !loaded(factor, item) {
        let message = format!("the model has no loading `{}`", name.get_ref());
        lint.problem(Code::BadModel, name.span(), message);
        return None;
    }
    Some((factor.to_owned(), item))
}

fn residual_pair(pair: &[Spanned<String>], lint: &mut Lint<'_>) -> Option<(usize, usize)> {
    let [a, b] = pair else {
        let span: Range<usize> = pair.first().map_or(0..0, Spanned::span);
        lint.problem(Code::BadModel, span, "residuals covary in pairs of two items".to_owned());
        return None;
    };
    let (first, second) = (lint.item(a)?, lint.item(b)?);
    if first == second {
        lint.problem(Code::BadModel, b.span(), "an item does not covary with itself".to_owned());
        return None;
    }
    Some((first, second))
}

fn orthogonal(entry: Option<&Spanned<OrthogonalEntry>>, names: &[&str], lint: &mut Lint<'_>) -> Orthogonal {
    let Some(entry) = entry else { return Orthogonal::No };
    match entry.get_ref() {
        OrthogonalEntry::All(true) => Orthogonal::All,
        OrthogonalEntry::All(false) => Orthogonal::No,
        OrthogonalEntry::Pairs(pairs) => {
            let mut found = Vec::new();
            for pair in pairs {
                let at: Vec<usize> = pair
                    .iter()
                    .filter_map(|name| {
                        lint.lookup("factor", &Spanned::new(entry.span(), name.clone()), names)
                    })
                    .collect();
                match at[..] {
                    [a, b] if a != b => found.push((a, b)),
                    _ => {
                        lint.problem(
                            Code::BadModel,
                            entry.span(),
                            "uncorrelated factors come in pairs of two".to_owned(),
                        );
                    }
                }
            }
            Orthogonal::Pairs(found)
        }
    }
}
