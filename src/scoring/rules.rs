//! What the user may say about scoring: the kind of score and the missing rule.

use serde::Serialize;

use crate::error::Error;
use crate::instrument::{Instrument, Scale, ScoreRule};
use crate::responses::Layout;

/// The kind of score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum As {
    /// The mean of the answers.
    Mean,
    /// Their sum.
    Sum,
    /// Percent of the maximum possible, 100 (score − min) / (max − min).
    Pomp,
}

impl As {
    /// The word on the command line and in the receipt.
    pub fn id(self) -> &'static str {
        match self {
            As::Mean => "mean",
            As::Sum => "sum",
            As::Pomp => "pomp",
        }
    }
}

impl From<ScoreRule> for As {
    fn from(rule: ScoreRule) -> As {
        match rule {
            ScoreRule::Mean => As::Mean,
            ScoreRule::Sum => As::Sum,
        }
    }
}

/// How many items must be answered for a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinAnswered {
    /// So many, in every scale.
    Count(usize),
    /// This share of the items, in percent; it becomes a count for each scale, rounded up.
    Percent(f64),
}

impl MinAnswered {
    /// Reads `3` or `80%`.
    ///
    /// # Errors
    /// A usage error if it is neither.
    pub fn parse(text: &str) -> Result<MinAnswered, Error> {
        let bad = || {
            let help = "give a number of items (--min-answered 3) or a share (--min-answered 80%)";
            Error::usage_help(format!("--min-answered `{text}` makes no sense"), help)
        };
        match text.trim().strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(MinAnswered::Percent(percent)),
                _ => Err(bad()),
            },
            None => match text.trim().parse::<usize>() {
                Ok(count) if count > 0 => Ok(MinAnswered::Count(count)),
                _ => Err(bad()),
            },
        }
    }

    /// The count for a scale of `k` items.
    ///
    /// ```
    /// use alliance_metrics::scoring::MinAnswered;
    /// assert_eq!(MinAnswered::Percent(75.0).count(3), 3); // 2.25, rounded up
    /// assert_eq!(MinAnswered::Percent(80.0).count(5), 4);
    /// ```
    pub fn count(self, k: usize) -> usize {
        match self {
            MinAnswered::Count(count) => count,
            // 80 % of 5 is 4 and a bit in binary; a billionth of an item is no item.
            MinAnswered::Percent(percent) => ((percent * k as f64 / 100.0) - 1e-9).ceil().max(1.0) as usize,
        }
    }
}

/// What the user says instead of the definition. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Another kind of score.
    pub kind: Option<As>,
    /// Another missing rule.
    pub min_answered: Option<MinAnswered>,
    /// Items that the file holds reversed already: a number, an id, or `INSTRUMENT.ITEM`. They are not reversed again.
    pub already_reversed: Vec<String>,
}

impl Rules {
    /// The kind of score of a scale.
    pub fn kind_of(&self, scale: &Scale) -> As {
        self.kind.unwrap_or_else(|| scale.score.into())
    }

    /// The number of items of a scale that must be answered.
    ///
    /// # Errors
    /// A usage error if the scale has not so many.
    pub fn min_answered_of(&self, scale: &Scale) -> Result<usize, Error> {
        let k = scale.items.len();
        let count = self.min_answered.map_or(scale.min_answered, |rule| rule.count(k));
        if count > k {
            let message = format!("--min-answered {count}: the scale `{}` has only {k} items", scale.id);
            return Err(Error::usage_help(message, "a share fits every scale: --min-answered 80%"));
        }
        Ok(count)
    }

    /// The slots of the items that the file holds reversed already.
    ///
    /// # Errors
    /// A usage error for a word that is no item, or the item of several instruments, or an item that no scale reverses.
    pub(super) fn slots_already_reversed(&self, layout: &Layout) -> Result<Vec<usize>, Error> {
        let mut slots: Vec<usize> = Vec::new();
        for word in &self.already_reversed {
            let (owner, name) = match word.split_once('.') {
                Some((id, name)) => (Some(id.trim()), name),
                None => (None, word.as_str()),
            };
            let of = layout.passes.iter().filter(|pass| owner.is_none_or(|id| id == pass.instrument.id));
            let found: Vec<(&Instrument, usize, usize)> = of
                .filter_map(|pass| {
                    let item = pass.instrument.item_named(name)?;
                    Some((pass.instrument.as_ref(), item, pass.first_slot + item))
                })
                .collect();
            let [(instrument, item, slot)] = found[..] else {
                let what = if found.is_empty() { "no item" } else { "an item of several instruments" };
                let help = "give numbers or ids of items, with several instruments INSTRUMENT.ITEM";
                return Err(Error::usage_help(format!("--already-reversed: `{word}` is {what}"), help));
            };
            let reversed = reversed_items(instrument);
            if !reversed.contains(&item) {
                let id = &instrument.id;
                let message = format!("--already-reversed: no scale of {id} reverses item {}", item + 1);
                let numbers: Vec<String> = reversed.iter().map(|item| (item + 1).to_string()).collect();
                let help = match numbers.is_empty() {
                    true => format!("{id} has no reversed items"),
                    false => format!("reversed are: {}", numbers.join(", ")),
                };
                return Err(Error::usage_help(message, help));
            }
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
        slots.sort_unstable();
        Ok(slots)
    }
}

/// The items that some scale reverses, in order.
fn reversed_items(instrument: &Instrument) -> Vec<usize> {
    let reversed = |item: &usize| {
        instrument
            .scales
            .iter()
            .flat_map(|scale| &scale.items)
            .any(|keyed| keyed.item == *item && keyed.reversed)
    };
    (0..instrument.items.len()).filter(reversed).collect()
}
