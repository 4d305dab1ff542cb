//! What a mixed model is made of: an outcome, predictors, and effects that vary between groups.

use std::collections::HashMap;

/// A named column of numbers, one a row; a gap is NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, as it stands in the formula.
    pub name: String,
    /// Its values.
    pub values: Vec<f64>,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Column {
        Column { name: name.into(), values }
    }
}

/// A grouping factor: which group (dyad, worker, rater, item …) each row belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Its name, as it stands in the formula.
    pub name: String,
    /// The group of each row, counted from 0 in order of appearance.
    pub of_row: Vec<usize>,
    /// The names of the groups.
    pub labels: Vec<String>,
}

impl Groups {
    /// Groups from the key of each row.
    pub fn new<K: ToString>(name: impl Into<String>, keys: impl IntoIterator<Item = K>) -> Groups {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut labels = Vec::new();
        let of_row = keys
            .into_iter()
            .map(|key| {
                let key = key.to_string();
                *known.entry(key).or_insert_with_key(|key| {
                    labels.push(key.clone());
                    labels.len() - 1
                })
            })
            .collect();
        Groups { name: name.into(), of_row, labels }
    }

    /// The groups of rows that share both a group of `self` and one of `other`: `dyad:item`. Also what makes dyads that
    /// are numbered anew within each worker into dyads of their own.
    pub fn crossed(&self, other: &Groups) -> Groups {
        let keys = self.of_row.iter().zip(&other.of_row);
        let keys = keys.map(|(a, b)| format!("{}:{}", self.labels[*a], other.labels[*b]));
        Groups::new(format!("{}:{}", self.name, other.name), keys)
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Is there no group?
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// May the effects of one group go together?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covariance {
    /// Every variance and every covariance is estimated.
    Full,
    /// Variances alone; the effects are uncorrelated.
    Diagonal,
}

/// Effects that vary between the groups of a factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Random {
    /// The factor.
    pub groups: Groups,
    /// The predictors whose slopes vary, beside the intercept.
    pub slopes: Vec<Column>,
    /// May intercept and slopes go together?
    pub covariance: Covariance,
}

impl Random {
    /// An intercept that varies between groups: `(1 | dyad)`.
    pub fn intercept(groups: Groups) -> Random {
        Random { groups, slopes: Vec::new(), covariance: Covariance::Full }
    }

    /// With a slope that varies too: `(time | dyad)`.
    pub fn slope(mut self, column: Column) -> Random {
        self.slopes.push(column);
        self
    }

    /// Without covariances: `(time || dyad)`.
    pub fn uncorrelated(self) -> Random {
        Random { covariance: Covariance::Diagonal, ..self }
    }

    fn formula(&self) -> String {
        let names: Vec<&str> = self.slopes.iter().map(|column| column.name.as_str()).collect();
        let effects = if names.is_empty() { "1".to_owned() } else { names.join(" + ") };
        let bar = if self.covariance == Covariance::Diagonal && !names.is_empty() { "||" } else { "|" };
        format!("({effects} {bar} {})", self.groups.name)
    }
}

/// How the residuals of one group go together over time.
#[derive(Debug, Clone, PartialEq)]
pub enum Residual {
    /// Not at all.
    Independent,
    /// Correlation φ^d between occasions d apart, φ between −1 and 1; occasions are whole numbers.
    Ar1(Occasions),
    /// Correlation exp(−d / range) between occasions d apart, at any distance.
    Exponential(Occasions),
}

/// When each row was taken, and within which group residuals go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasions {
    /// Rows of different groups are independent given the random effects.
    pub within: Groups,
    /// The occasion of each row, in any unit; no two rows of a group share one.
    pub at: Column,
}

/// A sum of fixed effects that is wanted with its error: a contextual effect is `between` less `within`.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// Its name.
    pub name: String,
    /// Weights of fixed effects by name.
    pub weights: Vec<(String, f64)>,
}

/// A linear mixed model: fixed effects with an intercept, random effects, residuals.
///
/// ```
/// use alliance_metrics::nested::{Column, Groups, MixedModel, Random};
/// let dyad = Groups::new("dyad", [1, 1, 2, 2]);
/// let model = MixedModel::new(Column::new("score", vec![4.0, 5.0, 6.0, 6.5]))
///     .fixed(Column::new("time", vec![0.0, 1.0, 0.0, 1.0]))
///     .random(Random::intercept(dyad));
/// assert_eq!(model.formula(), "score ~ time + (1 | dyad)");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MixedModel {
    /// What is explained.
    pub outcome: Column,
    /// The predictors; an intercept stands before them.
    pub fixed: Vec<Column>,
    /// What varies between groups.
    pub random: Vec<Random>,
    /// How residuals go together.
    pub residual: Residual,
    /// Sums of fixed effects that are wanted too.
    pub contrasts: Vec<Contrast>,
}

impl MixedModel {
    /// An intercept and nothing else.
    pub fn new(outcome: Column) -> MixedModel {
        MixedModel {
            outcome,
            fixed: Vec::new(),
            random: Vec::new(),
            residual: Residual::Independent,
            contrasts: Vec::new(),
        }
    }

    /// With a predictor.
    pub fn fixed(mut self, column: Column) -> MixedModel {
        self.fixed.push(column);
        self
    }

    /// With effects that vary between groups.
    pub fn random(mut self, random: Random) -> MixedModel {
        self.random.push(random);
        self
    }

    /// With residuals that go together.
    pub fn residual(self, residual: Residual) -> MixedModel {
        MixedModel { residual, ..self }
    }

    /// With a sum of fixed effects.
    pub fn contrast(mut self, name: impl Into<String>, weights: &[(&str, f64)]) -> MixedModel {
        let weights = weights.iter().map(|(term, weight)| ((*term).to_owned(), *weight)).collect();
        self.contrasts.push(Contrast { name: name.into(), weights });
        self
    }

    /// The formula, as lme4 writes it.
    pub fn formula(&self) -> String {
        let mut terms: Vec<String> = self.fixed.iter().map(|column| column.name.clone()).collect();
        if terms.is_empty() {
            terms.push("1".to_owned());
        }
        terms.extend(self.random.iter().map(Random::formula));
        let residual = match &self.residual {
            Residual::Independent => String::new(),
            Residual::Ar1(on) => format!(", AR(1) residuals over {} within {}", on.at.name, on.within.name),
            Residual::Exponential(on) => {
                format!(", exponential residuals over {} within {}", on.at.name, on.within.name)
            }
        };
        format!("{} ~ {}{residual}", self.outcome.name, terms.join(" + "))
    }
}
