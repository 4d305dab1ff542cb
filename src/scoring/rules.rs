//! What the user may say about scoring: the kind of score and the missing rule.

use serde::Serialize;

use crate::error::Error;
use crate::instrument::{Scale, ScoreRule};

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
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rules {
    /// Another kind of score.
    pub kind: Option<As>,
    /// Another missing rule.
    pub min_answered: Option<MinAnswered>,
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
}
