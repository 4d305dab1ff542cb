//! Other ways in which somebody may have made a total: without reversal, as a sum, with another rule for gaps.

use serde::Serialize;

use crate::error::Error;
use crate::responses::Layout;
use crate::scoring::{As, Edition, MinAnswered, Plan, Rules, Score};

/// Whether reversed items were reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversal {
    /// As the key says.
    AsKeyed,
    /// Not at all.
    None,
}

/// What was done about gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// The rule of the definition, or of `--min-answered`.
    Rule,
    /// No score with any gap.
    Complete,
    /// The answered items stand for all.
    Prorated,
    /// A gap counts 0.
    Zero,
}

/// A way to make a score of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// Whether reversed items were reversed.
    pub reversal: Reversal,
    /// The kind of score.
    #[serde(rename = "score")]
    pub kind: As,
    /// What was done about gaps.
    pub gaps: Gaps,
    /// Index of the scale in the plan.
    #[serde(skip)]
    pub scale: usize,
}

/// The plans behind all recipes: for both reversals, those of three rules for gaps; a gap that counts 0 is made of the
/// prorated score.
pub(super) struct Recipes {
    plans: Vec<(Reversal, Gaps, Plan)>,
}

impl Recipes {
    /// All ways around the user's own rules.
    ///
    /// # Errors
    /// A usage error if the rules do not fit the instrument.
    pub fn new(layout: &Layout, rules: &Rules) -> Result<Recipes, Error> {
        let own = Plan::new(layout, rules)?;
        let mut reversed: Vec<String> = (0..layout.passes[0].instrument.forms.len())
            .flat_map(|form| super::key::reversed_slots(&own, form))
            .map(|slot| (layout.slots[slot].item + 1).to_string())
            .collect();
        reversed.sort_unstable();
        reversed.dedup();
        let nothing_to_reverse = reversed.is_empty();
        let mut plans = Vec::new();
        for reversal in [Reversal::AsKeyed, Reversal::None] {
            if reversal == Reversal::None && nothing_to_reverse {
                continue;
            }
            let mut rules = Rules { kind: Some(As::Mean), ..rules.clone() };
            if reversal == Reversal::None {
                rules.already_reversed.extend(reversed.iter().cloned());
            }
            for (gaps, min_answered) in [
                (Gaps::Rule, rules.min_answered),
                (Gaps::Complete, Some(MinAnswered::Percent(100.0))),
                (Gaps::Prorated, Some(MinAnswered::Count(1))),
            ] {
                plans.push((reversal, gaps, Plan::new(layout, &Rules { min_answered, ..rules.clone() })?));
            }
        }
        Ok(Recipes { plans })
    }

    /// The plans; each gives the mean scores from which [`Recipes::made`] makes those of its recipes.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().map(|(_, _, plan)| plan)
    }

    /// The plans that score complete rows alone, with and without reversal.
    pub fn of_complete_rows(&self) -> impl Iterator<Item = (Reversal, &Plan)> {
        let complete = self.plans.iter().filter(|(_, gaps, _)| *gaps == Gaps::Complete);
        complete.map(|(reversal, _, plan)| (*reversal, plan))
    }

    /// All recipes, each with the index of its plan.
    pub fn all(&self) -> Vec<(usize, Recipe)> {
        let mut all = Vec::new();
        for (at, (reversal, gaps, plan)) in self.plans.iter().enumerate() {
            for scale in 0..plan.scales.len() {
                for kind in [As::Mean, As::Sum, As::Pomp] {
                    let recipe = Recipe { reversal: *reversal, kind, gaps: *gaps, scale };
                    all.push((at, recipe));
                    if *gaps == Gaps::Prorated && kind != As::Pomp {
                        all.push((at, Recipe { gaps: Gaps::Zero, ..recipe }));
                    }
                }
            }
        }
        all
    }

    /// The score of a recipe, from the mean score that its plan gives.
    pub fn made(recipe: &Recipe, edition: &Edition, mean: Score) -> Option<f64> {
        let value = mean.value?;
        let k = edition.terms.len() as f64;
        let share = if recipe.gaps == Gaps::Zero { mean.answered as f64 / k } else { 1.0 };
        match (recipe.kind, edition.range) {
            (As::Mean, _) => Some(value * share),
            (As::Sum, _) => Some(value * share * k),
            (As::Pomp, Some([low, high])) => Some(100.0 * (value - low) / (high - low)),
            (As::Pomp, None) => None,
        }
    }
}

impl Recipe {
    /// In how many ways it differs from another.
    pub fn distance(&self, other: &Recipe) -> u32 {
        u32::from(self.reversal != other.reversal)
            + u32::from(self.kind != other.kind)
            + u32::from(self.gaps != other.gaps)
            + u32::from(self.scale != other.scale)
    }

    /// What it does otherwise than the recipe of the definition, in words.
    pub fn in_words(&self, own: &Recipe, plan: &Plan) -> String {
        let mut words: Vec<String> = Vec::new();
        if self.scale != own.scale {
            words.push(format!("the scale {}", plan.scales[self.scale].id));
        }
        if self.reversal != own.reversal {
            words.push("items not reversed".to_owned());
        }
        if self.kind != own.kind {
            words.push(
                match self.kind {
                    As::Mean => "the mean",
                    As::Sum => "the sum",
                    As::Pomp => "percent of the maximum possible",
                }
                .to_owned(),
            );
        }
        if self.gaps != own.gaps {
            words.push(
                match self.gaps {
                    Gaps::Rule => "the rule for gaps",
                    Gaps::Complete => "no score with any gap",
                    Gaps::Prorated => "gaps filled by the answered items",
                    Gaps::Zero => "gaps counted as 0",
                }
                .to_owned(),
            );
        }
        if words.is_empty() { "the key as it is".to_owned() } else { words.join(", ") }
    }
}
