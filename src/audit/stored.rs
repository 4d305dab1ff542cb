//! Scores that stand in the file, against those that the answers give.

use serde::Serialize;

use super::firsts::{Firsts, Spot};
use super::places::Places;
use super::recipes::{Gaps, Recipe, Recipes, Reversal};
use super::words;
use crate::finding::{Code, Finding, Place};
use crate::responses::{Layout, Responses};
use crate::scoring::{Plan, Scores};

/// A stored score may be rounded to this many decimals and still be told apart; beyond them it must be equal.
const MOST_DECIMALS: usize = 9;
/// Equal, for numbers that were written with all their decimals.
const EXACT: f64 = 1e-9;

/// A column of the file that holds a scale's scores, as the user says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// Index into the texts of the layout.
    pub text: usize,
    /// Index of the scale in the plan.
    pub scale: usize,
}

/// How stored scores compare with those that the answers give.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The column.
    pub column: String,
    /// The scale.
    pub scale: String,
    /// Rows with a stored number and a score.
    pub both: u64,
    /// Rows of these in which they are equal, as far as the stored number has decimals.
    pub equal: u64,
    /// Rows with a stored number and no score.
    pub stored_only: u64,
    /// Rows with a score and no stored number.
    pub score_only: u64,
    /// Rows whose cell is text.
    pub text: u64,
    /// Decimals of the stored numbers.
    pub decimals: usize,
    /// The largest difference, and its line.
    pub largest: Option<Difference>,
    /// The other way of scoring that explains most rows, if it explains more than the key does.
    pub explained: Option<Explained>,
}

/// A stored number and the score that the answers give.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The line.
    pub line: u64,
    /// The file, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The stored number.
    pub stored: f64,
    /// The score.
    pub score: f64,
}

/// A way of scoring that explains stored numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explained {
    /// What it does.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// Its scale.
    pub scale: String,
    /// In words.
    pub by: String,
    /// Rows in which it gives the stored number.
    pub rows: u64,
    /// Rows in which it gives a score or a number is stored.
    pub of: u64,
    /// Whether it only makes another kind of score.
    pub is_only_kind: bool,
}

/// Compares row by row; one for each thread.
#[derive(Debug, Clone)]
pub(super) struct Comparer {
    /// For each plan of the recipes.
    scores: Vec<Scores>,
    own: Scores,
    pub counts: Counts,
}

/// What has been compared. Parts merge in any order.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    own: Hits,
    /// For each recipe.
    others: Vec<Hits>,
    stored_only: u64,
    score_only: u64,
    text: Firsts<String>,
    decimals: usize,
    largest: Option<(f64, Spot, f64, f64)>,
}

/// Rows in which a recipe gives a score and a number is stored, by the decimals to which they agree.
#[derive(Debug, Clone, Default, PartialEq)]
struct Hits {
    by_decimals: [u64; MOST_DECIMALS + 2],
    both: u64,
    /// Rows with either.
    any: u64,
}

impl Hits {
    fn add(&mut self, stored: Option<f64>, made: Option<f64>) {
        self.any += u64::from(stored.is_some() || made.is_some());
        let (Some(stored), Some(made)) = (stored, made) else { return };
        self.both += 1;
        let off = (stored - made).abs();
        if off <= EXACT {
            self.by_decimals[MOST_DECIMALS + 1] += 1;
        } else if let Some(decimals) = (1..=MOST_DECIMALS).rev().find(|decimals| off <= half_unit(*decimals))
        {
            self.by_decimals[decimals] += 1;
        }
    }

    fn merge(&mut self, other: &Hits) {
        self.by_decimals.iter_mut().zip(other.by_decimals).for_each(|(mine, theirs)| *mine += theirs);
        self.both += other.both;
        self.any += other.any;
    }

    /// Rows that agree when numbers have so many decimals; whole numbers must be exact.
    fn equal(&self, decimals: usize) -> u64 {
        let from = if decimals == 0 { MOST_DECIMALS + 1 } else { decimals };
        self.by_decimals[from.min(MOST_DECIMALS + 1)..].iter().sum()
    }
}

/// Half a unit of the last decimal, and a little for what is not exact in binary.
fn half_unit(decimals: usize) -> f64 {
    0.5 / 10f64.powi(decimals as i32) + EXACT
}

impl Comparer {
    pub fn new(plan: &Plan, recipes: &Recipes) -> Comparer {
        let counts = Counts {
            own: Hits::default(),
            others: vec![Hits::default(); recipes.all().len()],
            stored_only: 0,
            score_only: 0,
            text: Firsts::default(),
            decimals: 0,
            largest: None,
        };
        Comparer { scores: recipes.plans().map(Scores::new).collect(), own: Scores::new(plan), counts }
    }

    /// Compares a batch.
    pub fn add(
        &mut self,
        (layouts, plan, recipes, claim): (&[Layout], &Plan, &Recipes, &Claim),
        (block, lines): (u64, &[u64]),
        batch: &Responses,
    ) {
        plan.score(batch, &mut self.own);
        recipes.plans().zip(&mut self.scores).for_each(|(plan, scores)| plan.score(batch, scores));
        let all = recipes.all();
        let plans: Vec<&Plan> = recipes.plans().collect();
        for (row, line) in lines.iter().enumerate() {
            let cell = batch.text(claim.text, row);
            let spot = Spot::new(block, *line);
            let stored = stored_number(cell, layouts[batch.source()].dialect.decimal_comma);
            if layouts[0].missing.matches(cell).is_none() && stored.is_none() {
                self.counts.text.add(spot, || String::from_utf8_lossy(cell).into_owned());
                continue;
            }
            let own = self.own.get(plan, claim.scale, row).value;
            self.counts.own(spot, stored, own);
            for ((at, recipe), hits) in all.iter().zip(&mut self.counts.others) {
                let Some(edition) = plans[*at].scales[recipe.scale].edition(batch.form(0, row)) else {
                    continue;
                };
                let mean = self.scores[*at].get(plans[*at], recipe.scale, row);
                hits.add(stored.map(|(value, _)| value), Recipes::made(recipe, edition, mean));
            }
        }
    }
}

/// The number in a cell, and how many decimals it has.
fn stored_number(cell: &[u8], decimal_comma: bool) -> Option<(f64, usize)> {
    let text = std::str::from_utf8(cell).ok()?.trim();
    let text = if decimal_comma { text.replacen(',', ".", 1) } else { text.to_owned() };
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.trim_end_matches('0').len());
    Some((value, decimals))
}

impl Counts {
    fn own(&mut self, spot: Spot, stored: Option<(f64, usize)>, own: Option<f64>) {
        self.decimals = self.decimals.max(stored.map_or(0, |(_, decimals)| decimals));
        self.own.add(stored.map(|(value, _)| value), own);
        match (stored, own) {
            (Some((stored, _)), Some(own)) => {
                let off = (stored - own).abs();
                let larger = self.largest.is_none_or(|(most, at, ..)| off > most || off == most && spot < at);
                if larger {
                    self.largest = Some((off, spot, stored, own));
                }
            }
            (Some(_), None) => self.stored_only += 1,
            (None, Some(_)) => self.score_only += 1,
            (None, None) => {}
        }
    }

    /// Adds another part.
    pub fn merge(&mut self, other: &Counts) {
        self.own.merge(&other.own);
        self.others.iter_mut().zip(&other.others).for_each(|(mine, theirs)| mine.merge(theirs));
        self.stored_only += other.stored_only;
        self.score_only += other.score_only;
        self.text.merge(&other.text);
        self.decimals = self.decimals.max(other.decimals);
        if let Some(theirs) = other.largest {
            let larger =
                self.largest.is_none_or(|mine| theirs.0 > mine.0 || theirs.0 == mine.0 && theirs.1 < mine.1);
            if larger {
                self.largest = Some(theirs);
            }
        }
    }

    /// What came of it, and the findings.
    pub fn result(
        &self,
        (layout, plan, recipes, claim): (&Layout, &Plan, &Recipes, &Claim),
        places: Places<'_>,
    ) -> (Comparison, Vec<Finding>) {
        let decimals = self.decimals.min(MOST_DECIMALS);
        let largest =
            self.largest.filter(|(off, ..)| *off > if decimals == 0 { EXACT } else { half_unit(decimals) });
        let mut comparison = Comparison {
            column: layout.texts[claim.text].name.clone(),
            scale: plan.scales[claim.scale].id.clone(),
            both: self.own.both,
            equal: self.own.equal(decimals),
            stored_only: self.stored_only,
            score_only: self.score_only,
            text: self.text.n(),
            decimals,
            largest: largest.map(|(_, spot, stored, score)| {
                let Place { line, file, .. } = places.of(spot);
                let file = places.several().then_some(file);
                Difference { line: line.unwrap_or(0), file, stored, score }
            }),
            explained: None,
        };
        comparison.explained = self.explained(plan, recipes, claim, &comparison);
        let findings = findings(&comparison, self, places);
        (comparison, findings)
    }

    /// The recipe that gives most stored numbers, if it gives more than the key does; of equals the nearest to the key.
    fn explained(
        &self,
        plan: &Plan,
        recipes: &Recipes,
        claim: &Claim,
        so_far: &Comparison,
    ) -> Option<Explained> {
        let kind = plan.scales[claim.scale].editions.first()?.kind;
        let own = Recipe { reversal: Reversal::AsKeyed, kind, gaps: Gaps::Rule, scale: claim.scale };
        let all = recipes.all();
        let hits = all.iter().zip(&self.others).map(|((_, recipe), hits)| (recipe, hits));
        // Agreement over all rows with either; a recipe that scores where nothing is stored explains less.
        let rate = |hits: &Hits| hits.equal(so_far.decimals) as f64 / hits.any.max(1) as f64;
        let (recipe, best) = hits.reduce(|best, other| {
            let (a, b) = (rate(best.1), rate(other.1));
            let nearer = a == b && other.0.distance(&own) < best.0.distance(&own);
            if b > a || nearer { other } else { best }
        })?;
        let rows = best.equal(so_far.decimals);
        (rate(best) > rate(&self.own) && rows > 0).then(|| Explained {
            recipe: *recipe,
            scale: plan.scales[recipe.scale].id.clone(),
            by: recipe.in_words(&own, plan),
            rows,
            of: best.any,
            is_only_kind: recipe.distance(&own) == 1 && recipe.kind != own.kind,
        })
    }
}

fn findings(comparison: &Comparison, counts: &Counts, places: Places<'_>) -> Vec<Finding> {
    let Comparison { column, scale, .. } = comparison;
    let in_column = |place: Place| Place { column: Some(column.clone()), ..place };
    let mut findings = Vec::new();
    if let Some((spot, text)) = counts.text.kept().next() {
        let cells = words::plural(comparison.text, "cell is", "cells are");
        let message = format!("{cells} no number in `{column}`, which should hold {scale}: `{text}`");
        findings.push(Finding::problem(Code::CompareText, in_column(places.of(spot)), message));
        if comparison.both + comparison.stored_only == 0 {
            return findings;
        }
    }
    let of = comparison.both + comparison.stored_only + comparison.score_only;
    let equal = comparison.equal;
    let rows = words::plural(of, "row", "rows");
    if equal == of && of > 0 {
        let message = format!("`{column}` equals {scale} in all {rows} with either");
        findings.push(Finding::note(Code::CompareAgrees, in_column(places.whole()), message));
        return findings;
    }
    let mut message = format!("`{column}` equals {scale} in {equal} of {rows} with either");
    let largest = counts.largest.filter(|_| comparison.largest.is_some());
    if let Some((_, spot, stored, score)) = largest {
        let (line, stored, score) = (places.line(spot), words::number(stored), words::number(score));
        message +=
            &format!("; the largest difference is on {line}: {stored} stored, {score} from the answers");
    }
    for (n, what) in
        [(comparison.stored_only, "stored without a score"), (comparison.score_only, "scored and not stored")]
    {
        if n > 0 {
            message += &format!("; {n} {what}");
        }
    }
    let at = largest.map_or_else(|| places.whole(), |(_, spot, ..)| places.of(spot));
    // Sums where the key has means, and nothing else, are the same scores on another metric.
    if let Some(explained) = comparison.explained.as_ref().filter(|e| e.rows == e.of && e.is_only_kind) {
        let message = format!("`{column}` is {} of {scale} in all {rows} with either", explained.by);
        return vec![Finding::note(Code::CompareAgrees, in_column(places.whole()), message)];
    }
    let mut finding = Finding::problem(Code::CompareDiffers, in_column(at), message);
    if let Some(explained) = &comparison.explained {
        let help = format!("explained in {} of {} rows by: {}", explained.rows, explained.of, explained.by);
        finding = finding.help(help);
    }
    findings.push(finding);
    findings
}
